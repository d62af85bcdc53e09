"""The text of a policy's web page: its paragraphs as lines, without scripts and the furniture around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from qiao.eligibility.problems import Place

from .splitting import PolicyText

LARGEST_PAGE = 5_000_000  # bytes
_START = re.compile(rb"\s*(?:<!doctype\s+html|<html|<head|<body|<meta)", re.I)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_NEVER = frozenset(
    ["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea", "title"]
)
_TAG = re.compile(r"<!--|<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)|<[!?]")
_CELLS = frozenset(["td", "th"])
_AROUND = frozenset(["nav", "header", "footer", "aside"])
_BLOCKS = frozenset(
    [
        *(
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
        ),
        *("dt", "dd", "dl", "blockquote", "pre", "hr", "center"),
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
    text = unescape("".join(_words(_decoded(data, file))))
    return PolicyText.of((" ".join(line.split()) for line in text.split("\n") if line.strip()), file)


def _words(page: str) -> Iterator[str]:
    """The words of the page, a line per block. Every character is looked at once or twice, whatever the page holds:
    a parser that builds the tree takes minutes for a few megabytes of tags that never end.
    """
    endless: set[str] = set()
    at = 0
    while tag := _TAG.search(page, at):
        yield page[at : tag.start()].replace("\n", " ")
        name = (tag["name"] or "").lower()
        end = page.find("-->" if tag[0] == "<!--" else ">", tag.end())
        if end < 0:
            return
        at = page.index(">", end) + 1
        yield "\n" if name in _BLOCKS else " " if name in _CELLS else ""
        if tag["close"] or name not in _NEVER | _AROUND or name in endless:
            continue
        closing = re.compile(f"</{name}", re.I).search(page, at)
        if closing:
            at = closing.start()
        elif name in _NEVER:
            return
        else:
            endless.add(name)  # better its words than none
    yield page[at:].replace("\n", " ")


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
