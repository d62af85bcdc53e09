"""Whatever is fed in: no crash, and no character lost."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiao.letters.model import Letter
from qiao.letters.reading import (
    ReadingError,
    extract_text,
    find_figures,
    find_personal,
    find_promises,
    letter_text,
    read_proposal,
    read_reply,
    similarity,
)
from qiao.letters.reading.extract import split_lines
from qiao.letters.reading.headings import split_heading
from qiao.letters.reading.numerals import chinese, parse

SEED = (Path(__file__).parents[3] / "data" / "reply-065.txt").read_text(encoding="utf-8")
PIECES = st.sampled_from(
    [
        "\n", "\n\n", " ", "\t", "一、", "（一）", "1.", "：", "。", "，", "委员甲：", "办理结果：", "解决",
        "签发人：", "无", "对某区政协十五届三次会议", "第065号提案的答复", "收悉，现答复如下：", "您提出的“",
        "”的提案", "某区科学技术委员会", "2024年4月30日", "2024年2月31日", "（此件公开发布）", "联系人：",
        "联系电话：00000000", "抄送：", "附件：1.", "标题", "背景情况", "问题及分析", "具体建议", "为此，建议：",
        "一是", "将", "推进", "近310亿元", "余", "家", "第", "年内", "、", "关于", "提案人：", "民建某区委",
        "索取号\t", "主动公开", "某科委〔2024〕8号", "下一步工作", "位居全市第一",
    ]
)  # fmt: skip
OFFICIAL = st.lists(PIECES | st.text(max_size=4), max_size=40).map("".join)
ANY = st.text(max_size=300) | OFFICIAL


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", "\n".join(split_lines(text)))


@settings(max_examples=400, deadline=None)
@given(ANY)
def test_a_reply_keeps_every_character(text: str) -> None:
    found = read_reply(text)
    assert squeezed(found.text()) == squeezed(text)
    assert Letter.from_dict(found.letter.to_dict()) == found.letter
    letter_text(found.letter)


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_a_proposal_keeps_every_line(text: str) -> None:
    found = read_proposal(text)
    assert squeezed("".join(line.value for line in found.lines)) == squeezed(text)
    spans = [part.at for part in found.parts.values()]
    kept = {n for at in spans for n in range(at.first, at.last + 1)}
    kept |= {x.at.first for x in (*found.other, *found.fields, *found.proposers, *found.cosigners)}
    kept |= {n for x in (found.title, found.collective) if x for n in range(x.at.first, x.at.last + 1)}
    empty = {notice.at.first for notice in found.notices if notice.code == "empty_part" and notice.at}
    assert {line.at.first for line in found.lines} <= kept | empty


@settings(max_examples=400, deadline=None)
@given(ANY)
def test_marks_point_at_what_they_quote(text: str) -> None:
    for marks in (find_figures(text), find_personal(text), find_promises(text, soft=True, year=2024)):
        end = 0
        for mark in marks:
            assert end <= mark.start < mark.end <= len(text)
            assert text[mark.start : mark.end] == mark.text
            end = mark.end


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda b: b"PK\x03\x04" + b))
def test_bytes_are_read_or_refused_with_a_code(data: bytes) -> None:
    with contextlib.suppress(ReadingError):
        assert extract_text(data).text.strip()


@given(st.text(alphabet=st.characters(codec="gb2312"), min_size=8, max_size=200))
def test_chinese_text_survives_every_encoding(text: str) -> None:
    clean = "\n".join(split_lines(text))
    if clean.strip() and not re.search("[\x00-\x08\x0e-\x1f\x7f]", clean):
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            with contextlib.suppress(ReadingError):
                assert extract_text(clean.encode(encoding)).text == clean


@given(st.text(max_size=120))
def test_a_heading_and_its_rest_are_the_line(line: str) -> None:
    heading, rest = split_heading(line)
    assert (heading.text if heading else "") + rest == line.strip()


@given(st.integers(min_value=0, max_value=99_999_999))
def test_chinese_numerals_there_and_back(number: int) -> None:
    assert parse(chinese(number)) == number == parse(str(number))


@given(ANY, ANY)
def test_similarity_is_between_nothing_and_all(a: str, b: str) -> None:
    assert 0.0 <= similarity(a, b) == similarity(b, a) <= 1.0


@given(st.integers(min_value=0, max_value=len(SEED)), st.integers(min_value=0, max_value=len(SEED)))
@settings(max_examples=60, deadline=None)
def test_any_piece_of_the_seed_keeps_its_words(a: int, b: int) -> None:
    piece = SEED[min(a, b) : max(a, b)]
    assert squeezed(read_reply(piece).text()) == squeezed(piece)


LONG = [
    "将局" * 3000, "今年年底" * 3000, "1" * 20_000, " " * 20_000, "近" * 9000, "1 " * 9000, "在将" * 5000,
    "一" * 20_000, "全市" * 9000, "一、下一步工作\n" + "支持一，" * 4000, "甲" * 20_000, "2023年" * 5000,
    "将在" + "纳" * 9000, ("甲、" * 30 + "\n") * 300, "1,111" * 3000, "关于" * 9000, "“" * 9000,
    "联系人：" * 3000, "（" * 9000, "\t" * 9000, "对第1号" * 3000, "局\n" * 3000, "：\n" * 3000,
    "甲、\n" * 3000, "一、甲\n" * 3000, "为此" * 6000, "某 " * 9000, "。 " * 9000, "近1家，" * 4000,
]  # fmt: skip


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:4].strip() or "blank")
@pytest.mark.parametrize("work", [find_figures, find_promises, find_personal, read_reply, read_proposal])
def test_no_text_makes_it_slow(text: str, work: Callable[[str], object]) -> None:
    began = time.perf_counter()
    work(text)
    assert time.perf_counter() - began < 3
