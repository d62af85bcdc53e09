"""A letter as a person types it: one text per block, with three marks. Pure functions, both ways.

    [近310亿元](数:CODE)    a cited figure
    [拓展联盟活动](诺:p1)    a promise; figures may stand inside it
    [张三](隐:name)         personal data

A bracket that is not followed by a mark is a plain bracket; ``\\[`` always is. In a heading that runs into its
paragraph the heading ends at ‖, or, where there is none, at the first full stop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from qiao.letters import (
    Block,
    Figure,
    Heading,
    Inline,
    Leaf,
    Paragraph,
    Personal,
    PersonalKind,
    Promise,
    Table,
    Text,
)
from qiao.letters.model import PERSONAL_KINDS

FIGURE, PROMISE, PERSONAL = "数", "诺", "隐"
MARKS = {FIGURE: "figure", PROMISE: "promise", PERSONAL: "personal"}
_TAIL = re.compile(r"\]\(([数诺隐])[:：]([^()\[\]\s]{1,60})\)")
_SPECIAL = re.compile(r"([\\\[\]])")
LEAD_END = "‖"


class MarkError(ValueError):
    """A mark that means nothing. ``code``: empty, nested, personal; ``words``: what stands there."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code, words)
        self.code, self.words = code, words


@dataclass(frozen=True)
class Typed:
    """One block of the editor: its type (a key of ``phrases_writing.TYPES``) and what was typed."""

    type: str
    text: str


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _marked(words: str, mark: str, key: str) -> str:
    return f"[{words}]({mark}:{key})"


def write_inlines(inlines: Iterable[Inline]) -> str:
    """Inlines as they are typed."""
    out = []
    for one in inlines:
        if isinstance(one, Text):
            out.append(_escaped(one.text))
        elif isinstance(one, Figure):
            out.append(_marked(_escaped(one.text), FIGURE, one.id))
        elif isinstance(one, Personal):
            out.append(_marked(_escaped(one.text), PERSONAL, one.kind))
        else:
            out.append(_marked(write_inlines(one.inlines), PROMISE, one.id))
    return "".join(out)


def read_inlines(text: str) -> tuple[Inline, ...]:
    """What was typed as inlines. Raises :class:`MarkError`."""
    found, _end = _read(text, 0, inside=False)
    return tuple(found)


def _read(text: str, at: int, *, inside: bool) -> tuple[list[Inline], int]:
    """Inlines from ``at``, to the end or (``inside`` brackets) to the bracket that closes."""
    out: list[Inline] = []
    plain: list[str] = []

    def flush() -> None:
        if plain:
            out.append(Text("".join(plain)))
            plain.clear()

    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text) and text[at + 1] in "\\[]":
            plain.append(text[at + 1])
            at += 2
        elif char == "]" and inside:
            break
        elif char == "[" and (mark := _mark(text, at)) is not None:
            flush()
            inline, at = mark
            out.append(inline)
        else:
            plain.append(char)
            at += 1
    flush()
    return out, at


def _mark(text: str, at: int) -> tuple[Inline, int] | None:
    """The mark that begins at ``at``; None if the bracket is a plain one."""
    inner, end = _read(text, at + 1, inside=True)
    tail = _TAIL.match(text, end)
    if tail is None:
        return None
    kind, key = MARKS[tail[1]], tail[2]
    words = "".join(i.text for i in inner)
    if not words.strip():
        raise MarkError("empty", tail[0])
    if kind == "promise":
        if any(isinstance(i, Promise) for i in inner):
            raise MarkError("nested", words)
        return Promise(key, cast(tuple[Leaf, ...], tuple(inner))), tail.end()
    if kind == "figure":
        return Figure(key, words), tail.end()
    if key not in PERSONAL_KINDS:
        raise MarkError("personal", key)
    return Personal(cast(PersonalKind, key), words), tail.end()


def write_block(block: Block) -> Typed:
    """A block as it is typed."""
    if isinstance(block, Heading):
        return Typed(f"h{block.level}", block.text)
    if isinstance(block, Table):
        rows = ("|".join(write_inlines(cell).replace("|", "\\|") for cell in row) for row in block.rows)
        return Typed("t", "\n".join(rows))
    body = write_inlines(block.inlines)
    if block.lead is None:
        return Typed("p", body)
    natural = block.lead.text.endswith("。") and "。" not in block.lead.text[:-1]
    return Typed(f"r{block.lead.level}", block.lead.text + ("" if natural else LEAD_END) + body)


def read_block(typed: Typed) -> list[Block]:
    """What was typed as blocks: an empty text is none, a blank line in a paragraph makes two. Raises MarkError."""
    text = typed.text.replace("\r\n", "\n").strip("\n")
    if not text.strip():
        return []
    if typed.type.startswith("h"):
        return [Heading(int(typed.type[1]), " ".join(text.split("\n")))]
    if typed.type == "t":
        cells = [re.split(r"(?<!\\)\|", line) for line in text.split("\n")]
        rows = tuple(tuple(read_inlines(c.replace("\\|", "|")) for c in row) for row in cells)
        return [Table(rows, header_rows=1 if len(rows) > 1 else 0)]
    if typed.type.startswith("r"):
        lead, found, body = text.partition(LEAD_END)
        if not found:
            lead, found, body = text.partition("。")
            lead += found
        return [Paragraph(read_inlines(body), Heading(int(typed.type[1]), lead))]
    parts = [p for p in re.split(r"\n\s*\n", text) if p.strip()]
    return [Paragraph(read_inlines("".join(part.split("\n")))) for part in parts]


def wrap(
    inlines: Iterable[Inline], start: int, end: int, make: Callable[[str], Inline]
) -> tuple[Inline, ...] | None:
    """The inlines with the plain words from ``start`` to ``end`` (offsets in their joined text) made into a mark.

    None where those words are not plain text of one piece (they carry a mark already, or the text has changed).
    """
    out: list[Inline] = []
    at, done = 0, False
    for one in inlines:
        stop = at + len(one.text)
        if isinstance(one, Text) and at <= start and end <= stop:
            before, words, after = (
                one.text[: start - at],
                one.text[start - at : end - at],
                one.text[end - at :],
            )
            out += [Text(before)] if before else []
            out.append(make(words))
            out += [Text(after)] if after else []
            done = True
        elif isinstance(one, Promise) and at <= start and end <= stop and not done:
            inner = wrap(one.inlines, start - at, end - at, make)
            if inner is None or any(isinstance(i, Promise) for i in inner):
                return None
            out.append(Promise(one.id, cast(tuple[Leaf, ...], inner)))
            done = True
        else:
            out.append(one)
        at = stop
    return tuple(out) if done else None


def wrap_promise(inlines: Iterable[Inline], start: int, end: int, key: str) -> tuple[Inline, ...] | None:
    """The inlines with the words from ``start`` to ``end`` made a promise; figures inside stay. None as in wrap."""
    before: list[Inline] = []
    inner: list[Leaf] = []
    after: list[Inline] = []
    at = 0
    for one in inlines:
        stop = at + len(one.text)
        if stop <= start:
            before.append(one)
        elif at >= end:
            after.append(one)
        elif isinstance(one, Text):
            first, last = max(start, at), min(end, stop)
            if first > at:
                before.append(Text(one.text[: first - at]))
            inner.append(Text(one.text[first - at : last - at]))
            if last < stop:
                after.append(Text(one.text[last - at :]))
        elif isinstance(one, Promise) or at < start or stop > end:
            return None
        else:
            inner.append(one)
        at = stop
    return (*before, Promise(key, tuple(inner)), *after) if inner else None
