"""Scenarios in public and at the desk: what anybody reads, what the office, a firm, an owner and an expert do."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Call, Case, Link
from qiao.kinds.scenario import expert as pool
from qiao.kinds.scenario import scenario as scenarios
from qiao.kinds.scenario.challenge import ask
from tests.integration.core.test_scenarios import (
    AGREEMENT,
    PLAN,
    RULES,
    SCENARIO,
    START,
    TERMS,
    Round,
    at,
    content,
    pilot_of,
    scored,
    under_review,
    world,
)
from tests.integration.core.test_shelves import OFFER, Shelves
from tests.integration.portal.test_market import signed_in

pytestmark = pytest.mark.django_db
__all__ = ["at", "world"]


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_everybody_reads_lists_terms_and_answers_but_no_sealed_plan(client: Client, world: Round) -> None:
    scenario = world.scenario()
    case = world.open(scenario)
    world.sealed(case, world.lingyu)
    question = ask(case, world.yunjing.organisation, "能否远程接入？", by=world.yunjing)
    act(question, "answer", by=world.editor, data={"answer": "不能。"})
    assert "门诊智能导诊" in text(client, "/scenarios/?state=open&subdistrict=tianshan")
    assert "门诊智能导诊" not in text(client, "/scenarios/?state=benchmark")
    page = text(client, f"/scenarios/{scenario.code}/")
    for said in ("高峰排队", "≥92%", "能否远程接入？", "不能。", "揭榜截止"):
        assert said in page
    for hidden in ("云境公司", "聆语公司", "方言语音模型", "信息科", "意向 1 件"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1), ("field=medicine", 1), ("field=transport", 0), ("technology=speech", 1), ("money=subsidy", 1),
        ("money=none", 0), ("data=yes", 0), ("q=导诊 中心医院", 1), ("q=地铁", 0), ("state=nothing", 0), ("page=99", 1),
    ],
)  # fmt: skip
def test_filters(client: Client, world: Round, query: str, count: int) -> None:
    world.scenario()
    answer = client.get(f"/scenarios/?{query}")
    assert (answer.status_code, len(answer.context["cards"])) == (200, count)


def test_what_was_never_listed_has_no_page_and_what_was_withdrawn_keeps_it(
    client: Client, world: Round
) -> None:
    case = world.scenario()
    act(case, "withdraw", by=world.hospital, reason="门诊改建，场地不再开放")
    page = text(client, f"/scenarios/{case.code}/")
    assert "已撤下" in page and "门诊改建，场地不再开放" in page
    assert not client.get("/scenarios/").context["cards"]
    draft = scenarios.begin(world.call, world.hospital.organisation, by=world.hospital)
    assert client.get(f"/scenarios/{draft.code}/").status_code == 404


def test_the_front_page_says_how_much_is_there(
    client: Client, world: Round, django_assert_max_num_queries: Any
) -> None:
    world.open()
    world.scenario()
    with django_assert_max_num_queries(15):  # right after an act, when nothing is kept
        assert "开放场景2个，正在揭榜1个" in text(client, "/")
    act(world.scenario(), "withdraw", by=world.hospital, reason="不做了")
    assert "开放场景2个，正在揭榜1个" in text(client, "/")
    assert len(client.get("/scenarios/").context["cards"]) == 2


def test_lists_ask_the_database_as_often_whatever_their_length(
    client: Client, world: Round, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        world.open()
    with django_assert_max_num_queries(15):
        client.get("/scenarios/")
    office = signed_in(world.editor)
    office.get("/desk/")
    with django_assert_max_num_queries(15):
        office.get("/desk/scenarios/")


def test_an_owner_writes_in_the_browser_and_loses_nothing(world: Round) -> None:
    browser = signed_in(world.hospital)
    form = browser.post(f"/desk/scenarios/new/{world.call.code}/")["Location"]
    bad = SCENARIO | {"indicators-target": ["≥92%", ""], "budget_low": ["一百"]}
    answer = browser.post(form, bad)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert (
        "第2行“目标值”：请填写。" in page
        and "请填写万元数" in page
        and "高峰排队" in page
        and "平均等待" in page
    )
    assert browser.post(form, SCENARIO).status_code == 302
    case = Case.objects.get(kind="scenario")
    assert case.title == "门诊智能导诊"
    paper = case.papers.get()
    assert "1. 指标：识别准确率；目标值：≥92%" in text(
        browser, f"{case.get_absolute_url()}papers/{paper.code}/"
    )


def test_weights_have_to_sum_up_to_a_hundred(world: Round) -> None:
    scenario = world.scenario()
    browser = signed_in(world.editor)
    form = browser.post(f"/desk/scenarios/{scenario.code}/challenge/")["Location"]
    answer = browser.post(form, TERMS | {"criteria-weight": ["70", "20"]})
    assert answer.status_code == 422 and "合计应为100，现为90" in answer.content.decode()
    assert browser.post(form, TERMS).status_code == 302


def test_a_firm_bids_asks_and_files_in_the_browser(world: Round) -> None:
    case = world.open()
    browser = signed_in(world.lingyu)
    join = f"/desk/challenges/{case.code}/join/"
    assert "聆语公司" in text(browser, join)
    assert browser.post(join, {"do": "ask", "question": " "}).status_code == 422
    assert browser.post(join, {"do": "ask", "question": "何时踏勘？"})["Location"] == join
    address = browser.post(join, {"do": "bid", "message": "能做", "contact": "商务"})["Location"]
    assert browser.post(join, {"do": "bid", "message": "再来", "contact": "商务"}).status_code == 409
    assert browser.post(f"{address}sheet/write/", PLAN)["Location"] == address
    for data, said in ((b"MZ\x90", "不能识别这个文件"), (b"", "没有收到文件")):
        refused = browser.post(f"{address}file/file_proof/", {"file": SimpleUploadedFile("a.pdf", data)})
        assert refused.status_code == 422 and said in refused.content.decode()
    sent = SimpleUploadedFile("证明.pdf", b"%PDF-1.7 x")
    assert browser.post(f"{address}file/file_proof/", {"file": sent})["Location"] == address
    assert browser.post(f"{address}do/seal/", {}).status_code == 302
    assert Case.objects.get(kind="bid").stage == "sealed"
    office = signed_in(world.editor)
    assert office.get(address).status_code == 404
    assert "其中 1 件正在编制或已密封" in text(office, f"/desk/challenges/{case.code}/")
    assert browser.get(f"/desk/challenges/{case.code}/").status_code == 404


def test_the_panel_declares_then_reads_blind_then_scores(
    world: Round, at: Any, django_assert_max_num_queries: Any
) -> None:
    case, found = under_review(world, at)
    expert = world.experts[0]
    office = signed_in(world.editor)
    call = Call.objects.create(kind="expert", title="专家库", owner=world.office, start=START, rulebook=RULES)
    entry = pool.begin(call, expert.person, by=expert)
    act(entry, "write", by=expert, content={"field_text": "语音", "technologies": ["speech"]})
    act(entry, "submit", by=expert)
    act(entry, "admit", by=world.editor)
    assert "语音" in text(office, f"/desk/challenges/{case.code}/experts/")
    office.post(f"/desk/challenges/{case.code}/experts/", {"expert": expert.person.code})
    panel = Case.objects.get(kind="panel")
    for more in world.experts[1:]:
        act(case, "invite_expert", by=world.editor, data={"expert": more.person.code})
    for address in (f"/desk/challenges/{case.code}/", f"/desk/challenges/{case.code}/experts/"):
        office.get(address)
        with django_assert_max_num_queries(15):
            assert office.get(address).status_code == 200
    browser = signed_in(expert)
    address = f"/desk/cases/{panel.code}/panel/"
    page = text(browser, address)
    assert "聆语公司" in page and "方言语音模型" not in page
    assert browser.post(address, {"unit": [world.duoying.organisation.code]}).status_code == 422
    browser.post(address, {"unit": [world.duoying.organisation.code], "promise": "1"})
    page = text(browser, address)
    assert "方言语音模型" in page
    for said in ("方言导诊", "≥92%", "权重 70", "最低 50", "已评 0 / 2 个方案"):
        assert said in page
    for name in ("聆语公司", "云境公司", "朵影公司", "张三"):
        assert name not in page
    number = found["lingyu"].number
    wrong = browser.post(address, {"plan": number, "p0": "八十", "p1": "70", "opinion": "路线清楚"})
    assert (
        wrong.status_code == 422 and "八十" in wrong.content.decode() and "路线清楚" in wrong.content.decode()
    )
    assert (
        browser.post(address, {"plan": number, "p0": "80", "p1": "70", "opinion": "路线清楚"}).status_code
        == 302
    )
    page = text(browser, address)
    assert "已评 1 / 2 个方案" in page and "已评分 77.00" in page
    barred = {"plan": found["duoying"].number, "p0": "80", "p1": "70", "opinion": "好"}
    assert "您与方案" in browser.post(address, barred).content.decode()
    assert "聆语公司" not in text(browser, panel.get_absolute_url())


def test_the_office_ranks_proposes_and_explains(world: Round, at: Any, client: Client) -> None:
    case, found = under_review(world, at)
    scored(world, case, found, {"lingyu": (80, 80), "yunjing": (95, 40), "duoying": (70, 70)})
    office = signed_in(world.editor)
    board = f"/desk/challenges/{case.code}/"
    assert "提出拟中榜方案" in text(office, board)
    office.post(f"{board}propose/", {"plan": [found["lingyu"].number], "grounds": "综合得分最高"})
    page = text(office, board)
    assert "平均分低于最低分" in page and "未中榜理由" in page
    reasons = {f"reason-{found[n].number}": f"{n}的理由" for n in ("yunjing", "duoying")}
    office.post(f"{board}explain/", reasons)
    office.post(f"{case.get_absolute_url()}do/post/", {})
    case.refresh_from_db()
    assert case.stage == "notice"
    shown = text(client, f"/scenarios/{case.parent.code if case.parent else ''}/")
    assert "聆语公司" in shown and "公示至" in shown and "云境公司" not in shown
    objection = {"name": "甲", "contact": "电话", "text": "不实", "evidence": "截图"}
    assert office.post(f"{case.get_absolute_url()}objection/", objection).status_code == 302
    assert Case.objects.get(kind="objection").parent == case


def test_firms_are_invited_with_their_reasons(world: Round) -> None:

    shelves = Shelves()
    case = world.open()
    offered = shelves.listed(shelves.offer, shelves.firm, OFFER)
    office = signed_in(world.editor)
    address = f"/desk/challenges/{case.code}/invite/"
    page = text(office, address)
    firm = shelves.firm.organisation
    assert firm.name in page and "技术方向相同：智能语音处理" in page
    office.post(address, {"firm": [firm.code]})
    asked = Case.objects.get(kind="invitation")
    assert "技术方向相同" in asked.acts.get(verb="begin").data["reasons"]
    assert firm.name not in text(office, address)
    assert offered.stage == "listed"


def test_a_pilot_is_told_in_public_with_its_copies(world: Round, at: Any, client: Client) -> None:
    pilot = pilot_of(world, at)
    lead = signed_in(world.lingyu)
    assert lead.post(f"{pilot.get_absolute_url()}sheet/write/", AGREEMENT).status_code == 302
    act(pilot, "sign_lead", by=world.lingyu)
    act(pilot, "sign_holder", by=world.hospital)
    act(pilot, "sign_office", by=world.leader)
    act(pilot, "feedback", by=world.hospital, data={"users": "10", "satisfied": "9", "said": "好用"})
    page = text(client, f"/scenarios/{Case.objects.get(kind='scenario').code}/")
    assert "上线" in page and "10 人使用，9 人表示满意" in page and "试点实施" in page


def test_a_joint_project_begins_with_its_partners(world: Round) -> None:
    from qiao.core.models import Call

    call = Call.objects.create(
        kind="joint", title="联合攻关", owner=world.office, start=START, rulebook=RULES
    )
    browser = signed_in(world.lingyu)
    address = f"/desk/scenarios/joint/{call.code}/"
    assert browser.post(address, {"partners": [], "origin": ""}).status_code == 422
    assert browser.post(address, {"partners": ["中心医院"], "origin": "nothere"}).status_code == 422
    assert browser.post(address, {"partners": ["中心医院"], "origin": ""}).status_code == 302
    case = Case.objects.get(kind="joint")
    assert {p.role for p in case.parties.all()} == {"lead", "partner"}
    assert not Link.objects.filter(source=case).exists()


def test_programs_read_what_the_pages_say(client: Client, world: Round) -> None:
    scenario = world.scenario()
    case = world.open(scenario)
    world.sealed(case, world.lingyu)
    listed = client.get("/api/v1/scenarios?state=open&field=medicine").json()
    assert (listed["total"], listed["items"][0]["bids_until"]) == (1, "2026-04-30")
    one = client.get(f"/api/v1/scenarios/{scenario.code}").json()
    assert (one["challenges"][0]["counts"], one["challenges"][0]["winners"]) == ({}, [])
    assert "聆语公司" not in str(one) and "信息科" not in str(one)
    assert client.get("/api/v1/scenarios/nothere").status_code == 404


def test_the_timer_closes_what_is_over(world: Round, at: Any) -> None:
    from qiao.cli.running import run_tick

    case = world.open()
    bid = world.sealed(case, world.lingyu)
    assert run_tick()["closed"] == 0
    at.move_to("2026-05-01T00:05+08:00")
    assert run_tick()["closed"] == 1
    bid.refresh_from_db()
    assert bid.stage == "checking"


def test_offers_and_open_challenges_find_each_other(client: Client, world: Round) -> None:
    shelves = Shelves()
    scenario = world.scenario()
    world.open(scenario)
    shelves.listed(shelves.offer, shelves.firm, OFFER)
    assert "沪语语音识别引擎" in text(client, f"/scenarios/{scenario.code}/")
    page = text(signed_in(shelves.firm), "/desk/scenarios/")
    assert "适合本单位的榜单" in page and "门诊智能导诊" in page and "技术方向相同：智能语音处理" in page
    assert "适合本单位的榜单" not in text(signed_in(world.hospital), "/desk/scenarios/")


def test_results_shelf_shows_what_worked(client: Client, world: Round, at: Any) -> None:
    pilot = pilot_of(world, at)
    act(pilot, "write", by=world.lingyu, content=content("pilot", "agreement", AGREEMENT))
    act(pilot, "sign_lead", by=world.lingyu)
    act(pilot, "sign_holder", by=world.hospital)
    act(pilot, "sign_office", by=world.leader)
    assert "聆语公司" not in text(client, "/scenarios/results/")
    for n in ("1", "2"):
        act(pilot, "milestone", by=world.lingyu, data={"n": n, "evidence": "照片"})
        act(pilot, "confirm_milestone", by=world.hospital, data={"n": n})
    act(pilot, "ask_acceptance", by=world.lingyu)
    act(pilot, "test", by=world.editor, data={"tester": "检测中心", "result": "93.1%"})
    act(pilot, "feedback", by=world.hospital, data={"users": "812", "satisfied": "760", "said": "快了"})
    act(pilot, "accept", by=world.editor, data={"reached": "准确率93.1%", "lesson": "先小后大"})
    page = text(client, "/scenarios/results/")
    assert "聆语公司" in page and "准确率93.1%" in page and "先小后大" in page
    assert "TRL 7" in page and "样机在真实使用环境中运行过" in page  # it ran on site; nobody copied it yet
    for query, shown in {
        "technology=speech": True, "technology=chips": False, "field=medicine": True, "field=ageing": False,
        "stage=field": True, "stage=market": False, "level=7": True, "level=8": False, "budget=300": True,
        "data=yes": False, "subdistrict=tianshan": True, "subdistrict=xinjing": False, "q=聆语": True, "q=别家": False,
    }.items():  # fmt: skip
        assert ("准确率93.1%" in text(client, f"/scenarios/results/?{query}")) == shown, query
    act(pilot, "copied", by=world.lingyu, data={"by": "第二医院", "place": "门诊", "since": "2026-01-01"})
    assert "准确率93.1%" in text(client, "/scenarios/results/?level=9&stage=market")


def test_a_page_tells_its_story_from_the_demand_to_the_copy(client: Client, world: Round, at: Any) -> None:
    """Every public step in order; what happens behind the seal and before the notice is no part of it."""
    pilot = pilot_of(world, at)
    one = Case.objects.get(kind="scenario")
    other = scenarios.begin(world.call, world.hospital.organisation, by=world.hospital)
    act(other, "write", by=world.hospital, content=content("scenario", "scenario", SCENARIO))
    act(other, "submit", by=world.hospital)
    act(other, "merge", by=world.editor, data={"into": one.code}, reason="同一大厅")
    at.move_to("2026-05-10T09:00+08:00")
    act(pilot, "write", by=world.lingyu, content=content("pilot", "agreement", AGREEMENT))
    for verb, seat in (("lead", world.lingyu), ("holder", world.hospital), ("office", world.leader)):
        act(pilot, f"sign_{verb}", by=seat)
    for n in ("1", "2"):
        act(pilot, "milestone", by=world.lingyu, data={"n": n, "evidence": "照片"})
        act(pilot, "confirm_milestone", by=world.hospital, data={"n": n})
    act(pilot, "ask_acceptance", by=world.lingyu)
    act(pilot, "test", by=world.editor, data={"tester": "检测中心", "result": "93.1%"})
    act(pilot, "feedback", by=world.hospital, data={"users": "812", "satisfied": "760", "said": "快了"})
    act(pilot, "accept", by=world.editor, data={"reached": "93.1%", "lesson": "先小流量"})
    act(pilot, "grant", by=world.leader, data={"investment": "3000000", "amount": "900000"})
    copy = world.scenario(title=["第二医院智能导诊"])
    said = {"by": "第二医院", "place": "虹桥", "since": "2026-05-09", "case": copy.code}
    act(pilot, "copied", by=world.editor, data=said)
    page = client.get(f"/scenarios/{one.code}/")
    told = [(str(e.label), e.said) for e in page.context["story"]]
    assert told == [
        ("场景主体提出需求", ""),
        ("列入机会清单", "2026年第一批"),
        ("发榜", "CJ2026-001-1，揭榜截止2026-04-30"),
        ("截止并开封", "开封方案3份"),
        ("拟中榜方案公示", "CJ2026-001-1"),
        ("批准定榜", "聆语公司"),
        ("并入1个相近的需求", ""),
        ("试点协议签署", "聆语公司"),
        ("里程碑确认", "进场"),
        ("里程碑确认", "上线"),
        ("第三方检测", "检测中心"),
        ("用户反馈", "812人使用，760人满意"),
        ("验收通过", "聆语公司"),
        ("核定验收后补助", "900,000元"),
        ("复制推广", "第二医院 · 虹桥"),
    ]
    assert f'<a href="/scenarios/{copy.code}/">第二医院</a>' in page.content.decode()
    assert "≥92%" in page.content.decode() and "脱敏数据，只在院内使用" in page.content.decode()
    read = client.get(f"/api/v1/scenarios/{one.code}").json()["pilots"]
    assert [(m["name"], m["state"]) for m in read[0]["milestones"]] == [("进场", "done"), ("上线", "done")]
    assert read[0]["copies"] == [{"by": "第二医院", "place": "虹桥", "since": "2026-05-09"}]
    back = text(client, f"/scenarios/{copy.code}/")
    assert f'<a href="/scenarios/{one.code}/" lang="zh-Hans">门诊智能导诊</a>' in back


def test_the_story_is_read_with_as_many_questions_whatever_its_length(
    client: Client, world: Round, at: Any, django_assert_max_num_queries: Any
) -> None:
    pilot_of(world, at)
    one = Case.objects.get(kind="scenario")
    client.get("/scenarios/")
    with django_assert_max_num_queries(15):
        client.get(f"/scenarios/{one.code}/")


def test_milestones_are_chosen_by_name(world: Round, at: Any) -> None:
    """The form names them and begins with the one that is due; the record says which it was."""
    pilot = pilot_of(world, at)
    act(pilot, "write", by=world.lingyu, content=content("pilot", "agreement", AGREEMENT))
    for verb, seat in (("lead", world.lingyu), ("holder", world.hospital), ("office", world.leader)):
        act(pilot, f"sign_{verb}", by=seat)
    act(pilot, "milestone", by=world.lingyu, data={"n": "1", "evidence": "照片"})
    form = text(signed_in(world.lingyu), f"{pilot.get_absolute_url()}do/milestone/")
    assert '<option value="2" selected>2. 上线</option>' in form
    form = text(signed_in(world.hospital), f"{pilot.get_absolute_url()}do/confirm_milestone/")
    assert '<option value="1" selected>1. 进场</option>' in form
    assert "1. 进场" in text(signed_in(world.hospital), pilot.get_absolute_url())
