"""Deadlines that explain themselves: working days with 调休, pauses, extensions, months.

Room: pure. Knows rules, events, dates and a calendar; no Django, no database, no other part of Qiao.

    >>> from datetime import date
    >>> from qiao.timekeeping import Calendar, ClockEvent, ClockRule, compute
    >>> calendar = Calendar()
    >>> rule = ClockRule(60)                      # working days, the day of receipt not counted
    >>> compute(rule, [ClockEvent.start(date(2024, 2, 1))], calendar).due
    datetime.date(2024, 4, 30)

`compute` gives the state, `explain` gives the reasons line by line. A case with several deadlines (legal
and internal, lead and co-handler) has several rules over the same events: call once for each.
"""

from .calendar import Calendar, DayKind, Name, Override, Why
from .clock import ClockState, Level, compute
from .course import Phase
from .errors import BadRule, ClockError, ImpossibleEvent, OutsideCalendar
from .explain import Explanation, Line, LineCode, explain
from .phrases import as_text
from .rules import ClockEvent, ClockRule, EventKind, MonthEnd, Shift, Thresholds, Unit

__all__ = [
    "BadRule",
    "Calendar",
    "ClockError",
    "ClockEvent",
    "ClockRule",
    "ClockState",
    "DayKind",
    "EventKind",
    "Explanation",
    "ImpossibleEvent",
    "Level",
    "Line",
    "LineCode",
    "MonthEnd",
    "Name",
    "OutsideCalendar",
    "Override",
    "Phase",
    "Shift",
    "Thresholds",
    "Unit",
    "Why",
    "as_text",
    "compute",
    "explain",
]
