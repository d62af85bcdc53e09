"""One pack into nodes: its clauses, scores, classes and benefits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from qiao.eligibility import nodes as n
from qiao.eligibility.exact import Number, Ref
from qiao.eligibility.language import (
    Among,
    Arithmetic,
    BadExpression,
    Call,
    Comparison,
    Junction,
    Name,
    Not,
    Tree,
)
from qiao.eligibility.pack import Benefit, Clause, Expression, Item, Pack, Points
from qiao.eligibility.plan import Leaf, PlannedBenefit, PlannedClause, PlannedItem, PlannedScore, Policy

from .conditions import Conditions

if TYPE_CHECKING:
    from .whole import Compiler


class PackCompiler(Conditions):
    """One pack into nodes."""

    def __init__(self, pack: Pack, whole: Compiler) -> None:
        super().__init__(pack, whole)
        self.scores: dict[str, PlannedScore] = {}

    def policy(self) -> Policy:
        pack, problems = self.pack, self.whole.problems
        before = len(problems)
        for name in pack.define:
            if name in self.vocabulary:
                problems.append(
                    pack.define[name].place.problem(
                        "shadowed", f"“{name}”已是一项事实", f"“{name}” is a fact already"
                    )
                )
        for score in pack.scores.values():
            self.score(score.name)
        clauses = tuple(self.clause(clause) for clause in pack.clauses)
        by_id = {c.clause.id: c.node for c in clauses}
        with self.within(clauses=by_id):
            verdict = (
                self.condition(pack.qualifies)[0] if pack.qualifies else self.b.all(c.node for c in clauses)
            )
            classes = tuple(self.classes())
            benefits = tuple(self.benefit(b) for b in pack.benefits)
        if pack.qualifies and len(problems) == before:
            used = _names(pack.qualifies.tree)
            used |= {x for e in (pack.classes.cases.values() if pack.classes else ()) for x in _names(e.tree)}
            used |= {x for b in pack.benefits if b.condition for x in _names(b.condition.tree)}
            for clause in pack.clauses:
                if clause.id not in used and not clause.scope:
                    problems.append(
                        clause.place.problem(
                            "unused_clause", f"条款“{clause.id}”未用于 qualifies",
                            f"the clause “{clause.id}” is not used in `qualifies`",
                        )
                    )  # fmt: skip
        scope = [c.node for c in clauses if c.clause.scope]
        return Policy(
            pack, self.b.all([verdict, *scope]), clauses, tuple(self.scores.values()), benefits, classes
        )

    def clause(self, clause: Clause) -> PlannedClause:
        if clause.condition is None:
            ref = Ref(f"{self.pack.id}:{clause.id}", 0)
            node = self.b.add(n.Flag(ref))
            return PlannedClause(clause, node, (Leaf(node, None),))
        node, leaves = self.condition(clause.condition)
        return PlannedClause(clause, node, leaves)

    def classes(self) -> Iterator[tuple[str, int]]:
        if not self.pack.classes:
            return
        classes = self.pack.classes
        fact = self.vocabulary.facts.get(classes.fact)
        if fact is None or not fact.derived or set(classes.cases) != set(fact.values):
            self.whole.problems.append(
                classes.place.problem(
                    "bad_classes", f"classes 须逐一给出派生事实“{classes.fact}”的各个取值",
                    f"`classes` gives every value of a derived fact, “{classes.fact}” is not it",
                )
            )  # fmt: skip
            return
        before: list[int] = []
        for value, expression in classes.cases.items():
            node, _ = self.condition(expression)
            yield value, self.b.all([node, *(self.b.negate(x) for x in before)])
            before.append(node)

    def benefit(self, benefit: Benefit) -> PlannedBenefit:
        def number(expression: Expression | None, dimension: str) -> Number | None:
            if expression is None:
                return None
            found: list[Number] = []

            def work() -> None:
                value = self.number(expression.tree)
                unit = ((dimension, 1),) if dimension else ()
                if value.unit != unit:
                    raise BadExpression("unit", "单位不对", "the unit is wrong")
                found.append(value)

            self.guarded_work(expression, work)
            return found[0] if found else None

        rate, cap = number(benefit.rate, ""), number(benefit.cap, "money")
        return PlannedBenefit(
            benefit,
            number(benefit.amount, "money"),
            rate.value if rate else None,
            number(benefit.of, "money"),
            int(cap.value) if cap and cap.value is not None else None,
            self.condition(benefit.condition)[0] if benefit.condition else None,
        )

    def score(self, name: str) -> PlannedScore:
        if name in self.scores:
            return self.scores[name]
        score = self.pack.scores[name]
        items = tuple(self.item(item, f"{name}.{item.id}") for item in score.items)
        total = self.b.add(n.Total(tuple(i.node for i in items), sum(i.item.most for i in items)))
        self.scores[name] = PlannedScore(name, total, items)
        return self.scores[name]

    def item(self, item: Item, name: str) -> PlannedItem:
        tests: dict[int, tuple[Leaf, ...]] = {}
        return PlannedItem(item, self.points(item.points, f"{self.pack.id}:{name}", tests), tests)

    def points(self, points: Points, name: str, tests: dict[int, tuple[Leaf, ...]]) -> int:
        """``name``: the key under which a person says the points, where the rule leaves a range."""
        if points.how == "judged":
            return self.b.add(n.Bands(*self.judged(name, [(None, 0, points.most)])))
        if points.how == "best_of":
            return self.b.add(n.Best(tuple(self.points(p, name, tests) for p in points.parts)))
        if points.how == "add":
            parts = (self.points(p, f"{name}.{i}", tests) for i, p in enumerate(points.parts, 1))
            return self.b.add(n.Total(tuple(parts), points.most))
        conditions: list[int] = []
        ladder: list[tuple[int | None, int, int]] = []
        for band in points.bands:
            node = None
            if band.condition is not None:
                node, tests[node] = self.condition(band.condition)
                if node in conditions or self.b.nodes[node] == n.Const(0):
                    self.whole.problems.append(
                        band.condition.place.problem(
                            "unreachable_band",
                            f"档次“{band.tail}”不会用到",
                            f"the band “{band.tail}” is never reached",
                        )
                    )
                elif conditions and self._implied(node, conditions):
                    self.whole.problems.append(
                        band.condition.place.problem(
                            "unreachable_band",
                            f"档次“{band.tail}”不会用到：前面的档次已包括它",
                            f"the band “{band.tail}” is never reached: one before it covers it",
                        )
                    )
                conditions.append(node)
            ladder.append((node, band.least, band.most))
        return self.b.add(n.Bands(*self.judged(name, ladder)))

    def judged(
        self, name: str, ladder: Iterable[tuple[int | None, int, int]]
    ) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...], tuple[int, int]]:
        """A ladder of bands with each range drawn out into its points, from ``most`` down to ``least``.

        While nobody has said the points, the range is what is known.
        """
        conditions: list[int] = []
        points: list[tuple[int, int]] = []
        for condition, least, most in ladder:
            for value in range(most, least, -1):
                said = self.b.add(n.Inequality((((Ref(name, 0),), 1),), value, ()))
                conditions.append(said if condition is None else self.b.all([condition, said]))
                points.append((value, value))
            if condition is None:
                return tuple(conditions), tuple(points), (least, least)
            conditions.append(condition)
            points.append((least, least))
        raise AssertionError("a ladder ends with else")

    def _implied(self, node: int, before: Iterable[int]) -> bool:
        """Whether a band before holds whenever this one does: the same terms with a lower bound."""
        mine = self.b.nodes[node]
        return isinstance(mine, n.Inequality) and any(
            isinstance(other := self.b.nodes[b], n.Inequality)
            and other.terms == mine.terms and set(other.guards) <= set(mine.guards) and other.bound <= mine.bound
            for b in before
        )  # fmt: skip


def _names(tree: Tree) -> set[str]:
    match tree:
        case Name(name):
            return {name}
        case Junction(_, parts) | Call(_, parts):
            return set().union(*map(_names, parts))
        case Not(part) | Among(part):
            return _names(part)
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return _names(left) | _names(right)
        case _:
            return set()
