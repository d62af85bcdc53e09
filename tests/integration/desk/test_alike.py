"""Similar proposals beside the one that is to be admitted, and merging by a choice instead of a code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Case, Seat
from tests.factories import World, advance, at, new_proposal

SignIn = Callable[[Seat], Client]


@pytest.fixture
def pair(world: World) -> tuple[Case, Case]:
    """A proposal that is admitted, and one that says nearly the same and waits for admission."""
    main = advance(world, new_proposal(world), "admitted")
    other = new_proposal(world, by=world.members[1], text={"title": "关于培育元宇宙创新能力的建议"})
    act(other, "submit", by=world.members[1], at=at("2024-01-12"))
    return main, other


def test_the_registry_sees_what_is_alike(as_seat: SignIn, world: World, pair: tuple[Case, Case]) -> None:
    main, other = pair
    client = as_seat(world.registry)
    address = f"/desk/cases/{other.code}/alike/"
    assert f'hx-get="{address}"' in client.get(other.get_absolute_url()).content.decode()
    html = client.get(address).content.decode()
    assert main.title in html
    assert "共性技术平台缺乏" in html  # a phrase that both have
    assert f"into={main.code}" in html


def test_whoever_cannot_merge_is_shown_nothing(
    as_seat: SignIn, world: World, pair: tuple[Case, Case]
) -> None:
    _main, other = pair
    client = as_seat(world.members[1])
    assert "/alike/" not in client.get(other.get_absolute_url()).content.decode()
    assert client.get(f"/desk/cases/{other.code}/alike/").status_code == 404


def test_merging_offers_those_alike(as_seat: SignIn, world: World, pair: tuple[Case, Case]) -> None:
    main, other = pair
    client, address = as_seat(world.registry), f"/desk/cases/{other.code}/do/merge/"
    html = client.get(f"{address}?into={main.code}").content.decode()
    assert f'value="{main.code}" checked' in html
    assert (
        client.post(address, {"into": main.code, "into_other": "", "reason": "内容相近"}).status_code == 302
    )
    other.refresh_from_db()
    assert other.stage == "merged"


@pytest.mark.parametrize("by", ["number", "title", "both", "code"])
def test_merging_understands_what_names_one(
    as_seat: SignIn, world: World, pair: tuple[Case, Case], by: str
) -> None:
    main, other = pair
    typed = {
        "number": main.number, "title": main.title, "both": f"{main.number} {main.title}", "code": main.code,
    }[by]  # fmt: skip
    address = f"/desk/cases/{other.code}/do/merge/"
    assert (
        as_seat(world.registry).post(address, {"into_other": typed, "reason": "内容相近"}).status_code == 302
    )
    other.refresh_from_db()
    assert other.stage == "merged"


@pytest.mark.parametrize("typed", ["999", "没有这一件", "", "\0"])
def test_what_names_none_is_said_and_nothing_is_lost(
    as_seat: SignIn, world: World, pair: tuple[Case, Case], typed: str
) -> None:
    _main, other = pair
    page = as_seat(world.registry).post(
        f"/desk/cases/{other.code}/do/merge/", {"into_other": typed, "reason": "打好的理由"}
    )
    assert page.status_code == 422
    assert "打好的理由" in page.content.decode()
    other.refresh_from_db()
    assert other.stage == "submitted"


# --- co-signers ------------------------------------------------------------------------------------------------


def test_an_invitation_offers_members_only(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    html = as_seat(world.members[0]).get(f"/desk/cases/{case.code}/do/invite/").content.decode()
    for seat in world.members[1:]:
        assert seat.person.code in html
    for seat in (world.members[0], world.registry, world.lead.officer):
        assert seat.person.code not in html


def test_only_an_open_invitation_is_withdrawn(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    client, address = as_seat(world.members[0]), f"/desk/cases/{case.code}/do/uninvite/"
    assert "没有待答复的联名邀请" in client.get(case.get_absolute_url()).content.decode()
    second, third = world.members[1].person, world.members[2].person
    act(case, "invite", by=world.members[0], data={"person": second.code})
    html = client.get(address).content.decode()
    assert second.code in html
    assert third.code not in html
    assert client.post(address, {"person": third.code}).status_code == 409
    assert client.post(address, {"person": second.code}).status_code == 302


def test_a_case_leads_to_its_public_page(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "replied")
    handling = case.children.get(kind="handling")
    publication = handling.publications.get()
    for seat, one in ((world.members[0], case), (world.registry, case), (world.lead.officer, handling)):
        html = as_seat(seat).get(one.get_absolute_url()).content.decode()
        assert publication.get_absolute_url() in html
