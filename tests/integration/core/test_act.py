"""``act()``: one transaction, all or nothing, refusals with reasons and on record (house rules 1 and 3)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail as django_mail
from django.db import IntegrityError, transaction

from qiao.core.access import may_see, options, visible_cases
from qiao.core.acts import Refused, act, open_case
from qiao.core.clocks import deadlines
from qiao.core.models import Act, Case, Mail, Notice, Party, Refusal, Task, Version
from qiao.core.models.papers import ImmutableError
from qiao.core.notices import read_token, send_approved
from tests.factories import (
    DAYS,
    TEXT,
    World,
    advance,
    at,
    handling_of,
    new_proposal,
    reply,
    sign_off,
    to_signing,
)


def test_refusal_changes_nothing_and_is_logged(world: World) -> None:
    case = new_proposal(world, text={"problem": ""})
    before = Act.objects.count()
    with pytest.raises(Refused, match="问题及分析") as refused:
        act(case, "submit", by=world.members[0], at=at("2024-01-11"))
    assert refused.value.answer.codes == ["part_missing"]
    case.refresh_from_db()
    assert case.stage == "draft"
    assert Act.objects.count() == before
    assert Refusal.objects.get().codes == ["part_missing"]


def test_whoever_may_not_act_is_not_told_what_the_form_lacks(world: World) -> None:
    case = advance(world, new_proposal(world), "admitted")
    with pytest.raises(Refused) as refused:
        act(case, "assign", by=world.members[0], data={"lead": "nonsense"})
    assert refused.value.answer.codes == ["not_yours"]
    assert refused.value.errors == {}


def test_a_fault_in_a_consequence_undoes_the_whole_act(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = advance(world, new_proposal(world), "admitted")

    def broken(*args: object, **given: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("qiao.core.acts.notices.tell", broken)
    with pytest.raises(RuntimeError):
        act(case, "assign", by=world.registry, data={"lead": world.lead.organisation.code})
    case.refresh_from_db()
    assert case.stage == "admitted"
    assert not Case.objects.filter(kind="handling").exists()
    assert not Party.objects.filter(case=case, role="lead").exists()


def test_assignment_rules(world: World) -> None:
    """One lead, or at least two split handlers; a lead is no co-handler of its own case."""
    case = advance(world, new_proposal(world), "admitted")
    lead, co = world.lead.organisation.code, world.co.organisation.code
    for data, code in (
        ({}, "lead_needed"),
        ({"split": [lead]}, "lead_needed"),
        ({"lead": lead, "split": [lead, co]}, "lead_needed"),
        ({"lead": lead, "co": [lead]}, "lead_is_co"),
    ):
        with pytest.raises(Refused) as refused:
            act(case, "assign", by=world.registry, data=data)
        assert code in refused.value.answer.codes
    act(case, "assign", by=world.registry, data={"split": [lead, co], "parts": "场景\n资本"})
    assert sorted(str(c.unit) for c in case.children.all()) == sorted(
        [str(world.lead.organisation), str(world.co.organisation)]
    )
    assert [p.note for p in case.parties.filter(role="lead")] == ["场景", "资本"]


def test_split_handlers_must_all_answer(world: World) -> None:
    case = advance(world, new_proposal(world), "admitted")
    units = (world.lead, world.co)
    act(
        case,
        "assign",
        by=world.registry,
        data={"split": [u.organisation.code for u in units]},
        at=at("2024-01-30"),
    )
    for i, u in enumerate(units):
        part = case.children.get(unit=u.organisation)
        act(part, "accept", by=u.officer, at=at("2024-02-01"))
        contact = {"method": "phone", "on": "2024-02-02", "summary": "电话"}
        act(part, "contact", by=u.officer, data=contact, at=at("2024-02-02"))
        act(part, "save_reply", by=u.officer, content=reply(world, promise="").to_dict(), at=at("2024-02-03"))
        act(part, "request_signature", by=u.officer, at=at("2024-02-03"))
        for verb, by in (("check", u.head), ("vet", u.office), ("sign", u.leader)):
            act(part, verb, by=by, at=at("2024-02-04"))
        act(part, "deliver", by=u.officer, at=at("2024-02-05"))
        case.refresh_from_db()
        assert case.stage == ("handling" if i == 0 else "replied")


def test_hand_back_frees_the_unit_and_the_proposal_waits_again(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = handling_of(case)
    act(handling, "ask_handback", by=world.lead.officer, reason="不属于本单位职责", at=at("2024-02-01"))
    act(handling, "approve_handback", by=world.registry, at=at("2024-02-02"))
    case.refresh_from_db()
    assert (case.stage, handling.stage) == ("admitted", "returned")
    assert not handling.children.exclude(stage="cancelled").exists()
    act(case, "assign", by=world.registry, data={"lead": world.other.organisation.code}, at=at("2024-02-05"))
    assert case.due_legal == dt.date(2024, 5, 6)  # three months from the new hand-out; 5 May is a holiday
    assert not may_see(world.lead.officer.person, case)
    assert may_see(world.other.officer.person, case)


def test_hand_back_after_the_window_is_refused(world: World) -> None:
    """上海市人大关于代表建议、批评和意见的规定 Art. 14: seven working days."""
    case = advance(world, new_proposal(world), "handling")
    handling = handling_of(case)
    with pytest.raises(Refused) as refused:
        act(handling, "ask_handback", by=world.lead.officer, reason="晚了", at=at("2024-02-18"))
    assert refused.value.answer.codes == ["handback_late"]


def test_signature_counts_for_one_version_only(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = to_signing(world, case)
    act(handling, "countersign", by=world.co.leader, at=at("2024-04-03"))
    act(handling, "check", by=world.lead.head, at=at("2024-04-03"))
    act(handling, "send_back", by=world.lead.office, reason="请补充数据", at=at("2024-04-04"))
    changed = reply(world, promise="举办12场沙龙").to_dict()
    act(handling, "save_reply", by=world.lead.officer, content=changed, at=at("2024-04-05"))
    act(handling, "request_signature", by=world.lead.officer, at=at("2024-04-06"))
    with pytest.raises(Refused) as refused:
        act(handling, "vet", by=world.lead.office, at=at("2024-04-07"))
    assert refused.value.answer.codes == ["earlier_step", "earlier_step"]
    sign_off(world, handling)
    assert handling.stage == "signed"


def test_signature_on_another_text_than_seen_is_refused(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = to_signing(world, case)
    with pytest.raises(Refused) as refused:
        act(handling, "countersign", by=world.co.leader, seen="0" * 64, at=at("2024-04-03"))
    assert refused.value.answer.codes == ["version_changed"]


def test_each_organisation_countersigns_once(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = to_signing(world, case)
    act(handling, "countersign", by=world.co.leader, at=at("2024-04-03"))
    with pytest.raises(Refused) as refused:
        act(handling, "countersign", by=world.co.leader, at=at("2024-04-03"))
    assert refused.value.answer.codes == ["already_done"]


def test_promises_become_commitments_once(world: World) -> None:
    case = advance(world, new_proposal(world), "replied")
    promise = case.children.get(kind="commitment")
    assert (promise.stage, promise.due_legal, promise.unit) == (
        "open",
        dt.date(2024, 12, 31),
        world.lead.organisation,
    )
    handling = handling_of(case)
    act(handling, "reply_again", by=world.registry, reason="有新进展", at=at("2024-06-01"))
    with pytest.raises(Refused, match="已经签发过"):
        act(handling, "request_signature", by=world.lead.officer, at=at("2024-06-02"))
    second = reply(world, result_reason="沙龙已办八场").to_dict()
    act(handling, "save_reply", by=world.lead.officer, content=second, at=at("2024-06-02"))
    act(handling, "request_signature", by=world.lead.officer, at=at("2024-06-02"))
    sign_off(world, handling, day="2024-06-03")
    assert case.children.filter(kind="commitment").count() == 1


def test_dissatisfied_is_handled_again_within_a_month(world: World) -> None:
    """上海市人大关于代表建议、批评和意见的规定 Art. 21: second reply within one month."""
    case = advance(world, new_proposal(world), "replied")
    bad = {
        "visit": "none",
        "attitude": "dissatisfied",
        "consulted": "none",
        "to_the_point": "no",
        "agreement": "disagree",
    }
    with pytest.raises(Refused, match="无需重新办理"):
        act(case, "redo", by=world.registry, reason="重办", at=at("2024-05-09"))
    act(case, "rate", by=world.members[0], data=bad, at=at("2024-05-10"))
    act(case, "redo", by=world.registry, reason="提案人不同意", at=at("2024-05-11"))
    handling = handling_of(case)
    assert (case.stage, handling.stage) == ("handling", "drafting")
    assert case.due_legal == dt.date(2024, 6, 11)
    content = reply(world, promise="举办20场沙龙").to_dict()
    act(handling, "save_reply", by=world.lead.officer, content=content, at=at("2024-06-01"))
    with pytest.raises(
        Refused, match="请先登记至少一次沟通"
    ):  # the first round's contact was before the first answer
        act(handling, "request_signature", by=world.lead.officer, at=at("2024-06-02"))
    said = {"method": "visit", "on": "2024-06-03", "summary": "再次走访"}
    with pytest.raises(Refused, match="不能晚于今天"):
        act(handling, "contact", by=world.lead.officer, data=said, at=at("2024-06-02"))
    act(handling, "contact", by=world.lead.officer, data={**said, "on": "2024-06-02"}, at=at("2024-06-02"))
    act(handling, "request_signature", by=world.lead.officer, at=at("2024-06-02"))
    sign_off(world, handling, day="2024-06-03")
    promised = case.children.filter(kind="commitment").values_list("title", flat=True).order_by("pk")
    assert list(promised) == ["举办10场沙龙", "举办20场沙龙"]  # in other words, another promise
    act(handling, "deliver", by=world.lead.officer, at=at("2024-06-04"))
    case.refresh_from_db()
    assert case.stage == "replied"
    act(
        case,
        "rate",
        by=world.members[0],
        data={**bad, "attitude": "understood", "agreement": "understand"},
        at=at("2024-06-10"),
    )


def test_every_cosigner_rates_once(world: World) -> None:
    first, second, third = world.members
    case = new_proposal(world)
    act(case, "invite", by=first, data={"person": second.person.code}, at=at("2024-01-10", "11:00"))
    act(case, "invite", by=first, data={"person": third.person.code}, at=at("2024-01-10", "11:00"))
    with pytest.raises(Refused, match="尚未答复"):
        act(case, "submit", by=first, at=at("2024-01-10", "12:00"))
    act(case, "join", by=second, at=at("2024-01-10", "13:00"))
    act(case, "decline", by=third, at=at("2024-01-10", "13:00"))
    advance(world, case, "replied")
    assert {t.person for t in Task.objects.filter(case=case, verb="rate")} == {first.person, second.person}
    from tests.factories import RATING

    act(case, "rate", by=first, data=RATING, at=at("2024-05-10"))
    with pytest.raises(Refused) as refused:
        act(case, "rate", by=first, data=RATING, at=at("2024-05-10"))
    assert refused.value.answer.codes == ["already_done"]
    with pytest.raises(Refused) as refused:
        act(case, "rate", by=third, data=RATING, at=at("2024-05-10"))
    assert refused.value.answer.codes == ["not_yours"]
    with pytest.raises(Refused, match="还有委员乙没有反馈"):
        act(case, "track", by=world.registry, at=at("2024-05-11"))
    act(case, "track", by=world.registry, at=at("2024-06-15"))  # the month for feedback is over


def test_an_own_deadline_after_the_legal_one_binds_nobody(world: World) -> None:
    """The district answers by the end of April; what was handed out later in the year has the legal deadline alone."""
    case = advance(world, new_proposal(world), "handling")
    assert (case.due_legal, case.due_internal) == (dt.date(2024, 4, 30), dt.date(2024, 4, 30))
    late = new_proposal(world)
    act(late, "submit", by=world.members[0], at=at("2024-06-01"))
    act(late, "admit", by=world.registry, at=at("2024-06-03"))
    units = {"lead": world.lead.organisation.code}
    act(late, "assign", by=world.registry, data=units, at=at("2024-06-05"))
    assert (late.due_legal, late.due_internal) == (dt.date(2024, 9, 5), None)
    assert [d.internal for d in deadlines(late) if d.clock.code == "reply"] == [False]


def test_merged_authors_are_answered_too(world: World) -> None:
    main = advance(world, new_proposal(world), "admitted")
    other = new_proposal(world, by=world.members[1], text={"title": "关于元宇宙产业的建议"})
    act(other, "submit", by=world.members[1], at=at("2024-01-11"))
    act(other, "merge", by=world.registry, data={"into": main.code}, reason="内容相近", at=at("2024-01-26"))
    assert other.stage == "merged"
    act(main, "assign", by=world.registry, data={"lead": world.lead.organisation.code}, at=at("2024-01-30"))
    handling = to_signing(world, main)
    sign_off(world, handling, co=False)
    act(handling, "deliver", by=world.lead.officer, at=at("2024-04-30", "12:00"))
    other.refresh_from_db()
    assert other.stage == "replied"
    assert Task.objects.filter(case=other, verb="rate", person=world.members[1].person).exists()
    assert Notice.objects.filter(
        person=world.members[1].person, act__verb="receive", act__case=other
    ).exists()


def test_extension_by_permission_moves_both_clocks(world: World) -> None:
    """Art. 19: by written report and consent, at most three further months; the proposer is told."""
    case = advance(world, new_proposal(world), "handling")
    handling = handling_of(case)
    officer = world.lead.officer
    act(handling, "accept", by=officer, at=at("2024-02-01"))
    for until, code in (("2024-04-01", "extension_past"), ("2024-09-01", "extension_too_long")):
        with pytest.raises(Refused) as refused:
            act(
                handling,
                "ask_extension",
                by=officer,
                data={"until": until},
                reason="复杂",
                at=at("2024-04-10"),
            )
        assert refused.value.answer.codes == [code]
    act(
        handling,
        "ask_extension",
        by=officer,
        data={"until": "2024-07-30"},
        reason="复杂",
        at=at("2024-04-10"),
    )
    act(handling, "grant_extension", by=world.registry, at=at("2024-04-11"))
    case.refresh_from_db()
    assert (handling.due_legal, case.due_legal) == (dt.date(2024, 7, 30), dt.date(2024, 7, 30))
    assert Notice.objects.filter(person=world.members[0].person, act__verb="extended").exists()


def test_not_signed_without_contact_opinions_and_result(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = handling_of(case)
    officer = world.lead.officer
    act(handling, "accept", by=officer, at=at("2024-02-01"))
    content = reply(world, result="reference", publicity="closed").to_dict()
    act(handling, "save_reply", by=officer, content=content, at=at("2024-02-02"))
    with pytest.raises(Refused) as refused:
        act(handling, "request_signature", by=officer, at=at("2024-02-03"))
    assert refused.value.answer.codes == [
        "no_contact",
        "opinions_open",
        "result_needs_reason",
        "publicity_needs_reason",
    ]


def test_closed_reply_is_not_published(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    content = reply(world, publicity="closed", publicity_reason="过程性信息")
    handling = to_signing(world, case, content)
    sign_off(world, handling)
    with pytest.raises(Refused) as refused:
        act(handling, "publish", by=world.lead.officer, at=at("2024-05-01"))
    assert refused.value.answer.codes == ["not_public"]


def test_without_consent_nothing_is_published(world: World) -> None:
    case = new_proposal(world, text={"consent": False, "consent_reason": "涉及商业信息"})
    advance(world, case, "handling")
    handling = to_signing(world, case)
    sign_off(world, handling)
    with pytest.raises(Refused) as refused:
        act(handling, "publish", by=world.lead.officer, at=at("2024-05-01"))
    assert refused.value.answer.codes == ["no_consent"]


def test_tasks_follow_the_chain(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = to_signing(world, case)

    def owed() -> set[tuple[str, str]]:
        return {(t.verb, str(t.organisation)) for t in Task.objects.filter(case=handling)}

    assert owed() == {("countersign", str(world.co.organisation))}
    act(handling, "countersign", by=world.co.leader, at=at("2024-04-03"))
    assert owed() == {("check", str(world.lead.organisation))}
    act(handling, "check", by=world.lead.head, at=at("2024-04-03"))
    assert owed() == {("vet", str(world.lead.organisation))}


def test_options_say_why_not(world: World) -> None:
    case = new_proposal(world, text={"background": ""})
    found = {o.verb.code: o.answer for o in options(case, [world.members[0]])}
    assert found["save"]
    assert "背景情况" in str(found["submit"])
    assert "admit" not in found


def test_who_sees_what(world: World) -> None:
    case = new_proposal(world)
    assert not may_see(world.registry.person, case)  # a draft is its author's
    assert not may_see(world.members[1].person, case)  # a fellow member is no party
    advance(world, case, "handling")
    handling = handling_of(case)
    opinion = handling.children.get()
    assert may_see(world.registry.person, handling)
    assert may_see(world.co.officer.person, opinion)
    assert not may_see(
        world.members[0].person, handling
    )  # the answer is not the proposer's before it is sent
    assert not may_see(world.members[0].person, opinion)  # opinions go to the lead, never to the proposer
    assert not may_see(world.other.officer.person, case)
    assert list(visible_cases(None)) == []


def test_time_does_not_run_backwards(world: World) -> None:
    case = new_proposal(world)
    with pytest.raises(Refused) as refused:
        act(case, "submit", by=world.members[0], at=at("2023-12-31"))
    assert refused.value.answer.codes == ["time_order"]


def test_versions_and_acts_are_append_only(world: World) -> None:
    case = new_proposal(world)
    version = Version.objects.get()
    for write in (
        version.save,
        version.delete,
        Version.objects.all().delete,
        Act.objects.first().save,  # type: ignore[union-attr]
        lambda: Act.objects.filter(case=case).update(reason="x"),
    ):
        with pytest.raises(ImmutableError):
            write()


def test_saving_the_same_text_makes_no_new_version(world: World) -> None:
    case = new_proposal(world)
    act(case, "save", by=world.members[0], content=TEXT, at=at(DAYS["draft"], "11:00"))
    assert Version.objects.filter(paper__case=case).count() == 1


def test_one_live_case_per_party(world: World) -> None:
    open_case("proposal", call=world.call, title="一", by=None, live_key="p1")
    with pytest.raises(IntegrityError), transaction.atomic():
        open_case("proposal", call=world.call, title="二", by=None, live_key="p1")


def test_letters_wait_in_the_outbox(world: World) -> None:
    advance(world, new_proposal(world), "handling")
    mail = Mail.objects.get(person=world.lead.officer.person, act__verb="hand_out")
    assert mail.state == Mail.State.HELD
    assert "/link/" not in mail.body  # whoever checks the outbox gets no link to use
    assert [offer[0] for offer in mail.offers] == ["accept", "ask_handback"]
    mail.state = Mail.State.APPROVED
    mail.save()
    assert send_approved() == (1, 0)
    assert len(django_mail.outbox) == 1
    token = django_mail.outbox[0].body.split("/link/")[1].split("/")[0]
    case, verb, seat, fresh = read_token(token)
    assert (case, verb, seat, fresh) == (
        handling_of(Case.objects.get(parent=None)),
        "accept",
        world.lead.officer,
        True,
    )
