"""Reads and acts ask the database a bounded number of questions, however much there is.

Times belong into the benchmarks (``make bench``); here only queries are counted, with few rows and with many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from qiao.core.access import may_see, options, seats_of, visible_cases
from qiao.core.acts import act
from qiao.core.models import Case, Person
from qiao.core.search import search
from tests.factories import RATING, TEXT, World, advance, at, handling_of, new_proposal, reply, to_signing

CONTACT = {"method": "visit", "on": "2024-02-20", "summary": "走访听取意见"}


def asked(do: Callable[[], Any]) -> int:
    """How many queries ``do`` makes, savepoints left out."""
    with CaptureQueriesContext(connection) as captured:
        do()
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN")) for q in captured)


def many(world: World, n: int = 6) -> None:
    """More cases at the same desks, and more acts on some of them."""
    for i in range(n):
        advance(world, new_proposal(world), "replied" if i % 2 else "handling", co=False)


def everybody(world: World) -> list[Person]:
    seats = (world.registry, world.supervisor, world.members[0], world.lead.officer, world.lead.leader)
    return [seat.person for seat in seats]


def test_lists_do_not_ask_row_by_row(world: World) -> None:
    advance(world, new_proposal(world), "handling", co=False)

    def count(person: Person) -> int:
        seats = seats_of(person)
        return asked(
            lambda: [str(c) for c in visible_cases(person, seats).select_related("unit", "call")[:50]]
        )

    few = [count(person) for person in everybody(world)]
    many(world)
    assert [count(person) for person in everybody(world)] == few == [1] * 5


def test_search_does_not_ask_row_by_row(world: World) -> None:
    """One query finds; one says whether anything was done since, and once (PostgreSQL: two) how common the word is."""
    new_proposal(world)
    person = world.registry.person
    seats = seats_of(person)

    def read() -> list[str]:
        return [e.title for e in search("元宇宙", person=person, seats=seats)[:50]]

    many(world, 3)
    assert asked(read) == (4 if connection.vendor == "postgresql" else 3)
    assert asked(read) == 2
    assert len(read()) > 2


def test_may_see_is_one_query(world: World) -> None:
    case = new_proposal(world)
    many(world, 2)
    seat = world.lead.officer
    assert asked(lambda: may_see(seat.person, case, [seat])) == 1


def test_options_do_not_grow_with_the_history(world: World) -> None:
    case = advance(world, new_proposal(world), "signing")
    handling = handling_of(case)

    def read() -> int:
        fresh = Case.objects.select_related("call__owner").get(pk=handling.pk)
        return asked(lambda: options(fresh, [world.lead.officer, world.lead.leader]))

    read()
    few = read()
    act(handling, "send_back", by=world.lead.leader, reason="请补充", at=at("2024-04-03"))
    for day in range(4, 20):
        act(handling, "contact", by=world.lead.officer, data=CONTACT, at=at(f"2024-04-{day:02d}"))
    act(handling, "request_signature", by=world.lead.officer, at=at("2024-04-21"))
    assert read() <= few + 2  # a verb may have become possible, and then asks what it needs
    assert few <= 30


# verb: at most so many queries. Those of consequences (a case that is opened, a promise) are in it.
BOUNDS = {
    "save": 30,
    "submit": 30,
    "admit": 35,
    "assign": 110,
    "accept": 30,
    "contact": 25,
    "save_reply": 32,
    "request_signature": 36,
    "countersign": 32,
    "check": 34,
    "sign": 90,
    "rate": 32,
}


def lived(world: World) -> dict[str, int]:
    """One life with every act counted."""
    found: dict[str, int] = {}
    member, registry, officer = world.members[0], world.registry, world.lead.officer

    def do(case: Case, verb: str, by: Any, day: str, **given: Any) -> None:
        found[verb] = asked(lambda: act(case, verb, by=by, at=at(day), **given))

    case = new_proposal(world)
    do(case, "save", member, "2024-01-10", content={**TEXT, "title": "关于开放场景的建议"})
    do(case, "submit", member, "2024-01-11")
    do(case, "admit", registry, "2024-01-25")
    units = {"lead": world.lead.organisation.code, "co": [world.co.organisation.code]}
    do(case, "assign", registry, "2024-01-30", data=units)
    handling = handling_of(case)
    do(handling, "accept", officer, "2024-02-01")
    do(handling, "contact", officer, "2024-02-20", data=CONTACT)
    act(handling, "waive_opinions", by=officer, reason="已口头听取", at=at("2024-03-01"))
    do(handling, "save_reply", officer, "2024-04-01", content=reply(world).to_dict())
    do(handling, "request_signature", officer, "2024-04-02")
    do(handling, "countersign", world.co.leader, "2024-04-03")
    do(handling, "check", world.lead.head, "2024-04-04")
    act(handling, "vet", by=world.lead.office, at=at("2024-04-05"))
    do(handling, "sign", world.lead.leader, "2024-04-30")
    act(handling, "deliver", by=officer, at=at("2024-04-30", "12:00"))
    case.refresh_from_db()
    do(case, "rate", member, "2024-05-10", data=RATING)
    return found


def test_acts_ask_no_more_with_more_cases(world: World) -> None:
    lived(world)  # fills what is read once: rulebook, calendar
    few = lived(world)
    assert {verb: n for verb, n in few.items() if n > BOUNDS[verb]} == {}
    many(world)
    assert lived(world) == few


def test_an_act_asks_no_more_with_a_long_history(world: World) -> None:
    handling = to_signing(world, advance(world, new_proposal(world), "handling"))
    act(handling, "send_back", by=world.lead.leader, reason="请补充", at=at("2024-04-03"))

    def contact(day: int) -> int:
        return asked(
            lambda: act(handling, "contact", by=world.lead.officer, data=CONTACT, at=at(f"2024-04-{day:02d}"))
        )

    first = contact(4)
    counts = [contact(day) for day in range(5, 25)]
    assert set(counts) == {first}
    assert first <= BOUNDS["contact"]
