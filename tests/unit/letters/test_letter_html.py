"""The page's fragment: the same text, escaped, with hooks and sound headings."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiao.letters import (
    Contact,
    Figure,
    Heading,
    Paragraph,
    Personal,
    Promise,
    Table,
    Text,
    plain_text,
    stylesheet,
    to_html,
)
from tests.unit.letters.letter_samples import HEADED, every_form, html_tags, html_text, sample, squeeze

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;"


@pytest.mark.parametrize("form", ["reply_sheet", "letter", "document"])
def test_the_fragment_has_the_text_of_the_letter(form: str) -> None:
    letter = every_form()[form]
    assert html_text(to_html(letter)) == squeeze(plain_text(letter))


def test_markup_stays_text_in_every_field() -> None:
    letter = sample(
        form="document",
        title_lines=(EVIL,),
        result=EVIL,
        signer=EVIL,
        doc_number=EVIL,
        issuer_mark=EVIL,
        addressees=(EVIL,),
        salutation=EVIL,
        blocks=(
            Heading(1, EVIL),
            Paragraph(
                (
                    Text(EVIL),
                    Figure(EVIL, EVIL),
                    Promise(EVIL, (Text(EVIL), Figure(EVIL, EVIL))),
                    Personal("name", EVIL),
                ),
                Heading(2, EVIL),
            ),
            Table((((Text(EVIL),), (Figure(EVIL, EVIL),)),), 1),
        ),
        signature=(EVIL,),
        note=EVIL,
        contact=Contact(EVIL, EVIL, EVIL, EVIL),
        attachments=(EVIL,),
        copies_to=(EVIL,),
        printed_by=EVIL,
        language=EVIL,
    )
    fragment = to_html(letter, citation_url=lambda _: "/x?" + EVIL.replace(" ", ""), end_notes={EVIL: EVIL})
    tags = html_tags(fragment)
    assert not {"script", "img"} & {tag for tag, _ in tags}
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on") or name == "style"]
    assert html_text(fragment).count(squeeze(EVIL)) > 20


def test_figures_promises_and_personal_data_have_hooks() -> None:
    tags = html_tags(to_html(sample()))
    assert ("data", {"class": "letter-figure", "data-citation": "tax-2031", "value": "近 12.5 亿元"}) in tags
    assert ("span", {"class": "letter-promise", "data-promise": "p1"}) in tags
    assert ("span", {"class": "letter-personal", "data-kind": "phone"}) in tags
    linked = html_tags(to_html(sample(), citation_url=lambda key: f"/figures/{key}/"))
    assert (
        "a",
        {"class": "letter-figure", "data-citation": "growth", "href": "/figures/growth/"},
    ) in linked


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JavaScript:alert(1)", " javascript:x", "data:text/html,x", "//evil.example", "/\\evil",
     "java\nscript:x", "vbscript:x", ""],
)  # fmt: skip
def test_an_address_that_could_run_or_leave_is_not_linked(url: str) -> None:
    assert not [tag for tag, _ in html_tags(to_html(sample(), citation_url=lambda _: url)) if tag == "a"]


@pytest.mark.parametrize(
    "url", ["/a/b", "https://example.org/x?y=1&z=2", "#c1", "?c=1", "a/b", "./x", "../x"]
)
def test_an_ordinary_address_is_linked(url: str) -> None:
    hrefs = [
        attrs["href"] for tag, attrs in html_tags(to_html(sample(), citation_url=lambda _: url)) if tag == "a"
    ]
    assert hrefs
    assert set(hrefs) == {url}


def test_a_link_never_stands_in_a_link() -> None:
    fragment = to_html(sample(), citation_url=lambda _: "/c", promise_url=lambda _: "/p")
    depth = 0
    for tag in re.findall(r"</?a\b", fragment):
        depth += 1 if tag == "<a" else -1
        assert depth in (0, 1)
    assert 'href="/p"' in to_html(sample(), promise_url=lambda _: "/p")


@pytest.mark.parametrize("offset", [0, 1, 3, 5])
def test_heading_levels_start_where_told_and_skip_none(offset: int) -> None:
    letter = sample(blocks=(Heading(1, "一、"), Heading(3, "1."), Heading(4, "（1）"), Heading(1, "二、")))
    levels = [
        int(attrs.get("aria-level") or tag[1])
        for tag, attrs in html_tags(to_html(letter, heading_level_offset=offset))
        if re.fullmatch("h[1-6]", tag) or attrs.get("role") == "heading"
    ]
    assert levels == [1 + offset, 2 + offset, 3 + offset, 4 + offset, 2 + offset]


def test_elements_are_what_they_say() -> None:
    fragment = to_html(sample(form="document", **HEADED))
    names = {tag for tag, _ in html_tags(fragment)}
    assert {"article", "header", "footer", "h2", "h3", "p", "table", "th", "time", "data"} <= names
    assert '<time datetime="2031-04-05">2031年4月5日</time>' in fragment
    assert 'lang="zh-CN"' in fragment


def test_every_class_that_the_fragment_uses_is_documented() -> None:
    import qiao.letters.html as module

    documented = module.__doc__ or ""
    for letter in every_form().values():
        for _, attrs in html_tags(to_html(letter, end_notes={"growth": "年报"})):
            for name in (attrs.get("class") or "").split():
                stem = name.split("--")[0]
                assert f"``{stem}``" in documented or stem in ("letter-header", "letter-footer"), name


def test_the_stylesheet_asks_for_nothing_from_elsewhere() -> None:
    css = stylesheet()
    assert "url(" not in css
    assert "@import" not in css
    assert ".letter" in css


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_any_text_stays_text(text: str) -> None:
    letter = sample(result=text, blocks=(Paragraph((Text(text), Figure(text, text))),))
    assert html_text(to_html(letter)) == squeeze(plain_text(letter))
