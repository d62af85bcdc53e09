"""The market in a real browser: an entry from the form to a reported outcome, and every page with axe on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qiao.core.models import Call
from tests.e2e.test_accessible import problems
from tests.factories import organisation, seat
from tests.integration.core.test_shelves import NEED, OFFER, Shelves

Page = Callable[..., Any]


class Market(Shelves):
    """Everybody can sign in."""

    def __init__(self) -> None:
        self.office = organisation("测试区科委")
        self.editor = seat("编辑", self.office, "officer")
        self.hospital = seat("信息科", organisation("中心医院", "firm"), "agent")
        self.firm = seat("商务", organisation("聆语公司", "firm"), "agent")
        self.other = self.firm
        self.need, self.offer = (
            Call.objects.create(
                kind=kind, title=title, owner=self.office, start="2024-01-01", rulebook="changning/shelf"
            )
            for kind, title in (("need", "需求货架"), ("offer", "成果货架"))
        )


@pytest.fixture
def market(transactional_db: None) -> Market:
    return Market()


def act_on(page: Any, address: str, verb: str) -> None:
    page.goto(f"{address}do/{verb}/")
    page.click("main button.button-primary")
    page.wait_for_url(f"**{address}")


def test_from_a_need_to_talks(market: Market, sign_in: Page, allowed_errors: list[str]) -> None:
    allowed_errors.append("status of 422")  # what was filled in wrongly
    market.listed(market.offer, market.firm, OFFER)
    hospital = sign_in("信息科", locale="zh-CN")
    hospital.goto("/desk/market/")
    hospital.click("button:has-text('发布技术需求')")
    for name in ("title", "background", "problem", "indicators", "contact"):
        hospital.fill(f"#{name}", NEED[name][0])
    hospital.check("input[value=speech]")
    hospital.fill("#budget_high", "一百")
    hospital.click("button:has-text('保存')")
    assert "请填写万元数" in hospital.inner_text("main")
    assert hospital.input_value("#problem") == NEED["problem"][0]
    hospital.fill("#budget_high", "100")
    hospital.click("button:has-text('保存')")
    hospital.wait_for_selector("text=已保存第1版")
    address = hospital.url.removeprefix(hospital.url.split("/desk/")[0])
    act_on(hospital, address, "submit")
    act_on(sign_in("编辑", locale="zh-CN"), address, "publish")
    code = address.strip("/").split("/")[-1]
    firm = sign_in("商务", locale="zh-CN")
    firm.goto(f"/market/{code}/")
    assert OFFER["title"][0] in firm.inner_text("#main")
    firm.click("a:has-text('表达合作意向')")
    firm.click("button:has-text('发送意向')")
    firm.wait_for_url("**/desk/cases/*/")
    act_on(hospital, firm.url.removeprefix(firm.url.split("/desk/")[0]), "accept")
    firm.goto(f"/desk/market/{code}/")
    assert NEED["contact"][0] in firm.inner_text("main")


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_pass_axe_and_fit(market: Market, new_page: Page, sign_in: Page, width: int) -> None:
    need = market.listed(market.need, market.hospital, NEED)
    offer = market.listed(market.offer, market.firm, OFFER)
    draft = market.written(market.need, market.hospital, NEED)
    size = {"width": width, "height": 844}
    found = []
    public = new_page(viewport=size, locale="en-GB")
    compared = f"/market/compare/?c={need.code}&c={offer.code}"
    more = ("/market/directions/", "/scenarios/results/")
    for path in ("/market/", f"/market/{need.code}/", compared, *more):
        public.goto(path)
        found += [f"{path}: {p}" for p in problems(public)]
    page = sign_in("信息科", viewport=size, locale="zh-CN")
    for path in (
        "/desk/market/",
        f"/desk/market/{need.code}/",
        f"/desk/market/{offer.code}/",
        f"/desk/cases/{draft.code}/sheet/write/",
    ):
        page.goto(path)
        found += [f"{path}: {p}" for p in problems(page)]
    assert found == []
