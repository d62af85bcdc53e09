"""When both sides choose: preferences of both count, a no of one is a no of both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import Enum

import numpy as np
from numpy.typing import NDArray


class Wish(Enum):
    """What a person says about another one. Saying nothing leaves it to the score."""

    MUST = "must"
    MEET = "meet"
    NO_THANKS = "no_thanks"


def both_ways(there: NDArray[np.float64], back: NDArray[np.float64]) -> NDArray[np.float64]:
    """The geometric mean of two directions, ``back`` seen from the same side: nothing where one is nothing."""
    found: NDArray[np.float64] = np.sqrt(np.maximum(there, 0) * np.maximum(back, 0))
    return found


def ranked(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row as shares of a list: 1 for the best, falling evenly to just above 0; nothing scored is 0.

    Scores of different askers cannot be compared; places in their lists can.
    """
    order = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    found: NDArray[np.float64] = np.where(scores > 0, 1 - order / max(scores.shape[1], 1), 0)
    return found


def may_meet(
    left: Iterable[str], right: Iterable[str], allowed: Collection[tuple[str, str]] | None
) -> NDArray[np.bool_]:
    """Group rules: which groups of one side may meet which of the other. None: all may."""
    left, right = list(left), list(right)
    if allowed is None:
        return np.ones((len(left), len(right)), bool)
    pairs = set(allowed) | {(b, a) for a, b in allowed}
    names = sorted({*left, *right})
    table = np.array([[(a, b) in pairs for b in names] for a in names], bool).reshape(len(names), len(names))
    place = {name: number for number, name in enumerate(names)}
    return table[np.ix_([place[name] for name in left], [place[name] for name in right])]


def wished(
    value: NDArray[np.float64], wishes: Mapping[tuple[int, int], Collection[Wish]]
) -> tuple[NDArray[np.float64], set[tuple[int, int]]]:
    """Values of pairs after what people said, and the pairs that must meet.

    One no thanks makes a pair impossible, whatever the other says; a wish to meet is worth as much as the best pair has
    by itself, on top of what the pair has.
    """
    found, musts = value.copy(), set[tuple[int, int]]()
    top = float(value.max(initial=0.0)) or 1.0
    for (a, b), said in wishes.items():
        if Wish.NO_THANKS in said:
            found[a, b] = 0
        else:
            found[a, b] += top * sum(wish is not Wish.NO_THANKS for wish in said)
            if Wish.MUST in said:
                musts.add((a, b))
    return found, musts
