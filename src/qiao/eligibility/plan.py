"""Packs and a day become one plan: the versions in force, all clauses as nodes, equal ones shared.

Pure and quick: nothing is cached, a plan is a function of (packs, vocabulary, day).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from . import nodes as n
from .exact import Number, Poly, Ref, equality, threshold
from .language import (
    Among,
    Arithmetic,
    BadExpression,
    Call,
    Comparison,
    Day,
    Junction,
    Literal,
    Name,
    Not,
    Quantity,
    Tree,
)
from .pack import Benefit, Clause, Expression, Item, Pack, Points, Table
from .problems import PackError, Problem
from .vocabulary import Fact, Vocabulary, Words, to_day

FURTHEST = 10  # fiscal years back
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


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


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day ``years`` earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day ``months`` earlier, or the last of that month where it is shorter."""
    month = day.year * 12 + day.month - 1 - months
    first = dt.date(month // 12, month % 12 + 1, 1)
    following = dt.date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(first + dt.timedelta(day.day - 1), following - dt.timedelta(1))


def look_back(day: dt.date, length: Quantity) -> dt.date | None:
    """The day that lies ``length`` before ``day``; None where it is no length of time."""
    match length.dimension:
        case "years":
            return years_before(day, int(length.value))
        case "months":
            return months_before(day, int(length.value))
        case "days":
            return day - dt.timedelta(int(length.value))
        case _:
            return None


class Builder:
    """Numbers nodes, each distinct one once."""

    def __init__(self) -> None:
        self.nodes: list[n.Node] = []
        self._known: dict[n.Node, int] = {}
        self._guarded: set[int] = set()

    def add(self, node: n.Node) -> int:
        known = self._known.get(node)
        if known is None:
            known = self._known[node] = len(self.nodes)
            self.nodes.append(node)
            guards = isinstance(node, n.Inequality | n.Equality) and node.guards
            if guards or any(c in self._guarded for c in n.children(node)):
                self._guarded.add(known)
        return known

    def guarded(self, node: int) -> bool:
        """Whether a ratio is compared somewhere below: such a test may not be negated."""
        return node in self._guarded

    def const(self, truth: int) -> int:
        return self.add(n.Const(truth))

    def _joined(self, parts: Iterable[int], kind: type[n.And] | type[n.Or], zero: int, one: int) -> int:
        """Flattened, sorted, without repetitions and constants: so that equal conditions become one node."""
        found: set[int] = set()
        for part in parts:
            node = self.nodes[part]
            if isinstance(node, kind):
                found.update(node.parts)
            elif node == n.Const(zero):
                return part
            elif node != n.Const(one):
                found.add(part)
        if not found:
            return self.const(one)
        return next(iter(found)) if len(found) == 1 else self.add(kind(tuple(sorted(found))))

    def all(self, parts: Iterable[int]) -> int:
        return self._joined(parts, n.And, 0, 2)

    def any(self, parts: Iterable[int]) -> int:
        return self._joined(parts, n.Or, 2, 0)

    def negate(self, part: int) -> int:
        node = self.nodes[part]
        if isinstance(node, n.Const):
            return self.const(2 - node.truth)
        return node.part if isinstance(node, n.Not) else self.add(n.Not(part))


@dataclass
class _Scope:
    """What names mean at one place of a pack."""

    shift: int = 0  # fiscal years back, inside windows
    clauses: Mapping[str, int] = field(default_factory=dict)
    positive: bool = True


class _PackCompiler:
    """One pack into nodes."""

    def __init__(self, pack: Pack, whole: _Compiler) -> None:
        self.pack, self.whole, self.b = pack, whole, whole.builder
        self.vocabulary, self.as_of = whole.vocabulary, whole.as_of
        self.scope = _Scope()
        self.leaves: list[Leaf] = []
        self.expanding: list[str] = []
        self.scores: dict[str, PlannedScore] = {}
        self.text = ""

    # -- the pack ------------------------------------------------------------------------------------------------

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

    # -- expressions ---------------------------------------------------------------------------------------------

    @contextmanager
    def within(self, **changed: object) -> Iterator[None]:
        outer = self.scope
        self.scope = replace(outer, **changed)  # type: ignore[arg-type]
        try:
            yield
        finally:
            self.scope = outer

    def guarded_work(self, expression: Expression, work: Callable[[], None]) -> None:
        outer, self.text = self.text, expression.text
        try:
            work()
        except BadExpression as broken:
            self.whole.problems.append(expression.error(broken))
        finally:
            self.text = outer

    def condition(self, expression: Expression) -> tuple[int, tuple[Leaf, ...]]:
        """The node of a condition and the tests in it. A mistake becomes a problem, and the node a constant."""
        outer, self.leaves = self.leaves, []
        found: list[int] = []
        self.guarded_work(expression, lambda: found.append(self.truth(expression.tree)))
        leaves, self.leaves = tuple(self.leaves), outer
        return (found[0] if found else self.b.const(1)), leaves

    def fact(self, name: Name) -> Fact:
        fact = self.vocabulary.facts.get(name.name)
        if fact is None:
            raise BadExpression(
                "unknown_fact",
                f"没有事实或名称“{name.name}”",
                f"there is no fact or name “{name.name}”",
                name.at,
            )
        if name.year is not None and not fact.yearly:
            raise BadExpression("no_years", f"“{name.name}”不分年度", f"“{name.name}” has no years", name.at)
        return fact

    def ref(self, name: Name, fact: Fact) -> Ref:
        if not fact.yearly:
            return Ref(fact.key, 0)
        year = (1 if name.year is None else name.year) + self.scope.shift
        if not 0 <= year <= FURTHEST:
            raise BadExpression(
                "far_year", f"年数应在 0 至 {FURTHEST} 之间", f"years go from 0 to {FURTHEST}", name.at
            )
        return Ref(fact.key, year)

    @contextmanager
    def expand(self, name: Name) -> Iterator[Tree]:
        if name.name in self.expanding:
            raise BadExpression("cycle", f"“{name.name}”用到了自身", f"“{name.name}” uses itself", name.at)
        self.expanding.append(name.name)
        try:
            yield self.pack.define[name.name].tree
        finally:
            self.expanding.pop()

    def leaf(self, node: int, tree: Tree, **more: object) -> int:
        scope = self.scope
        self.leaves.append(Leaf(node, tree, shift=scope.shift, positive=scope.positive, **more))  # type: ignore[arg-type]
        return node

    def truth(self, tree: Tree) -> int:
        match tree:
            case Literal(value):
                return self.b.const(2 if value else 0)
            case Junction("and", parts):
                return self.b.all([self.truth(p) for p in parts])
            case Junction(_, parts):
                return self.b.any([self.truth(p) for p in parts])
            case Not(part, at):
                with self.within(positive=not self.scope.positive):
                    node = self.truth(part)
                return self.negated(node, at)
            case Name():
                return self.named(tree)
            case Among():
                return self.among(tree)
            case Comparison():
                return self.comparison(tree)
            case Call():
                return self.called(tree)
            case _:
                raise BadExpression(
                    "not_a_condition", "这里应是一个条件", "a condition belongs here", tree.at
                )

    def negated(self, node: int, at: int) -> int:
        if self.b.guarded(node):
            raise BadExpression(
                "ratio_under_not", "比率不能放在 not 之下，请写成相反的比较",
                "a ratio may not stand under `not`: write the opposite comparison", at,
            )  # fmt: skip
        return self.b.negate(node)

    def named(self, name: Name) -> int:
        if name.name in self.scope.clauses and name.year is None:
            return self.scope.clauses[name.name]
        if name.name in self.pack.define:
            with (
                self.expand(name) as tree,
                self.within(shift=self.scope.shift + (1 if name.year is None else name.year) - 1),
            ):
                return self.truth(tree)
        fact = self.fact(name)
        if fact.type != "boolean":
            raise BadExpression(
                "not_a_condition",
                f"“{name.name}”不是“是/否”",
                f"“{name.name}” is not a yes-or-no fact",
                name.at,
            )
        return self.leaf(self.b.add(n.Flag(self.ref(name, fact))), name)

    def among(self, tree: Among) -> int:
        what, members, at = tree.what, tree.members, tree.at
        if not isinstance(what, Name):
            raise BadExpression(
                "not_a_code", "in 的左边应是一项代码或类别", "the left of `in` is a code or category", at
            )
        fact = self.fact(what)
        if fact.type == "code":
            if isinstance(members, str):
                named = self.pack.lists.get(members)
                if named is None:
                    raise BadExpression(
                        "unknown_list", f"没有清单“{members}”", f"there is no list “{members}”", at
                    )
                members = named.codes
            return self.leaf(
                self.b.add(n.Member(self.ref(what, fact), self.branches(fact, members, at))), tree
            )
        if fact.type != "category" or isinstance(members, str):
            raise BadExpression(
                "not_a_code", f"“{fact.key}”不是代码或类别", f"“{fact.key}” is not a code or category", at
            )
        for member in members:
            if member not in fact.values:
                raise BadExpression(
                    "unknown_value",
                    f"“{fact.key}”没有取值“{member}”",
                    f"“{fact.key}” has no value “{member}”",
                    at,
                )
        if fact.derived:
            return self.leaf(self.whole.derived(fact, members, at), tree)
        truths = bytes(2 if value in members else 0 for value in fact.values)
        return self.leaf(self.b.add(n.Member(self.ref(what, fact), truths)), tree)

    def branches(self, fact: Fact, codes: Iterable[str], at: int) -> bytes:
        return self.whole.branches(fact.tree, tuple(codes), at)

    # -- comparisons ---------------------------------------------------------------------------------------------

    def comparison(self, tree: Comparison) -> int:
        operator, left, right = tree.operator, tree.left, tree.right
        if isinstance(left, Quantity | Day) and not isinstance(right, Quantity | Day):
            operator, left, right = _MIRROR[operator], right, left
        left = self.inlined(left)
        if isinstance(left, Call) and left.function in ("score", "count", "age", "cagr"):
            return {
                "score": self.score_test,
                "count": self.count_test,
                "age": self.age_test,
                "cagr": self.cagr_test,
            }[left.function](operator, left, right, tree.at)
        if self.is_day(left) or self.is_day(right):
            return self.day_test(operator, left, right, tree.at)
        a, b = self.number(left), self.number(right)
        self.same_unit(a, b, tree.at)
        written = Comparison(operator, left, right, tree.at)
        return self.leaf(self.compared(operator, a, b, tree.at), written, left=a, right=b)

    def inlined(self, tree: Tree) -> Tree:
        while isinstance(tree, Name) and tree.name in self.pack.define and tree.year is None:
            with self.expand(tree) as inner:
                tree = inner
        return tree

    def compared(self, operator: str, a: Number, b: Number, at: int) -> int:
        difference = a.add(b, -1)
        if operator in ("<", "<="):
            difference = b.add(a, -1)
        poly = difference.above
        unique = tuple(sorted({threshold(g, strict=True) for g in difference.guards}))
        if operator in ("==", "!="):
            pair = equality(poly)
            if pair is None:
                node = self.b.const(0)
            elif not pair[0]:
                held = self.b.const(2 if pair[1] == 0 else 0)
                node = self.b.all([held, *(self.b.add(n.Inequality(*guard, ())) for guard in unique)])
            else:
                node = self.b.add(n.Equality(*pair, unique))
            return self.negated(node, at) if operator == "!=" else node
        terms, bound = threshold(poly, strict=operator in ("<", ">"))
        if not terms:
            held = self.b.const(2 if bound <= 0 else 0)
            return self.b.all([held, *(self.b.add(n.Inequality(*guard, ())) for guard in unique)])
        return self.b.add(n.Inequality(terms, bound, unique))

    def same_unit(self, a: Number, b: Number, at: int) -> None:
        for x, y in ((a, b), (b, a)):
            if x.bare and (y.unit in ((), (("count", 1),)) or x.value == 0):
                return
        if a.unit != b.unit or a.bare != b.bare:
            zh, en = (
                f"{_unit(a, 0)}不能与{_unit(b, 0)}比较或相加",
                f"{_unit(a, 1)} cannot be compared with or added to {_unit(b, 1)}",
            )
            if a.bare or b.bare:
                zh, en = zh + "：请写明单位，如 500 万元", en + ": write the unit, such as 500 万元"
            raise BadExpression("unit", zh, en, at)

    def number(self, tree: Tree) -> Number:
        match tree:
            case Quantity(value, dimension, at):
                if dimension in ("months", "days"):
                    raise BadExpression(
                        "unit", "月、日只用于 age 和 within", "months and days belong to age and within", at
                    )
                return Number.constant(value, "count" if dimension == "years" else dimension)
            case Name():
                if tree.name in self.pack.define:
                    with (
                        self.expand(tree) as inner,
                        self.within(shift=self.scope.shift + (1 if tree.year is None else tree.year) - 1),
                    ):
                        return self.number(inner)
                fact = self.fact(tree)
                if not fact.numeric:
                    raise BadExpression(
                        "not_a_number", f"“{fact.key}”不是数量", f"“{fact.key}” is not a quantity", tree.at
                    )
                scale = Fraction(1, 10**6) if fact.type == "share" else Fraction(1)
                unit = () if fact.type == "share" else ((fact.type, 1),)
                return Number({(self.ref(tree, fact),): scale}, {(): Fraction(1)}, unit)
            case Arithmetic(operator, left, right, at):
                a, b = self.number(left), self.number(right)
                if operator in "+-":
                    self.same_unit(a, b, at)
                    return a.add(b, 1 if operator == "+" else -1)
                try:
                    return a.multiply(b) if operator == "*" else a.divide(b)
                except ZeroDivisionError:
                    raise BadExpression("zero", "除数为零", "division by zero", at) from None
            case Call("sum" | "mean" | "growth" | "mean_growth"):
                return self.windowed(tree)
            case _:
                raise BadExpression("not_a_number", "这里应是一个数量", "a quantity belongs here", tree.at)

    def windowed(self, call: Call) -> Number:
        if call.function == "growth":
            (what,) = self.arguments(call, 1)
            return self.growth(what, call.at)
        years, what = self.window(call)
        total = Number.constant(Fraction(0))
        for year in range(years):
            with self.within(shift=self.scope.shift + year):
                one = self.growth(what, call.at) if call.function == "mean_growth" else self.number(what)
            total = total.add(one)
        total = replace(total, bare=False)
        return total if call.function == "sum" else total.divide(Number.constant(Fraction(years)))

    def growth(self, what: Tree, at: int) -> Number:
        now = self.number(what)
        with self.within(shift=self.scope.shift + 1):
            before = self.number(what)
        try:
            return now.divide(before).add(Number.constant(Fraction(1)), -1)
        except ZeroDivisionError:
            raise BadExpression("zero", "除数为零", "division by zero", at) from None

    def arguments(self, call: Call, count: int) -> tuple[Tree, ...]:
        if len(call.arguments) != count:
            raise BadExpression(
                "arguments",
                f"{call.function} 需要 {count} 个参数",
                f"{call.function} takes {count} arguments",
                call.at,
            )
        return call.arguments

    def window(self, call: Call) -> tuple[int, Tree]:
        many, what = self.arguments(call, 2)
        if (
            not isinstance(many, Quantity)
            or many.dimension not in ("", "years")
            or not 1 <= many.value <= FURTHEST
            or many.value.denominator != 1
        ):
            raise BadExpression(
                "window",
                f"{call.function} 的第一个参数是年数（1 至 {FURTHEST}）",
                f"the first argument of {call.function} is a number of years, 1 to {FURTHEST}",
                call.at,
            )
        return int(many.value), what

    # -- functions that are conditions -------------------------------------------------------------------------------

    def called(self, call: Call) -> int:
        match call.function:
            case "each" | "some":
                years, what = self.window(call)
                found = []
                for year in range(years):
                    with self.within(shift=self.scope.shift + year):
                        found.append(self.truth(what))
                return self.b.all(found) if call.function == "each" else self.b.any(found)
            case "within":
                what, length = self.arguments(call, 2)
                ref, boundary = self.day_ref(what), self.boundary(length)
                after = self.b.add(n.Inequality((((ref,), 1),), to_day(boundary) + 1, ()))
                past = self.b.add(n.Inequality((((ref,), -1),), -to_day(self.as_of), ()))
                return self.leaf(self.b.all([after, past]), call, boundary=boundary, left=_of(ref))
            case "reaches":
                return self.reaches(call)
            case "covers":
                (name,) = self.arguments(call, 1)
                table = self.table(name)
                by = self.by(table)
                rows = self.whole.rows(self.pack, table)
                truths = bytes({-1: 0, -2: 1}.get(row, 2) for row in rows)
                return self.leaf(self.b.add(n.Member(by, truths)), call)
            case "qualifies":
                (name,) = self.arguments(call, 1)
                if not isinstance(name, Name):
                    raise BadExpression(
                        "unknown_policy",
                        "qualifies 的参数是政策编号",
                        "qualifies takes the id of a policy",
                        call.at,
                    )
                return self.leaf(self.whole.verdict(name.name, call.at), call)
            case "score" | "count" | "age" | "cagr":
                raise BadExpression(
                    "not_a_condition",
                    f"{call.function}(…) 须与数比较",
                    f"{call.function}(…) is compared with a number",
                    call.at,
                )
            case _:
                raise BadExpression(
                    "not_a_condition",
                    f"{call.function}(…) 不是条件",
                    f"{call.function}(…) is not a condition",
                    call.at,
                )

    def table(self, name: Tree) -> Table:
        if not isinstance(name, Name) or name.name not in self.pack.tables:
            raise BadExpression("unknown_table", "没有这张表", "there is no such table", name.at)
        return self.pack.tables[name.name]

    def by(self, table: Table) -> Ref:
        fact = self.vocabulary.facts.get(table.by)
        if fact is None or fact.type != "code":
            raise BadExpression(
                "not_a_code",
                f"表的 by“{table.by}”不是代码事实",
                f"the table's `by` “{table.by}” is not a code fact",
            )
        return Ref(fact.key, 1 + self.scope.shift if fact.yearly else 0)

    def reaches(self, call: Call) -> int:
        what, cell = self.arguments(call, 2)
        if not isinstance(what, Name) or not isinstance(cell, Name) or "." not in cell.name:
            raise BadExpression("arguments", "reaches(事实, 表.列)", "reaches(fact, table.column)", call.at)
        name, _, column = cell.name.partition(".")
        table = self.table(Name(name, None, cell.at))
        fact = self.fact(what)
        if table.columns.get(column) != fact.type:
            raise BadExpression(
                "unit",
                f"列“{column}”与“{fact.key}”类型不同",
                f"column “{column}” and “{fact.key}” are not of one type",
                cell.at,
            )
        lines: list[int | None] = []
        for row in table.rows:
            expression = row.cells.get(column)
            value = None
            if expression is not None:
                amount = self.number(expression.tree)
                if amount.value is None or (
                    amount.unit != ((fact.type, 1),)
                    and not (amount.bare and fact.type == "count")
                    and fact.type != "share"
                ):
                    raise BadExpression(
                        "unit",
                        f"表中“{expression.text}”的单位不对",
                        f"the unit of “{expression.text}” in the table is wrong",
                        cell.at,
                    )
                value = ceil(amount.value * (10**6 if fact.type == "share" else 1))
            lines.append(value)
        node = n.Reaches(
            self.ref(what, fact), self.by(table), self.whole.rows(self.pack, table), tuple(lines)
        )
        return self.leaf(self.b.add(node), call, left=_of(node.ref))

    def whole_number(self, tree: Tree, at: int) -> Fraction:
        value = self.number(tree)
        if value.value is None or not value.bare:
            raise BadExpression("not_a_number", "这里应与一个数比较", "a plain number belongs here", at)
        return value.value

    def _over(self, operator: str, limit: Fraction, make: Callable[[int], int], at: int) -> int:
        """A whole quantity that is given as “at least n”, compared with ``limit``."""
        match operator:
            case ">=":
                return make(ceil(limit))
            case ">":
                return make(floor(limit) + 1)
            case "<":
                return self.negated(make(ceil(limit)), at)
            case "<=":
                return self.negated(make(floor(limit) + 1), at)
            case "==":
                return self.b.all([make(ceil(limit)), self.negated(make(floor(limit) + 1), at)])
            case _:
                return self.b.any([self.negated(make(ceil(limit)), at), make(floor(limit) + 1)])

    def score_test(self, operator: str, call: Call, right: Tree, at: int) -> int:
        (name,) = self.arguments(call, 1)
        node = None
        if isinstance(name, Name):
            score, _, item = name.name.partition(".")
            if score in self.pack.scores:
                planned = self.score(score)
                node = (
                    planned.node
                    if not item
                    else next((i.node for i in planned.items if i.item.id == item), None)
                )
        if node is None:
            raise BadExpression("unknown_score", "没有这项评分", "there is no such score", call.at)
        limit = self.whole_number(right, at)

        def make(points: int) -> int:
            return self.b.add(n.ScoreAtLeast(node, points))

        # A score is bounds, not a ratio: its comparison may be turned round.
        match operator:
            case ">=" | ">":
                found = make(ceil(limit) if operator == ">=" else floor(limit) + 1)
            case "<" | "<=":
                found = self.b.negate(make(ceil(limit) if operator == "<" else floor(limit) + 1))
            case _:
                raise BadExpression("score", "评分只能比较大小", "a score is compared by size", at)
        return self.leaf(found, Comparison(operator, call, right, at), right=Number.constant(limit))

    def count_test(self, operator: str, call: Call, right: Tree, at: int) -> int:
        parts = tuple(sorted(self.truth(a) for a in call.arguments))
        limit = self.whole_number(right, at)

        def make(many: int) -> int:
            if many <= 0:
                return self.b.const(2)
            if many > len(parts):
                return self.b.const(0)
            return self.b.add(n.AtLeastOf(many, parts))

        return self._over(operator, limit, make, at)

    def cagr_test(self, operator: str, call: Call, right: Tree, at: int) -> int:
        years, what = self.window(call)
        rate = self.number(right)
        if rate.value is None or rate.unit or rate.value <= -1:
            raise BadExpression("unit", "增长率应与百分比比较", "growth is compared with a share", at)
        now = self.number(what)
        with self.within(shift=self.scope.shift + years):
            before = self.number(what)
        factor = Number.constant((1 + rate.value) ** years, "share")
        node = self.compared(operator, now.divide(before), factor, at)
        written = Comparison(operator, call, right, at)
        return self.leaf(node, written, left=now.divide(before), right=factor)

    # -- days ----------------------------------------------------------------------------------------------------

    def is_day(self, tree: Tree) -> bool:
        if isinstance(tree, Day) or (isinstance(tree, Name) and tree.name == "today"):
            return True
        fact = self.vocabulary.facts.get(tree.name) if isinstance(tree, Name) else None
        return fact is not None and fact.type == "date"

    def day_ref(self, tree: Tree) -> Ref:
        if isinstance(tree, Name):
            fact = self.fact(tree)
            if fact.type == "date":
                return self.ref(tree, fact)
        raise BadExpression("not_a_day", "这里应是一个日期", "a day belongs here", tree.at)

    def day_number(self, tree: Tree) -> tuple[Poly, dt.date | None]:
        if isinstance(tree, Day):
            return {(): Fraction(to_day(tree.day))}, tree.day
        if isinstance(tree, Name) and tree.name == "today":
            return {(): Fraction(to_day(self.as_of))}, self.as_of
        return {(self.day_ref(tree),): Fraction(1)}, None

    def exists(self, tree: Tree | None, at: int) -> None:
        """Refuses a test that “none” (a day long past) would pass."""
        fact = self.vocabulary.facts.get(tree.name) if isinstance(tree, Name) else None
        if fact is not None and fact.none:
            raise BadExpression(
                "may_be_none",
                f"“{fact.key}”可能为“无”，只能用 within 或“不早于”比较",
                f"“{fact.key}” may be none: use within, or test that it is on or after a day",
                at,
            )

    def day_test(self, operator: str, left: Tree, right: Tree, at: int) -> int:
        early = left if operator in ("<", "<=", "!=") else right if operator in (">", ">=") else None
        self.exists(early, at)
        (a, _), (b, day) = self.day_number(left), self.day_number(right)
        one: Poly = {(): Fraction(1)}
        x, y = Number(a, one), Number(b, one)
        return self.leaf(
            self.compared(operator, x, y, at),
            Comparison(operator, left, right, at),
            left=x,
            right=y,
            boundary=day,
        )

    def boundary(self, length: Tree) -> dt.date:
        if isinstance(length, Quantity) and length.value.denominator == 1 and 0 <= length.value <= 40_000:
            boundary = look_back(self.as_of, length)
            if boundary:
                return boundary
        raise BadExpression(
            "unit",
            "这里应是时长，如 2 年、6 个月、365 天",
            "a length of time belongs here, such as 2 年, 6 个月, 365 天",
            length.at,
        )

    def age_test(self, operator: str, call: Call, right: Tree, at: int) -> int:
        (what,) = self.arguments(call, 1)
        self.exists(what, at)
        ref, boundary = self.day_ref(what), self.boundary(right)
        one: Poly = {(): Fraction(1)}
        then, line = Number({(ref,): Fraction(1)}, one), Number({(): Fraction(to_day(boundary))}, one)
        # The older the firm, the earlier its day: the comparison turns round.
        return self.leaf(
            self.compared(_MIRROR[operator], then, line, at), Comparison(operator, call, right, at),
            left=then, right=line, boundary=boundary,
        )  # fmt: skip


def _of(ref: Ref) -> Number:
    return Number({(ref,): Fraction(1)}, {(): Fraction(1)})


def _unit(number: Number, language: int) -> str:
    if number.bare:
        return ("不带单位的数", "a number without a unit")[language]
    names = {
        (): ("比率", "a share"),
        (("money", 1),): ("金额", "an amount of money"),
        (("count", 1),): ("数目", "a number of things"),
        (("usd", 1),): ("美元金额", "an amount of dollars"),
    }
    return names.get(number.unit, ("另一种单位", "another unit"))[language]


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


class _Compiler:
    """All packs in force on one day into one plan."""

    def __init__(
        self, packs: Iterable[Pack], vocabulary: Vocabulary, as_of: dt.date, known: Iterable[str]
    ) -> None:
        self.packs = {p.id: p for p in packs}
        self.known = frozenset(known)
        self.vocabulary, self.as_of = vocabulary, as_of
        self.builder = Builder()
        self.problems: list[Problem] = []
        self.done: dict[str, Policy] = {}
        self.open: list[str] = []
        self._branches: dict[tuple[str, tuple[str, ...]], bytes] = {}
        self._rows: dict[tuple[str, tuple[tuple[str, ...], ...]], tuple[int, ...]] = {}

    def policy(self, id: str) -> Policy:
        if id not in self.done:
            self.open.append(id)
            self.done[id] = _PackCompiler(self.packs[id], self).policy()
            self.open.pop()
        return self.done[id]

    def _reach(self, id: str, at: int) -> Policy:
        if id in self.open:
            raise BadExpression("cycle", f"政策“{id}”间接用到了自身", f"the policy “{id}” uses itself", at)
        return self.policy(id)

    def verdict(self, id: str, at: int) -> int:
        if id not in self.packs:
            if id not in self.known:
                raise BadExpression("unknown_policy", f"没有政策“{id}”", f"there is no policy “{id}”", at)
            return self.builder.const(0)  # none of its versions is in force on the day
        return self._reach(id, at).verdict

    def derived(self, fact: Fact, members: Iterable[str], at: int) -> int:
        """The node of “this class is one of these”, from the classification in force."""
        makers = [p.id for p in self.packs.values() if p.classes and p.classes.fact == fact.key]
        if len(makers) != 1:
            raise BadExpression(
                "no_classification",
                f"当日没有（或不止一个）政策给出“{fact.key}”",
                f"“{fact.key}” is not derived by exactly one pack in force",
                at,
            )
        policy = self._reach(makers[0], at)
        chosen = self.builder.any([node for value, node in policy.classes if value in members])
        # Off the scope of the classification (an industry it does not cover) there is no class at all.
        return self.builder.all([chosen, *(c.node for c in policy.scope)])

    def branches(self, tree_name: str, codes: tuple[str, ...], at: int) -> bytes:
        key = (tree_name, codes)
        if key not in self._branches:
            tree = self.vocabulary.trees[tree_name]
            missing = [c for c in codes if c not in tree.numbers]
            if missing:
                raise BadExpression(
                    "unknown_code",
                    f"没有代码“{'、'.join(missing)}”",
                    f"there is no code “{', '.join(missing)}”",
                    at,
                )
            inside, above = frozenset(codes), tree._above(frozenset(codes))
            self._branches[key] = bytes(
                2 if not inside.isdisjoint(tree.path(code)) else 1 if code in above else 0
                for code in tree.codes
            )
        return self._branches[key]

    def rows(self, pack: Pack, table: Table) -> tuple[int, ...]:
        tree = self.vocabulary.trees[self.vocabulary[table.by].tree]
        key = (tree.name, tuple(row.codes for row in table.rows))
        if key not in self._rows:
            of = {code: number for number, row in enumerate(table.rows) for code in row.codes}
            missing = [c for c in of if c not in tree.numbers]
            if missing:
                raise BadExpression(
                    "unknown_code",
                    f"表中没有代码“{'、'.join(missing)}”",
                    f"the table names codes that do not exist: {', '.join(missing)}",
                )
            above = tree._above(frozenset(of))

            def row(code: str) -> int:
                found = next((of[c] for c in tree.path(code) if c in of), -1)
                # Where a narrower branch has a row of its own, a broader code does not say which of them applies.
                return -2 if code in above else found

            self._rows[key] = tuple(map(row, tree.codes))
        return self._rows[key]


def make_plan(
    packs: Iterable[Pack],
    vocabulary: Vocabulary,
    as_of: dt.date,
    *,
    known: Iterable[str] = (),
    only: Iterable[str] = (),
) -> Plan:
    """The plan of the given packs for one day. Versions not in force that day are left out.

    ``known``: ids of policies that exist at all, so that one which is not in force counts as *no* and one that does not
    exist as a mistake. ``only``: plan these policies (and what they refer to) alone. Raises `PackError`.
    """
    packs = list(packs)
    force = [p for p in packs if p.in_force(as_of)]
    compiler = _Compiler(force, vocabulary, as_of, {*known, *(p.id for p in packs)})
    wanted = list(only) or [p.id for p in force]
    policies = tuple(compiler.policy(id) for id in wanted if id in compiler.packs)
    if compiler.problems:
        raise PackError(compiler.problems)
    behind = tuple(p for id, p in compiler.done.items() if id not in wanted)
    return Plan(as_of, vocabulary, tuple(compiler.builder.nodes), policies, behind)
