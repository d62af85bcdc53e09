"""From a demand to a copied success: scenario, challenge, sealed bids, blind panel, notice, pilot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from qiao.core.access import can, may_see
from qiao.core.acts import Act, Refused, act
from qiao.core.models import Call, Case, Link, Mail, Money, Organisation, Person, Review, Seat
from qiao.kinds.objection import raise_objection
from qiao.kinds.scenario import bid as bids_kind
from qiao.kinds.scenario import challenge as challenge_kind
from qiao.kinds.scenario import expert as expert_kind
from qiao.kinds.scenario import scenario as scenario_kind
from qiao.kinds.scenario.invitation import invite
from qiao.kinds.scenario.panel import blind
from qiao.kinds.scenario.standing import bids, places
from qiao.kinds.sheets import choices, read, sheet
from tests.factories import organisation

pytestmark = pytest.mark.django_db
START = dt.date(2020, 1, 1)
RULES = "changning/scenarios"
SCENARIO = {
    "title": ["门诊智能导诊"],
    "problem": ["高峰排队，导诊台应接不暇"],
    "site": ["中心医院门诊大厅"],
    "subdistrict": ["tianshan"],
    "conditions": ["两个院区、四台自助机"],
    "fields": ["medicine"],
    "technologies": ["speech"],
    "money_mode": ["subsidy"],
    "indicators-name": ["识别准确率", "平均等待"],
    "indicators-target": ["≥92%", "≤5分钟"],
    "indicators-method": ["第三方抽测", ""],
    "person": ["信息科"],
}
TERMS = {
    "task": ["方言导诊"],
    "indicators-name": ["识别准确率"],
    "indicators-target": ["≥92%"],
    "bidders": ["依法登记的单位"],
    "offer": ["场地与脱敏数据"],
    "money_mode": ["subsidy"],
    "ip": ["归研发方"],
    "until": ["2026-04-30"],
    "winners": ["1"],
    "experts": ["5"],
    "criteria-name": ["技术", "安全"],
    "criteria-weight": ["70", "30"],
    "criteria-least": ["50", "60"],
}
PLAN = {
    "approach": ["方言语音模型加知识图谱"],
    "novelty": ["沪语识别"],
    "level": ["7"],
    "value": ["缩短等待"],
    "record": ["做过三家医院"],
    "safety": ["数据不出院"],
    "price": ["80"],
    "schedule-name": ["上线"],
    "schedule-due": ["2026-10-31"],
    "team": ["聆语公司张三等"],
}
AGREEMENT = {
    "site": ["门诊大厅"],
    "data_access": ["脱敏数据，只在院内使用"],
    "start": ["2026-06-01"],
    "end": ["2026-12-31"],
    "safety": ["双方安全员"],
    "ip": ["归研发方"],
    "exit": ["提前30日书面通知"],
    "investment": ["300"],
    "indicators-name": ["识别准确率"],
    "indicators-target": ["≥92%"],
    "milestones-name": ["进场", "上线"],
    "milestones-due": ["2026-07-01", "2026-10-31"],
    "milestones-evidence": ["report", "running"],
}


def content(kind: str, paper: str, said: dict[str, list[str]], **more: list[str]) -> dict[str, Any]:
    found, errors = read(sheet(kind, paper), said | more, choices(RULES, "zh"))
    assert not errors, errors
    return found


class Round:
    """A commission that collects scenarios, a hospital that has one, three firms, five experts."""

    def __init__(self) -> None:
        self.office = organisation("测试区科委")
        self.editor, self.leader = self.seat(self.office, "officer"), self.seat(self.office, "leader")
        self.call = Call.objects.create(
            kind="scenario",
            title="2026年场景征集",
            owner=self.office,
            start=START,
            rulebook=RULES,
            budget_fen=10**9,
        )
        self.hospital, self.lingyu, self.yunjing, self.duoying = (
            self.seat(organisation(name, "firm"), "agent")
            for name in ("中心医院", "聆语公司", "云境公司", "朵影公司")
        )
        self.experts = [self.seat(organisation(f"第{n}研究所", "institute"), "expert") for n in "一二三四五"]

    def seat(self, where: Organisation, role: str) -> Seat:
        person = Person.objects.create(
            name=f"{where.name}{role}", email=f"{role}@example.org", fictional=True
        )
        return Seat.objects.create(person=person, organisation=where, role=role, start=START)

    def scenario(self, **more: list[str]) -> Case:
        case = scenario_kind.begin(self.call, self.hospital.organisation, by=self.hospital)
        act(case, "write", by=self.hospital, content=content("scenario", "scenario", SCENARIO, **more))
        act(case, "submit", by=self.hospital)
        act(case, "propose", by=self.editor, data={"opinion": "可行"})
        act(case, "approve", by=self.leader, data={"batch": "2026年第一批"})
        return case

    def open(self, scenario: Case | None = None, **more: list[str]) -> Case:
        case = challenge_kind.begin(scenario or self.scenario(), by=self.editor)
        act(case, "write", by=self.editor, content=content("challenge", "terms", TERMS, **more))
        act(case, "publish", by=self.leader, data={"until": "2026-04-30"})
        return case

    def intent(self, challenge: Case, firm: Seat) -> Case:
        said = {"message": "做过同类项目", "contact": "商务"}
        return bids_kind.begin(challenge, firm.organisation, by=firm, said=said)

    def sealed(self, challenge: Case, firm: Seat, **more: list[str]) -> Case:
        case = self.intent(challenge, firm)
        act(case, "write", by=firm, content=content("bid", "plan", PLAN, **more))
        for code in ("proof", "safety"):
            act(case, f"file_{code}", by=firm, content={"text": ""}, file=(f"{code}.pdf", b"%PDF-1.7"))
        act(case, "seal", by=firm)
        return case

    def panel(self, challenge: Case, expert: Seat, units: list[str] | None = None) -> Case:
        act(challenge, "invite_expert", by=self.editor, data={"expert": expert.person.code})
        case = Case.objects.get(kind="panel", parent=challenge, parties__person=expert.person)
        act(case, "declare", by=expert, data={"units": units or [], "promise": True})
        return case

    def score(self, panel: Case, expert: Seat, plan: str, technology: int, safety: int) -> Act:
        data = {"plan": plan, "points": {"技术": technology, "安全": safety}, "opinion": "意见"}
        return act(panel, "score", by=expert, data=data)


@pytest.fixture
def at() -> Iterator[Any]:
    """A clock that a test may set."""
    with time_machine.travel("2026-04-01T10:00+08:00", tick=False) as clock:
        yield clock


@pytest.fixture
def world(at: Any) -> Round:
    return Round()


def under_review(world: Round, at: Any, **terms: list[str]) -> tuple[Case, dict[str, Case]]:
    """A challenge with three plans under review; the bids by firm."""
    case = world.open(**terms)
    firms = {"lingyu": world.lingyu, "yunjing": world.yunjing, "duoying": world.duoying}
    found = {name: world.sealed(case, seat, novelty=[name]) for name, seat in firms.items()}
    at.move_to("2026-05-01T09:00+08:00")
    act(case, "close", by=world.editor)
    for bid in found.values():
        bid.refresh_from_db()
        act(bid, "accept", by=world.editor)
    act(case, "start_review", by=world.editor)
    return case, found


def refused(case: Case, verb: str, by: Seat | None, **given: Any) -> list[str]:
    with pytest.raises(Refused) as error:
        act(case, verb, by=by, **given)
    return error.value.answer.codes


# -- scenario ---------------------------------------------------------------------------------------------------


def test_what_the_office_refines_the_owner_has_to_agree_to(world: Round) -> None:
    case = scenario_kind.begin(world.call, world.hospital.organisation, by=world.hospital)
    act(case, "write", by=world.hospital, content=content("scenario", "scenario", SCENARIO))
    act(case, "submit", by=world.hospital)
    better = content("scenario", "scenario", SCENARIO, title=["门诊方言智能导诊"])
    act(case, "refine", by=world.editor, content=better, reason="写明方言")
    assert case.title == "门诊方言智能导诊"
    assert refused(case, "propose", world.editor, data={"opinion": "可行"}) == ["not_agreed"]
    act(case, "confirm", by=world.hospital)
    act(case, "propose", by=world.editor, data={"opinion": "可行"})
    act(case, "approve", by=world.leader, data={"batch": "2026年第一批"})
    assert (case.stage, case.number) == ("listed", "CJ2026-001")


def test_scenarios_alike_are_merged_and_linked(world: Round) -> None:
    kept = world.scenario()
    other = scenario_kind.begin(world.call, world.hospital.organisation, by=world.hospital)
    act(other, "write", by=world.hospital, content=content("scenario", "scenario", SCENARIO))
    act(other, "submit", by=world.hospital)
    assert refused(other, "merge", world.editor, data={"into": other.code}, reason="重复") == ["data"]
    act(other, "merge", by=world.editor, data={"into": kept.code}, reason="同一医院的两个科室")
    assert Link.objects.filter(source=other, target=kept, relation="merged_into").exists()


def test_a_scenario_cannot_go_while_somebody_bids(world: Round) -> None:
    scenario = world.scenario()
    world.open(scenario)
    scenario.refresh_from_db()
    assert refused(scenario, "withdraw", world.hospital, reason="不做了") == ["under_way"]


# -- bidding ----------------------------------------------------------------------------------------------------


def test_a_sealed_plan_is_seen_by_nobody_else_until_all_are_opened(world: Round, at: Any) -> None:
    """Sealed until the close; opened at once; what was sealed cannot be changed (scenario facts §4)."""
    case = world.open()
    bid = world.sealed(case, world.lingyu)
    sealed = bid.acts.get(verb="seal")
    for seat in (world.editor, world.leader, world.hospital, world.yunjing):
        assert not may_see(seat.person, bid)
    assert may_see(world.lingyu.person, bid)
    assert refused(case, "close", world.editor) == ["bids_run"]
    assert refused(bid, "write", world.lingyu, content=content("bid", "plan", PLAN)) == ["wrong_stage"]
    at.move_to("2026-05-01T00:01+08:00")
    assert challenge_kind.close_due() == 1
    bid.refresh_from_db()
    assert (bid.stage, bid.number) == ("checking", "01")
    assert may_see(world.editor.person, bid) and may_see(world.hospital.person, bid)
    assert not may_see(world.yunjing.person, bid)
    assert bid.acts.get(verb="unseal").version == sealed.version


def test_after_the_last_day_nothing_is_taken(world: Round, at: Any) -> None:
    case = world.open()
    late = world.intent(case, world.lingyu)
    act(late, "write", by=world.lingyu, content=content("bid", "plan", PLAN))
    at.move_to("2026-04-30T23:59+08:00")
    assert can(world.lingyu, "seal", late)
    at.move_to("2026-05-01T00:00+08:00")
    assert refused(late, "seal", world.lingyu) == ["bidding_closed"]
    act(case, "close", by=world.editor)
    late.refresh_from_db()
    assert late.stage == "lapsed"


def test_a_consortium_has_at_most_four_partners_who_each_agree(world: Round) -> None:
    """Lead and at most four: 工信厅科函〔2023〕235号."""
    bid = world.intent(world.open(), world.lingyu)
    others = [organisation(f"联合{n}公司", "firm") for n in range(5)]
    for unit in others[:4]:
        act(bid, "invite_partner", by=world.lingyu, data={"unit": unit.code})
    assert refused(bid, "invite_partner", world.lingyu, data={"unit": others[4].code}) == ["partners_many"]
    assert refused(bid, "invite_partner", world.lingyu, data={"unit": world.hospital.organisation.code}) == [
        "holder_bids"
    ]
    act(bid, "write", by=world.lingyu, content=content("bid", "plan", PLAN))
    assert set(refused(bid, "seal", world.lingyu)) == {"partners_open", "no_agreement"}
    for unit in others[:3]:
        act(bid, "join", by=world.seat(unit, "agent"))
    act(bid, "not_join", by=world.seat(others[3], "agent"), reason="没有人手")
    act(bid, "file_agreement", by=world.lingyu, content={"text": ""}, file=("协议.pdf", b"%PDF-1.7"))
    act(bid, "seal", by=world.lingyu)
    assert bid.stage == "sealed"


def test_the_owner_of_a_scenario_does_not_bid_on_it(world: Round) -> None:
    case = world.open()
    with pytest.raises(Refused) as error:
        world.intent(case, world.hospital)
    assert error.value.answer.codes == ["holder_bids"]
    assert not bids(case).exists()


def test_one_live_bid_of_a_firm_on_a_challenge(world: Round) -> None:
    case = world.open()
    world.intent(case, world.lingyu)
    with pytest.raises(IntegrityError), transaction.atomic():
        world.intent(case, world.lingyu)


def test_a_plan_that_names_its_firm_is_not_taken(world: Round) -> None:
    """Blind scoring: what the experts read names nobody."""
    bid = world.intent(world.open(), world.lingyu)
    said = content("bid", "plan", PLAN, record=["聆语公司做过三家医院"])
    act(bid, "write", by=world.lingyu, content=said)
    assert refused(bid, "seal", world.lingyu) == ["plan_names"]


def test_key_documents_may_not_lack_others_may_for_a_while(world: Round, at: Any) -> None:
    """容缺受理: only non-key documents, promised with a day; correction is asked for once (优化营商环境条例)."""
    case = world.open()
    bid = world.intent(case, world.lingyu)
    act(bid, "write", by=world.lingyu, content=content("bid", "plan", PLAN))
    act(bid, "seal", by=world.lingyu)
    at.move_to("2026-05-01T09:00+08:00")
    act(case, "close", by=world.editor)
    bid.refresh_from_db()
    assert refused(bid, "accept", world.editor) == ["documents_missing"]
    act(bid, "ask_correction", by=world.editor, data={"missing": "安全材料"})
    act(bid, "file_safety", by=world.lingyu, content={"text": ""}, file=("s.pdf", b"%PDF-1.7"))
    act(bid, "correct", by=world.lingyu, data={"answer": "已补"})
    assert refused(bid, "ask_correction", world.editor, data={"missing": "还有"}) == ["corrected_once"]
    act(bid, "accept_incomplete", by=world.editor, data={"missing": "资质与案例证明", "until": "2026-05-20"})
    assert bid.stage == "reviewing"


def test_questions_are_answered_for_all_without_the_asker(world: Round) -> None:
    case = world.open()
    question = challenge_kind.ask(case, world.lingyu.organisation, "能否提供脱敏录音？", by=world.lingyu)
    assert not may_see(world.yunjing.person, question)
    act(question, "answer", by=world.hospital, data={"answer": "可以，三千小时。"})
    assert question.stage == "answered"


def test_an_invitation_says_why_and_is_answered_by_a_bid(world: Round) -> None:
    case = world.open()
    asked = invite(case, world.lingyu.organisation, "货架上的沪语识别引擎与任务相符", by=world.editor)
    assert Mail.objects.filter(act__case=asked, person=world.lingyu.person).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        invite(case, world.lingyu.organisation, "再请一次", by=world.editor)
    world.intent(case, world.lingyu)
    asked.refresh_from_db()
    assert asked.stage == "answered"


# -- review -----------------------------------------------------------------------------------------------------


def test_experts_score_blind_and_never_their_own(world: Round, at: Any) -> None:
    """Conflicts are declared, and enforced: by what the expert says, and by seats of the last two years."""
    case, found = under_review(world, at)
    left = world.experts[0]
    Seat.objects.create(
        person=left.person, organisation=world.yunjing.organisation, role="agent",
        start=dt.date(2022, 1, 1), end=dt.date(2025, 1, 1),
    )  # fmt: skip
    panel = world.panel(case, left, [world.duoying.organisation.code])
    numbers = {name: bid.number for name, bid in found.items()}
    assert not may_see(left.person, found["lingyu"])
    assert len(blind(panel)) == 3
    for name in ("duoying", "yunjing"):
        with pytest.raises(Refused) as error:
            world.score(panel, left, numbers[name], 90, 90)
        assert error.value.answer.codes == ["plan_barred"]
    done = world.score(panel, left, numbers["lingyu"], 80, 90)
    assert done.data["criteria"].startswith("v1 ")
    act(panel, "finish", by=left)
    conflicts = Review.objects.filter(seat=left).exclude(conflict="").count()
    assert (panel.stage, conflicts) == ("done", 2)


def test_an_expert_does_not_see_what_their_employer_bids(world: Round, at: Any) -> None:
    """A seat as an expert speaks for the person: it opens no case of the organisation."""
    case, found = under_review(world, at)
    inside = world.seat(world.yunjing.organisation, "expert")
    assert not may_see(inside.person, found["yunjing"])
    panel = world.panel(case, inside)
    assert Review.objects.get(seat=inside, conflict="云境公司").version.paper.case == found["yunjing"]
    assert panel.stage == "scoring"


def test_points_answer_every_criterion(world: Round, at: Any) -> None:
    case, found = under_review(world, at)
    panel = world.panel(case, world.experts[0])
    for points in (
        {"技术": 80},
        {"技术": 80, "安全": 101},
        {"技术": 80, "安全": 60, "别的": 1},
        {"技术": "x", "安全": 1},
    ):
        data = {"plan": found["lingyu"].number, "points": points, "opinion": "意见"}
        assert refused(panel, "score", world.experts[0], data=data) == ["bad_score"]
    assert refused(panel, "finish", world.experts[0]) == ["unscored"]


def scored(world: Round, case: Case, found: dict[str, Case], points: dict[str, tuple[int, int]]) -> None:
    for expert in world.experts:
        panel = world.panel(case, expert)
        for name, (technology, safety) in points.items():
            world.score(panel, expert, found[name].number, technology, safety)
        act(panel, "finish", by=expert)


def test_who_wins_is_above_every_least_and_every_loser_is_told_why(world: Round, at: Any) -> None:
    case, found = under_review(world, at)
    scored(world, case, found, {"lingyu": (80, 80), "yunjing": (95, 40), "duoying": (70, 70)})
    number = {name: bid.number for name, bid in found.items()}
    assert [(p.plan, p.rank) for p in places(case)] == [
        (number["lingyu"], 1), (number["duoying"], 2), (number["yunjing"], None),
    ]  # fmt: skip
    assert places(case)[-1].below == ("安全",)
    said = {"grounds": "综合得分最高"}
    assert refused(case, "propose", world.editor, data=said | {"winners": [number["yunjing"]]}) == [
        "winner_below"
    ]
    both = [number["lingyu"], number["duoying"]]
    assert refused(case, "propose", world.editor, data=said | {"winners": both}) == ["winners_count"]
    act(case, "propose", by=world.editor, data=said | {"winners": [number["lingyu"]]})
    assert refused(case, "post", world.editor) == ["losers_unexplained"]
    for name in ("yunjing", "duoying"):
        said = {"plan": number[name]}
        act(case, "explain", by=world.editor, data=said, reason=f"{name}：低于中榜方案")
    act(case, "post", by=world.editor)
    raise_objection(case, by=world.editor, said={"name": "举报人", "text": "数据不实", "evidence": "截图"})
    at.move_to("2026-05-11T09:00+08:00")
    assert refused(case, "end_notice", world.editor) == ["objection_open"]
    act(Case.objects.get(kind="objection"), "dismiss", by=world.leader, reason="核查属实")
    act(case, "end_notice", by=world.editor)
    act(case, "award", by=world.leader)
    stages = {name: Case.objects.get(pk=bid.pk).stage for name, bid in found.items()}
    assert stages == {"lingyu": "won", "yunjing": "lost", "duoying": "lost"}
    assert found["duoying"].acts.get(verb="lose").reason == "duoying：低于中榜方案"
    assert Mail.objects.filter(act__verb="lose", person=world.duoying.person).exists()


def test_the_notice_lasts_seven_days(world: Round, at: Any) -> None:
    """公示七天: 上海市科委项目公示 (scenario facts §4)."""
    case, found = under_review(world, at)
    scored(world, case, found, dict.fromkeys(found, (80, 80)))
    act(case, "propose", by=world.editor, data={"winners": ["01"], "grounds": "并列，抽签"})
    for bid in found.values():
        bid.refresh_from_db()
        if bid.number != "01":
            act(case, "explain", by=world.editor, data={"plan": bid.number}, reason="并列，抽签未中")
    act(case, "post", by=world.editor)
    at.move_to("2026-05-08T23:00+08:00")
    assert refused(case, "end_notice", world.editor) == ["notice_runs"]
    at.move_to("2026-05-09T00:00+08:00")
    act(case, "end_notice", by=world.editor)


def test_several_may_race(world: Round, at: Any) -> None:
    """赛马: as many pilots as the terms allow winners."""
    case, found = under_review(world, at, winners=["2"])
    scored(world, case, found, {"lingyu": (80, 80), "yunjing": (90, 90), "duoying": (70, 70)})
    number = {name: bid.number for name, bid in found.items()}
    act(
        case,
        "propose",
        by=world.editor,
        data={"winners": [number["lingyu"], number["yunjing"]], "grounds": "并行"},
    )
    act(case, "explain", by=world.editor, data={"plan": number["duoying"]}, reason="得分第三")
    act(case, "post", by=world.editor)
    at.move_to("2026-05-09T09:00+08:00")
    act(case, "end_notice", by=world.editor)
    act(case, "award", by=world.leader)
    assert Case.objects.filter(kind="pilot", stage="agreeing").count() == 2


def test_no_award_is_analysed_and_the_scenario_comes_again(world: Round, at: Any) -> None:
    scenario = world.scenario()
    case = world.open(scenario)
    world.intent(case, world.lingyu)
    at.move_to("2026-05-01T09:00+08:00")
    act(case, "close", by=world.editor)
    assert refused(case, "start_review", world.editor) == ["no_bid"]
    act(case, "fail", by=world.editor, data={"ground": "no_bid"}, reason="指标过高，录音数据不足")
    scenario.refresh_from_db()
    assert (case.stage, scenario.stage) == ("failed", "listed")
    again = challenge_kind.begin(scenario, by=world.editor)
    assert again.number == "CJ2026-001-2"


def test_an_expert_enters_the_pool_after_review(world: Round) -> None:
    pool = Call.objects.create(kind="expert", title="专家库", owner=world.office, start=START, rulebook=RULES)
    expert = world.experts[0]
    case = expert_kind.begin(pool, expert.person, by=expert)
    act(case, "write", by=expert, content={"field_text": "语音", "technologies": ["speech"]})
    act(case, "submit", by=expert)
    assert "admit" not in {v for v in ("admit",) if can(expert, v, case)}
    act(case, "admit", by=world.editor)
    assert case.stage == "listed"


# -- pilot ------------------------------------------------------------------------------------------------------


def pilot_of(world: Round, at: Any) -> Case:
    case, found = under_review(world, at)
    scored(world, case, found, {"lingyu": (80, 80), "yunjing": (60, 70), "duoying": (70, 70)})
    act(case, "propose", by=world.editor, data={"winners": [found["lingyu"].number], "grounds": "最高"})
    for name in ("yunjing", "duoying"):
        act(case, "explain", by=world.editor, data={"plan": found[name].number}, reason="得分较低")
    act(case, "post", by=world.editor)
    at.move_to("2026-05-09T09:00+08:00")
    act(case, "end_notice", by=world.editor)
    act(case, "award", by=world.leader)
    return Case.objects.get(kind="pilot")


def signed(world: Round, at: Any) -> Case:
    pilot = pilot_of(world, at)
    act(pilot, "write", by=world.lingyu, content=content("pilot", "agreement", AGREEMENT))
    assert refused(pilot, "sign_holder", world.hospital) == ["earlier_step"]
    act(pilot, "sign_lead", by=world.lingyu)
    act(pilot, "sign_holder", by=world.hospital)
    act(pilot, "sign_office", by=world.leader)
    return pilot


def accepting(world: Round, at: Any) -> Case:
    pilot = signed(world, at)
    assert refused(pilot, "ask_acceptance", world.lingyu) == ["milestones_open"]
    assert refused(pilot, "confirm_milestone", world.hospital, data={"n": "1"}) == ["not_reported"]
    for n in ("1", "2"):
        act(pilot, "milestone", by=world.lingyu, data={"n": n, "evidence": "照片"})
        act(pilot, "confirm_milestone", by=world.hospital, data={"n": n})
    act(pilot, "ask_acceptance", by=world.lingyu)
    return pilot


ACCEPTED = {"reached": "93.1%", "lesson": "先小流量后全院"}


def test_a_pilot_is_tested_heard_paid_and_copied(world: Round, at: Any) -> None:
    """At most 30 % of the investment and 150万元, after acceptance (长宁区创新产业专项 2021)."""
    pilot = accepting(world, at)
    assert set(refused(pilot, "accept", world.editor, data=ACCEPTED)) == {"not_tested", "no_feedback"}
    act(pilot, "test", by=world.editor, data={"tester": "检测中心", "result": "93.1%"})
    act(pilot, "feedback", by=world.hospital, data={"users": "812", "satisfied": "760", "said": "快了"})
    act(pilot, "accept", by=world.editor, data=ACCEPTED)
    most = Decimal(3_000_000) * Decimal("0.3")
    spent = {"investment": "3000000"}
    assert refused(pilot, "grant", world.leader, data=spent | {"amount": str(most + 1)}) == ["above_rule"]
    assert refused(pilot, "grant", world.leader, data={"investment": "9000000", "amount": "1500001"}) == [
        "above_rule"
    ]
    act(pilot, "grant", by=world.leader, data=spent | {"amount": str(most)})
    assert refused(pilot, "grant", world.leader, data=spent | {"amount": "1"}) == ["granted"]
    row = Money.objects.get(case=pilot)
    assert (row.amount_fen, row.state, row.organisation) == (
        90_000_000,
        "committed",
        world.lingyu.organisation,
    )
    assert refused(pilot, "close", world.editor) == ["money_open"]
    act(pilot, "pay", by=world.editor, data={"voucher": "P1"})
    act(pilot, "close", by=world.editor)
    act(pilot, "copied", by=world.editor, data={"by": "第二医院", "place": "虹桥", "since": "2027-03-01"})
    scenario = Case.objects.get(kind="scenario")
    act(scenario, "mark_benchmark", by=world.leader, reason="指标达到，已有复制")
    assert (pilot.stage, scenario.stage) == ("done", "benchmark")


def test_rectified_once_only(world: Round, at: Any) -> None:
    pilot = accepting(world, at)
    act(pilot, "rectify", by=world.editor, reason="准确率只有90%")
    act(pilot, "ask_acceptance", by=world.lingyu)
    assert refused(pilot, "rectify", world.editor, reason="还不够") == ["rectified"]
    act(pilot, "fail", by=world.leader, reason="仍未达到")
    assert pilot.stage == "failed"


def test_an_end_without_blame_has_its_full_record(world: Round, at: Any) -> None:
    """尽职免责: 上海市推进科技创新中心建设条例 第五十八条; decision, basis, alternatives, who, outcome."""
    pilot = signed(world, at)
    record = {
        "decision": "终止试点", "basis": "按协议实施，数据质量不足", "alternatives": "更换数据源",
        "deciders": "主任办公会",
        "outcome": "得到方言语料",
    }  # fmt: skip
    for missing in record:
        given = {key: text for key, text in record.items() if key != missing}
        assert refused(pilot, "end_without_blame", world.leader, data=given) == ["data"]
    assert not can(world.editor, "end_without_blame", pilot)
    act(pilot, "end_without_blame", by=world.leader, data=record)
    assert pilot.stage == "without_blame"


def test_changes_need_permission_and_keep_the_old_version(world: Round, at: Any) -> None:
    pilot = signed(world, at)
    later = content("pilot", "agreement", AGREEMENT, end=["2027-03-31"])
    assert refused(pilot, "allow_change", world.editor, content=later, reason="x") == ["no_change"]
    act(pilot, "ask_change", by=world.lingyu, data={"change": "延期三个月"}, reason="设备到货晚")
    act(pilot, "allow_change", by=world.editor, content=later, reason="不影响指标")
    versions = pilot.papers.get(kind="agreement").versions.order_by("n")
    assert [v.content["end"] for v in versions] == ["2026-12-31", "2027-03-31"]
