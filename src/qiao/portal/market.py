"""The market: two shelves that anybody can read, compare and ask who fits."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from qiao.core.charts import Bar, bars
from qiao.kinds.shelf.entries import Listed, choices, listed, listed_entry
from qiao.kinds.shelf.fitting import OTHER, RULES, fitting, matcher, rare
from qiao.kinds.shelf.listing import ENTRIES
from qiao.kinds.shelf.process import SHELVES
from qiao.kinds.shelf.tags import labels, tags
from qiao.matching import Match, Profile
from qiao.portal import phrases
from qiao.portal.shared import asked, chips, crumbs, paged, select

MOST_COMPARED = 4
BUDGETS = (50, 100, 300, 1000)  # 万元


def language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _level(entry: Listed) -> int:
    return int(entry.content.get("level") or entry.content.get("level_low") or 0)


def _within(entry: Listed, most: int) -> bool:
    """Whether an entry's amount begins at or below so many 万元; an unknown amount is not hidden."""
    low = entry.content.get("budget_low")
    return low is None or low <= most * 1_000_000


def _chosen(values: dict[str, str]) -> list[Listed]:
    """What the filters leave, newest first; with words to look for, the closest first."""
    kind = values["kind"] if values["kind"] in SHELVES else ""
    found = [
        one
        for one in listed(kind)
        if (not values["technology"] or values["technology"] in one.content.get("technologies", ()))
        and (not values["field"] or values["field"] in one.content.get("fields", ()))
        and (not values["mode"] or values["mode"] in one.content.get("modes", ()))
        and (not values["level"].isdigit() or _level(one) >= int(values["level"]))
        and (not values["budget"].isdigit() or _within(one, int(values["budget"])))
        and (not values["data"] or one.content.get("data"))
    ]
    if not values["q"]:
        return found
    scores: dict[str, float] = {}
    for code in (kind,) if kind else SHELVES:
        searched = matcher(code)
        text = searched.scores(Profile("", OTHER[code], {"text": values["q"]}))
        scores |= {p.id: s for p, s in zip(searched.pool.profiles, text.tolist(), strict=True)}
    return sorted((one for one in found if scores.get(one.code, 0) > 0), key=lambda one: -scores[one.code])


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
        "level": _level(entry),
    }


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    values = asked(request, "kind", "technology", "field", "mode", "level", "budget", "data", "q")
    found = _chosen(values)
    here = language()
    filters = [
        select("kind", phrases.SHELF, SHELVES.items(), values["kind"]),
        *(
            select(name, label, [(c, t.label(here)) for c, t in tags(of).items()], values[name])
            for name, of, label in (
                ("technology", "technologies", phrases.TECHNOLOGY),
                ("field", "fields", phrases.FIELD),
            )
        ),
        select("mode", phrases.MODE, choices(RULES, here)("shelf_mode").items(), values["mode"]),
        select("level", phrases.LEVEL, [(n, f"TRL ≥ {n}") for n in range(3, 10)], values["level"]),
        select("budget", phrases.BUDGET, [(n, phrases.UP_TO % {"n": n}) for n in BUDGETS], values["budget"]),
        select("data", phrases.DATA, [("yes", phrases.WITH_DATA)], values["data"]),
    ]
    pages = paged(request, found)
    counts = Counter(code for one in found for code in one.content.get("technologies", ()))
    drawn = [Bar(tag.label(here), counts[code]) for code, tag in tags("technologies").items() if counts[code]]
    return render(
        request,
        "portal/market.html",
        {
            **pages,
            "cards": [card(one) for one in pages["page_obj"]],
            "filters": filters,
            "chips": chips(values, filters, request.path),
            "search_label": phrases.FIND_ENTRY,
            "q": values["q"],
            "clear_url": request.path if any(values.values()) else "",
            "counts": Counter(one.kind for one in found),
            "chart": bars(drawn, label=phrases.BY_TECHNOLOGY),
            "crumbs": crumbs((phrases.MARKET, "")),
        },
    )


def shown_match(match: Match, here: str, rare: str = "") -> dict[str, Any]:
    """A match for a page: score, reasons in words, what is open; ``rare``: why it stands here in spite of its score."""
    at = 1 if here == "en" else 0
    return {
        "entry": listed_entry(match.profile.id),
        "rare": rare,
        "score": round(match.score),
        "parts": [
            {
                "label": p.label[at],
                "points": p.points,
                "text": p.text[at],
                "share": round(100 * p.points / p.most),
            }
            for p in match.parts
            if p.points >= 0.05
        ],
        "conditions": [
            {"mark": c.mark, "state": c.state.name.lower(), "text": c.text[at]} for c in match.conditions
        ],
    }


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
