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


HEAD = """
id: t/p0
title: {zh: 甲, en: a}
kind: recognition
issuer: {zh: 甲, en: A}
document: {number: "1", title: 甲}
in_force: {from: 2020-01-01}
evidence: V
"""
THRESHOLDS = (3, 7, 33, 60, 97, 120, 333)  # per cent


@settings(settings.get_profile("packs"), max_examples=150)
@given(st.data())
def test_ratios_at_their_thresholds(data: st.DataObject) -> None:
    """On, just above and just below, with amounts that floating point can and cannot tell apart."""
    of = data.draw(
        st.sampled_from(
            [
                "revenue / assets",
                "profit / revenue",
                "patents / staff",
                "cagr(2, revenue)",
                "mean_growth(2, revenue)",
            ]
        )
    )
    clauses = [
        f"  - {{id: c{o}{t}, cite: 一, zh: 甲, en: a, is: '{of} {sign} {t}%'}}"
        for t in THRESHOLDS
        for o, sign in enumerate([">=", ">", "<", "<="])
    ]
    plan = library([HEAD + "clauses:\n" + "\n".join(clauses)]).plan(AS_OF)
    companies = []
    for _ in range(12):
        line, few = data.draw(st.sampled_from(THRESHOLDS)), [1, 3, 10**3]
        many = data.draw(st.sampled_from(few if "staff" in of else [*few, 10**7, 10**11 - 1, 3 * 10**11]))
        if "(" in of:
            steps = [(100 + line) ** 2 * many, (100 + line) * 100 * many, 100**2 * many]
            firm = {Ref("revenue", year): amount for year, amount in enumerate(steps, 1)}
        else:
            above, below = (next(r for r in plan.inputs if r.key == key) for key in of.split(" / "))
            firm = {above: line * many, below: 100 * many}
        for ref in firm:
            firm[ref] = data.draw(st.sampled_from([firm[ref]] * 4 + [firm[ref] + 1, firm[ref] - 1, 0]))
        companies.append(firm)
    results, walker = Kernel(plan).run(FactTable.from_rows(companies, VOCABULARY)), Walker(plan)
    for row, firm in enumerate(companies):
        judged = walker.judge(firm)
        for clause in plan.policies[0].clauses:
            assert results.states(clause.node)[row] == judged.states[clause.node], (of, clause.clause, firm)


def test_scores_beyond_a_byte() -> None:
    """Points add up past 255, in the sum and before a cap, and are still right."""
    items = "".join(
        f"      - {{id: i{i}, zh: 甲, en: a, cite: 一, max: 200, cases: {{staff >= {i}: 200, else: 100}}}}\n"
        for i in range(1, 5)
    )
    items += (
        "      - {id: cap, zh: 甲, en: a, cite: 一, max: 250, add: [{cases: {listed: 200, else: 0}},"
        " {cases: {clean: 200, else: 0}}]}\n"
    )
    scores = f"scores:\n  s:\n    zh: 分\n    en: score\n    items:\n{items}"
    clauses = "".join(
        f"  - {{id: c{line}, cite: 一, zh: 甲, en: a, is: score(s) >= {line}}}\n"
        for line in range(350, 1100, 50)
    )
    plan = library([f"{HEAD}{scores}clauses:\n{clauses}"]).plan(AS_OF)
    staff, listed, clean = Ref("staff", 0), Ref("listed", 0), Ref("clean", 0)
    companies: list[Firm] = [
        {k: v for k, v in ((staff, s), (listed, a), (clean, b)) if v is not None}
        for s in (0, 1, 2, 3, 4, None)
        for a in (0, 1, None)
        for b in (0, 1, None)
    ]
    results, walker = Kernel(plan).run(FactTable.from_rows(companies, VOCABULARY)), Walker(plan)
    for row, firm in enumerate(companies):
        judged = walker.judge(firm)
        for clause in plan.policies[0].clauses:
            assert results.states(clause.node)[row] == judged.states[clause.node], (clause.clause, firm)


def test_verdicts_alone_are_the_same_verdicts() -> None:
    clauses = "clauses:\n  - {id: a, cite: 一, zh: 甲, en: a, is: staff >= 10 or listed}\n"
    plan = library([HEAD + clauses + "  - {id: b, cite: 一, zh: 甲, en: a, is: not clean}\n"]).plan(AS_OF)
    table = FactTable.from_rows(
        ({Ref("staff", 0): i % 20, **({Ref("clean", 0): i % 2} if i % 3 else {})} for i in range(300)),
        VOCABULARY,
    )
    whole, verdicts = Kernel(plan).run(table), Kernel(plan, clauses=False).run(table)
    assert np.array_equal(whole.verdicts("t/p0"), verdicts.verdicts("t/p0"))
    assert verdicts.packed.shape[0] < whole.packed.shape[0] or len(plan.kept) <= 4
    assert verdicts.totals == whole.totals


def test_more_firms_than_a_block() -> None:
    """Rows keep their places across blocks and inside bytes."""
    clauses = "clauses:\n  - {id: a, cite: 一, zh: 甲, en: a, is: staff >= 10}\n"
    plan = library([HEAD + clauses + "  - {id: b, cite: 一, zh: 甲, en: a, is: listed}\n"]).plan(AS_OF)
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
