"""Reads a salon from a workbook, and says everything that is wrong with it at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qiao.matching import phrases as say
from qiao.matching.meetings import Meeting
from qiao.matching.mutual import Wish
from qiao.matching.profiles import Words

from .book import (
    COLUMNS,
    FREE,
    GROUP,
    GUESTS,
    LOCKED,
    MEETINGS,
    MOST,
    NAME,
    OFFERS,
    ONE,
    OTHER,
    RULES,
    SEEKS,
    SLOT,
    SLOTS,
    STATE,
    TABLE,
    TABLES,
    TAGS,
    TIME,
    TOLD,
    WISHES,
    WITH,
    BadSalon,
    SalonBook,
    Visitor,
    filled,
)

MOST_GUESTS = 2_000
_NAMES = re.compile(r"\s*[；;、\n]\s*")
_COMMAS = re.compile(r"\s*[,，]\s*")
_BLANKS = re.compile(r"[^\S\n]+")
_RANGE = re.compile(r"(\d+)(?:\s*[-—–~～至]\s*(\d+))?")


def read_salon(path: Path) -> SalonBook:
    """The salon in a workbook. Raises `BadSalon` with every problem, each with its sheet and row."""
    sheets = _sheets(path)
    problems: list[Words] = []
    rows = {sheet: _rows(sheet, sheets, problems) for sheet in COLUMNS}
    slots = [_text(row.get(TIME)) for _, row in rows[SLOTS]]
    tables = [_text(row.get(TABLE)) for _, row in rows[TABLES]]
    for sheet, column, found in ((SLOTS, TIME, slots), (TABLES, TABLE, tables)):
        if not found:
            problems.append(filled(say.SHEET_EMPTY, sheet=sheet, column=column))
        for number, name in enumerate(found):
            if name in found[:number]:
                problems.append(_at(sheet, rows[sheet][number][0], say.TWICE, name=name))
    visitors = _visitors(rows[GUESTS], len(slots), problems)
    groups = {visitor.group for visitor in visitors}
    rules = []
    for number, row in rows[RULES] if visitors else ():
        one = _text(row.get(GROUP))
        for other in _names(row.get(WITH)) or [""]:
            for name in (one, other):
                if name not in groups or not name:
                    problems.append(_at(RULES, number, say.NO_GROUP, name=name or "—"))
            rules.append((one, other))
    held = _meetings(rows[MEETINGS], {v.name for v in visitors}, len(slots), tables, problems)
    if problems:
        raise BadSalon(problems)
    return SalonBook(
        tuple(visitors),
        tuple(slots),
        tuple(tables),
        tuple(rules),
        tuple(held[LOCKED]),
        tuple(held[TOLD]),
        tuple(_missing(sheets)),
    )


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Cells of every sheet, by its title."""
    import openpyxl  # noqa: PLC0415  (slow to load)

    if not path.is_file():
        raise BadSalon([filled(say.NO_FILE, path=path)])
    try:
        values, written = (
            {
                sheet.title: [list(row) for row in sheet.iter_rows()]
                for sheet in openpyxl.load_workbook(path, data_only=results).worksheets
            }
            for results in (True, False)
        )
    except Exception as broken:  # openpyxl raises whatever the damage makes of its parsers
        raise BadSalon([filled(say.NO_WORKBOOK, path=path.name)]) from broken
    return {
        title: [
            [_value(cell, source) for cell, source in zip(row, sources, strict=True)]
            for row, sources in zip(rows, written[title], strict=True)
        ]
        for title, rows in values.items()
    }


class _NoResult(str):
    """A formula that nobody has reckoned yet, or that came to an error."""

    __slots__ = ()


def _value(cell: Any, source: Any) -> Any:
    if cell.data_type == "e" or (source.data_type == "f" and cell.value is None):
        return _NoResult(source.value)
    return cell.value


def _called(heading: object, words: Words) -> bool:
    said = _text(heading).casefold()
    return said in {words.zh.casefold(), words.en.casefold(), f"{words.zh} {words.en}".casefold()}


def _rows(
    sheet: Words, sheets: Mapping[str, list[list[Any]]], problems: list[Words]
) -> list[tuple[int, dict[Words, Any]]]:
    """The rows of a sheet that say something, by column, each with its number in the file."""
    found = next((cells for title, cells in sheets.items() if _called(title, sheet)), None)
    if found is None:
        if sheet not in {RULES, MEETINGS}:
            problems.append(filled(say.NO_SHEET, sheet=sheet))
        return []
    header = found[0] if found else []
    columns: dict[int, Words] = {}
    for place, heading in enumerate(header):
        for column, _ in COLUMNS[sheet]:
            if _called(heading, column):
                if column in columns.values():
                    problems.append(_at(sheet, 1, say.COLUMN_TWICE, column=column))
                columns[place] = column
    if (first := COLUMNS[sheet][0][0]) not in columns.values():
        problems.append(filled(say.NO_COLUMN, sheet=sheet, column=first))
        return []
    rows = []
    for number, cells in enumerate(found[1:], start=2):
        row = {columns[place]: cell for place, cell in enumerate(cells) if place in columns and _text(cell)}
        problems.extend(
            _at(sheet, number, say.NO_RESULT, column=column, said=cell)
            for column, cell in row.items()
            if isinstance(cell, _NoResult)
        )
        if row:
            rows.append((number, row))
    return rows


def _missing(sheets: Mapping[str, list[list[Any]]]) -> list[Words]:
    """The guests' columns that are not there: nothing is wrong with that, unless a heading was misspelt."""
    header = next((cells[0] for title, cells in sheets.items() if _called(title, GUESTS) and cells), [])
    return [column for column, _ in COLUMNS[GUESTS] if not any(_called(said, column) for said in header)]


def _visitors(
    rows: Iterable[tuple[int, Mapping[Words, Any]]], slots: int, problems: list[Words]
) -> list[Visitor]:
    rows = list(rows)
    names = [_text(row.get(NAME)) for _, row in rows]
    if len(rows) > MOST_GUESTS:
        problems.append(filled(say.TOO_MANY_GUESTS, n=len(rows), most=MOST_GUESTS))
    if len(rows) < 2:
        problems.append(filled(say.TOO_FEW_GUESTS, sheet=GUESTS))
    visitors = []
    known: set[str] = set()
    for (number, row), name in zip(rows, names, strict=True):
        if not name:
            problems.append(_at(GUESTS, number, say.NO_NAME, column=NAME))
        elif name in known:
            problems.append(_at(GUESTS, number, say.TWICE, name=name))
        known.add(name)
        wishes: dict[str, Wish] = {}
        for column, wish in WISHES.items():
            for other in _guests(row.get(column), names):
                if other == name or other not in names:
                    problems.append(_at(GUESTS, number, say.NO_SUCH_GUEST, column=column, name=other))
                elif wishes.setdefault(other, wish) is not wish:
                    problems.append(_at(GUESTS, number, say.TWO_WISHES, name=other))
        visitors.append(
            Visitor(
                name,
                _text(row.get(GROUP)),
                _text(row.get(OFFERS)),
                _text(row.get(SEEKS)),
                frozenset(_names(row.get(TAGS))),
                _free(row.get(FREE), slots, number, problems),
                _whole_number(row.get(MOST), number, problems),
                wishes,
            )
        )
    return visitors


def _free(cell: object, slots: int, number: int, problems: list[Words]) -> frozenset[int] | None:
    """``1-3；6`` as slots from 0; None where nothing is said."""
    if not _text(cell):
        return None
    if isinstance(cell, dt.date | dt.time):  # what a spreadsheet program makes of 1-3
        problems.append(_at(GUESTS, number, say.SLOTS_DATE, column=FREE, said=_text(cell).split()[0]))
        return None
    found: set[int] = set()
    for part in re.split(r"[；;、,，\s]+", _text(cell).removesuffix(".0")):
        if (said := _RANGE.fullmatch(part)) is None:
            problems.append(_at(GUESTS, number, say.BAD_SLOTS, column=FREE, said=part))
            return None
        low, high = int(said[1]), int(said[2] or said[1])
        if not 1 <= low <= high <= slots:
            problems.append(_at(GUESTS, number, say.SLOT_OUTSIDE, column=FREE, said=part, slots=slots))
            return None
        found.update(range(low - 1, high))
    return frozenset(found)


def _whole_number(cell: object, number: int, problems: list[Words]) -> int | None:
    said = _text(cell).removesuffix(".0")
    if said and not said.isdecimal():
        problems.append(_at(GUESTS, number, say.BAD_NUMBER, column=MOST, said=said))
    return int(said) if said.isdecimal() else None


def _meetings(
    rows: Iterable[tuple[int, Mapping[Words, Any]]],
    guests: set[str],
    slots: int,
    tables: list[str],
    problems: list[Words],
) -> dict[Words, list[Meeting]]:
    """Meetings that are locked or told; the others are free to be planned anew."""
    held: dict[Words, list[Meeting]] = {LOCKED: [], TOLD: []}
    taken: set[tuple[int, str]] = set()
    for number, row in rows:
        state = next((state for state in held if _called(row.get(STATE), state)), None)
        if state is None:
            if said := _text(row.get(STATE)):
                problems.append(_at(MEETINGS, number, say.BAD_STATE, said=said, locked=LOCKED, told=TOLD))
            continue
        slot, table = _text(row.get(SLOT)).removesuffix(".0"), _text(row.get(TABLE))
        pair = [_text(row.get(ONE)), _text(row.get(OTHER))]
        gone = [name for name in pair if name not in guests]
        if gone and state is TOLD:  # whoever cancelled is simply no longer there
            continue
        before = len(problems)
        problems.extend(
            _at(MEETINGS, number, say.NO_SUCH_GUEST, column=column, name=name or "—")
            for column, name in zip((ONE, OTHER), pair, strict=True)
            if name in gone
        )
        if not (slot.isdecimal() and 1 <= int(slot) <= slots):
            problems.append(
                _at(MEETINGS, number, say.SLOT_OUTSIDE, column=SLOT, said=slot or "—", slots=slots)
            )
        if table not in tables:
            problems.append(_at(MEETINGS, number, say.NO_TABLE, name=table or "—", sheet=TABLES))
        places = [(int(slot) if slot.isdecimal() else 0, name) for name in (*pair, f"\0{table}")]
        if pair[0] == pair[1] or (state is LOCKED and not taken.isdisjoint(places)):
            problems.append(_at(MEETINGS, number, say.COLLIDES))
        if state is LOCKED and any({*pair} == {*meeting.pair} for meeting in held[LOCKED]):
            problems.append(_at(MEETINGS, number, say.LOCKED_TWICE, one=pair[0], other=pair[1]))
        if len(problems) == before:
            held[state].append(Meeting(int(slot) - 1, tables.index(table) + 1, *pair))
            if state is LOCKED:
                taken.update(places)
    return held


def _text(cell: object) -> str:
    """What a cell says; blanks of every kind are one blank, or names that look alike would not be the same."""
    return "" if cell is None else _BLANKS.sub(" ", str(cell)).strip().removeprefix("'")  # see `qiao.files`


def _names(cell: object) -> list[str]:
    return list(dict.fromkeys(name for name in _NAMES.split(_text(cell)) if name))


def _guests(cell: object, names: Sequence[str]) -> list[str]:
    """As `_names`; a comma parts names, too, where no guest is called so."""
    found: list[str] = []
    for name in _names(cell):
        parts = [part for part in _COMMAS.split(name) if part]
        found += parts if name not in names and all(part in names for part in parts) else [name]
    return list(dict.fromkeys(found))


def _at(where: Words, number: int, words: Words, /, **values: object) -> Words:
    what = filled(words, **values)
    return filled(say.AT, sheet=where, row=number, zh=what.zh, en=what.en)
