"""The embedded index: who writes about what, as arrays of postings; ranked by BM25, every share of a score named.

A district's few thousand profiles are indexed in a fraction of a second: rebuild it, do not patch it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse._sparsetools import csc_matvec

from .text import BITS, Keys, chunks, counted, cut

Mask = NDArray[np.bool_]
Best = tuple[NDArray[np.int64], NDArray[np.float64]]
K1, B = 2.5, 0.9
_ROUNDING = 1e-4  # more than a sum of some hundred numbers in single precision can be off
_AHEAD = 8  # runs that are settled at a time
_BLOCK = 64  # texts of which only the best is looked at for a first line
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
        return rare(self.texts, within) / rarest(self.texts)

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


class Answer(Protocol):
    """A question being answered: what it takes to answer it is reckoned once."""

    @property
    def reach(self) -> float:
        """What a text would score that says every known word of the question once or twice."""

    def best(self, count: int, mask: Mask | None = None) -> Best:
        """The ``count`` best texts (of those where ``mask`` holds): numbers and scores, best first, ties by number."""

    def explain(self, text: int) -> list[tuple[str, float]]:
        """What each term of the question gives to a text's score; they add up to it."""


class Backend(Protocol):
    """What a text index must do; the same answers to the rank, whoever gives them."""

    size: int

    def rarity(self, keys: Keys) -> NDArray[np.float64]:
        """How rare terms are among the texts; 0 for what none holds."""

    def ask(self, asked: Asked) -> Answer: ...


class _Term(NamedTuple):
    begin: int  # postings from–to
    end: int
    weight: float
    label: str


class Index:
    """The embedded index, in memory. ``texts``: field → (weight, one text for each profile)."""

    def __init__(
        self, fields: Mapping[str, tuple[float, Sequence[str]]], *, k1: float = K1, b: float = B
    ) -> None:
        sizes = {len(texts) for _, texts in fields.values()}
        if len(sizes) != 1:
            raise ValueError("every field needs one text for each profile")
        (self.size,) = sizes
        self._build(list(fields.values()), k1, b)

    def _build(self, fields: Sequence[tuple[float, Sequence[str]]], k1: float, b: float) -> None:
        """Postings sorted by term, then by text: ``_docs[_from[t]:_from[t + 1]]`` hold term ``t`` of ``_keys``.

        Their values are what each posting is worth: a question then only adds up. Two passes over runs of texts, in
        threads, because numpy works outside the interpreter's lock.
        """
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            ranges = _ranges([texts for _, texts in fields])
            runs: list[_Run | None] = list(pool.map(lambda r: _run(fields, *r), ranges))
            every = (
                np.sort(np.concatenate([run.keys for run in runs if run])) if runs else np.zeros(0, np.uint64)
            )
            self._keys = every[first(every)]
            del every
            places = [np.searchsorted(self._keys, run.keys).astype(np.int32) for run in runs if run]
            frequency = np.zeros(len(self._keys), np.int64)
            for place, run in zip(places, runs, strict=True):
                frequency[place] += run.counts if run else 0
            self._from = np.concatenate([[0], np.cumsum(frequency)])
            rarity = rare(self.size, frequency).astype(np.float32)
            lengths = np.concatenate([run.lengths for run in runs if run]) if runs else np.zeros(0)
            soft = softness(lengths, float(lengths.mean()) if self.size else 1.0, k1, b)
            self._docs = np.empty(self._from[-1], np.int32)
            self._values = np.empty(self._from[-1], np.float32)

            def settle(number: int, free: NDArray[np.int64]) -> None:
                """Puts a run's postings where they belong. The run is given up then."""
                run, runs[number] = runs[number], None
                if run is not None:
                    at = np.repeat(free - (np.cumsum(run.counts) - run.counts), run.counts)
                    at += np.arange(len(run.docs))
                    docs = run.docs + np.int32(ranges[number][0])
                    self._docs[at] = docs
                    each = np.repeat(rarity[places[number]], run.counts)
                    self._values[at] = weigh(run.values, soft[docs], each, k1)

            free, jobs = self._from[:-1].copy(), deque[Future[None]]()
            counts = [run.counts for run in runs if run]
            for number, place in enumerate(places):
                jobs.append(pool.submit(settle, number, free[place]))
                free[place] += counts[number]
                if len(jobs) > _AHEAD:
                    jobs.popleft().result()
            for job in jobs:
                job.result()

    def _places(self, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where terms stand, and which of them are known at all."""
        if not len(self._keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return places, self._keys[places] == keys

    def _found(self, asked: Asked) -> list[_Term]:
        """The known terms of a question."""
        places, known = self._places(asked.keys)
        weights = asked.weights.tolist()
        return [
            _Term(int(self._from[places[i]]), int(self._from[places[i] + 1]), weights[i], asked.labels[i])
            for i in np.flatnonzero(known).tolist()
        ]

    def rarity(self, keys: Keys) -> NDArray[np.float64]:
        places, known = self._places(keys)
        found = np.zeros(len(keys))
        found[known] = rare(self.size, self._from[places[known] + 1] - self._from[places[known]])
        return found

    def ask(self, asked: Asked) -> _InMemory:
        return _InMemory(self.size, self._docs, self._values, self._found(asked))

    def search(self, asked: Asked, count: int, mask: Mask | None = None) -> Best:
        """One question, one list: `ask` and `Answer.best` in one."""
        return self.ask(asked).best(count, mask)

    def scores(self, asked: Asked) -> NDArray[np.float64]:
        """What every text scores."""
        scores = np.zeros(self.size)
        for begin, end, weight, _ in self._found(asked):
            scores[self._docs[begin:end]] += self._values[begin:end] * np.float32(weight)
        return scores


@dataclass(frozen=True)
class _InMemory:
    """Added up in single precision first; the best and all that come near them are then reckoned exactly."""

    size: int
    docs: NDArray[np.int32]
    values: NDArray[np.float32]
    terms: Sequence[_Term]

    @cached_property
    def _about(self) -> NDArray[np.float32]:
        about = np.zeros(self.size, np.float32)
        for begin, end, weight, _ in self.terms:
            _add(about, self.docs[begin:end], self.values[begin:end], weight)
        return about

    @property
    def reach(self) -> float:
        frequency = np.array([term.end - term.begin for term in self.terms], np.int64)
        return float((rare(self.size, frequency) * [term.weight for term in self.terms]).sum())

    def best(self, count: int, mask: Mask | None = None) -> Best:
        texts = _near_best(self._about if mask is None else self._about * mask, count)
        same = texts.astype(np.int32)  # as the postings are: or numpy copies all of them to compare
        exact = np.zeros(len(texts))
        for begin, end, weight, _ in self.terms:
            docs = self.docs[begin:end]
            place = np.minimum(np.searchsorted(docs, same), len(docs) - 1)
            there = docs[place] == same
            exact[there] += self.values[begin + place[there]] * np.float32(weight)
        order, scores = best(exact, count)
        return texts[order], scores

    def explain(self, text: int) -> list[tuple[str, float]]:
        parts: dict[str, float] = {}
        same = np.int32(text)
        for begin, end, weight, label in self.terms:
            place = begin + int(self.docs[begin:end].searchsorted(same))
            if place < end and self.docs[place] == text:
                parts[label] = parts.get(label, 0.0) + float(self.values[place] * np.float32(weight))
        return sorted(parts.items(), key=lambda part: -part[1])


def _add(
    scores: NDArray[np.float32], docs: NDArray[np.int32], values: NDArray[np.float32], weight: float
) -> None:
    """``scores[docs] += values * weight``, ten times as fast: the inner loop of a sparse matrix times a vector."""
    ends, one = np.array([0, len(docs)], np.int32), np.array([weight], np.float32)
    csc_matvec(len(scores), 1, ends, docs, values, one, scores)


def _near_best(about: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """All that may be among the ``count`` best when reckoned exactly, in their order."""
    whole = len(about) // _BLOCK * _BLOCK
    line = 0.0
    if whole // _BLOCK > count:  # so many blocks hold something as good as the best of the last of them
        tops = about[:whole].reshape(-1, _BLOCK).max(axis=1)
        line = float(np.partition(tops, len(tops) - count)[len(tops) - count])
    some = np.flatnonzero(about >= line * (1 - _ROUNDING)) if line > 0 else np.flatnonzero(about > 0)
    if 0 < count < len(some):
        line = float(np.partition(about[some], len(some) - count)[len(some) - count])
        some = some[about[some] >= line * (1 - _ROUNDING)]
    return some if count else some[:0]


def rare(size: int, frequency: NDArray[np.int64]) -> NDArray[np.float64]:
    """What a term is worth by how few of ``size`` texts hold it."""
    found: NDArray[np.float64] = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
    return found


def rarest(size: int) -> float:
    """What a term is worth that none of ``size`` texts holds: the most there is."""
    return float(np.log1p((size + 0.5) / 0.5))


def softness(lengths: NDArray[np.float64], average: float, k1: float, b: float) -> NDArray[np.float32]:
    """How much a repeated term still counts, by the length of its text."""
    return (k1 * (1 - b + b * lengths / max(average, 1e-9))).astype(np.float32)


def weigh(
    counts: NDArray[np.float32], soft: NDArray[np.float32], rarity: NDArray[np.float32], k1: float
) -> NDArray[np.float32]:
    """BM25 of postings, in single precision: every index gives the same numbers."""
    found: NDArray[np.float32] = counts * (np.float32(k1 + 1) / (counts + soft)) * rarity
    return found


def first(ordered: NDArray[Any]) -> NDArray[np.int64]:
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


class _Run(NamedTuple):
    """Postings of some texts: the terms, how many texts hold each; those texts, weighted counts; lengths of texts."""

    keys: Keys
    counts: NDArray[np.int64]
    docs: NDArray[np.uint16]  # counted from the first of the run
    values: NDArray[np.float32]
    lengths: NDArray[np.float64]


def _ranges(fields: Sequence[Sequence[str]], characters: int = 1_000_000) -> list[tuple[int, int]]:
    """Runs of profiles of about so many characters: memory stays small and warm."""
    size = len(fields[0])
    length = np.sum([np.fromiter(map(len, texts), np.int64, size) for texts in fields], axis=0)
    run = np.cumsum(length) // characters + np.arange(size) // (1 << 64 - BITS) * (int(length.sum()) + 1)
    begins = first(run) if size else np.zeros(0, np.int64)
    return list(pairwise([*begins.tolist(), size])) if size else []


def _run(fields: Sequence[tuple[float, Sequence[str]]], begin: int, end: int) -> _Run:
    """A term has 48 bits and a text of a run 16: both in one number, which is what sorts fastest."""
    found, lengths = [], np.zeros(end - begin)
    for weight, texts in fields:
        parts = cut(texts[begin:end])
        lengths += weight * np.bincount(parts.texts, minlength=end - begin)
        both = parts.keys << np.uint64(64 - BITS) | parts.texts.astype(np.uint64)
        del parts
        both.sort()
        begins = first(both)
        times = np.diff(np.append(begins, len(both)))
        found.append((both[begins], (times * weight).astype(np.float32)))
    both, values = found[0]
    if len(found) > 1:  # a term that stands in two fields of a profile is one posting
        both = np.sort(np.concatenate([one for one, _ in found]))
        both = both[first(both)]
        values = np.zeros(len(both), np.float32)
        for one, worth in found:
            values[np.searchsorted(both, one)] += worth
    terms = both >> np.uint64(64 - BITS)
    starts = first(terms)
    counts = np.diff(np.append(starts, len(terms)))
    docs = (both & np.uint64((1 << 64 - BITS) - 1)).astype(np.uint16)
    return _Run(terms[starts], counts, docs, values, lengths)
