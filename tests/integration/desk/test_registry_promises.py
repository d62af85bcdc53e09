"""Commitments as a list: mine, my unit's, everybody's; with their state and last progress."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Case, Seat
from tests.factories import World, advance, at, new_proposal, reply

pytestmark = pytest.mark.django_db


def signed_in(who: Seat) -> Client:
    client = Client()
    assert who.person.user
    client.force_login(who.person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def promise(world: World) -> Case:
    advance(world, new_proposal(world), "replied", content=reply(world, promise="举办<b>10场</b>沙龙"))
    return Case.objects.get(kind="commitment")


def listed(client: Client, query: str = "") -> list[Case]:
    return [r["case"] for r in client.get(f"/desk/promises/{query}").context["rows"]]


def test_my_unit_and_the_registry_see_it_others_do_not(world: World, promise: Case) -> None:
    for who in (world.lead.officer, world.lead.leader, world.lead.head, world.registry, world.supervisor):
        assert listed(signed_in(who)) == [promise]
    for who in (world.other.officer, world.co.officer):
        assert listed(signed_in(who)) == []
    assert signed_in(world.members[1]).get("/desk/promises/").status_code == 403


def test_states_progress_and_filters(world: World, promise: Case) -> None:
    officer, registry = signed_in(world.lead.officer), signed_in(world.registry)
    assert listed(officer, "?state=late") == [promise]  # due in 2024
    assert listed(officer, "?state=due_soon") == listed(officer, "?state=done") == []
    act(
        promise,
        "progress",
        by=world.lead.officer,
        data={"summary": "已办六场", "percent": 60},
        at=at("2024-08-01"),
    )
    text = officer.get("/desk/promises/").content.decode()
    assert "已办六场" in text
    assert 'value="60"' in text
    assert listed(registry, f"?unit={world.lead.organisation.code}") == [promise]
    assert listed(registry, f"?unit={world.co.organisation.code}") == []
    assert listed(registry, f"?call={world.call.code}") == [promise]
    assert listed(registry, "?q=沙龙") == [promise]
    assert listed(registry, "?q=001") == [promise]  # the proposal's number
    assert listed(registry, "?q=nothing") == []
    act(promise, "complete", by=world.lead.officer, data={"summary": "十场都办了"}, at=at("2024-12-01"))
    assert listed(officer) == []
    assert listed(officer, "?state=done") == listed(officer, "?state=all") == [promise]


def test_by_unit(world: World, promise: Case) -> None:
    page = signed_in(world.registry).get("/desk/promises/?view=units")
    (row,) = page.context["units"]
    assert row["unit"] == world.lead.organisation
    assert {c["state"]: c["n"] for c in row["cells"]} == {
        "open": 1,
        "late": 1,
        "due_soon": 0,
        "done": 0,
        "changed": 0,
    }


def test_escaped_and_few_queries(world: World, promise: Case, django_assert_max_num_queries: Any) -> None:
    for _ in range(4):
        advance(world, new_proposal(world), "tracking")
    for who in (world.registry, world.lead.officer):
        client = signed_in(who)
        for query in ("", "?state=all", "?view=units", "?q=x&state=y&unit=z&call=w&page=v"):
            with django_assert_max_num_queries(15):
                assert "举办<b>" not in client.get(f"/desk/promises/{query}").content.decode()
