"""Finds personal data that a public copy may have to hide: a suggestion, never a decision."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from qiao.letters.model import PersonalKind

_NAME_LABEL = (
    r"联\s?系\s?人(?:\s?姓\s?名)?|签\s?发\s?人|承\s?办\s?人|经\s?办\s?人|提\s?案\s?人|提\s?案\s?者|"
    r"(?:第[一二三]|领衔)提案人|联名人|附议人|领衔代表"
)
_NAMES = re.compile(
    rf"(?:{_NAME_LABEL})[ \t]{{0,4}}[：:\t][ \t]{{0,4}}(?P<names>[^\s，。；：:（()）]{{1,60}})"
)
_NAME = re.compile(r"[^、,]+")
_MEMBER = re.compile(r"(?m)^[ \t]{0,8}(?P<names>[\u4e00-\u9fff·、 ]{2,60}?)(?:委员|代表)[：:]")
_PHONE_LABEL = re.compile(
    r"(?:电\s?话|手\s?机|传\s?真|联系方式)(?:号码)?[ \t]{0,4}[：:\t]?[ \t]{0,4}"
    r"(?P<it>\+?[0-9０-９][0-9０-９ \-—]{5,18}[0-9０-９])"
)
_PHONE = re.compile(
    r"(?<![0-9A-Za-z.])(?:\+?86[- ]?)?(?P<it>1[3-9][0-9]{9}|1[3-9][0-9][- ][0-9]{4}[- ][0-9]{4}"
    r"|[（(]?0[0-9]{2,3}[）)]?[- —]?[0-9]{7,8})(?![0-9A-Za-z])"
)
_ID = re.compile(
    r"(?<![0-9A-Za-z])(?P<it>[1-9][0-9]{5}(?P<day>(?:19|20)[0-9]{6})[0-9]{3}[0-9Xx])(?![0-9A-Za-z])"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])(?P<it>[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})"
)
_HOME = re.compile(
    r"(?:家庭|居住|户籍)?住址[ \t]{0,4}[：:\t][ \t]{0,4}(?P<it>[^\n，。；]{2,60})"
    r"|家庭(?:通讯)?地址[ \t]{0,4}[：:\t][ \t]{0,4}(?P<also>[^\n，。；]{2,60})"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_NOT_NAMES = re.compile(r"(?:委员会|局|办公室|政府|公司|中心|协会|街道|小组)$|^(?:某+|[×xX*＊]+|无|等)$")


@dataclass(frozen=True, slots=True)
class PersonalMark:
    """Personal data at these offsets. `what` is finer than the model's kind; `sure` says it checks out."""

    start: int
    end: int
    text: str
    kind: PersonalKind
    what: str
    sure: bool = True


def find_personal(text: str) -> list[PersonalMark]:
    """Telephones, identity numbers, e-mail and home addresses, and names where a label says it is one."""
    marks: list[PersonalMark] = []

    def add(match: re.Match[str], group: str, kind: PersonalKind, what: str, sure: bool = True) -> None:
        start, end = match.span(group)
        if start >= 0 and not any(start < mark.end and mark.start < end for mark in marks):
            marks.append(PersonalMark(start, end, text[start:end], kind, what, sure))

    for match in _ID.finditer(text):
        if _is_day(match["day"]):
            add(match, "it", "other", "id_number", _checks(match["it"]))
    for match in _EMAIL.finditer(text):
        add(match, "it", "other", "email")
    for match in _PHONE_LABEL.finditer(text):
        add(match, "it", "phone", "phone")
    for match in _PHONE.finditer(text):
        add(match, "it", "phone", "phone", match["it"].startswith("1"))
    for match in _HOME.finditer(text):
        add(match, "it" if match["it"] else "also", "address", "home_address")
    for pattern, what in ((_NAMES, "name"), (_MEMBER, "member")):
        for match in pattern.finditer(text):
            base = match.start("names")
            for name in _NAME.finditer(match["names"]):
                if not _NOT_NAMES.search(name[0].strip()) and name[0].strip():
                    start = base + name.start() + len(name[0]) - len(name[0].lstrip())
                    end = start + len(name[0].strip())
                    if not any(start < mark.end and mark.start < end for mark in marks):
                        marks.append(PersonalMark(start, end, text[start:end], "name", what))
    return sorted(marks, key=lambda mark: mark.start)


def _is_day(digits: str) -> bool:
    try:
        dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _checks(number: str) -> bool:
    """The check character of a resident identity number (GB 11643)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return "10X98765432"[total % 11] == number[17].upper()
