"""Numbers as Chinese documents write them: 十二, 三百, 两, 百分之三十."""

from __future__ import annotations

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
HAN = "零〇一二两三四五六七八九十百千"


def whole(text: str) -> int | None:
    """The number that ``text`` says, in figures or in Chinese up to the thousands; None where it says none."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(c not in HAN for c in text):
        return None
    total = digit = 0
    for c in text:
        if c in TENS:
            total += (digit or 1) * TENS[c]
            digit = 0
        else:
            digit = DIGITS[c]
    return total + digit
