"""Reads a proposal as members write it: who proposes what, the three mandatory parts, each suggestion.

The parts are 背景情况, 问题及分析 and 具体建议, under any of their usual wordings, in a table or as free text.
Nothing is lost: a line that belongs to no part is kept in `other`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qiao.letters.reading.errors import Lines, Notice
from qiao.letters.reading.extract import split_lines
from qiao.letters.reading.fields import Field, fields_in, key_of
from qiao.letters.reading.headings import NUMBERS
from qiao.letters.reading.reply import Found
from qiao.letters.reading.tail import read_date
from qiao.letters.reading.titles import compact
from qiao.letters.reading.wishes import Wishes, read_wishes

PARTS = ("background", "problem", "suggestion")
_LEAD = "(?:当前|目前|主要|我区|本区|工作|有关|相关|一些|几点|现阶段|提案|存在的?|面临的?|的)*"
_TAIL = "(?:情况|部分|如下|方面|内容|及其分析)?"
_WORDINGS = {
    "background": (
        "背景情况|提案背景|背景|基本情况|情况|现状(?:情况|分析|概述)?|案由|缘由|提案缘由|案据|概况|基本现状|"
        "背景及意义|背景和现状"
    ),
    "problem": (
        "问题及(?:原因)?分析|(?:主要|存在|突出)?(?:的)?"
        "问题(?:分析|及原因|与不足|和不足|和原因|与分析|及不足|和困难|与挑战)?|"
        "困难(?:与|和)?问题|困难|原因分析|痛点|瓶颈|短板|不足|挑战|难点|堵点|问题与困难|分析"
    ),
    "suggestion": (
        "具体建议|(?:意见)?(?:和|与|及)?建议|对策建议|意见建议|对策(?:与|和|及)建议|对策|措施建议|"
        "建议(?:措施|内容|事项|和对策|与对策)|"
        "解决(?:办法|措施|方案|建议)|办法|方案"
    ),
}
_HEADINGS = {part: re.compile(f"{_LEAD}(?:{words}){_TAIL}") for part, words in _WORDINGS.items()}
_MERGED = re.compile(
    f"{_LEAD}(?:{_WORDINGS['background']})(?:与|和|及|、)(?:{_LEAD})(?:{_WORDINGS['problem']}){_TAIL}"
)
_NUMBER = re.compile(
    r"(?:第[一二三四五六七八九十]部分|[一二三四五六七八九十]{1,2}[、．.]|[（(][一二三四五六七八九十0-9]{1,2}[）)]|"
    r"[0-9]{1,2}[、．.]|[①-⑩■◆●★▲])[ 　]*"
)
_INLINE = re.compile(
    r"[【\[]?(?P<words>[^：:\t。，]{2,14}?)[】\]]?[ 　]*(?:[：:\t]|(?<=[】\]]))[ 　]*(?P<rest>.*)", re.S
)
_THEREFORE = re.compile(
    r"(?:为此|因此|对此|鉴于此|基于此|鉴于上述|综上|基于以上|针对(?:上述|以上))[^。]{0,30}(?:建议|意见|对策)|"
    r"(?:我们?|现)?(?:特)?提出(?:如下|以下)[^。]{0,8}建议|(?:具体)?建议如下"
)
_ITEMS: tuple[re.Pattern[str], ...] = (
    *(pattern for _, pattern in NUMBERS),
    re.compile(r"[①-⑳][、.]?"),
    re.compile(r"[一二三四五六七八九十]{1,2}是"),
    re.compile(r"第[一二三四五六七八九十]{1,2}[，、,：]"),
    re.compile(r"建议[一二三四五六七八九十0-9]{1,2}[：:、，.]"),
    re.compile(r"[-—•·●■◆][ ]?"),
)
_IN_LINE_ITEM = re.compile(
    r"(?<=[。；：:;])(?=[一二三四五六七八九十]{1,2}是|第[一二三四五六七八九十]{1,2}[，,])"
)
_GROUP = re.compile(
    r"(?:民革|民盟|民建|民进|农工党|致公党|九三学社|台盟|工商联|总工会|共青团|妇联|侨联|台联|科协)[^，。：]{0,20}|"
    r"[^，。：]{2,24}(?:委员会|界别|小组|活动组|专委会|支部|联络室|总支)"
)
_BY = re.compile(r"[（(]?(?P<names>[\u4e00-\u9fff·]{2,4}(?:[、， 　]+[\u4e00-\u9fff·]{2,4}){0,9})[）)]?")
_MEMBERS = re.compile(r"[（(]?(?:(?:区|市|政协)*(?:委员|代表))[：: 　]+(?P<names>\S.*?)[）)]?")
_SPLIT = re.compile(r"[、，,；;\s]+")
_SESSION_LINE = re.compile(r".{0,20}第.{1,4}届.{0,12}次会议(?:提案|建议)?(?:表|纸)?")
_FORM_ROW = re.compile(
    r"[^\t。；]{0,12}(?:审查|初审|审核|立案|审定|批示|签章|备注)[^\t。；]{0,8}(?:\t.*|[：:]\s*)", re.S
)
_TITLE_END = re.compile(r"(?:的)?(?:提案|建议|议案|建议案)$")


@dataclass(frozen=True, slots=True)
class ProposalPart:
    """One of the three parts: its paragraphs, each with its line."""

    code: str
    heading: str
    at: Lines
    paragraphs: tuple[Found[str], ...]

    @property
    def text(self) -> str:
        return "\n".join(paragraph.value for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class ProposalReading:
    """What a proposal says. `missing` names the mandatory parts it lacks."""

    title: Found[str] | None
    proposers: tuple[Found[str], ...]
    cosigners: tuple[Found[str], ...]
    collective: Found[str] | None
    contact: dict[str, Found[str]]
    category: Found[str] | None
    parts: dict[str, ProposalPart]
    suggestions: tuple[Found[str], ...]
    missing: tuple[str, ...]
    other: tuple[Found[str], ...]
    fields: tuple[Field, ...]
    notices: tuple[Notice, ...]
    wishes: Wishes
    lines: tuple[Found[str], ...]
    """Every non-blank line of the source."""


def read_proposal(text: str) -> ProposalReading:
    """The proposal in `text`; always succeeds, and says what is missing."""
    return _Reader(text).read()


def part_heading(line: str) -> tuple[tuple[str, ...], str, str] | None:
    """The part or parts a line opens, its heading words, and what follows them on the same line."""
    number = _NUMBER.match(line.strip())
    plain = line.strip()[number.end() :] if number else line.strip()
    parts = _named(plain)
    if parts:
        return parts, line.strip(), ""
    inline = _INLINE.fullmatch(plain)
    if inline:
        parts = _named(inline["words"])
        if parts:
            return parts, inline["words"].strip(), inline["rest"].strip()
    if _THEREFORE.match(plain):
        return ("suggestion",), "", line.strip()
    return None


def _named(words: str) -> tuple[str, ...]:
    plain = compact(words).strip("：:【】[]（）()。、")
    if not 2 <= len(plain) <= 20:
        return ()
    if _MERGED.fullmatch(plain):
        return ("background", "problem")
    found = [part for part in ("suggestion", "problem", "background") if _HEADINGS[part].fullmatch(plain)]
    return tuple(found[:1])


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = [
            Found(line.strip(), Lines(n, n))
            for n, line in enumerate(split_lines(text), start=1)
            if line.strip()
        ]
        self.fields: list[Field] = []
        self.notices: list[Notice] = []
        self.other: list[Found[str]] = []
        self.people: dict[str, list[Found[str]]] = {"proposer": [], "cosigner": []}
        self.collective: Found[str] | None = None
        self.title: Found[str] | None = None
        self.labelled = False
        self.cosigners_at = 0  # the last line that names co-signers
        self.open: list[tuple[tuple[str, ...], str, list[Found[str]]]] = []

    def read(self) -> ProposalReading:
        for index, line in enumerate(self.lines):
            opened = part_heading(line.value)
            if opened and not (opened[0] == ("background",) and self._is_title_label(line.value, index)):
                self.open.append((opened[0], opened[1], []))
                if opened[2]:
                    self.open[-1][2].append(Found(opened[2], line.at))
                elif opened[1]:
                    self.open[-1][2].append(Found("", line.at))
                continue
            self._line(line)
        parts = self._parts()
        missing = tuple(code for code in PARTS if code not in parts)
        self.notices += [Notice(f"missing_{code}") for code in missing]
        if self.title is None:
            self.notices.append(Notice("no_title"))
        if not self.people["proposer"] and self.collective is None:
            self.notices.append(Notice("no_proposer"))
        contact = self._first("contact_name", "contact_phone", "contact_address", "postcode", "email")
        if self.collective is not None and "contact_name" not in contact:
            self.notices.append(Notice("no_contact"))
        return ProposalReading(
            title=self.title, proposers=tuple(self.people["proposer"]),
            cosigners=tuple(self.people["cosigner"]), collective=self.collective, contact=contact,
            category=self._first("category").get("category"), parts=parts,
            suggestions=_split_items(parts["suggestion"].paragraphs) if "suggestion" in parts else (),
            missing=missing, other=tuple(self.other), fields=tuple(self.fields),
            notices=tuple(self.notices), wishes=read_wishes(self.fields), lines=tuple(self.lines),
        )  # fmt: skip

    def _is_title_label(self, line: str, index: int) -> bool:
        """案由 is a title on many forms: so taken at the top, where a short phrase follows."""
        inline = _INLINE.fullmatch(line)
        label = compact(inline["words"]) if inline else ""
        return label == "案由" and index < 8 and inline is not None and 2 <= len(inline["rest"]) <= 60

    def _line(self, line: Found[str]) -> None:
        found = fields_in(line.value, line.at) or _bracketed_label(line)
        if found and not (self.open and len(line.value) > 60):
            for item in found:
                self._field(item)
        elif self._more_people(line):
            self._people("cosigner", line.value, line.at)
        elif self.open:
            if self._ends(line):
                self.other.append(line)
            else:
                self.open[-1][2].append(line)
        elif self.title is None and self._is_title(line.value):
            self.title = line
        elif self._finishes_title(line) and self.title is not None:
            whole = self.title.value + line.value
            self.title = Found(whole, Lines(self.title.at.first, line.at.last))
        elif not self._byline(line):
            self.other.append(line)

    def _ends(self, line: Found[str]) -> bool:
        """A date after the last part is not a paragraph of it, nor is what the office fills in on the form."""
        return read_date(line.value) is not None or _FORM_ROW.fullmatch(line.value) is not None

    def _more_people(self, line: Found[str]) -> bool:
        """Names on the line after the co-signers': their cell had several lines."""
        follows = bool(self.fields) and self.fields[-1].key == "cosigner" and not self.open
        return follows and line.at.first == self.cosigners_at + 1 and _BY.fullmatch(line.value) is not None

    def _is_title(self, line: str) -> bool:
        if (
            len(line) > 60
            or re.search("[。；]", line)
            or _GROUP.fullmatch(line)
            or _SESSION_LINE.fullmatch(line)
        ):
            return False
        begins = line.startswith(("关于", "对", "加", "推", "进一步")) or _TITLE_END.search(line)
        return bool(begins) or not re.search("会议|政协|提案表|提案纸|登记表|[：:]", line)

    def _finishes_title(self, line: Found[str]) -> bool:
        """The end of a title that was broken over two lines."""
        if self.title is None or self.labelled or line.at.first - self.title.at.last > 2:
            return False
        return not _TITLE_END.search(self.title.value) and (
            len(line.value) <= 40 and _TITLE_END.search(line.value) is not None
        )

    def _byline(self, line: Found[str]) -> bool:
        """A line under the title that names the proposers without a label."""
        if self.title is None or self.people["proposer"] or self.collective or self.other:
            return False
        members = _MEMBERS.fullmatch(line.value)
        plain = members or _BY.fullmatch(line.value)
        if _GROUP.fullmatch(line.value.strip("（）()")):
            self.collective = Found(line.value.strip("（）()"), line.at)
        elif plain and line.at.first > self.title.at.first and len(line.value) <= 60:
            self._people("proposer", plain["names"], line.at)
        else:
            return False
        return True

    def _field(self, item: Field) -> None:
        self.fields.append(item)
        if not item.value:
            return
        group = item.key == "proposer" and _GROUP.fullmatch(item.value)
        if item.key == "title" and not self.labelled:
            self.labelled = True
            self.other += [self.title] if self.title else []
            self.title = Found(item.value, item.at)
        elif item.key == "collective" or group:
            self.collective = self.collective or Found(item.value, item.at)
        elif item.key in self.people:
            self._people(item.key, item.value, item.at)

    def _people(self, role: str, words: str, at: Lines) -> None:
        if role == "cosigner":
            self.cosigners_at = at.last
        names = [re.sub("[（(][^）)]*[）)]", "", name) for name in _SPLIT.split(words)]
        for name in names:
            clean = re.sub(r"等(?:[0-9一二三四五六七八九十]+[人位名]?)?$", "", name).strip("（）()。")
            if clean:
                first = role == "proposer" and not self.people["proposer"]
                self.people["proposer" if first else "cosigner"].append(Found(clean, at))

    def _first(self, *keys: str) -> dict[str, Found[str]]:
        out: dict[str, Found[str]] = {}
        for item in self.fields:
            if item.key in keys and item.value:
                out.setdefault(item.key, Found(item.value, item.at))
        return out

    def _parts(self) -> dict[str, ProposalPart]:
        parts: dict[str, ProposalPart] = {}
        for codes, heading, found in self.open:
            if len(codes) > 1:
                self.notices.append(Notice("merged_parts", found[0].at))
            words = tuple(paragraph for paragraph in found if paragraph.value)
            for code in codes:
                at = Lines(found[0].at.first, found[-1].at.last)
                before = parts.get(code)
                if before is not None:
                    self.notices.append(Notice("doubled_part", at))
                    parts[code] = ProposalPart(
                        code, before.heading, Lines(before.at.first, at.last), before.paragraphs + words
                    )
                elif words:
                    parts[code] = ProposalPart(code, heading, at, words)
            if not words:
                self.notices.append(Notice("empty_part", found[0].at))
        return parts


def _bracketed_label(line: Found[str]) -> list[Field]:
    """【类别】科技创新"""
    match = re.fullmatch(r"[【\[](?P<label>[^】\]]{2,10})[】\]][ 　]*(?P<value>.*)", line.value)
    key = key_of(match["label"]) if match else ""
    return [Field(key, match["label"], match["value"].strip(), line.at)] if match and key else []


def _split_items(paragraphs: tuple[Found[str], ...]) -> tuple[Found[str], ...]:
    """The single suggestions: by the first way of numbering in use, else one a paragraph."""
    pieces = [
        Found(piece.strip(), paragraph.at)
        for paragraph in paragraphs
        for piece in _inline_items(paragraph.value)
        if piece.strip()
    ]
    style = next((s for p in pieces for s in _ITEMS if s.match(p.value)), None)
    if style is None:
        return tuple(pieces)
    items: list[Found[str]] = []
    for paragraph in pieces:
        if style.match(paragraph.value):
            items.append(paragraph)
        elif items:
            whole = f"{items[-1].value}\n{paragraph.value}"
            items[-1] = Found(whole, Lines(items[-1].at.first, paragraph.at.last))
    return tuple(items)


def _inline_items(text: str) -> list[str]:
    """一是…；二是… inside one paragraph; words before the first are an introduction, not a suggestion."""
    pieces = _IN_LINE_ITEM.split(text)
    if len(pieces) > 1 and not re.match("[一二三四五六七八九十]{1,2}是|第[一二三]", pieces[0]):
        return pieces[1:]
    if (
        len(pieces) == 1
        and _THEREFORE.match(text)
        and text.rstrip().endswith(("：", ":", "。"))
        and len(text) < 40
    ):
        return []
    return pieces
