"""Published replies as a list: what is public now, found and filtered, in rows of few queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform

from qiao.core import search
from qiao.core.counting import Counted, newest_act
from qiao.core.models import Act, Call, Case, Organisation, Publication
from qiao.core.process import Text, kind_of
from qiao.core.rulebook import Rulebook, rulebook

INSTRUMENTS = ("proposal", "suggestion")


@dataclass(frozen=True)
class Card:
    """A published reply in a list."""

    slug: str
    code: str
    url: str
    title: str
    number: str
    instrument: Text
    session: str
    session_code: str
    unit: str
    unit_code: str
    result: Text
    result_code: str
    result_after: Text  # empty while tracking has changed nothing
    publicity: Text
    publicity_code: str
    published: dt.date
    signed: dt.datetime | None
    again: bool  # a second reply to the same paper


def live() -> QuerySet[Publication]:
    """Everything that is public now."""
    return Publication.objects.filter(end__isnull=True)


def replies(
    *,
    q: str = "",
    session: str = "",
    unit: str = "",
    result: str = "",
    year: int | None = None,
    loose: bool = False,
) -> QuerySet[Publication]:
    """Published replies, newest first. ``session`` and ``unit`` are codes; ``result`` one of the result class.

    ``loose``: as :func:`qiao.core.search.search` has it.
    """
    found = live()
    if session:
        found = found.filter(case__call__code=session)
    if unit:
        found = found.filter(case__unit__code=unit)
    if year:
        found = found.filter(start__gte=dt.date(year, 1, 1), start__lte=dt.date(year, 12, 31))
    if result:
        found = found.filter(version__content__result=result)
    if q.strip():
        entries = search.search(q, public_only=True, loose=loose).order_by()
        found = found.filter(pk__in=entries.values("publication"))
    return found.order_by("-start", "-pk")


def found_replies(*, q: str = "", **narrowed: Any) -> Counted:
    """:func:`replies` for a paginator."""
    rows = replies(q=q, **narrowed)
    if not q.strip():
        return Counted(rows)
    return search.Found(q, rows, replies(q=q, loose=True, **narrowed), live(), of="publication")


def _light(found: QuerySet[Publication]) -> QuerySet[Publication]:
    """What a list needs, without the letters themselves."""
    signed = Act.objects.filter(version=OuterRef("version"), case=OuterRef("case"), verb="sign")
    earlier = Publication.objects.filter(case=OuterRef("case"), pk__lt=OuterRef("pk")).exclude(
        version=OuterRef("version")
    )
    return (
        found.select_related("case__call__owner", "case__unit", "case__parent")
        .annotate(result=KeyTextTransform("result", "version__content"))
        .annotate(signed_at=Subquery(signed.order_by("-seq").values("at")[:1]))
        .annotate(again=Exists(earlier))
    )


def _page(found: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of one page, read by their keys: rows before it are then only counted, never built."""
    keys = list(found.values_list("pk", flat=True))
    rows: QuerySet[Any] = found.model._default_manager.filter(pk__in=keys)
    ordered: QuerySet[Any] = rows.order_by(*found.query.order_by)
    return ordered


def _changed_results(parents: Iterable[int | None]) -> dict[int, str]:
    """Result after tracking, by proposal: what the last ``change_result`` said."""
    acts = Act.objects.filter(case__in={p for p in parents if p}, verb="change_result").order_by(
        "case", "seq"
    )
    return {case: str(data.get("result", "")) for case, data in acts.values_list("case_id", "data")}


def _label(book: Rulebook, vocabulary: str, code: str) -> Text:
    term = book.term(vocabulary, code) if code else None
    return term.label if term else code  # type: ignore[return-value]


def instrument_of(case: Case) -> Text:
    """What kind of paper the case answers: 政协提案 or 代表建议."""
    first = case.parent or case
    return kind_of(first.kind, first.kind_version).label


def cards(found: QuerySet[Publication] | Sequence[Publication]) -> list[Card]:
    """A page of :func:`replies` with everything that a list shows, in two queries however many there are."""
    rows = list(_light(_page(found))) if isinstance(found, QuerySet) else list(found)
    changed = _changed_results(p.case.parent_id for p in rows)
    made = []
    for p in rows:
        book = rulebook(p.case.call.rulebook)
        result = str(getattr(p, "result", "") or "")
        after = changed.get(p.case.parent_id or 0, "")
        made.append(
            Card(
                slug=p.slug,
                code=p.code,
                url=p.get_absolute_url(),
                title=p.title,
                number=p.case.number,
                instrument=instrument_of(p.case),
                session=p.case.call.title,
                session_code=p.case.call.code,
                unit=p.case.unit.name if p.case.unit else "",
                unit_code=p.case.unit.code if p.case.unit else "",
                result=_label(book, "result", result),
                result_code=result,
                result_after=_label(book, "result", after),
                publicity=_label(book, "publicity", p.kind),
                publicity_code=p.kind,
                published=p.start,
                signed=getattr(p, "signed_at", None),
                again=bool(getattr(p, "again", False)),
            )
        )
    return made


@dataclass(frozen=True)
class Choices:
    """What lists can be filtered by: value and label pairs of what is there."""

    sessions: list[tuple[str, str]]
    units: list[tuple[str, str]]
    results: list[tuple[str, Text]]
    years: list[int]


def choices() -> Choices:
    """Sessions, units, result classes and years under which something is public."""
    return _choices(newest_act())


@lru_cache(maxsize=1)
def _choices(_newest: str) -> Choices:
    calls = list(Call.objects.filter(pk__in=live().values("case__call")).order_by("-start", "pk"))
    units = Organisation.objects.filter(pk__in=live().values("case__unit")).order_by("name")
    results: dict[str, Text] = {}
    for book in {c.rulebook for c in calls}:
        for term in rulebook(book).terms("result"):
            results.setdefault(term.code, term.label)  # type: ignore[arg-type]
    years = live().order_by().values_list("start__year", flat=True).distinct()
    return Choices(
        [(c.code, c.title) for c in calls],
        [(o.code, o.name) for o in units],
        list(results.items()),
        sorted(set(years), reverse=True),
    )


def sessions() -> list[tuple[Call, int]]:
    """Sessions of both instruments, newest first, with how many replies of each are public."""
    rows = live().order_by().values_list("case__call").annotate(n=Count("pk"))
    counts: dict[int, int] = dict(rows)
    calls = Call.objects.filter(kind__in=INSTRUMENTS).select_related("owner").order_by("-start", "pk")
    return [(call, counts.get(call.pk, 0)) for call in calls]
