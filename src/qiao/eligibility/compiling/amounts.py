"""What names mean at a place of a pack, and expressions that are amounts or days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from qiao.eligibility.days import look_back
from qiao.eligibility.exact import Number, Poly, Ref
from qiao.eligibility.language import Arithmetic, BadExpression, Call, Day, Name, Quantity, Tree
from qiao.eligibility.pack import Expression, Pack
from qiao.eligibility.plan import FURTHEST, Leaf
from qiao.eligibility.vocabulary import Fact, to_day

if TYPE_CHECKING:
    from .whole import Compiler


@dataclass
class _Scope:
    """What names mean at one place of a pack."""

    shift: int = 0  # fiscal years back, inside windows
    clauses: Mapping[str, int] = field(default_factory=dict)
    positive: bool = True


class Amounts:
    """Facts, definitions, sums, windows of years, days: whatever a condition compares."""

    def __init__(self, pack: Pack, whole: Compiler) -> None:
        self.pack, self.whole, self.b = pack, whole, whole.builder
        self.vocabulary, self.as_of = whole.vocabulary, whole.as_of
        self.scope = _Scope()
        self.leaves: list[Leaf] = []
        self.expanding: list[str] = []
        self.text = ""

    # -- names ---------------------------------------------------------------------------------------------------

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

    def inlined(self, tree: Tree) -> Tree:
        while isinstance(tree, Name) and tree.name in self.pack.define and tree.year is None:
            with self.expand(tree) as inner:
                tree = inner
        return tree

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

    # -- amounts -------------------------------------------------------------------------------------------------

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

    def whole_number(self, tree: Tree, at: int) -> Fraction:
        value = self.number(tree)
        if value.value is None or not value.bare:
            raise BadExpression("not_a_number", "这里应与一个数比较", "a plain number belongs here", at)
        return value.value

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
