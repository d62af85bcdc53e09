"""Why a firm qualifies or not: clause by clause with fact, threshold and citation; what is missing; what to ask next.

Nothing is stored and nothing is written twice: an explanation is drawn from a judged firm and the plan, and its texts
are made when somebody reads them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from . import nodes as n
from . import phrases as say
from .days import look_back
from .exact import Ref
from .language import Call, Comparison, Quantity
from .pack import Clause
from .plan import Leaf, Plan, PlannedBenefit, PlannedClause, PlannedItem, PlannedScore, Policy
from .sheet import PolicyFigures, Sheet
from .truth import Truth
from .vocabulary import Words, to_day
from .walk import Judged, Walker
from .ways import Changing, Search, Target, Way
from .wording import Wording


@dataclass(frozen=True)
class Gap:
    """One fact that would have to be different: from ``now`` to ``to``, in the fact's unit."""

    ref: Ref
    now: int | None
    target: Target
    changeable: str  # free, slow, never
    wording: Mapping[str, Wording]
    until: dt.date | None = None  # the day from which waiting alone is enough

    @property
    def to(self) -> int:
        return self.target.nearest(self.now)

    @property
    def missing(self) -> int:
        """How much there is too little (positive) or too much (negative)."""
        return self.to - (self.now or 0)

    def say(self, language: str = "zh") -> str:
        """研发费用还差 42 万元"""
        return self._say(language, say.SHORT, say.OVER, abs(self.missing))

    def advice(self, language: str = "zh") -> str:
        """研发费用由 158 万元增至 200 万元"""
        return self._say(language, say.RAISE, say.LOWER, self.to)

    def _say(self, language: str, up: Words, down: Words, value: int) -> str:
        wording = self.wording["en" if language.startswith("en") else "zh"]
        language, name = wording.language, wording.name(self.ref)
        fact = wording.vocabulary.facts.get(self.ref.key)
        if self.until:
            days = (self.until - wording.plan.as_of).days
            return say.WAIT[language].format(name=name, days=days, day=self.until.isoformat())
        if self.target.among is not None:
            if len(self.target.among) > 1 or fact is None:
                return say.SHOULD_BE_AMONG[language].format(name=name)
            return say.SHOULD_BE[language].format(name=name, value=wording.show(self.ref, self.to))
        if (fact is None and "." not in self.ref.key) or (fact is not None and not fact.numeric):
            words = say.SHOULD_BE if up is say.SHORT else say.CHANGE_TO
            shown = wording.show(self.ref, self.to)
            return words[language].format(name=name, value=shown, to=shown)
        words, shown = up if self.missing > 0 else down, wording.show(self.ref, value)
        now = wording.show(self.ref, self.now)
        return words[language].format(name=name, value=shown, now=now, to=shown)


@dataclass(frozen=True)
class Tested:
    """One test inside a clause, with what the firm has for it."""

    leaf: Leaf
    explanation: Explanation

    @property
    def truth(self) -> Truth:
        """Whether it speaks for the clause; a test under `not` speaks for it when it fails."""
        state: int = self.explanation.judged.states[self.leaf.node]
        return Truth(state if self.leaf.positive else 2 - state)

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The facts it reads, of which `Judged.facts` holds those that are known."""
        return self.explanation.reads(self.leaf.node)

    @cached_property
    def gap(self) -> Gap | None:
        """What alone would make it come out right; None where it does already, is unknown, or nothing single would."""
        if self.truth != Truth.NO:
            return None
        want = Truth.YES if self.leaf.positive else Truth.NO
        ways = self.explanation.search.ways(self.leaf.node, want)
        way = next((w for w in ways if len(w.targets) == 1 and not w.verify), None)
        return next(iter(self.explanation.gaps_of(way))) if way else None

    def say(self, language: str = "zh") -> str:
        """研发费用 ÷ 营业收入：4.2%；要求不低于 5%"""
        return self.explanation.wording[language].test(self.leaf, self.explanation.judged)


@dataclass(frozen=True)
class ExplainedClause:
    """A clause with its outcome. ``needed``: whether the verdict hangs on it as things are."""

    planned: PlannedClause
    explanation: Explanation

    @property
    def clause(self) -> Clause:
        return self.planned.clause

    @property
    def truth(self) -> Truth:
        return Truth(self.explanation.judged.states[self.planned.node])

    @property
    def needed(self) -> bool:
        deciding = self.explanation.deciding
        return self.planned.node in deciding or any(leaf.node in deciding for leaf in self.planned.leaves)

    @cached_property
    def tests(self) -> tuple[Tested, ...]:
        """The tests in the order of the text, without alternatives that play no part for this firm."""
        leaves = self.planned.leaves
        if len(leaves) == 1 and leaves[0].node == self.planned.node:  # most clauses are one test
            return (Tested(leaves[0], self.explanation),)
        seen = {(leaf.node, leaf.positive): leaf for leaf in leaves}
        shown = _shown(self.explanation.judged, self.planned.node)
        return tuple(Tested(leaf, self.explanation) for leaf in seen.values() if leaf.node in shown)


@dataclass(frozen=True)
class Next:
    """The nearest better band of an item: its points and what brings the firm there."""

    points: int
    gaps: tuple[Gap, ...]
    verify: frozenset[int]


@dataclass(frozen=True)
class ExplainedItem:
    planned: PlannedItem
    explanation: Explanation

    @property
    def low(self) -> int:
        return int(self.explanation.judged.states[self.planned.node][0])

    @property
    def high(self) -> int:
        return int(self.explanation.judged.states[self.planned.node][1])

    @cached_property
    def next(self) -> Next | None:
        """What would bring more points by changing facts alone; None at the top and where a person decides."""
        for points, way in self.explanation.search.scoring(self.planned.node):
            if points > self.low and way.targets and not way.verify:
                return Next(points, tuple(self.explanation.gaps_of(way)), way.verify)
        return None


@dataclass(frozen=True)
class ExplainedScore:
    planned: PlannedScore
    explanation: Explanation

    @property
    def low(self) -> int:
        return int(self.explanation.judged.states[self.planned.node][0])

    @property
    def high(self) -> int:
        return int(self.explanation.judged.states[self.planned.node][1])

    @cached_property
    def items(self) -> tuple[ExplainedItem, ...]:
        return tuple(ExplainedItem(item, self.explanation) for item in self.planned.items)


@dataclass(frozen=True)
class Changes:
    """The smallest set of changes that makes a verdict a yes once ``verify`` has come out right. Tried, not guessed."""

    gaps: tuple[Gap, ...]
    verify: tuple[Ref, ...]  # facts that are unknown and have to be known for it


@dataclass(frozen=True)
class Question:
    """A fact to ask for next, and the policies (ids) that it can move."""

    ref: Ref
    ids: tuple[str, ...]
    weight: float
    explainer: Explainer

    def say(self, language: str = "zh") -> str:
        """The question as a firm understands it, with the fiscal year it is about."""
        language = "en" if language.startswith("en") else "zh"
        fact = self.explainer.plan.vocabulary[self.ref.key]
        if self.ref.year <= 1:
            return fact.ask[language]
        year = self.explainer.plan.as_of.year - self.ref.year
        return say.ASK_YEAR[language].format(name=fact.label[language], year=year)


@dataclass
class Explanation:
    """Everything there is to say about one firm and one policy on one day."""

    explainer: Explainer
    policy: Policy
    judged: Judged

    @property
    def verdict(self) -> Truth:
        return Truth(self.judged.states[self.policy.verdict])

    @property
    def in_scope(self) -> bool:
        """False when the policy is surely not meant for this firm."""
        return self.judged.in_scope(self.policy)

    @cached_property
    def wording(self) -> Mapping[str, Wording]:
        return self.explainer.wording(self.policy)

    @cached_property
    def search(self) -> Search:
        return self.explainer.search(self.judged)

    @cached_property
    def deciding(self) -> frozenset[int]:
        """The nodes that the verdict hangs on as things are: for a no those that fail, for an unknown the open ones."""
        return deciding(self.judged, self.policy.verdict)

    @cached_property
    def clauses(self) -> tuple[ExplainedClause, ...]:
        return tuple(ExplainedClause(c, self) for c in self.policy.clauses)

    @cached_property
    def scores(self) -> tuple[ExplainedScore, ...]:
        return tuple(ExplainedScore(s, self) for s in self.policy.scores)

    @property
    def benefits(self) -> tuple[PlannedBenefit, ...]:
        """What it brings, without what surely does not apply to this firm."""
        return tuple(
            b for b in self.policy.benefits
            if b.condition is None or self.judged.states[b.condition] != Truth.NO
        )  # fmt: skip

    @cached_property
    def open(self) -> tuple[Ref, ...]:
        """The unknown facts that can still move the verdict; those a department decides hold a colon."""
        if self.verdict != Truth.UNKNOWN:
            return ()
        return tuple(dict.fromkeys(unknown(self.judged, self.deciding)))

    @property
    def awaits_judgement(self) -> bool:
        """Everything a firm can say has been said and speaks for it: only a department's judgement is open."""
        return bool(self.open) and all(":" in ref.key for ref in self.open)

    @cached_property
    def changes(self) -> Changes | None:
        """The smallest set of changes to a yes, for a verdict of no; None where the firm cannot bring it about."""
        if self.verdict != Truth.NO:
            return None
        way = Changing(self.explainer.walker, self.judged).to(self.policy.verdict)
        if way is None:
            return None
        nodes = self.judged.plan.nodes
        refs = (r for node in sorted(way.verify) for r in n.inputs(nodes[node]))
        verify = tuple(r for r in dict.fromkeys(refs) if r not in self.judged.facts)
        return Changes(tuple(self.gaps_of(way)), verify)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What stands between the firm and a yes: the smallest set that helps, else every failing test that counts."""
        if self.verdict != Truth.NO:
            return ()
        if self.changes is not None:
            return self.changes.gaps
        tests = (t for c in self.clauses if c.needed for t in c.tests if t.leaf.node in self.deciding)
        return tuple({gap.ref: gap for t in tests if (gap := t.gap)}.values())

    @property
    def nearly(self) -> bool:
        """Not yet, but the firm itself can bring it about."""
        return self.changes is not None and all(g.changeable != "never" or g.until for g in self.changes.gaps)

    def reads(self, node: int) -> tuple[Ref, ...]:
        return self.explainer.reads(node)

    def gaps_of(self, way: Way) -> Iterator[Gap]:
        for ref, target in way.targets.items():
            now = self.judged.facts.get(ref)
            until = self.explainer.wait(self.policy, ref, now, target)
            yield Gap(ref, now, target, self.search.change_of(ref), self.wording, until)

    def worth(self, benefit: PlannedBenefit) -> tuple[int, int | None] | None:
        """Lowest and highest amount in fen (a year, where the benefit has years); None highest: no limit is known.

        None for what is not money.
        """
        if benefit.benefit.kind == "amount" and benefit.amount is not None:
            value = benefit.amount.at(self.judged.facts)
            low: int | None = None if value is None else int(value)
        elif benefit.benefit.kind == "ratio" and benefit.of is not None and benefit.rate is not None:
            of = benefit.of.at(self.judged.facts)
            low = None if of is None else int(of * benefit.rate)
        else:
            return None
        if low is None:
            return 0, benefit.cap
        sure = low if benefit.cap is None else min(low, benefit.cap)
        due = benefit.condition is None or self.judged.states[benefit.condition] == Truth.YES
        return (sure if due else 0), sure

    def lines(self, language: str = "zh") -> list[str]:
        """The whole explanation as plain text, in ``zh`` or ``en``."""
        return list(_lines(self, "en" if language.startswith("en") else "zh"))


def _lines(e: Explanation, language: str) -> Iterator[str]:
    wording, pack = e.wording[language], e.policy.pack
    verdict = (say.VERDICTS[e.verdict] if e.in_scope else say.OUT_OF_SCOPE)[language]
    day = e.judged.plan.as_of.isoformat()
    yield say.HEAD[language].format(title=pack.title[language], verdict=verdict, day=day)
    yield f"  {pack.issuer[language]} {pack.document.number} {pack.document.title}".rstrip()
    for clause in e.clauses:
        unconfirmed = say.UNCONFIRMED[language] if clause.clause.evidence == "M" else ""
        text = clause.clause.text[language]
        yield f"{say.MARKS[clause.truth]} {text} [{clause.clause.cite}]{unconfirmed}"
        for test in clause.tests:
            yield f"    {say.MARKS[test.truth]} {test.say(language)}"
    for score in e.scores:
        yield f"{wording.score(score.planned.name)}: {wording.points(score.low, score.high)}"
        for item in score.items:
            label, most = item.planned.item.label[language], item.planned.item.most
            yield f"    {label}: {wording.points(item.low, item.high)} / {most}"
            if item.next and e.verdict != Truth.YES:
                missing = say.AND[language].join(g.say(language) for g in item.next.gaps)
                yield "      → " + say.NEXT_BAND[language].format(points=item.next.points, gap=missing)
    if e.gaps:
        yield say.HEADINGS["changes" if e.changes else "gaps"][language]
        for gap in e.gaps:
            how = "" if gap.until else f" — {say.CHANGEABLE[gap.changeable][language]}"
            yield f"  · {gap.say(language)}{how}"
        for ref in e.changes.verify if e.changes else ():
            yield f"  · {say.VERIFY[language].format(what=wording.name(ref))}"
    for heading, judged in (("ask", False), ("judge", True)):
        refs = [ref for ref in e.open if (":" in ref.key) is judged]
        if refs:
            yield say.HEADINGS[heading][language]
            yield from (f"  · {wording.name(ref)}" for ref in refs)
    if e.verdict != Truth.NO and e.benefits:
        yield say.HEADINGS["benefits"][language]
        yield from (f"  · {b.benefit.label[language]} [{b.benefit.cite}]" for b in e.benefits)


def deciding(judged: Judged, verdict: int) -> frozenset[int]:
    """The nodes on which a verdict hangs as things are."""
    states, nodes = judged.states, judged.plan.nodes
    found, stack = set[int](), [verdict]
    while stack:
        number = stack.pop()
        if number in found:
            continue
        found.add(number)
        node = nodes[number]
        match node:
            case n.And(parts) | n.Or(parts):
                # What settles it: one no for *and*, one yes for *or*; otherwise everything, or what is open.
                state = states[number]
                settled = state == (0 if isinstance(node, n.And) else 2)
                stack += [p for p in parts if states[p] == state] if settled or state == 1 else parts
            case n.AtLeastOf(_, parts):
                stack += [p for p in parts if states[p] == states[number]]
            case n.ScoreAtLeast(score, _):
                stack.append(score)
            case n.Bands(conditions, _, _):
                for condition in conditions:
                    stack.append(condition)
                    if states[condition] == 2:
                        break
            case _:
                stack += n.children(node)
    return frozenset(found)


def _shown(judged: Judged, clause: int) -> set[int]:
    """The nodes below a clause that are worth reading: of alternatives those that hold, or are open, or else all."""
    states, nodes = judged.states, judged.plan.nodes
    found, stack = set[int](), [clause]
    while stack:
        number = stack.pop()
        found.add(number)
        node = nodes[number]
        if isinstance(node, n.Or) and states[number]:
            stack += [p for p in node.parts if states[p] == states[number]]
        else:
            stack += [p for p in n.children(node) if p not in found]
    return found


def unknown(judged: Judged, deciding: Iterable[int]) -> Iterator[Ref]:
    """The facts that leave tests open: not known, or (codes) too broad to decide."""
    for number in sorted(deciding):
        node = judged.plan.nodes[number]
        if isinstance(node, n.Score | n.ScoreAtLeast) or judged.states[number] != 1:
            continue
        missing = [ref for ref in n.inputs(node) if ref not in judged.facts]
        if isinstance(node, n.Member | n.Reaches) and not missing:
            missing = [node.ref if isinstance(node, n.Member) else node.by]
        yield from missing


class Explainer:
    """Explanations under one plan; made once and used for any number of firms."""

    def __init__(self, plan: Plan, walker: Walker | None = None) -> None:
        self.plan, self.walker = plan, walker or Walker(plan)
        self._wording: dict[str, Mapping[str, Wording]] = {}
        self._search: Search | None = None
        self._reads: dict[int, tuple[Ref, ...]] = {}

    def explain(self, judged: Judged, id: str) -> Explanation:
        """Raises `KeyError` where no policy with that id is in the plan."""
        return Explanation(self, self.plan.policy(id), judged)

    def wording(self, policy: Policy) -> Mapping[str, Wording]:
        if policy.id not in self._wording:
            self._wording[policy.id] = {code: Wording(self.plan, policy, code) for code in ("zh", "en")}
        return self._wording[policy.id]

    def search(self, judged: Judged) -> Search:
        """The search for ways of this firm, shared by all its explanations."""
        if self._search is None or self._search.judged is not judged:
            self._search = Search(judged)
        return self._search

    def reads(self, node: int) -> tuple[Ref, ...]:
        """The facts that a node reads, itself or through others."""
        if node not in self._reads:
            own = n.inputs(self.plan.nodes[node])
            below = (r for child in n.children(self.plan.nodes[node]) for r in self.reads(child))
            self._reads[node] = tuple(dict.fromkeys((*own, *below)))
        return self._reads[node]

    def wait(self, policy: Policy, ref: Ref, now: int | None, target: Target) -> dt.date | None:
        """The day from which an age is reached without doing anything; None where waiting does not help."""
        if now is None or target.nearest(now) >= now:
            return None
        fact = self.plan.vocabulary.facts.get(ref.key)
        if fact is None or fact.type != "date":
            return None
        for length in self._ages(policy, ref):
            limit = look_back(self.plan.as_of, length)
            if limit is None or to_day(limit) not in (target.most, target.most + 1):
                continue
            day = self.plan.as_of + dt.timedelta(now - target.most)
            while (back := look_back(day, length)) and to_day(back) - (to_day(limit) - target.most) < now:
                day += dt.timedelta(1)
            return day
        return None

    def _ages(self, policy: Policy, ref: Ref) -> Iterator[Quantity]:
        leaves = [*(leaf for c in policy.clauses for leaf in c.leaves)]
        leaves += [x for s in policy.scores for i in s.items for found in i.bands.values() for x in found]
        for leaf in leaves:
            match leaf.tree:
                case Comparison(_, Call("age"), Quantity() as length) if leaf.left and ref in leaf.left.refs:
                    yield length

    def questions(
        self, judged: Judged, ids: Iterable[str] | None = None, limit: int = 5, skip: Iterable[Ref] = ()
    ) -> list[Question]:
        """The facts to ask for next: those that bring most undecided policies nearest to a decision.

        A fact counts for a policy by one over the number of facts that are still open there. What a department judges
        is not asked of a firm, nor is anything in ``skip``.
        """
        weights: dict[Ref, Fraction] = {}
        moves: dict[Ref, list[str]] = {}
        left_out = frozenset(skip)
        for id in ids if ids is not None else [p.id for p in self.plan.policies]:
            refs = [r for r in self.explain(judged, id).open if ":" not in r.key]
            for ref in refs:
                if ref not in left_out:
                    weights[ref] = weights.get(ref, Fraction(0)) + Fraction(1, len(refs))
                    moves.setdefault(ref, []).append(id)
        best = sorted(weights, key=lambda r: (-weights[r], r))[:limit]
        return [Question(r, tuple(moves[r]), float(weights[r]), self) for r in best]

    @cached_property
    def _sheet(self) -> Sheet:
        return Sheet.of(self.plan)

    def sheet(self, judged: Judged) -> list[PolicyFigures]:
        """Every clause and test of every policy as numbers: what there is to explain, before it is put into words."""
        return self._sheet.read(judged)

    def changes(self, judged: Judged, id: str) -> Changes | None:
        return self.explain(judged, id).changes
