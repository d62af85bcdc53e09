"""How policies fit one firm, as pages show it: in which state, why, what is missing, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from qiao.core.language import language
from qiao.core.policies import Rules, phrases
from qiao.eligibility import Explainer, Explanation, Judged, Pack, Ref, Truth
from qiao.eligibility import phrases as said
from qiao.eligibility.explain import ExplainedClause, ExplainedItem, ExplainedScore, Tested

MARKS = ("no", "open", "yes")  # classes of a style sheet, by truth
NEAR = 3  # so many changes, and facts still to be verified beside them, are called near


@dataclass(frozen=True)
class TestRow:
    """One test: its truth, what it says, what is missing."""

    tested: Tested
    code: str

    @property
    def mark(self) -> str:
        return MARKS[self.tested.truth]

    @property
    def word(self) -> Any:
        return phrases.TRUTHS[self.tested.truth]

    @property
    def text(self) -> str:
        return self.tested.say(self.code)

    @property
    def gap(self) -> str:
        return self.tested.gap.say(self.code) if self.tested.gap else ""


@dataclass(frozen=True)
class ClauseRow:
    """One clause: its sentence, its article, how it stands."""

    clause: ExplainedClause
    code: str
    origins: Mapping[Ref, str]

    @property
    def mark(self) -> str:
        return MARKS[self.clause.truth]

    @property
    def word(self) -> Any:
        return phrases.TRUTHS[self.clause.truth]

    @property
    def text(self) -> str:
        return self.clause.clause.text[self.code]

    @property
    def cite(self) -> str:
        return self.clause.clause.cite

    @property
    def unconfirmed(self) -> bool:
        return self.clause.clause.evidence == "M"

    @property
    def needed(self) -> bool:
        return self.clause.needed

    @cached_property
    def sources(self) -> list[tuple[str, str]]:
        """Where the facts come from: names, origin."""
        named: dict[str, list[str]] = {}
        wording = self.clause.explanation.wording[self.code]
        for ref in dict.fromkeys(ref for t in self.clause.tests for ref in t.refs):
            if ref in self.origins:
                named.setdefault(self.origins[ref], []).append(wording.name(ref))
        return [(said.AND[self.code].join(names), origin) for origin, names in named.items()]

    @cached_property
    def tests(self) -> list[TestRow]:
        return [TestRow(t, self.code) for t in self.clause.tests]


@dataclass(frozen=True)
class ItemRow:
    item: ExplainedItem
    code: str

    @property
    def label(self) -> str:
        return self.item.planned.item.label[self.code]

    @property
    def unconfirmed(self) -> bool:
        return self.item.planned.item.evidence == "M"

    @property
    def low(self) -> int:
        return self.item.low

    @property
    def high(self) -> int:
        return self.item.high

    @property
    def most(self) -> int:
        return self.item.planned.item.most

    @property
    def next(self) -> str:
        """到 20 分：研发费用还差 42 万元"""
        band = self.item.next
        if band is None:
            return ""
        gap = said.AND[self.code].join(g.say(self.code) for g in band.gaps)
        return said.NEXT_BAND[self.code].format(points=band.points, gap=gap)


@dataclass(frozen=True)
class ScoreRow:
    score: ExplainedScore
    fit: Fit

    @property
    def label(self) -> str:
        return self.fit.e.wording[self.fit.code].score(self.score.planned.name)

    @property
    def points(self) -> str:
        return self.fit.e.wording[self.fit.code].points(self.score.low, self.score.high)

    @property
    def low(self) -> int:
        return self.score.low

    @property
    def high(self) -> int:
        return self.score.high

    @property
    def most(self) -> int:
        return sum(i.planned.item.most for i in self.score.items)

    @property
    def sure(self) -> float:
        """What is sure of the most there is, in per cent: the length of a bar."""
        return round(100 * self.low / self.most, 1) if self.most else 0

    @property
    def possible(self) -> float:
        return round(100 * self.high / self.most, 1) if self.most else 0

    @cached_property
    def items(self) -> list[ItemRow]:
        return [ItemRow(i, self.fit.code) for i in self.score.items]


@dataclass(frozen=True)
class Fit:
    """One policy for one firm on one day."""

    e: Explanation
    code: str  # the language
    origins: Mapping[Ref, str] = field(default_factory=dict)  # where a fact comes from, where that is known

    @property
    def id(self) -> str:
        return self.e.policy.id

    @property
    def pack(self) -> Pack:
        return self.e.policy.pack

    @property
    def title(self) -> str:
        return self.pack.title[self.code]

    @property
    def issuer(self) -> str:
        return self.pack.issuer[self.code]

    @property
    def kind(self) -> Any:
        return phrases.KINDS[self.pack.kind]

    @property
    def note(self) -> str:
        return self.pack.note[self.code] if self.pack.note else ""

    @cached_property
    def state(self) -> str:
        """A key of ``phrases.STATES``."""
        e = self.e
        if not e.in_scope:
            return "outside"
        if self.klass:
            return "class"
        if e.verdict == Truth.YES:
            return "yes"
        if e.verdict == Truth.UNKNOWN:
            return "judged" if e.awaits_judgement else "open"
        near = e.nearly and len(self.gaps) <= NEAR and len(self.verify) <= NEAR
        return "nearly" if near else "no"

    @property
    def tone(self) -> str:
        return phrases.STATES[self.state][0]

    @property
    def word(self) -> Any:
        return phrases.STATES[self.state][1]

    @property
    def unconfirmed(self) -> bool:
        return self.pack.unconfirmed

    @property
    def evidence(self) -> Any:
        return phrases.EVIDENCE[self.pack.evidence]

    @cached_property
    def clauses(self) -> list[ClauseRow]:
        return [ClauseRow(c, self.code, self.origins) for c in self.e.clauses]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many clauses are met, open, not met: keys of ``MARKS``."""
        return {mark: sum(c.mark == mark for c in self.clauses) for mark in MARKS}

    @cached_property
    def scores(self) -> list[ScoreRow]:
        return [ScoreRow(s, self) for s in self.e.scores]

    @cached_property
    def gaps(self) -> list[str]:
        return [g.say(self.code) for g in self.e.gaps]

    @cached_property
    def advice(self) -> list[tuple[str, Any]]:
        """What would change a no, each with what a firm can do about it."""
        return [
            (g.advice(self.code), "" if g.until else said.CHANGEABLE[g.changeable][self.code])
            for g in self.e.gaps
        ]

    @cached_property
    def verify(self) -> list[str]:
        """What else would have to be known, when a no is changed."""
        return [self._name(ref) for ref in self.e.changes.verify] if self.e.changes else []

    @cached_property
    def why_not(self) -> list[ClauseRow]:
        """The clauses that a no hangs on."""
        if self.state == "outside":
            return [c for c in self.clauses if c.clause.clause.scope and c.mark == "no"]
        return [c for c in self.clauses if c.mark == "no" and c.needed]

    @cached_property
    def asks(self) -> list[Ref]:
        """The open facts that a firm can state."""
        return [ref for ref in self.e.open if ":" not in ref.key]

    @cached_property
    def asked(self) -> list[str]:
        return [self._name(ref) for ref in self.asks]

    @cached_property
    def to_judge(self) -> list[str]:
        """What only a department can say."""
        return [self._name(ref) for ref in self.e.open if ":" in ref.key]

    @cached_property
    def benefits(self) -> list[str]:
        return [b.benefit.label[self.code] for b in self.e.benefits]

    @property
    def klass(self) -> str:
        """What a classification makes of the firm; empty while that is open."""
        classes = self.pack.classes
        value = self.e.judged.klass(self.id) if classes else None
        if classes is None or value is None:
            return ""
        return self.e.judged.plan.vocabulary[classes.fact].values[value][self.code]

    def _name(self, ref: Ref) -> str:
        return self.e.wording[self.code].name(ref)


@dataclass(frozen=True)
class Group:
    """Policies in one state."""

    state: str
    fits: list[Fit]

    @property
    def tone(self) -> str:
        return phrases.STATES[self.state][0]

    @property
    def label(self) -> Any:
        return phrases.STATES[self.state][1]

    @property
    def lede(self) -> Any:
        return phrases.STATE_LEDES[self.state]


@dataclass(frozen=True)
class Fitting:
    """All policies of a day for one firm."""

    explainer: Explainer
    judged: Judged
    fits: list[Fit]

    @cached_property
    def groups(self) -> list[Group]:
        """By state, in the order of ``phrases.STATES``; states of no policy are left out."""
        by_state = {s: [f for f in self.fits if f.state == s] for s in phrases.STATES}
        return [Group(state, fits) for state, fits in by_state.items() if fits]

    def outlook(self, refs: list[Ref]) -> tuple[int, int] | None:
        """How many of these questions, in their order, settle how many policies; None where they settle none.

        Of all beginnings the one that settles most per question. Settled: nothing is left that a firm could say.
        """
        needs = [set(f.asks) for f in self.fits if f.state == "open" and f.asks]
        settled = [(sum(need <= set(refs[:n]) for need in needs), n) for n in range(1, len(refs) + 1)]
        policies, questions = max(settled, key=lambda s: (s[0] / s[1], s[1]), default=(0, 0))
        return (questions, policies) if policies else None


def fitting(
    rules: Rules,
    facts: Mapping[Ref, int],
    only: Iterable[str] = (),
    origins: Mapping[Ref, str] | None = None,
) -> Fitting:
    """How the policies of a day fit a firm with these facts; ``only`` some of them. Raises `KeyError`.

    ``origins`` says where facts come from, to stand beside the tests that use them.
    """
    explainer = rules.explainer()
    judged = rules.walker.judge(facts)
    ids = list(only) or [p.id for p in rules.plan.policies]
    fits = [Fit(explainer.explain(judged, id), language(), origins or {}) for id in ids]
    return Fitting(explainer, judged, fits)
