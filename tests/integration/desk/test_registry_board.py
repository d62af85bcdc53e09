"""The assignment board: what stands where, who may look and act, what is told when something may not be done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Call, Case, Seat
from tests.factories import RATING, World, advance, at, handling_of, new_proposal, seat

pytestmark = pytest.mark.django_db


def signed_in(who: Seat) -> Client:
    client = Client()
    assert who.person.user
    client.force_login(who.person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def board(world: World) -> Client:
    return signed_in(world.registry)


def rows(page: Any, column: str) -> list[dict[str, Any]]:
    return next(c["rows"] for c in page.context["columns"] if c["code"] == column)


def test_every_stage_has_its_place(world: World, board: Client) -> None:
    placed = {
        stage: advance(world, new_proposal(world), stage) for stage in ("submitted", "admitted", "handling")
    }
    back = handling_of(advance(world, new_proposal(world), "handling"))
    act(back, "ask_handback", by=world.lead.officer, reason="职能在商务委", data={"unit": world.co.organisation.code}, at=at("2024-02-01"))  # fmt: skip # noqa: E501
    late = handling_of(advance(world, new_proposal(world), "handling"))
    act(late, "accept", by=world.lead.officer, at=at("2024-02-01"))
    act(late, "ask_extension", by=world.lead.officer, reason="跨部门协调", data={"until": "2024-06-15"}, at=at("2024-04-01"))  # fmt: skip # noqa: E501
    replied, tracking = (advance(world, new_proposal(world), s) for s in ("replied", "tracking"))
    advance(world, new_proposal(world), "draft")
    page = board.get("/desk/board/")
    found = {c["code"]: [r["case"].pk for r in c["rows"]] for c in page.context["columns"]}
    assert found == {
        "submitted": [placed["submitted"].pk],
        "admitted": [placed["admitted"].pk],
        "handback": [back.pk],
        "extension": [late.pk],
        "inhand": [handling_of(placed["handling"]).pk],
        "replied": [replied.pk],
        "tracking": [tracking.pk],
    }
    text = page.content.decode()
    assert "职能在商务委" in text
    assert str(world.co.organisation) in rows(page, "handback")[0]["asked_unit"]
    assert rows(page, "extension")[0]["until"] == "2024-06-15"
    assert rows(page, "tracking")[0]["promises"]["open"] == 1
    for column, (pk,) in found.items():
        alone = board.get(f"/desk/board/?show={column}")
        assert [r["case"].pk for r in rows(alone, column)] == [pk]


def test_who_has_not_rated_and_who_is_dissatisfied(world: World, board: Client) -> None:
    case = new_proposal(world)
    act(case, "invite", by=world.members[0], data={"person": world.members[1].person.code}, at=at("2024-01-10", "11:00"))  # fmt: skip # noqa: E501
    act(case, "join", by=world.members[1], at=at("2024-01-10", "12:00"))
    advance(world, case, "replied")
    row = rows(board.get("/desk/board/"), "replied")[0]
    assert {str(p) for p in row["unrated"]} == {"委员甲", "委员乙"}
    act(case, "rate", by=world.members[1], data={**RATING, "agreement": "disagree"}, at=at("2024-05-02"))
    row = rows(board.get("/desk/board/"), "replied")[0]
    assert [str(p) for p in row["unrated"]] == ["委员甲"]
    assert [str(p) for p in row["dissatisfied"]] == ["委员乙"]


@pytest.mark.parametrize("who", ["member", "officer", "supervisor"])
def test_only_the_registry(world: World, who: str) -> None:
    seats = {"member": world.members[0], "officer": world.lead.officer, "supervisor": world.supervisor}
    client = signed_in(seats[who])
    answer = client.get("/desk/board/")
    assert answer.status_code == 403
    assert "交办人员" in answer.content.decode()
    case = advance(world, new_proposal(world), "submitted")
    assert client.post("/desk/board/do/", {"verb": "admit", "case": [case.code]}).status_code == 403
    case.refresh_from_db()
    assert case.stage == "submitted"


def test_another_registry_sees_and_does_nothing(world: World) -> None:
    case = advance(world, new_proposal(world), "admitted")
    foreign = signed_in(seat("别处", world.other.organisation, "registry"))
    assert case.title not in foreign.get("/desk/board/").content.decode()
    lead = world.lead.organisation.code
    assert foreign.post(f"/desk/board/assign/{case.code}/", {"lead": lead}).status_code == 404
    foreign.post("/desk/board/do/", {"verb": "admit", "case": [case.code]})
    case.refresh_from_db()
    assert case.stage == "admitted"


def test_bulk_admission_does_what_can_be_done_and_names_the_rest(world: World, board: Client) -> None:
    good = [advance(world, new_proposal(world), "submitted") for _ in range(2)]
    wrong = advance(world, new_proposal(world), "admitted")
    done = board.post(
        "/desk/board/do/", {"verb": "admit", "case": [c.code for c in (*good, wrong)]}, follow=True
    )
    for case in good:
        case.refresh_from_db()
        assert case.stage == "admitted"
    text = done.content.decode()
    assert "已办2件" in text
    assert "已立案" in text and "没有办理" in text
    assert "没有选中" in board.post("/desk/board/do/", {"verb": "admit"}, follow=True).content.decode()
    assert board.post("/desk/board/do/", {"verb": "refuse", "case": [good[0].code]}).status_code == 404


def test_handing_out_in_place(world: World, board: Client) -> None:
    case = advance(world, new_proposal(world), "admitted")
    opened = board.get(f"/desk/board/?assign={case.code}")
    assert [r["unit"] for r in opened.context["assigning"]["units"]] == [
        u.organisation for u in sorted((world.lead, world.co, world.other), key=lambda u: u.organisation.name)
    ]
    assert (
        f"/desk/board/assign/{case.code}/"
        in board.get(f"/desk/board/assign/{case.code}/form/").content.decode()
    )
    lead, co = world.lead.organisation, world.co.organisation
    bad = board.post(f"/desk/board/assign/{case.code}/", {"lead": lead.name, "co": [lead.code, "无此单位"]})
    assert bad.status_code == 409
    assert "名录中没有“无此单位”" in bad.content.decode()
    bad = board.post(f"/desk/board/assign/{case.code}/", {"lead": lead.code, "co": [lead.name]})
    assert bad.status_code == 409
    assert f'value="{lead.name}"' in bad.content.decode()
    assert "不能既是主办单位又是会办单位" in bad.content.decode()
    address = f"/desk/board/assign/{case.code}/"
    done = board.post(
        address, {"lead": lead.name, "co": [co.name, "", ""], "next": "/desk/board/?show=admitted"}
    )
    assert done["Location"] == "/desk/board/?show=admitted"
    handling = handling_of(case)
    assert (handling.unit, handling.stage) == (lead, "assigned")
    assert handling.children.get().unit == co


@pytest.mark.parametrize(
    "next_", ["https://example.org/", "//example.org", "/desk/board/\\@x", "javascript:1", ""]
)
def test_no_way_out(world: World, board: Client, next_: str) -> None:
    done = board.post("/desk/board/do/", {"verb": "admit", "next": next_})
    assert done["Location"] in {"/desk/board/", "/desk/board/\\@x", "/desk/board/%5C@x"}


def test_sessions(world: World, board: Client) -> None:
    old = advance(world, new_proposal(world), "submitted")
    newer = Call.objects.create(
        kind="proposal",
        title="第四次会议",
        owner=world.conference,
        start="2025-01-01",
        rulebook=world.call.rulebook,
    )
    assert old.title not in board.get("/desk/board/").content.decode()  # the newest session comes first
    assert old.title in board.get(f"/desk/board/?call={world.call.code}").content.decode()
    assert old.title in board.get("/desk/board/?call=all").content.decode()
    assert newer.title in board.get("/desk/board/?call=nonsense&show=x&level=y&page=z").content.decode()


def test_load(world: World, board: Client) -> None:
    for _ in range(2):
        advance(world, new_proposal(world), "handling")
    page = board.get("/desk/board/?show=load")
    found = {str(r["unit"]): (r["lead"], r["lead_late"], r["co"], r["total"]) for r in page.context["load"]}
    assert found == {"测试区科委": (2, 2, 0, 2), "测试区商务委": (0, 0, 2, 2)}
    only = board.get(f"/desk/board/?show=inhand&unit={world.co.organisation.code}")
    assert rows(only, "inhand") == []


def test_lateness_levels_do_not_overlap(world: World, board: Client) -> None:
    for day in ("2020-01-01", "2020-01-02"):
        case = handling_of(advance(world, new_proposal(world), "handling"))
        Case.objects.filter(pk=case.pk).update(due_legal=day)
    counts = {item["level"]: item["n"] for item in board.get("/desk/board/").context["levels"]}
    assert counts == {"very_late": 2, "late": 0, "due_soon": 0, "on_time": 0}
    assert len(rows(board.get("/desk/board/?show=inhand&level=very_late"), "inhand")) == 2
    assert rows(board.get("/desk/board/?show=inhand&level=late"), "inhand") == []


def test_titles_are_escaped(world: World, board: Client) -> None:
    advance(world, new_proposal(world, text={"title": "<script>alert(1)</script>"}), "submitted")
    assert "<script>alert" not in board.get("/desk/board/").content.decode()


def test_few_queries_however_many_cases(
    world: World, board: Client, django_assert_max_num_queries: Any
) -> None:
    for stage in ("submitted", "admitted", "handling", "replied", "tracking") * 2:
        advance(world, new_proposal(world), stage)
    case = advance(world, new_proposal(world), "admitted")
    for address in ("", "?show=load", "?show=replied", "?show=inhand", f"?assign={case.code}"):
        with django_assert_max_num_queries(15):
            board.get(f"/desk/board/{address}")
