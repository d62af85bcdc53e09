"""The figures as JSON, as plain tables, and as a workbook."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from qiao.core.forms import tidy
from qiao.core.process import Text
from qiao.kinds.statistics.figures import COLUMNS, GROUPS, Body, Statistics


def as_data(found: Statistics) -> dict[str, Any]:
    """The same as JSON, labels in the language of the moment."""
    return {
        "format": "qiao-statistics/1",
        "scope": found.scope,
        "as_of": found.as_of.isoformat(),
        "bodies": [
            {
                "instrument": b.instrument,
                "label": str(b.label),
                "owner": b.owner,
                "sessions": [{"code": c.code, "title": c.title} for c in b.sessions],
                "figures": [
                    {
                        "code": f.code,
                        "group": f.group,
                        "label": str(f.label),
                        "value": f.value,
                        "of": f.of,
                        "percent": f.percent,
                        "definition": str(f.definition),
                    }
                    for f in b.figures
                ],
                "units": [
                    {
                        "code": u.code,
                        "name": u.name,
                        "lead": u.lead,
                        "split": u.split,
                        "co": u.co,
                        "answered": u.answered,
                        "due": u.due,
                        "on_time": u.on_time,
                        "percent_on_time": u.percent,
                        "public": u.public,
                        "results": dict(u.results),
                    }
                    for u in b.units
                ],
                "categories": [
                    {
                        "name": str(c.name),
                        "admitted": c.admitted,
                        "replied": c.replied,
                        "good": c.good,
                        "percent": c.percent,
                        "results": dict(c.results),
                    }
                    for c in b.categories
                ],
                "results": [
                    {
                        "code": r.code,
                        "label": str(r.label),
                        "good": r.good,
                        "first": r.first,
                        "now": r.now,
                        "of": r.of,
                        "percent": r.percent,
                        "percent_now": r.percent_now,
                    }
                    for r in b.results
                ],
            }
            for b in found.bodies
        ],
    }


def tables(body: Body) -> list[tuple[Text, list[Text], list[list[Any]]]]:
    """A body's figures as plain tables: name, head, rows. What the workbook and other surfaces print."""
    terms = [(r.code, r.label) for r in body.results]
    labels = [label for _code, label in terms]
    head: list[Text] = [COLUMNS[c] for c in ("group", "figure", "value", "of", "percent", "definition")]
    figures = [[GROUPS[f.group], f.label, f.value, f.of, f.percent, f.definition] for f in body.figures]
    unit_head: list[Text] = [
        COLUMNS[c] for c in ("unit", "lead", "split", "co", "answered", "due", "on_time", "rate", "public")
    ]
    units = [
        [u.name, u.lead, u.split, u.co, u.answered, u.due, u.on_time, u.percent, u.public]
        + [u.results.get(code, 0) for code, _label in terms]
        for u in body.units
    ]
    category_head: list[Text] = [COLUMNS[c] for c in ("category", "admitted", "replied", "good", "percent")]
    categories = [
        [c.name, c.admitted, c.replied, c.good, c.percent]
        + [c.results.get(code, 0) for code, _label in terms]
        for c in body.categories
    ]
    return [
        (COLUMNS["figure"], head, figures),
        (COLUMNS["unit"], [*unit_head, *labels], units),
        (COLUMNS["category"], [*category_head, *labels], categories),
    ]


def workbook(found: Statistics) -> bytes:
    """The same as XLSX, one sheet per body and table. Text stays text, whatever it begins with."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, body in enumerate(found.bodies, 1):
        for name, head, rows in tables(body):
            sheet = book.create_sheet(_sheet_name(f"{number} {body.label} {name}"))
            for r, row in enumerate([head, *rows], 1):
                for c, value in enumerate(row, 1):
                    cell = sheet.cell(r, c)
                    if isinstance(value, int | float) or value is None:
                        cell.value = value
                    else:
                        cell.value = tidy(str(value))
                        cell.data_type = "s"  # never a formula
                        cell.quotePrefix = True
                    if r == 1:
                        cell.font = Font(bold=True)
                    cell.alignment = Alignment(
                        vertical="top", wrap_text=c == len(head) and r > 1 and len(head) == 6
                    )
            sheet.freeze_panes = "A2"
            for c in range(1, len(head) + 1):
                wide = max(
                    (_width(str(row[c - 1])) for row in [head, *rows] if row[c - 1] is not None), default=8
                )
                sheet.column_dimensions[get_column_letter(c)].width = min(max(wide + 2, 8), 60)
    if not found.bodies:
        book.create_sheet(found.scope[:31] or "0")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _sheet_name(text: str) -> str:
    return "".join(c for c in text if c not in "[]:*?/\\")[:31]
