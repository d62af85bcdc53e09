"""What a change of a policy does to firms whose facts are known, open, and in every industry and size."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiao.eligibility import FactTable, Kernel, Library, Truth
from qiao.eligibility.packfile import read_pack
from qiao.eligibility.problems import PackError
from qiao.eligibility.simulate import Simulation, changed, picture, simulate

SHIPPED = Library.load(Path(__file__).parents[3] / "policies")
DAY = dt.date(2026, 6, 1)
WAN = 10**6  # fen
PACK = """\
id: x/rent
title: {zh: 房租补贴, en: Rent subsidy}
kind: subsidy
issuer: {zh: 某区, en: A district}
document: {number: 一号, title: 办法}
in_force: {from: 2020-01-01}
evidence: V
clauses:
  - {id: size, cite: 一, zh: 职工不超过500人且营业收入不超过2亿元, en: Small, is: staff <= 500 and revenue <= 2 亿元}
  - {id: here, cite: 二, zh: 在本区纳税, en: Taxed here, is: taxed_in_changning}
benefits:
  - {kind: ratio, of: rent_paid, rate: 30%, cap: 100 万元, zh: 房租的30%, en: 30 % of the rent, cite: 三}
  - {kind: amount, amount: 10 万元, if: rd_expense >= 100 万元, zh: 研发奖, en: R&D, cite: 四}
"""
HERE = {"revenue": "1 亿元", "taxed_in_changning": True}
FIRMS: list[dict[str, Any]] = [
    HERE | {"staff": 100, "rent_paid": "100 万元", "rd_expense": 0, "industry": "6513"},
    HERE | {"staff": 400, "rent_paid": "900 万元", "rd_expense": "100 万元", "industry": "3911"},
    HERE | {"staff": 400, "industry": "3911"},  # rent and R&D are open
    HERE | {"rent_paid": "10 万元", "rd_expense": 0},
    HERE | {"staff": 9, "revenue": "3 亿元", "rent_paid": "10 万元", "rd_expense": 0},
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    pack = read_pack(tmp_path_factory.mktemp("x") / "rent.yaml", PACK)
    return Library(SHIPPED.vocabulary, (*SHIPPED.packs, pack))


def table(library: Library, firms: list[dict[str, Any]]) -> FactTable:
    return FactTable.from_rows([library.facts(f, DAY) for f in firms], library.vocabulary)


def tried(library: Library, *changes: str, **more: Any) -> Simulation:
    return simulate(library, table(library, FIRMS), "x/rent", changes, DAY, **more)


def test_without_an_effect_nothing_changes(library: Library) -> None:
    same = tried(library, "size: 500 → 500")
    assert same.counts() == ((1, 1, 3), (1, 1, 3))
    assert (same.gained, same.lost, same.changed) == ([], [], [])
    assert same.all.cost_before == same.all.cost_after


def test_a_threshold_takes_away_gives_and_leaves_open(library: Library) -> None:
    fewer = tried(library, "size: 500 -> 300")
    assert (fewer.gained, fewer.lost) == ([], [1, 2])
    more = tried(library, "clause.size: revenue <= 2 亿元 → revenue <= 3亿元")
    assert (more.gained, more.lost) == ([4], [])
    stricter = tried(library, "here = taxed_in_changning and listed")
    assert stricter.all.opened == 3  # nobody said whether it is listed
    assert stricter.counts()[1] == (1, 4, 0)


def test_costs_are_bounds_in_whole_fen(library: Library) -> None:
    """30 % of 100 万, the cap on 900 万, and one whose rent and R&D nobody knows; the fourth is open altogether."""
    before = tried(library).all.cost_before
    assert before.low == (30 + 100 + 10 + 0) * WAN
    assert before.high == (30 + 110 + 110) * WAN
    assert before.most == (30 + 110 + 110 + 3) * WAN
    cheaper = tried(
        library, "benefit.1.cap = 50 万元", "benefit.1.rate = 1/3", "benefit.2.if = rd_expense > 100 万元"
    )
    after = cheaper.all.cost_after
    assert after.low == 100 * WAN // 3 + 50 * WAN
    assert after.high == 100 * WAN // 3 + 50 * WAN + 60 * WAN
    assert cheaper.changed == [0, 1]  # the verdicts are the same, the amounts are not
    assert cheaper.gained == cheaper.lost == []


def test_without_a_cap_an_unknown_amount_has_no_limit(library: Library) -> None:
    text = PACK.replace(", cap: 100 万元", "")
    found = tried(library, draft=read_pack(Path("draft.yaml"), text)).all.cost_after
    assert found.low == (30 + 270 + 10) * WAN
    assert found.high is None
    assert "∞" in found.say("en")


def test_groups_by_industry_and_size_add_up(library: Library) -> None:
    found = tried(library, "size: 500 → 300")
    names = {g.name.en.split()[0]: g for g in found.by_industry}
    assert {"C", "I"} < set(names)
    assert (names["C"].lost, names["I"].lost) == (2, 0)
    assert found.by_size[-1].name.en == "Not known"
    for groups in (found.by_industry, found.by_size):
        for count in ("firms", "before", "after", "gained", "lost", "opened"):
            assert sum(getattr(g, count) for g in groups) == getattr(found.all, count)
        assert sum(g.cost_after.low for g in groups) == found.all.cost_after.low


def test_a_draft_in_a_file_may_change_anything(library: Library) -> None:
    draft = read_pack(
        Path("draft.yaml"), PACK.replace("2020-01-01", "2027-01-01").replace("500 and", "50 and")
    )
    assert tried(library, draft=draft).lost == [0, 1, 2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("size", "size: 500 → 300"),
        ("sise: 500 → 300", "clause.size"),
        ("size: 700 → 300", "0 times"),
        ("size: <= → <", "2 times"),
        ("size = staff <=", "staff <="),
        ("size = staff <= 2 万元", "money"),
        ("size = turnover <= 2", "turnover"),
        ("benefit.3.cap = 5 万元", "benefit.1.cap"),
        ("benefit.1.cap = 5 人", "unit"),
    ],
)
def test_what_cannot_be_changed_is_said(library: Library, change: str, said: str) -> None:
    with pytest.raises(PackError) as refused:
        tried(library, change)
    assert said in "".join(p.en for p in refused.value.problems)
    assert all(p.zh and p.en for p in refused.value.problems)


def test_a_policy_that_is_not_in_force_is_refused(library: Library) -> None:
    with pytest.raises(KeyError):
        simulate(library, table(library, FIRMS), "x/rent", ["size: 500 → 300"], dt.date(2019, 1, 1))


def test_the_picture_says_everything_in_words_too(library: Library) -> None:
    found = tried(library, "size: 500 → 300")
    for language in ("zh", "en"):
        root = ElementTree.fromstring(picture(found, language))
        described = root.find("{http://www.w3.org/2000/svg}desc")
        assert described is not None
        assert described.text == "\n".join(found.lines(language))
    assert "I Information transmission" in "\n".join(tried(library, "size: 500 → 50").lines("en"))


@settings(deadline=None, max_examples=15)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "staff": st.integers(0, 1000),
                "revenue": st.integers(0, 4 * 10**8),
                "rent_paid": st.integers(0, 10**7),
                "rd_expense": st.integers(0, 2 * 10**6),
                "taxed_in_changning": st.booleans(),
                "industry": st.sampled_from(["6513", "3911", "I", "0111"]),
            },
        ),
        min_size=1,
        max_size=20,
    ),
    st.integers(0, 1000),
)
def test_the_columns_say_what_each_firm_says_alone(
    library: Library, firms: list[dict[str, Any]], staff: int
) -> None:
    """Verdicts and amounts of all firms together are those of every firm by itself, computed with fractions."""
    found = simulate(library, table(library, firms), "x/rent", [f"size: 500 → {staff}"], DAY)
    low = 0
    for number, firm in enumerate(firms):
        alone = simulate(library, table(library, [firm]), "x/rent", [f"size: 500 → {staff}"], DAY)
        assert (alone.was[0], alone.now[0]) == (found.was[number], found.now[number])
        if alone.now[0] == Truth.YES:
            rent = Fraction(firm.get("rent_paid", 0)) * 100 * Fraction(3, 10)
            low += min(int(rent), 100 * WAN) + (10 * WAN if firm.get("rd_expense", 0) >= 10**6 else 0)
    assert found.all.cost_after.low == low


def test_a_shipped_policy_changes_without_touching_the_library(library: Library) -> None:
    pack = library.version("cn/tech-sme", DAY)
    assert pack is not None
    draft = changed(pack, ["size: 500 → 300"])
    assert draft != pack
    assert library.version("cn/tech-sme", DAY) is pack
    assert Kernel(library.plan(DAY, only=["cn/tech-sme"])) is not None
