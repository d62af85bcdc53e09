"""Finds what a reply undertakes to do: one mark per clause, for a person to keep or drop.

Inside a section on the next steps every clause that begins with a firm verb counts; elsewhere only one that
says it of the future (将, 拟, 下一步). Clauses that merely hope (促进, 发挥, 聚焦) are `soft` and left out
unless asked for.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from qiao.letters.model import Heading, Letter, Paragraph
from qiao.letters.reading.figures import find_figures
from qiao.letters.reading.headings import heading_number, split_heading

_FIRM = (
    "推进|推广|推出|拓展|设立|成立|建立|打造|深化|支持|培育|培养|举办|举行|召开|承办(?!单位)|组织|开展|"
    "建设|出台|制定|修订|完善|印发|发布|新建|改建|扩建|启动|落实|实施|扩大|增设|增加|新增|引进|引入|搭建|建成|组建|"
    "实现|整改|创建|编制|开放|提供|开通|上线|筹建|设置|配置|遴选|评选|开设|试行|改造|修缮|发放|布局|更新|纳入|列入|投入|完成"
)
_SOFT = (
    "推动|促进|加强|优化|提升|强化|鼓励|引导|集聚|构建|激发|发挥|聚焦|开辟|厚植|吸引|探索|研究|助力|营造|"
    "协调|争取|关注"
)
_SOFT_VERBS = frozenset(_SOFT.split("|"))
_ADVERB = (
    "将|会|要|拟|计划|继续|进一步|持续|加快|加大|全力|积极|充分|深入|大力|着力|切实|扎实|不断|努力|有序|稳步|重点|主动|"
    "联合|共同|牵头|适时|尽快|力争|争取|确保|分批|逐步|全面|还|同时|并|也|再|我们|我区|我委|我局|我办|我街道|"
    "预计|认真|抓紧|[一二三四五六七八九十]是|研究(?=制定|出台|编制|设立)"
)
_UNIT = "[^，。；]{0,12}?(?:委|局|区|街道|部门|中心)(?=将|拟|计划|会同|继续|在[0-9]|于[0-9])"
_DUE = (
    r"(?:[0-9]{4}年|今年|明年|本年)[ ]?(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?"
    r"(?:年?底|年?末|上半年|下半年|第?[一二三四]季度|内)?(?:之前|以前|前|内|起)?"
    r"|年内|年底(?:之?前)?|[0-9]{1,2}月(?:[0-9]{1,2}日|底|末)?(?:之?前|内)"
    r"|第[一二三四]季度(?:之?前|内)?|上半年|下半年"
    r"|[“\"]十[一二三四五]五[”\"](?:期间|末)|[0-9一二三两]{1,2}(?:个月|年)(?:之?内|以内)|近期"
)
_OPEN = r"(?:在|与|和|同|以|通过|围绕|对|为|依托|结合|针对|按照|根据|面向|会同|向|由|于|到)"
_TAKEN_IN = "[把将][^，。；]{1,40}?(?=纳入|列入)"
_CLAUSE = re.compile(
    rf"(?P<head>(?:{_UNIT})?(?:(?:{_TAKEN_IN}|{_ADVERB}|[在于到]?(?:{_DUE}))[ ]?){{0,12}}+"
    rf"(?:{_OPEN}[^，。；]{{1,40}}?)?(?:{_TAKEN_IN}|{_ADVERB}){{0,12}}+)"
    rf"(?P<verb>{_FIRM}|{_SOFT})(?P<object>.*)",
    re.S,
)
_NEXT = re.compile(r"下一步|下阶段|下一阶段|今后|接下来|工作打算|工作思考|工作计划|努力方向|下步|未来工作")
_FUTURE = re.compile(r"将|拟|计划|力争|争取|预计|确保|承诺|年内|(?:底|末|日|月|季度|半年)之?前")
_PAST = re.compile(r"已经?|曾|[^为]了(?!解)|收悉|如下")
_TAIL = re.compile(r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$|[（(]?(?:联系人|联系电话|抄送|承办单位|此件|附件)")
_TARGET = re.compile(
    r"(?P<head>[^，。；]{1,30}?)(?P<verb>达到|突破|超过|增至|增加到|提升至|提高到|降至|降低到|不少于)(?P<object>[^，。；]*[0-9].*)",
    re.S,
)
_AIMED = re.compile(r"(?:力争|争取|预计|计划|确保|将)|(?<!截至)(?<!截止)到[0-9]{4}年")
_DUE_AT = re.compile(_DUE)
_NEARBY = 240
_MEASURES: tuple[tuple[str, str, str], ...] = (
    ("events", "场", "活动|沙龙|论坛|培训|路演|大会|讲座|赛事|大赛|对接会|座谈会"),
    ("firms", "家", "企业|独角兽|隐形冠军|会员|商户"),
    ("bases", "个", "基地"),
    ("bodies", "个", "平台|机构|中心|组织|联盟|联席会|实验室|工作站|专班"),
    ("scenarios", "个", "场景"),
    ("documents", "份", "政策|办法|方案|意见|细则|标准|规划|指南|白皮书|清单"),
    ("people", "人", "人才|毕业生|硕博士|学员"),
    ("funds", "元", "资金|基金|补贴|经费"),
    ("milestone", "", "项目|工程|街区|公园|园区|品牌|建设|改造"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """By what a promise might be measured: a count of something, or a milestone reached."""

    code: str
    unit: str
    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PromiseMark:
    """One undertaking. Offsets are in the text given, or, for a letter, in the text of block `block`."""

    start: int
    end: int
    text: str
    verb: str
    object: str
    firm: bool
    measure: Measure
    due_text: str | None = None
    due: dt.date | None = None
    block: int | None = None


def find_promises(source: str | Letter, *, soft: bool = False, year: int | None = None) -> list[PromiseMark]:
    """The undertakings in a text or letter, in order.

    `year` is the year in which 年内 or 年底前 was said; a letter gives it by its date.
    """
    if isinstance(source, Letter):
        year = year or (source.date.year if source.date else None)
    marks: list[PromiseMark] = []
    section: int | None = None
    for block, start, heading, text in _paragraphs(source):
        if heading is not None:
            if section is not None and heading.level <= section:
                section = None
            if section is None and _NEXT.search(heading.text):
                section = heading.level
        elif _TAIL.match(re.sub(r"\s", "", text)):
            section = None
        marks += _in_paragraph(text, start, block, section is not None, year)
    return [mark for mark in marks if mark.firm or soft]


def _paragraphs(source: str | Letter) -> Iterator[tuple[int | None, int, Heading | None, str]]:
    """Block number, offset of the words after any heading, the heading, those words."""
    if isinstance(source, Letter):
        for index, block in enumerate(source.blocks):
            if isinstance(block, Heading):
                yield index, 0, block, ""
            elif isinstance(block, Paragraph):
                skip = len(block.lead.text) if block.lead else _number_ends(block.text)
                yield index, skip, block.lead, block.text[skip:]
        return
    for match in re.finditer(r"[^\n]+", source):
        line = match[0].rstrip()
        heading, rest = split_heading(line)
        yield None, match.start() + len(line) - len(rest), heading, rest


def _number_ends(text: str) -> int:
    """Where the words begin in a paragraph that begins with a number, as a writer types it: （一）2027年底前…"""
    number = heading_number(text)
    return number[1] if number else 0


def _in_paragraph(
    text: str, offset: int, block: int | None, promised: bool, year: int | None
) -> list[PromiseMark]:
    marks: list[PromiseMark] = []
    for sentence in re.finditer(r"[^。！？]+", text):
        forward = promised or _NEXT.match(sentence[0].strip()) is not None
        previous: PromiseMark | None = None
        for part in re.finditer(r"[^，；,;]+", sentence[0]):
            clause = part[0].strip()
            start = sentence.start() + part.start() + len(part[0]) - len(part[0].lstrip())
            end = start + len(clause)
            match = _undertaking(clause, forward) or _target(clause, sentence[0][: part.end()])
            if match is None or _past(clause, promised):
                continue
            if previous and previous.verb in {"支持", "鼓励", "引导"} and clause[0] in "与和同并":
                start = previous.start - offset
                marks[-1] = previous = _mark(text, start, end, previous.verb, previous.firm, year)
            else:
                previous = _mark(text, start, end, match["verb"], match["verb"] not in _SOFT_VERBS, year)
                marks.append(previous)
            marks[-1] = previous = replace(previous, start=start + offset, end=end + offset, block=block)
    return marks


def _undertaking(clause: str, forward: bool) -> re.Match[str] | None:
    """A clause whose verb undertakes something; a bare verb must at least say by when."""
    match = _CLAUSE.match(clause)
    if match is None or not (forward or _FUTURE.search(match["head"])):
        return None
    return match if len(match["object"].strip()) > 1 or _DUE_AT.search(match["head"]) else None


def _target(clause: str, said: str) -> re.Match[str] | None:
    """力争到2025年底，供应总量达到5000套: a figure to be reached."""
    match = _TARGET.fullmatch(clause)
    if match is None or not _AIMED.search(said) or re.search("截至|截止|已", said):
        return None
    return match if any(mark.kind != "rank" for mark in find_figures(match["object"])) else None


def _past(clause: str, promised: bool) -> bool:
    """Whether the clause tells what was done; among the next steps only a plain 了 says so."""
    return re.search(f"(?:{_FIRM})了(?!解)", clause) is not None or (
        not promised and _PAST.search(clause) is not None
    )


def _mark(  # noqa: PLR0917
    text: str, start: int, end: int, verb: str, firm: bool, year: int | None
) -> PromiseMark:
    words = text[start:end]
    thing = words[words.index(verb) + len(verb) :].strip()
    earliest = max(0, start - _NEARBY)
    sentence = max(earliest, *(text.rfind(stop, earliest, start) + 1 for stop in "。！？"))
    dues = list(_DUE_AT.finditer(text[sentence:end]))
    due_text = dues[-1][0] if dues else None
    return PromiseMark(
        start, end, words, verb, thing, firm, _measure(words, thing), due_text, _due(due_text, year)
    )


def _measure(words: str, thing: str) -> Measure:
    """From the figure said, else from the last thing named: in Chinese the head stands last."""
    best = ("milestone", "", -1)
    for code, unit, names in _MEASURES:
        for match in re.finditer(names, thing):
            if match.end() > best[2]:
                best = (code, unit, match.end())
    for figure in find_figures(words):
        if figure.kind == "quantity" and figure.unit not in {"小时", "分钟", "个月", "天", "个工作日"}:
            return Measure(best[0], figure.unit, figure.value)
    return Measure(best[0], best[1])


def _due(words: str | None, year: int | None) -> dt.date | None:
    """The last day on which the promise is kept in time, where the words and the year tell."""
    if words is None:
        return None
    words = words.replace(" ", "")
    stated = re.search(r"([0-9]{4})年", words)
    if stated:
        year = int(stated[1])
    elif words.startswith("明年"):
        year = year + 1 if year else None
    if year is None or not 1900 < year < 2200 or not re.search("年|月|季度", words):
        return None
    if re.search("五|[0-9一二三两](?:个月|年)(?:之?内|以内)", words) and not stated:
        return None
    month, day = 12, 31
    named = re.search(r"([0-9]{1,2})月(?:([0-9]{1,2})日)?", words)
    quarter = re.search("([一二三四])季度", words)
    if named:
        month, day = int(named[1]), int(named[2] or 0)
    elif quarter:
        month, day = 3 * ("一二三四".index(quarter[1]) + 1), 0
    elif "上半年" in words:
        month, day = 6, 30
    try:
        return dt.date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None
