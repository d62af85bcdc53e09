"""A salon as a workbook: guests and their wishes come in, the timetable goes out into the same file.

What is planned can be edited in any spreadsheet program and planned again: the sheets of the guests stay as they are,
and meetings marked as told or locked keep their place. Headings are in both languages, so a file is read whoever wrote
it.
"""

from .book import BadSalon, SalonBook, Visitor
from .example import EXAMPLE
from .fitting import Planned, plan_salon, summary
from .reading import read_salon
from .writing import check_name, write_plan, write_salon

__all__ = [
    "EXAMPLE",
    "BadSalon",
    "Planned",
    "SalonBook",
    "Visitor",
    "check_name",
    "plan_salon",
    "read_salon",
    "summary",
    "write_plan",
    "write_salon",
]
