"""Every line of an explanation, and its words in both languages."""

import doctest
from datetime import date
from string import Formatter

import pytest

import qiao.timekeeping
from qiao.timekeeping import (
    Calendar,
    ClockEvent,
    ClockRule,
    Explanation,
    LineCode,
    Override,
    Shift,
    Unit,
    as_text,
    explain,
)
from qiao.timekeeping.phrases import PHRASES

CALENDAR = Calendar()
SIXTY = ClockRule(60)
E = ClockEvent


def day(text: str) -> date:
    return date.fromisoformat(text)


def ranges(explanation: Explanation, code: LineCode) -> list[tuple[str, int]]:
    return [(f"{line.first}/{line.last}", line.days or 0) for line in explanation.lines if line.code is code]


def codes(explanation: Explanation) -> list[LineCode]:
    return [line.code for line in explanation.lines]


def test_sixty_working_days_over_the_spring_festival() -> None:
    told = explain(SIXTY, [E.start(day("2024-02-01"), ref="act 1")], CALENDAR)
    assert ranges(told, LineCode.COUNTED_MAKEUP) == [
        ("2024-02-04/2024-02-04", 1),
        ("2024-02-18/2024-02-18", 1),
        ("2024-04-07/2024-04-07", 1),
        ("2024-04-28/2024-04-28", 1),
    ]
    assert ranges(told, LineCode.SKIPPED_HOLIDAY) == [
        ("2024-02-12/2024-02-16", 5),
        ("2024-04-04/2024-04-05", 2),
    ]
    assert told.counted == 60
    assert told.lines[2].ref == "act 1"
    assert told.lines[-1].code is LineCode.DUE and told.lines[-1].first == day("2024-04-30")


def test_as_chinese_text() -> None:
    rule = ClockRule(20, source="政府信息公开条例 第二十六条", confirmed=True)
    events = [E.start(day("2024-03-25")), E.pause(day("2024-03-27")), E.resume(day("2024-04-01"))]
    assert as_text(explain(rule, events, CALENDAR)).splitlines() == [
        "期限：20 个工作日（政府信息公开条例 第二十六条）",
        "2024-03-25 收到",
        "当日不计入，自次日起算",
        "2024-03-26 – 2024-03-27 计 2 个工作日，累计 2",
        "2024-03-27 至 2024-04-01 中止，3 个工作日不计",
        "2024-04-02 – 2024-04-03 计 2 个工作日，累计 4",
        "2024-04-04 – 2024-04-05 清明节放假，2 天不计",
        "2024-04-07 调休上班（清明节），计 1 个工作日，累计 5",
        "2024-04-08 – 2024-04-26 计 15 个工作日，累计 20",
        "截止日期：2024-04-26",
    ]


def test_as_english_text() -> None:
    events = [E.start(day("2024-01-31")), E.extend(day("2024-02-20"), 2, Unit.WORKING_DAYS)]
    told = explain(ClockRule(1, Unit.MONTHS, source="Art. 17"), events, CALENDAR)
    assert as_text(told, "en").splitlines() == [
        "Time allowed: 1 month (Art. 17)",
        "Not yet checked against its source",
        "Started on 2024-01-31",
        "That day does not count, the next may",
        "1 month from 2024-01-31: 2024-02-29",
        "That month has no corresponding day: its last day, 2024-02-29",
        "Extended on 2024-02-20 by 2 working days",
        "2024-03-01 – 2024-03-04: counted 2 working days, 2 so far",
        "Due on 2024-03-04",
    ]


def test_a_paused_clock_tells_what_is_left() -> None:
    events = [E.start(day("2024-02-01")), E.pause(day("2024-03-05"))]
    told = explain(SIXTY, events, CALENDAR, day("2024-03-20"))
    assert told.counted == 20
    assert codes(told)[-3:] == [LineCode.PAUSED_STILL, LineCode.REMAINING, LineCode.DUE_IF_RESUMED]
    assert told.lines[-2].days == 40
    assert told.lines[-1].last == day("2024-05-17")


def test_overrides_are_told_with_their_source() -> None:
    overrides = {
        day("2024-03-06"): Override(False, "台风停工", "通知一（虚构）"),
        day("2024-03-09"): Override(True, "补班", "通知一（虚构）"),
    }
    told = explain(ClockRule(5), [E.start(day("2024-03-04"))], Calendar(overrides))
    assert ranges(told, LineCode.SKIPPED_OVERRIDE) == [("2024-03-06/2024-03-06", 1)]
    assert ranges(told, LineCode.COUNTED_OVERRIDE) == [("2024-03-09/2024-03-09", 1)]
    assert "通知一（虚构）" in as_text(told)
    assert told.counted == 5


def test_a_cancelled_make_up_day_is_told() -> None:
    """Sunday 4 February 2024 was published as worked for the Spring Festival; a district may give it back."""
    overrides = {day("2024-02-04"): Override(False, "停工", "通知二（虚构）")}
    told = explain(ClockRule(3), [E.start(day("2024-02-01"))], Calendar(overrides))
    assert ranges(told, LineCode.SKIPPED_MAKEUP) == [("2024-02-04/2024-02-04", 1)]
    assert "2024-02-04 原为调休上班，按规定改为不上班（停工，通知二（虚构）），不计" in as_text(told)
    assert told.state.due == day("2024-02-06")
    in_days = explain(ClockRule(3, Unit.CALENDAR_DAYS), [E.start(day("2024-02-01"))], Calendar(overrides))
    assert not ranges(in_days, LineCode.SKIPPED_MAKEUP)


@pytest.mark.parametrize(
    ("rule", "events", "code", "first", "last"),
    [
        (
            ClockRule(10, Unit.CALENDAR_DAYS),
            [E.start(day("2024-02-01"))],
            LineCode.END_SHIFTED,
            "2024-02-11",
            "2024-02-18",
        ),
        (
            ClockRule(1, Unit.MONTHS),
            [E.start(day("2024-03-01")), E.pause(day("2024-03-04")), E.resume(day("2024-03-06"))],
            LineCode.MOVED_BY_PAUSES,
            "2024-04-01",
            "2024-04-03",
        ),
        (
            ClockRule(5, pause_end_on_holiday=Shift.NEXT_WORKDAY),
            [E.start(day("2024-03-01")), E.pause(day("2024-03-04")), E.resume(day("2024-03-09"))],
            LineCode.PAUSE_END_SHIFTED,
            "2024-03-09",
            "2024-03-11",
        ),
        (
            ClockRule(5),
            [E.start(day("2024-03-01")), E.extend_to(day("2024-03-04"), day("2024-03-05"))],
            LineCode.EXTENSION_WITHOUT_EFFECT,
            "2024-03-04",
            "2024-03-05",
        ),
        (
            ClockRule(5),
            [E.start(day("2024-03-01")), E.extend_to(day("2024-03-04"), day("2024-03-20"))],
            LineCode.EXTENDED_TO,
            "2024-03-04",
            "2024-03-20",
        ),
        (
            ClockRule(5),
            [E.start(day("2024-03-01")), E.stop(day("2024-03-15"))],
            LineCode.STOPPED_LATE,
            "2024-03-15",
            "2024-03-15",
        ),
        (
            ClockRule(30),
            [E.start(day("2026-12-01"))],
            LineCode.PROVISIONAL,
            "2027-01-01",
            "2027-01-13",
        ),
        (
            ClockRule(5),
            [E.start(day("2024-03-01")), E.pause(day("2024-03-20")), E.resume(day("2024-03-25"))],
            LineCode.PAUSED_AFTER_DUE,
            "2024-03-20",
            "2024-03-25",
        ),
    ],
)
def test_lines(rule: ClockRule, events: list[ClockEvent], code: LineCode, first: str, last: str) -> None:
    calendar = Calendar(known_through=day("2026-12-31"))
    lines = [line for line in explain(rule, events, calendar).lines if line.code is code]
    assert [(str(line.first), str(line.last)) for line in lines] == [(first, last)]


def test_a_clock_not_started_tells_its_rule() -> None:
    assert codes(explain(SIXTY, [], CALENDAR)) == [LineCode.RULE, LineCode.RULE_UNCONFIRMED]


def test_every_line_has_the_same_words_in_both_languages() -> None:
    assert set(PHRASES) == set(LineCode)
    for code, phrase in PHRASES.items():
        fields = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in phrase]
        assert fields[0] == fields[1], code


def test_the_examples_in_the_docstrings_are_true() -> None:
    for module in (qiao.timekeeping, qiao.timekeeping.calendar):
        result = doctest.testmod(module)
        assert result.attempted and not result.failed
