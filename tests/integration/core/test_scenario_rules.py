"""Ways round the rules of a challenge, each tried as somebody would try it: every one of them is closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from qiao.core.access import may_see
from qiao.core.acts import Refused, act
from qiao.core.models import Case, Review, Seat, Task
from qiao.kinds.scenario import challenge as challenge_kind
from qiao.kinds.scenario import scenario as scenario_kind
from qiao.kinds.scenario.lists import scene, scenes
from qiao.kinds.scenario.standing import places
from qiao.kinds.sheets import first_content
from tests.factories import organisation
from tests.integration.core.test_scenarios import (
    ACCEPTED,
    AGREEMENT,
    PLAN,
    SCENARIO,
    TERMS,
    Round,
    accepting,
    at,
    content,
    pilot_of,
    refused,
    scored,
    signed,
    under_review,
    world,
)

__all__ = ["at", "world"]  # fixtures
pytestmark = pytest.mark.django_db
PDF = ("p.pdf", b"%PDF-1.7")


# -- consortia --------------------------------------------------------------------------------------------------


def test_a_unit_takes_part_in_one_bid_on_a_challenge(world: Round) -> None:
    """As lead or as partner. Who is elsewhere is told when they join or begin, never to the lead who asks them."""
    case = world.open()
    mine, other = world.intent(case, world.lingyu), world.intent(case, world.yunjing)
    for bid, lead in ((mine, world.lingyu), (other, world.yunjing)):
        act(bid, "invite_partner", by=lead, data={"unit": world.duoying.organisation.code})
    act(mine, "join", by=world.duoying)
    assert refused(other, "join", world.duoying) == ["in_another_bid"]
    with pytest.raises(Refused) as error:
        world.intent(case, world.duoying)
    assert error.value.answer.codes == ["in_another_bid"]
    act(mine, "not_join", by=world.duoying, reason="改与云境合作")
    act(other, "join", by=world.duoying)
    lead = world.seat(organisation("牵头公司", "firm"), "agent")
    third = world.intent(case, lead)
    act(third, "invite_partner", by=lead, data={"unit": world.lingyu.organisation.code})
    assert refused(third, "join", world.lingyu) == ["in_another_bid"]
    act(mine, "withdraw", by=world.lingyu, reason="改为参加")
    act(third, "join", by=world.lingyu)


def test_blind_parts_name_nobody_by_another_spelling(world: Round) -> None:
    """A name with spaces in it, or in a row of the schedule, is a name."""
    case = world.open()
    for n, said in enumerate(({"value": ["由聆 语 公司实施"]}, {"schedule-name": ["聆语公司进场"]})):
        bid = world.intent(case, world.lingyu)
        act(bid, "write", by=world.lingyu, content=content("bid", "plan", PLAN, **said))
        assert refused(bid, "seal", world.lingyu) == ["plan_names"], n
        act(bid, "withdraw", by=world.lingyu, reason="重写")


def test_the_last_day_is_not_moved_once_it_is_over(world: Round, at: Any) -> None:
    case = world.open()
    at.move_to("2026-05-01T00:00+08:00")
    assert refused(case, "prolong", world.editor, data={"until": "2026-05-20"}, reason="人少") == [
        "bids_over"
    ]


def test_a_question_does_not_say_who_asks(world: Round) -> None:
    """Questions and answers are public; the asker is not."""
    case = world.open()
    with pytest.raises(Refused) as error:
        challenge_kind.ask(case, world.lingyu.organisation, "我们聆语 公司能否远程接入？", by=world.lingyu)
    assert error.value.answer.codes == ["asker_named"]
    assert not case.children.exists()


# -- form and lacking papers ------------------------------------------------------------------------------------


def lacking(world: Round, at: Any) -> tuple[Case, Case]:
    """A challenge in the check of form, and a bid on it without its proof."""
    case = world.open()
    bid = world.intent(case, world.lingyu)
    act(bid, "write", by=world.lingyu, content=content("bid", "plan", PLAN))
    act(bid, "file_safety", by=world.lingyu, content={"text": ""}, file=PDF)
    act(bid, "seal", by=world.lingyu)
    at.move_to("2026-05-01T09:00+08:00")
    act(case, "close", by=world.editor)
    bid.refresh_from_db()
    return case, bid


def test_what_lacks_comes_by_a_day_ahead_and_is_owed_until_it_is_there(world: Round, at: Any) -> None:
    """容缺: the day is ahead, whoever owes it has a task by that day, and no word replaces the paper."""
    _case, bid = lacking(world, at)
    past = {"missing": "资质与案例证明", "until": "2026-04-30"}
    assert refused(bid, "accept_incomplete", world.editor, data=past) == ["until_past"]
    act(bid, "accept_incomplete", by=world.editor, data=past | {"until": "2026-05-20"})
    assert bid.due_legal == dt.date(2026, 5, 20)
    assert refused(bid, "settle_debt", world.editor, data={"received": "口头说明"}) == ["documents_missing"]
    owed = Task.objects.filter(case=bid, organisation=world.lingyu.organisation).values_list(
        "verb", flat=True
    )
    assert "file_proof" in owed
    act(bid, "file_proof", by=world.lingyu, content={"text": ""}, file=PDF)
    act(bid, "settle_debt", by=world.editor, data={"received": "资质与案例证明"})
    assert bid.due_legal is None


def test_papers_do_not_change_behind_the_check(world: Round, at: Any) -> None:
    """Once a bid has passed the check, only what was let lack may still come."""
    _case, bid = lacking(world, at)
    act(bid, "accept_incomplete", by=world.editor, data={"missing": "证明", "until": "2026-05-20"})
    with pytest.raises(Refused) as error:
        act(bid, "file_safety", by=world.lingyu, content={"text": ""}, file=PDF)
    assert error.value.answer.codes == ["not_lacking"]


def test_a_winner_can_still_bring_what_lacked(world: Round, at: Any) -> None:
    case, bid = lacking(world, at)
    act(bid, "accept_incomplete", by=world.editor, data={"missing": "证明", "until": "2026-06-20"})
    act(case, "start_review", by=world.editor)
    scored(world, case, {"lingyu": bid}, {"lingyu": (80, 80)})
    act(case, "propose", by=world.editor, data={"winners": ["01"], "grounds": "唯一有效"})
    act(case, "post", by=world.editor)
    at.move_to("2026-05-09T09:00+08:00")
    act(case, "end_notice", by=world.editor)
    act(case, "award", by=world.leader)
    pilot, bid = Case.objects.get(kind="pilot"), Case.objects.get(pk=bid.pk)
    act(pilot, "write", by=world.lingyu, content=content("pilot", "agreement", AGREEMENT))
    assert refused(pilot, "sign_lead", world.lingyu) == ["debt_open"]
    act(bid, "file_proof", by=world.lingyu, content={"text": ""}, file=PDF)
    act(bid, "settle_debt", by=world.editor, data={"received": "证明"})
    act(pilot, "sign_lead", by=world.lingyu)


def test_a_bid_taken_back_after_the_opening_stays_on_record(world: Round, at: Any) -> None:
    _case, found = under_review(world, at)
    bid = found["lingyu"]
    act(bid, "quit", by=world.lingyu, reason="人员变动")
    assert bid.stage == "quit"
    assert may_see(world.editor.person, bid)


# -- panel ------------------------------------------------------------------------------------------------------


def second_seat(world: Round, of: Seat) -> Seat:
    where = organisation(f"{of.person.name}的第二单位", "institute")
    return Seat.objects.create(person=of.person, organisation=where, role="expert", start=of.start)


def test_an_expert_is_one_person_whatever_the_seat(world: Round, at: Any) -> None:
    """Scored with another seat, a plan is scored again, not twice; what was declared binds the person."""
    case, found = under_review(world, at)
    expert = world.experts[0]
    panel = world.panel(case, expert, [world.duoying.organisation.code])
    again = second_seat(world, expert)
    with pytest.raises(Refused):
        world.score(panel, again, found["duoying"].number, 99, 99)
    world.score(panel, expert, found["lingyu"].number, 60, 60)
    world.score(panel, again, found["lingyu"].number, 80, 80)
    (place,) = places(case)
    assert (place.sheets, str(place.total)) == (1, "80.00")
    assert Review.objects.filter(version__paper__case=found["lingyu"]).count() == 1


def test_a_seat_taken_after_the_declaration_bars_too(world: Round, at: Any) -> None:
    case, found = under_review(world, at)
    expert = world.experts[0]
    panel = world.panel(case, expert)
    Seat.objects.create(
        person=expert.person, organisation=world.yunjing.organisation, role="agent", start=dt.date(2026, 5, 1)
    )
    with pytest.raises(Refused) as error:
        world.score(panel, expert, found["yunjing"].number, 90, 90)
    assert error.value.answer.codes == ["plan_barred"]


def test_the_owner_of_the_scenario_scores_nothing(world: Round, at: Any) -> None:
    case, _found = under_review(world, at)
    inside = world.seat(world.hospital.organisation, "expert")
    assert refused(case, "invite_expert", world.editor, data={"expert": inside.person.code}) == [
        "expert_conflict"
    ]


# -- deciding ---------------------------------------------------------------------------------------------------


def proposed(world: Round, at: Any) -> tuple[Case, dict[str, Case]]:
    case, found = under_review(world, at)
    scored(world, case, found, {"lingyu": (80, 80), "yunjing": (60, 70), "duoying": (70, 70)})
    act(case, "propose", by=world.editor, data={"winners": [found["lingyu"].number], "grounds": "最高"})
    return case, found


def explain(world: Round, case: Case, found: dict[str, Case], *names: str) -> None:
    for name in names:
        act(case, "explain", by=world.editor, data={"plan": found[name].number}, reason=f"{name}得分较低")


def test_nobody_learns_from_their_own_page_how_it_ends_before_it_is_posted(world: Round, at: Any) -> None:
    """Reasons are written before the notice and reach the loser with the award, not with a look at the case."""
    case, found = proposed(world, at)
    explain(world, case, found, "yunjing", "duoying")
    assert not may_see(world.duoying.person, case)
    assert not found["duoying"].acts.filter(reason__contains="得分较低").exists()
    act(case, "post", by=world.editor)
    at.move_to("2026-05-09T09:00+08:00")
    act(case, "end_notice", by=world.editor)
    act(case, "award", by=world.leader)
    assert found["duoying"].acts.get(verb="lose").reason == "duoying得分较低"


def test_reasons_answer_to_the_proposal_that_stands(world: Round, at: Any) -> None:
    case, found = proposed(world, at)
    explain(world, case, found, "yunjing", "duoying")
    act(case, "review_again", by=world.leader, reason="评分有误")
    act(case, "propose", by=world.editor, data={"winners": [found["lingyu"].number], "grounds": "最高"})
    assert refused(case, "post", world.editor) == ["losers_unexplained"]


def test_an_award_without_its_winner_is_no_award(world: Round, at: Any) -> None:
    case, found = proposed(world, at)
    explain(world, case, found, "yunjing", "duoying")
    act(case, "post", by=world.editor)
    found["lingyu"].refresh_from_db()
    act(found["lingyu"], "quit", by=world.lingyu, reason="不做了")
    at.move_to("2026-05-09T09:00+08:00")
    act(case, "end_notice", by=world.editor)
    assert refused(case, "award", world.leader) == ["winner_gone"]
    act(case, "review_again", by=world.leader, reason="拟中榜单位退出")
    act(case, "propose", by=world.editor, data={"winners": [found["duoying"].number], "grounds": "递补"})


def test_as_many_experts_as_the_rulebook_wants(world: Round) -> None:
    """评审专家不少于五人: the least stands in the rulebook, and the leader's signature asks for it."""
    case = challenge_kind.begin(world.scenario(), by=world.editor)
    act(case, "write", by=world.editor, content=content("challenge", "terms", TERMS, experts=["3"]))
    assert refused(case, "publish", world.leader, data={"until": "2026-04-30"}) == ["experts_few"]


# -- the scenario goes on ---------------------------------------------------------------------------------------


def test_a_scenario_stays_while_a_pilot_runs_and_comes_again_when_it_failed(world: Round, at: Any) -> None:
    pilot = pilot_of(world, at)
    scenario = Case.objects.get(kind="scenario")
    assert refused(scenario, "withdraw", world.hospital, reason="不做了") == ["under_way"]
    assert refused(scenario, "list_again", world.editor, reason="再来") == ["under_way"]
    found = scene(scenario.code)
    assert found is not None and found.state == "pilot"
    act(pilot, "give_up", by=world.editor, reason="没有谈成")
    found = scene(scenario.code)
    assert found is not None and found.state == "ended"
    act(scenario, "list_again", by=world.editor, reason="中榜单位未签约，重新列入清单")
    assert scenario.stage == "listed"
    assert challenge_kind.begin(scenario, by=world.editor).number == "CJ2026-001-2"


def test_the_public_reads_what_the_owner_agreed_to(world: Round) -> None:
    case = world.scenario()
    better = content("scenario", "scenario", SCENARIO, title=["门诊方言导诊"])
    act(case, "refine", by=world.editor, content=better, reason="写明方言")
    found = scene(case.code)
    assert found is not None
    assert (found.title, found.content["title"]) == ("门诊智能导诊", "门诊智能导诊")
    act(case, "confirm", by=world.hospital)
    found = scene(case.code)
    assert found is not None and found.title == "门诊方言导诊"


def test_a_withdrawn_scenario_keeps_its_page(world: Round) -> None:
    case = world.scenario()
    act(case, "withdraw", by=world.hospital, reason="门诊改建")
    found = scene(case.code)
    assert found is not None and found.state == "withdrawn" and not scenes()
    draft = scenario_kind.begin(world.call, world.hospital.organisation, by=world.hospital)
    act(draft, "withdraw", by=world.hospital, reason="没有列过")
    assert scene(draft.code) is None


# -- pilot ------------------------------------------------------------------------------------------------------


def test_the_third_party_is_a_third_party_and_users_are_counted(world: Round, at: Any) -> None:
    pilot = accepting(world, at)
    for name in ("聆语公司", "中心医院"):
        said = {"tester": f"{name}检测组", "result": "93.1%"}
        assert refused(pilot, "test", world.editor, data=said) == ["not_third"]
    for users, satisfied in (("100", "101"), ("-3", "0"), ("2.5", "1")):
        said = {"users": users, "satisfied": satisfied, "said": "好"}
        assert refused(pilot, "feedback", world.hospital, data=said) == ["users_count"]


def test_what_was_rectified_is_tested_again(world: Round, at: Any) -> None:
    pilot = accepting(world, at)
    act(pilot, "test", by=world.editor, data={"tester": "检测中心", "result": "90%"})
    act(pilot, "feedback", by=world.hospital, data={"users": "8", "satisfied": "7", "said": "快了"})
    act(pilot, "rectify", by=world.editor, reason="准确率只有90%")
    act(pilot, "ask_acceptance", by=world.lingyu)
    assert refused(pilot, "accept", world.editor, data=ACCEPTED) == ["not_tested"]
    act(pilot, "test", by=world.editor, data={"tester": "检测中心", "result": "93%"})
    act(pilot, "accept", by=world.editor, data=ACCEPTED)


def test_no_subsidy_where_the_terms_promise_none(world: Round, at: Any) -> None:
    """非资金型 opens a site and data; money is granted only where the published terms say so."""
    case = challenge_kind.begin(world.scenario(), by=world.editor)
    act(case, "write", by=world.editor, content=content("challenge", "terms", TERMS, money_mode=["none"]))
    act(case, "publish", by=world.leader, data={"until": "2026-04-30"})
    bid = world.sealed(case, world.lingyu)
    at.move_to("2026-05-01T09:00+08:00")
    act(case, "close", by=world.editor)
    bid.refresh_from_db()
    act(bid, "accept", by=world.editor)
    act(case, "start_review", by=world.editor)
    scored(world, case, {"lingyu": bid}, {"lingyu": (80, 80)})
    act(case, "propose", by=world.editor, data={"winners": ["01"], "grounds": "最高"})
    act(case, "post", by=world.editor)
    at.move_to("2026-05-09T09:00+08:00")
    act(case, "end_notice", by=world.editor)
    act(case, "award", by=world.leader)
    pilot = Case.objects.get(kind="pilot")
    act(pilot, "write", by=world.lingyu, content=content("pilot", "agreement", AGREEMENT))
    for verb, seat in (
        ("sign_lead", world.lingyu),
        ("sign_holder", world.hospital),
        ("sign_office", world.leader),
    ):
        act(pilot, verb, by=seat)
    for n in ("1", "2"):
        act(pilot, "milestone", by=world.lingyu, data={"n": n, "evidence": "照片"})
        act(pilot, "confirm_milestone", by=world.hospital, data={"n": n})
    act(pilot, "ask_acceptance", by=world.lingyu)
    act(pilot, "test", by=world.editor, data={"tester": "检测中心", "result": "93.1%"})
    act(pilot, "feedback", by=world.hospital, data={"users": "812", "satisfied": "760", "said": "快了"})
    act(pilot, "accept", by=world.editor, data=ACCEPTED)
    said = {"investment": "3000000", "amount": "1000"}
    assert refused(pilot, "grant", world.leader, data=said) == ["no_subsidy"]


def test_milestones_have_papers(world: Round, at: Any) -> None:
    pilot = signed(world, at)
    act(pilot, "file_evidence", by=world.lingyu, content={"text": ""}, file=("进场.pdf", b"%PDF-1.7"))
    assert pilot.papers.get(kind="evidence").versions.get().file_name == "进场.pdf"


# -- what a paper says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"criteria": [{"name": "技术", "weight": 70}]},
        {"criteria": "技术"},
        {"winners": 50},
        {"budget_low": "一百"},
        {"money_mode": "gift"},
        {"note": "一个没有的字段"},
    ],
)
def test_a_paper_that_its_form_would_not_take_is_not_filed(world: Round, broken: dict[str, Any]) -> None:
    """Programs file papers too: what they send is read as the form reads it."""
    case = challenge_kind.begin(world.scenario(), by=world.editor)
    said = content("challenge", "terms", TERMS) | broken if broken else {}
    assert set(refused(case, "write", world.editor, content=said)) <= {"sheet", "sheet_strange"}
    assert not case.papers.exists()


def test_tags_may_be_sent_in_any_order(world: Round) -> None:
    case = scenario_kind.begin(world.call, world.hospital.organisation, by=world.hospital)
    said = content("scenario", "scenario", SCENARIO, technologies=["vision", "speech"])
    for order in (1, -1):
        said["technologies"] = sorted(said["technologies"])[::order]
        act(case, "write", by=world.hospital, content=said)


def test_terms_begin_with_what_the_rulebook_and_the_scenario_say(world: Round) -> None:
    """Weights are the rulebook's until somebody edits them; indicators and money are the owner's."""
    case = challenge_kind.begin(world.scenario(), by=world.editor)
    first = first_content(case, "terms")
    assert [c["weight"] for c in first["criteria"]] == [25, 20, 20, 15, 10, 5, 5]
    assert (first["experts"], first["winners"], first["money_mode"]) == (5, 1, "subsidy")
    assert [row["target"] for row in first["indicators"]] == ["≥92%", "≤5分钟"]


def test_an_agreement_begins_with_the_terms_and_the_plan(world: Round, at: Any) -> None:
    first = first_content(pilot_of(world, at), "agreement")
    assert (first["site"], first["ip"]) == ("中心医院门诊大厅", "归研发方")
    assert first["milestones"] == [{"name": "上线", "due": "2026-10-31"}]
    assert first["indicators"][0]["target"] == "≥92%"
