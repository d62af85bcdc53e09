"""The yearly figures: per year or session, as page, chart, workbook and JSON."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from qiao.core.charts import Bar, bars
from qiao.core.process import Text
from qiao.kinds import statistics
from qiao.portal import phrases
from qiao.portal.shared import attached, crumbs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RATES = ("on_time", "adopted", "adopted_after", "contacted", "public", "attitude", "agreement", "kept")
MOST_UNITS = 12


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """The newest year's figures."""
    scopes = statistics.scopes()
    if scopes:
        return redirect("portal:statistics_of", scopes[0][0])
    return render(
        request, "portal/statistics.html", {"scopes": [], "crumbs": crumbs((phrases.STATISTICS, ""))}
    )


def _counted(scope: str) -> statistics.Statistics:
    found = statistics.count(scope)
    if not found.bodies:
        raise Http404
    return found


@require_safe
def page(request: HttpRequest, scope: str) -> HttpResponse:
    found = _counted(scope)
    return render(
        request,
        "portal/statistics.html",
        {
            "found": found,
            "bodies": [_shown(b) for b in found.bodies],
            "scopes": statistics.scopes(),
            "crumbs": crumbs((phrases.STATISTICS, "/statistics/"), (_title(found), "")),
            "title": _title(found),
        },
    )


def _title(found: statistics.Statistics) -> str:
    return (
        found.scope
        if found.scope.isdecimal() and len(found.scope) == 4
        else found.bodies[0].sessions[0].title
    )


def _rate(label: Text, percent: float) -> Bar:
    return Bar(label, percent, "good" if percent >= 90 else "info", f"{percent:g}%")


def _shown(body: statistics.Body) -> dict[str, Any]:
    """A body with its charts."""
    rates = [f for f in body.figures if f.code in RATES and f.percent is not None]
    return {
        "body": body,
        "rates": bars(
            [_rate(f.label, f.percent or 0) for f in rates],
            label=phrases.CHART_RATES,
            most=100,
        ),
        "results": bars(
            [Bar(r.label, r.now, "good" if r.good else "neutral") for r in body.results],
            label=phrases.CHART_RESULTS,
        )
        if any(r.of for r in body.results)
        else "",
        "units": bars(
            [Bar(u.name, u.lead + u.split, "info") for u in body.units[:MOST_UNITS]],
            label=phrases.CHART_UNITS,
        ),
        "units_left": max(len(body.units) - MOST_UNITS, 0),
    }


@require_safe
def as_xlsx(request: HttpRequest, scope: str) -> HttpResponseBase:
    found = _counted(scope)
    return attached(statistics.workbook(found), XLSX, f"qiao-statistics-{scope}.xlsx")


@require_safe
def as_json(request: HttpRequest, scope: str) -> HttpResponseBase:
    text = json.dumps(statistics.as_data(_counted(scope)), ensure_ascii=False, indent=1)
    response = attached(text, "application/json; charset=utf-8", f"qiao-statistics-{scope}.json", inline=True)
    response["Access-Control-Allow-Origin"] = "*"
    return response
