"""How a text is cut into terms: units (a Chinese character, a word of other scripts) and pairs of neighbours.

A dictionary would cut 长宁数字孪生 one way and miss another; a pair is found wherever it stands, also in the middle of
a longer name. Many texts are cut at once with numpy; a term is a number, so that no vocabulary is kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_APART, _WORD, _CHARACTER = 0, 1, 2
_END = "\x1e"  # between texts
_SHIFT = np.uint64(21)  # a code point has 21 bits
_WORDS = np.uint64(1 << 47)  # from here on: words, and pairs with a word in them
BITS = 48  # of a term's number: two code points, or a hash of which a million words share hardly any
_FACTOR, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_JOINING = tuple(map(ord, " -/'·\n"))  # may stand between two neighbours
_LONGEST = 40  # characters of a word that count
_SCRIPTS = (  # written without blanks: each character is a unit
    (0x3005, 0x3007), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF), (0x20000, 0x3FFFD),
)  # fmt: skip


@cache
def _classes() -> NDArray[np.uint8]:
    table = np.zeros(0x110000, np.uint8)
    words = [c for c in [*range(0x3000), *range(0xA000, 0xF900)] if chr(c).isalnum()]
    table[words] = _WORD
    for first, last in _SCRIPTS:
        table[first : last + 1] = _CHARACTER
    return table


def normal(text: str) -> str:
    """One form for what is the same to a reader: full-width letters, ligatures, capitals."""
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True, slots=True)
class Cut:
    """The terms of several texts: units in their order, then pairs in theirs."""

    text: str
    keys: Keys
    texts: NDArray[np.int32]  # the number of the text each term stands in
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def labels(self) -> list[str]:
        """Each term as it is read."""
        return [self.text[a:b] for a, b in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]


def cut(texts: Sequence[str]) -> Cut:
    """The terms of ``texts``, repeated as often as they stand there."""
    text = normal(_END.join(t.replace(_END, " ") if _END in t else t for t in texts))
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = np.zeros(len(points) + 2, np.uint8)  # one apart on both sides
    kinds[1:-1] = _classes()[points]
    before, here, after = kinds[:-2], kinds[1:-1], kinds[2:]
    belongs = np.cumsum(points == ord(_END), dtype=np.int32)

    word, character = here == _WORD, here == _CHARACTER
    starts = np.flatnonzero(character | (word & (before != _WORD)))
    ends = np.flatnonzero(character | (word & (after != _WORD))) + 1
    keys = points[starts].astype(np.uint64)
    words = np.flatnonzero(word[starts])
    keys[words] = _words(points, starts[words], ends[words])

    gaps = starts[1:] - ends[:-1]
    joined = gaps == 0
    blank = np.flatnonzero(gaps == 1)
    joined[blank] = np.isin(points[ends[blank]], _JOINING)
    first = np.flatnonzero(joined)
    left, right = keys[first], keys[first + 1]
    pairs = left << _SHIFT | right
    long = (left | right) >= _WORDS
    pairs[long] = _short(left[long] * _FACTOR ^ right[long] * _SECOND)
    return Cut(
        text,
        np.concatenate([keys, pairs]),
        belongs[np.concatenate([starts, starts[first]])],
        np.concatenate([starts, starts[first]]),
        np.concatenate([ends, ends[first + 1]]),
    )


def _words(points: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Keys:
    """A number for each word. The plural's s does not count, or needs and offers in English miss each other."""
    sizes = np.minimum(ends - starts, _LONGEST)
    plural = (sizes > 3) & (points[ends - 1] == ord("s")) & (points[np.maximum(ends - 2, 0)] != ord("s"))
    sizes = sizes - plural
    found = np.zeros(len(starts), np.uint64)
    left = np.arange(len(starts))
    for place in range(int(sizes.max(initial=0))):
        left = left[sizes[left] > place]
        mixed = (found[left] + points[starts[left] + place]) * _FACTOR
        found[left] = mixed ^ mixed >> np.uint64(29)
    return _short(found)


def _short(hashed: Keys) -> Keys:
    """The upper bits of a product, where it is mixed best."""
    found: Keys = (hashed * _FACTOR) >> np.uint64(64 - BITS + 1) | _WORDS
    return found


MOST = 1 << 16  # texts in a run: their numbers within it have 16 bits


def chunks(texts: Sequence[str], characters: int = 1_000_000) -> Iterator[tuple[int, Sequence[str]]]:
    """Runs of texts of about so many characters, with the number of the first: memory stays small and warm."""
    begin = size = 0
    for place, text in enumerate(texts):
        size += len(text) + 1
        if size >= characters or place + 1 - begin >= MOST:
            yield begin, texts[begin : place + 1]
            begin, size = place + 1, 0
    if begin < len(texts):
        yield begin, texts[begin:]


def counted(keys: Keys) -> tuple[Keys, NDArray[Any]]:
    """Each key once, with how often it stands."""
    return np.unique(keys, return_counts=True)
