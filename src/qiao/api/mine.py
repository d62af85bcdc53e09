"""What one has to do with: cases, tasks, and acting on them. Rights are decided in ``qiao.core.access`` alone."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Query, Router, Status
from ninja.security import SessionAuth

from qiao.api import phrases
from qiao.api.open import field_data
from qiao.api.problems import Problem, not_found
from qiao.api.shapes import (
    ActIn,
    CaseDetail,
    CaseFilter,
    CaseOut,
    Done,
    Error,
    Me,
    Page,
    Paging,
    PaperContent,
    TaskOut,
    VersionFilter,
)
from qiao.core import phrases as core_phrases
from qiao.core.access import can, listed, may_read, options, visible_cases
from qiao.core.acts import EVERYWHERE, act
from qiao.core.clocks import late_level
from qiao.core.counting import Counted
from qiao.core.identity import person_of, seats_at
from qiao.core.models import Act, Case, Paper, Person, Seat, Task, Version
from qiao.core.process import kind_of

router = Router(tags=["mine"], auth=SessionAuth())


def me(request: HttpRequest) -> Person:
    person = person_of(request)
    if person is None:
        raise Problem(403, "no_person", str(phrases.NO_PERSON))
    return person


def my_case(request: HttpRequest, code: str) -> Case:
    """The case under ``code`` if this person may see it; for everybody else there is none."""
    seen = visible_cases(me(request), seats_at(request))
    case = seen.select_related("call__owner", "unit", "parent").filter(code=code).first()
    if case is None:
        raise not_found()
    return case


def case_data(case: Case) -> dict[str, Any]:
    kind = kind_of(case.kind, case.kind_version)
    return {
        "code": case.code,
        "kind": case.kind,
        "kind_label": str(kind.label),
        "number": case.number,
        "title": case.title,
        "stage": {"code": case.stage, "label": str(kind.stage(case.stage).label)},
        "unit": {"code": case.unit.code, "name": case.unit.name} if case.unit else None,
        "call": {"code": case.call.code, "title": case.call.title},
        "due_legal": case.due_legal,
        "due_internal": case.due_internal,
        "lateness": late_level(case),
        "moved_at": case.moved_at,
        "closed_at": case.closed_at,
    }


def act_data(one: Act, case: Case) -> dict[str, Any]:
    kind = kind_of(case.kind, case.kind_version)
    verb = kind.verb(one.verb) or EVERYWHERE.get(one.verb)
    return {
        "seq": one.seq,
        "verb": one.verb,
        "label": str(verb.label) if verb else one.verb,
        "at": one.at,
        "by": one.by.person.name if one.by else None,
        "organisation": one.by.organisation.name if one.by else None,
        "from_stage": one.from_stage,
        "to_stage": one.to_stage,
        "reason": one.reason,
        "data": one.data,
        "version": one.version.digest if one.version else None,
        "hash": one.hash,
        "redacted": one.redacted,
    }


@router.get("/me", response={200: Me, 401: Error, 403: Error}, summary="Who one is, with which seats")
def who(request: HttpRequest) -> Any:
    return {
        "name": me(request).name,
        "seats": [
            {
                "id": s.pk,
                "organisation": {"code": s.organisation.code, "name": s.organisation.name},
                "role": s.role,
                "label": str(s.title or core_phrases.ROLES.get(s.role, s.role)),
            }
            for s in seats_at(request)
        ],
        "csrf_token": get_token(request),
    }


@router.get("/cases", response={200: Page[CaseOut], 401: Error}, summary="The cases that one may see")
def cases(request: HttpRequest, asked: Query[CaseFilter]) -> Any:
    limit, offset = asked.limit, asked.offset
    found = Case.objects.filter(listed(me(request), seats_at(request)))
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.stage:
        found = found.filter(stage=asked.stage)
    if asked.open is not None:
        found = found.filter(closed_at__isnull=asked.open)
    rows = found.select_related("call", "unit").order_by("-moved_at", "-pk")[offset : offset + limit]
    return {
        "total": Counted(found).count(),
        "limit": limit,
        "offset": offset,
        "items": [case_data(c) for c in rows],
    }


@router.get(
    "/cases/{code}",
    response={200: CaseDetail, 401: Error, 404: Error},
    summary="One case: its acts, papers, and what one may do now",
)
def one_case(request: HttpRequest, code: str) -> Any:
    case = my_case(request, code)
    person, seats = me(request), seats_at(request)
    acts = case.acts.select_related("by__person", "by__organisation", "version")
    rows = list(acts.defer("version__content", "version__text", "version__salt"))
    children = visible_cases(person, seats).filter(parent=case).select_related("call", "unit").order_by("pk")
    newest = Version.objects.filter(paper__case=case).select_related("paper").defer("content", "text")
    papers = {v.paper_id: v for v in newest.order_by("n")}
    return {
        **case_data(case),
        "parent": case.parent.code if case.parent and _seen(request, case.parent) else None,
        "children": [case_data(c) for c in children],
        "papers": [
            {
                "code": v.paper.code,
                "kind": v.paper.kind,
                "title": v.paper.title,
                "version": v.n,
                "digest": v.digest,
                "at": v.at,
            }
            for v in papers.values()
        ],
        "acts": [act_data(a, case) for a in rows],
        "options": [
            {
                "verb": o.verb.code,
                "label": str(o.verb.label),
                "allowed": bool(o.answer),
                "seat": o.answer.seat.pk if o.answer.seat else None,
                "reasons": [{"code": r.code, "message": str(r)} for r in o.answer.reasons],
                "fields": [field_data(f) for f in o.verb.fields if not f.hidden],
                "needs_reason": o.verb.reason,
                "paper": o.verb.paper or None,
            }
            for o in options(case, seats)
        ],
    }


def _seen(request: HttpRequest, case: Case) -> bool:
    return visible_cases(me(request), seats_at(request)).filter(pk=case.pk).exists()


@router.get(
    "/cases/{code}/papers/{paper}",
    response={200: PaperContent, 401: Error, 404: Error},
    summary="The newest version of a paper, or version n",
)
def paper(request: HttpRequest, code: str, paper: str, asked: Query[VersionFilter]) -> Any:
    case = my_case(request, code)
    found = Paper.objects.filter(code=paper, case=case).first()
    versions = found.versions.order_by("-n") if found else Version.objects.none()
    version = (versions.filter(n=asked.n) if asked.n else versions).first()
    if found is None or version is None or not may_read(me(request), version, seats_at(request)):
        raise not_found()
    return {
        "code": found.code,
        "kind": found.kind,
        "title": found.title,
        "version": version.n,
        "digest": version.digest,
        "at": version.at,
        "content": version.content,
        "text": version.text,
        "redacted": version.redacted,
    }


def _seat_for(request: HttpRequest, case: Case, given: ActIn) -> Seat | None:
    """The seat that was named, or the first one that may."""
    seats = seats_at(request)
    if given.seat is not None:
        named = next((s for s in seats if s.pk == given.seat), None)
        if named is None:
            raise Problem(409, "no_seat", str(phrases.NO_SEAT))
        return named
    return next((s for s in seats if can(s, given.verb, case, needs=False)), seats[0] if seats else None)


@router.post(
    "/cases/{code}/acts",
    response={201: Done, 401: Error, 403: Error, 404: Error, 409: Error, 422: Error},
    summary="Do something with a case",
    description="409: the case or the seat does not allow it. 422: what was sent is at fault. Both say why.",
)
def do(request: HttpRequest, code: str, payload: ActIn) -> Any:
    case = my_case(request, code)
    seat = _seat_for(request, case, payload)
    if seat is None:
        # Without a seat nobody acts; as None act() would take the caller for the timer.
        message = str(core_phrases.REFUSALS["no_seat"])
        raise Problem(409, "refused", message, [{"code": "no_seat", "message": message}])
    done = act(
        case,
        payload.verb,
        by=seat,
        data=payload.data,
        reason=payload.reason,
        content=payload.content,
        seen=payload.seen,
    )
    after = Case.objects.select_related("call", "unit").get(pk=case.pk)
    return Status(201, {"act": act_data(done, case), "case": case_data(after)})


@router.get("/tasks", response={200: Page[TaskOut], 401: Error}, summary="What one owes, by due date")
def tasks(request: HttpRequest, asked: Query[Paging]) -> Any:
    limit, offset = asked.limit, asked.offset
    person, seats = me(request), seats_at(request)
    mine = Q(person=person)
    for seat in seats:
        mine |= Q(organisation=seat.organisation_id, role=seat.role)
    found = Task.objects.filter(mine, listed(person, seats, of="case__"))
    ordered = found.select_related("case__call", "case__unit").order_by(F("due").asc(nulls_last=True), "pk")
    rows = ordered[offset : offset + limit]
    return {
        "total": found.count(),
        "limit": limit,
        "offset": offset,
        "items": [
            {
                "verb": t.verb,
                "label": str(verb.label if verb else t.verb),
                "case": case_data(t.case),
                "due": t.due,
                "since": t.since,
            }
            for t in rows
            for verb in [kind_of(t.case.kind, t.case.kind_version).verb(t.verb)]
        ],
    }
