"""Support under policies as agent and officer meet it: a form filled in from facts, a list without application."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from qiao.core import facts
from qiao.core.acts import act
from qiao.core.models import Call, Case, Fact, Organisation, Person, Seat, User
from qiao.eligibility import Ref
from tests.factories import organisation

pytestmark = pytest.mark.django_db


def signed_in(seat: Seat) -> Client:
    if seat.person.user is None:
        seat.person.user = User.objects.create_user(username=seat.person.code, password="-")
        seat.person.save()
    client = Client()
    client.force_login(seat.person.user)
    return client


class District:
    """A commission with a call for the R&D super-deduction's firms, one firm that qualifies and one that does not."""

    def __init__(self) -> None:
        self.office = organisation("长宁测试区科委", "bureau")
        self.officer, self.leader = (self.seat(self.office, r) for r in ("officer", "leader"))
        self.firm, self.other = organisation("甲公司", "firm"), organisation("乙公司", "firm")
        self.agent = self.seat(self.firm, "agent")
        self.stranger = self.seat(self.other, "agent")
        self.call = Call.objects.create(
            kind="application", title="研发补助", owner=self.office, start=dt.date(2024, 1, 1), budget_fen=10**9,
            rulebook="changning/applications", settings={"policy": "cn/rd-deduction"},
        )  # fmt: skip

    def seat(self, where: Organisation, role: str) -> Seat:
        person = Person.objects.create(name=f"{where.name}{role}", fictional=True)
        return Seat.objects.create(person=person, organisation=where, role=role, start=dt.date(2024, 1, 1))

    def qualify(self, firm: Organisation) -> None:
        last = dt.date.today().year - 1  # noqa: DTZ011 (the fiscal year that pages ask for)
        for key, value, year in (
            ("in_mainland", "是", None), ("audit_collection", "是", None), ("rd_expense", "200 万元", last),
            ("total_income", "3000 万元", last), ("non_taxable_income", "0 元", last),
            ("investment_income", "0 元", last),
            ("excluded_industry_revenue", "0 元", last), ("ic_machine_list", "否", None),
        ):  # fmt: skip
            facts.state(firm, key, value, by=None, source="年报", year=year, on=dt.date(2024, 1, 2))


@pytest.fixture
def district() -> District:
    return District()


def test_an_agent_applies_with_what_is_known_already(district: District) -> None:
    district.qualify(district.firm)
    client = signed_in(district.agent)
    assert "研发补助" in client.get("/desk/support/").content.decode()
    begun = client.post(f"/desk/support/{district.call.code}/apply/")
    case = Case.objects.get(kind="application")
    assert begun["Location"] == f"/desk/cases/{case.code}/form/"
    page = client.get(begun["Location"])
    fields = page.context["fields"]
    units = {i.unit_name: next(o.value for o in i.units if o.selected) for i in fields if i.units}
    data = {i.name: i.value for i in fields} | units | {"statement": "申请补助，所填属实"}
    rd = next(i for i in fields if i.ref == Ref("rd_expense", 1))
    assert (rd.value, units[rd.unit_name]) == ("200", "万元")
    data |= {rd.name: "210", rd.unit_name: "万元"}
    before = Fact.objects.count()
    saved = client.post(begun["Location"], data)
    assert saved.status_code == 302
    assert Fact.objects.count() == before + 1  # only what was changed is stated
    assert facts.known(district.firm, dt.date.today())[Ref("rd_expense", 1)] == 210 * 10**6  # noqa: DTZ011
    version = case.papers.get().versions.get()
    kept = {f["key"]: f for f in version.content["facts"]}
    assert (kept["rd_expense"]["shown"], kept["total_income"]["source"]) == ("210 万元", "年报")
    assert "研发费用：210 万元" in version.text
    again = client.post(f"/desk/support/{district.call.code}/apply/", follow=True)
    assert "已有一份在办的申请" in again.content.decode()


def test_wrong_values_lose_nothing(district: District) -> None:
    client = signed_in(district.agent)
    url = client.post(f"/desk/support/{district.call.code}/apply/")["Location"]
    page = client.get(url)
    rd = next(i for i in page.context["fields"] if i.ref == Ref("rd_expense", 1))
    answer = client.post(url, {"statement": "<script>alert(1)</script>", rd.name: "很多"})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "&lt;script&gt;alert(1)" in body
    assert "很多" in body
    assert not Fact.objects.exists()
    assert client.post(url, {"statement": " "}).status_code == 422


def test_others_neither_see_nor_fill_in_the_form(district: District) -> None:
    url = signed_in(district.agent).post(f"/desk/support/{district.call.code}/apply/")["Location"]
    assert signed_in(district.stranger).get(url).status_code == 404
    assert signed_in(district.officer).get(url).status_code == 404  # a draft is the firm's alone
    assert Client().get(url).status_code == 302
    assert signed_in(district.officer).post(f"/desk/support/{district.call.code}/apply/").status_code == 403
    for rest in ("", "listing/"):
        assert signed_in(district.agent).get(f"/desk/support/{district.call.code}/{rest}").status_code == 404


def test_firms_that_qualify_are_listed_with_the_reason(district: District) -> None:
    """免申即享: nobody applies; the reason names clause, article and facts."""
    district.qualify(district.firm)
    facts.state(district.other, "in_mainland", "是", by=None, source="登记")
    client = signed_in(district.officer)
    url = f"/desk/support/{district.call.code}/listing/"
    (candidate,) = client.get(url).context["candidates"]
    assert candidate.firm == district.firm
    assert any("研发费用" in line and "200 万元" in line for line in candidate.reasons)
    done = client.post(
        url, {"firm": [district.firm.code, district.other.code], f"amount-{district.firm.code}": "5万"}
    )
    assert done.status_code == 302
    assert not Case.objects.filter(kind="application").exists()  # “5万” is no amount: nothing half done
    client.post(
        url, {"firm": [district.firm.code, district.other.code], f"amount-{district.firm.code}": "50,000"}
    )
    (case,) = Case.objects.filter(kind="application")
    assert case.stage == "proposed"
    listed = case.acts.get(verb="nominate")
    assert "200 万元" in listed.data["grounds"]
    assert client.get(url).context["candidates"] == []


def test_an_officer_takes_down_an_objection(district: District) -> None:
    district.qualify(district.firm)
    client = signed_in(district.officer)
    client.post(
        f"/desk/support/{district.call.code}/listing/",
        {"firm": district.firm.code, f"amount-{district.firm.code}": "50000"},
    )
    case = Case.objects.get(kind="application")
    url = f"/desk/cases/{case.code}/objection/"
    assert client.get(url).status_code == 403  # not in its notice yet
    act(case, "post", by=district.officer)
    assert client.post(url, {"name": "王"}).status_code == 422
    said = {"name": "王某某", "contact": "138", "text": "不实", "evidence": "照片"}
    assert client.post(url, said).status_code == 302
    page = signed_in(district.agent).get(f"/desk/cases/{case.code}/").content.decode()
    assert "王某某" not in page
    assert "收到异议" in page


def test_queries(district: District, django_assert_max_num_queries: Any) -> None:
    for n in range(12):
        firm = organisation(f"企业{n}", "firm")
        district.qualify(firm)
    client = signed_in(district.officer)
    listing = f"/desk/support/{district.call.code}/listing/"
    rows = client.get(listing).context["candidates"]
    client.post(
        listing, {"firm": [c.firm.code for c in rows[:6]], **{f"amount-{c.firm.code}": "10" for c in rows}}
    )
    case = Case.objects.filter(kind="application").first()
    assert case is not None
    for url in (
        "/desk/support/",
        f"/desk/support/{district.call.code}/",
        listing,
        f"/desk/cases/{case.code}/",
    ):
        with django_assert_max_num_queries(15):
            assert client.get(url).status_code == 200
