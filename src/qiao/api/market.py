"""The market and the scenarios, for everybody: what their public pages say."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Query, Router, Schema
from pydantic import Field

from qiao.api.problems import not_found
from qiao.api.shapes import Error, Named, Page, Paging
from qiao.kinds.public.data import address
from qiao.kinds.scenario.lists import Scene, scene, scenes
from qiao.kinds.scenario.record import Record, pilots, rounds
from qiao.kinds.sheets import Entry
from qiao.kinds.shelf.entries import Listed, listed, listed_entry

router = Router(tags=["market"])


class EntryFilter(Paging):
    kind: str = Field(default="", max_length=10, description="need or offer")
    technology: str = Field(default="", max_length=40)
    field: str = Field(default="", max_length=40)


class SceneFilter(Paging):
    state: str = Field(
        default="", max_length=20, description="open, listed, review, notice, pilot or benchmark"
    )
    technology: str = Field(default="", max_length=40)
    field: str = Field(default="", max_length=40)


class Line(Schema):
    """One field as it is read on the page."""

    code: str
    label: str
    text: str


class EntryOut(Schema):
    code: str
    kind: str
    title: str
    holder: Named
    since: dt.date
    until: dt.date | None
    lines: list[Line]
    url: str


class SceneOut(Schema):
    code: str
    number: str
    title: str
    state: str
    holder: Named
    batch: str
    since: dt.date
    bids_until: dt.date | None
    lines: list[Line]
    url: str


class RoundOut(Schema):
    """A challenge; ``winners`` once they are on public notice, ``counts`` once bids are opened."""

    number: str
    stage: str
    until: dt.date | None
    questions: list[dict[str, str]]
    counts: dict[str, int]
    winners: list[dict[str, Any]]
    no_award: str | None


class MilestoneOut(Schema):
    name: str
    due: dt.date
    state: str


class CopyOut(Schema):
    by: str
    place: str
    since: dt.date


class PilotOut(Schema):
    stage: str
    units: list[str]
    milestones: list[MilestoneOut]
    copies: list[CopyOut]


class SceneWhole(SceneOut):
    challenges: list[RoundOut]
    pilots: list[PilotOut]


def _lines(found: list[tuple[Entry, str]]) -> list[dict[str, str]]:
    return [{"code": entry.code, "label": str(entry.label), "text": text} for entry, text in found]


def _entry(one: Listed) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "title": one.case.title,
        "holder": {"code": one.holder.code, "name": one.holder.name},
        "since": one.since,
        "until": one.case.due_legal,
        "lines": _lines(one.lines(get_language() or "zh")),
        "url": address(one.url),
    }


def _scene(one: Scene) -> dict[str, Any]:
    return {
        "code": one.code,
        "number": one.case.number,
        "title": one.case.title,
        "state": one.state,
        "holder": {"code": one.holder.code, "name": one.holder.name},
        "batch": one.batch,
        "since": one.since,
        "bids_until": one.challenge.due_legal if one.challenge and one.state == "open" else None,
        "lines": _lines(one.lines(get_language() or "zh")),
        "url": address(one.url),
    }


def _tagged(content: dict[str, Any], technology: str, field: str) -> bool:
    return (not technology or technology in content.get("technologies", ())) and (
        not field or field in content.get("fields", ())
    )


@router.get("/market", response=Page[EntryOut], summary="Needs and offers on the shelves, newest first")
def market(request: HttpRequest, asked: Query[EntryFilter]) -> dict[str, Any]:
    found = [one for one in listed(asked.kind) if _tagged(one.content, asked.technology, asked.field)]
    part = found[asked.offset : asked.offset + asked.limit]
    return {
        "total": len(found),
        "limit": asked.limit,
        "offset": asked.offset,
        "items": [_entry(one) for one in part],
    }


@router.get("/market/{code}", response={200: EntryOut, 404: Error}, summary="One need or offer")
def entry(request: HttpRequest, code: str) -> Any:
    found = listed_entry(code)
    if found is None:
        raise not_found()
    return _entry(found)


@router.get("/scenarios", response=Page[SceneOut], summary="Scenarios on the lists, newest first")
def scenarios(request: HttpRequest, asked: Query[SceneFilter]) -> dict[str, Any]:
    found = [
        one
        for one in scenes()
        if (not asked.state or one.state == asked.state)
        and _tagged(one.content, asked.technology, asked.field)
    ]
    part = found[asked.offset : asked.offset + asked.limit]
    return {
        "total": len(found),
        "limit": asked.limit,
        "offset": asked.offset,
        "items": [_scene(one) for one in part],
    }


@router.get(
    "/scenarios/{code}",
    response={200: SceneWhole, 404: Error},
    summary="One scenario with its challenges and pilots",
)
def scenario(request: HttpRequest, code: str) -> Any:
    found = scene(code)
    if found is None:
        raise not_found()
    record = Record.read(found.case)
    challenges = [
        {
            "number": one.case.number,
            "stage": one.case.stage,
            "until": one.until,
            "questions": [{"question": q.question, "answer": q.answer} for q in one.questions],
            "counts": one.counts,
            "winners": [
                {"plan": w.number, "units": [u.name for u in w.units], "total": w.total} for w in one.winners
            ],
            "no_award": one.failure[1] if one.failure else None,
        }
        for one in rounds(record)
    ]
    tried = [
        {
            "stage": one.case.stage,
            "units": [u.name for u in one.units],
            "milestones": [{"name": m.name, "due": m.due, "state": m.state} for m in one.milestones],
            "copies": [{"by": c.by, "place": c.place, "since": c.since} for c in one.copies],
        }
        for one in pilots(record)
    ]
    return _scene(found) | {"challenges": challenges, "pilots": tried}


__all__ = ["router"]
