"""A salon as a workbook tells it: its guests, wishes, slots, tables and rules, and what its sheets are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qiao.matching.meetings import Meeting
from qiao.matching.mutual import Wish
from qiao.matching.profiles import Words

# Sheets and columns, by what they are called in a file. Those with a width are written.
GUESTS, SLOTS, TABLES, RULES, MEETINGS = (
    Words("来宾", "Guests"),
    Words("场次", "Slots"),
    Words("桌", "Tables"),
    Words("组别规则", "Rules"),
    Words("会面", "Meetings"),
)
NAME, GROUP, OFFERS, SEEKS = (
    Words("名称", "Name"),
    Words("组别", "Group"),
    Words("能提供", "Offers"),
    Words("想找", "Looks for"),
)
TAGS, FREE, MOST = (
    Words("标签", "Tags"),
    Words("能到的场次", "Free slots"),
    Words("最多会面", "Most meetings"),
)
WISHES = {
    Words("必见", "Must meet"): Wish.MUST,
    Words("想见", "Would meet"): Wish.MEET,
    Words("不见", "No thanks"): Wish.NO_THANKS,
}
TIME, TABLE, WITH = Words("时间", "Time"), Words("桌名", "Table"), Words("可见组别", "May meet group")
SLOT, ONE, OTHER, STATE, WHY = (
    Words("场次", "Slot"),
    Words("一方", "One"),
    Words("另一方", "Other"),
    Words("状态", "State"),
    Words("理由", "Why"),
)
LOCKED, TOLD = Words("锁定", "locked"), Words("已告知", "told")
BY_GUEST, BY_TABLE, NOTES = Words("按来宾", "By guest"), Words("按桌", "By table"), Words("需留意", "Notes")

COLUMNS: Mapping[Words, tuple[tuple[Words, int], ...]] = {
    GUESTS: (
        (NAME, 26), (GROUP, 14), (OFFERS, 40), (SEEKS, 40), (TAGS, 24), (FREE, 20), (MOST, 18),
        *((wish, 24) for wish in WISHES),
    ),
    SLOTS: ((TIME, 20),),
    TABLES: ((TABLE, 20),),
    RULES: ((GROUP, 16), (WITH, 24)),
    MEETINGS: ((SLOT, 12), (TIME, 16), (TABLE, 12), (ONE, 26), (OTHER, 26), (STATE, 16), (WHY, 60)),
}  # fmt: skip


class BadSalon(ValueError):
    """A workbook that cannot be planned, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Words]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problem.en for problem in self.problems))


@dataclass(frozen=True)
class Visitor:
    """A guest as the workbook tells it. ``free``: slots from 0; None: all."""

    name: str
    group: str = ""
    offers: str = ""
    seeks: str = ""
    tags: frozenset[str] = frozenset()
    free: frozenset[int] | None = None
    most: int | None = None
    wishes: Mapping[str, Wish] = field(default_factory=dict)


@dataclass(frozen=True)
class SalonBook:
    """What a workbook says: who comes, when, where, who may meet whom, and what is settled already."""

    visitors: tuple[Visitor, ...]
    slots: tuple[str, ...]
    tables: tuple[str, ...]
    rules: tuple[tuple[str, str], ...] = ()
    locked: tuple[Meeting, ...] = ()
    told: tuple[Meeting, ...] = ()
    missing: tuple[Words, ...] = ()  # columns of the guests' sheet that are not there


def filled(words: Words, **values: object) -> Words:
    """Filled in, in both languages; `Words` among the values in the language of the sentence."""
    zh = {key: value.zh if isinstance(value, Words) else value for key, value in values.items()}
    en = {key: value.en if isinstance(value, Words) else value for key, value in values.items()}
    return Words(words.zh.format(**zh), words.en.format(**en))
