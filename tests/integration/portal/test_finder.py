"""The policy finder: what it asks, what it says, what it keeps (nothing), and what becomes of nonsense."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qiao.core.clocks import today
from qiao.core.policies import asking, rules
from qiao.core.policies.fitting import fitting
from qiao.eligibility import Truth

DAY = "2026-06-01"
FIRM = {
    "on": DAY,
    "industry": "6513",
    "staff@2025": "80",
    "revenue@2025": "3000",
    "unit:revenue@2025": "万元",
    "assets@2025": "2800万元",
    "founded": "2020-05-01",
}
pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def hidden(page: str, form: str) -> list[tuple[str, str]]:
    """The hidden fields of a form on the page."""
    body = re.search(rf'<form id="{form}".*?</form>', page, re.S)
    assert body
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body[0])
    return [(html.unescape(n), html.unescape(v)) for n, v in found]


def posted(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return data


def test_it_begins_with_what_decides_most(visitor: Client) -> None:
    page = text(visitor.get("/finder/"))
    asked = [v for n, v in hidden(page, "ask") if n == "asked"]
    assert asked == ["industry", f"staff@{today().year - 1}", f"revenue@{today().year - 1}", "founded"]
    assert "C 制造业" in page and "利润表" in page  # sections to choose from, and where to find a figure


def test_results_follow_the_answers(visitor: Client) -> None:
    page = text(visitor.post("/finder/", FIRM))
    assert "中小企业划型：小型" in page.replace("</h3>", "")
    assert 'id="state-open"' in page
    assert re.search(r"再答 \d+ 题，可确定 \d+ 项政策", page)
    assert "软件和信息技术服务业" in page or "6513" in page


def test_what_is_said_to_be_settled_is_settled(visitor: Client) -> None:
    """Whatever is answered to the questions asked next, at least as many policies are decided as was said."""
    page = text(visitor.post("/finder/", FIRM))
    said = re.search(r"再答 (\d+) 题，可确定 (\d+) 项政策", page)
    assert said
    fields = hidden(page, "ask")
    plan = rules(dt.date.fromisoformat(DAY))
    asked = [v for n, v in fields if n == "asked"]
    told = fitting(plan, asking.read(plan, dict(fields)).facts)
    later = [asking.name_of(plan.plan, q.ref) for q in told.explainer.questions(told.judged, limit=60)]
    asked = list(dict.fromkeys([*asked, *later]))[: int(said[1])]

    def undecided(data: dict[str, Any]) -> int:
        facts = asking.read(plan, data).facts
        judged = plan.walker.judge(facts)
        explainer = plan.explainer()
        found = [explainer.explain(judged, p.id) for p in plan.plan.policies]
        return sum(e.verdict == Truth.UNKNOWN and not e.awaits_judgement for e in found)

    before = dict(fields)
    for yes in ("1", "0"):
        answers = {}
        for name in asked:
            ref = asking.fact_named(plan, name)
            assert ref
            fact = plan.plan.vocabulary[ref.key]
            answers[name] = {
                "boolean": yes, "date": "2021-01-01", "code": "6513", "category": next(iter(fact.values), ""),
            }.get(fact.type, "100")  # fmt: skip
        assert undecided({**before, **answers}) <= undecided(before) - int(said[2])


def test_a_blank_is_not_asked_again_and_can_be_answered_later(visitor: Client) -> None:
    page = text(visitor.post("/finder/", FIRM))
    fields = hidden(page, "ask")
    asked = [v for n, v in fields if n == "asked"]
    then = text(visitor.post("/finder/", posted(fields)))
    again = hidden(then, "ask")
    assert not set(asked) & {v for n, v in again if n == "asked"}
    assert set(asked) <= {v for n, v in again if n == "skip"}
    edited = text(visitor.post("/finder/", {**posted(hidden(then, "answers")), "edit": asked[0]}))
    assert [v for n, v in hidden(edited, "ask") if n == "asked"] == [asked[0]]


def test_an_answer_can_be_changed(visitor: Client) -> None:
    page = text(visitor.post("/finder/", {**FIRM, "edit": "staff@2025"}))
    assert 'name="staff@2025" value="80"' in page
    fields = posted(hidden(page, "ask"))
    assert fields["asked"] == ["staff@2025"] and "staff@2025" not in fields
    changed = text(visitor.post("/finder/", {**fields, "staff@2025": "5"}))
    assert "中小企业划型：微型" in changed


def test_every_question_ends(visitor: Client) -> None:
    """Whoever knows nothing is through after a while, and is refused nothing."""
    page = text(visitor.get("/finder/"))
    for _round in range(60):
        if 'id="ask"' not in page:
            break
        page = text(visitor.post("/finder/", posted(hidden(page, "ask"))))
    assert "能问的都问过了" in page
    assert 'id="state-no"' not in page and 'id="state-outside"' not in page


def test_a_broad_industry_is_asked_for_in_detail(visitor: Client) -> None:
    page = text(visitor.post("/finder/", {**FIRM, "industry": "65"}))
    assert 'name="was:industry" value="65"' in page
    assert 'value="651"' in page and 'value="66"' not in page
    fields = {**posted(hidden(page, "ask")), "industry": "65"}  # cannot say more
    then = text(visitor.post("/finder/", fields))
    assert ("industry", "65") in hidden(then, "ask")
    assert "industry" not in [v for n, v in hidden(then, "ask") if n == "asked"]


def test_clause_by_clause(visitor: Client) -> None:
    page = text(visitor.post("/finder/cn/tech-sme/", FIRM))
    for words in ("科技型中小企业", "国科发政〔2017〕115号", "2026年6月1日", "第六条", "回到结果"):
        assert words in page, words
    back = text(visitor.post("/finder/", posted(hidden(page, "answers"))))
    assert "中小企业划型：小型" in back
    doubtful = text(visitor.get("/finder/cn/gazelle/"))
    assert "条文待核实" in doubtful


def test_the_rules_are_those_of_the_day(visitor: Client) -> None:
    old = text(visitor.get("/finder/cn/little-giant/", {"on": "2026-03-31"}))
    new = text(visitor.get("/finder/cn/little-giant/", {"on": "2026-04-01"}))
    assert "工信部企业〔2022〕63号" in old and "工信部企业〔2026〕2号" in new
    assert visitor.get("/finder/changning/ai-rent-carrier/", {"on": DAY}).status_code == 404
    assert visitor.get("/finder/cn/nothing/").status_code == 404


def test_the_link_gives_the_same_result(visitor: Client) -> None:
    page = text(visitor.post("/finder/", {**FIRM, "skip": "listed"}))
    link = re.search(r'id="permalink" href="([^"]+)"', page)
    assert link
    address = html.unescape(link[1])
    assert parse_qs(urlsplit(address).query)["revenue@2025"] == ["30000000"]
    assert "写有您的全部答案" in page
    response = visitor.get(address)
    again = text(response)
    assert response["X-Robots-Tag"] == "noindex" and "private" in response["Cache-Control"]

    def results(page: str) -> list[str]:
        return re.findall(r'<h3>(.*?)</h3>|id="(state-\w+)"', page)

    assert results(again) == results(page)


def test_nothing_is_kept(visitor: Client) -> None:
    counts = {m: m._default_manager.count() for m in apps.get_models()}
    with CaptureQueriesContext(
        connection,
    ) as seen:
        response = visitor.post("/finder/", FIRM)
    assert len(seen) <= 2
    assert not [q for q in seen.captured_queries if not q["sql"].startswith("SELECT")]
    assert not any("3000" in c.value or "6513" in c.value for c in response.cookies.values())
    assert {m: m._default_manager.count() for m in apps.get_models()} == counts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("revenue@2025", "9" * 10_000),
        ("revenue@2025", "1e999999999"),
        ("revenue@2025", "-5"),
        ("revenue@2025", "99999999 亿元"),
        ("staff@2025", "很多"),
        ("staff@2025", "80.5"),
        ("founded", "2020-13-45"),
        ("industry", "<script>alert(1)</script>"),
        ("listed", "maybe"),
        ("revenue@2025", "３０００\u0000"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_question(visitor: Client, name: str, value: str) -> None:
    page = text(visitor.post("/finder/", {"on": DAY, "asked": name, name: value}))
    assert 'class="error"' in page
    assert "<script>alert" not in page and "9" * 100 not in page


@pytest.mark.parametrize(
    "data",
    [
        {"on": "9999-99-99", "nothing": "1"},
        {"on": "0001-01-01", "staff@9999": "1", "staff@0": "1", "staff[0]": "1", "staff[99]": "1"},
        {"skip": ["x" * 10_000, "staff[1]", "nothing"], "asked": ["", "size_class", "cn/tech-sme:field"]},
        {"size_class": "large", "cn/tech-sme:field": "1", "edit": "size_class"},
        {"was:industry": "65", "unit:staff@2025": "万元", "edit": "<b>"},
        {f"k{n}": "1" for n in range(900)},
    ],
)
def test_forged_fields_are_left_alone(visitor: Client, data: dict[str, Any]) -> None:
    page = text(visitor.post("/finder/", data))
    assert "政策测一测" in page and "<b>" not in page


def test_english(client: Client) -> None:
    page = text(client.post("/finder/", FIRM, HTTP_ACCEPT_LANGUAGE="en"))
    main = page[page.index("<main") : page.index("</main")]
    for words in ("Your answers", "Clause by clause", "SME size class: small", "Operating revenue 2025"):
        assert words in main, words
