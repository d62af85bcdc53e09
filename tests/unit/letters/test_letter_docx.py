"""The Word file: the same grid, real styles, the standard's fonts, the same text."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st

from qiao.letters import Heading, Letter, Paragraph, Text, plain_text, to_docx
from tests.unit.letters.letter_samples import (
    HEADED,
    docx_parts,
    docx_text,
    every_form,
    published,
    sample,
    squeeze,
)


def opened(letter: Letter) -> docx.document.Document:
    return docx.Document(io.BytesIO(to_docx(letter)))


@pytest.mark.parametrize("form", ["reply_sheet", "letter", "document"])
def test_the_file_has_the_text_of_the_letter(form: str) -> None:
    letter = every_form()[form]
    assert docx_text(to_docx(letter)) == squeeze(plain_text(letter))


def test_page_and_grid_are_those_of_the_standard() -> None:
    section = opened(published()).sections[0]
    for found, wanted in (
        (section.page_width, 210),
        (section.page_height, 297),
        (section.top_margin, 37),
        (section.left_margin, 28),
        (section.right_margin, 26),
        (section.bottom_margin, 35),
    ):
        assert abs(found - Mm(wanted)) < Mm(0.1)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    pitch = int(grid.get(qn("w:linePitch"))) / 20 / 72 * 25.4
    cell = (16 + int(grid.get(qn("w:charSpace"))) / 4096) / 72 * 25.4
    assert 22 * pitch <= 225 < 23 * pitch
    assert 28 * cell <= 156.01 < 29 * cell
    assert 225 - 22 * pitch < 0.5
    assert 156 - 28 * cell < 0.5


def test_styles_are_words_own_with_the_standards_fonts() -> None:
    document = opened(sample())
    styles = {paragraph.text: paragraph.style.name for paragraph in document.paragraphs}
    assert styles["一、已做的工作"] == "Heading 1"
    assert styles["1.具体安排"] == "Heading 3"
    assert styles["（1）时间"] == "Heading 4"
    assert styles["对青湾区政协第九届二次会议\n第 012 号提案的答复"] == "Title"
    fonts = {
        name: document.styles[name].element.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia"))
        for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3")
    }
    assert fonts == {
        "Normal": "仿宋_GB2312",
        "Title": "方正小标宋简体",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
        "Heading 3": "仿宋_GB2312",
    }
    assert document.styles["Heading 1"].element.find(qn("w:pPr")).find(qn("w:outlineLvl")) is not None
    lead = next(p for p in document.paragraphs if p.text.startswith("（一）"))
    assert lead.runs[0].text == "（一）建好平台，引育人才。"
    assert lead.runs[0].style.name == "Run-in Heading 2"
    indent = document.styles["Body Text"].element.find(qn("w:pPr")).find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"
    assert document.styles["Normal"].font.size.pt == 16
    assert document.styles["Title"].font.size.pt == 22


def test_fonts_have_open_alternates_and_the_language_is_chinese() -> None:
    parts = docx_parts(to_docx(sample()))
    assert (
        '<w:font w:name="楷体_GB2312"><w:altName w:val="KaiTi,LXGW WenKai"/>' in parts["word/fontTable.xml"]
    )
    assert 'w:eastAsia="zh-CN"' in parts["word/styles.xml"]
    assert "Theme=" not in parts["word/styles.xml"].split("<w:style ")[1]
    assert "docProps/thumbnail.jpeg" not in parts


def test_page_number_is_a_field_between_dashes_outer_side() -> None:
    section = opened(sample()).sections[0]
    for footer, side, align in (
        (section.footer, "rightChars", 2),
        (section.even_page_footer, "leftChars", 0),
    ):
        paragraph = footer.paragraphs[0]
        assert paragraph.text == "— 1 —"
        assert " PAGE " in "".join(node.text or "" for node in paragraph._p.iter(qn("w:instrText")))
        assert paragraph._p.pPr.find(qn("w:ind")).get(qn(f"w:{side}")) == "100"
        assert int(paragraph.alignment) == align
    first = opened(sample(form="letter", **HEADED)).sections[0]
    assert first.different_first_page_header_footer
    assert first.first_page_footer.paragraphs[0].text == ""


def test_the_letter_form_has_red_rules_170_mm_wide() -> None:
    parts = docx_parts(to_docx(sample(form="letter", **HEADED)))
    assert 'w:val="thickThinSmallGap"' in parts["word/document.xml"]
    assert 'w:w="9637"' in parts["word/document.xml"]
    assert any("thinThickSmallGap" in text for name, text in parts.items() if "footer" in name)


def test_equal_letters_give_equal_bytes() -> None:
    assert to_docx(sample()) == to_docx(sample())
    core = opened(sample()).core_properties
    assert core.created.isoformat()[:10] == core.modified.isoformat()[:10] == "2031-04-05"
    assert core.author == "青湾区科学技术委员会"
    assert core.last_modified_by == ""


def test_markup_stays_text() -> None:
    evil = "<w:p/>&amp;<script>alert(1)</script>"
    letter = sample(
        title_lines=(evil,), signature=(evil,), blocks=(Heading(1, evil), Paragraph((Text(evil),)))
    )
    assert docx_text(to_docx(letter)).count(squeeze(evil)) == 4
    for name, text in docx_parts(to_docx(letter)).items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(text)


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=60))
def test_any_text_makes_a_word_file(text: str) -> None:
    letter = sample(
        title_lines=(text,), signature=(text,), blocks=(Heading(2, text), Paragraph((Text(text),)))
    )
    assert docx_text(to_docx(letter)) == squeeze(plain_text(letter))
