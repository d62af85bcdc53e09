"""Technology directions and fields of application: what they are, how the two lists of fields go together, how many."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiao.core.language import language
from qiao.kinds.scenario.lists import scenes
from qiao.kinds.scenario.searching import SCENARIOS
from qiao.kinds.shelf.entries import listed
from qiao.kinds.shelf.searching import MARKET
from qiao.kinds.tags import source, tags
from qiao.portal import phrases
from qiao.portal.shared import crumbs

SETS = {"technologies": "technology", "fields": "field"}  # a set of tags → the filter that asks for it


def _counted(name: str) -> dict[str, Counter[str]]:
    """How many needs, offers and scenarios have each tag of a set."""
    told = {
        "need": [entry.content for entry in listed("need")],
        "offer": [entry.content for entry in listed("offer")],
        "scene": [one.content for one in scenes()],
    }
    return {
        kind: Counter(code for content in found for code in content.get(name, ()))
        for kind, found in told.items()
    }


def _rows(name: str, here: str) -> list[dict[str, Any]]:
    counted, areas = _counted(name), tags("areas")
    return [
        {
            "label": tag.label(here),
            "areas": [areas[area].label(here) for area in tag.areas],
            "cells": [
                (counted["need"][code], MARKET.address({"kind": "need", SETS[name]: code})),
                (counted["offer"][code], MARKET.address({"kind": "offer", SETS[name]: code})),
                (counted["scene"][code], SCENARIOS.address({SETS[name]: code})),
            ],
        }
        for code, tag in tags(name).items()
    ]


def _crossed(here: str) -> list[dict[str, Any]]:
    """Field by technology: how many needs meet how many offers."""
    counted = {
        kind: Counter(
            (field, technology)
            for one in listed(kind)
            for field in one.content.get("fields", ())
            for technology in one.content.get("technologies", ())
        )
        for kind in ("need", "offer")
    }
    return [
        {
            "label": tag.label(here),
            "cells": [
                {
                    "needs": counted["need"][field, technology],
                    "offers": counted["offer"][field, technology],
                    "url": MARKET.address({"field": field, "technology": technology}),
                }
                for technology in tags("technologies")
            ],
        }
        for field, tag in tags("fields").items()
    ]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    here = language()
    return render(
        request,
        "portal/directions.html",
        {
            "technologies": _rows("technologies", here),
            "fields": _rows("fields", here),
            "areas": [
                {
                    "label": area.label(here),
                    "fields": [f.label(here) for f in tags("fields").values() if code in f.areas],
                }
                for code, area in tags("areas").items()
            ],
            "crossed": _crossed(here),
            "heads": [tag.label(here) for tag in tags("technologies").values()],
            "sources": {name: source(name) for name in ("technologies", "fields", "areas")},
            "crumbs": crumbs((phrases.MARKET, "/market/"), (phrases.DIRECTIONS, "")),
        },
    )
