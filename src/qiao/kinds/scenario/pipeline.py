"""The way from a demand to a copy in numbers: how many come how far, and how long they stay at each stage."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from qiao.core.clocks import local_date, today
from qiao.core.models import Act, Call, Case, Money
from qiao.core.process import Text, kind_of

TIMED = ("scenario", "challenge", "bid", "pilot")
# A step of the funnel: the cases with such an act. A demand that was sent back and came again is one demand.
FUNNEL = {
    "demands": ("scenario", "submit"),
    "listed": ("scenario", "approve"),
    "challenges": ("challenge", "publish"),
    "bids": ("bid", "unseal"),
    "won": ("bid", "win"),
    "passed": ("pilot", "accept"),
}
COPIED = ("pilot", "copied")
NINE_TENTHS = 0.9


@dataclass(frozen=True)
class StageTime:
    """One stage of one kind, in calendar days. ``usual``: the median stay of those that have left it; ``long``: nine of
    ten stay no longer. ``waiting``: there now, ``oldest`` for how long, ``late`` beyond their deadline; of a private
    stage nothing of this is said, because who has sealed what is for nobody to know before the close."""

    kind: Text
    stage: Text
    left: int
    usual: float | None
    long: int | None
    waiting: int | None
    oldest: int
    late: int


@dataclass(frozen=True)
class Pipeline:
    """``funnel``: demands submitted, listed, challenges published, bids opened, won, pilots passed, copies."""

    funnel: dict[str, int]
    stages: tuple[StageTime, ...]
    granted_fen: int


Key = tuple[str, str]


def pipeline(calls: Iterable[int] | None = None) -> Pipeline:
    """Counted now over some calls, or all of scenarios. Four queries."""
    ids = list(Call.objects.filter(kind="scenario").values_list("pk", flat=True) if calls is None else calls)
    cases = Case.objects.filter(call__in=ids, kind__in=TIMED)
    acts = Act.objects.filter(case__call__in=ids, case__kind__in=TIMED).order_by("case", "seq")
    entered: dict[int, tuple[str, dt.date]] = {}
    stays: defaultdict[Key, list[int]] = defaultdict(list)
    did: defaultdict[Key, set[int]] = defaultdict(set)
    copies = 0
    for case, kind, verb, at, before, after in acts.values_list(
        "case", "case__kind", "verb", "at", "from_stage", "to_stage"
    ):
        did[kind, verb].add(case)
        copies += (kind, verb) == COPIED
        if case not in entered:
            entered[case] = (after, local_date(at))
        elif before != after:
            stage, since = entered[case]
            stays[kind, stage].append((local_date(at) - since).days)
            entered[case] = (after, local_date(at))
    granted = Money.objects.filter(case__in=cases.filter(kind="pilot").values("pk"))
    return Pipeline(
        {step: len(did[key]) for step, key in FUNNEL.items()} | {"copies": copies},
        tuple(_stages(cases.filter(closed_at__isnull=True), entered, stays)),
        sum(granted.values_list("amount_fen", flat=True)),
    )


def _stages(
    open_cases: Iterable[Case], entered: dict[int, tuple[str, dt.date]], stays: dict[Key, list[int]]
) -> Iterable[StageTime]:
    """Along the kinds and their stages; those that nobody has passed or waits in are left out."""
    on = today()
    waiting, late = Counter[Key](), Counter[Key]()
    oldest: dict[Key, int] = {}
    for case in open_cases:
        key = (case.kind, case.stage)
        waiting[key] += 1
        late[key] += case.due_legal is not None and case.due_legal < on
        _stage, since = entered.get(case.pk, ("", on))
        oldest[key] = max(oldest.get(key, 0), (on - since).days)
    for code in TIMED:
        kind = kind_of(code)
        for stage in kind.stages:
            key = (code, stage.code)
            days = sorted(stays.get(key, ()))
            if stage.end or not (days or waiting[key]):
                continue
            yield StageTime(
                kind.label,
                stage.label,
                len(days),
                float(median(days)) if days else None,
                days[int(NINE_TENTHS * (len(days) - 1))] if days else None,
                None if stage.private else waiting[key],
                0 if stage.private else oldest.get(key, 0),
                0 if stage.private else late[key],
            )
