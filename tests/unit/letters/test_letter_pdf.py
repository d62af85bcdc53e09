"""GB/T 9704-2012 geometry, measured on the finished PDF, and what a PDF must survive."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import math
import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser

from qiao.letters import (
    FontSet,
    FontsMissing,
    Heading,
    Letter,
    LetterError,
    Paragraph,
    Personal,
    Table,
    Text,
    choose_fonts,
    layout_for,
    layout_names,
    load_layout,
    make_pdf,
    parse_layout,
    plain_text,
    to_pdf,
)
from qiao.letters.fonts import choose_from, roles
from tests.unit.letters.letter_samples import (
    FORBIDDEN_AT_END,
    FORBIDDEN_AT_START,
    HEADED,
    PrintedLine,
    every_form,
    filler,
    look,
    pdf_text,
    published,
    sample,
    squeeze,
)

PITCH = 225 / 22
CELL = 156 / 28
EM = 16 * 25.4 / 72


def long_letter(**changes: object) -> Letter:
    """Three pages of full-width characters without punctuation or headings."""
    paragraphs = tuple(Paragraph((Text(filler(26 + 28 * 9)),)) for _ in range(8))
    return sample(**{"blocks": paragraphs, **changes})


# --- the grid ---


def test_a_full_page_has_22_lines_of_equal_pitch_in_the_type_area() -> None:
    page = look(to_pdf(long_letter()))[1]
    baselines = [line.baseline for line in page.lines]
    assert len(baselines) == 22
    for upper, lower in itertools.pairwise(baselines):
        assert lower - upper == pytest.approx(PITCH, abs=0.2)
    # the em box stands 0.88 above the baseline
    assert baselines[0] - 0.88 * EM == pytest.approx(37, abs=1)
    assert baselines[-1] - 0.88 * EM + PITCH == pytest.approx(297 - 35, abs=1)


def test_a_full_line_has_28_characters_between_the_margins() -> None:
    page = look(to_pdf(long_letter()))[1]
    full = [line for line in page.lines if len(line.chars) == 28]
    assert len(full) > 15
    for line in full:
        assert line.left == pytest.approx(28, abs=1)
        assert line.right == pytest.approx(210 - 26, abs=1)
        for one, other in zip(line.chars, line.chars[1:], strict=False):
            assert other.left - one.left == pytest.approx(CELL, abs=0.05)
    indented = [line for line in page.lines if len(line.chars) == 26]
    assert indented
    for line in indented:
        assert line.left == pytest.approx(28 + 2 * CELL, abs=0.2)
        assert line.right == pytest.approx(184, abs=1)
    assert {len(line.chars) for line in page.lines} == {26, 28}


def test_headings_and_their_paragraphs_stand_on_the_grid() -> None:
    for page in look(to_pdf(published()))[1:]:
        first = page.lines[0].baseline
        for line in page.lines:
            steps = (line.baseline - first) / PITCH
            assert steps == pytest.approx(round(steps), abs=0.02), line.text


def test_every_full_page_of_the_published_reply_is_full() -> None:
    pages = look(to_pdf(published()))
    assert [len(page.lines) for page in pages[1:-1]] == [22] * (len(pages) - 2)


def test_title_is_larger_centred_and_the_addressee_flush_left() -> None:
    lines = look(to_pdf(sample()))[0].lines
    title = next(line for line in lines if "政协第九届" in line.text)
    assert (title.left + title.right) / 2 == pytest.approx((28 + 184) / 2, abs=0.5)
    height = title.chars[1].left - title.chars[0].left
    assert height == pytest.approx(22 * 25.4 / 72, abs=0.1)
    greeting = next(line for line in lines if line.text.startswith("贾思明委员、"))
    assert greeting.left == pytest.approx(28, abs=0.2)
    assert greeting.text.endswith("：")


def font_of(lines: list[PrintedLine], start: str) -> str:
    return next(line for line in lines if line.text.startswith(start)).chars[0].font.split("+")[-1]


def test_each_level_has_its_own_font() -> None:
    lines = [line for page in look(to_pdf(sample())) for line in page.lines]
    body = font_of(lines, "您提出的")
    assert len({body, font_of(lines, "一、"), font_of(lines, "（一）")}) == 3
    assert font_of(lines, "1.具体") == body
    assert font_of(lines, "（1）") == body
    lead = next(line for line in lines if line.text.startswith("（一）"))
    assert lead.text.startswith("（一）建好平台，引育人才。在标杆企业")
    assert lead.chars[-1].font.split("+")[-1] == body
    assert lead.chars[0].left == pytest.approx(28 + 2 * CELL, abs=3)


def test_page_numbers_stand_7_mm_below_on_the_outer_side() -> None:
    pages = look(to_pdf(long_letter()))
    digit = 14 * 25.4 / 72
    for number, page in enumerate(pages, 1):
        assert page.number is not None
        assert page.number.text == f"— {number} —"
        # the dashes run 0.38 of the em above the baseline
        assert page.number.baseline - 0.38 * digit == pytest.approx(262 + 7, abs=0.5)
        if number % 2:
            assert page.number.right == pytest.approx(184 - digit, abs=0.5)
        else:
            assert page.number.left == pytest.approx(28 + digit, abs=0.5)


# --- line breaks ---

CHINESE = st.text(
    st.sampled_from(list(filler(40) + FORBIDDEN_AT_START * 2 + FORBIDDEN_AT_END * 2 + "0123456789AIGCab ")),
    min_size=200,
    max_size=400,
)


def sensible(seed: int) -> str:
    """Sentences of random lengths, with quotes, brackets and Latin in them."""
    rng = random.Random(seed)
    out = []
    for _ in range(60):
        words = filler(rng.randint(1, 14))
        out.append(
            rng.choice([
                "“{}”，", "《{}》。", "（{}）；", "{}、", "{}，", "{}。”", "{}……", "{}——", "AIGC{}，", "约18%{}。",
                "“《{}》（2022—2025）”：", "{}！", "{}？", "6100余家{}；",
            ]).format(words)
        )  # fmt: skip
    return "".join(out)


@pytest.mark.parametrize("seed", range(8))
def test_no_line_begins_or_ends_with_punctuation_that_may_not(seed: int) -> None:
    letter = sample(blocks=(Paragraph((Text(sensible(seed)),)),))
    lines = [line for page in look(to_pdf(letter)) for line in page.lines]
    assert len(lines) > 20
    for line in lines:
        assert line.text.strip()[0] not in FORBIDDEN_AT_START, line.text
        assert line.text.strip()[-1] not in FORBIDDEN_AT_END, line.text


def test_latin_words_add_no_space_between_scripts() -> None:
    letter = sample(blocks=(Paragraph((Text("共有AIGC企业"),)),))
    line = next(line for page in look(to_pdf(letter)) for line in page.lines if "AIGC" in line.text)
    chars = line.chars
    last_latin = max(i for i, char in enumerate(chars) if char.text == "C")
    gap = chars[last_latin + 1].left - chars[last_latin].right
    assert abs(gap) < 0.3


def test_a_word_longer_than_a_line_stays_inside_the_margins() -> None:
    letter = sample(blocks=(Paragraph((Text("见https://example.org/" + "a1b2c3d4" * 30),)),))
    for page in look(to_pdf(letter)):
        for line in page.lines:
            assert line.right < 185


# --- the forms ---


def test_letter_form_has_its_red_rules_and_number() -> None:
    pages = look(to_pdf(sample(form="letter", **HEADED)))
    first = pages[0]
    rules = [rule for rule in first.rules if rule[2] > 160]
    assert len(rules) == 4
    for left, _, width, _ in rules:
        assert width == pytest.approx(170, abs=0.5)
        assert left == pytest.approx(20, abs=0.5)
    tops = sorted(rule[1] for rule in rules)
    mark = next(line for line in first.lines if "青湾区科学技术委员会" in line.text)
    size = mark.chars[1].left - mark.chars[0].left
    assert mark.baseline - 0.88 * size == pytest.approx(30, abs=1)
    assert tops[0] == pytest.approx(30 + size + 4, abs=1)
    above, below = sorted(rules, key=lambda rule: rule[1])[:2], sorted(rules, key=lambda rule: rule[1])[2:]
    assert above[0][3] > above[1][3]
    assert below[0][3] < below[1][3]
    assert below[1][1] + below[1][3] == pytest.approx(297 - 20, abs=0.5)
    number = next(line for line in first.lines if "〔2031〕" in line.text)
    assert number.right == pytest.approx(184, abs=0.5)
    assert number.baseline - 0.88 * EM == pytest.approx(tops[1] + above[1][3] + EM * 7 / 8, abs=0.5)
    assert first.number is None
    assert not [rule for page in pages[1:] for rule in page.rules if rule[2] > 160]


def test_document_form_has_mark_number_signer_and_rule() -> None:
    first = look(to_pdf(sample(form="document", **HEADED)))[0]
    mark = next(line for line in first.lines if line.text == "青湾区科学技术委员会")
    size = mark.chars[1].left - mark.chars[0].left
    assert mark.baseline - 0.88 * size == pytest.approx(37 + 35, abs=1)
    number = next(line for line in first.lines if "〔2031〕" in line.text)
    assert number.text.endswith("签发人：甄有为")
    assert number.left == pytest.approx(28 + CELL, abs=0.3)
    assert number.right == pytest.approx(184 - CELL, abs=0.6)
    rule = next(rule for rule in first.rules if rule[2] > 150)
    assert rule[2] == pytest.approx(156, abs=0.3)
    assert rule[1] == pytest.approx(number.baseline + 0.12 * EM + 4, abs=0.5)
    assert first.number is not None


def test_the_body_below_a_red_head_is_on_the_grid() -> None:
    for form in ("letter", "document"):
        lines = look(to_pdf(long_letter(form=form, **HEADED)))[0].lines
        for line in lines:
            if line.text.startswith("天地玄黄") or len(line.chars) == 28:
                steps = (line.baseline - 0.88 * EM - 37) / PITCH
                assert steps == pytest.approx(round(steps), abs=0.02)


def test_a_long_issuer_mark_shrinks_to_the_line() -> None:
    letter = sample(form="document", issuer_mark=filler(30), doc_number="青〔2031〕1号")
    mark = next(line for line in look(to_pdf(letter))[0].lines if line.text == filler(30))
    assert mark.left >= 27
    assert mark.right <= 185


@pytest.mark.parametrize(
    ("unit", "closing"),
    [("青湾区科学技术委员会", "standard"), ("科委", "standard"), ("青湾区科学技术委员会", "centred")],
)
def test_unit_and_date_close_the_letter(unit: str, closing: str) -> None:
    layout = parse_layout(
        (Path(__file__).parents[3] / "src/qiao/letters/layouts/gbt9704-reply.yaml")
        .read_text(encoding="utf-8")
        .replace("closing: standard", f"closing: {closing}")
    )
    pages = look(to_pdf(sample(signature=(unit,)), layout))
    lines = [line for page in pages for line in page.lines]
    date = next(line for line in lines if line.text == "2031年4月5日")
    name = lines[lines.index(date) - 1]
    assert name.text == unit
    assert max(name.right, date.right) == pytest.approx(184 - 2 * CELL, abs=0.5)
    if closing == "centred":
        assert (name.left + name.right) / 2 == pytest.approx((date.left + date.right) / 2, abs=0.5)
    else:
        assert date.left - name.left == pytest.approx(2 * CELL, abs=0.5)
    note = lines[lines.index(date) + 1]
    assert note.text == "（此件公开发布）"


def test_the_imprint_stands_at_the_foot_of_the_last_page() -> None:
    last = look(to_pdf(sample(form="document", **HEADED)))[-1]
    assert last.lines[-1].text == "青湾区科学技术委员会办公室2031年4月6日印发"
    assert last.lines[-2].text == "抄送：区政协提案委员会，区政府办公室。"
    assert last.lines[-1].baseline > 250


# --- text, safety, sameness ---


def words_of(letter: Letter) -> str:
    return squeeze(plain_text(letter))


@pytest.mark.parametrize("form", ["reply_sheet", "letter", "document"])
def test_the_pdf_has_the_text_of_the_letter(form: str) -> None:
    letter = every_form()[form]
    assert pdf_text(to_pdf(letter)) == words_of(letter)


def test_the_published_reply_comes_out_whole() -> None:
    assert pdf_text(to_pdf(published())) == words_of(published())


EVIL = '#eval("1+1") #import "/etc/passwd" $x$ <a> @b *c* _d_ `e` \\ ] ) // /* " \' = - + <script>alert(1)</script>'


def test_typst_markup_stays_text_in_every_field() -> None:
    from qiao.letters import Contact

    letter = sample(
        form="document",
        title_lines=(EVIL,),
        result=EVIL,
        signer=EVIL,
        doc_number=EVIL,
        issuer_mark="#panic()",
        addressees=(EVIL,),
        blocks=(
            Heading(1, EVIL),
            Paragraph((Text(EVIL), Personal("name", EVIL)), Heading(2, EVIL)),
            Table((((Text(EVIL),),),)),
        ),
        signature=(EVIL,),
        note=EVIL,
        contact=Contact(EVIL, EVIL, EVIL, EVIL),
        attachments=(EVIL,),
        copies_to=(EVIL,),
        printed_by=EVIL,
    )
    assert pdf_text(to_pdf(letter)).count(squeeze(EVIL)) == words_of(letter).count(squeeze(EVIL))


def test_control_and_direction_characters_are_left_out() -> None:
    letter = sample(blocks=(Paragraph((Text("甲\x00\x07乙\u202e丙\ud800丁"),)),))
    assert "甲乙丙丁" in pdf_text(to_pdf(letter))


def test_equal_letters_give_equal_bytes() -> None:
    assert to_pdf(published()) == to_pdf(published())
    assert to_pdf(sample()) != to_pdf(sample(result="留作参考"))


def test_the_file_is_tagged_archivable_and_accessible() -> None:
    for letter in [*every_form().values(), published()]:
        made = make_pdf(letter)
        assert made.standards == ("a-2a", "ua-1")
    document = PDFDocument(PDFParser(io.BytesIO(to_pdf(published()))))
    assert document.catalog["MarkInfo"]["Marked"] is True
    assert document.catalog["Lang"] in (b"zh-CN", "zh-CN")
    assert b"20240430" in document.info[0]["CreationDate"]


def test_headings_that_skip_a_level_are_still_accessible() -> None:
    letter = sample(blocks=(Heading(4, "（1）直接到第四级"), Heading(1, "一、第一级"), Heading(3, "1.跳级")))
    assert make_pdf(letter).standards == ("a-2a", "ua-1")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_makes_a_pdf(one: str, other: str) -> None:
    letter = sample(title_lines=(one,), signer=other, blocks=(Heading(1, other), Paragraph((Text(one),))))
    assert to_pdf(letter).startswith(b"%PDF")


def test_an_almost_empty_letter_prints() -> None:
    for form in ("reply_sheet", "letter", "document"):
        assert to_pdf(Letter(form=form, title_lines=())).startswith(b"%PDF")


def test_sources_of_figures_are_listed_when_asked_for() -> None:
    text = pdf_text(to_pdf(sample(), end_notes={"tax-2031": "区统计局2031年报", "unused": "无"}))
    assert "数据来源：近12.5亿元：区统计局2031年报" in text
    assert "无" not in text.split("数据来源：")[1]
    assert "数据来源" not in pdf_text(to_pdf(sample()))


# --- fonts ---


def test_the_report_names_what_stands_in() -> None:
    report = make_pdf(sample()).fonts
    assert report == choose_fonts(layout_for("reply_sheet"))
    assert [choice.role for choice in report.choices] == ["title", "body", "kai", "hei", "song"]
    printed = {char.font for page in look(to_pdf(sample())) for line in page.lines for char in line.chars}
    for role in ("title", "body", "kai", "hei"):
        family = report[role].family.replace(" ", "").replace("SC", "").casefold()
        assert any(family[:10] in font.replace("-", "").casefold() for font in printed), (family, printed)
    licensed = {name for role in roles().values() for name in role.names}
    for choice in report.choices:
        assert choice.substituted == (choice.family not in licensed)


def test_an_installed_standard_font_is_preferred() -> None:
    report = choose_from(["Noto Serif CJK SC", "fangsong_gb2312", "SimHei", "LXGW WenKai"])
    assert (report["body"].family, report["body"].substituted) == ("fangsong_gb2312", False)
    assert (report["hei"].family, report["hei"].substituted) == ("SimHei", False)
    assert (report["kai"].family, report["kai"].substituted) == ("LXGW WenKai", True)
    assert report["title"].weight == 700
    assert report.substituted


def test_a_missing_kai_or_hei_falls_back_on_the_body() -> None:
    report = choose_from(["Noto Serif CJK SC"])
    assert report["kai"].family == report["hei"].family == "Noto Serif CJK SC"
    assert report["kai"].substituted


def test_no_chinese_font_is_an_error_that_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing) as missing:
        to_pdf(sample(), fonts=FontSet(folders=(tmp_path,), system=False))
    assert missing.value.code == "letter.fonts_missing"
    assert {"fonts-noto-cjk", "fonts-lxgw-wenkai"} <= set(missing.value.packages)


# --- layouts ---


def test_packaged_layouts_keep_the_standard() -> None:
    for name in layout_names():
        layout = load_layout(name)
        assert layout.page.area_width == 156
        assert layout.page.area_height == 225
        assert (layout.grid.lines, layout.grid.chars) == (22, 28)
        assert math.isclose(layout.line_pitch, PITCH)
        assert layout.source


MINE = """
name: mine
form: reply_sheet
source: a body's own
result_at: first_line
signer_at: top_right
contact: brackets
labels: {signer: "签发："}
"""


def test_a_body_may_have_its_own_layout(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    layout = load_layout(path)
    text = plain_text(sample(), layout)
    assert text.startswith("办理结果：解决或采纳\n签发：甄有为\n")
    assert pdf_text(to_pdf(sample(), layout)) == squeeze(text)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("surprise: 1", "layout.unknown_field"),
        ("result_at: somewhere", "layout.choice"),
        ("page: {top: wide}", "layout.number"),
        ("grid: {lines: 2.5}", "layout.number"),
        ("labels: {surprise: x}", "layout.unknown_field"),
        ("page: 3", "layout.type"),
        ("form: memo", "layout.form"),
        ("keep_headings: perhaps", "layout.type"),
        ("[", "layout.yaml"),
    ],
)
def test_a_layout_with_a_mistake_is_refused(change: str, code: str) -> None:
    key = change.split(":", maxsplit=1)[0]
    text = re.sub(rf"^{re.escape(key)}:.*$", "", MINE, flags=re.M) + change
    with pytest.raises(LetterError) as refused:
        parse_layout(text)
    assert refused.value.code == code


def test_the_date_is_the_files_date_and_absent_dates_do_not_change_bytes() -> None:
    undated = sample(date=None)
    assert to_pdf(undated) == to_pdf(undated)
    assert to_pdf(sample(date=dt.date(2031, 4, 5))) != to_pdf(sample(date=dt.date(2031, 4, 6)))
