"""The desk, the list of cases, notices and the calendar."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook

from qiao.core import search as searching
from qiao.core.acts import act
from qiao.core.models import Case, HolidayOverride, Notice
from qiao.desk import listing
from tests.factories import World, advance, at, handling_of, new_proposal
from tests.integration.desk.conftest import SignIn


def text(response: Any) -> str:
    return response.content.decode()


def verbs(response: Any) -> list[str]:
    return [str(r["verb"]) for s in response.context["sections"] for g in s["groups"] for r in g["rows"]]


# --- my desk ---------------------------------------------------------------------------------------------------


def test_tasks_by_seat_and_urgency(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "handling")
    with time_machine.travel(at("2024-01-31")):
        response = as_seat(world.lead.officer).get("/desk/")
        assert verbs(response) == ["签收"]
        (section,) = response.context["sections"]
        assert section["seat"] == world.lead.officer
        assert section["groups"][0]["code"] == "soon"
        assert "剩7天（6个工作日）" in text(response)
    with time_machine.travel(at("2024-03-20")):
        response = as_seat(world.lead.officer).get("/desk/")
        assert section["groups"][0]["code"] == "soon"
        assert response.context["sections"][0]["groups"][0]["code"] == "late"
        assert [t["value"] for t in response.context["tiles"][:2]] == ["1", "1"]
    assert handling_of(case).get_absolute_url() in text(response)


def test_private_drafts_are_nobody_elses_task(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    assert case.tasks.filter(organisation=world.conference).exists()
    response = as_seat(world.registry).get("/desk/")
    assert verbs(response) == []
    assert case.title not in text(response)
    assert response.context["tiles"][0]["value"] == "0"


def test_member_sees_own_proposals_invitations_and_replies_to_rate(as_seat: SignIn, world: World) -> None:
    draft = new_proposal(world)
    act(draft, "invite", by=world.members[0], data={"person": world.members[1].person.code})
    response = as_seat(world.members[1]).get("/desk/")
    assert verbs(response) == ["同意联名"]
    assert response.context["own"][0]["invited"]
    advance(world, new_proposal(world), "replied")
    assert "反馈意见" in verbs(as_seat(world.members[0]).get("/desk/"))
    assert "至" in text(response)


# --- the list --------------------------------------------------------------------------------------------------


@pytest.fixture
def some(world: World) -> dict[str, Case]:
    return {
        "late": advance(world, new_proposal(world, text={"title": "迟到的提案"}), "admitted"),
        "closed": advance(world, new_proposal(world, text={"title": "已办结的提案"}), "closed"),
        "draft": new_proposal(world, text={"title": "起草中的提案"}),
    }


def titles(response: Any) -> list[str]:
    return [r["case"].title for r in response.context["rows"]]


def test_only_what_one_may_see(as_seat: SignIn, world: World, some: dict[str, Case]) -> None:
    assert titles(as_seat(world.other.officer).get("/desk/cases/?state=all")) == []
    assert "起草中的提案" not in titles(as_seat(world.registry).get("/desk/cases/?state=all"))
    assert "起草中的提案" in titles(as_seat(world.members[0]).get("/desk/cases/?state=all"))
    assert set(titles(as_seat(world.lead.officer).get("/desk/cases/?state=all"))) == {
        "已办结的提案",
        "举办10场沙龙",
    }


def test_filters(as_seat: SignIn, world: World, some: dict[str, Case]) -> None:
    client = as_seat(world.registry)

    def found(query: str) -> set[str]:
        return set(titles(client.get(f"/desk/cases/?{query}")))

    assert found("") == {"迟到的提案"}
    assert found("level=very_late") == {"迟到的提案"}
    assert found("level=on_time") == set()
    assert found("kind=proposal&state=closed") == {"已办结的提案"}
    assert found("kind=proposal&stage=closed") == {"已办结的提案"}
    assert found("q=办结&kind=proposal") == {"已办结的提案"}
    assert found("q=提案&kind=proposal") == {"迟到的提案", "已办结的提案"}
    assert found(f"unit={world.lead.organisation.code}&state=all&kind=handling") == {"已办结的提案"}
    assert found(f"unit={world.lead.organisation.name}&state=all&kind=handling") == {"已办结的提案"}
    assert found(f"call={world.call.code}&kind=proposal&state=all") == {"迟到的提案", "已办结的提案"}
    assert found("scope=followed&state=all") == set()
    assert found("q=。") == set()
    for odd in (
        "sort=nonsense",
        "level=x",
        "state=x",
        "kind=x",
        "page=99999",
        "page=x",
        "unit=%00",
        "stage=x",
    ):
        assert client.get(f"/desk/cases/?{odd}").status_code == 200, odd


def test_order_and_pages(as_seat: SignIn, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    monkeypatch.setattr(listing, "COUNTED", 5)
    for i in range(4):
        advance(world, new_proposal(world, text={"title": f"提案{i}"}), "handling", co=False)
    client = as_seat(world.registry)
    response = client.get("/desk/cases/?sort=-number")
    assert response.context["capped"]
    assert len(response.context["rows"]) == 2
    numbers = [r["case"].number for r in client.get("/desk/cases/?sort=number&kind=proposal").context["rows"]]
    assert numbers == ["001", "002"]
    assert "第 3–4 条" in text(client.get("/desk/cases/?sort=number&kind=proposal&page=2"))
    due = [r["case"].due_legal for r in client.get("/desk/cases/?sort=due").context["rows"]]
    assert due == sorted(due)


@pytest.mark.parametrize("few", [1, 100], ids=["cut", "whole"])
def test_a_phrase_is_not_its_parts(
    as_seat: SignIn, world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Texts that hold all parts of what is searched for, but apart, are left out; also where pages reach less far."""
    monkeypatch.setattr(listing, "FEW", few)
    monkeypatch.setattr(listing, "SPARE", 0 if few == 1 else 100)
    monkeypatch.setattr(searching, "COMMON", dict.fromkeys(searching.COMMON, 2.0))
    for title in ("宇宙之外再说元宇", "宙宇与元宇，又见宇宙", "说说元宇宙", "再说元宇宙"):
        advance(world, new_proposal(world, text={"title": title}), "admitted")
    page = as_seat(world.registry).get("/desk/cases/?q=元宇宙&kind=proposal&sort=number")
    found = ["说说元宇宙", "再说元宇宙"]
    assert [r["case"].title for r in page.context["rows"]] == found[:few]
    assert page.context["total"] == min(few, 2)
    none = as_seat(world.registry).get("/desk/cases/?q=元宇宙之外&kind=proposal")
    assert none.context["rows"] == []


@pytest.mark.parametrize("piece", [1, 100], ids=["further", "at once"])
def test_a_common_word_is_looked_for_in_the_order_of_the_list(
    as_seat: SignIn, world: World, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    """The newest first; where the first texts do not hold it often enough, the others are looked through as well."""
    monkeypatch.setattr(listing, "PIECE", piece)
    monkeypatch.setattr(searching, "COMMON", dict.fromkeys(searching.COMMON, 0.0))
    for title in ("元宇宙甲", "元宇宙乙", "别的", "又是别的"):
        advance(world, new_proposal(world, text={"title": title}), "admitted")
    page = as_seat(world.registry).get("/desk/cases/?q=元宇宙&kind=proposal")
    assert [r["case"].title for r in page.context["rows"]] == ["元宇宙乙", "元宇宙甲"]
    assert page.context["sort"] == "-moved" and page.context["total"] == 2


def test_export(as_seat: SignIn, world: World, some: dict[str, Case]) -> None:
    act(some["draft"], "save", by=world.members[0], content={"title": "=HYPERLINK(1)"})
    client = as_seat(world.members[0])
    response: Any = client.get("/desk/cases.csv?state=all&kind=proposal")
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0][:3] == ["编号", "标题", "类别"]
    assert {r[1] for r in rows[1:]} == {"迟到的提案", "已办结的提案", "'=HYPERLINK(1)"}
    book = load_workbook(io.BytesIO(client.get("/desk/cases.xlsx?state=all&kind=proposal").content))
    sheet = book.active
    assert sheet is not None
    assert sheet.max_row == 4
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


# --- notices ---------------------------------------------------------------------------------------------------


def test_notices_are_read_one_by_one_and_all(as_seat: SignIn, world: World) -> None:
    advance(world, new_proposal(world), "replied")
    client = as_seat(world.members[0])
    response = client.get("/desk/notices/")
    mine = Notice.objects.filter(person=world.members[0].person, read_at__isnull=True)
    first = mine.first()
    assert first is not None
    before = mine.count()
    assert before > 2
    client.post("/desk/notices/read/", {"notice": first.pk})
    assert mine.count() == before - 1
    others = Notice.objects.exclude(person=world.members[0].person).filter(read_at__isnull=True)
    theirs = others.first()
    assert theirs is not None
    client.post("/desk/notices/read/", {"notice": theirs.pk})
    client.post("/desk/notices/read/", {})
    assert mine.count() == before - 1
    away = client.post("/desk/notices/read/", {"all": "1", "next": "https://example.org/"})
    assert away["Location"] == "/desk/notices/"
    assert mine.count() == 0
    assert others.filter(pk=theirs.pk).exists()
    assert "立案" in text(response)


def test_notices_of_cases_out_of_sight_say_little(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world, text={"title": "不该再看到的题目"})
    act(case, "invite", by=world.members[0], data={"person": world.members[1].person.code})
    client = as_seat(world.members[1])
    assert "不该再看到的题目" in text(client.get("/desk/notices/"))
    act(case, "decline", by=world.members[1])
    assert "不该再看到的题目" not in text(client.get("/desk/notices/"))


# --- the calendar ----------------------------------------------------------------------------------------------


def test_calendar_is_the_registrys(as_seat: SignIn, world: World) -> None:
    assert as_seat(world.lead.officer).get("/desk/calendar/").status_code == 403
    assert (
        as_seat(world.lead.officer).post("/desk/calendar/remove/", {"day": "2024-02-02"}).status_code == 403
    )
    response = as_seat(world.registry).get("/desk/calendar/?year=2024")
    assert "2024" in text(response)
    months = response.context["months"]
    makeup = next(c for week in months[1]["weeks"] for c in week if c.get("day") == dt.date(2024, 2, 4))
    assert makeup["mark"] == "makeup"
    assert months[1]["workdays"] == 18
    assert "尚未公布" in text(as_seat(world.registry).get("/desk/calendar/?year=2050"))
    for odd in ("9999", "x", "0"):
        assert as_seat(world.registry).get(f"/desk/calendar/?year={odd}").status_code == 200


def test_a_changed_day_moves_running_dates(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "admitted")
    assert case.due_legal == dt.date(2024, 2, 4)
    client = as_seat(world.registry)
    day = {"day": "2024-02-01", "workday": "0", "name": "区里决定", "source": "测试文〔2024〕1号"}
    response = client.post("/desk/calendar/", day, follow=True)
    assert "1件在办事项的期限随之改变" in text(response)
    case.refresh_from_db()
    assert case.due_legal == dt.date(2024, 2, 5)
    acts = client.get(case.get_absolute_url()).context["acts"]
    assert acts[0]["verb"] == "节假日安排更新"
    facts = {str(f["label"]): f["value"] for f in acts[0]["facts"]}
    assert facts["原期限"] == "2024-02-04"
    assert facts["现期限"] == "2024-02-05"
    assert "测试文〔2024〕1号" in text(client.get(case.get_absolute_url()))
    client.post("/desk/calendar/remove/", {"day": "2024-02-01"})
    case.refresh_from_db()
    assert case.due_legal == dt.date(2024, 2, 4)
    assert not HolidayOverride.objects.exists()


def test_calendar_refuses_nonsense(as_seat: SignIn, world: World) -> None:
    client = as_seat(world.registry)
    response = client.post(
        "/desk/calendar/", {"day": "1990-01-01", "workday": "", "name": "保留我", "source": ""}
    )
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"day", "workday", "source"}
    assert "保留我" in text(response)
    assert client.post("/desk/calendar/remove/", {"day": "x"}).status_code == 302
