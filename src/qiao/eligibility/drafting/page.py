"""The text of a policy's web page: its paragraphs as lines, without scripts and the furniture around them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from qiao.eligibility.problems import Place

from .splitting import PolicyText

LARGEST_PAGE = 5_000_000  # bytes
_START = re.compile(rb"\s*(?:<!doctype\s+html|<html|<head|<body|<meta)", re.I)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_NEVER = frozenset(
    ["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea", "title"]
)
_AROUND = frozenset(["nav", "header", "footer", "aside"])
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "tr",
        "table",
        "section",
        "article",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "dt",
        "dd",
        "dl",
        "blockquote",
        "pre",
        "hr",
        "center",
    ]
)


def is_html(data: bytes) -> bool:
    """Whether these bytes are a web page, by how they begin."""
    return bool(_START.match(data.removeprefix(b"\xef\xbb\xbf")))


def read_html(data: bytes, file: Path) -> PolicyText:
    """The policy on a web page. Raises `PackError`: too large, an encoding that does not fit, no text."""
    if len(data) > LARGEST_PAGE:
        raise Place(file, 1).error(
            "too_long",
            f"网页过大（{len(data):,} 字节，上限 {LARGEST_PAGE:,} 字节）",
            f"the page is too large ({len(data):,} bytes of {LARGEST_PAGE:,})",
        )
    page = _decoded(data, file)
    reader = _Page(_NEVER | _AROUND)
    reader.feed(page)
    reader.close()
    if reader.skipped & _AROUND:  # one of them is never closed: better its words than none
        reader = _Page(_NEVER)
        reader.feed(page)
        reader.close()
    lines = re.split(r"\s*\n\s*", "".join(reader.parts))
    return PolicyText.of((" ".join(line.split()) for line in lines), file)


def _decoded(data: bytes, file: Path) -> str:
    named = _CHARSET.search(data[:4096])
    names = [named[1].decode("ascii").lower()] if named else []
    if names and names[0] in ("gb2312", "gbk"):
        names = ["gb18030"]
    for name in [*names, "utf-8-sig", "gb18030"]:
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    raise Place(file, 1).error(
        "bad_encoding",
        "无法识别文字编码：请另存为 UTF-8 后再试",
        "the encoding cannot be told: save the file as UTF-8 and try again",
    )


class _Page(HTMLParser):
    def __init__(self, without: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.without, self.parts, self.open = without, list[str](), list[str]()

    @property
    def skipped(self) -> set[str]:
        return set(self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.without:
            self.open.append(tag)
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            del self.open[self.open.index(tag) :]
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.open:
            self.parts.append(data)
