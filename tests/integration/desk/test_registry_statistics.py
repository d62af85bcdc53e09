"""Statistics at the desk: filters, chart, workbook, rights."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from qiao.core.models import Seat
from tests.factories import World, advance, new_proposal

pytestmark = pytest.mark.django_db


def signed_in(who: Seat) -> Client:
    client = Client()
    assert who.person.user
    client.force_login(who.person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(world: World) -> Client:
    for stage in ("submitted", "handling", "replied"):
        advance(world, new_proposal(world), stage)
    return signed_in(world.registry)


def test_figures_chart_and_filters(world: World, client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(15):
        page = client.get("/desk/statistics/")
    (row,) = page.context["bodies"]
    assert row["body"].figure("received").value == 3
    assert {u.name for u in row["body"].units} == {"测试区科委", "测试区商务委"}
    assert row["rates"].startswith("<svg")
    assert row["results"].startswith("<svg")
    only = client.get(f"/desk/statistics/?scope={world.call.code}&unit={world.lead.organisation.code}")
    (row,) = only.context["bodies"]
    assert [u.name for u in row["body"].units] == ["测试区科委"]
    assert client.get("/desk/statistics/?body=none").context["bodies"] == []
    assert client.get("/desk/statistics/?scope=1900&class=x&unit=y").status_code == 200


def test_workbook_follows_the_filters(world: World, client: Client) -> None:
    answer = client.get(f"/desk/statistics.xlsx?unit={world.lead.organisation.code}")
    assert "attachment" in answer["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    cells = {cell.value for sheet in book for line in sheet.iter_rows() for cell in line}
    assert "测试区科委" in cells
    assert "测试区商务委" not in cells


def test_rights_and_an_empty_house(world: World) -> None:
    assert signed_in(world.members[0]).get("/desk/statistics/").status_code == 403
    assert signed_in(world.members[0]).get("/desk/statistics.xlsx").status_code == 403
    world.call.delete()
    assert "还没有届次" in signed_in(world.registry).get("/desk/statistics/").content.decode()
    assert signed_in(world.registry).get("/desk/statistics.xlsx").status_code == 200
