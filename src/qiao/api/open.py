"""What is public, for everybody."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from qiao.api import phrases
from qiao.api.problems import Problem, not_found
from qiao.api.shapes import (
    CallOut,
    Error,
    Hit,
    KindOut,
    Page,
    Paging,
    Promise,
    PromiseFilter,
    Publication,
    Reply,
    ReplyFilter,
    SearchFilter,
)
from qiao.core import search as core_search
from qiao.core.models import Call, Case
from qiao.core.process import Kind, kind_of, kinds
from qiao.core.rulebook import Rulebook, rulebook
from qiao.kinds import public, statistics

router = Router(tags=["public"])


@router.get("/publications", response=Page[Publication], summary="Published replies, newest first")
def publications(request: HttpRequest, asked: Query[ReplyFilter]) -> dict[str, Any]:
    limit, offset = asked.limit, asked.offset
    found = public.found_replies(
        q=asked.q, session=asked.session, unit=asked.unit, result=asked.result, year=asked.year
    )
    rows = [public.card_data(c) for c in public.cards(found[offset : offset + limit])]
    return {"total": found.count(), "limit": limit, "offset": offset, "items": rows}


@router.get(
    "/publications/{slug}",
    response={200: Reply, 404: Error, 410: Error},
    summary="One published reply, with figures, promises and history",
)
def publication(request: HttpRequest, slug: str) -> Any:
    found = public.publication_at(slug)
    if found is None:
        raise not_found()
    if found.end is not None:
        words = {"day": found.end.isoformat(), "reason": found.end_reason}
        raise Problem(410, "withdrawn", str(phrases.WITHDRAWN) % words)
    return public.reply_data(public.reply(found))


@router.get("/promises", response=Page[Promise], summary="Promises of published replies")
def promises(request: HttpRequest, asked: Query[PromiseFilter]) -> dict[str, Any]:
    limit, offset = asked.limit, asked.offset
    found = public.Promises(state=asked.state, unit=asked.unit, session=asked.session)
    rows = [public.promise_data(p) for p in public.promises(found[offset : offset + limit])]
    return {"total": found.count(), "limit": limit, "offset": offset, "items": rows}


@router.get("/promises/{code}", response={200: Promise, 404: Error}, summary="One promise")
def promise(request: HttpRequest, code: str) -> Any:
    case = public.public_promises().filter(code=code).select_related("unit", "call", "parent").first()
    found = public.promises([case]) if case else []
    if not found:
        raise not_found()
    return public.promise_data(found[0])


@router.get(
    "/statistics/{scope}",
    response={200: dict[str, Any], 404: Error},
    summary="Yearly figures; scope: a year, or the code of a session",
)
def figures(request: HttpRequest, scope: str) -> Any:
    found = statistics.count(scope)
    if not found.bodies:
        raise not_found()
    return statistics.as_data(found)


@router.get("/calls", response=Page[CallOut], summary="Sessions")
def calls(request: HttpRequest, asked: Query[Paging]) -> dict[str, Any]:
    limit, offset = asked.limit, asked.offset
    found = public.sessions()
    return {
        "total": len(found),
        "limit": limit,
        "offset": offset,
        "items": [_call(call, n) for call, n in found[offset : offset + limit]],
    }


def _call(call: Call, published: int) -> dict[str, Any]:
    return {
        "code": call.code,
        "kind": call.kind,
        "kind_label": str(kind_of(call.kind).label),
        "title": call.title,
        "text": call.text,
        "owner": {"code": call.owner.code, "name": call.owner.name},
        "start": call.start,
        "end": call.end,
        "published_replies": published,
    }


def field_data(field: Any) -> dict[str, Any]:
    return {"code": field.code, "label": str(field.label), "kind": field.kind, "required": field.required}


def _kind(kind: Kind, books: list[Rulebook]) -> dict[str, Any]:
    return {
        "code": kind.code,
        "version": kind.version,
        "label": str(kind.label),
        "stages": [{"code": s.code, "label": str(s.label), "end": s.end} for s in kind.stages],
        "verbs": [
            {
                "code": v.code,
                "label": str(v.label),
                "source": list(v.source),
                "target": v.target or None,
                "who": [str(w.label) for w in v.who],
                "fields": [field_data(f) for f in v.fields if not f.hidden],
                "reason": v.reason,
                "paper": v.paper or None,
                "on": v.on or None,
                "public": v.public,
            }
            for v in kind.verbs
        ],
        "rules": [
            {
                "rulebook": book.name,
                "title": str(book.title),
                "clocks": [
                    {
                        "code": clock.code,
                        "label": str(clock.label),
                        "rule": name,
                        "internal": internal,
                        "amount": value.amount,
                        "unit": value.unit,
                        "day_of_year": value.day_of_year or None,
                        "source": value.source,
                        "confirmed": value.confirmed,
                    }
                    for clock in kind.clocks
                    for name, internal in ((clock.legal, False), (clock.internal, True))
                    if name and (value := book.clocks.get(name))
                ],
            }
            for book in books
        ],
    }


def _books(*codes: str) -> dict[str, list[Rulebook]]:
    """The rulebooks under which there are cases of each kind: one query."""
    rows = Case.objects.order_by().values_list("kind", "call__rulebook").distinct()
    names: dict[str, set[str]] = {}
    for kind, name in rows.filter(kind__in=codes) if codes else rows:
        names.setdefault(kind, set()).add(name)
    return {kind: [rulebook(name) for name in sorted(found)] for kind, found in names.items()}


@router.get("/kinds", response=list[KindOut], summary="Processes as data")
def kind_list(request: HttpRequest) -> list[dict[str, Any]]:
    books = _books()
    return [_kind(kind, books.get(kind.code, [])) for kind in kinds()]


@router.get("/kinds/{code}", response={200: KindOut, 404: Error}, summary="One process as data")
def kind(request: HttpRequest, code: str) -> Any:
    try:
        return _kind(kind_of(code), _books(code).get(code, []))
    except (KeyError, ValueError) as error:
        raise not_found() from error


@router.get("/search", response=Page[Hit], summary="Search over what is public")
def search(request: HttpRequest, asked: Query[SearchFilter]) -> dict[str, Any]:
    limit, offset = asked.limit, asked.offset
    found = core_search.found_in_public(asked.q, without=("grams", "text"))
    hits = []
    for entry in found[offset : offset + limit]:
        if entry.publication is not None:
            kind, code, url = "publication", entry.publication.slug, entry.publication.get_absolute_url()
        elif entry.organisation is not None:
            kind, code, url = "organisation", entry.organisation.code, ""
        else:
            kind, code, url = "call", entry.call.code if entry.call else "", ""
        on: dt.date | None = entry.publication.start if entry.publication else None
        hits.append(
            {
                "kind": kind,
                "code": code,
                "title": entry.title,
                "url": public.address(url) if url else None,
                "published_on": on,
            }
        )
    return {"total": found.count(), "limit": limit, "offset": offset, "items": hits}


__all__ = ["field_data", "router"]
