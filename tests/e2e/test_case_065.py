"""Case 065, the first acceptance: replayed by the sample district, and lived through in a browser from a paper file
to the public page, each step by the person who does it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from axe_playwright_python.sync_playwright import Axe
from pdfminer.high_level import extract_text

from qiao.core import history
from qiao.core.models import Act, Case, Indicator, Mail, Publication, Value
from qiao.core.notices import links_text
from tests.factories import World

SEED = Path(__file__).parents[1] / "data" / "reply-065.txt"
SignIn = Callable[..., Any]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- the sample district ---------------------------------------------------------------------------------------


@pytest.fixture
def district(transactional_db: None) -> Iterator[str]:
    from qiao.demo import loading

    loading.load()
    yield loading.PASSWORD


def test_the_replayed_case(district: str, new_page: Callable[..., Any], sign_in: SignIn) -> None:
    """Signed and published 2024-04-30; reads as the original apart from redactions; figures and promises open up."""
    publication = Publication.objects.get(case__number="065", case__kind="handling", end=None)
    assert publication.start.isoformat() == "2024-04-30"
    page = new_page()
    page.goto(f"/replies/{publication.slug}/")
    shown = squeezed(page.locator(".letter").first.inner_text())
    original = squeezed(SEED.read_text(encoding="utf-8"))
    hidden = [("00000000", "×××")]
    for was, now in hidden:
        assert was in original
        assert was not in page.content()
        original = original.replace(was, now)
    assert shown == original

    figures = page.locator(".letter data, .letter [data-citation]").count()
    promises = Case.objects.filter(kind="commitment", parent__number="065", parent__kind="proposal").count()
    assert figures >= 14
    assert promises >= 12
    states = {c.stage for c in Case.objects.filter(kind="commitment", parent__number="065")}
    assert {"open", "done", "changed"} <= states

    page.goto("/verify/")
    page.get_by_label("验证码").first.fill(publication.code)
    page.get_by_label("验证码").first.press("Enter")
    page.wait_for_load_state()
    assert page.get_by_text(publication.title).count()

    read = {
        "pdf": lambda data: extract_text(io.BytesIO(data)),
        "docx": lambda data: "\n".join(p.text for p in docx.Document(io.BytesIO(data)).paragraphs),
        "json": lambda data: data.decode(),
    }
    for form, text_of in read.items():
        answer = page.request.get(f"/replies/{publication.slug}.{form}")
        assert answer.status == 200
        text = squeezed(text_of(answer.body()))
        assert "元宇宙是未来虚拟世界" in text
        assert not re.search(
            r"(?<!0)0{8}(?!0)", text
        )  # the telephone; a first act's previous hash is 64 zeros
    assert list(history.verify()) == []

    problems = []
    paths = [
        "/",
        "/replies/",
        f"/replies/{publication.slug}/",
        "/promises/",
        "/statistics/",
        "/verify/",
        "/history/",
    ]
    paths += ["/search/?q=元宇宙", "/kinds/proposal/", "/about/"]
    for language, width in (("zh-CN", 390), ("en-GB", 1280)):
        page = new_page(locale=language, viewport={"width": width, "height": 844})
        for path in paths:
            if page.goto(path).status != 200:
                problems.append(f"{path}: {page.url}")
            for found in Axe().run(page).response["violations"]:
                problems.append(
                    f"{language} {path}: {found['id']} {[n['target'] for n in found['nodes'][:2]]}"
                )
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 1:
                problems.append(f"{language} {path}: scrolls sideways by {wide} px")
    assert problems == []

    desk = {
        "registry": ["/desk/", "/desk/board/", "/desk/outbox/", "/desk/intake/", "/desk/calendar/"],
        "officer": ["/desk/", "/desk/cases/", "/desk/indicators/", "/desk/promises/", "/desk/statistics/"],
        "leader": ["/desk/", "/desk/sign/"],
        "member-a": ["/desk/", "/desk/new/", "/desk/cases/"],
    }
    for name, addresses in desk.items():
        page = sign_in(name, district, viewport={"width": 390, "height": 844})
        for path in addresses:
            assert page.goto(path).status == 200
            for found in Axe().run(page).response["violations"]:
                problems.append(f"{name} {path}: {found['id']} {[n['target'] for n in found['nodes'][:2]]}")
    assert problems == []


# --- the same case, by hand ------------------------------------------------------------------------------------


def do(page: Any, case: Case, verb: str, **fields: str | list[str]) -> None:
    """Open a verb's page, fill it in and send it."""
    page.goto(f"/desk/cases/{case.code}/do/{verb}/")
    for name, value in fields.items():
        field = page.locator(f"main [name={name}]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main form button[type=submit], main form button:not([type])").last.click()
    page.wait_for_load_state()
    assert Act.objects.filter(case=case, verb=verb).exists(), page.locator("main").inner_text()[:800]
    case.refresh_from_db()


def test_by_hand_from_paper_to_public(
    world: World, sign_in: SignIn, new_page: Callable[..., Any], tmp_path: Path
) -> None:
    world.call.settings["number"] = "065"
    world.call.save()
    tax = Indicator.objects.create(
        code="tax", name="综合税收", definition="口径", unit="亿元", source="区统计局"
    )
    Value.objects.create(
        indicator=tax, start="2023-01-01", end="2023-12-31", value=310, qualifier="近", display="近310亿元",
        source="2023年统计快报", stated_at="2024-03-01T00:00:00+08:00",
    )  # fmt: skip
    registry, officer = sign_in(world.registry.person.name), sign_in(world.lead.officer.person.name)

    # the proposal comes in on paper
    paper = tmp_path / "提案.txt"
    paper.write_text(
        "关于加快推进元宇宙创新能力建设的提案\n提案人：委员甲\n联名人：委员乙\n一、背景情况\n数字产业发展快。\n"
        "二、问题及分析\n场景不足。\n三、具体建议\n1.开放场景。\n2.设立基地。\n",
        encoding="gb18030",
    )
    registry.goto("/desk/intake/")
    registry.set_input_files("[name=files]", str(paper))
    registry.locator("button[value=read]").click()
    registry.wait_for_selector("[name=f0-title]")
    assert registry.input_value("[name=f0-title]").startswith("关于加快推进元宇宙")
    registry.locator("form.writing button").last.click()
    registry.wait_for_url("**/desk/board/")
    case = Case.objects.get(kind="proposal")
    do(registry, case, "admit")
    assert case.number == "065"
    do(registry, case, "assign", lead=world.lead.organisation.name, co=world.co.organisation.name)
    handling = case.children.get()
    opinion = handling.children.get()

    # accepted from the e-mail link, without signing in
    mail = Mail.objects.get(person=world.lead.officer.person, act__case=handling)
    address = re.search(r"http\S+/link/\S+", links_text(mail))
    assert address
    link = new_page()
    link.goto(re.sub(r"^https?://[^/]+", "", address[0]))
    link.locator("main form button").last.click()
    link.wait_for_load_state()
    handling.refresh_from_db()
    assert handling.stage == "drafting"

    # the co-handler's opinion
    co = sign_in(world.co.officer.person.name)
    do(co, opinion, "accept")
    co.goto(f"/desk/cases/{opinion.code}/text/save_opinion/")
    co.fill("[name=text]", "同意，建议补充资本对接。")
    co.locator("main form button").last.click()
    co_leader = sign_in(world.co.leader.person.name)
    do(co_leader, opinion, "send")

    # contact, then the reply: read in, a figure cited, a promise marked
    do(officer, handling, "contact", method="visit", on="2024-03-01", summary="走访听取意见。")
    officer.goto(f"/desk/cases/{handling.code}/reply/")
    officer.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    officer.set_input_files("[name=file]", str(SEED))
    with officer.expect_navigation():
        officer.locator("button[value=import]").click()
    with officer.expect_navigation():
        officer.locator("button[value^='cite:']").first.click()
    with officer.expect_navigation():
        officer.locator("button[value^='promise:']").first.click()
    officer.fill("[name=promise-p1-unit]", world.lead.organisation.name)
    officer.fill("[name=promise-p1-due]", "2027-12-31")
    officer.fill("[name=promise-p1-measure]", "每年不少于一批")
    officer.select_option("[name=result]", "solved")
    officer.select_option("[name=publicity]", "open")
    with officer.expect_navigation():
        officer.locator("button[value=save]").last.click()
    do(officer, handling, "request_signature")

    # signed in order, delivered, published
    for seat, verb in (
        (world.co.leader, "countersign"),
        (world.lead.head, "check"),
        (world.lead.office, "vet"),
        (world.lead.leader, "sign"),
    ):
        page = sign_in(seat.person.name)
        page.goto(f"/desk/cases/{handling.code}/sign/{verb}/")
        label = {"countersign": "会签", "check": "审核通过", "vet": "核稿通过", "sign": "签发"}[verb]
        page.get_by_role("button", name=label, exact=True).click()
        page.wait_for_load_state()
        assert Act.objects.filter(case=handling, verb=verb).exists()
    do(officer, handling, "deliver")
    do(officer, handling, "publish")

    # every proposer rates
    for seat in (world.members[0], world.members[1]):
        member = sign_in(seat.person.name)
        do(
            member, case, "rate", visit="visited", attitude="satisfied", consulted="visit", to_the_point="yes",
            agreement="understand",
        )  # fmt: skip
    do(registry, case, "track")

    # the citizen reads, and sees who promised what
    citizen = new_page()
    citizen.goto("/replies/")
    citizen.get_by_role("link", name=re.compile("元宇宙创新能力")).first.click()
    citizen.wait_for_url("**/replies/*/")
    assert "元宇宙是未来虚拟世界" in citizen.locator(".letter").first.inner_text()
    assert "00000000" not in citizen.content()
    assert citizen.get_by_text("2023年统计快报").count()
    assert citizen.get_by_text("每年不少于一批").count()
    frozen = Act.objects.get(case=handling, verb="sign", to_stage="signed").data["citations"]
    assert [c["source"] for c in frozen.values()] == ["2023年统计快报"]
    assert list(history.verify()) == []
