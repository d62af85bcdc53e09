"""The admin is for configuration: nothing that moves is in it, nothing that history points at can be deleted there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from qiao.core.models import HolidayOverride, Indicator, Seat, User, Value
from tests.factories import World, advance, at, new_proposal

pytestmark = pytest.mark.django_db
SHOWN = {"user", "person", "organisation", "seat", "call", "holidayoverride", "indicator"}


@pytest.fixture
def client(world: World) -> Client:
    root = User.objects.create_superuser("root", password="a-long-test-password")
    client = Client()
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_only_configuration_is_registered() -> None:
    here = {m._meta.model_name for m in admin.site._registry if m._meta.app_label in {"core", "auth"}}
    assert here == SHOWN
    assert apps.get_model("core", "Act") not in admin.site._registry


@pytest.mark.parametrize("model", sorted(SHOWN))
def test_every_page_opens(world: World, client: Client, model: str) -> None:
    advance(world, new_proposal(world), "submitted")
    HolidayOverride.objects.create(day=dt.date(2024, 1, 1), workday=False, name="元旦", source="通知")
    indicator = Indicator.objects.create(code="x", name="x", definition="x", unit="x", source="x")
    Value.objects.create(
        indicator=indicator, start=dt.date(2023, 1, 1), end=dt.date(2023, 12, 31), value=1, display="1",
        stated_at=at("2024-01-01"),
    )  # fmt: skip
    assert client.get(f"/admin/core/{model}/").status_code == 200
    row = apps.get_model("core", model)._default_manager.first()
    assert row is not None
    assert client.get(f"/admin/core/{model}/{row.pk}/change/").status_code == 200
    assert client.post(f"/admin/core/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"/admin/core/{model}/add/").status_code == (403 if model == "holidayoverride" else 200)


def test_a_seat_that_has_acted_can_only_end(world: World, client: Client) -> None:
    new_proposal(world)
    seat = world.members[0]
    client.post(
        f"/admin/core/seat/{seat.pk}/change/",
        {"person": world.members[1].person_id, "organisation": world.lead.organisation.pk, "role": "leader",
         "title": "", "start": "2020-01-01", "end": "2024-12-31"},
    )  # fmt: skip
    found = Seat.objects.get(pk=seat.pk)
    assert (found.person, found.role, found.end) == (seat.person, "member", dt.date(2024, 12, 31))


def test_officers_have_no_admin(world: World) -> None:
    client = Client()
    assert world.lead.officer.person.user
    client.force_login(world.lead.officer.person.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/core/seat/").status_code == 302
