"""From experts' points to an order of plans. Pure: no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

HIGHEST = 100
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Criterion:
    """``weight``: of 100 in all; ``least``: the mean points below which a plan cannot win."""

    name: str
    weight: int
    least: int = 0


@dataclass(frozen=True)
class Place:
    """How one plan stands. ``below``: criteria whose mean is under their least. ``rank``: 1 is best, equal totals share
    one, None for plans that cannot win. ``dropped``: sheets left out as the highest and the lowest."""

    plan: str
    total: Decimal
    means: tuple[Decimal, ...]
    below: tuple[str, ...]
    sheets: int
    dropped: int
    rank: int | None


def weighted(points: Sequence[Decimal], criteria: Sequence[Criterion]) -> Decimal:
    """One expert's total, 0–100."""
    whole = sum(c.weight for c in criteria)
    return sum((p * c.weight for p, c in zip(points, criteria, strict=True)), Decimal(0)) / whole


def rank(
    plans: Mapping[str, Sequence[Sequence[Decimal]]],
    criteria: Sequence[Criterion],
    *,
    drop_extremes: bool = False,
) -> list[Place]:
    """Plans, the best first. ``plans``: for each the experts' points, in the order of ``criteria``.

    ``drop_extremes`` leaves out the sheets with the highest and the lowest total where there are more than two.
    Totals are rounded to a hundredth, halves up to the even; what cannot win stands behind what can.
    """
    found = []
    for plan, sheets in plans.items():
        kept = sorted(sheets, key=lambda points: weighted(points, criteria))
        dropped = 2 if drop_extremes and len(kept) > 2 else 0
        if dropped:
            kept = kept[1:-1]
        if not kept:
            continue
        count = len(kept)
        means = [sum((points[i] for points in kept), Decimal(0)) / count for i in range(len(criteria))]
        below = tuple(c.name for c, mean in zip(criteria, means, strict=True) if mean < c.least)
        total = weighted(means, criteria).quantize(CENT)
        rounded = tuple(mean.quantize(CENT) for mean in means)
        found.append(Place(plan, total, rounded, below, len(sheets), dropped, None))
    found.sort(key=lambda p: (bool(p.below), -p.total, p.plan))
    able = [p.total for p in found if not p.below]
    return [
        p
        if p.below
        else Place(p.plan, p.total, p.means, p.below, p.sheets, p.dropped, able.index(p.total) + 1)
        for p in found
    ]
