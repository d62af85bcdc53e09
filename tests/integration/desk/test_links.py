"""E-mail links: one seat, one verb, one step. A bad link says what to do and nothing about any case."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Case, Seat
from qiao.core.notices import link_token
from tests.factories import World, advance, at, handling_of, new_proposal

pytestmark = pytest.mark.urls("tests.integration.desk.link_urls")


@pytest.fixture
def handling(world: World) -> Case:
    return handling_of(advance(world, new_proposal(world), "handling"))


def link(case: Case, verb: str, seat: Seat) -> str:
    return f"/link/{link_token(case, verb, seat.pk, case.acts.count())}/"


def text(response: Any) -> str:
    return response.content.decode()


def zh(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client


def test_accepting_from_the_letter(client: Client, world: World, handling: Case) -> None:
    url = link(handling, "accept", world.lead.officer)
    shown = text(zh(client).get(url))
    for words in (handling.number, handling.title, str(world.lead.organisation), "签收"):
        assert words in shown
    response = client.post(url)
    assert response.status_code == 200
    assert "已办理：签收" in text(response)
    handling.refresh_from_db()
    assert handling.stage == "drafting"
    assert handling.acts.last().by == world.lead.officer
    again = client.post(url)
    assert again.status_code == 410
    assert handling.title not in text(again)
    assert handling.acts.filter(verb="accept").count() == 1


def test_handing_back_asks_for_a_reason_and_keeps_it(client: Client, world: World, handling: Case) -> None:
    with time_machine.travel(at("2024-02-01"), tick=False):
        url = link(handling, "ask_handback", world.lead.officer)
        empty = zh(client).post(url, {"unit": world.other.organisation.code, "reason": ""})
        assert empty.status_code == 422
        assert f'value="{world.other.organisation.name}" list=' in text(empty)
        done = client.post(url, {"unit": world.other.organisation.code, "reason": "不属于本单位职责"})
        assert done.status_code == 200
    handling.refresh_from_db()
    assert handling.stage == "handback"


def test_forged_links(client: Client, world: World, handling: Case) -> None:
    good = link(handling, "accept", world.lead.officer)
    for url in ("/link/nonsense/", good[:-4] + "abc/", good.replace("/link/", "/link/x"), "/link/a/b:c:d/"):
        response = zh(client).get(url)
        assert response.status_code == 400, url
        assert handling.title not in text(response)
        assert client.post(url).status_code == 400
    handling.refresh_from_db()
    assert handling.stage == "assigned"


def test_old_and_overtaken_links(client: Client, world: World, handling: Case) -> None:
    url = link(handling, "accept", world.lead.officer)
    with time_machine.travel(at("2099-01-01")):
        response = zh(client).get(url)
        assert response.status_code == 410
        assert handling.title not in text(response)
    act(handling, "accept", by=world.lead.officer)
    response = client.get(url)
    assert response.status_code == 410
    assert handling.title not in text(response)


def test_only_verbs_that_may_be_linked(client: Client, world: World, handling: Case) -> None:
    act(handling, "accept", by=world.lead.officer)
    response = zh(client).get(link(handling, "ask_extension", world.lead.officer))
    assert response.status_code == 400


def test_a_seat_that_has_ended_may_not(client: Client, world: World, handling: Case) -> None:
    url = link(handling, "accept", world.lead.officer)
    world.lead.officer.end = world.lead.officer.start
    world.lead.officer.save()
    response = zh(client).post(url)
    assert response.status_code == 403
    assert "不在任期内" in text(response)
    handling.refresh_from_db()
    assert handling.stage == "assigned"


def test_links_are_not_cached_or_indexed(client: Client, world: World, handling: Case) -> None:
    response = client.get(link(handling, "accept", world.lead.officer))
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in text(response)
