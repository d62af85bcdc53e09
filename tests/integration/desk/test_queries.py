"""No page asks the database once per row: counted, with few rows and with many."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qiao.core.acts import act
from qiao.core.models import Case
from tests.factories import World, advance, at, handling_of, new_proposal, reply, sign_off
from tests.integration.desk.conftest import SignIn

LIMIT = 15
# core.clocks.calendar() reads the few overrides anew for every deadline; here that counts as one query.
CALENDAR = "core_holidayoverride"


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        response: Any = client.get(url)
        assert response.status_code == 200, url
    return [
        *{q["sql"]: None for q in found if CALENDAR in q["sql"]},
        *(q["sql"] for q in found if CALENDAR not in q["sql"]),
    ]


def within(client: Client, url: str) -> int:
    asked = queries(client, url)
    assert len(asked) <= LIMIT, f"{url}: {len(asked)}\n" + "\n".join(q[:200] for q in asked)
    return len(asked)


@pytest.mark.parametrize(
    "stage", ["draft", "admitted", "handling", "signing", "signed", "replied", "tracking", "closed"]
)
def test_case_pages(as_seat: SignIn, world: World, stage: str) -> None:
    main = advance(world, new_proposal(world), "signing" if stage == "signed" else stage)
    if stage == "signed":
        sign_off(world, handling_of(main))
    for case in [main, *Case.objects.exclude(pk=main.pk)]:
        for seat in (
            world.members[0],
            world.registry,
            world.lead.officer,
            world.lead.leader,
            world.co.leader,
        ):
            client = as_seat(seat)
            if client.get(case.get_absolute_url()).status_code == 200:
                within(client, case.get_absolute_url())


def test_a_draft_that_waits_for_an_opinion(as_seat: SignIn, world: World) -> None:
    """Two checks ask for the open opinions; the page asks once."""
    handling = handling_of(advance(world, new_proposal(world), "handling"))
    officer = world.lead.officer
    act(handling, "accept", by=officer, at=at("2024-02-01"))
    act(handling, "save_reply", by=officer, content=reply(world).to_dict(), at=at("2024-04-01"))
    asked = queries(as_seat(officer), handling.get_absolute_url())
    assert len(asked) <= LIMIT
    assert sum('"core_case"."parent_id" = ' in q and "'opinion'" in q for q in asked) == 1


def test_case_page_with_a_long_history(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = handling_of(case)
    act(handling, "accept", by=world.lead.officer, at=at("2024-02-01"))
    client = as_seat(world.lead.officer)
    few = within(client, handling.get_absolute_url())
    for i in range(25):
        data = {"method": "visit", "on": "2024-02-20", "summary": f"第{i}次"}
        act(handling, "contact", by=world.lead.officer, data=data)
        act(handling, "hold", by=world.lead.officer, content={"text": f"进展{i}"})
    assert within(client, handling.get_absolute_url()) <= few + 1


def test_lists(as_seat: SignIn, world: World) -> None:
    for i in range(3):
        advance(world, new_proposal(world, text={"title": f"提案{i}"}), "handling")
    seats = (world.registry, world.lead.officer, world.members[0])
    urls = ("/desk/", "/desk/cases/", "/desk/cases/?q=提案&level=very_late&kind=proposal", "/desk/notices/")
    few = {(s.pk, url): within(as_seat(s), url) for s in seats for url in urls}
    for i in range(12):
        advance(world, new_proposal(world, text={"title": f"又一提案{i}"}), "handling")
    for seat in seats:
        for url in urls:
            assert within(as_seat(seat), url) <= few[seat.pk, url] + 1, url
