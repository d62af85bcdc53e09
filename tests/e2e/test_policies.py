"""The policy finder and the pages of facts and policies in a real browser: with and without scripts, axe, a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qiao.core import facts
from qiao.core.clocks import today
from tests.e2e.test_accessible import problems
from tests.factories import World, organisation, seat

Page = Callable[..., Any]
LAST = today().year - 1


def answer(page: Any) -> None:
    page.select_option("[name=industry]", "65")
    page.fill(f"[name='staff@{LAST}']", "80")
    page.fill(f"[name='revenue@{LAST}']", "3000")
    page.fill("[name=founded]", "2020-05-01")
    page.click("#ask [type=submit]")
    page.wait_for_selector(".tally")


@pytest.mark.parametrize("scripts", [True, False])
def test_finder(transactional_db: None, new_page: Page, scripts: bool) -> None:
    page = new_page(java_script_enabled=scripts, locale="zh-CN")
    page.goto("/finder/")
    answer(page)
    assert "小型" in page.inner_text("#state-class")
    assert page.url.endswith("/finder/")
    page.click("#ask [type=submit]")  # knows none of these
    page.wait_for_selector("text=不知道")
    page.click("#state-open >> text=逐条说明 >> nth=0")
    page.wait_for_selector(".clauses")
    page.click("text=回到结果")
    page.wait_for_selector(".tally")
    page.click(f"button[value='staff@{LAST}']")
    page.fill(f"#ask [name='staff@{LAST}']", "5")
    page.click("#ask [type=submit]")
    page.wait_for_selector("#state-class >> text=微型")
    address = page.get_attribute("#permalink", "href")
    assert f"staff%40{LAST}=5" in address
    other = new_page(java_script_enabled=scripts, locale="zh-CN")
    other.goto(address)
    assert "微型" in other.inner_text("#state-class")
    assert not [c for c in page.context.cookies() if c["value"] == "5"]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_pages_are_accessible(world: World, new_page: Page, sign_in: Page, width: int, language: str) -> None:
    firm = organisation("测试智造有限公司", "firm")
    agent = seat("agent", firm, "agent")
    said = {
        "in_mainland": "是",
        "staff": "96",
        "revenue": "4200 万元",
        "industry": "6513",
        "high_tech_until": "无",
    }
    facts.state_many(firm, {(k, None): v for k, v in said.items()}, by=agent.person, source="审计报告")
    size = {"width": width, "height": 844}
    failed = []
    page = new_page(viewport=size, locale=language)
    page.goto("/finder/")
    failed += [f"finder: {p}" for p in problems(page)]
    answer(page)
    failed += [f"results: {p}" for p in problems(page)]
    page.click("button[formaction='/finder/cn/tech-sme/']")
    page.wait_for_selector(".clauses")
    failed += [f"clauses: {p}" for p in problems(page)]
    mine = f"/desk/firms/{firm.code}/"
    change = "part=clause.size&text=staff+%3C+30"
    pages = {
        agent: [
            mine,
            f"{mine}facts/revenue/",
            f"{mine}facts/listed/",
            f"{mine}policies/",
            f"{mine}policies/cn/high-tech/",
        ],
        world.lead.officer: [
            "/desk/firms/",
            f"{mine}facts/revenue/",
            "/desk/policies/",
            "/desk/policies/cn/tech-sme/",
            f"/desk/policies/cn/tech-sme/what-if/?{change}",
        ],
    }
    for who, paths in pages.items():
        page = sign_in(who.person.name, viewport=size, locale=language)
        for path in paths:
            answered = page.goto(path)
            failed += [f"{path}: {p}" for p in problems(page)]
            if answered.status != 200:
                failed.append(f"{path}: {answered.status}")
    assert not failed, "\n".join(failed)
