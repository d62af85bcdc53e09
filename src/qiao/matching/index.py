"""The embedded index: who writes about what, as arrays of postings; ranked by BM25, every share of a score named.

A district's few thousand profiles are indexed in a fraction of a second: rebuild it, do not patch it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .text import Keys, chunks, counted, cut

Mask = NDArray[np.bool_]
K1, B = 2.5, 0.9
CHARACTER = 0.5  # what a Chinese character by itself counts in a question, beside the pairs it stands in


@dataclass(frozen=True)
class Asked:
    """What is looked for: each term with its weight."""

    keys: Keys
    weights: NDArray[np.float64]
    labels: tuple[str, ...]


_ONE = np.uint64(1 << 21)  # below: a single character


class Rarity:
    """How rare words are among the texts of one side: what every need says, says nothing about a need.

    Shared phrases (legal boilerplate, forms of politeness) would otherwise decide whom a long need finds.
    """

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.texts = len(texts)
        seen = [
            cut_.keys[_first_in_text(cut_.keys, cut_.texts)]
            for _, part in chunks(texts)
            for cut_ in [cut(part)]
        ]
        self._keys, self._in = counted(np.concatenate(seen) if seen else np.zeros(0, np.uint64))

    def of(self, keys: Keys) -> NDArray[np.float64]:
        """1 for a word no text of this side holds, near 0 for one that all hold; all 1 where there are no texts."""
        if not len(self._keys):
            return np.ones(len(keys))
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        within = np.where(self._keys[place] == keys, self._in[place], 0)
        most = np.log1p((self.texts + 0.5) / 0.5)
        rare: NDArray[np.float64] = np.log1p((self.texts - within + 0.5) / (within + 0.5)) / most
        return rare

    def asked(self, text: str) -> Asked:
        """A question: 1 + ln of how often each term stands in it, times its rarity on this side.

        Single characters help where words differ (上网, 互联网), but may not beat a word that is there.
        """
        parts = cut([text])
        keys, first, times = np.unique(parts.keys, return_index=True, return_counts=True)
        labels = tuple(
            parts.text[a:b]
            for a, b in zip(parts.starts[first].tolist(), parts.ends[first].tolist(), strict=True)
        )
        weights = (1 + np.log(times)) * self.of(keys)
        return Asked(keys, np.where(keys < _ONE, CHARACTER * weights, weights), labels)


def _first_in_text(keys: Keys, texts: NDArray[np.int32]) -> NDArray[np.int64]:
    order = np.lexsort((keys, texts))
    keys, texts = keys[order], texts[order]
    new = np.ones(len(keys), bool)
    new[1:] = (keys[1:] != keys[:-1]) | (texts[1:] != texts[:-1])
    found: NDArray[np.int64] = order[new]
    return found


class Backend(Protocol):
    """What a text index must do; the same answers to the rank, whoever gives them."""

    size: int

    def search(
        self, asked: Asked, count: int, mask: Mask | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The ``count`` best texts (of those where ``mask`` holds): numbers and scores, best first, ties by number."""

    def explain(self, asked: Asked, text: int) -> list[tuple[str, float]]:
        """What each term of the question gives to a text's score; they add up to it."""

    def reach(self, asked: Asked) -> float:
        """What a text would score that says every known word of the question once or twice."""


class Index:
    """The embedded index, in memory. ``texts``: field → (weight, one text for each profile)."""

    def __init__(
        self, fields: Mapping[str, tuple[float, Sequence[str]]], *, k1: float = K1, b: float = B
    ) -> None:
        sizes = {len(texts) for _, texts in fields.values()}
        if len(sizes) != 1:
            raise ValueError("every field needs one text for each profile")
        (self.size,) = sizes
        self._gather(fields)
        self._weigh(k1, b)

    def _gather(self, fields: Mapping[str, tuple[float, Sequence[str]]]) -> None:
        """Postings sorted by term, then by text: ``_docs[_from[t]:_from[t + 1]]`` hold term ``t`` of ``_keys``."""
        runs = []
        self._lengths = np.zeros(self.size)
        for weight, texts in fields.values():
            for begin, part in chunks(texts):
                found = cut(part)
                self._lengths[begin : begin + len(part)] += weight * np.bincount(
                    found.texts, minlength=len(part)
                )
                runs.append(_run(found.keys, found.texts, begin, weight))
        self._keys = np.unique(np.concatenate([run[0] for run in runs])) if runs else np.zeros(0, np.uint64)
        places = [np.searchsorted(self._keys, run[0]) for run in runs]
        frequency = np.zeros(len(self._keys) + 1, np.int64)
        for (_, counts, _, _), place in zip(runs, places, strict=True):
            frequency[place + 1] += counts
        self._from = np.cumsum(frequency)
        total = int(self._from[-1])
        self._docs = np.empty(total, np.int32)
        self._values = np.empty(total, np.float32)
        free = self._from[:-1].copy()
        for number, ((_, counts, docs, weights), place) in enumerate(zip(runs, places, strict=True)):
            shift = np.repeat(free[place] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
            at = np.arange(len(docs)) + shift
            self._docs[at], self._values[at] = docs, weights
            free[place] += counts
            del docs, weights
            runs[number] = _NOTHING
        if len(fields) > 1:
            self._merge()

    def _merge(self) -> None:
        """A term that stands in two fields of a profile is one posting."""
        term = np.repeat(np.arange(len(self._keys)), np.diff(self._from))
        order = np.lexsort((self._docs, term))
        term, docs, values = term[order], self._docs[order], self._values[order]
        new = np.ones(len(term), bool)
        new[1:] = (term[1:] != term[:-1]) | (docs[1:] != docs[:-1])
        begins = np.flatnonzero(new)
        self._docs = docs[begins]
        self._values = np.add.reduceat(values, begins) if len(begins) else values
        self._from = np.concatenate([[0], np.cumsum(np.bincount(term[begins], minlength=len(self._keys)))])

    def _weigh(self, k1: float, b: float) -> None:
        """Turns counts into what each posting is worth, once: a question then only adds up."""
        frequency = np.diff(self._from)
        rarity = rare(self.size, frequency).astype(np.float32)
        soft = softness(self._lengths, float(self._lengths.mean()) if self.size else 1.0, k1, b)
        begin = 0
        while begin < len(frequency):  # some million postings at a time
            end = int(np.searchsorted(self._from, self._from[begin] + (1 << 22), side="right")) - 1
            end = max(end, begin + 1)
            part = slice(self._from[begin], self._from[end])
            each = np.repeat(rarity[begin:end], frequency[begin:end])
            self._values[part] = weigh(self._values[part], soft[self._docs[part]], each, k1)
            begin = end

    def _found(self, asked: Asked) -> list[tuple[int, int, float, str]]:
        """Where the postings of each term of a question lie, its weight and label."""
        if not len(self._keys):
            return []
        terms = np.minimum(np.searchsorted(self._keys, asked.keys), len(self._keys) - 1)
        known = self._keys[terms] == asked.keys
        begins, ends = self._from[terms].tolist(), self._from[terms + 1].tolist()
        weights = asked.weights.tolist()
        return [(begins[i], ends[i], weights[i], asked.labels[i]) for i in np.flatnonzero(known).tolist()]

    def scores(self, asked: Asked) -> NDArray[np.float64]:
        """What every text scores."""
        scores = np.zeros(self.size)
        for begin, end, weight, _ in self._found(asked):
            scores[self._docs[begin:end]] += self._values[begin:end] * np.float32(weight)
        return scores

    def search(
        self, asked: Asked, count: int, mask: Mask | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        scores = self.scores(asked)
        if mask is not None:
            scores[~mask] = 0
        return best(scores, count)

    def explain(self, asked: Asked, text: int) -> list[tuple[str, float]]:
        parts: dict[str, float] = {}
        for begin, end, weight, label in self._found(asked):
            place = begin + int(np.searchsorted(self._docs[begin:end], text))
            if place < end and self._docs[place] == text:
                parts[label] = parts.get(label, 0.0) + float(self._values[place] * np.float32(weight))
        return sorted(parts.items(), key=lambda part: -part[1])

    def reach(self, asked: Asked) -> float:
        found = self._found(asked)
        frequency = np.array([end - begin for begin, end, _, _ in found])
        return (
            float((rare(self.size, frequency) * [weight for *_, weight, _ in found]).sum()) if found else 0.0
        )


def rare(size: int, frequency: NDArray[np.int64]) -> NDArray[np.float64]:
    """What a term is worth by how few of ``size`` texts hold it."""
    found: NDArray[np.float64] = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
    return found


def softness(lengths: NDArray[np.float64], average: float, k1: float, b: float) -> NDArray[np.float32]:
    """How much a repeated term still counts, by the length of its text."""
    return (k1 * (1 - b + b * lengths / max(average, 1e-9))).astype(np.float32)


def weigh(
    counts: NDArray[np.float32], soft: NDArray[np.float32], rarity: NDArray[np.float32], k1: float
) -> NDArray[np.float32]:
    """BM25 of postings, in single precision: every index gives the same numbers."""
    found: NDArray[np.float32] = counts * (np.float32(k1 + 1) / (counts + soft)) * rarity
    return found


def first(ordered: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where each value begins in an array in order."""
    new = np.ones(len(ordered), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(new)


def best(scores: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The highest scores above nothing, best first; equal ones by number, so that an answer is always the same."""
    count = min(count, len(scores))
    if not count:
        return np.zeros(0, np.int64), np.zeros(0)
    line = np.partition(scores, len(scores) - count)[len(scores) - count]
    some = np.flatnonzero(scores >= line if line > 0 else scores > 0)
    order = some[np.lexsort((some, -scores[some]))][:count]
    return order, scores[order]


_Run = tuple[Keys, NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
_NOTHING: _Run = (
    np.zeros(0, np.uint64),
    np.zeros(0, np.int64),
    np.zeros(0, np.int32),
    np.zeros(0, np.float32),
)


def _run(keys: Keys, texts: NDArray[np.int32], begin: int, weight: float) -> _Run:
    """Postings of some texts: the terms, how many texts hold each, and those texts with their weighted counts."""
    coded = pa.array(keys).dictionary_encode()
    terms = np.asarray(coded.dictionary)
    order = np.argsort(terms)
    rank = np.empty(len(terms), np.int64)
    rank[order] = np.arange(len(terms))
    both = rank[np.asarray(coded.indices)] << 32 | texts
    both.sort()
    new = np.ones(len(both), bool)
    new[1:] = both[1:] != both[:-1]
    begins = np.flatnonzero(new)
    times = np.diff(np.append(begins, len(both)))
    both = both[begins]
    counts = np.bincount(both >> 32, minlength=len(terms))
    return (
        terms[order],
        counts,
        ((both & 0xFFFFFFFF) + begin).astype(np.int32),
        (times * weight).astype(np.float32),
    )
