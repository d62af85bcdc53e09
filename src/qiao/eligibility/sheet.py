"""Every clause and test of one firm as numbers, for programs: what an explanation says, before it is put into words.

Made for many policies at once: each distinct test is measured once, and clauses point to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from . import nodes as n
from .exact import Terms
from .plan import Plan
from .walk import Facts, Judged, total


class Figure(NamedTuple):
    """One test: whether it speaks for its clause, what the firm has and what is asked, in the smallest units.

    ``value`` and ``line`` are of the test's exact form (``terms >= line``); None where a fact is unknown, or where the
    test does not compare amounts.
    """

    truth: int  # 0 no, 1 unknown, 2 yes
    value: int | None
    line: int | None

    @property
    def missing(self) -> int:
        """How much there is too little; 0 where nothing is missing or it is not known."""
        return 0 if self.value is None or self.line is None else max(self.line - self.value, 0)


class PolicyFigures(NamedTuple):
    id: str
    truth: int
    clauses: list[tuple[int, tuple[Figure, ...]]]  # in the order of the text: truth, tests


Measure = Callable[[list[Any], Facts], tuple[int | None, int | None]]


@dataclass(frozen=True)
class Sheet:
    """A plan made ready to be told in numbers."""

    tests: tuple[tuple[int, bool, Measure], ...]  # node, whether it is wanted, how it is measured
    policies: tuple[tuple[str, int, tuple[tuple[int, Callable[[list[Figure]], Any]], ...]], ...]

    @classmethod
    def of(cls, plan: Plan) -> Sheet:
        places: dict[tuple[int, bool], int] = {}
        policies = []
        for policy in plan.policies:
            clauses = []
            for clause in policy.clauses:
                keys = dict.fromkeys((leaf.node, leaf.positive) for leaf in clause.leaves)
                clauses.append((clause.node, _picked([places.setdefault(key, len(places)) for key in keys])))
            policies.append((policy.id, policy.verdict, tuple(clauses)))
        tests = tuple((node, positive, _measure(plan.nodes[node])) for node, positive in places)
        return cls(tests, tuple(policies))

    def read(self, judged: Judged) -> list[PolicyFigures]:
        """All policies of the plan for one firm."""
        states, facts = judged.states, judged.facts
        figures = [
            Figure(states[node] if positive else 2 - states[node], *measure(states, facts))
            for node, positive, measure in self.tests
        ]
        return [
            PolicyFigures(id, states[verdict], [(states[c], pick(figures)) for c, pick in clauses])
            for id, verdict, clauses in self.policies
        ]


def _picked(places: list[int]) -> Callable[[list[Figure]], tuple[Figure, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    if not places:
        return lambda figures: ()
    (place,) = places
    return lambda figures: (figures[place],)


def _nothing(states: list[Any], facts: Facts) -> tuple[int | None, int | None]:
    return None, None


def _measure(node: n.Node) -> Measure:
    match node:
        case n.Inequality(terms, line) | n.Equality(terms, line):
            return _amount(terms, line)
        case n.Flag(ref) | n.Member(ref, _):
            return lambda states, facts: (facts.get(ref), None)
        case n.Reaches(ref, by, rows, lines):

            def reached(states: list[Any], facts: Facts) -> tuple[int | None, int | None]:
                code = facts.get(by)
                row = -1 if code is None else rows[code]
                return facts.get(ref), lines[row] if row >= 0 else None

            return reached
        case n.ScoreAtLeast(score, points):
            return lambda states, facts: (states[score][0], points)
        case _:
            return _nothing


def _amount(terms: Terms, line: int) -> Measure:
    if len(terms) == 1 and len(terms[0][0]) == 1:
        (((ref,), factor),) = terms

        def single(states: list[Any], facts: Facts) -> tuple[int | None, int | None]:
            value = facts.get(ref)
            return (None if value is None else factor * value), line

        return single
    return lambda states, facts: (total(terms, facts), line)
