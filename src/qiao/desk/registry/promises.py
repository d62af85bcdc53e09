"""Commitments: what my unit has promised, or for the registry what everybody has; by item and by unit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qiao.core.access import listed
from qiao.core.identity import seats_at
from qiao.core.models import Act, Call, Case, Organisation
from qiao.core.organisations import code_of, typed
from qiao.core.process import kind_of, kinds
from qiao.desk import phrases as desk_phrases
from qiao.desk import phrases_registry as phrases
from qiao.desk.listing import COUNTED
from qiao.desk.registry.seats import only_for, organisations_as, seats_as
from qiao.desk.shared import calendar, choice, crumbs, due_cell, late_bounds, me, today

SEATS = ("officer", "registry", "leader", "head")
PAGE = 25
UNDERTAKE = "undertake"
REPORTS = ("progress", "complete", "explain", "carry_over")
DONE, CHANGED = "done", "changed"
BY_UNIT = "units"


@dataclass(frozen=True)
class Wanted:
    """The filters of a request, cleaned."""

    state: str
    unit: str
    call: str
    q: str
    view: str

    @classmethod
    def of(cls, given: QueryDict) -> Wanted:
        state = given.get("state", "open")
        return cls(
            state if state in phrases.STATES or state == "all" else "open",
            code_of(given.get("unit", "")),
            given.get("call", "")[:12],
            given.get("q", "").strip()[:60],
            BY_UNIT if given.get("view") == BY_UNIT else "",
        )


def state_condition(state: str, on: dt.date) -> Q:
    """Which promises stand in a state of :data:`phrases.STATES`."""
    soon = late_bounds(on)[1]
    live = Q(closed_at__isnull=True)
    return {
        "open": live,
        "late": live & Q(due_legal__lt=on),
        "due_soon": live & Q(due_legal__gte=on, due_legal__lte=soon),
        "done": Q(closed_at__isnull=False, stage=DONE),
        "changed": Q(closed_at__isnull=False, stage=CHANGED),
    }.get(state, Q())


def mine(request: HttpRequest) -> QuerySet[Case]:
    """The commitments that I may see: my units', and those of the sessions that I supervise."""
    followed = [k.code for k in kinds() if k.verb(UNDERTAKE)]
    seats = [s for s in seats_at(request) if s.role in SEATS]
    rows = Case.objects.filter(listed(me(request), seats), kind__in=followed)
    everything = {s.organisation_id for s in seats if any(s.role in k.supervisors for k in kinds())}
    owned = Q(unit__in={s.organisation_id for s in seats}) | Q(call__owner__in=everything)
    return rows.filter(owned)


def _asked(rows: QuerySet[Case], wanted: Wanted, on: dt.date) -> QuerySet[Case]:
    if wanted.unit:
        rows = rows.filter(unit__code=wanted.unit)
    if wanted.call:
        rows = rows.filter(call__code=wanted.call)
    if wanted.q:
        rows = rows.filter(Q(title__icontains=wanted.q) | Q(parent__number=wanted.q))
    return rows.filter(state_condition(wanted.state, on))


def _rows(rows: QuerySet[Case], page: str | None, on: dt.date) -> tuple[Any, list[dict[str, Any]]]:
    ordered = rows.order_by(F("due_legal").asc(nulls_last=True), "pk")
    # read once along the order, for the pages and their number; then the rows of one page
    found = Paginator(list(ordered.values_list("pk", flat=True)[:COUNTED]), PAGE).get_page(page)
    there = Case.objects.select_related("unit", "parent", "call").in_bulk(list(found.object_list))
    cases = [there[pk] for pk in found.object_list]
    newest = Act.objects.filter(case=OuterRef("pk"), verb__in=REPORTS).order_by("-seq").values("pk")[:1]
    started = Act.objects.filter(case=OuterRef("pk"), verb=UNDERTAKE).order_by("seq").values("pk")[:1]
    ids = (
        Case.objects.filter(pk__in=[c.pk for c in cases])
        .annotate(last=Subquery(newest), first=Subquery(started))
        .values_list("pk", "last", "first")
    )
    known = {pk: (last, first) for pk, last, first in ids}
    acts = Act.objects.select_related("by__organisation").in_bulk(
        [a for pair in known.values() for a in pair if a]
    )
    days, shown = calendar(), []
    for case in cases:
        last, first = (acts.get(pk) if pk else None for pk in known.get(case.pk, (None, None)))
        kind = kind_of(case.kind, case.kind_version)
        verb = kind.verb(last.verb) if last else None
        shown.append(
            {
                "case": case,
                "stage": kind.stage(case.stage),
                "measure": first.data.get("measure", "") if first else "",
                "until": first.data.get("until", "") if first else "",
                "last": last,
                "last_verb": verb.label if verb else "",
                "said": (last.data.get("summary") or last.reason) if last else "",
                "percent": last.data.get("percent", "") if last else "",
                **due_cell(None if case.closed_at else case.due_legal, on, days),
            }
        )
    return found, shown


def _units(rows: QuerySet[Case], on: dt.date) -> list[dict[str, Any]]:
    """Per unit: how many are open, due soon, late, done and changed. The latest first."""
    counted = (
        rows.order_by()
        .values("unit")
        .annotate(
            all=Count("pk"), **{f"n_{s}": Count("pk", filter=state_condition(s, on)) for s in phrases.STATES}
        )
    )
    groups: list[dict[str, Any]] = [dict(g) for g in counted if g["unit"]]
    names = Organisation.objects.in_bulk([g["unit"] for g in groups])
    found = [
        {
            "unit": names[g["unit"]],
            "all": g["all"],
            "cells": [
                {
                    "state": s,
                    "label": label,
                    "n": g[f"n_{s}"],
                    "url": f"/desk/promises/?state={s}&unit={names[g['unit']].code}",
                    "tone": s if s in ("late", "due_soon") else "",
                }
                for s, label in phrases.STATES.items()
            ],
            "late": g["n_late"],
        }
        for g in groups
    ]
    return sorted(found, key=lambda r: (-r["late"], -r["all"], str(r["unit"])))


@require_GET
@only_for(*SEATS)
def page(request: HttpRequest) -> HttpResponseBase:
    wanted, on = Wanted.of(request.GET), today()
    rows = mine(request)
    context: dict[str, Any] = {
        "wanted": wanted,
        "states": phrases.STATES,
        "promise_search": phrases.PROMISE_SEARCH,
        "keep_units": {"view": BY_UNIT},
        "tabs": [
            {"url": "/desk/promises/", "label": phrases.LISTED, "active": not wanted.view},
            {"url": "/desk/promises/?view=units", "label": phrases.BY_UNIT, "active": bool(wanted.view)},
        ],
        "crumbs": crumbs((phrases.PROMISES, "")),
    }
    if wanted.view:
        context["units"] = _units(_asked(rows, Wanted("all", "", wanted.call, "", ""), on), on)
    else:
        context["page_obj"], context["rows"] = _rows(_asked(rows, wanted, on), request.GET.get("page"), on)
    context["filters"] = _filters(request, wanted)
    return render(request, "desk/registry/promises.html", context)


def _filters(request: HttpRequest, wanted: Wanted) -> list[dict[str, Any]]:
    owners = {s.organisation_id for s in seats_as(request, *SEATS)}
    taken_part = Case.objects.filter(unit__in=owners).order_by().values("call").distinct()
    calls = Call.objects.filter(Q(owner__in=owners) | Q(pk__in=taken_part)).order_by("-start")[:30]
    found: list[dict[str, Any]] = []
    if not wanted.view:
        states = [
            ("open", phrases.STATES["open"]),
            *((k, v) for k, v in phrases.STATES.items() if k != "open"),
        ]
        found.append(choice("state", phrases.LATENESS, [*states, ("all", desk_phrases.ALL)], wanted.state))
        if any(s.role == "registry" for s in seats_at(request)):
            followed = [k for k in kinds() if k.verb(UNDERTAKE)]
            promising = Case.objects.filter(
                unit=OuterRef("pk"),
                call__owner__in=organisations_as(request, "registry"),
                kind__in=[k.code for k in followed],
                stage__in={
                    s.code for k in followed for s in k.stages
                },  # as the index of a unit's cases has it
            )
            units = Organisation.objects.filter(Exists(promising))
            options = [(u.code, str(u)) for u in units.order_by("name")[:200]]
            box = choice("unit", phrases.RESPONSIBLE, [("", desk_phrases.ALL), *options], wanted.unit)
            found.append(typed(box, wanted.unit))
    options = [(c.code, c.title) for c in calls]
    found.append(choice("call", desk_phrases.SESSION, [("", desk_phrases.ALL), *options], wanted.call))
    return found
