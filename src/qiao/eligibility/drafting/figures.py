"""Amounts, shares and ratios in a sentence, with what they bound: 最高100万元, 不超过…的30%, 5%以上, 1:1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from .numerals import DIGITS, TENS, whole

_N = r"\d[\d,，]*(?:\.\d+)?"
_HAN = "[零〇一二两三四五六七八九十百千]{1,7}"
_AMOUNT = re.compile(
    rf"""
    (?P<low>{_N})\s*(?P<lowsize>[百千]?[万亿])?元?\s*[-—–~～至到]{{1,2}}\s*
      (?P<high>{_N})\s*(?P<highsize>[百千]?[万亿])?(?P<highunit>美元|元)
  | (?P<number>{_N})\s*(?P<size>[百千]?[万亿]|[百千])?(?:人民币)?(?P<unit>美元|元)(?!宇宙|素|件|器)
  | (?P<bare>{_N})\s*(?P<baresize>[百千]?[万亿])(?=[，。；、）)以的和至-]|不等)
  | (?<![{"".join(DIGITS)}{"".join(TENS)}])(?P<han>{_HAN})(?P<hansize>[万亿])?
      (?P<hanunit>美元|元)(?!宇宙|素|件|器|化|制|论|性|共)
  | (?P<share>\d+(?:\.\d+)?)\s*(?P<sign>%|％|‰|个百分点)
  | 百分之(?P<hanshare>{_HAN}(?:点{_HAN})?|\d+(?:\.\d+)?)
  | (?P<under>{_HAN}|\d{{1,2}})分之(?P<over>{_HAN}|\d{{1,2}})
  | (?<![\d:：])(?P<left>\d{{1,2}})[:：∶](?P<right>\d{{1,2}})(?![\d:：])(?=的?比例|配套|给予|进行|予以)
    """,
    re.VERBOSE,
)
_SIZES = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_MOST = re.compile(
    r"最高|不超过|不高于|不多于|不[得能]超过|不[得能]高于|上限|最多|至多|封顶|控制在|不超出|限额|低于或等于"
)
_LEAST = re.compile(r"不低于|不少于|不得低于|不得少于|不小于|至少|最低|达到|(?:达|满)\s*$")
_MORE = re.compile(r"(?<![不得能])(?:超过|高于|大于|多于|超出)")
_LESS = re.compile(r"(?<![不得能])(?:低于|少于|小于|不足|未满)")
_NOT_MONEY = re.compile(r"人口|人数|用户|户数|数量|产量|面积|流量|访问|下载")
_STOP = re.compile(r"[，。；：,;!?！？\n]")
_LISTED = re.compile(r"^(?:、|和|或|或者|及|以及|，|/)$")


@dataclass(frozen=True)
class Figure:
    """An amount as it is written. ``kind``: money, usd, share, points (of percent), part (a half), ratio (1:1).

    ``value``: yuan or dollars; percent for shares and points; for the others 0. ``sense``: ``<=``, ``<``, ``>=``, ``>``
    or ``=`` where nothing says that it is a bound. ``text`` is a normal spelling: 5000万元, 30%, 1:1.
    """

    kind: str
    value: Decimal
    sense: str
    text: str
    start: int
    end: int

    @property
    def quantity(self) -> str:
        """As an expression writes it: ``500 万元``, ``30%``."""
        if self.kind == "share":
            return self.text
        unit = "美元" if self.kind == "usd" else "元"
        for size, name in ((10**8, "亿"), (10**4, "万")):
            if self.value >= size and self.value * 10_000 % size == 0:
                return f"{_plain(self.value / size)} {name}{unit}"
        return f"{_plain(self.value)} {unit}"


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def figures(text: str) -> list[Figure]:
    """Every amount, share and ratio of a text, in its order."""
    found: list[Figure] = []
    for match in _AMOUNT.finditer(text):
        for kind, value, shown in _values(match):
            sense = _sense(text, match.start(), match.end())
            if sense == "=" and found and _LISTED.match(text[found[-1].end : match.start()].strip()):
                last = found[-1]
                if last.kind == kind:
                    sense = last.sense
            found.append(Figure(kind, value, sense, shown, match.start(), match.end()))
    return found


def _values(match: re.Match[str]) -> list[tuple[str, Decimal, str]]:
    g = match.groupdict()
    if g["low"]:
        size = g["highsize"] or ""
        return [
            _money(g["low"], g["lowsize"] or size, g["highunit"]),
            _money(g["high"], size, g["highunit"]),
        ]
    if g["number"]:
        return [_money(g["number"], g["size"] or "", g["unit"])]
    if g["bare"]:
        if _NOT_MONEY.search(match.string[max(0, match.start() - 12) : match.start()]):
            return []
        return [_money(g["bare"], g["baresize"], "元")]
    if g["han"]:
        number = whole(g["han"])
        return [_money(str(number), g["hansize"] or "", g["hanunit"])] if number else []
    if g["share"]:
        number_ = Decimal(g["share"])
        if g["sign"] == "个百分点":
            return [("points", number_, f"{_plain(number_)}个百分点")]
        if g["sign"] == "‰":
            number_ /= 10
        return [("share", number_, f"{_plain(number_)}%")]
    if g["hanshare"]:
        before, _, after = g["hanshare"].partition("点")
        if g["hanshare"][0].isdigit():
            percent = Decimal(g["hanshare"])
        else:
            tail = "".join(str(DIGITS.get(c, "")) for c in after)
            percent = Decimal(f"{whole(before)}.{tail or 0}")
        return [("share", percent, f"{_plain(percent)}%")]
    if g["under"]:
        return [("part", Decimal(0), f"{whole(g['over'])}/{whole(g['under'])}")]
    return [("ratio", Decimal(0), f"{g['left']}:{g['right']}")]


def _money(number: str, size: str, unit: str) -> tuple[str, Decimal, str]:
    factor = 1
    for c in size:
        factor *= _SIZES[c]
    value = Decimal(number.replace(",", "").replace("，", "")) * factor
    figure = Figure("usd" if unit == "美元" else "money", value, "=", "", 0, 0)
    return figure.kind, value, figure.quantity.replace(" ", "")


def _sense(text: str, start: int, end: int) -> str:
    """What the words beside a figure make of it. Only those of its own half-sentence count."""
    after = text[end : end + 6]
    if re.match(r"\s*[（(]?(?:含)?[）)]?(?:及|\(含\))?以上", after):
        return ">="
    if re.match(r"\s*(?:及)?(?:以下|以内|之内|限额内|为限|封顶)", after):
        return "<="
    if re.match(r"\s*左右", after):
        return "="
    window = text[max(0, start - 40) : start]
    cut = [m.end() for m in _STOP.finditer(window)]
    window = window[cut[-1] :] if cut else window
    nearest = [
        (m.end(), sense)
        for pattern, sense in ((_MOST, "<="), (_LEAST, ">="), (_MORE, ">"), (_LESS, "<"))
        for m in pattern.finditer(window)
    ]
    if not nearest:
        return "="
    at, sense = max(nearest)
    return "=" if _AMOUNT.search(window[at:]) else sense  # a figure in between has taken the word for itself
