"""Wrap words of a letter as cited figures and promises, as a person does at the reply desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qiao.letters.model import Figure, Inline, Leaf, Letter, Paragraph, Promise, Text
from qiao.letters.reading import find_promises

Span = tuple[int, int, str, str]  # start, end (in the paragraph's text), "figure" or "promise", id


def figure_spans(letter: Letter, figures: Iterable[tuple[str, str, str]]) -> dict[int, list[Span]]:
    """(id, words, sentence they stand in) → spans by block. Raises ``LookupError`` for words that are not there."""
    found: dict[int, list[Span]] = {}
    for id_, words, near in figures:
        for n, block in enumerate(letter.blocks):
            if isinstance(block, Paragraph) and near in block.text:
                start = block.text.index(near) + near.index(words)
                found.setdefault(n, []).append((start, start + len(words), "figure", id_))
                break
        else:
            raise LookupError(near)
    return found


def promise_spans(letter: Letter, promises: Iterable[tuple[str, str]]) -> dict[int, list[Span]]:
    """(id, how it begins) → spans by block, each the whole clause that the reader finds."""
    marks = [m for m in find_promises(letter) if m.block is not None]
    found: dict[int, list[Span]] = {}
    for id_, begins in promises:
        mark = next((m for m in marks if m.text.startswith(begins)), None)
        if mark is None or mark.block is None:
            raise LookupError(begins)
        found.setdefault(mark.block, []).append((mark.start, mark.end, "promise", id_))
    return found


def marked(letter: Letter, *spans: dict[int, list[Span]]) -> Letter:
    """The letter with these spans wrapped. Only for paragraphs of plain text."""
    blocks = list(letter.blocks)
    for n in sorted({n for by_block in spans for n in by_block}):
        block = blocks[n]
        if isinstance(block, Paragraph):
            here = sorted(span for by_block in spans for span in by_block.get(n, []))
            blocks[n] = replace(block, inlines=_cut(block, here))
    return replace(letter, blocks=tuple(blocks))


def _cut(block: Paragraph, spans: list[Span]) -> tuple[Inline, ...]:
    lead = len(block.lead.text) if block.lead else 0
    text, at = block.text, lead
    out: list[Inline] = []
    for start, end, what, id_ in spans:
        if start < at:
            continue
        if start > at:
            out.append(Text(text[at:start]))
        if what == "figure":
            out.append(Figure(id_, text[start:end]))
        else:
            inner = [s for s in spans if s[2] == "figure" and start <= s[0] and s[1] <= end]
            out.append(Promise(id_, _leaves(text, start, end, inner)))
        at = end
    if at < len(text):
        out.append(Text(text[at:]))
    return tuple(out)


def _leaves(text: str, start: int, end: int, figures: list[Span]) -> tuple[Leaf, ...]:
    out: list[Leaf] = []
    for first, last, _what, id_ in figures:
        if first > start:
            out.append(Text(text[start:first]))
        out.append(Figure(id_, text[first:last]))
        start = last
    if start < end:
        out.append(Text(text[start:end]))
    return tuple(out)
