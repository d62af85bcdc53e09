"""Many firms: the same plan over columns, in blocks that stay in the processor's cache.

Truth is a byte, 0 no, 1 unknown, 2 yes: *and* is the least, *or* the greatest. Every verdict and clause is kept, four
to a byte. Arithmetic is on whole numbers that are proved to fit 63 bits when the kernel is made; what might not fit is
decided in floating point where that is certain and by Python's integers in the few rows where it is not. Sums of facts
and what is unknown are worked out once a block for all tests that read them. Points are a byte where no sum of a score
can pass 255, and wider where one can.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from . import nodes as n
from .exact import Guard, Monomial, Ref, Terms
from .plan import Plan
from .table import Bytes, FactTable
from .vocabulary import MILLION

BLOCK = 65_536
FITS = 2**62
EXACT = 2**53  # whole numbers up to here are exact in floating point
Ints = npt.NDArray[np.int64]
Kind = Any  # a numpy scalar type: what an array holds


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
        return count_states(self._histogram(group), shift)

    def _histogram(self, group: int) -> Ints:
        known = self._histograms.get(group)
        if known is None:
            known = self._histograms[group] = np.bincount(self.packed[group], minlength=256)
        return known

    @cached_property
    def _histograms(self) -> dict[int, Ints]:
        return {}


def count_states(histogram: Ints, shift: int) -> tuple[int, int, int]:
    """How many of the bytes counted in a histogram hold no, unknown and yes at ``shift``."""
    found = [0, 0, 0, 0]
    for byte in range(256):
        found[(byte >> shift) & 3] += int(histogram[byte])
    return found[0], found[1], found[2]


class _Block:
    """One block of firms at work: the slices of its facts, the buffers of its nodes, and what tests share."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._truths = [np.empty(BLOCK, np.uint8) for _ in range(kernel.slots)]
        self._points = [np.empty(BLOCK, kernel.points) for _ in range(kernel.point_slots)]
        self._spare = [np.empty(BLOCK, np.uint8) for _ in range(3)]
        self._more = [np.empty(BLOCK, kernel.points) for _ in range(2)]
        self._whole: dict[Kind, Any] = {
            kind: [np.empty(BLOCK, kind) for _ in range(2)] for kind in (np.int32, np.int64)
        }
        self._floats = [np.empty(BLOCK, np.float64) for _ in range(3)]
        self._kept: dict[Any, npt.NDArray[Any]] = {}
        self.size = -1

    def load(self, table: FactTable, start: int, stop: int) -> None:
        """Turns to the rows from ``start`` to ``stop``."""
        size = stop - start
        if size != self.size:
            self.size = size
            self.truths = [b[:size] for b in self._truths]
            self.points = [b[:size] for b in self._points]
            self.spare = [b[:size] for b in self._spare]
            self.more = [b[:size] for b in self._more]
            self.whole = {kind: [b[:size] for b in pair] for kind, pair in self._whole.items()}
            self.floats = [b[:size] for b in self._floats]
        self.values: dict[Ref, Any] = {}
        self.known: dict[Ref, Bytes | None] = {}
        self.narrow: set[Ref] = set()
        self._masks: dict[Refs, tuple[Bytes, Bytes] | None] = {}
        self._sums: dict[Any, Any] = {}
        self._passes: dict[Guard, Bytes] = {}
        for ref in self.kernel.plan.inputs:
            column = table.columns.get(ref)
            if column is None:
                self.known[ref], self.values[ref] = self.kernel.nothing[:size], self.kernel.zeros[:size]
                self.narrow.add(ref)
                continue
            self.values[ref] = values = column.values[start:stop]
            self.known[ref] = column.known(start, stop)
            if values.itemsize <= 4:
                self.narrow.add(ref)

    def mask(self, refs: Refs) -> tuple[Bytes, Bytes] | None:
        """(1 where any of the facts is unknown, 1 where all are known); None where nothing is unknown."""
        if refs in self._masks:
            return self._masks[refs]
        found = [m for ref in refs if (m := self.known[ref]) is not None]
        pair = None
        if found:
            known = found[0]
            if len(found) > 1:
                known = np.bitwise_and(found[0], found[1])
                for more in found[2:]:
                    np.bitwise_and(known, more, out=known)
            pair = np.bitwise_xor(known, 1), known
        self._masks[refs] = pair
        return pair

    def keep(self, key: Any, kind: Kind) -> npt.NDArray[Any]:
        """A buffer for what several tests of a block read, the same one in every block."""
        buffer = self._kept.get((key, kind))
        if buffer is None:
            buffer = self._kept[key, kind] = np.empty(BLOCK, kind)
        return buffer[: self.size]

    def sum(self, monomials: Monomials, kind: Kind) -> Any:
        """The sum of products of facts for every row, computed once a block; a view of a fact where it is just that."""
        if len(monomials) == 1 and len(monomials[0]) == 1 and kind is not np.float64:
            return self.values[monomials[0][0]]
        key = monomials, kind
        if key not in self._sums:
            out = self.keep(monomials, kind)
            for place, (first, *rest) in enumerate(monomials):
                product: Any = self.values[first]
                target = out if place == 0 else self.spare_for(kind)
                if not rest and place == 0:
                    np.copyto(out, product, casting="unsafe")
                for ref in rest:
                    np.multiply(product, self.values[ref], out=target, dtype=kind)
                    product = target
                if place:
                    np.add(out, product, out=out, dtype=kind)
            self._sums[key] = out
        return self._sums[key]

    def index(self, ref: Ref) -> Any:
        """A code as the index into a table."""
        key = ref, np.intp
        if key not in self._sums:
            self._sums[key] = out = self.keep(ref, np.intp)
            np.copyto(out, self.values[ref], casting="unsafe")
        return self._sums[key]

    def quotient(self, above: Monomials, below: Monomials) -> Any:
        """``above / below`` in floating point, for all thresholds it is compared with; anything where below is 0."""
        key = above, below
        if key not in self._sums:
            self._sums[key] = out = self.keep(key, np.float64)
            np.divide(self.sum(above, np.float64), self.sum(below, np.float64), out=out)
        return self._sums[key]

    def kind(self, narrow: bool, refs: frozenset[Ref]) -> Kind:
        """The whole numbers to reckon in: 32 bits where the result fits them and all facts have come so."""
        return np.int32 if narrow and refs <= self.narrow else np.int64

    def spare_for(self, kind: Kind) -> npt.NDArray[Any]:
        return self.floats[0] if kind is np.float64 else self.whole[kind][0]

    def finish(self, out: Bytes, refs: Refs) -> None:
        """From 0/1 to a truth: 2 where it held, 1 where one of the facts is unknown."""
        pair = self.mask(refs)
        if pair is None:
            np.add(out, out, out=out)
        else:
            unknown, known = pair
            sure = np.bitwise_and(out, known, out=self.spare[0])
            np.bitwise_or(out, unknown, out=out)
            np.add(out, sure, out=out)

    def passes(self, guard: Guard, test: Callable[[_Block, Bytes], None], refs: Refs) -> Bytes:
        """0 where the guard is known not to hold, 3 elsewhere."""
        good = self._passes.get(guard)
        if good is None:
            good = self._passes[guard] = self.keep(guard, np.uint8)
            test(self, good)
            pair = self.mask(refs)
            if pair is not None:
                np.bitwise_or(good, pair[0], out=good)
            np.multiply(good, 3, out=good)
        return good


Op = Callable[[_Block, Any], None]
Refs = tuple[Ref, ...]
Monomials = tuple[Monomial, ...]


class Kernel:
    """A plan made ready for columns. Making it takes milliseconds; it holds no data.

    ``clauses=False`` keeps the verdicts only.
    """

    def __init__(self, plan: Plan, *, clauses: bool = True) -> None:
        self.plan = plan
        self.nothing = np.zeros(BLOCK, np.uint8)
        self.zeros = np.zeros(BLOCK, np.int8)
        self.kept = tuple(sorted(plan.kept if clauses else {p.verdict for p in plan.policies}))
        self.places = {node: (place // 4, place % 4 * 2) for place, node in enumerate(self.kept)}
        self.groups = (len(self.kept) + 3) // 4
        self._compile()

    # -- making ------------------------------------------------------------------------------------------------------

    def _compile(self) -> None:
        """Gives every node an operation and a buffer; a buffer is used again once nobody needs what is in it."""
        nodes = self.plan.nodes
        needed = sorted(self._needed())
        most = self._most_points(needed)
        self.points: Any = np.uint8 if most <= 255 else np.uint16 if most <= 65_535 else np.int32
        tests = (node for i in needed if isinstance(node := nodes[i], n.Inequality | n.Equality))
        sums = [[what for _, what in _grouped(node.terms)] for node in tests]
        self.readers = Counter(what for read in sums for what in read)
        self.pairs = Counter(frozenset(read) for read in sums)
        last = {c: number for number in needed for c in n.children(nodes[number])}
        slot: dict[int, int] = {}
        truths, points = _Slots(1), _Slots(2)
        self.steps: list[tuple[Op, int, bool, int, int]] = []  # operation, buffer, is a score, group, factor
        for number in needed:
            node = nodes[number]
            score = isinstance(node, n.Score)
            slot[number] = (points if score else truths).take()
            group, shift = self.places.get(number, (-1, 0))
            self.steps.append((self._op(node, slot), slot[number], score, group, 1 << shift))
            for child in {*n.children(node), *(() if number in last else (number,))}:
                if last.get(child, number) == number:
                    (points if isinstance(nodes[child], n.Score) else truths).free.append(slot[child])
        self.slots, self.point_slots = truths.many, points.many

    def _needed(self) -> set[int]:
        found, stack = set[int](), list(self.kept)
        while stack:
            number = stack.pop()
            if number not in found:
                found.add(number)
                stack += n.children(self.plan.nodes[number])
        return found

    def _most_points(self, needed: list[int]) -> int:
        """The most that any sum of points can come to, before its cap."""
        self.most = most = dict[int, int]()
        highest = 0
        for number in needed:
            match self.plan.nodes[number]:
                case n.Bands(_, points, other):
                    most[number] = max(high for _, high in (*points, other))
                case n.Best(parts):
                    most[number] = max(most[p] for p in parts)
                case n.Total(parts, cap):
                    whole = sum(most[p] for p in parts)
                    highest, most[number] = max(highest, whole, cap), min(whole, cap)
                case n.ScoreAtLeast(_, points):
                    highest = max(highest, points)
        return max(highest, *most.values(), 0)

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
        if fact is None or fact.type in ("boolean", "code", "category"):
            return MILLION
        return MILLION if fact.type == "date" else max(abs(fact.least), abs(fact.most), 1)

    def _op(self, node: n.Node, slot: dict[int, int]) -> Op:
        match node:
            case n.Const(truth):
                return lambda block, out: out.fill(truth)
            case n.Flag(ref):
                refs = (ref,)

                def flag(block: _Block, out: Bytes) -> None:
                    np.not_equal(block.values[ref], 0, out=out.view(bool))
                    block.finish(out, refs)

                return flag
            case n.Inequality(terms, bound, guards):
                return self._compared(terms, bound, guards, equal=False)
            case n.Equality(terms, bound, guards):
                return self._compared(terms, bound, guards, equal=True)
            case n.Member(ref, truths):
                return _member(ref, np.frombuffer(truths, np.uint8))
            case n.Reaches():
                return _reaches(node)
            case n.And(parts):
                return _chain(np.minimum, [slot[p] for p in parts])
            case n.Or(parts):
                return _chain(np.maximum, [slot[p] for p in parts])
            case n.Not(part):
                place = slot[part]
                return lambda block, out: np.subtract(2, block.truths[place], out=out)  # type: ignore[return-value]
            case n.AtLeastOf(many, parts):
                return _at_least(many, [slot[p] for p in parts])
            case n.ScoreAtLeast(score, points):
                return _reached(slot[score], points)
            case _:
                return _score(node, slot, sum(self.most.get(c, 0) for c in n.children(node)), self.points)

    def _compared(self, terms: Terms, bound: int, guards: tuple[Guard, ...], *, equal: bool) -> Op:
        refs = _refs(terms, *(g for g, _ in guards))
        held = (None if equal else self._ratio(terms, bound, guards)) or self._held(terms, bound, equal=equal)

        def compared(block: _Block, out: Bytes) -> None:
            held(block, out)
            block.finish(out, refs)

        if not guards:
            return compared
        tests = [(guard, self._held(*guard), _refs(guard[0])) for guard in guards]

        def guarded(block: _Block, out: Bytes) -> None:
            held(block, out)
            block.finish(out, refs)
            for guard, test, of in tests:
                np.bitwise_and(out, block.passes(guard, test, of), out=out)

        return guarded

    def _held(self, terms: Terms, bound: int, *, equal: bool = False) -> Op:
        """1 where ``terms >= bound`` (or ``==``), 0 elsewhere; anything where a fact is unknown."""
        small, sums = self._most(terms), _grouped(terms)
        if small >= FITS:
            return _wide(terms, bound, self._signed(terms), equal=equal)
        if abs(bound) > small:
            # Beyond anything the facts can reach; the comparison itself must not overflow either.
            bound = small + 1 if bound > 0 else -small - 1
        refs, narrow = frozenset(_refs(terms)), small < 2**31
        match sums:
            case [(1 | -1 as sign, what)]:
                compare: Any = np.equal if equal else np.greater_equal if sign > 0 else np.less_equal
                line = sign * bound
                # Floating point is compared faster; making it pays where several tests read the same amount.
                floating = small < EXACT and self.readers[what] > 2

                def single(block: _Block, out: Bytes) -> None:
                    if floating and not refs <= block.narrow:
                        compare(block.sum(what, np.float64), float(line), out=out.view(bool))
                    else:
                        compare(block.sum(what, block.kind(narrow, refs)), line, out=out.view(bool))

                return single
            case [(minus, less), (plus, more)] if minus < 0 < plus and bound in (0, 1) and not equal:
                over = np.greater if bound else np.greater_equal

                def sides(block: _Block, out: Bytes) -> None:
                    kind = block.kind(narrow, refs)
                    left, right = block.whole[kind]
                    a, b = block.sum(more, kind), block.sum(less, kind)
                    if plus != 1:
                        a = np.multiply(a, plus, out=left, dtype=kind)
                    if minus != -1:
                        b = np.multiply(b, -minus, out=right, dtype=kind)
                    over(a, b, out=out.view(bool))

                return sides
        compare = np.equal if equal else np.greater_equal

        def general(block: _Block, out: Bytes) -> None:
            kind = block.kind(narrow, refs)
            summed = [block.sum(what, kind) for _, what in sums]
            target, other = block.whole[kind]
            total: Any = target
            target.fill(0)
            for (coefficient, _), what in zip(sums, summed, strict=True):
                product = np.multiply(what, coefficient, out=other, dtype=kind)
                np.add(total, product, out=target, dtype=kind)
            compare(total, bound, out=out.view(bool))

        return general

    def _ratio(self, terms: Terms, bound: int, guards: tuple[Guard, ...]) -> Op | None:
        """A ratio against a threshold, if the test is one: the quotient is shared by all thresholds.

        Rounding keeps the order: where the quotient is not right at the threshold, it decides. Two fractions apart
        differ by at least one part in (denominator × numerator of the threshold), so that often nothing can be.
        """
        sums = _grouped(terms)
        if bound not in (0, 1) or len(sums) != 2 or not sums[0][0] < 0 < sums[1][0]:
            return None
        (minus, less), (plus, more) = sums
        small = self._most(terms)
        if small < 2**31 or (small < FITS and self.pairs[frozenset((less, more))] < 2):
            return None  # whole numbers are as quick
        if turned := not _positive(less, guards):
            if not _positive(more, guards):
                return None
            (minus, less), (plus, more) = (-plus, more), (-minus, less)
        exact = all(len(m) == 1 for m in (*less, *more)) and small < FITS
        exact = exact and all(self._most(tuple((m, 1) for m in side)) < EXACT for side in (less, more))
        if not exact and self._signed(terms):
            return None
        # more / less >= line, or <= where turned; strict with a bound of 1
        line = -minus / plus
        sure = exact and self._most(tuple((m, 1) for m in less)) * -minus < 2**52
        error = 2.0**-51 if exact else 2.0**-50 * (len(terms) + 2 * max(len(m) for m, _ in terms) + 2)
        over: Any = (
            (np.less if bound else np.less_equal) if turned else (np.greater if bound else np.greater_equal)
        )
        if sure:
            return lambda block, out: over(block.quotient(more, less), line, out=out.view(bool))
        refs, near, far = _refs(terms), line * (1 - error), line * (1 + error)

        def compared(block: _Block, out: Bytes) -> None:
            quotient = block.quotient(more, less)
            over(quotient, near, out=out.view(bool))
            over(quotient, far, out=block.spare[0].view(bool))
            np.bitwise_xor(out, block.spare[0], out=block.spare[0])
            _settle(block, out, terms, bound, refs)

        return compared

    def _signed(self, terms: Terms) -> bool:
        """Whether any product of facts may be negative."""
        facts = self.plan.vocabulary.facts
        return any(ref.key not in facts or facts[ref.key].least < 0 for ref in _refs(terms))

    # -- running -----------------------------------------------------------------------------------------------------

    def run(self, table: FactTable) -> Results:
        """All verdicts and clauses of all firms of a table."""
        packed = np.empty((self.groups, table.rows), np.uint8)
        block = _Block(self)
        for start in range(0, table.rows, BLOCK):
            stop = min(start + BLOCK, table.rows)
            self._judge(block, table, start, stop, packed[:, start:stop])
        return Results(self.plan, packed, self.places)

    def blocks(self, tables: Iterable[FactTable]) -> Iterator[Bytes]:
        """The packed states of block after block of many tables; the buffer is used again each time."""
        block, packed = _Block(self), np.empty((self.groups, BLOCK), np.uint8)
        for table in tables:
            for start in range(0, table.rows, BLOCK):
                stop = min(start + BLOCK, table.rows)
                part = packed[:, : stop - start]
                self._judge(block, table, start, stop, part)
                yield part

    def _judge(self, block: _Block, table: FactTable, start: int, stop: int, packed: Bytes) -> None:
        block.load(table, start, stop)
        spare = block.spare[0]
        # What stands in rows that are unknown may be anything; it is masked afterwards.
        with np.errstate(all="ignore"):
            for op, place, score, group, factor in self.steps:
                if score:
                    op(block, (block.points[2 * place], block.points[2 * place + 1]))
                    continue
                out = block.truths[place]
                op(block, out)
                if factor > 1:
                    row = packed[group]
                    np.multiply(out, factor, out=spare)
                    np.bitwise_or(row, spare, out=row)
                elif group >= 0:
                    np.copyto(packed[group], out)


class _Slots:
    """Hands out numbers of buffers (``width`` buffers each), those given back first."""

    def __init__(self, width: int) -> None:
        self.width, self.free, self.taken = width, list[int](), 0

    def take(self) -> int:
        if self.free:
            return self.free.pop()
        self.taken += 1
        return self.taken - 1

    @property
    def many(self) -> int:
        return self.taken * self.width


def _refs(*sides: Terms) -> Refs:
    return tuple(dict.fromkeys(ref for side in sides for monomial, _ in side for ref in monomial))


def _grouped(terms: Terms) -> list[tuple[int, Monomials]]:
    """The same terms by coefficient."""
    parts: dict[int, list[Monomial]] = {}
    for monomial, coefficient in terms:
        parts.setdefault(coefficient, []).append(monomial)
    return sorted((c, tuple(monomials)) for c, monomials in parts.items())


def _positive(sum: Monomials, guards: tuple[Guard, ...]) -> bool:
    """Whether the guards see to it that a sum of products is at least 1."""
    if any(bound >= 1 and terms == tuple((m, 1) for m in sum) for terms, bound in guards):
        return True
    sure = {terms[0][0][0] for terms, bound in guards if bound >= 1 and len(terms) == 1 and len(terms[0][0]) == 1
            and terms[0][1] == 1}  # fmt: skip
    return all(ref in sure for monomial in sum for ref in monomial)


def _settle(block: _Block, out: Bytes, terms: Terms, bound: int, refs: Refs, *, equal: bool = False) -> None:
    """Decides the rows marked in the first spare buffer, where floating point could not, in Python's integers."""
    doubtful = block.spare[0]
    pair = block.mask(refs)
    if pair is not None:
        np.bitwise_and(doubtful, pair[1], out=doubtful)
    if not np.count_nonzero(doubtful):
        return
    for row in np.flatnonzero(doubtful):
        found = 0
        for monomial, coefficient in terms:
            product = coefficient
            for ref in monomial:
                product *= int(block.values[ref][row])
            found += product
        out[row] = found == bound if equal else found >= bound


def _wide(terms: Terms, bound: int, signed: bool, *, equal: bool) -> Op:
    """Terms that may leave 63 bits: floating point where its error cannot matter, Python's integers elsewhere."""
    refs = _refs(terms)
    # Each product and sum is off by at most one part in 2**53: far fewer steps than this.
    error = 2.0**-50 * (len(terms) + max(len(m) for m, _ in terms) + 2)
    limit = float(bound)

    def work(block: _Block, out: Bytes) -> None:
        products = [block.sum((monomial,), np.float64) for monomial, _ in terms]
        one, total, size = block.floats
        total.fill(-limit)
        size.fill(abs(limit))
        for (_, coefficient), product in zip(terms, products, strict=True):
            np.multiply(product, float(coefficient), out=one)
            np.add(total, one, out=total)
            if signed:
                np.abs(one, out=one)
            if coefficient > 0 or signed:
                np.add(size, one, out=size)
            else:
                np.subtract(size, one, out=size)
        held = out.view(bool)
        if equal:
            held.fill(False)
        else:
            np.greater_equal(total, 0, out=held)
        np.abs(total, out=total)
        np.multiply(size, error, out=size)
        # Where all products are 0 there is no error.
        np.less(total, size, out=block.spare[0].view(bool))
        _settle(block, out, terms, bound, refs, equal=equal)

    return work


def _member(ref: Ref, truths: Bytes) -> Op:
    def work(block: _Block, out: Bytes) -> None:
        np.take(truths, block.index(ref), out=out, mode="clip")
        _masked(block, out, ref)

    return work


def _masked(block: _Block, out: Bytes, ref: Ref) -> None:
    """1 where the fact is unknown."""
    pair = block.mask((ref,))
    if pair is not None:
        unknown, known = pair
        np.multiply(out, known, out=out)
        np.add(out, unknown, out=out)


def _reaches(node: n.Reaches) -> Op:
    """A line for every code number; what has no line is reached by everything, what has no row by nothing."""
    lines = np.array([(row >= 0 and node.lines[row]) or 0 for row in node.rows], np.int64)
    # What the answer is whatever the fact, as the least and the most it may be; 0 and 2 where the fact decides.
    fixed = [
        (0, 0) if row == -1 else (1, 1) if row < 0 else (2, 2) if node.lines[row] is None else (0, 2)
        for row in node.rows
    ]
    least, most = (np.array(side, np.uint8) for side in zip(*fixed, strict=True))
    refs = (node.ref,)

    def work(block: _Block, out: Bytes) -> None:
        codes = block.index(node.by)
        line = np.take(lines, codes, mode="clip", out=block.whole[np.int64][0])
        np.greater_equal(block.values[node.ref], line, out=out.view(bool))
        block.finish(out, refs)
        np.minimum(out, np.take(most, codes, mode="clip", out=block.spare[0]), out=out)
        np.maximum(out, np.take(least, codes, mode="clip", out=block.spare[0]), out=out)
        _masked(block, out, node.by)

    return work


def _chain(how: np.ufunc, places: list[int]) -> Op:
    first, second, *rest = places

    def work(block: _Block, out: Bytes) -> None:
        truths = block.truths
        how(truths[first], truths[second], out=out)
        for place in rest:
            how(out, truths[place], out=out)

    return work


def _at_least(many: int, places: list[int]) -> Op:
    def work(block: _Block, out: Bytes) -> None:
        sure, possible, one = block.spare
        sure.fill(0)
        possible.fill(0)
        for place in places:
            state = block.truths[place]
            np.add(sure, np.greater(state, 1, out=one.view(bool)).view(np.uint8), out=sure)
            np.add(possible, np.greater(state, 0, out=one.view(bool)).view(np.uint8), out=possible)
        np.greater_equal(sure, many, out=out.view(bool))
        np.greater_equal(possible, many, out=one.view(bool))
        np.add(out, one, out=out)

    return work


def _reached(score: int, points: int) -> Op:
    def work(block: _Block, out: Bytes) -> None:
        one = block.spare[0]
        np.greater_equal(block.points[2 * score], points, out=out.view(bool))
        np.greater_equal(block.points[2 * score + 1], points, out=one.view(bool))
        np.add(out, one, out=out)

    return work


def _score(node: n.Node, slot: dict[int, int], whole: int, kind: Any) -> Op:
    """Lowest and highest points, in ``kind``. ``whole``: what the parts of a sum can come to."""
    match node:
        case n.Best(parts):
            return _joined([slot[p] for p in parts], np.maximum)
        case n.Total(parts, cap):
            limit = None if whole <= cap else np.full(BLOCK, cap, kind)
            return _joined([slot[p] for p in parts], np.add, limit)
        case n.Bands(conditions, points, other):
            return _bands([slot[c] for c in conditions], points, other)
    raise AssertionError(node)


def _joined(places: list[int], how: np.ufunc, cap: npt.NDArray[Any] | None = None) -> Op:
    first, *rest = places

    def work(block: _Block, outs: tuple[Any, Any]) -> None:
        for side, out in enumerate(outs):
            np.copyto(out, block.points[2 * first + side])
            for place in rest:
                how(out, block.points[2 * place + side], out=out)
            if cap is not None:
                np.minimum(out, cap[: block.size], out=out)

    return work


def _bands(places: list[int], points: tuple[tuple[int, int], ...], other: tuple[int, int]) -> Op:
    ladder = [*points, other]
    falling = all(a[0] >= b[0] and a[1] >= b[1] for a, b in pairwise(ladder))

    def down(block: _Block, outs: tuple[Any, Any]) -> None:
        """Points fall from band to band: at least the best that surely holds, at most the best that may."""
        met, one = block.spare[0], block.more[0]
        for side, out in enumerate(outs):
            out.fill(other[side])
            for place, band in zip(places, points, strict=True):
                if band[side] > other[side]:
                    np.greater(block.truths[place], 1 - side, out=met.view(bool))
                    np.maximum(out, np.multiply(met, band[side], out=one, dtype=one.dtype), out=out)

    def any_order(block: _Block, outs: tuple[Any, Any]) -> None:
        low, high = outs
        low.fill(other[0])
        high.fill(other[1])
        for place, (least, most) in zip(reversed(places), reversed(points), strict=True):
            state = block.truths[place]
            low[:] = np.where(state == 2, least, np.where(state == 0, low, np.minimum(low, least)))
            high[:] = np.where(state == 2, most, np.where(state == 0, high, np.maximum(high, most)))

    return down if falling else any_order
