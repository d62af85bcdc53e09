"""The working-day calendar, against the published notices."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from qiao.timekeeping import Calendar, DayKind, Name, OutsideCalendar, Override, Why

PUBLISHED = Path(__file__).parent / "data" / "holiday-cn-2023-2026.csv"
DAY = timedelta(days=1)


def days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar()


def test_agrees_with_an_independent_compilation_of_the_notices(calendar: Calendar) -> None:
    lines = [line for line in PUBLISHED.read_text("utf-8").splitlines() if not line.startswith("#")]
    listed = {date.fromisoformat(row["date"]): row["is_off_day"] == "False" for row in csv.DictReader(lines)}
    assert len(listed) > 120
    differing = [
        day
        for day in days(date(2023, 1, 1), date(2026, 12, 31))
        if calendar.is_workday(day) != listed.get(day, day.weekday() < 5)
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("day", "workday", "why", "name"),
    [
        ("2024-02-01", True, Why.WEEKDAY, None),
        ("2024-02-03", False, Why.WEEKEND, None),
        ("2024-02-04", True, Why.MAKEUP, "春节"),
        ("2024-02-10", False, Why.HOLIDAY, "春节"),
        ("2024-02-14", False, Why.HOLIDAY, "春节"),  # moved off a weekend
        ("2024-02-16", False, Why.HOLIDAY, "春节"),  # given in exchange
        ("2024-04-28", True, Why.MAKEUP, "劳动节"),
        ("2026-09-20", True, Why.MAKEUP, "国庆节"),  # nearer to 中秋节, exchanged for 国庆节
        ("2026-10-07", False, Why.HOLIDAY, "国庆节"),
    ],
)
def test_a_day_says_why(calendar: Calendar, day: str, workday: bool, why: Why, name: str | None) -> None:
    kind = calendar.day(date.fromisoformat(day))
    assert (kind.workday, kind.why, kind.name and kind.name.zh) == (workday, why, name)


def test_every_holiday_and_make_up_day_has_a_name_in_both_languages(calendar: Calendar) -> None:
    for day in days(date(2001, 1, 1), date(2060, 12, 31)):
        kind = calendar.day(day)
        if kind.why in (Why.HOLIDAY, Why.MAKEUP):
            assert kind.name is not None, day
            assert kind.name != Name("调休", "exchanged day"), day
            assert "补假" not in kind.name.zh and "observed" not in kind.name.en, day


def test_says_how_far_the_notices_reach(calendar: Calendar) -> None:
    assert calendar.known_through >= date(2026, 12, 31)
    assert (calendar.known_through.month, calendar.known_through.day) == (12, 31)
    assert Calendar(known_through=date(2030, 12, 31)).known_through == date(2030, 12, 31)


def test_an_override_wins_and_names_its_source() -> None:
    day = date(2024, 3, 6)
    calendar = Calendar({day: Override(False, "台风停工", "沪府办〔2024〕0号（虚构）", "typhoon")})
    expected = DayKind(False, Why.OVERRIDE, Name("台风停工", "typhoon"), "沪府办〔2024〕0号（虚构）")
    assert calendar.day(day) == expected
    assert calendar.workdays(day - DAY, day) == 0
    assert Calendar().workdays(day - DAY, day) == 1


def test_counting(calendar: Calendar) -> None:
    friday, monday = date(2024, 3, 8), date(2024, 3, 11)
    assert calendar.workdays(friday, monday) == 1
    assert calendar.workdays(monday, friday) == -1
    assert calendar.add_workdays(friday, 1) == monday
    assert calendar.next_workday(friday) == friday
    assert calendar.next_workday(friday + DAY) == monday
    assert calendar.previous_workday(monday - DAY) == friday


def test_fingerprint_changes_exactly_with_the_days_worked(calendar: Calendar) -> None:
    first, last = date(2024, 3, 1), date(2024, 3, 31)
    same = Calendar(
        {date(2024, 4, 1): Override(False, "x", "x"), date(2024, 3, 2): Override(False, "x", "x")}
    )
    other = Calendar({date(2024, 3, 4): Override(False, "x", "x")})
    assert same.fingerprint(first, last) == calendar.fingerprint(first, last)
    assert other.fingerprint(first, last) != calendar.fingerprint(first, last)


@pytest.mark.parametrize("day", [date(2000, 12, 31), date(2061, 1, 1)])
def test_outside_its_years_it_refuses(calendar: Calendar, day: date) -> None:
    with pytest.raises(OutsideCalendar) as refused:
        calendar.day(day)
    assert refused.value.code == "outside_calendar"
    with pytest.raises(OutsideCalendar):
        calendar.add_workdays(date(2060, 12, 1), 100)
