"""Counts over everything, kept until something is done: pages of long lists are counted once, not for every reader;
and so is the order of a list in which somebody turns far."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from qiao.core.models import Act

T = TypeVar("T")
KEPT = 2048
_kept: dict[Hashable, Any] = {}
NEAR = 2000  # rows that a database counts off quickly; further on the order is kept
ORDERS = 8  # of so many lists at a time, eight bytes a row
_orders: dict[Hashable, array[int]] = {}


def newest_act() -> str:
    """The hash of the newest act: changes whenever anything was done."""
    return Act.objects.order_by("-pk").values_list("hash", flat=True).first() or ""


def kept(key: tuple[Hashable, ...], count: Callable[[], T]) -> T:
    """``count()``, or what it gave for this key since the newest act."""
    full = (newest_act(), *key)
    if full not in _kept:
        if len(_kept) >= KEPT:
            _kept.clear()
        _kept[full] = count()
    found: T = _kept[full]
    return found


def kept_count(rows: QuerySet[Any, Any]) -> int:
    """How many rows there are, kept until the next act: for what changes through acts only."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return 0
    return kept((sql, *map(str, params)), rows.count)


def cut(keys: QuerySet[Any, Any], start: int, stop: int) -> Sequence[int]:
    """``keys[start:stop]`` of a list of primary keys. A database would count off everything before a page far back for
    every reader; those are cut out of all the keys, kept until the next act."""
    if stop <= NEAR:
        return list(keys[start:stop])
    sql, params = keys.query.sql_with_params()
    full = (newest_act(), sql, *map(str, params))
    if full not in _orders:
        if len(_orders) >= ORDERS:
            _orders.clear()
        _orders[full] = array("q", keys)
    return _orders[full][start:stop]


class Counted:
    """A query set for a paginator, its count kept until the next act. What it selects may only change through acts."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self.rows = rows

    def count(self) -> int:
        """How many there are, in one or two queries."""
        return kept_count(self.rows.order_by())

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> QuerySet[Any]:
        return self.rows[part]
