"""A small world to test in: a conference and a congress with their registry, three bureaus, members, one session.

Everything that happens to a case goes through ``act()``, as in the product. Times are set, so that results are known.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.contrib.auth.hashers import make_password

from qiao.core.acts import act
from qiao.core.clocks import SHANGHAI
from qiao.core.models import Call, Case, Organisation, Person, Seat, User
from qiao.kinds.proposal import start_draft
from qiao.kinds.reply import Reply, Undertaking
from qiao.letters.model import Letter, Paragraph, Promise, Text

PASSWORD = "a-long-test-password"
TEXT = {
    "title": "关于加快培育元宇宙创新能力的建议",
    "background": "近年来数字产业发展较快。",
    "problem": "场景开放不足，共性技术平台缺乏。",
    "suggestions": "一、开放场景。二、设立实践基地。",
    "consent": True,
}
RATING = {
    "visit": "visited",
    "attitude": "satisfied",
    "consulted": "visit",
    "to_the_point": "yes",
    "agreement": "agree",
}
# The way of a proposal: a stage, and the day on which it is reached.
DAYS = {
    "draft": "2024-01-10",
    "submitted": "2024-01-11",
    "admitted": "2024-01-25",
    "handling": "2024-01-30",
    "replied": "2024-04-30",
    "tracking": "2024-05-20",
    "closed": "2024-12-30",
}


@lru_cache(maxsize=1)
def _hashed() -> str:
    """One argon2 hash for everybody: slow by design, so made once."""
    return make_password(PASSWORD)


def at(day: str, time: str = "10:00") -> dt.datetime:
    """A moment in Shanghai."""
    return dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=SHANGHAI)


def organisation(name: str, kind: str = "bureau", **given: Any) -> Organisation:
    return Organisation.objects.create(name=name, kind=kind, fictional=True, **given)


def seat(
    name: str, unit: Organisation, role: str, *, sign_in: bool = True, start: str = "2020-01-01"
) -> Seat:
    """A person with an account (user name = the person's name) and one seat."""
    user = User.objects.create(username=name, password=_hashed()) if sign_in else None
    person = Person.objects.create(
        name=name, user=user, email=f"p{Person.objects.count()}@example.org", fictional=True
    )
    return Seat.objects.create(
        person=person, organisation=unit, role=role, start=dt.date.fromisoformat(start)
    )


@dataclass
class Unit:
    """A bureau with everybody who signs there."""

    organisation: Organisation
    officer: Seat
    head: Seat
    office: Seat
    leader: Seat


def unit(name: str) -> Unit:
    o = organisation(name)
    return Unit(o, *(seat(f"{name}{role}", o, role) for role in ("officer", "head", "office", "leader")))


@dataclass
class World:
    conference: Organisation
    registry: Seat
    supervisor: Seat
    members: list[Seat]
    lead: Unit
    co: Unit
    other: Unit
    call: Call
    deputy: Seat | None = None
    suggestions: Call | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def build_world() -> World:
    conference = organisation("政协测试区委员会", "conference")
    return World(
        conference=conference,
        registry=seat("交办甲", conference, "registry"),
        supervisor=seat("督办领导", conference, "leader"),
        members=[seat(f"委员{n}", conference, "member") for n in "甲乙丙"],
        lead=unit("测试区科委"),
        co=unit("测试区商务委"),
        other=unit("测试区教育局"),
        call=Call.objects.create(
            kind="proposal",
            title="测试区政协第十五届三次会议",
            owner=conference,
            start=dt.date(2024, 1, 1),
            rulebook="changning/cppcc-proposals",
            settings={"term": 15, "session": 3, "slug": "cppcc"},
        ),
    )


def reply(world: World, *, promise: str = "举办10场沙龙", due: str = "2024-12-31", **given: Any) -> Reply:
    """A reply that may be signed, with one promise (none if ``promise`` is empty)."""
    inlines: list[Any] = [Text("我们将认真研究，")]
    promises: tuple[Undertaking, ...] = ()
    if promise:
        inlines += [Promise("p1", (Text(promise),)), Text("。")]
        promises = (
            Undertaking("p1", promise, world.lead.organisation.code, dt.date.fromisoformat(due), "场次"),
        )
    letter = Letter(
        form="reply_sheet",
        title_lines=("对测试区政协第十五届三次会议", "第001号提案的答复"),
        result="解决或采纳",
        addressees=("委员甲",),
        blocks=(Paragraph(tuple(inlines)),),
        signature=("测试区科学技术委员会",),
        date=dt.date(2024, 4, 30),
    )
    return Reply(letter, **{"result": "solved", "publicity": "open", "promises": promises, **given})


def new_proposal(world: World, *, by: Seat | None = None, text: dict[str, Any] | None = None) -> Case:
    case = start_draft(world.call, by or world.members[0], at=at(DAYS["draft"], "09:00"))
    act(case, "save", by=by or world.members[0], content={**TEXT, **(text or {})}, at=at(DAYS["draft"]))
    return case


def handling_of(case: Case) -> Case:
    """The newest handling case of a proposal."""
    return case.children.filter(kind="handling").select_related("call__owner").order_by("-id")[0]


def to_signing(world: World, case: Case, content: Reply | None = None) -> Case:
    """Bring a proposal in hand to the sign-off chain; gives its handling case."""
    handling = handling_of(case)
    officer = world.lead.officer
    if handling.stage == "assigned":
        act(handling, "accept", by=officer, at=at("2024-02-01"))
        act(
            handling,
            "contact",
            by=officer,
            data={"method": "visit", "on": "2024-02-20", "summary": "走访听取意见"},
            at=at("2024-02-20"),
        )
    for opinion in handling.children.filter(kind="opinion", closed_at__isnull=True):
        act(opinion, "accept", by=world.co.officer, at=at("2024-02-21"))
        act(
            opinion,
            "save_opinion",
            by=world.co.officer,
            content={"text": "同意主办单位意见"},
            at=at("2024-02-22"),
        )
        act(opinion, "send", by=world.co.leader, at=at("2024-02-23"))
    act(handling, "save_reply", by=officer, content=(content or reply(world)).to_dict(), at=at("2024-04-01"))
    act(handling, "request_signature", by=officer, at=at("2024-04-02"))
    return handling


def sign_off(world: World, handling: Case, *, day: str = "2024-04-30", co: bool = True) -> None:
    """All signatures of the chain, in order."""
    if co:
        act(handling, "countersign", by=world.co.leader, at=at(day, "09:00"))
    for verb, by in (("check", world.lead.head), ("vet", world.lead.office), ("sign", world.lead.leader)):
        act(handling, verb, by=by, at=at(day, "10:00"))


def advance(world: World, case: Case, stage: str, *, co: bool = True, content: Reply | None = None) -> Case:
    """Bring a fresh draft to ``stage`` of the way in :data:`DAYS` (``signing`` stops in the sign-off chain)."""
    member, registry = world.members[0], world.registry
    way = list(DAYS) if stage != "signing" else ["draft", "submitted", "admitted", "handling", "signing"]
    for step in way[1 : way.index(stage) + 1]:
        moment = at(DAYS.get(step, "2024-04-02"))
        if step == "submitted":
            act(case, "submit", by=member, at=moment)
        elif step == "admitted":
            act(case, "admit", by=registry, at=moment)
        elif step == "handling":
            units = {"lead": world.lead.organisation.code, "co": [world.co.organisation.code] if co else []}
            act(case, "assign", by=registry, data=units, at=moment)
        elif step == "signing":
            to_signing(world, case, content)
        elif step == "replied":
            handling = to_signing(world, case, content)
            sign_off(world, handling, co=co)
            act(handling, "publish", by=world.lead.officer, at=at(DAYS["replied"], "11:00"))
            act(handling, "deliver", by=world.lead.officer, at=at(DAYS["replied"], "12:00"))
            case.refresh_from_db()
        elif step == "tracking":
            act(case, "rate", by=member, data=RATING, at=at("2024-05-10"))
            act(case, "track", by=registry, at=moment)
        elif step == "closed":
            for promise in case.children.filter(kind="commitment"):
                act(
                    promise,
                    "complete",
                    by=world.lead.officer,
                    data={"summary": "已办结"},
                    at=at("2024-12-20"),
                )
            act(case, "close", by=registry, at=moment)
    case.refresh_from_db()
    return case
