"""What the pages of this room share: who asks, which case, what a due date looks like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from qiao.core import phrases as core_phrases
from qiao.core.access import visible_cases
from qiao.core.clocks import calendar, today
from qiao.core.identity import person_of, seats_at
from qiao.core.models import Case, Person, Seat
from qiao.core.process import OWNER, Kind, Text, Verb
from qiao.core.rulebook import ClockValue
from qiao.desk import phrases
from qiao.timekeeping import Calendar

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# Verbs whose page is richer than the generated form, by Verb.page.
PAGES = {
    "reply": "reply/",
    "proposal": "proposal/",
    "text": "text/{verb}/",
    "sign": "sign/{verb}/",
    "application": "form/",
    "sheet": "sheet/{verb}/",
    "file": "file/{verb}/",
    "panel": "panel/",
    "ranking": "/desk/challenges/{code}/#ranking",
    "experts": "/desk/challenges/{code}/experts/",
    "glossary": "glossary/",
}
FIRST_RULES = dt.date(2011, 1, 1)  # no policy that ships is older
_LISTS = ClockValue(source="")  # the thresholds of lists, as core.clocks.late_level uses them


def signed_in(view: View[P]) -> View[P]:
    """Only for accounts that belong to a person; others go to the sign-in page, or are told what is missing."""

    @wraps(view)
    def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if person_of(request) is None:
            return render(request, "desk/nobody.html", status=403)
        return view(request, *args, **kwargs)

    return cast(View[P], login_required(run))


def me(request: HttpRequest) -> Person:
    person = person_of(request)
    if person is None:
        raise Http404
    return person


def my_case(request: HttpRequest, code: str) -> Case:
    """The case under ``code`` if this person may see it; otherwise there is none."""
    seen = visible_cases(me(request), seats_at(request))
    case = seen.select_related("call__owner", "unit", "parent").filter(code=code).first()
    if case is None:
        raise Http404
    return case


def address_of(case: Case, verb: Verb, seat: Seat | None = None) -> str:
    """Where a verb is done."""
    rest = PAGES["text"] if verb.paper and verb.page not in PAGES else PAGES.get(verb.page, "do/{verb}/")
    mark = f"?seat={seat.pk}" if seat and rest.startswith("do/") else ""
    before = "" if rest.startswith("/") else case.get_absolute_url()
    return before + rest.format(verb=verb.code, code=case.code) + mark


def party_label(kind: Kind, role: str) -> Text:
    return (kind.owner_label or phrases.OWNER) if role == OWNER else kind.party_labels.get(role, role)


def crumbs(*more: tuple[Any, str]) -> list[dict[str, Any]]:
    """The way here: the desk, then what is given; the last one carries no address."""
    return [{"label": phrases.DESK, "url": "/desk/"}, *({"label": text, "url": url} for text, url in more)]


def choice(name: str, label: Any, options: Iterable[tuple[str, Any]], chosen: str) -> dict[str, Any]:
    """A choice among filters, for ``parts/filters.html``."""
    return {
        "name": name,
        "label": label,
        "options": [{"value": v, "label": text, "selected": v == chosen} for v, text in options],
    }


def level_of(due: dt.date | None, on: dt.date) -> str:
    """How late something is by its due date alone, for lists; a key of ``phrases.LATE``."""
    if due is None:
        return "none"
    if on > due:
        return "very_late" if on > due + dt.timedelta(days=_LISTS.very_late) else "late"
    return "due_soon" if on >= due - dt.timedelta(days=_LISTS.warn) else "on_time"


def day_asked(request: HttpRequest) -> dt.date:
    """The day of the rules that a page is asked for (``on``), as long as it makes sense; else today."""
    try:
        day = dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today()
    return day if FIRST_RULES <= day <= today() + dt.timedelta(days=366) else today()


def late_bounds(on: dt.date) -> tuple[dt.date, dt.date]:
    """Due before the first: very late; due until the second: soon."""
    return on - dt.timedelta(days=_LISTS.very_late), on + dt.timedelta(days=_LISTS.warn)


def left(due: dt.date, on: dt.date, days: Calendar) -> str:
    """How much time is left, in working and calendar days, as a sentence."""
    if due == on:
        return str(phrases.LEFT_TODAY)
    late = on > due
    first, last = (due, on) if late else (on, due)
    total, worked = (last - first).days, days.workdays(first, last)
    return str((phrases.LATE_BY if late else phrases.LEFT_IN) % {"total": total, "worked": worked})


def due_cell(due: dt.date | None, on: dt.date, days: Calendar, level: str = "") -> dict[str, Any]:
    """A due date for a list: the day, what is left, how late."""
    level = level or level_of(due, on)
    return {
        "due": due,
        "left": left(due, on, days) if due else "",
        "level": level,
        "level_label": core_phrases.LATE[level] if due else "",
    }


__all__ = [
    "address_of",
    "calendar",
    "crumbs",
    "day_asked",
    "due_cell",
    "late_bounds",
    "left",
    "level_of",
    "me",
    "my_case",
    "party_label",
    "signed_in",
    "today",
]
