"""The clocks of a case: rulebook values and acts in, due dates and explanations out (``qiao.timekeeping``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qiao.core.models import HolidayOverride
from qiao.core.process import Clock, Kind, kind_of
from qiao.core.rulebook import ClockValue, Rulebook, rulebook
from qiao.timekeeping import (
    Calendar,
    ClockEvent,
    ClockRule,
    ClockState,
    Explanation,
    Override,
    compute,
    explain,
)

if TYPE_CHECKING:
    from qiao.core.models import Act, Case

SHANGHAI = ZoneInfo("Asia/Shanghai")
LISTS = ClockValue(source="")  # lists show many clocks by one pair of thresholds


def local_date(at: dt.datetime) -> dt.date:
    """The day in Shanghai on which ``at`` falls."""
    return at.astimezone(SHANGHAI).date()


def now() -> dt.datetime:
    return dt.datetime.now(tz=SHANGHAI)


def today() -> dt.date:
    return now().date()


@lru_cache(maxsize=1)
def _calendar(overrides: tuple[tuple[dt.date, bool, str, str], ...]) -> Calendar:
    return Calendar({day: Override(workday, name, source) for day, workday, name, source in overrides})


def calendar() -> Calendar:
    """The working-day calendar with the overrides of this installation; rebuilt only when those change."""
    return _calendar(
        tuple(HolidayOverride.objects.order_by("day").values_list("day", "workday", "name", "source"))
    )


@dataclass(frozen=True)
class Deadline:
    """One clock of one case, legal or internal, as computed from its acts."""

    clock: Clock
    internal: bool
    value: ClockValue
    rule: ClockRule | None
    events: tuple[ClockEvent, ...]
    state: ClockState | None
    due: dt.date | None
    level: str  # a key of phrases.LATE
    days: Calendar
    done_on: dt.date | None = None  # the day on which the clock was stopped for good

    @property
    def running(self) -> bool:
        return self.level in {"on_time", "due_soon", "late", "very_late"}

    def explain(self) -> Explanation | None:
        """Line by line why the due date is what it is; None for fixed dates."""
        return explain(self.rule, self.events, self.days) if self.rule else None


def events_of(kind: Kind, clock: str, acts: Iterable[Act]) -> list[tuple[str, dt.date, dt.date | None, str]]:
    """What happened to one clock: (event, day, new last day, act number), oldest first."""
    found = []
    for act in acts:
        verb = kind.verb(act.verb)
        for tick in verb.ticks if verb else ():
            if tick.clock == clock:
                until = act.data.get(tick.until) if tick.until else None
                day = dt.date.fromisoformat(until) if until else None
                found.append((tick.event, local_date(act.at), day, str(act.seq)))
    return _plausible(found)


def _plausible(
    found: list[tuple[str, dt.date, dt.date | None, str]],
) -> list[tuple[str, dt.date, dt.date | None, str]]:
    """A second start is a restart; whatever cannot happen to a clock that stands as it does is left out."""
    kept, phase = [], "new"
    for event, day, until, ref in found:
        name = "restart" if event == "start" and phase != "new" else event
        if name == "restart" and phase == "new":
            name = "start"
        allowed = {
            "new": {"start"},
            "running": {"pause", "extend", "stop", "restart"},
            "paused": {"resume", "stop", "extend", "restart"},
            "stopped": {"restart"},
        }[phase]
        if name not in allowed:
            continue
        phase = {"pause": "paused", "stop": "stopped", "extend": phase}.get(name, "running")
        kept.append((name, day, until, ref))
    return kept


def _fixed_day(value: ClockValue, start: dt.date) -> dt.date:
    """The next ``MM-DD`` on or after ``start``."""
    month, day = (int(part) for part in value.day_of_year.split("-"))
    this_year = dt.date(start.year, month, day)
    return this_year if this_year >= start else dt.date(start.year + 1, month, day)


def _level(due: dt.date | None, value: ClockValue, on: dt.date) -> str:
    if due is None:
        return "none"
    if on > due + dt.timedelta(days=value.very_late):
        return "very_late"
    if on > due:
        return "late"
    return "due_soon" if on >= due - dt.timedelta(days=value.warn) else "on_time"


def _deadline(
    clock: Clock,
    value: ClockValue,
    internal: bool,
    happened: list[tuple[str, dt.date, dt.date | None, str]],
    on: dt.date,
    *,
    days: Calendar,
    fixed: bool = False,
) -> Deadline:
    start = next((d for e, d, _u, _r in reversed(happened) if e in {"start", "restart"}), None)
    stop = happened[-1][1] if happened and happened[-1][0] == "stop" else None
    rule: ClockRule | None = None
    events: tuple[ClockEvent, ...] = ()
    state: ClockState | None = None
    if fixed or value.day_of_year:
        if fixed:
            due = next((u for _e, _d, u, _r in reversed(happened) if u), None)
        else:
            due = _fixed_day(value, start) if start else None
    else:
        rule = value.rule()
        make = {
            "start": ClockEvent.start,
            "pause": ClockEvent.pause,
            "resume": ClockEvent.resume,
            "restart": ClockEvent.restart,
            "stop": ClockEvent.stop,
        }
        events = tuple(
            ClockEvent.extend_to(day, until, ref=ref)
            if event == "extend" and until
            else make[event](day, ref=ref)
            for event, day, until, ref in happened
        )
        state = compute(rule, events, days, today=on) if events else None
        due = state.due if state else None
    if start is None and not fixed:
        level = "none"
    elif stop is not None:
        level = "done_late" if due and stop > due else "done_on_time"
    elif happened and happened[-1][0] == "pause":
        level = "paused"
    else:
        level = _level(due, value, on)
    return Deadline(clock, internal, value, rule, events, state, due, level, days, stop)


def legal_deadline(
    kind: Kind, clock: str, acts: Iterable[Act], *, book: Rulebook, days: Calendar, on: dt.date
) -> Deadline | None:
    """The legal deadline of one clock as of ``on``; None if it never started. Asks the database nothing."""
    happened = events_of(kind, clock, acts)
    found = kind.clock(clock)
    return _deadline(found, book.clock(found.legal), False, happened, on, days=days) if happened else None


def deadlines(
    case: Case, acts: Iterable[Act] | None = None, on: dt.date | None = None, *, days: Calendar | None = None
) -> list[Deadline]:
    """All clocks of a case that have started, legal before internal, as of ``on`` (default today)."""
    kind = kind_of(case.kind, case.kind_version)
    book: Rulebook = rulebook(case.call.rulebook)
    acts = list(case.acts.all()) if acts is None else list(acts)
    on = on or today()
    found: list[Deadline] = []
    for clock in kind.clocks:
        happened = events_of(kind, clock.code, acts)
        if not happened:
            continue
        days = days or calendar()
        if clock.fixed:
            value = ClockValue(amount=1, source=str(clock.label), confirmed=True)
            found.append(_deadline(clock, value, False, happened, on, days=days, fixed=True))
        if clock.legal:
            found.append(_deadline(clock, book.clock(clock.legal), False, happened, on, days=days))
        if clock.internal:
            own = _deadline(clock, book.clock(clock.internal), True, happened, on, days=days)
            legal = found[-1].due if clock.legal else None
            if not (own.due and legal and own.due > legal):  # an own date after the legal one binds nobody
                found.append(own)
    return found


def due_dates(found: Iterable[Deadline]) -> tuple[dt.date | None, dt.date | None]:
    """The earliest running (legal, internal) due date; what ``Case.due_*`` cache."""
    legal = min((d.due for d in found if d.running and not d.internal and d.due), default=None)
    internal = min((d.due for d in found if d.running and d.internal and d.due), default=None)
    return legal, internal


def level_of(due: dt.date, on: dt.date) -> str:
    """How late something open is, in the steps that lists use."""
    return _level(due, LISTS, on)


def late_level(case: Case, on: dt.date | None = None) -> str:
    """How late a case is by its cached due dates, for lists; a key of ``phrases.LATE``."""
    if case.closed_at or case.due_legal is None:
        return "none"
    return level_of(case.due_legal, on or today())
