"""Exact amounts: fractions of polynomials over facts, so that no verdict ever divides or rounds.

``rd_expense / revenue >= 3%`` becomes ``100 rd_expense - 3 revenue >= 0`` with the guard ``revenue > 0``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import ceil, gcd, lcm
from typing import NamedTuple


class Ref(NamedTuple):
    """A fact of a fiscal year: ``year`` 1 is the last before the day of assessment; 0 for facts without a year."""

    key: str
    year: int

    def __str__(self) -> str:
        return self.key if self.year in (0, 1) else f"{self.key}[{self.year}]"


Monomial = tuple[Ref, ...]
Poly = dict[Monomial, Fraction]
Terms = tuple[tuple[Monomial, int], ...]
Guard = tuple[Terms, int]  # terms >= bound


def _clean(poly: Poly) -> Poly:
    return {m: c for m, c in poly.items() if c}


def plus(a: Poly, b: Poly, factor: int = 1) -> Poly:
    total = dict(a)
    for monomial, coefficient in b.items():
        total[monomial] = total.get(monomial, Fraction(0)) + factor * coefficient
    return _clean(total)


ONE: Poly = {(): Fraction(1)}


def times(a: Poly, b: Poly) -> Poly:
    if a == ONE:  # most things are divided by nothing
        return b
    if b == ONE:
        return a
    total: Poly = {}
    for (m, c), (n, d) in ((x, y) for x in a.items() for y in b.items()):
        key = tuple(sorted(m + n))
        total[key] = total.get(key, Fraction(0)) + c * d
    return _clean(total)


@dataclass(frozen=True)
class Number:
    """``above / below`` with its unit: exponents of money, usd and count. ``bare``: a number written without a unit.

    ``below`` is positive wherever all ``guards`` are: everything that was divided by is one of them.
    """

    above: Poly
    below: Poly
    unit: tuple[tuple[str, int], ...] = ()
    bare: bool = False
    guards: tuple[Poly, ...] = ()

    @classmethod
    def constant(cls, value: Fraction, dimension: str = "") -> Number:
        unit = ((dimension, 1),) if dimension in ("money", "usd", "count") else ()
        return cls({(): Fraction(value)} if value else {}, {(): Fraction(1)}, unit, not dimension)

    @property
    def value(self) -> Fraction | None:
        """What it is, where no fact is in it."""
        if set(self.above) | set(self.below) <= {()}:
            return self.above.get((), Fraction(0)) / self.below[()]
        return None

    @property
    def refs(self) -> frozenset[Ref]:
        return frozenset(chain.from_iterable(chain(self.above, self.below)))

    def add(self, other: Number, factor: int = 1) -> Number:
        """The sum (or difference). The caller has seen to it that the units agree."""
        unit, bare, guards = self.unit or other.unit, self.bare and other.bare, self.guards + other.guards
        if self.below == other.below:
            return Number(plus(self.above, other.above, factor), self.below, unit, bare, guards)
        above = plus(times(self.above, other.below), times(other.above, self.below), factor)
        return Number(above, times(self.below, other.below), unit, bare, guards)

    def multiply(self, other: Number) -> Number:
        return Number(
            times(self.above, other.above), times(self.below, other.below), _units(self.unit, other.unit, 1),
            self.bare and other.bare, self.guards + other.guards,
        )  # fmt: skip

    def divide(self, other: Number) -> Number:
        """The quotient. Raises `ZeroDivisionError` where the divisor is the constant 0."""
        unit, bare = _units(self.unit, other.unit, -1), self.bare and other.bare
        if other.value is not None:
            if not other.value:
                raise ZeroDivisionError
            factor: Poly = {(): 1 / other.value}
            return Number(times(self.above, factor), self.below, unit, bare, self.guards + other.guards)
        guards = (*self.guards, *other.guards, other.above)
        return Number(times(self.above, other.below), times(self.below, other.above), unit, bare, guards)

    def at(self, facts: Mapping[Ref, int]) -> Fraction | None:
        """Its value for one firm; None where a fact is unknown or the denominator is not positive. For display."""
        above, below = evaluate(self.above, facts), evaluate(self.below, facts)
        positive = all((value := evaluate(g, facts)) is not None and value > 0 for g in self.guards)
        return above / below if above is not None and below and positive else None


def _units(
    a: tuple[tuple[str, int], ...], b: tuple[tuple[str, int], ...], sign: int
) -> tuple[tuple[str, int], ...]:
    total = dict(a)
    for name, power in b:
        total[name] = total.get(name, 0) + sign * power
    return tuple(sorted((n, p) for n, p in total.items() if p))


def evaluate(poly: Poly, facts: Mapping[Ref, int]) -> Fraction | None:
    total = Fraction(0)
    for monomial, coefficient in poly.items():
        product = coefficient
        for ref in monomial:
            value = facts.get(ref)
            if value is None:
                return None
            product *= value
        total += product
    return total


def threshold(poly: Poly, *, strict: bool) -> tuple[Terms, int]:
    """``poly >= 0`` (or ``> 0``) over whole numbers, in its one normal form ``terms >= bound``.

    The coefficients are coprime and the bound is rounded up, which changes nothing: the terms are whole numbers.
    """
    common = lcm(*(c.denominator for c in poly.values())) if poly else 1
    whole = {m: int(c * common) for m, c in poly.items()}
    constant = whole.pop((), 0)
    divisor = gcd(*whole.values()) if whole else 1
    terms = tuple(sorted((m, c // divisor) for m, c in whole.items()))
    return terms, ceil(Fraction(-constant + (1 if strict else 0), divisor))


def equality(poly: Poly) -> tuple[Terms, int] | None:
    """``poly == 0`` as ``terms == bound``; None where no whole numbers can fulfil it."""
    common = lcm(*(c.denominator for c in poly.values())) if poly else 1
    whole = {m: int(c * common) for m, c in poly.items()}
    constant = whole.pop((), 0)
    divisor = gcd(*whole.values()) if whole else 1
    if constant % divisor:
        return None
    terms = tuple(sorted((m, c // divisor) for m, c in whole.items()))
    if terms and terms[0][1] < 0:
        return tuple((m, -c) for m, c in terms), constant // divisor
    return terms, -constant // divisor
