"""The sample district at a size: its totals, who is in it, and loading that was stopped and goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from stdnum.cn import uscc as stdnum_uscc

from qiao.core import facts, history
from qiao.core.models import Case, Fact, Indicator, Paper, Person, SearchEntry, Seat, Value
from qiao.core.policies import library
from qiao.core.search import search
from qiao.demo import loading
from qiao.demo.district import PASSWORD
from qiao.demo.population import totals, writing
from qiao.demo.population.drawing import FICTION, NOWHERE
from qiao.demo.population.plan import Scale
from tests.samples import digest, population

SIZE = Scale(300)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The district at the size, loaded once for all tests of this file; its digest."""
    with django_db_blocker.unblock():
        loading.load(scale=SIZE)
        loading.grow(SIZE)
        yield digest()
        loading.reset()


@pytest.fixture
def district(loaded: str, db: None) -> str:
    return loaded


def test_totals_are_the_reply_in_proportion(district: str) -> None:
    found = totals.of_scale(SIZE)
    assert found.firms == SIZE.firms == 302
    assert found.tax == SIZE.amount("tax") == SIZE.of(30_960_000_000 * 100)
    assert found.tax_before == SIZE.amount("tax_before")
    assert found.tax_growth == Decimal("18.0")
    assert found.tax_share == Decimal("55.5")
    assert found.software_growth == Decimal("61.0")
    assert (found.platforms, found.members, found.metaverse) == (1, 26, 9)


def test_totals_are_sums_over_the_facts(district: str) -> None:
    """The same once more without the database's own sums."""
    paid = facts.current(population()).filter(key="tax_paid", start=dt.date(2023, 1, 1))
    assert sum(paid.values_list("value", flat=True)) == totals.of_scale(SIZE).tax
    turnover = facts.current().filter(key="platform_turnover").values_list("value", flat=True)
    assert sum(value >= 100_000_000_00 for value in turnover) == 1 < len(turnover)


def test_a_changed_fact_changes_the_total(district: str) -> None:
    before = totals.of_scale(SIZE)
    firm = population().filter(kind="firm").order_by("uscc")[0]
    paid = facts.current([firm]).get(key="tax_paid", start=dt.date(2023, 1, 1))
    text = f"{(paid.value + 100) // 100}.{(paid.value + 100) % 100:02d}"
    facts.state(firm, "tax_paid", text, by=None, source="示例", year=2023)
    assert totals.of_scale(SIZE).tax == before.tax + 100


def test_values_say_that_they_were_added_up(district: str) -> None:
    tax = Value.objects.get(indicator__code="sample-digital-tax", start=dt.date(2023, 1, 1))
    assert tax.source == totals.COMPUTED
    assert tax.value * 10**10 == pytest.approx(SIZE.amount("tax"), abs=10**6)
    assert Value.objects.get(indicator__code="sample-district-tax").source == totals.GIVEN
    official = Value.objects.get(indicator__code="digital-tax", superseded_by__isnull=True)
    assert official.value == 310  # what the signed reply cites is not touched
    assert Indicator.objects.filter(code__startswith="sample-").exclude(name_en="").count() == 10


def test_everybody_is_fictional_and_says_so(district: str) -> None:
    assert population().count() == SIZE.firms + SIZE.investors
    assert not population().filter(fictional=False).exists()
    assert all(name.startswith("示例") and name.endswith(FICTION) for name in _names())
    assert len(set(_names())) == population().count()
    assert not Person.objects.filter(fictional=False).exists()
    sources = set(Fact.objects.filter(organisation__in=population()).values_list("source", flat=True))
    assert sources == {"示例数据（虚构）"}


def _names() -> list[str]:
    return list(population().values_list("name", flat=True))


def test_codes_are_valid_and_of_nobody(district: str) -> None:
    codes = list(population().values_list("uscc", flat=True))
    assert all(stdnum_uscc.is_valid(code) and code.startswith(tuple(NOWHERE.values())) for code in codes)


def test_every_fact_is_one_of_the_vocabulary(district: str) -> None:
    vocabulary = library().vocabulary
    for fact in Fact.objects.filter(organisation__in=population()):
        entry = vocabulary[fact.key]
        assert entry.yearly == (fact.end is not None)
        if fact.unknown:
            assert fact.value is None
            continue
        kept = facts.kept(fact)
        assert kept is not None
        assert not entry.numeric or entry.least <= kept <= entry.most, fact
    assert Fact.objects.filter(organisation__in=population(), unknown=True).exists()


def test_accounts_hold_together(district: str) -> None:
    """Nobody has more research staff than staff, spends more on it than was earned, or is older than the facts."""
    for known in facts.many(population(), dt.date.fromisoformat(f"{_last() + 1}-06-30")).values():
        said = {(ref.key, ref.year): value for ref, value in known.items()}
        staff = said.get(("staff", 1))
        for part in ("rd_staff", "tech_staff", "college_staff"):
            if staff is not None and (part, 1) in said:
                assert said[part, 1] <= staff
        if ("revenue", 1) in said and ("rd_expense", 1) in said:
            assert said["rd_expense", 1] < said["revenue", 1]
        if ("assets", 1) in said and ("liabilities", 1) in said:
            assert said["liabilities", 1] <= said["assets", 1]


def _last() -> int:
    return int(Fact.objects.filter(key="revenue").latest("start").start.year)


def test_members_are_firms_and_institutes(district: str) -> None:
    joined = facts.current().filter(key="multimedia_member_since", unknown=False)
    kinds = list(joined.values_list("organisation__kind", flat=True))
    assert (kinds.count("firm"), kinds.count("institute")) == (23, 3)


def test_institutes_have_a_profile(district: str) -> None:
    profiles = Paper.objects.filter(kind=writing.PROFILE, case__isnull=True).select_related("organisation")
    assert profiles.count() == 3
    assert {p.organisation.kind for p in profiles if p.organisation} == {"institute"}
    assert all("研究" in p.versions.get().text for p in profiles)


def test_only_firms_that_act_have_an_agent_who_can_sign_in(district: str) -> None:
    seats = Seat.objects.filter(organisation__in=population())
    assert seats.count() == SIZE.capped("agents") == 15
    user = seats.order_by("pk")[0].person.user
    assert user
    assert Client().login(username=user.username, password=PASSWORD)


def test_shelves_are_filled_through_acts(district: str) -> None:
    for kind, small in (("need", 10), ("offer", 14)):
        found = Case.objects.filter(kind=kind)
        assert found.count() == small + SIZE.capped(f"{kind}s")
        assert all(c.acts.count() in {3, 4} for c in found.filter(unit__in=population()))
    assert not list(history.verify())


def test_everybody_is_found(district: str) -> None:
    entries = SearchEntry.objects.filter(organisation__in=population())
    assert entries.count() == population().count()
    firm = population().filter(kind="firm").order_by("uscc")[7]
    assert list(search(firm.uscc).values_list("organisation", flat=True)) == [firm.pk]
    many = set(population().values_list("pk", flat=True))
    late = [e.organisation_id in many for e in search("数据")]
    assert late == sorted(late)  # what was done, before all who are there
    assert any(late)


def test_loading_that_is_complete_adds_nothing(district: str) -> None:
    loading.grow(SIZE)
    assert digest() == district
