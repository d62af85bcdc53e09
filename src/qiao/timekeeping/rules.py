"""What a deadline says (`ClockRule`) and what happened to it (`ClockEvent`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from .errors import BadRule


class Unit(Enum):
    """In what an amount of time is counted."""

    WORKING_DAYS = "working_days"  # 工作日
    CALENDAR_DAYS = "calendar_days"  # 日, 自然日
    MONTHS = "months"  # 月


class Shift(Enum):
    """Where a date goes that falls on a day not worked."""

    KEEP = "keep"
    NEXT_WORKDAY = "next_workday"
    PREVIOUS_WORKDAY = "previous_workday"


class MonthEnd(Enum):
    """Which day ends a period of months."""

    CLAMP = "clamp"  # the corresponding day, or the month's last day where there is none: 31 Jan → 29 Feb
    LAST_TO_LAST = "last_to_last"  # as CLAMP, and from a month's last day to a last day: 29 Feb → 31 Mar


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One deadline as its source states it: so much time, counted so.

    The defaults are those of the Civil Code, arts. 201–203 (民法典 期间计算), where it speaks. Where it
    is silent (pauses) the default applies its principle, that the day of an event does not count and the
    next one does; such a default is a reading, not a citation. Amounts come from each rule's own source:
    write it in ``source`` and set ``confirmed`` once somebody has read it there.
    """

    amount: int
    """How much time, in ``unit``. At least 1."""

    unit: Unit = Unit.WORKING_DAYS

    count_start_day: bool = False
    """Is the day of receipt the first day? Default no: 开始的当日不计入, Civil Code art. 201."""

    end_on_holiday: Shift = Shift.NEXT_WORKDAY
    """Where a last day goes that is not worked. Default the next working day: Civil Code art. 203.
    Working days never end on such a day, unless an extension to a date puts them there."""

    month_end: MonthEnd = MonthEnd.CLAMP
    """Which day ends a period of months. Default the corresponding day, else the month's last: Civil Code
    art. 202. With ``count_start_day`` it is the day before."""

    count_pause_day: bool = True
    """Does the day on which the clock is paused still count? Default yes: the pause begins the day after
    its event, as any period does. Unconfirmed: no general source."""

    count_resume_day: bool = False
    """Does the day on which the clock resumes already count? Default no: counting goes on the day after
    the event. Unconfirmed: no general source."""

    pause_end_on_holiday: Shift = Shift.KEEP
    """Where a resumption goes that falls on a day not worked. Default it stays, so that with
    ``count_resume_day=False`` the next working day counts. Unconfirmed: no general source."""

    max_extension: int | None = None
    """The longest total extension, in ``unit``; None sets no limit. Longer ones are computed and marked
    (`ClockState.over_extended`): refuse the act before, never hide what has happened."""

    source: str = ""
    """Where the amount and the options are written: title, article, date."""

    confirmed: bool = False
    """Has somebody checked them against the source?"""

    @property
    def day_unit(self) -> Unit:
        """The unit in which days left and days late are told: months are told in calendar days."""
        return Unit.WORKING_DAYS if self.unit is Unit.WORKING_DAYS else Unit.CALENDAR_DAYS

    def __post_init__(self) -> None:
        _require_positive(self.amount, "amount")
        if self.max_extension is not None:
            _require_positive(self.max_extension, "max_extension")


class EventKind(Enum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    RESTART = "restart"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """One thing that happened to a clock, on a local calendar date. Made by the class methods below.

    ``ref`` is the caller's own mark (the number of an act); explanations hand it back.
    """

    kind: EventKind
    on: date
    amount: int | None = None
    unit: Unit | None = None
    to: date | None = None
    ref: str = ""

    def __post_init__(self) -> None:
        for day in (self.on, self.to):
            if isinstance(day, datetime):
                raise BadRule("not_a_plain_date", f"{day!r}: convert to a local date first", value=day)
        if self.amount is not None:
            _require_positive(self.amount, "amount")
        told = (self.amount is not None) + (self.to is not None)
        if told != (self.kind is EventKind.EXTEND):
            message = "an extension, and nothing else, has either an amount or a date"
            raise BadRule("event_incomplete", message, kind=self.kind)

    @classmethod
    def start(cls, on: date, *, ref: str = "") -> ClockEvent:
        """Receipt: the clock starts."""
        return cls(EventKind.START, on, ref=ref)

    @classmethod
    def pause(cls, on: date, *, ref: str = "") -> ClockEvent:
        """The clock stands still, for example while the applicant supplies papers (补正)."""
        return cls(EventKind.PAUSE, on, ref=ref)

    @classmethod
    def resume(cls, on: date, *, ref: str = "") -> ClockEvent:
        """A paused clock goes on with what was left."""
        return cls(EventKind.RESUME, on, ref=ref)

    @classmethod
    def extend(cls, on: date, amount: int, unit: Unit | None = None, *, ref: str = "") -> ClockEvent:
        """More time, in the rule's unit unless another is named. The same unit is added to what the rule
        gives (3 months and 3 months are 6 months from the start); another unit counts on from the end so
        far."""
        return cls(EventKind.EXTEND, on, amount=amount, unit=unit, ref=ref)

    @classmethod
    def extend_to(cls, on: date, to: date, *, ref: str = "") -> ClockEvent:
        """More time, to a fixed date. An earlier date than the clock gives anyhow changes nothing. Later
        pauses move the count, not the date; no paused day is ever the last day, though."""
        return cls(EventKind.EXTEND, on, to=to, ref=ref)

    @classmethod
    def restart(cls, on: date, *, ref: str = "") -> ClockEvent:
        """The whole time again from this day, pauses and extensions forgotten; also after a stop
        (redo)."""
        return cls(EventKind.RESTART, on, ref=ref)

    @classmethod
    def stop(cls, on: date, *, ref: str = "") -> ClockEvent:
        """What was owed is done."""
        return cls(EventKind.STOP, on, ref=ref)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When to warn, in working days for working-day clocks and in calendar days for the others."""

    due_soon_within: int
    """A running clock with at most so many days left is due soon; 0 warns on the last day only."""

    very_late_after: int
    """A clock more than so many days past its due date is very late."""

    def __post_init__(self) -> None:
        if min(self.due_soon_within, self.very_late_after) < 0:
            raise BadRule("thresholds_negative", f"{self}")


def _require_positive(amount: int, field: str) -> None:
    if amount < 1:
        raise BadRule("amount_not_positive", f"{field} is {amount}", field=field, amount=amount)
