"""The front page, what this is, and the processes as they are drawn."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from qiao.core.access import joined
from qiao.core.charts import Bar, bars
from qiao.core.clocks import today
from qiao.core.diagram import diagram
from qiao.core.models import Call
from qiao.core.policies import rules
from qiao.core.process import Kind, kind_of, kinds
from qiao.core.rulebook import ClockValue, Rulebook, rulebook
from qiao.kinds import public
from qiao.portal import phrases
from qiao.portal.shared import crumbs

NEWEST = 6
ROBOTS = """User-agent: *
Disallow: /desk/
Disallow: /accounts/
Disallow: /admin/
Disallow: /api/
Disallow: /search/
"""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    total = public.count_promises()[0]
    late = total.states["late"] + total.states["very_late"]
    return render(
        request,
        "portal/home.html",
        {
            "entrances": _entrances(),
            "cards": public.cards(public.replies()[:NEWEST]),
            "total": total.total,
            "tiles": [
                {"label": phrases.MADE, "value": total.total, "url": "/promises/"},
                {
                    "label": phrases.STATES["done"],
                    "value": total.states["done"],
                    "tone": "good",
                    "url": "/promises/?state=done",
                },
                {
                    "label": phrases.STATES["on_time"],
                    "value": total.states["on_time"] + total.states["due_soon"],
                    "url": "/promises/?state=open",
                    "note": phrases.SOON % {"n": total.states["due_soon"]}
                    if total.states["due_soon"]
                    else "",
                },
                {
                    "label": phrases.STATES["late"],
                    "value": late,
                    "tone": "late" if late else "",
                    "url": "/promises/?state=late",
                },
            ],
            "chart": bars(
                [Bar(phrases.STATES[s], total.states[s], s) for s in public.STATES],
                label=phrases.CHART_PROMISES,
            )
            if total.total
            else "",
            "states": [(phrases.STATES[s], total.states[s]) for s in public.STATES],
            "sessions": public.sessions()[:NEWEST],
        },
    )


def _entrances() -> list[dict[str, Any]]:
    """What else is here, and how much of it."""
    there = public.numbers()
    return [
        {
            "label": phrases.FINDER,
            "url": reverse("portal:finder"),
            "text": phrases.TO_FINDER % {"n": len(rules(today()).plan.policies)},
        },
        {
            "label": phrases.MARKET,
            "url": reverse("portal:market"),
            "text": phrases.TO_MARKET % {"needs": there["need"], "offers": there["offer"]},
        },
        {
            "label": phrases.SCENARIOS,
            "url": reverse("portal:scenarios"),
            "text": phrases.TO_SCENARIOS % {"n": there["scenario"], "open": there["challenge"]},
        },
    ]


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/about.html", {"kinds": kinds(), "crumbs": crumbs((phrases.ABOUT, ""))})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@require_safe
def kinds_list(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/kinds.html", {"kinds": kinds(), "crumbs": crumbs((phrases.PROCESSES, ""))})


def _amount(value: ClockValue) -> str:
    if value.day_of_year:
        month, day = value.day_of_year.split("-")
        return str(phrases.DAY_OF_YEAR) % {"month": int(month), "day": int(day)}
    return str(phrases.UNITS[value.unit]) % {"n": value.amount}


def _clocks(kind: Kind, book: Rulebook) -> list[dict[str, Any]]:
    rows = []
    for clock in kind.clocks:
        for name, internal in ((clock.legal, False), (clock.internal, True)):
            value = book.clocks.get(name) if name else None
            if value:
                rows.append(
                    {
                        "label": clock.label,
                        "internal": internal,
                        "amount": _amount(value),
                        "source": value.source,
                        "confirmed": value.confirmed,
                    }
                )
        if clock.fixed:
            rows.append({"label": clock.label, "fixed": True})
    return rows


@require_safe
def kind(request: HttpRequest, code: str) -> HttpResponse:
    """A process: its picture, stages, verbs, and its deadlines under every rulebook that is in use."""
    try:
        found = kind_of(code)
    except (KeyError, ValueError) as error:
        raise Http404 from error
    used = Call.objects.filter(cases__kind=code).order_by().values_list("rulebook", flat=True).distinct()
    books = [rulebook(name) for name in sorted(set(used))]
    stages = [
        {
            "stage": stage,
            "verbs": [
                {
                    "verb": verb,
                    "who": joined(w.label for w in verb.who),
                    "target": found.stage(verb.target).label
                    if verb.target and verb.target != stage.code
                    else "",
                }
                for verb in found.verbs_from(stage.code)
            ],
        }
        for stage in found.stages
    ]
    return render(
        request,
        "portal/kind.html",
        {
            "kind": found,
            "svg": diagram(found),
            "stages": stages,
            "books": [{"book": book, "clocks": _clocks(found, book)} for book in books],
            "crumbs": crumbs((phrases.PROCESSES, "/kinds/"), (found.label, "")),
        },
    )
