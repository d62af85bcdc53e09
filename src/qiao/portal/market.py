"""The market: two shelves that anybody can read, compare and ask who fits."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiao.core.charts import Bar, bars
from qiao.core.language import language
from qiao.core.process import Text
from qiao.kinds.shelf.entries import Listed, listed_entry
from qiao.kinds.shelf.fitting import OTHER, RULES, fitting, rare, told
from qiao.kinds.shelf.listing import ENTRIES
from qiao.kinds.shelf.process import SHELVES
from qiao.kinds.shelf.searching import MARKET, chosen, filters, level
from qiao.kinds.tags import labels, tags
from qiao.matching import Match
from qiao.portal import phrases
from qiao.portal.districts import parts
from qiao.portal.shared import asked, chips, crumbs, paged, select

MOST_COMPARED = 4


def card(entry: Listed) -> dict[str, Any]:
    """What a list shows of an entry."""
    amounts = {e.code: text for e, text in entry.lines(language()) if e.kind == "amount"}
    return {
        "entry": entry,
        "shelf": SHELVES[entry.kind],
        "tags": labels("technologies", entry.content.get("technologies", ()), language())
        + labels("fields", entry.content.get("fields", ()), language()),
        "amount": "–".join(amounts.get(code, "") for code in ("budget_low", "budget_high"))
        if amounts
        else "",
        "level": level(entry.content),
    }


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    values = asked(request, *MARKET.names)
    found = chosen(values)
    here = language()
    selects = [select(one.name, one.label, one.options, values[one.name]) for one in filters(here)]
    pages = paged(request, found)
    counts = Counter(code for one in found for code in one.content.get("technologies", ()))
    drawn = [Bar(tag.label(here), counts[code]) for code, tag in tags("technologies").items() if counts[code]]
    there: dict[Text, Counter[str]] = {
        label: Counter(str(one.content.get("subdistrict", "")) for one in found if one.kind == kind)
        for kind, label in SHELVES.items()
        if values["kind"] in {"", kind}
    }
    return render(
        request,
        "portal/market.html",
        {
            **pages,
            **parts(MARKET, values, RULES, here, there, title=phrases.MARKET_MAP),
            "cards": [card(one) for one in pages["page_obj"]],
            "filters": selects,
            "chips": chips(values, selects, request.path),
            "search_label": phrases.FIND_ENTRY,
            "q": values["q"],
            "watch": MARKET.watch_address(values),
            "clear_url": request.path if any(values.values()) else "",
            "counts": Counter(one.kind for one in found),
            "chart": bars(drawn, label=phrases.BY_TECHNOLOGY),
            "crumbs": crumbs((phrases.MARKET, "")),
        },
    )


def shown_match(match: Match, here: str, rare: str = "") -> dict[str, Any]:
    """A match for a page; ``rare``: why it stands here in spite of its score."""
    return {"entry": listed_entry(match.profile.id), "rare": rare, **told(match, here)}


@require_safe
def entry(request: HttpRequest, code: str) -> HttpResponse:
    found = listed_entry(code)
    if found is None:
        raise Http404
    here, fits = language(), fitting(found, 5, 3)
    return render(
        request,
        "portal/market_entry.html",
        {
            "card": card(found),
            "entry": found,
            "lines": found.lines(here),
            "fit": [shown_match(match, here, rare(fits, match.profile.id)) for match in fits.fit],
            "near": [shown_match(match, here) for match in fits.near],
            "other": SHELVES[OTHER[found.kind]],
            "hidden": bool(found.content.get("secret")),
            "crumbs": crumbs((phrases.MARKET, "/market/"), (found.case.title, "")),
        },
    )


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Entries side by side: what all of them say about the same."""
    wanted = list(dict.fromkeys(request.GET.getlist("c")))[:MOST_COMPARED]
    found = [one for code in wanted if (one := listed_entry(code)) is not None]
    here = language()
    said = [{line.code: text for line, text in one.lines(here)} for one in found]
    fields = {line.code: line for one in found for line in ENTRIES[one.kind] if line.code != "title"}
    rows = [
        {"label": line.label, "cells": [texts.get(code, "") for texts in said]}
        for code, line in fields.items()
        if any(code in texts for texts in said)
    ]
    return render(
        request,
        "portal/market_compare.html",
        {
            "cards": [card(one) for one in found],
            "rows": rows,
            "crumbs": crumbs((phrases.MARKET, "/market/"), (phrases.COMPARE, "")),
        },
    )
