"""The editor's marks: what is written can be read back, and every plain text means itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiao.desk.writing.blocks import (
    MarkError,
    Typed,
    read_block,
    read_inlines,
    wrap,
    wrap_promise,
    write_block,
    write_inlines,
)
from qiao.letters import Block, Figure, Heading, Paragraph, Personal, Promise, Table, Text

characters = st.characters(exclude_characters="\r\n‖", exclude_categories=["Cs", "Cc"])
words = st.text(characters, min_size=1).filter(str.strip)
keys = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
leaf = st.one_of(
    words.map(Text),
    st.builds(Figure, keys, words),
    st.builds(Personal, st.sampled_from(["name", "phone"]), words),
)
inline = st.one_of(leaf, st.builds(Promise, keys, st.lists(leaf, min_size=1, max_size=4).map(tuple)))


def merged(inlines: Any) -> tuple[Any, ...]:
    """Neighbouring plain texts as one."""
    out: list[Any] = []
    for given_one in inlines:
        one = (
            Promise(given_one.id, merged(given_one.inlines)) if isinstance(given_one, Promise) else given_one
        )
        if isinstance(one, Text) and out and isinstance(out[-1], Text):
            out[-1] = Text(out[-1].text + one.text)
        else:
            out.append(one)
    return tuple(out)


@given(st.lists(inline, max_size=6))
def test_round_trip(inlines: list[Any]) -> None:
    assert read_inlines(write_inlines(inlines)) == merged(inlines)


@given(st.text())
def test_whatever_is_typed_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        found = read_inlines(text)
    except MarkError as error:
        assert error.code in {"unknown", "empty", "nested", "personal"}
    else:
        assert read_inlines(write_inlines(found)) == found


texts = st.lists(
    st.sampled_from([*"[]()（）\\:：‖|。数诺隐 x\n", "](数:a)", "（诺：p1）", "[近3亿元](数:v)"])
).map("".join)


@given(texts)
def test_whatever_marks_are_typed_are_read_or_refused(text: str) -> None:
    try:
        found = read_inlines(text)
    except MarkError:
        return
    assert read_inlines(write_inlines(found)) == found


blocks = st.one_of(
    st.builds(Heading, st.integers(1, 4), words.filter(lambda w: w == w.strip())),
    st.builds(Paragraph, st.lists(inline, min_size=1, max_size=4).map(merged)),
    st.builds(
        Paragraph,
        st.lists(inline, min_size=1, max_size=3).map(merged),
        st.builds(
            Heading, st.integers(1, 4), st.text(characters | st.just("‖"), min_size=1).filter(str.strip)
        ),
    ),
    st.integers(2, 3).flatmap(
        lambda wide: st.builds(  # one column of blanks would be blank lines
            Table,
            st.lists(
                st.tuples(*[st.lists(inline, max_size=2).map(merged)] * wide), min_size=1, max_size=3
            ).map(tuple),
            st.integers(0, 1),
        )
    ),
)


@given(blocks)
def test_every_block_comes_back(block: Block) -> None:
    typed = write_block(block)
    if typed.text.strip():
        assert read_block(typed) == [block]


def test_brackets_without_end_are_read_quickly() -> None:
    assert read_inlines("[" * 20_000) == (Text("[" * 20_000),)
    assert read_inlines("[" * 9_000 + "]" * 9_000)


def test_full_width_marks() -> None:
    assert read_inlines("税收[近310亿元]（数：v1），") == (
        Text("税收"),
        Figure("v1", "近310亿元"),
        Text("，"),
    )


@pytest.mark.parametrize(
    "text", ["[注]", "a]b", "见[2024]14号", "[x](y)", "（见附件：一）", "[[", "\\", "(隐)"]
)
def test_plain_brackets_are_plain(text: str) -> None:
    assert read_inlines(text) == (Text(text),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[ ](数:a)", "empty"),
        ("[a[b](诺:p2)](诺:p1)", "nested"),
        ("[a[b](数:x)](隐:name)", "nested"),
        ("[张三](隐:age)", "personal"),
        ("[近310亿元](数: )", "unknown"),
        ("[近310亿元](据:v1)", "unknown"),
        ("近310亿元](数:v1)", "unknown"),
        ("[近310亿元(数:v1)", "unknown"),
    ],
)
def test_wrong_marks_are_named(text: str, code: str) -> None:
    with pytest.raises(MarkError) as error:
        read_inlines(text)
    assert error.value.code == code


def test_no_mark_in_a_heading() -> None:
    for kind in ("h1", "r2"):
        with pytest.raises(MarkError) as error:
            read_block(Typed(kind, "一、税收[近310亿元](数:v1)。其他"))
        assert error.value.code == "heading"


def test_a_literal_mark_can_be_written() -> None:
    assert read_inlines(r"写作 \[近310亿元\]\(数:编号)") == (Text("写作 [近310亿元](数:编号)"),)


def test_run_in_heading() -> None:
    typed = Typed("r2", "（一）依托创新平台。厚植培育土壤。")
    (block,) = read_block(typed)
    assert block == Paragraph((Text("厚植培育土壤。"),), Heading(2, "（一）依托创新平台。"))
    assert write_block(block) == typed


def test_blank_line_makes_two_paragraphs() -> None:
    assert [b.text for b in read_block(Typed("p", "甲\r\n\r\n乙\n丙"))] == ["甲", "乙丙"]  # type: ignore[union-attr]


def test_wrapping_words_in_a_mark() -> None:
    inlines = read_inlines("税收近310亿元，增长")
    assert wrap(inlines, 2, 8, lambda w: Figure("k", w)) == (
        Text("税收"),
        Figure("k", "近310亿元"),
        Text("，增长"),
    )
    cited = wrap(inlines, 2, 8, lambda w: Figure("k", w))
    assert cited is not None
    assert wrap(cited, 1, 4, lambda w: Figure("z", w)) is None
    promised = wrap_promise(cited, 0, 9, "p1")
    assert promised == (
        Promise("p1", (Text("税收"), Figure("k", "近310亿元"), Text("，"))),
        Text("增长"),
    )
