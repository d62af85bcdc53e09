"""From what happened to the last day: the course of a clock, shared by `compute` and `explain`.

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
from .rules import ClockEvent, ClockRule, EventKind, MonthEnd, Shift, Unit

DAY = timedelta(days=1)


class Phase(Enum):
    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Gap(NamedTuple):
    """A pause: the event dates, the day the resumption took effect, and the days not counted (``first``
    to ``last``, both included; for none, ``last`` is the day before ``first``). Open while ``resumed_on``
    is None. Gaps never overlap and stand in order."""

    paused_on: date
    resumed_on: date | None
    effective_on: date
    first: date
    last: date
    ref: str


@dataclass(slots=True)
class Leg:
    """One stretch of time: an amount of a unit or, with ``to``, up to a fixed date. ``events`` are its
    extensions; the rest is filled in as the legs are counted."""

    amount: int
    unit: Unit
    to: date | None = None
    events: list[ClockEvent] = field(default_factory=list)
    anchor: date = date.min  # where months are counted from: the start, or the last leg's end
    first: date = date.min  # the first day that may count
    target: date = date.min  # the end, had there been no pause
    end: date = date.min  # the day on which it is used up


@dataclass(slots=True)
class Course:
    """The course of a clock, which `compute` reports and `explain` tells."""

    phase: Phase = Phase.NOT_STARTED
    started_by: ClockEvent | None = None
    paused_by: ClockEvent | None = None
    stopped_by: ClockEvent | None = None
    last_on: date | None = None
    gaps: list[Gap] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    end: date = date.min  # when the last leg is used up
    due: date = date.min  # after the shift off holidays
    reads: list[date] = field(default_factory=list)


def follow(
    rule: ClockRule, events: Iterable[ClockEvent], calendar: Calendar, today: date | None = None
) -> Course:
    """Replay the events, then count. An open pause is looked at as if it ended today."""
    course = _replay(rule, events, calendar)
    if course.started_by is None:
        return course
    pause, stop = course.paused_by, course.stopped_by
    if pause is not None:
        ends_on = stop.on if stop else max(today or pause.on, pause.on)
        _close(rule, course, calendar, pause, ends_on, resumed=False)
    _run(rule, course, calendar, course.started_by.on)
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
            course.started_by = event
            course.paused_by = course.stopped_by = None
            course.gaps, course.reads = [], []
            course.legs = [Leg(rule.amount, rule.unit)]
        elif kind is EventKind.PAUSE:
            course.paused_by = event
        elif kind is EventKind.RESUME and course.paused_by is not None:
            _close(rule, course, calendar, course.paused_by, on, resumed=True)
            course.paused_by = None
        elif kind is EventKind.EXTEND:
            _extend(rule, course, event)
        elif kind is EventKind.STOP:
            course.stopped_by = event
    return course


def _why_not(phase: Phase, kind: EventKind) -> str:
    if phase is Phase.NOT_STARTED:
        return "not_started"
    if kind is EventKind.START:
        return "already_started"
    if phase is Phase.STOPPED:
        return "already_stopped"
    return "already_paused" if kind is EventKind.PAUSE else "not_paused"


def _close(
    rule: ClockRule, course: Course, calendar: Calendar, pause: ClockEvent, ends_on: date, *, resumed: bool
) -> None:
    """Turn a pause that ends (or is looked at) on a day into a gap."""
    effective_on = ends_on
    if rule.pause_end_on_holiday is Shift.NEXT_WORKDAY:
        effective_on = calendar.next_workday(ends_on)
    elif rule.pause_end_on_holiday is Shift.PREVIOUS_WORKDAY:
        effective_on = max(pause.on, calendar.previous_workday(ends_on))
    if rule.pause_end_on_holiday is not Shift.KEEP:
        course.reads += (ends_on, effective_on)
    first = pause.on + DAY if rule.count_pause_day else pause.on
    last = effective_on - DAY if rule.count_resume_day else effective_on
    if course.gaps:
        first = max(first, course.gaps[-1].last + DAY)
    last = max(last, first - DAY)
    course.gaps.append(Gap(pause.on, ends_on if resumed else None, effective_on, first, last, pause.ref))


def _extend(rule: ClockRule, course: Course, event: ClockEvent) -> None:
    last = course.legs[-1]
    unit = event.unit or rule.unit
    if event.to is not None:
        course.legs.append(Leg(0, rule.unit, event.to, [event]))
    elif last.unit is unit and last.to is None:
        last.amount += event.amount or 0
        last.events.append(event)
    else:
        course.legs.append(Leg(event.amount or 0, unit, None, [event]))


# --- counting -------------------------------------------------------------------------------------


def _run(rule: ClockRule, course: Course, calendar: Calendar, start: date) -> None:
    """Count leg after leg, then move the end off paused days and holidays."""
    anchor, first = start, start if rule.count_start_day else start + DAY
    for leg in course.legs:
        leg.anchor, leg.first = anchor, first
        count_leg(leg, rule, course.gaps, calendar)
        if leg.unit is Unit.WORKING_DAYS and leg.to is None:
            course.reads += (leg.first, leg.end)
        anchor, first = leg.end, leg.end + DAY
    course.end = anchor
    course.due = _due(rule, course, calendar)
    if rule.end_on_holiday is not Shift.KEEP:
        course.reads += (course.end, course.due)


def count_leg(leg: Leg, rule: ClockRule, gaps: list[Gap], calendar: Calendar) -> None:
    """Fill in when a leg, whose anchor and first day are known, is used up."""
    before = leg.first - DAY
    if leg.to is not None:
        leg.target = leg.end = max(leg.anchor, leg.to)
        return
    if leg.unit is Unit.WORKING_DAYS:
        leg.target = calendar.add_workdays(before, leg.amount)
    elif leg.unit is Unit.CALENDAR_DAYS:
        leg.target = before + leg.amount * DAY
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
            continue  # over before this leg began, or no day at all
        if leg.unit is Unit.WORKING_DAYS:
            counted += calendar.workdays(gap_first - DAY, gap.last)
            leg.end = calendar.add_workdays(before, counted)
        else:
            leg.end += gap.last - gap_first + DAY


def _due(rule: ClockRule, course: Course, calendar: Calendar) -> date:
    """The last leg's end, moved off holidays and paused days."""
    if rule.end_on_holiday is Shift.PREVIOUS_WORKDAY:
        due = _off_gaps(course.end, course.gaps, forward=False)
        while not calendar.is_workday(due):
            due = _off_gaps(due - DAY, course.gaps, forward=False)
        if due >= course.legs[0].first:
            return due
        course.reads.append(course.legs[0].first)  # nothing worked in the whole time: as if NEXT_WORKDAY
    due = _off_gaps(course.end, course.gaps, forward=True)
    while rule.end_on_holiday is Shift.NEXT_WORKDAY and not calendar.is_workday(due):
        due = _off_gaps(due + DAY, course.gaps, forward=True)
    return due


def _off_gaps(day: date, gaps: list[Gap], *, forward: bool) -> date:
    for gap in gaps if forward else reversed(gaps):
        if gap.first <= day <= gap.last:
            day = gap.last + DAY if forward else gap.first - DAY
    return day


def days_between(unit: Unit, calendar: Calendar, after: date, through: date) -> int:
    """Days after one date up to and including another: working days, or for any other unit calendar days."""
    return calendar.workdays(after, through) if unit is Unit.WORKING_DAYS else (through - after).days


def add_months(day: date, months: int, month_end: MonthEnd, *, through_day_before: bool = False) -> date:
    """The day that corresponds to ``day`` so many months later, or the month's last where there is none.

    ``through_day_before`` gives the end of a period that counts its first day: the day before the
    corresponding one, so that a month from 1 March ends on 31 March.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    from_last = day.day == monthrange(day.year, day.month)[1]
    stick = month_end is MonthEnd.LAST_TO_LAST and from_last
    corresponding = date(year, month + 1, last if stick else min(day.day, last))
    return corresponding - DAY if through_day_before and day.day <= last else corresponding
