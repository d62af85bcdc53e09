"""A pack: one version of one policy, as its file says it. `packfile` reads it, `compiling` gives it a meaning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .language import BadExpression, Tree
from .problems import Place, Problem
from .vocabulary import Words


@dataclass(frozen=True)
class Expression:
    """An expression and where it stands."""

    text: str
    tree: Tree
    place: Place

    def error(self, broken: BadExpression) -> Problem:
        """The problem with this expression, pointing at the part that is meant."""
        near = self.text[broken.at : broken.at + 24].strip()
        zh, en = (f"（在“{near}”处）", f" (at “{near}”)") if near and near != self.text else ("", "")
        return self.place.problem(
            broken.code, f"{broken.zh}{zh}：{self.text}", f"{broken.en}{en}: {self.text}"
        )


@dataclass(frozen=True)
class Document:
    number: str
    title: str
    url: str
    published: dt.date | None


@dataclass(frozen=True)
class CodeList:
    tree: str
    codes: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Row:
    codes: tuple[str, ...]
    label: Words
    cells: Mapping[str, Expression]  # a column that is left out has no line
    place: Place


@dataclass(frozen=True)
class Table:
    name: str
    by: str
    columns: Mapping[str, str]  # column → type of fact
    rows: tuple[Row, ...]
    place: Place


@dataclass(frozen=True)
class Band:
    """Points where ``condition`` holds (None: everywhere else). ``least`` to ``most`` where a person judges inside."""

    condition: Expression | None
    least: int
    most: int
    tail: str  # “>= 30%”, or the whole condition


@dataclass(frozen=True)
class Points:
    """How an item is scored: the first band that holds; or the better of, or the sum of, its parts."""

    how: str  # bands, cases, best_of, add, judged
    of: Expression | None = None
    bands: tuple[Band, ...] = ()
    parts: tuple[Points, ...] = ()
    most: int = 0
    label: Words | None = None  # of a part that has one

    def judged(self, name: str) -> Iterator[tuple[str, int]]:
        """What a person has to say points for, with the most there may be: ``name``, or its parts ``name.1`` …"""
        if self.how == "judged" or any(b.least < b.most for b in self.bands):
            yield name, self.most
        for number, part in enumerate(self.parts, 1):
            yield from part.judged(f"{name}.{number}" if self.how == "add" else name)


@dataclass(frozen=True)
class Item:
    id: str
    label: Words
    cite: str
    evidence: str
    most: int
    points: Points
    place: Place


@dataclass(frozen=True)
class Score:
    name: str
    label: Words
    items: tuple[Item, ...]
    place: Place


@dataclass(frozen=True)
class Clause:
    id: str
    text: Words
    cite: str
    evidence: str
    scope: bool
    manual: bool
    condition: Expression | None
    place: Place


@dataclass(frozen=True)
class Classes:
    fact: str
    cases: Mapping[str, Expression]
    place: Place


@dataclass(frozen=True)
class Benefit:
    """What a firm gets. ``amount`` and ``cap`` are money (a year, where ``years`` is given), ``rate`` a share."""

    kind: str
    label: Words
    cite: str
    evidence: str
    amount: Expression | None
    rate: Expression | None
    of: Expression | None
    cap: Expression | None
    years: int | None
    condition: Expression | None
    place: Place


@dataclass(frozen=True)
class PackTest:
    name: str
    as_of: dt.date
    facts: Mapping[str, Any]
    expect: str
    scores: Mapping[str, tuple[int, int]]
    clauses: Mapping[str, str]
    klass: str
    place: Place


@dataclass(frozen=True)
class Pack:
    """One version of one policy. ``start`` and ``until`` are both inclusive."""

    id: str
    title: Words
    kind: str
    issuer: Words
    document: Document
    start: dt.date
    until: dt.date | None
    evidence: str
    note: Words | None
    define: Mapping[str, Expression]
    lists: Mapping[str, CodeList]
    tables: Mapping[str, Table]
    scores: Mapping[str, Score]
    clauses: tuple[Clause, ...]
    qualifies: Expression | None
    classes: Classes | None
    benefits: tuple[Benefit, ...]
    tests: tuple[PackTest, ...]
    place: Place

    @property
    def version(self) -> str:
        """The policy and the day this version came into force: what a verdict is kept under."""
        return f"{self.id}@{self.start.isoformat()}"

    def in_force(self, day: dt.date) -> bool:
        return self.start <= day and (self.until is None or day <= self.until)

    def clause(self, id: str) -> Clause:
        return next(c for c in self.clauses if c.id == id)

    @cached_property
    def judged(self) -> Mapping[str, int]:
        """What a person says and the most that may be said: clauses (``field``: 0 or 1) and points of items.

        Items are named ``innovation.people``, the second part of a sum ``innovation.ip.2``.
        """
        found = {c.id: 1 for c in self.clauses if c.manual}
        for score in self.scores.values():
            for item in score.items:
                found.update(item.points.judged(f"{score.name}.{item.id}"))
        return found

    @property
    def unconfirmed(self) -> bool:
        """Whether anything in it rests on a text that is still to be confirmed."""
        marks = {self.evidence, *(c.evidence for c in self.clauses)}
        marks |= {i.evidence for s in self.scores.values() for i in s.items}
        return "M" in marks
