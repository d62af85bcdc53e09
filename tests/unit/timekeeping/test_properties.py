"""What must hold for every history, checked against a reference that counts day by day."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qiao.timekeeping import (
    Calendar,
    ClockEvent,
    ClockRule,
    EventKind,
    LineCode,
    MonthEnd,
    Override,
    Phase,
    Shift,
    Unit,
    as_text,
    compute,
    explain,
)

CALENDAR = Calendar()
DAY = timedelta(days=1)
E = ClockEvent
holds = settings(deadline=None)

starts = st.dates(date(2005, 1, 1), date(2030, 12, 31))
units = st.sampled_from(Unit)
rules = st.builds(
    ClockRule,
    amount=st.integers(1, 90),
    unit=units,
    count_start_day=st.booleans(),
    end_on_holiday=st.sampled_from(Shift),
    month_end=st.sampled_from(MonthEnd),
    count_pause_day=st.booleans(),
    count_resume_day=st.booleans(),
    pause_end_on_holiday=st.sampled_from(Shift),
    max_extension=st.none() | st.integers(1, 30),
).map(lambda rule: replace(rule, amount=min(rule.amount, 12)) if rule.unit is Unit.MONTHS else rule)
rules_moving_forward = rules.filter(
    lambda rule: Shift.PREVIOUS_WORKDAY not in (rule.end_on_holiday, rule.pause_end_on_holiday)
)


@st.composite
def histories(draw: st.DrawFn, *, open_pause: bool = False) -> list[ClockEvent]:
    """A possible history: started, then paused, resumed, extended, restarted at random; not stopped."""
    on = draw(starts)
    events, paused = [E.start(on)], False
    for _ in range(draw(st.integers(0, 6))):
        on += draw(st.integers(0, 40)) * DAY
        step = draw(st.sampled_from(["pause", "pause", "extend", "extend_to", "restart"]))
        if step == "pause":
            events.append(E.resume(on) if paused else E.pause(on))
            paused = not paused
        elif step == "extend":
            events.append(E.extend(on, draw(st.integers(1, 12)), draw(st.none() | units)))
        elif step == "extend_to":
            events.append(E.extend_to(on, on + draw(st.integers(-20, 120)) * DAY))
        else:
            events.append(E.restart(on))
            paused = False
    if paused and not open_pause:
        events.append(E.resume(on + draw(st.integers(0, 40)) * DAY))
    if open_pause and not paused:
        events.append(E.pause(on + draw(st.integers(0, 40)) * DAY))
    return events


# --- the reference --------------------------------------------------------------------------------


def reference_due(rule: ClockRule, events: list[ClockEvent], calendar: Calendar) -> date:
    """The due date of a running clock, as one would find it with a finger on a wall calendar."""
    begin = max(i for i, event in enumerate(events) if event.kind in (EventKind.START, EventKind.RESTART))
    start, later = events[begin].on, events[begin + 1 :]
    paused: set[date] = set()
    since = start
    for event in later:
        if event.kind is EventKind.PAUSE:
            since = event.on
        elif event.kind is EventKind.RESUME:
            until = max(since, shifted(event.on, rule.pause_end_on_holiday, calendar))
            still = since + DAY if rule.count_pause_day else since
            while still < until or (still == until and not rule.count_resume_day):
                paused.add(still)
                still += DAY

    stretches: list[tuple[int, Unit] | date] = [(rule.amount, rule.unit)]
    for event in later:
        if event.to:
            stretches.append(event.to)
        elif event.amount:
            unit, last = event.unit or rule.unit, stretches[-1]
            if isinstance(last, tuple) and last[1] is unit:
                stretches[-1] = (last[0] + event.amount, unit)
            else:
                stretches.append((event.amount, unit))

    first = start if rule.count_start_day else start + DAY
    day = first - DAY
    for number, stretch in enumerate(stretches):
        if isinstance(stretch, date):
            day = max(day, stretch)
            continue
        amount, unit = stretch
        if unit is Unit.MONTHS:
            counts_start = number == 0 and rule.count_start_day
            amount = (months_later(start if number == 0 else day, amount, rule, counts_start) - day).days
        while amount:
            day += DAY
            if day not in paused and (unit is not Unit.WORKING_DAYS or calendar.is_workday(day)):
                amount -= 1

    end = day
    if rule.end_on_holiday is Shift.PREVIOUS_WORKDAY:
        while day >= first and (day in paused or not calendar.is_workday(day)):
            day -= DAY
        if day >= first:
            return day
    day = end
    while day in paused or (rule.end_on_holiday is Shift.NEXT_WORKDAY and not calendar.is_workday(day)):
        day += DAY
    return day


def shifted(day: date, shift: Shift, calendar: Calendar) -> date:
    step = {Shift.KEEP: 0, Shift.NEXT_WORKDAY: 1, Shift.PREVIOUS_WORKDAY: -1}[shift]
    while step and not calendar.is_workday(day):
        day += step * DAY
    return day


def months_later(day: date, months: int, rule: ClockRule, counts_start: bool) -> date:
    to_last = rule.month_end is MonthEnd.LAST_TO_LAST and (day + DAY).month != day.month
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for number in range(31 if to_last else day.day, 0, -1):
        try:
            found = date(year, month, number)
        except ValueError:
            continue
        exists = number == day.day or (to_last and found.day >= day.day)
        return found - DAY if counts_start and exists else found
    raise AssertionError


# --- properties -----------------------------------------------------------------------------------


@holds
@given(rules, histories())
def test_the_fast_path_counts_like_a_finger_on_the_calendar(
    rule: ClockRule, events: list[ClockEvent]
) -> None:
    assert compute(rule, events, CALENDAR).due == reference_due(rule, events, CALENDAR)


@holds
@given(rules_moving_forward, histories(), st.integers(0, 400))
def test_one_more_holiday_never_makes_a_due_date_earlier(
    rule: ClockRule, events: list[ClockEvent], offset: int
) -> None:
    holiday = events[0].on + offset * DAY
    longer = Calendar({holiday: Override(False, "放假", "虚构")})
    before, after = compute(rule, events, CALENDAR).due, compute(rule, events, longer).due
    assert before and after and after >= before


@holds
@given(st.integers(1, 90), starts, st.integers(0, 60), st.integers(0, 60), st.booleans(), st.booleans())
def test_a_pause_moves_the_due_date_by_exactly_the_days_it_holds(
    amount: int, start: date, until: int, length: int, count_pause_day: bool, count_resume_day: bool
) -> None:
    rule = ClockRule(amount, count_pause_day=count_pause_day, count_resume_day=count_resume_day)
    straight = compute(rule, [E.start(start)], CALENDAR).due
    pause_on = start + until * DAY
    first = pause_on + DAY if count_pause_day else pause_on
    resume_on = pause_on + length * DAY
    last = resume_on - DAY if count_resume_day else resume_on
    assume(straight and start < first <= straight)
    held = max(0, CALENDAR.workdays(first - DAY, last)) if last >= first else 0
    paused = compute(rule, [E.start(start), E.pause(pause_on), E.resume(resume_on)], CALENDAR).due
    assert straight and paused and CALENDAR.workdays(straight, paused) == held


@holds
@given(rules, histories(), st.integers(1, 12), units, st.integers(1, 12))
def test_more_extension_is_never_an_earlier_due_date(
    rule: ClockRule, events: list[ClockEvent], amount: int, unit: Unit, more: int
) -> None:
    on = events[-1].on
    dues = [
        compute(rule, [*events, *extra], CALENDAR).due
        for extra in ([], [E.extend(on, amount, unit)], [E.extend(on, amount + more, unit)])
    ]
    assert dues == sorted(day for day in dues if day)


@holds
@given(rules, histories())
def test_an_explanation_counts_what_the_rule_gives(rule: ClockRule, events: list[ClockEvent]) -> None:
    told = explain(rule, events, CALENDAR)
    assert told.state == compute(rule, events, CALENDAR)
    assert [line.first for line in told.lines if line.code is LineCode.DUE] == [told.state.due]
    if all((event.unit or rule.unit) is not Unit.MONTHS for event in told.state.extensions):
        extended = sum(event.amount or 0 for event in told.state.extensions)
        assert told.counted == extended + (rule.amount if rule.unit is not Unit.MONTHS else 0)
    assert as_text(told, "zh").count("\n") == as_text(told, "en").count("\n") == len(told.lines) - 1


@holds
@given(rules, histories(open_pause=True), st.integers(0, 60))
def test_what_a_paused_clock_promises_is_kept_when_it_resumes(
    rule: ClockRule, events: list[ClockEvent], wait: int
) -> None:
    today = events[-1].on + wait * DAY
    paused = compute(rule, events, CALENDAR, today)
    resumed = compute(rule, [*events, E.resume(today)], CALENDAR)
    assert paused.phase is Phase.PAUSED
    assert (paused.due or paused.due_if_resumed) == resumed.due
    assert explain(rule, events, CALENDAR, today).state == paused


@holds
@given(st.integers(5, 90), starts, st.integers(0, 30), st.integers(0, 60))
def test_what_is_left_of_a_paused_clock_does_not_change_while_it_waits(
    amount: int, start: date, until: int, wait: int
) -> None:
    events = [E.start(start), E.pause(start + until * DAY)]
    at_once = compute(ClockRule(amount), events, CALENDAR)
    later = compute(ClockRule(amount), events, CALENDAR, events[-1].on + wait * DAY)
    if later.due is None:  # not late already
        assert later.days_left == at_once.days_left
        told = explain(ClockRule(amount), events, CALENDAR)
        assert later.days_left == amount - told.counted


@holds
@given(rules, histories())
def test_the_same_history_told_differently_gives_the_same_state(
    rule: ClockRule, events: list[ClockEvent]
) -> None:
    expected = compute(rule, events, CALENDAR)
    assert compute(rule, tuple(events), CALENDAR) == expected
    assert compute(rule, iter(events), CALENDAR) == expected
    assert compute(replace(rule), [replace(event) for event in events], Calendar()) == expected


@holds
@given(st.integers(1, 60), units, starts, st.tuples(*[st.integers(0, 30)] * 3), st.integers(1, 9))
def test_two_touching_pauses_are_one_and_two_extensions_are_their_sum(
    amount: int, unit: Unit, start: date, steps: tuple[int, int, int], more: int
) -> None:
    rule = ClockRule(min(amount, 12), unit)
    a, b, c = (start + sum(steps[: n + 1]) * DAY for n in range(3))
    once = [E.start(start), E.pause(a), E.resume(c), E.extend(c, 2 * more)]
    twice = [E.start(start), E.pause(a), E.resume(b), E.pause(b), E.resume(c), *[E.extend(c, more)] * 2]
    assert compute(rule, once, CALENDAR).due == compute(rule, twice, CALENDAR).due


@holds
@given(rules, histories(), st.integers(-30, 800))
def test_a_day_outside_what_was_read_changes_nothing(
    rule: ClockRule, events: list[ClockEvent], offset: int
) -> None:
    state = compute(rule, events, CALENDAR)
    other = events[0].on + offset * DAY
    changed = Calendar({other: Override(not CALENDAR.is_workday(other), "改", "虚构")})
    if state.reads is None or not state.reads[0] <= other <= state.reads[1]:
        assert compute(rule, events, changed).due == state.due
    if state.reads is not None:
        read = state.reads[0] <= other <= state.reads[1]
        assert (changed.fingerprint(*state.reads) != CALENDAR.fingerprint(*state.reads)) is read
