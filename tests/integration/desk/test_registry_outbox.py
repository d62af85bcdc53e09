"""The outbox: whose letters, what may still be changed, what happens when one does not leave."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail as sent_mail
from django.db.models import F
from django.test import Client

from qiao.core.clocks import now
from qiao.core.models import Mail, Seat
from qiao.core.notices import send_approved
from tests.factories import World, advance, new_proposal, seat

pytestmark = pytest.mark.django_db


def signed_in(who: Seat) -> Client:
    client = Client()
    assert who.person.user
    client.force_login(who.person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def mails(world: World) -> list[Mail]:
    advance(world, new_proposal(world), "handling")
    found = list(Mail.objects.order_by("pk"))
    assert found
    assert {m.state for m in found} == {"held"}
    return found


@pytest.fixture
def registry(world: World) -> Client:
    return signed_in(world.registry)


def test_held_letters_are_shown_with_their_words(world: World, registry: Client, mails: list[Mail]) -> None:
    page = registry.get("/desk/outbox/")
    assert len(page.context["mails"]) == len(mails)
    assert mails[0].subject in page.content.decode()
    assert "/link/" not in page.content.decode()


def test_only_letters_of_my_own_organisation(world: World, mails: list[Mail]) -> None:
    foreign = signed_in(seat("别处", world.other.organisation, "registry"))
    assert foreign.get("/desk/outbox/").context["mails"] == []
    assert foreign.get(f"/desk/outbox/{mails[0].code}/").status_code == 404
    foreign.post("/desk/outbox/many/", {"mail": [m.code for m in mails], "do": "approve"})
    assert not sent_mail.outbox
    officer = signed_in(world.lead.officer)
    assert officer.get("/desk/outbox/").status_code == 403
    assert officer.post("/desk/outbox/many/", {"mail": [mails[0].code]}).status_code == 403


def test_edit_approve_send(world: World, registry: Client, mails: list[Mail]) -> None:
    address = f"/desk/outbox/{mails[0].code}/"
    assert (
        registry.post(address, {"subject": "新\n主题", "body": "新的正文", "do": "save"}).status_code == 302
    )
    assert not sent_mail.outbox
    assert registry.post(address, {"subject": "", "body": "x", "do": "approve"}).status_code == 409
    assert not sent_mail.outbox
    registry.post(address, {"subject": "新主题", "body": "新的正文", "do": "approve"})
    (letter,) = sent_mail.outbox
    assert (letter.subject, letter.to) == ("新主题", [mails[0].to])
    assert letter.body.startswith("新的正文")
    mails[0].refresh_from_db()
    assert mails[0].state == "sent"
    assert registry.get(address).context["form"] is None
    registry.post(address, {"subject": "再改", "body": "再改", "do": "approve"})
    mails[0].refresh_from_db()
    assert mails[0].subject == "新主题"
    assert len(sent_mail.outbox) == 1


def test_links_are_added_when_the_letter_leaves(world: World, registry: Client, mails: list[Mail]) -> None:
    offered = next(m for m in mails if m.offers)
    registry.post("/desk/outbox/many/", {"mail": [offered.code], "do": "approve"})
    assert "/link/" in sent_mail.outbox[0].body


def test_all_shown_at_once_and_twice(world: World, registry: Client, mails: list[Mail]) -> None:
    codes = [m.code for m in mails]
    registry.post("/desk/outbox/many/", {"mail": codes, "do": "approve"})
    assert len(sent_mail.outbox) == len(codes)
    again = registry.post("/desk/outbox/many/", {"mail": codes, "do": "approve"}, follow=True)
    assert "已由他人处理" in again.content.decode()
    assert len(sent_mail.outbox) == len(codes)
    assert len(registry.get("/desk/outbox/?state=sent").context["mails"]) == len(codes)


def test_dropped_letters_stay_here(world: World, registry: Client, mails: list[Mail]) -> None:
    registry.post("/desk/outbox/many/", {"mail": [mails[0].code], "do": "drop"})
    mails[0].refresh_from_db()
    assert mails[0].state == "dropped"
    assert not sent_mail.outbox
    assert mails[0].subject in registry.get("/desk/outbox/?state=dropped").content.decode()
    assert "没有选中" in registry.post("/desk/outbox/many/", {"do": "drop"}, follow=True).content.decode()


def test_what_did_not_leave_says_why_and_can_be_tried_again(
    world: World, registry: Client, mails: list[Mail], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("550 <no> such user")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", refuse)
        registry.post("/desk/outbox/many/", {"mail": [mails[0].code], "do": "approve"})
    page = registry.get("/desk/outbox/?state=failed")
    assert "550 &lt;no&gt; such user" in page.content.decode()
    registry.post("/desk/outbox/many/", {"mail": [mails[0].code], "do": "approve", "state": "failed"})
    mails[0].refresh_from_db()
    assert (mails[0].state, mails[0].error) == ("sent", "")
    assert len(sent_mail.outbox) == 1


def test_who_approved_is_kept_and_shown(world: World, registry: Client, mails: list[Mail]) -> None:
    registry.post("/desk/outbox/many/", {"mail": [mails[0].code], "do": "approve"})
    mails[0].refresh_from_db()
    assert mails[0].approved_by == world.registry.person
    assert mails[0].approved_at
    name = world.registry.person.name
    assert f"{name}核准" in registry.get("/desk/outbox/?state=sent").content.decode()
    aside = registry.get(f"/desk/outbox/{mails[0].code}/").content.decode().split("<aside")[-1]
    assert name in aside and "核准" in aside


def died(mail: Mail, *, minutes: int) -> None:
    """As a process leaves a letter that dies while it sends it."""
    waiting = Mail.objects.filter(pk=mail.pk, state__in=["held", "approved"])
    since = now() - dt.timedelta(minutes=minutes)
    assert waiting.update(state="sending", attempts=F("attempts") + 1, claimed_at=since)


def test_a_letter_cut_off_while_sending_comes_back(registry: Client, mails: list[Mail]) -> None:
    one = mails[0]
    died(one, minutes=5)  # perhaps it is still being sent
    assert send_approved() == (0, 0)
    assert one.subject in registry.get("/desk/outbox/?state=approved").content.decode()
    Mail.objects.filter(pk=one.pk).update(claimed_at=now() - dt.timedelta(minutes=20))
    assert send_approved() == (1, 0)
    one.refresh_from_db()
    assert (one.state, one.attempts) == ("sent", 2)


def test_no_letter_is_sent_more_than_twice_without_a_person(registry: Client, mails: list[Mail]) -> None:
    one = mails[0]
    died(one, minutes=20)
    Mail.objects.filter(pk=one.pk).update(attempts=2)
    assert send_approved() == (0, 0)
    one.refresh_from_db()
    assert one.state == "failed"
    assert "可能已经收到" in registry.get(f"/desk/outbox/{one.code}/").content.decode()
    registry.post(f"/desk/outbox/{one.code}/", {"subject": one.subject, "body": one.body, "do": "approve"})
    one.refresh_from_db()
    assert (one.state, one.attempts, one.error) == ("sent", 1, "")


def test_escaped_and_few_queries(
    world: World, registry: Client, mails: list[Mail], django_assert_max_num_queries: Any
) -> None:
    Mail.objects.update(subject="<script>alert(1)</script>", body="<script>alert(2)</script>")
    for address in ("", f"{mails[0].code}/", "?state=sent"):
        with django_assert_max_num_queries(15):
            text = registry.get(f"/desk/outbox/{address}").content.decode()
        assert "<script>alert" not in text
