"""The yearly figures on a world that was counted by hand.

Ten proposals of one session (P1 … P10), one suggestion of the congress, one session of another year:

    P1  alone, key, category 科技: answered in time by the lead with a co-handler, solved, rated, promise kept
    P2  joint with two, category 科技: answered late, reference; changed to solved after tracking
    P3  collective, category 教育: split between two units; one solved, one planned; in time
    P4  alone: dissatisfied, handled again; planned, then solved in the second reply
    P5  alone, category 教育: in hand, its deadline has passed, no answer
    P6  merged into P5
    P7  refused      P8  converted      P9  withdrawn after submission      P10  submitted, waiting
    a draft that was never submitted is counted nowhere
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from qiao.core.acts import act
from qiao.core.models import Call, Case
from qiao.kinds.proposal import start_draft
from qiao.kinds.statistics import Body, count, sessions_of
from tests.factories import (
    RATING,
    TEXT,
    World,
    at,
    handling_of,
    new_proposal,
    organisation,
    reply,
    seat,
    sign_off,
    to_signing,
)

ON = dt.date(2024, 12, 31)


def submit(world: World, title: str, **given: Any) -> Case:
    case = new_proposal(world, text={"title": title}, **given)
    act(case, "submit", by=given.get("by") or world.members[0], at=at("2024-01-11"))
    return case


def admit(world: World, case: Case, **data: Any) -> None:
    act(case, "admit", by=world.registry, data=data, at=at("2024-01-25"))


def assign(world: World, case: Case, *, co: bool = False, split: bool = False) -> None:
    lead, other = world.lead.organisation.code, world.other.organisation.code
    units: dict[str, Any] = {"split": [lead, other], "parts": "场景\n人才"} if split else {"lead": lead}
    if co:
        units["co"] = [world.co.organisation.code]
    act(case, "assign", by=world.registry, data=units, at=at("2024-01-30"))


def answer(
    world: World, case: Case, *, day: str, co: bool = False, public: bool = True, **given: Any
) -> Case:
    handling = to_signing(world, case, reply(world, **given))
    sign_off(world, handling, day=day, co=co)
    if public:
        act(handling, "publish", by=world.lead.officer, at=at(day, "11:00"))
    act(handling, "deliver", by=world.lead.officer, at=at(day, "12:00"))
    case.refresh_from_db()
    return handling


def answer_split(world: World, case: Case) -> None:
    """Both units of a split proposal answer, the second one without speaking with the proposer by visit."""
    for unit, result in ((world.lead, "solved"), (world.other, "planned")):
        handling = case.children.select_related("call__owner").get(kind="handling", unit=unit.organisation)
        method = "visit" if unit is world.lead else "phone"
        act(handling, "accept", by=unit.officer, at=at("2024-02-01"))
        data = {"method": method, "on": "2024-02-20", "summary": "听取意见"}
        act(handling, "contact", by=unit.officer, data=data, at=at("2024-02-20"))
        content = reply(world, promise="", result=result, result_date=dt.date(2025, 6, 30))
        act(handling, "save_reply", by=unit.officer, content=content.to_dict(), at=at("2024-04-01"))
        act(handling, "request_signature", by=unit.officer, at=at("2024-04-02"))
        for verb, by in (("check", unit.head), ("vet", unit.office), ("sign", unit.leader)):
            act(handling, verb, by=by, at=at("2024-04-10"))
        act(handling, "deliver", by=unit.officer, at=at("2024-04-11"))
    case.refresh_from_db()


@pytest.fixture
def counted(world: World) -> World:
    one, two, three = world.members
    registry = world.registry

    p1 = submit(world, "P1")
    admit(world, p1, category="科技", key=True)
    assign(world, p1, co=True)
    answer(world, p1, day="2024-04-30", co=True)
    act(p1, "rate", by=one, data=RATING, at=at("2024-05-10"))
    promise = p1.children.get(kind="commitment")
    act(promise, "complete", by=world.lead.officer, data={"summary": "办结"}, at=at("2024-11-01"))

    p2 = new_proposal(world, text={"title": "P2"})
    for other in (two, three):
        act(p2, "invite", by=one, data={"person": other.person.code}, at=at("2024-01-10", "11:00"))
    for other in (two, three):
        act(p2, "join", by=other, at=at("2024-01-10", "12:00"))
    act(p2, "submit", by=one, at=at("2024-01-11"))
    admit(world, p2, category="科技")
    assign(world, p2)
    answer(world, p2, day="2024-06-03", result="reference", result_reason="条件不具备", due="2024-06-30")
    for member, attitude, agreement in (
        (one, "satisfied", "understand"),
        (two, "understood", "agree"),
        (three, "satisfied", "reserve"),
    ):
        said = {**RATING, "attitude": attitude, "agreement": agreement}
        act(p2, "rate", by=member, data=said, at=at("2024-06-10"))
    act(p2, "track", by=registry, at=at("2024-06-11"))
    act(p2, "change_result", by=registry, data={"result": "solved"}, reason="落实", at=at("2024-09-01"))

    party = organisation("民盟测试区委", "group")
    p3 = start_draft(world.call, two, body=party, at=at("2024-01-10"))
    act(p3, "save", by=two, content={**TEXT, "title": "P3"}, at=at("2024-01-10"))
    act(p3, "submit", by=two, at=at("2024-01-11"))
    admit(world, p3, category="教育")
    assign(world, p3, split=True)
    answer_split(world, p3)

    p4 = submit(world, "P4")
    admit(world, p4)
    assign(world, p4)
    answer(world, p4, day="2024-04-20", promise="", result="planned", result_date=dt.date(2025, 1, 1))
    act(p4, "rate", by=one, data={**RATING, "attitude": "dissatisfied"}, at=at("2024-04-25"))
    act(p4, "redo", by=registry, reason="不满意", at=at("2024-04-26"))
    again = handling_of(p4)
    content = reply(world, promise="").to_dict()
    said = {"method": "phone", "on": "2024-05-09", "summary": "电话沟通"}
    act(again, "contact", by=world.lead.officer, data=said, at=at("2024-05-09"))
    act(again, "save_reply", by=world.lead.officer, content=content, at=at("2024-05-10"))
    act(again, "request_signature", by=world.lead.officer, at=at("2024-05-11"))
    sign_off(world, again, day="2024-05-12", co=False)
    act(again, "deliver", by=world.lead.officer, at=at("2024-05-13"))
    p4.refresh_from_db()
    act(p4, "rate", by=one, data=RATING, at=at("2024-05-20"))

    p5 = submit(world, "P5")
    admit(world, p5, category="教育")
    assign(world, p5)
    p6 = submit(world, "P6")
    act(p6, "merge", by=registry, data={"into": p5.code}, reason="相同", at=at("2024-02-01"))
    p7 = submit(world, "P7")
    act(p7, "refuse", by=registry, data={"ground": "empty"}, reason="空泛", at=at("2024-01-20"))
    p8 = submit(world, "P8")
    act(p8, "convert", by=registry, reason="社情", at=at("2024-01-20"))
    p9 = submit(world, "P9")
    act(p9, "withdraw", by=one, reason="重写", at=at("2024-01-20"))
    submit(world, "P10")
    new_proposal(world, text={"title": "never submitted"})

    congress = organisation("测试区人大常委会", "congress")
    deputy = seat("代表甲", congress, "deputy")
    secretary = seat("人大交办", congress, "registry")
    world.suggestions = Call.objects.create(
        kind="suggestion",
        title="测试区第十七届人大三次会议",
        owner=congress,
        start=dt.date(2024, 1, 5),
        rulebook="changning/deputies-suggestions",
        settings={"slug": "npc"},
    )
    s1 = start_draft(world.suggestions, deputy, at=at("2024-01-10"))
    act(s1, "save", by=deputy, content={**TEXT, "title": "S1"}, at=at("2024-01-10"))
    act(s1, "submit", by=deputy, at=at("2024-01-11"))
    act(s1, "admit", by=secretary, at=at("2024-01-25"))
    Call.objects.create(
        kind="proposal",
        title="上一次会议",
        owner=world.conference,
        start=dt.date(2023, 1, 1),
        rulebook="changning/cppcc-proposals",
    )
    return world


def proposals(world: World) -> Body:
    return next(b for b in count("2024", on=ON).bodies if b.instrument == "proposal")


EXPECTED = {
    "received": (10, None),
    "admitted": (5, 10),
    "merged": (1, 10),
    "refused": (1, 10),
    "converted": (1, 10),
    "withdrawn": (1, 10),
    "pending": (1, 10),
    "individual": (3, 5),  # P1 P4 P5
    "joint": (1, 5),
    "collective": (1, 5),
    "key": (1, 5),
    "handlings": (6, None),  # P1 P2 P3×2 P4 P5
    "opinions": (1, None),
    "answered": (5, 6),
    "on_time": (4, 6),  # P2 late, P5 late without an answer
    "extended": (0, 6),
    "replied": (4, 5),  # P1 P2 P3 P4
    "adopted": (1, 4),  # P1; P3 is as far as its least advanced unit
    "result.solved": (1, 4),
    "result.planned": (2, 4),
    "result.reference": (1, 4),
    "adopted_after": (3, 4),  # P1, P2 changed, P4 second reply
    "contacted": (5, 5),
    "contacted.visit": (4, 5),
    "contacted.phone": (1, 5),
    "contacted.other": (0, 5),
    "public": (3, 5),  # P1 P2 P4
    "rated": (5, None),  # P1: 1, P2: 3, P4: 1 (the second rating replaces the first)
    "attitude": (4, 5),
    "attitude.satisfied": (4, 5),
    "attitude.understood": (1, 5),
    "attitude.dissatisfied": (0, 5),
    "agreement": (3, 5),
    "agreement.agree": (3, 5),
    "agreement.understand": (1, 5),
    "agreement.reserve": (1, 5),
    "agreement.disagree": (0, 5),
    "redone": (1, None),
    "converted_after": (2, 3),  # P2 and P4 of P2, P3, P4
    "promises": (2, None),
    "kept": (1, 2),
    "overdue": (1, 2),
}


def test_every_figure(counted: World) -> None:
    found = {f.code: (f.value, f.of) for f in proposals(counted).figures}
    assert found == EXPECTED


def test_parts_add_up(counted: World) -> None:
    body = proposals(counted)

    def value(*codes: str) -> int:
        return sum(body.figure(code).value for code in codes)

    whole = ("admitted", "merged", "refused", "converted", "withdrawn", "pending")
    assert value("received") == value(*whole)
    assert value("admitted") == value("individual", "joint", "collective")
    assert value("replied") == sum(r.first for r in body.results) == sum(r.now for r in body.results)
    assert value("admitted") == sum(c.admitted for c in body.categories)
    assert value("handlings") == sum(u.lead + u.split for u in body.units)
    assert value("answered") == sum(u.answered for u in body.units)


def test_units(counted: World) -> None:
    rows = {u.name: u for u in proposals(counted).units}
    lead = rows["测试区科委"]
    assert (lead.lead, lead.split, lead.co) == (4, 1, 0)
    assert (lead.answered, lead.due, lead.on_time, lead.public) == (4, 5, 3, 3)
    assert dict(lead.results) == {"solved": 2, "reference": 1, "planned": 1}
    assert lead.percent == 60.0
    other = rows["测试区教育局"]
    assert (other.lead, other.split, other.answered, other.on_time) == (0, 1, 1, 1)
    co = rows["测试区商务委"]
    assert (co.lead, co.split, co.co, co.percent) == (0, 0, 1, None)


def test_categories(counted: World) -> None:
    rows = {str(c.name): (c.admitted, c.replied, c.good) for c in proposals(counted).categories}
    assert rows == {"科技": (2, 2, 1), "教育": (2, 1, 0), "未分类": (1, 1, 0)}


def test_results(counted: World) -> None:
    rows = {r.code: (r.first, r.now) for r in proposals(counted).results}
    assert rows == {"solved": (1, 3), "planned": (2, 1), "reference": (1, 0)}


def test_instruments_are_apart(counted: World) -> None:
    found = count("2024", on=ON)
    assert [b.instrument for b in found.bodies] == ["proposal", "suggestion"]
    suggestions = found.bodies[1]
    assert suggestions.figure("received").value == 1
    assert [r.code for r in suggestions.results] == ["solved", "solving", "planned", "reference"]
    assert len(sessions_of("2023")) == 1
    assert count("2022").bodies == ()
    assert counted.suggestions
    assert len(count(counted.suggestions.code, on=ON).bodies) == 1


def test_before_the_deadline_nothing_is_owed(counted: World) -> None:
    body = next(b for b in count("2024", on=dt.date(2024, 4, 1)).bodies if b.instrument == "proposal")
    assert body.figure("on_time").of == 5  # P5 is not yet late; the answers are on file


def test_queries_do_not_grow(counted: World) -> None:
    with CaptureQueriesContext(connection) as few:
        count("2024", on=ON)
    for i in range(5):
        case = submit(counted, f"weitere {i}")
        admit(counted, case)
        assign(counted, case, co=True)
    with CaptureQueriesContext(connection) as many:
        count("2024", on=ON)
    assert len(many) == len(few) <= 12


def test_page_and_files(counted: World, visitor: Client) -> None:
    page = visitor.get("/statistics/2024/").content.decode()
    for words in ("按期办复率", "66.7", "怎样计算", "没有退回的承办件数", "代表建议", "政协提案", "<svg"):
        assert words in page, words
    assert visitor.get(f"/statistics/{counted.call.code}/").status_code == 200
    data = visitor.get("/statistics/2024.json").json()
    assert visitor.get("/api/v1/statistics/2024").json() == data
    book = load_workbook(io.BytesIO(visitor.get("/statistics/2024.xlsx").content))
    sheet = book.worksheets[0]
    rows = {row[1].value: row[2].value for row in sheet.iter_rows(min_row=2)}
    assert rows["收到"] == 10
    assert rows["按期办复率"] == 4
