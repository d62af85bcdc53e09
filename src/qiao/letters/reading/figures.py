"""Finds the figures an official text claims: 6100余家, 近310亿元, 同比增长约18%, 位居全市第一.

What is found is a suggestion to a person, never a decision. Dates, session numbers, headings, document
numbers, telephones and postcodes are not figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from qiao.letters.reading import numerals

_SCALES = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
# How a claim is softened, and what that says of the true value.
QUALIFIERS: dict[str, str] = {
    "近": "almost", "将近": "almost", "接近": "almost",
    "超": "over", "超过": "over", "逾": "over", "突破": "over", "高于": "over", "余": "over", "多": "over",
    "上": "over",
    "约": "about", "大约": "about", "左右": "about", "数": "several", "几": "several",
    "不少于": "at_least", "不低于": "at_least", "至少": "at_least", "以上": "at_least",
    "不超过": "at_most", "不高于": "at_most", "至多": "at_most", "最多": "at_most", "最高": "at_most",
    "以内": "at_most", "最低": "at_least",
    "不足": "under", "低于": "under", "以下": "under", "级": "about",
}  # fmt: skip
_AFTER = {"余", "多", "左右", "以上", "以下", "以内", "级", "上"}
_BEFORE = "|".join([*sorted(set(QUALIFIERS) - _AFTER, key=len, reverse=True), "上(?=[百千万])"])
_UNITS = (
    "个百分点 个工作日 个月 平方公里 平方千米 平方米 立方米 万平方米 千瓦时 兆瓦时 人次 "
    "件次 批次 场次 班次 小时 分钟 公里 千米 公顷 公斤 千克 美元 欧元 日元 港元 兆瓦 千瓦 "
    "毫米 厘米 元 家 个 项 场 位 名 人 件 户 条 份 套 台 辆 间 所 处 座 栋 幢 次 篇 部 门 "
    "类 种 款 支 只 天 倍 成 吨 亩 米 岁 单 枚 张 把 棵 株 组 队 对 批 期 P % ％ ‰"
)
_NOT_UNIT = {
    "元": "宇宙|素|旦|器|年|件|首|老|月|组",
    "个": "方面|层面|维度|环节|阶段|角度|代表|意识|自信|维护|确立|全面|毫不|务必|性化|体户|工作日|月|百分点",
    "人": "大|民|工|才|均|形|次|员|机|类|口|文|气|社|力|物|事",
    "次": "会议|全会|全体|代表大会|日|序|要|生",
    "位": "一体|于|居|列|置|数",
    "条": "款|例|件|线",
    "项": "目",
    "成": "立|为|果|员|功|长|就|都|本|熟|型|效|绩|交|品",
    "家": "园|庭|长|具|政|电|居|企(?!业)",
    "对": "接|于|口|外|比|照|标|应",
    "名": "称|录|单|义|额|牌",
    "部": "分|署|门|委|位|长",
    "门": "户|槛|口|店|诊",
    "台": "账|湾|阶",
    "所": "有|以|在|属|需",
    "批": "准|复|发|评|示|文",
    "期": "间|望|刊|限|待|货|权",
    "处": "理|于|置|长|室|罚",
    "类": "型|似|别",
    "种": "子|植",
    "组": "织|成|合|建|长|团",
    "件": "事",
    "单": "位|元|个|独|一",
    "天": "然|津|山|使|地|文",
    "米": "兰",
    "场": "景|所|地|馆|域",
    "座": "谈",
    "把": "握|关",
    "支": "持|撑|付|出|部",
    "只": "有|要|能",
    "间": "接|断|隔",
    "P": "[A-Za-z]",
    "张": "江",
    "队": "伍",
}
_UNIT = "|".join(
    re.escape(unit) + (f"(?!{_NOT_UNIT[unit]})" if _NOT_UNIT.get(unit) else "") for unit in _UNITS.split()
)
_ARABIC = r"[0-9]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,15}(?:\.[0-9]+)?"
_NUMBER = rf"(?:{_ARABIC}|[零〇一二三四五六七八九十百千两]+)"
_SCALE = r"[十百千]?万亿|[十百千]?[万亿]|千|百"

_GAP = r"[ \t\u3000]{0,3}"
_QUANTITY = re.compile(
    rf"(?P<before>{_BEFORE})?{_GAP}"
    rf"(?<![0-9第〔\[A-Za-z×/.．\-零〇一二三四五六七八九十百千两])"
    rf"(?P<number>{_NUMBER}){_GAP}"
    rf"(?:(?P<percent1>[%％])?{_GAP}(?:—|–|-|~|～|至|到){_GAP}(?P<upper>{_NUMBER}){_GAP})?"
    rf"(?P<more1>[余多])?{_GAP}(?P<scale>{_SCALE})?{_GAP}(?P<more2>[余多])?{_GAP}"
    rf"(?P<unit>{_UNIT})(?P<after>以上|以下|以内|左右)?"
)
_PER_HUNDRED = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<base>百|千)分之(?P<number>[零〇一二三四五六七八九十百点0-9.]+)(?P<after>以上|以下|左右)?"
)
_FRACTION = re.compile(r"(?P<below>[二三四五六七八九十])分之(?P<above>[一二三四五六七八九])")
_DOUBLED = re.compile(r"翻(?:了|一|两|二|三)+番")
_BARE_NUMBER = re.compile(
    rf"(?P<before>{_BEFORE})?(?<![0-9第〔A-Za-z×/.．\-])(?P<number>[0-9]{{1,9}}(?:\.[0-9]+)?)(?P<scale>[万亿])"
    r"(?P<after>以上|以下|以内|左右)?(?![0-9A-Za-z\u4e00-\u9fff])"
)
_BARE_SCALE = re.compile(
    r"(?<![0-9十百千万亿余多几数一二三四五六七八九 ])"
    r"(?P<scale>[十百千]?[万亿])(?P<unit>元)?(?P<after>以上|以下|级)"
)
_SCOPE = (
    "全国|全市|全区|全省|全球|全世界|世界|亚洲|国内|国际|各区|全市各区|中心城区|本市|上海市?|长三角|同类[^，。；]{0,6}?|"
    "[\u4e00-\u9fff]{1,3}[市区省]"
)
_RANK = re.compile(
    r"(?P<verb>位居|位列|名列|排名|排在|排位|列居|跃居|稳居|居于|居|列|保持|处于|走在)?(?:在)?"
    rf"(?P<scope>{_SCOPE})(?:各?区|同行|同业|榜单)?"
    r"(?P<place>第[ ]?(?P<number>[一二三四五六七八九十]{1,3}|[0-9]{1,3})[ ]?(?:位|名)?"
    r"|首位|榜首|前列|前茅|领先|首个|首家|首座|首创"
    r"|前(?P<top>[三五十百]|[0-9]{1,3})(?:强|名|位)?)(?![批轮季届次产线步手时阶])"
)
_PERIOD = re.compile(
    r"(?:截至|截止到?|自|从)?[ ]?(?:[0-9]{4}[ ]?(?:—|-|–|至|~)[ ]?)?[0-9]{4}[ ]?年[ ]?"
    r"(?:[0-9]{1,2}[ ]?月)?[ ]?(?:[0-9]{1,2}[ ]?日)?"
    r"(?:上半年|下半年|前三季度|第?[一二三四]季度|全年|年?底|末|初)?(?:以来|前|起)?"
    r"|近[一二两三四五六七八九十][ ]?年来?|近年来|今年(?:以来|上半年|前三季度)?|去年"
    r"|上半年|下半年|前三季度|目前"
    r"|[“\"]?十[一二三四五][五][”\"]?(?:期间|时期|以来|末)"
)
_UP = re.compile(r"(?:增长|增加|提高|上升|提升|增幅|上涨|扩大|新增|增速)(?:了|达到?|到|至|为)?[ ]?$")
_DOWN = re.compile(r"(?:下降|减少|降低|回落|压缩|缩短|下滑|降幅)(?:了|达到?|到|至|为)?[ ]?$")
_BASIS = re.compile(r"(同比|环比|较上年|比上年|较去年|同期)[^，。；]{0,6}$")
_NEARBY = 240
_WIDE = {0xFF10 + i: 0x30 + i for i in range(10)} | {0xFF0E: "."}


@dataclass(frozen=True, slots=True)
class FigureMark:
    """One figure claimed in a text. `start` and `end` are offsets; `text` is what stands there.

    `kind` is quantity, share (per cent and the like) or rank. `value` and `unit` are as printed
    (310, 亿元), `normal` and `normal_unit` are the same in base units (31000000000, 元). For a rank,
    `value` is the place, None where only 前列 is said, and `scope` is among whom.
    """

    start: int
    end: int
    text: str
    kind: str
    value: Decimal | None
    unit: str
    qualifier: str | None = None
    upper: Decimal | None = None
    normal: Decimal | None = None
    normal_unit: str = ""
    period: str | None = None
    direction: str | None = None
    basis: str | None = None
    scope: str | None = None

    @property
    def looseness(self) -> str | None:
        """What the qualifier says of the true value: almost, over, about, at_least, at_most, under…"""
        return QUALIFIERS.get(self.qualifier or "")


def find_figures(text: str) -> list[FigureMark]:
    """All figures in `text`, in order, none overlapping."""
    plain = text.translate(_WIDE)
    marks: list[FigureMark] = []
    taken: set[int] = set()
    found = [(_rank, m) for m in _RANK.finditer(plain)]
    found += [(_per_hundred, m) for m in _PER_HUNDRED.finditer(plain)]
    found += [(_quantity, m) for m in _QUANTITY.finditer(plain)]
    found += [(_fraction, m) for m in _FRACTION.finditer(plain)]
    found += [(_doubled, m) for m in _DOUBLED.finditer(plain)]
    found += [(_bare_number, m) for m in _BARE_NUMBER.finditer(plain)]
    found += [(_bare_scale, m) for m in _BARE_SCALE.finditer(plain)]
    for make, match in found:
        mark = None if taken.intersection(range(*match.span())) else make(text, plain, match)
        if mark is not None:
            marks.append(mark)
            taken.update(range(mark.start, mark.end))
    return sorted(marks, key=lambda mark: mark.start)


def _quantity(text: str, plain: str, match: re.Match[str]) -> FigureMark | None:
    number, unit, scale = match["number"], match["unit"], match["scale"] or ""
    more = match["more1"] or match["more2"]
    before, value = match["before"], _value(number)
    if value is None:
        return None
    arabic = number[0].isdigit() and number[0].isascii()
    if not arabic and not _counts(number, unit, scale, bool(more or before)):
        return None
    if arabic and unit in {"成", "对", "期", "门", "把", "单", "组"} and not (more or before):
        return None
    start = match.start("before") if before else match.start("number")
    last = plain[max(0, start - 4) : start].rstrip()[-1:]
    if last == "第" or (last == "届" and unit == "次"):
        return None
    if unit in {"%", "％"}:
        unit = "%"
    power = sum(_SCALES[char] for char in scale)
    normal, normal_unit = value * 10**power, unit
    if unit == "成":
        normal, normal_unit = value * 10, "%"
    upper = _value(match["upper"]) if match["upper"] else None
    return _mark(
        text, plain, start, match.end(),
        kind="share" if normal_unit in {"%", "‰", "个百分点"} else "quantity",
        value=value, unit=scale + unit, qualifier=before or match["after"] or more, upper=upper,
        normal=normal, normal_unit=normal_unit,
    )  # fmt: skip


def _counts(number: str, unit: str, scale: str, softened: bool) -> bool:
    """Whether a number in Chinese digits counts something: 两场 does, 一批, 百家 and 三期 do not."""
    if (
        unit in {"期", "批", "对", "把", "门", "单", "支", "组", "人", "类", "部", "处", "队"}
        and not softened
    ):
        return False
    if number[0] in "百千" and not softened:
        return False
    if unit == "成":
        return len(number) == 1 and number in "二两三四五六七八九"
    return number not in {"一", "零", "〇"} or bool(scale) or softened


def _per_hundred(text: str, plain: str, match: re.Match[str]) -> FigureMark | None:
    whole, _, part = match["number"].partition("点")
    value = _value(whole)
    if value is None:
        return None
    digits = "".join(str(numerals.parse(char) or 0) for char in part)
    value += Decimal(f"0.{digits or 0}")
    unit = "%" if match["base"] == "百" else "‰"
    return _mark(text, plain, match.start(), match.end(), kind="share", value=value, unit=unit,
                 qualifier=match["before"] or match["after"], normal=value, normal_unit=unit)  # fmt: skip


def _fraction(text: str, plain: str, match: re.Match[str]) -> FigureMark | None:
    above, below = numerals.parse(match["above"]), numerals.parse(match["below"])
    if above is None or not below or above >= below:
        return None
    value = round(Decimal(100 * above) / below, 2)
    return _mark(text, plain, match.start(), match.end(), kind="share", value=value, unit="%",
                 qualifier=None, normal=value, normal_unit="%")  # fmt: skip


def _doubled(text: str, plain: str, match: re.Match[str]) -> FigureMark | None:
    times = next((numerals.parse(char) for char in match[0] if char in "一两二三"), 1)
    value = Decimal(2 ** (times or 1))
    mark = _mark(text, plain, match.start(), match.end(), kind="share", value=value, unit="倍",
                 qualifier=None, normal=value, normal_unit="倍")  # fmt: skip
    return replace(mark, direction="up")


def _bare_number(text: str, plain: str, match: re.Match[str]) -> FigureMark | None:
    """注册用户超过100万: the thing counted stands before."""
    value = Decimal(match["number"])
    return _mark(text, plain, match.start(), match.end(), kind="quantity", value=value, unit=match["scale"],
                 qualifier=match["before"] or match["after"], normal=value * 10 ** _SCALES[match["scale"]],
                 normal_unit="")  # fmt: skip


def _bare_scale(text: str, plain: str, match: re.Match[str]) -> FigureMark | None:
    if not match["unit"] and match["after"] != "级":
        return None
    unit = match["unit"] or ""
    power = sum(_SCALES[char] for char in match["scale"])
    return _mark(text, plain, match.start(), match.end(), kind="quantity", value=Decimal(1),
                 unit=match["scale"] + unit, qualifier=match["after"],
                 normal=Decimal(10**power), normal_unit=unit)  # fmt: skip


def _rank(text: str, plain: str, match: re.Match[str]) -> FigureMark | None:
    place, number = match["place"], match["number"] or match["top"]
    if place == "领先" and not match["verb"]:
        return None
    value = _value(number) if number else (None if place in {"前列", "前茅", "领先"} else Decimal(1))
    qualifier = "前" if match["top"] else None
    return _mark(text, plain, match.start(), match.end(), kind="rank", value=value, unit="位",
                 qualifier=qualifier, normal=value, normal_unit="位", scope=match["scope"])  # fmt: skip


def _mark(
    text: str, plain: str, start: int, end: int, *, kind: str, value: Decimal | None, unit: str,
    qualifier: str | None, upper: Decimal | None = None, normal: Decimal | None, normal_unit: str,
    scope: str | None = None,
) -> FigureMark:  # fmt: skip
    earliest = max(0, start - _NEARBY)
    sentence = max(earliest, *(plain.rfind(stop, earliest, start) + 1 for stop in "。！？\n"))
    before = plain[sentence:start]
    periods = list(_PERIOD.finditer(before))
    near = before[-16:]
    basis = _BASIS.search(near)
    return FigureMark(
        start=start, end=end, text=text[start:end], kind=kind, value=value, unit=unit, qualifier=qualifier,
        upper=upper, normal=normal, normal_unit=normal_unit,
        period=re.sub(r"\s+", "", periods[-1][0]) if periods else None,
        direction="up" if _UP.search(near) else "down" if _DOWN.search(near) else None,
        basis=basis[1] if basis else None, scope=scope,
    )  # fmt: skip


def _value(number: str) -> Decimal | None:
    if number[0] in "0123456789":
        return Decimal(number.replace(",", "").replace("，", ""))
    whole = numerals.parse(number)
    return None if whole is None else Decimal(whole)
