"""Scenarios that are open, under trial or copied: the list, and the long-lived page of each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiao.core.charts import Bar, bars
from qiao.core.identity import seats_at
from qiao.core.language import language
from qiao.core.rulebook import rulebook
from qiao.kinds.scenario.bid import DOCUMENTS
from qiao.kinds.scenario.fitting import fitting_offers
from qiao.kinds.scenario.lists import (
    STATES,
    Scene,
    scene,
)
from qiao.kinds.scenario.people import value
from qiao.kinds.scenario.pipeline import pipeline
from qiao.kinds.scenario.record import Pilot, Record, Round, copied_from, pilots, rounds
from qiao.kinds.scenario.searching import RULES, SCENARIOS, chosen, filters
from qiao.kinds.scenario.sheets import AGREEMENT, INDICATORS, TERMS
from qiao.kinds.scenario.story import story
from qiao.kinds.sheets import Choices, choices, table, wan
from qiao.kinds.sheets import lines as sheet_lines
from qiao.kinds.tags import labels
from qiao.portal import phrases
from qiao.portal.districts import parts
from qiao.portal.market import shown_match
from qiao.portal.shared import asked, chips, crumbs, paged, select

TONES = {
    "open": "good", "listed": "info", "review": "neutral", "notice": "due_soon", "pilot": "brand",
    "benchmark": "good", "ended": "neutral", "withdrawn": "void",
}  # fmt: skip


def card(one: Scene) -> dict[str, Any]:
    """What a list shows of a scenario."""
    here = language()
    known = choices(one.case.call.rulebook, here)
    low, high = one.content.get("budget_low"), one.content.get("budget_high")
    return {
        "scene": one,
        "state": STATES[one.state],
        "tone": TONES[one.state],
        "until": one.challenge.due_legal if one.challenge and one.state == "open" else None,
        "tags": labels("fields", one.content.get("fields", ()), here)
        + labels("technologies", one.content.get("technologies", ()), here),
        "place": known("subdistrict").get(str(one.content.get("subdistrict", "")), ""),
        "money": known("money_mode").get(str(one.content.get("money_mode", "")), ""),
        "amount": "–".join(wan(fen) for fen in (low, high) if fen is not None),
    }


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    values = asked(request, *SCENARIOS.names)
    here, found = language(), chosen(values)
    selects = [select(one.name, one.label, one.options, values[one.name]) for one in filters(here)]
    pages = paged(request, found)
    there = Counter(str(one.content.get("subdistrict", "")) for one in found)
    steps = pipeline().funnel
    return render(
        request,
        "portal/scenarios.html",
        {
            **pages,
            **parts(SCENARIOS, values, RULES, here, {phrases.SCENARIOS: there}, title=phrases.MAP),
            "cards": [card(one) for one in pages["page_obj"]],
            "filters": selects,
            "chips": chips(values, selects, request.path),
            "search_label": phrases.FIND_SCENARIO,
            "q": values["q"],
            "watch": SCENARIOS.watch_address(values),
            "clear_url": request.path if any(values.values()) else "",
            "count": len(found),
            "funnel": bars([Bar(phrases.FUNNEL_STEPS[k], n) for k, n in steps.items()], label=phrases.FUNNEL),
            "crumbs": crumbs((phrases.SCENARIOS, "")),
        },
    )


def _shown(one: Round) -> dict[str, Any]:
    """A challenge for the page: terms as lines and tables."""
    here = language()
    known = choices(one.case.call.rulebook, here)
    criteria = next(e for e in TERMS if e.code == "criteria")
    later = set(value(rulebook(one.case.call.rulebook), "lacking_documents"))
    plain = [e for e in TERMS if e.kind != "rows" and e.code != "until"]
    return {
        "round": one,
        "lines": sheet_lines(plain, one.terms, known, here),
        "indicators": table(INDICATORS, one.terms, known, here),
        "criteria": table(criteria, one.terms, known, here),
        "documents": [(label, code in later) for code, label in DOCUMENTS.items()],
        "open": one.case.stage == "open",
    }


SAYS = ("site", "start", "end", "data_access", "safety", "ip")  # of an agreement, to everybody


def _pilot(one: Pilot, known: Choices) -> dict[str, Any]:
    """A pilot for the page: what was agreed, and the indicators that it answers to."""
    here = language()
    return {
        "pilot": one,
        "amount": wan(one.amount_fen) if one.amount_fen else "",
        "lines": sheet_lines([e for e in AGREEMENT if e.code in SAYS], one.agreement, known, here),
        "indicators": table(INDICATORS, one.agreement, known, here),
    }


@require_safe
def scene_page(request: HttpRequest, code: str) -> HttpResponse:
    one = scene(code)
    if one is None:
        raise Http404
    here = language()
    known = choices(one.case.call.rulebook, here)
    record = Record.read(one.case)
    found = [_shown(r) for r in rounds(record)]
    return render(
        request,
        "portal/scenario.html",
        {
            "card": card(one),
            "scene": one,
            "lines": [(e, text) for e, text in one.lines(here) if e.kind != "rows"],
            "indicators": table(INDICATORS, one.content, known, here),
            "rounds": found,
            "open": next((r for r in found if r["open"]), None),
            # Whoever has not signed in may be a firm's agent; of others it is known.
            "may_join": not request.user.is_authenticated
            or any(s.role == "agent" for s in seats_at(request)),
            "fit": [shown_match(m, here) for m in fitting_offers(one)]
            if one.state in {"listed", "open"}
            else [],
            "pilots": [_pilot(p, known) for p in pilots(record)],
            "story": story(record),
            "origins": copied_from(one.case),
            "crumbs": crumbs((phrases.SCENARIOS, "/scenarios/"), (one.title, "")),
        },
    )
