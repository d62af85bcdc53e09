"""A file as a table: headers and rows of cells, whatever the format; compressed CSV too."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

MOST_BYTES = 1_000_000_000
HEADER_WITHIN = 20  # rows among which the header is looked for
ENCODINGS = ("utf-8-sig", "gb18030")
UNITS = r"百万元|千万元|千元|万元|亿元|万美元|亿美元|美元|元"
_UNIT_NOTE = re.compile(rf"单位\s*[:：]\s*(?:人民币)?\s*({UNITS})")
_UNIT = re.compile(rf"[(\[]?(?:{UNITS}|%|人|万人)[)\]]?")
_YEAR = re.compile(r"(?:19|20)\d\d\s*年?[度末]?")


# What openpyxl, pyarrow and zlib raise over files that were cut off or changed.
_DAMAGED = (
    OSError, ValueError, LookupError, EOFError, TypeError, AttributeError, RuntimeError, SyntaxError,
    zipfile.BadZipFile, zlib.error, csv.Error,
)  # fmt: skip


@dataclass(frozen=True)
class TableError(ValueError):
    """A file that is no table. Says what is wrong and what to do."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en

    def text(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True)
class Table:
    """``rows`` of cells under ``headers``; ``numbers``: the row of the file in which each stands, from 1.

    ``unit`` of amounts, where a note above the header gives one. ``others``: sheets of the workbook that were not read.
    """

    path: Path
    headers: tuple[str, ...]
    rows: list[list[Any]]
    numbers: list[int]
    unit: str = ""
    others: tuple[str, ...] = ()

    def place(self, row: int, column: int) -> str:
        """Where a cell stands, as spreadsheets name it: C7."""
        letters, number = "", column + 1
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return f"{letters}{self.numbers[row]}"


def read_table(path: Path) -> Table:
    """The table in a CSV (also .gz), XLSX or Parquet file; of a workbook the first sheet that shows.

    Raises `TableError`.
    """
    name = path.name.lower()
    try:
        size = path.stat().st_size
    except OSError as broken:
        raise TableError(f"无法读取 {path}：{broken}", f"cannot read {path}: {broken}") from broken
    if size > MOST_BYTES:
        raise TableError(f"{path.name} 超过 1 GB，请分成几个文件", f"{path.name} is over 1 GB: split it")
    try:
        if name.endswith((".csv", ".csv.gz", ".tsv", ".txt")):
            return _csv(path)
        if name.endswith((".xlsx", ".xlsm")):
            return _xlsx(path)
        if name.endswith(".parquet"):
            return _parquet(path)
    except TableError:
        raise
    except _DAMAGED as broken:
        raise TableError(
            f"{path.name} 不是完好的文件：{broken}。请重新导出后再试",
            f"{path.name} is damaged or not what its name says: {broken}. Export it again",
        ) from broken
    raise TableError(
        f"{path.name}：只能读取 .csv、.xlsx 和 .parquet",
        f"{path.name}: only .csv, .xlsx and .parquet can be read",
    )


def _csv(path: Path) -> Table:
    data = gzip.decompress(path.read_bytes()) if path.name.lower().endswith(".gz") else path.read_bytes()
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    line = 0
    for encoding in ("utf-16",) if wide else ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError as broken:
            line = line or data.count(b"\n", 0, broken.start) + 1
    else:
        raise TableError(
            f"{path.name} 第 {line} 行的编码无法识别，请另存为 UTF-8",
            f"{path.name}, line {line}: unknown encoding, save the file as UTF-8",
        )
    if "\0" in text:
        raise TableError(f"{path.name} 不是文本文件", f"{path.name} is not a text file")
    numbers, rows = [], []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text[:20_000]))
    for number, row in enumerate(lines, 1):
        numbers.append(number)
        rows.append(list(row))
    return _headed(path, rows, numbers)


def _delimiter(sample: str) -> str:
    """The one that cuts most of the first rows into equally many cells: amounts have commas in them too."""

    def even(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row, _ in zip(rows, range(HEADER_WITHIN), strict=False) if len(row) > 1)
        return max(((many, width) for width, many in widths.items()), default=(0, 0))

    return max(",\t;|", key=even)


def _xlsx(path: Path) -> Table:
    import openpyxl  # noqa: PLC0415  (half a second that a CSV need not pay)

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not shown:
            raise TableError(f"{path.name} 没有工作表", f"{path.name} has no sheets")
        rows = [[_cell(cell) for cell in row] for row in shown[0].iter_rows()]
        return _headed(path, rows, list(range(1, len(rows) + 1)), tuple(sheet.title for sheet in shown[1:]))
    finally:
        book.close()


def _cell(cell: Any) -> Any:
    """The value of a cell; a number that is shown as a percentage as it is shown."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{Decimal(repr(value)) * 100:f}%"
    return value


def _parquet(path: Path) -> Table:
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = pq.read_table(path)
    columns = [column.to_pylist() for column in table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Table(path, _distinct(table.schema.names), rows, list(range(1, len(rows) + 1)))


def _headed(path: Path, rows: list[list[Any]], numbers: list[int], others: tuple[str, ...] = ()) -> Table:
    """The header is the first row, among the first ones, that has the most texts in it."""
    best, most = -1, 1
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        texts = sum(1 for cell in row if isinstance(cell, str) and cell.strip() and not _numeric(cell))
        if texts > most:
            best, most = number, texts
    if best < 0:
        raise TableError(f"{path.name} 中没有找到表头", f"{path.name}: no header row was found")
    headers, first = [_text(cell) for cell in rows[best]], best + 1
    if first < len(rows) and (second := _second_row(headers, [_text(cell) for cell in rows[first]])):
        headers, first = second, first + 1
    data = [n for n in range(first, len(rows)) if any(cell not in (None, "") for cell in rows[n])]
    if not data:
        raise TableError(f"{path.name} 的表头下没有数据", f"{path.name}: there are no rows below the header")
    notes = (_UNIT_NOTE.search(_narrow(_text(cell))) for row in rows[:best] for cell in row)
    unit = next((note[1] for note in notes if note), "")
    return Table(path, _distinct(headers), [rows[n] for n in data], [numbers[n] for n in data], unit, others)


def _second_row(headers: list[str], below: list[str]) -> list[str] | None:
    """The header with a second row of years (under merged cells) or units; None where the row below is data."""
    below = [cell.removesuffix(".0") for cell in below[: len(headers)]]
    below += [""] * (len(headers) - len(below))
    said = [_narrow(cell) for cell in below if cell]
    units = bool(said) and all(_UNIT.fullmatch(cell) for cell in said)
    years = bool(said) and all(_YEAR.fullmatch(cell) for cell in said)
    merged = any(cell and not header for header, cell in zip(headers, below, strict=True))
    if not units and not (years and merged):
        return None
    found, above = [], ""
    for header, cell in zip(headers, below, strict=True):
        above = header or above
        found.append(f"{cell} {above}" if cell and years else f"{above} {cell}".strip() if cell else header)
    return found


def _distinct(headers: Iterable[str]) -> tuple[str, ...]:
    """Headers that name one column each: the second of the same name is told apart by its number."""
    seen: Counter[str] = Counter()
    found = []
    for header in headers:
        seen[header] += 1
        found.append(f"{header} #{seen[header]}" if header and seen[header] > 1 else header)
    return tuple(found)


def _text(cell: Any) -> str:
    return str(cell).strip() if cell is not None else ""


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _numeric(cell: str) -> bool:
    text = _narrow(cell)
    return bool(_YEAR.fullmatch(text)) or text.replace(",", "").replace(".", "", 1).lstrip("-").isdigit()
