"""Constraints that the database itself holds, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from qiao.core.clocks import now
from qiao.core.models import (
    Act,
    Fact,
    Follow,
    Indicator,
    Money,
    Organisation,
    Party,
    Person,
    Review,
    Seat,
    Slot,
    Value,
)
from tests.factories import World, new_proposal, organisation

D = dt.date


def refused(write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


@pytest.mark.parametrize("code", ["91310000MA1FL0LX4X", "913100007178511085", "91310000MA1FL0LX4"])
def test_wrong_check_digit_is_refused(db: None, code: str) -> None:
    """GB 32100-2015; refused by the form and, for whoever goes past it, by the database."""
    with pytest.raises(ValidationError):
        Organisation(name="甲", kind="firm", uscc=code).full_clean()
    refused(lambda: Organisation.objects.create(name="甲", kind="firm", uscc=code))


def test_right_check_digit_is_taken_and_unique(db: None) -> None:
    from stdnum.cn import uscc

    body = "91310105MA1FW0000"
    code = body + uscc.calc_check_digit(body)
    Organisation.objects.create(name="甲", kind="firm", uscc=code)
    refused(lambda: Organisation.objects.create(name="乙", kind="firm", uscc=code))


def test_periods_and_live_rows(world: World) -> None:
    s = world.registry
    refused(
        lambda: Seat.objects.create(
            person=s.person, organisation=s.organisation, role="x", start=D(2024, 1, 2), end=D(2024, 1, 1)
        )
    )
    refused(
        lambda: Seat.objects.create(
            person=s.person, organisation=s.organisation, role=s.role, start=D(2024, 1, 2)
        )
    )
    org = world.conference
    Fact.objects.create(organisation=org, key="staff", start=D(2023, 1, 1), value=3, source="年报")
    refused(
        lambda: Fact.objects.create(
            organisation=org, key="staff", start=D(2023, 1, 1), value=4, source="年报"
        )
    )
    refused(
        lambda: Fact.objects.create(
            organisation=org, key="x", start=D(2023, 1, 1), source="s", confirmed_by=s.person
        )
    )
    refused(lambda: Slot.objects.create(call=world.call, start=now(), end=now() - dt.timedelta(hours=1)))


def test_one_current_value_per_period(db: None) -> None:
    indicator = Indicator.objects.create(
        code="tax", name="税收", definition="d", unit="亿元", source="统计局"
    )

    def value(**given: object) -> Value:
        base = {
            "start": D(2023, 1, 1),
            "end": D(2023, 12, 31),
            "value": Decimal(310),
            "display": "310亿元",
            "stated_at": now(),
        }
        return Value.objects.create(indicator=indicator, **{**base, **given})  # type: ignore[misc]

    value()
    refused(lambda: value(revision=2))
    refused(lambda: value(start=D(2024, 1, 1), end=D(2023, 1, 1)))


def test_parties_and_heads(world: World) -> None:
    case = new_proposal(world)
    person = world.members[0].person
    refused(lambda: Party.objects.create(case=case, role="proposer", person=person))
    refused(lambda: Party.objects.create(case=case, role="x"))
    refused(lambda: Party.objects.create(case=case, role="x", person=person, organisation=world.conference))
    first = case.acts.get(seq=1)
    second = Act(
        case=case,
        seq=9,
        verb="x",
        at=now(),
        from_stage="a",
        to_stage="b",
        salt="",
        body_digest="",
        hash="h9",
        prev_hash=case.acts.get(seq=2).prev_hash,
    )
    assert second.prev_hash == first.hash
    refused(second.save)


def test_money_reviews_follows(world: World) -> None:
    case = new_proposal(world)
    refused(
        lambda: Money.objects.create(
            case=case,
            organisation=world.conference,
            amount_fen=0,
            direction="out",
            purpose="p",
            state="planned",
        )
    )
    version = case.papers.get().versions.get()
    refused(
        lambda: Review.objects.create(
            version=version, seat=world.registry, scores={"a": 1}, conflict="亲属", at=now()
        )
    )
    refused(lambda: Follow.objects.create(person=world.registry.person))
    Follow.objects.create(person=world.registry.person, case=case)
    refused(lambda: Follow.objects.create(person=world.registry.person, case=case))


def test_organisation_is_not_merged_into_itself(db: None) -> None:
    o = organisation("甲")
    o.merged_into = o
    refused(o.save)


def test_deleting_a_person_with_seats_is_refused(world: World) -> None:
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        Person.objects.get(pk=world.registry.person_id).delete()


def test_sqlite_runs_as_in_production(db: None) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            modes = [
                cursor.execute(f"PRAGMA {p}").fetchone()[0]
                for p in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert modes == ["wal", 2, 1]
