"""What a proposer wishes besides: may the answer be public, and which units should handle it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qiao.letters.reading.fields import Field

_TICKED = "☑☒✓✔√■●"
_BOXES = f"{_TICKED}□○◯◻☐"
_YES, _NO = r"(?:同意|可以|公开|是)", r"(?:不同意|不可以|不公开|不宜公开|否)"
_CHOICE = re.compile(rf"(?P<no>{_NO})|(?P<yes>{_YES})")
_REASONS = frozenset(["理由", "原因", "原由", "不公开原由", "不公开理由"])
_ROLE = "(?:主办|承办|会办|协办)(?:单位)?"
_UNITS = re.compile(rf"(?P<role>{_ROLE})[：: 　]*(?P<names>.*?)(?=$|{_ROLE}[：:])", re.S)


@dataclass(frozen=True, slots=True)
class Wishes:
    """``consent`` is None where the paper does not say; ``lead`` and ``co`` are names as written."""

    consent: bool | None = None
    consent_reason: str = ""
    lead: str = ""
    co: str = ""


def read_wishes(fields: Sequence[Field]) -> Wishes:
    consent, reason = None, ""
    units: dict[str, list[str]] = {"lead": [], "co": []}
    for n, field in enumerate(fields):
        if field.key == "consent" and field.value:
            consent = read_consent(field.value)
            following = fields[n + 1] if n + 1 < len(fields) else None
            if following and following.label in _REASONS:
                reason = following.value
        elif field.key == "consent_reason":
            reason = reason or field.value
        elif field.key == "wanted_unit" and field.value:
            for role, names in _units(field):
                units[role].append(names)
    return Wishes(consent, reason, "、".join(units["lead"]), "、".join(units["co"]))


def read_consent(words: str) -> bool | None:
    """是, 否, □是 ☑否, 是□ 否☑, 是（√） 否（ ）: the choice that is ticked, or the only one that is written."""
    choices = [(m["no"] is None, m.start(), m.end()) for m in _CHOICE.finditer(words)]
    if len(choices) == 1:
        return choices[0][0]
    before = words[: choices[0][1]] if choices else ""
    boxes_before = any(mark in before for mark in _BOXES)
    ticked = []
    for n, (yes, start, end) in enumerate(choices):
        first = choices[n - 1][2] if n else 0
        last = choices[n + 1][1] if n + 1 < len(choices) else len(words)
        if any(mark in (words[first:start] if boxes_before else words[end:last]) for mark in _TICKED):
            ticked.append(yes)
    return ticked[0] if len(ticked) == 1 else None


def _units(field: Field) -> list[tuple[str, str]]:
    """The roles and names in one field: 主办：甲局 会办：乙委、丙局, or names under a label that says the role."""
    found = [
        ("co" if m["role"][:2] in {"会办", "协办"} else "lead", m["names"].strip(" \t　；;，,。"))
        for m in _UNITS.finditer(field.value)
    ]
    if found:
        return [(role, names) for role, names in found if names]
    return [("co" if "会办" in field.label or "协办" in field.label else "lead", field.value)]
