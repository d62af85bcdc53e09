"""Who may see, state and confirm the facts of an organisation. Authority comes from seats alone.

A firm's own people see and state its facts. Those who handle matters at a bureau see the facts of all, may state what
they have on file, and confirm what others stated; nobody confirms their own statement.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from qiao.core.access import Answer
from qiao.core.models import Fact, Organisation, Seat
from qiao.core.policies import phrases
from qiao.core.process import Problem

KINDS = (Organisation.Kind.FIRM,)  # whom policies are for
OFFICIALS = ("officer", "head", "leader")
CONFIRMING = ("officer", "head")


def firms() -> QuerySet[Organisation]:
    """Everybody policies are for, each under the record that counts."""
    return Organisation.objects.filter(kind__in=KINDS, merged_into__isnull=True)


def firms_of(seats: Iterable[Seat]) -> list[Organisation]:
    """The firms that a person speaks for."""
    return list({s.organisation_id: s.organisation for s in seats if s.organisation.kind in KINDS}.values())


def is_official(seats: Iterable[Seat]) -> bool:
    return any(_official(s) for s in seats)


def _official(seat: Seat) -> bool:
    return seat.role in OFFICIALS and seat.organisation.kind == Organisation.Kind.BUREAU


def may_see(seats: Iterable[Seat], organisation: Organisation) -> Answer:
    for seat in seats:
        if seat.organisation_id == organisation.pk or _official(seat):
            return Answer((), seat)
    return Answer((Problem("not_yours", phrases.NOT_YOURS),))


def may_state(seats: Iterable[Seat], organisation: Organisation) -> Answer:
    for seat in seats:
        if seat.organisation_id == organisation.pk or (_official(seat) and seat.role in CONFIRMING):
            return Answer((), seat)
    return Answer((Problem("not_stating", phrases.NOT_STATING),))


def may_confirm(seats: Iterable[Seat], fact: Fact) -> Answer:
    """Yes comes with the seat; no with every reason."""
    held = next((s for s in seats if _official(s) and s.role in CONFIRMING), None)
    problems = []
    if held is None:
        problems.append(Problem("not_confirming", phrases.NOT_CONFIRMING))
    elif held.person_id == fact.stated_by_id:
        problems.append(Problem("own_fact", phrases.OWN_FACT))
    if fact.unknown:
        problems.append(Problem("unknown", phrases.NOTHING_TO_CONFIRM))
    return Answer(tuple(problems), held)
