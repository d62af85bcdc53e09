"""Plans meetings: a linear programme says who, slots are coloured, and exchanges improve what came out.

Two ways are tried and the better one is kept: everybody at once (programme and colouring), and slot by slot (an
assignment each). Exchanges then add value and close idle gaps. Chance comes from a given seed.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import csr_array

from .meetings import Meeting, Pair, Salon, Timetable, check

_LEAST = 1e-9  # what a meeting that must be is worth at least
_SHORT = 10.0  # a missing meeting of a floor, in units of the best pair
_HEAT = 0.7  # idle slots that are risked at first for a better end
Progress = Callable[[str, float], None]


def plan_meetings(
    salon: Salon,
    *,
    locked: Iterable[Meeting] = (),
    told: Iterable[Meeting] = (),
    seconds: float | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Timetable:
    """The best timetable found in about ``seconds``; by default 2, and one more for every sixty guests.

    ``locked`` meetings stay as they are, also against a wish or a guest's time. ``told`` meetings keep their time where
    it is still possible; they are moved only for guests who would otherwise meet nobody.
    Raises ValueError where locked meetings collide with each other, or something cannot be meant (`check`).
    """
    begun = time.monotonic()
    locked = [*locked]
    check(salon, locked)
    seconds = 2 + len(salon.guests) / 60 if seconds is None else seconds
    tell = progress or (lambda what, share: None)
    world = _World(salon, locked, [*told])
    bound = world.bound()
    plans = []
    starts: list[tuple[str, Callable[[_Board], None]]] = [("programme", world.by_programme)]
    if (sides := world.sides()) is not None:
        starts.append(("slots", lambda board: world.slot_by_slot(board, sides)))
    for method, start in starts:
        tell(method, 0.0)
        board = _Board(world, random.Random(seed))  # noqa: S311 (nothing is kept secret)
        world.keep(board)
        start(board)
        board.fill()
        plans.append((board, method))
    board, method = max(plans, key=lambda plan: plan[0].worth())
    board.help_lonely()
    left = seconds - (time.monotonic() - begun)
    board.improve(begun + seconds - left / 2, tell)
    board.close_gaps(begun + seconds, tell)
    return world.timetable(board, bound, method)


class _World:
    """A salon in numbers: guests and pairs by place."""

    def __init__(self, salon: Salon, locked: Sequence[Meeting], told: Sequence[Meeting]) -> None:
        self.salon, self.slots, self.tables = salon, salon.slots, salon.tables
        self.place = {guest.id: number for number, guest in enumerate(salon.guests)}
        best: dict[tuple[int, int], Pair] = {}
        for pair in salon.pairs:
            if (pair.value > 0 or pair.must) and pair.one != pair.other:
                a, b = sorted((self.place[pair.one], self.place[pair.other]))
                if (a, b) not in best or (best[a, b].must, best[a, b].value) < (pair.must, pair.value):
                    best[a, b] = pair
        edges = {two: number for number, two in enumerate(best)}
        self.locked, self.told = self._known(locked, edges), self._known(told, edges, drop=True)
        self.must = [two in best and best[two].must for two in edges]
        self.value = [
            max(best[two].value, _LEAST if must else 0.0) if two in best else 0.0
            for two, must in zip(edges, self.must, strict=True)
        ]
        self.a, self.b = [a for a, _ in edges], [b for _, b in edges]
        everything = (1 << salon.slots) - 1
        self.free = [
            everything if g.free is None else sum(1 << s for s in g.free if 0 <= s < salon.slots)
            for g in salon.guests
        ]
        self.most = [
            min(salon.slots if g.most is None else g.most, f.bit_count())
            for g, f in zip(salon.guests, self.free, strict=True)
        ]
        self.of: list[list[int]] = [[] for _ in salon.guests]
        for edge, two in enumerate(zip(self.a, self.b, strict=True)):
            for guest in two:
                self.of[guest].append(edge)
        self.fewest = [
            min(g.fewest, most, len(of)) for g, most, of in zip(salon.guests, self.most, self.of, strict=True)
        ]
        self.top = max(self.value, default=0.0) or 1.0

    def _known(
        self, meetings: Sequence[Meeting], edges: dict[tuple[int, int], int], *, drop: bool = False
    ) -> dict[int, Meeting]:
        """Meetings by their pair; pairs nobody asked for are added at no value, or dropped."""
        found: dict[int, Meeting] = {}
        for meeting in meetings:
            if meeting.one not in self.place or meeting.other not in self.place:
                continue  # a guest who was told and does not come any more
            pair = tuple(sorted((self.place[meeting.one], self.place[meeting.other])))
            if drop and pair not in edges:
                continue
            found[edges.setdefault((pair[0], pair[1]), len(edges))] = meeting
        return found

    def sides(self) -> list[int] | None:
        """Two sides such that nobody may meet anybody of its own; None where there are no such sides."""
        side = [-1] * len(self.of)
        for first in range(len(side)):
            if side[first] >= 0:
                continue
            side[first], left = 0, [first]
            while left:
                guest = left.pop()
                for edge in self.of[guest]:
                    other = self.a[edge] + self.b[edge] - guest
                    if side[other] < 0:
                        side[other] = 1 - side[guest]
                        left.append(other)
                    elif side[other] == side[guest]:
                        return None
        return side

    # -- the programme -----------------------------------------------------------------------------------------------

    def _programme(self, *, floors: bool) -> tuple[NDArray[np.float64], float]:
        """How much of every pair: at most what each guest wants and what the tables hold."""
        pairs, guests = len(self.value), len(self.of)
        if not pairs:
            return np.zeros(0), 0.0
        short = guests if floors else 0
        rows = np.concatenate([self.a, self.b, np.full(pairs, guests)])
        columns = np.tile(np.arange(pairs), 3)
        values = np.ones(3 * pairs)
        limits = np.array([*self.most, self.slots * self.tables], float)
        gain = np.array(self.value, float)
        upper = np.ones(pairs)
        if floors:  # less than the floor is possible, and dear
            lows = np.arange(guests)
            rows = np.concatenate(
                [rows, guests + 1 + np.array(self.a), guests + 1 + np.array(self.b), guests + 1 + lows]
            )
            columns = np.concatenate([columns, np.arange(pairs), np.arange(pairs), pairs + lows])
            values = np.concatenate([values, -np.ones(2 * pairs + guests)])
            limits = np.concatenate([limits, -np.array(self.fewest, float)])
            gain = np.concatenate([gain, np.full(guests, -_SHORT * self.top)])
            upper = np.concatenate([upper, np.full(guests, np.inf)])
        lower = np.zeros(pairs + short)
        sure = [edge for edge in range(pairs) if self.must[edge] or edge in self.locked]
        gain[sure] += 2 * _SHORT * self.top
        table = csr_array((values, (rows, columns)), shape=(len(limits), pairs + short))
        bounds = np.column_stack([lower, upper])
        found = linprog(-gain, A_ub=table, b_ub=limits, bounds=bounds, method="highs-ds")
        if found.x is None:
            raise ValueError(f"no plan: {found.message}")
        share: NDArray[np.float64] = found.x[:pairs]
        return share, float(share @ np.array(self.value))

    def bound(self) -> float:
        """What no plan can be worth more than."""
        return self._programme(floors=False)[1]

    # -- where a plan begins -----------------------------------------------------------------------------------------

    def keep(self, board: _Board) -> None:
        """Locked meetings, and those that were told and can still be, at their time."""
        for edge, meeting in self.locked.items():
            if not board.fits(edge, meeting.slot, strict=False):
                raise ValueError(f"{meeting} collides with another locked meeting")
            board.add(edge, meeting.slot)
            board.fixed.add(edge)
        for edge, meeting in self.told.items():
            if edge not in self.locked and board.fits(edge, meeting.slot):
                board.add(edge, meeting.slot)
                board.fixed.add(edge)

    def by_programme(self, board: _Board) -> None:
        """The programme's pairs, the hardest to place first."""
        share, _ = self._programme(floors=True)
        chosen = [edge for edge in range(len(share)) if share[edge] > 0.5 and edge not in board.slot]
        load = [0] * len(self.of)
        for edge in chosen:
            load[self.a[edge]] += 1
            load[self.b[edge]] += 1
        tight = [most - n for most, n in zip([f.bit_count() for f in self.free], load, strict=True)]
        chosen.sort(key=lambda e: (not self.must[e], tight[self.a[e]] + tight[self.b[e]], -self.value[e]))
        for edge in chosen:
            board.place(edge)

    def slot_by_slot(self, board: _Board, sides: Sequence[int]) -> None:
        """The best assignment of each slot; who has fewer meetings than the floor goes first."""
        rows = [guest for guest, side in enumerate(sides) if side == 0]
        columns = [guest for guest, side in enumerate(sides) if side == 1]
        row = {guest: number for number, guest in enumerate(rows)}
        column = {guest: number for number, guest in enumerate(columns)}
        number = np.full((len(rows), len(columns)), -1)
        value = np.zeros(number.shape)
        for edge, (a, b) in enumerate(zip(self.a, self.b, strict=True)):
            one, other = (a, b) if a in row else (b, a)
            number[row[one], column[other]] = edge
            value[row[one], column[other]] = self.value[edge] + (
                2 * _SHORT * self.top if self.must[edge] else 0
            )
        for edge in board.slot:
            one, other = (self.a[edge], self.b[edge]) if self.a[edge] in row else (self.b[edge], self.a[edge])
            value[row[one], column[other]] = 0
        for slot in range(self.slots):
            here = value.copy()
            for guests, axis in ((rows, 0), (columns, 1)):
                short = np.array([max(self.fewest[g] - board.had(g), 0) for g in guests]) * self.top
                can = np.array([board.can(g, slot) for g in guests], float)
                here = np.where(here > 0, here + (short[:, None] if axis == 0 else short[None, :]), 0)
                here *= can[:, None] if axis == 0 else can[None, :]
            left, right = linear_sum_assignment(here, maximize=True)
            worth = here[left, right]
            for i in np.argsort(-worth, kind="stable").tolist():
                if worth[i] <= 0 or board.used[slot] >= self.tables:
                    break
                board.add(int(number[left[i], right[i]]), slot)
                value[left[i], right[i]] = 0

    def timetable(self, board: _Board, bound: float, method: str) -> Timetable:
        ids = [guest.id for guest in self.salon.guests]
        taken = {(m.slot, m.table): edge for edge, m in self.locked.items()}
        used = set(taken)
        meetings: list[Meeting] = []
        seat: dict[int, int] = {}  # the table a guest sat at last: who can, stays there
        for slot in range(self.slots):
            here = [edge for edge, s in board.slot.items() if s == slot]
            tables = {edge: self.locked[edge].table for edge in here if edge in self.locked}
            for edge, meeting in self.told.items():
                stays = board.slot.get(edge) == slot == meeting.slot and edge not in tables
                if stays and (slot, meeting.table) not in used and meeting.table <= self.tables:
                    tables[edge] = meeting.table
                    used.add((slot, meeting.table))
            for edge in here:
                for guest in (self.a[edge], self.b[edge]):
                    table = seat.get(guest)
                    if edge not in tables and table and table <= self.tables and (slot, table) not in used:
                        tables[edge] = table
                        used.add((slot, table))
            spare = iter([t for t in range(1, self.tables + 1) if (slot, t) not in used])
            for edge in sorted(here):
                table = tables.get(edge) or next(spare)
                seat[self.a[edge]] = seat[self.b[edge]] = table
                meetings.append(Meeting(slot, table, ids[self.a[edge]], ids[self.b[edge]]))
        now = {m.pair: m for m in meetings}
        moved = [now[m.pair] for m in self.told.values() if m.pair in now and now[m.pair].slot != m.slot]
        dropped = [m for m in self.told.values() if m.pair not in now]
        short = [
            guest.id
            for place, guest in enumerate(self.salon.guests)
            if board.had(place) < self.fewest[place] or (not board.had(place) and guest.most != 0)
        ]
        value = sum(self.value[edge] for edge in board.slot)
        return Timetable(
            self.salon,
            tuple(sorted(meetings)),
            value,
            bound,
            tuple(moved),
            tuple(dropped),
            method,
            tuple(short),
        )


class _Board:
    """A plan being made: which pair sits in which slot. A set of slots is an integer's bits."""

    def __init__(self, world: _World, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        guests = len(world.of)
        self.slot: dict[int, int] = {}
        self.at = [[-1] * world.slots for _ in range(guests)]
        self.busy = [0] * guests
        self.used = [0] * world.slots
        self.fixed: set[int] = set()

    # -- looking -----------------------------------------------------------------------------------------------------

    def had(self, guest: int) -> int:
        return self.busy[guest].bit_count()

    def can(self, guest: int, slot: int) -> bool:
        world = self.world
        return bool(world.free[guest] & ~self.busy[guest] & 1 << slot) and self.had(guest) < world.most[guest]

    def fits(self, edge: int, slot: int, *, strict: bool = True) -> bool:
        """``strict``: the guests' own time and wishes count, too."""
        a, b = self.world.a[edge], self.world.b[edge]
        if not 0 <= slot < self.world.slots or self.used[slot] >= self.world.tables:
            return False
        if (self.busy[a] | self.busy[b]) & 1 << slot:
            return False
        return not strict or (self.can(a, slot) and self.can(b, slot))

    def worth(self) -> float:
        """Value, less what is missing to the floors and the musts."""
        world = self.world
        short = sum(max(f - self.had(g), 0) for g, f in enumerate(world.fewest))
        missing = sum(must and edge not in self.slot for edge, must in enumerate(world.must))
        return sum(world.value[e] for e in self.slot) - _SHORT * world.top * (short + 2 * missing)

    # -- moving ------------------------------------------------------------------------------------------------------

    def add(self, edge: int, slot: int) -> None:
        for guest in (self.world.a[edge], self.world.b[edge]):
            self.at[guest][slot] = edge
            self.busy[guest] |= 1 << slot
        self.used[slot] += 1
        self.slot[edge] = slot

    def remove(self, edge: int) -> None:
        slot = self.slot.pop(edge)
        for guest in (self.world.a[edge], self.world.b[edge]):
            self.at[guest][slot] = -1
            self.busy[guest] &= ~(1 << slot)
        self.used[slot] -= 1

    def chain(self, guest: int, here: int, there: int) -> list[int] | None:
        """Meetings that must change between two slots for ``guest`` to go from one to the other; None: impossible.

        The guest meets in ``here`` and not in ``there``. Who is met there has to leave, and so on to the path's end.
        """
        world, found, at = self.world, [], self.at
        edge, now, then = at[guest][here], here, there
        while edge >= 0:
            if edge in self.fixed:
                return None
            other = world.a[edge] + world.b[edge] - guest
            if not (world.free[guest] >> then & 1 and world.free[other] >> then & 1):
                return None
            found.append(edge)
            guest, edge = other, at[other][then]
            now, then = then, now
        if len(found) % 2 and self.used[there] >= world.tables:
            return None
        return found

    def swap(self, chain: Sequence[int], here: int, there: int) -> None:
        """Moves the meetings of a chain to the other of its two slots."""
        to = [there if self.slot[edge] == here else here for edge in chain]
        for edge in chain:
            self.remove(edge)
        for edge, slot in zip(chain, to, strict=True):
            self.add(edge, slot)

    def place(self, edge: int) -> bool:
        """Finds a slot for a pair, moving others between slots where it must."""
        world = self.world
        a, b = world.a[edge], world.b[edge]
        if self.had(a) >= world.most[a] or self.had(b) >= world.most[b]:
            return False
        free_a, free_b = world.free[a] & ~self.busy[a], world.free[b] & ~self.busy[b]
        both = [s for s in _slots(free_a & free_b) if self.used[s] < world.tables]
        if both:
            self.add(edge, min(both, key=lambda s: (self._gap(a, s) + self._gap(b, s), self.used[s])))
            return True
        for guest, other, frees, others in ((b, a, free_a, free_b), (a, b, free_b, free_a)):
            for here in _slots(frees & world.free[guest] & ~others):
                for there in _slots(others):
                    chain = self.chain(guest, here, there)
                    if chain is None or any(other in (world.a[e], world.b[e]) for e in chain):
                        continue  # it would bring the other guest here
                    if self.used[here] - len(chain) % 2 < world.tables:
                        self.swap(chain, here, there)
                        self.add(edge, here)
                        return True
        return self._make_room(edge, free_a & free_b)

    def _make_room(self, edge: int, both: int) -> bool:
        """Both guests are free, but all tables are taken: another meeting goes to a slot with room."""
        world = self.world
        room = [s for s in range(world.slots) if self.used[s] < world.tables]
        for full in _slots(both) if room else ():
            here = [self.at[g][full] for g in range(len(self.at)) if self.at[g][full] >= 0]
            for other in self.chance.sample(here, min(len(here), 12)):
                for there in room:
                    for guest in (world.a[other], world.b[other]):
                        if self.at[guest][there] < 0:
                            chain = self.chain(guest, full, there)
                            if chain and len(chain) % 2 and not self._touches(chain, edge):
                                self.swap(chain, full, there)
                                self.add(edge, full)
                                return True
        return False

    def _touches(self, chain: Sequence[int], edge: int) -> bool:
        """Whether one of a pair's guests is moved by a chain."""
        a, b, mine = self.world.a, self.world.b, {self.world.a[edge], self.world.b[edge]}
        return any(a[e] in mine or b[e] in mine for e in chain)

    def _gap(self, guest: int, slot: int) -> int:
        """How many idle slots a further meeting makes or fills."""
        return _idle(self.busy[guest] | 1 << slot, self.world.free[guest]) - self.idle(guest)

    def idle(self, guest: int) -> int:
        """Slots in which a guest is there and waits."""
        return _idle(self.busy[guest], self.world.free[guest])

    # -- improving ---------------------------------------------------------------------------------------------------

    def fill(self) -> None:
        """Takes in whatever still has room: who has least first, then by value."""
        world = self.world
        short = sorted(range(len(world.of)), key=lambda g: (self.had(g) - world.fewest[g], len(world.of[g])))
        for guest in short:
            for edge in sorted(world.of[guest], key=lambda e: -world.value[e]):
                if self.had(guest) >= world.fewest[guest]:
                    break
                if edge not in self.slot and world.value[edge] > 0 and not self.place(edge):
                    self._push_in(edge)
        for edge in sorted(range(len(world.value)), key=lambda e: (not world.must[e], -world.value[e])):
            if edge not in self.slot and world.value[edge] > 0 and not self.place(edge) and world.must[edge]:
                self._push_in(edge)

    def help_lonely(self) -> None:
        """Who would meet nobody comes before meetings at a time that was told; locked ones stay all the same."""
        told = self.fixed - self.world.locked.keys()
        lonely = [g for g in range(len(self.at)) if not self.busy[g] and self.world.fewest[g]]
        if not told or not lonely:
            return
        self.fixed -= told
        for guest in lonely:
            for edge in sorted(self.world.of[guest], key=lambda e: -self.world.value[e]):
                if self.world.value[edge] > 0 and (self.place(edge) or self._push_in(edge)):
                    break
        told_at = self.world.told
        self.fixed |= {edge for edge in told if self.slot.get(edge) == told_at[edge].slot}

    def _price(self, edge: int) -> float:
        """What is lost with a meeting: its value, and floors that are missed."""
        world = self.world
        if edge in self.fixed or world.must[edge]:
            return float("inf")
        short = sum(self.had(g) <= world.fewest[g] for g in (world.a[edge], world.b[edge]))
        return world.value[edge] + short * _SHORT * world.top

    def _gain(self, edge: int) -> float:
        world = self.world
        short = sum(self.had(g) < world.fewest[g] for g in (world.a[edge], world.b[edge]))
        return world.value[edge] + (short + 2 * world.must[edge]) * _SHORT * world.top

    def _push_in(self, edge: int) -> bool:
        """Takes a pair in for others that are worth less; what was pushed out is placed elsewhere where it can be."""
        world = self.world
        a, b = world.a[edge], world.b[edge]
        if not world.most[a] or not world.most[b]:
            return False
        best: tuple[float, int, list[int]] | None = None
        for slot in _slots(world.free[a] & world.free[b]):
            out = {self.at[g][slot] for g in (a, b)} - {-1}
            for guest in (a, b):
                if self.had(guest) >= world.most[guest] and not any(
                    guest in (world.a[e], world.b[e]) for e in out
                ):
                    mine = [self.at[guest][s] for s in _slots(self.busy[guest])]
                    out.add(min(mine, key=self._price))
            if self.used[slot] >= world.tables and all(self.slot[e] != slot for e in out):
                some = self.chance.sample(range(len(self.at)), min(40, len(self.at)))
                if not (here := [self.at[g][slot] for g in some if self.at[g][slot] >= 0]):
                    continue
                out.add(min(here, key=self._price))
            price = sum(map(self._price, out))
            if best is None or price < best[0]:
                best = price, slot, sorted(out)
        if best is None or best[0] >= self._gain(edge) - 1e-12:
            return False
        _, slot, gone = best
        for other in gone:
            self.remove(other)
        self.add(edge, slot)
        for other in gone:
            self.place(other)
        return True

    def improve(self, until: float, tell: Progress) -> None:
        """Adds value by exchanges, until none helps or time is over."""
        world, begun = self.world, time.monotonic()
        while True:
            changed = 0
            out = [e for e in range(len(world.value)) if e not in self.slot and world.value[e] > 0]
            for number, edge in enumerate(sorted(out, key=lambda e: -world.value[e])):
                if number % 64 == 0:
                    tell("improve", min((time.monotonic() - begun) / max(until - begun, 1e-9), 1.0))
                    if time.monotonic() > until:
                        return
                changed += edge not in self.slot and (self.place(edge) or self._push_in(edge))
            if not changed:
                return

    def close_gaps(self, until: float, tell: Progress) -> None:
        """Moves meetings between slots so that nobody waits; who meets whom stays. Ends with the best it has seen."""
        begun, guests = time.monotonic(), range(len(self.at))
        best, kept = sum(map(self.idle, guests)), dict(self.slot)
        while best and (left := 1 - (time.monotonic() - begun) / max(until - begun, 1e-9)) > 0:
            tell("gaps", 1 - left)
            waiting = [g for g in guests if self.idle(g)]
            self.chance.shuffle(waiting)
            for guest in waiting:
                self._close(guest, _HEAT * left)
            if (now := sum(map(self.idle, guests))) < best:
                best, kept = now, dict(self.slot)
        for edge in list(self.slot):
            self.remove(edge)
        for edge, slot in kept.items():
            self.add(edge, slot)

    def _close(self, guest: int, heat: float) -> None:
        """One try for one guest: its first or last meeting goes into a gap. With heat also where others lose by it."""
        if not self.idle(guest):
            return
        busy = self.busy[guest]
        first, last = (busy & -busy).bit_length() - 1, busy.bit_length() - 1
        gaps = _slots(~busy & ((1 << last) - (1 << first)) & self.world.free[guest])
        tries = [(here, there) for here in (first, last) for there in gaps]
        for here, there in self.chance.sample(tries, min(len(tries), 4)):
            chain = self.chain(guest, here, there)
            if not chain:
                continue
            change = self._change(chain, here, there)
            if change <= 0 or (heat > 0 and self.chance.random() < math.exp(-change / heat)):
                self.swap(chain, here, there)
                return

    def _change(self, chain: Sequence[int], here: int, there: int) -> int:
        """How many idle slots more there are if a chain is swapped."""
        bits: dict[int, int] = {}
        both = 1 << here | 1 << there
        for edge in chain:
            to = 1 << (there if self.slot[edge] == here else here)
            for guest in (self.world.a[edge], self.world.b[edge]):
                bits[guest] = bits.get(guest, 0) | to
        return sum(
            _idle(self.busy[g] & ~both | to, self.world.free[g]) - self.idle(g) for g, to in bits.items()
        )


def _slots(bits: int) -> list[int]:
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found


def _idle(busy: int, free: int) -> int:
    """Slots between the first and the last meeting in which there is none, though the guest could meet."""
    return (free & ~busy & (1 << busy.bit_length()) - (busy & -busy)).bit_count() if busy else 0
