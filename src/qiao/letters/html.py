"""A letter as an HTML fragment: semantic, escaped, without inline style or script.

Classes, for ``letter.css`` or a page's own sheet — on the ``article``: ``letter`` and ``letter--<form>``; inside:
``letter-mark``, ``letter-number``, ``letter-title``, ``letter-title-line``, ``letter-fields``, ``letter-field``,
``letter-label``, ``letter-value``, ``letter-addressee``, ``letter-body``, ``letter-heading`` and
``letter-heading--<level>``, ``letter-paragraph``, ``letter-lead`` and ``letter-lead--<level>``, ``letter-table``,
``letter-figure``, ``letter-promise``, ``letter-personal``, ``letter-attachments``, ``letter-signature``,
``letter-date``, ``letter-note``, ``letter-contact``, ``letter-end-notes``, ``letter-copies``, ``letter-imprint``.

Hooks for pages: ``data-citation`` on a figure, ``data-promise`` on a promise, ``data-kind`` on personal data,
``data-block`` (place in the letter, from 0) on each block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from importlib import resources
from pathlib import Path

from qiao.letters.layout import Layout, layout_for
from qiao.letters.model import (
    Block,
    Figure,
    Heading,
    Inline,
    Letter,
    Paragraph,
    Personal,
    Promise,
    Table,
    Text,
)
from qiao.letters.sheet import Field, Sheet, arrange, outline_levels

UrlOf = Callable[[str], str | None]
_SAFE_URL = re.compile(r"(?:https?://|/(?![/\\])|[#?.]|[\w%-]+(?:[/?#.]|$))", re.I)


def to_html(
    letter: Letter,
    layout: Layout | None = None,
    *,
    heading_level_offset: int = 1,
    citation_url: UrlOf | None = None,
    promise_url: UrlOf | None = None,
    end_notes: Mapping[str, str] | None = None,
) -> str:
    """The letter as an ``article``. Its title is ``h1`` moved down by ``heading_level_offset``.

    ``citation_url`` and ``promise_url`` turn an id into an address, or into ``None`` for no link; an address that
    is neither relative nor http(s) is not linked.
    """
    layout = layout or layout_for(letter.form)
    sheet = arrange(letter, layout, end_notes=end_notes)
    writer = _Writer(sheet, letter, heading_level_offset, citation_url, promise_url)
    return "\n".join(writer.lines()) + "\n"


def stylesheet() -> str:
    """The text of ``letter.css``: screen and print."""
    return resources.files("qiao.letters").joinpath("letter.css").read_text(encoding="utf-8")


STYLESHEET = Path(__file__).with_name("letter.css")


class _Writer:
    def __init__(
        self, sheet: Sheet, letter: Letter, offset: int, citation_url: UrlOf | None, promise_url: UrlOf | None
    ) -> None:
        self.sheet = sheet
        self.letter = letter
        self.offset = offset
        self.citation_url = citation_url
        self.promise_url = promise_url

    def lines(self) -> Iterable[str]:
        sheet = self.sheet
        yield (f'<article class="letter letter--{escape(self.letter.form)}" lang="{escape(sheet.language)}">')
        yield from self._header()
        yield '<div class="letter-body">'
        if sheet.addressee:
            yield f'<p class="letter-addressee">{_text(sheet.addressee)}</p>'
        levels = outline_levels(sheet.blocks)
        for number, (block, level) in enumerate(zip(sheet.blocks, levels, strict=True)):
            yield from self._block(number, block, level)
        yield "</div>"
        yield from self._footer()
        yield "</article>"

    def _header(self) -> Iterable[str]:
        sheet = self.sheet
        yield '<header class="letter-header">'
        yield from _fields(sheet.first_line, "first-line")
        yield from _fields(sheet.top_right, "top-right")
        if sheet.issuer_mark:
            yield f'<p class="letter-mark">{_text(sheet.issuer_mark)}</p>'
        if sheet.number_signer:
            number = f'<span class="letter-value">{_text(sheet.doc_number or "")}</span> '
            yield f'<p class="letter-number">{number}{_field(sheet.number_signer)}</p>'
        elif sheet.doc_number:
            yield f'<p class="letter-number">{_text(sheet.doc_number)}</p>'
        if sheet.title_lines:
            lines = "".join(
                f'<span class="letter-title-line">{_text(line)}</span>' for line in sheet.title_lines
            )
            yield self._heading(0, "letter-title", lines)
        yield from _fields(sheet.under_title, "under-title")
        yield "</header>"

    def _heading(self, depth: int, names: str, content: str, extra: str = "") -> str:
        """A heading ``depth`` levels under the letter's title; below h6, by role."""
        level = max(1, 1 + self.offset + depth)
        if level <= 6:
            return f'<h{level} class="{names}"{extra}>{content}</h{level}>'
        return f'<div role="heading" aria-level="{level}" class="{names}"{extra}>{content}</div>'

    def _block(self, number: int, block: Block, level: int | None) -> Iterable[str]:
        at = f' data-block="{number}"'
        if isinstance(block, Heading):
            names = f"letter-heading letter-heading--{block.level}"
            yield self._heading(level or block.level, names, _text(block.text), at)
        elif isinstance(block, Paragraph):
            if not block.text:
                return
            lead = ""
            if block.lead:
                aria = max(1, 1 + self.offset + (level or block.lead.level))
                lead = (
                    f'<span role="heading" aria-level="{aria}" '
                    f'class="letter-lead letter-lead--{block.lead.level}">{_text(block.lead.text)}</span>'
                )
            yield f'<p class="letter-paragraph"{at}>{lead}{self._inlines(block.inlines)}</p>'
        else:
            yield from self._table(block, at)

    def _table(self, table: Table, at: str) -> Iterable[str]:
        yield f'<table class="letter-table"{at}>'
        for part, cell_tag, rows in (
            ("thead", 'th scope="col"', table.rows[: table.header_rows]),
            ("tbody", "td", table.rows[table.header_rows :]),
        ):
            if not rows:
                continue
            yield f"<{part}>"
            close = cell_tag.split()[0]
            for row in rows:
                filled = "".join(f"<{cell_tag}>{self._inlines(cell)}</{close}>" for cell in row)
                yield f"<tr>{filled}</tr>"
            yield f"</{part}>"
        yield "</table>"

    def _inlines(self, inlines: Iterable[Inline]) -> str:
        return "".join(self._inline(item) for item in inlines)

    def _inline(self, item: Inline) -> str:
        if isinstance(item, Text):
            return _text(item.text)
        if isinstance(item, Figure):
            hook = f'class="letter-figure" data-citation="{escape(item.id)}"'
            if url := _safe(self.citation_url, item.id):
                return f'<a {hook} href="{escape(url)}">{_text(item.text)}</a>'
            return f'<data {hook} value="{escape(item.text)}">{_text(item.text)}</data>'
        if isinstance(item, Personal):
            return f'<span class="letter-personal" data-kind="{escape(item.kind)}">{_text(item.text)}</span>'
        return self._promise(item)

    def _promise(self, item: Promise) -> str:
        hook = f'class="letter-promise" data-promise="{escape(item.id)}"'
        inner = self._inlines(item.inlines)
        url = _safe(self.promise_url, item.id)
        # a link may not stand in a link: with cited figures linked inside, the promise keeps only its hook
        if url and not (self.citation_url and any(isinstance(leaf, Figure) for leaf in item.inlines)):
            return f'<a {hook} href="{escape(url)}">{inner}</a>'
        return f"<span {hook}>{inner}</span>"

    def _footer(self) -> Iterable[str]:
        sheet = self.sheet
        yield '<footer class="letter-footer">'
        if sheet.attachments:
            yield '<div class="letter-attachments">'
            for label, name in sheet.attachments:
                yield f'<p><span class="letter-label">{_text(label)}</span>{_text(name)}</p>'
            yield "</div>"
        for unit in sheet.signature:
            yield f'<p class="letter-signature">{_text(unit)}</p>'
        if sheet.date and self.letter.date:
            iso = self.letter.date.isoformat()
            yield f'<p class="letter-date"><time datetime="{iso}">{_text(sheet.date)}</time></p>'
        if sheet.note:
            yield f'<p class="letter-note">{_text(sheet.note)}</p>'
        if sheet.contact:
            yield '<div class="letter-contact">'
            for row in sheet.contact:
                yield from _fields(row, "contact")
            yield "</div>"
        if sheet.end_notes:
            yield '<div class="letter-end-notes">'
            for note in sheet.end_notes:
                yield f"<p>{_text(note)}</p>"
            yield "</div>"
        if sheet.copies:
            yield f'<p class="letter-copies">{_text(sheet.copies)}</p>'
        if sheet.printed_by or sheet.printed_on:
            parts = " ".join(
                f"<span>{_text(text)}</span>" for text in (sheet.printed_by, sheet.printed_on) if text
            )
            yield f'<p class="letter-imprint">{parts}</p>'
        yield "</footer>"


def _text(text: str) -> str:
    return escape(text, quote=False)


def _field(item: Field) -> str:
    return (
        f'<span class="letter-field letter-field--{escape(item.name)}">'
        f'<span class="letter-label">{_text(item.label)}</span>'
        f'<span class="letter-value">{_text(item.value)}</span></span>'
    )


def _fields(items: tuple[Field, ...], place: str) -> Iterable[str]:
    if items:
        yield f'<p class="letter-fields letter-fields--{place}">{" ".join(_field(item) for item in items)}</p>'


def _safe(url_of: UrlOf | None, key: str) -> str | None:
    url = url_of(key) if url_of else None
    return url if url and _SAFE_URL.match(url) and not re.search(r"[\x00-\x20\x7f]", url) else None
