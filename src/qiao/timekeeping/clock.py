"""Where a clock stands: `compute` and the `ClockState` it returns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from .calendar import Calendar
from .course import Course, Leg, Phase, count_leg, days_between, follow
from .rules import ClockEvent, ClockRule, Thresholds


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
    already: a pause after the due date changes nothing."""

    due_if_resumed: date | None = None
    """For a paused clock: what ``due`` would be if it resumed today."""

    days_left: int | None = None
    """Days after today up to and including the due date, in the rule's ``day_unit``: 0 on the last day,
    negative afterwards. For a paused clock what is left to use after it resumes; for a stopped one what
    was left."""

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
    course = follow(rule, events, calendar, today)
    return state_of(rule, course, calendar, today, thresholds)


def state_of(
    rule: ClockRule, course: Course, calendar: Calendar, today: date | None, thresholds: Thresholds | None
) -> ClockState:
    """What the course amounts to, seen today."""
    if course.started_by is None:
        return ClockState(Phase.NOT_STARTED)
    due: date | None = course.due
    due_if_resumed = left = level = None
    stopped_on = course.stopped_by.on if course.stopped_by else None
    seen_on = stopped_on or today
    open_gap = course.gaps[-1] if course.phase is Phase.PAUSED else None
    if open_gap is not None and course.due >= open_gap.first:  # it can still move
        due, due_if_resumed = None, course.due if today else None
        left = days_between(rule.day_unit, calendar, open_gap.last, course.end)
    elif seen_on is not None:
        left = days_between(rule.day_unit, calendar, seen_on, course.due)
    if seen_on is not None and left is not None:
        level = _level(course.phase, seen_on > course.due, left, thresholds)
    first, last = (min(course.reads), max(course.reads)) if course.reads else (None, None)
    return ClockState(
        phase=course.phase,
        started_on=course.started_by.on,
        due=due,
        due_if_resumed=due_if_resumed,
        days_left=left,
        level=level,
        extensions=tuple(event for leg in course.legs for event in leg.events),
        over_extended=_over_extended(rule, course, calendar),
        paused_on=course.paused_by.on if course.paused_by and course.phase is Phase.PAUSED else None,
        stopped_on=stopped_on,
        stopped_in_time=stopped_on <= course.due if stopped_on else None,
        provisional=last is not None and last > calendar.known_through,
        reads=(first, last) if first is not None and last is not None else None,
    )


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
    count_leg(limit, rule, course.gaps, calendar)
    return course.end > limit.end
