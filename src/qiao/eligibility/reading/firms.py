"""Rows of a table as firms with facts. A cell that cannot be read is said, and its fact stays unknown."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qiao.eligibility.vocabulary import NEVER, BadValue, Vocabulary

from .mapping import FactColumn, Mapping
from .tables import Table, TableError

_BLANK = frozenset(["", "-", "--", "—", "/", "n/a", "na", "nan", "null", "不适用", "未知", "无数据"])


@dataclass(frozen=True)
class CellProblem:
    """A cell whose value was not taken: where it stands and why."""

    place: str
    key: str
    zh: str
    en: str


@dataclass
class Firm:
    """``facts``: key, with ``@year`` for a named fiscal year → the kept integer. ``years``: those that have a row."""

    name: str
    id: str
    row: int
    facts: dict[str, int] = field(default_factory=dict)
    years: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Firms:
    firms: list[Firm]
    problems: list[CellProblem]


def read_firms(
    table: Table, mapping: Mapping, vocabulary: Vocabulary, progress: Callable[[int], None] | None = None
) -> Firms:
    """The firms of a table; rows of one firm for several years become one. Raises `TableError` without any fact.

    ``progress`` is told how many rows are read.
    """
    if not mapping.facts:
        raise TableError(
            "没有一列能对应到词表中的事实，请用 --mapping 给出对应关系",
            "no column means a fact of the vocabulary: give a mapping file with --mapping",
        )
    at = {header: number for number, header in enumerate(table.headers)}
    columns = [(fact, [at[c] for c in fact.columns]) for fact in mapping.facts]
    firms: dict[str, Firm] = {}
    problems: list[CellProblem] = []
    cells = _Cells(table, vocabulary, problems)
    for number, row in enumerate(table.rows):
        if progress and number % 1000 == 0:
            progress(number)

        def cell(header: str, row: list[Any] = row) -> str:
            column = at[header] if header else len(row)
            return str(row[column]).strip() if column < len(row) and row[column] is not None else ""

        year = _year(cell(mapping.year)) if mapping.year else None
        id, name = cell(mapping.id), cell(mapping.name)
        key = (id or name) if mapping.year else str(number)
        firm = firms.setdefault(key, Firm(name or id or f"#{table.first + number}", id, number))
        if mapping.year:
            if year is None:
                place = table.place(number, at[mapping.year])
                problems.append(CellProblem(place, "year", f"{place}：年度无法识别", f"{place}: no year"))
                continue
            firm.years.append(year)
        for fact, places in columns:
            found = cells.value(number, fact, places)
            if found is not None:
                yearly = vocabulary[_key(fact.key)].yearly
                firm.facts[f"{fact.key}@{year}" if year and yearly and "@" not in fact.key else fact.key] = (
                    found
                )
    return Firms(list(firms.values()), problems)


def _key(written: str) -> str:
    return written.partition("@")[0].partition("[")[0]


def _year(text: str) -> int | None:
    digits = text.removesuffix(".0").removesuffix("年").removesuffix("年度")
    return int(digits) if len(digits) == 4 and digits.isdigit() else None


@dataclass(frozen=True)
class _Cells:
    """The cells of a table as kept integers; what cannot be taken is noted in ``problems``."""

    table: Table
    vocabulary: Vocabulary
    problems: list[CellProblem]

    def value(self, number: int, fact: FactColumn, places: list[int]) -> int | None:
        """The fact of one row: the sum of its cells; None where one of them says nothing."""
        key, row, total = _key(fact.key), self.table.rows[number], 0
        for column in places:
            value = _written(row[column] if column < len(row) else None, fact.unit)
            place = self.table.place(number, column)
            try:
                found = self.vocabulary.parse(key, value)
            except BadValue as bad:
                self.problems.append(CellProblem(place, key, f"{place}：{bad.zh}", f"{place}: {bad.en}"))
                return None
            if found is None or (fact.zero and found == 0):
                return None
            total += found
        return total if self._plausible(key, total, self.table.place(number, places[0])) else None

    def _plausible(self, key: str, value: int, place: str) -> bool:
        entry = self.vocabulary[key]
        if (
            not (entry.numeric or entry.type == "date")
            or entry.least <= value <= entry.most
            or value == NEVER
        ):
            return True
        zh, en = (self.vocabulary.show(key, value, language) for language in ("zh", "en"))
        self.problems.append(
            CellProblem(
                place, key,
                f"{place}：“{entry.label.zh}”为 {zh}，超出可信范围，按未知处理",
                f"{place}: “{entry.label.en}” is {en}, outside what is plausible: taken as unknown",
            )
        )  # fmt: skip
        return False


def _written(value: Any, unit: str) -> Any:
    """A cell as the vocabulary reads it; None where it is blank. ``unit`` belongs to bare numbers."""
    if value is None or (isinstance(value, str) and value.strip().lower() in _BLANK):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if unit and not isinstance(value, dt.date):
        text = repr(value) if isinstance(value, float) else str(value).strip()
        return f"{text}{unit}" if text[-1:].isdigit() else text
    return value
