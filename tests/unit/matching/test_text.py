"""How texts are cut: what people look for is found wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiao.matching import Index, Rarity
from qiao.matching.text import cut


@pytest.mark.parametrize(
    ("query", "text"),
    [  # dictionary cuts hide these: Meilisearch issues 2499, 4874, 5015; charabia 338 (see the matching research)
        ("简单", "安装简单"),
        ("处理", "待处理"),
        ("招商 公司", "上海招商局国际旅游有限公司"),
        ("数字", "长宁区数字孪生产业联盟"),
        ("孪生", "长宁区数字孪生产业联盟"),
        ("宁区", "长宁区数字孪生产业联盟"),
        ("桥", "虹桥"),
        ("ＡＩ", "ai 芯片"),
        ("Chips", "a chip for edge inference"),
        ("芯片AI", "面向芯片AI加速"),
    ],
)
def test_two_character_words_are_found_inside_longer_names(query: str, text: str) -> None:
    others = ["安居工程", "理疗", "海外招聘", "字典", "园区", "木材", "ar 眼镜", "船运"]
    found, _ = Index({"text": (1, [*others, text])}).search(Rarity().asked(query), 3)
    assert found[0] == len(others)


def test_units_and_pairs_of_neighbours() -> None:
    found = cut(["ＡI芯片，数字 Digital-Twins"]).labels()
    assert found[:6] == ["ai", "芯", "片", "数", "字", "digital"]
    assert set(found[7:]) == {"ai芯", "芯片", "数字", "字 digital", "digital-twins"}


def test_a_pair_never_spans_two_texts() -> None:
    parts = cut(["数", "字"])
    assert parts.labels() == ["数", "字"]
    assert parts.texts.tolist() == [0, 1]


@given(st.lists(st.text(alphabet="数字孪生 ab1,\x1e\nＡ", max_size=12), min_size=1, max_size=6))
def test_many_texts_are_cut_as_each_by_itself(texts: list[str]) -> None:
    together = cut(texts)
    for number, text in enumerate(texts):
        here = together.texts == number
        assert sorted(together.keys[here].tolist()) == sorted(cut([text]).keys.tolist())
