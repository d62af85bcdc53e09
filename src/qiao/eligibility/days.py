"""Days that lie a length of time before another."""

from __future__ import annotations

import datetime as dt

from .language import Quantity


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day ``years`` earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day ``months`` earlier, or the last of that month where it is shorter."""
    month = day.year * 12 + day.month - 1 - months
    first = dt.date(month // 12, month % 12 + 1, 1)
    following = dt.date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(first + dt.timedelta(day.day - 1), following - dt.timedelta(1))


def look_back(day: dt.date, length: Quantity) -> dt.date | None:
    """The day that lies ``length`` before ``day``; None where it is no length of time."""
    match length.dimension:
        case "years":
            return years_before(day, int(length.value))
        case "months":
            return months_before(day, int(length.value))
        case "days":
            return day - dt.timedelta(int(length.value))
        case _:
            return None
