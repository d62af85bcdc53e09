"""Conditions that the vocabulary understands: 职工总数不超过500人 → ``staff <= 500 人``.

A clause becomes an expression only if every word of it is accounted for; where only parts are understood, they are
given as suggestions and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from qiao.eligibility.language import BadExpression, parse
from qiao.eligibility.vocabulary import Fact, Vocabulary

from .figures import Figure, figures
from .numerals import whole

_PERIOD = re.compile(r"^(?:且|并且|并|企业|申报单位|申请单位|单位|其|上一?(?:会计)?年度|上年度?|的)+")
_WAYS = {
    "<=": r"不超过|不高于|不多于|不得超过|不得高于|小于等于",
    ">=": r"不低于|不少于|不得低于|不得少于|达到|达|大于等于",
    ">": r"超过|高于|大于|多于",
    "<": r"低于|少于|小于|不足|未满",
}
_COUNT = re.compile(
    r"(?P<n>\d[\d,]*|[一二三四五六七八九十百两]{1,4})\s*(?P<unit>人|名|项|件|个|家|次|轮|年)?"
)
_RATIO = re.compile(
    r"^(?P<part>.+?)(?:总额|总数)?占(?:企业|同期|当年|上年度?)?(?P<whole>.+?)(?:的?比例|的?比重|的?百分比)?$"
)
_AGE = re.compile(
    r"^(?:依法)?(?:注册)?成立(?:时间)?(?:满|达到|达|不少于|不低于)?"
    r"(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,2})(?:个?完整?)?年(?P<above>以上|（含）以上)?$"
)
_NOT = re.compile(r"^(?:未被|未|没有|不属于|无|不存在|未曾)")
_HAS = re.compile(r"^(?:已经|已|具有|拥有|属于|获得|取得|实行|为|是|被)")
_PARTS = re.compile(r"[，；、。\n]|(?<=[人元%年项件以上])(?:且|并且|和|及)")


@dataclass(frozen=True)
class Reading:
    """What was understood of a clause. ``sure``: ``expression`` is all that it says. ``seen``: parts, else."""

    expression: str
    seen: tuple[str, ...]

    @property
    def sure(self) -> bool:
        return bool(self.expression)


def understand(text: str, vocabulary: Vocabulary) -> Reading:
    """The condition a clause states, as far as the vocabulary knows its words."""
    names = _names(vocabulary)
    found: list[str] = []
    complete = True
    for part in _parts(text):
        meaning = _comparison(part, names) or _age(part, vocabulary) or _plain(part, names)
        if meaning and _valid(meaning):
            found.append(meaning)
        else:
            complete = False
    if found and complete and not re.search(r"或|之一|任[一何]|以下条件|除外|其中", text):
        return Reading(" and ".join(dict.fromkeys(found)), ())
    return Reading("", tuple(dict.fromkeys(found)))


def fact_named(text: str, vocabulary: Vocabulary) -> Fact | None:
    """The fact whose name or other name these words are, to the last one."""
    return _names(vocabulary).get(_PERIOD.sub("", text.strip()))


@lru_cache(maxsize=4)
def _names(vocabulary: Vocabulary) -> Mapping[str, Fact]:
    """Every name and other name. One that several facts share names none of them."""
    found: dict[str, list[Fact]] = {}
    for fact in vocabulary.facts.values():
        for name in {fact.label.zh, *fact.aliases}:
            found.setdefault(name, []).append(fact)
    return {name: facts[0] for name, facts in found.items() if len(facts) == 1}


def _parts(text: str) -> Iterator[str]:
    for part in _PARTS.split(text):
        clean = _PERIOD.sub("", part.strip(" \u3000（）()"))
        if clean:
            yield clean


def _valid(expression: str) -> bool:
    try:
        parse(expression)
    except BadExpression:
        return False
    return True


def _comparison(part: str, names: Mapping[str, Fact]) -> str:
    split = _split(part)
    if split is None:
        return ""
    subject, sign, rest = split
    fact = names.get(subject)
    if fact is not None and fact.numeric:
        quantity = _quantity(rest, fact)
        return f"{fact.key} {sign} {quantity}" if quantity else ""
    ratio = _RATIO.match(subject)
    if not ratio:
        return ""
    above, below = names.get(ratio["part"]), names.get(ratio["whole"])
    if not above or not below or above.type != below.type or not above.numeric or above.type == "share":
        return ""
    if above.type == "count" and above.unit != below.unit:
        return ""
    share = _whole_figure(rest)
    return f"{above.key} / {below.key} {sign} {share.text}" if share and share.kind == "share" else ""


def _split(part: str) -> tuple[str, str, str] | None:
    """Subject, sign and quantity of a comparison. 以上 and 以下 include it (Civil Code, Article 1259)."""
    for sign, words in _WAYS.items():
        match = re.match(rf"^(?P<subject>[^\d]+?)(?:在|为|应|须)?(?:{words})(?P<rest>.+)$", part)
        if match and not re.search(r"[不未]$", match["subject"]):
            rest = match["rest"]
            if rest.endswith(("以上", "及以上")):
                if sign not in (">", ">="):
                    return None
                return match["subject"], ">=", re.sub(r"(?:（含）|\(含\)|及)?以上$", "", rest)
            elif rest.endswith(("以下", "以内")):
                return None
            return match["subject"], sign, rest
    match = re.match(
        r"^(?P<subject>[^\d]+?)(?:在|为)?(?P<rest>\d.*?)(?:（含）|\(含\)|及)?(?P<way>以上|以下)(?:（含）|\(含\))?$",
        part,
    )
    if match:
        return match["subject"], ">=" if match["way"] == "以上" else "<=", match["rest"]
    return None


def _whole_figure(text: str) -> Figure | None:
    found = figures(text)
    if len(found) == 1 and not (text[: found[0].start] + text[found[0].end :]).strip():
        return found[0]
    return None


def _quantity(text: str, fact: Fact) -> str:
    if fact.type == "count":
        match = _COUNT.fullmatch(text)
        number = whole(match["n"].replace(",", "")) if match else None
        if match is None or number is None:
            return ""
        unit = match["unit"] or ""
        if unit and {unit, fact.unit.zh} - {"人", "名"} and unit != fact.unit.zh:
            return ""
        return f"{number} {unit}" if unit and unit != "年" else str(number)
    figure = _whole_figure(text)
    return figure.quantity if figure and figure.kind == fact.type else ""


def _age(part: str, vocabulary: Vocabulary) -> str:
    match = _AGE.match(part)
    if not match or "founded" not in vocabulary:
        return ""
    if not (match["above"] or re.search("满|达|不少于|不低于", part)):
        return ""
    return f"age(founded) >= {whole(match['n'])} 年"


def _plain(part: str, names: Mapping[str, Fact]) -> str:
    """A yes-or-no fact, said or denied."""
    for words in (part, _HAS.sub("", part)):
        fact = names.get(words)
        if fact and fact.type == "boolean":
            return fact.key
    denied = _NOT.sub("", part)
    if denied != part:
        fact = names.get(denied) or names.get(_HAS.sub("", denied))
        if fact and fact.type == "boolean":
            return f"not {fact.key}"
    return ""
