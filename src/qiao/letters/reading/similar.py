"""Finds proposals that say nearly the same, and shows by which phrases."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Similar:
    """One text of the corpus: its key, how near it is (0 to 1), and the longest phrases shared."""

    key: str
    score: float
    shared: tuple[str, ...]


def similarity(a: str, b: str) -> float:
    """How much of two texts is the same, from 0 (nothing) to 1 (the same words)."""
    return _overlap(_bigrams(a), _bigrams(b), {})


def rank_similar(
    text: str, corpus: Mapping[str, str], *, limit: int = 10, at_least: float = 0.05
) -> list[Similar]:
    """The texts of `corpus` nearest to `text`, best first; equal scores in the order of their keys.

    Bigrams that stand in many texts (为进一步, 建议) weigh little.
    """
    bags = {key: _bigrams(body) for key, body in corpus.items()}
    weights = _weights([*bags.values(), own := _bigrams(text)])
    scored = sorted((-round(_overlap(own, bag, weights), 6), key) for key, bag in bags.items())
    return [
        Similar(key, -score, shared_phrases(text, corpus[key]))
        for score, key in scored[:limit]
        if -score >= at_least
    ]


def shared_phrases(a: str, b: str, *, count: int = 5, shortest: int = 4) -> tuple[str, ...]:
    """The longest phrases that stand in both texts, punctuation aside, none inside another."""
    pieces = [piece for piece in _NOISE.split(a) if len(piece) >= shortest]
    other = "\n".join(_NOISE.split(b))
    found: dict[str, None] = {}
    for piece in pieces:
        start, end = 0, shortest
        while start + shortest <= len(piece):
            if piece[start:end] not in other:
                start, end = start + 1, max(end, start + 1 + shortest)
                continue
            while end < len(piece) and piece[start : end + 1] in other:
                end += 1
            found[piece[start:end]] = None
            start, end = start + 1, end + 1
    longest: list[str] = []
    for phrase in sorted(found, key=lambda p: (-len(p), p)):
        if not any(phrase in kept for kept in longest):
            longest.append(phrase)
        if len(longest) == count:
            break
    return tuple(longest)


def _bigrams(text: str) -> Counter[str]:
    bag: Counter[str] = Counter()
    for piece in _NOISE.split(text.lower()):
        bag.update([piece] if len(piece) == 1 else map("".join, itertools.pairwise(piece)))
    bag.pop("", None)
    return bag


def _weights(bags: Iterable[Counter[str]]) -> dict[str, float]:
    seen = list(bags)
    spread = Counter(gram for bag in seen for gram in bag)
    return {gram: math.log(1 + len(seen) / count) for gram, count in spread.items()}


def _overlap(a: Counter[str], b: Counter[str], weights: Mapping[str, float]) -> float:
    """Weighted Jaccard: what both have, over what either has."""
    both = either = 0.0
    for gram in sorted(a.keys() | b.keys()):
        weight = weights.get(gram, 1.0)
        both += weight * min(a[gram], b[gram])
        either += weight * max(a[gram], b[gram])
    return both / either if either else 0.0
