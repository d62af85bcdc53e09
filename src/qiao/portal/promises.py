"""What was promised in published replies, and who keeps it by when."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiao.core.charts import Bar, bars
from qiao.core.organisations import code_of, typed
from qiao.kinds import public
from qiao.portal import phrases
from qiao.portal.replies import promise_row, told
from qiao.portal.shared import asked, chips, crumbs, paged, select, tone

CHOICES = ("open", "overdue", *public.STATES)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    values = asked(request, "state", "unit", "session")
    values["unit"] = code_of(values["unit"])
    counted = public.count_promises(session=values["session"])
    found = public.Promises(state=values["state"], unit=values["unit"], session=values["session"])
    there = public.choices()
    filters = [
        select("state", phrases.STATE, [(s, phrases.STATES[s]) for s in CHOICES], values["state"]),
        typed(
            select("unit", phrases.UNIT, [(c.unit_code, c.unit) for c in counted[1:]], values["unit"]),
            values["unit"],
        ),
        select("session", phrases.SESSION, there.sessions, values["session"]),
    ]
    page = paged(request, found)
    total = counted[0]
    return render(
        request,
        "portal/promises.html",
        {
            **page,
            "promises": [promise_row(p) for p in public.promises(page["page_obj"].object_list)],
            "total": total,
            "states": [(s, phrases.STATES[s], tone(s), total.states[s]) for s in public.STATES],
            "chart": bars(
                [Bar(phrases.STATES[s], total.states[s], s) for s in public.STATES],
                label=phrases.CHART_PROMISES,
            )
            if total.total
            else "",
            "units": [(c, [c.states[s] for s in public.STATES]) for c in counted[1:]],
            "heads": [phrases.STATES[s] for s in public.STATES],
            "filters": filters,
            "chips": chips(values, filters, request.path),
            "q": "",
            "clear_url": request.path if any(values.values()) else "",
            "crumbs": crumbs((phrases.PROMISES, "")),
        },
    )


@require_safe
def page(request: HttpRequest, code: str) -> HttpResponse:
    case = public.public_promises().filter(code=code).select_related("unit", "call", "parent").first()
    shown = public.promises([case]) if case else []
    if case is None or not shown:
        raise Http404
    acts = public.promise_acts(case)
    return render(
        request,
        "portal/promise.html",
        {
            "p": shown[0],
            "tone": tone(shown[0].state),
            "label": phrases.STATES[shown[0].state],
            "history": told(acts),
            "crumbs": crumbs((phrases.PROMISES, "/promises/"), (shown[0].text[:20], "")),
        },
    )
