"""Public pages: what they show, what they never show, and how often they ask the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qiao.core.acts import act
from qiao.core.clocks import today
from qiao.core.models import Case, Indicator, Publication, Value
from qiao.core.search import index_call, index_organisation
from tests.factories import World, advance, at, handling_of, new_proposal, organisation, reply, sign_off
from tests.integration.portal.conftest import PHONE

LIMIT = 15


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200, url
    assert len(found) <= LIMIT, f"{url}: {len(found)}\n" + "\n".join(q["sql"][:160] for q in found)
    return len(found)


def test_reply_page(visitor: Client, published: Publication) -> None:
    page = text(visitor.get(published.get_absolute_url()))
    for words in (
        "去年全区数字经济税收",
        "全区数字经济企业全年入库税收合计",  # definition
        "区税务局2023年年报",  # source
        "2023-01-01",  # period
        "举办10场沙龙",  # the promise
        "解决或采纳",
        "主动公开",
        "政府信息公开条例 第二十六条",
        published.code,
        "联系电话",  # what was redacted is named
        "步内部办理",  # acts that are not public are counted
    ):
        assert words in page, words
    assert 'lang="zh-CN"' in page
    assert PHONE not in page


def test_nothing_private_leaves(visitor: Client, published: Publication, world: World) -> None:
    """No telephone number, no officer's name, no co-handler's opinion, no rating, no letter of e-mail."""
    slug = published.slug
    urls = [
        f"/replies/{slug}/",
        f"/replies/{slug}.json",
        f"/api/v1/publications/{slug}",
        "/",
        "/replies/",
        "/promises/",
        "/statistics/2024/",
        f"/verify/?code={published.code}",
        "/search/?q=沙龙",
    ]
    for url in urls:
        page = text(visitor.get(url))
        for word in (
            PHONE,
            world.lead.officer.person.name,
            "同意主办单位意见",
            "走访听取意见",
            "@example.org",
        ):
            assert word not in page, f"{word} on {url}"


def test_revised_figure_is_said(visitor: Client, published: Publication, world: World) -> None:
    old = Value.objects.get()
    Value.objects.filter(pk=old.pk).update(superseded_by=None)
    new = Value(
        indicator=old.indicator,
        start=old.start,
        end=old.end,
        value="311.2",
        display="311.2亿元",
        revision=2,
        stated_by=world.lead.officer,
        stated_at=at("2024-06-01"),
    )
    # As the desk does it: the old row points at the new one in the same transaction.
    from django.db import transaction

    with transaction.atomic():
        Value.objects.filter(pk=old.pk).update(end=old.end.replace(day=30))
        new.save()
        Value.objects.filter(pk=old.pk).update(superseded_by=new, end=old.end)
    page = text(visitor.get(published.get_absolute_url()))
    assert "已修订" in page
    assert "311.2亿元" in page
    assert "近310亿元" in page
    data = visitor.get(f"/replies/{published.slug}.json").json()
    assert data["citations"][0]["display"] == "近310亿元"
    assert data["citations"][0]["revised_since"] == {"display": "311.2亿元", "revision": 2}


def test_what_a_figure_counts_is_frozen_as_well(visitor: Client, published: Publication) -> None:
    """An indicator that is renamed or defined anew says nothing about letters signed before."""
    address = f"/replies/{published.slug}.json"
    before = visitor.get(address).json()["citations"][0]
    Indicator.objects.update(name="改过的名称", definition="改过的口径")
    after = visitor.get(address).json()["citations"][0]
    assert before["name"] and before["definition"]
    assert after == before
    assert "改过的" not in text(visitor.get(published.get_absolute_url()))


def test_result_after_tracking_is_a_second_field(visitor: Client, world: World) -> None:
    content = reply(world, result="reference", result_reason="条件尚不具备")
    case = advance(world, new_proposal(world), "tracking", content=content)
    act(
        case,
        "change_result",
        by=world.registry,
        data={"result": "solved"},
        reason="已经落实",
        at=at("2024-06-01"),
    )
    published = Publication.objects.get(case__parent=case)
    page = text(visitor.get(published.get_absolute_url()))
    assert "留作参考" in page
    assert "条件尚不具备" in page
    assert "已经落实" in page
    data = visitor.get(f"/replies/{published.slug}.json").json()
    assert (data["result"]["code"], data["result_after_tracking"]) == ("reference", "解决或采纳")
    assert "跟踪后：解决或采纳" in text(visitor.get("/replies/"))


def test_answered_in_time_or_not(visitor: Client, world: World) -> None:
    case = advance(world, new_proposal(world), "handling", co=False)
    handling = advance_to_signing(world, case)
    sign_off(world, handling, day="2024-06-20", co=False)
    act(handling, "publish", by=world.lead.officer, at=at("2024-08-30"))
    act(handling, "deliver", by=world.lead.officer, at=at("2024-08-30"))
    data = visitor.get(f"/replies/{Publication.objects.get().slug}.json").json()
    assert data["answered"] == {
        "due": "2024-04-30",
        "done_on": "2024-08-30",
        "state": "done_late",
        "source": "区级办理办法（与代表建议同为三个月）",
        "source_confirmed": False,
    }
    assert data["publication"]["state"] == "done_late"
    page = text(visitor.get(Publication.objects.get().get_absolute_url()))
    assert "期限来源未经核实" in page
    assert "badge-done_late" in page


def advance_to_signing(world: World, case: Case) -> Case:
    from tests.factories import to_signing

    return to_signing(world, case)


def test_withdrawn_is_a_tombstone(visitor: Client, published: Publication, world: World) -> None:
    handling = published.case
    act(handling, "unpublish", by=world.registry, reason="提案人申请撤下", at=at("2024-06-01"))
    for suffix in ("/", ".json", ".pdf", ".docx"):
        response = visitor.get(f"/replies/{published.slug}{suffix}")
        assert response.status_code == 410, suffix
        body = response.content.decode()
        assert "提案人申请撤下" in body
        assert "去年全区" not in body
        assert published.title not in body
    page = visitor.get(published.get_absolute_url()).content.decode()
    assert "2024年6月1日" in page
    assert visitor.get(f"/api/v1/publications/{published.slug}").status_code == 410
    assert "现已撤下" in text(visitor.get(f"/verify/?code={published.code}"))
    assert "去年全区" not in text(visitor.get("/replies/"))
    promise = Case.objects.get(kind="commitment")
    assert visitor.get(f"/promises/{promise.code}/").status_code == 404
    assert "举办10场沙龙" not in text(visitor.get("/promises/"))


def test_second_reply_is_linked(visitor: Client, published: Publication, world: World) -> None:
    handling = published.case
    act(handling, "reply_again", by=world.lead.officer, reason="有新进展", at=at("2024-07-01"))
    content = reply(world, promise="")
    act(handling, "save_reply", by=world.lead.officer, content=content.to_dict(), at=at("2024-07-02"))
    act(handling, "request_signature", by=world.lead.officer, at=at("2024-07-03"))
    sign_off(world, handling, day="2024-07-04")
    act(handling, "publish", by=world.lead.officer, at=at("2024-07-04", "11:00"))
    second = Publication.objects.exclude(pk=published.pk).get()
    assert second.slug == f"{published.slug}-2"
    assert f"/replies/{second.slug}/" in text(visitor.get(published.get_absolute_url()))
    page = text(visitor.get(second.get_absolute_url()))
    assert f"/replies/{published.slug}/" in page
    assert "在前" in page


def test_files(visitor: Client, published: Publication) -> None:
    pdf = visitor.get(f"/replies/{published.slug}.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert PHONE.encode() not in pdf.content
    again = visitor.get(f"/replies/{published.slug}.pdf", headers={"if-none-match": pdf["ETag"]})
    assert again.status_code == 304
    docx = visitor.get(f"/replies/{published.slug}.docx")
    assert docx.content.startswith(b"PK")
    assert docx["X-Content-Type-Options"] == "nosniff"


def test_pdf_says_what_the_page_says(visitor: Client, published: Publication) -> None:
    import io

    from pdfminer.high_level import extract_text

    words = extract_text(io.BytesIO(visitor.get(f"/replies/{published.slug}.pdf").content))
    flat = "".join(words.split())
    assert "近310亿元" in flat
    assert "×××" in flat
    assert PHONE not in flat


def test_list_and_filters(visitor: Client, published: Publication, more: Callable[..., list[Case]]) -> None:
    more(2, result="reference", result_reason="条件不具备")
    unit, session = published.case.unit, published.case.call
    assert unit
    cases = {
        "": 3,
        "?result=solved": 1,
        "?result=reference": 2,
        "?year=2024": 3,
        "?year=2023": 0,
        f"?unit={unit.code}": 3,
        f"?session={session.code}": 3,
        f"?unit={unit.name}": 3,
        "?unit=none": 0,
        "?q=数字经济税收": 1,
        "?q=没有这样的词": 0,
        "?year=abcd&page=99": 3,
        "?year=0000": 3,
        "?q=%00": 3,
    }
    for query, n in cases.items():
        page = text(visitor.get(f"/replies/{query}"))
        assert page.count('class="result"') == n, query


def test_pages_of_a_list(
    visitor: Client, more: Callable[..., list[Case]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qiao.portal import shared

    monkeypatch.setattr(shared, "PER_PAGE", 2)
    monkeypatch.setattr(shared.paged, "__defaults__", (2,))
    more(3)
    assert text(visitor.get("/replies/")).count('class="result"') == 2
    assert text(visitor.get("/replies/?page=2")).count('class="result"') == 1


def test_promises(visitor: Client, published: Publication, world: World) -> None:
    promise = Case.objects.get(kind="commitment")
    page = text(visitor.get("/promises/"))
    assert "严重超期" in page  # due at the end of 2024
    act(
        promise,
        "progress",
        by=world.lead.officer,
        data={"summary": "已办4场", "percent": 40},
        at=at("2024-08-01"),
    )
    assert "已办4场" in text(visitor.get(f"/promises/{promise.code}/"))
    later = today().replace(year=today().year + 1)
    act(
        promise,
        "carry_over",
        by=world.registry,
        data={"until": later},
        reason="用地调整",
        at=at("2025-01-05"),
    )
    page = text(visitor.get(f"/promises/{promise.code}/"))
    assert "按期推进" in page
    assert "最初承诺的期限：2024年12月31日" in page
    assert "用地调整" in page
    act(promise, "complete", by=world.lead.officer, data={"summary": "十场全部办完"}, at=at("2025-06-01"))
    page = text(visitor.get(f"/promises/{promise.code}/"))
    assert "按期兑现" in page
    assert "十场全部办完" in page
    for state, n in {"done": 1, "open": 0, "overdue": 0, "changed": 0, "": 1, "nonsense": 1}.items():
        shown = text(visitor.get(f"/promises/?state={state}"))
        assert shown.count('class="promise-row"') == n, state


def test_promise_text_is_redacted(visitor: Client, world: World) -> None:
    """A promise shows the words of the public copy, not those of the signed one."""
    from dataclasses import replace

    from qiao.letters.model import Paragraph, Personal, Promise

    base = reply(world)
    blocks = (Paragraph((Promise("p1", (*_words("拨打"), Personal("phone", PHONE), *_words("即可报名"))),)),)
    promise = replace(base.promises[0], text=f"拨打{PHONE}即可报名")
    content = replace(base, letter=replace(base.letter, blocks=blocks), promises=(promise,))
    case = advance(world, new_proposal(world), "replied", content=content)
    code = case.children.get(kind="commitment").code
    for url in ("/promises/", f"/promises/{code}/", f"/api/v1/promises/{code}", "/api/v1/promises"):
        page = text(visitor.get(url))
        assert PHONE not in page, url
        assert "即可报名" in page, url


def _words(words: str) -> tuple[Any, ...]:
    from qiao.letters.model import Text

    return (Text(words),)


def test_closed_class_is_never_public(visitor: Client, world: World) -> None:
    """A reply that is not published has no page, and neither has its promise."""
    case = advance(world, new_proposal(world), "handling", co=False)
    content = reply(world, publicity="closed", publicity_reason="涉及商业秘密")
    from tests.factories import to_signing

    handling = to_signing(world, case, content)
    sign_off(world, handling, co=False)
    promise = Case.objects.get(kind="commitment")
    assert visitor.get(f"/promises/{promise.code}/").status_code == 404
    assert text(visitor.get("/replies/")).count('class="result"') == 0
    assert visitor.get("/api/v1/promises").json()["total"] == 0


@pytest.mark.parametrize(
    ("name", "query"),
    [("待处理事务中心", "处理"), ("安装简单科技", "简单"), ("上海招商局科技有限公司", "招商 公司")],
)
def test_search_inside_names(visitor: Client, world: World, name: str, query: str) -> None:
    index_organisation(organisation(name, "firm"))
    page = text(visitor.get("/search/", {"q": query}))
    for word in query.split():
        assert f"<mark>{word}</mark>" in page
    assert page.count('class="result"') == 1


def test_search(visitor: Client, published: Publication, world: World) -> None:
    index_call(world.call)
    page = text(visitor.get("/search/?q=数字经济"))
    assert published.get_absolute_url() in page
    assert "<mark>数字经济</mark>" in page
    for query in ("<script>alert(1)</script>", "(", "a:b", "%", "\x00", "元" * 500):
        page = text(visitor.get("/search/", {"q": query}))
        assert "<script>alert" not in page
    draft = new_proposal(world, text={"title": "只有我能看见的草稿"})
    assert draft.title not in text(visitor.get("/search/?q=看见的草稿"))


def test_script_in_texts_is_text(visitor: Client, world: World) -> None:
    evil = "<script>alert(1)</script>"
    case = advance(
        world,
        new_proposal(world, text={"title": f"关于{evil}的建议"}),
        "replied",
        content=reply(world, promise=evil),
    )
    promise = case.children.get(kind="commitment")
    act(promise, "progress", by=world.lead.officer, data={"summary": evil}, at=at("2024-06-01"))
    slug = Publication.objects.get().slug
    for url in (
        "/",
        "/replies/",
        f"/replies/{slug}/",
        "/promises/",
        f"/promises/{promise.code}/",
        "/search/?q=alert",
    ):
        page = text(visitor.get(url))
        assert evil not in page, url
        assert "&lt;script&gt;" in page or "&lt;<mark>" in page or "<mark>alert</mark>" in page, url


def test_plain_pages(visitor: Client, world: World) -> None:
    """With no reply at all, and of every kind."""
    for url in ("/", "/about/", "/kinds/", "/verify/", "/history/", "/search/", "/promises/", "/replies/"):
        text(visitor.get(url))
    for kind in ("proposal", "suggestion", "handling", "opinion", "commitment"):
        assert "<svg" in text(visitor.get(f"/kinds/{kind}/"))
    for url in (
        "/kinds/none/",
        "/replies/none/",
        "/promises/none/",
        "/statistics/1999/",
        "/history/roots/x.json",
    ):
        assert visitor.get(url).status_code == 404, url
    assert "Disallow: /desk/" in text(visitor.get("/robots.txt"))
    assert visitor.get("/statistics/").status_code == 302
    assert "没有这个验证码" in text(visitor.get("/verify/?code=bcdfghjkmnpq"))
    assert visitor.post("/replies/").status_code == 405


def test_clocks_of_a_kind_show_their_sources(visitor: Client, published: Publication) -> None:
    page = text(visitor.get("/kinds/handling/"))
    assert "政府信息公开条例 第二十六条" in page
    assert "20 个工作日" in page
    assert "来源未经核实" in page


def test_feeds(visitor: Client, published: Publication) -> None:
    import xml.etree.ElementTree as ET

    for url, words in (("/replies/feed.xml", published.title), ("/history/feed.xml", "校验根")):
        response = visitor.get(url)
        assert response["Content-Type"].startswith("application/atom+xml")
        root = ET.fromstring(response.content)
        entries = root.findall("{http://www.w3.org/2005/Atom}entry")
        assert entries
        assert words in response.content.decode()


def test_english(client: Client, published: Publication) -> None:
    page = text(client.get(published.get_absolute_url(), headers={"accept-language": "en"}))
    assert '<html lang="en"' in page
    assert 'lang="zh-CN"' in page  # the letter itself
    assert "Solved or adopted" in page


def test_queries(
    visitor: Client, published: Publication, world: World, more: Callable[..., list[Case]]
) -> None:
    index_call(world.call)
    urls = [
        "/",
        "/replies/",
        "/replies/?q=沙龙&year=2024&result=solved",
        published.get_absolute_url(),
        f"/replies/{published.slug}.json",
        "/promises/",
        f"/promises/{Case.objects.get(kind='commitment').code}/",
        "/statistics/2024/",
        f"/verify/?code={published.code}",
        "/history/",
        "/search/?q=提案",
        "/replies/feed.xml",
        "/kinds/proposal/",
    ]
    few = {url: queries(visitor, url) for url in urls}
    more(6)
    for url in urls:
        assert queries(visitor, url) <= few[url], url


def test_json_is_json(visitor: Client, published: Publication) -> None:
    response = visitor.get(f"/replies/{published.slug}.json")
    data = json.loads(response.content)
    assert data["format"] == "qiao-publication/1"
    assert data["letter"]["contact"]["phone"] == "×××"
    assert data["promises"][0]["text"] == "举办10场沙龙"
    assert handling_of(published.case.parent).code in data["history"]  # type: ignore[arg-type]
    assert response["Access-Control-Allow-Origin"] == "*"
