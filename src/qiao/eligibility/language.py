"""The expressions of a pack: text to tree. Nothing is evaluated here and nothing but these few shapes exists.

The grammar is small on purpose (see docs/write-a-policy.md): comparisons, ``and or not``, ``+ - * /``, names with a
year index, a fixed list of functions, sets of codes. There are no loops, no calls to anything else, no assignment.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

DEEPEST = 40
MOST_PARTS = 100  # of one sum or product
UNITS: dict[str, tuple[str, int]] = {
    # spelling: (dimension, how many of the smallest unit). Money is kept in fen, dollars in cents.
    "元": ("money", 100),
    "万元": ("money", 10**6),
    "百万元": ("money", 10**8),
    "千万元": ("money", 10**9),
    "亿元": ("money", 10**10),
    "美元": ("usd", 100),
    "万美元": ("usd", 10**6),
    "亿美元": ("usd", 10**10),
    "%": ("share", 1),
    "人": ("count", 1),
    "项": ("count", 1),
    "件": ("count", 1),
    "家": ("count", 1),
    "个": ("count", 1),
    "次": ("count", 1),
    "名": ("count", 1),
    "轮": ("count", 1),
    "年": ("years", 1),
    "个月": ("months", 1),
    "天": ("days", 1),
    "日": ("days", 1),
}
FUNCTIONS = frozenset(
    [
        "sum",
        "mean",
        "each",
        "some",
        "growth",
        "mean_growth",
        "cagr",
        "age",
        "within",
        "reaches",
        "covers",
        "count",
        "score",
        "qualifies",
    ]
)


class BadExpression(ValueError):
    """An expression that cannot be read or does not fit together. ``at`` is the position in it, from 0."""

    def __init__(self, code: str, zh: str, en: str, at: int = 0) -> None:
        super().__init__(en)
        self.code, self.zh, self.en, self.at = code, zh, en, at


@dataclass(frozen=True)
class Quantity:
    """A number with its unit: ``500 万元``, ``3%``, ``20``."""

    value: Fraction  # in the smallest unit; 3 % is 3/100
    dimension: str  # money, usd, count, share, years, months, days, or "" for a bare number
    at: int


@dataclass(frozen=True)
class Day:
    day: dt.date
    at: int


@dataclass(frozen=True)
class Name:
    """A fact, a definition, a clause: ``revenue``, ``revenue[2]``, ``lines.staff``."""

    name: str
    year: int | None  # n-th last fiscal year; None where none is written
    at: int


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Tree, ...]
    at: int


@dataclass(frozen=True)
class Arithmetic:
    operator: str  # + - * /
    left: Tree
    right: Tree
    at: int


@dataclass(frozen=True)
class Comparison:
    operator: str  # < <= > >= == !=
    left: Tree
    right: Tree
    at: int


@dataclass(frozen=True)
class Among:
    """``industry in {65, C}``, ``industry in excluded``."""

    what: Tree
    members: tuple[str, ...] | str
    at: int


@dataclass(frozen=True)
class Junction:
    operator: str  # and, or
    parts: tuple[Tree, ...]
    at: int


@dataclass(frozen=True)
class Not:
    part: Tree
    at: int


@dataclass(frozen=True)
class Literal:
    """``true`` or ``false``."""

    value: bool
    at: int


Tree = Quantity | Day | Name | Call | Arithmetic | Comparison | Among | Junction | Not | Literal

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<day>\d{4}-\d{2}-\d{2})
  | (?P<number>\d+(?:\.\d+)?(?:_\d+)*)
  | (?P<word>[A-Za-z_][\w-]*(?:[./][A-Za-z_][\w-]*)*)
  | (?P<unit>[\u4e00-\u9fff]+|%)
  | (?P<sign><=|>=|==|!=|[-+*/<>(){}\[\],])
    )""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match or not match.lastgroup:
            raise BadExpression(
                "syntax", f"无法识别“{text[at : at + 8]}”", f"cannot read “{text[at : at + 8]}”", at
            )
        found.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens, self.i, self.depth = _tokens(text), 0, 0

    @property
    def now(self) -> _Token:
        return self.tokens[self.i]

    def take(self, text: str) -> bool:
        if self.now.text == text and self.now.kind in ("sign", "word"):
            self.i += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            self.fail(f"这里应为“{text}”", f"expected “{text}” here")

    def fail(self, zh: str, en: str) -> NoReturn:
        what = self.now.text or "…"
        raise BadExpression("syntax", f"{zh}，而不是“{what}”", f"{en}, not “{what}”", self.now.at)

    def whole(self) -> Tree:
        tree = self.either()
        if self.now.kind != "end":
            self.fail("表达式应在此结束", "the expression should end here")
        return tree

    def _junction(self, operator: str) -> Tree:
        at = self.now.at
        part = self.both if operator == "or" else self.negated
        parts = [part()]
        while self.take(operator):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Junction(operator, tuple(parts), at)

    def either(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail("嵌套过深", "nested too deeply")
        tree = self._junction("or")
        self.depth -= 1
        return tree

    def both(self) -> Tree:
        return self._junction("and")

    def negated(self) -> Tree:
        at, nots = self.now.at, 0
        while self.take("not"):
            nots += 1
        tree = self.compared()
        return Not(tree, at) if nots % 2 else tree

    def compared(self) -> Tree:
        left = self.added()
        token = self.now
        if token.kind == "sign" and token.text in ("<", "<=", ">", ">=", "==", "!="):
            self.i += 1
            return Comparison(token.text, left, self.added(), token.at)
        if self.take("in"):
            return Among(left, self.members(), token.at)
        return left

    def members(self) -> tuple[str, ...] | str:
        if self.now.kind == "word":
            self.i += 1
            return self.tokens[self.i - 1].text
        self.need("{")
        found: list[str] = []
        while not found or self.take(","):
            if self.now.kind not in ("word", "number"):
                self.fail("集合里应为代码或取值", "a set holds codes or values")
            found.append(self.now.text)
            self.i += 1
        self.need("}")
        return tuple(found)

    def added(self) -> Tree:
        tree = self.multiplied()
        parts = 0
        while self.now.kind == "sign" and self.now.text in "+-":
            parts += 1
            if parts > MOST_PARTS:
                self.fail("算式过长，请用 define 分成几步", "too many terms: name parts of it with `define`")
            token, self.i = self.now, self.i + 1
            tree = Arithmetic(token.text, tree, self.multiplied(), token.at)
        return tree

    def multiplied(self) -> Tree:
        tree = self.atom()
        parts = 0
        while self.now.kind == "sign" and self.now.text in "*/":
            parts += 1
            if parts > MOST_PARTS:
                self.fail("算式过长，请用 define 分成几步", "too many terms: name parts of it with `define`")
            token, self.i = self.now, self.i + 1
            tree = Arithmetic(token.text, tree, self.atom(), token.at)
        return tree

    def atom(self) -> Tree:
        token, self.i = self.now, self.i + 1
        if token.text == "-":
            minus = True
            while self.take("-"):
                minus = not minus
            what = self.atom()
            return Arithmetic("*", Quantity(Fraction(-1), "", token.at), what, token.at) if minus else what
        if token.text == "(":
            tree = self.either()
            self.need(")")
            return tree
        if token.kind == "number":
            return self.quantity(token)
        if token.kind == "day":
            try:
                return Day(dt.date.fromisoformat(token.text), token.at)
            except ValueError:
                self.i -= 1
                self.fail("没有这一天", "no such day")
        if token.kind == "word":
            if token.text in ("true", "false"):
                return Literal(token.text == "true", token.at)
            if self.take("("):
                return self.call(token)
            year = None
            if self.take("["):
                if self.now.kind != "number" or not self.now.text.isdigit():
                    self.fail("方括号内应为年数", "a number of years belongs in the brackets")
                year, self.i = int(self.now.text), self.i + 1
                self.need("]")
            return Name(token.text, year, token.at)
        self.i -= 1
        self.fail("这里应为数、名称或括号", "expected a number, a name or a bracket")

    def quantity(self, token: _Token) -> Quantity:
        value, dimension = Fraction(token.text.replace("_", "")), ""
        if self.now.kind == "unit":
            unit = self.now.text
            if unit not in UNITS:
                known = "、".join(UNITS)
                raise BadExpression(
                    "unknown_unit", f"未知的单位“{unit}”；可用：{known}", f"unknown unit “{unit}”; known: {known}",
                    self.now.at,
                )  # fmt: skip
            dimension, size = UNITS[unit]
            value = value / 100 if dimension == "share" else value * size
            self.i += 1
        return Quantity(value, dimension, token.at)

    def call(self, token: _Token) -> Call:
        if token.text not in FUNCTIONS:
            raise BadExpression(
                "unknown_function",
                f"没有函数“{token.text}”",
                f"there is no function “{token.text}”",
                token.at,
            )
        arguments: list[Tree] = []
        if not self.take(")"):
            arguments.append(self.either())
            while self.take(","):
                arguments.append(self.either())
            self.need(")")
        return Call(token.text, tuple(arguments), token.at)


def parse(text: str) -> Tree:
    """The tree of an expression. Raises `BadExpression` with the position."""
    if not text.strip():
        raise BadExpression("empty", "表达式是空的", "the expression is empty")
    return _Parser(text).whole()
