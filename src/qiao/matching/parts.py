"""What a score is the sum of. Each part is between 0 and 1 and says in a sentence where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from . import phrases as say
from .conditions import Show, plain
from .profiles import Pool, Profile, Words, as_range, as_set

Shares = NDArray[np.float64]


class Part(Protocol):
    """A named reason for a match."""

    @property
    def name(self) -> str:
        """Its name in the weights."""

    @property
    def label(self) -> Words: ...

    def shares(self, asker: Profile, pool: Pool) -> Shares:
        """Between 0 and 1 for every profile; 0 where something needed is not known."""

    def sentence(self, asker: Profile, other: Profile, language: str) -> str:
        """Why the other has that share."""


def _not_known(label: Words, language: str) -> str:
    return say.NOT_KNOWN.said(language, what=label.said(language))


@dataclass(frozen=True)
class SameTags:
    """The share of what is asked for that the other has: technology directions, fields, ways of cooperation."""

    name: str
    label: Words
    wanted: str
    key: str
    show: Show = plain

    def shares(self, asker: Profile, pool: Pool) -> Shares:
        asked = asker.attributes.get(self.wanted)
        if not (tags := frozenset() if asked is None else as_set(self.wanted, asked)):
            return np.zeros(len(pool))
        return pool.sets(self.key).shared(tags) / len(tags)

    def sentence(self, asker: Profile, other: Profile, language: str) -> str:
        asked, has = asker.attributes.get(self.wanted), other.attributes.get(self.key)
        if asked is None or has is None:
            return _not_known(self.label, language)
        both = as_set(self.wanted, asked) & as_set(self.key, has)
        return (say.TAGS if both else say.NO_TAGS).said(
            language, what=self.label.said(language), names=self.show(both, language)
        )


@dataclass(frozen=True)
class NearCode:
    """How close two codes are in a tree, by how long they begin alike: GB/T 4754 divisions, groups, classes.

    ``levels``: how many characters a level has, and what agreeing so far is worth. Of several codes the nearest counts.
    """

    name: str
    label: Words
    wanted: str
    key: str
    levels: Sequence[tuple[int, float]] = ((2, 0.4), (3, 0.7), (4, 1.0))
    show: Show = plain

    def _share(self, asked: frozenset[str], code: str) -> float:
        alike = (
            worth
            for length, worth in self.levels
            for other in asked
            if len(code) >= length and code[:length] == other[:length]
        )
        return max(alike, default=0.0)

    def shares(self, asker: Profile, pool: Pool) -> Shares:
        asked = asker.attributes.get(self.wanted)
        found = np.zeros(len(pool))
        if asked is None:
            return found
        column, codes = pool.sets(self.key), as_set(self.wanted, asked)
        for code, place in column.vocabulary.items():
            if share := self._share(codes, code):
                has = (column.bits[:, place // 64] & np.uint64(1 << place % 64)) != 0
                found[has] = np.maximum(found[has], share)
        return found

    def sentence(self, asker: Profile, other: Profile, language: str) -> str:
        asked, has = asker.attributes.get(self.wanted), other.attributes.get(self.key)
        if asked is None or has is None:
            return _not_known(self.label, language)
        codes = as_set(self.wanted, asked)
        best = max(sorted(as_set(self.key, has)), key=lambda code: self._share(codes, code))
        near = max(sorted(codes), key=lambda code: self._share(frozenset([code]), best))
        shared = max((n for n, _ in self.levels if best[:n] == near[:n]), default=0)
        what, has = self.label.said(language), self.show(best, language)
        if best == near:
            return say.TAGS.said(language, what=what, names=has)
        phrase, level = (say.INDUSTRY, self.show(best[:shared], language)) if shared else (say.FAR, "")
        return phrase.said(language, what=what, has=has, asked=self.show(near, language), level=level)


@dataclass(frozen=True)
class NearLevel:
    """1 inside the range that is asked for, less with each step outside it: technology readiness, growth stage."""

    name: str
    label: Words
    wanted: str
    key: str
    reach: int = 4  # steps after which nothing is left
    show: Show = plain

    def _distance(self, asker: Profile, pool: Pool) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        low, high = as_range(self.wanted, asker.attributes[self.wanted])
        column = pool.numbers(self.key)
        under = (-np.inf if low is None else low) - column.high
        over = column.low - (np.inf if high is None else high)
        return np.maximum(np.maximum(under, over), 0), column.known

    def shares(self, asker: Profile, pool: Pool) -> Shares:
        if self.wanted not in asker.attributes:
            return np.zeros(len(pool))
        distance, known = self._distance(asker, pool)
        found: Shares = np.where(known, np.maximum(1 - distance / self.reach, 0), 0)
        return found

    def sentence(self, asker: Profile, other: Profile, language: str) -> str:
        asked, has = asker.attributes.get(self.wanted), other.attributes.get(self.key)
        if asked is None or has is None:
            return _not_known(self.label, language)
        return say.NEAR.said(
            language,
            what=self.label.said(language),
            has=self.show(has, language),
            asked=self.show(asked, language),
        )


@dataclass(frozen=True)
class NearAmount(NearLevel):
    """1 where two ranges of money meet, nothing where they are ten times apart."""

    def shares(self, asker: Profile, pool: Pool) -> Shares:
        if self.wanted not in asker.attributes:
            return np.zeros(len(pool))
        low, high = as_range(self.wanted, asker.attributes[self.wanted])
        column = pool.numbers(self.key)
        under = np.maximum(1 if low is None else low, 1) / np.maximum(column.high, 1)
        over = np.maximum(column.low, 1) / (np.inf if high is None else max(high, 1))
        times = np.maximum(under, over)
        apart = np.log10(times, out=np.zeros(len(pool)), where=times > 1)
        found: Shares = np.where(column.known, np.maximum(1 - apart, 0), 0)
        return found


@dataclass(frozen=True)
class Count:
    """What the other has done before: 1 from ``enough`` on, the first ones worth most."""

    name: str
    label: Words
    key: str
    enough: int = 10

    def shares(self, asker: Profile, pool: Pool) -> Shares:
        return pool.once(self, lambda: self._of(pool))

    def _of(self, pool: Pool) -> Shares:
        column = pool.numbers(self.key)
        count = np.where(column.known, np.maximum(column.low, 0), 0)
        found: Shares = np.minimum(np.log1p(count) / np.log1p(self.enough), 1)
        return found

    def sentence(self, asker: Profile, other: Profile, language: str) -> str:
        has = other.attributes.get(self.key)
        if has is None:
            return _not_known(self.label, language)
        return say.COUNT.said(language, what=self.label.said(language), count=plain(has, language))


class Embedder(Protocol):
    """A plug-in that turns texts into vectors: a local model, or an endpoint."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.floating]:
        """One row for each text."""


@dataclass
class Meaning:
    """How close two texts are in meaning, by an embedding; vectors of the pool are made once."""

    embed: Embedder
    fields: Mapping[str, float]
    name: str = "meaning"
    label: Words = say.MEANS
    _vectors: WeakKeyDictionary[Pool, NDArray[np.float64]] = field(
        default_factory=WeakKeyDictionary, repr=False
    )

    def _of(self, profiles: Sequence[Profile]) -> NDArray[np.float64]:
        texts = ["\n".join(p.texts[f] for f in self.fields if p.texts.get(f)) for p in profiles]
        rows = np.asarray(self.embed(texts), np.float64)
        unit: NDArray[np.float64] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return unit

    def shares(self, asker: Profile, pool: Pool) -> Shares:
        if len(pool) and pool not in self._vectors:
            self._vectors[pool] = self._of(pool.profiles)
        if not len(pool):
            return np.zeros(0)
        vectors, asked = self._vectors[pool], self._of([asker])[0]
        if len(asked) != vectors.shape[1]:
            raise ValueError(
                f"vectors of {len(asked)} numbers cannot be compared with those of {vectors.shape[1]}"
                " that the pool was given: has the model changed?"
            )
        found: Shares = np.clip(vectors @ asked, 0, 1)
        return found

    def sentence(self, asker: Profile, other: Profile, language: str) -> str:
        return say.MEANING.said(language)
