"""A dissatisfied proposer is answered again; so is each author of a merged proposal, by the one handling they share."""

from __future__ import annotations

import pytest

from qiao.core.access import can
from qiao.core.acts import Refused, act
from qiao.core.models import Case, Task
from tests.factories import (
    RATING,
    World,
    advance,
    at,
    handling_of,
    new_proposal,
    reply,
    sign_off,
    to_signing,
)

BAD = {**RATING, "attitude": "dissatisfied", "agreement": "disagree"}


def second_reply(world: World, case: Case, *, co: bool = False) -> None:
    handling = handling_of(case)
    officer = world.lead.officer
    said = {"method": "visit", "on": "2024-05-20", "summary": "再次走访"}
    act(handling, "contact", by=officer, data=said, at=at("2024-05-20"))
    content = reply(world, result_reason="补充说明").to_dict()
    act(handling, "save_reply", by=officer, content=content, at=at("2024-05-21"))
    act(handling, "request_signature", by=officer, at=at("2024-05-22"))
    sign_off(world, handling, day="2024-05-23", co=co)
    act(handling, "deliver", by=officer, at=at("2024-05-24"))
    case.refresh_from_db()


@pytest.fixture
def merged(world: World) -> tuple[Case, Case]:
    """A proposal and the one merged into it, both answered."""
    main = advance(world, new_proposal(world), "admitted")
    other = new_proposal(world, by=world.members[1], text={"title": "关于元宇宙产业的建议"})
    act(other, "submit", by=world.members[1], at=at("2024-01-11"))
    act(other, "merge", by=world.registry, data={"into": main.code}, reason="内容相近", at=at("2024-01-26"))
    act(main, "assign", by=world.registry, data={"lead": world.lead.organisation.code}, at=at("2024-01-30"))
    handling = to_signing(world, main)
    sign_off(world, handling, co=False)
    act(handling, "deliver", by=world.lead.officer, at=at("2024-04-30", "12:00"))
    main.refresh_from_db()
    other.refresh_from_db()
    return main, other


def test_dissatisfaction_is_met_before_anything_else(world: World) -> None:
    case = advance(world, new_proposal(world), "replied")
    act(case, "rate", by=world.members[0], data=BAD, at=at("2024-05-10"))
    assert set(Task.objects.filter(case=case).values_list("verb", flat=True)) == {"redo"}
    for verb in ("track", "close"):
        with pytest.raises(Refused, match="委员甲对办理不满意"):
            act(case, verb, by=world.registry, at=at("2024-05-11"))
    act(case, "redo", by=world.registry, reason="委员甲不同意", at=at("2024-05-11"))
    second_reply(world, case, co=True)
    act(case, "rate", by=world.members[0], data=BAD, at=at("2024-05-26"))
    act(case, "track", by=world.registry, at=at("2024-05-27"))  # once is what the rule asks
    assert case.stage == "tracking"


def test_a_merged_author_is_answered_again_with_the_main_proposal(
    world: World, merged: tuple[Case, Case]
) -> None:
    main, other = merged
    act(main, "rate", by=world.members[0], data=RATING, at=at("2024-05-10"))
    act(other, "rate", by=world.members[1], data=BAD, at=at("2024-05-10"))
    assert "merged_open" in can(world.registry, "track", main, at=at("2024-05-11")).codes
    act(other, "redo", by=world.registry, reason="委员乙不同意", at=at("2024-05-11"))
    main.refresh_from_db()
    assert (main.stage, other.stage, handling_of(main).stage) == ("handling", "handling", "drafting")
    second_reply(world, main)
    other.refresh_from_db()
    assert (main.stage, other.stage) == ("replied", "replied")
    assert other.acts.filter(verb="receive").count() == 2  # each answer once
    assert Task.objects.filter(case=other, verb="rate", person=world.members[1].person).exists()


def test_a_merged_author_gets_the_second_answer_of_the_main_proposal(
    world: World, merged: tuple[Case, Case]
) -> None:
    main, other = merged
    act(other, "rate", by=world.members[1], data=RATING, at=at("2024-05-10"))
    act(main, "rate", by=world.members[0], data=BAD, at=at("2024-05-10"))
    act(main, "redo", by=world.registry, reason="委员甲不同意", at=at("2024-05-11"))
    second_reply(world, main)
    other.refresh_from_db()
    assert other.stage == "replied"
    assert other.acts.filter(verb="receive").count() == 2


def test_the_main_proposal_waits_for_the_authors_of_merged_ones(
    world: World, merged: tuple[Case, Case]
) -> None:
    main, other = merged
    act(main, "rate", by=world.members[0], data=RATING, at=at("2024-05-10"))
    with pytest.raises(Refused, match="尚未反馈"):
        act(main, "track", by=world.registry, at=at("2024-05-11"))
    act(other, "rate", by=world.members[1], data=RATING, at=at("2024-05-12"))
    act(main, "track", by=world.registry, at=at("2024-05-13"))
    assert main.stage == "tracking"
