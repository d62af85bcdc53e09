"""Who meets whom, when, at which table: what is asked of a plan and what a plan says of itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from math import isfinite


@dataclass(frozen=True)
class Guest:
    """A person or a firm's delegation at a salon. ``free``: slots in which it can meet, from 0; None: all."""

    id: str
    free: frozenset[int] | None = None
    most: int | None = None  # meetings it wants at most
    fewest: int = 1  # meetings it should have at least, where that is possible


@dataclass(frozen=True)
class Pair:
    """Two guests who could meet, and what that is worth (from `both_ways`, wishes included)."""

    one: str
    other: str
    value: float
    must: bool = False


@dataclass(frozen=True, order=True)
class Meeting:
    """Two guests at a table (from 1) in a slot (from 0)."""

    slot: int
    table: int
    one: str
    other: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two guests, whichever was named first."""
        return (self.one, self.other) if self.one <= self.other else (self.other, self.one)


@dataclass(frozen=True)
class Salon:
    """What is to be planned."""

    guests: Sequence[Guest]
    pairs: Sequence[Pair]
    slots: int
    tables: int

    @cached_property
    def by_id(self) -> dict[str, Guest]:
        return {guest.id: guest for guest in self.guests}


class Concern(Enum):
    """What can be wrong with a meeting that a person booked by hand. All are warnings: the person decides."""

    BUSY = "busy"  # a guest said it is not free then
    TWICE = "twice"  # a guest sits at two tables in one slot
    TABLE = "table"  # two meetings at one table, or more tables than there are
    TOO_MANY = "too_many"  # more meetings than a guest wants
    UNKNOWN = "unknown"  # a guest or slot that is not part of the salon


@dataclass(frozen=True)
class Doubt:
    """Something a person should know before keeping a meeting."""

    concern: Concern
    meeting: Meeting
    guest: str = ""


@dataclass(frozen=True)
class Timetable:
    """A plan. ``bound``: no plan can be worth more (a linear programme without slots and floors)."""

    salon: Salon
    meetings: tuple[Meeting, ...]
    value: float
    bound: float
    moved: tuple[Meeting, ...] = ()  # meetings that guests had been told at another time
    dropped: tuple[Meeting, ...] = ()  # meetings that guests had been told and that cannot be
    method: str = ""
    waiting: tuple[str, ...] = field(default=())  # guests with fewer meetings than they should have

    @property
    def share(self) -> float:
        """Of the bound that is reached; 1 is the most there can be."""
        return self.value / self.bound if self.bound else 1.0

    @cached_property
    def slots(self) -> dict[str, list[int]]:
        """The slots of every guest, in order; empty for those who meet nobody."""
        found: dict[str, list[int]] = {guest.id: [] for guest in self.salon.guests}
        for meeting in sorted(self.meetings):
            found[meeting.one].append(meeting.slot)
            found[meeting.other].append(meeting.slot)
        return found

    def idle(self, guest: str) -> int:
        """Slots between a guest's first and last meeting in which it waits: it could meet somebody and does not."""
        slots, free = self.slots[guest], self.salon.by_id[guest].free
        between = range(slots[0], slots[-1]) if slots else ()
        return sum(slot not in slots and (free is None or slot in free) for slot in between)

    @property
    def mean_idle(self) -> float:
        """Over all guests who meet somebody."""
        there = [guest for guest, slots in self.slots.items() if slots]
        return sum(map(self.idle, there)) / len(there) if there else 0.0


def check(salon: Salon, locked: Iterable[Meeting] = ()) -> None:
    """Raises ValueError, with a name, where something cannot be meant."""
    if len(salon.by_id) < len(salon.guests):
        twice, _ = Counter(guest.id for guest in salon.guests).most_common(1)[0]
        raise ValueError(f"two guests have the id {twice!r}")
    for guest in salon.guests:
        if (guest.most is not None and guest.most < 0) or guest.fewest < 0:
            raise ValueError(f"{guest.id!r} cannot want fewer than no meetings")
    for pair in salon.pairs:
        for id in (pair.one, pair.other):
            if id not in salon.by_id:
                raise ValueError(f"{id!r} is in a pair, but not among the guests")
        if not isfinite(pair.value):
            raise ValueError(f"{pair.one!r} and {pair.other!r}: {pair.value} is no value")
    held = set[tuple[str, str]]()
    for meeting in locked:
        if meeting.one not in salon.by_id or meeting.other not in salon.by_id or meeting.one == meeting.other:
            raise ValueError(f"{meeting}: not two guests")
        if not 0 <= meeting.slot < salon.slots:
            raise ValueError(f"{meeting}: there are slots 0 to {salon.slots - 1}")
        if meeting.pair in held:
            raise ValueError(f"{meeting}: the same two are locked twice")
        held.add(meeting.pair)


def doubts(salon: Salon, meetings: Iterable[Meeting]) -> list[Doubt]:
    """What is against meetings as they stand, booked by hand or planned: nothing for a plan of our own."""
    found: list[Doubt] = []
    seats: defaultdict[tuple[str, int], list[Meeting]] = defaultdict(list)
    tables: defaultdict[tuple[int, int], list[Meeting]] = defaultdict(list)
    count = Counter[str]()
    for meeting in sorted(meetings):
        tables[meeting.slot, meeting.table].append(meeting)
        if not (0 <= meeting.slot < salon.slots):
            found.append(Doubt(Concern.UNKNOWN, meeting))
        if not (1 <= meeting.table <= salon.tables):
            found.append(Doubt(Concern.TABLE, meeting))
        for id in (meeting.one, meeting.other):
            seats[id, meeting.slot].append(meeting)
            count[id] += 1
            guest = salon.by_id.get(id)
            if guest is None:
                found.append(Doubt(Concern.UNKNOWN, meeting, id))
            elif guest.free is not None and meeting.slot not in guest.free:
                found.append(Doubt(Concern.BUSY, meeting, id))
            if guest is not None and guest.most is not None and count[id] > guest.most:
                found.append(Doubt(Concern.TOO_MANY, meeting, id))
    found += [Doubt(Concern.TWICE, m, id) for (id, _), there in seats.items() for m in there[1:]]
    found += [Doubt(Concern.TABLE, m) for there in tables.values() for m in there[1:]]
    return found
