"""The title of a reply or opinion, and what it tells: body, term, session, number, kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qiao.letters.reading import numerals
from qiao.letters.reading.opening import is_opening

_NUMERAL = r"(?:[零〇一二三四五六七八九十百]{1,5}|[0-9]{1,3})"
_KIND = (
    r"(?P<kind>再次答复|二次答复|答复|会办意见|协办意见|办理意见|复函|回复|办理情况)"
    r"(?:的函|函|意见|的报告|情况)?(?P<suffix>[（(].{1,24}[）)])?"
)
_TITLE = re.compile(
    r"(?P<issuer>.{0,40}?)(?:关于对|关于|对)(?P<middle>.{0,140}?)[（(]?第?(?P<number>[A-Z]{0,3}-?[0-9]{1,10})号[）)]?"
    rf"(?P<between>.{{0,90}}?)的?{_KIND}"
)
_WEAK = re.compile(rf"(?P<issuer>[^、．.（(]{{0,40}}?)(?:关于对|关于|对)(?P<middle>.{{2,140}}?)的?{_KIND}")
_REST = re.compile(r"的?(?:答复|答复的函|答复函|复函|会办意见|函)|[（(].{0,6}(?:跟踪|再次|二次).{0,12}[）)]")
_TERM = re.compile(rf"第?(?P<n>{_NUMERAL})届")
_SESSION = re.compile(rf"第?(?P<n>{_NUMERAL})次(?:全体)?(?:会议|全会)?")
_WIDE = {0xFF10 + i: 0x30 + i for i in range(10)} | {0xFF21 + i: 0x41 + i for i in range(26)}
_SEARCHED = 60
_SEARCHED_WEAKLY = 10
_MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Title:
    """What a title says. `first` and `last` are positions in the lines given."""

    first: int
    last: int
    body: str | None
    body_name: str | None
    term: int | None
    session: int | None
    number: str | None
    kind: str


def compact(text: str) -> str:
    """`text` without any white space, full-width digits and capitals made plain."""
    return re.sub(r"\s+", "", text).translate(_WIDE)


def find_title(lines: Sequence[str]) -> Title | None:
    """The title among the first of these non-blank lines, on as few lines as it can stand on."""
    top = next((at for at, line in enumerate(lines[:_SEARCHED]) if is_opening(line)), _SEARCHED)
    for pattern, limit in ((_TITLE, top), (_WEAK, min(top, _SEARCHED_WEAKLY))):
        for count in range(1, _MOST_LINES + 1):
            for first in range(min(len(lines), limit) - count + 1):
                if any("\t" in line for line in lines[first : first + count]):
                    continue
                joined = compact("".join(lines[first : first + count]))
                if len(joined) > 260 or re.search("[。；]|收悉|[：:].", joined):
                    continue
                match = pattern.fullmatch(joined)
                if match is None:
                    continue
                last = first + count - 1
                while last + 1 < len(lines) and _REST.fullmatch(compact(lines[last + 1])):
                    last += 1
                return read_title("".join(lines[first : last + 1]), first, last)
    return None


def read_title(text: str, first: int = 0, last: int = 0) -> Title | None:
    """What the title `text` says, or None if it is not the title of a reply or opinion."""
    joined = compact(text)
    match = _TITLE.fullmatch(joined) or _WEAK.fullmatch(joined)
    if match is None:
        return None
    groups = match.groupdict()
    middle = match["middle"]
    everything = middle + (groups.get("between") or "")
    term, session = _TERM.search(middle), _SESSION.search(middle)
    return Title(
        first=first,
        last=last,
        body=_body(everything),
        body_name=_body_name(middle, term, session),
        term=numerals.parse(term["n"]) if term else None,
        session=numerals.parse(session["n"]) if session else None,
        number=groups.get("number"),
        kind=_kind(match["kind"], match["suffix"] or ""),
    )


def _body(text: str) -> str | None:
    if re.search("政协|政治协商", text):
        return "cppcc"
    if re.search("人大|人民代表大会|人代会|代表建议", text):
        return "npc"
    return "cppcc" if "提案" in text else "npc" if "建议" in text else None


def _body_name(middle: str, term: re.Match[str] | None, session: re.Match[str] | None) -> str | None:
    if not re.search("政协|政治协商|人大|人民代表大会", middle):
        return None
    end = session.start() if session else len(middle)
    name = middle[: term.start()] + middle[term.end() : end] if term and term.start() < end else middle[:end]
    return name.removesuffix("第") or None


def _kind(words: str, suffix: str) -> str:
    if words.startswith(("再次", "二次")) or re.search("再次|跟踪|二次", suffix):
        return "second_reply"
    return "opinion" if words.startswith(("会办", "协办")) else "reply"
