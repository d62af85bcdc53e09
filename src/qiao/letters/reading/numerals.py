"""Numbers as they stand in official Chinese text: 十五, 第二十三, 两, 〇, full-width digits; and back."""

from __future__ import annotations

import re

DIGITS = "零一二三四五六七八九"
_VALUE = {c: i for i, c in enumerate(DIGITS)} | {"〇": 0, "○": 0, "两": 2, "俩": 2}
_VALUE |= {c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_UNIT = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}

CHINESE_NUMERAL = "[零〇○一二三四五六七八九十百千两]+"
_FULL_WIDTH = {0xFF10 + i: 0x30 + i for i in range(10)}


def parse(text: str) -> int | None:
    """The whole number written in `text`, in Chinese or Arabic digits; None if it is none."""
    text = re.sub(r"\s+", "", text).translate(_FULL_WIDTH)
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    if not text or len(text) > 20:
        return None
    if all(c in _VALUE for c in text):
        return int("".join(str(_VALUE[c]) for c in text))
    total = section = digit = 0
    for char in text:
        if char in _VALUE:
            digit = _VALUE[char]
        elif char in _UNIT:
            section += (digit or 1) * _UNIT[char]
            digit = 0
        elif char in _BIG:
            total = (total + section + digit) * _BIG[char]
            section = digit = 0
        else:
            return None
    return total + section + digit


def chinese(number: int) -> str:
    """`number` (0 to 99999999) as it is counted in Chinese: 15 → 十五, 105 → 一百零五."""
    if number == 0:
        return "零"
    if number >= 10_000:
        rest = number % 10_000
        joint = "零" if 0 < rest < 1000 else ""
        return chinese(number // 10_000) + "万" + joint + (chinese(rest) if rest else "")
    out = ""
    gap = False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            out += ("零" if gap and out else "") + DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return out[1:] if out.startswith("一十") else out


def roman(number: int) -> str:
    """`number` in Roman capitals (1 to 3999)."""
    pairs = zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    )
    out = ""
    for value, sign in pairs:
        times, number = divmod(number, value)
        out += sign * times
    return out


def written(number: int, style: str) -> str | None:
    """`number` as Word's numbering format `style` writes it; None where we do not know the style."""
    if style in {"decimal", "decimalHalfWidth"}:
        return str(number)
    if style == "decimalZero":
        return f"{number:02d}"
    if style in {"decimalFullWidth", "decimalFullWidth2"}:
        return "".join(chr(0xFF10 + int(c)) for c in str(number))
    if style in {"chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "japaneseCounting",
                 "taiwaneseCountingThousand"}:  # fmt: skip
        return chinese(number) if 0 <= number < 10_000 else str(number)
    if style in {"ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"}:
        return "".join("〇一二三四五六七八九"[int(c)] for c in str(number))
    if style == "chineseLegalSimplified":
        plain = chinese(number) if 0 <= number < 10_000 else str(number)
        return ("壹" + plain if plain.startswith("十") else plain).translate(
            str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
        )
    if style == "ideographTraditional" and 1 <= number <= 10:
        return "甲乙丙丁戊己庚辛壬癸"[number - 1]
    if style in {"lowerLetter", "upperLetter"} and 1 <= number <= 780:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if style == "upperLetter" else letter
    if style in {"lowerRoman", "upperRoman"} and 1 <= number < 4000:
        return roman(number) if style == "upperRoman" else roman(number).lower()
    if style in {"decimalEnclosedCircle", "decimalEnclosedCircleChinese"} and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if style == "decimalEnclosedParen" and 1 <= number <= 20:
        return chr(0x2474 + number - 1)
    if style == "ideographEnclosedCircle" and 1 <= number <= 10:
        return chr(0x3280 + number - 1)
    return None
