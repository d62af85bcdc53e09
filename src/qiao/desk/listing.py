"""The list of cases: filters, order, pages, and the same as CSV and XLSX. Quick however many cases there are:
nothing is counted beyond :data:`COUNTED`."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import get_language, override
from django.views.decorators.http import require_GET
from openpyxl import Workbook

from qiao.core import phrases as core_phrases
from qiao.core.access import is_alone, listed, visible
from qiao.core.clocks import SHANGHAI
from qiao.core.counting import kept_count
from qiao.core.forms import tidy
from qiao.core.identity import seats_at
from qiao.core.models import Call, Case, Follow, Organisation, Party, Person, Seat
from qiao.core.organisations import code_of, typed
from qiao.core.process import Kind, kind_of, kinds
from qiao.core.search import cases_holding, checked, holding, is_common
from qiao.desk import phrases
from qiao.desk.shared import calendar, crumbs, due_cell, late_bounds, level_of, me, signed_in, today

COUNTED = 1000  # pages reach this far; more needs a narrower filter
FEW = 200  # the same for what is looked for by its words
PIECE = 500  # so many are looked through at first for a word that many texts hold
SPARE = 100  # so many more are looked at, in case that some only hold the parts of a phrase
EXPORTED = 5000
PAGE = 25
SORTS = {"due": "due_legal", "moved": "moved_at", "number": "number"}
ORDERS = frozenset([*SORTS, *(f"-{name}" for name in SORTS)])
LEVELS = ("due_soon", "late", "very_late", "on_time", "none")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class UpTo(Paginator):  # type: ignore[type-arg]
    """Pages over the first ``most`` rows, without counting further.

    ``keep``: the count is kept until the next act; for what changes through acts only.
    """

    def __init__(
        self, rows: QuerySet[Any, Any], per_page: int, most: int = COUNTED, *, keep: bool = False
    ) -> None:
        super().__init__(rows, per_page)
        self.most, self.keep = most, keep

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Case] = self.object_list  # type: ignore[assignment]
        some = rows.order_by().values("pk")[: self.most]
        return kept_count(some) if self.keep else some.count()


@dataclass(frozen=True)
class Wanted:
    """The filters of a request, cleaned: what is not known is left out."""

    q: str
    kind: Kind | None
    stage: str
    call: str
    unit: str
    level: str
    state: str
    scope: str
    sort: str

    @cached_property
    def common(self) -> bool:
        """Whether nearly every text holds what is searched for."""
        return bool(self.q) and is_common(self.q)

    @classmethod
    def of(cls, given: QueryDict) -> Wanted:
        kind = next((k for k in kinds() if k.code == given.get("kind")), None)
        stage = given.get("stage", "")
        known = {s.code for s in kind.stages} if kind else set()
        q = given.get("q", "").strip()[:100]
        level = given.get("level", "") if given.get("level") in LEVELS else ""
        state = given.get("state", "")
        sort = given.get("sort", "")
        return cls(
            q=q,
            kind=kind,
            stage=stage if stage in known else "",
            call=given.get("call", "")[:12],
            unit=code_of(given.get("unit", "")),
            level=level,
            state=state if state in phrases.STATES else ("all" if q or stage in known else "open"),
            scope=given.get("scope", "all") if given.get("scope") in phrases.SCOPES else "all",
            # what is looked for by its words is most likely what is being done, not what was due years ago
            sort=sort if sort in ORDERS else ("-moved" if q else "due"),
        )


def due_condition(level: str, on: dt.date) -> Q:
    """Which open cases have a level; the same bounds as ``level_of``."""
    very_late, soon = late_bounds(on)
    return (
        Q(closed_at__isnull=True)
        & {
            "none": Q(due_legal__isnull=True),
            "very_late": Q(due_legal__lt=very_late),
            "late": Q(due_legal__lt=on),
            "due_soon": Q(due_legal__gte=on, due_legal__lte=soon),
            "on_time": Q(due_legal__gt=soon),
        }[level]
    )


def order(sort: str, *, few: bool = False) -> tuple[OrderBy, OrderBy]:
    """The order of a list, what has no date last. ``few``: rows are gathered and sorted; a database with an index in
    this order would rather look for them along all cases."""
    name, down = SORTS[sort.removeprefix("-")], sort.startswith("-")
    by = Coalesce(F(name), F(name)) if few else F(name)
    if name == "due_legal":
        return OrderBy(by, descending=down, nulls_last=True), OrderBy(F("pk"), descending=down)
    return OrderBy(by, descending=down), OrderBy(F("pk"), descending=down)


def select(
    wanted: Wanted,
    person: Person,
    seats: list[Seat],
    on: dt.date,
    *,
    loose: bool = False,
    unread: bool = False,
) -> QuerySet[Case]:
    """The cases that are asked for, of those this person may see. ``loose``: as :func:`cases_holding` has it;
    ``unread``: whatever their texts hold."""
    # what is mine or followed is few by itself
    rule = listed(person, seats) if wanted.scope == "all" else visible(person, seats)
    rows = Case.objects.filter(rule)
    if wanted.q and not unread:
        condition = cases_holding(wanted.q, common=wanted.common, loose=loose)
        if condition is None:
            return rows.none()
        rows = rows.filter(condition)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind.code)
    if wanted.stage:
        rows = rows.filter(stage=wanted.stage)
    if wanted.call:
        rows = rows.filter(call__code=wanted.call)
    if wanted.unit:
        rows = rows.filter(unit__code=wanted.unit)
    if wanted.level:
        rows = rows.filter(due_condition(wanted.level, on))
    if wanted.state != "all":
        rows = rows.filter(closed_at__isnull=wanted.state == "open")
    if wanted.scope == "followed":
        rows = rows.filter(pk__in=Follow.objects.filter(person=person, case__isnull=False).values("case"))
    elif wanted.scope == "mine":
        units = {s.organisation_id for s in seats}
        parts = Party.objects.filter(Q(person=person) | Q(organisation__in=units))
        rows = rows.filter(pk__in=parts.filter(state__in=["confirmed", "invited"]).values("case"))
    if wanted.state == "closed" and wanted.sort == "due":
        return rows.order_by("pk")  # nothing is due any more: the same order, without sorting
    return rows.order_by(*order(wanted.sort, few=is_alone(seats)))


def found_by_text(wanted: Wanted, person: Person, seats: list[Seat], on: dt.date) -> list[int]:
    """The ids of the first cases that hold what is searched for, as far as pages reach."""

    def rows(**how: bool) -> QuerySet[Any, int]:
        return select(wanted, person, seats, on, **how).values_list("pk", flat=True)

    if wanted.common or is_alone(seats):  # looked through in their order, until there are enough
        most = PIECE
        ids = list(rows(unread=True)[:most])
        found = holding(wanted.q, ids)
    else:
        most = FEW + SPARE
        ids = list(rows(loose=True)[:most])
        found = checked(wanted.q, ids)
    if len(found) < FEW and len(ids) == most:
        found = list(rows()[:FEW])
    return found[:FEW]


def filters(wanted: Wanted) -> list[dict[str, Any]]:
    """The select boxes of the page."""

    def box(
        name: str, label: Any, options: list[tuple[str, Any]], chosen: str, *, any_: bool = True
    ) -> dict[str, Any]:
        rows = [("", phrases.ALL), *options] if any_ else options
        return {
            "name": name,
            "label": label,
            "options": [{"value": v, "label": text, "selected": v == chosen} for v, text in rows],
        }

    calls = Call.objects.order_by("-start", "-pk").values_list("code", "title")[:60]
    units = Organisation.objects.filter(Exists(Case.objects.filter(unit=OuterRef("pk")))).order_by("name")[
        :300
    ]
    boxes = [
        box("state", phrases.FILTER_STATE, list(phrases.STATES.items()), wanted.state, any_=False),
        box(
            "kind",
            phrases.COLUMNS["kind"],
            [(k.code, k.label) for k in kinds()],
            wanted.kind.code if wanted.kind else "",
        ),
    ]
    if wanted.kind:
        stages = [(s.code, s.label) for s in wanted.kind.stages]
        boxes.append(box("stage", phrases.COLUMNS["stage"], stages, wanted.stage))
    boxes += [
        box("call", phrases.COLUMNS["call"], list(calls), wanted.call),
        typed(
            box("unit", phrases.COLUMNS["unit"], [(u.code, str(u)) for u in units], wanted.unit), wanted.unit
        ),
        box("level", phrases.COLUMNS["level"], [(v, core_phrases.LATE[v]) for v in LEVELS], wanted.level),
        box("scope", phrases.FILTER_SCOPE, list(phrases.SCOPES.items()), wanted.scope, any_=False),
    ]
    return boxes


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    wanted, on = Wanted.of(request.GET), today()
    most = FEW if wanted.q else COUNTED
    pages: Paginator[Any]
    if wanted.q:  # finding texts costs most: done once, for order and count
        pages = Paginator(found_by_text(wanted, me(request), seats_at(request), on), PAGE)
    else:
        rows = select(wanted, me(request), seats_at(request), on).values_list("pk", flat=True)
        pages = UpTo(rows, PAGE, most, keep=wanted.scope != "followed")
    shown = pages.get_page(request.GET.get("page"))
    # the rows of one page by their keys: what stands before them in the order is never read as a whole
    found = Case.objects.select_related("unit", "call").in_bulk(list(shown.object_list))
    cases = [found[pk] for pk in shown.object_list]
    days = calendar()
    lines = []
    for case in cases:
        kind = kind_of(case.kind, case.kind_version)
        lines.append(
            {
                "case": case,
                "kind": kind.label,
                "stage": kind.stage(case.stage),
                **due_cell(None if case.closed_at else case.due_legal, on, days),
            }
        )
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "desk/cases.html",
        {
            "rows": lines,
            "page_obj": shown,
            "page_range": pages.get_elided_page_range(shown.number, on_each_side=2, on_ends=1),
            "capped": pages.count >= most,
            "counted": most,
            "total": pages.count,
            "exported": EXPORTED,
            "filters": filters(wanted),
            "search_label": phrases.FILTER_SEARCH,
            "search_url": "/desk/cases/",
            "q": wanted.q,
            "keep": {"sort": wanted.sort} if "sort" in request.GET else {},
            "clear_url": request.path if request.GET else "",
            "columns": [
                {"label": phrases.COLUMNS["number"], "sort": "number"},
                {"label": phrases.COLUMNS["title"]},
                {"label": phrases.COLUMNS["unit"]},
                {"label": phrases.COLUMNS["stage"]},
                {"label": phrases.COLUMNS["due"], "sort": "due"},
                {"label": phrases.COLUMNS["moved"], "sort": "moved"},
            ],
            "sort": wanted.sort,
            "query": query.urlencode(),
            "crumbs": crumbs((phrases.CASES, "")),
        },
    )


# --- the same as files -----------------------------------------------------------------------------------------

EXPORT = (
    "number",
    "title",
    "kind",
    "unit",
    "stage",
    "due",
    "internal",
    "level",
    "call",
    "opened",
    "moved",
    "address",
)


def _safe(text: str) -> str:
    """Spreadsheets run what looks like a formula; an apostrophe makes it text."""
    text = str(tidy(text))
    return f"'{text}" if text.startswith(FORMULA) else text


def export_rows(request: HttpRequest) -> Iterator[list[Any]]:
    """Heading and rows of the filtered list, at most :data:`EXPORTED`, read in pieces."""
    on = today()
    rows = select(Wanted.of(request.GET), me(request), seats_at(request), on)
    yield [str(phrases.COLUMNS[name]) for name in EXPORT]
    for case in rows.select_related("unit", "call")[:EXPORTED].iterator(chunk_size=500):
        kind = kind_of(case.kind, case.kind_version)
        level = level_of(None if case.closed_at else case.due_legal, on)
        yield [
            _safe(case.number),
            _safe(case.title),
            str(kind.label),
            _safe(case.unit.name if case.unit else ""),
            str(kind.stage(case.stage).label),
            case.due_legal,
            case.due_internal,
            str(core_phrases.LATE[level]) if case.due_legal else "",
            _safe(case.call.title),
            case.opened_at.astimezone(SHANGHAI).date(),
            case.moved_at.astimezone(SHANGHAI).date(),
            request.build_absolute_uri(case.get_absolute_url()),
        ]


class _Echo:
    def write(self, value: str) -> str:
        return value


def _named(response: HttpResponseBase, ending: str) -> HttpResponseBase:
    name = f"{phrases.FILE_NAME}-{today():%Y%m%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@signed_in
def as_csv(request: HttpRequest) -> HttpResponseBase:
    writer, language = csv.writer(_Echo()), get_language()

    def lines() -> Iterator[str]:
        yield "\ufeff"  # so that spreadsheets read it as UTF-8
        with override(language):  # the request's language is gone by the time this is sent
            for row in export_rows(request):
                yield writer.writerow(row)

    return _named(StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8"), "csv")


@require_GET
@signed_in
def as_xlsx(request: HttpRequest) -> HttpResponseBase:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(phrases.SHEET))
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGHIJKL", (10, 60, 12, 24, 12, 12, 12, 10, 30, 12, 12, 44), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in export_rows(request):
        sheet.append(row)
    response = HttpResponse(content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    book.save(response)
    return _named(response, "xlsx")
