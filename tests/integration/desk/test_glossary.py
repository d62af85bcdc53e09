"""The page on which the glossary is kept: search, change, refusals that lose nothing, suggestions, history."""

from __future__ import annotations

from typing import Any

import pytest

from qiao.core.models import Case
from qiao.kinds.shelf import glossary as kept
from tests.integration.core.test_glossary import four_contracts
from tests.integration.core.test_shelves import Shelves
from tests.integration.portal.test_market import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/desk/market/glossary/"


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


def test_officers_read_it_and_the_owners_write_it(shelves: Shelves) -> None:
    editor = signed_in(shelves.editor)
    page = editor.get(PAGE).content.decode()
    assert "大语言模型" in page and "增加一组" in page and "还没有修改过" in page
    leader = signed_in(shelves.seat(shelves.office, "leader"))
    page = leader.get(PAGE).content.decode()
    assert "大语言模型" in page and "增加一组" not in page and "edit=" not in page
    assert leader.post(PAGE, {"do": "save", "words": "甲、乙", "reason": "x"}).status_code == 403
    elsewhere = signed_in(shelves.seat(shelves.firm.organisation, "officer"))
    assert elsewhere.post(PAGE, {"do": "save", "words": "甲、乙", "reason": "x"}).status_code == 403
    assert signed_in(shelves.firm).get(PAGE).status_code == 403
    assert not Case.objects.filter(kind="glossary").exists()


def test_add_change_remove(shelves: Shelves) -> None:
    editor = signed_in(shelves.editor)
    assert 'name="words"' in editor.get(f"{PAGE}?add=1").content.decode()
    answer = editor.post(
        PAGE, {"do": "save", "old": "", "words": "导诊\r\n分诊", "reason": "两份需求都用"}, follow=True
    )
    page = answer.content.decode()
    assert "已存为第2版" in page and "导诊" in page and "两份需求都用" in page and "随软件提供" in page
    form = editor.get(f"{PAGE}?edit=导诊").content.decode()
    assert "修改这一组" in form and 'value="导诊\n分诊"' in form
    editor.post(PAGE, {"do": "save", "old": "导诊\r\n分诊", "words": "导诊、预检", "reason": "更正"})
    assert kept.groups(kept.standing())[0] == ("导诊", "预检")
    page = editor.post(
        PAGE, {"do": "remove", "old": "导诊\n预检", "words": "无关", "reason": "意思不同"}, follow=True
    ).content.decode()
    assert kept.groups(kept.standing()) == kept.shipped()
    assert '<del lang="zh-Hans">导诊、预检</del>' in page
    case = kept.standing()
    assert case is not None
    assert editor.get(f"/desk/cases/{case.code}/").status_code == 200
    assert editor.get(f"/desk/cases/{case.code}/glossary/")["Location"] == PAGE


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        ({"words": "导诊"}, 422, "只有一个词“导诊”"),
        ({"words": "导诊、大模型"}, 422, "“大模型”已在另一组里：大语言模型、大模型、LLM"),
        ({"words": f"导诊、{'长' * 41}"}, 422, "41个字，最多40个"),
        ({"words": "导诊、分诊", "reason": ""}, 422, "理由"),
        ({"words": ""}, 422, "没有填写词"),
        ({"words": "导诊、分诊", "old": "没有\n这组"}, 409, "已被他人修改"),
    ],
)
def test_bad_input_says_what_and_loses_nothing(
    shelves: Shelves, said: dict[str, str], status: int, why: str
) -> None:
    typed = {"do": "save", "old": "", "reason": "因为如此"} | said
    answer = signed_in(shelves.editor).post(PAGE, typed)
    page = answer.content.decode()
    assert answer.status_code == status and why in page
    assert f">{typed['words']}</textarea>" in page and f'value="{typed["reason"]}"' in page
    assert not Case.objects.filter(kind="glossary").exists()


def test_search(shelves: Shelves) -> None:
    editor = signed_in(shelves.editor)
    answer = editor.get(PAGE, {"q": "ＶＲ"})
    assert [row["first"] for row in answer.context["rows"]] == ["虚拟现实"]
    assert "没有哪一组里有这个词" in editor.get(PAGE, {"q": "魑魅"}).content.decode()
    assert editor.get(f"{PAGE}?edit=魑魅")["Location"] == PAGE


def test_script_in_a_word_is_text(shelves: Shelves) -> None:
    editor = signed_in(shelves.editor)
    editor.post(PAGE, {"do": "save", "words": "<b>甲</b>、乙", "reason": "<i>x</i>"})
    page = editor.get(PAGE).content.decode()
    assert "&lt;b&gt;甲&lt;/b&gt;" in page and "<b>甲" not in page and "<i>x" not in page


def test_suggestions_are_taken_over_or_set_aside(shelves: Shelves) -> None:
    four_contracts(shelves)
    editor = signed_in(shelves.editor)
    page = editor.get(PAGE)
    row = next(
        r for r in page.context["suggested"] if (r["one"].here, r["one"].there) == ("门诊分诊", "病人导医")
    )
    form = editor.get(PAGE + row["take"].split("#", maxsplit=1)[0]).content.decode()
    assert ">门诊分诊\n病人导医</textarea>" in form and "来自4件人认可的匹配" in form
    answer = editor.post(PAGE, {"do": "aside", "here": "门诊分诊", "there": "病人导医", "reason": ""})
    assert answer.status_code == 422 and "还没有搁置" in answer.content.decode()
    editor.post(PAGE, {"do": "aside", "here": "门诊分诊", "there": "病人导医", "reason": "不是一回事"})
    left = editor.get(PAGE).context["suggested"]
    assert ("门诊分诊", "病人导医") not in {(r["one"].here, r["one"].there) for r in left} and left
    leader = signed_in(shelves.seat(shelves.office, "leader"))
    assert leader.get(PAGE).context["suggested"] == []


def test_the_page_costs_the_same_for_many_groups_and_versions(
    shelves: Shelves, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        kept.change(by=shelves.editor, new=(f"甲{number}", f"乙{number}"), reason="x")
    editor = signed_in(shelves.editor)
    editor.get(PAGE)
    with django_assert_max_num_queries(20):
        answer = editor.get(PAGE)
    assert len(answer.context["rows"]) == 50 and len(answer.context["history"]) == 10
    assert answer.context["versions"] == 26
