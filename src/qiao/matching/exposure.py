"""Whom lists show: a share of places goes to those who seldom appear, and the share is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor


@dataclass(frozen=True)
class Exposure:
    """How evenly a set of lists shows the profiles there are."""

    everyone: int
    shown: int  # appear in at least one list
    gini: float  # 0: all equally often; 1: one has every place
    top_tenth: float  # the share of all places that the most shown tenth has

    @property
    def never(self) -> int:
        return self.everyone - self.shown


def measure(lists: Iterable[Sequence[str]], everyone: Iterable[str]) -> Exposure:
    """Counts every place of every list for the profile that has it."""
    times = Counter(id for one in lists for id in one)
    counts = sorted(times.get(id, 0) for id in everyone)
    places, size = sum(counts), len(counts)
    if not places:
        return Exposure(size, 0, 0.0, 0.0)
    below = sum((2 * rank - size - 1) * count for rank, count in enumerate(counts, start=1))
    tenth = max(round(size / 10), 1)
    return Exposure(size, sum(c > 0 for c in counts), below / (size * places), sum(counts[-tenth:]) / places)


@dataclass(frozen=True)
class Place:
    """A place in a list."""

    id: str
    kept: bool  # given to one who seldom appears, in front of some with a higher score


def spread(ranked: Sequence[str], shown: Mapping[str, int], *, count: int, share: float = 0.2) -> list[Place]:
    """A list of ``count`` out of more candidates, best first: ``share`` of its places goes to those shown least.

    The kept places stand at the end, so that the best stay on top; whoever gets one is the best among the candidates of
    the rarest exposure that is left. ``shown``: in how many lists each has appeared so far.
    """
    kept = min(floor(count * share), max(len(ranked) - count, 0))
    first = list(ranked[: count - kept])
    rest = sorted(range(len(first), len(ranked)), key=lambda place: (shown.get(ranked[place], 0), place))[
        :kept
    ]
    return [Place(id, kept=False) for id in first] + [
        Place(ranked[place], kept=place >= count) for place in sorted(rest)
    ]
