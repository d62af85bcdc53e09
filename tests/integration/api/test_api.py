"""The interface: public for everybody, one's own cases by session and CSRF token, errors that say why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from qiao.api.description import description
from qiao.core.models import Act, Case, Person, Publication, Refusal, Seat, User
from tests.factories import TEXT, World, advance, at, handling_of, new_proposal, to_signing

OPENAPI = Path(__file__).with_name("openapi.json")


def signed_in(seat: Seat, *, language: str = "zh-hans", csrf: bool = False) -> Client:
    client = Client(enforce_csrf_checks=csrf, headers={"accept-language": language})
    assert seat.person.user
    client.force_login(seat.person.user)
    return client


def post(client: Client, url: str, **body: Any) -> Any:
    return client.post(url, json.dumps(body), content_type="application/json")


def test_description_is_as_on_file() -> None:
    """Changed on purpose? ``python -m qiao.api.description tests/integration/api/openapi.json``"""
    assert description() == OPENAPI.read_text(encoding="utf-8")


def test_description_is_served(visitor: Client, db: None) -> None:
    data = visitor.get("/api/v1/openapi.json").json()
    assert data["info"]["title"] == "Qiao"
    assert "/api/v1/cases/{code}/acts" in data["paths"]
    assert visitor.get("/api/v1/docs").status_code == 404


def test_publications(visitor: Client, published: Publication, more: Callable[..., Any]) -> None:
    more(2)
    page = visitor.get("/api/v1/publications?limit=2").json()
    assert (page["total"], len(page["items"]), page["limit"], page["offset"]) == (3, 2, 2, 0)
    rest = visitor.get("/api/v1/publications?limit=2&offset=2").json()
    assert [p["slug"] for p in rest["items"]] == [published.slug]
    one = visitor.get(f"/api/v1/publications/{published.slug}").json()
    own = visitor.get(f"/replies/{published.slug}.json").json()
    assert one == own
    assert one["citations"][0]["source"] == "区税务局2023年年报"
    assert visitor.get("/api/v1/publications?q=数字经济税收").json()["total"] == 1


def test_promises_calls_kinds_search(visitor: Client, published: Publication, world: World) -> None:
    promise = visitor.get("/api/v1/promises?state=overdue").json()["items"][0]
    assert promise["state"] == "very_late"
    assert visitor.get(f"/api/v1/promises/{promise['code']}").json() == promise
    call = visitor.get("/api/v1/calls").json()["items"][0]
    assert (call["code"], call["published_replies"]) == (world.call.code, 1)
    kinds = visitor.get("/api/v1/kinds").json()
    assert [k["code"] for k in kinds] == [
        "proposal",
        "suggestion",
        "handling",
        "opinion",
        "commitment",
        "objection",
        "application",
        "need",
        "offer",
        "interest",
        "glossary",
        "bid",
        "challenge",
        "question",
        "expert",
        "invitation",
        "panel",
        "pilot",
        "scenario",
        "joint",
    ]
    clocks = next(k for k in kinds if k["code"] == "handling")["rules"][0]["clocks"]
    assert {"publication", "reply", "handback"} <= {c["code"] for c in clocks}
    assert visitor.get("/api/v1/search?q=数字经济").json()["items"][0]["code"] == published.slug


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("publications?limit=101", 422, "invalid"),
        ("publications?limit=0", 422, "invalid"),
        ("publications?offset=-1", 422, "invalid"),
        ("publications?year=x", 422, "invalid"),
        ("search", 422, "invalid"),
        ("search?q=" + "a" * 101, 422, "invalid"),
        ("publications/none", 404, "not_found"),
        ("promises/none", 404, "not_found"),
        ("kinds/none", 404, "not_found"),
        ("statistics/1999", 404, "not_found"),
        ("", 404, "not_found"),
        ("nothing/there", 404, "not_found"),
        ("me", 401, "sign_in"),
        ("cases", 401, "sign_in"),
        ("cases/none", 401, "sign_in"),
        ("tasks", 401, "sign_in"),
    ],
)
def test_errors_have_one_shape(visitor: Client, db: None, url: str, status: int, code: str) -> None:
    response = visitor.get(f"/api/v1/{url}")
    assert response.status_code == status
    body = response.json()
    assert body["code"] == code
    assert body["message"]
    assert set(body) == {"code", "message", "reasons", "errors"}


def test_what_is_wrong_with_a_request_is_said_in_that_shape_too(visitor: Client, db: None) -> None:
    """A method that is not there, a body that is no JSON, one that is too large: not a page of HTML."""
    wrong = visitor.delete("/api/v1/market")
    assert (wrong.status_code, wrong.headers["Allow"], wrong.json()["code"]) == (405, "GET", "wrong_method")
    broken = visitor.post("/api/v1/policies/judge", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (400, "not_json")
    with override_settings(UPLOAD_LIMIT=1024):
        large = visitor.post("/api/v1/policies/judge", " " * 2_000_000, content_type="application/json")
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    nowhere = visitor.post("/api/v2/market", "{}", content_type="application/json")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    for answer in (wrong, broken, large, nowhere):
        assert set(answer.json()) == {"code", "message", "reasons", "errors"}


def test_my_cases_are_mine(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    draft = new_proposal(world)
    mine = signed_in(world.members[0]).get("/api/v1/cases?limit=50").json()
    assert {c["code"] for c in mine["items"]} == {case.code, draft.code}
    stranger = signed_in(world.members[1])
    assert stranger.get("/api/v1/cases").json()["total"] == 0
    assert stranger.get(f"/api/v1/cases/{case.code}").status_code == 404
    registry = signed_in(world.registry).get("/api/v1/cases?limit=50").json()
    assert draft.code not in {c["code"] for c in registry["items"]}
    only = signed_in(world.lead.officer).get("/api/v1/cases?kind=handling&stage=assigned&open=true").json()
    assert [c["code"] for c in only["items"]] == [handling_of(case).code]


def test_one_case_and_its_options(world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    data = signed_in(world.registry).get(f"/api/v1/cases/{case.code}").json()
    assert [a["verb"] for a in data["acts"]] == ["open", "save", "submit"]
    options = {o["verb"]: o for o in data["options"]}
    assert options["admit"]["allowed"]
    assert options["admit"]["seat"] == world.registry.pk
    assert {f["code"] for f in options["refuse"]["fields"]} == {"ground"}
    assert options["refuse"]["needs_reason"]
    paper = data["papers"][0]
    content = signed_in(world.registry).get(f"/api/v1/cases/{case.code}/papers/{paper['code']}").json()
    assert content["content"]["background"] == TEXT["background"]
    assert content["digest"] == paper["digest"]
    other = new_proposal(world)
    wrong = f"/api/v1/cases/{case.code}/papers/{other.papers.get().code}"
    assert signed_in(world.registry).get(wrong).status_code == 404


def test_act(world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    done = post(
        signed_in(world.registry), f"/api/v1/cases/{case.code}/acts", verb="admit", data={"number": "065"}
    )
    assert done.status_code == 201
    body = done.json()
    assert (body["case"]["stage"]["code"], body["case"]["number"]) == ("admitted", "065")
    assert body["act"]["hash"] == Act.objects.filter(case=case).order_by("-seq")[0].hash


def test_refused_says_why_in_the_callers_language(world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    url = f"/api/v1/cases/{case.code}/acts"
    zh = post(signed_in(world.registry), url, verb="assign")
    assert zh.status_code == 409
    assert zh.json()["reasons"][0]["code"] == "wrong_stage"
    assert "待审查" in zh.json()["message"]
    en = post(signed_in(world.registry, language="en"), url, verb="assign")
    assert en.json()["message"] != zh.json()["message"]
    member = post(signed_in(world.members[0]), url, verb="admit")
    assert (member.status_code, member.json()["reasons"][0]["code"]) == (409, "not_yours")
    assert Refusal.objects.count() == 3
    assert case.stage == Case.objects.get(pk=case.pk).stage


def test_faulty_data_is_422_with_fields(world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    url = f"/api/v1/cases/{case.code}/acts"
    client = signed_in(world.registry)
    refused = post(client, url, verb="refuse", data={"ground": "nonsense"})
    assert refused.status_code == 422
    assert set(refused.json()["errors"]) == {"ground", "reason"}
    assert {r["code"] for r in refused.json()["reasons"]} == {"data", "reason_missing"}
    draft = new_proposal(world)
    mine = signed_in(world.members[0])
    assert post(mine, f"/api/v1/cases/{draft.code}/acts", verb="save").status_code == 422
    assert post(mine, url, verb="x" * 50).status_code == 422
    broken = mine.post(url, "{not json", content_type="application/json")
    assert broken.status_code in {400, 422}
    assert broken.json()["code"]
    assert post(mine, url, data={"verb": 1}).json()["errors"]


def test_a_stale_signature_is_refused(world: World) -> None:
    case = advance(world, new_proposal(world), "handling", co=False)
    handling = to_signing(world, case)
    version = handling.papers.get(kind="reply").versions.get()
    url = f"/api/v1/cases/{handling.code}/acts"
    client = signed_in(world.lead.head)
    stale = post(client, url, verb="check", seen="0" * 64)
    assert (stale.status_code, stale.json()["reasons"][0]["code"]) == (409, "version_changed")
    assert post(client, url, verb="check", seen=version.digest).status_code == 201


def test_timers_verbs_are_nobodys(world: World) -> None:
    """No seat, an ended seat or somebody else's seat never acts, and never as the timer."""
    case = advance(world, new_proposal(world), "handling")
    url = f"/api/v1/cases/{case.code}/acts"
    member = world.members[0]
    assert post(signed_in(member), url, verb="answered").json()["reasons"][0]["code"] == "timer_only"
    assert post(signed_in(member), url, verb="urge", reason="x", seat=world.registry.pk).status_code == 409
    Seat.objects.filter(pk=member.pk).update(end=at("2024-06-01").date())
    ended = post(signed_in(member), url, verb="answered")
    assert (ended.status_code, ended.json()["reasons"][0]["code"]) == (409, "no_seat")
    case.refresh_from_db()
    assert case.stage == "handling"


def test_csrf_token_is_needed(world: World) -> None:
    case = advance(world, new_proposal(world), "submitted")
    url = f"/api/v1/cases/{case.code}/acts"
    client = signed_in(world.registry, csrf=True)
    refused = post(client, url, verb="admit")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    token = client.get("/api/v1/me").json()["csrf_token"]
    body = json.dumps({"verb": "admit"})
    done = client.post(url, body, content_type="application/json", headers={"x-csrftoken": token})
    assert done.status_code == 201


def test_me_and_tasks(world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    client = signed_in(world.lead.officer)
    me = client.get("/api/v1/me").json()
    assert me["seats"][0]["role"] == "officer"
    tasks = client.get("/api/v1/tasks").json()
    assert [(t["verb"], t["case"]["code"]) for t in tasks["items"]] == [("accept", handling_of(case).code)]
    assert signed_in(world.other.officer).get("/api/v1/tasks").json()["total"] == 0


def test_account_without_a_person(client: Client, db: None) -> None:
    client.force_login(User.objects.create(username="nobody"))
    assert not Person.objects.exists()
    response = client.get("/api/v1/cases")
    assert (response.status_code, response.json()["code"]) == (403, "no_person")


def test_queries(world: World, published: Publication) -> None:
    public, mine = Client(), signed_in(world.lead.officer)
    handling = published.case
    urls = [
        (public, "/api/v1/publications"),
        (public, f"/api/v1/publications/{published.slug}"),
        (public, "/api/v1/promises"),
        (public, "/api/v1/search?q=数字经济"),
        (mine, "/api/v1/cases"),
        (mine, f"/api/v1/cases/{handling.code}"),
        (mine, "/api/v1/tasks"),
    ]

    def asked(client: Client, url: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        assert len(found) <= 15, f"{url}: {len(found)}\n" + "\n".join(q["sql"][:150] for q in found)
        return len(found)

    few = [asked(*one) for one in urls]
    for i in range(4):
        advance(world, new_proposal(world, text={"title": f"更多{i}"}), "tracking")
    assert [asked(*one) for one in urls] <= few


@pytest.mark.parametrize(
    "body",
    [b"{bad", b'{"facts": "\xff"}', b'{"facts": {"\\ud800": 1}}', b'{"a": ' * 5000 + b"1" + b"}" * 5000],
    ids=["broken", "not UTF-8", "half a character", "deep"],
)
def test_a_body_that_is_no_json(visitor: Client, db: None, body: bytes) -> None:
    answer = visitor.post("/api/v1/policies/judge", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "not_json"
    assert "JSON" in answer.json()["message"]


def test_an_address_of_nothing(visitor: Client, db: None) -> None:
    answer = visitor.get("/api/v1/nothing/at/all")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
