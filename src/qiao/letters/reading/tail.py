"""The end of an official letter, and single lines told by their shape: units, dates, notes, numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qiao.letters.reading import numerals
from qiao.letters.reading.titles import compact

_YEAR = r"(?:[0-9]{4}|[二一][〇○零一二三四五六七八九]{3})"
_COUNT = "(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_DAY_WORDS = rf"(?P<y>{_YEAR})年(?P<m>{_COUNT})月(?P<d>{_COUNT})日"
_DATE = re.compile(rf"[（(]?(?:{_DAY_WORDS}|(?P<iso>[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}))[）)]?")
_UNIT = re.compile(
    r"[\u4e00-\u9fffA-Za-z（）()]{1,38}(?:委员会|委|局|政府|办公室|厅|院|中心|集团|公司|部|办事处|学会|协会|总队|支队|大队|"
    r"分局|法院|检察院|银行|管委会|工会|联合会|学校|大学|医院|馆|所|处|站|社|府办|工委)(?:[（(].{1,12}[）)])?"
)
_NOTE = re.compile(
    r"[（(【]?(?P<note>(?:此件|本件|此文|此答复)[^。）)】]{0,30}(?:公开|发布)[^。）)】]{0,12})[）)】]?"
)
_CLASS = re.compile(r"[（(【]?(?P<note>主动公开|依申请公开|不予公开|全部公开|部分公开|不公开)[）)】]?")
_DOC_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,16}[〔\[［（(【﹝][0-9]{4}[〕\]］）)】﹞]第?[0-9]{1,5}号")
_COPIES = re.compile(r"抄\s{0,2}送[：:](?P<names>.+)", re.S)
_PRINTED = re.compile(rf"(?P<unit>[^，。：]{{2,40}}?)(?P<date>{_DAY_WORDS})(?:印发|印制)")
_ATTACHMENT = re.compile(r"附\s{0,2}件\s{0,2}[0-9一二三]{0,2}[：:]\s*(?P<rest>.*)", re.S)
_ITEM = re.compile(r"\s*(?:[0-9]{1,2}[.．、]|[（(][0-9]{1,2}[）)])\s*")


@dataclass(frozen=True, slots=True)
class Signed:
    """A date on a line, and the unit that may stand before it on the same line."""

    unit: str | None
    date: dt.date | None
    text: str


def read_date(text: str) -> dt.date | None:
    """The day named by the whole of `text`, spaces inside tolerated."""
    match = _DATE.fullmatch(compact(text))
    return _day(match) if match else None


def signed(line: str) -> Signed | None:
    """The date a line ends with, if the line is nothing but a date, or a unit and a date."""
    joined = compact(line)
    match = _DATE.fullmatch(joined)
    if match:
        return Signed(None, _day(match), line)
    for start in range(len(joined) - 6, 0, -1):
        match = _DATE.fullmatch(joined, start)
        if match and _UNIT.fullmatch(joined, 0, start):
            return Signed(joined[:start], _day(match), line)
        if start < len(joined) - 24:
            break
    return None


def is_unit(line: str) -> bool:
    """Whether a line is the name of a unit and nothing else."""
    return all(_UNIT.fullmatch(compact(part)) for part in units_in(line)) and bool(line.strip())


def units_in(line: str) -> list[str]:
    """The units of a signature line; several stand apart by wide gaps."""
    return [part.strip() for part in re.split(r"\s{2,}|\t|、", line.strip()) if part.strip()]


def is_unit_of_words(line: str) -> bool:
    """Like `is_unit`, also where the name is spread with single spaces."""
    return _UNIT.fullmatch(compact(line)) is not None


def publicity_note(line: str) -> str | None:
    """The note on publication without its brackets: 此件公开发布."""
    match = _NOTE.fullmatch(line.strip())
    return match["note"] if match else None


def publicity_class(line: str) -> str | None:
    """A publicity class standing alone: 主动公开."""
    match = _CLASS.fullmatch(compact(line))
    return match["note"] if match else None


def document_number(line: str) -> bool:
    """Whether the line is a document number: 某发改〔2024〕14号."""
    return _DOC_NUMBER.fullmatch(compact(line)) is not None


def copies(line: str) -> tuple[str, ...] | None:
    """Whom a copy goes to, if the line says so."""
    match = _COPIES.fullmatch(line.strip())
    if match is None:
        return None
    return tuple(name.strip() for name in re.split("[，,、；;]", match["names"].strip(" 。")) if name.strip())


def printed(line: str) -> tuple[str, dt.date | None] | None:
    """Who printed it and when, if the line says so."""
    match = _PRINTED.fullmatch(compact(line))
    return (match["unit"], _day(match)) if match else None


def attachments(lines: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The attachments named at the beginning of `lines`, and how many lines they take."""
    match = _ATTACHMENT.fullmatch(lines[0].strip()) if lines else None
    if match is None:
        return (), 0
    names, used = [_ITEM.sub("", match["rest"], count=1).strip()], 1
    while used < len(lines) and _ITEM.match(lines[used]) and len(lines[used].strip()) <= 60:
        names.append(_ITEM.sub("", lines[used], count=1).strip())
        used += 1
    return tuple(name for name in names if name), used


def _day(match: re.Match[str]) -> dt.date | None:
    iso = match.groupdict().get("iso")
    parts = re.split(r"[-/.]", iso) if iso else [match["y"], match["m"], match["d"]]
    numbers = [numerals.parse(part) or 0 for part in parts]
    try:
        return dt.date(*numbers)
    except ValueError:
        return None
