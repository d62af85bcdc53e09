"""How many scenarios come how far, and how long they stay: counted from acts."""

from __future__ import annotations

from typing import Any

import pytest

from qiao.core.acts import act
from qiao.kinds.scenario import scenario as scenario_kind
from qiao.kinds.scenario.pipeline import StageTime, pipeline
from tests.integration.core.test_scenarios import SCENARIO, Round, at, content, world

__all__ = ["at", "world"]  # fixtures
pytestmark = pytest.mark.django_db


def stage(name: str) -> StageTime:
    return next(one for one in pipeline().stages if str(one.stage) == name)


def test_stays_are_counted_in_days_of_those_that_left(world: Round, at: Any) -> None:
    """Three demands wait 2, 4 and 30 days for the office; a fourth is there since a month."""
    for days in (2, 4, 30, None):
        at.move_to("2026-04-01T10:00+08:00")
        case = scenario_kind.begin(world.call, world.hospital.organisation, by=world.hospital)
        act(case, "write", by=world.hospital, content=content("scenario", "scenario", SCENARIO))
        act(case, "submit", by=world.hospital)
        if days:
            at.shift(days * 86400)
            act(case, "propose", by=world.editor, data={"opinion": "可行"})
    at.move_to("2026-05-02T10:00+08:00")
    found = stage("初审与凝练")
    assert (found.left, found.usual, found.long) == (3, 4.0, 4)
    assert (found.waiting, found.oldest, found.late) == (1, 31, 1)


def test_a_demand_that_was_sent_back_is_one_demand(world: Round, at: Any) -> None:
    case = scenario_kind.begin(world.call, world.hospital.organisation, by=world.hospital)
    act(case, "write", by=world.hospital, content=content("scenario", "scenario", SCENARIO))
    for _ in range(2):
        act(case, "submit", by=world.hospital)
        act(case, "return", by=world.editor, data={"ground": "vague"}, reason="指标不能测量")
    assert pipeline().funnel["demands"] == 1


def test_who_prepares_or_has_sealed_is_not_counted_before_the_close(world: Round) -> None:
    world.sealed(world.open(), world.lingyu)
    waiting = {str(one.stage): one.waiting for one in pipeline().stages}
    assert waiting["已提交（密封）"] is None
    assert waiting["揭榜中"] == 1
