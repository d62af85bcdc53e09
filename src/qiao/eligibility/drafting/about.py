"""Title, number, issuer, day of publication and days in force, as the document states them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from .numerals import whole
from .splitting import PolicyText

_KINDS = (
    "意见|办法|措施|规定|通知|细则|方案|解读|条例|规划|公告|政策|指南|批复|函|决定|目录|规则|制度|预案|通报"
)
_STATED_NUMBER = re.compile(
    r"(?:发文字号|文\s?号)\s*[:：]\s*([\u3400-\u9fff]{1,14}[〔\[［(（]\d{4}[〕\]］)）]\s*第?\d{1,5}号)"
)
_NUMBER_LINE = re.compile(
    r"^\s*([\u3400-\u9fff]{1,14}(?:[〔\[［]\d{4}[〕\]］]|[(（]\d{4}[)）])\s*第?\d{1,5}号)\s*$", re.MULTILINE
)
_DAY = r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
_PUBLISHED = re.compile(
    rf"(?:发布|成文|公布|印发)(?:时间|日期)\s*[:：]\s*(?:{_DAY}|(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}))"
)
_FROM = re.compile(rf"自\s*{_DAY}\s*(?:零时)?起\s*(?:正式)?(?:施行|实施|执行|试行|生效)")
_UNTIL = re.compile(
    rf"(?:有效期(?:限)?|试行期|执行期限|实施期限|施行)(?:[\u3400-\u9fff]{{0,3}}{_DAY})?\s*(?:至|到|截至)\s*{_DAY}|有效期(?:限)?[为是]?\s*自\s*{_DAY}\s*(?:起)?\s*至\s*{_DAY}"
)
_TERM = re.compile(
    r"(?:有效期(?:限)?|试行期|实施期限)\s*[为是]?\s*(\d{1,2}|[一二两三四五六七八九十]{1,2})\s*年"
)
_STATED_ISSUER = re.compile(
    r"(?:发布机构|发文机关|发布单位|制定机关|发文单位)\s*[:：]\s*([\u3400-\u9fff、，]{2,60}?)(?=\s|发文字号|成文|主题|公开|标题|$)"
)
_BODY = r"(?:国务院|人民政府|政府|委员会|办公厅|办公室|局|厅|部|院|署|总局|管理局|委|中心)"
_TITLE_ISSUER = re.compile(rf"^([\u3400-\u9fff、]{{1,30}}?{_BODY})(?=关于|印发|转发|对)")
_ORDER = re.compile(r"^\s*([\u3400-\u9fff]{2,20}令)\s*(第\s*\d{1,5}\s*号)\s*$", re.MULTILINE)
_SCRAPED_TITLE = re.compile(r"(?P<t>[^\s：:]{6,80}?)(?:发布时间|发布日期|发布日).{0,400}?(?P=t)", re.DOTALL)
_TITLE_END = re.compile(rf"(?:{_KINDS})》?(?:的政策解读)?(?:（[^）]{{1,16}}）)*$")
_TITLE_LINE = re.compile(r"^(?!\d{4}年)[\u3400-\u9fffA-Za-z0-9“”《》〈〉、（）()·—\-+]+$")
LONGEST_TITLE_LINE = 60  # characters
MOST_TITLE_LINES = 4


@dataclass(frozen=True)
class About:
    """What a document says of itself. Empty or None: it does not say so where it was looked for."""

    title: str
    number: str
    issuer: str
    published: dt.date | None
    start: dt.date | None
    until: dt.date | None
    term: int  # years in force, where the text counts them instead of naming the last day
    consultation: bool  # a draft put to the public


def about(text: PolicyText) -> About:
    """What is found; nothing is guessed."""
    body = text.body
    head = text.head[:4000]
    title = _title(head)
    start = next((_day(m.groups()) for m in _FROM.finditer(body)), None)
    until = next((d for m in _UNTIL.finditer(body) if (d := _last(m.groups()))), None)
    terms = [whole(m[1]) or 0 for m in _TERM.finditer(body)]
    published = _PUBLISHED.search(head)
    days = [p for p in (published.groups() if published else ()) if p]
    return About(
        title=title,
        number=_number(head),
        issuer=_issuer(head, title),
        published=_day(days),
        start=start,
        until=until,
        term=terms[0] if terms and not until else 0,
        consultation="征求意见稿" in head,
    )


def _number(head: str) -> str:
    found = _STATED_NUMBER.search(head) or _NUMBER_LINE.search(head) or _ORDER.search(head)
    return re.sub(r"\s", "", "".join(found.groups())) if found else ""


def _issuer(head: str, title: str) -> str:
    stated = _STATED_ISSUER.search(head)
    found = stated or _TITLE_ISSUER.match(title)
    return found[1].strip("、，") if found else ""


def _title(head: str) -> str:
    """The lines above the number, or a name that a scraped page repeats: once as title, once above the text."""
    twice = _SCRAPED_TITLE.search(head)
    if twice and _TITLE_END.search(twice["t"]):
        return twice["t"]
    lines = [line.strip() for line in head.split("\n") if line.strip()][:12]
    number = next((n for n, line in enumerate(lines) if _NUMBER_LINE.match(line)), 0)
    above = "".join(lines[:number])
    if 0 < number <= MOST_TITLE_LINES and "于" in above and "：" not in above:
        return re.sub(r"\s+", "", above)
    gathered = ""
    for line in lines:
        if len(line) > LONGEST_TITLE_LINE or not _TITLE_LINE.match(line) or _NUMBER_LINE.match(line):
            gathered = ""
            continue
        gathered += line
        if _TITLE_END.search(gathered):
            return gathered
    return ""


def _day(parts: object) -> dt.date | None:
    numbers = [int(p) for p in parts if p] if isinstance(parts, tuple | list) else []
    try:
        return dt.date(*numbers[:3]) if len(numbers) >= 3 else None
    except ValueError:
        return None


def _last(parts: tuple[str | None, ...]) -> dt.date | None:
    return _day([p for p in parts if p][-3:])
