"""What is stored, hashed or sent as a letter is Chinese, whatever language the actor reads the pages in."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from qiao.core.acts import Refused, act
from qiao.core.models import Case, Paper, SearchEntry, Version
from qiao.kinds.proposal import start_draft
from tests.factories import World, advance, at, handling_of, new_proposal


def stored(case: Case) -> list[Any]:
    cases = [case, *case.children.all()]
    return [
        *Paper.objects.filter(case__in=cases).order_by("pk").values_list("kind", "title"),
        *Version.objects.filter(paper__case__in=cases).order_by("pk").values_list("text", flat=True),
        *SearchEntry.objects.filter(case__in=cases).order_by("pk").values_list("title", "text"),
        case.title,
    ]


def test_the_same_is_stored_in_both_languages(world: World) -> None:
    chinese = advance(world, new_proposal(world), "replied")
    with translation.override("en"):
        english = advance(world, new_proposal(world), "replied")
    number = (chinese.number, english.number)
    said = [str(x).replace(number[1], number[0]) for x in stored(english)]
    assert said == [str(x) for x in stored(chinese)]
    assert Paper.objects.get(case=english, kind="proposal").title == "政协提案"


def test_a_draft_has_the_same_name_for_everybody(world: World) -> None:
    with translation.override("en"):
        assert start_draft(world.call, world.members[0]).title == "（未命名）"


def test_a_refusal_speaks_the_readers_language(world: World) -> None:
    handling = handling_of(advance(world, new_proposal(world), "handling"))
    act(handling, "accept", by=world.lead.officer, at=at("2024-02-01"))
    with translation.override("en"), pytest.raises(Refused) as refused:
        act(handling, "save_reply", by=world.lead.officer, at=at("2024-02-02"))
    with translation.override("en"):
        assert str(refused.value).isascii()
    assert str(refused.value) == "提交的内容缺少文本。"
