"""Saved searches of the scenarios: told when one is listed, and again when a challenge on it opens."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qiao.core.acts import act
from qiao.core.models import Follow, Mail, Notice
from qiao.kinds.scenario.searching import SCENARIOS
from qiao.kinds.shelf.searching import MARKET
from qiao.kinds.watching import watch
from tests.integration.core.test_scenarios import Round, at, world
from tests.integration.portal.test_market import signed_in

pytestmark = pytest.mark.django_db
__all__ = ["at", "world"]
PAGE = "/desk/watch/"


def test_from_the_filters_of_the_list_to_a_saved_search(world: Round, client: Client) -> None:
    page = client.get("/scenarios/?technology=speech&state=open&page=3&level=6&q=导诊")
    address = page.context["watch"]
    assert f'href="{address.replace("&", "&amp;")}"' in page.content.decode()
    firm = signed_in(world.yunjing)
    form = firm.get(address).content.decode()
    assert "进展：正在揭榜" in form and "查找“导诊”" in form and 'name="of" value="scenarios"' in form
    said = {
        "of": "scenarios",
        "technology": "speech",
        "state": "open",
        "q": "导诊",
        "level": "6",
        "name": "导诊",
    }
    kept = firm.post(PAGE, said, follow=True).content.decode()
    assert "已保存“导诊”" in kept and "/scenarios/?state=open&amp;technology=speech&amp;q=" in kept
    values = {"technology": "speech", "state": "open", "q": "导诊"}
    assert Follow.objects.get().search == {"of": "scenarios", "values": values}


def test_a_list_that_does_not_exist_is_read_as_the_market(world: Round) -> None:
    signed_in(world.yunjing).post(PAGE, {"of": "nowhere", "name": "x"})
    assert Follow.objects.get().search == {"of": "market", "values": {}}


@pytest.mark.parametrize(
    ("values", "listed", "opened"),
    [
        ({}, True, True),
        ({"state": "listed"}, True, False),
        ({"state": "open"}, False, True),
        ({"field": "medicine", "technology": "speech", "subdistrict": "tianshan"}, True, True),
        ({"technology": "vision"}, False, False),
        ({"money": "none"}, False, False),
        ({"data": "yes"}, False, False),
        ({"q": "导诊 中心医院"}, True, True),
        ({"q": "地铁"}, False, False),
    ],
)
def test_who_is_told_when(world: Round, values: dict[str, str], listed: bool, opened: bool) -> None:
    person = world.yunjing.person
    person.email = "firm@example.org"
    person.save()
    watch(person, SCENARIOS, "查找", values)
    watch(person, MARKET, "集市", {})
    told = Notice.objects.filter(person=person, follow__name="查找")
    scenario = world.scenario()
    assert told.count() == int(listed)
    challenge = world.open(scenario)
    assert told.count() == int(listed) + int(opened)
    assert not Notice.objects.filter(follow__name="集市").exists()
    letters = list(Mail.objects.filter(act__case__in=[scenario, challenge], person=person).order_by("pk"))
    expected = ["【桥】新场景："] * listed + ["【桥】新榜单："] * opened
    assert [letter.subject[:6] for letter in letters] == [e[:6] for e in expected]
    assert all(f"/scenarios/{scenario.code}/" in letter.body for letter in letters)


def test_the_owner_is_not_told_of_their_own(world: Round) -> None:
    watch(world.hospital.person, SCENARIOS, "全部", {})
    world.open(world.scenario())
    assert not Notice.objects.filter(follow__isnull=False).exists()


def test_a_notice_leads_to_the_scenario_as_long_as_it_is_public(world: Round) -> None:
    watch(world.yunjing.person, SCENARIOS, "导诊", {})
    scenario = world.scenario()
    world.open(scenario)
    firm = signed_in(world.yunjing)
    page = firm.get("/desk/notices/").content.decode()
    assert "新场景" in page and "新榜单" in page and page.count(f'href="/scenarios/{scenario.code}/"') == 2


def test_a_withdrawn_one_is_named_no_more(world: Round) -> None:
    watch(world.yunjing.person, SCENARIOS, "导诊", {})
    scenario = world.scenario()
    act(scenario, "withdraw", by=world.hospital, reason="不做了")
    page = signed_in(world.yunjing).get("/desk/notices/").content.decode()
    assert "已不再公开" in page and scenario.title not in page


def test_telling_costs_the_same_for_many(world: Round) -> None:
    asked = []
    for few in (1, 12):
        for n in range(few):
            watch(world.seat(world.yunjing.organisation, "agent").person, SCENARIOS, f"第{n}个", {})
        with CaptureQueriesContext(connection) as captured:
            world.scenario()
        asked.append(len(captured))
    assert asked[0] == asked[1]
    assert Notice.objects.filter(follow__isnull=False).count() == 1 + 13
