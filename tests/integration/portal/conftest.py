from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from qiao.core import history
from qiao.core.models import Case, Indicator, Publication, Value
from qiao.kinds.reply import Reply
from qiao.letters.model import Contact, Figure, Paragraph, Text
from tests.factories import World, advance, at, new_proposal, reply

PHONE = "021-62345678"


def cited(world: World) -> tuple[Reply, Value]:
    """A reply that cites one figure and names a contact with a telephone number."""
    indicator = Indicator.objects.create(
        code="digital-tax",
        name="数字经济税收",
        definition="全区数字经济企业全年入库税收合计",
        unit="亿元",
        source="区税务局年报",
        owner=world.lead.organisation,
    )
    value = Value.objects.create(
        indicator=indicator,
        start=dt.date(2023, 1, 1),
        end=dt.date(2023, 12, 31),
        value="309.6",
        qualifier="近",
        display="近310亿元",
        source="区税务局2023年年报",
        stated_by=world.lead.officer,
        stated_at=at("2024-03-01"),
    )
    base = reply(world)
    figure = Paragraph((Text("去年全区数字经济税收"), Figure("f1", "近310亿元"), Text("。")))
    letter = replace(
        base.letter,
        blocks=(figure, *base.letter.blocks),
        contact=Contact(name="李四", phone=PHONE),
    )
    return replace(base, letter=letter, citations={"f1": value.code}), value


@pytest.fixture
def published(world: World) -> Publication:
    """One reply, published and delivered, tracked, with a promise and a cited figure."""
    content, _value = cited(world)
    case = advance(world, new_proposal(world), "tracking", content=content)
    history.make_roots()
    return Publication.objects.get(case__parent=case)


@pytest.fixture
def more(world: World) -> Callable[..., list[Case]]:
    """Further published replies."""

    def make(n: int, **given: Any) -> list[Case]:
        return [
            advance(
                world,
                new_proposal(world, text={"title": f"提案{i}"}),
                "replied",
                content=reply(world, **given),
            )
            for i in range(n)
        ]

    return make


@pytest.fixture
def visitor(client: Client) -> Client:
    """Somebody who is not signed in and reads Chinese."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client
