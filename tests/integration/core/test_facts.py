"""Facts of a firm: stated once, never changed, superseded; a value the vocabulary cannot hold is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qiao.core import facts
from qiao.core.acts import Refused
from qiao.core.models import Fact, Organisation, Person
from qiao.eligibility import BadValue, Ref

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)


@pytest.fixture
def firm() -> Organisation:
    return Organisation.objects.create(code="firm-1", name="甲公司", kind="firm")


@pytest.fixture
def people() -> tuple[Person, Person]:
    first, second = (Person.objects.create(code=f"p-{n}", name=f"人{n}", fictional=True) for n in (1, 2))
    return first, second


def test_what_is_typed_is_what_the_engine_gets(firm: Organisation) -> None:
    for key, value, year in (
        ("revenue", "3,000 万元", 2025), ("revenue", "2500 万元", 2024), ("staff", "80 人", 2025),
        ("industry", "6513", None), ("founded", "2019-05-01", None), ("listed", "否", None), ("rd_body", "无", None),
        ("high_tech_until", "无", None),
    ):  # fmt: skip
        facts.state(firm, key, value, by=None, source="审计报告", year=year, on=dt.date(2026, 1, 5))
    found = facts.known(firm, DAY)
    assert found[Ref("revenue", 1)] == 3000 * 10**6
    assert found[Ref("revenue", 2)] == 2500 * 10**6
    assert found[Ref("listed", 0)] == 0
    given = {
        "revenue": "3000 万元",
        "industry": "6513",
        "founded": "2019-05-01",
        "rd_body": "无",
        "high_tech_until": "无",
    }
    assert facts.library().facts(given, DAY).items() <= found.items()
    assert facts.known(firm, dt.date(2027, 6, 1))[Ref("revenue", 2)] == 3000 * 10**6


def test_a_new_statement_supersedes_and_keeps_the_old(
    firm: Organisation, people: tuple[Person, Person]
) -> None:
    first = facts.state(firm, "revenue", "3000 万元", by=people[0], source="申报", year=2025)
    second = facts.state(firm, "revenue", "3100 万元", by=people[0], source="审计报告", year=2025)
    first.refresh_from_db()
    assert first.superseded_by == second
    assert first.value == 3000 * 10**6
    assert facts.known(firm, DAY)[Ref("revenue", 1)] == 3100 * 10**6
    assert [f.pk for f in facts.history(firm, "revenue")] == [second.pk, first.pk]


def test_saying_the_same_again_changes_nothing(firm: Organisation) -> None:
    first = facts.state(firm, "staff", "80", by=None, source="社保", year=2025)
    assert facts.state(firm, "staff", "80 人", by=None, source="社保", year=2025).pk == first.pk
    assert Fact.objects.count() == 1


def test_what_stands_now_changes_from_a_day_on(firm: Organisation) -> None:
    facts.state(firm, "listed", "否", by=None, source="章程", on=dt.date(2024, 1, 1))
    facts.state(firm, "listed", "是", by=None, source="章程", on=dt.date(2026, 3, 1))
    assert facts.known(firm, dt.date(2026, 2, 28))[Ref("listed", 0)] == 0
    assert facts.known(firm, dt.date(2026, 3, 1))[Ref("listed", 0)] == 1


def test_unknown_is_a_statement_of_its_own(firm: Organisation) -> None:
    facts.state(firm, "staff", "80", by=None, source="社保", year=2025)
    withdrawn = facts.state(firm, "staff", "", by=None, source="待核实", year=2025)
    assert withdrawn.unknown
    assert Ref("staff", 1) not in facts.known(firm, DAY)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("revenue", "很多"),
        ("revenue", "-5 万元"),
        ("revenue", "9" * 10_000),
        ("staff", "3.5"),
        ("founded", "2026-02-30"),
        ("founded", "无"),
        ("industry", "99999"),
        ("listed", "<script>"),
    ],
)
def test_a_value_that_is_none_is_refused_and_nothing_kept(firm: Organisation, key: str, value: str) -> None:
    with pytest.raises(BadValue) as refused:
        facts.state(firm, key, value, by=None, source="申报")
    assert refused.value.zh != refused.value.en
    assert not Fact.objects.exists()


def test_several_are_stated_together_or_not_at_all(firm: Organisation) -> None:
    with pytest.raises(BadValue):
        facts.state_many(firm, {("staff", 2025): "80", ("revenue", 2025): "?"}, by=None, source="申报")
    assert not Fact.objects.exists()


def test_one_does_not_confirm_what_one_stated(firm: Organisation, people: tuple[Person, Person]) -> None:
    stater, other = people
    fact = facts.state(firm, "staff", "80", by=stater, source="社保", year=2025)
    with pytest.raises(Refused):
        facts.confirm(fact, by=stater)
    assert facts.confirm(fact, by=other).confirmed_by == other
    facts.state(firm, "staff", "90", by=stater, source="社保", year=2025)
    fact.refresh_from_db()
    with pytest.raises(Refused):
        facts.confirm(fact, by=other)


def test_many_firms_in_one_query(firm: Organisation) -> None:
    others = [Organisation.objects.create(code=f"f-{n}", name=f"企业{n}", kind="firm") for n in range(5)]
    for n, one in enumerate(others):
        facts.state(one, "staff", str(n + 1), by=None, source="社保", year=2025)
    facts.library()
    with CaptureQueriesContext(connection) as asked:
        found = facts.many(None, DAY)
    assert len(asked) == 1
    assert [found[o.pk][Ref("staff", 1)] for o in others] == [1, 2, 3, 4, 5]


def test_amounts_are_added_up_by_the_database(firm: Organisation) -> None:
    """As numbers, not as the text that JSON is: 9 is less than 1000."""
    other = Organisation.objects.create(code="firm-2", name="乙公司", kind="firm")
    third = Organisation.objects.create(code="firm-3", name="丙公司", kind="firm")
    for one, amount in ((firm, "9 元"), (other, "1000 元"), (third, "")):
        facts.state(one, "tax_paid", amount, by=None, source="申报", year=2023)
    facts.state(other, "tax_paid", "1500 元", by=None, source="审计报告", year=2023)
    facts.state(other, "tax_paid", "7 元", by=None, source="申报", year=2022)
    with CaptureQueriesContext(connection) as asked:
        assert facts.total("tax_paid", 2023) == (150_900, 2)
    assert len(asked) == 1
    assert facts.total("tax_paid", 2021) == (0, 0)
    assert list(facts.at_least("tax_paid", 2023, 1000)) == [other.pk]
    assert facts.total("tax_paid", 2023, facts.at_least("tax_paid", 2023, 1000)) == (150_000, 1)


def test_who_stated_a_value(firm: Organisation) -> None:
    other = Organisation.objects.create(code="firm-2", name="乙公司", kind="firm")
    facts.state(firm, "industry", "6513", by=None, source="申报")
    facts.state(other, "industry", "5292", by=None, source="申报")
    facts.state(firm, "digital_economy", "是", by=None, source="名录")
    facts.state(other, "digital_economy", "", by=None, source="名录")
    assert list(facts.holders("industry", "6513", "6511")) == [firm.pk]
    assert list(facts.holders("digital_economy", True)) == [firm.pk]
    facts.state(firm, "digital_economy", "否", by=None, source="名录")
    assert list(facts.holders("digital_economy", True)) == []
