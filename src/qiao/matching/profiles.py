"""What is matched: profiles of firms, needs, offers, scenarios, investors, people, places; many of them as columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Words(NamedTuple):
    """The same in both languages of the platform."""

    zh: str
    en: str

    def said(self, language: str, **parts: object) -> str:
        """In ``zh`` or ``en``, with its blanks filled in."""
        return (self.en if language.startswith("en") else self.zh).format(**parts)


class Range(NamedTuple):
    """From–to, both included, of whole numbers (money: fen). None: open on that side."""

    low: int | None = None
    high: int | None = None


Attribute = str | bool | int | Range | frozenset[str]


@dataclass(frozen=True)
class Profile:
    """One side of a match.

    ``texts``: field → text; what a field weighs is said in the weights. ``attributes``: typed, by key; a key that is
    missing is not known, which is something else than zero or no.
    """

    id: str
    side: str
    texts: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    name: str = ""


class Numbers(NamedTuple):
    """A range for every profile; a single number is a range of one. Where ``known`` is false there is neither."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    known: NDArray[np.bool_]


class Sets(NamedTuple):
    """A set of tags or codes for every profile, as rows of bits over ``vocabulary``."""

    vocabulary: Mapping[str, int]
    bits: NDArray[np.uint64]  # profiles × words of 64 tags
    known: NDArray[np.bool_]

    def holding(self, tags: frozenset[str]) -> NDArray[np.uint64]:
        """The bits of some tags; those nobody has are left out."""
        row = np.zeros(self.bits.shape[1], np.uint64)
        for tag in tags & self.vocabulary.keys():
            place = self.vocabulary[tag]
            row[place // 64] |= np.uint64(1 << place % 64)
        return row

    def shared(self, tags: frozenset[str]) -> NDArray[np.int64]:
        """How many of ``tags`` each profile has."""
        found: NDArray[np.int64] = np.bitwise_count(self.bits & self.holding(tags)).sum(
            axis=1, dtype=np.int64
        )
        return found


class BadAttribute(ValueError):
    """An attribute has another type than the condition or part that reads it expects."""


class DuplicateId(ValueError):
    """Two profiles of a pool have the same id, so nobody could say which one was found."""


class Pool:
    """Profiles to choose from, with their attributes as columns, made when first asked for."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.profiles = profiles
        self._columns: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        return len(self.profiles)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each profile stands, by its id.

        Raises DuplicateId.
        """
        found: dict[str, int] = {}
        for place, profile in enumerate(self.profiles):
            if found.setdefault(profile.id, place) != place:
                raise DuplicateId(f"two profiles have the id {profile.id!r}")
        return found

    def once(self, key: Hashable, make: Callable[[], NDArray[np.float64]]) -> NDArray[np.float64]:
        """A column that is the same whoever asks, made when first asked for. Not to be changed."""
        if key not in self._columns:
            self._columns[key] = make()
        found: NDArray[np.float64] = self._columns[key]
        return found

    def texts(self, field: str) -> list[str]:
        return [profile.texts.get(field, "") for profile in self.profiles]

    def numbers(self, key: str) -> Numbers:
        """Amounts, levels, counts, dates as ordinals.

        Raises BadAttribute where a profile has something else there.
        """
        if ("numbers", key) not in self._columns:
            low, high = np.full(len(self), -np.inf), np.full(len(self), np.inf)
            known = np.zeros(len(self), bool)
            for place, profile in enumerate(self.profiles):
                value = profile.attributes.get(key)
                if value is not None:
                    try:
                        bounds = as_range(key, value)
                    except BadAttribute as bad:
                        raise BadAttribute(f"{profile.id}: {bad}") from None
                    known[place] = True
                    if bounds.low is not None:
                        low[place] = bounds.low
                    if bounds.high is not None:
                        high[place] = bounds.high
            self._columns["numbers", key] = Numbers(low, high, known)
        found: Numbers = self._columns["numbers", key]
        return found

    def sets(self, key: str) -> Sets:
        """Tags, or one code.

        Raises BadAttribute where a profile has something else there.
        """
        if ("sets", key) not in self._columns:
            rows = [profile.attributes.get(key) for profile in self.profiles]
            tags = [frozenset[str]() if row is None else as_set(key, row) for row in rows]
            vocabulary = {tag: place for place, tag in enumerate(sorted(set().union(*set(tags))))}
            bits = np.zeros((len(self), max((len(vocabulary) + 63) // 64, 1)), np.uint64)
            for place, row in enumerate(tags):
                for tag in row:
                    at = vocabulary[tag]
                    bits[place, at // 64] |= np.uint64(1 << at % 64)
            known = np.array([row is not None for row in rows], bool)
            self._columns["sets", key] = Sets(vocabulary, bits, known)
        found: Sets = self._columns["sets", key]
        return found


def as_range(key: str, value: Attribute) -> Range:
    """A number as a range of one.

    Raises BadAttribute for anything but whole numbers, and for a range that ends before it begins.
    """
    found = value if isinstance(value, Range) else Range(value, value)  # type: ignore[arg-type]
    for end in found:
        if end is not None and (isinstance(end, bool) or not isinstance(end, int)):
            raise BadAttribute(f"{key}: a whole number or a range of them is expected, not {value!r}")
    if found.low is not None and found.high is not None and found.low > found.high:
        raise BadAttribute(f"{key}: {found.low} to {found.high} ends before it begins")
    return found


def as_set(key: str, value: Attribute) -> frozenset[str]:
    """One tag as a set of one; yes and no as tags of their own."""
    if isinstance(value, frozenset):
        return value
    if isinstance(value, bool):
        return frozenset(["yes" if value else "no"])
    if isinstance(value, str):
        return frozenset([value])
    raise BadAttribute(f"{key}: a tag or a set of tags is expected, not {value!r}")
