"""Points of experts become an order of plans."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiao.kinds.scenario.ranking import Criterion, Place, rank

CRITERIA = [Criterion("技术", 70, 50), Criterion("安全", 30, 60)]
SHEET = st.tuples(*(st.integers(0, 100).map(Decimal) for _ in CRITERIA))
PLANS = st.dictionaries(
    st.integers(1, 30).map("{:02d}".format), st.lists(SHEET, min_size=1, max_size=7), max_size=8
)


def sheets(*points: tuple[int, int]) -> list[list[Decimal]]:
    return [[Decimal(p) for p in one] for one in points]


def test_totals_are_weighted_means() -> None:
    (place,) = rank({"01": sheets((80, 60), (90, 80))}, CRITERIA)
    assert place == Place("01", Decimal("80.50"), (Decimal("85.00"), Decimal("70.00")), (), 2, 0, 1)


def test_the_highest_and_the_lowest_sheet_are_left_out_where_there_are_more_than_two() -> None:
    plans = {"01": sheets((0, 0), (80, 80), (100, 100)), "02": sheets((0, 0), (100, 100))}
    first, second = rank(plans, CRITERIA, drop_extremes=True)
    assert (first.total, first.dropped, first.sheets) == (Decimal(80), 2, 3)
    assert (second.total, second.dropped) == (Decimal(50), 0)


def test_one_weak_side_cannot_be_made_up_for() -> None:
    """A minimum per criterion (scenario facts §4)."""
    strong, weak = rank({"01": sheets((100, 59)), "02": sheets((60, 60))}, CRITERIA)
    assert (strong.plan, strong.rank) == ("02", 1)
    assert (weak.plan, weak.below, weak.rank) == ("01", ("安全",), None)


def test_equal_totals_share_a_rank() -> None:
    found = rank({"01": sheets((80, 80)), "02": sheets((80, 80)), "03": sheets((70, 70))}, CRITERIA)
    assert [(p.plan, p.rank) for p in found] == [("01", 1), ("02", 1), ("03", 3)]


@given(PLANS, st.booleans())
def test_an_order_is_an_order(plans: dict[str, list[tuple[Decimal, ...]]], drop: bool) -> None:
    found = rank(plans, CRITERIA, drop_extremes=drop)
    assert sorted(p.plan for p in found) == sorted(plans)
    able = [p for p in found if p.rank is not None]
    assert found[: len(able)] == able
    assert [p.total for p in able] == sorted((p.total for p in able), reverse=True)
    assert all(0 <= p.total <= 100 for p in found)
    assert all((p.rank is None) == bool(p.below) for p in found)


@given(PLANS, st.integers(0, 100))
def test_one_better_sheet_never_makes_a_plan_fall(
    plans: dict[str, list[tuple[Decimal, ...]]], more: int
) -> None:
    if not plans:
        return
    plan = min(plans)
    better = [tuple(max(p, Decimal(more)) for p in one) for one in plans[plan]]
    before = {p.plan: p.total for p in rank(plans, CRITERIA)}
    after = {p.plan: p.total for p in rank(plans | {plan: better}, CRITERIA)}
    assert after[plan] >= before[plan]


def test_points_must_answer_every_criterion() -> None:
    with pytest.raises(ValueError, match="zip"):
        rank({"01": [[Decimal(1)]]}, CRITERIA)
