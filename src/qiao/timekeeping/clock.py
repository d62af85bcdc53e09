"""From a rule and what happened to the due date: `compute`.

A clock runs on some days and stands still on others (`Gap`). Its time is one or more legs, counted one
after the other: the rule's amount first, then what extensions added. The due day is the day on which the
last leg is used up, moved off holidays if the rule says so, and never a paused day.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from .calendar import Calendar
from .errors import ImpossibleEvent
from .rules import ClockEvent, ClockRule, EventKind, MonthEnd, Shift, Thresholds, Unit

_DAY = timedelta(days=1)


class Phase(Enum):
    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Level(Enum):
    """How the clock stands. Always computed, never stored."""

    ON_TIME = "on_time"
    DUE_SOON = "due_soon"  # running, and few days left
    LATE = "late"  # after the due date
    VERY_LATE = "very_late"


@dataclass(frozen=True, slots=True)
class ClockState:
    """Where a clock stands. The fields that need to know what day it is are None without ``today``."""

    phase: Phase

    started_on: date | None = None
    """The day of the last start or restart."""

    due: date | None = None
    """The last day on which the thing owed is in time. None for a paused clock, unless it was late
    already."""

    due_if_resumed: date | None = None
    """For a paused clock: what ``due`` would be if it resumed today."""

    days_left: int | None = None
    """Days after today up to and including the due date, working days for a working-day clock and
    calendar days otherwise: 0 on the last day, negative afterwards. For a paused clock what is left to
    use after it resumes; for a stopped one what was left."""

    level: Level | None = None

    extensions: tuple[ClockEvent, ...] = ()
    """Extensions since the last start or restart."""

    over_extended: bool = False
    """The extensions exceed the rule's ``max_extension``."""

    paused_on: date | None = None
    stopped_on: date | None = None
    stopped_in_time: bool | None = None

    provisional: bool = False
    """The result used days for which no holiday notice is known."""

    reads: tuple[date, date] | None = None
    """First and last day whose kind decided the result; None if none did. See `Calendar.fingerprint`."""


def compute(
    rule: ClockRule,
    events: Iterable[ClockEvent],
    calendar: Calendar,
    today: date | None = None,
    *,
    thresholds: Thresholds | None = None,
) -> ClockState:
    """Where a clock stands after these events, given in order of date.

    Pure: reads no other clock than ``today`` (a local date), changes nothing. Without ``thresholds`` a
    clock is on time or late and nothing in between.

    Raises `ImpossibleEvent` for events that cannot follow each other and `OutsideCalendar` beyond the
    calendar's years.
    """
    return follow(rule, events, calendar, today, thresholds).state


class Gap(NamedTuple):
    """A pause: the event dates, the day the resumption took effect, and the days not counted (``first``
    to ``last``, both included; none if ``last`` lies before ``first``). Open while ``resumed_on`` is
    None."""

    paused_on: date
    resumed_on: date | None
    effective_on: date
    first: date
    last: date
    ref: str


@dataclass(slots=True)
class Leg:
    """One stretch of time: an amount of a unit, or up to a fixed date. ``events`` are its extensions; the
    rest is filled in as the legs are counted."""

    amount: int = 0
    unit: Unit | None = None
    to: date | None = None
    events: list[ClockEvent] = field(default_factory=list)
    anchor: date = date.min  # the day before which nothing of this leg counts
    first: date = date.min  # the first day that may count
    target: date = date.min  # the end, had there been no pause
    end: date = date.min  # the day on which it is used up


@dataclass(slots=True)
class Course:
    """The course of a clock, as `compute` reports and `explain` tells it."""

    phase: Phase = Phase.NOT_STARTED
    started_on: date | None = None
    started_by: ClockEvent | None = None
    paused_by: ClockEvent | None = None
    stopped_on: date | None = None
    last_on: date | None = None
    gaps: list[Gap] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    end: date = date.min  # when the last leg is used up
    due: date = date.min  # after the shift off holidays
    reads: list[date] = field(default_factory=list)
    state: ClockState = field(default_factory=lambda: ClockState(Phase.NOT_STARTED))


def follow(
    rule: ClockRule,
    events: Iterable[ClockEvent],
    calendar: Calendar,
    today: date | None = None,
    thresholds: Thresholds | None = None,
) -> Course:
    """`compute`, with the course that led there."""
    course = _replay(rule, events, calendar)
    if course.started_on is None:
        return course
    if course.paused_by is not None:  # look at an open pause as if it ended today
        closing = course.stopped_on or max(today or course.paused_by.on, course.paused_by.on)
        course.gaps.append(_gap(rule, course, calendar, closing, resumed=False))
    _run(rule, course, calendar)
    course.state = _state(rule, course, calendar, today, thresholds)
    return course


# --- what happened --------------------------------------------------------------------------------

_FOLLOWS: dict[Phase, dict[EventKind, Phase]] = {
    Phase.NOT_STARTED: {EventKind.START: Phase.RUNNING},
    Phase.RUNNING: {
        EventKind.PAUSE: Phase.PAUSED,
        EventKind.EXTEND: Phase.RUNNING,
        EventKind.RESTART: Phase.RUNNING,
        EventKind.STOP: Phase.STOPPED,
    },
    Phase.PAUSED: {
        EventKind.RESUME: Phase.RUNNING,
        EventKind.EXTEND: Phase.PAUSED,
        EventKind.RESTART: Phase.RUNNING,
        EventKind.STOP: Phase.STOPPED,
    },
    Phase.STOPPED: {EventKind.RESTART: Phase.RUNNING},
}


def _replay(rule: ClockRule, events: Iterable[ClockEvent], calendar: Calendar) -> Course:
    course = Course()
    for event in events:
        kind, on = event.kind, event.on
        if course.last_on is not None and on < course.last_on:
            raise ImpossibleEvent(
                "out_of_order",
                f"{kind.value} on {on} after an event on {course.last_on}",
                kind=kind,
                date=on,
                previous=course.last_on,
            )
        phase = _FOLLOWS[course.phase].get(kind)
        if phase is None:
            raise ImpossibleEvent(
                _why_not(course.phase, kind),
                f"{kind.value} on {on}, clock {course.phase.value}",
                kind=kind,
                date=on,
            )
        course.phase, course.last_on = phase, on
        if kind in (EventKind.START, EventKind.RESTART):
            course.started_on, course.started_by = on, event
            course.paused_by = course.stopped_on = None
            course.gaps, course.reads = [], []
            course.legs = [Leg(rule.amount, rule.unit)]
        elif kind is EventKind.PAUSE:
            course.paused_by = event
        elif kind is EventKind.RESUME:
            course.gaps.append(_gap(rule, course, calendar, on, resumed=True))
            course.paused_by = None
        elif kind is EventKind.EXTEND:
            _extend(rule, course, event)
        else:
            course.stopped_on = on
    return course


def _why_not(phase: Phase, kind: EventKind) -> str:
    if phase is Phase.NOT_STARTED:
        return "not_started"
    if kind is EventKind.START:
        return "already_started"
    if phase is Phase.STOPPED:
        return "already_stopped"
    return "already_paused" if kind is EventKind.PAUSE else "not_paused"


def _gap(rule: ClockRule, course: Course, calendar: Calendar, resumed_on: date, *, resumed: bool) -> Gap:
    """Close the open pause. Pauses never overlap: a day is not counted once only."""
    assert course.paused_by is not None  # noqa: S101  (the phase says so)
    paused_on = course.paused_by.on
    effective_on = resumed_on
    if rule.pause_end_on_holiday is not Shift.KEEP:
        effective_on = max(paused_on, _shifted(resumed_on, rule.pause_end_on_holiday, calendar))
        course.reads += (resumed_on, effective_on)
    first = paused_on + _DAY if rule.count_pause_day else paused_on
    last = effective_on - _DAY if rule.count_resume_day else effective_on
    if course.gaps:
        first = max(first, course.gaps[-1].last + _DAY)
    return Gap(paused_on, resumed_on if resumed else None, effective_on, first, last, course.paused_by.ref)


def _extend(rule: ClockRule, course: Course, event: ClockEvent) -> None:
    last = course.legs[-1]
    unit = event.unit or rule.unit
    if event.to is not None:
        course.legs.append(Leg(to=event.to, events=[event]))
    elif last.unit is unit:
        last.amount += event.amount or 0
        last.events.append(event)
    else:
        course.legs.append(Leg(event.amount or 0, unit, events=[event]))


# --- counting -------------------------------------------------------------------------------------


def _run(rule: ClockRule, course: Course, calendar: Calendar) -> None:
    """Count leg after leg, then move the end off paused days and holidays."""
    assert course.started_on is not None  # noqa: S101
    start = course.started_on
    anchor, first = start, start if rule.count_start_day else start + _DAY
    for leg in course.legs:
        leg.anchor, leg.first = anchor, first
        _count(leg, rule, course.gaps, calendar)
        if leg.unit is Unit.WORKING_DAYS:
            course.reads += (leg.first, leg.end)
        anchor, first = leg.end, leg.end + _DAY
    course.end = anchor
    course.due = _due(rule, course, calendar)
    if rule.end_on_holiday is not Shift.KEEP:
        course.reads += (course.end, course.due)


def _count(leg: Leg, rule: ClockRule, gaps: list[Gap], calendar: Calendar) -> None:
    before = leg.first - _DAY
    if leg.unit is None:
        assert leg.to is not None  # noqa: S101
        leg.target = leg.end = max(leg.anchor, leg.to)
        return
    if leg.unit is Unit.WORKING_DAYS:
        leg.target = calendar.add_workdays(before, leg.amount)
    elif leg.unit is Unit.CALENDAR_DAYS:
        leg.target = before + leg.amount * _DAY
    else:
        leg.target = add_months(
            leg.anchor, leg.amount, rule.month_end, through_day_before=leg.first == leg.anchor
        )
    leg.end = leg.target
    counted = leg.amount
    for gap in gaps:  # every paused day before the end moves the end
        if gap.first > leg.end:
            break
        gap_first = max(gap.first, leg.first)
        if gap_first > gap.last:
            continue
        if leg.unit is Unit.WORKING_DAYS:
            counted += calendar.workdays(gap_first - _DAY, gap.last)
            leg.end = calendar.add_workdays(before, counted)
        else:
            leg.end += gap.last - gap_first + _DAY


def _due(rule: ClockRule, course: Course, calendar: Calendar) -> date:
    """The last leg's end, moved off holidays and paused days."""
    if rule.end_on_holiday is Shift.PREVIOUS_WORKDAY:
        due = _off_gaps(course.end, course.gaps, forward=False)
        while not calendar.is_workday(due):
            due = _off_gaps(due - _DAY, course.gaps, forward=False)
        if due >= course.legs[0].first:
            return due
    due = _off_gaps(course.end, course.gaps, forward=True)
    while rule.end_on_holiday is Shift.NEXT_WORKDAY and not calendar.is_workday(due):
        due = _off_gaps(due + _DAY, course.gaps, forward=True)
    return due


def _off_gaps(day: date, gaps: list[Gap], *, forward: bool) -> date:
    for gap in gaps if forward else reversed(gaps):
        if gap.first <= day <= gap.last:
            day = gap.last + _DAY if forward else gap.first - _DAY
    return day


def _shifted(day: date, shift: Shift, calendar: Calendar) -> date:
    if shift is Shift.NEXT_WORKDAY:
        return calendar.next_workday(day)
    return calendar.previous_workday(day) if shift is Shift.PREVIOUS_WORKDAY else day


def add_months(day: date, months: int, month_end: MonthEnd, *, through_day_before: bool = False) -> date:
    """The day that corresponds to ``day`` so many months later, or the month's last where there is none.

    ``through_day_before`` gives the end of a period that counts its first day: the day before the
    corresponding one, so that a month from 1 March ends on 31 March.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(years, month + 1)[1]
    if through_day_before:
        if day.day == 1:
            return date(years, month + 1, 1) - _DAY
        return date(years, month + 1, min(day.day - 1, last))
    if month_end is MonthEnd.LAST_TO_LAST and day.day == monthrange(day.year, day.month)[1]:
        return date(years, month + 1, last)
    return date(years, month + 1, min(day.day, last))


# --- reporting ------------------------------------------------------------------------------------


def _state(
    rule: ClockRule, course: Course, calendar: Calendar, today: date | None, thresholds: Thresholds | None
) -> ClockState:
    due: date | None = course.due
    due_if_resumed = left = level = None
    seen_on = course.stopped_on or today
    open_gap = course.gaps[-1] if course.phase is Phase.PAUSED else None
    if open_gap is not None and course.due >= open_gap.first:  # it can still move
        due, due_if_resumed = None, course.due if today else None
    if open_gap is not None:
        left = days_between(rule, calendar, max(open_gap.last, open_gap.first - _DAY), course.end)
    elif seen_on is not None:
        left = days_between(rule, calendar, seen_on, course.due)
    if seen_on is not None and left is not None:
        level = _level(course.phase, seen_on > course.due, left, thresholds)
    first, last = (min(course.reads), max(course.reads)) if course.reads else (None, None)
    return ClockState(
        phase=course.phase,
        started_on=course.started_on,
        due=due,
        due_if_resumed=due_if_resumed,
        days_left=left,
        level=level,
        extensions=tuple(event for leg in course.legs for event in leg.events),
        over_extended=_over_extended(rule, course, calendar),
        paused_on=course.paused_by.on if course.paused_by and course.phase is Phase.PAUSED else None,
        stopped_on=course.stopped_on,
        stopped_in_time=course.stopped_on <= course.due if course.stopped_on else None,
        provisional=first is not None and last is not None and not calendar.knows(first, last),
        reads=(first, last) if first is not None and last is not None else None,
    )


def days_between(rule: ClockRule, calendar: Calendar, after: date, through: date) -> int:
    """Days after one date up to another: working days for a working-day rule, calendar days otherwise."""
    if rule.unit is Unit.WORKING_DAYS:
        return calendar.workdays(after, through)
    return (through - after).days


def _level(phase: Phase, late: bool, left: int, thresholds: Thresholds | None) -> Level:
    if late:
        return Level.VERY_LATE if thresholds and -left > thresholds.very_late_after else Level.LATE
    if phase is Phase.RUNNING and thresholds and left <= thresholds.due_soon_within:
        return Level.DUE_SOON
    return Level.ON_TIME


def _over_extended(rule: ClockRule, course: Course, calendar: Calendar) -> bool:
    """Is the end later than the rule's amount and its longest extension would put it?"""
    if rule.max_extension is None or not any(leg.events for leg in course.legs):
        return False
    limit = Leg(rule.amount + rule.max_extension, rule.unit)
    limit.anchor, limit.first = course.legs[0].anchor, course.legs[0].first
    _count(limit, rule, course.gaps, calendar)
    return course.end > limit.end
