"""Papers: who reads which version, side by side, and as files."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document

from qiao.core import history
from qiao.core.acts import act
from qiao.core.models import Case, Paper
from qiao.letters import FontsMissing
from tests.factories import TEXT, World, advance, at, handling_of, new_proposal, reply
from tests.integration.desk.conftest import SignIn


def text(response: Any) -> str:
    return response.content.decode()


def of(case: Case, kind: str, seen_from: Case | None = None) -> tuple[Paper, str]:
    paper = case.papers.get(kind=kind)
    return paper, f"{(seen_from or case).get_absolute_url()}papers/{paper.code}/"


def test_proposal_in_its_parts(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    _paper, url = of(case, "proposal")
    shown = text(as_seat(world.members[0]).get(url))
    for words in ("背景情况", "问题及分析", "具体建议", TEXT["suggestions"]):
        assert words in shown
    assert as_seat(world.registry).get(url).status_code == 404  # a draft is private


def test_versions_side_by_side(as_seat: SignIn, world: World) -> None:
    case = new_proposal(world)
    act(
        case,
        "save",
        by=world.members[0],
        content={**TEXT, "problem": "场景开放仍不足。"},
        at=at("2024-01-10", "12:00"),
    )
    _paper, url = of(case, "proposal")
    client = as_seat(world.members[0])
    for query in ("?v=2&with=1", "?v=1&with=2"):
        shown = text(client.get(url + query))
        assert "<del>" in shown
        assert "<ins>" in shown
        assert "<ins>仍" in shown
    assert "不是最新的版本" in text(client.get(f"{url}?v=1"))
    assert client.get(f"{url}?v=9").status_code == 404
    assert client.get(f"{url}?v=x&with=y").status_code == 200


def test_letters_side_by_side(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "signing")
    handling = handling_of(case)
    act(handling, "send_back", by=world.lead.head, reason="改")
    act(handling, "save_reply", by=world.lead.officer, content=reply(world, promise="举办12场沙龙").to_dict())
    _paper, url = of(handling, "reply")
    shown = text(as_seat(world.co.leader).get(f"{url}?v=2&with=1"))
    assert "<del>10</del>" in shown
    assert "<ins>12</ins>" in shown


def test_the_proposer_reads_the_reply_only_once_delivered(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "signing")
    handling = handling_of(case)
    paper, url = of(handling, "reply", case)
    member = as_seat(world.members[0])
    assert member.get(url).status_code == 404
    assert member.get(of(handling, "reply")[1]).status_code == 404
    other = advance(world, new_proposal(world), "replied")
    delivered = handling_of(other)
    paper, url = of(delivered, "reply", other)
    shown = text(member.get(f"{url}?v=1"))
    assert "我们将认真研究" in shown
    assert "公开属性" not in shown
    assert member.get(f"{url}1.docx").status_code == 200
    assert as_seat(world.members[1]).get(f"{url}?v=1").status_code == 404
    assert as_seat(world.registry).get(f"{case.get_absolute_url()}papers/{paper.code}/").status_code == 404


def test_pdf_and_word(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "replied")
    _paper, url = of(handling_of(case), "reply")
    client = as_seat(world.lead.officer)
    word = client.get(f"{url}1.docx")
    assert "举办10场沙龙" in "".join(p.text for p in Document(io.BytesIO(word.content)).paragraphs)
    assert word["Content-Disposition"].startswith("attachment; filename*=utf-8''001-")
    assert word["X-Content-Type-Options"] == "nosniff"
    pdf = client.get(f"{url}1.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert client.get(f"{url}1.exe").status_code == 404
    assert client.get(f"{url}7.pdf").status_code == 404
    _paper, url = of(case, "proposal")
    assert as_seat(world.registry).get(f"{url}1.pdf").status_code == 404  # no letter


def test_missing_fonts_are_explained(as_seat: SignIn, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_args: Any, **_kwargs: Any) -> bytes:
        raise FontsMissing(roles=("body",), packages=("fonts-noto-cjk",))

    monkeypatch.setattr("qiao.desk.papers.to_pdf", none)
    case = advance(world, new_proposal(world), "replied")
    _paper, url = of(handling_of(case), "reply")
    response = as_seat(world.lead.officer).get(f"{url}1.pdf")
    assert response.status_code == 503
    assert "fonts-noto-cjk" in text(response)


def test_the_filed_original(as_seat: SignIn, world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    case = new_proposal(world)
    body = b"<html><script>alert(1)</script></html>"
    act(
        case,
        "save",
        by=world.members[0],
        content={**TEXT},
        file=("提案.html", body),
        at=at("2024-01-10", "12:00"),
    )
    _paper, url = of(case, "proposal")
    response: Any = as_seat(world.members[0]).get(f"{url}2.file")
    assert b"".join(response.streaming_content) == body
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert as_seat(world.members[0]).get(f"{url}1.file").status_code == 404
    assert as_seat(world.members[1]).get(f"{url}2.file").status_code == 404


def test_redacted_versions_show_nothing(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world, text={"problem": "秘密内容"}), "submitted")
    history.redact_version(case.papers.get().versions.get())
    _paper, url = of(case, "proposal")
    shown = text(as_seat(world.registry).get(url))
    assert "秘密内容" not in shown
    assert "已依法隐去" in shown


def test_a_broken_letter_is_no_server_error(as_seat: SignIn, world: World) -> None:
    case = advance(world, new_proposal(world), "handling", co=False)
    handling = handling_of(case)
    act(handling, "accept", by=world.lead.officer, at=at("2024-02-01"))
    act(handling, "hold", by=world.lead.officer, content={"text": "进展"}, at=at("2024-02-02"))
    version = handling.papers.get().versions.get()
    version.content["letter"] = {"version": 99}
    from django.db.models import QuerySet

    from qiao.core.models import Version

    QuerySet(Version).filter(pk=version.pk).update(content=version.content)
    _paper, url = of(handling, "holding")
    response = as_seat(world.lead.officer).get(url)
    assert response.status_code == 200
    assert "不能排成公文" in text(response)
    assert as_seat(world.lead.officer).get(f"{url}1.pdf").status_code == 422


def test_letter_style_sheet(client: Any, db: None) -> None:
    response = client.get("/desk/letter.css")
    assert response["Content-Type"].startswith("text/css")
