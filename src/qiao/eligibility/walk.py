"""One firm: every node of a plan in order, in Python's unbounded integers. The reference, and the interactive path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import nodes as n
from .exact import Guard, Ref, Terms
from .plan import Plan, Policy
from .truth import Truth, at_least

Facts = Mapping[Ref, int]
Step = Callable[[list[Any], Facts], Any]


@dataclass(frozen=True)
class Judged:
    """One firm under one plan: ``states[node]`` is 0, 1, 2 for a test and ``(low, high)`` for a score."""

    plan: Plan
    facts: Facts
    states: list[Any]

    def verdict(self, id: str) -> Truth:
        """Whether the firm qualifies for a policy. Raises `KeyError` where none with that id is in force."""
        return Truth(self.states[self.plan.policy(id).verdict])

    def clause(self, id: str, clause: str) -> Truth:
        planned = next(c for c in self.plan.policy(id).clauses if c.clause.id == clause)
        return Truth(self.states[planned.node])

    def score(self, id: str, name: str) -> tuple[int, int]:
        """The lowest and highest possible points of a score, or of one item of it (``total.staff``)."""
        score, _, item = name.partition(".")
        planned = next(s for s in self.plan.policy(id).scores if s.name == score)
        node = next(i.node for i in planned.items if i.item.id == item) if item else planned.node
        low, high = self.states[node]
        return low, high

    def klass(self, id: str) -> str | None:
        """What a classification makes of the firm; None while that is open or it is out of scope."""
        return self._klass(self.plan.policy(id))

    def derived(self, key: str) -> str | None:
        """The value of a derived fact, from the classification in the plan that gives it; None while it is open."""
        for policy in (*self.plan.policies, *self.plan.behind):
            if policy.pack.classes and policy.pack.classes.fact == key:
                return self._klass(policy)
        return None

    def _klass(self, policy: Policy) -> str | None:
        if any(self.states[c.node] != Truth.YES for c in policy.scope):
            return None
        return next((value for value, node in policy.classes if self.states[node] == Truth.YES), None)

    def in_scope(self, policy: Policy) -> bool:
        """False when the policy is surely not meant for this firm."""
        return all(self.states[c.node] != Truth.NO for c in policy.scope)


class Walker:
    """A plan made ready to be walked many times: one small function a node."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(map(_step, self.plan.nodes))

    def judge(self, facts: Facts) -> Judged:
        """All verdicts and clauses for one firm. ``facts`` holds what is known; what it does not name is unknown."""
        states: list[Any] = []
        append = states.append
        for step in self.steps:
            append(step(states, facts))
        return Judged(self.plan, facts, states)


def total(terms: Terms, facts: Facts) -> int | None:
    """The value of ``terms``, None where a fact in them is unknown."""
    found = 0
    for monomial, coefficient in terms:
        product = coefficient
        for ref in monomial:
            value = facts.get(ref)
            if value is None:
                return None
            product *= value
        found += product
    return found


def _guarded(guards: tuple[Guard, ...], facts: Facts) -> int:
    """2 where every guard holds, 0 where one does not, 1 where that is open."""
    state = 2
    for terms, bound in guards:
        value = total(terms, facts)
        if value is None:
            state = 1
        elif value < bound:
            return 0
    return state


def _step(node: n.Node) -> Step:
    match node:
        case n.Const(truth):
            return lambda states, facts: truth
        case n.Flag(ref):

            def flag(states: list[Any], facts: Facts) -> int:
                value = facts.get(ref)
                return 1 if value is None else 2 if value else 0

            return flag
        case n.Inequality(terms, bound, guards):
            return (
                _single(terms, bound, guards)
                or _pair(terms, bound, guards)
                or _compare(terms, bound, guards, equal=False)
            )
        case n.Equality(terms, bound, guards):
            return _compare(terms, bound, guards, equal=True)
        case n.Member(ref, truths):

            def member(states: list[Any], facts: Facts) -> int:
                value = facts.get(ref)
                return 1 if value is None else truths[value]

            return member
        case n.Reaches(ref, by, rows, lines):

            def reaches(states: list[Any], facts: Facts) -> int:
                code = facts.get(by)
                row = -2 if code is None else rows[code]
                if row < 0:
                    return 0 if row == -1 else 1
                line, value = lines[row], facts.get(ref)
                return 2 if line is None else 1 if value is None else 2 if value >= line else 0

            return reaches
        case n.And(parts):

            def both(states: list[Any], facts: Facts) -> int:
                least = 2
                for part in parts:
                    state = states[part]
                    if not state:
                        return 0
                    least = min(least, state)
                return least

            return both
        case n.Or(parts):

            def either(states: list[Any], facts: Facts) -> int:
                most = 0
                for part in parts:
                    state = states[part]
                    if state == 2:
                        return 2
                    most = max(most, state)
                return most

            return either
        case n.Not(part):
            return lambda states, facts: 2 - states[part]
        case n.AtLeastOf(many, parts):
            return lambda states, facts: at_least(many, [states[p] for p in parts])
        case n.Bands(conditions, points, other):
            ladder = tuple(zip(conditions, points, strict=True))

            def bands(states: list[Any], facts: Facts) -> tuple[int, int]:
                low, high, met = 10**9, -1, False
                for condition, (least, most) in ladder:
                    state = states[condition]
                    if state:
                        low, high = min(low, least), max(high, most)
                        if state == 2:
                            met = True
                            break
                return (low, high) if met else (min(low, other[0]), max(high, other[1]))

            return bands
        case n.Best(parts):
            return lambda states, facts: (max(states[p][0] for p in parts), max(states[p][1] for p in parts))
        case n.Total(parts, cap):

            def added(states: list[Any], facts: Facts) -> tuple[int, int]:
                low = high = 0
                for part in parts:
                    one = states[part]
                    low += one[0]
                    high += one[1]
                return (low if low < cap else cap, high if high < cap else cap)

            return added
        case n.ScoreAtLeast(score, limit):

            def enough(states: list[Any], facts: Facts) -> int:
                low, high = states[score]
                return 2 if low >= limit else 0 if high < limit else 1

            return enough


def _single(terms: Terms, bound: int, guards: tuple[Guard, ...]) -> Step | None:
    """``fact >= bound`` and ``fact <= -bound``: most tests are these."""
    if guards or len(terms) != 1 or len(terms[0][0]) != 1:
        return None
    (((ref,), factor),) = terms
    if abs(factor) != 1:
        return None
    if factor == 1:

        def above(states: list[Any], facts: Facts) -> int:
            value = facts.get(ref)
            return 1 if value is None else 2 if value >= bound else 0

        return above

    most = -bound

    def below(states: list[Any], facts: Facts) -> int:
        value = facts.get(ref)
        return 1 if value is None else 2 if value <= most else 0

    return below


def _pair(terms: Terms, bound: int, guards: tuple[Guard, ...]) -> Step | None:
    """A ratio of two facts against a threshold."""
    if len(terms) != 2 or any(len(m) != 1 for m, _ in terms):
        return None
    ((x,), a), ((y,), b) = terms
    if len(guards) > 1 or (guards and guards[0] not in (((((x,), 1),), 1), ((((y,), 1),), 1))):
        return None
    base = guards[0][0][0][0][0] if guards else None

    def compare(states: list[Any], facts: Facts) -> int:
        if base is not None:
            under = facts.get(base)
            if under is not None and under <= 0:
                return 0
        left, right = facts.get(x), facts.get(y)
        if left is None or right is None:
            return 1
        return 2 if a * left + b * right >= bound else 0

    return compare


def _compare(terms: Terms, bound: int, guards: tuple[Guard, ...], *, equal: bool) -> Step:
    def compare(states: list[Any], facts: Facts) -> int:
        guard = _guarded(guards, facts)
        if guard == 0:
            return 0
        value = total(terms, facts)
        if value is None or guard == 1:
            return 1
        return 2 if (value == bound if equal else value >= bound) else 0

    return compare
