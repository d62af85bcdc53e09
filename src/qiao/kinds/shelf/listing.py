"""What a need and an offer say: their fields, how an entry is read, and who may see which part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core import money
from qiao.core.process import Text
from qiao.kinds import phrases
from qiao.kinds.shelf.tags import tags

LONGEST, SHORT = 4000, 120
WAN = 10_000
HIGHEST = Decimal(10_000_000)  # 万元

PUBLIC, AGREED, ACCEPTED = "public", "agreed", "accepted"


@dataclass(frozen=True)
class Entry:
    """One field. ``kind``: line, text, choice, tags, yes, day, amount (万元, kept in fen), level.

    ``seen``: by everybody; by who agreed to the terms; by whose interest was accepted.
    ``of``: the set of tags, or a vocabulary of the rulebook.
    """

    code: str
    label: Text
    kind: str = "text"
    required: bool = False
    seen: str = PUBLIC
    of: str = ""
    help: Text = ""


TITLE = Entry("title", _("名称"), "line", True, help=_("一句话说明，最多120字。"))
TECHNOLOGIES = Entry("technologies", _("技术方向"), "tags", of="technologies")
FIELDS = Entry("fields", _("应用领域"), "tags", of="fields")
MODES = Entry("modes", _("合作方式"), "tags", of="shelf_mode")
SECRET = Entry(
    "secret",
    _("同意保密条款后可见"),
    "text",
    seen=AGREED,
    help=_("对方同意保密条款、表达意向后才能看到，系统留有记录。"),
)
CONTACT = Entry(
    "contact", _("联系人和联系方式"), "line", True, ACCEPTED, help=_("接受对方的意向后才向对方显示。")
)

NEED = (
    TITLE,
    Entry("background", _("背景"), "text", True),
    Entry("problem", _("要解决的问题"), "text", True),
    Entry("indicators", _("技术指标"), "text", True, help=_("写明可以测量的指标和目标值。")),
    Entry("conditions", _("现有条件"), "text", help=_("可以提供的现场、数据、设备和人员。")),
    TECHNOLOGIES,
    FIELDS,
    MODES,
    Entry("data", _("可以提供数据"), "yes"),
    Entry("level_low", _("至少达到的成熟度"), "level", of="readiness"),
    Entry("budget_low", _("预算下限（万元）"), "amount"),
    Entry("budget_high", _("预算上限（万元）"), "amount"),
    Entry("until", _("希望完成日期"), "day"),
    Entry("ip", _("知识产权归属"), "choice", of="shelf_ip"),
    SECRET,
    CONTACT,
)
OFFER = (
    TITLE,
    Entry("description", _("成果或能力说明"), "text", True),
    Entry("advantages", _("创新点与优势"), "text", True),
    Entry("indicators", _("达到的指标"), "text"),
    Entry("cases", _("已有案例"), "text"),
    TECHNOLOGIES,
    FIELDS,
    MODES,
    Entry("form", _("成果类型"), "choice", of="shelf_form"),
    Entry("level", _("能够证明的成熟度"), "level", True, of="readiness"),
    Entry("ipr", _("知识产权状态"), "choice", of="shelf_ipr"),
    Entry("price_mode", _("定价方式"), "choice", of="shelf_price"),
    Entry("budget_low", _("价格下限（万元）"), "amount"),
    Entry("budget_high", _("价格上限（万元）"), "amount"),
    SECRET,
    CONTACT,
)
ENTRIES: dict[str, tuple[Entry, ...]] = {"need": NEED, "offer": OFFER}
TEXTS = ("background", "problem", "indicators", "conditions", "description", "advantages", "cases")

Choices = Callable[[str], Mapping[str, str]]  # the codes and labels of a vocabulary


def options(entry: Entry, choices: Choices, language: str) -> dict[str, str]:
    """What may be chosen: code → label."""
    if entry.of in {"technologies", "fields", "readiness"}:
        return {code: tag.label(language) for code, tag in tags(entry.of).items()}
    return dict(choices(entry.of)) if entry.of else {}


def read(
    kind: str, said: Mapping[str, list[str]], choices: Choices
) -> tuple[dict[str, Any], dict[str, Text]]:
    """A form's entries as content, and what is wrong with which. What was not said is left out: it is unknown."""
    content: dict[str, Any] = {}
    errors: dict[str, Text] = {}
    for entry in ENTRIES[kind]:
        values = [value.strip() for value in said.get(entry.code, []) if value.strip()]
        if not values:
            if entry.required:
                errors[entry.code] = phrases.SHELF_MISSING
            continue
        found, wrong = _value(entry, values, options(entry, choices, "zh"))
        if wrong:
            errors[entry.code] = wrong
        else:
            content[entry.code] = found
    low, high = content.get("budget_low"), content.get("budget_high")
    if low is not None and high is not None and low > high:
        errors["budget_high"] = phrases.SHELF_RANGE
    return content, errors


def _value(entry: Entry, values: list[str], known: Mapping[str, str]) -> tuple[Any, Text]:
    first = values[0]
    if entry.kind == "tags":
        return [code for code in known if code in values], "" if set(values) <= set(
            known
        ) else phrases.SHELF_CHOICE
    if entry.kind in {"choice", "level"}:
        return (int(first) if entry.kind == "level" and first in known else first), (
            "" if first in known else phrases.SHELF_CHOICE
        )
    if entry.kind == "yes":
        return True, ""
    if entry.kind == "amount":
        try:
            amount = Decimal(first.replace(",", "").replace("，", ""))
        except InvalidOperation:
            return None, phrases.SHELF_AMOUNT
        whole = amount.is_finite() and 0 <= amount <= HIGHEST and amount == amount.quantize(Decimal("0.01"))
        return (money.fen(amount * WAN), "") if whole else (None, phrases.SHELF_AMOUNT)
    if entry.kind == "day":
        try:
            return dt.date.fromisoformat(first).isoformat(), ""
        except ValueError:
            return None, phrases.SHELF_DAY
    most = SHORT if entry.kind == "line" else LONGEST
    return first, "" if len(first) <= most else phrases.SHELF_LONG


def shown(entry: Entry, value: Any, choices: Choices, language: str) -> str:
    """A value as it is read on a page."""
    known = options(entry, choices, language)
    if entry.kind == "tags":
        return ("、" if not language.startswith("en") else ", ").join(known[v] for v in value if v in known)
    if entry.kind in {"choice", "level"}:
        return known.get(str(value), str(value))
    if entry.kind == "amount":
        return f"{Decimal(value) / 100 / WAN:,.2f}".rstrip("0").rstrip(".")
    if entry.kind == "yes":
        return str(phrases.YES)
    return str(value)


def said_before(kind: str, content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Content as a form's entries again."""
    found: dict[str, list[str]] = {}
    for entry in ENTRIES[kind]:
        value = content.get(entry.code)
        if value is None:
            continue
        if entry.kind == "tags":
            found[entry.code] = list(value)
        elif entry.kind == "amount":
            found[entry.code] = [shown(entry, value, lambda _name: {}, "zh").replace(",", "")]
        else:
            found[entry.code] = ["1" if value is True else str(value)]
    return found


def text_of(_paper: str, content: Mapping[str, Any]) -> str:
    """What search reads: the public part."""
    return "\n".join(str(content[code]) for code in ("title", *TEXTS) if content.get(code))
