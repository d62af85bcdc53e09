"""The shelf of results: what worked on site and was copied, what joint research brought about."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiao.core.language import language
from qiao.kinds.scenario.results import RESULTS, filters, found
from qiao.kinds.tags import labels, tags
from qiao.portal import phrases
from qiao.portal.scenarios import card
from qiao.portal.shared import asked, chips, crumbs, select


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    values, here = asked(request, *RESULTS.names), language()
    worked, brought = found(values)
    selects = [select(one.name, one.label, one.options, values[one.name]) for one in filters(here)]
    proofs = tags("readiness")
    return render(
        request,
        "portal/results.html",
        {
            "worked": [
                {
                    "card": card(one.scene),
                    "pilot": one.pilot,
                    "copies": one.copies,
                    "level": one.content["level"],
                    "proof": proofs[str(one.content["level"])].label(here),
                }
                for one in worked
            ],
            "results": [
                {
                    "result": one.result,
                    "tags": labels("fields", one.content["fields"], here)
                    + labels("technologies", one.content["technologies"], here),
                }
                for one in brought
            ],
            "filters": selects,
            "chips": chips(values, selects, request.path),
            "search_label": phrases.FIND_RESULT,
            "q": values["q"],
            "clear_url": request.path if any(values.values()) else "",
            "crumbs": crumbs((phrases.SCENARIOS, "/scenarios/"), (phrases.RESULTS, "")),
        },
    )
