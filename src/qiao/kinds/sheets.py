"""Forms whose answers are data: the fields of a paper, how they are read, checked and shown.

A kind names the sheet of each of its papers (`register_sheet`); the desk draws the form, nothing else knows the fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from qiao.core import money
from qiao.core.forms import day, whole
from qiao.core.models import Case
from qiao.core.process import Context, Problem, Text
from qiao.core.rulebook import rulebook
from qiao.kinds import phrases
from qiao.kinds.tags import industries, tags

LONGEST, SHORT = 4000, 120
MOST_ROWS, FREE_ROWS = 30, 3
WAN = 10_000
HIGHEST = Decimal(10_000_000)  # 万元

PUBLIC, AGREED, ACCEPTED = "public", "agreed", "accepted"


@dataclass(frozen=True)
class Entry:
    """One field. ``kind``: line, text, choice, tags, yes, day, amount (万元, kept in fen), whole, level, rows.

    ``seen``: by everybody; by who agreed to the terms; by whose interest was accepted.
    ``of``: the set of tags, or a vocabulary of the rulebook. ``columns``: the fields of each row.
    ``total``: for rows, a column of whole numbers whose sum has to be 100. ``least``, ``most``: of a whole number.
    """

    code: str
    label: Text
    kind: str = "text"
    required: bool = False
    seen: str = PUBLIC
    of: str = ""
    help: Text = ""
    columns: tuple[Entry, ...] = ()
    total: str = ""
    least: int = 0
    most: int = 1_000_000


Choices = Callable[[str], Mapping[str, str]]  # the codes and labels of a vocabulary
Said = Mapping[str, list[str]]

_sheets: dict[tuple[str, str], tuple[Entry, ...]] = {}


def register_sheet(kind: str, paper: str, entries: Iterable[Entry]) -> None:
    """The fields of a kind's paper."""
    _sheets[kind, paper] = tuple(entries)


First = Callable[[Case], Mapping[str, Any]]  # what a paper says before anybody has written it
_firsts: dict[tuple[str, str], First] = {}


def register_first(kind: str, paper: str, first: First) -> None:
    """What the form of a kind's paper begins with; a proposal, kept only when somebody saves it."""
    _firsts[kind, paper] = first


def first_content(case: Case, paper: str) -> Mapping[str, Any]:
    """What the form of a paper begins with; nothing where nothing is proposed."""
    first = _firsts.get((case.kind, paper))
    return first(case) if first else {}


def sheet(kind: str, paper: str) -> tuple[Entry, ...]:
    """The fields of a kind's paper; none where it has no sheet."""
    return _sheets.get((kind, paper), ())


def choices(name: str, language: str) -> Choices:
    """The vocabularies of a rulebook, as code → label."""

    def of(vocabulary: str) -> dict[str, str]:
        terms = rulebook(name).terms(vocabulary)
        return {t.code: t.label.en if language.startswith("en") else t.label.zh for t in terms}

    return of


def options(entry: Entry, known: Choices, language: str) -> dict[str, str]:
    """What may be chosen: code → label."""
    if entry.of in {"technologies", "fields", "readiness"}:
        return {code: tag.label(language) for code, tag in tags(entry.of).items()}
    if entry.of == "industries":
        return {code: label for code, label in industries().items() if len(code) > 1}
    return dict(known(entry.of)) if entry.of else {}


# -- reading ----------------------------------------------------------------------------------------------------


def read(entries: Iterable[Entry], said: Said, known: Choices) -> tuple[dict[str, Any], dict[str, Text]]:
    """A form's entries as content, and what is wrong with which. What was not said is left out: it is unknown."""
    content: dict[str, Any] = {}
    errors: dict[str, Text] = {}
    for entry in entries:
        found: Any
        if entry.kind == "rows":
            found, wrong = _rows(entry, said, known)
        else:
            values = [value.strip() for value in said.get(entry.code, []) if value.strip()]
            found, wrong = _value(entry, values, options(entry, known, "zh")) if values else (None, "")
        if wrong:
            errors[entry.code] = wrong
        elif found is None or found == []:
            if entry.required:
                errors[entry.code] = phrases.SHEET_MISSING
        else:
            content[entry.code] = found
    low, high = content.get("budget_low"), content.get("budget_high")
    if low is not None and high is not None and low > high:
        errors["budget_high"] = phrases.SHEET_RANGE
    return content, errors


def fits(ctx: Context, paper: str, content: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a content that somebody files, read as the form reads it: programs send papers, too."""
    entries = sheet(ctx.kind.code, paper)
    if not entries:
        return []
    try:
        known = choices(ctx.case.call.rulebook, "zh")
        again, errors = read(entries, said_before(entries, content), known)
    except (TypeError, ValueError, AttributeError, ArithmeticError):
        return [Problem("sheet_strange", phrases.SHEET_STRANGE)]
    if not errors and _ordered(entries, again) != _ordered(entries, content):
        return [Problem("sheet_strange", phrases.SHEET_STRANGE)]
    labels = {entry.code: entry.label for entry in entries}
    return [
        Problem("sheet", phrases.SHEET_FIELD, {"field": labels[code], "wrong": wrong})
        for code, wrong in errors.items()
    ]


def _ordered(entries: Iterable[Entry], content: Mapping[str, Any]) -> dict[str, Any]:
    """A content whose tags stand in one order: which stands first says nothing."""
    tagged = {entry.code for entry in entries if entry.kind == "tags"}
    return {key: sorted(value) if key in tagged else value for key, value in content.items()}


def rows_said(entry: Entry, said: Said) -> list[dict[str, str]]:
    """What was typed, row by row; rows with nothing in them are left out."""
    columns = {c.code: said.get(f"{entry.code}-{c.code}", []) for c in entry.columns}
    count = min(max((len(v) for v in columns.values()), default=0), MOST_ROWS)
    rows = [{code: v[n].strip() if n < len(v) else "" for code, v in columns.items()} for n in range(count)]
    return [row for row in rows if any(row[c.code] for c in entry.columns if c.kind != "choice")]


def _rows(entry: Entry, said: Said, known: Choices) -> tuple[list[dict[str, Any]], Text]:
    found: list[dict[str, Any]] = []
    for n, row in enumerate(rows_said(entry, said), 1):
        content: dict[str, Any] = {}
        for column in entry.columns:
            if not row[column.code]:
                if column.required:
                    return [], _in_row(n, column, phrases.SHEET_MISSING)
                continue
            value, wrong = _value(column, [row[column.code]], options(column, known, "zh"))
            if wrong:
                return [], _in_row(n, column, wrong)
            content[column.code] = value
        found.append(content)
    if found and entry.total:
        reached = sum(int(row.get(entry.total, 0)) for row in found)
        if reached != 100:
            label = next(c.label for c in entry.columns if c.code == entry.total)
            return [], str(phrases.SHEET_TOTAL % {"column": label, "reached": reached})
    return found, ""


def _in_row(n: int, column: Entry, wrong: Text) -> str:
    return str(phrases.SHEET_ROW % {"n": n, "column": column.label, "wrong": wrong})


def _value(entry: Entry, values: list[str], known: Mapping[str, str]) -> tuple[Any, Text]:
    first = values[0]
    if entry.kind == "tags":
        chosen = [code for code in known if code in values]
        return chosen, "" if set(values) <= set(known) else phrases.SHEET_CHOICE
    if entry.kind in {"choice", "level"}:
        value = int(first) if entry.kind == "level" and first in known else first
        return value, "" if first in known else phrases.SHEET_CHOICE
    if entry.kind == "yes":
        return True, ""
    if entry.kind == "whole":
        number = whole(first)
        if number is not None and entry.least <= number <= entry.most:
            return number, ""
        return None, str(phrases.SHEET_WHOLE % {"least": entry.least, "most": entry.most})
    if entry.kind == "amount":
        return _amount(first)
    if entry.kind == "day":
        try:
            return day(first).isoformat(), ""
        except ValueError:
            return None, phrases.SHEET_DAY
    longest = SHORT if entry.kind == "line" else LONGEST
    return first, "" if len(first) <= longest else phrases.SHEET_LONG


def _amount(text: str) -> tuple[int | None, Text]:
    """万元 with at most two decimals, as fen."""
    try:
        amount = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None, phrases.SHEET_AMOUNT
    whole = amount.is_finite() and 0 <= amount <= HIGHEST and amount == amount.quantize(Decimal("0.01"))
    return (money.fen(amount * WAN), "") if whole else (None, phrases.SHEET_AMOUNT)


# -- showing ----------------------------------------------------------------------------------------------------


def wan(fen: int) -> str:
    """Fen as 万元, without trailing zeros."""
    return f"{Decimal(fen) / 100 / WAN:,.2f}".rstrip("0").rstrip(".")


def shown(entry: Entry, value: Any, known: Choices, language: str) -> str:
    """A value as it is read on a page; rows as lines."""
    if entry.kind == "rows":
        lines = (
            "；".join(
                f"{c.label}：{shown(c, row[c.code], known, language)}" for c in entry.columns if c.code in row
            )
            for row in value
        )
        return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))
    labels = options(entry, known, language)
    if entry.kind == "tags":
        return ("、" if not language.startswith("en") else ", ").join(labels[v] for v in value if v in labels)
    if entry.kind in {"choice", "level"}:
        return labels.get(str(value), str(value))
    if entry.kind == "amount":
        return wan(value)
    if entry.kind == "yes":
        return str(phrases.YES)
    return str(value)


def lines(
    entries: Iterable[Entry], content: Mapping[str, Any], known: Choices, language: str, *seen: str
) -> list[tuple[Entry, str]]:
    """Filled-in fields of some parts (public, agreed, accepted) as they are read; the title stands elsewhere."""
    wanted = seen or (PUBLIC,)
    return [
        (entry, shown(entry, content[entry.code], known, language))
        for entry in entries
        if entry.seen in wanted and entry.code in content and entry.code != "title"
    ]


@dataclass(frozen=True)
class Table:
    """Rows of a sheet for a page."""

    entry: Entry
    head: list[Text]
    rows: list[list[str]]


def table(entry: Entry, content: Mapping[str, Any], known: Choices, language: str) -> Table:
    """A field of rows as a table, its empty columns left out."""
    said: list[dict[str, Any]] = content.get(entry.code, [])
    columns = [c for c in entry.columns if any(c.code in row for row in said)]
    rows = [
        [shown(c, row[c.code], known, language) if c.code in row else "" for c in columns] for row in said
    ]
    return Table(entry, [c.label for c in columns], rows)


def said_before(entries: Iterable[Entry], content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Content as a form's entries again."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        value = content.get(entry.code)
        if value is None:
            continue
        if entry.kind == "rows":
            for column in entry.columns:
                cells = (_typed(column, row[column.code]) if column.code in row else "" for row in value)
                found[f"{entry.code}-{column.code}"] = list(cells)
        else:
            found[entry.code] = list(value) if entry.kind == "tags" else [_typed(entry, value)]
    return found


def _typed(entry: Entry, value: Any) -> str:
    if entry.kind == "amount":
        return wan(value).replace(",", "")
    return "1" if value is True else str(value)


def plain(entries: Iterable[Entry], content: Mapping[str, Any]) -> str:
    """The words of the public part, for search."""
    public = (e.code for e in entries if e.kind in {"line", "text"} and e.seen == PUBLIC)
    found = [str(content[code]) for code in public if code in content]
    return "\n".join(found)
