"""Statistics without a database: percentages, tables, and a workbook that runs nothing."""

from __future__ import annotations

import datetime as dt
import io

from openpyxl import load_workbook

from qiao.kinds.statistics import (
    DEFINITIONS,
    GROUPS,
    LABELS,
    Body,
    CategoryRow,
    Figure,
    ResultRow,
    Statistics,
    UnitRow,
    as_data,
    workbook,
)

EVIL = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "正常")


def body(names: tuple[str, ...] = EVIL) -> Body:
    figures = (Figure("received", "intake", LABELS["received"], 3, None, DEFINITIONS["received"]),)
    units = tuple(UnitRow(str(i), name, 1, 0, 0, 1, 1, 1, 1, {"solved": 1}) for i, name in enumerate(names))
    categories = tuple(CategoryRow(name, 1, 1, 1, {}) for name in names)
    results = (ResultRow("solved", "=解决", True, 1, 2, 3),)
    return Body("proposal", "=政协/提案[1]", "某会", (), figures, units, categories, results)


def test_every_figure_has_a_definition() -> None:
    assert set(LABELS) <= set(DEFINITIONS)
    assert {"result", "method", "option"} <= set(DEFINITIONS)


def test_percentages() -> None:
    def percent(value: int, of: int | None) -> float | None:
        return Figure("x", "intake", "x", value, of, "x").percent

    assert percent(1, 3) == 33.3
    assert percent(0, 5) == 0.0
    assert percent(0, 0) is None
    assert percent(4, None) is None


def test_workbook_runs_no_formula() -> None:
    data = workbook(Statistics("2024", dt.date(2024, 12, 31), (body(),)))
    book = load_workbook(io.BytesIO(data))
    found = set()
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                if isinstance(cell.value, str):
                    assert cell.quotePrefix
                    found.add(cell.value)
    assert set(EVIL) <= found
    assert len(book.worksheets) == 3


def test_nothing_found_is_still_a_workbook() -> None:
    assert workbook(Statistics("2024", dt.date(2024, 12, 31), ()))[:2] == b"PK"


def test_data() -> None:
    one = as_data(Statistics("2024", dt.date(2024, 12, 31), (body(),)))["bodies"][0]
    assert one["figures"][0]["definition"].startswith("本届次")
    assert one["results"][0]["percent_now"] == 66.7
    assert [u["name"] for u in one["units"]] == list(EVIL)
    assert GROUPS["intake"]
