"""Facts of a firm and which policies fit it: who sees, states and confirms what, and what the pages say."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qiao.core import facts
from qiao.core.clocks import today
from qiao.core.history import verify
from qiao.core.models import Fact, KnownPolicy, Notice, Organisation, Seat
from qiao.core.policies.news import tell_of_new_policies
from tests.factories import World, organisation, seat
from tests.integration.desk.conftest import SignIn

LAST = today().year - 1
LIMIT = 15


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


@dataclass
class Firm:
    organisation: Organisation
    agent: Seat
    other: Seat  # of another firm

    @property
    def url(self) -> str:
        return f"/desk/firms/{self.organisation.code}/"


STATED = {
    "industry": "6513",
    "in_mainland": "是",
    "staff": "96",
    "tech_staff": "41",
    "revenue": "4200 万元",
    "assets": "3800 万元",
    "rd_expense": "395 万元",
    "cost_and_expense": "3700 万元",
    "class1_ip": "3",
    "prohibited_products": "否",
    "serious_incident_2y": "否",
    "abnormal_list": "否",
    "dishonest_list": "否",
    "audit_collection": "是",
}


@pytest.fixture
def firm(world: World) -> Firm:
    one = organisation("测试智造有限公司", "firm")
    agent = seat("企业经办甲", one, "agent")
    values = {(key, None): value for key, value in STATED.items()}
    facts.state_many(one, values, by=agent.person, source="2025年度审计报告")
    return Firm(one, agent, seat("企业经办乙", organisation("别家有限公司", "firm"), "agent"))


def test_a_firm_finds_its_own_facts(as_seat: SignIn, firm: Firm) -> None:
    client = as_seat(firm.agent)
    assert client.get("/desk/firms/").headers["Location"] == firm.url
    page = text(client.get(firm.url))
    for words in (
        "4,200 万元",
        f"{LAST}年度",
        "2025年度审计报告",
        "企业经办甲",
        "未确认",
        "先补这几项",
        "6513 应用软件开发",
    ):
        assert words in page, words
    assert re.search(r"现行政策要问 \d+ 项，已知 14 项；14 条填报中有 0 条经过确认", page)


def test_who_sees_what(as_seat: SignIn, firm: Firm, world: World) -> None:
    for who, status in (
        (firm.other, 404),
        (world.members[0], 404),
        (world.registry, 404),
        (world.supervisor, 404),  # a leader, but not of a bureau
        (world.lead.officer, 200),
        (world.co.leader, 200),
        (world.lead.office, 404),
    ):
        client = as_seat(who)
        for rest in ("", "policies/", "policies/cn/tech-sme/", "facts/revenue/"):
            assert client.get(firm.url + rest).status_code == status, (who, rest)
    assert Client().get(firm.url).status_code == 302
    assert as_seat(world.members[0]).get("/desk/firms/").status_code == 403
    listed = text(as_seat(world.lead.officer).get("/desk/firms/", {"q": "智造"}))
    assert "测试智造有限公司" in listed and "别家" not in listed


def test_state_supersede_and_confirm(as_seat: SignIn, firm: Firm, world: World) -> None:
    client, url = as_seat(firm.agent), f"{firm.url}facts/revenue/"
    page = text(client.get(url))
    assert "利润表" in page and 'value="4200"' in page and "审计报告、税务" in page
    assert "自己填报的事实" not in page  # a firm is told who confirms
    said = {f"revenue@{LAST}": "4300", f"unit:revenue@{LAST}": "万元", "source": "更正后的审计报告"}
    assert client.post(url, said).status_code == 302
    page = text(client.get(url))
    for words in ("4,300 万元", "4,200 万元", "已更新", "更正后的审计报告"):
        assert words in page, words
    assert client.post(url, said).status_code == 302  # the same again changes nothing
    assert Fact.objects.filter(organisation=firm.organisation, key="revenue").count() == 2
    current = facts.current([firm.organisation]).get(key="revenue")
    assert client.post(f"{firm.url}confirm/", {"fact": current.pk}).status_code == 403
    official = as_seat(world.lead.officer)
    assert "已核对凭据，确认" in text(official.get(url))
    assert official.post(f"{firm.url}confirm/", {"fact": current.pk}).status_code == 302
    current.refresh_from_db()
    assert current.confirmed_by == world.lead.officer.person
    old = Fact.objects.get(superseded_by=current)
    official.post(f"{firm.url}confirm/", {"fact": old.pk})
    old.refresh_from_db()
    assert old.confirmed_by is None


def test_a_period_can_be_corrected_again_and_again(firm: Firm) -> None:
    for n in range(5):
        facts.state(firm.organisation, "staff", str(100 + n), by=firm.agent.person, source="x")
    chain = list(facts.history(firm.organisation, "staff").order_by("pk"))
    assert [f.value for f in chain] == [96, 100, 101, 102, 103, 104]
    assert [f.superseded_by_id for f in chain] == [*(f.pk for f in chain[1:]), None]


def test_nobody_confirms_their_own_statement(as_seat: SignIn, firm: Firm, world: World) -> None:
    client = as_seat(world.lead.officer)
    assert client.post(f"{firm.url}facts/in_shanghai/", {"in_shanghai": "1"}).status_code == 302
    mine = facts.current([firm.organisation]).get(key="in_shanghai")
    assert client.post(f"{firm.url}confirm/", {"fact": mine.pk}).status_code == 403
    assert "自己填报的事实须由他人确认" in text(client.get(f"{firm.url}facts/in_shanghai/"))
    assert as_seat(world.lead.head).post(f"{firm.url}confirm/", {"fact": mine.pk}).status_code == 302


def test_who_may_not_state(as_seat: SignIn, firm: Firm, world: World) -> None:
    client = as_seat(world.co.leader)
    assert "事实由企业自己的席位" in text(client.get(f"{firm.url}facts/staff/"))
    assert client.post(f"{firm.url}facts/staff/", {f"staff@{LAST}": "1"}).status_code == 403
    assert facts.current([firm.organisation]).get(key="staff").value == 96


def test_emptied_means_unknown(as_seat: SignIn, firm: Firm) -> None:
    client = as_seat(firm.agent)
    client.post(f"{firm.url}facts/audit_collection/", {"audit_collection": ""})
    fact = facts.current([firm.organisation]).filter(key="audit_collection").order_by("pk").last()
    assert fact and fact.unknown
    assert "尚不能确定" in text(client.get(f"{firm.url}policies/cn/tech-sme/"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("revenue", "9" * 10_000),
        ("revenue", "-3"),
        ("revenue", "三千万"),
        ("staff", "1.5"),
        ("industry", "<script>alert(1)</script>"),
        ("founded", "2020-02-31"),
        ("founded", "\u0000"),
    ],
)
def test_a_value_that_is_none_is_refused(as_seat: SignIn, firm: Firm, key: str, value: str) -> None:
    client = as_seat(firm.agent)
    before = Fact.objects.count()
    name = f"{key}@{LAST}" if key in ("revenue", "staff") else key
    response = client.post(f"{firm.url}facts/{key}/", {name: value, "source": "<b>x</b>"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'class="error"' in page and "<script>alert" not in page and "<b>x" not in page
    assert Fact.objects.count() == before


def test_addresses_of_nothing(as_seat: SignIn, firm: Firm) -> None:
    client = as_seat(firm.agent)
    for rest in ("facts/size_class/", "facts/nothing/", "facts/cn/tech-sme:field/", "policies/cn/nothing/"):
        assert client.get(firm.url + rest).status_code == 404, rest
    for pk in ("", "x", "9" * 30, str(2**62)):
        assert client.post(f"{firm.url}confirm/", {"fact": pk}).status_code == 404, pk
    other = facts.state(firm.other.organisation, "staff", "5", by=None, source="x")
    assert client.post(f"{firm.url}confirm/", {"fact": other.pk}).status_code == 404


def test_what_fits_us(as_seat: SignIn, firm: Firm) -> None:
    client = as_seat(firm.agent)
    page = text(client.get(f"{firm.url}policies/"))
    fitting = page[page.index('id="state-yes"') : page.index('id="state-open"')]
    assert "科技型中小企业" in fitting and "综合评价得分：100 分" in fitting
    assert "下一个问题：" in page and f"{firm.url}facts/" in page
    one = text(client.get(f"{firm.url}policies/cn/tech-sme/"))
    for words in ("第六条", f"{LAST}年营业收入", "2025年度审计报告", "事实的来源", "国科发政〔2017〕115号"):
        assert words in one, words


def test_nearly_says_what_is_missing(as_seat: SignIn, firm: Firm) -> None:
    firm_facts = {("rd_expense", None): "140 万元", ("tech_staff", None): "11", ("class1_ip", None): "0"}
    more = {
        ("class2_ip", None): "0",
        ("cost_and_expense", None): "4000 万元",
        ("high_tech_until", None): "无",
    }
    rest = {
        ("national_award_top3_on", None): "无",
        ("rd_body", None): "none",
        ("led_standard_on", None): "无",
    }
    facts.state_many(firm.organisation, {**firm_facts, **more, **rest}, by=None, source="x")
    page = text(as_seat(firm.agent).get(f"{firm.url}policies/"))
    nearly = page[page.index('id="state-nearly"') :]
    assert "科技型中小企业" in nearly and "还差" in nearly and "企业可" in nearly


def test_few_queries(as_seat: SignIn, firm: Firm, world: World) -> None:
    for who in (firm.agent, world.lead.officer):
        client = as_seat(who)
        for rest in ("", "facts/revenue/", "policies/", "policies/cn/high-tech/"):
            client.get(firm.url + rest)
            with CaptureQueriesContext(connection) as found:
                assert client.get(firm.url + rest).status_code == 200
            assert len(found) <= LIMIT, (rest, len(found))
    with CaptureQueriesContext(connection) as found:
        text(as_seat(world.lead.officer).get("/desk/firms/"))
    assert len(found) <= LIMIT


def test_a_new_policy_is_told_once(as_seat: SignIn, firm: Firm) -> None:
    assert tell_of_new_policies() == 0  # what is in force at first is no news
    KnownPolicy.objects.filter(version__startswith="cn/tech-sme@").delete()
    KnownPolicy.objects.filter(version__startswith="cn/unicorn@").delete()
    assert tell_of_new_policies() == 1
    assert tell_of_new_policies() == 0
    notice = Notice.objects.get()
    assert notice.person == firm.agent.person and notice.organisation == firm.organisation
    client = as_seat(firm.agent)
    page = text(client.get("/desk/notices/"))
    assert "新政策：科技型中小企业" in page and f"{firm.url}policies/cn/tech-sme/" in page
    client.post("/desk/notices/read/", {"notice": notice.pk})
    notice.refresh_from_db()
    assert notice.read_at


def test_a_version_is_told_when_it_comes_into_force(firm: Firm) -> None:
    tell_of_new_policies(dt.date(2026, 3, 31))
    before = set(KnownPolicy.objects.values_list("version", flat=True))
    tell_of_new_policies(dt.date(2026, 4, 1))
    new = set(KnownPolicy.objects.values_list("version", flat=True)) - before
    assert new == {"cn/little-giant@2026-04-01", "cn/specialised-sme@2026-04-01"}


def test_evidence_is_kept_and_shown_to_those_who_may_see(
    as_seat: SignIn, firm: Firm, world: World, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client, url = as_seat(firm.agent), f"{firm.url}facts/revenue/"
    name = f"revenue@{LAST}"

    def report() -> SimpleUploadedFile:
        return SimpleUploadedFile("审计报告 <2025>.pdf", b"%PDF-1.4 made up")

    same = {name: "4200", f"unit:{name}": "万元", "source": "审计报告"}
    assert client.post(url, {**same, "evidence": report()}).status_code == 302
    fact = facts.current([firm.organisation]).get(key="revenue")
    assert fact.evidence and fact.value == 420_000_000_0
    assert client.post(url, {**same, name: "4300", "evidence": report()}).status_code == 302
    assert (
        facts.current([firm.organisation]).get(key="revenue").evidence == fact.evidence
    )  # the same file once
    page = text(client.get(url))
    address = f"{firm.url}evidence/{fact.evidence.paper.code}/"
    assert address in page and "<2025>" not in page
    for who, status in (
        (firm.agent, 200),
        (world.lead.officer, 200),
        (firm.other, 404),
        (world.members[0], 404),
    ):
        response = as_seat(who).get(address)
        assert response.status_code == status
        if status == 200:
            assert b"".join(response.streaming_content) == b"%PDF-1.4 made up"
            assert response["Content-Disposition"].startswith("attachment")
    assert not list(verify())
