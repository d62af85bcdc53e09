"""Facts as forms ask for them: one input per fact and year with its unit, and reading back what was typed.

An answer is named as packs name facts, with its fiscal year written out (``revenue@2025``, ``founded``), so that a form
or an address means the same whenever it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from qiao.core.language import language
from qiao.core.policies import Rules, phrases
from qiao.eligibility import BadValue, Fact, Plan, Ref, Vocabulary
from qiao.eligibility import phrases as said
from qiao.eligibility.plan import FURTHEST
from qiao.eligibility.vocabulary import NEVER, from_day

LONGEST = 60  # characters of an answer
MOST = 400  # answers that are read at once
UNIT = "unit:"  # beside an amount: what it is typed in
WAS = "was:"  # beside a code that is asked again: what it was


@dataclass(frozen=True)
class Option:
    value: str
    label: Any
    selected: bool = False


@dataclass(frozen=True)
class Input:
    """One fact in a form."""

    ref: Ref
    name: str
    kind: str  # boolean, choice, text
    label: str
    where: str
    value: str = ""
    error: str = ""
    options: tuple[Option, ...] = ()
    groups: tuple[tuple[str, tuple[Option, ...]], ...] = ()
    units: tuple[Option, ...] = ()
    suffix: str = ""
    was: str = ""  # for a code that is asked for in more detail: as it stands
    may_be_none: bool = False
    date: bool = False

    @property
    def id(self) -> str:
        return "f-" + self.name.replace("@", "-")

    @property
    def unit_name(self) -> str:
        return UNIT + self.name

    @property
    def was_name(self) -> str:
        return WAS + self.name


@dataclass
class Answers:
    """What a form or an address said."""

    facts: dict[Ref, int] = field(default_factory=dict)
    errors: dict[Ref, str] = field(default_factory=dict)
    typed: dict[Ref, str] = field(default_factory=dict)


def name_of(plan: Plan, ref: Ref) -> str:
    """``revenue@2025`` for a fact of a fiscal year, the key alone for one without."""
    return f"{ref.key}@{plan.as_of.year - ref.year}" if ref.year else ref.key


def label_of(plan: Plan, ref: Ref) -> str:
    """营业收入（2025年）"""
    code = language()
    fact = plan.vocabulary[ref.key]
    if not ref.year:
        return fact.label[code]
    return said.YEAR[code].format(year=plan.as_of.year - ref.year, name=fact.label[code])


def question_of(plan: Plan, ref: Ref) -> str:
    """The question as a firm understands it, with the fiscal year it is about."""
    fact, code = plan.vocabulary[ref.key], language()
    if ref.year <= 1:
        return fact.ask[code]
    return said.ASK_YEAR[code].format(name=fact.label[code], year=plan.as_of.year - ref.year)


def written(vocabulary: Vocabulary, key: str, value: int) -> str:
    """A kept value as an address or a form holds it: exact, and read back to the same."""
    fact = vocabulary[key]
    match fact.type:
        case "money" | "usd":
            return _decimals(value, 2)
        case "share":
            return _decimals(value, 4) + "%"
        case "date":
            return "none" if value == NEVER else from_day(value).isoformat()
        case "code":
            return vocabulary.trees[fact.tree].codes[value]
        case "category":
            return list(fact.values)[value]
        case _:
            return str(value)


def _decimals(value: int, places: int) -> str:
    whole, rest = divmod(abs(value), 10**places)
    text = f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


def fact_named(rules: Rules, name: str) -> Ref | None:
    """The fact that an answer is about; None where there is none that a firm could state."""
    if ":" in name or len(name) > LONGEST:
        return None
    try:
        ref = rules.library.ref(name, rules.plan.as_of)
    except KeyError:
        return None
    fact = rules.plan.vocabulary[ref.key]
    return None if fact.derived or (fact.yearly and not 1 <= ref.year <= FURTHEST) else ref


def understood(vocabulary: Vocabulary, key: str, text: str, unit: str = "") -> int | None:
    """What was typed, as it is kept; None where nothing was. Raises `BadValue` with a sentence in both languages."""
    fact, text = vocabulary[key], text.strip()
    if not text:
        return None
    if len(text) > LONGEST:
        raise _bad(key, phrases.TOO_LONG % {"n": LONGEST})
    if text[-1:].isdigit():
        if unit in dict(phrases.UNITS.get(fact.type, ())):
            text += unit
        elif fact.type == "share":
            text += "%"
    return bounded(vocabulary, key, vocabulary.parse(key, text))


def bounded(vocabulary: Vocabulary, key: str, value: int | None) -> int | None:
    """The value, if it lies within the bounds of its fact. Raises `BadValue`."""
    fact = vocabulary[key]
    if value is not None and fact.numeric and not fact.least <= value <= fact.most:
        code = language()
        words = {n: vocabulary.show(key, v, code) for n, v in (("least", fact.least), ("most", fact.most))}
        raise _bad(key, phrases.OUT_OF_BOUNDS % words)
    return value


def _bad(key: str, text: Any) -> BadValue:
    return BadValue(key, str(text), str(text))


def read(rules: Rules, data: QueryDict | Mapping[str, str]) -> Answers:
    """All answers in a form or an address; what names no fact is not looked at."""
    found = Answers()
    for name in list(data)[:MOST]:
        ref = fact_named(rules, name)
        if ref is None:
            continue
        text, unit = data.get(name, ""), data.get(UNIT + name, "")
        try:
            value = understood(rules.plan.vocabulary, ref.key, text, unit)
        except BadValue as bad:
            found.errors[ref], found.typed[ref] = getattr(bad, language()), text[:LONGEST]
        else:
            if value is not None:
                found.facts[ref] = value
    return found


def inputs(plan: Plan, refs: Iterable[Ref], answers: Answers) -> list[Input]:
    """The inputs for these facts, filled with what is known or was typed."""
    return [_input(plan, ref, answers) for ref in refs]


def _input(plan: Plan, ref: Ref, answers: Answers) -> Input:
    vocabulary, code = plan.vocabulary, language()
    fact = vocabulary[ref.key]
    known = answers.facts.get(ref)
    value = answers.typed.get(ref, "") if known is None else written(vocabulary, ref.key, known)
    options: tuple[Option, ...] = ()
    groups: tuple[tuple[str, tuple[Option, ...]], ...] = ()
    units: tuple[Option, ...] = ()
    kind, was = "choice", ""
    match fact.type:
        case "boolean":
            kind = "boolean"
            options = (Option("1", phrases.YES, value == "1"), Option("0", phrases.NO, value == "0"))
        case "category":
            options = tuple(Option(k, w[code], k == value) for k, w in fact.values.items())
        case "code":
            groups = _branches(vocabulary, fact, value)
            was = value
        case "money" | "usd":
            kind = "text"
            base = phrases.UNITS[fact.type]
            units = tuple(Option(unit, label, unit == base[0][0]) for unit, label in base)
            if known is not None:
                value = _decimals(known, 6)  # in ten thousands
        case _:
            kind = "text"
    return Input(
        ref=ref,
        name=name_of(plan, ref),
        kind=kind,
        label=question_of(plan, ref),
        where=fact.where[code],
        value=value.removesuffix("%") if fact.type == "share" else value,
        error=answers.errors.get(ref, ""),
        options=options,
        groups=groups,
        units=units,
        suffix="%" if fact.type == "share" else fact.unit[code] if fact.type == "count" else "",
        was=was,
        may_be_none=fact.none,
        date=fact.type == "date",
    )


def _branches(vocabulary: Vocabulary, fact: Fact, value: str) -> tuple[tuple[str, tuple[Option, ...]], ...]:
    """What to choose a code from: sections and divisions at first, then what the chosen one is divided into."""
    tree = vocabulary.trees[fact.tree]

    def below(code: str) -> tuple[Option, ...]:
        return tuple(
            Option(c, f"{c} {tree.names[c]}", c == value) for c in tree.codes if tree.parents[c] == code
        )

    if value in tree.parents and (narrower := below(value)):
        return ((f"{value} {tree.names[value]}", narrower),)
    if above := tree.parents.get(value):
        return ((f"{above} {tree.names[above]}", below(above)),)
    return tuple((f"{c} {tree.names[c]}", below(c)) for c in tree.codes if not tree.parents[c])
