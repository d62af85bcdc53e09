"""A co-signer confirms a text, not a title: what changes afterwards is confirmed again before it is submitted."""

from __future__ import annotations

import pytest

from qiao.core.acts import Refused, act
from qiao.core.models import Case, Notice, Task
from tests.factories import TEXT, World, at, new_proposal


@pytest.fixture
def joint(world: World) -> Case:
    case = new_proposal(world)
    first, second, _third = world.members
    act(case, "invite", by=first, data={"person": second.person.code}, at=at("2024-01-10", "11:00"))
    act(case, "join", by=second, at=at("2024-01-10", "12:00"))
    return case


def test_a_confirmed_text_is_submitted(world: World, joint: Case) -> None:
    assert joint.acts.get(verb="join").version == joint.papers.get().versions.get()
    with pytest.raises(Refused, match="已经答复过"):
        act(joint, "join", by=world.members[1], at=at("2024-01-10", "13:00"))
    act(joint, "submit", by=world.members[0], at=at("2024-01-11"))
    assert joint.stage == "submitted"


def test_a_changed_text_is_confirmed_again(world: World, joint: Case) -> None:
    first, second, _third = world.members
    with pytest.raises(Refused, match="都已确认"):
        act(joint, "ask_again", by=first, at=at("2024-01-10", "13:00"))
    act(joint, "save", by=first, content={**TEXT, "problem": "另一个问题。"}, at=at("2024-01-10", "14:00"))
    with pytest.raises(Refused, match="委员乙同意联名之后文稿又有改动"):
        act(joint, "submit", by=first, at=at("2024-01-11"))
    act(joint, "ask_again", by=first, at=at("2024-01-11"))
    assert Task.objects.filter(case=joint, verb="join", person=second.person).exists()
    assert Notice.objects.filter(person=second.person, act__verb="ask_again").exists()
    act(joint, "join", by=second, at=at("2024-01-12"))
    act(joint, "submit", by=first, at=at("2024-01-13"))
    assert joint.stage == "submitted"


def test_a_confirmed_co_signer_may_still_withdraw(world: World, joint: Case) -> None:
    act(joint, "decline", by=world.members[1], at=at("2024-01-11"))
    act(joint, "submit", by=world.members[0], at=at("2024-01-12"))
    assert [p.state for p in joint.parties.filter(role="cosigner")] == ["declined"]
