"""What would have to change for a test, a clause or a verdict to come out otherwise: the smallest sets of facts.

A search over the plan, not over values: every way is built from thresholds, and whoever uses one judges the changed
firm again before saying that it works.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from . import nodes as n
from .exact import Ref, Terms
from .truth import Truth
from .vocabulary import Vocabulary
from .walk import Judged, Walker, total

KEPT = 6  # ways kept at each node
ROUNDS = 4  # a change may break another test: it is repaired this often
COST = {"free": 1.0, "slow": 3.0, "never": 100.0}
TO_VERIFY = 0.3
DOWNWARDS = 0.5  # what is measured is raised rather than lowered


@dataclass(frozen=True)
class Target:
    """The values that will do: ``least`` to ``most`` inclusive, or (codes, categories) those in ``among``."""

    least: int
    most: int
    among: frozenset[int] | None = None

    def nearest(self, value: int | None) -> int:
        """The value that will do and is nearest to what there is."""
        if self.among is not None:
            return value if value in self.among else min(self.among)
        return self.least if value is None else min(max(value, self.least), self.most)

    def and_(self, other: Target) -> Target | None:
        """What does for both; None where nothing does."""
        least, most = max(self.least, other.least), min(self.most, other.most)
        sets = [t.among for t in (self, other) if t.among is not None]
        among = frozenset.intersection(*sets) if sets else None
        return None if least > most or (among is not None and not among) else Target(least, most, among)


@dataclass(frozen=True)
class Way:
    """Facts to change, and tests (nodes) that are unknown today and have to come out right."""

    targets: Mapping[Ref, Target] = field(default_factory=dict)
    verify: frozenset[int] = frozenset()
    cost: float = 0.0


NOTHING = Way()


class Search:
    """Ways for one judged firm."""

    def __init__(self, judged: Judged) -> None:
        self.judged, self.facts, self.plan = judged, judged.facts, judged.plan
        self.vocabulary: Vocabulary = self.plan.vocabulary
        self._known: dict[tuple[int, int], list[Way]] = {}

    def ways(self, node: int, want: int = Truth.YES) -> list[Way]:
        """How ``node`` could become ``want`` (yes or no), the cheapest first; empty where nothing brings it about."""
        key = (node, want)
        if key not in self._known:
            self._known[key] = []  # an answer while it is being searched: plans have no cycles
            self._known[key] = _cheapest(self._ways(node, want))
        return self._known[key]

    def change_of(self, ref: Ref) -> str:
        """``free``, ``slow`` or ``never``: whether a firm can change this. What lies further back, it cannot."""
        if ref.year > 1:
            return "never"
        fact = self.vocabulary.facts.get(ref.key)
        return fact.change if fact else "slow"

    def one(self, ref: Ref, target: Target) -> Way:
        value = self.facts.get(ref)
        to = target.nearest(value)
        cost = COST[self.change_of(ref)]
        if target.among is None and value is not None:
            cost += min(abs(to - value) / (abs(value) + abs(to) + 1), 1) + (DOWNWARDS if to < value else 0)
        return Way({ref: target}, frozenset(), cost)

    def joined(self, a: Way, b: Way) -> Way | None:
        if not b.targets and not b.verify:
            return a
        targets = dict(a.targets)
        for ref, target in b.targets.items():
            both = target if ref not in targets else targets[ref].and_(target)
            if both is None:
                return None
            targets[ref] = both
        verify = a.verify | b.verify
        cost = sum(self.one(ref, t).cost for ref, t in targets.items()) + TO_VERIFY * len(verify)
        return Way(targets, verify, cost)

    def all(self, options: Iterable[list[Way]]) -> list[Way]:
        """Ways to have all of them."""
        found = [NOTHING]
        for ways in options:
            found = _cheapest(joined for a in found for b in ways if (joined := self.joined(a, b)))
        return found

    def _ways(self, number: int, want: int) -> Iterator[Way] | list[Way]:
        state, node = self.judged.states[number], self.plan.nodes[number]
        if state == want:
            return [NOTHING]
        leaf = not n.children(node)
        if leaf and state == Truth.UNKNOWN:
            return [Way(verify=frozenset([number]), cost=TO_VERIFY)]
        match node:
            case n.Flag(ref):
                return [self.one(ref, Target(want // 2, want // 2))]
            case n.Member(ref, truths):
                among = frozenset(i for i, truth in enumerate(truths) if truth == want)
                return [self.one(ref, Target(0, len(truths), among))] if among else []
            case n.Inequality(terms, bound, guards):
                if want == Truth.NO:
                    return self.reaching(tuple((m, -c) for m, c in terms), 1 - bound)
                sides = ((terms, bound), *guards)
                return self.all([self.reaching(*side) for side in sides])
            case n.Equality(terms, bound, guards) if want == Truth.YES:
                upper = (tuple((m, -c) for m, c in terms), -bound)
                return self.all([self.reaching(*side) for side in ((terms, bound), upper, *guards)])
            case n.Reaches():
                return self.over_line(node, want)
            case n.Not(part):
                return self.ways(part, 2 - want)
            case n.And(parts) | n.Or(parts):
                if (want == Truth.YES) is isinstance(node, n.And):
                    return self.all([self.ways(p, want) for p in parts])
                return (way for p in parts for way in self.ways(p, want))
            case n.AtLeastOf(many, parts):
                return self.several(many if want else len(parts) - many + 1, parts, want)
            case n.ScoreAtLeast(score, limit) if want == Truth.YES:
                return (way for points, way in self.scoring(score) if points >= limit)
            case _:
                return []

    def reaching(self, terms: Terms, bound: int) -> list[Way]:
        """Ways to ``terms >= bound`` by changing one fact."""
        value = total(terms, self.facts)
        if value is None or value >= bound:
            return [NOTHING]
        found = []
        for ref in dict.fromkeys(r for m, _ in terms for r in m):
            if max(m.count(ref) for m, _ in terms) > 1:
                continue
            without = total(terms, {**self.facts, ref: 0}) or 0
            factor = (total(terms, {**self.facts, ref: 1}) or 0) - without
            least, most = self.bounds(ref)
            if factor > 0:
                least = max(least, -((without - bound) // factor))
            elif factor < 0:
                most = min(most, (without - bound) // -factor)
            if factor and least <= most:
                found.append(self.one(ref, Target(least, most)))
        return found

    def bounds(self, ref: Ref) -> tuple[int, int]:
        fact = self.vocabulary.facts.get(ref.key)
        if fact is None:
            return 0, 1000
        return (fact.least, fact.most) if fact.numeric else (-(10**6), 10**6)

    def over_line(self, node: n.Reaches, want: int) -> list[Way]:
        row = node.rows[self.facts[node.by]]
        least, most = self.bounds(node.ref)
        if row < 0:
            among = frozenset(i for i, r in enumerate(node.rows) if r >= 0)
            return [self.one(node.by, Target(0, len(node.rows), among))]
        line = node.lines[row]
        if line is None:
            return []
        target = Target(max(least, line), most) if want else Target(least, min(most, line - 1))
        return [self.one(node.ref, target)] if target.least <= target.most else []

    def several(self, many: int, parts: tuple[int, ...], want: int) -> list[Way]:
        """Ways to have at least ``many`` of the parts come out as wanted."""
        found: dict[int, list[Way]] = {0: [NOTHING]}
        for part in parts:
            grown = {count: list(ways) for count, ways in found.items()}
            for count, ways in found.items():
                grown.setdefault(min(count + 1, many), []).extend(self.all([ways, self.ways(part, want)]))
            found = {count: _cheapest(ways) for count, ways in grown.items()}
        return found.get(many, [])

    def scoring(self, number: int) -> list[tuple[int, Way]]:
        """(points that are then sure, the way there), what is sure today first."""
        low, _ = self.judged.states[number]
        found: dict[int, list[Way]] = {low: [NOTHING]}
        match self.plan.nodes[number]:
            case n.Bands(conditions, points, _):
                for condition, (least, _) in zip(conditions, points, strict=True):
                    if least > low:
                        found.setdefault(least, []).extend(self.ways(condition))
            case n.Best(parts):
                for part in parts:
                    for least, way in self.scoring(part):
                        if least > low:
                            found.setdefault(least, []).append(way)
            case n.Total(parts, cap):
                found = {0: [NOTHING]}
                for part in parts:
                    grown: dict[int, list[Way]] = {}
                    for least, way in self.scoring(part):
                        for before, ways in found.items():
                            both = grown.setdefault(min(before + least, cap), [])
                            both.extend(j for w in ways[:2] if (j := self.joined(w, way)))
                    found = {p: _cheapest(ways, 2) for p, ways in grown.items()}
        return [(p, way) for p, ways in sorted(found.items()) for way in _cheapest(ways, 2)]


def _cheapest(ways: Iterable[Way], kept: int = KEPT) -> list[Way]:
    return sorted(ways, key=lambda w: (w.cost, len(w.targets)))[:kept]


class Changing:
    """Ways that were tried: the changed firm has been judged again."""

    def __init__(self, walker: Walker, judged: Judged) -> None:
        self.walker, self.judged = walker, judged

    @cached_property
    def search(self) -> Search:
        return Search(self.judged)

    def to(self, node: int) -> Way | None:
        """The smallest set of changes after which ``node`` is a yes (or open only for what is to be verified)."""
        return next((way for first in self.search.ways(node) if (way := self._tried(node, first))), None)

    def _tried(self, node: int, way: Way) -> Way | None:
        for _ in range(ROUNDS):
            facts = dict(self.judged.facts)
            facts |= {ref: target.nearest(facts.get(ref)) for ref, target in way.targets.items()}
            after = self.walker.judge(facts)
            state = after.states[node]
            if state == Truth.YES or (state == Truth.UNKNOWN and way.verify):
                return way
            repairs = Search(after).ways(node)
            joined = self.search.joined(way, repairs[0]) if repairs else None
            if joined is None or joined == way:
                return None
            way = joined
        return None
