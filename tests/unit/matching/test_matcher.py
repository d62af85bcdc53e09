"""Who fits and why: conditions with three values, scores that are sums of named parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiao.matching import (
    BadAttribute,
    BadWeights,
    Count,
    Glossary,
    HasAll,
    Matcher,
    NearAmount,
    NearCode,
    NearLevel,
    Overlaps,
    Pool,
    Profile,
    Range,
    SameTags,
    Shares,
    State,
    Weights,
    Words,
    texts_of,
)  # fmt: skip
from qiao.matching.disk import DiskIndex

TECHNOLOGY, PLACE, MONEY = Words("技术方向", "technology"), Words("注册地", "place"), Words("金额", "amount")
PARTS = [
    SameTags("technology", TECHNOLOGY, "technology", "technology"),
    NearCode("industry", Words("行业", "industry"), "industry", "industry"),
    NearLevel("stage", Words("成熟度", "readiness"), "trl", "trl"),
    NearAmount("amount", MONEY, "amount", "amount"),
    Count("record", Words("已完成", "done before"), "done"),
]
CONDITIONS = [
    Shares(PLACE, "place", "place"),
    Overlaps(MONEY, "amount", "amount"),
    HasAll(Words("资质", "licences"), "licences", "licences"),
]
GLOSSARY = Glossary([["虚拟现实", "VR"], ["数字孪生", "digital twin"]])

words = st.lists(
    st.sampled_from(["数字孪生", "虚拟现实", "VR", "热轧", "医院", "digital twin", "平台"]), max_size=5
)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "technology": st.frozensets(st.sampled_from("abcd")),
        "industry": st.sampled_from(["6513", "6512", "6540", "8831"]),
        "trl": st.integers(1, 9),
        "amount": st.builds(lambda a, b: Range(a, a + b), st.integers(0, 10**9), st.integers(0, 10**9)),
        "done": st.integers(0, 20),
        "place": st.sampled_from(["长宁", "徐汇"]),
        "licences": st.frozensets(st.sampled_from("xyz")),
    },
)
profiles = st.builds(lambda text, more: ("，".join(text), more), words, attributes)


def pool_of(rows: list[tuple[str, dict[str, object]]]) -> list[Profile]:
    return [Profile(f"f{n}", "firm", {"text": text}, more) for n, (text, more) in enumerate(rows)]


def matcher(pool: list[Profile], **more: object) -> Matcher:
    return Matcher(
        pool, Weights.read("need-offer"), parts=PARTS, conditions=CONDITIONS, glossary=GLOSSARY, **more
    )


@settings(max_examples=150)
@given(profiles, st.lists(profiles, min_size=1, max_size=15))
def test_parts_add_up_to_the_score(
    need: tuple[str, dict[str, object]], rows: list[tuple[str, dict[str, object]]]
) -> None:
    found = matcher(pool_of(rows)).find(Profile("n", "need", {"text": need[0]}, need[1]), near=20)
    asked = matcher(pool_of(rows))
    scores = asked.scores(Profile("n", "need", {"text": need[0]}, need[1]))
    for match in (*found.fit, *found.near):
        assert sum(part.points for part in match.parts) == pytest.approx(match.score, abs=1e-6)
        assert match.score == pytest.approx(scores[asked.pool.places[match.profile.id]], abs=1e-6)
        for part in match.parts:
            assert 0 <= part.points <= part.most + 1e-6
            assert part.text.zh and part.text.en


@settings(max_examples=150)
@given(profiles, st.lists(profiles, min_size=1, max_size=15), st.integers(1, 6))
def test_the_best_are_found_though_not_all_are_weighed(
    need: tuple[str, dict[str, object]], rows: list[tuple[str, dict[str, object]]], count: int
) -> None:
    """Candidates come from the text index alone; nobody with better attributes may be missed."""
    asked, asker = matcher(pool_of(rows)), Profile("n", "need", {"text": need[0]}, need[1])
    found = asked.find(asker, count)
    scores, states = asked.scores(asker), asked.states(asker)
    allowed = [n for n in range(len(rows)) if (states[:, n] != State.FAIL).all()]
    best = sorted(allowed, key=lambda n: (-scores[n], n))[:count]
    assert [match.profile.id for match in found.fit] == [f"f{n}" for n in best]
    assert found.fitting == len(allowed)


def test_few_candidates_are_enough_where_others_cannot_come_in_between() -> None:
    chance = np.random.default_rng(1)
    words = ["数字孪生", "热轧", "医院", "课堂", "虚拟", "仿真", "养老", "导诊", "芯片"]
    pool = [
        Profile(
            f"f{n}", "firm", {"text": "，".join(chance.choice(words, 4))},
            {"technology": frozenset(chance.choice(list("abcd"), 2).tolist()), "trl": int(chance.integers(1, 10))},
        )
        for n in range(4000)
    ]  # fmt: skip
    asked = matcher(pool)
    asker = Profile(
        "n", "need", {"text": "医院虚拟导诊"}, {"technology": frozenset("ab"), "trl": Range(6, 9)}
    )
    order = np.lexsort((np.arange(4000), -asked.scores(asker)))[:20]
    assert [m.profile.id for m in asked.find(asker, 20).fit] == [f"f{n}" for n in order]


def test_memory_and_disk_find_the_same(tmp_path: Path) -> None:
    pool = pool_of(
        [("数字孪生，热轧", {"trl": 7}), ("VR，医院", {"place": "徐汇"}), ("平台", {"trl": 3}), ("医院", {})]
    )
    weights = Weights.read("need-offer")
    disk = DiskIndex.build(tmp_path / "index", texts_of(Pool(pool), weights))
    asker = Profile("n", "need", {"text": "医院虚拟现实平台"}, {"trl": Range(6, 9), "place": "长宁"})
    told = [
        [(m.profile.id, m.score, m.parts, m.conditions) for m in (*found.fit, *found.near)]
        for found in (matcher(pool, backend=disk).find(asker), matcher(pool).find(asker))
    ]
    assert told[0] == told[1]


def test_an_unknown_fact_never_excludes() -> None:
    """Unknown is shown as to be verified and never treated as no (design: Fact)."""
    pool = pool_of([("医院", {}), ("医院", {"place": "徐汇"}), ("医院", {"place": "长宁"})])
    found = matcher(pool).find(Profile("n", "need", {"text": "医院"}, {"place": "长宁"}))
    assert {m.profile.id for m in found.fit} == {"f0", "f2"}
    unknown = next(m for m in found.fit if m.profile.id == "f0")
    assert [c.text.zh for c in unknown.open] == ["注册地待核实，要求 长宁"]
    assert unknown.open[0].mark == "？"


def test_only_one_condition_away_is_a_list_of_its_own() -> None:
    pool = pool_of([
        ("医院", {"place": "徐汇", "amount": Range(100, 200)}),
        ("医院", {"place": "徐汇", "amount": Range(500, 600)}),
        ("医院", {"place": "长宁", "amount": Range(150, 150)}),
    ])  # fmt: skip
    found = matcher(pool).find(
        Profile("n", "need", {"text": "医院"}, {"place": "长宁", "amount": Range(0, 200)})
    )
    assert [m.profile.id for m in found.fit] == ["f2"]
    assert [m.profile.id for m in found.near] == ["f0"]
    assert [c.text.zh for c in found.near[0].failed] == ["注册地：徐汇，要求 长宁"]
    assert [c.text.en for c in found.near[0].failed] == ["place: 徐汇; asked: 长宁"]


def test_synonyms_and_english_names_are_found_and_said_to_be_synonyms() -> None:
    pool = pool_of([("digital twin of a steel plant", {}), ("餐饮连锁", {})])
    match = matcher(pool).find(Profile("n", "need", {"text": "热轧产线数字孪生"})).fit[0]
    part = next(p for p in match.parts if p.name == "glossary")
    assert match.profile.id == "f0"
    assert part.points > 0 and part.text.zh == "同义词：digital twin"


def test_what_was_said_in_common_is_named_as_people_read_it() -> None:
    pool = pool_of([("为热轧产线提供虚拟仿真平台", {})])
    match = matcher(pool).find(Profile("n", "need", {"text": "热轧产线的虚拟仿真"})).fit[0]
    assert match.parts[0].text.zh == "文字相近：热轧产线、虚拟仿真"


def test_nobody_is_matched_with_oneself_or_beyond_a_given_filter() -> None:
    pool = pool_of([("医院", {}), ("医院", {}), ("医院", {})])
    found = matcher(pool).find(Profile("f1", "firm", {"text": "医院"}), also=np.array([True, True, False]))
    assert [m.profile.id for m in found.fit] == ["f0"]


def test_wrong_attributes_and_weights_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadAttribute, match="trl"):
        matcher(pool_of([("医院", {"trl": "七"})])).find(Profile("n", "need", {}, {"trl": Range(1, 3)}))
    file = tmp_path / "weights.yaml"
    file.write_text("uses: {default: {text: -1}}")
    with pytest.raises(BadWeights, match=r"uses\.default\.text"):
        Weights.read("default", file)
    with pytest.raises(BadWeights, match="no use 'other'"):
        Weights.read("other", file)


def test_a_synonym_does_not_ask_once_more_for_what_was_asked_already() -> None:
    """大语言模型 is what 大模型 is called elsewhere: 模型 stands in both, and counts once."""
    offers = [Profile("o", "offer", {"text": "模型 训练"}), Profile("p", "offer", {"text": "大语言模型"})]
    matcher = Matcher(
        offers, Weights.read("need-offer"), glossary=Glossary([["大模型", "大语言模型", "LLM"]])
    )
    found = {m.profile.id: m for m in matcher.find(Profile("n", "need", {"text": "大模型"}), 2).fit}
    shares = {id: {p.name: p.points for p in m.parts} for id, m in found.items()}
    assert shares["o"]["glossary"] == 0
    assert shares["p"]["glossary"] > 0
    assert sum(shares["p"].values()) == pytest.approx(found["p"].score)


def test_reasons_name_whole_passages_once() -> None:
    """No passage inside another one that is named, no particle at an edge."""
    need = Profile("n", "need", {"text": "文物的三维重建，与三维展示。重建误差"})
    offer = Profile("o", "offer", {"text": "街区的三维重建引擎，重建三维场景"})
    (match,) = Matcher([offer], Weights.read("need-offer")).find(need, 1).fit
    (text,) = (p.text.zh for p in match.parts if p.name == "text")
    assert text.removeprefix("文字相近：").split("、") == ["三维重建"]
