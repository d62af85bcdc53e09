"""Counts over everything, kept until something is done: pages of long lists are counted once, not for every reader."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from qiao.core.models import Act

KEPT = 256
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


class Counted:
    """A query set for a paginator, its count kept until the next act. What it selects may only change through acts."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self.rows = rows

    def count(self) -> int:
        """How many there are, in one or two queries."""
        try:
            sql, params = self.rows.order_by().query.sql_with_params()
        except EmptyResultSet:
            return 0
        return kept((sql, *map(str, params)), self.rows.count)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> QuerySet[Any]:
        return self.rows[part]
