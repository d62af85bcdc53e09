"""The reply's figures, added up from the facts of the sample's firms, and stated as values that say so.

Nothing here is typed but the tax of the whole district, which no firm's fact holds: its value says that it is given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from qiao.core import facts
from qiao.core.figures import state_value
from qiao.core.models import Fact, Indicator, Organisation, Seat, Value
from qiao.core.policies import library
from qiao.demo.population.drawing import software
from qiao.demo.population.plan import YI, Scale, fen, told

COMPUTED = "由示例区各企业的事实汇总得出（虚构）"
GIVEN = "示例区给定的数（虚构），不由事实汇总"
PREFIX = "sample-"
PLACES = Decimal("0.0001")  # of 亿元, hence 10,000 yuan
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Totals:
    """What the facts come to. Amounts in fen, growth and share in per cent with one decimal."""

    year: int
    firms: int  # of the digital economy, with tax paid in the year
    tax: int
    tax_before: int
    district_tax: int
    software: int  # revenue of firms of software and information services that stated both years
    software_before: int
    platforms: int
    members: int
    metaverse: int

    @property
    def tax_growth(self) -> Decimal | None:
        return _growth(self.tax, self.tax_before)

    @property
    def tax_share(self) -> Decimal | None:
        return _percent(self.tax, self.district_tax)

    @property
    def software_growth(self) -> Decimal | None:
        return _growth(self.software, self.software_before)


def _percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(TENTH, ROUND_HALF_UP) if whole else None


def _growth(now: int, before: int) -> Decimal | None:
    return _percent(now - before, before)


def scope() -> QuerySet[Fact, int]:
    """Organisations in the statistical scope of the digital economy, as a subquery."""
    return facts.holders("digital_economy", True)


def _software() -> tuple[str, ...]:
    """Every code of the branches that are software and information services."""
    tree = library().vocabulary.trees["gbt4754"]
    return tuple(code for code in tree.codes if tree.within(code, software()))


def added_up(year: int, district_tax: int, threshold: int) -> Totals:
    """All figures from the facts in the database. ``district_tax``, ``threshold`` (of a large platform): fen."""
    there = scope()
    taxed = facts.at_least("tax_paid", year, 1)
    industry = facts.holders("industry", *_software())
    both = facts.at_least("revenue", year - 1, 1)
    same = Organisation.objects.filter(pk__in=industry).filter(pk__in=both).filter(pk__in=there)
    comparable = (
        same.filter(pk__in=facts.at_least("revenue", year, 1)).order_by().values_list("pk", flat=True)
    )
    dated = facts.current().filter(key="multimedia_member_since", unknown=False).exclude(value=facts.NONE)
    members = dated.order_by().values_list("organisation", flat=True)
    metaverse = facts.holders("metaverse_business", True).filter(organisation__in=members)
    return Totals(
        year=year,
        firms=taxed.filter(organisation__in=there).count(),
        tax=facts.total("tax_paid", year, there)[0],
        tax_before=facts.total("tax_paid", year - 1, there)[0],
        district_tax=district_tax,
        software=facts.total("revenue", year, comparable)[0],
        software_before=facts.total("revenue", year - 1, comparable)[0],
        platforms=facts.at_least("platform_turnover", year, threshold).count(),
        members=members.count(),
        metaverse=metaverse.count(),
    )


@dataclass(frozen=True)
class Figure:
    """One figure: how its number follows from the totals. Its words stand in ``data/population.yaml``."""

    code: str
    of: Callable[[Totals], Decimal | int | None]
    source: str = COMPUTED
    year: int = 0  # years after (before) that of the totals


def _yi(amount: int) -> Decimal:
    return (Decimal(amount) / YI).quantize(PLACES, ROUND_HALF_UP)


FIGURES = (
    Figure("digital-firms", lambda t: t.firms),
    Figure("digital-tax", lambda t: _yi(t.tax)),
    Figure("digital-tax", lambda t: _yi(t.tax_before), year=-1),
    Figure("digital-tax-growth", lambda t: t.tax_growth),
    Figure("district-tax", lambda t: _yi(t.district_tax), GIVEN),
    Figure("digital-tax-share", lambda t: t.tax_share),
    Figure("software-growth", lambda t: t.software_growth),
    Figure("e-commerce-platforms", lambda t: t.platforms),
    Figure("association-members", lambda t: t.members),
    Figure("metaverse-members", lambda t: t.metaverse),
)


def _said(value: Decimal | int) -> Decimal:
    """Without zeros at its end: 309.6 rather than 309.6000."""
    exact = Decimal(value)
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()


def state_figures(scale: Scale, by: Seat, at: dt.datetime | None = None) -> list[Value]:
    """State every figure that has a value; what is stated already stays. One transaction."""
    with transaction.atomic():
        return list(_state(scale, by, at))


def of_scale(scale: Scale) -> Totals:
    """The totals with what is given for a size."""
    return added_up(scale.year, scale.amount("district_tax"), fen(str(told()["reply"]["threshold"])))


def _state(scale: Scale, by: Seat, at: dt.datetime | None) -> Iterator[Value]:
    totals, words = of_scale(scale), told()["figures"]
    for figure in FIGURES:
        value, year = figure.of(totals), totals.year + figure.year
        if value is None:
            continue
        new: dict[str, Any] = {**words[figure.code], "source": figure.source, "owner": by.organisation}
        indicator = Indicator.objects.get_or_create(code=PREFIX + figure.code, defaults=new)[0]
        start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
        if Value.objects.filter(indicator=indicator, start=start, end=end).exists():
            continue
        number = _said(value)
        yield state_value(
            indicator, start=start, end=end, value=number, display=f"{number:f}{indicator.unit}",
            source=figure.source, by=by, at=at,
        )  # fmt: skip
