"""Whom a letter addresses, and the opening formula with the title it quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RECEIVED = re.compile(r"收悉|已收到|敬悉|悉。")
_AS_FOLLOWS = re.compile(
    r"(?:经[^，。]{1,30}[，,])?(?:现|经研究|具体)[^。；]{0,40}?(?:答复|函复|函告|回复|反馈|报告|汇报|说明|告知)[^。；，]{0,6}?如下"
)
_OPEN, _CLOSE = '“"《「『‘', '”"》」』’'
_UNQUOTED = re.compile(
    r"(?:提出|提交|转来|所提|提)的?(?:第?[A-Z]?[0-9]{1,10}号)?(?P<title>关于[^“”\"《》]{2,80}?)(?:的?(?:提案|议案|代表建议))?(?:已)?$"
)
_GROUP = re.compile(
    r"民革|民盟|民建|民进|农工党|致公党|九三|台盟|工商联|小组|界别?$|活动组|代表团|联组|总工会|共青团|团[区市]委|妇联|侨联|台联|专委会|"
    r"党派|支部|联络室|专门委员会"
)
_OFFICE = re.compile(r"(?:局|委|委员会|办公室|政府|公司|厅|中心|部|办事处|[区府]办|院)$")
_HIDDEN = re.compile(r"(?:某+|[×xX*＊○〇_]+|\s)*(?:委员|代表)(?:们)?")


@dataclass(frozen=True, slots=True)
class Opening:
    """The formula's standard words and the quoted title; `doubled` where 关于 stands twice."""

    phrase: str | None
    title: str | None
    doubled: bool


def is_opening(line: str) -> bool:
    """Whether the line is the opening formula of a reply or opinion."""
    head = line[:400]
    return bool(_RECEIVED.search(head) or _AS_FOLLOWS.search(head))


def read_opening(line: str) -> Opening:
    """What the opening formula says."""
    phrase = _AS_FOLLOWS.search(line)
    received = _RECEIVED.search(line)
    before = line[: received.start()] if received else line[: phrase.start()] if phrase else line
    starts = [at for at, char in enumerate(before) if char in _OPEN]
    ends = [at for at, char in enumerate(before) if char in _CLOSE]
    title, doubled = None, False
    if starts and ends and ends[-1] > starts[0]:
        title = before[starts[0] + 1 : ends[-1]].strip()
        doubled = before[: starts[0]].rstrip().endswith("关于") and title.startswith("关于")
    else:
        bare = _UNQUOTED.search(before.rstrip(" ，,"))
        if bare:
            title = bare["title"].strip()
    return Opening(phrase[0] if phrase else None, title or None, doubled)


def split_salutation(line: str) -> tuple[str, str] | None:
    """A salutation and the words that follow it on the same line, if the line has both."""
    match = re.match(r"(?P<who>[^：:。；“《]{1,200}[：:])\s*(?P<rest>\S.*)", line, re.S)
    if match and (re.match("您|你|贵|现|关于", match["rest"]) and is_opening(match["rest"])):
        return match["who"], match["rest"]
    return None


def addressees(salutation: str) -> tuple[str, ...]:
    """The names in an addressee line, as printed; none where they are blanked."""
    words = re.sub(r"^尊敬的", "", salutation.strip().rstrip("：: "))
    if _HIDDEN.fullmatch(words):
        return ()
    parts = re.split(r"[、，,；;]|[ \t　]{2,}", words)
    if len(parts) == 1 and len(re.findall("委员|代表", words)) > 1:
        parts = re.split(r"\s+", words)
    return tuple(part.strip() for part in parts if part.strip())


def addressed_to(names: tuple[str, ...], salutation: str | None) -> str:
    """What kind of addressee it is: none, blanked, unit, group, one or many."""
    if salutation is None:
        return "none"
    if not names:
        return "blanked"
    if any(_GROUP.search(name) for name in names):
        return "group"
    if all(_OFFICE.search(name) and not name.endswith("委员") for name in names):
        return "unit"
    return "one" if len(names) == 1 else "many"
