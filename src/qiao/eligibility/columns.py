"""Many firms: the same plan over columns, in blocks that stay in the processor's cache.

Truth is a byte, 0 no, 1 unknown, 2 yes: *and* is the least, *or* the greatest. Every verdict and clause is kept, four
to a byte. Arithmetic is on whole numbers that are proved to fit 63 bits when the kernel is made; what might not fit is
decided in floating point where that is certain and by Python's integers in the few rows where it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from . import nodes as n
from .exact import Guard, Ref, Terms
from .plan import Plan
from .table import Bytes, FactTable
from .vocabulary import MILLION

BLOCK = 32_768
FITS = 2**62
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Results:
    """Every verdict and clause of every firm: four two-bit states to a byte, ``packed[group, firm]``."""

    plan: Plan
    packed: Bytes
    places: dict[int, tuple[int, int]]  # node → (group, shift)

    @property
    def rows(self) -> int:
        return int(self.packed.shape[1])

    def states(self, node: int) -> Bytes:
        """The states of one node, a byte each."""
        group, shift = self.places[node]
        states: Bytes = (self.packed[group] >> shift) & 3
        return states

    def verdicts(self, id: str) -> Bytes:
        """0, 1 or 2 for every firm under a policy."""
        return self.states(self.plan.policy(id).verdict)

    def clause(self, id: str, clause: str) -> Bytes:
        return self.states(next(c.node for c in self.plan.policy(id).clauses if c.clause.id == clause))

    @cached_property
    def totals(self) -> dict[str, tuple[int, int, int]]:
        """How many firms are no, unknown, yes under each policy; from one histogram of bytes for four of them."""
        return {p.id: self.count(p.verdict) for p in self.plan.policies}

    def count(self, node: int) -> tuple[int, int, int]:
        """How many firms are no, unknown and yes at a node."""
        group, shift = self.places[node]
        histogram = self._histogram(group)
        found = [0, 0, 0, 0]
        for byte in range(256):
            found[(byte >> shift) & 3] += int(histogram[byte])
        return found[0], found[1], found[2]

    def _histogram(self, group: int) -> Ints:
        known = self._histograms.get(group)
        if known is None:
            known = self._histograms[group] = np.bincount(self.packed[group], minlength=256)
        return known

    @cached_property
    def _histograms(self) -> dict[int, Ints]:
        return {}


class _Block:
    """One block at work: the slices of its facts and the buffers of its nodes."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.truths = [np.empty(BLOCK, np.uint8) for _ in range(kernel.slots)]
        self.whole = [np.empty(BLOCK, np.int64) for _ in range(2)]
        self.spare = [np.empty(BLOCK, np.uint8) for _ in range(3)]
        self.values: dict[Ref, Any] = {}
        self.unknown: dict[Ref, Bytes | None] = {}
        self.known: dict[Ref, Bytes] = {}
        self.size = 0

    def load(self, table: FactTable, start: int, stop: int) -> None:
        self.size = stop - start
        self.masks: dict[tuple[Ref, ...], Bytes | None] = {}
        self.passes: dict[Guard, Bytes] = {}
        for ref in self.kernel.plan.inputs:
            column = table.columns.get(ref)
            if column is None:
                self.unknown[ref] = self.kernel.ones[: self.size]
                self.values[ref] = self.kernel.zeros[: self.size]
            else:
                self.values[ref] = column.values[start:stop]
                self.unknown[ref] = column.unknown(start, stop)

    def mask(self, refs: tuple[Ref, ...]) -> Bytes | None:
        """1 where any of the facts is unknown."""
        if len(refs) == 1:
            return self.unknown[refs[0]]
        if refs not in self.masks:
            found = [m for ref in refs if (m := self.unknown[ref]) is not None]
            if not found:
                joined = None
            elif len(found) == 1:
                joined = found[0]
            else:
                joined = np.bitwise_or(found[0], found[1])
                for more in found[2:]:
                    np.bitwise_or(joined, more, out=joined)
            self.masks[refs] = joined
        return self.masks[refs]

    def total(self, terms: Terms) -> Any:
        """The value of ``terms`` for every row, in int64; a view of a fact where it is just that."""
        if len(terms) == 1 and len(terms[0][0]) == 1 and terms[0][1] == 1:
            return self.values[terms[0][0][0]]
        target, other = (buffer[: self.size] for buffer in self.whole)
        for place, (monomial, coefficient) in enumerate(terms):
            out = target if place == 0 else other
            first, *rest = monomial
            if coefficient == 1:
                product: Any = self.values[first]
            else:
                product = np.multiply(self.values[first], coefficient, out=out, dtype=np.int64)
            for ref in rest:
                product = np.multiply(product, self.values[ref], out=out, dtype=np.int64)
            if place:
                np.add(target, product, out=target, dtype=np.int64)
            elif product is not target:
                np.copyto(target, product)
        return target


Op = Callable[[_Block, Bytes], None]


class Kernel:
    """A plan made ready for columns. Making it takes milliseconds; it holds no data."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.ones = np.ones(BLOCK, np.uint8)
        self.zeros = np.zeros(BLOCK, np.int64)
        self._compile()

    # -- making ------------------------------------------------------------------------------------------------------

    def _compile(self) -> None:
        """Gives every truth node an operation and a buffer; a buffer is used again once nobody needs what is in it."""
        nodes = self.plan.nodes
        keep = set(self.plan.kept)
        needed = self._needed(keep)
        last = {c: number for number in sorted(needed) for c in n.children(nodes[number])}
        kept = sorted(keep)
        self.places = {node: (place // 4, place % 4 * 2) for place, node in enumerate(kept)}
        self.groups = (len(kept) + 3) // 4
        slot: dict[int, tuple[int, ...]] = {}
        free: list[int] = []
        self.slots = 0
        self.steps: list[tuple[Op, tuple[int, ...]]] = []
        self.packing: list[tuple[int, ...]] = []

        def take() -> int:
            if free:
                return free.pop()
            self.slots += 1
            return self.slots - 1

        for number in sorted(needed):
            node = nodes[number]
            many = 2 if isinstance(node, n.Score) else 1
            slot[number] = mine = tuple(take() for _ in range(many))
            self.steps.append((self._op(node, slot), mine))
            place = self.places.get(number)
            self.packing.append(place if place is not None else ())
            for child in set(n.children(node)):
                if last[child] == number:
                    free.extend(slot[child])
            if number not in last:
                free.extend(mine)

    def _needed(self, keep: set[int]) -> set[int]:
        found, stack = set[int](), list(keep)
        while stack:
            number = stack.pop()
            if number not in found:
                found.add(number)
                stack += n.children(self.plan.nodes[number])
        return found

    def _most(self, terms: Terms) -> int:
        """The largest absolute value that terms can take within the bounds of their facts."""
        total = 0
        for monomial, coefficient in terms:
            product = abs(coefficient)
            for ref in monomial:
                product *= self._largest(ref)
            total += product
        return total

    def _largest(self, ref: Ref) -> int:
        fact = self.plan.vocabulary.facts.get(ref.key)
        return max(abs(fact.least), abs(fact.most), 1) if fact and fact.numeric else MILLION

    def _op(self, node: n.Node, slot: dict[int, tuple[int, ...]]) -> Op:
        match node:
            case n.Const(truth):
                return lambda block, out: out.fill(truth)
            case n.Flag(ref):
                return lambda block, out: _finish(
                    out, np.not_equal(block.values[ref], 0, out=out.view(bool)), block.unknown[ref]
                )
            case n.Inequality(terms, bound, guards):
                return self._compared(terms, bound, guards, equal=False)
            case n.Equality(terms, bound, guards):
                return self._compared(terms, bound, guards, equal=True)
            case n.Member(ref, truths):
                return _member(ref, np.frombuffer(truths, np.uint8))
            case n.Reaches():
                return _reaches(node)
            case n.And(parts):
                return _chain(np.minimum, [slot[p][0] for p in parts])
            case n.Or(parts):
                return _chain(np.maximum, [slot[p][0] for p in parts])
            case n.Not(part):
                place = slot[part][0]
                return lambda block, out: np.subtract(2, block.truths[place][: block.size], out=out)  # type: ignore[return-value]
            case n.AtLeastOf(many, parts):
                return _at_least(many, [slot[p][0] for p in parts])
            case n.ScoreAtLeast(score, points):
                low, high = slot[score]
                return _reached(low, high, points)
            case _:
                return _score(node, slot)

    def _compared(self, terms: Terms, bound: int, guards: tuple[Guard, ...], *, equal: bool) -> Op:
        refs = tuple(
            dict.fromkeys(ref for side in (terms, *(g for g, _ in guards)) for m, _ in side for ref in m)
        )
        small = self._most(terms)
        if max(small, *(self._most(g) for g, _ in guards), 0) >= FITS:
            return _wide(terms, bound, guards, refs, equal=equal)
        if abs(bound) > small:
            # Beyond anything the facts can reach; the comparison itself must not overflow either.
            bound = small + 1 if bound > 0 else -small - 1
        compare = np.equal if equal else np.greater_equal
        single = len(terms) == 1 and len(terms[0][0]) == 1 and terms[0][1] == -1 and not equal
        if single:
            ref = terms[0][0][0]

            def at_most(block: _Block, out: Bytes) -> None:
                np.less_equal(block.values[ref], -bound, out=out.view(bool))
                _finish(out, out, block.mask(refs))

            plain: Op = at_most
        else:

            def over(block: _Block, out: Bytes) -> None:
                compare(block.total(terms), bound, out=out.view(bool))
                _finish(out, out, block.mask(refs))

            plain = over
        if not guards:
            return plain

        def guarded(block: _Block, out: Bytes) -> None:
            plain(block, out)
            for guard in guards:
                _guard(block, guard, out)

        return guarded

    # -- running -----------------------------------------------------------------------------------------------------

    def run(self, table: FactTable, *, keep: bool = True) -> Results:
        """All verdicts and clauses of all firms of a table."""
        packed = np.empty((self.groups, table.rows), np.uint8)
        for start, stop, part in self.blocks(table):
            packed[:, start:stop] = part
        return Results(self.plan, packed, self.places)

    def blocks(
        self, table: FactTable, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[int, int, Bytes]]:
        """(first row, row after the last, packed states) for block after block; the buffer is used again each time."""
        block, packed = _Block(self), np.empty((self.groups, BLOCK), np.uint8)
        spare = np.empty(BLOCK, np.uint8)
        end = table.rows if stop is None else stop
        steps = list(zip(self.steps, self.packing, strict=True))
        for first in range(start, end, BLOCK):
            after = min(first + BLOCK, end)
            size = after - first
            block.load(table, first, after)
            for (op, slots), place in steps:
                out = block.truths[slots[0]][:size]
                if len(slots) == 1:
                    op(block, out)
                else:
                    op(block, slots)  # type: ignore[arg-type]
                if place:
                    group, shift = place
                    if shift:
                        np.left_shift(out, shift, out=spare[:size])
                        np.bitwise_or(packed[group, :size], spare[:size], out=packed[group, :size])
                    else:
                        np.copyto(packed[group, :size], out)
            yield first, after, packed[:, :size]


def _finish(out: Bytes, held: Any, unknown: Bytes | None) -> None:
    """From 0/1 to a truth: 2 where it held, 1 where a fact is unknown."""
    del held
    np.add(out, out, out=out)
    if unknown is not None:
        np.putmask(out, unknown.view(bool), 1)


def _guard(block: _Block, guard: Guard, out: Bytes) -> None:
    """No where the guard is known not to hold."""
    if guard not in block.passes:
        terms, bound = guard
        refs = tuple(dict.fromkeys(ref for m, _ in terms for ref in m))
        good = np.empty(block.size, np.uint8)
        np.greater_equal(block.total(terms), bound, out=good.view(bool))
        unknown = block.mask(refs)
        if unknown is not None:
            np.bitwise_or(good, unknown, out=good)
        # 0 where the answer is no, 3 where the comparison decides.
        np.multiply(good, 3, out=good)
        block.passes[guard] = good
    np.bitwise_and(out, block.passes[guard], out=out)


def _wide(terms: Terms, bound: int, guards: tuple[Guard, ...], refs: tuple[Ref, ...], *, equal: bool) -> Op:
    """Terms that may leave 63 bits: floating point where its error cannot matter, Python's integers elsewhere."""

    def exact(block: _Block, row: int, side: Terms) -> int:
        found = 0
        for monomial, coefficient in side:
            product = coefficient
            for ref in monomial:
                product *= int(block.values[ref][row])
            found += product
        return found

    def rough(block: _Block, side: Terms) -> tuple[Floats, Floats]:
        total = np.zeros(block.size)
        size = np.zeros(block.size)
        for monomial, coefficient in side:
            product = np.full(block.size, float(coefficient))
            for ref in monomial:
                product *= block.values[ref]
            total += product
            size += np.abs(product)
        return total, size

    def work(block: _Block, out: Bytes) -> None:
        unknown = block.mask(refs)
        for place, (side, limit) in enumerate(((terms, bound), *guards)):
            total, size = rough(block, side)
            same = equal and place == 0
            held = np.zeros(block.size, bool) if same else total >= limit
            doubtful = np.abs(total - float(limit)) <= (size + abs(float(limit))) * 1e-13
            if unknown is not None and place == 0:
                doubtful &= unknown == 0
            for row in np.flatnonzero(doubtful):
                value = exact(block, int(row), side)
                held[row] = value == limit if same else value >= limit
            if place == 0:
                np.add(held.view(np.uint8), held.view(np.uint8), out=out)
                if unknown is not None:
                    np.putmask(out, unknown.view(bool), 1)
            else:
                mask = block.mask(tuple(dict.fromkeys(ref for m, _ in side for ref in m)))
                failed = ~held if mask is None else ~held & (mask == 0)
                np.putmask(out, failed, 0)

    return work


def _member(ref: Ref, truths: Bytes) -> Op:
    def work(block: _Block, out: Bytes) -> None:
        values, unknown = block.values[ref], block.unknown[ref]
        np.take(truths, values, out=out, mode="clip")
        if unknown is not None:
            np.putmask(out, unknown.view(bool), 1)

    return work


def _reaches(node: n.Reaches) -> Op:
    """A line for every code number; what has no line is reached by everything, what has no row by nothing."""
    lowest, highest = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    lines = np.array(
        [highest if row < 0 else lowest if node.lines[row] is None else node.lines[row] for row in node.rows],
        np.int64,
    )
    # What the answer is whatever the fact: 0 no, 1 unknown, 2 yes; 3 where the fact decides.
    fixed = np.array(
        [0 if row == -1 else 1 if row < 0 else 2 if node.lines[row] is None else 3 for row in node.rows],
        np.uint8,
    )

    def work(block: _Block, out: Bytes) -> None:
        codes = block.values[node.by]
        line = np.take(lines, codes, mode="clip")
        np.greater_equal(block.values[node.ref], line, out=out.view(bool))
        _finish(out, out, block.unknown[node.ref])
        kind = np.take(fixed, codes, mode="clip")
        np.copyto(out, kind, where=kind != 3)
        unknown = block.unknown[node.by]
        if unknown is not None:
            np.putmask(out, unknown.view(bool), 1)

    return work


def _chain(how: np.ufunc, places: list[int]) -> Op:
    first, second, *rest = places

    def work(block: _Block, out: Bytes) -> None:
        size, truths = block.size, block.truths
        how(truths[first][:size], truths[second][:size], out=out)
        for place in rest:
            how(out, truths[place][:size], out=out)

    return work


def _at_least(many: int, places: list[int]) -> Op:
    def work(block: _Block, out: Bytes) -> None:
        size = block.size
        sure, possible, one = (spare[:size] for spare in block.spare)
        sure.fill(0)
        possible.fill(0)
        for place in places:
            state = block.truths[place][:size]
            np.right_shift(state, 1, out=one)
            np.add(sure, one, out=sure)
            np.add(possible, state, out=possible)
        # state = 2·yes + unknown, hence possible = yes + unknown = total - yes.
        np.subtract(possible, sure, out=possible)
        np.greater_equal(sure, many, out=out.view(bool))
        np.greater_equal(possible, many, out=one.view(bool))
        np.add(out, one, out=out)

    return work


def _reached(low: int, high: int, points: int) -> Op:
    def work(block: _Block, out: Bytes) -> None:
        size, one = block.size, block.spare[0][: block.size]
        np.greater_equal(block.truths[low][:size], points, out=out.view(bool))
        np.greater_equal(block.truths[high][:size], points, out=one.view(bool))
        np.add(out, one, out=out)

    return work


def _score(node: n.Node, slot: dict[int, tuple[int, ...]]) -> Op:
    """Lowest and highest points, each in a byte."""
    match node:
        case n.Best(parts):
            pairs = [slot[p] for p in parts]

            def best(block: _Block, slots: Any) -> None:
                for side in (0, 1):
                    out = block.truths[slots[side]][: block.size]
                    np.copyto(out, block.truths[pairs[0][side]][: block.size])
                    for pair in pairs[1:]:
                        np.maximum(out, block.truths[pair[side]][: block.size], out=out)

            return best
        case n.Total(parts, cap):
            pairs = [slot[p] for p in parts]

            def added(block: _Block, slots: Any) -> None:
                for side in (0, 1):
                    out = block.truths[slots[side]][: block.size]
                    np.copyto(out, block.truths[pairs[0][side]][: block.size])
                    for pair in pairs[1:]:
                        np.add(out, block.truths[pair[side]][: block.size], out=out)
                    np.minimum(out, cap, out=out)

            return added
        case n.Bands(conditions, points, other):
            return _bands([slot[c][0] for c in conditions], points, other)
    raise AssertionError(node)


def _bands(places: list[int], points: tuple[tuple[int, int], ...], other: tuple[int, int]) -> Op:
    ladder = [*points, other]
    falling = all(a[0] >= b[0] and a[1] >= b[1] for a, b in pairwise(ladder))

    def down(block: _Block, slots: Any) -> None:
        """Points fall from band to band: at least the best that surely holds, at most the best that may."""
        size, one = block.size, block.spare[0][: block.size]
        low, high = (block.truths[s][:size] for s in slots)
        low.fill(other[0])
        high.fill(other[1])
        for place, (least, most) in zip(places, points, strict=True):
            state = block.truths[place][:size]
            np.right_shift(state, 1, out=one)
            np.multiply(one, least, out=one)
            np.maximum(low, one, out=low)
            np.minimum(state, 1, out=one)
            np.multiply(one, most, out=one)
            np.maximum(high, one, out=high)

    def any_order(block: _Block, slots: Any) -> None:
        size = block.size
        low, high = (block.truths[s][:size] for s in slots)
        low.fill(other[0])
        high.fill(other[1])
        for place, (least, most) in zip(reversed(places), reversed(points), strict=True):
            state = block.truths[place][:size]
            low[:] = np.where(state == 2, least, np.where(state == 0, low, np.minimum(low, least)))
            high[:] = np.where(state == 2, most, np.where(state == 0, high, np.maximum(high, most)))

    return down if falling else any_order
