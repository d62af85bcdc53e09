"""Three values: no, unknown, yes. Nobody is refused for a fact that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """Ordered so that *and* is the least, *or* the greatest and *not* is ``2 - x`` (strong Kleene logic)."""

    NO = 0
    UNKNOWN = 1
    YES = 2

    @property
    def word(self) -> str:
        """``no``, ``unknown`` or ``yes``, as packs and files write it."""
        return self.name.lower()


def at_least(n: int, truths: Iterable[int]) -> int:
    """Whether at least ``n`` of them hold: yes when enough surely do, no when too few can."""
    sure = possible = 0
    for truth in truths:
        sure += truth == Truth.YES
        possible += truth != Truth.NO
    return Truth.YES if sure >= n else Truth.NO if possible < n else Truth.UNKNOWN
