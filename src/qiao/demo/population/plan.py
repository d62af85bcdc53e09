"""How many of everybody there are at a size, and how a whole is shared among them to the last fen. No database.

Amounts are whole fen (1 yuan = 100 fen); counts are whole; growth is in per cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from qiao.demo.replay import data

SEED: Final = 65
LEAST, MOST = 20, 5_000_000  # sizes that can be asked for
YUAN, WAN, YI = 100, 10**6, 10**10  # 元, 万元, 亿元 in fen


def fen(text: str) -> int:
    """``309.6 亿元`` → fen, exactly."""
    number, unit = text.split()
    whole, _, part = number.partition(".")
    size = {"元": YUAN, "万元": WAN, "亿元": YI}[unit]
    return int(whole) * size + (int(part) * size // 10 ** len(part) if part else 0)


def told() -> Any:
    """``data/population.yaml``."""
    return data("population")


class Allocation:
    """Shares of a whole in proportion to weights, one after the other: whole, adding up exactly.

    Each share is less than one away from its exact proportion, whatever came before; nothing but two sums is kept, so
    that a million shares need no more memory than one. ``weights`` is the sum of all weights that will be asked for;
    ``before`` of those that were shared out already, by somebody who goes on.
    """

    def __init__(self, whole: int, weights: int, before: int = 0) -> None:
        if whole < 0 or weights < 0 or not 0 <= before <= weights:
            raise ValueError((whole, weights, before))
        self.whole, self.weights, self.before = whole, weights, before

    def share(self, weight: int) -> int:
        """The next share."""
        after = self.before + weight
        if weight < 0 or after > self.weights:
            raise ValueError(weight)
        if not self.weights:
            return 0
        given = self.whole * after // self.weights - self.whole * self.before // self.weights
        self.before = after
        return given


def allocate(whole: int, weights: Iterable[int]) -> Iterator[int]:
    """The shares of all weights, in their order. Their sum is ``whole`` unless every weight is zero."""
    listed = list(weights)
    shares = Allocation(whole, sum(listed))
    return (shares.share(weight) for weight in listed)


def spread(n: int, chosen: int, of: int) -> bool:
    """Whether the ``n``-th (from 0) is one of ``chosen`` that are spread evenly over ``of``: exactly so many are."""
    return (n + 1) * chosen // of > n * chosen // of


def rank(n: int, chosen: int, of: int) -> int:
    """How many before the ``n``-th are chosen by `spread`."""
    return n * chosen // of


@dataclass(frozen=True)
class Scale:
    """The district at a size. ``size``: the round number of firms, 6100 in the reply."""

    size: int
    seed: int = SEED

    def __post_init__(self) -> None:
        if not LEAST <= self.size <= MOST:
            raise ValueError(self.size)

    @cached_property
    def reply(self) -> dict[str, Any]:
        return dict(told()["reply"])

    @property
    def year(self) -> int:
        """The fiscal year of the reply's figures."""
        return int(self.reply["year"])

    def of(self, whole: int) -> int:
        """What is ``whole`` at the reply's size, at this one; halves are rounded up."""
        at = int(self.reply["at"])
        return (2 * whole * self.size + at) // (2 * at)

    def count(self, name: str) -> int:
        return self.of(int(self.reply[name]))

    def amount(self, name: str) -> int:
        """Fen."""
        return self.of(fen(str(self.reply[name])))

    @cached_property
    def firms(self) -> int:
        """The round number and a few more: 6100 gives 6137, “6100余家”."""
        return self.size + self.count("more")

    @cached_property
    def platforms(self) -> int:
        return max(1, self.count("platforms"))

    @cached_property
    def small_platforms(self) -> int:
        return self.count("small_platforms")

    @cached_property
    def institutes(self) -> int:
        """How many of the institutes are members of the association."""
        return min(len(told()["institutes"]), self.members - self.metaverse)

    @cached_property
    def members(self) -> int:
        return max(2, self.count("members"))

    @cached_property
    def metaverse(self) -> int:
        """Of the members; all of them firms."""
        return max(1, self.count("metaverse"))

    @cached_property
    def investors(self) -> int:
        return max(1, self.count("investors"))

    def capped(self, name: str) -> int:
        """What grows with the size up to the reply's, and no further."""
        return max(1, min(self.count(name), int(self.reply[name])))


__all__ = [
    "LEAST",
    "MOST",
    "SEED",
    "WAN",
    "YI",
    "YUAN",
    "Allocation",
    "Scale",
    "allocate",
    "fen",
    "rank",
    "spread",
    "told",
]
