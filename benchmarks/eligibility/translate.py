"""A plan said again in the language of each peer, so that all of them are asked the same thing.

Every distinct clause and verdict becomes one named result; what several share is shared as in our plan, which is more
than a person writing for these engines would do. Engines with two values get the facts filled in with 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from qiao.eligibility import Plan
from qiao.eligibility import nodes as n
from qiao.eligibility.exact import Ref, Terms


def name(ref: Ref) -> str:
    return ref.key if ref.year in (0, 1) else f"{ref.key}_{ref.year}"


def runs(numbers: list[int]) -> list[tuple[int, int]]:
    """The runs of consecutive numbers, first and last."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found


class Speech:
    """Text with ``and``, ``or``, ``not``, ``>=``; a dialect changes what it says otherwise. Two values."""

    conjunction, disjunction = " and ", " or "

    def __init__(self, plan: Plan) -> None:
        self.plan, self.kept = plan, frozenset(plan.kept)

    @cached_property
    def results(self) -> dict[int, Any]:
        """node → how it is computed, in an order in which each needs earlier ones only."""
        return {number: self.expand(number) for number in sorted(self.kept)}

    @cached_property
    def stages(self) -> list[dict[int, Any]]:
        """The results by what they need: that stands in an earlier stage."""
        depth: dict[int, int] = {}

        def below(number: int) -> int:
            """How many stages lie below a node."""
            parts = n.children(self.plan.nodes[number])
            return max((depth[p] + 1 if p in self.kept else below(p) for p in parts), default=0)

        for number in sorted(self.kept):
            depth[number] = below(number)
        found: list[dict[int, Any]] = [{} for _ in range(max(depth.values()) + 1)]
        for number, stage in depth.items():
            found[stage][number] = self.results[number]
        return found

    def __call__(self, number: int) -> Any:
        return self.known(number) if number in self.kept else self.expand(number)

    def expand(self, number: int) -> Any:
        match self.plan.nodes[number]:
            case n.Const(truth):
                return self.const(truth == 2)
            case n.Flag(ref):
                return self.at_least((((ref,), 1),), 1)
            case n.Inequality(terms, bound, guards):
                return self.all([self.at_least(terms, bound), *(self.at_least(*guard) for guard in guards)])
            case n.Member(ref, truths):
                return self.member(ref, [number for number, truth in enumerate(truths) if truth == 2])
            case n.Reaches(ref, by, rows, lines):
                cases = []
                for row, line in enumerate(lines):
                    codes = [code for code, of in enumerate(rows) if of == row]
                    cases.append((codes, None if line is None else self.at_least((((ref,), 1),), line)))
                return self.cases(by, cases)
            case n.And(parts):
                return self.all([self(p) for p in parts])
            case n.Or(parts):
                return self.any([self(p) for p in parts])
            case n.Not(part):
                return self.negate(self(part))
            case n.AtLeastOf(many, parts):
                return self.many(many, [self(p) for p in parts])
            case n.ScoreAtLeast(score, points):
                return self.reached(score, points)
        raise NotImplementedError(self.plan.nodes[number])

    # What a dialect says.

    def known(self, number: int) -> Any:
        return f"n{number}"

    def fact(self, ref: Ref) -> str:
        return name(ref)

    def wide(self, text: str) -> str:
        """A factor of a product that may leave 64 bits."""
        return text

    def const(self, yes: bool) -> Any:
        return "true" if yes else "false"

    def sum(self, terms: Terms) -> str:
        """A sum of products; factors of products of several facts are widened."""
        said = []
        for monomial, coefficient in terms:
            factors = [self.fact(ref) for ref in monomial]
            if any(len(m) > 1 for m, _ in terms):
                factors = [self.wide(f) for f in factors]
            many = [] if coefficient == 1 else [self.number(coefficient, len(monomial) > 1)]
            said.append("*".join([*many, *factors]))
        return " + ".join(said)

    def number(self, value: int, wide: bool) -> str:
        del wide
        return str(value)

    def at_least(self, terms: Terms, bound: int) -> Any:
        return f"({self.sum(terms)} >= {bound})"

    def all(self, parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else f"({self.conjunction.join(parts)})"

    def any(self, parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else f"({self.disjunction.join(parts)})"

    def negate(self, part: Any) -> Any:
        return f"(not {part})"

    def member(self, ref: Ref, numbers: list[int]) -> Any:
        """Branches of a tree are runs of numbers: comparing is quicker everywhere than a list of a thousand."""
        fact: Terms = (((ref,), 1),)
        back: Terms = (((ref,), -1),)
        return self.any(
            [self.all([self.at_least(fact, a), self.at_least(back, -b)]) for a, b in runs(numbers)]
        )

    def cases(self, by: Ref, cases: list[tuple[list[int], Any]]) -> Any:
        return self.any(
            [self.all([self.member(by, codes), *([test] if test else [])]) for codes, test in cases]
        )

    def many(self, many: int, parts: list[Any]) -> Any:
        return f"({' + '.join(self.choose(p, '1', '0') for p in parts)} >= {many})"

    def choose(self, test: Any, yes: Any, no: Any) -> Any:
        return f"({test} ? {yes} : {no})"

    def most(self, parts: list[Any]) -> Any:
        return f"max([{', '.join(parts)}])"

    def least(self, part: Any, cap: int) -> Any:
        return f"min([{part}, {cap}])"

    def add(self, parts: list[Any]) -> Any:
        return f"({' + '.join(parts)})"

    def reached(self, score: int, points: int) -> Any:
        return f"({self.points(score)} >= {points})"

    def points(self, number: int) -> Any:
        match self.plan.nodes[number]:
            case n.Bands(conditions, points, other):
                found: Any = str(other[0])
                for condition, (least, _) in zip(reversed(conditions), reversed(points), strict=True):
                    found = self.choose(self(condition), str(least), found)
                return found
            case n.Best(parts):
                return self.most([self.points(p) for p in parts])
            case n.Total(parts, cap):
                return self.least(self.add([self.points(p) for p in parts]), cap)
        raise NotImplementedError


class Zen(Speech):
    def known(self, number: int) -> str:
        return f"$.n{number}"

    def wide(self, text: str) -> str:
        return f"({text} / 10000000)"  # decimals hold 28 digits


class Cel(Speech):
    conjunction, disjunction = " && ", " || "

    def wide(self, text: str) -> str:
        return f"double({text})"

    def number(self, value: int, wide: bool) -> str:
        return f"{value}.0" if wide else str(value)

    def at_least(self, terms: Terms, bound: int) -> str:
        return f"({self.sum(terms)} >= {float(bound) if any(len(m) > 1 for m, _ in terms) else bound})"

    def negate(self, part: Any) -> str:
        return f"(!{part})"

    def most(self, parts: list[Any]) -> Any:
        found = parts[0]
        for part in parts[1:]:
            found = f"({found} >= {part} ? {found} : {part})"
        return found

    def least(self, part: Any, cap: int) -> Any:
        return f"({part} > {cap} ? {cap} : {part})"


class Numpy(Speech):
    """Formulas over vectors, as OpenFisca and PolicyEngine take them; ``x(name)`` is a variable of the period."""

    conjunction, disjunction = " * ", " + "

    def known(self, number: int) -> str:
        return f"x('n{number}')"

    def fact(self, ref: Ref) -> str:
        return f"x('{name(ref)}')"

    def const(self, yes: bool) -> str:
        return f"(x('one') == {int(yes)})"

    def negate(self, part: Any) -> str:
        return f"(~{part})"

    def choose(self, test: Any, yes: Any, no: Any) -> str:
        return f"np.where({test}, {yes}, {no})"

    def most(self, parts: list[Any]) -> Any:
        found = parts[0]
        for part in parts[1:]:
            found = f"np.maximum({found}, {part})"
        return found

    def least(self, part: Any, cap: int) -> str:
        return f"np.minimum({part}, {cap})"


class Json(Speech):
    """JSON-Logic: everything is an operation in a dictionary."""

    def known(self, number: int) -> Any:
        return {"var": f"n{number}"}

    def const(self, yes: bool) -> bool:
        return yes

    def at_least(self, terms: Terms, bound: int) -> Any:
        products = [{"*": [c, *({"var": name(ref)} for ref in monomial)]} for monomial, c in terms]
        return {">=": [products[0] if len(products) == 1 else {"+": products}, bound]}

    def all(self, parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else {"and": list(parts)}

    def any(self, parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else {"or": list(parts)}

    def negate(self, part: Any) -> Any:
        return {"!": [part]}

    def many(self, many: int, parts: list[Any]) -> Any:
        return {">=": [{"+": [{"if": [p, 1, 0]} for p in parts]}, many]}

    def choose(self, test: Any, yes: Any, no: Any) -> Any:
        yes, no = (int(side) if isinstance(side, str) else side for side in (yes, no))
        return {"if": [test, yes, no]}

    def most(self, parts: list[Any]) -> Any:
        return {"max": parts}

    def least(self, part: Any, cap: int) -> Any:
        return {"min": [part, cap]}

    def add(self, parts: list[Any]) -> Any:
        return {"+": parts}

    def reached(self, score: int, points: int) -> Any:
        return {">=": [self.points(score), points]}


class Staged(Speech):
    """Three values: NULL for unknown."""

    def points(self, number: int) -> tuple[Any, Any]:
        """Lowest and highest. Bands fall: the best that surely holds, the best that may."""
        match self.plan.nodes[number]:
            case n.Bands(conditions, points, other):
                sides = []
                for side in (0, 1):
                    bands = [
                        self.choose(self.sure(self(c), bool(side)), str(band[side]), str(other[side]))
                        for c, band in zip(conditions, points, strict=True)
                    ]
                    sides.append(self.most(bands))
                return sides[0], sides[1]
            case n.Best(parts):
                pairs = [self.points(p) for p in parts]
                return self.most([p[0] for p in pairs]), self.most([p[1] for p in pairs])
            case n.Total(parts, cap):
                pairs = [self.points(p) for p in parts]
                low, high = (self.add([p[side] for p in pairs]) for side in (0, 1))
                return self.least(low, cap), self.least(high, cap)
        raise NotImplementedError

    def sure(self, part: Any, otherwise: bool) -> Any:
        return f"coalesce({part}, {str(otherwise).lower()})"


class Sql(Staged):
    """DuckDB."""

    conjunction, disjunction = " AND ", " OR "

    def wide(self, text: str) -> str:
        return f"{text}::HUGEINT"

    def negate(self, part: Any) -> str:
        return f"(NOT {part})"

    def member(self, ref: Ref, numbers: list[int]) -> str:
        return self.any([f"({self.fact(ref)} BETWEEN {a} AND {b})" for a, b in runs(numbers)])

    def cases(self, by: Ref, cases: list[tuple[list[int], Any]]) -> str:
        said = " ".join(f"WHEN {self.member(by, codes)} THEN {test or 'true'}" for codes, test in cases)
        return f"(CASE WHEN {self.fact(by)} IS NULL THEN NULL {said} ELSE false END)"

    def choose(self, test: Any, yes: Any, no: Any) -> str:
        return f"(CASE WHEN {test} THEN {yes} ELSE {no} END)"

    def most(self, parts: list[Any]) -> Any:
        return f"greatest({', '.join(parts)})"

    def least(self, part: Any, cap: int) -> str:
        return f"least({part}, {cap})"

    def reached(self, score: int, points: int) -> str:
        low, high = self.points(score)
        return f"(CASE WHEN {low} >= {points} THEN true WHEN {high} < {points} THEN false END)"

    def many(self, many: int, parts: list[Any]) -> str:
        low, high = (" + ".join(f"{self.sure(p, side)}::INT" for p in parts) for side in (False, True))
        return f"(CASE WHEN {low} >= {many} THEN true WHEN {high} < {many} THEN false END)"


class Polars(Staged):
    def __init__(self, plan: Plan) -> None:
        import polars

        super().__init__(plan)
        self.pl = polars

    def known(self, number: int) -> Any:
        return self.pl.col(f"n{number}")

    def const(self, yes: bool) -> Any:
        return self.pl.lit(yes)

    def at_least(self, terms: Terms, bound: int) -> Any:
        wide = any(len(m) > 1 for m, _ in terms)
        total: Any = None
        for monomial, coefficient in terms:
            product: Any = None
            for ref in monomial:
                column = self.pl.col(name(ref))
                column = column.cast(self.pl.Float64) if wide else column
                product = column if product is None else product * column
            product = product if coefficient == 1 else product * (float(coefficient) if wide else coefficient)
            total = product if total is None else total + product
        return total >= bound

    def all(self, parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else self.pl.all_horizontal(*parts)

    def any(self, parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else self.pl.any_horizontal(*parts)

    def negate(self, part: Any) -> Any:
        return ~part

    def member(self, ref: Ref, numbers: list[int]) -> Any:
        return self.any([self.pl.col(name(ref)).is_between(a, b) for a, b in runs(numbers)])

    def cases(self, by: Ref, cases: list[tuple[list[int], Any]]) -> Any:
        chain: Any = self.pl.when(self.pl.col(name(by)).is_null()).then(None)
        for codes, test in cases:
            chain = chain.when(self.member(by, codes)).then(self.pl.lit(True) if test is None else test)
        return chain.otherwise(False)

    def sure(self, part: Any, otherwise: bool) -> Any:
        return part.fill_null(otherwise)

    def choose(self, test: Any, yes: Any, no: Any) -> Any:
        return (
            self.pl.when(test)
            .then(self.pl.lit(int(yes), self.pl.Int16))
            .otherwise(self.pl.lit(int(no), self.pl.Int16))
        )

    def most(self, parts: list[Any]) -> Any:
        return self.pl.max_horizontal(*parts)

    def least(self, part: Any, cap: int) -> Any:
        return self.pl.min_horizontal(part, self.pl.lit(cap, self.pl.Int16))

    def add(self, parts: list[Any]) -> Any:
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def reached(self, score: int, points: int) -> Any:
        low, high = self.points(score)
        return self.pl.when(low >= points).then(True).when(high < points).then(False).otherwise(None)

    def many(self, many: int, parts: list[Any]) -> Any:
        low, high = (
            self.add([self.sure(p, side).cast(self.pl.Int16) for p in parts]) for side in (False, True)
        )
        return self.pl.when(low >= many).then(True).when(high < many).then(False).otherwise(None)
