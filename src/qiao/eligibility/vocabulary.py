"""What can be known about a firm: every fact with its type, question and place to find it.

``policies/vocabulary/*.yaml`` holds them, ``policies/codes/*.csv`` the code trees they refer to.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from .language import UNITS
from .problems import PackError, Place, Problem
from .source import Map, read

TYPES = ("money", "usd", "count", "share", "boolean", "date", "code", "category")
CONFIRMERS = ("audit", "tax", "market", "ip", "statistics", "hr", "department", "bank")
CHANGES = ("free", "slow", "never")
EPOCH = dt.date(1970, 1, 1)
NEVER = (
    dt.date(1, 1, 1) - EPOCH
).days  # “none” for a day that need not exist: long past, so that nothing is within reach
MILLION = 10**6
_KEYS = frozenset(
    [
        "type",
        "period",
        "zh",
        "en",
        "ask",
        "where",
        "confirmed_by",
        "change",
        "aliases",
        "min",
        "max",
        "unit",
        "values",
        "of",
        "derived",
        "group",
        "none",
    ]
)
_DEFAULT_MOST = {"money": 10**17, "usd": 10**15, "count": 10**8, "share": 10**7}  # smallest units, millionths


@dataclass(frozen=True)
class Words:
    """One text in Chinese and English."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def __str__(self) -> str:
        return self.zh


@dataclass(frozen=True)
class CodeTree:
    """A classification: every code with its name and what it belongs to (GB/T 4754: section to class)."""

    name: str
    parents: Mapping[str, str]  # code → parent, "" at the top
    names: Mapping[str, str]
    codes: tuple[str, ...]  # in the order of the file; a code's number is its place here

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        return {code: n for n, code in enumerate(self.codes)}

    def path(self, code: str) -> tuple[str, ...]:
        """The code and everything it belongs to, from itself upwards."""
        return self._paths[code]

    @cached_property
    def _paths(self) -> Mapping[str, tuple[str, ...]]:
        found = {}
        for code in self.codes:
            path, above = [code], self.parents[code]
            while above:
                path.append(above)
                above = self.parents[above]
            found[code] = tuple(path)
        return found

    def within(self, code: str, branches: Iterable[str]) -> bool | None:
        """Whether ``code`` is in one of the branches; None when only a part of what it covers is."""
        branches = frozenset(branches)
        if not branches.isdisjoint(self.path(code)):
            return True
        return None if code in self._above(branches) else False

    def _above(self, branches: frozenset[str]) -> set[str]:
        return {above for branch in branches for above in self.path(branch)[1:]}


@dataclass(frozen=True)
class Fact:
    """One key of the vocabulary. Values are kept as integers: see docs/write-a-policy.md for the units."""

    key: str
    type: str
    yearly: bool
    label: Words
    ask: Words
    where: Words
    confirmed_by: tuple[str, ...]
    change: str
    least: int
    most: int
    unit: Words
    aliases: tuple[str, ...] = ()
    values: Mapping[str, Words] = field(default_factory=dict)
    tree: str = ""
    derived: bool = False
    group: str = ""
    none: bool = False  # a day that a firm may not have: “none” is an answer

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The values of a category as numbers, from 0."""
        return {value: n for n, value in enumerate(self.values)}

    @property
    def numeric(self) -> bool:
        return self.type in ("money", "usd", "count", "share")


@dataclass(frozen=True)
class BadValue(ValueError):
    """A value that is not one of this fact."""

    key: str
    zh: str
    en: str

    def __str__(self) -> str:
        return self.en


class Vocabulary:
    """All facts, by key, and the code trees. Immutable once loaded."""

    def __init__(self, facts: Iterable[Fact], trees: Iterable[CodeTree] = ()) -> None:
        self.facts: Mapping[str, Fact] = MappingProxyType({f.key: f for f in facts})
        self.trees: Mapping[str, CodeTree] = MappingProxyType({t.name: t for t in trees})

    def __reduce__(self) -> tuple[type[Vocabulary], tuple[tuple[Fact, ...], tuple[CodeTree, ...]]]:
        return Vocabulary, (tuple(self.facts.values()), tuple(self.trees.values()))  # to other processes

    def __getitem__(self, key: str) -> Fact:
        return self.facts[key]

    def __contains__(self, key: object) -> bool:
        return key in self.facts

    def parse(self, key: str, value: object) -> int | None:
        """``value`` as it is written or typed, as the integer that is kept; None where it says nothing.

        Amounts are yuan unless the text carries a unit (``3.5 亿元``, ``120万``, ``12%``). Raises `BadValue`.
        """
        fact = self.facts[key]
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        read = _READERS[fact.type]
        try:
            return read(self, fact, value)
        except (ValueError, InvalidOperation, OverflowError) as broken:
            if isinstance(broken, BadValue):
                raise
            raise BadValue(
                key, f"“{fact.label.zh}”的值“{value}”无法识别", f"“{fact.label.en}”: cannot read “{value}”"
            ) from broken

    def show(self, key: str, value: int | Fraction | None, language: str = "zh") -> str:
        """A kept value for people: 3,500 万元, 12.5%, 2024-05-01, 软件和信息技术服务业 (65)."""
        fact = self.facts[key]
        if value is None:
            return "unknown" if language.startswith("en") else "未知"
        if fact.type == "boolean":
            return {"zh": ("否", "是"), "en": ("no", "yes")}["en" if language.startswith("en") else "zh"][
                int(value)
            ]
        if fact.type == "date" and value == NEVER:
            return "none" if language.startswith("en") else "无"
        if fact.type == "date":
            return from_day(int(value)).isoformat()
        if fact.type == "code":
            tree = self.trees[fact.tree]
            code = tree.codes[int(value)]
            return f"{code} {tree.names[code]}"
        if fact.type == "category":
            return list(fact.values.values())[int(value)][language]
        return show_number(fact.type, Fraction(value), language, fact.unit[language])

    @classmethod
    def load(cls, root: Path) -> Vocabulary:
        """The vocabulary under ``root`` (the ``policies`` folder). Raises `PackError` with all that is wrong."""
        trees = [_tree(path) for path in sorted((root / "codes").glob("*.csv"))]
        problems: list[Problem] = []
        facts: dict[str, Fact] = {}
        names = {t.name for t in trees}
        for path in sorted((root / "vocabulary").glob("*.yaml")):
            try:
                source = read(path)
            except PackError as broken:
                problems += broken.problems
                continue
            for key, entry in source.items():
                try:
                    fact = _fact(key, entry, source.at(key), names, path.stem)
                except PackError as broken:
                    problems += broken.problems
                    continue
                if key in facts:
                    problems.append(
                        source.at(key).problem(
                            "duplicate_fact",
                            f"事实“{key}”已在别处定义",
                            f"the fact “{key}” is defined elsewhere too",
                        )
                    )
                facts[key] = fact
        if problems:
            raise PackError(problems)
        return cls(facts.values(), trees)


def to_day(day: dt.date) -> int:
    return (day - EPOCH).days


def from_day(number: int) -> dt.date:
    return EPOCH + dt.timedelta(number)


def show_number(kind: str, value: Fraction, language: str = "zh", unit: str = "") -> str:
    """An amount, count or share for people; rounded half up to what is shown, never used for a verdict."""
    english = language.startswith("en")
    if kind == "share":
        return f"{_digits(value / 10_000, 2)}%"
    if kind in ("money", "usd"):
        yuan = value / 100
        sign = {"money": ("元", " yuan"), "usd": ("美元", " US dollars")}[kind][english]
        if english:
            if abs(yuan) >= 10**6:
                return f"{_digits(yuan / 10**6, 2)} million{sign}"
            return f"{_digits(yuan, 2)}{sign}"
        if abs(yuan) >= 10**8:
            return f"{_digits(yuan / 10**8, 4)} 亿{sign}"
        if abs(yuan) >= 10**4:
            return f"{_digits(yuan / 10**4, 2)} 万{sign}"
        return f"{_digits(yuan, 2)} {sign.strip()}"
    text = _digits(value, 2)
    return f"{text} {unit}".strip()


def _digits(value: Fraction, places: int) -> str:
    """Thousands separated, at most ``places`` decimals, rounded half up."""
    scaled = abs(value) * 10**places
    rounded = int(scaled + Fraction(1, 2))
    whole, rest = divmod(rounded, 10**places)
    decimals = f"{rest:0{places}d}".rstrip("0") if places else ""
    minus = "-" if value < 0 and rounded else ""
    return f"{minus}{whole:,}" + (f".{decimals}" if decimals else "")


# -- values as people write them ---------------------------------------------------------------------------------

_NUMBER = re.compile(r"^([-−+]?[\d,，]*\.?\d+)\s*([^\d\s]*)$")
_SIZES = {
    currency: {
        **{unit: size for unit, (dimension, size) in UNITS.items() if dimension == currency},
        **{"万": 10**6, "百万": 10**8, "千万": 10**9, "亿": 10**10},
        **more,
    }
    for currency, more in (("money", {"千元": 10**5, "yuan": 100, "rmb": 100}), ("usd", {"usd": 100}))
}


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("，", "").replace("−", "-"))


def _amount(vocabulary: Vocabulary, fact: Fact, value: object) -> int:
    per = 100 if fact.type in ("money", "usd") else 1
    if isinstance(value, bool):
        raise ValueError
    if isinstance(value, int | Decimal):
        exact = Decimal(value) * per
    elif isinstance(value, float):
        exact = Decimal(repr(value)) * per
    else:
        match = _NUMBER.match(str(value).strip().removeprefix("¥").removeprefix("￥").strip())
        if not match:
            raise ValueError
        number, unit = _decimal(match[1]), match[2].lower()
        if per == 1:
            size = {"": 1, "万": 10_000, "万人": 10_000}.get(
                unit, 1 if UNITS.get(unit, ("",))[0] in ("count", "years") else 0
            )
        else:
            size = _SIZES[fact.type].get(unit, 0) if unit else 100  # dollars are not yuan
        if not size:
            raise ValueError
        exact = number * size
    if not exact.is_finite():
        raise ValueError
    if fact.type == "count" and exact != exact.to_integral_value():
        raise BadValue(
            fact.key,
            f"“{fact.label.zh}”应为整数，而不是 {value}",
            f"“{fact.label.en}” should be a whole number, not {value}",
        )
    return int(exact.to_integral_value(rounding="ROUND_HALF_UP"))


def _share(vocabulary: Vocabulary, fact: Fact, value: object) -> int:
    if isinstance(value, str):
        text = value.strip()
        percent = text.endswith(("%", "％"))
        exact = _decimal(text.rstrip("%％").strip())
        return int((exact / 100 if percent else exact) * MILLION)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError
    return int(Decimal(repr(value) if isinstance(value, float) else value) * MILLION)


_YES = frozenset(["yes", "y", "true", "1", "是", "有", "√", "✓", "符合", "对"])
_NO = frozenset(["no", "n", "false", "0", "否", "无", "没有", "×", "不符合", "不是"])


def _boolean(vocabulary: Vocabulary, fact: Fact, value: object) -> int:
    text = str(value).strip().lower()
    if text in _YES:
        return 1
    if text in _NO:
        return 0
    raise ValueError


def _date(vocabulary: Vocabulary, fact: Fact, value: object) -> int:
    if isinstance(value, dt.datetime):
        return to_day(value.date())
    if isinstance(value, dt.date):
        return to_day(value)
    text = str(value).strip()
    if fact.none and text.lower() in ("无", "没有", "none", "never", "-"):
        return NEVER
    match = re.match(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$", text) or re.match(
        r"^(\d{4})(\d{2})(\d{2})$", text
    )
    if not match:
        raise ValueError
    return to_day(dt.date(int(match[1]), int(match[2]), int(match[3])))


def _code(vocabulary: Vocabulary, fact: Fact, value: object) -> int:
    tree = vocabulary.trees[fact.tree]
    text = str(value).strip()
    for code in (text, text.split()[0], text.upper()):
        if code in tree.numbers:
            return tree.numbers[code]
    # A section letter in front of the digits is a common way of writing: I6513.
    if text[:1].isalpha() and text[1:] in tree.numbers:
        return tree.numbers[text[1:]]
    named = [code for code, name in tree.names.items() if name == text]
    if named:
        return tree.numbers[named[-1]]
    raise BadValue(fact.key, f"没有行业代码“{text}”", f"there is no code “{text}” in {fact.tree}")


def _category(vocabulary: Vocabulary, fact: Fact, value: object) -> int:
    text = str(value).strip()
    for name, number in fact.numbers.items():
        if text.lower() == name.lower() or text in (fact.values[name].zh, fact.values[name].en):
            return number
    known = "、".join(words.zh for words in fact.values.values())
    raise BadValue(
        fact.key,
        f"“{fact.label.zh}”应为：{known}",
        f"“{fact.label.en}” should be one of: {', '.join(words.en for words in fact.values.values())}",
    )


_READERS = {
    "money": _amount, "usd": _amount, "count": _amount, "share": _share, "boolean": _boolean, "date": _date,
    "code": _code, "category": _category,
}  # fmt: skip


# -- loading -----------------------------------------------------------------------------------------------------


def words(entry: object, place: Place, what: str, default: Words | None = None) -> Words:
    """A pair ``{zh, en}``. Raises `PackError` when one of them is missing."""
    if entry is None and default is not None:
        return default
    if isinstance(entry, Map):
        zh, en = entry.get("zh"), entry.get("en")
        if isinstance(zh, str) and zh.strip() and isinstance(en, str) and en.strip() and len(entry) == 2:
            return Words(zh.strip(), en.strip())
    raise place.error(
        "missing_text", f"“{what}”须有中文和英文：{{zh: …, en: …}}", f"“{what}” needs both: {{zh: …, en: …}}"
    )


def unknown_keys(entry: Map, known: frozenset[str]) -> list[Problem]:
    """A problem for every key nobody reads: a typing error would be lost silently otherwise."""
    return [
        entry.at(key).problem(
            "unknown_key",
            f"不认识的键“{key}”；可用：{'、'.join(sorted(known))}",
            f"unknown key “{key}”; known: {', '.join(sorted(known))}",
        )
        for key in entry
        if key not in known
    ]


def _bound(entry: Map, key: str, kind: str, default: int) -> int:
    text = entry.get(key)
    if text is None:
        return default
    vocabulary = Vocabulary([])
    fact = Fact(
        key, kind, False, Words("", ""), Words("", ""), Words("", ""), (), "never", 0, 0, Words("", "")
    )
    try:
        return _READERS[kind](vocabulary, fact, text)
    except (ValueError, InvalidOperation) as broken:
        raise entry.at(key).error(
            "bad_bound", f"界限“{text}”无法识别", f"cannot read the bound “{text}”"
        ) from broken


def _fact(key: str, entry: object, place: Place, trees: set[str], group: str) -> Fact:
    if not isinstance(entry, Map):
        raise place.error("not_a_mapping", f"“{key}”应是一组“键: 值”", f"“{key}” should be a mapping")
    problems = unknown_keys(entry, _KEYS)

    def bad(name: str, value: object, known: Iterable[str]) -> None:
        problems.append(
            entry.at(name if name in entry else None).problem(
                f"bad_{name}",
                f"“{key}”的 {name}“{value}”应为：{'、'.join(known)}",
                f"“{key}”: {name} “{value}” should be one of: {', '.join(known)}",
            )
        )

    if not re.fullmatch(r"[a-z][a-z0-9_]*", key):
        problems.append(
            place.problem(
                "bad_key",
                f"键“{key}”只能用小写字母、数字和下划线",
                f"the key “{key}” may hold a-z, 0-9 and _ only",
            )
        )
    kind = str(entry.get("type"))
    if kind not in TYPES:
        bad("type", kind, TYPES)
    period = entry.get("period")
    if period not in (None, "year"):
        bad("period", period, ["year"])
    derived = entry.get("derived") is True
    change = str(entry.get("change", "never" if derived else None))
    if change not in CHANGES:
        bad("change", change, CHANGES)
    confirmers = entry.get("confirmed_by", [] if derived else None)
    if not isinstance(confirmers, list) or any(c not in CONFIRMERS for c in confirmers):
        bad("confirmed_by", confirmers, CONFIRMERS)
        confirmers = []
    tree = entry.get("of", "")
    if kind == "code" and tree not in trees:
        bad("of", tree, sorted(trees))
    values: dict[str, Words] = {}
    given = entry.get("values")
    if kind == "category":
        if not isinstance(given, Map) or len(given) < 2:
            bad("values", given, ["{…: {zh, en}, …}"])
        else:
            for value in given:
                try:
                    values[value] = words(given[value], given.at(value), value)
                except PackError as broken:
                    problems += broken.problems
    texts: dict[str, Words] = {}
    blank = Words("", "")
    for name in ("ask", "where"):
        try:
            texts[name] = words(entry.get(name), entry.at(), f"{key}.{name}", blank if derived else None)
        except PackError as broken:
            problems += broken.problems
    label = Words(str(entry.get("zh") or "").strip(), str(entry.get("en") or "").strip())
    if not label.zh or not label.en:
        problems.append(
            place.problem("missing_text", f"“{key}”须有 zh 和 en 名称", f"“{key}” needs zh and en names")
        )
    if problems:
        raise PackError(problems)
    unit = words(entry.get("unit"), entry.at("unit"), f"{key}.unit", blank)
    numeric = kind in _DEFAULT_MOST
    bounded = numeric or kind == "date"
    return Fact(
        key=key,
        type=kind,
        yearly=period == "year",
        label=label,
        ask=texts["ask"],
        where=texts["where"],
        confirmed_by=tuple(confirmers),
        change=change,
        least=_bound(entry, "min", kind, 0 if numeric else -MILLION) if bounded else 0,
        most=_bound(entry, "max", kind, _DEFAULT_MOST.get(kind, MILLION)) if bounded else MILLION,
        unit=unit,
        aliases=tuple(map(str, entry.get("aliases", ()))),
        values=values,
        tree=tree,
        derived=derived,
        group=entry.get("group", group),
        none=entry.get("none") is True,
    )


def _tree(path: Path) -> CodeTree:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    codes = tuple(row["code"] for row in rows)
    known = frozenset(codes)
    for n, row in enumerate(rows, 2):
        if row["parent"] and row["parent"] not in known:
            raise Place(path, n).error(
                "no_parent", f"没有上级代码“{row['parent']}”", f"there is no parent “{row['parent']}”"
            )
    return CodeTree(
        path.stem.partition("_")[0],
        {r["code"]: r["parent"] for r in rows},
        {r["code"]: r["name"] for r in rows},
        codes,
    )
