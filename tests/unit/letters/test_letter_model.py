"""A letter survives its trip through JSON, is redacted for good, and two versions compare."""

from __future__ import annotations

import datetime as dt
import json
import re
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiao.letters import (
    Contact,
    Figure,
    Heading,
    Letter,
    LetterError,
    Paragraph,
    Personal,
    Promise,
    RedactionPolicy,
    Table,
    Text,
    diff,
    diff_text,
    plain_text,
    redact,
    to_docx,
    to_html,
    to_pdf,
)
from tests.unit.letters.letter_samples import (
    docx_parts,
    docx_text,
    html_text,
    pdf_text,
    published,
    sample,
    squeeze,
)

words = st.text(st.characters(codec="utf-8"), max_size=20)
leaf = st.one_of(
    st.builds(Text, words),
    st.builds(Figure, words, words),
    st.builds(Personal, st.sampled_from(["name", "phone", "address", "other"]), words),
)
inlines = st.lists(
    st.one_of(leaf, st.builds(Promise, words, st.lists(leaf, max_size=3).map(tuple))), max_size=4
).map(tuple)
heading = st.builds(Heading, st.integers(1, 4), words)
row = st.lists(inlines, max_size=3).map(tuple)
block = st.one_of(
    heading,
    st.builds(Paragraph, inlines, st.none() | heading),
    st.builds(Table, st.lists(row, max_size=3).map(tuple), st.integers(0, 2)),
)
some_words = st.lists(words, max_size=3).map(tuple)
maybe = st.none() | words
letters = st.builds(
    Letter,
    form=st.sampled_from(["reply_sheet", "letter", "document"]),
    title_lines=some_words,
    blocks=st.lists(block, max_size=5).map(tuple),
    result=maybe,
    signer=maybe,
    doc_number=maybe,
    issuer_mark=maybe,
    addressees=some_words,
    salutation=maybe,
    signature=some_words,
    date=st.none() | st.dates(),
    note=maybe,
    contact=st.none() | st.builds(Contact, maybe, maybe, maybe, maybe),
    attachments=some_words,
    copies_to=some_words,
    printed_by=maybe,
    printed_on=st.none() | st.dates(),
)


@given(letters)
def test_a_letter_comes_back_from_json_as_it_went(letter: Letter) -> None:
    assert Letter.from_dict(json.loads(json.dumps(letter.to_dict()))) == letter


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 2}, "letter.version"),
        ({"form": "memo"}, "letter.form"),
        ({"form": 1}, "letter.type"),
        ({"surprise": 1}, "letter.unknown_field"),
        ({"date": "2031-13-01"}, "letter.type"),
        ({"signature": "a unit"}, "letter.type"),
        ({"blocks": [{"type": "heading", "level": 5, "text": "x"}]}, "letter.heading_level"),
        ({"blocks": [{"type": "heading", "level": True, "text": "x"}]}, "letter.type"),
        ({"blocks": [{"type": "picture"}]}, "letter.block_type"),
        ({"blocks": ["x"]}, "letter.type"),
        (
            {"blocks": [{"type": "paragraph", "inlines": [{"type": "html", "text": "x"}]}]},
            "letter.inline_type",
        ),
        ({"contact": {"email": "x"}}, "letter.unknown_field"),
    ],
)
def test_what_is_not_a_letter_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(LetterError) as refused:
        Letter.from_dict({**sample().to_dict(), **change})
    assert refused.value.code == code


def test_a_promise_cannot_hold_a_promise() -> None:
    nested = {"type": "promise", "id": "a", "inlines": [{"type": "promise", "id": "b", "inlines": []}]}
    with pytest.raises(LetterError):
        Letter.from_dict({**sample().to_dict(), "blocks": [{"type": "paragraph", "inlines": [nested]}]})


def test_plain_text_reads_as_the_published_original() -> None:
    from tests.unit.letters.letter_samples import REPLY

    assert squeeze(plain_text(published())) == squeeze(REPLY.read_text(encoding="utf-8"))


# --- redaction ---

ALL = RedactionPolicy(
    frozenset({
        "name", "phone", "address", "other", "signer", "addressee",
        "contact_name", "contact_phone", "contact_address", "contact_postcode",
    }),
    masks={"phone": "[已隐去]"},
)  # fmt: skip
SECRETS = ("甄有为", "贾思明", "易知行", "021-55550123", "钱小满", "55550456", "示例路9号", "298765")


def test_redaction_leaves_no_personal_text_in_any_output() -> None:
    letter = redact(sample(), ALL)
    pdf, word, page = to_pdf(letter), to_docx(letter), to_html(letter)
    streams = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            streams.append(zlib.decompress(stream))
        except zlib.error:
            continue
    assert len(streams) > 3
    assert pdf_text(pdf) == squeeze(plain_text(letter))
    for secret in SECRETS:
        assert secret not in json.dumps(letter.to_dict(), ensure_ascii=False)
        assert secret not in html_text(page)
        assert secret not in page
        assert secret not in pdf_text(pdf)
        for data in streams:
            assert secret.encode() not in data
            assert secret.encode("utf-16-be") not in data
        for name, text in docx_parts(word).items():
            assert secret not in text, name
    assert "×××委员" in plain_text(letter)
    assert "[已隐去]" in plain_text(letter)


def test_only_the_kinds_named_are_hidden() -> None:
    letter = redact(sample(), RedactionPolicy(frozenset({"contact_phone"})))
    text = plain_text(letter)
    assert "55550456" not in text
    assert "021-55550123" in text
    assert "甄有为" in text
    assert redact(sample(), RedactionPolicy(frozenset())) == sample()


def test_hidden_words_are_hidden_where_they_stand_unmarked() -> None:
    letter = sample(
        title_lines=("答复贾思明",),
        blocks=(
            Paragraph((Personal("name", "贾思明"), Text("与贾"), Figure("f", "思明7个"))),
            Heading(1, "一、贾思明的建议"),
            Table((((Text("贾思明"),),),)),
        ),
    )
    policy = RedactionPolicy(frozenset({"name"}))
    assert "贾" not in plain_text(redact(letter, policy))
    assert "×××7个" in plain_text(redact(letter, policy))
    kept = redact(letter, RedactionPolicy(frozenset({"name"}), sweep=False))
    assert "一、贾思明的建议" in plain_text(kept)


def test_a_kind_that_does_not_exist_is_refused_not_ignored() -> None:
    with pytest.raises(LetterError) as refused:
        RedactionPolicy(frozenset({"telephone"}))  # type: ignore[arg-type]
    assert refused.value.code == "redact.kind"


def test_a_printed_salutation_is_redacted_too() -> None:
    letter = sample(salutation="尊敬的贾思明委员并易知行委员：")
    assert redact(letter, ALL).salutation == "尊敬的×××委员并×××委员："
    odd = sample(salutation="尊敬的思明：")
    assert "思明" not in plain_text(redact(odd, ALL))


@given(letters)
def test_redacting_twice_is_redacting_once(letter: Letter) -> None:
    policy = RedactionPolicy(ALL.kinds, sweep=False)
    once = redact(letter, policy)
    assert redact(once, policy) == once


# --- comparison ---


def test_a_letter_does_not_differ_from_itself() -> None:
    assert diff(sample(), sample()).same
    assert diff(sample(), sample()).count("changed") == 0


def test_a_changed_number_is_marked_whole() -> None:
    left, right = diff_text("税收近310亿元，同比增长约18%。", "税收近325.5亿元，同比增长约18%。")
    assert [(s.change, s.text) for s in left] == [
        ("equal", "税收近"),
        ("changed", "310"),
        ("equal", "亿元，同比增长约18%。"),
    ]
    assert ("changed", "325.5") in [(s.change, s.text) for s in right]


def test_blocks_are_aligned() -> None:
    before = published()
    blocks = list(before.blocks)
    changed = blocks[1]
    assert isinstance(changed, Paragraph)
    blocks[1] = Paragraph((Text(changed.text.replace("重要平台", "关键平台")),))
    del blocks[5]
    blocks.insert(8, Paragraph((Text("新增一段：本区另设绿色算力专班，按月调度。"),)))
    after = Letter.from_dict({**before.to_dict(), "blocks": [], "result": "列入计划拟解决"})
    after = Letter(**{f: getattr(after, f) for f in after.__dataclass_fields__} | {"blocks": tuple(blocks)})
    found = diff(before, after)
    assert (found.count("changed"), found.count("removed"), found.count("added")) == (2, 1, 1)
    row = next(row for row in found.rows if row.change == "changed" and row.part == "paragraph")
    assert row.left is not None
    assert [s.text for s in row.left if s.change == "changed"] == ["重要"]
    json.dumps(found.to_dict())


@settings(max_examples=60)
@given(letters, letters)
def test_a_comparison_loses_no_words(a: Letter, b: Letter) -> None:
    found = diff(a, b)
    for letter, side in ((a, "left"), (b, "right")):
        texts = [
            "".join(s.text for s in segments)
            for row in found.rows
            if (segments := getattr(row, side)) is not None
        ]
        assert "\n".join(texts) == plain_text(letter)


@given(words, words)
def test_inline_segments_make_up_both_texts(a: str, b: str) -> None:
    left, right = diff_text(a, b)
    assert "".join(s.text for s in left) == a
    assert "".join(s.text for s in right) == b
    assert [s.text for s in left if s.change == "equal"] == [s.text for s in right if s.change == "equal"]


def test_dates_print_with_arabic_numerals_and_no_leading_zeros() -> None:
    assert "2031年4月5日" in plain_text(sample(date=dt.date(2031, 4, 5)))


def test_word_text_has_the_letter(tmp_path: object) -> None:
    assert docx_text(to_docx(published())) == squeeze(plain_text(published()))
