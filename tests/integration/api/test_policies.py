"""Policies through the interface: lists, one policy, and judging by facts that are sent along."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db
ON = "2026-06-01"
FIRM = {
    "industry": "6513", "in_mainland": True, "staff@2025": 80, "tech_staff": 24, "revenue@2025": "3000 万元",
    "assets@2025": 25_000_000, "rd_expense": "150 万元", "cost_and_expense": "2800 万元", "class1_ip": 0,
    "class2_ip": 1,
    "prohibited_products": "否", "serious_incident_2y": False, "abnormal_list": "no", "dishonest_list": False,
    "audit_collection": True, "founded": "2020-05-01",
}  # fmt: skip


def post(client: Client, data: Any, language: str = "zh-hans") -> Any:
    body = data if isinstance(data, str) else json.dumps(data)
    return client.post(
        "/api/v1/policies/judge", body, content_type="application/json", headers={"accept-language": language}
    )


def judged(client: Client, facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = post(client, {"facts": facts, "on": ON, **more})
    assert response.status_code == 200, response.content
    return dict(response.json())


def test_list_and_one(visitor: Client) -> None:
    data = visitor.get("/api/v1/policies", {"on": ON, "kind": "recognition", "limit": 3}).json()
    assert data["total"] > 3 and len(data["items"]) == 3
    assert {p["kind"] for p in data["items"]} == {"recognition"}
    one = visitor.get("/api/v1/policies/cn/tech-sme", {"on": ON}).json()
    assert one["number"] == "国科发政〔2017〕115号" and one["conditions"][0]["cite"].startswith("第六条")
    assert {"name": "staff@2025", "label": "2025年职工总数"}.items() <= next(
        f for f in one["facts"] if f["name"].startswith("staff")
    ).items()
    english = visitor.get("/api/v1/policies/cn/tech-sme", headers={"accept-language": "en"}).json()
    assert english["title"] == "Technology-based SME"


def test_versions_by_day(visitor: Client) -> None:
    numbers = [
        visitor.get("/api/v1/policies/cn/little-giant", {"on": day}).json()["number"]
        for day in ("2026-03-31", "2026-04-01")
    ]
    assert numbers == ["工信部企业〔2022〕63号 附件3", "工信部企业〔2026〕2号 附件2"]
    assert visitor.get("/api/v1/policies/cn/little-giant", {"on": "2020-01-01"}).status_code == 404
    assert visitor.get("/api/v1/policies/cn/nothing").status_code == 404
    assert visitor.get("/api/v1/policies", {"on": "0001-01-01"}).status_code == 422


def test_judge(visitor: Client) -> None:
    data = judged(visitor, FIRM, policies=["cn/tech-sme", "cn/sme-size", "cn/high-tech"])
    tech, size, high = data["policies"]
    assert (tech["verdict"], tech["state"], tech["scores"][0]["low"]) == ("yes", "yes", 66)
    assert size["klass"] == "小型"
    assert high["state"] == "open" and high["missing"] and data["questions"]
    assert {q["name"] for q in data["questions"]} <= set(high["missing"])
    clause = next(c for c in tech["clauses"] if c["id"] == "size")
    assert clause["truth"] == "yes" and clause["cite"] == "第六条（二）"
    assert any(c["to_be_confirmed"] for c in high["clauses"]) or any(s["items"] for s in high["scores"])


def test_gap_and_judgement(visitor: Client) -> None:
    less = {**FIRM, "rd_expense": "80 万元", "rd_body": "none", "high_tech_until": "无"}
    less |= {"led_standard_on": "无", "national_award_top3_on": "无"}
    (tech,) = judged(visitor, less, policies=["cn/tech-sme"])["policies"]
    assert tech["state"] == "nearly" and tech["gaps"] and tech["advice"][0]["changeable"]
    field = {"in_shanghai": True, "project_investment": "100 万元"}
    ids = ["shanghai/metaverse-project"]
    (open_,) = judged(visitor, field, policies=ids)["policies"]
    assert open_["state"] == "judged"
    said = {f"shanghai/metaverse-project:{name}": True for name in ("field", "kind", "conditions")}
    (yes,) = judged(visitor, {**field, **said}, policies=ids)["policies"]
    assert yes["state"] == "yes"


def test_nothing_is_kept(visitor: Client) -> None:
    before = {m: m._default_manager.count() for m in apps.get_models()}
    with CaptureQueriesContext(connection) as seen:
        judged(visitor, FIRM)
    assert len(seen) <= 1
    assert {m: m._default_manager.count() for m in apps.get_models()} == before


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"nothing": 1}, "nothing"),
        ({"size_class": "small"}, "size_class"),
        ({"staff@1800": 1}, "staff@1800"),
        ({"staff": -1}, "staff"),
        ({"staff": 1.5}, "staff"),
        ({"staff": 10**30}, "staff"),
        ({"revenue": "9" * 10_000}, "revenue"),
        ({"revenue": True}, "revenue"),
        ({"cn/tech-sme:field": "maybe"}, "cn/tech-sme:field"),
        ({"cn/high-tech:innovation.people": "9" * 5_000}, "cn/high-tech:innovation.people"),
        ({"x" * 5_000: 1}, "x" * 60),
        ({"founded": "2020-02-30"}, "founded"),
    ],
)
def test_what_cannot_be_used_is_named(visitor: Client, facts: dict[str, Any], name: str) -> None:
    response = post(visitor, {"facts": facts, "on": ON})
    assert response.status_code == 422
    data = response.json()
    assert data["code"] == "invalid" and list(data["errors"]) == [name] and len(response.content) < 2_000


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '{"facts": 3}',
        '{"facts": {"staff": ' + "9" * 10_000 + "}}",
        '{"facts": {"staff": 1e999}}',
        '{"facts": {"staff": NaN}}',
        '{"facts": {"staff": {"a": 1}}}',
        '{"facts": {}, "on": "9999-99-99"}',
        '{"facts": {}, "policies": ["cn/nothing"]}',
        json.dumps({"facts": {f"k{n}": 1 for n in range(500)}}),
    ],
)
def test_hostile_bodies(visitor: Client, body: str) -> None:
    response = post(visitor, body)
    assert response.status_code in (400, 422), response.content[:300]
    assert response.json()["code"]


def test_english(client: Client) -> None:
    data = post(client, {"facts": FIRM, "on": ON, "policies": ["cn/tech-sme"]}, "en").json()
    assert data["policies"][0]["title"] == "Technology-based SME"
    assert "required" in data["policies"][0]["clauses"][0]["tests"][0]["text"]
