"""A challenge in a real browser: from the public page to a sealed plan; every page at two widths, axe-clean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from qiao.core.acts import act
from qiao.core.models import Case, User
from qiao.kinds.scenario import challenge as challenges
from tests.e2e.test_accessible import problems
from tests.factories import PASSWORD
from tests.integration.core.test_scenarios import PLAN, TERMS, Round, content

pytestmark = pytest.mark.django_db(transaction=True)
Page = Callable[..., Any]


class Office(Round):
    """Those who sign in, and a challenge that closes in a month."""

    def __init__(self) -> None:
        super().__init__()
        names = {"经办": self.lingyu, "医院": self.hospital, "承办": self.editor, "专家": self.experts[0]}
        hashed = make_password(PASSWORD)
        for name, seat in names.items():
            seat.person.user = User.objects.create(username=name, password=hashed)
            seat.person.save()
        self.scene = self.scenario()
        self.challenge = challenges.begin(self.scene, by=self.editor)
        until = (dt.date.today() + dt.timedelta(days=30)).isoformat()  # noqa: DTZ011 (a day well ahead)
        act(
            self.challenge,
            "write",
            by=self.editor,
            content=content("challenge", "terms", TERMS, until=[until]),
        )
        act(self.challenge, "publish", by=self.leader, data={"until": until})


@pytest.fixture
def office(transactional_db: None) -> Office:
    return Office()


def test_a_firm_bids_and_seals(office: Office, sign_in: Page, allowed_errors: list[str]) -> None:
    allowed_errors += ["status of 422", "status of 404"]  # filled in wrongly; what is sealed is not there
    firm = sign_in("经办", locale="zh-CN")
    firm.goto(f"/scenarios/{office.scene.code}/")
    firm.click("a:has-text('揭榜或提问')")
    firm.click("button:has-text('登记意向')")
    firm.wait_for_url("**/desk/cases/*/")
    address = firm.url
    firm.goto(f"{address}sheet/write/")
    for name in ("approach", "novelty", "value", "record", "safety"):
        firm.fill(f"#{name}", PLAN[name][0])
    firm.select_option("#level", "7")
    firm.fill("[name='schedule-name'] >> nth=0", "上线")
    firm.click("button:has-text('保存')")
    assert "第1行“完成日期”：请填写。" in firm.inner_text("main")
    assert firm.input_value("#approach") == PLAN["approach"][0]
    firm.fill("[name='schedule-due'] >> nth=0", "2027-06-30")
    firm.click("button:has-text('保存')")
    firm.wait_for_selector("text=已保存第1版")
    firm.goto(f"{address}do/seal/")
    firm.click("main button.button-primary")
    firm.wait_for_url(address)
    case = Case.objects.get(kind="bid")
    assert case.stage == "sealed"
    officer = sign_in("承办", locale="zh-CN")
    assert officer.goto(f"/desk/cases/{case.code}/").status == 404


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_pass_axe_and_fit(office: Office, new_page: Page, sign_in: Page, width: int) -> None:
    office.intent(office.challenge, office.lingyu)
    draft = office.intent(office.challenge, office.yunjing)
    code = office.challenge.code
    size = {"width": width, "height": 844}
    found = []
    public = new_page(viewport=size, locale="en-GB")
    for path in ("/scenarios/", f"/scenarios/{office.scene.code}/"):
        public.goto(path)
        found += [f"{path}: {p}" for p in problems(public)]
    pages = {
        "承办": ["/desk/scenarios/", f"/desk/challenges/{code}/", f"/desk/challenges/{code}/invite/",
               f"/desk/challenges/{code}/experts/", f"/desk/cases/{draft.code}/"],
        "医院": ["/desk/scenarios/", f"/desk/cases/{office.scene.code}/"],
        "经办": ["/desk/scenarios/", f"/desk/challenges/{code}/join/"],
    }  # fmt: skip
    for name, paths in pages.items():
        page = sign_in(name, viewport=size, locale="zh-CN")
        for path in paths:
            page.goto(path)
            found += [f"{path}: {p}" for p in problems(page)]
    bid = Case.objects.get(kind="bid", unit=office.lingyu.organisation)
    page = sign_in("经办", viewport=size, locale="zh-CN")
    for path in (f"/desk/cases/{bid.code}/sheet/write/", f"/desk/cases/{bid.code}/"):
        page.goto(path)
        found += [f"{path}: {p}" for p in problems(page)]
    assert found == []
