"""Headings of official text: 一、 （一） 1. （1）, on their own line or running into the paragraph."""

from __future__ import annotations

import re

from qiao.letters.model import Heading

_COUNT = "[一二三四五六七八九十]{1,3}"
NUMBERS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"{_COUNT}[ ]?[、．.](?=\s*\S)")),
    (2, re.compile(rf"[（(][ ]?{_COUNT}[ ]?[）)][、．.]?")),
    (3, re.compile(r"[0-9０-９]{1,2}[ ]?(?:[、．]|\.(?![0-9０-９]))")),
    (4, re.compile(r"[（(][ ]?[0-9０-９]{1,2}[ ]?[）)][、．.]?")),
)
_LONGEST_ALONE = 60
_LONGEST_LEAD = 50
_LONGEST_WITH_STOP = 12


def heading_number(line: str) -> tuple[int, int] | None:
    """The level of the number a line begins with, and where the words begin; None if it has none."""
    for level, pattern in NUMBERS:
        match = pattern.match(line)
        if match and line[match.end() :].strip():
            return level, match.end()
    return None


def split_heading(line: str) -> tuple[Heading | None, str]:
    """The heading a line is or begins with, and the rest of the line; nothing is dropped."""
    line = line.strip()
    number = heading_number(line)
    if number is None:
        return None, line
    level, start = number
    stop = _first_stop(line, start)
    if stop is None:
        if len(line) <= _LONGEST_ALONE and line[-1] not in "；;，,":
            return Heading(level, line), ""
        return None, line
    if stop + 1 >= len(line):  # a numbered sentence is an item; only a short phrase or one with a colon heads
        heads = stop - start <= _LONGEST_WITH_STOP or line[stop] in "：:"
        return (Heading(level, line), "") if heads else (None, line)
    if stop + 1 - start <= _LONGEST_LEAD:
        return Heading(level, line[: stop + 1]), line[stop + 1 :]
    return None, line


def _first_stop(line: str, start: int) -> int | None:
    """Where the first sentence ends, quotes passed over; a colon ends a short lead as well."""
    depth = 0
    for at in range(start, len(line)):
        char = line[at]
        if char in "“《（「『":
            depth += 1
        elif char in "”》）」』":
            depth = max(0, depth - 1)
        elif depth == 0 and (char in "。！？" or (char in "：:" and at - start <= 24)):
            return at
    return None
