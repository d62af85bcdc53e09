"""A plan: the versions in force on one day, all clauses as numbered nodes, equal ones shared.

Pure data. :mod:`qiao.eligibility.compiling` makes it of packs; both evaluators and all explanations read it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from . import nodes as n
from .exact import Number, Ref
from .language import Tree
from .pack import Benefit, Clause, Item, Pack
from .vocabulary import Vocabulary, Words

FURTHEST = 10  # fiscal years back


@dataclass(frozen=True)
class Leaf:
    """One test inside a clause, as it was written: for explanations.

    ``left`` and ``right`` are the amounts that a comparison compares. ``shift``: how many fiscal years further back the
    names in ``tree`` look than they say, inside a window. No ``tree``: only a person can judge it.
    """

    node: int
    tree: Tree | None
    left: Number | None = None
    right: Number | None = None
    boundary: dt.date | None = None
    shift: int = 0
    positive: bool = True  # False under `not`


@dataclass(frozen=True)
class PlannedClause:
    clause: Clause
    node: int
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class PlannedItem:
    """An item of a score. ``bands``: the node of each band's condition with the tests in it."""

    item: Item
    node: int
    bands: Mapping[int, tuple[Leaf, ...]]


@dataclass(frozen=True)
class PlannedScore:
    name: str
    node: int
    items: tuple[PlannedItem, ...]


@dataclass(frozen=True)
class PlannedBenefit:
    """``amount``, ``cap``: fen. ``of`` × ``rate``: a ratio of a fact. ``condition``: when it is due at all."""

    benefit: Benefit
    amount: Number | None
    rate: Fraction | None
    of: Number | None
    cap: int | None
    condition: int | None


@dataclass(frozen=True)
class Policy:
    """One policy in a plan: its pack, its verdict's node, its clauses in the order of the text."""

    pack: Pack
    verdict: int
    clauses: tuple[PlannedClause, ...]
    scores: tuple[PlannedScore, ...]
    benefits: tuple[PlannedBenefit, ...]
    classes: tuple[tuple[str, int], ...]  # value → node of “it is this one”

    @property
    def id(self) -> str:
        return self.pack.id

    @cached_property
    def scope(self) -> tuple[PlannedClause, ...]:
        return tuple(c for c in self.clauses if c.clause.scope)


@dataclass(frozen=True)
class Plan:
    """Everything in force on one day, ready to be asked. ``nodes`` are in the order of evaluation."""

    as_of: dt.date
    vocabulary: Vocabulary
    nodes: tuple[n.Node, ...]
    policies: tuple[Policy, ...]
    behind: tuple[Policy, ...] = ()  # those that the policies refer to

    @cached_property
    def titles(self) -> Mapping[str, Words]:
        """The policies that can be named, by id."""
        return {p.id: p.pack.title for p in (*self.behind, *self.policies)}

    @cached_property
    def inputs(self) -> tuple[Ref, ...]:
        """All facts that any clause reads, each once."""
        return tuple(dict.fromkeys(ref for node in self.nodes for ref in n.inputs(node)))

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """The distinct nodes of all verdicts and clauses: what a batch run keeps, at two bits a firm."""
        verdicts = dict.fromkeys(p.verdict for p in self.policies)
        return tuple(verdicts | dict.fromkeys(c.node for p in self.policies for c in p.clauses))

    @cached_property
    def by_id(self) -> Mapping[str, Policy]:
        return {p.id: p for p in self.policies}

    def policy(self, id: str) -> Policy:
        """The policy with this id. Raises `KeyError` where none is in force on the day."""
        return self.by_id[id]
