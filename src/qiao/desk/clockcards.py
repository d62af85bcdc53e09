"""The clocks of a case as cards: due dates, and line by line why they are what they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language

from qiao.core import phrases as core_phrases
from qiao.core.clocks import Deadline
from qiao.desk import phrases
from qiao.desk.shared import left
from qiao.timekeeping import Calendar, Line, LineCode, Unit, explain

COUNTED = {LineCode.COUNTED, LineCode.COUNTED_MAKEUP, LineCode.COUNTED_OVERRIDE}
KINDS = {
    LineCode.SKIPPED_HOLIDAY: "skip",
    LineCode.SKIPPED_OVERRIDE: "skip",
    LineCode.SKIPPED_MAKEUP: "skip",
    LineCode.PAUSED: "skip",
    LineCode.COUNTED_MAKEUP: "make-up",
    LineCode.COUNTED_OVERRIDE: "make-up",
    LineCode.DUE: "due",
}


def _amount(n: int | None, unit: Unit | None) -> str:
    return str(phrases.UNITS[unit] % {"n": n}) if n is not None and unit else ""


def line(told: Line) -> dict[str, Any]:
    """One line of an explanation as a table row."""
    english = (get_language() or "").startswith("en")
    name = (told.name.en if english else told.name.zh) if told.name else ""
    label = str(phrases.LINES[told.code]) % {
        "amount": _amount(told.amount, told.unit),
        "days": _amount(told.days, told.unit),
        "name": name,
        "source": told.source,
    }
    counted = told.code in COUNTED
    return {
        "date": told.first,
        "until": told.last,
        "label": label,
        "counted": told.days if counted else None,
        "running": told.total if counted else None,
        "note": told.source if told.code is LineCode.RULE else "",
        "kind": KINDS.get(told.code, ""),
    }


def _term(found: Deadline, on: dt.date, days: Calendar) -> dict[str, Any]:
    """One deadline, legal or internal, with its explanation."""
    value, lines, why = found.value, [], ""
    if found.rule is not None:
        lines = [line(told) for told in explain(found.rule, found.events, days, on).lines]
    elif value.day_of_year:
        why = str(phrases.DAY_OF_YEAR) % {"day": value.day_of_year}
    else:
        why = str(phrases.FIXED_DAY)
    return {
        "internal": found.internal,
        "due": found.due,
        "left": left(found.due, on, days) if found.due and found.running else "",
        "level": found.level,
        "level_label": core_phrases.LATE[found.level],
        "paused": found.level == "paused",
        "source": value.source,
        "confirmed": value.confirmed,
        "why": why,
        "lines": lines,
        "provisional": bool(found.state and found.state.provisional),
    }


def cards(found: Iterable[Deadline], on: dt.date, days: Calendar) -> list[dict[str, Any]]:
    """One card per clock, running ones first."""
    made: dict[str, dict[str, Any]] = {}
    for deadline in found:
        clock = deadline.clock
        card = made.setdefault(clock.code, {"name": clock.label, "terms": [], "running": False})
        card["terms"].append(_term(deadline, on, days))
        card["running"] = card["running"] or deadline.running or deadline.level == "paused"
    for card in made.values():
        card["level"] = card["terms"][0]["level"]
        card["level_label"] = card["terms"][0]["level_label"]
    return sorted(made.values(), key=lambda c: not c["running"])
