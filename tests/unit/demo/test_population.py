"""The plan of the large sample: shares that add up to the last fen, choices that come out exactly, codes of nobody."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from qiao.core.models import Person, Seat
from qiao.demo.market import entry_content
from qiao.demo.population.drawing import (
    FICTION,
    NOWHERE,
    Shares,
    Sums,
    brand,
    facts_of,
    firm,
    fund,
    number_of,
    uscc,
)
from qiao.demo.population.plan import YI, Allocation, Scale, allocate, fen, rank, spread
from qiao.demo.population.shelves import entries
from qiao.kinds.tags import tags

amounts = st.integers(min_value=0, max_value=10**16)
weights = st.lists(st.integers(min_value=0, max_value=10**13), min_size=1, max_size=60)


@given(amounts, weights)
def test_shares_add_up_to_the_last_fen(whole: int, given_: list[int]) -> None:
    shares = list(allocate(whole, given_))
    assert sum(shares) == (whole if any(given_) else 0)
    assert all(share >= 0 for share in shares)


@given(amounts, weights)
def test_each_share_is_its_proportion_but_for_less_than_one_fen(whole: int, given_: list[int]) -> None:
    total = sum(given_)
    for share, weight in zip(allocate(whole, given_), given_, strict=True):
        assert not total or abs(share * total - whole * weight) < total


@given(amounts, weights, st.data())
def test_going_on_gives_what_one_run_gives(whole: int, given_: list[int], data: st.DataObject) -> None:
    at = data.draw(st.integers(min_value=0, max_value=len(given_)))
    later = Allocation(whole, sum(given_), sum(given_[:at]))
    assert [later.share(w) for w in given_[at:]] == list(allocate(whole, given_))[at:]


@pytest.mark.parametrize("wrong", [(-1, 1, 0), (1, -1, 0), (1, 1, 2), (1, 1, -1)])
def test_impossible_wholes_are_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="1"):
        Allocation(*wrong)


def test_more_than_was_said_is_refused() -> None:
    shares = Allocation(10, 3)
    shares.share(3)
    with pytest.raises(ValueError, match="1"):
        shares.share(1)


@given(st.integers(min_value=1, max_value=2000), st.data())
def test_exactly_so_many_are_chosen_and_evenly(of: int, data: st.DataObject) -> None:
    chosen = data.draw(st.integers(min_value=0, max_value=of))
    there = [n for n in range(of) if spread(n, chosen, of)]
    assert len(there) == chosen
    assert [rank(n, chosen, of) for n in there] == list(range(chosen))


def test_amounts_are_read_exactly() -> None:
    assert fen("309.6 亿元") == 3_096_000_000_000
    assert fen("0.01 元") == 1
    assert fen("1150 万元") == 1_150_000_000


def test_the_reply_is_the_plan_at_its_size() -> None:
    scale = Scale(6100)
    assert (scale.firms, scale.platforms, scale.members, scale.metaverse) == (6137, 29, 520, 180)
    assert (scale.investors, scale.capped("agents"), scale.capped("needs"), scale.capped("offers")) == (
        *(40, 300, 120, 160),
    )
    assert scale.amount("tax") == 30_960_000_000 * 100  # “近310亿元”, in fen
    assert round(100 * scale.amount("tax") / scale.amount("tax_before") - 100) == 18
    assert scale.amount("tax") / scale.amount("district_tax") > 0.55


def test_totals_follow_the_size_and_what_acts_does_not_grow_beyond_the_reply() -> None:
    small, large = Scale(305), Scale(61_000)
    assert small.amount("tax") * 20 == Scale(6100).amount("tax") == large.amount("tax") // 10
    assert (small.members, small.metaverse, small.platforms, small.capped("needs")) == (26, 9, 1, 6)
    assert (large.members, large.capped("agents"), large.capped("needs")) == (5200, 300, 120)


@pytest.mark.parametrize("size", [0, 19, 5_000_001])
def test_sizes_out_of_range_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=str(size)):
        Scale(size)


@given(st.sampled_from(sorted(NOWHERE)), st.integers(min_value=0, max_value=31**9 - 1))
def test_codes_are_valid_of_nobody_and_say_their_number(kind: str, number: int) -> None:
    code = uscc(kind, number)
    assert stdnum_uscc.is_valid(code)
    assert code[2:8] == "310199"  # the divisions of Shanghai end with 310151
    assert number_of(code) == number


def test_brands_are_different() -> None:
    assert len({brand(n) for n in range(70_000)}) == 70_000


def _built(scale: Scale) -> tuple[list[object], Sums]:
    whole = Sums()
    for n in range(scale.firms):
        whole.add(firm(scale, n))
    shares = Shares.of(scale, whole, Sums())
    return [facts_of(firm(scale, n), shares, scale, 2025) for n in range(scale.firms)], whole


def test_the_same_seed_gives_the_same_firms_and_another_gives_others() -> None:
    once, again, other = _built(Scale(60))[0], _built(Scale(60))[0], _built(Scale(60, seed=66))[0]
    assert once == again != other


def test_revenue_is_skewed_and_some_things_are_not_known() -> None:
    scale = Scale(2000)
    revenue = sorted(firm(scale, n).revenue for n in range(scale.firms))
    assert sum(revenue) / len(revenue) > 2.5 * revenue[len(revenue) // 2]  # mean far above median
    assert sum(revenue[-len(revenue) // 10 :]) > 0.5 * sum(revenue)  # a tenth has more than half
    stated = _built(Scale(200))[0]
    assert len({len(one) for one in stated}) > 5  # type: ignore[arg-type]


def test_young_firms_have_no_tax_of_the_year_before() -> None:
    scale = Scale(300)
    for n in range(scale.firms):
        one = firm(scale, n)
        assert (one.tax_before_weight > 0) == (one.founded.year < scale.year)


def test_investors_say_what_they_look_for() -> None:
    for n in range(40):
        one = fund(Scale(6100), n)
        said = {key: value for key, _year, value in one.facts}
        assert one.name.startswith("示例")
        assert one.name.endswith(FICTION)
        assert 0 < said["ticket_low"] <= said["ticket_high"] < said["fund_size"] < 100 * YI
        assert any(v is True for k, v in said.items() if k.startswith("invests_"))


@pytest.mark.parametrize(("kind", "count"), [("need", 120), ("offer", 160)])
def test_entries_are_many_different_and_complete(kind: str, count: int) -> None:
    made = list(entries(kind, count, 65))
    told = "problem" if kind == "need" else "description"
    for text in ("title", told, "background" if kind == "need" else "advantages"):
        assert len({one[text] for one in made}) == count, text  # nothing is said twice
    assert {t for one in made[:40] for t in one["technologies"]} == set(tags("technologies"))
    assert {f for one in made for f in one["fields"]} == set(tags("fields"))
    assert not [one for one in made for text in one.values() if isinstance(text, str) and "{" in text]
    assert made == list(islice(entries(kind, count, 65), count))
    with pytest.raises(ValueError, match=str(count + 1)):
        list(entries(kind, count + 1, 65))


@pytest.mark.parametrize("kind", ["need", "offer"])
def test_entries_are_what_the_form_takes_and_leave_some_of_it_open(kind: str) -> None:
    agent = Seat(person=Person(name="经办人"))
    made = [entry_content(kind, one, agent) for one in entries(kind, 120, 65)]
    for field in ("technologies", "fields", "modes", "partner_kind", "stage", "subdistrict", "budget_high"):
        assert sum(field in one for one in made) > 70, field
    assert any("budget_high" not in one for one in made)
    assert any("subdistrict" not in one for one in made)
    assert {"ip_note", "level", "ipr", "price_mode"} <= set(made[0]) or kind == "need"
