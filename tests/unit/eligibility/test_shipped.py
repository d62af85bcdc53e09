"""The policies that ship: no faults, all their own tests hold, nothing unconfirmed is said as if it were sure."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from qiao.eligibility import Library, Truth, Walker, check, run_tests

POLICIES = Path(__file__).parents[3] / "policies"
EXPECTED = {
    "cn/sme-size", "cn/tech-sme", "cn/high-tech", "cn/innovative-sme", "cn/specialised-sme", "cn/little-giant",
    "cn/key-little-giant", "cn/manufacturing-champion", "cn/unicorn", "cn/super-unicorn", "cn/gazelle",
    "cn/rd-deduction", "cn/advanced-service", "cn/digital-core", "changning/ai-rent-carrier",
    "changning/ai-rent-newcomer", "changning/ai-rent-strength", "changning/innovation-project",
    "shanghai/metaverse-project",
}  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Library:
    return Library.load(POLICIES)


def test_packs_and_vocabulary_are_without_fault() -> None:
    assert [str(p) for p in check(POLICIES)] == []


def test_what_ships(known: Library) -> None:
    assert known.ids == EXPECTED


def test_the_tests_inside_the_packs_hold(known: Library) -> None:
    outcomes = list(run_tests(known))
    assert [str(w) for o in outcomes for w in o.wrong] == []
    assert sum(not o.generated for o in outcomes) > 150
    assert sum(o.generated for o in outcomes) > 250  # on, just below and just above every threshold


def test_every_policy_is_shown_to_say_yes_and_no(known: Library) -> None:
    """A pack whose tests never come out as yes (or never as no) would not have been understood."""
    for id in known.ids:
        expected = {t.expect for pack in known.versions(id) for t in pack.tests}
        assert {"yes", "no"} <= expected, id


def test_nothing_is_decided_about_a_firm_of_which_nothing_is_known(known: Library) -> None:
    for day in sorted({p.start for p in known.packs}):
        plan = known.plan(day)
        judged = Walker(plan).judge({})
        assert {judged.verdict(p.id) for p in plan.policies} <= {Truth.UNKNOWN}, day


@pytest.mark.parametrize(
    ("industry", "staff", "revenue", "expected"),
    [  # 工信部联企业〔2011〕300号 第四项: software, and retail, each on and below its lines
        ("6513", 300, "1 亿元", "large"),
        ("6513", 299, "1 亿元", "medium"),
        ("6513", 100, "1000 万元", "medium"),
        ("6513", 99, "1000 万元", "small"),
        ("6513", 10, "50 万元", "small"),
        ("6513", 9, "50 万元", "micro"),
        ("5211", 300, "2 亿元", "large"),
        ("5211", 50, "500 万元", "medium"),
        ("5211", 49, "500 万元", "small"),
    ],
)
def test_size_class(known: Library, industry: str, staff: int, revenue: str, expected: str) -> None:
    day = dt.date(2026, 6, 1)
    plan = known.plan(day, only=["cn/sme-size"])
    facts = known.facts({"industry": industry, "staff": staff, "revenue": revenue, "assets": "1 元"}, day)
    assert Walker(plan).judge(facts).klass("cn/sme-size") == expected


def test_what_is_to_be_confirmed_carries_its_mark(known: Library) -> None:
    """Only what was seen in the text, or in agreeing secondary sources, is said without reserve."""
    unconfirmed = {p.id for p in known.packs if p.unconfirmed}
    assert "cn/gazelle" in unconfirmed
    assert "cn/tech-sme" not in unconfirmed


def test_clauses_say_in_both_languages_what_they_ask(known: Library) -> None:
    chinese = re.compile(r"[一-鿿]")
    for pack in known.packs:
        for clause in pack.clauses:
            assert chinese.search(clause.text.zh), (pack.version, clause.id)
            assert not chinese.search(clause.text.en), (pack.version, clause.id)
