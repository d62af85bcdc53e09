"""Rows of a table as firms with facts. A cell that cannot be read is said, and its fact stays unknown."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qiao.eligibility.vocabulary import NEVER, BadValue, Fact, Vocabulary

from .mapping import FactColumn, Mapping
from .tables import Table, TableError

_BLANK = frozenset(
    ["", "-", "--", "—", "——", "/", "n/a", "#n/a", "na", "nan", "null", "不适用", "未知", "无数据"]
)
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_TOTALS = frozenset(["合计", "总计", "小计", "总和", "平均", "total", "sum", "average"])
_CURRENCY = re.compile(r"^人民币\s*|\s*人民币$")
_NEGATIVE = re.compile(r"\(([\d,.]+)\)(\D*)")  # as accountants write it


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
    if mapping.year and not (mapping.id or mapping.name):
        raise TableError(
            "表中按年度分行，但没有企业名称或代码列，无法知道哪些行属于同一企业",
            "the table has a row for every year but no column with a name or code: whose rows are they?",
        )
    reader = _Reader(table, mapping, vocabulary)
    for number in range(len(table.rows)):
        if progress and number % 1000 == 0:
            progress(number)
        reader.row(number)
    return Firms(list(reader.firms.values()), reader.problems)


class _Reader:
    """Goes through the rows; what cannot be taken is noted in ``problems``."""

    def __init__(self, table: Table, mapping: Mapping, vocabulary: Vocabulary) -> None:
        self.table, self.mapping, self.vocabulary = table, mapping, vocabulary
        self.at = {header: number for number, header in enumerate(table.headers)}
        self.columns = [(fact, [self.at[c] for c in fact.columns]) for fact in mapping.facts]
        self.firms: dict[str, Firm] = {}
        self.problems: list[CellProblem] = []
        self.rows: dict[str, str] = {}  # code (or name) → the cell in which it first stood
        self.last = ("", "")

    def row(self, number: int) -> None:
        mapping = self.mapping
        id, name = self.text(number, mapping.id), self.text(number, mapping.name)
        if name.strip().lower() in _TOTALS or (not name and id.lower() in _TOTALS):
            self.noted(number, mapping.name or mapping.id, "name", f"“{name or id}”一行不是企业，已略过",
                       f"the row “{name or id}” is no firm and was left out")  # fmt: skip
            return
        if not mapping.year:
            self.twice(number, id or name)
            self.firms[str(number)] = firm = self.firm(number, id, name)
            self.facts(number, firm, None)
            return
        if not id and not name:
            id, name = self.last  # cells that are merged over the years of a firm
        self.last = id, name
        year = _year(self.text(number, mapping.year))
        if year is None:
            self.noted(
                number, mapping.year, "year", "年度无法识别，此行未采用", "no year: the row was not used"
            )
            return
        firm = self.firms.setdefault(id or name, self.firm(number, id, name))
        if year in firm.years:
            self.noted(number, mapping.year, "year", f"{firm.name} {year}年已有一行，此行未采用",
                       f"{firm.name} has a row for {year} already: this one was not used")  # fmt: skip
            return
        firm.years.append(year)
        self.facts(number, firm, year)

    def firm(self, number: int, id: str, name: str) -> Firm:
        return Firm(name or id or f"#{self.table.numbers[number]}", id, number)

    def twice(self, number: int, key: str) -> None:
        """Notes a firm that stands in the table more than once; every row is judged by itself."""
        if not key:
            return
        column = self.mapping.id or self.mapping.name
        first = self.rows.setdefault(key, self.table.place(number, self.at[column]))
        if first != self.table.place(number, self.at[column]):
            self.noted(number, column, "id", f"“{key}”与 {first} 重复", f"“{key}” stands in {first} too")

    def noted(self, number: int, column: str, key: str, zh: str, en: str) -> None:
        place = self.table.place(number, self.at[column])
        self.problems.append(CellProblem(place, key, f"{place}：{zh}", f"{place}: {en}"))

    def text(self, number: int, header: str) -> str:
        """A cell that is no fact: a name, a code, a year."""
        value = self.cell(number, self.at[header]) if header else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()

    def cell(self, number: int, column: int) -> Any:
        row = self.table.rows[number]
        return row[column] if column < len(row) else None

    def facts(self, number: int, firm: Firm, year: int | None) -> None:
        for fact, places in self.columns:
            found = self.value(number, fact, places)
            if found is not None:
                dated = year and "@" not in fact.key and self.vocabulary[_key(fact.key)].yearly
                firm.facts[f"{fact.key}@{year}" if dated else fact.key] = found

    def value(self, number: int, fact: FactColumn, places: list[int]) -> int | None:
        """The fact of one row: the sum of its cells; None where one of them says nothing."""
        key, total = _key(fact.key), 0
        entry = self.vocabulary[key]
        unit = fact.unit or (self.table.unit if entry.type == "money" else "")
        for column in places:
            value = _written(self.cell(number, column), unit, entry)
            try:
                found = self.vocabulary.parse(key, value)
            except BadValue as bad:
                self.noted(number, self.table.headers[column], key, bad.zh, bad.en)
                return None
            if found is None or (fact.zero and found == 0):
                return None
            total += found
        plausible = entry.least <= total <= entry.most or total == NEVER
        if (entry.numeric or entry.type == "date") and not plausible:
            zh, en = (self.vocabulary.show(key, total, language) for language in ("zh", "en"))
            self.noted(number, self.table.headers[places[0]], key,
                       f"“{entry.label.zh}”为 {zh}，超出可信范围，按未知处理",
                       f"“{entry.label.en}” is {en}, outside what is plausible: taken as unknown")  # fmt: skip
            return None
        return total


def _key(written: str) -> str:
    return written.partition("@")[0].partition("[")[0]


def _year(text: str) -> int | None:
    digits = unicodedata.normalize("NFKC", text).removesuffix("年度").removesuffix("年")
    return int(digits) if len(digits) == 4 and digits.isdigit() else None


def _written(value: Any, unit: str, fact: Fact) -> Any:
    """A cell as the vocabulary reads it; None where it is blank. ``unit`` belongs to bare numbers."""
    if value is None or (isinstance(value, str) and value.strip().lower() in _BLANK):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if fact.type == "date" and isinstance(value, int | float) and not isinstance(value, bool):
        return _excel_day(value)
    if fact.type == "date" and isinstance(value, str) and value.strip().isdigit() and len(value.strip()) == 5:
        return _excel_day(int(value))
    if fact.numeric and not isinstance(value, bool | dt.date):
        text = repr(value) if isinstance(value, float) else unicodedata.normalize("NFKC", str(value)).strip()
        text = _CURRENCY.sub("", text)
        if negative := _NEGATIVE.fullmatch(text):
            text = f"-{negative[1]}{negative[2]}"
        if not unit and not isinstance(value, str):
            return value
        return f"{text}{unit}" if unit and text[-1:].isdigit() else text
    return value


def _excel_day(number: float) -> Any:
    """A day as spreadsheets count it; a number that can be none, such as 20190501 or 2019, is left as it is."""
    return _EXCEL_EPOCH + dt.timedelta(int(number)) if 10_000 <= number < 100_000 else number
