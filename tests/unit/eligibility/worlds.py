"""Random packs and firms, and a second, plain evaluator of packs written from docs/write-a-policy.md alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st

from qiao.eligibility.exact import Ref
from qiao.eligibility.language import (
    Among,
    Arithmetic,
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
from qiao.eligibility.library import Library
from qiao.eligibility.pack import Pack, Points
from qiao.eligibility.packfile import read_pack
from qiao.eligibility.plan import Plan
from qiao.eligibility.problems import PackError
from qiao.eligibility.vocabulary import CodeTree, Fact, Vocabulary, Words

Firm = dict[Ref, int]
# Shrinking whole packs takes minutes and finds no smaller story: the failing pack is printed as it was drawn.
settings.register_profile(
    "packs",
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)

AS_OF = dt.date(2026, 5, 31)
W = Words("字", "word")


def fact(
    key: str, kind: str, *, yearly: bool = False, least: int = 0, most: int = 10**6, **more: Any
) -> Fact:
    return Fact(key, kind, yearly, W, W, W, (), "free", least, most, W, **more)


CODES = {"A": "", "01": "A", "011": "01", "012": "01", "02": "A", "B": "", "06": "B", "061": "06"}
TREE = CodeTree("gbt4754", CODES, {c: f"名{c}" for c in CODES}, tuple(CODES))
VOCABULARY = Vocabulary(
    [
        # Bounds are wide on purpose: products of two of these leave 63 bits.
        fact("revenue", "money", yearly=True, most=10**17),
        fact("profit", "money", yearly=True, least=-(10**16), most=10**16),
        fact("assets", "money", most=10**17),
        fact("staff", "count"),
        fact("patents", "count", yearly=True),
        fact("share", "share", most=10**6),
        fact("listed", "boolean"),
        fact("clean", "boolean"),
        fact("founded", "date"),
        fact("industry", "code", tree="gbt4754"),
        fact("body", "category", values={"national": W, "city": W, "none": W}),
        fact("size", "category", values={"big": W, "small": W}, derived=True),
    ],
    [TREE],
)

# -- random text -------------------------------------------------------------------------------------------------------

money = st.sampled_from(
    [
        "revenue",
        "profit",
        "assets",
        "revenue[2]",
        "sum(3, revenue)",
        "mean(2, profit)",
        "(revenue + profit)",
        "wealth",
    ]
)
plain = st.sampled_from(["staff", "patents", "patents[2]", "sum(2, patents)", "staff + patents"])
ratio = st.sampled_from(
    ["revenue / assets", "profit / revenue", "share", "growth(revenue)", "mean_growth(2, revenue)", "patents / staff",
     "revenue / (assets / 3)", "profit / (revenue - profit)"]
)  # fmt: skip
amount = st.builds(lambda n, u: f"{n} {u}", st.integers(0, 999), st.sampled_from(["元", "万元", "亿元"]))
percent = st.builds(lambda n: f"{n}%", st.sampled_from(["0", "2.5", "3", "33.33", "100", "120"]))
order = st.sampled_from([">=", ">", "<", "<="])
comparisons = st.one_of(
    st.builds("{} {} {}".format, money, order, amount),
    # Two sides without a fact in common: what cancels out is decided even when it is unknown, which is sharper than
    # the plain evaluator can be.
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["revenue", "sum(3, revenue)"]),
        order,
        st.sampled_from(["assets", "mean(2, profit)"]),
    ),
    st.builds(
        "{} {} {}".format, plain, st.sampled_from([">=", ">", "<", "<=", "==", "!="]), st.integers(0, 60)
    ),
)
ratios = st.one_of(
    st.builds("{} {} {}".format, ratio, order, percent),
    st.builds("cagr(2, revenue) {} {}".format, order, percent),
)
others = st.sampled_from(
    ["listed", "clean", "industry in {A}", "industry in {01, 061}", "industry in few", "body in {national, city}",
     "age(founded) >= 2 年", "age(founded) < 365 天", "within(founded, 6 个月)", "founded <= 2024-02-29",
     "reaches(assets, lines.assets)", "covers(lines)", "size in {small}", "true"]
)  # fmt: skip
positive = st.one_of(comparisons, ratios, others)


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, st.one_of(comparisons, others)),
        st.builds("count({}, {}, {}) >= 2".format, inner, inner, inner),
        st.builds("each(2, {})".format, st.one_of(comparisons, ratios)),
        st.builds("some(3, {})".format, comparisons),
    )


conditions = st.recursive(positive, joined, max_leaves=5)


@st.composite
def bands(draw: st.DrawFn) -> str:
    """An item's points: mostly falling, sometimes not, sometimes ranges."""
    points = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=2, max_size=4))
    spans = [f"[{a}, {a + b}]" for a, b in points]
    if draw(st.booleans()):
        lines = draw(
            st.lists(st.integers(1, 99), min_size=len(spans) - 1, max_size=len(spans) - 1, unique=True)
        )
        tails = [f'">= {p}%": {s}' for p, s in zip(sorted(lines, reverse=True), spans, strict=False)]
        return f'of: "{draw(ratio)}", bands: {{{", ".join(tails)}, else: {spans[-1]}}}'
    tests = draw(
        st.lists(
            others.filter(lambda t: t != "true"),
            min_size=len(spans) - 1,
            max_size=len(spans) - 1,
            unique=True,
        )
    )
    return (
        "cases: {"
        + ", ".join(f'"{t}": {s}' for t, s in zip(tests, spans, strict=False))
        + f", else: {spans[-1]}}}"
    )


SIZES = """
id: t/size
title: {zh: 规模, en: Size}
kind: classification
issuer: {zh: 甲, en: A}
document: {number: "1", title: 甲}
in_force: {from: 2020-01-01}
evidence: V
clauses:
  - {id: covered, cite: 一, zh: 范围, en: scope, role: scope, is: "not industry in {02}"}
  - {id: big, cite: 二, zh: 大, en: big, is: staff >= 20 and revenue >= 3 万元}
qualifies: covered
classes: {fact: size, cases: {big: big, small: "true"}}
"""


@st.composite
def packs(draw: st.DrawFn) -> list[str]:
    """The texts of a few packs that refer to each other."""
    found = [SIZES]
    for number in range(draw(st.integers(1, 3))):
        clauses = draw(st.lists(conditions, min_size=1, max_size=4))
        refer = [f"qualifies(t/p{number - 1})"] if number and draw(st.booleans()) else []
        score = draw(st.integers(0, 24))
        lines = [
            f"id: t/p{number}", "title: {zh: 甲, en: a}", "kind: recognition", "issuer: {zh: 甲, en: A}",
            'document: {number: "1", title: 甲}', "in_force: {from: 2020-01-01}", "evidence: V",
            "define: {wealth: revenue + assets}", 'lists: {few: {of: gbt4754, codes: ["012", B]}}',
            "tables:", "  lines:", "    by: industry", "    columns: {assets: money}", "    rows:",
            "      - {codes: [A], zh: 甲, en: a, assets: 2 万元}", '      - {codes: ["011"], zh: 甲, en: a}',
            "scores:", "  s:", "    zh: 分", "    en: score", "    items:",
            f"      - {{id: a, zh: 甲, en: a, cite: 一, max: 12, {draw(bands())}}}",
            f"      - {{id: b, zh: 甲, en: a, cite: 一, max: 12, best_of: [{{{draw(bands())}}}, {{{draw(bands())}}}]}}",
            f"      - {{id: c, zh: 甲, en: a, cite: 一, max: 14, add: [{{{draw(bands())}}}, {{{draw(bands())}}}]}}",
            "      - {id: d, zh: 甲, en: a, cite: 一, max: 2}",
            "clauses:",
        ]  # fmt: skip
        texts = [*clauses, *refer, f"score(s) >= {score}", f"score(s.a) < {score // 2}"]
        lines += [f"  - {{id: c{i}, cite: 一, zh: 甲, en: a, is: '{t}'}}" for i, t in enumerate(texts)]
        lines += ["  - {id: m, cite: 一, zh: 甲, en: a, manual: true}"]
        ids = [f"c{i}" for i in range(len(texts))]
        lines.append(f"qualifies: {' and '.join(ids[:2])} or {' and '.join([*ids[2:], 'm'])}")
        found.append("\n".join(lines))
    return found


def library(texts: list[str]) -> Library:
    return Library(VOCABULARY, tuple(read_pack(Path(f"{i}.yaml"), text) for i, text in enumerate(texts)))


def planned(texts: list[str]) -> tuple[Library, Plan]:
    """The library and its plan. Packs that a check rightly refuses (a band that cannot be reached) are drawn again."""
    known = library(texts)
    try:
        return known, known.plan(AS_OF)
    except PackError as refused:
        assume({p.code for p in refused.problems} != {"unreachable_band"})
        raise


VALUES: dict[str, st.SearchStrategy[int]] = {
    "money": st.one_of(st.sampled_from([0, 100, 2 * 10**6, 3 * 10**6]), st.integers(0, 10**17)),
    "count": st.one_of(st.integers(0, 60), st.just(10**6)),
    "share": st.integers(0, 10**6),
    "boolean": st.integers(0, 1),
    "date": st.integers(19_000, 20_700),
    "code": st.integers(0, len(CODES) - 1),
    "category": st.integers(0, 2),
}


@st.composite
def firms(draw: st.DrawFn) -> dict[Ref, int]:
    """A firm with some of its facts unknown. Amounts repeat across years so that boundaries are met exactly."""
    found: dict[Ref, int] = {}
    for key, entry in VOCABULARY.facts.items():
        if entry.derived:
            continue
        for year in range(1, 6) if entry.yearly else (0,):
            value = draw(st.none() | VALUES[entry.type])
            if value is not None:
                sign = -1 if key == "profit" and draw(st.booleans()) else 1
                found[Ref(key, year)] = (
                    min(max(sign * value, entry.least), entry.most) if entry.numeric else value
                )
    for number in range(3):
        judged = draw(st.none() | st.integers(0, 1))
        if judged is not None:
            found[Ref(f"t/p{number}:m", 0)] = judged
        for item in ("a", "b", "c.1", "c.2", "d"):
            points = draw(st.none() | st.none() | st.integers(0, 13))
            if points is not None:
                found[Ref(f"t/p{number}:s.{item}", 0)] = points
    return found


# -- the plain evaluator ---------------------------------------------------------------------------------------


class Undefined(Exception):
    """A denominator that is not positive."""


class Plain:
    """One firm under one pack, straight from the trees, in fractions."""

    def __init__(self, packs: Mapping[str, Pack], facts: Mapping[Ref, int]) -> None:
        self.packs, self.facts = packs, facts

    def fact(self, name: str, year: int) -> int | None:
        yearly = VOCABULARY[name].yearly
        return self.facts.get(Ref(name, year if yearly else 0))

    def verdict(self, pack: Pack) -> int:
        states = {c.id: self.clause(pack, c.id) for c in pack.clauses}
        found = (
            min(states.values())
            if pack.qualifies is None
            else self.truth(pack, pack.qualifies.tree, 0, states)
        )
        return min([found, *(states[c.id] for c in pack.clauses if c.scope)])

    def clause(self, pack: Pack, id: str) -> int:
        clause = pack.clause(id)
        if clause.condition is None:
            value = self.facts.get(Ref(f"{pack.id}:{id}", 0))
            return 1 if value is None else 2 * value
        return self.truth(pack, clause.condition.tree, 0, {})

    def truth(self, pack: Pack, tree: Tree, back: int, clauses: Mapping[str, int]) -> int:
        def again(part: Tree, more: int = 0) -> int:
            return self.truth(pack, part, back + more, clauses)

        match tree:
            case Literal(yes):
                return 2 if yes else 0
            case Junction("and", parts):
                return min(map(again, parts))
            case Junction(_, parts):
                return max(map(again, parts))
            case Not(part):
                return 2 - again(part)
            case Name(name):
                if name in clauses:
                    return clauses[name]
                value = self.fact(name, 1 + back)
                return 1 if value is None else 2 if value else 0
            case Among(Name("size"), members):
                return max(self.size(m) for m in members)
            case Among(Name(name), members):
                if isinstance(members, str):
                    members = pack.lists[members].codes
                value = self.fact(name, 1 + back)
                if value is None:
                    return 1
                if name == "body":
                    return 2 if list(VOCABULARY["body"].values)[value] in members else 0
                return {True: 2, None: 1, False: 0}[TREE.within(TREE.codes[value], members)]
            case Call("each", (many, what)):
                return min(again(what, y) for y in range(int(many.value)))  # type: ignore[union-attr]
            case Call("some", (many, what)):
                return max(again(what, y) for y in range(int(many.value)))  # type: ignore[union-attr]
            case Call("within", _):
                value = self.fact("founded", 0)
                return 1 if value is None else 2 if dt.date(2025, 11, 30) < day(value) <= AS_OF else 0
            case Call("covers" | "reaches" as what, _):
                code = self.fact("industry", 0)
                if code is None or (TREE.codes[code] in ("A", "01")):
                    return 1
                name = TREE.codes[code]
                if name == "011":
                    return 2
                if not name.startswith(("0", "A")) or name.startswith("06"):
                    return 0
                if what == "covers":
                    return 2
                value = self.fact("assets", 0)
                return 1 if value is None else 2 if value >= 2_000_000 else 0
            case Call("qualifies", (Name(id),)):
                return self.verdict(self.packs[id])
            case Comparison(operator, Call("count", parts), Quantity(limit)):
                states = list(map(again, parts))
                return compare_span(operator, sum(s == 2 for s in states), sum(s >= 1 for s in states), limit)
            case Comparison(operator, Call("score", (Name(name),)), Quantity(limit)):
                return compare_span(operator, *self.score(pack, name), limit)
            case Comparison(operator, Call("age", _), Quantity(limit, dimension)):
                value = self.fact("founded", 0)
                if value is None:
                    return 1
                line = dt.date(2024, 5, 31) if dimension == "years" else AS_OF - dt.timedelta(int(limit))
                return 2 * holds({">=": "<=", "<": ">"}[operator], value, (line - dt.date(1970, 1, 1)).days)
            case Comparison(operator, Name("founded"), Day(when)):
                value = self.fact("founded", 0)
                return 1 if value is None else 2 * holds(operator, value, (when - dt.date(1970, 1, 1)).days)
            case Comparison(operator, Call("cagr", (many, what)), right):
                now, before = self.number(pack, what, back), self.number(pack, what, back + int(many.value))  # type: ignore[union-attr]
                if before is not None and before <= 0:
                    return 0
                if now is None or before is None:
                    return 1
                rate = self.number(pack, right, back)
                assert rate is not None
                return 2 * holds(operator, now, before * (1 + rate) ** 2)
            case Comparison(operator, left, right):
                # A denominator that is known not to be positive decides, whatever else is unknown.
                undefined, values = False, []
                for side in (left, right):
                    try:
                        values.append(self.number(pack, side, back))
                    except Undefined:
                        undefined = True
                if undefined:
                    return 0
                a, b = values
                return 1 if a is None or b is None else 2 * holds(operator, a, b)
        raise AssertionError(tree)

    def size(self, value: str) -> int:
        sizes = self.packs["t/size"]
        big = self.clause(sizes, "big")
        return min(big if value == "big" else 2 - big, self.clause(sizes, "covered"))

    def score(self, pack: Pack, name: str) -> tuple[int, int]:
        score, _, item = name.partition(".")
        items = [i for i in pack.scores[score].items if item in ("", i.id)]
        found = [self.points(pack, i.points, f"{pack.id}:{score}.{i.id}") for i in items]
        return sum(f[0] for f in found), sum(f[1] for f in found)

    def points(self, pack: Pack, points: Points, name: str) -> tuple[int, int]:
        said = self.facts.get(Ref(name, 0))
        if points.how == "judged":
            return (0, points.most) if said is None else (min(said, points.most),) * 2
        if points.parts:
            names = [f"{name}.{i}" if points.how == "add" else name for i in range(1, len(points.parts) + 1)]
            found = [self.points(pack, p, n) for p, n in zip(points.parts, names, strict=True)]
            if points.how == "best_of":
                return max(f[0] for f in found), max(f[1] for f in found)
            return min(points.most, sum(f[0] for f in found)), min(points.most, sum(f[1] for f in found))
        low, high = 99, -1
        for band in points.bands:
            state = 2 if band.condition is None else self.truth(pack, band.condition.tree, 0, {})
            most = band.most if said is None else min(max(said, band.least), band.most)
            least = band.least if said is None or state == 1 else most
            if state:
                low, high = min(low, least), max(high, most)
            if state == 2:
                break
        return low, high

    def number(self, pack: Pack, tree: Tree, back: int) -> Fraction | None:
        """None where something is unknown. Raises `Undefined` once a denominator is known not to be positive."""
        match tree:
            case Quantity(value):
                return value
            case Name(name, year):
                if name in pack.define:
                    return self.number(pack, pack.define[name].tree, back)
                kept = self.fact(name, (year or 1) + back)
                return None if kept is None else Fraction(kept, 10**6 if name == "share" else 1)
            case Arithmetic(operator, left, right):
                undefined, sides = False, []
                for side in (left, right):
                    try:
                        sides.append(self.number(pack, side, back))
                    except Undefined:
                        undefined = True
                if undefined or (
                    operator == "/" and len(sides) == 2 and sides[1] is not None and sides[1] <= 0
                ):
                    raise Undefined
                a, b = sides
                if a is None or b is None:
                    return None
                return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[
                    operator
                ]()
            case Call("sum" | "mean" as what, (many, inner)):
                years = int(many.value)  # type: ignore[union-attr]
                found = [self.number(pack, inner, back + y) for y in range(years)]
                if None in found:
                    return None
                total = sum((f for f in found if f is not None), Fraction(0))
                return total / years if what == "mean" else total
            case Call("growth", (inner,)):
                return self.growth(pack, inner, back)
            case Call("mean_growth", (_, inner)):
                undefined, found = False, []
                for year in (0, 1):
                    try:
                        found.append(self.growth(pack, inner, back + year))
                    except Undefined:
                        undefined = True
                if undefined:
                    raise Undefined
                a, b = found
                return None if a is None or b is None else (a + b) / 2
        raise AssertionError(tree)

    def growth(self, pack: Pack, inner: Tree, back: int) -> Fraction | None:
        now, before = self.number(pack, inner, back), self.number(pack, inner, back + 1)
        if before is not None and before <= 0:
            raise Undefined
        return None if now is None or before is None else now / before - 1


def day(number: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(number)


def holds(operator: str, a: Fraction | int, b: Fraction | int) -> bool:
    return {">=": a >= b, ">": a > b, "<": a < b, "<=": a <= b, "==": a == b, "!=": a != b}[operator]


def compare_span(operator: str, low: int, high: int, limit: Fraction) -> int:
    """A whole number between two bounds, compared: yes when it holds for all of them, no when for none."""
    answers = {holds(operator, x, limit) for x in range(low, high + 1)}
    return 1 if len(answers) == 2 else 2 if answers == {True} else 0
