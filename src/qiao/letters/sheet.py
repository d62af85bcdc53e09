"""What is printed, in order: the one arrangement that plain text, HTML, PDF and DOCX all follow."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from qiao.letters.layout import Labels, Layout, Place, layout_for
from qiao.letters.model import (
    Block,
    Figure,
    Heading,
    Inline,
    Leaf,
    Letter,
    Paragraph,
    Personal,
    Promise,
    Table,
    Text,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A label and what it says, such as 签发人：."""

    name: str
    label: str
    value: str

    @property
    def text(self) -> str:
        return self.label + self.value


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line or block, as plain text, and the part of the letter it belongs to."""

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A letter arranged by a layout: only what is printed, cleaned of characters that cannot be."""

    layout: Layout
    language: str
    issuer_mark: str | None
    doc_number: str | None
    number_signer: Field | None
    top_right: tuple[Field, ...]
    first_line: tuple[Field, ...]
    title_lines: tuple[str, ...]
    under_title: tuple[Field, ...]
    addressee: str | None
    blocks: tuple[Block, ...]
    attachments: tuple[tuple[str, str], ...]
    """(label or number or both, name) for each."""
    signature: tuple[str, ...]
    date: str | None
    note: str | None
    contact: tuple[tuple[Field, ...], ...]
    contact_bracketed: bool
    end_notes: tuple[str, ...]
    copies: str | None
    printed_by: str | None
    printed_on: str | None

    def lines(self) -> Iterator[Line]:
        """Everything printed except page numbers, in reading order."""
        gap = self.layout.labels.field_gap
        if self.first_line:
            yield Line("result", gap.join(item.text for item in self.first_line))
        if self.top_right:
            yield Line("result", gap.join(item.text for item in self.top_right))
        if self.issuer_mark:
            yield Line("issuer_mark", self.issuer_mark)
        if self.doc_number or self.number_signer:
            yield Line("doc_number", gap.join(self.number_line))
        for text in self.title_lines:
            yield Line("title", text)
        if self.under_title:
            yield Line("result", gap.join(item.text for item in self.under_title))
        if self.addressee:
            yield Line("addressee", self.addressee)
        for block in self.blocks:
            yield from block_lines(block)
        for label, name in self.attachments:
            yield Line("attachment", label + name)
        for unit in self.signature:
            yield Line("signature", unit)
        if self.date:
            yield Line("date", self.date)
        if self.note:
            yield Line("note", self.note)
        for row in self.contact:
            yield Line("contact", gap.join(item.text for item in row))
        for text in self.end_notes:
            yield Line("end_note", text)
        if self.copies:
            yield Line("copies", self.copies)
        if self.printed_by or self.printed_on:
            yield Line("imprint", gap.join(filter(None, (self.printed_by, self.printed_on))))

    @property
    def number_line(self) -> tuple[str, ...]:
        signer = self.number_signer.text if self.number_signer else None
        return tuple(filter(None, (self.doc_number, signer)))

    @property
    def title(self) -> str:
        return "".join(self.title_lines)


def arrange(
    letter: Letter, layout: Layout | None = None, *, end_notes: Mapping[str, str] | None = None
) -> Sheet:
    """Lay the letter out in parts. ``end_notes`` gives citation id → source; unset, no list is printed."""
    layout = layout or layout_for(letter.form)
    labels = layout.labels
    letter = _printable_letter(letter)
    placed = _place_fields(letter, layout)
    signer = placed["number"][0] if placed["number"] else None
    imprint = layout.imprint
    ruled = imprint == "ruled"
    return Sheet(
        layout=layout,
        language=letter.language,
        issuer_mark=letter.issuer_mark or None if layout.head else None,
        doc_number=letter.doc_number or None,
        number_signer=signer,
        top_right=placed["top_right"],
        first_line=placed["first_line"],
        title_lines=tuple(filter(None, letter.title_lines)),
        under_title=placed["under_title"],
        addressee=addressee_line(letter, labels),
        blocks=letter.blocks,
        attachments=_attachments(letter.attachments, labels),
        signature=tuple(filter(None, letter.signature)),
        date=labels.day(letter.date) if letter.date else None,
        note=labels.note.format(note=letter.note) if letter.note else None,
        contact=_contact(letter, layout),
        contact_bracketed=layout.contact == "brackets",
        end_notes=_end_notes(letter, end_notes, labels),
        copies=(
            labels.copies + labels.copies_separator.join(letter.copies_to) + labels.stop
            if letter.copies_to and imprint != "hidden"
            else None
        ),
        printed_by=letter.printed_by or None if ruled else None,
        printed_on=(
            labels.printed.format(date=labels.day(letter.printed_on)) if letter.printed_on and ruled else None
        ),
    )


def plain_text(letter: Letter, layout: Layout | None = None) -> str:
    """The text as it reads on paper, one printed block a line: to search, compare and verify."""
    return "\n".join(line.text for line in arrange(letter, layout).lines())


def addressee_line(letter: Letter, labels: Labels) -> str | None:
    """The line that greets: as it was printed, or the addressees joined and closed with a colon."""
    if letter.salutation:
        return letter.salutation
    if letter.addressees:
        return labels.separator.join(letter.addressees) + labels.colon
    return None


def block_lines(block: Block) -> Iterator[Line]:
    """A block as plain text; a table gives one line a row."""
    if isinstance(block, Heading):
        yield Line(f"heading{block.level}", block.text)
    elif isinstance(block, Paragraph):
        yield Line("paragraph", block.text)
    else:
        for row in block.rows:
            yield Line("table", "\t".join("".join(item.text for item in cell) for cell in row))


def figures(letter: Letter) -> Iterator[Figure]:
    """Every cited figure in reading order."""
    for leaf in leaves(letter):
        if isinstance(leaf, Figure):
            yield leaf


def promises(letter: Letter) -> Iterator[Promise]:
    """Every promise in reading order."""
    for inline in _inlines(letter):
        if isinstance(inline, Promise):
            yield inline


def leaves(letter: Letter) -> Iterator[Leaf]:
    """Every piece of running text, promises opened up."""
    for inline in _inlines(letter):
        if isinstance(inline, Promise):
            yield from inline.inlines
        else:
            yield inline


def outline_levels(blocks: tuple[Block, ...]) -> list[int | None]:
    """For each block, its heading's level with no level skipped, as readers of tagged documents expect."""
    levels: list[int | None] = []
    depth = 0
    for block in blocks:
        heading = (
            block if isinstance(block, Heading) else block.lead if isinstance(block, Paragraph) else None
        )
        if heading is None:
            levels.append(None)
            continue
        if isinstance(block, Heading):
            depth = min(heading.level, depth + 1)
            levels.append(depth)
        else:
            levels.append(min(heading.level, depth + 1))
    return levels


def printable(text: str) -> str:
    """The text without what neither paper nor XML can take: controls, direction overrides, strays.

    Line breaks and tabs become spaces. Everything else stays as it is.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if char in "\t\n\r\v\f\x85\u2028\u2029" else char for char in text if _may_print(char))


def _may_print(char: str) -> bool:
    if char in "\t\n\r\v\f\x85\u2028\u2029":
        return True
    if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn"):
        return False
    return char not in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u00ad\u200b\ufeff"


def cells(text: str) -> float:
    """About how many characters of the grid a text takes: full-width signs count 1, others a half."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "FWA" else 0.5 for char in text)


# --- arranging ----------------------------------------------------------------------------------------


def _place_fields(letter: Letter, layout: Layout) -> dict[Place, tuple[Field, ...]]:
    placed: dict[Place, list[Field]] = {
        "under_title": [],
        "top_right": [],
        "first_line": [],
        "number": [],
        "hidden": [],
    }
    if letter.result:
        where: Place = "under_title" if layout.result_at == "number" else layout.result_at
        placed[where].append(Field("result", layout.labels.result, letter.result))
    if letter.signer:
        where = layout.signer_at
        if where == "number" and not layout.head:
            where = "under_title"
        placed[where].append(Field("signer", layout.labels.signer, letter.signer))
    return {place: tuple(items) for place, items in placed.items()}


def _attachments(names: tuple[str, ...], labels: Labels) -> tuple[tuple[str, str], ...]:
    names = tuple(filter(None, names))
    if len(names) == 1:
        return ((labels.attachment, names[0]),)
    return tuple(
        ((labels.attachment if number == 1 else "") + f"{number}. ", name)
        for number, name in enumerate(names, 1)
    )


def _contact(letter: Letter, layout: Layout) -> tuple[tuple[Field, ...], ...]:
    contact = letter.contact
    if contact is None or layout.contact == "hidden":
        return ()
    labels = layout.labels
    rows = (
        (
            ("contact_name", labels.contact_name, contact.name),
            ("contact_phone", labels.contact_phone, contact.phone),
        ),
        (
            ("contact_address", labels.contact_address, contact.address),
            ("contact_postcode", labels.contact_postcode, contact.postcode),
        ),
    )
    filled = [tuple(Field(name, label, value) for name, label, value in row if value) for row in rows]
    if layout.contact == "two_lines":
        return tuple(row for row in filled if row)
    if layout.contact == "brackets":
        flat = tuple(item for row in filled for item in row)
        return (flat,) if flat else ()
    return tuple((item,) for row in filled for item in row)


def _end_notes(letter: Letter, sources: Mapping[str, str] | None, labels: Labels) -> tuple[str, ...]:
    if not sources:
        return ()
    seen: dict[str, str] = {}
    for figure in figures(letter):
        if figure.id in sources and figure.id not in seen:
            source = printable(sources[figure.id])
            seen[figure.id] = labels.end_note.format(figure=figure.text, source=source)
    return (labels.end_notes, *seen.values()) if seen else ()


def _inlines(letter: Letter) -> Iterator[Inline]:
    for block in letter.blocks:
        if isinstance(block, Paragraph):
            yield from block.inlines
        elif isinstance(block, Table):
            for row in block.rows:
                for cell in row:
                    yield from cell


# --- cleaning -----------------------------------------------------------------------------------------


def _printable_letter(letter: Letter) -> Letter:
    """The letter with every string that is printed cleaned; ids are left alone."""

    def opt(text: str | None) -> str | None:
        return None if text is None else printable(text)

    def many(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(printable(text) for text in texts)

    contact = letter.contact
    return replace(
        letter,
        title_lines=many(letter.title_lines),
        blocks=tuple(map_block(block, printable) for block in letter.blocks),
        result=opt(letter.result),
        signer=opt(letter.signer),
        doc_number=opt(letter.doc_number),
        issuer_mark=opt(letter.issuer_mark),
        addressees=many(letter.addressees),
        salutation=opt(letter.salutation),
        signature=many(letter.signature),
        note=opt(letter.note),
        contact=contact
        and replace(
            contact,
            name=opt(contact.name),
            phone=opt(contact.phone),
            address=opt(contact.address),
            postcode=opt(contact.postcode),
        ),
        attachments=many(letter.attachments),
        copies_to=many(letter.copies_to),
        printed_by=opt(letter.printed_by),
    )


def map_block(block: Block, change: Callable[[str], str]) -> Block:
    """The block with every text changed by ``change``."""
    if isinstance(block, Heading):
        return Heading(block.level, change(block.text))
    if isinstance(block, Paragraph):
        lead = block.lead and Heading(block.lead.level, change(block.lead.text))
        return Paragraph(_map_inlines(block.inlines, change), lead)
    rows = tuple(tuple(_map_inlines(cell, change) for cell in row) for row in block.rows)
    return Table(rows, block.header_rows)


def _map_inlines(inlines: tuple[Inline, ...], change: Callable[[str], str]) -> tuple[Inline, ...]:
    return tuple(
        Promise(inline.id, tuple(_map_leaf(leaf, change) for leaf in inline.inlines))
        if isinstance(inline, Promise)
        else _map_leaf(inline, change)
        for inline in inlines
    )


def _map_leaf(leaf: Leaf, change: Callable[[str], str]) -> Leaf:
    if isinstance(leaf, Text):
        return Text(change(leaf.text))
    if isinstance(leaf, Figure):
        return Figure(leaf.id, change(leaf.text))
    return Personal(leaf.kind, change(leaf.text))
