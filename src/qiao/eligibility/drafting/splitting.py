"""The numbered clauses of a policy: 第一章, 第一条, 一、, （一）, 1., （1）, ①.

Pages arrive with their paragraphs or with everything run together, so a number counts by where it stands and by whether
it continues its list: at the start of a line, after the end of a sentence, or as the first one right after a heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qiao.eligibility.problems import Place

from .numerals import whole

LONGEST_TEXT = 400_000  # characters; the longest policy seen has 12,000
MOST_SECTIONS = 2_000
LONGEST_HEADING = 24  # characters
DEEPEST_INDENT = 60  # blanks
_HAN = "[零〇一二三四五六七八九十百]{1,6}"
_STYLES = {
    "chapter": rf"第(?P<chapter>{_HAN})[章节编](?=[\s\u3000\u3400-\u9fff])",
    "article": rf"第(?P<article>{_HAN}|\d{{1,3}})条(?:之[一二三四五六七八九十])?(?![（(第]|规定|所|至|、|和|的)",
    "han": rf"(?P<han>{_HAN})、",
    "paren": rf"[（(](?P<paren>{_HAN})[）)](?![项款条目])",
    "digit": r"(?P<digit>\d{1,2})(?:[.．](?!\d)|、)",
    "bracket": r"[（(](?P<bracket>\d{1,2})[）)](?![项款条目])",
    "circle": r"(?P<circle>[①-⑳])",
}
_NUMBER = re.compile("|".join(f"(?:{pattern})" for pattern in _STYLES.values()))
_ENDS = "。；;：:！？!?”’）)》】"  # what a number in running text follows
_NOT_A_NUMBER = "第统唯专单同划之"  # 统一、规范
_SECOND = re.compile(rf"(?:^|[{_ENDS}\s])二、")
_FURNITURE = re.compile(r"分享[：:]?\s*收藏|打印\s*关闭窗口|字号[：:]\s*大|扫一扫在手机|【?关闭窗口】?")
_CLOSING = re.compile(
    r"(?:此件公开发布|现就上述征求意见|电子邮件[：:])|^\s*(?:附件|附表|附)\s*[：:\d一二三]"
    r"|^\s*\d{4}年\d{1,2}月\d{1,2}日\s*$",
    re.MULTILINE,
)
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ufffe\uffff\ud800-\udfff]"
)


@dataclass(frozen=True)
class Section:
    """One numbered clause. ``path``: the labels as they are written, outermost first; ``text``: its own words."""

    path: tuple[str, ...]
    text: str
    line: int
    above: str = ""  # the words of what it stands under
    leaf: bool = True
    gap: bool = False  # a number is missing before it

    @property
    def cite(self) -> str:
        """第六条（二）, 三（一）1: an article is cited without its chapter."""
        path = self.path
        articles = [n for n, label in enumerate(path) if label.startswith("第") and label.endswith("条")]
        return "".join(path[articles[-1] :] if articles else path)

    @property
    def heading(self) -> str:
        """The words in front, where they are a heading: 支持技术研发创新。"""
        first = re.split(r"[。\n：:]", self.text, maxsplit=1)[0]
        return first if len(first) <= LONGEST_HEADING and "，" not in first else ""


@dataclass(frozen=True)
class PolicyText:
    """A policy's text: what stands before the first clause, the clauses, and what follows them."""

    head: str
    sections: tuple[Section, ...]
    tail: str
    file: Path

    @classmethod
    def of(cls, lines: Iterable[str], file: Path) -> PolicyText:
        """Split the lines of a document. Raises `PackError` where there is nothing to split, or too much."""
        text = "\n".join(lines)
        if len(text) > LONGEST_TEXT:
            raise Place(file, 1).error(
                "too_long",
                f"文件过长（{len(text):,} 字，上限 {LONGEST_TEXT:,} 字）：请只保留政策正文",
                f"the file is too long ({len(text):,} characters of {LONGEST_TEXT:,}): keep only the policy itself",
            )
        text = _CONTROL.sub("", text)
        if not re.search("[\u3400-\u9fff]", text):
            raise Place(file, 1).error(
                "no_text", "文件中没有中文正文", "there is no Chinese text in the file"
            )
        return _split(text, file)

    @property
    def body(self) -> str:
        """Everything, in the order of the text."""
        return "\n".join([self.head, *(s.text for s in self.sections), self.tail])


@dataclass
class _Open:
    style: str
    number: int
    label: str
    start: int  # where its words begin


def _split(text: str, file: Path) -> PolicyText:
    marks = list(_accepted(text))
    if len(marks) > MOST_SECTIONS:
        raise Place(file, 1).error(
            "too_many_clauses",
            f"编号超过 {MOST_SECTIONS:,} 个：这不像一份政策",
            f"more than {MOST_SECTIONS:,} numbers: this does not look like a policy",
        )
    if not marks:
        return PolicyText(text.strip(), (), "", file)
    sections = []
    tail = ""
    for n, (path, start, end, gap, above) in enumerate(marks):
        last = n + 1 == len(marks)
        words = text[end : len(text) if last else marks[n + 1][1]]
        if last:
            words, tail = _closed(words)
        upper = " ".join(text[marks[a][2] : marks[a][2] + 40].partition("\n")[0] for a in above)
        leaf = last or len(marks[n + 1][0]) <= len(path)
        line = text.count("\n", 0, start) + 1
        sections.append(Section(path, _tidy(words), line, upper, leaf, gap))
    return PolicyText(text[: marks[0][1]].strip(), tuple(sections), tail.strip(), file)


def _closed(words: str) -> tuple[str, str]:
    """The words of the last clause, and what stands after them: furniture of the page, the date, an annex."""
    ends = [m.start() for m in (_FURNITURE.search(words), _CLOSING.search(words)) if m]
    end = min(ends, default=len(words))
    return words[:end], _FURNITURE.split(words[end:])[0]


def _tidy(words: str) -> str:
    lines = (line.strip(" \t\u3000") for line in _FURNITURE.split(words)[0].split("\n"))
    return "\n".join(line for line in lines if line).strip("：:、 \u3000")


_Mark = tuple[tuple[str, ...], int, int, bool, tuple[int, ...]]


def _accepted(text: str) -> Iterator[_Mark]:
    """Every number that is one: path, start, end, whether one is missing before it, what it stands under."""
    stack: list[_Open] = []
    indexes: list[int] = []
    last: dict[str, int] = {}  # articles, and often （一）, go on counting through what they stand under
    second = max((m.start() for m in _SECOND.finditer(text)), default=-1)
    part = count = 0
    for match in _NUMBER.finditer(text):
        style = str(match.lastgroup)
        number = ord(match[0]) - 0x245F if style == "circle" else whole(match[style])
        if number is None:
            continue
        fresh = _starts(text, match.start())
        depth = next((n for n, o in enumerate(stack) if o.style == style), None)
        before = stack[depth].number if depth is not None else last.get(style, 0)
        firm = fresh or text[match.start() - 1] in _ENDS
        restart = False
        if not firm and not (number == 1 and _under_heading(text, stack, style, match.start(), second)):
            continue
        if number != before + 1 and not (number == 1 and depth is None and style != "article"):
            restart = number == 1 and fresh and depth == 0
            missing = number == before + 2 and depth is not None
            if not restart and not missing:
                continue
        if depth is None and not _may_open(style, stack):
            continue
        keep = depth if depth is not None else len(stack)
        if style == "chapter" and depth is None:
            keep = 0
        del stack[keep:], indexes[keep:]
        part += restart
        if restart:
            last.clear()
        last[style] = number
        label = match[0].strip("、.．")
        stack.append(_Open(style, number, label, match.end()))
        path = tuple(o.label for o in stack)
        if part:
            path = (f"[{part + 1}]", *path)
        yield path, match.start(), match.end(), number == before + 2, tuple(indexes)
        indexes.append(count)
        count += 1


def _starts(text: str, at: int) -> bool:
    """Whether only blanks stand between the start of the line and ``at``."""
    line = text.rfind("\n", 0, at) + 1
    return at - line <= DEEPEST_INDENT and not text[line:at].strip(" \t\u3000")


def _under_heading(text: str, stack: list[_Open], style: str, at: int, second: int) -> bool:
    """Whether a first number stands right after a heading that has no full stop: 二、支持内容（一）…

    The first 一、 of all needs no heading where a 二、 follows (``second``: where the last one stands).
    """
    if not stack:
        return style == "han" and text[at - 1] not in _NOT_A_NUMBER and at < second
    start = stack[-1].start
    if any(o.style == style for o in stack) or not 2 <= at - start <= LONGEST_HEADING:
        return False
    words = text[start:at]
    return not re.search(r"[，。；：、（）\d]", words)


_RANK = {"chapter": 0, "article": 1, "han": 1, "paren": 2, "digit": 3, "bracket": 4, "circle": 5}


def _may_open(style: str, stack: list[_Open]) -> bool:
    """Whether a list of this style may begin here: inside something of a higher rank, or at the top."""
    return not stack or _RANK[style] > _RANK[stack[-1].style] or style == "chapter"
