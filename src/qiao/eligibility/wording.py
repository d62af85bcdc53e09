"""How a test inside a clause reads: formulas, values and lines for people. Nothing here decides anything."""

from __future__ import annotations

from fractions import Fraction

from . import nodes as n
from . import phrases as say
from .exact import Number, Ref
from .language import Among, Arithmetic, Call, Comparison, Day, Name, Quantity, Tree
from .plan import Leaf, Plan, Policy
from .vocabulary import Words, show_number
from .walk import Judged

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_SHOWN = 4  # names of a long list


class Wording:
    """The tests of one policy in one language (``zh`` or ``en``)."""

    def __init__(self, plan: Plan, policy: Policy, language: str) -> None:
        self.plan, self.policy, self.language = plan, policy, "en" if language.startswith("en") else "zh"
        self.vocabulary = plan.vocabulary

    # -- names and formulas ------------------------------------------------------------------------------------------

    def name(self, ref: Ref, *, year: bool = True) -> str:
        """A fact with its fiscal year: 2025年营业收入. What a person judges goes by its clause or item."""
        if ":" in ref.key:
            return self._judged(ref.key.partition(":")[2])
        label = self.vocabulary[ref.key].label[self.language]
        if not ref.year or not year:
            return label
        return say.YEAR[self.language].format(year=self.plan.as_of.year - ref.year, name=label)

    def _judged(self, id: str) -> str:
        pack = self.policy.pack
        score, dot, item = id.partition(".")
        if not dot:
            return next((c.text[self.language] for c in pack.clauses if c.id == id), id)
        item, _, number = item.partition(".")
        found = next(i for i in pack.scores[score].items if i.id == item)
        part = found.points.parts[int(number.partition(".")[0]) - 1].label if number else None
        return part[self.language] if part else found.label[self.language]

    def formula(self, tree: Tree, shift: int = 0, *, years: bool = True, inner: bool = False) -> str:
        """An expression as people write it. ``years``: whether yearly facts say their year."""
        match tree:
            case Name(name, year):
                defined = self.policy.pack.define.get(name)
                if defined is not None:
                    back = shift + (1 if year is None else year) - 1
                    return self.formula(defined.tree, back, years=years, inner=inner)
                fact = self.vocabulary.facts.get(name)
                if fact is None:
                    return name
                return self.name(
                    Ref(name, (1 if year is None else year) + shift if fact.yearly else 0), year=years
                )
            case Quantity():
                return self.quantity(tree)
            case Day(day):
                return day.isoformat()
            case Arithmetic(operator, left, right):
                a = self.formula(left, shift, years=years, inner=operator in "*/")
                b = self.formula(right, shift, years=years, inner=operator in "*/-")
                text = f"{a}{say.OPERATORS[operator]}{b}"
                return f"({text})" if inner else text
            case Call("growth", (what,)):
                return self._window(say.GROWTH, what, 1, shift)
            case Call("sum" | "mean" | "mean_growth" | "cagr" as function, (Quantity(many), what)):
                words = {
                    "sum": say.SUM,
                    "mean": say.MEAN,
                    "mean_growth": say.MEAN_GROWTH,
                    "cagr": say.COMPOUND,
                }
                count = int(many) + (function == "cagr")
                return self._window(words[function], what, count, shift)
            case Call(_, arguments):
                return self.formula(arguments[-1], shift, years=years)
            case _:
                return "…"

    def _window(self, words: Words, what: Tree, years: int, shift: int) -> str:
        last = self.plan.as_of.year - 1 - shift
        span = (
            say.YEARS[self.language].format(first=last - years + 1, last=last)
            if years > 1
            else say.YEAR[self.language].format(year=last, name="").strip()
        )
        return words[self.language].format(years=span, what=self.formula(what, years=False, inner=True))

    def quantity(self, tree: Quantity) -> str:
        if tree.dimension in say.LENGTHS:
            return say.LENGTHS[tree.dimension][self.language].format(n=tree.value)
        if tree.dimension == "share":
            return show_number("share", tree.value * 10**6, self.language)
        return show_number(tree.dimension or "count", tree.value, self.language)

    def amount(self, value: Fraction | None, number: Number, like: Number | None = None) -> str:
        """A value of ``number``'s unit. ``like`` tells a bare number what it is compared with."""
        if value is None:
            return say.UNKNOWN[self.language]
        unit = dict(number.unit) or dict(like.unit if like else ())
        bare = number.bare and (like is None or like.bare or bool(like.unit))
        if not unit and not bare:
            return show_number("share", value * 10**6, self.language)
        kind = next((k for k in ("money", "usd") if unit.get(k)), "count")
        return show_number(
            kind, value, self.language, self._unit(number) or (self._unit(like) if like else "")
        )

    def _unit(self, number: Number) -> str:
        """What is counted: the unit of the facts in it, where they have one and the same."""
        if number.unit != (("count", 1),):
            return ""
        units = {
            self.vocabulary[ref.key].unit[self.language]
            for ref in number.refs
            if ref.key in self.vocabulary and self.vocabulary[ref.key].type == "count"
        }
        return units.pop() if len(units) == 1 else ""

    def show(self, ref: Ref, value: int | None) -> str:
        if value is None:
            return say.UNKNOWN[self.language]
        if ":" in ref.key:
            return str(value) if "." in ref.key else (say.TRUE if value else say.FALSE)[self.language]
        return self.vocabulary.show(ref.key, value, self.language)

    # -- one test ----------------------------------------------------------------------------------------------------

    def test(self, leaf: Leaf, judged: Judged) -> str:
        """One line: what is tested, what the firm has, what is required."""
        if leaf.tree is None:
            return say.PERSON[judged.states[leaf.node]][self.language]
        what, value, line = self._test(leaf, judged)
        return say.TEST[self.language].format(what=what, value=value, line=line)

    def _test(self, leaf: Leaf, judged: Judged) -> tuple[str, str, str]:
        facts, language = judged.facts, self.language
        state, node = judged.states[leaf.node], self.plan.nodes[leaf.node]
        wanted = (say.TRUE if leaf.positive else say.FALSE)[language]
        match leaf.tree:
            case Name():
                (ref,) = n.inputs(node)
                return self.name(ref), self.show(ref, facts.get(ref)), wanted
            case Among(Name(name), members):
                return self._among(leaf, judged, name, members)
            case Call("within") if leaf.left and leaf.boundary:
                (ref,) = leaf.left.refs
                line = say.WITHIN[language].format(day=leaf.boundary.isoformat())
                return self.name(ref), self.show(ref, facts.get(ref)), line
            case Call("reaches", (_, Name(cell))) if isinstance(node, n.Reaches):
                return self._reaches(node, cell, judged)
            case Call("covers"):
                (ref,) = n.inputs(node)
                return self.name(ref), self.show(ref, facts.get(ref)), say.IN_TABLE[language]
            case Call("qualifies", (Name(name),)):
                title = self.plan.titles.get(name)
                what = say.QUALIFIES[language].format(title=title[language] if title else name)
                return what, say.YES_NO_UNKNOWN[state][language], wanted
            case Comparison(operator, Call("score", (Name(name),))) if leaf.right:
                low, high = judged.score(self.policy.id, name)
                how = say.AT_LEAST[self._operator(leaf, operator)][language]
                limit = int(leaf.right.value or 0)
                return self.score(name), self.points(low, high), f"{how} {self.points(limit, limit)}"
            case Comparison(operator, left) if leaf.left and leaf.right:
                if leaf.boundary or self._dated(leaf.left):
                    return self._day(leaf, leaf.tree, leaf.left.refs | leaf.right.refs, judged)
                value = self.amount(_yearly(left, leaf.left.at(facts)), leaf.left, leaf.right)
                how = say.AT_LEAST[self._operator(leaf, operator)][language]
                line = self._line(leaf.tree, leaf, judged)
                return self.formula(left, leaf.shift), value, f"{how} {line}"
        return "…", say.YES_NO_UNKNOWN[state][language], wanted

    def _operator(self, leaf: Leaf, operator: str) -> str:
        return operator if leaf.positive else _OPPOSITE[operator]

    def _dated(self, number: Number) -> bool:
        return any(
            ref.key in self.vocabulary and self.vocabulary[ref.key].type == "date" for ref in number.refs
        )

    def _line(self, tree: Comparison, leaf: Leaf, judged: Judged) -> str:
        """What an amount is compared with: a number, or a formula with its value."""
        if leaf.right is None or (isinstance(tree.left, Call) and tree.left.function == "cagr"):
            return self.formula(tree.right)
        if leaf.right.value is not None:
            return self.amount(leaf.right.value, leaf.right, leaf.left)
        value = self.amount(leaf.right.at(judged.facts), leaf.right, leaf.left)
        what = self.formula(tree.right, leaf.shift)
        return say.FORMULA[self.language].format(what=what, value=value)

    def _among(
        self, leaf: Leaf, judged: Judged, name: str, members: tuple[str, ...] | str
    ) -> tuple[str, str, str]:
        fact = self.vocabulary[name]
        if isinstance(members, str):
            members = self.policy.pack.lists[members].codes
        if fact.type == "code":
            tree = self.vocabulary.trees[fact.tree]
            names = [f"{code} {tree.names[code]}" for code in members]
        else:
            names = [fact.values[m][self.language] for m in members]
        listed = say.AND[self.language].join(names[:_SHOWN])
        if len(names) > _SHOWN:
            listed += say.AND_MORE[self.language].format(count=len(names))
        line = (say.AMONG if leaf.positive else say.NOT_AMONG)[self.language].format(names=listed)
        if fact.derived:
            value = judged.derived(name)
            shown = fact.values[value][self.language] if value else say.UNKNOWN[self.language]
            return fact.label[self.language], shown, line
        (ref,) = n.inputs(self.plan.nodes[leaf.node])
        return self.name(ref), self.show(ref, judged.facts.get(ref)), line

    def _day(
        self, leaf: Leaf, tree: Comparison, refs: frozenset[Ref], judged: Judged
    ) -> tuple[str, str, str]:
        (ref, *_) = sorted(refs)
        operator = self._operator(leaf, tree.operator)
        what, value = self.name(ref), self.show(ref, judged.facts.get(ref))
        day = leaf.boundary.isoformat() if leaf.boundary else self.formula(tree.right, leaf.shift)
        if isinstance(tree.left, Call) and operator in say.AGES:
            text = say.AGES[operator][self.language].format(length=self.formula(tree.right), day=day)
            return what, value, text
        return what, value, say.ON_OR[operator][self.language].format(day=day)

    def _reaches(self, node: n.Reaches, cell: str, judged: Judged) -> tuple[str, str, str]:
        code = judged.facts.get(node.by)
        row = -2 if code is None else node.rows[code]
        table = self.policy.pack.tables[cell.partition(".")[0]]
        value = self.show(node.ref, judged.facts.get(node.ref))
        if row < 0:
            return self.name(node.ref), value, say.TABLE_NONE[self.language]
        line = node.lines[row]
        if line is None:
            return self.name(node.ref), value, say.TABLE_NO_LINE[self.language]
        text = say.TABLE_LINE[self.language].format(
            row=table.rows[row].label[self.language], value=self.show(node.ref, line)
        )
        return self.name(node.ref), value, text

    # -- scores ------------------------------------------------------------------------------------------------------

    def score(self, name: str) -> str:
        """A score, or an item of one, by its label."""
        score, _, item = name.partition(".")
        found = self.policy.pack.scores[score]
        if item:
            return next(i.label for i in found.items if i.id == item)[self.language]
        return found.label[self.language]

    def points(self, low: int, high: int) -> str:
        words = say.POINTS_EXACT if low == high else say.POINTS
        return words[self.language].format(low=low, high=high)


def _yearly(tree: Tree, value: Fraction | None) -> Fraction | None:
    """What compound growth over years comes to in a year, for display; everything else as it is."""
    match tree:
        case Call("cagr", (Quantity(years), _)) if value is not None and value > 0:
            return Fraction(float(value) ** (1 / int(years)) - 1).limit_denominator(10**6)
        case _:
            return value
