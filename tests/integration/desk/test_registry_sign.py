"""The sign page: who may, what is compared, what a stale form does, what an edit voids."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Case, Seat
from qiao.kinds.reply import Reply
from qiao.letters.model import Paragraph, Text
from tests.factories import World, advance, at, handling_of, new_proposal, reply, sign_off

pytestmark = pytest.mark.django_db


def signed_in(seat: Seat) -> Client:
    client = Client()
    assert seat.person.user
    client.force_login(seat.person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def edited(world: World, text: str, **given: Any) -> Reply:
    base = reply(world, **given)
    first = base.letter.blocks[0]
    return dataclasses.replace(
        base, letter=dataclasses.replace(base.letter, blocks=(first, Paragraph((Text(text),))))
    )


@pytest.fixture
def handling(world: World) -> Case:
    case = advance(world, new_proposal(world), "signing")
    return handling_of(case)


def address(case: Case, verb: str) -> str:
    return f"/desk/cases/{case.code}/sign/{verb}/"


def redraft(world: World, case: Case, text: str, **given: Any) -> None:
    act(case, "send_back", by=world.lead.head, reason="请核对", at=at("2024-04-04"))
    act(
        case,
        "save_reply",
        by=world.lead.officer,
        content=edited(world, text, **given).to_dict(),
        at=at("2024-04-05"),
    )
    act(case, "request_signature", by=world.lead.officer, at=at("2024-04-06"))


def test_the_list_shows_what_waits_for_me_and_nothing_else(world: World, handling: Case) -> None:
    assert handling.title in signed_in(world.co.leader).get("/desk/sign/").content.decode()
    for other in (world.lead.head, world.lead.leader, world.other.leader):  # not their turn, not their unit
        assert handling.title not in signed_in(other).get("/desk/sign/").content.decode()


def test_the_list_is_for_those_who_sign(world: World) -> None:
    answer = signed_in(world.members[0]).get("/desk/sign/")
    assert answer.status_code == 403
    assert "签发领导" in answer.content.decode()


def test_opinions_are_signed_on_the_same_page(world: World) -> None:
    case = handling_of(advance(world, new_proposal(world), "handling"))
    opinion = case.children.get()
    act(opinion, "accept", by=world.co.officer, at=at("2024-02-21"))
    act(
        opinion,
        "save_opinion",
        by=world.co.officer,
        content={"text": "同意<b>主办</b>意见"},
        at=at("2024-02-22"),
    )
    client = signed_in(world.co.leader)
    assert address(opinion, "send") in client.get("/desk/sign/").content.decode()
    page = client.get(address(opinion, "send"))
    assert "同意&lt;b&gt;主办&lt;/b&gt;意见" in page.content.decode()
    client.post(address(opinion, "send"), {"seen": page.context["version"].digest, "do": "sign"})
    opinion.refresh_from_db()
    assert opinion.stage == "sent"


def test_who_sees_the_case_but_does_not_sign_is_told_who_does(world: World, handling: Case) -> None:
    answer = signed_in(world.lead.officer).get(address(handling, "sign"))
    assert answer.status_code == 403
    assert "主办单位签发领导" in answer.content.decode()


@pytest.mark.parametrize("who", ["other", "member"])
def test_who_does_not_see_the_case_finds_nothing(world: World, handling: Case, who: str) -> None:
    seat = world.other.leader if who == "other" else world.members[1]
    assert signed_in(seat).get(address(handling, "sign")).status_code == 404


def test_verbs_that_sign_nothing_have_no_sign_page(world: World, handling: Case) -> None:
    assert signed_in(world.lead.officer).get(address(handling, "save_reply")).status_code == 404
    assert signed_in(world.lead.officer).get(address(handling, "nonsense")).status_code == 404


def test_before_my_turn_the_page_says_who_comes_first(world: World, handling: Case) -> None:
    page = signed_in(world.lead.leader).get(address(handling, "sign"))
    assert page.status_code == 200
    assert not page.context["allowed"]
    assert "会签" in page.content.decode()
    assert 'value="sign"' not in page.content.decode()


def test_signing_binds_to_the_version_on_the_page(world: World, handling: Case) -> None:
    client = signed_in(world.co.leader)
    page = client.get(address(handling, "countersign"))
    done = client.post(
        address(handling, "countersign"), {"seen": page.context["version"].digest, "do": "sign"}
    )
    assert done.status_code == 302
    last = handling.acts.order_by("-seq")[0]
    assert (last.verb, last.by, last.version) == ("countersign", world.co.leader, page.context["version"])


@pytest.mark.parametrize("seen", ["stale", ""])
def test_a_stale_form_signs_nothing_and_shows_the_new_text(world: World, handling: Case, seen: str) -> None:
    client = signed_in(world.co.leader)
    digest = client.get(address(handling, "countersign")).context["version"].digest
    redraft(world, handling, "新增一段。")
    answer = client.post(address(handling, "countersign"), {"seen": digest if seen else "", "do": "sign"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert answer.context["changed"]
    assert answer.context["version"].n == 2
    assert "<ins>新增一段。</ins>" in text
    if seen:
        assert "您刚才看到的版本" in text
    assert handling.refusals.filter(verb="countersign").count() == 1
    assert not handling.acts.filter(verb="countersign", at__gte=at("2024-04-06")).exists()


def test_sending_back_needs_a_reason_and_the_present_version(world: World, handling: Case) -> None:
    client = signed_in(world.co.leader)
    digest = client.get(address(handling, "countersign")).context["version"].digest
    empty = client.post(address(handling, "countersign"), {"seen": digest, "do": "send_back", "reason": " "})
    assert empty.status_code == 409
    assert "请写明理由" in empty.content.decode()
    stale = client.post(
        address(handling, "countersign"), {"seen": "0" * 64, "do": "send_back", "reason": "改"}
    )
    assert stale.status_code == 409
    handling.refresh_from_db()
    assert handling.stage == "signing"
    client.post(address(handling, "countersign"), {"seen": digest, "do": "send_back", "reason": "数据不对"})
    handling.refresh_from_db()
    assert handling.stage == "drafting"
    assert handling.acts.order_by("-seq")[0].reason == "数据不对"


def test_an_edit_voids_earlier_signatures_and_the_page_says_so(world: World, handling: Case) -> None:
    act(handling, "countersign", by=world.co.leader, at=at("2024-04-03"))
    redraft(world, handling, "新增一段。")
    text = signed_in(world.co.leader).get(address(handling, "countersign")).content.decode()
    assert "已失效" in text
    assert "您上次签署" in text


def test_the_difference_is_to_what_i_signed_or_the_step_before_me(world: World, handling: Case) -> None:
    act(handling, "countersign", by=world.co.leader, at=at("2024-04-03"))
    redraft(world, handling, "第二稿。")
    act(handling, "countersign", by=world.co.leader, at=at("2024-04-06"))
    act(handling, "send_back", by=world.lead.head, reason="再改", at=at("2024-04-07"))
    for n in ("三", "四"):
        content = edited(world, f"第{n}稿。", due="2024-11-30").to_dict()
        act(handling, "save_reply", by=world.lead.officer, content=content, at=at("2024-04-08"))
    act(handling, "request_signature", by=world.lead.officer, at=at("2024-04-09"))
    page = signed_in(world.co.leader).get(address(handling, "countersign"))
    assert page.context["base"].n == 2  # not 3, which the co-handler never saw
    assert [i["label"] for i in page.context["difference"]["items"]]  # the promise's day changed too
    asked = signed_in(world.co.leader).get(address(handling, "countersign") + "?against=3")
    assert asked.context["base"].n == 3
    other = signed_in(world.lead.leader).get(address(handling, "sign"))
    assert other.context["base"].n == 2  # never signed: what the chain last had in hand
    wrong = signed_in(world.co.leader).get(address(handling, "countersign") + "?against=99;drop")
    assert wrong.context["base"].n == 2


def test_text_is_escaped_everywhere(world: World, handling: Case) -> None:
    redraft(world, handling, "<script>alert(1)</script>", promise="<img src=x onerror=alert(1)>")
    text = signed_in(world.co.leader).get(address(handling, "countersign")).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert" in text


def test_one_by_one(world: World, handling: Case) -> None:
    second = handling_of(advance(world, new_proposal(world), "signing"))
    client = signed_in(world.co.leader)
    first = client.get("/desk/sign/").context["first"]
    page = client.get(first)
    done = client.post(first, {"seen": page.context["version"].digest, "do": "sign", "queue": "1"})
    assert done["Location"].endswith("/sign/countersign/?queue=1")
    assert done["Location"].split("/")[3] in {handling.code, second.code} - {page.context["case"].code}


def test_after_the_last_signature_the_page_says_so(world: World, handling: Case) -> None:
    sign_off(world, handling)
    page = signed_in(world.lead.leader).get(address(handling, "sign"))
    assert page.status_code == 200
    assert not page.context["allowed"]
    assert "已签发" in page.content.decode()


def test_few_queries(world: World, handling: Case, django_assert_max_num_queries: Any) -> None:
    act(handling, "countersign", by=world.co.leader, at=at("2024-04-03"))
    redraft(world, handling, "第二稿。")
    client = signed_in(world.co.leader)
    with django_assert_max_num_queries(15):
        client.get(address(handling, "countersign"))
    for _ in range(3):
        advance(world, new_proposal(world), "signing")
    with django_assert_max_num_queries(15):
        assert len(client.get("/desk/sign/").context["rows"]) == 4
