"""Synonyms, feedback and saved searches in a real browser: the ways of an editor, a holder and who searches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qiao.core.acts import act
from qiao.kinds.shelf.process import express_interest
from tests.e2e.test_accessible import problems
from tests.e2e.test_market import Market, act_on
from tests.integration.core.test_shelves import NEED, OFFER

Page = Callable[..., Any]
GLOSSARY, WATCH = "/desk/market/glossary/", "/desk/watch/"


@pytest.fixture
def market(transactional_db: None) -> Market:
    return Market()


def words_of_contracts(market: Market) -> None:
    """Contracts in which 分诊 meets 导医, beside others."""
    for wanted, has in [("门诊分诊", "病人导医")] * 3 + [
        ("仓库盘点", "货物清点"),
        ("桥梁巡检", "航拍测绘"),
    ] * 3:
        said = {"title": [wanted], "background": [wanted], "problem": [wanted], "indicators": ["甲"]}
        need = market.listed(market.need, market.hospital, NEED | said)
        told = {"message": has, "contact": "商务"}
        interest = express_interest(need, market.firm.organisation, by=market.firm, said=told)
        act(interest, "accept", by=market.hospital)


def test_an_editor_keeps_the_glossary(market: Market, sign_in: Page, allowed_errors: list[str]) -> None:
    allowed_errors.append("status of 422")  # what was filled in wrongly
    words_of_contracts(market)
    editor = sign_in("编辑", locale="zh-CN")
    editor.goto("/desk/market/")
    editor.click("a:has-text('同义词表')")
    editor.click("a:has-text('增加一组')")
    editor.fill("#words", "导诊、大模型")
    editor.fill("#reason", "两份需求都用")
    editor.click("button:has-text('保存为新的一版')")
    editor.wait_for_selector("text=“大模型”已在另一组里")
    assert editor.input_value("#words") == "导诊、大模型" and editor.input_value("#reason") == "两份需求都用"
    editor.fill("#words", "导诊\n智能导诊")
    editor.click("button:has-text('保存为新的一版')")
    editor.wait_for_selector("text=已存为第2版")
    row = "tr:has-text('分诊'):has-text('导医')"
    editor.click(f"{row} a:has-text('收入词表')")
    assert editor.input_value("#words") == "门诊分诊\n病人导医"
    editor.click("button:has-text('保存为新的一版')")
    editor.wait_for_selector("text=已存为第3版")
    editor.goto(GLOSSARY)
    assert editor.locator(row).count() == 1  # now a group, no longer a suggestion
    first = editor.locator("section:has(#h-suggested) tbody tr").first
    pair = first.locator("td").first.inner_text()
    first.locator("summary").click()
    first.locator("input[name=reason]").fill("不是一个意思")
    first.locator("button:has-text('不再建议')").click()
    editor.wait_for_selector(f"text=“{pair}”与")


def test_a_holder_agrees_and_someone_who_searches_is_told(market: Market, sign_in: Page) -> None:
    market.listed(market.offer, market.firm, OFFER)
    firm = sign_in("商务", locale="zh-CN")
    firm.goto("/market/?field=medicine")
    firm.click("a:has-text('保存这个查找')")
    firm.fill("#name", "医院要什么")
    firm.click("main button:has-text('保存')")
    firm.wait_for_selector("text=已保存“医院要什么”")
    need = market.written(market.need, market.hospital, NEED)
    act(need, "submit", by=market.hospital)
    act_on(sign_in("编辑", locale="zh-CN"), f"/desk/cases/{need.code}/", "publish")
    firm.goto("/desk/notices/")
    firm.click("a:has-text('门诊智能导诊')")
    firm.wait_for_url(f"**/market/{need.code}/")
    hospital = sign_in("信息科", locale="zh-CN")
    hospital.goto(f"/desk/market/{need.code}/")
    hospital.click("main button:has-text('合适')")
    hospital.wait_for_selector("text=你认为合适")
    hospital.click("summary:has-text('这个不合适')")
    hospital.fill("main input[name=reason]", "需要本地部署")
    hospital.click("button:has-text('不再推荐')")
    hospital.wait_for_selector("text=不再向双方互相推荐")
    assert "需要本地部署" in hospital.inner_text("section:has(#h-feedback)")
    firm.goto(WATCH)
    firm.once("dialog", lambda dialog: dialog.accept())
    firm.click("main button:has-text('删除')")
    firm.wait_for_selector("text=已删除“医院要什么”")


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_pass_axe_and_fit(market: Market, sign_in: Page, width: int) -> None:
    words_of_contracts(market)
    need = market.listed(market.need, market.hospital, NEED)
    offers = [market.listed(market.offer, market.firm, OFFER) for _ in range(2)]
    act(need, "agree", by=market.hospital, data={"other": offers[0].code})
    act(need, "not_this", by=market.hospital, data={"other": offers[1].code}, reason="需要本地部署")
    size = {"width": width, "height": 844}
    found = []
    editor = sign_in("编辑", viewport=size, locale="zh-CN")
    for path in (GLOSSARY, f"{GLOSSARY}?edit=元宇宙", f"{GLOSSARY}?add=1", "/desk/market/numbers/"):
        editor.goto(path)
        found += [f"{path}: {p}" for p in problems(editor)]
    hospital = sign_in("信息科", viewport=size, locale="zh-CN")
    for path in (f"/desk/market/{need.code}/", WATCH, f"{WATCH}?new=1&q=方言&field=medicine"):
        hospital.goto(path)
        found += [f"{path}: {p}" for p in problems(hospital)]
    hospital.click("main button:has-text('保存')")
    hospital.goto(WATCH)
    found += [f"{WATCH} (one): {p}" for p in problems(hospital)]
    assert found == []
