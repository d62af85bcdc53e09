"""The officer's pages of policies: counts, clauses, firms with reasons, budgets, and what a change would do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qiao.core import facts
from qiao.core.clocks import today
from qiao.core.models import Call, Fact, Organisation
from qiao.core.policies import library, refused, rules
from qiao.core.policies.survey import survey
from tests.factories import World, organisation, seat
from tests.integration.desk.conftest import SignIn

LIMIT = 15
ALL = {
    "industry": "6513",
    "in_mainland": "是",
    "assets": "3800 万元",
    "rd_expense": "395 万元",
    "cost_and_expense": "3700 万元",
    "tech_staff": "41",
    "class1_ip": "3",
    "prohibited_products": "否",
    "serious_incident_2y": "否",
    "abnormal_list": "否",
    "dishonest_list": "否",
    "audit_collection": "是",
    "high_tech_until": "无",
    "national_award_top3_on": "无",
    "rd_body": "none",
    "led_standard_on": "无",
}


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def state(firm: Organisation, **more: str) -> None:
    values = {(key, None): value for key, value in {**ALL, **more}.items()}
    facts.state_many(firm, values, by=None, source="报表")


@pytest.fixture
def firms(world: World) -> list[Organisation]:
    """One that qualifies as a technology SME, one too large, one of which little is known, one abroad, one unknown."""
    found = [organisation(f"测试{n}企业", "firm") for n in "甲乙丙丁戊"]
    state(found[0], staff="96", revenue="4200 万元")
    state(found[1], staff="501", tech_staff="160", revenue="6000 万元")
    facts.state(found[2], "in_mainland", "是", by=None, source="x")
    facts.state(found[3], "in_mainland", "否", by=None, source="x")
    return found


def test_counts_agree_with_one_firm_at_a_time(firms: list[Organisation]) -> None:
    told, found = survey(today()), rules(today())
    for policy in found.plan.policies:
        counts = told.counts(policy.id)
        walked = [found.walker.judge(facts.known(f, today())) for f in firms]
        inside = [w for w in walked if w.in_scope(policy)]
        verdicts = [int(w.verdict(policy.id)) for w in inside]
        expected = (verdicts.count(2), verdicts.count(1), verdicts.count(0), len(walked) - len(inside))
        assert (counts.yes, counts.open, counts.no, counts.outside) == expected, policy.id


def test_a_statement_is_seen_at_once(firms: list[Organisation]) -> None:
    assert survey(today()).counts("cn/tech-sme").yes == 1
    facts.state(firms[1], "staff", "500", by=None, source="x")
    assert survey(today()).counts("cn/tech-sme").yes == 2
    facts.state(firms[0], "staff", "", by=None, source="x")
    assert survey(today()).counts("cn/tech-sme").yes == 1
    new = organisation("测试己企业", "firm")
    state(new, staff="20", revenue="1000 万元")
    assert survey(today()).counts("cn/tech-sme").yes == 2
    Fact.objects.filter(organisation=new).delete()  # by hand, in the database
    assert survey(today()).counts("cn/tech-sme").yes == 1


def test_list(as_seat: SignIn, firms: list[Organisation], world: World) -> None:
    page = text(as_seat(world.lead.officer).get("/desk/policies/"))
    assert "从 5 家登记企业中数出" in page
    row = page[page.index("/desk/policies/cn/tech-sme/") :]
    assert re.findall(r'class="num"[^>]*><a[^>]*>(\d+)</a>', row)[:4] == ["1", "2", "1", "1"]
    assert "未施行" in page and "部分待核实" in page and "有政策文件未被采用" not in page


def test_one_policy(as_seat: SignIn, firms: list[Organisation], world: World) -> None:
    client, url = as_seat(world.lead.officer), "/desk/policies/cn/tech-sme/"
    page = text(client.get(url))
    for words in (
        "国科发政〔2017〕115号",
        "第六条（二）",
        "没有企业不满足",
        "综合评价得分 100 分",
        "测试甲企业",
        "登记企业",
    ):
        assert words in page, words
    assert "测试乙企业" not in page
    for code, name, why in (
        ("no", "测试乙企业", "职工不超过500人"),
        ("open", "测试丙企业", "还缺"),
        ("outside", "测试丁企业", "在中国境内"),
    ):
        page = text(client.get(url, {"state": code}))
        listed = page[page.index('id="firms"') :]
        assert name in listed and why in listed, code


def test_versions_by_day(as_seat: SignIn, firms: list[Organisation], world: World) -> None:
    client, url = as_seat(world.lead.officer), "/desk/policies/cn/little-giant/"
    assert "工信部企业〔2026〕2号 附件2" in text(client.get(url))
    old = text(client.get(url, {"on": "2026-03-31"}))
    assert "2026年3月31日" in old and "?on=2026-04-01" in old
    ended = text(client.get("/desk/policies/changning/ai-rent-carrier/"))
    assert "2022年12月31日" in ended  # shown as of its last day


def test_who_may_look(as_seat: SignIn, world: World) -> None:
    for who, status in ((world.members[0], 403), (world.registry, 200), (world.lead.leader, 200)):
        for url in ("", "cn/tech-sme/", "cn/tech-sme/what-if/"):
            assert as_seat(who).get(f"/desk/policies/{url}").status_code == status
    agent = seat("企业经办丁", organisation("测试企业", "firm"), "agent")
    assert as_seat(agent).get("/desk/policies/").status_code == 403


def test_which_firms_is_told_to_those_who_may_see_their_facts(
    as_seat: SignIn, firms: list[Organisation], world: World
) -> None:
    """The registry of the conference works beside the offices: it sees how many, not who and what they lack."""
    client, url = as_seat(world.registry), "/desk/policies/cn/tech-sme/"
    for state in ("yes", "no", "open", "outside"):
        page = text(client.get(url, {"state": state}))
        assert "只对可以查看企业事实的部门席位显示" in page
        assert not any(firm.name in page for firm in firms), state
    page = text(client.get(f"{url}what-if/", {"part": "clause.size", "text": "staff <= 50"}))
    assert "不再符合" in page
    assert not any(firm.name in page for firm in firms)


def test_budget_of_its_calls(as_seat: SignIn, firms: list[Organisation], world: World) -> None:
    Call.objects.create(
        kind="application",
        title="测试申报",
        owner=world.lead.organisation,
        start=today(),
        rulebook="changning/applications",
        settings={"policy": "cn/tech-sme"},
        budget_fen=500_000_000,
    )
    page = text(as_seat(world.lead.officer).get("/desk/policies/cn/tech-sme/"))
    assert "测试申报" in page and page.count("500 万元") == 2  # the ceiling, and what is left


def test_what_if(as_seat: SignIn, firms: list[Organisation], world: World) -> None:
    client, url = as_seat(world.lead.officer), "/desk/policies/cn/tech-sme/what-if/"
    page = text(client.get(url))
    assert "staff &lt;= 500 and revenue" in page and "<h3>新增符合" not in page
    changed = {"part": "clause.size", "text": "staff <= 600 and revenue <= 2 亿元 and assets <= 2 亿元"}
    page = text(client.get(url, changed))
    gained = page[page.index("<h3>新增符合") : page.index("<h3>不再符合")]
    assert "测试乙企业" in gained and "测试甲企业" not in gained
    page = text(client.get(url, {"part": "clause.size", "text": "staff <= 50"}))
    assert "测试甲企业" in page[page.index("<h3>不再符合") :]
    assert survey(today()).counts("cn/tech-sme").yes == 1  # nothing was changed


@pytest.mark.parametrize(
    "expression",
    [
        "staff <",
        "nothing > 3",
        "staff > 3 万元",
        "(" * 300,
        "-" * 300,
        "not " * 75,
        "staff < " + "9" * 10_000,
        "<script>alert(1)</script>",
        "__import__('os')",
    ],
)
def test_a_bad_expression_is_explained(
    as_seat: SignIn, firms: list[Organisation], world: World, expression: str
) -> None:
    client = as_seat(world.lead.officer)
    page = text(
        client.get("/desk/policies/cn/tech-sme/what-if/", {"part": "clause.size", "text": expression})
    )
    assert "notice-error" in page or "新增符合" in page
    assert "<script>alert" not in page


def test_addresses_of_nothing(as_seat: SignIn, firms: list[Organisation], world: World) -> None:
    client = as_seat(world.lead.officer)
    assert client.get("/desk/policies/cn/nothing/").status_code == 404
    assert client.get("/desk/policies/cn/nothing/what-if/").status_code == 404
    odd = {"state": "'; drop", "page": "x", "on": "9999-12-31", "part": ["x"] * 50, "text": ["y"] * 50}
    for url in ("", "cn/tech-sme/", "cn/tech-sme/what-if/"):
        text(client.get(f"/desk/policies/{url}", odd))


def test_few_queries(as_seat: SignIn, firms: list[Organisation], world: World) -> None:
    client = as_seat(world.lead.officer)
    for url in ("", "cn/tech-sme/?state=no", "cn/tech-sme/what-if/?part=clause.size&text=staff+%3C+3"):
        client.get(f"/desk/policies/{url}")
        with CaptureQueriesContext(connection) as found:
            text(client.get(f"/desk/policies/{url}"))
        assert len(found) <= LIMIT, (url, len(found))


def test_a_pack_that_fails_is_left_out_and_named(
    as_seat: SignIn, world: World, settings: LazySettings, tmp_path: Path
) -> None:
    there = Path(settings.POLICIES)
    shutil.copytree(there, tmp_path / "policies")
    settings.POLICIES = tmp_path / "policies"
    broken = settings.POLICIES / "cn/packs/tech-sme.yaml"
    broken.write_text(
        broken.read_text(encoding="utf-8").replace("score(total) >= 60", "score(total) >= 61"), "utf-8"
    )
    unread = settings.POLICIES / "cn/packs/unicorn.yaml"
    unread.write_text("id: [", encoding="utf-8")
    assert {Path(p.file).name for p in refused()} == {"tech-sme.yaml", "unicorn.yaml"}
    assert "cn/gazelle" in library().ids and not {"cn/tech-sme", "cn/unicorn"} & library().ids
    page = text(as_seat(world.lead.officer).get("/desk/policies/"))
    assert "有政策文件未被采用" in page and "tech-sme.yaml" in page
    assert as_seat(world.lead.officer).get("/desk/policies/cn/tech-sme/").status_code == 404
