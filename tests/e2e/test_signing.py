"""The sign-off chain as its signers meet it: in a browser, one after another, an edit voiding what was signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qiao.core.acts import act
from tests.factories import World, advance, handling_of, new_proposal, reply

SignIn = Callable[..., Any]


def open_task(page: Any, verb: str) -> None:
    page.goto("/desk/sign/")
    page.get_by_role("link", name="创新能力").first.click()
    page.wait_for_url(f"**/sign/{verb}/")


def test_countersign_check_vet_sign(world: World, sign_in: SignIn) -> None:
    handling = handling_of(advance(world, new_proposal(world), "signing"))
    for who, verb, label in (
        (world.co.leader, "countersign", "会签"),
        (world.lead.head, "check", "审核通过"),
        (world.lead.office, "vet", "核稿通过"),
        (world.lead.leader, "sign", "签发"),
    ):
        page = sign_in(who.person.name)
        open_task(page, verb)
        assert page.get_by_text("举办10场沙龙").count()
        page.get_by_role("button", name=label, exact=True).click()
        page.wait_for_load_state()
        handling.refresh_from_db()
        assert handling.acts.order_by("-seq")[0].verb == verb
    assert handling.stage == "signed"


def test_a_text_changed_meanwhile_is_not_signed(
    world: World, sign_in: SignIn, allowed_errors: list[str]
) -> None:
    allowed_errors.append("status of 409")
    handling = handling_of(advance(world, new_proposal(world), "signing"))
    page = sign_in(world.co.leader.person.name)
    open_task(page, "countersign")
    act(handling, "send_back", by=world.lead.head, reason="改一处")
    act(handling, "save_reply", by=world.lead.officer, content=reply(world, promise="举办30场沙龙").to_dict())
    act(handling, "request_signature", by=world.lead.officer)
    page.get_by_role("button", name="会签", exact=True).click()
    page.wait_for_load_state()
    assert page.get_by_text("文本已经改动").count()
    assert page.get_by_text("举办30场沙龙").count()
    assert not handling.acts.filter(verb="countersign").exists()


def test_send_back_needs_a_reason_and_says_so(
    world: World, sign_in: SignIn, allowed_errors: list[str]
) -> None:
    allowed_errors.append("status of 422")
    handling = handling_of(advance(world, new_proposal(world), "signing"))
    page = sign_in(world.lead.leader.person.name, java_script_enabled=False)
    page.goto(f"/desk/cases/{handling.code}/do/send_back/")
    page.fill("textarea[name=reason]", "   ")
    page.get_by_role("button", name="退回修改").click()
    assert page.get_by_text("请写明理由").count() or page.get_by_text("这个字段是必填项").count()
    page.fill("textarea[name=reason]", "第二段缺少数据来源")
    page.get_by_role("button", name="退回修改").click()
    handling.refresh_from_db()
    assert handling.stage == "drafting"
    assert page.get_by_text("第二段缺少数据来源").count()
