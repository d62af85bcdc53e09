"""Writes a salon and its timetable as a workbook that can be edited and read again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qiao.files import Workbook, whole
from qiao.matching import phrases as say
from qiao.matching.profiles import Words

from .book import (
    BY_GUEST,
    BY_TABLE,
    COLUMNS,
    GUESTS,
    LOCKED,
    MEETINGS,
    NAME,
    NOTES,
    RULES,
    SLOTS,
    TABLE,
    TABLES,
    TOLD,
    WISHES,
    BadSalon,
    SalonBook,
    filled,
)
from .fitting import Planned, summary


def write_salon(path: Path, book: SalonBook) -> None:
    """A salon as a workbook to fill in. Raises `BadSalon` where there is a file of that name already."""
    check_name(path)
    if path.exists():
        raise BadSalon([filled(say.EXISTS, path=path)])
    out = Workbook()
    guests = _sheet(out, GUESTS)
    for v in book.visitors:
        said = [
            "；".join(name for name, wish in v.wishes.items() if wish is kind) for kind in WISHES.values()
        ]
        free = "" if v.free is None else _slots_said(v.free)
        guests.append([v.name, v.group, v.offers, v.seeks, "；".join(sorted(v.tags)), free, v.most, *said])
    for sheet, names in ((SLOTS, book.slots), (TABLES, book.tables)):
        rows = _sheet(out, sheet)
        for name in names:
            rows.append([name])
    rules = _sheet(out, RULES)
    for one, other in book.rules:
        rules.append([one, other])
    with whole(path) as part:
        out.save(part)


def write_plan(path: Path, planned: Planned, source: Path, *, language: str = "zh") -> None:
    """A timetable in front of the sheets of the workbook it was made from. Appears whole or not at all."""
    check_name(path)
    out = Workbook(onto=source)
    _write_timetable(out, planned, language)
    with whole(path) as part:
        out.save(part)


def check_name(path: Path) -> None:
    """Raises `BadSalon` where no workbook can have this name."""
    if path.suffix.lower() != ".xlsx":
        raise BadSalon([filled(say.NOT_XLSX, path=path)])


def _sheet(out: Workbook, sheet: Words) -> Any:
    return out.sheet(
        f"{sheet.zh} {sheet.en}",
        [(f"{column.zh} {column.en}", width) for column, width in COLUMNS[sheet]],
    )


def _slots_said(free: Iterable[int]) -> str:
    """Slots from 0 as they are written: 1-3；6."""
    runs: list[list[int]] = []
    for slot in sorted(free):
        if runs and runs[-1][1] == slot - 1:
            runs[-1][1] = slot
        else:
            runs.append([slot, slot])
    return "；".join(f"{a + 1}" if a == b else f"{a + 1}-{b + 1}" for a, b in runs)


def _write_timetable(out: Workbook, planned: Planned, language: str) -> None:
    book, timetable = planned.book, planned.timetable
    states = {m.pair: state for state, them in ((TOLD, book.told), (LOCKED, book.locked)) for m in them}
    moved = {meeting.pair for meeting in timetable.moved}
    meetings = _sheet(out, MEETINGS)
    for m in sorted(timetable.meetings):
        state = None if m.pair in moved else states.get(m.pair)
        meetings.append([
            m.slot + 1, book.slots[m.slot], book.tables[m.table - 1], m.one, m.other,
            state.said(language) if state else "", planned.why(m, language),
        ])  # fmt: skip
    times = [(f"{number} {time}", 22) for number, time in enumerate(book.slots, 1)]
    cells: dict[tuple[str, int], str] = {}
    for m in timetable.meetings:
        table = book.tables[m.table - 1]
        cells[m.one, m.slot], cells[m.other, m.slot] = f"{m.other}（{table}）", f"{m.one}（{table}）"
        cells[f"\0{table}", m.slot] = f"{m.one} ⇄ {m.other}"
    for sheet, head, names, mark in (
        (BY_GUEST, NAME, [v.name for v in book.visitors], ""),
        (BY_TABLE, TABLE, list(book.tables), "\0"),
    ):
        grid = out.sheet(f"{sheet.zh} {sheet.en}", [(f"{head.zh} {head.en}", 26), *times])
        for name in names:
            grid.append([name, *(cells.get((mark + name, slot), "") for slot in range(len(book.slots)))])
    notes = out.sheet(f"{NOTES.zh} {NOTES.en}", [(f"{NOTES.zh} {NOTES.en}", 90)])
    for line in summary(planned):
        notes.append([line.said(language)])
