"""Plain sentences for the lines of an explanation, for command line and tests. Pages have their own."""

from __future__ import annotations

from typing import Literal

from .calendar import Name
from .explain import Explanation, Line, LineCode
from .rules import Unit

Language = Literal["zh", "en"]

PHRASES: dict[LineCode, Name] = {
    LineCode.RULE: Name("期限：{amount}（{source}）", "Time allowed: {amount} ({source})"),
    LineCode.RULE_UNCONFIRMED: Name("该规则尚未与依据核对", "Not yet checked against its source"),
    LineCode.STARTED: Name("{first} 收到", "Started on {first}"),
    LineCode.RESTARTED: Name("{first} 重新起算", "Started again on {first}"),
    LineCode.START_DAY_COUNTED: Name("当日计入", "That day counts"),
    LineCode.START_DAY_NOT_COUNTED: Name("当日不计入，自次日起算", "That day does not count, the next may"),
    LineCode.COUNTED: Name("{span} 计 {days}，累计 {total}", "{span}: counted {days}, {total} so far"),
    LineCode.COUNTED_MAKEUP: Name(
        "{span} 调休上班（{name}），计 {days}，累计 {total}",
        "{span}: counted {days}, worked in exchange for {name}, {total} so far",
    ),
    LineCode.COUNTED_OVERRIDE: Name(
        "{span} 按规定上班（{name}，{source}），计 {days}，累计 {total}",
        "{span}: counted {days}, worked by decision ({name}, {source}), {total} so far",
    ),
    LineCode.SKIPPED_HOLIDAY: Name("{span} {name}放假，{weekdays}不计", "{span}: {name}, {weekdays} off"),
    LineCode.SKIPPED_OVERRIDE: Name(
        "{span} 按规定不上班（{name}，{source}），{weekdays}不计",
        "{span}: {weekdays} off by decision ({name}, {source})",
    ),
    LineCode.SKIPPED_MAKEUP: Name(
        "{span} 原为调休上班，按规定改为不上班（{name}，{source}），不计",
        "{span}: first to be worked in exchange, then off by decision ({name}, {source}): not counted",
    ),
    LineCode.MONTHS_ADDED: Name("自 {first} 起 {amount}，至 {last}", "{amount} from {first}: {last}"),
    LineCode.MONTH_END_USED: Name(
        "当月没有对应日，以月末日 {last} 为准",
        "That month has no corresponding day: its last day, {last}",
    ),
    LineCode.PAUSED: Name(
        "{first} 至 {last} 中止，{days}不计",
        "Paused {first} to {last}: {days} not counted",
    ),
    LineCode.PAUSED_AFTER_DUE: Name(
        "{first} 至 {last} 中止，已过截止日期，无影响",
        "Paused {first} to {last}: after the due date, no effect",
    ),
    LineCode.PAUSE_END_SHIFTED: Name(
        "恢复日 {first} 非工作日，以 {last} 为准",
        "Resumed on {first}, not a working day: in effect from {last}",
    ),
    LineCode.PAUSED_STILL: Name("{first} 起中止至今", "Paused since {first}"),
    LineCode.REMAINING: Name("恢复后还剩 {days}", "{days} left when it resumes"),
    LineCode.MOVED_BY_PAUSES: Name(
        "因中止顺延 {days}：{first} → {last}",
        "Moved by pauses, {days}: {first} → {last}",
    ),
    LineCode.EXTENDED: Name("{first} 决定延长 {amount}", "Extended on {first} by {amount}"),
    LineCode.EXTENDED_TO: Name("{first} 决定延长至 {last}", "Extended on {first} to {last}"),
    LineCode.EXTENSION_WITHOUT_EFFECT: Name(
        "{first} 决定延长至 {last}，不晚于原期限，无影响",
        "Extended on {first} to {last}: no effect, there was as much time anyhow",
    ),
    LineCode.OVER_EXTENDED: Name("延长超过上限 {amount}", "Extended beyond the limit of {amount}"),
    LineCode.END_SHIFTED: Name(
        "{first} 为休息或中止日{named}，最后一日改为 {last}",
        "{first} is a day off or paused{named}: the last day becomes {last}",
    ),
    LineCode.DUE: Name("截止日期：{first}", "Due on {first}"),
    LineCode.DUE_IF_RESUMED: Name(
        "如 {first} 恢复，截止日期为 {last}", "If resumed on {first}, due on {last}"
    ),
    LineCode.STOPPED_IN_TIME: Name("{first} 办结，未逾期", "Done on {first}, in time"),
    LineCode.STOPPED_LATE: Name("{first} 办结，逾期 {days}", "Done on {first}, {days} late"),
    LineCode.PROVISIONAL: Name(
        "暂定：{span} 的放假安排尚未公布",
        "Provisional: no holiday notice is known for {span}",
    ),
}

UNITS: dict[Unit, Name] = {
    Unit.WORKING_DAYS: Name("个工作日", "working day"),
    Unit.CALENDAR_DAYS: Name("日", "calendar day"),
    Unit.MONTHS: Name("个月", "month"),
}
WEEKDAYS = Name("天", "weekday")
NO_SOURCE = Name("未注明依据", "no source given")


def as_text(explanation: Explanation, lang: Language = "zh") -> str:
    """The explanation as plain text, one sentence a line."""
    return "\n".join(_sentence(line, lang) for line in explanation.lines)


def _sentence(line: Line, lang: Language) -> str:
    name = _in(lang, line.name) if line.name else ""
    unit = UNITS[line.unit] if line.unit else None
    return _in(lang, PHRASES[line.code]).format(
        first=line.first,
        last=line.last,
        span=line.first if line.first == line.last else f"{line.first} – {line.last}",
        days=_quantity(line.days, unit, lang),
        weekdays=_quantity(line.days, WEEKDAYS, lang),
        total=line.total,
        name=name,
        named=(f"（{name}）" if lang == "zh" else f" ({name})") if name else "",
        amount=_quantity(line.amount, unit, lang),
        source=line.source or _in(lang, NO_SOURCE),
    )


def _in(lang: Language, name: Name) -> str:
    return name.zh if lang == "zh" else name.en


def _quantity(amount: int | None, unit: Name | None, lang: Language) -> str:
    if amount is None or unit is None:
        return ""
    if lang == "zh":
        return f"{amount} {unit.zh}"
    return f"{amount} {unit.en}{'' if amount == 1 else 's'}"
