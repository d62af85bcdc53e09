"""The yearly figures of both instruments, each with the sentence that says how it is counted.

One function, :func:`count`, for public pages, desks, files and API alike. The two instruments are never added together:
their vocabularies differ. The figures are those that Shanghai's bodies really publish.
"""

from __future__ import annotations

from qiao.kinds.statistics.counting import count, scopes, sessions_of, year_of
from qiao.kinds.statistics.figures import (
    DEFINITIONS,
    GROUPS,
    LABELS,
    Body,
    CategoryRow,
    Figure,
    ResultRow,
    Statistics,
    UnitRow,
)
from qiao.kinds.statistics.files import as_data, tables, workbook

__all__ = [
    "DEFINITIONS",
    "GROUPS",
    "LABELS",
    "Body",
    "CategoryRow",
    "Figure",
    "ResultRow",
    "Statistics",
    "UnitRow",
    "as_data",
    "count",
    "scopes",
    "sessions_of",
    "tables",
    "workbook",
    "year_of",
]
