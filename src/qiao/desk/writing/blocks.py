"""A letter as a person types it: one text per block, with three marks. Pure functions, both ways.

    [近310亿元](数:CODE)    a cited figure
    [拓展联盟活动](诺:p1)    a promise; figures and personal data may stand inside it
    [张三](隐:name)         personal data

Full-width brackets and colons do as well. A bracket that is not followed by a mark is a plain bracket; ``\\[`` always
is. What looks like a mark and is none is an error, lest it be printed. In a heading that runs into its paragraph the
heading ends at ‖, or, where there is none, at the first full stop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
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
_TAIL = re.compile(r"\][(（]([数诺隐])[:：]([^()（）\[\]\s]{1,60})[)）]")
_LIKE_A_MARK = re.compile(r"\][(（][^\s()（）\[\]][:：][^)）\]]{0,20}[)）]?")
_STRAY = re.compile(r"[(（][数诺隐][:：][^)）\]]{0,20}[)）]?")
_PLAIN = re.compile(r"[^\\\[\]()（）]+")
_SPECIAL = re.compile(r"([\\\[\]]|[(（](?=[数诺隐][:：]))")
_ESCAPED = "\\[](（‖|"
LEAD_END = "‖"

# What a block may be, by the code of its type; anything else is a paragraph.
HEADINGS = {f"h{level}": level for level in (1, 2, 3, 4)}
RUN_IN = {f"r{level}": level for level in (1, 2, 3, 4)}
TABLES = {"t": 1, "t0": 0}


class MarkError(ValueError):
    """A mark that means nothing. ``code``: unknown, empty, nested, personal, heading; ``words``: what stands there."""

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
    for one in _joined(inlines):
        if isinstance(one, Text):
            out.append(_escaped(one.text))
        elif isinstance(one, Figure):
            out.append(_marked(_escaped(one.text), FIGURE, one.id))
        elif isinstance(one, Personal):
            out.append(_marked(_escaped(one.text), PERSONAL, one.kind))
        else:
            out.append(_marked(write_inlines(one.inlines), PROMISE, one.id))
    return "".join(out)


def _joined(inlines: Iterable[Inline]) -> list[Inline]:
    """Neighbouring plain words as one piece."""
    out: list[Inline] = []
    for plain, group in groupby(inlines, lambda one: isinstance(one, Text)):
        if plain:
            words = "".join(one.text for one in group)
            out += [Text(words)] if words else []
        else:
            out += group
    return out


def read_inlines(text: str) -> tuple[Inline, ...]:
    """What was typed as inlines. Raises :class:`MarkError`."""
    frames: list[list[Inline]] = [[]]  # one for the text, one for every bracket that is open
    at = 0
    while at < len(text):
        char = text[at]
        if (run := _PLAIN.match(text, at)) is not None:
            frames[-1].append(Text(run[0]))
            at = run.end()
        elif char == "\\" and at + 1 < len(text) and text[at + 1] in _ESCAPED:
            frames[-1].append(Text(text[at + 1]))
            at += 2
        elif char == "[":
            frames.append([])
            at += 1
        elif char == "]" and len(frames) > 1:
            inner = frames.pop()
            if (tail := _TAIL.match(text, at)) is not None:
                frames[-1].append(_made(tail, _joined(inner)))
                at = tail.end()
            elif (wrong := _LIKE_A_MARK.match(text, at)) is not None:
                raise MarkError("unknown", wrong[0][1:])
            else:
                frames[-1] += [Text("["), *inner, Text("]")]
                at += 1
        elif (stray := _STRAY.match(text, at)) is not None:
            raise MarkError("unknown", stray[0])
        else:
            frames[-1].append(Text(char))
            at += 1
    whole: list[Inline] = frames[0]
    for inner in frames[1:]:
        whole += [Text("["), *inner]
    return tuple(_joined(whole))


def _made(tail: re.Match[str], inner: list[Inline]) -> Inline:
    """The mark that ends with ``tail`` around ``inner``."""
    kind, key = MARKS[tail[1]], tail[2]
    words = "".join(i.text for i in inner)
    if not words.strip():
        raise MarkError("empty", tail[0][1:])
    if kind == "promise":
        if any(isinstance(i, Promise) for i in inner):
            raise MarkError("nested", words)
        return Promise(key, cast(tuple[Leaf, ...], tuple(inner)))
    if not all(isinstance(i, Text) for i in inner):
        raise MarkError("nested", words)
    if kind == "figure":
        return Figure(key, words)
    if key not in PERSONAL_KINDS:
        raise MarkError("personal", key)
    return Personal(cast(PersonalKind, key), words)


def _cut(text: str, sign: str) -> list[str]:
    """The text cut at every ``sign`` that is not escaped."""
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == sign:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def _words(text: str) -> str:
    """The words of a heading, in which no mark may stand."""
    found = read_inlines(text)
    if not all(isinstance(one, Text) for one in found):
        raise MarkError("heading", "".join(one.text for one in found))
    return "".join(one.text for one in found)


def write_block(block: Block) -> Typed:
    """A block as it is typed."""
    if isinstance(block, Heading):
        return Typed(f"h{block.level}", _escaped(block.text))
    if isinstance(block, Table):
        rows = ("|".join(write_inlines(cell).replace("|", "\\|") for cell in row) for row in block.rows)
        return Typed("t" if block.header_rows else "t0", "\n".join(rows))
    body = write_inlines(block.inlines)
    if block.lead is None:
        return Typed("p", body)
    lead = block.lead.text
    natural = lead.endswith("。") and "。" not in lead[:-1] and LEAD_END not in lead + body
    head = _escaped(lead).replace(LEAD_END, "\\" + LEAD_END)
    return Typed(f"r{block.lead.level}", head + ("" if natural else LEAD_END) + body)


def read_block(typed: Typed) -> list[Block]:
    """What was typed as blocks: an empty text is none, a blank line in a paragraph makes two. Raises MarkError."""
    text = typed.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        return []
    if typed.type in HEADINGS:
        return [Heading(HEADINGS[typed.type], _words(" ".join(text.split("\n"))))]
    if typed.type in TABLES:
        rows = tuple(tuple(read_inlines(cell) for cell in _cut(line, "|")) for line in text.split("\n"))
        return [Table(rows, header_rows=TABLES[typed.type])]
    if typed.type in RUN_IN:
        lead, *rest = _cut("".join(text.split("\n")), LEAD_END)
        body = LEAD_END.join(rest)
        if not rest:
            lead, stop, body = lead.partition("。")
            lead += stop
        return [Paragraph(read_inlines(body), Heading(RUN_IN[typed.type], _words(lead)))]
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
