"""The text index: BM25 as in books, every share of a score named, the same answers from memory and from disk."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiao.matching import Index, Rarity
from qiao.matching import index as index_module
from qiao.matching.disk import DiskIndex
from qiao.matching.index import K1, B
from qiao.matching.text import cut

texts = st.lists(st.text(alphabet="数字孪生工厂 ab", max_size=20), min_size=1, max_size=12)


def terms(text: str) -> list[str]:
    """A blank between two scripts makes no difference."""
    parts = [(label.replace(" ", ""), label) for label in cut([text]).labels()]
    return [label if plain.isascii() else plain for plain, label in parts]


def bm25(query: str, documents: list[str], weights: list[float]) -> list[float]:
    """Robertson's formula on weighted counts, term by term."""
    counts = []
    for document in documents:
        count: Counter[str] = Counter()
        for text, weight in zip(document.split("|"), weights, strict=True):
            for term in terms(text):
                count[term] += weight
        counts.append(count)
    lengths = [sum(count.values()) for count in counts]
    average = sum(lengths) / len(lengths) or 1
    found = [0.0] * len(documents)
    for term, times in Counter(terms(query)).items():
        holding = sum(term in count for count in counts)
        rarity = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        for number, count in enumerate(counts):
            if count[term]:
                soft = K1 * (1 - B + B * lengths[number] / average)
                share = 0.5 if len(term) == 1 and not term.isascii() else 1
                found[number] += share * (
                    (1 + math.log(times)) * rarity * count[term] * (K1 + 1) / (count[term] + soft)
                )
    return found


@settings(max_examples=80)
@given(st.text(alphabet="数字孪生工厂 ab", min_size=1, max_size=12), texts, st.data())
def test_scores_are_those_of_the_formula(query: str, titles: list[str], data: st.DataObject) -> None:
    bodies = data.draw(
        st.lists(st.text(alphabet="数字孪生 ab", max_size=20), min_size=len(titles), max_size=len(titles))
    )
    index = Index({"title": (2, titles), "text": (1, bodies)})
    scores = index.scores(Rarity().asked(query))
    expected = bm25(query, [f"{a}|{b}" for a, b in zip(titles, bodies, strict=True)], [2, 1])
    assert scores == pytest.approx(expected, rel=1e-5, abs=1e-6)


@given(st.text(alphabet="数字孪生工厂 ab", min_size=1, max_size=12), texts)
def test_shares_of_terms_add_up_to_the_score(query: str, documents: list[str]) -> None:
    index, asked = Index({"text": (1, documents)}), Rarity(documents).asked(query)
    scores = index.scores(asked)
    for number in range(len(documents)):
        assert sum(share for _, share in index.ask(asked).explain(number)) == pytest.approx(
            scores[number], abs=1e-6
        )


def test_memory_and_disk_agree_to_the_rank(tmp_path: Path) -> None:
    """Behind one protocol: the same numbers, not only the same order."""
    chance = np.random.default_rng(3)
    words = [
        "数字孪生",
        "热轧",
        "医院",
        "课堂",
        "虚拟",
        "仿真",
        "digital twin",
        "养老",
        "导诊",
        "芯片",
        "VR",
        "平台",
    ]
    documents = ["，".join(chance.choice(words, chance.integers(1, 9))) for _ in range(1500)]
    fields = {"title": (2.0, [d[:6] for d in documents]), "text": (1.0, documents)}
    memory, disk = Index(fields), DiskIndex.build(tmp_path / "index", fields)
    rarity, mask = Rarity(documents[:40]), chance.random(1500) < 0.05
    for query in ["医院数字孪生", "digital twin platform", "养老 VR 导诊平台", "没有这个词", *documents[:20]]:
        asked = rarity.asked(query)
        for only in (None, mask):
            (ours, scores), (theirs, also) = memory.search(asked, 20, only), disk.search(asked, 20, only)
            assert ours.tolist() == theirs.tolist()
            assert scores.tolist() == also.tolist()
        assert memory.ask(asked).reach == pytest.approx(disk.ask(asked).reach)
        for number in ours[:3].tolist():
            assert memory.ask(asked).explain(number) == disk.ask(asked).explain(number)


def test_an_index_on_disk_is_opened_again(tmp_path: Path) -> None:
    DiskIndex.build(tmp_path / "index", {"text": (1, ["数字孪生", "热轧"])})
    again = DiskIndex(tmp_path / "index")
    assert again.search(Rarity().asked("热轧"), 5)[0].tolist() == [1]
    with pytest.raises(FileExistsError):
        DiskIndex.build(tmp_path / "index", {"text": (1, ["x"])})


def test_what_every_need_says_counts_little() -> None:
    """Boilerplate of needs must not decide whom they find (research: questions' weights)."""
    needs = [
        f"本项目拟面向社会公开征集解决方案，{what}"
        for what in ("热轧产线仿真", "医院导诊", "课堂互动", "养老看护")
    ]
    offers = ["面向社会公开征集项目解决方案的咨询公司", "医院导诊机器人"]
    index = Index({"text": (1, offers)})
    assert index.search(Rarity().asked(needs[1]), 1)[0].tolist() == [0]
    assert index.search(Rarity(needs).asked(needs[1]), 1)[0].tolist() == [1]


def test_a_filter_leaves_out_what_it_does_not_hold() -> None:
    index = Index({"text": (1, ["数字", "数字孪生", "数字"])})
    found, _ = index.search(Rarity().asked("数字"), 3, np.array([True, False, True]))
    assert found.tolist() == [0, 2]


def test_empty_pools_and_questions() -> None:
    assert Index({"text": (1, [])}).search(Rarity().asked("数字"), 5)[0].tolist() == []
    assert Index({"text": (1, ["数字"])}).search(Rarity().asked("，。"), 5)[0].tolist() == []
    assert Index({"text": (1, ["", ""])}).search(Rarity().asked("数字"), 5)[0].tolist() == []


def test_many_runs_give_the_index_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Built in threads, in runs of texts: where a run ends may make no difference."""
    chance = np.random.default_rng(5)
    words = ["数字孪生", "热轧", "医院", "课堂", "虚拟", "digital twin", "养老", "导诊", "芯片", "平台"]
    documents = ["，".join(chance.choice(words, chance.integers(0, 9))) for _ in range(700)]
    fields = {"title": (2.0, [d[:5] for d in documents]), "text": (1.0, documents)}
    whole, ranges = Index(fields), index_module._ranges
    monkeypatch.setattr(index_module, "_ranges", lambda texts: ranges(texts, 200))
    parts = Index(fields)
    assert len(ranges([t for _, t in fields.values()], 200)) > 50
    for query in ("医院数字孪生", "digital twin", "养老导诊平台"):
        asked = Rarity().asked(query)
        assert parts.scores(asked).tolist() == whole.scores(asked).tolist()
