"""What a plan is made of: tests on facts, their combinations, and scores as bounds. Equal nodes are one node.

A node names others by their number in the plan; a number is always smaller than that of the node which uses it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .exact import Guard, Ref, Terms


@dataclass(frozen=True, slots=True)
class Const:
    truth: int


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes-or-no fact."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Inequality:
    """``terms >= bound``. ``guards`` say that denominators are positive: *no* as soon as one is not."""

    terms: Terms
    bound: int
    guards: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Equality:
    terms: Terms
    bound: int
    guards: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A code or category among others: ``truths[number]`` is 0, 1 (only a part of what the code covers) or 2."""

    ref: Ref
    truths: bytes


@dataclass(frozen=True, slots=True)
class Reaches:
    """A fact at or above the line which a table gives the firm's code; yes where it gives none, no off the table.

    ``rows[number of the code]`` is the row, -1 off the table, -2 where a row below the code decides (unknown).
    ``lines[row]`` is the line or None.
    """

    ref: Ref
    by: Ref
    rows: tuple[int, ...]
    lines: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: int


@dataclass(frozen=True, slots=True)
class AtLeastOf:
    n: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bands:
    """Points of the first condition that holds, else ``other``; as bounds, lowest and highest."""

    conditions: tuple[int, ...]
    points: tuple[tuple[int, int], ...]
    other: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Best:
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Total:
    parts: tuple[int, ...]
    cap: int


@dataclass(frozen=True, slots=True)
class ScoreAtLeast:
    score: int
    points: int


Score = Bands | Best | Total
Node = (
    Const
    | Flag
    | Inequality
    | Equality
    | Member
    | Reaches
    | And
    | Or
    | Not
    | AtLeastOf
    | ScoreAtLeast
    | Score
)


def children(node: Node) -> tuple[int, ...]:
    """The nodes this one is computed from."""
    match node:
        case And(parts) | Or(parts) | AtLeastOf(_, parts) | Best(parts) | Total(parts, _):
            return parts
        case Bands(conditions, _, _):
            return conditions
        case Not(part) | ScoreAtLeast(part, _):
            return (part,)
        case _:
            return ()


def inputs(node: Node) -> tuple[Ref, ...]:
    """The facts this node reads itself."""
    match node:
        case Flag(ref) | Member(ref, _):
            return (ref,)
        case Reaches(ref, by, _, _):
            return (ref, by)
        case Inequality(terms, _, guards) | Equality(terms, _, guards):
            found: dict[Ref, None] = {}
            for side in (terms, *(g for g, _ in guards)):
                for monomial, _ in side:
                    found |= dict.fromkeys(monomial)
            return tuple(found)
        case _:
            return ()
