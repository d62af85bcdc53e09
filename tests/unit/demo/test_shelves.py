"""The sample's entries as the engine sees them: an offer written for a need's topic comes first."""

from __future__ import annotations

import datetime as dt

from qiao.core.models import Case, Organisation, Person, Seat
from qiao.demo.market import entry_content
from qiao.demo.population.shelves import entries
from qiao.demo.replay import data
from qiao.kinds.shelf.entries import Listed
from qiao.kinds.shelf.fitting import CONDITIONS, PARTS, has_to_do, profile
from qiao.matching import Glossary, Matcher, Profile, Weights

SIZES = {"need": 120, "offer": 160}


def _profiles(kind: str) -> list[Profile]:
    agent, holder = Seat(person=Person(name="经办人")), Organisation(name="示例单位")
    return [
        profile(
            Listed(
                Case(kind=kind, code=f"{kind}{n}", title=row["title"]),
                holder,
                entry_content(kind, row, agent),
                dt.date(2026, 1, 5),
            )
        )
        for n, row in enumerate(entries(kind, SIZES[kind], 65))
    ]


def _topics(kind: str) -> dict[str, int]:
    topics = data("shelves")["topics"]
    return {one["title"]: n for n, topic in enumerate(topics) for one in topic[f"{kind}s"]}


def test_an_offer_of_its_topic_comes_first_for_each_need() -> None:
    """Nobody but the words and tags of the entries says which topic they were written for."""
    needs, offers = _profiles("need"), _profiles("offer")
    asked = [f"{p.texts['title']}\n{p.texts['text']}" for p in needs]
    weights, wanted, offered = Weights.read("need-offer"), _topics("need"), _topics("offer")
    free = Matcher(offers, weights, parts=PARTS, glossary=Glossary(), needs=asked)
    first = [(wanted[p.name], offered[free.find(p, 1).fit[0].profile.name]) for p in needs]
    assert all(asked_ == found for asked_, found in first)
    bound = Matcher(offers, weights, parts=PARTS, conditions=CONDITIONS, glossary=Glossary(), needs=asked)
    lists = [(p, [m for m in bound.find(p, 10, near=0).fit if has_to_do(m, bound)]) for p in needs]
    assert all(found for _, found in lists)  # nobody is left without anything
    among = [any(offered[m.profile.name] == wanted[p.name] for m in found[:3]) for p, found in lists]
    assert sum(among) >= 0.95 * len(needs)
