"""Generated for every verb of every kind: allowed from, refused from, allowed to, refused to (house rule 10)."""

from __future__ import annotations

import datetime as dt

import pytest

from qiao.core.access import can
from qiao.core.acts import OPEN, open_case
from qiao.core.models import Call, Case, Organisation, Person, Seat
from qiao.core.process import Kind, Verb, Who, kinds
from tests.factories import organisation

CASES = [pytest.param(kind, verb, id=f"{kind.code}-{verb.code}") for kind in kinds() for verb in kind.verbs]
pytestmark = pytest.mark.django_db


def make_case(kind: Kind, verb: Verb) -> tuple[Case, dict[int, Seat | None]]:
    """A case with a party for every role that ``verb`` speaks of, and for each Who a seat of that description."""
    owner = organisation("政协测试区委员会", "conference")
    call = Call.objects.create(
        kind="proposal",
        title="会",
        owner=owner,
        start=dt.date(2024, 1, 1),
        rulebook="changning/cppcc-proposals",
    )
    parties: list[tuple[str, Person | Organisation]] = []
    seats: dict[int, Seat | None] = {}
    for i, who in enumerate(verb.who):
        seats[i] = None
        if who.timer:
            continue
        person = Person.objects.create(name=f"人{i}")
        unit = owner if who.of == "owner" or who.party else organisation(f"单位{i}")
        if who.party:
            parties.append((who.party, person))
        elif who.of != "owner" and not any(role == who.of for role, _ in parties):
            parties.append((who.of, unit))
        elif who.of != "owner":
            unit = next(o for role, o in parties if role == who.of and isinstance(o, Organisation))
        seats[i] = Seat.objects.create(
            person=person, organisation=unit, role=who.role or "member", start=dt.date(2020, 1, 1)
        )
    return open_case(kind.code, call=call, title="题", by=None, parties=parties), seats


def at_stage(case: Case, stage: str) -> Case:
    Case.objects.filter(pk=case.pk).update(stage=stage)
    case.refresh_from_db()
    return case


@pytest.mark.parametrize(("kind", "verb"), CASES)
def test_allowed_and_refused_by_stage(kind: Kind, verb: Verb) -> None:
    case, seats = make_case(kind, verb)
    seat = seats[0]
    for stage in kind.stages:
        codes = can(seat, verb.code, at_stage(case, stage.code), needs=False).codes
        if stage.code in verb.source:
            assert not {"wrong_stage", "closed"} & set(codes)
        else:
            assert ("closed" if stage.end else "wrong_stage") in codes


@pytest.mark.parametrize(("kind", "verb"), CASES)
def test_allowed_and_refused_by_seat(kind: Kind, verb: Verb) -> None:
    case, seats = make_case(kind, verb)
    at_stage(case, verb.source[0])
    for i, who in enumerate(verb.who):
        answer = can(seats[i], verb.code, case, needs=False)
        assert not {"not_yours", "no_seat", "timer_only"} & set(answer.codes), who.label
    stranger = Seat.objects.create(
        person=Person.objects.create(name="外人"),
        organisation=organisation("别处"),
        role="officer",
        start=dt.date(2020, 1, 1),
    )
    refused = can(stranger, verb.code, case, needs=False)
    assert refused.codes in (["not_yours"], ["timer_only"])
    assert str(refused.reasons[0])


@pytest.mark.parametrize(("kind", "verb"), CASES)
def test_refused_when_the_term_is_over(kind: Kind, verb: Verb) -> None:
    case, seats = make_case(kind, verb)
    at_stage(case, verb.source[0])
    for i, who in enumerate(verb.who):
        seat = seats[i]
        if seat is None:
            continue
        seat.end = dt.date(2020, 12, 31)
        seat.save()
        assert "seat_expired" in can(seat, verb.code, case, needs=False).codes, who.label


def test_every_role_that_a_process_names_has_a_label() -> None:
    from qiao.core.phrases import ROLES

    named = {w.role for k in kinds() for v in k.verbs for w in v.who if isinstance(w, Who) and w.role}
    assert named <= set(ROLES)


def test_the_opening_act_is_no_verb_of_any_kind() -> None:
    assert all(k.verb(OPEN) is None for k in kinds())
