"""What each has in hand: owners their scenarios, firms their bids, experts their panels, the office its pipeline."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from qiao.core.acts import Refused
from qiao.core.identity import seats_at
from qiao.core.models import Call, Case, Party, Person
from qiao.core.process import kind_of
from qiao.desk.scenarios import phrases
from qiao.desk.shared import crumbs, me, signed_in, today
from qiao.kinds.scenario import challenge, expert, scenario
from qiao.kinds.scenario.fitting import never_asked, reasons, scenes_for
from qiao.kinds.scenario.lists import begun_calls
from qiao.kinds.scenario.pipeline import Pipeline, pipeline
from qiao.kinds.sheets import wan
from qiao.kinds.shelf.entries import Listed, listed

HOME = "/desk/scenarios/"
OFFICERS = frozenset({"officer", "head", "leader"})
SHOWN = 200  # cases in one table
WAITING = ("review", "approving")  # stages in which a scenario waits for the office


def rows(cases: list[Case]) -> list[dict[str, Any]]:
    """Cases for a table: kind, stage, the unit in hand."""
    found = []
    for case in cases:
        kind = kind_of(case.kind, case.kind_version)
        found.append({"case": case, "kind": kind.label, "stage": kind.stage(case.stage).label})
    return found


IN_HAND = {  # kinds that somebody takes part in, and as what
    "scenario": ("holder",),
    "bid": ("lead", "partner"),
    "invitation": ("firm",),
    "pilot": ("lead", "partner", "holder"),
    "joint": ("lead", "partner"),
}
PERSONAL = ("panel", "expert")  # those of a person, whatever the unit
OPEN_FIRST = (F("closed_at").asc(nulls_first=True), "-moved_at")


def _mine(organisations: set[int], person: Person | None) -> dict[str, list[Case]]:
    """Cases by kind in which one's units, or oneself, take part: open ones first, `SHOWN` of each kind. One query."""
    part = Q(case__kind__in=PERSONAL, person=person)
    for kind, roles in IN_HAND.items():
        part |= Q(case__kind=kind, role__in=roles, organisation__in=organisations) & ~Q(
            state__in=["ended", "declined"]
        )
    rank = Window(RowNumber(), partition_by="kind", order_by=OPEN_FIRST)
    own = Q(person=person) | Q(organisation__in=organisations)  # said apart: databases look these up by index
    found = Case.objects.filter(pk__in=Party.objects.filter(own, part).values("case"))
    return _by_kind(found.annotate(rank=rank).filter(rank__lte=SHOWN).order_by(*OPEN_FIRST))


def _by_kind(found: QuerySet[Case]) -> dict[str, list[Case]]:
    kinds: defaultdict[str, list[Case]] = defaultdict(list)
    for case in found.select_related("unit", "call"):
        kinds[case.kind].append(case)
    return kinds


def stage_groups(found: Pipeline) -> list[dict[str, Any]]:
    """The pipeline for its table: stages by kind, each with the length of its bar in a hundred. Bars of one kind are of
    one scale; the grey one is how long nine of ten take at most."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in found.stages:
        groups.setdefault(str(one.kind), []).append({"one": one})
    for rows_ in groups.values():
        full = max((row["one"].long or 0 for row in rows_), default=0) or 1
        for row in rows_:
            row["usual"] = round(100 * (row["one"].usual or 0) / full)
            row["long"] = round(100 * (row["one"].long or 0) / full)
    return [{"kind": kind, "rows": rows_} for kind, rows_ in groups.items()]


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    seats = seats_at(request)
    agents = {s.organisation_id for s in seats if s.role in {"agent", "officer"}}
    offices = {s.organisation_id for s in seats if s.role in OFFICERS}
    calls = begun_calls(today())
    owned = [c for c in calls.all if c.owner_id in offices]
    mine = _mine(agents, me(request))
    shown: dict[str, Any] = {
        "calls": [c for c in calls.scenarios if agents and (c.end is None or c.end >= today())],
        "joint_calls": calls.joints if any(s.role == "agent" for s in seats) else [],
        "scenarios": rows(mine["scenario"]),
        "bids": rows(mine["bid"]),
        "invitations": rows([c for c in mine["invitation"] if c.closed_at is None]),
        "pilots": rows(mine["pilot"]),
        "joints": rows(mine["joint"]),
        "pools": calls.pools if any(s.role == "expert" for s in seats) else [],
        "crumbs": crumbs((phrases.SCENARIOS, "")),
    }
    agent = next((s for s in seats if s.role == "agent"), None)
    if agent is not None:
        here = get_language() or "zh"
        shown["fits"] = [
            {"scene": scene, "score": round(match.score), "reasons": reasons(match, here)}
            for scene, match in scenes_for(agent.organisation)
        ]
    shown["panels"] = rows([case for kind in PERSONAL for case in mine[kind]])
    if owned:
        shown |= _office(owned)
    return render(request, "desk/scenarios/home.html", shown)


def _office(owned: list[Call]) -> dict[str, Any]:
    ids = [c.pk for c in owned]
    found = pipeline(ids)
    todo = Q(kind="scenario", stage__in=[*WAITING, "listed"]) | Q(kind__in=["challenge", "pilot"])
    rank = Window(RowNumber(), partition_by=[F("kind"), F("stage")], order_by="-moved_at")
    cases = Case.objects.filter(todo, call__in=ids, closed_at__isnull=True)
    there = _by_kind(cases.annotate(rank=rank).filter(rank__lte=SHOWN).order_by("-moved_at"))
    waiting = [case for case in there["scenario"] if case.stage in WAITING]
    pilot = kind_of("pilot")
    copied = pilot.verb("copied")
    never, never_count = never_asked()
    offers: defaultdict[int, list[Listed]] = defaultdict(list)
    for one in listed("offer"):
        offers[one.holder.pk].append(one)
    return {
        "office": True,
        "waiting": rows(waiting[::-1]),
        "listed": rows([case for case in there["scenario"] if case.stage not in WAITING]),
        "challenges": rows(sorted(there["challenge"], key=lambda case: case.due_legal or dt.date.max)),
        "office_pilots": rows(there["pilot"]),
        "tiles": [
            {"label": kind_of("scenario").label, "value": found.funnel["demands"]},
            {"label": phrases.CHALLENGE, "value": found.funnel["challenges"]},
            {"label": kind_of("bid").label, "value": found.funnel["bids"]},
            {"label": pilot.stage("passed").label, "value": found.funnel["passed"]},
            {"label": copied.label if copied else "", "value": found.funnel["copies"]},
            {"label": phrases.GRANTED, "value": wan(found.granted_fen)},
        ],
        "groups": stage_groups(found),
        "never": [{"firm": firm, "offers": offers[firm.pk][:3]} for firm in never],
        "never_count": never_count,
    }


@require_POST
@signed_in
def new(request: HttpRequest, code: str) -> HttpResponseBase:
    """A new, empty scenario of one's unit; the form opens."""
    call = Call.objects.filter(kind="scenario", code=code).select_related("owner").first()
    if call is None:
        raise Http404
    seat = next((s for s in seats_at(request) if s.role in {"agent", "officer"}), None)
    if seat is None:
        raise PermissionDenied(str(phrases.NOT_AGENT))
    case = scenario.begin(call, seat.organisation, by=seat)
    messages.success(request, phrases.BEGUN)
    return redirect(f"{case.get_absolute_url()}sheet/write/")


@require_POST
@signed_in
def start(request: HttpRequest, code: str) -> HttpResponseBase:
    """A challenge on a listed scenario; its terms open for writing."""
    case = Case.objects.filter(kind="scenario", code=code).select_related("call__owner").first()
    seat = next((s for s in seats_at(request) if case and s.organisation_id == case.call.owner_id), None)
    if case is None or seat is None or seat.role != "officer":
        raise Http404
    try:
        found = challenge.begin(case, by=seat)
    except Refused as refusal:
        messages.error(request, str(refusal.answer))
        return redirect(HOME)
    messages.success(request, phrases.CHALLENGE_BEGUN)
    return redirect(f"{found.get_absolute_url()}sheet/write/")


@require_POST
@signed_in
def enter(request: HttpRequest, code: str) -> HttpResponseBase:
    """One's entry in the pool of experts."""
    pool = Call.objects.filter(kind="expert", code=code).select_related("owner").first()
    seat = next((s for s in seats_at(request) if s.role == "expert"), None)
    if pool is None or seat is None:
        raise Http404
    try:
        with transaction.atomic():
            case = expert.begin(pool, seat.person, by=seat)
    except IntegrityError:
        messages.error(request, phrases.IN_POOL)
        return redirect(HOME)
    return redirect(f"{case.get_absolute_url()}sheet/write/")
