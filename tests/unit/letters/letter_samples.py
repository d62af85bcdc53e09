"""Made-up letters in the shape of a published reply, and eyes to measure what comes out."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import docx
from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTChar, LTCurve
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage

from qiao.letters import Contact, Figure, Heading, Letter, Paragraph, Personal, Promise, Table, Text

MM = 72 / 25.4
REPLY = Path(__file__).parents[2] / "data" / "reply-065.txt"
FORBIDDEN_AT_START = "。，、；：？！）》〉】〕」』”’…·%％‰℃"
FORBIDDEN_AT_END = "（《〈【〔「『“‘"
_FILL = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"


def filler(count: int) -> str:
    """That many full-width characters, no punctuation."""
    return (_FILL * (count // len(_FILL) + 1))[:count]


def sample(**changes: object) -> Letter:
    """A reply of a made-up district with everything in it."""
    fields: dict[str, object] = {
        "form": "reply_sheet",
        "title_lines": ("对青湾区政协第九届二次会议", "第 012 号提案的答复"),
        "result": "解决或采纳",
        "signer": "甄有为",
        "addressees": ("贾思明委员", "易知行委员"),
        "blocks": (
            Paragraph((Text("您提出的“关于推动虚拟现实产业发展的建议”的提案收悉，现将办理情况答复如下："),)),
            Heading(1, "一、已做的工作"),
            Paragraph(
                (
                    Text("2031年，全区数字企业实现税收"),
                    Figure("tax-2031", "近 12.5 亿元"),
                    Text("，同比增长"),
                    Figure("growth", "约18%"),
                    Text("。专班由"),
                    Personal("name", "贾思明"),
                    Text("牵头（电话"),
                    Personal("phone", "021-55550123"),
                    Text("），在AIGC（AI generated content）方面开展了20余场沙龙。"),
                )
            ),
            Table(
                (
                    ((Text("场景"),), (Text("项目数"),)),
                    ((Text("智慧医疗"),), (Figure("medical", "7个"),)),
                ),
                header_rows=1,
            ),
            Heading(1, "二、下一步打算"),
            Paragraph(
                (
                    Promise("p1", (Text("在标杆企业设立"), Figure("bases", "3个"), Text("实践基地"))),
                    Text("。"),
                ),
                Heading(2, "（一）建好平台，引育人才。"),
            ),
            Heading(3, "1.具体安排"),
            Heading(4, "（1）时间"),
            Paragraph((Text("由贾思明同志负责——年内完成……"),)),
        ),
        "signature": ("青湾区科学技术委员会",),
        "date": dt.date(2031, 4, 5),
        "note": "此件公开发布",
        "contact": Contact("钱小满", "55550456", "示例路9号", "298765"),
        "attachments": ("沙龙场次表", "实践基地名录"),
        "copies_to": ("区政协提案委员会", "区政府办公室"),
        "printed_by": "青湾区科学技术委员会办公室",
        "printed_on": dt.date(2031, 4, 6),
    }
    fields.update(changes)
    return Letter(**fields)  # type: ignore[arg-type]


HEADED = {"issuer_mark": "青湾区科学技术委员会", "doc_number": "青科委函〔2031〕8号"}


def every_form() -> dict[str, Letter]:
    return {
        "reply_sheet": sample(),
        "letter": sample(form="letter", **HEADED),
        "document": sample(form="document", **HEADED),
    }


def published() -> Letter:
    """The published reply with placeholders, by its paragraphs."""
    lines = [line.strip() for line in REPLY.read_text(encoding="utf-8").splitlines() if line.strip()]
    blocks: list[Heading | Paragraph] = []
    for line in lines[4:-5]:
        if re.match("[一二三四]、", line):
            blocks.append(Heading(1, line))
        elif re.match("（[一二三]）", line):
            end = line.index("。") + 1
            blocks.append(Paragraph((Text(line[end:]),), Heading(2, line[:end])))
        else:
            blocks.append(Paragraph((Text(line),)))
    return Letter(
        form="reply_sheet",
        title_lines=tuple(lines[:2]),
        result="解决或采纳",
        signer="签发人甲",
        addressees=("委员甲",),
        blocks=tuple(blocks),
        signature=(lines[-5],),
        date=dt.date(2024, 4, 30),
        note="此件公开发布",
        contact=Contact("联系人甲", "00000000", "安西路 35号", "200050"),
    )


# --- looking at a PDF ---


@dataclass(frozen=True)
class PrintedChar:
    text: str
    font: str
    size: float
    left: float
    right: float
    baseline: float
    """Millimetres, from the page's left and top edges."""


@dataclass(frozen=True)
class PrintedLine:
    chars: tuple[PrintedChar, ...]

    @property
    def text(self) -> str:
        return "".join(char.text for char in self.chars)

    @property
    def baseline(self) -> float:
        return self.chars[0].baseline

    @property
    def left(self) -> float:
        return self.chars[0].left

    @property
    def right(self) -> float:
        return self.chars[-1].right


@dataclass(frozen=True)
class PrintedPage:
    lines: tuple[PrintedLine, ...]
    """In the type area or above it."""
    number: PrintedLine | None
    rules: tuple[tuple[float, float, float, float], ...]
    """Left, top, width, height."""
    in_order: str
    """The text of the page in the order of its content stream."""


def look(pdf: bytes) -> list[PrintedPage]:
    pages = []
    resources = PDFResourceManager()
    device = PDFPageAggregator(resources, laparams=None)  # every character on its own, in stream order
    interpreter = PDFPageInterpreter(resources, device)
    for source in PDFPage.get_pages(io.BytesIO(pdf)):
        interpreter.process_page(source)
        page = device.get_result()
        chars, rules = [], []
        for item in page:
            if isinstance(item, LTChar):
                chars.append(
                    PrintedChar(
                        item.get_text(),
                        item.fontname,
                        item.size,
                        item.x0 / MM,
                        item.x1 / MM,
                        (page.height - item.matrix[5]) / MM,
                    )
                )
            elif isinstance(item, LTCurve):
                rules.append(
                    (
                        item.x0 / MM,
                        (page.height - item.y1) / MM,
                        item.width / MM,
                        item.height / MM,
                    )
                )
        body = [char for char in chars if char.baseline < 262]
        foot = [char for char in chars if char.baseline >= 262]
        rows: dict[float, list[PrintedChar]] = {}
        for char in body:
            rows.setdefault(round(char.baseline, 1), []).append(char)
        lines = tuple(
            PrintedLine(tuple(sorted(row, key=lambda char: char.left))) for _, row in sorted(rows.items())
        )
        number = PrintedLine(tuple(foot)) if foot else None
        pages.append(PrintedPage(lines, number, tuple(rules), "".join(char.text for char in body)))
    return pages


# --- reading the three outputs back ---


def squeeze(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


def pdf_text(pdf: bytes) -> str:
    return squeeze("".join(page.in_order for page in look(pdf)))


def docx_text(data: bytes) -> str:
    """Paragraphs and tables of the body, in order."""
    document = docx.Document(io.BytesIO(data))
    out = []
    for item in document.iter_inner_content():
        if hasattr(item, "rows"):
            out.extend(cell.text for row in item.rows for cell in row.cells)
        else:
            out.append(item.text)
    return squeeze("".join(out))


def docx_parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def html_text(fragment: str) -> str:
    parser = _Words()
    parser.feed(fragment)
    return squeeze("".join(parser.words))


def html_tags(fragment: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Words()
    parser.feed(fragment)
    return parser.tags
