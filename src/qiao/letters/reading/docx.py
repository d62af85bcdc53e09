"""The text of a Word document, in order: paragraphs, table rows, text boxes, and the numbers Word makes.

The file comes from outside, so it is opened with limits (entries, size, how much it swells) and its XML
with entities forbidden. Only the few parts needed are unpacked. A table row becomes one line, its cells
parted by tabs.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as safe_xml

from qiao.letters.reading.errors import Notice, ReadingError
from qiao.letters.reading.numbering import Numbering

MAX_ENTRIES = 3000
MAX_PART = 32 * 1024 * 1024
MAX_UNPACKED = 256 * 1024 * 1024
MAX_RATIO = 250
MAX_DEPTH = 60

_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_SKIPPED = {
    "delText",
    "del",
    "moveFrom",
    "instrText",
    "Fallback",
    "rPr",
    "pPr",
    "sdtPr",
    "tblPr",
    "trPr",
    "tcPr",
}
_RUN_TEXT = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def docx_lines(data: bytes) -> tuple[list[str], list[Notice]]:
    """The lines of the document's body and what was left out of them."""
    with _open(data) as archive:
        main = _main_part(archive)
        folder = posixpath.dirname(main)
        body = _xml(archive, main)
        numbering = Numbering(
            _optional(archive, posixpath.join(folder, "numbering.xml")),
            _optional(archive, posixpath.join(folder, "styles.xml")),
        )
    reader = _Reader(numbering)
    for top in body:
        if local(top) == "body":
            reader.block(top, 0)
    return reader.lines, reader.notices()


def local(element: Element) -> str:
    """An element's name without its namespace; Word writes the same names in two."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def _open(data: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        raise ReadingError("docx_broken", part="zip") from None
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED or total > MAX_RATIO * max(len(data), 4096):
        raise ReadingError("docx_too_big")
    return archive


def _main_part(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "OFD.xml" in names:
        raise ReadingError("ofd")
    if "_rels/.rels" in names:
        for relation in _xml(archive, "_rels/.rels").iter(_RELATIONS):
            target = relation.get("Target", "").lstrip("/")
            if relation.get("Type", "").endswith("/officeDocument") and target in names:
                if "word" in target or target.endswith("document.xml"):
                    return target
                raise ReadingError("other_office")
    if "word/document.xml" in names:
        return "word/document.xml"
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise ReadingError("other_office")
    raise ReadingError("archive")


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    try:
        with archive.open(name) as part:
            content = part.read(MAX_PART + 1)
    except (KeyError, RuntimeError, ValueError, OSError, EOFError, NotImplementedError):
        raise ReadingError("docx_broken", part=name) from None
    except (zipfile.BadZipFile, zlib.error):
        raise ReadingError("docx_broken", part=name) from None
    if len(content) > MAX_PART:
        raise ReadingError("docx_too_big")
    try:
        root: Element = safe_xml.fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise ReadingError("docx_unsafe", part=name) from None
    except (ParseError, ValueError, LookupError):
        raise ReadingError("docx_broken", part=name) from None
    return root


def _optional(archive: zipfile.ZipFile, name: str) -> Element | None:
    return _xml(archive, name) if name in archive.namelist() else None


class _Reader:
    """Walks the body once and gathers lines."""

    def __init__(self, numbering: Numbering) -> None:
        self.numbering = numbering
        self.lines: list[str] = []
        self.codes: dict[str, dict[str, str | int]] = {}
        self.pictures = 0

    def notices(self) -> list[Notice]:
        if self.numbering.unknown:
            self.codes["numbering_guessed"] = {}
        if self.pictures:
            self.codes["pictures_left_out"] = {"count": self.pictures}
        return [Notice(code, params=params) for code, params in self.codes.items()]

    def block(self, element: Element, depth: int) -> None:
        """Paragraphs and tables below `element`, into the lines."""
        if depth > MAX_DEPTH:
            raise ReadingError("docx_unsafe", part="depth")
        for child in element:
            name = local(child)
            if name == "p":
                self.lines += self.paragraph(child, depth)
            elif name == "tbl":
                self.table(child, depth)
            elif name not in _SKIPPED:
                self.block(child, depth + 1)

    def paragraph(self, element: Element, depth: int) -> list[str]:
        text: list[str] = []
        boxes: list[Element] = []
        self._inline(element, text, boxes, depth)
        own = "".join(text)
        number = self.numbering.next(element) if own.strip() else ""
        lines = (number + own).split("\n")
        for box in boxes:
            outer, self.lines = self.lines, []
            self.block(box, depth + 1)
            lines += [line for line in self.lines if line.strip()]
            self.lines = outer
        return lines

    def _inline(self, element: Element, text: list[str], boxes: list[Element], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ReadingError("docx_unsafe", part="depth")
        for child in element:
            name = local(child)
            if name == "t":
                text.append(child.text or "")
            elif name in _RUN_TEXT:
                text.append(_RUN_TEXT[name])
            elif name == "txbxContent":
                boxes.append(child)
            elif name in {"footnoteReference", "endnoteReference"}:
                self.codes["notes_left_out"] = {}
            elif name in {"blip", "imagedata"}:
                self.pictures += 1
            elif name in {"del", "moveFrom"}:
                self.codes["tracked_changes"] = {}
            elif name == "r" and _hidden(child):
                self.codes["hidden_text"] = {}
            elif name not in _SKIPPED:
                if name == "ins":
                    self.codes["tracked_changes"] = {}
                self._inline(child, text, boxes, depth + 1)

    def table(self, element: Element, depth: int) -> None:
        for row in _below(element, "tr"):
            cells = [self._cell(cell, depth) for cell in _below(row, "tc")]
            if any(len(cell) > 1 for cell in cells[:-1]):
                cells = [[_joined(cell)] for cell in cells[:-1]] + cells[-1:]
            first = "\t".join(cell[0] if cell else "" for cell in cells)
            self.lines.append(first)
            self.lines += cells[-1][1:] if cells else []

    def _cell(self, element: Element, depth: int) -> list[str]:
        outer, self.lines = self.lines, []
        self.block(element, depth + 1)
        lines = [line.strip() for line in self.lines if line.strip()]
        self.lines = outer
        if len(lines) > 1 and all(len(line) <= 2 for line in lines):
            return ["".join(lines)]
        return lines


def _joined(lines: list[str]) -> str:
    """A label broken over lines in a narrow cell is one word."""
    return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", " ".join(lines))


def _below(element: Element, name: str) -> Iterator[Element]:
    """The children called `name`, looking through content controls, custom XML and insertions."""
    for child in element:
        if local(child) == name:
            yield child
        elif local(child) in {"sdt", "sdtContent", "customXml", "ins"}:
            yield from _below(child, name)


def _hidden(run: Element) -> bool:
    for properties in run:
        if local(properties) == "rPr":
            for child in properties:
                if local(child) == "vanish":
                    value = next((v for k, v in child.attrib.items() if k.endswith("val")), "1")
                    return value not in {"0", "false", "off"}
    return False
