"""联合攻关: shares that add up, signatures of all, milestones, contracts registered, results both ways."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from qiao.core.acts import Refused, act
from qiao.core.models import Call, Case, Seat
from qiao.kinds.joint import PLAN, begin
from qiao.kinds.sheets import choices, read
from tests.integration.core.test_scenarios import RULES, START, Round

pytestmark = pytest.mark.django_db
PROJECT: dict[str, list[str]] = {
    "title": ["低时延语音合成"],
    "task": ["端到端低于150毫秒"],
    "state": ["普遍400毫秒以上"],
    "direction": ["application_first"],
    "shares-unit": ["聆语公司", "云境公司"],
    "shares-work": ["工程化", "模型"],
    "shares-money": ["200", "80"],
    "shares-ip": ["60", "40"],
    "milestones-name": ["样机", "达标"],
    "milestones-due": ["2026-09-01", "2027-03-01"],
    "use": ["导览数字人"],
}


class Joint(Round):
    def __init__(self) -> None:
        super().__init__()
        self.joints = Call.objects.create(
            kind="joint", title="联合攻关", owner=self.office, start=START, rulebook=RULES
        )

    def begun(self, **more: list[str]) -> Case:
        case = begin(self.joints, self.lingyu.organisation, [self.yunjing.organisation], by=self.lingyu)
        content, errors = read(PLAN, PROJECT | more, choices(RULES, "zh"))
        assert not errors, errors
        act(case, "write", by=self.lingyu, content=content)
        return case

    def running(self) -> Case:
        case = self.begun()
        act(case, "sign_lead", by=self.lingyu)
        act(case, "sign_partner", by=self.yunjing)
        act(case, "approve", by=self.leader)
        return case


@pytest.fixture
def world() -> Joint:
    return Joint()


def refused(case: Case, verb: str, by: Seat, **given: Any) -> list[str]:
    with pytest.raises(Refused) as error:
        act(case, verb, by=by, **given)
    return error.value.answer.codes


def test_shares_of_property_add_up_to_a_hundred() -> None:
    _content, errors = read(PLAN, PROJECT | {"shares-ip": ["60", "30"]}, choices(RULES, "zh"))
    assert str(errors["shares"]) == "“知识产权份额（%）”合计应为100，现为90。"


def test_everybody_who_takes_part_has_a_share_and_nobody_else(world: Joint) -> None:
    case = world.begun(**{"shares-unit": ["聆语公司", "别的公司"]})
    assert refused(case, "sign_lead", world.lingyu) == ["shares_differ"]


def test_an_edit_voids_signatures(world: Joint) -> None:
    case = world.begun()
    act(case, "sign_lead", by=world.lingyu)
    content, _errors = read(PLAN, PROJECT | {"task": ["低于120毫秒"]}, choices(RULES, "zh"))
    act(case, "write", by=world.yunjing, content=content)
    assert refused(case, "sign_partner", world.yunjing) == ["earlier_step"]


def test_from_milestones_to_acceptance_with_results(world: Joint) -> None:
    case = world.running()
    assert refused(case, "confirm_milestone", world.editor, data={"n": "1"}) == ["not_reported"]
    for n in ("1", "2"):
        act(case, "milestone", by=world.yunjing, data={"n": n, "evidence": "测试记录"})
        act(case, "confirm_milestone", by=world.editor, data={"n": n})
    assert refused(case, "milestone", world.lingyu, data={"n": "3", "evidence": "x"}) == ["data"]
    assert refused(case, "ask_acceptance", world.lingyu) == ["no_result"]
    result = {"kind": "patent", "name": "语音合成方法", "number": "示例", "direction": "application_first"}
    act(case, "result", by=world.yunjing, data=result)
    act(case, "ask_acceptance", by=world.lingyu)
    act(case, "accept", by=world.editor, data={"reached": "140毫秒"})
    assert case.stage == "done"


CONTRACT = {
    "kind": "development", "name": "合成引擎", "seller": "云境公司", "buyer": "聆语公司", "amount": "800000",
    "technology": "720000", "signed": "2026-05-11",
}  # fmt: skip


def test_a_contract_is_registered_within_seven_working_days_a_difficult_one_within_twenty(
    world: Joint,
) -> None:
    """沪科合〔2019〕33号."""
    with time_machine.travel("2026-05-11T10:00+08:00", tick=False) as clock:
        case = world.running()
        assert refused(case, "registered", world.editor, data={"number": "R1", "day": "2026-05-20"}) == [
            "no_contract"
        ]
        act(case, "contract", by=world.yunjing, data=CONTRACT)
        assert case.due_legal == dt.date(2026, 5, 20)
        clock.move_to("2026-05-15T10:00+08:00")
        late = {"until": "2026-06-09"}
        assert refused(case, "difficult", world.editor, data=late, reason="专家认定") == ["contract_hard"]
        act(case, "difficult", by=world.editor, reason="技术开发与服务难以区分，组织专家认定")
        assert case.due_legal == dt.date(2026, 6, 8)
        assert refused(case, "difficult", world.editor, reason="再来一次") == ["contract_hard"]
        act(case, "registered", by=world.editor, data={"number": "R1", "day": "2026-05-20"})
        assert case.due_legal is None


def test_contracts_are_registered_one_after_the_other(world: Joint) -> None:
    case = world.running()
    for part in ("0", "800001"):
        said = CONTRACT | {"technology": part}
        assert refused(case, "contract", world.yunjing, data=said) == ["contract_amounts"]
    act(case, "contract", by=world.yunjing, data=CONTRACT)
    assert refused(case, "contract", world.yunjing, data=CONTRACT) == ["contract_open"]
    act(case, "not_registered", by=world.editor, reason="不属于技术合同")
    act(case, "contract", by=world.yunjing, data=CONTRACT | {"name": "模型许可", "kind": "licence"})
