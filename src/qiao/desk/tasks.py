"""My desk: what I owe, by seat and by urgency, and what moved."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qiao.core import notices
from qiao.core.access import listed
from qiao.core.identity import seats_at
from qiao.core.models import Case, Follow, Party, Person, Seat, Task
from qiao.core.process import kind_of
from qiao.desk import phrases
from qiao.desk.shared import address_of, calendar, due_cell, late_bounds, me, party_label, signed_in, today
from qiao.timekeeping import Calendar

SHOWN = 50  # tasks listed on the desk; the rest is in the list of cases
COUNTED = 1000  # tiles count up to here
RECENT = 8
OWN = 20
LATELY = 2000  # cases of everybody that moved last, looked through first
LIVE = ("confirmed", "invited")


def owed_by(person: Person, seats: list[Seat]) -> Q:
    """The condition on tasks that one of these seats, or the person, owes."""
    owed = Q(person=person)
    for seat in seats:
        owed |= Q(organisation=seat.organisation_id, role=seat.role)
    return owed


def group_of(level: str) -> str:
    return {"late": "late", "very_late": "late", "due_soon": "soon", "on_time": "later"}.get(level, "open")


def row(task: Task, seat: Seat | None, on: dt.date, days: Calendar) -> dict[str, Any]:
    case = task.case
    kind = kind_of(case.kind, case.kind_version)
    verb = kind.verb(task.verb)
    return {
        "verb": verb.label if verb else task.verb,
        "url": address_of(case, verb, seat) if verb else case.get_absolute_url(),
        "case": case,
        "kind": kind.label,
        "stage": kind.stage(case.stage).label,
        **due_cell(task.due, on, days),
    }


def sections(tasks: list[Task], seats: list[Seat], on: dt.date, days: Calendar) -> list[dict[str, Any]]:
    """Tasks by the seat that owes them, what is personal first, each grouped by urgency."""
    by_seat: dict[int | None, list[dict[str, Any]]] = {}
    for task in tasks:
        seat = next(
            (s for s in seats if s.organisation_id == task.organisation_id and s.role == task.role), None
        )
        by_seat.setdefault(seat.pk if seat else None, []).append(row(task, seat, on, days))
    made = []
    for owner in [None, *seats]:
        rows = by_seat.get(owner.pk if owner else None, [])
        if not rows:
            continue
        groups = [
            {"code": code, "label": label, "rows": [r for r in rows if group_of(r["level"]) == code]}
            for code, label in phrases.GROUPS.items()
        ]
        made.append({"seat": owner, "groups": [g for g in groups if g["rows"]]})
    return made


def own_cases(person: Person, on: dt.date, days: Calendar) -> list[dict[str, Any]]:
    """The newest cases in which the person takes part personally."""
    mine = Party.objects.filter(person=person, state__in=LIVE)
    # sorted here: a database goes along all cases there are, the newest first, until it has found some of theirs
    moved = sorted(mine.values_list("case__moved_at", "pk"), reverse=True)
    parts = Party.objects.select_related("case__unit", "case__call").in_bulk([pk for _at, pk in moved[:OWN]])
    rows = []
    for part in (parts[pk] for _at, pk in moved[:OWN]):
        case, kind = part.case, kind_of(part.case.kind, part.case.kind_version)
        rows.append(
            {
                "case": case,
                "kind": kind.label,
                "stage": kind.stage(case.stage),
                "role": party_label(kind, part.role),
                "invited": part.state == Party.State.INVITED,
                **due_cell(None if case.closed_at else case.due_legal, on, days),
            }
        )
    return rows


def recent(person: Person, seats: list[Seat], seen: Any) -> list[dict[str, Any]]:
    """Cases that moved lately, of those the person follows or their organisations take part in."""
    units = {s.organisation_id for s in seats}
    ids = (
        Party.objects.filter(organisation__in=units, state__in=LIVE)
        .order_by()
        .values("case")
        .union(Follow.objects.filter(person=person, case__isnull=False).order_by().values("case"))
    )
    theirs = Case.objects.filter(pk__in=ids).order_by("-moved_at").values_list("pk", flat=True)
    of_all = Case.objects.order_by("-moved_at").values_list("moved_at", flat=True)
    since = next(iter(of_all[LATELY : LATELY + 1]), None)
    # of these few it is asked whether they may be seen, not of all
    keys = list(theirs.filter(moved_at__gte=since)[: 4 * RECENT]) if since else []
    if len(keys) < RECENT:
        keys = list(theirs[: 4 * RECENT])
    found = seen.filter(pk__in=keys).select_related("unit").order_by("-moved_at")[:RECENT]
    return [{"case": c, "stage": kind_of(c.kind, c.kind_version).stage(c.stage)} for c in found]


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    person, seats = me(request), seats_at(request)
    on, days = today(), calendar()
    seen = Case.objects.filter(listed(person, seats))
    owed = Task.objects.filter(owed_by(person, seats)).filter(listed(person, seats, of="case__"))
    _very_late, soon = late_bounds(on)
    first = Task.objects.filter(pk__in=owed.order_by().values("pk")[:COUNTED])
    counts = first.aggregate(
        owed=Count("pk"),
        late=Count("pk", filter=Q(due__lt=on)),
        soon=Count("pk", filter=Q(due__gte=on, due__lte=soon)),
    )
    tasks = list(owed.select_related("case__unit", "case__call").order_by("due", "pk")[: SHOWN + 1])
    tasks.sort(key=lambda t: (t.due is None, t.due or on))
    unread = notices.unread(person)
    tiles = [
        _tile("owed", counts["owed"], "#todo"),
        _tile("late", counts["late"], "/desk/cases/?level=late", "late" if counts["late"] else ""),
        _tile("soon", counts["soon"], "/desk/cases/?level=due_soon", "due_soon" if counts["soon"] else ""),
        _tile("unread", unread, "/desk/notices/"),
    ]
    return render(
        request,
        "desk/tasks.html",
        {
            "tiles": tiles,
            "sections": sections(tasks[:SHOWN], seats, on, days),
            "more": len(tasks) > SHOWN,
            "own": own_cases(person, on, days),
            "recent": recent(person, seats, seen),
            "held": seats,
        },
    )


def _tile(code: str, value: int, url: str, tone: str = "") -> dict[str, Any]:
    shown = f"{COUNTED}+" if value >= COUNTED else str(value)
    unit = phrases.NOTES if code == "unread" else phrases.ITEMS
    return {"label": phrases.TILES[code], "value": shown, "unit": unit, "url": url, "tone": tone}


__all__ = ["owed_by", "page"]
