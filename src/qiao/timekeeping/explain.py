"""Why this due date: `explain` tells a clock's course line by line, as data.

A line is a code with dates, numbers and names; a page turns codes into sentences in its reader's language
(`phrases` has a plain set of them). Counted days stand in ranges: a range runs over ordinary weekends and
ends where something needs a line of its own (a holiday, a make-up day, a pause).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from .calendar import SATURDAY, Calendar, Name, Why
from .clock import ClockState, state_of
from .course import DAY, Course, Leg, Phase, days_between, follow
from .rules import ClockEvent, ClockRule, EventKind, Thresholds, Unit


class LineCode(Enum):
    """What a line says. In brackets the fields it fills besides ``code``; ``ref`` is the event's own
    mark, and ``days`` always come with their ``unit``."""

    RULE = "rule"  # [amount, unit, source]
    RULE_UNCONFIRMED = "rule_unconfirmed"  # nobody has checked the rule against its source [source]
    STARTED = "started"  # [first, ref]
    RESTARTED = "restarted"  # [first, ref]
    START_DAY_COUNTED = "start_day_counted"  # [first]
    START_DAY_NOT_COUNTED = "start_day_not_counted"  # [first]
    COUNTED = "counted"  # [first, last, days, total]
    COUNTED_MAKEUP = "counted_makeup"  # 调休 days that are worked [first, last, days, total, name]
    COUNTED_OVERRIDE = "counted_override"  # worked by the caller's word [… name, source]
    SKIPPED_HOLIDAY = "skipped_holiday"  # weekdays not worked [first, last, days, total, name]
    SKIPPED_OVERRIDE = "skipped_override"  # not worked by the caller's word [… name, source]
    SKIPPED_MAKEUP = "skipped_makeup"  # a 调休 day that the caller's word gives back [… name, source]
    MONTHS_ADDED = "months_added"  # from and to [first, last, amount]
    MONTH_END_USED = "month_end_used"  # the corresponding day does not exist [last]
    PAUSED = "paused"  # from the pause to the resumption, days not counted [first, last, days, ref]
    PAUSED_AFTER_DUE = "paused_after_due"  # too late to move anything [first, last, ref]
    PAUSE_END_SHIFTED = "pause_end_shifted"  # resumed on a day not worked; took effect on [first, last]
    PAUSED_STILL = "paused_still"  # [first, ref]
    REMAINING = "remaining"  # what is left to use after the resumption [days]
    MOVED_BY_PAUSES = "moved_by_pauses"  # a period of months, by so many calendar days [first, last, days]
    EXTENDED = "extended"  # on [first, amount, unit, ref]
    EXTENDED_TO = "extended_to"  # on first, to last [first, last, ref]
    EXTENSION_WITHOUT_EFFECT = "extension_without_effect"  # the clock ran longer anyhow [first, last, ref]
    OVER_EXTENDED = "over_extended"  # beyond the rule's longest extension [amount, unit]
    END_SHIFTED = "end_shifted"  # the last day was not worked, or paused [first, last, name]
    DUE = "due"  # [first]
    DUE_IF_RESUMED = "due_if_resumed"  # resumed today (first), due (last) [first, last]
    STOPPED_IN_TIME = "stopped_in_time"  # [first, ref]
    STOPPED_LATE = "stopped_late"  # [first, days]
    PROVISIONAL = "provisional"  # no holiday notice is known for these days [first, last]


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``first`` and ``last`` are both included. ``days`` is how many days the line is about and
    ``total`` how many are counted so far, both in ``unit``; an extension in another unit counts its own
    total."""

    code: LineCode
    first: date | None = None
    last: date | None = None
    days: int | None = None
    total: int | None = None
    name: Name | None = None
    amount: int | None = None
    unit: Unit | None = None
    source: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A state and how it came about."""

    rule: ClockRule
    state: ClockState
    lines: tuple[Line, ...]

    @property
    def counted(self) -> int:
        """How many days were counted: the amount and its extensions, or what a pause has left of them."""
        return sum(line.days or 0 for line in self.lines if line.code in COUNTING)


COUNTING = frozenset({LineCode.COUNTED, LineCode.COUNTED_MAKEUP, LineCode.COUNTED_OVERRIDE})


def explain(
    rule: ClockRule,
    events: Iterable[ClockEvent],
    calendar: Calendar,
    today: date | None = None,
    *,
    thresholds: Thresholds | None = None,
) -> Explanation:
    """Why a clock stands where `compute` says, for the same arguments; raises what `compute` raises.

    It walks day by day, so use it for the one case somebody looks at.
    """
    course = follow(rule, events, calendar, today)
    state = state_of(rule, course, calendar, today, thresholds)
    return Explanation(rule, state, tuple(_Teller(rule, course, state, calendar, today).tell()))


class _Teller:
    """Walks a course once and writes its lines."""

    def __init__(
        self, rule: ClockRule, course: Course, state: ClockState, calendar: Calendar, today: date | None
    ) -> None:
        self.rule, self.course, self.state, self.calendar, self.today = rule, course, state, calendar, today
        self.gaps = list(course.gaps)  # those not told yet
        self.lines: list[Line] = []
        self.total = 0

    def tell(self) -> list[Line]:
        rule, course, state = self.rule, self.course, self.state
        self.say(LineCode.RULE, amount=rule.amount, unit=rule.unit, source=rule.source)
        if not rule.confirmed:
            self.say(LineCode.RULE_UNCONFIRMED, source=rule.source)
        if course.started_by is None:
            return self.lines
        self.tell_start(course.started_by)
        if all(self.tell_leg(leg) for leg in course.legs) and self.tell_gaps(course.due, rule.day_unit):
            if course.due != course.end:
                name = self.calendar.day(course.end).name
                self.say(LineCode.END_SHIFTED, course.end, course.due, name=name)
            self.say(LineCode.DUE, course.due)
        self.tell_gaps(date.max, rule.day_unit)
        if state.over_extended:
            self.say(LineCode.OVER_EXTENDED, amount=rule.max_extension, unit=rule.unit)
        if state.due_if_resumed:
            self.say(LineCode.DUE_IF_RESUMED, self.today, state.due_if_resumed)
        if course.stopped_by:
            late = -(state.days_left or 0)
            code = LineCode.STOPPED_IN_TIME if state.stopped_in_time else LineCode.STOPPED_LATE
            days = None if state.stopped_in_time else late
            self.say(code, course.stopped_by.on, days=days, unit=rule.day_unit, ref=course.stopped_by.ref)
        if state.provisional and state.reads:
            unknown = max(self.calendar.known_through + DAY, state.reads[0])
            self.say(LineCode.PROVISIONAL, unknown, state.reads[1])
        return self.lines

    def say(
        self,
        code: LineCode,
        first: date | None = None,
        last: date | None = None,
        *,
        days: int | None = None,
        total: int | None = None,
        name: Name | None = None,
        amount: int | None = None,
        unit: Unit | None = None,
        source: str = "",
        ref: str = "",
    ) -> None:
        self.lines.append(Line(code, first, last or first, days, total, name, amount, unit, source, ref))

    def tell_start(self, event: ClockEvent) -> None:
        again = event.kind is EventKind.RESTART
        self.say(LineCode.RESTARTED if again else LineCode.STARTED, event.on, ref=event.ref)
        counts = self.rule.count_start_day
        self.say(LineCode.START_DAY_COUNTED if counts else LineCode.START_DAY_NOT_COUNTED, event.on)

    def tell_leg(self, leg: Leg) -> bool:
        """Tell one leg; False when an open pause interrupts it."""
        for event in leg.events:
            if event.to is None:
                unit = event.unit or self.rule.unit
                self.say(LineCode.EXTENDED, event.on, amount=event.amount, unit=unit, ref=event.ref)
            else:
                effect = leg.end > leg.anchor
                code = LineCode.EXTENDED_TO if effect else LineCode.EXTENSION_WITHOUT_EFFECT
                self.say(code, event.on, event.to, ref=event.ref)
        if leg.to is not None:
            return True
        if leg.unit is Unit.MONTHS:
            return self.tell_months(leg)
        self.total = 0
        day = leg.first
        while day <= leg.end:
            if self.gaps and self.gaps[0].first <= day:
                day = max(day, self.gaps[0].last + DAY)
                if not self.tell_gap(leg.unit, leg.first):
                    return False
            else:
                self.tell_day(day, leg.unit)
                day += DAY
        return True

    def tell_months(self, leg: Leg) -> bool:
        self.say(LineCode.MONTHS_ADDED, leg.anchor, leg.target, amount=leg.amount, unit=Unit.MONTHS)
        if leg.anchor.day > monthrange(leg.target.year, leg.target.month)[1]:
            self.say(LineCode.MONTH_END_USED, leg.target)
        if not self.tell_gaps(leg.end, Unit.CALENDAR_DAYS, leg.first):
            return False
        if leg.end > leg.target:
            days = (leg.end - leg.target).days
            self.say(LineCode.MOVED_BY_PAUSES, leg.target, leg.end, days=days, unit=Unit.CALENDAR_DAYS)
        return True

    def tell_day(self, day: date, unit: Unit) -> None:
        """Count or skip one day, in the range it continues."""
        kind = self.calendar.day(day)
        name, source = kind.name, kind.source
        if unit is Unit.CALENDAR_DAYS or kind.why is Why.WEEKDAY:
            code, name, source = LineCode.COUNTED, None, ""
        elif kind.workday:
            code = LineCode.COUNTED_MAKEUP if kind.why is Why.MAKEUP else LineCode.COUNTED_OVERRIDE
        elif kind.cancels_makeup:
            code = LineCode.SKIPPED_MAKEUP
        elif day.weekday() < SATURDAY:
            code = LineCode.SKIPPED_HOLIDAY if kind.why is Why.HOLIDAY else LineCode.SKIPPED_OVERRIDE
        else:
            return
        self.total += code in COUNTING
        last = self.lines[-1]
        if (last.code, last.name, last.source) == (code, name, source):
            self.lines[-1] = replace(last, last=day, days=(last.days or 0) + 1, total=self.total)
        else:
            self.say(code, day, days=1, total=self.total, name=name, unit=unit, source=source)

    def tell_gaps(self, through: date, unit: Unit, since: date = date.min) -> bool:
        """Tell the pauses that begin by a day; False after an open one."""
        while self.gaps and self.gaps[0].first <= through:
            if not self.tell_gap(unit, since):
                return False
        return True

    def tell_gap(self, unit: Unit, since: date) -> bool:
        """Tell the next pause, its days from ``since`` on; False for an open one, which ends the count."""
        gap = self.gaps.pop(0)
        if gap.resumed_on is None and self.course.phase is Phase.PAUSED:
            self.say(LineCode.PAUSED_STILL, gap.paused_on, ref=gap.ref)
            if self.state.due is None:
                self.say(LineCode.REMAINING, days=self.state.days_left, unit=self.rule.day_unit)
            return False
        resumed_on = gap.resumed_on or self.state.stopped_on  # a stop ends an open pause
        if gap.first > self.course.due:
            self.say(LineCode.PAUSED_AFTER_DUE, gap.paused_on, resumed_on, ref=gap.ref)
            return True
        first = max(gap.first, since)
        days = days_between(unit, self.calendar, first - DAY, max(gap.last, first - DAY))
        self.say(LineCode.PAUSED, gap.paused_on, resumed_on, days=days, unit=unit, ref=gap.ref)
        if gap.effective_on != resumed_on:
            self.say(LineCode.PAUSE_END_SHIFTED, resumed_on, gap.effective_on)
        return True
