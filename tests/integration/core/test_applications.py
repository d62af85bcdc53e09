"""政策申请 from the form to the last instalment, and 免申即享: what each step needs, and what it must not show."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from qiao.core import money
from qiao.core.access import can, may_see
from qiao.core.acts import Refused, act, open_case
from qiao.core.models import Call, Case, Money, Organisation, Party, Person, Review, Seat
from qiao.kinds.application import begin, score
from qiao.kinds.objection import raise_objection
from tests.factories import organisation

pytestmark = pytest.mark.django_db
START = dt.date(2024, 1, 1)
FORM = {
    "statement": "申请2023年度房租补贴",
    "facts": [{"key": "rent_paid", "label": "房租", "shown": "200 万元"}],
}


def at(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T10:00+08:00")


class District:
    """A commission with officer and leader, a firm with its agent, a call with a budget of a million yuan."""

    def __init__(self, **settings: Any) -> None:
        self.office = organisation("长宁测试区科委")
        self.firm = organisation("甲公司", "firm")
        self.officer, self.leader = (self.seat(self.office, role) for role in ("officer", "leader"))
        self.agent = self.seat(self.firm, "agent")
        self.call = Call.objects.create(
            kind="application", title="房租补贴", owner=self.office, start=START, end=dt.date(2024, 12, 31),
            rulebook="changning/applications", budget_fen=100_000_000, settings=settings,
        )  # fmt: skip

    def seat(self, where: Organisation, role: str) -> Seat:
        person = Person.objects.create(name=f"{where.name}{role}", fictional=True)
        return Seat.objects.create(person=person, organisation=where, role=role, start=START)

    def submitted(self) -> Case:
        case = begin(self.call, self.firm, by=self.agent, at=at("2024-03-01"))
        act(case, "save_form", by=self.agent, content=FORM, at=at("2024-03-01"))
        act(case, "submit", by=self.agent, at=at("2024-03-04"))
        return case

    def deciding(self, case: Case) -> Case:
        act(case, "accept", by=self.officer, at=at("2024-03-05"))
        act(
            case, "propose", by=self.officer, data={"amount": 600_000, "grounds": "符合"}, at=at("2024-03-06")
        )
        act(case, "post", by=self.officer, at=at("2024-03-07"))
        act(case, "end_notice", by=self.officer, at=at("2024-03-15"))
        return case

    def granted(self, **amounts: Any) -> Case:
        case = self.deciding(self.submitted())
        act(case, "grant", by=self.leader, data={"amount": 600_000, **amounts}, at=at("2024-03-18"))
        return case


def codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return error.value.answer.codes


def test_from_form_to_the_last_instalment() -> None:
    d = District()
    case = d.granted(first=400_000)
    assert [(m.amount_fen, m.state) for m in money.of_case(case)] == [
        (40_000_000, "committed"), (20_000_000, "committed"),
    ]  # fmt: skip
    assert money.budget(d.call) == money.Budget(100_000_000, 60_000_000, 0, 0, 0)
    act(case, "pay", by=d.officer, data={"voucher": "P-1"}, at=at("2024-04-01"))
    assert money.budget(d.call).paid == 40_000_000
    with pytest.raises(Refused) as refused:
        act(case, "close", by=d.officer, at=at("2024-04-02"))
    assert codes(refused) == ["money_open"]
    act(case, "pay", by=d.officer, data={"voucher": "P-2"}, at=at("2024-05-01"))
    act(case, "close", by=d.officer, at=at("2024-05-02"))
    assert case.closed_at is not None
    assert money.budget(d.call).left == 40_000_000


def test_a_firm_has_one_application_at_a_time_in_a_call() -> None:
    from django.db import IntegrityError, transaction

    d = District()
    first = begin(d.call, d.firm, by=d.agent, at=at("2024-03-01"))
    with pytest.raises(IntegrityError), transaction.atomic():
        begin(d.call, d.firm, by=d.agent, at=at("2024-03-01"))
    act(first, "withdraw", by=d.agent, reason="填错了", at=at("2024-03-02"))
    begin(d.call, d.firm, by=d.agent, at=at("2024-03-03"))


def test_outside_the_window_nothing_is_submitted() -> None:
    d = District()
    case = begin(d.call, d.firm, by=d.agent, at=at("2025-01-02"))
    act(case, "save_form", by=d.agent, content=FORM, at=at("2025-01-02"))
    with pytest.raises(Refused) as refused:
        act(case, "submit", by=d.agent, at=at("2025-01-02"))
    assert codes(refused) == ["outside_window"]


def test_correction_pauses_the_clock() -> None:
    """补正: the days on which the firm is asked are not the office's."""
    d = District()
    case = d.submitted()
    due = case.due_legal
    act(case, "ask_correction", by=d.officer, data={"missing": "租赁合同"}, at=at("2024-03-05"))
    assert can(d.officer, "accept", case).codes == ["wrong_stage"]
    act(case, "save_form", by=d.agent, content={**FORM, "statement": "附合同"}, at=at("2024-03-12"))
    act(case, "correct", by=d.agent, data={"answer": "已附"}, at=at("2024-03-12"))
    assert due and case.due_legal
    assert (case.due_legal - due).days == 7  # paused from Tuesday to Tuesday
    assert case.stage == "checking"


def test_an_incomplete_file_blocks_payment_not_acceptance() -> None:
    """容缺: accepted with a dated debt."""
    d = District()
    case = d.submitted()
    act(
        case,
        "accept_incomplete",
        by=d.officer,
        data={"missing": "审计报告", "until": "2024-04-30"},
        at=at("2024-03-05"),
    )
    act(case, "propose", by=d.officer, data={"amount": 600_000, "grounds": "符合"}, at=at("2024-03-06"))
    act(case, "post", by=d.officer, at=at("2024-03-07"))
    act(case, "end_notice", by=d.officer, at=at("2024-03-15"))
    act(case, "grant", by=d.leader, data={"amount": 600_000}, at=at("2024-03-18"))
    with pytest.raises(Refused) as refused:
        act(case, "pay", by=d.officer, data={"voucher": "P-1"}, at=at("2024-04-01"))
    assert codes(refused) == ["debt_open"]
    assert "审计报告" in str(refused.value)
    act(case, "settle_debt", by=d.officer, data={"received": "审计报告"}, at=at("2024-04-02"))
    act(case, "pay", by=d.officer, data={"voucher": "P-1"}, at=at("2024-04-03"))
    assert can(d.officer, "settle_debt", case).codes == ["no_debt"]


def expert(d: District, name: str) -> Seat:
    return d.seat(organisation(f"{name}大学"), "expert")


POINTS = {"innovation": 80, "feasibility": 70, "benefit": 90, "budget": 60, "opinion": "可行"}


def test_reviewers_declare_before_they_score_and_conflicts_are_enforced() -> None:
    d = District(reviewers=1, weights={"innovation": 2, "feasibility": 1, "benefit": 1, "budget": 0})
    case = d.submitted()
    act(case, "accept", by=d.officer, at=at("2024-03-05"))
    near, far = expert(d, "近"), expert(d, "远")
    for seat in (near, far):
        act(case, "invite", by=d.officer, data={"reviewer": seat.person.code}, at=at("2024-03-06"))
    with pytest.raises(Refused):
        act(case, "score", by=far, data=POINTS, at=at("2024-03-07"))
    act(case, "declare", by=near, data={"conflict": "其校友企业"}, at=at("2024-03-07"))
    assert not may_see(near.person, case)
    with pytest.raises(Refused):
        act(case, "score", by=near, data=POINTS, at=at("2024-03-08"))
    with pytest.raises(Refused) as refused:
        act(case, "propose", by=d.officer, data={"amount": 1, "grounds": "x"}, at=at("2024-03-08"))
    assert codes(refused) == ["too_few_reviews"]
    act(case, "declare", by=far, at=at("2024-03-08"))
    act(case, "score", by=far, data=POINTS, at=at("2024-03-09"))
    assert Review.objects.get(seat=near).scores == {}
    act(case, "propose", by=d.officer, data={"amount": 1, "grounds": "x"}, at=at("2024-03-10"))
    from qiao.core.access import context
    from qiao.core.process import kind_of

    verb = kind_of("application").verb("propose")
    assert verb is not None
    assert score(context(case, verb, d.officer)) == Decimal("80.00")


def test_nobody_reviews_their_own_organisation() -> None:
    d = District()
    case = d.submitted()
    act(case, "accept", by=d.officer, at=at("2024-03-05"))
    with pytest.raises(Refused) as refused:
        act(case, "invite", by=d.officer, data={"reviewer": d.agent.person.code}, at=at("2024-03-06"))
    assert codes(refused) == ["own_organisation"]


def test_an_objection_keeps_its_author_and_stops_the_decision() -> None:
    d = District()
    case = d.submitted()
    act(case, "accept", by=d.officer, at=at("2024-03-05"))
    act(case, "propose", by=d.officer, data={"amount": 600_000, "grounds": "符合"}, at=at("2024-03-06"))
    act(case, "post", by=d.officer, at=at("2024-03-07"))
    said = {"name": "王某某", "contact": "13800000000", "text": "租赁面积不实", "evidence": "照片"}
    objection = raise_objection(case, by=d.officer, said=said, at=at("2024-03-08"))
    assert not may_see(d.agent.person, objection)
    assert may_see(d.officer.person, objection)
    told = " ".join(str(a.data) + a.reason for a in case.acts.all())
    assert "王某某" not in told
    assert "13800000000" not in told
    with pytest.raises(Refused) as refused:
        act(case, "end_notice", by=d.officer, at=at("2024-03-20"))
    assert codes(refused) == ["objection_open"]
    act(objection, "dismiss", by=d.leader, reason="已实地核实", at=at("2024-03-19"))
    act(case, "end_notice", by=d.officer, at=at("2024-03-20"))


def test_the_notice_runs_its_days() -> None:
    d = District()
    case = d.submitted()
    act(case, "accept", by=d.officer, at=at("2024-03-05"))
    act(case, "propose", by=d.officer, data={"amount": 600_000, "grounds": "符合"}, at=at("2024-03-06"))
    act(case, "post", by=d.officer, at=at("2024-03-07"))
    with pytest.raises(Refused) as refused:
        act(case, "end_notice", by=d.officer, at=at("2024-03-14"))  # the fifth working day has not passed
    assert codes(refused) == ["notice_runs"]
    act(case, "end_notice", by=d.officer, at=at("2024-03-15"))


def test_no_more_is_granted_than_the_budget_holds() -> None:
    d = District()
    d.granted()
    other = organisation("乙公司", "firm")
    agent = d.seat(other, "agent")
    case = begin(d.call, other, by=agent, at=at("2024-03-01"))
    act(case, "save_form", by=agent, content=FORM, at=at("2024-03-01"))
    act(case, "submit", by=agent, at=at("2024-03-04"))
    act(case, "accept", by=d.officer, at=at("2024-03-05"))
    with pytest.raises(Refused) as refused:
        act(case, "propose", by=d.officer, data={"amount": "400000.01", "grounds": "x"}, at=at("2024-03-19"))
    assert codes(refused) == ["over_budget"]
    assert "400,000" in str(refused.value)
    act(case, "propose", by=d.officer, data={"amount": 400_000, "grounds": "x"}, at=at("2024-03-19"))


@pytest.mark.parametrize("amount", ["0", "-5", "1.005"])
def test_amounts_are_whole_fen_above_zero(amount: str) -> None:
    d = District()
    case = d.submitted()
    act(case, "accept", by=d.officer, at=at("2024-03-05"))
    with pytest.raises(Refused) as refused:
        act(case, "propose", by=d.officer, data={"amount": amount, "grounds": "x"}, at=at("2024-03-06"))
    assert codes(refused) == ["bad_amount"]


def test_money_that_was_paid_is_claimed_back() -> None:
    d = District()
    case = d.granted()
    act(case, "pay", by=d.officer, data={"voucher": "P-1"}, at=at("2024-04-01"))
    with pytest.raises(Refused) as refused:
        act(case, "withdraw", by=d.agent, reason="x", at=at("2024-04-02"))
    assert codes(refused) == ["paid_already"]
    act(case, "look_again", by=d.officer, data={"outcome": "lost"}, reason="已迁出本区", at=at("2024-09-01"))
    with pytest.raises(Refused) as refused:
        act(
            case,
            "claim_back",
            by=d.leader,
            data={"amount": 600_001, "until": "2024-10-01"},
            reason="x",
            at=at("2024-09-02"),
        )
    assert codes(refused) == ["more_than_paid"]
    act(
        case,
        "claim_back",
        by=d.leader,
        data={"amount": 250_000, "until": "2024-10-01"},
        reason="迁出",
        at=at("2024-09-02"),
    )
    assert money.budget(d.call).claimed == 25_000_000
    act(case, "returned", by=d.officer, data={"voucher": "R-1"}, at=at("2024-09-20"))
    assert money.budget(d.call).recovered == 25_000_000
    assert money.budget(d.call).left == 65_000_000
    act(case, "close", by=d.officer, at=at("2024-09-21"))


def test_a_listed_firm_need_not_apply_but_confirms_before_payment() -> None:
    """免申即享: list with the reason → publish → confirm → pay."""
    d = District()
    case = open_case(
        "application", call=d.call, title="甲公司", by=d.officer, parties=[("applicant", d.firm)], unit=d.office,
        at=at("2024-03-01"),
    )  # fmt: skip
    act(
        case,
        "nominate",
        by=d.officer,
        data={"amount": 300_000, "grounds": "高新技术企业证书在有效期内"},
        at=at("2024-03-01"),
    )
    act(case, "post", by=d.officer, at=at("2024-03-04"))
    act(case, "end_notice", by=d.officer, at=at("2024-03-12"))
    act(case, "grant", by=d.leader, data={"amount": 300_000}, at=at("2024-03-13"))
    with pytest.raises(Refused) as refused:
        act(case, "pay", by=d.officer, data={"voucher": "P-1"}, at=at("2024-03-14"))
    assert codes(refused) == ["not_confirmed"]
    act(case, "confirm", by=d.agent, data={"account_name": "甲公司", "bank": "某银行"}, at=at("2024-03-15"))
    act(case, "pay", by=d.officer, data={"voucher": "P-1"}, at=at("2024-03-18"))
    assert Money.objects.get().state == "paid"
    assert not Party.objects.filter(case=case, role="reviewer").exists()


def test_what_was_promised_is_free_again_when_a_firm_withdraws() -> None:
    d = District()
    case = d.granted()
    act(case, "withdraw", by=d.agent, reason="不再需要", at=at("2024-03-20"))
    assert money.budget(d.call).left == 100_000_000
