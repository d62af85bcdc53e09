"""Expressions that are conditions: into nodes, and into the tests that explanations show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import ceil, floor

from qiao.eligibility import nodes as n
from qiao.eligibility.exact import Number, Poly, Ref, equality, threshold
from qiao.eligibility.language import (
    Among,
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
from qiao.eligibility.pack import Expression, Table
from qiao.eligibility.plan import Leaf, PlannedScore
from qiao.eligibility.vocabulary import Fact, to_day

from .amounts import Amounts

_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Conditions(Amounts, ABC):
    """The conditions of one pack."""

    @abstractmethod
    def score(self, name: str) -> PlannedScore:
        """A score of this pack, planned when it is first asked for."""

    def condition(self, expression: Expression) -> tuple[int, tuple[Leaf, ...]]:
        """The node of a condition and the tests in it. A mistake becomes a problem, and the node a constant."""
        outer, self.leaves = self.leaves, []
        found: list[int] = []
        self.guarded_work(expression, lambda: found.append(self.truth(expression.tree)))
        leaves, self.leaves = tuple(self.leaves), outer
        return (found[0] if found else self.b.const(1)), leaves

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

    # -- functions that are conditions --------------------------------------------------------------------------

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

    # -- functions that are compared -----------------------------------------------------------------------------

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
