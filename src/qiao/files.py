"""Files that appear whole or not at all, and workbooks whose texts come from outside. For every room."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MOST_ROWS = 1_048_576  # of a sheet, its header with them


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file that appears when it is complete, or not at all. Several entered together appear together."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Workbook:
    """Sheets written row by row, each with a fixed header. Texts are never formulas.

    ``onto``: a workbook that gets these sheets in front of its own, which stay as they are.
    """

    def __init__(self, onto: Path | None = None) -> None:
        import openpyxl  # noqa: PLC0415  (slow to load)

        self._book = openpyxl.load_workbook(onto) if onto else openpyxl.Workbook(write_only=True)
        self._made = 0

    def sheet(self, name: str, columns: Iterable[tuple[str, int]]) -> Sheet:
        """A new sheet with ``columns`` of a heading and a width in characters, instead of one of that name."""
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
        from openpyxl.styles import Font  # noqa: PLC0415
        from openpyxl.utils import get_column_letter  # noqa: PLC0415

        if name in self._book.sheetnames:
            self._book.remove(self._book[name])
        made = self._book.create_sheet(name, self._made)
        self._made += 1
        made.freeze_panes = "A2"
        cells = []
        for number, (heading, width) in enumerate(columns, 1):
            made.column_dimensions[get_column_letter(number)].width = width
            cell = WriteOnlyCell(made, value=heading)
            cell.font = Font(bold=True)
            cells.append(cell)
        made.append(cells)
        return Sheet(made)

    def save(self, path: Path) -> None:
        self._book.active = 0
        self._book.save(path)


class Sheet:
    """``left_out``: how many rows no longer fitted."""

    def __init__(self, made: Any) -> None:
        self._made, self._rows, self.left_out = made, 1, 0

    def append(self, row: Iterable[Any]) -> None:
        if self._rows == MOST_ROWS:
            self.left_out += 1
            return
        self._made.append([_plain(cell) if isinstance(cell, str) else cell for cell in row])
        self._rows += 1


_CONTROL = {number: None for number in range(32) if chr(number) not in "\t\n\r"}


def _plain(text: str) -> str:
    """A text as a cell may hold it: without control characters, and never a formula."""
    text = text.translate(_CONTROL)[:32_000]
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
