"""Which days are worked in mainland China, and why.

A day is worked or not for one of five reasons (`Why`). The State Council's yearly notice names the
holidays *and* the weekend days worked in exchange (调休). Its content comes from the ``holidays``
package; what that package does not know yet, or a district decides for itself, comes as `Override`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate
from typing import NamedTuple

from holidays import country_holidays

from .errors import OutsideCalendar

FIRST_YEAR = 2001  # the first year whose notice the ``holidays`` package was checked with
LAST_YEAR = 2060
SATURDAY = 5  # as `date.weekday` counts
_BASE = date(FIRST_YEAR, 1, 1).toordinal()
_SIZE = date(LAST_YEAR, 12, 31).toordinal() - _BASE + 1


class Name(NamedTuple):
    """A name in both languages of the house."""

    zh: str
    en: str


class Why(Enum):
    """Why a day is worked, or is not."""

    WEEKDAY = "weekday"  # Monday to Friday, worked
    WEEKEND = "weekend"  # Saturday or Sunday, not worked
    HOLIDAY = "holiday"  # a public holiday, or a weekday given off in exchange
    MAKEUP = "makeup"  # 调休: a weekend day worked in exchange
    OVERRIDE = "override"  # said by the caller


class DayKind(NamedTuple):
    """One day: is it worked, why, and what is it called (the holiday's name, also on its make-up
    days)."""

    workday: bool
    why: Why
    name: Name | None = None
    source: str = ""
    cancels_makeup: bool = False  # not worked by the caller's word, though published as a make-up day


@dataclass(frozen=True, slots=True)
class Override:
    """One day about which the caller knows better than the published notices in the package.

    ``source`` is the notice that says so. ``name_en`` falls back to ``name``.
    """

    is_workday: bool
    name: str
    source: str
    name_en: str = ""


class Calendar:
    """The working days of mainland China, 2001 to 2060.

    >>> calendar = Calendar()
    >>> calendar.day(date(2024, 2, 4)).why      # a Sunday, worked for the Spring Festival
    <Why.MAKEUP: 'makeup'>

    ``known_through`` is the last day for which a notice is known. Later days follow the law alone
    (weekends and statutory holidays, without exchanged days) and everything computed with them is
    provisional. Who feeds a new notice in as overrides also moves ``known_through``. One reservation: a
    notice may name make-up days in the last days of the year before, so late December stands until the
    next notice.

    A calendar is immutable: build one, keep it. Building costs a few milliseconds (the first one in a
    process up to a second), every question afterwards about a microsecond.
    """

    def __init__(
        self, overrides: Mapping[date, Override] | None = None, *, known_through: date | None = None
    ) -> None:
        published = _published()
        self._overrides = dict(overrides or {})
        self._names = published.names
        self.known_through: date = known_through or published.known_through
        kinds = bytearray(published.kinds)
        for day, override in self._overrides.items():
            kinds[self._at(day)] = _OVERRIDE_ON if override.is_workday else _OVERRIDE_OFF
        self._kinds = bytes(kinds)
        self._worked = self._kinds.translate(_IS_WORKED)
        # _rank[i]: working days up to and including day i; _nth[k]: the ordinal of the k-th working day.
        self._rank = list(accumulate(self._worked))
        self._nth = [0, *(_BASE + i for i, worked in enumerate(self._worked) if worked)]

    def day(self, day: date) -> DayKind:
        """What kind of day this is."""
        kind = self._kinds[self._at(day)]
        if kind in (_OVERRIDE_OFF, _OVERRIDE_ON):
            said = self._overrides[day]
            name = Name(said.name, said.name_en or said.name)
            cancels = not said.is_workday and _published().kinds[self._at(day)] == _MAKEUP
            return DayKind(said.is_workday, Why.OVERRIDE, name, said.source, cancels)
        return DayKind(bool(kind & 1), _WHY[kind], self._names.get(day))

    def is_workday(self, day: date) -> bool:
        return bool(self._worked[self._at(day)])

    def workdays(self, after: date, through: date) -> int:
        """Working days after one date up to and including another; negative where they stand reversed."""
        return self._rank[self._at(through)] - self._rank[self._at(after)]

    def add_workdays(self, after: date, amount: int) -> date:
        """The ``amount``-th working day after a date, the date itself not counted; ``amount`` is at least
        1."""
        rank = self._rank[self._at(after)] + amount
        if rank >= len(self._nth):
            raise _outside(after, amount=amount)
        return date.fromordinal(self._nth[rank])

    def next_workday(self, day: date) -> date:
        """The day itself when worked, else the first worked day after it."""
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def previous_workday(self, day: date) -> date:
        """The day itself when worked, else the last worked day before it."""
        rank = self._rank[self._at(day)]
        if rank == 0:
            raise _outside(day)
        return date.fromordinal(self._nth[rank])

    def fingerprint(self, first: date, last: date) -> str:
        """A short text that changes exactly when a day of this range (both included) changes between
        worked and not worked. Keep it beside a cached due date with the range in `ClockState.reads`; when
        it differs under a new calendar, compute again."""
        return sha256(self._worked[self._at(first) : self._at(last) + 1]).hexdigest()[:16]

    @staticmethod
    def _at(day: date) -> int:
        index = day.toordinal() - _BASE
        if not 0 <= index < _SIZE:
            raise _outside(day)
        return index


def _outside(day: date, **params: object) -> OutsideCalendar:
    message = f"{day} leads outside {FIRST_YEAR}–{LAST_YEAR}"
    return OutsideCalendar("outside_calendar", message, date=day, **params)


# One byte per day. Odd means worked, so the lowest bit is all that counting needs.
_WEEKEND, _WEEKDAY, _HOLIDAY, _MAKEUP, _OVERRIDE_OFF, _OVERRIDE_ON = range(6)
_WHY = (Why.WEEKEND, Why.WEEKDAY, Why.HOLIDAY, Why.MAKEUP)
_IS_WORKED = bytes(value & 1 for value in range(256))


class _Published(NamedTuple):
    kinds: bytes
    names: dict[date, Name]
    known_through: date


@lru_cache(maxsize=1)
def _published() -> _Published:
    """What the ``holidays`` package knows, one byte per day.

    The package has make-up days (``weekend_workdays``) for years with a notice only, so the last of them
    tells which year the notices reach.
    """
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    zh = country_holidays("CN", years=years, language="zh_CN")
    en = country_holidays("CN", years=years, language="en_US")
    kinds = bytearray()
    for ordinal in range(_BASE, _BASE + _SIZE):
        day = date.fromordinal(ordinal)
        if day in zh.weekend_workdays:
            kinds.append(_MAKEUP)
        elif day in zh:
            kinds.append(_HOLIDAY)
        else:
            kinds.append(_WEEKDAY if day.weekday() < SATURDAY else _WEEKEND)

    names: dict[date, Name] = {}
    exchanged: dict[date, date] = {}  # weekday off → weekend day worked for it
    for day in zh:
        swap = re.search(r"\d{4}-\d\d-\d\d", zh[day])  # "休息日（由 2024-02-04 调休）"
        if swap:
            exchanged[day] = date.fromisoformat(swap[0])
        else:
            names[day] = Name(_plain(zh[day], "（"), _plain(en[day], " (observed"))
    for off, worked in exchanged.items():
        names[off] = names[worked] = _neighbour(off, kinds, names)
    return _Published(bytes(kinds), names, date(max(zh.weekend_workdays).year, 12, 31))


def _plain(name: str, suffix: str) -> str:
    """春节（补假） → 春节: a holiday moved to a weekday keeps its name."""
    return name.split(suffix, maxsplit=1)[0]


EXCHANGED = Name("调休", "exchanged day")


def _neighbour(off: date, kinds: bytearray, names: dict[date, Name]) -> Name:
    """The name of the holiday in whose unbroken row of free days a day given in exchange lies."""
    for step in (-1, 1):
        index = off.toordinal() - _BASE + step
        while kinds[index] in (_WEEKEND, _HOLIDAY):
            name = names.get(date.fromordinal(_BASE + index))
            if name:
                return name
            index += step
    return EXCHANGED
