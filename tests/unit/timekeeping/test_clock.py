"""Known answers: each option of a rule, each event, each error."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from qiao.timekeeping import (
    BadRule,
    Calendar,
    ClockEvent,
    ClockRule,
    ImpossibleEvent,
    Level,
    MonthEnd,
    Override,
    Phase,
    Shift,
    Thresholds,
    Unit,
    compute,
)

SIXTY = ClockRule(60)
CALENDAR = Calendar()
E = ClockEvent


def day(text: str) -> date:
    return date.fromisoformat(text)


def due(rule: ClockRule, *events: ClockEvent) -> str:
    return str(compute(rule, events, CALENDAR).due)


# --- the answers that the district's papers give --------------------------------------------------


def test_sixty_working_days_with_make_up_days() -> None:
    start = E.start(day("2024-02-01"))
    assert due(SIXTY, start) == "2024-04-30"
    assert due(replace(SIXTY, count_start_day=True), start) == "2024-04-29"


PAUSED = (E.start(day("2024-02-01")), E.pause(day("2024-03-05")), E.resume(day("2024-03-20")))


@pytest.mark.parametrize(
    ("count_pause_day", "count_resume_day", "expected"),
    [
        (True, False, "2024-05-17"),  # the default: 6 to 20 March stand still, 11 working days
        (False, True, "2024-05-17"),  # 5 to 19 March, 11 too
        (False, False, "2024-05-20"),
        (True, True, "2024-05-16"),
    ],
)
def test_sixty_working_days_with_a_pause(
    count_pause_day: bool, count_resume_day: bool, expected: str
) -> None:
    rule = replace(SIXTY, count_pause_day=count_pause_day, count_resume_day=count_resume_day)
    assert due(rule, *PAUSED) == expected


def test_the_default_pause_gives_the_published_answer() -> None:
    assert due(SIXTY, *PAUSED) == "2024-05-17"


def test_three_months_from_the_last_of_january() -> None:
    assert due(ClockRule(3, Unit.MONTHS), E.start(day("2024-01-31"))) == "2024-04-30"


# --- options --------------------------------------------------------------------------------------

KEEP = Shift.KEEP


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        (ClockRule(1, Unit.MONTHS, end_on_holiday=KEEP), "2023-01-31", "2023-02-28"),
        (ClockRule(1, Unit.MONTHS, end_on_holiday=KEEP), "2024-01-31", "2024-02-29"),
        (ClockRule(1, Unit.MONTHS, end_on_holiday=KEEP), "2024-02-29", "2024-03-29"),
        (
            ClockRule(1, Unit.MONTHS, end_on_holiday=KEEP, month_end=MonthEnd.LAST_TO_LAST),
            "2024-02-29",
            "2024-03-31",
        ),
        (ClockRule(12, Unit.MONTHS, end_on_holiday=KEEP), "2024-02-29", "2025-02-28"),
        (ClockRule(1, Unit.MONTHS, end_on_holiday=KEEP, count_start_day=True), "2024-03-01", "2024-03-31"),
        (ClockRule(1, Unit.MONTHS, end_on_holiday=KEEP, count_start_day=True), "2024-03-15", "2024-04-14"),
        (ClockRule(1, Unit.MONTHS, end_on_holiday=KEEP, count_start_day=True), "2024-01-31", "2024-02-29"),
        (ClockRule(10, Unit.CALENDAR_DAYS, end_on_holiday=KEEP), "2024-02-01", "2024-02-11"),
        (ClockRule(10, Unit.CALENDAR_DAYS), "2024-02-01", "2024-02-18"),  # a Sunday worked
        (
            ClockRule(10, Unit.CALENDAR_DAYS, end_on_holiday=Shift.PREVIOUS_WORKDAY),
            "2024-02-01",
            "2024-02-09",
        ),
        (ClockRule(1, Unit.CALENDAR_DAYS, count_start_day=True), "2024-03-01", "2024-03-01"),
        (ClockRule(1), "2024-02-02", "2024-02-04"),
        (ClockRule(1, count_start_day=True), "2024-02-03", "2024-02-04"),
    ],
)
def test_options(rule: ClockRule, start: str, expected: str) -> None:
    assert due(rule, E.start(day(start))) == expected


@pytest.mark.parametrize(
    ("shift", "expected"),
    [  # paused Tue 5 March, resumed Sat 16 March; the clock has 8 working days left
        (Shift.KEEP, "2024-03-27"),  # Mon 18 is the first day
        (Shift.NEXT_WORKDAY, "2024-03-28"),  # in effect on Mon 18, Tue 19 is the first day
        (Shift.PREVIOUS_WORKDAY, "2024-03-27"),  # in effect on Fri 15
    ],
)
def test_a_pause_that_ends_on_a_day_not_worked(shift: Shift, expected: str) -> None:
    rule = ClockRule(10, pause_end_on_holiday=shift)
    events = E.start(day("2024-03-01")), E.pause(day("2024-03-05")), E.resume(day("2024-03-16"))
    assert due(rule, *events) == expected


def test_pauses_move_months_by_their_calendar_days() -> None:
    events = E.start(day("2024-01-31")), E.pause(day("2024-02-05")), E.resume(day("2024-02-12"))
    assert due(ClockRule(3, Unit.MONTHS, end_on_holiday=KEEP), *events) == "2024-05-07"


def test_a_paused_day_is_never_the_last_one() -> None:
    """A calendar-day clock ends on Sat 9 March and would go to Mon 11, but stands still until Wed 13."""
    events = E.start(day("2024-03-01")), E.pause(day("2024-03-09")), E.resume(day("2024-03-13"))
    assert due(ClockRule(8, Unit.CALENDAR_DAYS), *events) == "2024-03-14"


# --- extensions -----------------------------------------------------------------------------------


def test_extension_in_the_same_unit_adds_to_the_amount() -> None:
    start = E.start(day("2023-10-31"))
    rule = ClockRule(3, Unit.MONTHS, end_on_holiday=KEEP)
    assert due(rule, start) == "2024-01-31"
    assert due(rule, start, E.extend(day("2024-01-10"), 3)) == "2024-04-30"


def test_extension_in_another_unit_counts_on_from_the_end() -> None:
    events = E.start(day("2024-02-01")), E.extend(day("2024-04-01"), 1, Unit.MONTHS)
    assert due(SIXTY, *events) == "2024-05-30"


def test_extension_to_a_date_and_one_more_from_there() -> None:
    start, to = E.start(day("2024-02-01")), E.extend_to(day("2024-04-01"), day("2024-06-03"))
    assert due(SIXTY, start, to) == "2024-06-03"
    assert due(SIXTY, start, to, E.extend(day("2024-04-02"), 2)) == "2024-06-05"
    assert due(SIXTY, start, E.extend_to(day("2024-04-01"), day("2024-04-02"))) == "2024-04-30"


@pytest.mark.parametrize(("amount", "over"), [(30, False), (31, True)])
def test_extensions_beyond_the_limit_are_marked(amount: int, over: bool) -> None:
    rule = replace(SIXTY, max_extension=30)
    events = [E.start(day("2024-02-01")), E.extend(day("2024-03-01"), amount)]
    state = compute(rule, events, CALENDAR)
    assert state.over_extended is over
    assert state.extensions == (events[1],)


# --- states and levels ----------------------------------------------------------------------------

FIVE = ClockRule(5)
WARN = Thresholds(due_soon_within=2, very_late_after=3)


@pytest.mark.parametrize(
    ("today", "left", "level"),
    [  # due Fri 8 March
        ("2024-03-05", 3, Level.ON_TIME),
        ("2024-03-06", 2, Level.DUE_SOON),
        ("2024-03-08", 0, Level.DUE_SOON),
        ("2024-03-09", 0, Level.LATE),  # Saturday: no working day late yet, but late
        ("2024-03-13", -3, Level.LATE),
        ("2024-03-14", -4, Level.VERY_LATE),
    ],
)
def test_days_left_and_level(today: str, left: int, level: Level) -> None:
    state = compute(FIVE, [E.start(day("2024-03-01"))], CALENDAR, day(today), thresholds=WARN)
    assert (state.phase, state.due, state.days_left, state.level) == (
        Phase.RUNNING,
        day("2024-03-08"),
        left,
        level,
    )


def test_without_thresholds_a_clock_is_on_time_or_late() -> None:
    start = [E.start(day("2024-03-01"))]
    assert compute(FIVE, start, CALENDAR, day("2024-03-08")).level is Level.ON_TIME
    assert compute(FIVE, start, CALENDAR, day("2025-03-08")).level is Level.LATE
    assert compute(FIVE, start, CALENDAR).level is None


def test_a_paused_clock_has_no_due_date_but_knows_what_is_left() -> None:
    events = E.start(day("2024-02-01")), E.pause(day("2024-03-05"))
    state = compute(SIXTY, events, CALENDAR, day("2024-03-20"), thresholds=Thresholds(50, 50))
    assert (state.phase, state.due, state.paused_on) == (Phase.PAUSED, None, day("2024-03-05"))
    assert (state.days_left, state.due_if_resumed) == (40, day("2024-05-17"))
    assert state.level is Level.ON_TIME  # a clock that stands still is not due soon
    assert compute(SIXTY, events, CALENDAR).days_left == 40


def test_a_pause_does_not_heal_lateness() -> None:
    events = E.start(day("2024-03-01")), E.pause(day("2024-03-12"))
    state = compute(FIVE, events, CALENDAR, day("2024-03-14"), thresholds=WARN)
    assert (state.due, state.days_left, state.level) == (day("2024-03-08"), -4, Level.VERY_LATE)


@pytest.mark.parametrize(("on", "in_time", "left"), [("2024-03-08", True, 0), ("2024-03-11", False, -1)])
def test_stopped(on: str, in_time: bool, left: int) -> None:
    events = E.start(day("2024-03-01")), E.stop(day(on))
    state = compute(FIVE, events, CALENDAR, day("2024-12-02"))
    assert (state.phase, state.stopped_on, state.stopped_in_time) == (Phase.STOPPED, day(on), in_time)
    assert (state.due, state.days_left) == (day("2024-03-08"), left)


def test_stopped_while_paused_is_in_time() -> None:
    events = E.start(day("2024-03-01")), E.pause(day("2024-03-04")), E.stop(day("2024-06-03"))
    state = compute(FIVE, events, CALENDAR)
    assert (state.stopped_in_time, state.due, state.days_left) == (True, day("2024-06-07"), 4)


def test_restart_forgets_pauses_and_extensions() -> None:
    events = [
        *PAUSED,
        E.extend(day("2024-03-25"), 9),
        E.stop(day("2024-04-01")),
        E.restart(day("2024-05-06")),
    ]
    again = compute(SIXTY, events, CALENDAR)
    assert again == compute(SIXTY, [E.start(day("2024-05-06"))], CALENDAR)


def test_not_started() -> None:
    state = compute(SIXTY, [], CALENDAR, day("2024-03-01"), thresholds=WARN)
    assert (state.phase, state.due, state.level) == (Phase.NOT_STARTED, None, None)


def test_provisional_where_no_notice_is_known() -> None:
    start = [E.start(day("2026-12-01"))]
    known = Calendar(known_through=day("2026-12-31"))
    assert not compute(ClockRule(22), start, known).provisional
    assert compute(ClockRule(23), start, known).provisional
    assert not compute(ClockRule(23), start, Calendar(known_through=day("2027-12-31"))).provisional
    assert not compute(ClockRule(6, Unit.MONTHS, end_on_holiday=KEEP), start, known).provisional


def test_a_changed_calendar_shows_in_the_fingerprint_of_what_was_read() -> None:
    start = [E.start(day("2024-02-01"))]
    before = compute(SIXTY, start, CALENDAR)
    changed = Calendar({day("2024-03-06"): Override(False, "停工", "虚构")})
    assert before.reads == (day("2024-02-02"), day("2024-04-30"))
    assert changed.fingerprint(*before.reads) != CALENDAR.fingerprint(*before.reads)
    assert compute(SIXTY, start, changed).due == day("2024-05-06")


# --- errors ---------------------------------------------------------------------------------------

START, PAUSE, STOP = E.start(day("2024-03-01")), E.pause(day("2024-03-04")), E.stop(day("2024-03-05"))


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([PAUSE], "not_started"),
        ([STOP], "not_started"),
        ([E.restart(day("2024-03-01"))], "not_started"),
        ([START, START], "already_started"),
        ([START, E.resume(day("2024-03-04"))], "not_paused"),
        ([START, PAUSE, PAUSE], "already_paused"),
        ([START, STOP, STOP], "already_stopped"),
        ([START, STOP, E.extend(day("2024-03-06"), 5)], "already_stopped"),
        ([START, STOP, START], "out_of_order"),
        ([START, STOP, E.start(day("2024-03-06"))], "already_started"),
        ([START, E.stop(day("2024-02-28"))], "out_of_order"),
    ],
)
def test_impossible_events(events: Sequence[ClockEvent], code: str) -> None:
    with pytest.raises(ImpossibleEvent) as refused:
        compute(FIVE, events, CALENDAR)
    assert refused.value.code == code
    assert refused.value.params["kind"] is events[-1].kind


def test_rules_and_events_that_cannot_be_meant() -> None:
    with pytest.raises(BadRule, match="amount_not_positive"):
        ClockRule(0)
    with pytest.raises(BadRule, match="amount_not_positive"):
        E.extend(day("2024-03-01"), -3)
    with pytest.raises(BadRule, match="not_a_plain_date"):
        E.start(datetime(2024, 3, 1, 23, 0))  # noqa: DTZ001
    with pytest.raises(BadRule, match="event_incomplete"):
        replace(PAUSE, amount=3)
    with pytest.raises(BadRule, match="thresholds_negative"):
        Thresholds(-1, 0)
