"""One plan, two evaluators, and a third written from the documentation: equal verdict by verdict, clause by clause.

Rule: the walk over one firm is the reference; a batch run may never say anything else (design: “One and many”).
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qiao.eligibility import nodes as n
from qiao.eligibility.columns import Kernel
from qiao.eligibility.exact import Ref
from qiao.eligibility.table import FactTable
from qiao.eligibility.walk import Walker

from .worlds import AS_OF, VOCABULARY, Firm, Plain, firms, library, packs, planned


@settings(settings.get_profile("packs"), max_examples=250)
@given(packs(), st.lists(firms(), min_size=1, max_size=6))
def test_walk_columns_and_plain_reading_agree(texts: list[str], companies: list[Firm]) -> None:
    known, plan = planned(texts)
    by_id = {p.id: p for p in known.packs}
    walker = Walker(plan)
    results = Kernel(plan).run(FactTable.from_rows(companies, VOCABULARY))
    for row, facts in enumerate(companies):
        judged, plain = walker.judge(facts), Plain(by_id, facts)
        for policy in plan.policies:
            where = (policy.id, facts, texts)
            assert judged.verdict(policy.id) == plain.verdict(policy.pack), where
            assert results.verdicts(policy.id)[row] == judged.verdict(policy.id), where
            for clause in policy.clauses:
                state = judged.states[clause.node]
                assert state == plain.clause(policy.pack, clause.clause.id), (clause.clause, *where)
                assert results.states(clause.node)[row] == state, (clause.clause, *where)
            for score in policy.scores:
                assert judged.states[score.node] == plain.score(policy.pack, score.name), where


@settings(settings.get_profile("packs"), max_examples=100)
@given(packs(), firms(), st.data())
def test_learning_a_fact_never_reverses_a_verdict(texts: list[str], facts: Firm, data: st.DataObject) -> None:
    """Monotone in knowledge: yes stays yes and no stays no when something unknown becomes known."""
    _, plan = planned(texts)
    walker = Walker(plan)
    missing = [ref for ref in plan.inputs if ref not in facts]
    if not missing:
        return
    ref = data.draw(st.sampled_from(missing))
    fact = VOCABULARY.facts.get(ref.key)
    value = data.draw(
        st.integers(0, 1) if fact is None or not fact.numeric else st.integers(fact.least, fact.most)
    )
    before, after = walker.judge(facts), walker.judge(facts | {ref: value})
    for number, node in enumerate(plan.nodes):
        if isinstance(node, n.Score):
            (low, high), (new_low, new_high) = before.states[number], after.states[number]
            assert low <= new_low <= new_high <= high
        elif before.states[number] != 1:
            assert after.states[number] == before.states[number]


def test_more_firms_than_a_block() -> None:
    """Rows keep their places across blocks and inside bytes."""
    plan = library(
        [
            """
id: t/p0
title: {zh: 甲, en: a}
kind: recognition
issuer: {zh: 甲, en: A}
document: {number: "1", title: 甲}
in_force: {from: 2020-01-01}
evidence: V
clauses:
  - {id: a, cite: 一, zh: 甲, en: a, is: staff >= 10}
  - {id: b, cite: 一, zh: 甲, en: a, is: listed}
"""
        ]
    ).plan(AS_OF)
    rows = 70_001
    table = FactTable.from_rows(
        ({Ref("staff", 0): i % 20, **({Ref("listed", 0): 1} if i % 3 else {})} for i in range(rows)),
        VOCABULARY,
    )
    results = Kernel(plan).run(table)
    numbers = np.arange(rows)
    assert np.array_equal(results.clause("t/p0", "a") == 2, numbers % 20 >= 10)
    assert np.array_equal(results.clause("t/p0", "b"), np.where(numbers % 3, 2, 1))
    expected = tuple(int(np.count_nonzero(results.verdicts("t/p0") == t)) for t in (0, 1, 2))
    assert results.totals["t/p0"] == expected
    assert sum(expected) == rows
