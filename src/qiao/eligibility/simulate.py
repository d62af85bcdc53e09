"""What if: a policy with a threshold, a rate or a cap changed; who gains, who loses, what it costs.

A change names a part of the policy and says what to write there: ``size: 500 → 300`` (or ``->``) replaces what stands
in the clause ``size``, ``size = staff <= 300`` the whole of it. Parts are clauses and definitions by their ids
(``clause.x``, ``define.x`` where both have one), ``qualifies``, and of the benefits, numbered from 1, ``benefit.1.cap``
(``rate``, ``amount``, ``of``, ``if``). Tables and bands are changed in a draft of the pack, a file of its own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import lcm
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import phrases as say
from .columns import Kernel, Results
from .exact import ONE, Number, Poly, Ref
from .language import BadExpression, parse
from .library import Library
from .pack import Expression, Pack
from .picturing import label, svg, text_width
from .plan import Plan, PlannedBenefit
from .problems import PackError, Place
from .table import FactTable
from .truth import Truth
from .vocabulary import Vocabulary, Words, show_number

Rows = npt.NDArray[np.bool_]
Amounts = npt.NDArray[np.int64]

_BENEFIT = ("amount", "rate", "of", "cap", "if")
_PLACE = Place(Path("--change"), 1)
_INSIDE = re.compile(r"\s*([\w.-]+)\s*[:：]\s*(.+?)\s*(?:->|→)\s*(.+?)\s*", re.DOTALL)
_WHOLE = re.compile(r"\s*([\w.-]+)\s*=\s*(.+?)\s*", re.DOTALL)
_UNLIMITED = -1


# -- the other version -------------------------------------------------------------------------------------------


def changed(pack: Pack, changes: Iterable[str]) -> Pack:
    """A draft of the pack with ``changes`` made. Raises `PackError` saying what is wrong with which of them."""
    for change in changes:
        inside, entire = _INSIDE.fullmatch(change), _WHOLE.fullmatch(change)
        if inside:
            target, old, new = inside.groups()
            text = _replaced(_part(pack, target), old, new, change)
        elif entire:
            target, text = entire.groups()
            _part(pack, target)
        else:
            raise _PLACE.error(
                "bad_change",
                f"“{change}”应写成“部分: 原文 → 新文”或“部分 = 新文”，如 size: 500 → 300",
                f"“{change}” should read “PART: OLD → NEW” or “PART = NEW”, as in size: 500 → 300",
            )
        try:
            expression = Expression(text, parse(text), _PLACE)
        except BadExpression as broken:
            raise PackError([Expression(text, parse("true"), _PLACE).error(broken)]) from broken
        pack = _with(pack, _target(pack, target), expression)
    return pack


def _replaced(before: Expression | None, old: str, new: str, change: str) -> str:
    """The text of an expression with the one occurrence of ``old`` replaced; blanks do not count."""
    text = before.text if before else ""
    words = re.findall(r"[\w.]+|[^\w\s]", old)
    pattern = r"(?<![\w.])" * (old[0].isalnum()) + r"\s*".join(map(re.escape, words))
    places = list(re.finditer(pattern + r"(?![\w.])" * old[-1].isalnum(), text))
    if len(places) != 1:
        raise _PLACE.error(
            "bad_change",
            f"“{change}”：“{old}”在“{text}”中出现 {len(places)} 次，应恰好一次",
            f"“{change}”: “{old}” is found {len(places)} times in “{text}”, it should be once",
        )
    return text[: places[0].start()] + new + text[places[0].end() :]


def _parts(pack: Pack) -> Iterator[tuple[str, Expression | None]]:
    """Everything that can be changed, under its full name."""
    for clause in pack.clauses:
        yield f"clause.{clause.id}", clause.condition
    for name, expression in pack.define.items():
        yield f"define.{name}", expression
    yield "qualifies", pack.qualifies
    for number, benefit in enumerate(pack.benefits, 1):
        for part in _BENEFIT:
            yield f"benefit.{number}.{part}", benefit.condition if part == "if" else getattr(benefit, part)


def _target(pack: Pack, written: str) -> str:
    """The full name of a part. Raises `PackError`, naming what there is."""
    names = [name for name, _ in _parts(pack)]
    found = [n for n in (written, f"clause.{written}", f"define.{written}") if n in names]
    if len(found) == 1:
        return found[0]
    known = [n for n, e in _parts(pack) if e is not None or not n.startswith("benefit.")]
    raise _PLACE.error(
        "bad_change",
        f"“{written}”{'有多种可能' if found else '不存在'}；可改：{'、'.join(found or known)}",
        f"“{written}” {'may be several' if found else 'does not exist'}; there are: {', '.join(found or known)}",
    )


def _part(pack: Pack, written: str) -> Expression | None:
    return dict(_parts(pack))[_target(pack, written)]


def _with(pack: Pack, target: str, expression: Expression) -> Pack:
    kind, _, name = target.partition(".")
    if kind == "qualifies":
        return replace(pack, qualifies=expression)
    if kind == "define":
        return replace(pack, define={**pack.define, name: expression})
    if kind == "clause":
        clauses = (
            replace(c, condition=expression, manual=False) if c.id == name else c for c in pack.clauses
        )
        return replace(pack, clauses=tuple(clauses))
    number, _, part = name.partition(".")
    change: dict[str, Any] = {"condition" if part == "if" else part: expression}
    benefits = list(pack.benefits)
    benefits[int(number) - 1] = replace(benefits[int(number) - 1], **change)
    return replace(pack, benefits=tuple(benefits))


# -- what comes of it --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """Fen, of a year where the benefit has years. None: no limit is known.

    ``low`` to ``high`` for all who surely qualify; ``most`` if all those who are still open qualified too.
    """

    low: int
    high: int | None
    most: int | None

    def say(self, language: str) -> str:
        low, high, most = (
            "∞" if fen is None else show_number("money", Fraction(fen), language)
            for fen in (self.low, self.high, self.most)
        )
        sure = low if low == high else f"{low} – {high}"
        return sure if most == high else say.UP_TO[language].format(sure=sure, most=most)


@dataclass(frozen=True)
class Group:
    """Firms of one industry or size, or all. Counts of those that qualify, and of those whose verdict changes."""

    name: Words
    firms: int
    before: int
    after: int
    gained: int
    lost: int
    opened: int
    cost_before: Cost
    cost_after: Cost


@dataclass(frozen=True)
class Simulation:
    """Both versions over one table. ``was``, ``now``: the verdict of every row; the amounts of every row in fen."""

    id: str
    as_of: dt.date
    was: npt.NDArray[np.uint8]
    now: npt.NDArray[np.uint8]
    low_was: Amounts
    low_now: Amounts
    all: Group
    by_industry: tuple[Group, ...]  # sections of GB/T 4754; firms without one last
    by_size: tuple[Group, ...]
    paid: bool  # whether the policy brings money at all

    @cached_property
    def gained(self) -> list[int]:
        """The rows that surely qualify under the new version only."""
        return [int(r) for r in np.flatnonzero((self.now == Truth.YES) & (self.was != Truth.YES))]

    @cached_property
    def lost(self) -> list[int]:
        """The rows that surely qualify under the old version only."""
        return [int(r) for r in np.flatnonzero((self.was == Truth.YES) & (self.now != Truth.YES))]

    @cached_property
    def changed(self) -> list[int]:
        """The rows whose verdict or least amount is another."""
        return [int(r) for r in np.flatnonzero((self.was != self.now) | (self.low_was != self.low_now))]

    def counts(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """How many are no, unknown, yes: before and after."""
        before, after = (np.bincount(side, minlength=3).tolist() for side in (self.was, self.now))
        return tuple(before[:3]), tuple(after[:3])

    def lines(self, language: str = "zh") -> list[str]:
        """As plain text: the table that stands for the picture."""
        words = {k: w[language] for k, w in say.SIMULATED.items()}
        before, after = self.counts()
        found = [f"{words['head']}: {self.id} ({self.as_of.isoformat()})"]
        for name, a, b in reversed(list(zip(("no", "unknown", "yes"), before, after, strict=True))):
            found.append(f"  {words[name]}: {a:,} → {b:,} ({b - a:+,})")
        found.append(f"  {_moves(self.all, words)}")
        found += [f"  {line}" for line in _costs(self, words, language)]
        for kind, groups in (("industry", self.by_industry), ("size_class", self.by_size)):
            moved = [g for g in groups if g.gained or g.lost or g.opened or g.cost_before != g.cost_after]
            if moved:
                found.append(f"  {words[kind]}:")
                for g in moved:
                    money = (
                        f"; {g.cost_before.say(language)} → {g.cost_after.say(language)}" if self.paid else ""
                    )
                    found.append(f"    {g.name[language]}: {_moves(g, words)}{money}")
        return found


def _moves(group: Group, words: Mapping[str, str]) -> str:
    parts = (("gained", group.gained), ("lost", group.lost), ("opened", group.opened))
    return "; ".join(f"{words[name]} {count:,}" for name, count in parts)


@dataclass(frozen=True)
class _Watched(Plan):
    """A plan of which a run also keeps ``more`` nodes: conditions of benefits, classes."""

    more: tuple[int, ...] = ()

    @cached_property
    def kept(self) -> tuple[int, ...]:
        known = dict.fromkeys(super().kept)
        return tuple(known | dict.fromkeys(self.more))


def simulate(
    library: Library,
    table: FactTable,
    id: str,
    changes: Iterable[str] = (),
    as_of: dt.date | None = None,
    *,
    draft: Pack | None = None,
) -> Simulation:
    """The policy as it is on a day and with ``changes`` (or as ``draft`` says it) over all firms of a table.

    Raises `KeyError` (no such policy in force on the day) and `PackError`.
    """
    as_of = as_of or dt.datetime.now(dt.UTC).date()
    pack = library.version(id, as_of)
    if pack is None:
        raise KeyError(id)
    new = replace(draft, id=id, start=pack.start, until=pack.until) if draft else pack
    new = changed(new, changes)
    other = Library(library.vocabulary, tuple(new if p is pack else p for p in library.packs))
    sizes = [
        p.id for p in library.packs if p.classes and p.classes.fact == "size_class" and p.in_force(as_of)
    ]
    old_side = _Side.of(library.plan(as_of, only=dict.fromkeys([id, *sizes])), table, id)
    new_side = _Side.of(other.plan(as_of, only=[id]), table, id)

    def group(name: Words, rows: Rows) -> Group:
        was, now = old_side.verdicts[rows], new_side.verdicts[rows]
        before, after = was == Truth.YES, now == Truth.YES
        return Group(
            name, int(np.count_nonzero(rows)), int(np.count_nonzero(before)), int(np.count_nonzero(after)),
            int(np.count_nonzero(after & ~before)), int(np.count_nonzero(before & ~after)),
            int(np.count_nonzero((now == Truth.UNKNOWN) & (was != Truth.UNKNOWN))),
            old_side.cost(rows), new_side.cost(rows),
        )  # fmt: skip

    def groups(named: Iterable[tuple[Words, Rows]]) -> tuple[Group, ...]:
        rest, found = np.ones(table.rows, bool), []
        for name, rows in named:
            rest &= ~rows
            if rows.any():
                found.append(group(name, rows))
        return (*found, group(say.NOT_KNOWN, rest)) if found and rest.any() else tuple(found)

    return Simulation(
        id, as_of, old_side.verdicts, new_side.verdicts, old_side.sure, new_side.sure,
        group(say.SIMULATED["all"], np.ones(table.rows, bool)),
        groups(_sections(table, library.vocabulary)),
        groups(_sizes(old_side.results, library.vocabulary, sizes[0])) if sizes else (),
        any(b.benefit.kind in ("amount", "ratio") for b in (*old_side.benefits, *new_side.benefits)),
    )  # fmt: skip


@dataclass(frozen=True)
class _Side:
    """One version over a table. ``low``, ``high``: what every row would get if it qualified; -1: without limit."""

    results: Results
    benefits: tuple[PlannedBenefit, ...]
    verdicts: npt.NDArray[np.uint8]
    low: Amounts
    high: Amounts

    @classmethod
    def of(cls, plan: Plan, table: FactTable, id: str) -> _Side:
        policies = [p for p in plan.policies if p.id == id or p.classes]
        more = [b.condition for p in policies for b in p.benefits if b.condition is not None]
        more += [node for p in policies for _, node in p.classes]
        watched = _Watched(
            plan.as_of, plan.vocabulary, plan.nodes, plan.policies, plan.behind, tuple(dict.fromkeys(more))
        )
        results = Kernel(watched).run(table)
        benefits = watched.policy(id).benefits
        low, high = np.zeros(table.rows, np.int64), np.zeros(table.rows, np.int64)
        for benefit in benefits:
            worth = _worth(benefit, results, table, plan.vocabulary)
            if worth is not None:
                low += worth[0]
                high = np.where((high < 0) | (worth[1] < 0), _UNLIMITED, high + worth[1])
        return cls(results, benefits, results.verdicts(id), low, high)

    @cached_property
    def sure(self) -> Amounts:
        """The least that every row surely gets."""
        return np.where(self.verdicts == Truth.YES, self.low, 0)

    def cost(self, rows: Rows) -> Cost:
        yes, open_ = rows & (self.verdicts == Truth.YES), rows & (self.verdicts == Truth.UNKNOWN)
        return Cost(_total(self.low[yes]), _limit(self.high[yes]), _limit(self.high[yes | open_]))


def _total(fen: Amounts) -> int:
    """The sum of many amounts, exact beyond 63 bits."""
    return (int(np.sum(fen >> 32)) << 32) + int(np.sum(fen & 0xFFFFFFFF))


def _limit(fen: Amounts) -> int | None:
    return None if (fen < 0).any() else _total(fen)


def _worth(
    benefit: PlannedBenefit, results: Results, table: FactTable, vocabulary: Vocabulary
) -> tuple[Amounts, Amounts] | None:
    """What a benefit brings every row at least and at most, in whole fen (rounded down); None where it is not money."""
    if benefit.benefit.kind == "amount" and benefit.amount is not None:
        number, rate = benefit.amount, Fraction(1)
    elif benefit.benefit.kind == "ratio" and benefit.of is not None and benefit.rate is not None:
        number, rate = benefit.of, benefit.rate
    else:
        return None
    value, known = _values(number, rate, table, vocabulary)
    value = np.maximum(value, 0)
    if benefit.cap is not None:
        value = np.minimum(value, benefit.cap)
    limit = _UNLIMITED if benefit.cap is None else benefit.cap
    low, high = np.where(known, value, 0), np.where(known, value, limit)
    if benefit.condition is not None:
        due = results.states(benefit.condition)
        low, high = np.where(due == Truth.YES, low, 0), np.where(due == Truth.NO, 0, high)
    return low, high


def _values(number: Number, rate: Fraction, table: FactTable, vocabulary: Vocabulary) -> tuple[Amounts, Rows]:
    """``number × rate`` for every row, rounded down, and where it is known; by columns where 63 bits are enough."""
    known = np.ones(table.rows, bool)
    for ref in number.refs:
        column = table.columns.get(ref)
        bits = None if column is None else column.known(0, table.rows)
        known &= False if column is None else True if bits is None else bits.astype(bool)
    poly: Poly = {m: c * rate for m, c in number.above.items()}
    common = lcm(*(c.denominator for c in poly.values())) if poly else 1
    if number.below == ONE and all(len(m) <= 1 for m in poly) and _fits(poly, common, vocabulary):
        total = np.full(table.rows, int(poly.get((), Fraction(0)) * common), np.int64)
        for monomial, coefficient in poly.items():
            for ref in monomial:
                if ref in table.columns:
                    total += table.columns[ref].values.astype(np.int64) * int(coefficient * common)
        return np.where(known, total // common, 0), known
    found = np.zeros(table.rows, np.int64)
    for row in np.flatnonzero(known):
        value = number.at(table.row(int(row)))
        if value is None:  # divided by what is not positive
            known[row] = False
        else:
            found[row] = int(value * rate)
    return found, known


def _fits(poly: Poly, common: int, vocabulary: Vocabulary) -> bool:
    """Whether no value of the facts can bring ``poly × common`` beyond 63 bits."""
    largest = Fraction(0)
    for monomial, coefficient in poly.items():
        bounds = [b for ref in monomial for b in (vocabulary[ref.key].least, vocabulary[ref.key].most)]
        largest += abs(coefficient) * common * max(map(abs, bounds), default=1)
    return largest < 1 << 62


def _sections(table: FactTable, vocabulary: Vocabulary) -> Iterator[tuple[Words, Rows]]:
    """The firms of every section of the classification of industries."""
    column = table.columns.get(Ref("industry", 0))
    if column is None or "industry" not in vocabulary:
        return
    tree = vocabulary.trees[vocabulary["industry"].tree]
    tops = [code for code in tree.codes if not tree.parents[code]]
    section = np.array([tops.index(tree.path(code)[-1]) for code in tree.codes])
    bits = column.known(0, table.rows)
    known = np.ones(table.rows, bool) if bits is None else bits.astype(bool)
    mine = section[np.where(known, column.values, 0)]
    for number, code in enumerate(tops):
        english = say.SECTIONS.get(code, tree.names[code]) if tree.name == "gbt4754" else tree.names[code]
        yield Words(f"{code} {tree.names[code]}", f"{code} {english}"), known & (mine == number)


def _sizes(results: Results, vocabulary: Vocabulary, id: str) -> Iterator[tuple[Words, Rows]]:
    """The firms of every size class: the first that surely holds, where the classification applies."""
    policy = results.plan.policy(id)
    left = np.ones(results.rows, bool)
    for clause in policy.scope:
        left &= results.states(clause.node) == Truth.YES
    for value, node in policy.classes:
        mine = left & (results.states(node) == Truth.YES)
        left &= ~mine
        yield vocabulary["size_class"].values[value], mine


# -- the picture -------------------------------------------------------------------------------------------------

_LINE, _HALF = 26, 240


def picture(simulation: Simulation, language: str = "zh") -> str:
    """Gains to the right, losses to the left, by industry and size; an SVG with its numbers beside the bars."""
    words = {k: w[language] for k, w in say.SIMULATED.items()}
    blocks = [
        ("", (simulation.all,)),
        (words["industry"], simulation.by_industry),
        (words["size_class"], simulation.by_size),
    ]
    groups = [g for _, block in blocks for g in block]
    most = max([1, *(max(g.gained, g.lost) for g in groups)])
    left_edge = 20 + max(text_width(g.name[language]) for g in groups)
    middle = left_edge + 60 + _HALF
    told = simulation.lines(language)
    line = iter(range(18, 10_000, _LINE))
    parts = [
        label(20, next(line), text)
        for text in (f"{told[0]}; {told[1].strip()}", *_costs(simulation, words, language))
    ]
    y = next(line)
    parts += [
        label(middle - 8, y, f"← {words['lost']}", "end"),
        label(middle + 8, y, f"{words['gained']} →"),
    ]
    for heading, block in blocks:
        if heading and block:
            parts.append(label(left_edge, next(line), heading, "end", "#666"))
        for group in block:
            y = next(line)
            right, left = _HALF * group.gained / most, _HALF * group.lost / most
            parts += [
                label(left_edge, y, group.name[language], "end"),
                f'<rect x="{middle - left:.1f}" y="{y - 14}" width="{left:.1f}" height="18" fill="#b4553d"/>',
                f'<rect x="{middle}" y="{y - 14}" width="{right:.1f}" height="18" fill="#2f7d4f"/>',
                label(middle - left - 6, y, f"{group.lost:,}", "end"),
                label(middle + right + 6, y, f"{group.gained:,}"),
            ]
    title = f"{words['head']}: {simulation.id}"
    return svg(title, "\n".join(told), middle + _HALF + 80, next(line), parts)


def _costs(simulation: Simulation, words: Mapping[str, str], language: str) -> list[str]:
    if not simulation.paid:
        return []
    costs = (simulation.all.cost_before, simulation.all.cost_after)
    return [f"{words['cost']}: {' → '.join(c.say(language) for c in costs)}"]
