"""The case page: who sees it, what it offers, what it refuses and why, and that it explains its dates."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from qiao.core.acts import CLOCK_MOVED, act, note, redact
from qiao.core.models import Act, Case, Follow
from qiao.core.process import kind_of
from qiao.desk.phrases import DATA_LABELS
from tests.factories import World, advance, at, handling_of, new_proposal
from tests.integration.desk.conftest import SignIn

STAGES = ["draft", "submitted", "admitted", "handling", "signing", "replied", "tracking", "closed"]


def page(client: Client, case: Case) -> Any:
    return client.get(case.get_absolute_url())


def text(response: Any) -> str:
    return response.content.decode()


def test_anonymous_goes_to_sign_in(client: Client, world: World) -> None:
    case = new_proposal(world)
    for url in ("/desk/", "/desk/cases/", case.get_absolute_url(), f"{case.get_absolute_url()}do/submit/"):
        response = client.get(url)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=")


def test_account_without_person_is_told(client: Client, world: World, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("nobody", password="x-long-enough-1"))
    assert client.get("/desk/").status_code == 403


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_its_page(as_seat: SignIn, world: World, stage: str) -> None:
    case = advance(world, new_proposal(world), stage)
    client = as_seat(world.members[0])
    assert page(client, case).status_code == 200
    for child in Case.objects.exclude(pk=case.pk):
        response = page(as_seat(world.registry), child)
        assert response.status_code == 200, child
        assert child.title in text(response)


def test_who_sees_what(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    assert page(as_seat(world.members[0]), case).status_code == 200
    for other in (world.members[1], world.registry, world.lead.officer):
        assert page(as_seat(other), case).status_code == 404
    advance(world, case, "handling")
    handling = handling_of(case)
    assert page(as_seat(world.registry), case).status_code == 200
    assert page(as_seat(world.lead.officer), handling).status_code == 200
    assert page(as_seat(world.co.officer), handling).status_code == 200
    assert page(as_seat(world.other.officer), handling).status_code == 404
    assert page(as_seat(world.members[0]), handling).status_code == 404


def test_proposer_sees_unit_and_stage_of_the_hidden_child(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = handling_of(case)
    shown = text(page(as_seat(world.members[0]), case))
    assert "待签收" in shown
    assert str(world.lead.organisation) in shown
    assert handling.get_absolute_url() not in shown
    assert handling.get_absolute_url() in text(page(as_seat(world.registry), case))


def test_actions_and_refusals_with_reasons(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "signing")
    handling = handling_of(case)
    response = page(as_seat(world.lead.leader), handling)
    labels = [a["label"] for a in response.context["refused"]]
    assert labels == ["签发"]
    assert "应先完成“会签”" in text(response)
    assert [
        a["url"].endswith(f"do/send_back/?seat={world.lead.leader.pk}") for a in response.context["allowed"]
    ] == [True]
    allowed = page(as_seat(world.co.leader), handling).context["allowed"]
    assert allowed[0]["url"] == f"{handling.get_absolute_url()}sign/countersign/"


def test_rich_pages_are_linked(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    urls = [a["url"] for a in page(as_seat(world.members[0]), case).context["allowed"]]
    assert f"{case.get_absolute_url()}proposal/" in urls
    advance(world, case, "handling")
    handling = handling_of(case)
    act(handling, "accept", by=world.lead.officer, at=at("2024-02-01"))
    urls = [a["url"] for a in page(as_seat(world.lead.officer), handling).context["allowed"]]
    assert f"{handling.get_absolute_url()}reply/" in urls
    assert f"{handling.get_absolute_url()}text/hold/" in urls


def test_clocks_explain_themselves(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "admitted")
    response = page(as_seat(world.registry), case)
    (card,) = response.context["clocks"]
    (term,) = card["terms"]
    assert term["due"].isoformat() == "2024-02-04"
    assert [line["running"] for line in term["lines"]][-1] is None
    assert max(line["running"] or 0 for line in term["lines"]) == 7
    shown = text(response)
    assert "为什么是这一天" in shown
    assert "调休上班" in shown
    assert "依据未核实" in shown


def test_signatures_and_what_voids_them(as_seat: SignIn, world: World) -> None:
    from tests.factories import reply

    case = advance(world, new_proposal(world), "signing")
    handling = handling_of(case)
    act(handling, "countersign", by=world.co.leader)
    chain = page(as_seat(world.lead.head), handling).context["chains"][0]
    assert [s["state"] for s in chain["steps"]] == ["signed", "waiting", "pending", "pending"]
    assert chain["void"] == ""
    act(handling, "send_back", by=world.lead.head, reason="请补充")
    act(handling, "save_reply", by=world.lead.officer, content=reply(world, promise="举办12场沙龙").to_dict())
    act(handling, "request_signature", by=world.lead.officer)
    chain = page(as_seat(world.lead.head), handling).context["chains"][0]
    assert [s["state"] for s in chain["steps"]] == ["waiting", "pending", "pending", "pending"]
    assert world.co.leader.person.name in chain["void"]


def test_history_in_words(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "tracking")
    response = page(as_seat(world.registry), case)
    acts = {a["verb"]: a for a in response.context["acts"]}
    assigned = {str(f["label"]): f["value"] for f in acts["交办"]["facts"]}
    assert assigned["主办（独办）单位"] == str(world.lead.organisation)
    assert assigned["会办单位"] == str(world.co.organisation)
    rated = {str(f["label"]): f["value"] for f in acts["反馈意见"]["facts"]}
    assert rated["是否同意办理结果"] not in {"agree", ""}
    assert acts["收到答复"]["link"]["url"].startswith(f"{case.get_absolute_url()}papers/")
    assert acts["立案"]["hash"][:12] in text(response)


def test_redacted_act_is_marked(as_seat: SignIn, world: World) -> None:
    from qiao.core import history

    case = advance(world, new_proposal(world), "admitted")
    act(case, "assign", by=world.registry, data={"lead": world.lead.organisation.code}, at=at("2024-01-30"))
    handling = handling_of(case)
    act(handling, "ask_handback", by=world.lead.officer, reason="张三电话13800000000", at=at("2024-02-01"))
    history.redact_act(handling.acts.get(verb="ask_handback"))
    shown = text(page(as_seat(world.registry), handling))
    assert "13800000000" not in shown
    assert "内容已依法隐去" in shown


def test_what_the_system_put_on_record_has_words(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = handling_of(case)
    data = {"clocks": ["reply"], "was": ["2024-04-30", None], "now": ["2024-05-06", None], "mark": "x7"}
    note(handling, CLOCK_MOVED, data=data)
    act(handling, "accept", by=world.lead.officer)
    act(handling, "hold", by=world.lead.officer, content={"text": "正在办理"})
    redact(handling.papers.get().versions.get(), by=world.registry, reason="有个人信息")
    acts = {a["verb"]: a["facts"] for a in page(as_seat(world.registry), handling).context["acts"]}
    moved = [(str(f["label"]), f["value"]) for f in acts["节假日安排更新"]]
    assert sorted(moved) == sorted([("时限", "答复期限"), ("原期限", "2024-04-30"), ("现期限", "2024-05-06")])
    gone = [(str(f["label"]), f["value"]) for f in acts["隐去内容"]]
    assert sorted(gone) == sorted([("所隐去的文件", "阶段答复"), ("版本", "1")])


def test_no_raw_key_in_any_history(world: World) -> None:
    """Whatever acts put on record is a field of theirs, or has a label."""
    case = advance(world, new_proposal(world), "closed")
    for done in Act.objects.select_related("case"):
        verb = kind_of(done.case.kind).verb(done.verb)
        asked = {f.code for f in verb.fields} if verb else set()
        assert set(done.data) <= asked | set(DATA_LABELS), (done.case.kind, done.verb)
    assert case.stage == "closed"


SCRIPT = "<script>alert(1)</script>"


def test_script_in_every_text_is_escaped(as_seat: SignIn, world: World) -> None:
    case = new_proposal(
        world, text={"title": SCRIPT, "background": SCRIPT, "problem": SCRIPT, "suggestions": SCRIPT}
    )
    advance(world, case, "submitted")
    act(case, "send_back", by=world.registry, reason=SCRIPT)
    act(case, "submit", by=world.members[0])
    act(case, "admit", by=world.registry, data={"category": SCRIPT, "number": "<b>9"})
    world.lead.organisation.name = SCRIPT
    world.lead.organisation.save()
    world.registry.title = SCRIPT
    world.registry.save()
    act(case, "assign", by=world.registry, data={"lead": world.lead.organisation.code})
    client = as_seat(world.registry)
    paper = case.papers.get()
    for url in (
        case.get_absolute_url(),
        f"{case.get_absolute_url()}papers/{paper.code}/",
        f"{case.get_absolute_url()}do/urge/",
        "/desk/",
        "/desk/cases/",
        f"/desk/cases/?q={SCRIPT}",
        "/desk/notices/",
    ):
        response = client.get(url)
        assert response.status_code == 200, url
        assert SCRIPT not in text(response), url
        assert "<b>9" not in text(response), url
    assert "&lt;script&gt;" in text(page(client, case))


def test_follow_and_unfollow(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    client = as_seat(world.registry)
    client.post(f"{case.get_absolute_url()}follow/")
    client.post(f"{case.get_absolute_url()}follow/")
    assert Follow.objects.filter(case=case, person=world.registry.person).count() == 1
    assert page(client, case).context["case"].followed
    client.post(f"{case.get_absolute_url()}follow/", {"stop": "1"})
    assert not Follow.objects.filter(case=case).exists()
    assert client.get(f"{case.get_absolute_url()}follow/").status_code == 405
    assert as_seat(world.lead.officer).post(f"{case.get_absolute_url()}follow/").status_code == 404


def test_linked_cases(as_seat: SignIn, world: World) -> None:
    main = advance(world, new_proposal(world), "admitted")
    other = new_proposal(world, text={"title": "另一件相似的提案"})
    act(other, "submit", by=world.members[0])
    act(other, "merge", by=world.registry, data={"into": main.code}, reason="内容相近")
    shown = text(page(as_seat(world.registry), main))
    assert other.get_absolute_url() in shown
    assert "并入本件" in shown
    acts = page(as_seat(world.registry), other).context["acts"]
    assert acts[0]["facts"][0]["value"] == str(main)


def test_papers_are_named_in_the_language_of_the_page(as_seat: SignIn, world: World) -> None:
    """What such papers are called is translated; a title of its own is not."""
    case = advance(world, new_proposal(world), "submitted")
    client = as_seat(world.registry)
    assert ">政协提案</a>" in text(
        client.get(case.get_absolute_url(), headers={"accept-language": "zh-hans"})
    )
    english = text(client.get(case.get_absolute_url(), headers={"accept-language": "en"}))
    assert ">政协提案</a>" not in english
    case.papers.update(title="一份手写的提案")
    assert ">一份手写的提案</a>" in text(
        client.get(case.get_absolute_url(), headers={"accept-language": "en"})
    )
