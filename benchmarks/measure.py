"""Stop-watch and query counter."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection

REQUESTS, WARM_UP = 30, 3
MAX_QUERIES, MAX_P95_MS = 15, 100.0  # the bar for pages (queries) and for list pages (p95 of server time)
WRITES = ("INSERT", "UPDATE", "DELETE")


class Watch:
    """Counts queries and written rows while it is entered; gives the time in milliseconds."""

    def __init__(self) -> None:
        self.queries = self.rows = 0
        self.ms = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        found = execute(sql, params, many, context)
        if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN")):
            self.queries += 1
            if sql.startswith(WRITES):
                self.rows += max(0, context["cursor"].rowcount)
        return found

    def __enter__(self) -> Watch:
        self._wrap = connection.execute_wrapper(self)
        self._wrap.__enter__()
        self._begun = time.perf_counter()
        return self

    def __exit__(self, *args: Any) -> None:
        self.ms = (time.perf_counter() - self._begun) * 1000
        self._wrap.__exit__(*args)


@dataclass
class Row:
    """One line of a table. ``median``, ``p95`` and ``worst`` in milliseconds."""

    group: str
    name: str
    who: str = ""
    n: int = 0
    median: float | None = None
    p95: float | None = None
    worst: float | None = None
    queries: int | None = None
    rows: int | None = None
    note: str = ""
    flags: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def row(group: str, name: str, times: list[float], **more: Any) -> Row:
    ordered = sorted(times)
    return Row(
        group,
        name,
        n=len(ordered),
        median=round(statistics.median(ordered), 2),
        p95=round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        worst=round(ordered[-1], 2),
        **more,
    )


def repeat(group: str, name: str, do: Callable[[], int], *, n: int = REQUESTS, **more: Any) -> Row:
    """Time ``do``, which gives how many rows it found."""
    rows = queries = 0
    times = []
    for i in range(WARM_UP + n):
        with Watch() as watch:
            rows = do()
        queries = watch.queries
        if i >= WARM_UP:
            times.append(watch.ms)
    return row(group, name, times, queries=queries, rows=rows, **more)
