"""Search in Chinese: two-character words inside longer names are found, on both databases, within what one may see.

The cases are ready-made complaints about other engines: 简单 not found in 安装简单 (Meilisearch #2499), 处理 not in
待处理 (#4874), 招商 公司 nothing among company names (#5015), short terms ignored (SQLite's trigram).
"""

from __future__ import annotations

import pytest

from qiao.core.search import grams, index_organisation, query_phrases, search
from tests.factories import World, advance, new_proposal, organisation


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("安装简单", "简单"),
        ("待处理", "处理"),
        ("上海招商局科技有限公司", "招商 公司"),
        ("长三角XR行业组织联席会", "XR"),
        ("长三角XR行业组织联席会", "角XR行业"),
        ("虹桥智谷CTOU联盟", "ctou"),
        ("虹桥智谷CTOU联盟", "CTO"),
        ("AIGC与元宇宙", "宇宙"),
        ("AIGC与元宇宙", "aigc与元"),
        ("易立德(上海)公司", "德上海"),
        ("桥", "桥"),
        ("𠮷野家", "𠮷野"),
        ("3320数字化", "3320"),
        ('O\'Brien "quoted" AND * (科技)', "科技"),
    ],
)
def test_found(db: None, name: str, query: str) -> None:
    index_organisation(organisation(name, "firm"))
    assert [e.title for e in search(query)] == [name]


@pytest.mark.parametrize(
    "query", ["", "  ", "。，", '" OR 1=1 --', "*", "')", "宙宇", "技科", "NEAR(", "a:b | !c"]
)
def test_not_found_and_no_error(db: None, query: str) -> None:
    index_organisation(organisation("元宇宙科技", "firm"))
    assert list(search(query)) == []


def test_neighbours_only() -> None:
    """Bigrams are searched as a phrase: 元宇 and 宇宙 apart do not make 元宇宙."""
    assert grams("元宇宙") != grams("宇宙元宇")
    assert query_phrases("元宇宙") == [grams("元宇宙").split()[:2]]


def test_apart_is_not_together(db: None) -> None:
    index_organisation(organisation("宇宙元宇", "firm"))
    assert list(search("元宇宙")) == []


def test_cases_are_found_by_those_who_may_see_them(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    assert {e.case for e in search("创新能力", person=world.members[0].person)} == {case}
    assert case in {e.case for e in search("001", person=world.registry.person)}
    assert list(search("创新能力", person=world.members[1].person)) == []
    assert list(search("创新能力")) == []


def test_published_replies_are_found_by_everybody_until_withdrawn(world: World) -> None:
    from qiao.core.acts import act
    from tests.factories import at, handling_of

    case = advance(world, new_proposal(world), "replied")
    assert [e.publication is not None for e in search("沙龙")] == [True]
    act(handling_of(case), "unpublish", by=world.registry, reason="更正", at=at("2024-05-02"))
    assert list(search("沙龙")) == []
