"""A file as a table: headers and rows of cells, whatever the format; compressed CSV too."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 1_000_000_000
HEADER_WITHIN = 20  # rows among which the header is looked for
ENCODINGS = ("utf-8-sig", "gb18030")


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
    """``rows`` of cells under ``headers``. ``first``: the first data row as the file counts its rows, from 1."""

    path: Path
    headers: tuple[str, ...]
    rows: list[list[Any]]
    first: int

    def place(self, row: int, column: int) -> str:
        """Where a cell stands, as spreadsheets name it: C7."""
        letters, number = "", column + 1
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return f"{letters}{self.first + row}"


def read_table(path: Path) -> Table:
    """The table in a CSV (also .gz), XLSX or Parquet file; of a workbook the first sheet. Raises `TableError`."""
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
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, csv.Error) as broken:
        raise TableError(
            f"{path.name} 不是完好的文件：{broken}。请重新导出后再试",
            f"{path.name} is damaged or not what its name says: {broken}. Export it again",
        ) from broken
    raise TableError(
        f"{path.name}：只能读取 .csv、.xlsx 和 .parquet",
        f"{path.name}: only .csv, .xlsx and .parquet can be read",
    )


def _csv(path: Path) -> Table:
    data = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise TableError(
            f"{path.name} 的编码无法识别，请另存为 UTF-8", f"{path.name}: unknown encoding, save it as UTF-8"
        )
    if "\0" in text:
        raise TableError(f"{path.name} 不是文本文件", f"{path.name} is not a text file")
    sample = text[:20_000]
    delimiter = max(",\t;|", key=sample.count)
    return _headed(path, [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)])


def _xlsx(path: Path) -> Table:
    import openpyxl  # noqa: PLC0415  (half a second that a CSV need not pay)

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        if not book.worksheets:
            raise TableError(f"{path.name} 没有工作表", f"{path.name} has no sheets")
        rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()
    return _headed(path, rows)


def _parquet(path: Path) -> Table:
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = pq.read_table(path)
    columns = [column.to_pylist() for column in table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Table(path, tuple(table.schema.names), rows, 1)


def _headed(path: Path, rows: list[list[Any]]) -> Table:
    """The header is the first row, among the first ones, that has the most texts in it."""
    head = rows[:HEADER_WITHIN]
    best, most = -1, 1
    for number, row in enumerate(head):
        texts = sum(1 for cell in row if isinstance(cell, str) and cell.strip() and not _numeric(cell))
        if texts > most:
            best, most = number, texts
    if best < 0:
        raise TableError(f"{path.name} 中没有找到表头", f"{path.name}: no header row was found")
    headers = tuple(str(cell).strip() if cell is not None else "" for cell in rows[best])
    data = [row for row in rows[best + 1 :] if any(cell not in (None, "") for cell in row)]
    if not data:
        raise TableError(f"{path.name} 的表头下没有数据", f"{path.name}: there are no rows below the header")
    return Table(path, headers, data, best + 2)


def _numeric(cell: str) -> bool:
    return cell.strip().replace(",", "").replace(".", "", 1).lstrip("-").isdigit()
