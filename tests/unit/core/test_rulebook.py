"""Options of a rulebook's deadlines reach the computation as what they mean."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from qiao.core.rulebook import ClockValue, RulebookError, rulebook
from qiao.timekeeping import Calendar, ClockEvent, MonthEnd, Shift, compute

DAY = dt.date.fromisoformat


def test_every_option_that_names_a_choice() -> None:
    value = ClockValue(
        amount=1,
        unit="months",
        source="虚构",
        options={
            "month_end": "last_to_last",
            "pause_end_on_holiday": "next_workday",
            "end_on_holiday": "keep",
        },
    )
    rule = value.rule()
    assert rule.month_end is MonthEnd.LAST_TO_LAST
    assert rule.pause_end_on_holiday is Shift.NEXT_WORKDAY
    assert rule.end_on_holiday is Shift.KEEP
    assert compute(rule, [ClockEvent.start(DAY("2024-02-29"))], Calendar()).due == DAY("2024-03-31")


def test_a_resumption_on_a_holiday_moves() -> None:
    """Resumed on Saturday 9 March 2024: with the option the day that counts again is Tuesday the 12th."""
    events = [
        ClockEvent.start(DAY("2024-03-04")),
        ClockEvent.pause(DAY("2024-03-05")),
        ClockEvent.resume(DAY("2024-03-09")),
    ]
    plain = ClockValue(amount=2, source="虚构").rule()
    moved = ClockValue(amount=2, source="虚构", options={"pause_end_on_holiday": "next_workday"}).rule()
    assert compute(plain, events, Calendar()).due == DAY("2024-03-11")
    assert compute(moved, events, Calendar()).due == DAY("2024-03-12")


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": "weeks"},
        {"options": {"month_end": "sometimes"}},
        {"options": {"end_on_hollyday": "keep"}},
        {"options": {"max_extension": 0}},
    ],
)
def test_a_misspelt_option_is_told_when_the_rulebook_is_read(
    wrong: dict[str, Any], tmp_path: Path, settings: Any
) -> None:
    book = {
        "title": {"zh": "书", "en": "Book"},
        "clocks": {"reply": {"amount": 3, "source": "虚构", **wrong}},
    }
    (tmp_path / "book.yaml").write_text(yaml.safe_dump(book))
    settings.POLICIES = tmp_path
    with pytest.raises(RulebookError):
        rulebook("book")
