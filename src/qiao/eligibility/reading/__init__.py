"""Tables of firms as people keep them, read into facts: CSV, XLSX and Parquet, Chinese headers, 万元 and %.

table = read_table(Path("firms.xlsx"))
mapping = guess(table.headers, vocabulary)          # or Mapping.load(Path("mapping.yaml"))
firms = read_firms(table, mapping, vocabulary)
"""

from .firms import CellProblem, Firm, Firms, read_firms
from .mapping import FactColumn, Mapping, guess
from .plausible import Doubt, doubts
from .tables import Table, TableError, read_table

__all__ = [
    "CellProblem",
    "Doubt",
    "FactColumn",
    "Firm",
    "Firms",
    "Mapping",
    "Table",
    "TableError",
    "doubts",
    "guess",
    "read_firms",
    "read_table",
]
