"""What holders said of entries that were suggested to them, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from qiao.core.models import Act, Case, Version
from qiao.core.process import Text, kind_of
from qiao.kinds.shelf.entries import Listed
from qiao.kinds.shelf.process import SHELVES

AGREED, REFUSED = "agree", "not_this"


@dataclass(frozen=True)
class Feedback:
    """One verdict of a holder on another entry: the last one said counts.

    ``stage``: how far an interest between the two units in one of the two entries is; "" where there is none.
    ``versions``: how often the glossary was changed since.
    """

    act: Act
    code: str
    other: Case | None  # None where it was never on a shelf
    listed: bool = False
    interest: Case | None = None
    stage: Text = ""
    versions: int = 0

    @property
    def agreed(self) -> bool:
        return self.act.verb == AGREED

    @property
    def at(self) -> dt.datetime:
        return self.act.at

    @property
    def reason(self) -> str:
        return self.act.reason


def verdicts(acts: QuerySet[Act] | None = None) -> dict[tuple[int, str], Act]:
    """By entry and the other's code; of several the last one. One query. ``acts``: of which to choose."""
    found = Act.objects.all() if acts is None else acts
    rows = found.filter(case__kind__in=SHELVES, verb__in=[AGREED, REFUSED]).select_related("case")
    return {(a.case_id, str(a.data["other"])): a for a in rows.order_by("at", "pk") if a.data.get("other")}


def others(codes: Iterable[str]) -> dict[str, Case]:
    """The entries that are spoken of, by code."""
    return {case.code: case for case in Case.objects.filter(kind__in=SHELVES, code__in=list(codes))}


def feedback(entry: Listed) -> list[Feedback]:
    """What the holder of an entry said, newest first, with what became of it. Four queries, however much was said."""
    said = verdicts(Act.objects.filter(case=entry.case))
    if not said:
        return []
    known = others(code for _, code in said)
    units = {case.unit_id for case in known.values()}
    interests = (
        Case.objects.filter(kind="interest")
        .filter(
            Q(parent=entry.case, parties__role="asker", parties__organisation__in=units)
            | Q(parent__in=known.values(), parties__role="asker", parties__organisation=entry.holder)
        )
        .order_by("pk")
        .values_list("pk", "parent", "parties__organisation")
    )
    between: dict[int | None, int] = {}  # the other's entry, or its unit → the newest interest
    for pk, parent, asker in interests:
        between[-asker if parent == entry.case.pk else parent] = pk
    rows = Case.objects.in_bulk(between.values())
    filed = list(
        Version.objects.filter(paper__case__kind="glossary", paper__kind="glossary").values_list(
            "at", flat=True
        )
    )
    found = []
    for (_, code), act in said.items():
        other = known.get(code)
        number = other and (between.get(other.pk) or between.get(-(other.unit_id or 0)))
        interest = rows.get(number) if number else None
        found.append(
            Feedback(
                act,
                code,
                other,
                other is not None and other.stage == "listed",
                interest,
                kind_of(interest.kind, interest.kind_version).stage(interest.stage).label if interest else "",
                sum(at > act.at for at in filed),
            )
        )
    return sorted(found, key=lambda one: (one.at, one.act.pk), reverse=True)
