"""When a holiday calendar changes, running due dates move, and an act on each case says so."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator
from importlib.metadata import version

from django.core.cache import cache
from django.db.models import Prefetch, Q

from qiao.core.acts import CLOCK_MOVED, note
from qiao.core.clocks import Deadline, deadlines, due_dates, today
from qiao.core.models import Act, Case, HolidayOverride

BATCH = 500
KEY = "qiao.calendar"
Dues = tuple[dt.date | None, dt.date | None]  # legal, internal


def fingerprint() -> str:
    """What working days rest on: the shipped calendar and this installation's overrides."""
    days = HolidayOverride.objects.order_by("day").values_list("day", "workday")
    said = [version("holidays"), *(f"{day:%Y%m%d}{workday:d}" for day, workday in days)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _running(*, every: bool, without: Collection[str]) -> Iterator[Case]:
    """Open cases by number, each with its acts; only those with a due date unless ``every``."""
    acts = Prefetch("acts", Act.objects.only("case_id", "seq", "verb", "at", "data"))
    found = Case.objects.filter(closed_at__isnull=True).exclude(code__in=without)
    if not every:
        found = found.filter(Q(due_legal__isnull=False) | Q(due_internal__isnull=False))
    last = 0
    while batch := list(
        found.filter(pk__gt=last).select_related("call").prefetch_related(acts).order_by("pk")[:BATCH]
    ):
        yield from batch
        last = batch[-1].pk


def differing(
    *, every: bool = False, without: Collection[str] = ()
) -> Iterator[tuple[Case, list[Deadline], Dues, Dues]]:
    """Cases whose due dates are not those of their acts and today's calendar: their clocks, was, should be."""
    for case in _running(every=every, without=without):
        found = deadlines(case, case.acts.all(), on=today())
        was, now = (case.due_legal, case.due_internal), due_dates(found)
        if was != now:
            yield case, found, was, now


def _told(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def recalculate() -> int:
    """Bring every running due date up to the calendar of today; the number of cases whose dates moved."""
    moved = 0
    for case, found, was, now in differing():
        clocks = [d.clock.code for d in found if d.running and d.due]
        note(
            case,
            CLOCK_MOVED,
            data={"clocks": clocks, "was": [*map(_told, was)], "now": [*map(_told, now)]},
        )
        moved += 1
    return moved


def recalculate_if_changed() -> int:
    """The same, if the calendar is not the one that it was last done for; what the timer calls."""
    present = fingerprint()
    if cache.get(KEY) == present:
        return 0
    moved = recalculate()
    cache.set(KEY, present, timeout=None)
    return moved


__all__ = ["differing", "fingerprint", "recalculate", "recalculate_if_changed"]
