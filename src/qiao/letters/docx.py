"""A letter as a Word file on the same grid: real styles, a document grid, page numbers as fields.

The file names the fonts of the standard, which the reader's Word has, with open alternates in its font table.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast
from xml.sax.saxutils import quoteattr

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as DocxParagraph

from qiao.letters.fonts import roles
from qiao.letters.layout import Layout, layout_for
from qiao.letters.model import Heading, Letter, Paragraph, Table
from qiao.letters.pdf import HEADING_FONTS, POINT, head_geometry
from qiao.letters.sheet import Field, Sheet, arrange, cells

Align = Literal["left", "center", "right", "both"]
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}
_RED = RGBColor(255, 0, 0)
_EPOCH = dt.date(1980, 1, 1)


def to_docx(
    letter: Letter, layout: Layout | None = None, *, end_notes: Mapping[str, str] | None = None
) -> bytes:
    """The letter as a Word file. ``end_notes`` (citation id → source) adds a list of sources at the end."""
    layout = layout or layout_for(letter.form)
    sheet = arrange(letter, layout, end_notes=end_notes)
    return _Writer(sheet, letter.date).write()


def _twips(mm: float) -> int:
    """Whole twips, rounded down so that the grid's lines and characters always fit."""
    return int(mm / POINT * 20)


def _element(tag: str, **attributes: object) -> Any:
    element = OxmlElement(f"w:{tag}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), str(value))
    return element


# The order that the schema asks of a paragraph's properties; python-docx keeps it only for those it knows.
_PPR_ORDER = (
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr",
    "suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct",
    "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind",
    "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment",
    "textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange",
)  # fmt: skip


def _put(properties: Any, *elements: Any) -> None:
    """Put elements among a paragraph's properties in the order of the schema, replacing their like."""
    for element in elements:
        for old in properties.findall(element.tag):
            properties.remove(old)
        properties.append(element)
    rank = {qn(f"w:{tag}"): place for place, tag in enumerate(_PPR_ORDER)}
    properties[:] = sorted(properties, key=lambda child: rank.get(child.tag, len(rank)))


class _Writer:
    def __init__(self, sheet: Sheet, date: dt.date | None) -> None:
        self.sheet = sheet
        self.layout = sheet.layout
        self.date = date or _EPOCH
        self.pitch = _twips(self.layout.line_pitch)
        self.cell = _twips(self.layout.char_pitch)
        self.document: Document = docx.Document()
        self.pending = 0
        """Blank lines to stand before the next paragraph."""

    def write(self) -> bytes:
        self._page()
        self._styles()
        self._footers()
        self._head()
        self._opening()
        for block in self.sheet.blocks:
            self._block(block)
        self._end()
        self._properties()
        self._font_table()
        return self._save()

    # --- the page ---

    def _page(self) -> None:
        layout, page = self.layout, self.layout.page
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(page.width), Mm(page.height)
        section.top_margin, section.bottom_margin = Mm(page.top), Mm(page.bottom)
        section.left_margin, section.right_margin = Mm(page.left), Mm(page.right)
        section.header_distance = Mm(15)
        number = layout.sizes.page_number * POINT
        section.footer_distance = Mm(max(page.bottom - layout.page_numbers.below - number, 0))
        properties = section._sectPr
        for old in properties.findall(qn("w:docGrid")):
            properties.remove(old)
        # charSpace is what each character of the Normal style's size gains or loses, in 1/4096 point
        space = int((layout.char_pitch / POINT - layout.sizes.body) * 4096) - 1
        properties.append(_element("docGrid", type="linesAndChars", linePitch=self.pitch, charSpace=space))
        if not layout.page_numbers.first_page:
            section.different_first_page_header_footer = True
        self.document.settings.odd_and_even_pages_header_footer = True

    def _styles(self) -> None:
        styles = self.document.styles
        defaults = styles.element.find(qn("w:docDefaults"))
        if defaults is not None:
            for properties in defaults.iter(qn("w:rPr")):
                for child in list(properties):
                    properties.remove(child)
                properties.append(_element("lang", val="en-US", eastAsia=self.sheet.language))
            for properties in defaults.iter(qn("w:pPr")):
                for child in list(properties):
                    properties.remove(child)
        sizes = self.layout.sizes
        self._style("Normal", "body", sizes.body)
        self._style("Title", "title", sizes.title, align="center")
        for level, role in HEADING_FONTS.items():
            self._style(f"Heading {level}", role, sizes.body, indent=2, keep=self.layout.keep_headings)
        self._style("Body Text", "body", sizes.body, indent=2, align="both")
        self._style("Footer", "song", sizes.page_number, pitch=int(sizes.page_number * 20))
        for level, role in HEADING_FONTS.items():
            name = f"Run-in Heading {level}"
            style = styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
            self._fonts(style.element.get_or_add_rPr(), role)

    def _style(
        self,
        name: str,
        role: str,
        size: float,
        *,
        align: Align = "left",
        indent: int = 0,
        keep: bool = False,
        pitch: int | None = None,
    ) -> None:
        style = cast(Any, self.document.styles[name])
        old = style.element.find(qn("w:rPr"))
        if old is not None:
            style.element.remove(old)
        old = style.element.find(qn("w:pPr"))
        level = old.find(qn("w:outlineLvl")) if old is not None else None
        if old is not None:
            style.element.remove(old)
        self._fonts(style.element.get_or_add_rPr(), role)
        style.font.size = Pt(size)
        style.font.bold = False
        style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.alignment = _ALIGN[align]
        style.paragraph_format.keep_with_next = keep
        style.paragraph_format.widow_control = False
        properties = style.element.get_or_add_pPr()
        _put(
            properties,
            _element("kinsoku", val=1),
            _element("overflowPunct", val=1),
            _element("autoSpaceDE", val=0),
            _element("autoSpaceDN", val=0),
            self._spacing(0, pitch),
            self._indent(first=indent),
        )
        if level is not None:
            _put(properties, level)

    def _fonts(self, properties: Any, role: str) -> None:
        name = roles()[role].docx
        for old in properties.findall(qn("w:rFonts")):
            properties.remove(old)
        properties.insert(
            0, _element("rFonts", ascii=name, hAnsi=name, eastAsia=name, cs=name, hint="eastAsia")
        )

    def _spacing(self, blank: int, pitch: int | None = None) -> Any:
        """Exact lines of the grid, with empty ones before."""
        before = blank * self.pitch
        return _element("spacing", before=before, after=0, line=pitch or self.pitch, lineRule="exact")

    def _indent(self, *, left: float = 0, right: float = 0, first: float = 0) -> Any:
        """Indents in characters of the grid, with twips for readers that know only those."""
        values: dict[str, object] = {}
        for name, amount in (("left", left), ("right", right), ("firstLine", first)):
            values[f"{name}Chars"] = round(amount * 100)
            values[name] = round(amount * self.cell)
        return _element("ind", **values)

    def _footers(self) -> None:
        section = self.document.sections[0]
        inset = self.layout.page_numbers.inset_chars
        odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
        sides: tuple[tuple[DocxParagraph, Align], ...] = ((odd, "right"), (even, "left"))
        for paragraph, align in sides:
            paragraph.style = cast(Any, self.document.styles["Footer"])
            paragraph.alignment = _ALIGN[align]
            indent = self._indent(right=inset) if align == "right" else self._indent(left=inset)
            _put(paragraph._p.get_or_add_pPr(), indent)
            self._page_number(paragraph)
        head = self.layout.head
        if not self.layout.page_numbers.first_page:
            first = section.first_page_footer.paragraphs[0]
            first.style = cast(Any, self.document.styles["Footer"])
            if head and head.foot_rule is not None:
                geometry = head_geometry(self.sheet, head, self.layout)
                self._frame(first, top=geometry["foot_rule_at"], height=2, width=head.rule_width)
                self._border(first, "top", "thinThickSmallGap", 24)

    def _page_number(self, paragraph: DocxParagraph) -> None:
        paragraph.add_run("— ")
        for kind in ("begin", None, "separate", "text", "end"):
            run = paragraph.add_run()
            if kind is None:
                code = _element("instrText")
                code.set(qn("xml:space"), "preserve")
                code.text = " PAGE "
                run._r.append(code)
            elif kind == "text":
                run.text = "1"
            else:
                run._r.append(_element("fldChar", fldCharType=kind))
        paragraph.add_run(" —")

    def _frame(self, paragraph: DocxParagraph, *, top: float, height: float, width: float) -> None:
        """Stand the paragraph at a place on the page, centred across it."""
        page = self.layout.page
        frame = _element(
            "framePr",
            w=_twips(width),
            h=_twips(height),
            hRule="exact",
            hSpace=0,
            wrap="around",
            vAnchor="page",
            hAnchor="page",
            x=_twips((page.width - width) / 2),
            y=_twips(top),
        )
        _put(paragraph._p.get_or_add_pPr(), frame, self._indent())

    def _border(self, paragraph: DocxParagraph, side: str, kind: str, eighths: int) -> None:
        border = _element("pBdr")
        border.append(_element(side, val=kind, sz=eighths, space=0, color="FF0000"))
        _put(paragraph._p.get_or_add_pPr(), border)

    # --- paragraphs ---

    def _add(
        self,
        text: str = "",
        *,
        style: str = "Normal",
        align: Align | None = None,
        indent: Any = None,
        blank: int = 0,
        pitch: int | None = None,
    ) -> DocxParagraph:
        paragraph = self.document.add_paragraph(style=style)
        if text:
            paragraph.add_run(text)
        if align:
            paragraph.alignment = _ALIGN[align]
        properties = paragraph._p.get_or_add_pPr()
        blank += self.pending
        self.pending = 0
        if blank or pitch:
            _put(properties, self._spacing(blank, pitch))
        if indent is not None:
            _put(properties, indent)
        return paragraph

    def _fields(self, fields: Iterable[Field], paragraph: DocxParagraph, gap: str = "\t") -> None:
        for number, item in enumerate(fields):
            paragraph.add_run((gap if number else "") + item.label)
            value = paragraph.add_run(item.value)
            if item.name == "signer":
                self._fonts(value._r.get_or_add_rPr(), "kai")

    def _right_tab(self, paragraph: DocxParagraph, chars: float) -> None:
        tabs = _element("tabs")
        tabs.append(_element("tab", val="right", pos=round(chars * self.cell)))
        _put(paragraph._p.get_or_add_pPr(), tabs)

    def _head(self) -> None:
        sheet, head = self.sheet, self.layout.head
        if sheet.first_line:
            self._fields(sheet.first_line, self._add(), "　")
        for item in sheet.top_right:
            self._fields((item,), self._add(align="right"))
        if head is None:
            if sheet.number_line:
                self._add(self.layout.labels.field_gap.join(sheet.number_line), align="right")
            return
        geometry = head_geometry(sheet, head, self.layout)
        page = self.layout.page
        if sheet.issuer_mark:
            size = geometry["mark_size"]
            height = size * POINT
            mark = self._add(align="center", pitch=int(size * 20))
            run = mark.add_run(sheet.issuer_mark)
            run.font.size = Pt(size)
            run.font.color.rgb = _RED
            self._fonts(run._r.get_or_add_rPr(), "title")
            if head.rule == "double":
                self._frame(mark, top=head.mark_top, height=height + head.rule_below, width=head.rule_width)
                self._border(mark, "bottom", "thickThinSmallGap", 24)
            else:
                self._frame(mark, top=head.mark_top, height=height, width=page.area_width)
        # The number stands on the grid, as near to its place as a line of it comes.
        lines = geometry["reserve"]
        if sheet.number_line:
            before = max(int((geometry["number_at"] - page.top) / self.layout.line_pitch), 0)
            number = self._add(blank=before)
            if sheet.number_signer:
                _put(number._p.get_or_add_pPr(), self._indent(left=1, right=1))
                self._right_tab(number, self.layout.grid.chars - 1)
                number.add_run((sheet.doc_number or "") + "\t" + sheet.number_signer.label)
                value = number.add_run(sheet.number_signer.value)
                self._fonts(value._r.get_or_add_rPr(), "kai")
            else:
                number.add_run(sheet.number_line[0])
                number.alignment = _ALIGN["right" if head.number == "right" else "center"]
            if head.rule == "single":
                self._border(number, "bottom", "single", 12)
            lines -= before + 1
        self.pending = max(lines, 0)

    def _opening(self) -> None:
        sheet, blanks = self.sheet, self.layout.blank_lines
        if sheet.title_lines:
            title = self._add(style="Title")
            for number, line in enumerate(sheet.title_lines):
                if number:
                    title.add_run().add_break()
                title.add_run(line)
            self.pending = blanks.after_title
        if sheet.under_title:
            under = self._add(indent=self._indent(left=1, right=1))
            self._right_tab(under, self.layout.grid.chars - 1)
            self._fields(sheet.under_title, under)
            self.pending = blanks.after_result
        if sheet.addressee:
            self._add(sheet.addressee)

    def _block(self, block: Heading | Paragraph | Table) -> None:
        if isinstance(block, Heading):
            self._add(block.text, style=f"Heading {block.level}")
        elif isinstance(block, Paragraph):
            if not block.text:
                return
            paragraph = self._add(style="Body Text")
            if block.lead:
                paragraph.add_run(block.lead.text, style=f"Run-in Heading {block.lead.level}")
            if text := "".join(item.text for item in block.inlines):
                paragraph.add_run(text)
        else:
            self._table(block)

    def _table(self, table: Table) -> None:
        columns = max((len(row) for row in table.rows), default=0)
        if not columns:
            return
        out = self.document.add_table(rows=0, cols=columns, style="Table Grid")
        for number, row in enumerate(table.rows):
            cells_ = out.add_row().cells
            for cell, content in zip(cells_, row, strict=False):
                cell.paragraphs[0].add_run("".join(item.text for item in content))
            if number < table.header_rows:
                properties = out.rows[number]._tr.get_or_add_trPr()
                properties.append(_element("tblHeader"))

    def _end(self) -> None:
        sheet, blanks = self.sheet, self.layout.blank_lines
        self._attachments()
        unit, day = self._closing()
        for number, name in enumerate(sheet.signature):
            paragraph = self._add(
                name,
                align="right",
                indent=self._indent(right=unit),
                blank=0 if number else blanks.before_signature,
            )
            paragraph.paragraph_format.keep_with_next = True
        if sheet.date:
            self._add(
                sheet.date,
                align="right",
                indent=self._indent(right=day),
                blank=0 if sheet.signature else blanks.before_signature,
            )
        if sheet.note:
            self._add(sheet.note, indent=self._indent(left=2))
        for number, row in enumerate(sheet.contact):
            paragraph = self._add(indent=self._indent(left=2), blank=0 if number else blanks.before_contact)
            if not sheet.contact_bracketed:
                self._right_tab(paragraph, self.layout.grid.chars)
            self._fields(row, paragraph, " " if sheet.contact_bracketed else "\t")
        for number, text in enumerate(sheet.end_notes):
            note = self._add(text, blank=0 if number else 1)
            note.runs[0].font.size = Pt(self.layout.sizes.imprint)
        self._imprint()

    def _attachments(self) -> None:
        first = self.layout.labels.attachment
        many = len(self.sheet.attachments) > 1
        for number, (label, name) in enumerate(self.sheet.attachments):
            hang = cells(first) + cells(f"{number + 1}. ") if many else cells(label)
            start = 2 + (cells(first) if many and number else 0)
            indent = _element(
                "ind",
                left=round((2 + hang) * self.cell),
                hanging=round((2 + hang - start) * self.cell),
            )
            self._add(
                label + name, indent=indent, blank=0 if number else self.layout.blank_lines.before_attachments
            )

    def _closing(self) -> tuple[float, float]:
        """How many characters from the right edge unit and date stand (see ``letter.typ``)."""
        sheet = self.sheet
        unit = day = 2.0
        widest = max((cells(name) for name in sheet.signature), default=0.0)
        date = cells(sheet.date) if sheet.date else 0.0
        if sheet.signature and sheet.date:
            if self.layout.closing == "centred":
                wide = max(widest, date)
                unit, day = unit + (wide - widest) / 2, day + (wide - date) / 2
            elif 2 + date > widest:
                unit += 2 + date - widest
            else:
                day += widest - 2 - date
        if max(widest, date) + 2 > self.layout.grid.chars:
            return 0.0, 0.0
        return max(0.0, min(unit, self.layout.grid.chars - widest)), day

    def _imprint(self) -> None:
        sheet = self.sheet
        rows = [tuple(filter(None, row)) for row in ((sheet.copies,), (sheet.printed_by, sheet.printed_on))]
        rows = [row for row in rows if row]
        ruled = self.layout.imprint == "ruled"
        for number, row in enumerate(rows):
            paragraph = self._add(indent=self._indent(left=1, right=1), blank=0 if number else 1)
            self._right_tab(paragraph, self.layout.grid.chars - 1)
            for part, text in enumerate(row):
                run = paragraph.add_run(("\t" if part else "") + text)
                run.font.size = Pt(self.layout.sizes.imprint)
            if ruled:
                border = _element("pBdr")
                border.append(_element("top", val="single", sz=8, space=1, color="000000"))
                border.append(_element("bottom", val="single", sz=8, space=1, color="000000"))
                border.append(_element("between", val="single", sz=6, space=1, color="000000"))
                _put(paragraph._p.get_or_add_pPr(), border)

    # --- the file ---

    def _properties(self) -> None:
        moment = dt.datetime.combine(self.date, dt.time())
        core = self.document.core_properties
        core.title = self.sheet.title[:255]
        core.author = self.layout.labels.separator.join(self.sheet.signature)[:255]
        core.language = self.sheet.language[:255]
        core.comments = core.keywords = core.last_modified_by = core.subject = core.category = ""
        core.created = core.modified = moment
        core.revision = 1
        language = _element("themeFontLang", val="en-US", eastAsia=self.sheet.language)
        settings = self.document.settings.element
        for old in settings.findall(qn("w:themeFontLang")):
            settings.replace(old, language)
        package = self.document.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:  # the template's picture, not this letter's
                del package.rels[key]

    def _font_table(self) -> None:
        """Name an alternate for each font of the standard, for readers that do not have it."""
        entries = "".join(
            f"<w:font w:name={quoteattr(spec.docx)}>"
            f"<w:altName w:val={quoteattr(','.join(spec.docx_alternates))}/>"
            '<w:charset w:val="86"/></w:font>'
            for spec in roles().values()
        )
        blob = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            f"{entries}</w:fonts>"
        )
        part = cast(Any, self.document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE))
        part._blob = blob.encode()

    def _save(self) -> bytes:
        """Write the package with fixed times and order, so that equal letters give equal bytes."""
        raw = io.BytesIO()
        self.document.save(raw)
        out = io.BytesIO()
        stamp = (max(self.date.year, 1980), self.date.month, self.date.day, 0, 0, 0)
        with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                info = zipfile.ZipInfo(name, stamp)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                target.writestr(info, source.read(name))
        return out.getvalue()
