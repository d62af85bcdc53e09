"""Word files: order, tables, automatic numbers; and files made to do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from qiao.letters.reading import ReadingError, extract_text, read_proposal, read_reply
from qiao.letters.reading import docx as docx_module
from qiao.letters.reading.numerals import written

DATA = Path(__file__).parents[3] / "data"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def raw(body: str, **parts: str) -> bytes:
    """A minimal document around `body`, which is WordprocessingML."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{W}" xmlns:mc="http://mc" xmlns:a="http://a"><w:body>{body}</w:body></w:document>',
        )
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return out.getvalue()


def p(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    "path", [*sorted(DATA.glob("replies/*.txt")), DATA / "reply-065.txt"], ids=lambda f: f.stem
)
def test_a_reply_reads_the_same_from_word(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    document = Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    found = extract_text(saved(document), "reply.docx")
    assert found.format == "docx" and found.encoding is None
    assert read_reply(found.text).letter == read_reply(text).letter


@pytest.mark.parametrize("path", sorted(DATA.glob("proposals/*.txt")), ids=lambda f: f.stem)
def test_a_proposal_reads_the_same_from_word(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    document = Document()
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if "\t" in line:
            rows.append(line.split("\t"))
        elif rows and line.strip():
            rows[-1][-1] += "\n" + line
        elif rows:
            table = document.add_table(rows=0, cols=max(map(len, rows)))
            for cells in rows:
                row = table.add_row()
                if len(cells) < len(row.cells):
                    row.cells[1].merge(row.cells[-1])
                for cell, words in zip(row.cells, cells, strict=False):
                    first, *more = words.split("\n")
                    cell.text = first
                    for extra in more:
                        cell.add_paragraph(extra)
            rows = []
        else:
            document.add_paragraph(line)
    from_word, from_text = read_proposal(extract_text(saved(document)).text), read_proposal(text)
    assert from_word.title is not None and from_text.title is not None
    assert from_word.title.value == from_text.title.value
    assert [s.value for s in from_word.suggestions] == [s.value for s in from_text.suggestions]
    assert {c: part.text for c, part in from_word.parts.items()} == {
        c: part.text for c, part in from_text.parts.items()
    }
    assert [x.value for x in from_word.proposers + from_word.cosigners] == [
        x.value for x in from_text.proposers + from_text.cosigners
    ]


def test_order_tables_and_narrow_labels() -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "页眉不读"
    document.add_paragraph("前")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "背"
    for char in "景情况":
        table.cell(0, 0).add_paragraph(char)
    table.cell(0, 1).text = "第一段"
    table.cell(0, 1).add_paragraph("第二段")
    document.add_paragraph("后")
    assert extract_text(saved(document)).lines == ("前", "背景情况\t第一段", "第二段", "后")


def test_runs_breaks_revisions_hidden_text_and_boxes() -> None:
    body = (
        "<w:p><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t><w:noBreakHyphen/></w:r></w:p>"
        "<w:p><w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:del><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>"
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r><w:r><w:t>显</w:t></w:r></w:p>"
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>" + p("框") + "</w:txbxContent></mc:Choice>"
        "<mc:Fallback><w:txbxContent>" + p("框") + "</w:txbxContent></mc:Fallback></mc:AlternateContent>"
        "<w:t>外</w:t><a:blip/></w:r><w:r><w:footnoteReference/></w:r></w:p>"
        "<w:sdt><w:sdtContent>" + p("控件") + "</w:sdtContent></w:sdt>"
    )
    found = extract_text(raw(body))
    assert found.lines == ("甲\t乙", "丙-", "新", "显", "外", "框", "控件")
    assert {n.code for n in found.warnings} == {
        "tracked_changes", "hidden_text", "notes_left_out", "pictures_left_out",
    }  # fmt: skip


NUMBERING = f"""<w:numbering xmlns:w="{W}">
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>
  <w:lvlText w:val="%1、"/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="（%2）"/></w:lvl>
 <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
 <w:lvl w:ilvl="3"><w:numFmt w:val="bullet"/><w:lvlText w:val="x"/></w:lvl>
 <w:lvl w:ilvl="4"><w:numFmt w:val="hebrew1"/><w:lvlText w:val="%5)"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="0"/>
 <w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
</w:numbering>"""
STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:styleId="h"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="h2"><w:basedOn w:val="h"/></w:style>
</w:styles>"""


def numbered(words: str, number: str = "1", level: str = "0") -> str:
    return (
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{words}</w:t></w:r></w:p>"
    )


def test_the_numbers_word_makes_are_recovered() -> None:
    body = "".join(
        [
            numbered("甲"), numbered("子", level="1"), numbered("丑", level="1"), numbered("细", level="2"),
            numbered(""), numbered("乙"), numbered("寅", level="1"), numbered("点", level="3"), p("平"),
            '<w:p><w:pPr><w:pStyle w:val="h2"/></w:pPr><w:r><w:t>丙</w:t></w:r></w:p>',
            '<w:p><w:pPr><w:pStyle w:val="h2"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>'
            "<w:r><w:t>无号</w:t></w:r></w:p>",
            numbered("另", number="2"),
        ]
    )  # fmt: skip
    found = extract_text(raw(body, numbering=NUMBERING, styles=STYLES))
    assert found.lines == (
        "一、甲", "（一）子", "（二）丑", "1. 细", "", "二、乙", "（一）寅", "点", "平", "三、丙", "无号", "五、另",
    )  # fmt: skip
    assert found.warnings == ()


def test_an_unknown_number_format_is_said() -> None:
    found = extract_text(raw(numbered("甲", level="4"), numbering=NUMBERING))
    assert [n.code for n in found.warnings] == ["numbering_guessed"]
    assert "甲" in found.text


def test_numbering_made_by_word_itself() -> None:
    document = Document()
    numbering = document.part.numbering_part.element
    lvl = '<w:lvl w:ilvl="0"><w:numFmt w:val="japaneseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{lvl}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for words in ("背景情况", "问题及分析", "具体建议"):
        properties = document.add_paragraph(words)._p.get_or_add_pPr()
        properties.get_or_add_numPr().get_or_add_numId().set(qn("w:val"), "90")
    assert extract_text(saved(document)).lines == ("一、背景情况", "二、问题及分析", "三、具体建议")


@pytest.mark.parametrize(
    ("number", "style", "text"),
    [
        (12, "chineseCounting", "十二"), (105, "chineseCountingThousand", "一百零五"), (20, "ideographDigital", "二〇"),
        (3, "decimalEnclosedCircle", "③"), (2, "ideographTraditional", "乙"), (27, "lowerLetter", "aa"),
        (4, "upperRoman", "IV"), (7, "decimalZero", "07"), (12, "chineseLegalSimplified", "壹拾贰"),
        (3, "hebrew1", None),
    ],
)  # fmt: skip
def test_number_formats(number: int, style: str, text: str | None) -> None:
    assert written(number, style) == text


# --- files made to do harm -------------------------------------------------------------------------------


def zipped(**files: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def entity(kind: str) -> bytes:
    return zipped(
        word__document_xml=f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x {kind}>]>'
        f'<w:document xmlns:w="{W}"><w:body>{p("&x;")}</w:body></w:document>'
    )


def corrupt() -> bytes:
    data = bytearray(raw(p("正文" * 500)))
    for at in range(60, 120):
        data[at] ^= 0xFF
    return bytes(data)


HARM: list[tuple[str, Callable[[], bytes]]] = [
    ("docx_broken", lambda: b"PK\x03\x04" + b"junk" * 20),
    ("docx_broken", lambda: raw(p("正文"))[:-40]),
    ("docx_broken", corrupt),
    ("docx_broken", lambda: zipped(word__document_xml="<w:document")),
    ("docx_broken", lambda: zipped(word__document_xml=b"\x00\xff\xfe")),
    ("docx_unsafe", lambda: entity('SYSTEM "file:///etc/passwd"')),
    ("docx_unsafe", lambda: entity('"lol"')),
    ("docx_unsafe", lambda: raw("<w:sdt>" * 500 + p("深") + "</w:sdt>" * 500)),
    ("docx_unsafe", lambda: raw("<w:p>" + "<w:smartTag>" * 500 + "</w:smartTag>" * 500 + "</w:p>")),
    ("docx_unsafe", lambda: raw("<w:tbl><w:tr><w:tc>" * 500 + "</w:tc></w:tr></w:tbl>" * 500)),
    ("docx_too_big", lambda: zipped(word__document_xml=b"\x20" * (40 * 1024 * 1024))),
    ("docx_too_big", lambda: zipped(word__document_xml=b"<a/>", word__media=b"\x00" * (30 * 1024 * 1024))),
    ("other_office", lambda: zipped(**{"[Content_Types]_xml": "<a/>", "xl__workbook_xml": "<a/>"})),
    ("ofd", lambda: zipped(OFD_xml="<a/>")),
    ("archive", lambda: zipped(readme="hello")),
    ("archive", zipped),
    ("empty", lambda: raw("<w:p/>")),
]


@pytest.mark.parametrize(("code", "make"), HARM)
def test_harmful_files_are_refused_with_a_code(code: str, make: Callable[[], bytes]) -> None:
    with pytest.raises(ReadingError) as refused:
        extract_text(make(), "a.docx")
    assert refused.value.code == code


def test_too_many_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_module, "MAX_ENTRIES", 3)
    with pytest.raises(ReadingError) as refused:
        extract_text(raw(p("正文"), one="<a/>", two="<a/>", three="<a/>"))
    assert refused.value.code == "docx_too_big"


def test_a_part_larger_than_it_says_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_module, "MAX_PART", 100)
    with pytest.raises(ReadingError) as refused:
        extract_text(raw(p("正文" * 200)))
    assert refused.value.code == "docx_too_big"


def test_a_password_inside_the_zip_is_an_error_not_a_crash() -> None:
    data = bytearray(raw(p("正文")))
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    with pytest.raises(ReadingError):
        extract_text(bytes(data))
