"""Acting through the form: right people, reasons, nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Case, Refusal
from tests.factories import RATING, World, advance, at, handling_of, new_proposal, reply, seat
from tests.integration.desk.conftest import SignIn


def do(case: Case, verb: str) -> str:
    return f"{case.get_absolute_url()}do/{verb}/"


def text(response: Any) -> str:
    return response.content.decode()


def test_form_shows_what_will_happen(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    response = as_seat(world.registry).get(do(case, "admit"))
    shown = text(response)
    assert response.status_code == 200
    assert 'value="001"' in shown
    assert "已立案" in shown
    assert "“交办期限”开始计时" in shown
    assert "第一提案人" in shown


def test_act_through_the_form(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    response = as_seat(world.registry).post(
        do(case, "admit"), {"number": "007", "category": "科技"}, follow=True
    )
    case.refresh_from_db()
    assert (case.stage, case.number) == ("admitted", "007")
    assert "已办理：立案" in text(response)
    assert case.acts.last().by == world.registry


def test_refusal_keeps_what_was_typed(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "admitted")
    typed = {"split": [world.lead.organisation.code], "parts": "只写了一部分的分工"}
    response = as_seat(world.registry).post(do(case, "assign"), typed)
    assert response.status_code == 409
    shown = text(response)
    assert "请指定主办单位" in shown
    assert "只写了一部分的分工" in shown
    assert f'value="{world.lead.organisation.name}" list="id_split_list"' in shown
    case.refresh_from_db()
    assert case.stage == "admitted"
    assert Refusal.objects.filter(case=case, verb="assign").exists()


def test_field_errors_stand_at_their_fields(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "replied")
    response = as_seat(world.members[0]).post(do(case, "rate"), {"visit": "visited", "comment": "很好"})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"attitude", "consulted", "to_the_point", "agreement"}
    assert "很好" in text(response)
    as_seat(world.members[0]).post(do(case, "rate"), {**RATING, "comment": "很好"})
    assert case.acts.last().data["comment"] == "很好"


def test_missing_reason(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    response = as_seat(world.registry).post(do(case, "convert"), {"reason": "  "})
    assert response.status_code == 422
    assert "reason" in response.context["form"].errors


def test_others_are_refused_with_the_reason(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    response = as_seat(world.members[0]).get(do(case, "admit"))
    assert response.status_code == 403
    assert "此操作应由交办人员进行" in text(response)
    assert as_seat(world.members[0]).post(do(case, "admit"), {}).status_code == 403
    assert as_seat(world.lead.officer).get(do(case, "admit")).status_code == 404
    case.refresh_from_db()
    assert case.stage == "submitted"


def test_wrong_moment_and_unknown_verbs(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    client = as_seat(world.registry)
    response = client.get(do(case, "assign"))
    assert response.status_code == 403
    assert "此操作只能在“已立案”进行" in text(response)
    assert client.get(do(case, "nonsense")).status_code == 404
    assert client.get(do(case, "answered")).status_code == 404  # the timer's


def test_rich_verbs_lead_to_their_page(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "signing")
    handling = handling_of(case)
    response = as_seat(world.co.leader).get(do(handling, "countersign"))
    assert response["Location"] == f"{handling.get_absolute_url()}sign/countersign/"


def test_a_changed_text_is_not_acted_upon(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    client = as_seat(world.members[0])
    seen = client.get(do(case, "submit")).context["outlook"]["version"].digest
    act(
        case,
        "save",
        by=world.members[0],
        content={"title": "改过", "background": "b", "problem": "p", "suggestions": "s"},
    )
    response = client.post(do(case, "submit"), {"seen": seen})
    assert response.status_code == 409
    assert "文本已经改动" in text(response)
    case.refresh_from_db()
    assert case.stage == "draft"


def test_several_seats_may_be_chosen(as_seat: SignIn, world: World) -> None:
    second = seat("另一席", world.lead.organisation, "officer")
    second.person = world.lead.officer.person
    second.organisation = world.lead.organisation
    second.role = "leader"
    second.save()
    case = advance(world, new_proposal(world), "signing")
    handling = handling_of(case)
    client = as_seat(world.lead.officer)
    response = client.get(do(handling, "send_back"))
    assert [s.pk for s in response.context["seats_able"]] == [second.pk]
    client.post(do(handling, "send_back"), {"seat": second.pk, "reason": "再改"})
    assert handling.acts.last().by == second


def test_leaving_a_case_leads_back_to_the_desk(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    act(case, "invite", by=world.members[0], data={"person": world.members[1].person.code})
    response = as_seat(world.members[1]).post(do(case, "decline"), {})
    assert response["Location"] == "/desk/"


def test_what_is_missing_is_said_before(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "handling", co=False)
    handling = handling_of(case)
    act(handling, "accept", by=world.lead.officer, at=at("2024-02-01"))
    act(handling, "save_reply", by=world.lead.officer, content=reply(world).to_dict(), at=at("2024-02-02"))
    response = as_seat(world.lead.officer).get(do(handling, "request_signature"))
    assert any("答复前应与提案人沟通" in text for text in response.context["before"])


def test_csrf_is_needed(world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.registry.person.user)  # type: ignore[arg-type]
    assert client.post(do(case, "admit"), {}).status_code == 403
    case.refresh_from_db()
    assert case.stage == "submitted"
