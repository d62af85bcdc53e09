"""The yearly figures at the desk: by session, body, unit and class, as table, chart and workbook.

Counted by ``qiao.kinds.statistics``; this page chooses what of it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from qiao.core.charts import Bar, bars
from qiao.core.models import Call
from qiao.core.organisations import code_of, typed
from qiao.desk import phrases as desk_phrases
from qiao.desk import phrases_registry as phrases
from qiao.desk.registry.seats import only_for
from qiao.desk.shared import choice, crumbs
from qiao.kinds import statistics

SEATS = ("registry", "officer", "head", "leader")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNITS = 12
RATES = (
    "on_time", "adopted", "adopted_after", "contacted", "public", "attitude", "agreement", "converted_after", "kept",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """The filters of a request, cleaned. ``scope``: a year or the code of one session."""

    scope: str
    body: str
    unit: str
    category: str

    @classmethod
    def of(cls, given: QueryDict, years: Sequence[tuple[str, list[Call]]]) -> Wanted:
        known = {year for year, _calls in years} | {c.code for _year, calls in years for c in calls}
        scope = given.get("scope", "")
        return cls(
            scope if scope in known else (years[0][0] if years else ""),
            given.get("body", "")[:60],
            code_of(given.get("unit", "")),
            given.get("class", "")[:80],
        )

    def query(self) -> str:
        query = QueryDict(mutable=True)
        for name, value in (
            ("scope", self.scope),
            ("body", self.body),
            ("unit", self.unit),
            ("class", self.category),
        ):
            if value:
                query[name] = value
        return query.urlencode()


def _calls(wanted: Wanted, years: Sequence[tuple[str, list[Call]]]) -> list[Call]:
    """The sessions that the scope names."""
    return [c for year, calls in years for c in calls if wanted.scope in (year, c.code)]


def _key(body: statistics.Body) -> str:
    return f"{body.instrument}-{body.sessions[0].code}"


def chosen(found: statistics.Statistics, wanted: Wanted) -> statistics.Statistics:
    """The same without what was filtered away. A body's own figures stay: they are about all its units together."""
    bodies = [b for b in found.bodies if not wanted.body or _key(b) == wanted.body]
    if wanted.unit:
        bodies = [replace(b, units=tuple(u for u in b.units if u.code == wanted.unit)) for b in bodies]
    if wanted.category:
        bodies = [
            replace(b, categories=tuple(c for c in b.categories if str(c.name) == wanted.category))
            for b in bodies
        ]
    return replace(found, bodies=tuple(bodies))


def _shown(body: statistics.Body, wanted: Wanted) -> dict[str, Any]:
    """A body with its charts."""
    rates = [f for f in body.figures if f.code in RATES and f.percent is not None]
    units = [Bar(u.name, u.percent or 0.0, shown=f"{u.on_time}/{u.due}") for u in body.units[:UNITS] if u.due]
    return {
        "body": body,
        "groups": [] if wanted.unit or wanted.category else body.groups,
        "rates": bars(
            [Bar(f.label, f.percent or 0.0, shown=f"{f.percent}%") for f in rates],
            label=phrases.CHART_RATES,
            most=100,
        ),
        "results": bars([Bar(r.label, r.first) for r in body.results], label=phrases.CHART_RESULTS),
        "units": bars(units, label=phrases.CHART_UNITS, most=100),
    }


@require_GET
@only_for(*SEATS)
def page(request: HttpRequest) -> HttpResponseBase:
    years = statistics.scopes()
    wanted = Wanted.of(request.GET, years)
    everything = statistics.count(_calls(wanted, years)) if wanted.scope else None
    found = chosen(everything, wanted) if everything else None
    return render(
        request,
        "desk/registry/statistics.html",
        {
            "wanted": wanted,
            "found": found,
            "bodies": [_shown(b, wanted) for b in found.bodies] if found else [],
            "filters": _filters(everything, wanted, years) if everything else [],
            "download": f"/desk/statistics.xlsx?{wanted.query()}",
            "crumbs": crumbs((phrases.STATISTICS, "")),
        },
    )


@require_GET
@only_for(*SEATS)
def as_xlsx(request: HttpRequest) -> HttpResponseBase:
    years = statistics.scopes()
    wanted = Wanted.of(request.GET, years)
    data = statistics.workbook(chosen(statistics.count(_calls(wanted, years)), wanted))
    response = HttpResponse(data, content_type=XLSX)
    name = f"qiao-statistics-{wanted.scope or 0}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _filters(
    found: statistics.Statistics, wanted: Wanted, years: Sequence[tuple[str, list[Call]]]
) -> list[dict[str, Any]]:
    scopes: list[tuple[str, Any]] = []
    for year, calls in years:
        scopes += [(year, phrases.YEAR % {"year": year}), *((c.code, c.title) for c in calls)]
    bodies = [(_key(b), f"{b.owner} · {b.label}") for b in found.bodies]
    units = {u.code: u.name for b in found.bodies for u in b.units}
    classes = dict.fromkeys(str(c.name) for b in found.bodies for c in b.categories)
    anything = [("", desk_phrases.ALL)]
    return [
        choice("scope", desk_phrases.SESSION, scopes, wanted.scope),
        choice("body", phrases.BODY_OF, [*anything, *bodies], wanted.body),
        typed(
            choice(
                "unit",
                phrases.RESPONSIBLE,
                [*anything, *sorted(units.items(), key=lambda u: u[1])],
                wanted.unit,
            ),
            wanted.unit,
        ),
        choice("class", phrases.CLASS, [*anything, *((c, c) for c in classes)], wanted.category),
    ]
