"""Counts over everything, kept until something is done: pages of long lists are counted once, not for every reader."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from qiao.core.models import Act

KEPT = 2048
_kept: dict[Hashable, int] = {}


def newest_act() -> str:
    """The hash of the newest act: changes whenever anything was done."""
    return Act.objects.order_by("-pk").values_list("hash", flat=True).first() or ""


def kept(key: tuple[Hashable, ...], count: Callable[[], int]) -> int:
    """``count()``, or what it gave for this key since the newest act."""
    full = (newest_act(), *key)
    if full not in _kept:
        if len(_kept) >= KEPT:
            _kept.clear()
        _kept[full] = count()
    return _kept[full]


def kept_count(rows: QuerySet[Any, Any]) -> int:
    """How many rows there are, kept until the next act: for what changes through acts only."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return 0
    return kept((sql, *map(str, params)), rows.count)


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
