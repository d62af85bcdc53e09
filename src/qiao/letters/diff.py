"""What changed between two versions of a letter, as data for a side-by-side view."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, TypeAlias

from qiao.letters.model import Letter
from qiao.letters.sheet import Line, arrange

RowChange: TypeAlias = Literal["equal", "changed", "added", "removed"]
SegmentChange: TypeAlias = Literal["equal", "changed"]

# One Chinese character, one sign, or one whole Latin word or number (with its decimals and percent sign).
_TOKEN = re.compile(r"[A-Za-z]+|\d+(?:[.,]\d+)*[%％‰]?|\s+|.", re.S)
_WORDS = re.compile(r"\w")
_ALIKE = 0.35
"""Two blocks less alike than this are one removed and one added, not one changed."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one side's text."""

    change: SegmentChange
    text: str


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A block beside its counterpart. A side that has none is ``None``."""

    change: RowChange
    part: str
    left: tuple[Segment, ...] | None
    right: tuple[Segment, ...] | None

    def to_dict(self) -> dict[str, Any]:
        def side(segments: tuple[Segment, ...] | None) -> list[dict[str, str]] | None:
            if segments is None:
                return None
            return [{"change": segment.change, "text": segment.text} for segment in segments]

        return {"change": self.change, "part": self.part, "left": side(self.left), "right": side(self.right)}


@dataclass(frozen=True, slots=True)
class Diff:
    """All rows in order. ``same`` is true when nothing that is printed differs."""

    rows: tuple[DiffRow, ...]

    @property
    def same(self) -> bool:
        return all(row.change == "equal" for row in self.rows)

    def count(self, change: RowChange) -> int:
        return sum(row.change == change for row in self.rows)

    def to_dict(self) -> list[dict[str, Any]]:
        return [row.to_dict() for row in self.rows]


def diff(a: Letter, b: Letter) -> Diff:
    """Compare what the two letters say, block by block and inside changed blocks word by word."""
    left, right = list(arrange(a).lines()), list(arrange(b).lines())
    rows: list[DiffRow] = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for op, i1, i2, j1, j2 in matcher.get_opcodes():
        if op == "equal":
            rows.extend(_equal(line) for line in left[i1:i2])
        else:
            rows.extend(_pair_up(left[i1:i2], right[j1:j2]))
    return Diff(tuple(rows))


def diff_text(a: str, b: str) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """The two texts cut into stretches that are equal and stretches that changed."""
    left, right = _TOKEN.findall(a), _TOKEN.findall(b)
    blocks = _islands_removed(left, SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks())
    out: tuple[list[Segment], list[Segment]] = ([], [])
    i = j = 0
    for at_left, at_right, size in blocks:
        for side, tokens, begin, end in ((0, left, i, at_left), (1, right, j, at_right)):
            if begin < end:
                out[side].append(Segment("changed", "".join(tokens[begin:end])))
        if size:
            text = "".join(left[at_left : at_left + size])
            for side in (0, 1):
                out[side].append(Segment("equal", text))
        i, j = at_left + size, at_right + size
    return tuple(out[0]), tuple(out[1])


def _islands_removed(
    tokens: Sequence[str], blocks: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Leave out matches of a lone sign or character amid changes: they make a comparison hard to read."""
    last = len(blocks) - 1
    end_left = end_right = 0
    for number, (i, j, size) in enumerate(blocks):
        inside = 0 < number < last - 1 and (i > end_left or j > end_right)
        words = sum(bool(_WORDS.match(token)) for token in tokens[i : i + size])
        if inside and words < 2:
            continue
        yield i, j, size
        end_left, end_right = i + size, j + size


def _equal(line: Line) -> DiffRow:
    segments = (Segment("equal", line.text),) if line.text else ()
    return DiffRow("equal", line.part, segments, segments)


def _pair_up(left: Sequence[Line], right: Sequence[Line]) -> Iterator[DiffRow]:
    """Pair the lines, in order, so that the pairs are as alike as can be."""
    scores = [[_likeness(a, b) for b in right] for a in left]
    rows, columns = len(left), len(right)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] >= _ALIKE else -1.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    i = j = 0
    while i < rows or j < columns:
        if (
            i < rows
            and j < columns
            and scores[i][j] >= _ALIKE
            and best[i][j] == scores[i][j] + best[i + 1][j + 1]
        ):
            one, other = diff_text(left[i].text, right[j].text)
            change: RowChange = "equal" if left[i] == right[j] else "changed"
            yield DiffRow(change, right[j].part, one, other)
            i, j = i + 1, j + 1
        elif j >= columns or (i < rows and best[i][j] == best[i + 1][j]):
            yield DiffRow("removed", left[i].part, (Segment("changed", left[i].text),), None)
            i += 1
        else:
            yield DiffRow("added", right[j].part, None, (Segment("changed", right[j].text),))
            j += 1


_ONE_OF_A_KIND = frozenset({"title", "result", "addressee", "date", "note", "doc_number", "issuer_mark"})


def _likeness(a: Line, b: Line) -> float:
    """How much of their pairs of characters two lines share, from 0 to 1."""
    if a.part == b.part and a.part in _ONE_OF_A_KIND:
        return 1.0
    if a.part != b.part and {a.part, b.part} & _ONE_OF_A_KIND:
        return 0.0
    one = Counter(zip(a.text, a.text[1:], strict=False))
    other = Counter(zip(b.text, b.text[1:], strict=False))
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else float(a.text == b.text)
