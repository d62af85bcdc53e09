"""Support notices: everybody sees who is to get what and why, nobody sees who objects."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from qiao.core.acts import act, open_case
from qiao.core.models import Call, Case, Organisation, Person, Seat
from qiao.kinds.objection import raise_objection
from tests.factories import organisation

pytestmark = pytest.mark.django_db


def noticed(office: Organisation, officer: Seat, call: Call, name: str) -> Case:
    case = open_case(
        "application",
        call=call,
        title=name,
        by=officer,
        parties=[("applicant", organisation(name, "firm"))],
        unit=office,
    )
    act(case, "nominate", by=officer, data={"amount": "300000", "grounds": "证书有效 <b>x</b>"})
    act(case, "post", by=officer)
    return case


@pytest.fixture
def case() -> Case:
    office = organisation("测试区科委")
    officer = Seat.objects.create(
        person=Person.objects.create(name="承办人"),
        organisation=office,
        role="officer",
        start=dt.date(2024, 1, 1),
    )
    call = Call.objects.create(
        kind="application",
        title="奖补",
        owner=office,
        start=dt.date(2024, 1, 1),
        rulebook="changning/applications",
    )
    first = noticed(office, officer, call, "甲公司")
    raise_objection(
        first, by=officer, said={"name": "王某某", "contact": "138", "text": "不实", "evidence": "照片"}
    )
    for n in range(5):
        noticed(office, officer, call, f"企业{n}")
    return first


def test_what_is_told_and_what_is_not(case: Case) -> None:
    page = Client().get("/support/").content.decode()
    assert "甲公司" in page
    assert "300,000" in page
    assert "免申即享" in page
    assert "证书有效 &lt;b&gt;" in page
    assert "王某某" not in page


def test_a_notice_that_ended_is_gone(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(stage="deciding")
    assert "甲公司" not in Client().get("/support/").content.decode()


def test_queries_do_not_grow(case: Case, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(5):
        assert Client().get("/support/").status_code == 200
