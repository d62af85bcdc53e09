"""Explanations say what the engine decided, and nothing that does not hold when it is tried."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qiao.eligibility import Explainer, Explanation, Library, Ref, Truth, Walker

from .worlds import VOCABULARY, Firm, firms, packs, planned

POLICIES = Path(__file__).parents[3] / "policies"
DAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def known() -> Library:
    return Library.load(POLICIES)


def explain(known: Library, id: str, day: dt.date = DAY, **facts: object) -> Explanation:
    plan = known.plan(day, only=[id])
    given_ = {key.replace("__", "@"): value for key, value in facts.items()}
    walker = Walker(plan)
    return Explainer(plan, walker).explain(walker.judge(known.facts(given_, day)), id)


def clause(e: Explanation, id: str) -> list[str]:
    return [t.say("zh") for c in e.clauses if c.clause.id == id for t in c.tests]


# -- what a test says -------------------------------------------------------------------------------------------


def test_a_ratio_is_said_with_its_years_value_and_line(known: Library) -> None:
    """专精特新 2026, 附件1（三）: R&D at least 3 % of revenue in each of the last two years."""
    e = explain(
        known, "cn/specialised-sme", rd_expense__2025="126 万元", revenue__2025="3000 万元",
        rd_expense__2024="100 万元", revenue__2024="5000 万元",
    )  # fmt: skip
    told = [t for c in e.clauses for t in c.tests if "÷ 2024年营业收入" in t.say("zh")]
    assert [t.say("zh") for t in told] == ["2024年研发费用 ÷ 2024年营业收入：2%；要求：不低于 3%"]
    assert [t.say("en") for t in told] == [
        "R&D expense 2024 ÷ Operating revenue 2024: 2%; required: at least 3%"
    ]
    assert told[0].truth is Truth.NO
    assert told[0].refs == (Ref("rd_expense", 2), Ref("revenue", 2))


def test_what_is_missing_is_said_in_the_unit_of_the_fact(known: Library) -> None:
    """科技型中小企业 第七条: the next band of R&D begins at 6 % of revenue."""
    e = explain(
        known, "cn/tech-sme", rd_expense="158 万元", revenue="3000 万元", cost_and_expense="2800 万元"
    )
    (rd,) = [i for s in e.scores for i in s.items if "研发" in i.planned.item.label.zh]
    assert (rd.low, rd.next and rd.next.points) == (40, 50)
    assert rd.next and [g.say("zh") for g in rd.next.gaps] == ["2025年研发费用还差 22 万元"]
    assert [g.say("en") for g in rd.next.gaps] == ["R&D expense 2025: 220,000 yuan short"]


def test_too_much_is_said_too(known: Library) -> None:
    """科技型中小企业 第六条（二）: at most 500 staff."""
    e = explain(known, "cn/tech-sme", staff=530, revenue="3000 万元", assets="1 亿元")
    (gap,) = [t.gap for c in e.clauses for t in c.tests if t.gap]
    assert gap.say("zh") == "2025年职工总数超出 30 人"
    assert gap.advice("zh") == "2025年职工总数由 530 人 降至 500 人"
    assert (gap.now, gap.to, gap.missing) == (530, 500, -30)


def test_an_age_that_comes_by_waiting_says_from_when(known: Library) -> None:
    """高新技术企业 第十一条（一）, 工作指引: registered for 365 days when it applies."""
    e = explain(known, "cn/high-tech", founded="2025-08-01")
    (gap,) = e.gaps
    assert gap.until == dt.date(2026, 8, 1)
    assert gap.say("zh") == "成立日期：再过 61 天，自 2026-08-01 起满足"
    assert e.nearly
    later = explain(known, "cn/high-tech", day=dt.date(2026, 8, 1), founded="2025-08-01")
    assert later.clauses[0].truth is Truth.YES
    before = explain(known, "cn/high-tech", day=dt.date(2026, 7, 31), founded="2025-08-01")
    assert before.clauses[0].truth is Truth.NO


def test_alternatives_that_play_no_part_are_not_told(known: Library) -> None:
    """高新技术企业 第十一条（五）: of nine combinations of age and revenue one is told."""
    e = explain(
        known, "cn/high-tech", founded="2015-01-01", fiscal_years=10,
        **{f"revenue__{y}": "1 亿元" for y in (2023, 2024, 2025)},
        **{f"rd_expense__{y}": "500 万元" for y in (2023, 2024, 2025)},
    )  # fmt: skip
    told = clause(e, "rd")
    assert "2023—2025年研发费用合计 ÷ 2023—2025年营业收入合计：5%；要求：不低于 4%" in told
    assert not any("要求：不低于 5%" in line for line in told)


def test_compound_growth_is_shown_a_year(known: Library) -> None:
    e = explain(known, "cn/little-giant", revenue__2025="1.21 亿元", revenue__2023="1 亿元")
    assert "2023—2025年营业收入年均复合增长率：10%；要求：不低于 5%" in [
        t.say() for c in e.clauses for t in c.tests
    ]


def test_a_derived_class_is_named(known: Library) -> None:
    e = explain(known, "cn/innovative-sme", industry="6513", staff=80, revenue="3000 万元", assets="1 元")
    assert clause(e, "size" if clause(e, "size") else "sme") == [
        "企业规模类型：小型；要求：属于：中型、小型、微型"
    ]


def test_what_only_the_department_decides_is_kept_apart(known: Library) -> None:
    """Nobody can prove to a machine that a firm's technology lies in one of the eight fields."""
    e = explain(known, "cn/high-tech", founded="2015-01-01")
    assert Ref("cn/high-tech:field", 0) in e.open
    assert not e.awaits_judgement
    assert "待主管部门认定" in clause(e, "field")
    heading = e.lines("zh").index("须由主管部门认定")
    assert any("八个高新技术领域" in line for line in e.lines("zh")[heading:])


def test_the_version_in_force_explains(known: Library) -> None:
    """工信部企业〔2022〕63号 until 2026-03-31, 工信部企业〔2026〕2号 from 2026-04-01."""
    before = explain(known, "cn/little-giant", day=dt.date(2026, 3, 31))
    after = explain(known, "cn/little-giant", day=dt.date(2026, 4, 1))
    assert "〔2022〕63号" in before.lines()[1]
    assert "〔2026〕2号" in after.lines()[1]


def test_unconfirmed_texts_are_marked(known: Library) -> None:
    e = explain(known, "cn/gazelle")
    assert any(line.endswith("（条文待核实）") for line in e.lines("zh"))
    assert any(line.endswith("(text to be confirmed)") for line in e.lines("en"))


def test_changes_are_the_fewest_and_bring_a_yes(known: Library) -> None:
    """A firm one step away from technology SME: more points for R&D, not for everything."""
    facts = {
        "in_mainland": "是", "staff": 100, "revenue": "1 亿元", "assets": "1 亿元", "tech_staff": 10,
        "rd_expense": "300 万元", "cost_and_expense": "9000 万元", "class1_ip": 1, "class2_ip": 0, "industry": "6513",
        "prohibited_products": "否", "serious_incident_2y": "否", "abnormal_list": "否", "dishonest_list": "否",
        "audit_collection": "是", "rd_body": "无", "high_tech_until": "2020-01-01",
        "national_award_top3_on": "无",
        "led_standard_on": "无",
    }  # fmt: skip
    e = explain(known, "cn/tech-sme", **facts)
    assert e.verdict is Truth.NO
    assert e.nearly
    assert e.changes and len(e.changes.gaps) == 1
    assert e.changes.verify == ()
    (gap,) = e.changes.gaps
    changed = dict(e.judged.facts) | {gap.ref: gap.to}
    assert e.explainer.walker.judge(changed).verdict("cn/tech-sme") is Truth.YES
    short = dict(e.judged.facts) | {gap.ref: gap.to - 1}
    assert e.explainer.walker.judge(short).verdict("cn/tech-sme") is Truth.NO


def test_questions_come_by_how_many_policies_they_bring_nearer(known: Library) -> None:
    plan = known.plan(DAY)
    walker = Walker(plan)
    explainer = Explainer(plan, walker)
    judged = walker.judge({})
    first, second, *_ = explainer.questions(judged)
    assert first.weight >= second.weight
    assert len(first.ids) > 3
    assert first.say("zh").endswith("？")
    left = explainer.questions(judged, skip=[first.ref])
    assert first.ref not in [q.ref for q in left]
    assert explainer.questions(judged, ids=["cn/unicorn"], limit=9)
    assert {i for q in explainer.questions(judged, ids=["cn/unicorn"], limit=9) for i in q.ids} == {
        "cn/unicorn"
    }


def test_a_question_about_an_earlier_year_names_it(known: Library) -> None:
    plan = known.plan(DAY, only=["cn/gazelle"])
    judged = Walker(plan).judge({})
    asked = {q.ref: q for q in Explainer(plan).questions(judged, limit=50)}
    assert asked[Ref("revenue", 4)].say("zh") == "2022年的营业收入是多少？"
    assert asked[Ref("revenue", 4)].say("en") == "What was it in 2022: Operating revenue?"


# -- for any packs and firms ------------------------------------------------------------------------------------


@settings(settings.get_profile("packs"), max_examples=120)
@given(packs(), firms())
def test_what_would_change_it_does(texts: list[str], facts: Firm) -> None:
    _, plan = planned(texts)
    walker = Walker(plan)
    explainer, judged = Explainer(plan, walker), walker.judge(facts)
    for policy in plan.policies:
        changes = explainer.changes(judged, policy.id)
        if changes is None:
            continue
        after = walker.judge({**facts, **{g.ref: g.to for g in changes.gaps}})
        assert after.verdict(policy.id) == (Truth.UNKNOWN if changes.verify else Truth.YES) or (
            after.verdict(policy.id) is Truth.YES
        )
        for gap in changes.gaps:
            fact = VOCABULARY.facts.get(gap.ref.key)
            assert fact is None or not fact.numeric or fact.least <= gap.to <= fact.most
            assert gap.to != gap.now


@settings(settings.get_profile("packs"), max_examples=120)
@given(packs(), firms(), st.data())
def test_only_open_facts_can_move_an_open_verdict(texts: list[str], facts: Firm, data: st.DataObject) -> None:
    _, plan = planned(texts)
    walker = Walker(plan)
    explainer, judged = Explainer(plan, walker), walker.judge(facts)
    for policy in plan.policies:
        e = explainer.explain(judged, policy.id)
        assert bool(e.open) is (e.verdict is Truth.UNKNOWN)
        idle = [r for r in plan.inputs if r not in facts and r not in e.open]
        assume(idle or e.open)
        if idle:
            ref = data.draw(st.sampled_from(idle))
            value = data.draw(st.integers(0, 1) if ":" in ref.key else st.integers(0, 2))
            assert walker.judge({**facts, ref: value}).verdict(policy.id) == e.verdict


@settings(settings.get_profile("packs"), max_examples=60)
@given(packs(), firms())
def test_everything_can_be_told_in_both_languages(texts: list[str], facts: Firm) -> None:
    _, plan = planned(texts)
    walker = Walker(plan)
    explainer, judged = Explainer(plan, walker), walker.judge(facts)
    for policy in plan.policies:
        e = explainer.explain(judged, policy.id)
        assert all(
            str(c.clause.text[code]) in "\n".join(e.lines(code)) for c in e.clauses for code in ("zh", "en")
        )


@settings(settings.get_profile("packs"), max_examples=60)
@given(packs(), firms())
def test_the_sheet_of_numbers_says_what_the_explanation_says(texts: list[str], facts: Firm) -> None:
    """Programs read the sheet, people the explanation: truths are the same, and what is missing is missing."""
    _, plan = planned(texts)
    walker = Walker(plan)
    explainer, judged = Explainer(plan, walker), walker.judge(facts)
    for told in explainer.sheet(judged):
        e = explainer.explain(judged, told.id)
        assert told.truth == e.verdict
        assert [truth for truth, _ in told.clauses] == [c.truth for c in e.clauses]
        for clause, (_, figures) in zip(e.clauses, told.clauses, strict=True):
            leaves = list({(leaf.node, leaf.positive): leaf for leaf in clause.planned.leaves})
            assert len(leaves) == len(figures)
            shown = {(t.leaf.node, t.leaf.positive): t.truth for t in clause.tests}
            for key, figure in zip(leaves, figures, strict=True):
                assert shown.get(key, figure.truth) == figure.truth
                if figure.missing:
                    assert judged.states[key[0]] != Truth.YES
