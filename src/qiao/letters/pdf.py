"""A letter as PDF, set by Typst on the grid of GB/T 9704-2012: tagged, archivable, and the same bytes each time."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import typst

from qiao.letters.errors import LetterError
from qiao.letters.fonts import FontReport, FontSet, available, choose_fonts
from qiao.letters.layout import Head, Layout, layout_for
from qiao.letters.model import Heading, Inline, Letter, Paragraph, Table
from qiao.letters.sheet import Field, Sheet, arrange, cells, outline_levels

POINT = 25.4 / 72
"""Millimetres in a point."""

HEADING_FONTS = {1: "hei", 2: "kai", 3: "body", 4: "body"}
_RULES = {"thick": 0.75, "thin": 0.3, "gap": 0.45, "single": 0.5}
_LONG_RUN = re.compile(r"[!-~]{30,}")
Standard = Literal["a-2a", "ua-1"]
_STANDARDS: list[Standard] = ["a-2a", "ua-1"]


@dataclass(frozen=True, slots=True)
class PdfLetter:
    """The file, what it is set in, and which archive and access standards it was written to."""

    data: bytes
    fonts: FontReport
    standards: tuple[str, ...]


def to_pdf(
    letter: Letter,
    layout: Layout | None = None,
    *,
    fonts: FontSet | None = None,
    end_notes: Mapping[str, str] | None = None,
) -> bytes:
    """The letter as a PDF file. ``end_notes`` (citation id → source) adds a list of sources at the end."""
    return make_pdf(letter, layout, fonts=fonts, end_notes=end_notes).data


def make_pdf(
    letter: Letter,
    layout: Layout | None = None,
    *,
    fonts: FontSet | None = None,
    end_notes: Mapping[str, str] | None = None,
) -> PdfLetter:
    """As :func:`to_pdf`, with the fonts used and the standards met.

    PDF/A-2a and PDF/UA-1 are asked for; a letter with a sign that no installed font has cannot meet them and is
    written without, which ``standards`` then says.
    """
    layout = layout or layout_for(letter.form)
    report = choose_fonts(layout, fonts)
    sheet = arrange(letter, layout, end_notes=end_notes)
    data = json.dumps(_template_data(sheet, letter.date, report), ensure_ascii=False)
    try:
        return PdfLetter(_compile(data, letter.date, fonts, _STANDARDS), report, tuple(_STANDARDS))
    except typst.TypstError:
        pass
    try:
        return PdfLetter(_compile(data, letter.date, fonts, []), report, ())
    except typst.TypstError as error:
        raise LetterError("letter.pdf", reason=error.message) from error


def _compile(data: str, date: dt.date | None, fonts: FontSet | None, standards: list[Standard]) -> bytes:
    moment = dt.datetime.combine(date or dt.date(1970, 1, 1), dt.time(), tzinfo=dt.UTC)
    compiler = typst.Compiler(
        input=_template(),
        font_paths=available(fonts or FontSet()),
        ignore_system_fonts=True,
        sys_inputs={"sheet": data},
    )
    out = compiler.compile(format="pdf", pdf_standards=list(standards), timestamp=moment)
    if not isinstance(out, bytes):
        raise LetterError("letter.pdf", reason="no output")
    return out


@cache
def _template() -> bytes:
    return resources.files("qiao.letters").joinpath("letter.typ").read_bytes()


def _template_data(sheet: Sheet, date: dt.date | None, fonts: FontReport) -> dict[str, Any]:
    layout = sheet.layout
    page = layout.page
    imprint = [row for row in ([sheet.copies], [sheet.printed_by, sheet.printed_on]) if any(row)]
    return {
        "title": sheet.title or sheet.doc_number or layout.name,
        "authors": list(sheet.signature),
        "date": [date.year, date.month, date.day] if date else None,
        "pitch": layout.line_pitch,
        "cell": layout.char_pitch,
        "grid_chars": layout.grid.chars,
        "page": {**asdict(page), "area_width": page.area_width},
        "sizes": asdict(layout.sizes),
        "rules": _RULES,
        "blank_lines": asdict(layout.blank_lines),
        "keep_headings": layout.keep_headings,
        "page_numbers": {
            "first_page": layout.page_numbers.first_page,
            "below": layout.page_numbers.below,
            "inset": layout.page_numbers.inset_chars,
        },
        "closing": layout.closing,
        "fonts": {item.role: {"family": item.family, "weight": item.weight} for item in fonts.choices},
        "head": head_geometry(sheet, layout.head, layout) if layout.head else None,
        "issuer_mark": sheet.issuer_mark,
        "number_line": list(sheet.number_line),
        "number_signer": asdict(sheet.number_signer) if sheet.number_signer else None,
        "first_line": [asdict(item) for item in sheet.first_line],
        "top_right": [asdict(item) for item in sheet.top_right],
        "title_lines": [_breakable(line) for line in sheet.title_lines],
        "under_title": [asdict(item) for item in sheet.under_title],
        "addressee": sheet.addressee,
        "blocks": _blocks(sheet),
        "attachments": _attachments(sheet),
        "signature": list(sheet.signature),
        "day": sheet.date,
        "note": sheet.note,
        "contact": [[_breakable(item.text) for item in row] for row in sheet.contact],
        "contact_bracketed": sheet.contact_bracketed,
        "contact_stacked": _too_wide(sheet.contact, layout.grid.chars - 3),
        "contact_long": sum(cells(item.text) for row in sheet.contact for item in row) > 300,
        "under_title_stacked": _too_wide((sheet.under_title,), layout.grid.chars - 4),
        "imprint_stacked": _long_row((sheet.printed_by, sheet.printed_on), layout.grid.chars),
        "imprint_long": sum(cells(item) for row in imprint for item in row if item) > 400,
        "end_notes": [_breakable(note) for note in sheet.end_notes],
        "imprint": [[_breakable(item) for item in row if item] for row in imprint],
        "imprint_ruled": layout.imprint == "ruled",
    }


def head_geometry(sheet: Sheet, head: Head, layout: Layout) -> dict[str, Any]:
    """Where the red head's parts stand, in millimetres from the page's top, and the grid lines it takes."""
    page, pitch = layout.page, layout.line_pitch
    body = layout.sizes.body * POINT
    at = page.top
    mark_size = layout.sizes.mark
    number = bool(sheet.number_line)
    rule_at = number_at = page.top
    if sheet.issuer_mark:
        widest = page.area_width / POINT / max(cells(sheet.issuer_mark), 1)
        mark_size = min(mark_size, math.floor(widest * 10) / 10)
        at = head.mark_top + mark_size * POINT
    double = _RULES["thick"] + _RULES["gap"] + _RULES["thin"]
    if head.rule == "double":  # the number stands under the rule
        rule_at = at + head.rule_below
        at = rule_at + double
        number_at = at + body * 7 / 8
        at = number_at + body if number else at
    else:  # the number stands over it
        if number:
            number_at = at + head.number_lines * pitch
            at = number_at + body
        rule_at = at + head.rule_below
        at = rule_at + _RULES["single"] if head.rule == "single" else at
    reserve = max(round((at - page.top) / pitch + head.blank_lines), math.ceil((at - page.top) / pitch))
    return {
        "mark_top": head.mark_top,
        "mark_size": mark_size,
        # centred on the page where the rule is, on the type area otherwise
        "mark_shift": (page.right - page.left) / 2 if head.rule == "double" else 0,
        "rule": head.rule,
        "rule_at": rule_at,
        "rule_width": head.rule_width,
        "foot_rule_at": None if head.foot_rule is None else page.height - head.foot_rule - double,
        "number": head.number,
        "number_at": number_at,
        "reserve": reserve,
    }


def _blocks(sheet: Sheet) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for block, outline in zip(sheet.blocks, outline_levels(sheet.blocks), strict=True):
        if isinstance(block, Heading):
            out.append({
                "kind": "heading",
                "font": HEADING_FONTS[block.level],
                "outline": outline,
                "text": _breakable(block.text),
            })  # fmt: skip
        elif isinstance(block, Paragraph):
            inlines = [{"role": "text", "text": text} for text in _texts(block.inlines)]
            if block.lead:
                font = HEADING_FONTS[block.lead.level]
                inlines.insert(0, {"role": "lead", "font": font, "text": _breakable(block.lead.text)})
            if inlines:
                out.append({"kind": "paragraph", "inlines": inlines})
        else:
            out.append(_table(block))
    return out


def _table(table: Table) -> dict[str, Any]:
    columns = max((len(row) for row in table.rows), default=0)
    rows = [
        [_breakable("".join(item.text for item in cell)) for cell in row] + [""] * (columns - len(row))
        for row in table.rows
    ]
    return {
        "kind": "table",
        "columns": columns,
        "header": rows[: table.header_rows],
        "rows": rows[table.header_rows :],
    }


def _texts(inlines: tuple[Inline, ...]) -> list[str]:
    """The paragraph as one run, so that no edge between inlines changes where a line may break."""
    text = "".join(item.text for item in inlines)
    return [_breakable(text)] if text else []


def _too_wide(rows: tuple[tuple[Field, ...], ...], chars: int) -> bool:
    """Whether the fields cannot stand side by side in two columns of that many characters together."""
    columns = [0.0, 0.0]
    for row in rows:
        for place, item in enumerate(row[:2]):
            columns[place] = max(columns[place], cells(item.text))
    return sum(columns) > chars


def _long_row(texts: tuple[str | None, ...], chars: int) -> bool:
    return sum(cells(text) for text in texts if text) > chars


def _attachments(sheet: Sheet) -> list[dict[str, str]]:
    first = sheet.layout.labels.attachment
    many = len(sheet.attachments) > 1
    return [
        {
            "pad": first if many and number else "",
            "label": label,
            "name": _breakable(name),
        }
        for number, (label, name) in enumerate(sheet.attachments)
    ]


def _breakable(text: str) -> str:
    """Give a run of Latin signs longer than a line (an address, a hash) places to break."""
    return _LONG_RUN.sub(lambda run: "\u200b".join(run[0]), text)
