"""Facts that do not fit together: flagged, never corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qiao.eligibility.vocabulary import Vocabulary

# The first cannot exceed the second, in the same fiscal year.
PARTS = (
    ("rd_expense", "revenue"),
    ("rd_domestic", "rd_expense"),
    ("main_revenue", "revenue"),
    ("high_tech_revenue", "total_income"),
    ("rd_staff", "staff"),
    ("tech_staff", "staff"),
    ("college_staff", "staff"),
)
JUMPING = ("revenue", "staff", "assets", "rd_expense")
JUMP = 10  # times as much or as little as the year before


@dataclass(frozen=True)
class Doubt:
    """``code``: part_above_whole or jump. ``keys``: the facts it is about, with their years."""

    code: str
    keys: tuple[str, ...]
    zh: str
    en: str


def doubts(facts: Mapping[str, int], vocabulary: Vocabulary) -> Iterator[Doubt]:
    """What is implausible about one firm; ``facts`` as `read_firms` gives them."""
    years = {year for key in facts if (year := key.partition("@")[2])}
    for part, whole in PARTS:
        if part not in vocabulary or whole not in vocabulary:
            continue
        for year in ("", *sorted(years)):
            a, b = (f"{key}@{year}" if year else key for key in (part, whole))
            if a in facts and b in facts and facts[a] > facts[b]:
                yield Doubt(
                    "part_above_whole", (a, b),
                    f"{_say(vocabulary, a, facts)}，大于{_say(vocabulary, b, facts)}",
                    f"{_say(vocabulary, a, facts, 'en')} is more than {_say(vocabulary, b, facts, 'en')}",
                )  # fmt: skip
    for key in JUMPING:
        for year in sorted(years):
            before, now = f"{key}@{int(year) - 1}", f"{key}@{year}"
            if facts.get(before, 0) > 0 and facts.get(now, 0) > 0:
                low, high = sorted((facts[before], facts[now]))
                if high >= JUMP * low:
                    yield Doubt(
                        "jump", (before, now),
                        f"{_say(vocabulary, before, facts)}，次年{_say(vocabulary, now, facts)}",
                        f"{_say(vocabulary, before, facts, 'en')}, the year after {_say(vocabulary, now, facts, 'en')}",
                    )  # fmt: skip


def _say(vocabulary: Vocabulary, key: str, facts: Mapping[str, int], language: str = "zh") -> str:
    name, _, year = key.partition("@")
    label = vocabulary[name].label[language]
    shown = vocabulary.show(name, facts[key], language)
    if language == "en":
        return f"{label} {year} {shown}".replace("  ", " ")
    return f"{year}年{label} {shown}" if year else f"{label} {shown}"
