"""Hard conditions: each passes, fails or is unknown, and says so in a sentence. Unknown is never treated as no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from . import phrases as say
from .profiles import Attribute, Pool, Profile, Range, Words, as_range, as_set

States = NDArray[np.int8]
Show = Callable[[Attribute, str], str]  # an attribute's value in a language


class State(IntEnum):
    FAIL = 0
    UNKNOWN = 1
    PASS = 2


def plain(value: Attribute, language: str) -> str:
    """How a value is shown where nobody says otherwise."""
    if isinstance(value, Range):
        low, high = ("" if v is None else f"{v:,}" for v in value)
        return low if low == high else f"{low}–{high}"
    if isinstance(value, frozenset):
        return "、".join(sorted(value)) if not language.startswith("en") else ", ".join(sorted(value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


class Condition(Protocol):
    """Something that must hold between who asks and who is found."""

    @property
    def label(self) -> Words: ...

    def judge(self, asker: Profile, pool: Pool) -> States:
        """A `State` for every profile."""

    def sentence(self, asker: Profile, other: Profile, state: State, language: str) -> str:
        """What is asked, what the other has."""


@dataclass(frozen=True)
class _Pairwise:
    """``wanted`` of who asks against ``key`` of who is found; an asker who wants nothing of it is content."""

    label: Words
    wanted: str
    key: str
    show: Show = plain

    def sentence(self, asker: Profile, other: Profile, state: State, language: str) -> str:
        has, asked = other.attributes.get(self.key), asker.attributes.get(self.wanted)
        return say.CONDITION[state].said(
            language,
            what=self.label.said(language),
            has=say.NOTHING.said(language) if has is None else self.show(has, language),
            asked=say.ANYTHING.said(language) if asked is None else self.show(asked, language),
        )


@dataclass(frozen=True)
class Overlaps(_Pairwise):
    """Two ranges meet: an amount offered and asked, a period, a level reached."""

    def judge(self, asker: Profile, pool: Pool) -> States:
        if (asked := asker.attributes.get(self.wanted)) is None:
            return np.full(len(pool), State.PASS, np.int8)
        low, high = as_range(self.wanted, asked)
        column = pool.numbers(self.key)
        met = (column.high >= (-np.inf if low is None else low)) & (
            column.low <= (np.inf if high is None else high)
        )
        return np.where(column.known, met * np.int8(2), np.int8(1)).astype(np.int8)


@dataclass(frozen=True)
class Shares(_Pairwise):
    """Two sets of tags have something in common: places, ways of cooperation, technologies."""

    def judge(self, asker: Profile, pool: Pool) -> States:
        if (asked := asker.attributes.get(self.wanted)) is None:
            return np.full(len(pool), State.PASS, np.int8)
        column = pool.sets(self.key)
        met = column.shared(as_set(self.wanted, asked)) > 0
        return np.where(column.known, met * np.int8(2), np.int8(1)).astype(np.int8)


@dataclass(frozen=True)
class HasAll(_Pairwise):
    """Everything that is asked for is there: certificates, permits, data that must be on site."""

    def judge(self, asker: Profile, pool: Pool) -> States:
        if (asked := asker.attributes.get(self.wanted)) is None:
            return np.full(len(pool), State.PASS, np.int8)
        column, tags = pool.sets(self.key), as_set(self.wanted, asked)
        met = column.shared(tags) == len(tags)
        return np.where(column.known, met * np.int8(2), np.int8(1)).astype(np.int8)


@dataclass(frozen=True)
class Judged:
    """One condition for one pair."""

    label: Words
    state: State
    text: Words

    @property
    def mark(self) -> str:
        """✗, 待核实 or ✓."""
        return say.MARKS[self.state]


def judged(condition: Condition, state: State, asker: Profile, other: Profile) -> Judged:
    """A condition put into words."""
    text = Words(*(condition.sentence(asker, other, state, language) for language in ("zh", "en")))
    return Judged(condition.label, state, text)
