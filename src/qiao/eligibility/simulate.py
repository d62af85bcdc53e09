"""What if: a policy with a threshold, a rate or a cap changed; who gains, who loses, what it costs.

A change is written as in the pack: ``clause.size = staff <= 300``, ``define.intensity = …``, ``qualifies = …``,
``benefit.1.cap = 50 万元`` (benefits are numbered from 1).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from . import phrases as say
from .columns import Kernel, Results
from .exact import Ref
from .explain import Explainer
from .language import BadExpression, parse
from .library import Library
from .pack import Expression, Pack
from .plan import Plan
from .problems import PackError, Place
from .table import FactTable
from .truth import Truth
from .vocabulary import show_number
from .walk import Walker

_PARTS = ("amount", "rate", "of", "cap", "if")
_PLACE = Place(Path("--change"), 1)


def changed(pack: Pack, changes: Iterable[str]) -> Pack:
    """A draft of the pack with ``changes`` made. Raises `PackError` saying what is wrong with which of them."""
    for change in changes:
        target, equals, text = change.partition("=")
        target, text = target.strip(), text.strip()
        if not equals or not text:
            raise _PLACE.error(
                "bad_change",
                f"“{change}”应写成 clause.条款=表达式、define.名称=表达式、qualifies=表达式 或 benefit.1.cap=金额",
                f"“{change}” should read clause.ID=EXPRESSION, define.NAME=…, qualifies=… or benefit.1.cap=…",
            )
        try:
            expression = Expression(text, parse(text), _PLACE)
        except BadExpression as broken:
            raise PackError([Expression(text, parse("true"), _PLACE).error(broken)]) from broken
        pack = _with(pack, target, expression)
    return pack


def _with(pack: Pack, target: str, expression: Expression) -> Pack:
    kind, _, name = target.partition(".")
    if kind == "qualifies" and not name:
        return replace(pack, qualifies=expression)
    if kind == "define" and name in pack.define:
        return replace(pack, define={**pack.define, name: expression})
    if kind == "clause" and any(c.id == name for c in pack.clauses):
        clauses = (
            replace(c, condition=expression, manual=False) if c.id == name else c for c in pack.clauses
        )
        return replace(pack, clauses=tuple(clauses))
    number, _, part = name.partition(".")
    if kind == "benefit" and number.isdigit() and 1 <= int(number) <= len(pack.benefits) and part in _PARTS:
        field = "condition" if part == "if" else part
        benefits = list(pack.benefits)
        change: dict[str, Any] = {field: expression}
        benefits[int(number) - 1] = replace(benefits[int(number) - 1], **change)
        return replace(pack, benefits=tuple(benefits))
    known = [f"clause.{c.id}" for c in pack.clauses] + [f"define.{d}" for d in pack.define] + ["qualifies"]
    known += [f"benefit.{n}" for n in range(1, len(pack.benefits) + 1)]
    raise _PLACE.error(
        "bad_change",
        f"没有“{target}”；可改：{'、'.join(known)}",
        f"there is no “{target}”; there are: {', '.join(known)}",
    )


@dataclass(frozen=True)
class Side:
    """One version. ``low`` and ``high``: fen a year (where a benefit has years) for all who surely qualify.

    ``high`` is None where a benefit has no limit for somebody. Those who are still open are not in it.
    """

    no: int
    unknown: int
    yes: int
    low: int
    high: int | None


@dataclass(frozen=True)
class Group:
    name: str
    gained: int
    lost: int


@dataclass(frozen=True)
class Simulation:
    """``gained`` and ``lost``: row numbers of firms that surely qualify under one version only."""

    id: str
    as_of: dt.date
    before: Side
    after: Side
    gained: tuple[int, ...]
    lost: tuple[int, ...]
    groups: Mapping[str, tuple[Group, ...]]  # industry, size_class

    def lines(self, language: str = "zh") -> list[str]:
        """As plain text: the table that stands for the picture."""
        words = {k: w[language] for k, w in say.SIMULATED.items()}
        found = [f"{words['head']}: {self.id} ({self.as_of.isoformat()})"]
        for name, a, b in (
            ("yes", self.before.yes, self.after.yes),
            ("unknown", self.before.unknown, self.after.unknown),
            ("no", self.before.no, self.after.no),
        ):
            found.append(f"  {words[name]}: {a:,} → {b:,} ({b - a:+,})")
        found.append(f"  {words['gained']}: {len(self.gained):,}; {words['lost']}: {len(self.lost):,}")
        found.append(f"  {words['cost']}: {_cost(self.before, language)} → {_cost(self.after, language)}")
        for kind, groups in self.groups.items():
            if groups:
                found.append(f"  {words[kind]}:")
                found += [f"    {g.name}: +{g.gained:,} −{g.lost:,}" for g in groups]
        return found


def _cost(side: Side, language: str) -> str:
    low = show_number("money", Fraction(side.low), language)
    if side.high == side.low:
        return low
    high = "∞" if side.high is None else show_number("money", Fraction(side.high), language)
    return f"{low} – {high}"


def simulate(
    library: Library, table: FactTable, id: str, changes: Iterable[str], as_of: dt.date
) -> Simulation:
    """Both versions of a policy over all firms of a table. Raises `KeyError` (no such policy in force), `PackError`."""
    pack = library.version(id, as_of)
    if pack is None:
        raise KeyError(id)
    draft = changed(pack, changes)
    other = Library(library.vocabulary, tuple(draft if p is pack else p for p in library.packs))
    sizes = [
        p.id for p in library.packs if p.classes and p.classes.fact == "size_class" and p.in_force(as_of)
    ]
    plan, new = (lib.plan(as_of, only=dict.fromkeys([id, *sizes])) for lib in (library, other))
    old_results, new_results = Kernel(plan).run(table), Kernel(new).run(table)
    was, now = old_results.verdicts(id), new_results.verdicts(id)
    gained = np.flatnonzero((now == Truth.YES) & (was != Truth.YES))
    lost = np.flatnonzero((was == Truth.YES) & (now != Truth.YES))
    return Simulation(
        id, as_of, _side(plan, old_results, table, id), _side(new, new_results, table, id),
        tuple(map(int, gained)), tuple(map(int, lost)), _groups(plan, table, gained, lost, sizes),
    )  # fmt: skip


def _side(plan: Plan, results: Results, table: FactTable, id: str) -> Side:
    no, unknown, yes = results.totals[id]
    policy = plan.policy(id)
    walker = Walker(plan)
    explainer = Explainer(plan, walker)
    low, high, endless = 0, 0, False
    if any(b.benefit.kind in ("amount", "ratio") for b in policy.benefits):
        for row in np.flatnonzero(results.verdicts(id) == Truth.YES):
            e = explainer.explain(walker.judge(table.row(int(row))), id)
            for benefit in policy.benefits:
                worth = e.worth(benefit)
                if worth is None:
                    continue
                low += worth[0]
                endless |= worth[1] is None
                high += worth[1] or 0
    return Side(no, unknown, yes, low, None if endless else high)


def _groups(
    plan: Plan, table: FactTable, gained: Iterable[int], lost: Iterable[int], sizes: list[str]
) -> dict[str, tuple[Group, ...]]:
    """Who gains and loses, by section of industry and by size class; firms without one are left out."""
    walker = Walker(plan)
    counts: dict[str, list[Counter[str]]] = {
        "industry": [Counter(), Counter()],
        "size_class": [Counter(), Counter()],
    }
    for side, rows in enumerate((gained, lost)):
        for row in rows:
            facts = table.row(int(row))
            industry = facts.get(Ref("industry", 0))
            if industry is not None:
                tree = plan.vocabulary.trees[plan.vocabulary["industry"].tree]
                top = tree.path(tree.codes[industry])[-1]
                counts["industry"][side][f"{top} {tree.names[top]}"] += 1
            if sizes:
                klass = walker.judge(facts).klass(sizes[0])
                if klass:
                    counts["size_class"][side][plan.vocabulary["size_class"].values[klass].zh] += 1
    return {
        kind: tuple(Group(name, up[name], down[name]) for name in sorted({*up, *down}))
        for kind, (up, down) in counts.items()
    }


_LINE, _LEFT, _HALF = 26, 260, 240


def picture(simulation: Simulation, language: str = "zh") -> str:
    """Gains to the right, losses to the left, by industry and size; an SVG with its numbers beside the bars."""
    words = {k: w[language] for k, w in say.SIMULATED.items()}
    rows = [(words["all"], len(simulation.gained), len(simulation.lost))]
    for groups in simulation.groups.values():
        rows += [(g.name, g.gained, g.lost) for g in groups]
    most = max([1, *(max(up, down) for _, up, down in rows)])
    middle = _LEFT + _HALF
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{middle + _HALF + 80}" height="{_LINE * (len(rows) + 2)}" '
        f'role="img" font-family="Noto Sans CJK SC, Source Han Sans SC, sans-serif" font-size="13">',
        f"<title>{escape(words['head'])}: {escape(simulation.id)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{middle - 8}" y="18" text-anchor="end" fill="#444">← {escape(words["lost"])}</text>',
        f'<text x="{middle + 8}" y="18" fill="#444">{escape(words["gained"])} →</text>',
    ]
    for number, (name, up, down) in enumerate(rows):
        y = _LINE * (number + 1) + 4
        right, left = _HALF * up / most, _HALF * down / most
        parts += [
            f'<text x="{_LEFT - 60}" y="{y + 14}" text-anchor="end" fill="#222">{escape(name)}</text>',
            f'<rect x="{middle - left:.1f}" y="{y}" width="{left:.1f}" height="18" fill="#b4553d"/>',
            f'<rect x="{middle}" y="{y}" width="{right:.1f}" height="18" fill="#2f7d4f"/>',
            f'<text x="{middle - left - 6:.1f}" y="{y + 14}" text-anchor="end" fill="#444">{down:,}</text>',
            f'<text x="{middle + right + 6:.1f}" y="{y + 14}" fill="#444">{up:,}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])
