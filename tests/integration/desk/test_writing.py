"""The writing pages: nothing typed is lost, versions are kept, marks become citations and commitments."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from qiao.core.acts import act
from qiao.core.clocks import now
from qiao.core.models import Case, Indicator, Seat, Value, Version
from qiao.kinds.reply import Reply
from tests.factories import World, advance, at, handling_of, new_proposal, reply

SEED = Path(__file__).parents[2] / "data" / "reply-065.txt"


def signed_in(seat: Seat) -> Client:
    client = Client()
    assert seat.person.user is not None
    client.force_login(seat.person.user)
    return client


def word_file(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


PROPOSAL = (
    "关于推进智慧养老的提案",
    "提案人：委员甲",
    "一、背景情况",
    "老年人口增加。",
    "二、问题及分析",
    "设备不会用。",
    "三、具体建议",
    "1.开设课堂。",
    "2.上门指导。",
)


# --- proposals -------------------------------------------------------------------------------------------------


def test_a_member_writes_and_submits(world: World) -> None:
    client = signed_in(world.members[0])
    begun = client.post("/desk/new/", {"call": world.call.code})
    case = Case.objects.get()
    assert begun.url == f"/desk/cases/{case.code}/proposal/"
    text = {
        "title": "关于智慧养老的建议",
        "background": "甲",
        "problem": "乙",
        "suggestions": "",
        "consent": "on",
    }
    assert client.post(begun.url, {**text, "op": "save"}).status_code == 302
    assert client.post(f"/desk/cases/{case.code}/do/submit/").status_code in (409, 422)
    client.post(begun.url, {**text, "suggestions": "丙", "op": "done"})
    assert client.post(f"/desk/cases/{case.code}/do/submit/").status_code == 302
    case.refresh_from_db()
    assert (case.stage, case.title) == ("submitted", "关于智慧养老的建议")
    assert Version.objects.count() == 2
    again = client.get(begun.url)
    assert again.status_code == 302  # submitted: to be read, no longer to be written


def test_whoever_has_no_seat_cannot_begin(world: World) -> None:
    client = signed_in(world.lead.officer)
    assert client.post("/desk/new/", {"call": world.call.code}).status_code == 422
    assert not Case.objects.exists()


def test_import_into_the_editor(world: World) -> None:
    case = new_proposal(world)
    client = signed_in(world.members[0])
    file = SimpleUploadedFile("提案.docx", word_file(*PROPOSAL))
    page = client.post(
        f"/desk/cases/{case.code}/proposal/", {"op": "import", "file": file, "category": "民政"}
    )
    html = page.content.decode()
    for text in ("关于推进智慧养老的提案", "老年人口增加。", "设备不会用。", "上门指导", "民政"):
        assert text in html
    assert Version.objects.count() == 1  # reading in is not saving


WISHES = (
    PROPOSAL[0], "是否同意公开：□是 ☑否", "不公开原由：涉及尚未决定的事项",
    "建议承办单位：主办：测试区科委 会办：测试区商务委", "随文附照片两张", *PROPOSAL[1:],
)  # fmt: skip


@pytest.mark.parametrize("address", ["/desk/intake/", "/desk/cases/{}/proposal/"])
def test_what_a_paper_wishes_is_not_lost(world: World, address: str) -> None:
    """Above all: a proposer who does not consent to publication is not made to."""
    case = new_proposal(world)
    file = SimpleUploadedFile("提案.docx", word_file(*WISHES))
    if "intake" in address:
        page = signed_in(world.registry).post(
            address, {"call": world.call.code, "op": "read", "files": [file]}
        )
        form, notes = page.context["items"][0].form, page.context["items"][0].notes
    else:
        given = {"op": "import", "file": file, "consent": "on"}
        page = signed_in(world.members[0]).post(address.format(case.code), given)
        form, notes = page.context["form"], [str(m) for m in page.context["messages"]]
    said = {key: form.initial[key] for key in ("consent", "consent_reason", "wish_lead", "wish_co")}
    assert said == {
        "consent": False, "consent_reason": "涉及尚未决定的事项", "wish_lead": "测试区科委", "wish_co": "测试区商务委",
    }  # fmt: skip
    assert any("随文附照片两张" in note for note in notes)


def test_a_paper_that_says_nothing_of_consent_leaves_it_as_ticked(world: World) -> None:
    case = new_proposal(world)
    file = SimpleUploadedFile("提案.docx", word_file(*PROPOSAL))
    page = signed_in(world.members[0]).post(
        f"/desk/cases/{case.code}/proposal/", {"op": "import", "file": file}
    )
    assert not page.context["form"].initial["consent"]


def test_what_a_submission_must_have_is_marked_so(world: World) -> None:
    html = (
        signed_in(world.members[0]).get(f"/desk/cases/{new_proposal(world).code}/proposal/").content.decode()
    )
    for label in ("案由", "背景情况", "问题及分析", "具体建议"):
        mark = html.split(f">{label}", 1)[1].split("</label>", 1)[0]
        assert "required" in mark
        assert "选填" not in mark


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old word"),
        ("a.txt", b""),
        ("a.txt", bytes(range(256)) * 20),
        ("a.pdf", b"%PDF-1.7 x"),
    ],
)
def test_a_bad_file_says_why_and_keeps_what_was_typed(world: World, name: str, data: bytes) -> None:
    case = new_proposal(world)
    typed = {"title": "打好的标题", "background": "打好的背景", "op": "import"}
    page = signed_in(world.members[0]).post(
        f"/desk/cases/{case.code}/proposal/", {**typed, "file": SimpleUploadedFile(name, data)}
    )
    assert page.status_code == 422
    html = page.content.decode()
    assert "打好的标题" in html
    assert "打好的背景" in html
    assert "message-error" in html


def test_similar_proposals_of_the_session(world: World) -> None:
    advance(world, new_proposal(world), "submitted")
    new_proposal(world, by=world.members[2], text={"title": "别人的草稿：关于加快培育元宇宙创新能力的建议"})
    mine = new_proposal(world, by=world.members[1], text={"title": "关于培育元宇宙创新能力"})
    text = {
        "title": "关于加快培育元宇宙创新能力",
        "problem": "场景开放不足，共性技术平台缺乏。",
        "op": "similar",
    }
    html = signed_in(world.members[1]).post(f"/desk/cases/{mine.code}/proposal/", text).content.decode()
    assert "共同的说法" in html
    assert "别人的草稿" not in html


# --- intake ----------------------------------------------------------------------------------------------------


def test_paper_proposals_are_read_corrected_and_filed(world: World) -> None:
    client = signed_in(world.registry)
    files = [
        SimpleUploadedFile("甲.docx", word_file(*PROPOSAL)),
        SimpleUploadedFile("坏.docx", b"PK\x03\x04nothing"),
    ]
    page = client.post("/desk/intake/", {"call": world.call.code, "op": "read", "files": files})
    form = page.context["items"][0].form
    assert page.context["items"][1].error
    data = {f"f0-{k}": v for k, v in form.initial.items() if v not in (None, True)}
    data |= {
        "f0-consent": "on",
        "f0-cosigners": [world.members[1].person.code],
        "call": world.call.code,
        "op": "file",
    }
    assert client.post("/desk/intake/", data).url == "/desk/board/"
    case = Case.objects.get()
    assert (case.stage, case.title) == ("submitted", "关于推进智慧养老的提案")
    assert {(p.role, p.person, p.state) for p in case.parties.all()} == {
        ("proposer", world.members[0].person, "confirmed"),
        ("cosigner", world.members[1].person, "confirmed"),
    }
    version = Version.objects.get()
    assert version.file_name == "甲.docx"
    assert version.file.read() == word_file(*PROPOSAL) or version.file.size > 0


def test_filing_without_a_proposer_changes_nothing(world: World) -> None:
    client = signed_in(world.registry)
    file = SimpleUploadedFile("a.txt", "\n".join(PROPOSAL).replace("委员甲", "无名氏").encode("gb18030"))
    page = client.post("/desk/intake/", {"call": world.call.code, "op": "read", "files": [file]})
    item = page.context["items"][0]
    assert any("无名氏" in note for note in item.notes)
    data = {f"f0-{k}": v for k, v in item.form.initial.items() if v}
    answer = client.post("/desk/intake/", {**data, "call": world.call.code, "op": "file"})
    assert answer.status_code == 422
    assert "老年人口增加" in answer.content.decode()
    assert not Case.objects.exists()


def test_only_the_registry_takes_files_in(world: World) -> None:
    assert signed_in(world.members[0]).get("/desk/intake/").status_code == 404


def test_an_original_of_somebody_else_cannot_be_named(world: World) -> None:
    client = signed_in(world.registry)
    data = {"f0-stash": "papers/2024/01/secret", "f0-title": "x", "call": world.call.code, "op": "file"}
    answer = client.post("/desk/intake/", data)
    assert answer.status_code == 422
    assert not Case.objects.exists()


# --- replies ---------------------------------------------------------------------------------------------------


@pytest.fixture
def drafting(world: World) -> Case:
    case = advance(world, new_proposal(world), "handling")
    handling = handling_of(case)
    act(handling, "accept", by=world.lead.officer, at=at("2024-02-01"))
    return handling


def fields(page: Any) -> dict[str, Any]:
    """Everything that the editor's form would send back."""
    draft = page.context["draft"]
    data: dict[str, Any] = {**draft.head, **draft.plain, "addressees": draft.addressees, "base": draft.base}
    data |= {"count": len(draft.blocks), "rest": page.context["rest_json"], "promise": list(draft.promises)}
    data["cite"] = [f"{k}={v}" for k, v in draft.citations.items()]
    for i, block in enumerate(draft.blocks):
        data |= {f"type-{i}": block.type, f"text-{i}": block.text}
    for key, given in draft.promises.items():
        data |= {f"promise-{key}-{part}": given.get(part, "") for part in ("unit", "due", "measure")}
    return data


def value(text: str, number: str, **given: Any) -> Value:
    indicator, _ = Indicator.objects.get_or_create(
        code="tax", defaults={"name": "综合税收", "definition": "口径", "unit": "亿元", "source": "统计局"}
    )
    base = {"start": dt.date(2023, 1, 1), "end": dt.date(2023, 12, 31), "display": text, "stated_at": now()}
    return Value.objects.create(indicator=indicator, value=Decimal(number), **{**base, **given})


def test_import_cite_promise_save(world: World, drafting: Case) -> None:
    """The published reply is read in, a figure cited and a promise marked by one button each, and saved."""
    known = value("近310亿元", "310", qualifier="近")
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    page = client.get(url)
    file = SimpleUploadedFile("答复.txt", SEED.read_bytes())
    page = client.post(url, {**fields(page), "op": "import", "file": file})
    assert not Version.objects.filter(paper__kind="reply").exists()
    offered = next(s for s in page.context["figures"] if "310" in s.text)
    assert offered.values == (known,)
    page = client.post(url, {**fields(page), "op": f"cite:{offered.op}:{known.code}"})
    assert [c["value"] for c in page.context["cited"]] == [known]
    promise = page.context["promises_found"][0]
    page = client.post(url, {**fields(page), "op": f"promise:{promise.op}"})
    (promised,) = page.context["promised"]
    data = fields(page) | {
        "promise": [promised.id],
        f"promise-{promised.id}-unit": world.lead.organisation.code,
        f"promise-{promised.id}-due": "2024-12-31",
        f"promise-{promised.id}-measure": "有名单",
        "result": "solved",
        "publicity": "open",
        "op": "save",
    }
    assert client.post(url, data).status_code == 302
    saved = Reply.from_dict(Version.objects.get(paper__kind="reply").content)
    assert saved.citations == {known.code: known.code}
    assert saved.promises[0].complete
    assert saved.letter.result == "解决或采纳"
    original = "".join(SEED.read_text(encoding="utf-8").split())
    for block in saved.letter.blocks:
        assert "".join(block.text.split()) in original  # type: ignore[union-attr]
    again = client.get(url)
    assert [b.text for b in again.context["draft"].blocks] == [b.text for b in page.context["draft"].blocks]


def test_a_revised_value_is_flagged(world: World, drafting: Case) -> None:
    old = value("近310亿元", "310")
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    data = fields(client.get(url)) | {
        "count": 1,
        "type-0": "p",
        "text-0": f"税收[近310亿元](数:{old.code})。",
    }
    client.post(url, {**data, "op": "save"})
    Value.objects.filter(pk=old.pk).update(
        superseded_by=value("超312亿元", "312", start=dt.date(2023, 1, 2), revision=2)
    )
    assert "已被修订" in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("op", "texts"),
    [
        ("add:1", ["甲", "", "乙\n丙"]),
        ("del:0", ["乙\n丙"]),
        ("up:1", ["乙\n丙", "甲"]),
        ("down:0", ["乙\n丙", "甲"]),
        ("split:1", ["甲", "乙", "丙"]),
        ("up:0", ["甲", "乙\n丙"]),
        ("del:99", ["甲", "乙\n丙"]),
        ("cite:0:0:9:x", ["甲", "乙\n丙"]),
        ("nonsense", ["甲", "乙\n丙"]),
        ("add:-1", ["甲", "乙\n丙"]),
    ],
)
def test_block_buttons_work_without_a_script(world: World, drafting: Case, op: str, texts: list[str]) -> None:
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    data = {
        "count": 2,
        "type-0": "p",
        "text-0": "甲",
        "type-1": "p",
        "text-1": "乙\n丙",
        "op": op,
        "note": "附注",
    }
    page = client.post(url, data)
    assert [b.text.replace("\r\n", "\n") for b in page.context["draft"].blocks] == texts
    assert page.context["draft"].head["note"] == "附注"
    assert not Version.objects.filter(paper__kind="reply").exists()


def test_wrong_marks_and_dates_are_named_and_kept(world: World, drafting: Case) -> None:
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    data = {"count": 1, "type-0": "p", "text-0": "[张三](隐:age)", "date": "明天", "op": "save"}
    page = client.post(url, data)
    html = page.content.decode()
    assert page.status_code == 422
    assert "第1段" in html
    assert "明天" in html
    assert "[张三](隐:age)" in html
    assert not Version.objects.filter(paper__kind="reply").exists()


def test_who_owes_a_promise_is_typed(world: World, drafting: Case) -> None:
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    letter = reply(world).to_dict()
    act(drafting, "save_reply", by=world.lead.officer, content=letter)
    opened = client.get(url)
    name = world.lead.organisation.name
    assert f'name="promise-p1-unit" id="u-p1" value="{name}" list="units"' in opened.content.decode()
    wrong = client.post(url, {**fields(opened), "promise-p1-unit": "教育", "op": "save"})
    shown = wrong.content.decode()
    assert wrong.status_code == 422
    assert "名录中没有“教育”。是不是：测试区教育局？" in shown
    assert 'id="u-p1" value="教育"' in shown
    client.post(url, {**fields(opened), "promise-p1-unit": "测试区教育局", "op": "save"})
    saved = Version.objects.filter(paper__kind="reply").latest("n")
    assert saved.n == 2
    assert saved.content["promises"][0]["unit"] == world.other.organisation.code


def test_a_version_saved_meanwhile_is_shown_and_nothing_is_lost(world: World, drafting: Case) -> None:
    one, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    data = fields(one.get(url))
    one.post(url, {**data, "text-2": "先存的文字", "op": "save"})
    page = one.post(url, {**data, "text-2": "后到的文字", "op": "save"})
    html = page.content.decode()
    assert page.status_code == 409
    assert page.context["diff"]
    assert "<del>先存</del>" in html
    assert "后到的文字" in html
    over = page.context["accept"]
    assert one.post(url, {**fields(page), "op": "save"}).status_code == 409  # nothing is overtaken unasked
    assert one.post(url, {**fields(page), "op": over}).status_code == 302
    assert Version.objects.filter(paper__kind="reply").count() == 2
    assert (
        one.post(url, {**fields(page), "text-2": "又改", "op": over}).status_code == 409
    )  # a third version since


def test_a_fresh_letter_is_chinese_whatever_its_writer_reads(world: World, drafting: Case) -> None:
    client = signed_in(world.lead.officer)
    drafts = [
        client.get(f"/desk/cases/{drafting.code}/reply/", headers={"accept-language": lang})
        for lang in ("zh-hans", "en")
    ]
    assert "Save" in drafts[1].content.decode()
    chinese, english = (shown.context["reply"].to_dict() for shown in drafts)
    assert english == chinese
    assert "的提案收悉" in drafts[1].context["draft"].blocks[0].text


def test_preview_files(world: World, drafting: Case) -> None:
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    data = fields(client.get(url))
    assert client.post(url, {**data, "op": "docx"}).content.startswith(b"PK")
    assert client.post(url, {**data, "op": "pdf"}).content.startswith(b"%PDF")


def test_script_in_every_field_stays_text(world: World, drafting: Case) -> None:
    bad = "<script>alert(1)</script>"
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    data = {
        key: bad
        for key in fields(client.get(url))
        if key not in {"count", "rest", "base", "date", "result_date"}
    }
    data |= {"count": "1", "type-0": "p", "text-0": bad + f"[{bad}](诺:p1)", "promise": "p1", "op": "check"}
    assert bad not in client.post(url, data).content.decode()
    assert (
        bad
        not in client.post(url, {**data, "op": "save", "promise-p1-due": ""}, follow=True).content.decode()
    )


def test_others_may_not_write(world: World, drafting: Case) -> None:
    url = f"/desk/cases/{drafting.code}/reply/"
    assert signed_in(world.lead.leader).get(url).status_code == 403
    assert signed_in(world.members[0]).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_fifty_megabytes_are_refused(world: World, drafting: Case) -> None:
    client = signed_in(world.lead.officer)
    file = SimpleUploadedFile("big.txt", b"x" * 3_000_000)
    with override_settings(UPLOAD_LIMIT=1_000_000):
        answer = client.post(f"/desk/cases/{drafting.code}/reply/", {"op": "import", "file": file})
    assert answer.status_code == 413
    assert "太大" in answer.content.decode()


def test_queries_do_not_grow_with_the_letter(
    world: World, drafting: Case, django_assert_max_num_queries: Any
) -> None:
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    known = [
        value(f"{n}家", str(n), start=dt.date(2000 + n, 1, 1), end=dt.date(2000 + n, 12, 31))
        for n in range(1, 30)
    ]
    text = "".join(f"[{v.display}](数:{v.code})，" for v in known)
    data = fields(client.get(url)) | {"count": 1, "type-0": "p", "text-0": text, "op": "save"}
    client.post(url, data)
    with django_assert_max_num_queries(15):
        assert client.get(url).status_code == 200


# --- other texts -----------------------------------------------------------------------------------------------


def test_opinion_and_holding_reply(world: World, drafting: Case) -> None:
    opinion = drafting.children.get(kind="opinion")
    act(opinion, "accept", by=world.co.officer, at=at("2024-02-02"))
    client = signed_in(world.co.officer)
    url = f"/desk/cases/{opinion.code}/text/save_opinion/"
    assert client.post(url, {"text": " "}).status_code == 422
    assert client.post(url, {"text": "同意，建议补充资本对接。"}).status_code == 302
    assert Version.objects.get(paper__kind="opinion").text == "同意，建议补充资本对接。"
    holding = signed_in(world.lead.officer).post(
        f"/desk/cases/{drafting.code}/text/hold/", {"text": "正在办理。"}
    )
    assert holding.status_code == 302
    page = signed_in(world.lead.officer).get(f"/desk/cases/{drafting.code}/text/hold/").content.decode()
    assert "提交后立即送达" in page  # nobody takes it for a draft
    assert ">保存版本<" not in page
    assert ">保存版本<" in client.get(url).content.decode()
    assert drafting.parent is not None
    assert drafting.parent.acts.filter(verb="told", version__text="正在办理。").exists()
    assert signed_in(world.members[0]).get(f"/desk/cases/{drafting.parent.code}/").status_code == 200


@pytest.mark.parametrize(
    ("qualifier", "display", "said"),
    [("近", "近310亿元", "近310亿元"), ("余", "310余亿元", "310余亿元"), ("", "310亿元", "310亿元")],
)
def test_a_figure_is_shown_as_one_says_it(
    world: World, drafting: Case, qualifier: str, display: str, said: str
) -> None:
    """Neither 310.000000 nor 余310."""
    tax = value(display, "310", qualifier=qualifier)
    client, url = signed_in(world.lead.officer), f"/desk/cases/{drafting.code}/reply/"
    text = f"[{display}](数:{tax.code})。"
    client.post(url, fields(client.get(url)) | {"count": 1, "type-0": "p", "text-0": text, "op": "save"})
    (row,) = client.get(url).context["cited"]
    assert row["said"] == said
    assert "310.000000" not in client.get(url).content.decode()
