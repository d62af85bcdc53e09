"""Near-duplicate proposals are ranked, and the ranking shows why."""

from __future__ import annotations

from qiao.letters.reading import rank_similar, similarity

A = "关于加快元宇宙创新能力建设的提案：建议设立硕博士创新实践基地，持续举办创投沙龙。"
B = "关于推进元宇宙创新能力建设的建议：设立硕博士创新实践基地，每季度举办创投沙龙。"
C = "关于优化园区停车设施的提案：建议错峰开放单位停车场。"


def test_similarity_is_symmetric_and_bounded() -> None:
    assert similarity(A, A) == 1.0
    assert similarity(A, B) == similarity(B, A)
    assert 0 < similarity(A, C) < similarity(A, B) < 1
    assert similarity("", "") == similarity("", A) == 0.0


def test_ranking_says_which_phrases_are_shared() -> None:
    found = rank_similar(A, {"c": C, "b": B, "empty": ""}, at_least=0.2)
    assert [item.key for item in found] == ["b"]
    assert "设立硕博士创新实践基地" in found[0].shared
    assert not any(x in y for x in found[0].shared for y in found[0].shared if x != y)


def test_common_words_weigh_little_and_ties_follow_the_key() -> None:
    corpus = {f"{n}": f"为进一步加强工作建议第{n}项内容" for n in range(9)} | {"x": "硕博士实践基地"}
    assert rank_similar("为进一步建设硕博士实践基地", corpus)[0].key == "x"
    assert [s.key for s in rank_similar("同样的话", {"b": "同样的话", "a": "同样的话"})] == ["a", "b"]
    assert rank_similar("甲", {}) == []
