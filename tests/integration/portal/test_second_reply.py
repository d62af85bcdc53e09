"""What a letter is dated, and how the second reply to a paper stands beside the first."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest
from django.test import Client
from pdfminer.high_level import extract_text

from qiao.core.acts import act
from qiao.core.models import Case, Publication
from qiao.kinds.reply import Reply
from tests.factories import World, advance, at, handling_of, new_proposal, reply, sign_off


def undated(world: World) -> Reply:
    content = reply(world)
    return replace(content, letter=replace(content.letter, date=None))


def test_a_letter_without_a_day_is_of_the_day_of_signature(world: World, client: Client) -> None:
    """GB/T 9704: 成文日期 is the day on which the responsible person signs."""
    case = advance(world, new_proposal(world), "replied", content=undated(world))
    publication = Publication.objects.get(case__parent=case)
    page = client.get(publication.get_absolute_url()).content.decode()
    assert "2024年4月30日" in page.split('class="letter', 1)[1].split("</article>", 1)[0]
    pdf = client.get(f"/replies/{publication.slug}.pdf").content
    assert "2024年4月30日" in extract_text(io.BytesIO(pdf)).replace(" ", "")
    assert client.get(f"/replies/{publication.slug}.json").json()["letter"]["date"] == "2024-04-30"
    assert world.lead.officer.person.user is not None
    client.force_login(world.lead.officer.person.user)
    paper = publication.version.paper
    desk = client.get(f"/desk/cases/{handling_of(case).code}/papers/{paper.code}/").content.decode()
    assert "2024年4月30日" in desk.split('class="letter', 1)[1]


def test_a_letter_that_names_its_day_keeps_it(world: World, client: Client) -> None:
    content = reply(world)
    content = replace(content, letter=replace(content.letter, date=dt.date(2024, 4, 28)))
    case = advance(world, new_proposal(world), "replied", content=content)
    publication = Publication.objects.get(case__parent=case)
    assert client.get(f"/replies/{publication.slug}.json").json()["letter"]["date"] == "2024-04-28"


@pytest.fixture
def twice(world: World) -> tuple[Publication, Publication]:
    """One paper answered twice, the second time with the same promise."""
    case = advance(world, new_proposal(world), "replied")
    handling = handling_of(case)
    officer = world.lead.officer
    act(handling, "reply_again", by=officer, reason="有新的进展", at=at("2024-06-01"))
    content = reply(world, result_reason="已办八场").to_dict()
    act(handling, "save_reply", by=officer, content=content, at=at("2024-06-02"))
    act(handling, "request_signature", by=officer, at=at("2024-06-03"))
    sign_off(world, handling, day="2024-06-04")
    act(handling, "publish", by=officer, at=at("2024-06-05"))
    first, second = Publication.objects.filter(case=handling).order_by("pk")
    return first, second


def test_a_second_reply_shows_the_promise_it_repeats(
    client: Client, twice: tuple[Publication, Publication]
) -> None:
    for publication in twice:
        page = client.get(publication.get_absolute_url())
        (promise,) = page.context["promises"]
        assert promise["p"].text == "举办10场沙龙"
    assert Case.objects.filter(kind="commitment").count() == 1


def test_first_and_second_reply_are_told_apart(
    client: Client, twice: tuple[Publication, Publication]
) -> None:
    first, second = (p.get_absolute_url() for p in twice)
    before, after = client.get(first).content.decode(), client.get(second).content.decode()
    assert "后来再次答复" in before
    assert "后来再次答复" not in after
    badge = '<span class="badge badge-brand">再次答复</span>'
    assert badge not in before
    assert badge in after
    assert client.get("/replies/").content.decode().count(badge) == 1
