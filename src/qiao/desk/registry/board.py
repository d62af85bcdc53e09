"""The assignment board: what waits for the registry, stage by stage; hand out, admit and decide without leaving it.

Quick however many cases there are: lists are bounded, counts stop at :data:`COUNTED`, and the whole board is read in a
fixed number of queries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from qiao.core.access import visible_cases
from qiao.core.acts import Refused, act
from qiao.core.counting import kept
from qiao.core.models import Act, Call, Case, Organisation, Party, Seat, Version
from qiao.core.organisations import ROWS
from qiao.core.process import Kind, kind_of, kinds
from qiao.core.rulebook import rulebook
from qiao.desk import phrases as desk_phrases
from qiao.desk import phrases_registry as phrases
from qiao.desk.listing import COUNTED, UpTo
from qiao.desk.registry.seats import only_for, seats_as
from qiao.desk.shared import address_of, calendar, crumbs, due_cell, late_bounds, me, today
from qiao.kinds.answered import is_dissatisfied
from qiao.kinds.common import PROPOSERS
from qiao.kinds.phrases import WISHES
from qiao.timekeeping import Calendar

FEW = 6  # rows of a column in the overview
PAGE = 50
BULK = 100
DIRECT = ("admit", "approve_handback", "grant_extension")  # done from the board, without a form of their own
LEVELS = ("very_late", "late", "due_soon", "on_time")


@dataclass(frozen=True)
class Column:
    """Cases that wait for ``verb``: of all kinds that have it, at its stages or at those given."""

    code: str
    verb: str
    stages: tuple[str, ...] = ()

    def where(self, calls: Iterable[Call]) -> Q:
        """The condition, for the kinds that these sessions can have."""
        places: dict[tuple[str, ...], list[str]] = {}
        sessions = {k.code for k in kinds() if k.verb("assign")} - {c.kind for c in calls}
        for kind in kinds():
            if kind.code not in sessions and (verb := kind.verb(self.verb)):
                places.setdefault(self.stages or verb.source, []).append(kind.code)
        found = Q(pk__in=[])
        for stages, codes in places.items():
            found |= Q(kind__in=codes, stage__in=stages)
        return found


COLUMNS = (
    Column("submitted", "admit"),
    Column("admitted", "assign"),
    Column("handback", "approve_handback"),
    Column("extension", "grant_extension"),
    Column("inhand", "ask_extension", ("assigned", "drafting", "signing", "signed")),
    Column("replied", "rate"),
    Column("tracking", "change_result"),
)
LOAD = "load"


class Capped(Subquery):
    """How many rows a (sliced) query finds: one number, never counted beyond the slice."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()


def capped(rows: QuerySet[Case]) -> Capped:
    return Capped(rows.order_by().values("pk")[:COUNTED])


@dataclass(frozen=True)
class Wanted:
    """The filters of a request, cleaned."""

    calls: list[Call]  # the sessions that are shown
    call: str
    unit: str
    level: str
    show: str
    assign: str
    page: str

    @classmethod
    def of(cls, given: QueryDict, calls: list[Call]) -> Wanted:
        call = given.get("call", calls[0].code if calls else "")
        chosen = [c for c in calls if c.code == call] or calls
        show = given.get("show", "")
        return cls(
            chosen,
            call if len(chosen) == 1 else "",
            given.get("unit", "")[:12],
            given.get("level", "") if given.get("level") in LEVELS else "",
            show if show in {c.code for c in COLUMNS} | {LOAD} else "",
            given.get("assign", "")[:12],
            given.get("page", ""),
        )

    def address(self, **changes: str) -> str:
        query = QueryDict(mutable=True)
        for key in ("call", "unit", "level", "show"):
            if value := changes.get(key, getattr(self, key)):
                query[key] = value
        return "/desk/board/" + (f"?{query.urlencode()}" if query else "")


def sessions(seats: Iterable[Seat]) -> list[Call]:
    """The sessions of the organisations where I am the registry, newest first."""
    codes = [k.code for k in kinds() if k.verb("assign")]
    owners = {s.organisation_id for s in seats}
    found = Call.objects.filter(owner__in=owners, kind__in=codes).select_related("owner")
    return list(found.order_by("-start", "-pk")[:50])


def _rows(wanted: Wanted) -> QuerySet[Case]:
    """The cases of these sessions, which are my own organisations': what is counted. What is shown is also asked of
    ``core.access`` (:func:`_with_all`)."""
    return Case.objects.filter(call__in=[c.pk for c in wanted.calls])


def level_condition(level: str, on: dt.date) -> Q:
    """Which cases stand at a level, none at two; the bounds of ``desk.shared.level_of``."""
    very_late, soon = late_bounds(on)
    return {
        "very_late": Q(due_legal__lt=very_late),
        "late": Q(due_legal__gte=very_late, due_legal__lt=on),
        "due_soon": Q(due_legal__gte=on, due_legal__lte=soon),
        "on_time": Q(due_legal__gt=soon),
    }[level]


def _of(column: Column, rows: QuerySet[Case], wanted: Wanted, on: dt.date) -> QuerySet[Case]:
    found = rows.filter(column.where(wanted.calls))
    if column.code == "inhand":
        if wanted.unit:
            found = found.filter(unit__code=wanted.unit)
        if wanted.level:
            found = found.filter(level_condition(wanted.level, on))
    return found.order_by(F("due_legal").asc(nulls_last=True), "pk")


# --- reading ---------------------------------------------------------------------------------------------------


def _counts(rows: QuerySet[Case], wanted: Wanted, on: dt.date) -> dict[str, int]:
    """Every count of the board, in one query; kept until the next act, as cases change through acts only."""
    return kept(("board", on, wanted.unit, *_pks(wanted)), lambda: _count(rows, wanted, on))


def _pks(wanted: Wanted) -> Iterable[int]:
    return (call.pk for call in wanted.calls)


def _count(rows: QuerySet[Case], wanted: Wanted, on: dt.date) -> dict[str, int]:
    unfiltered = Wanted(wanted.calls, wanted.call, wanted.unit, "", "", "", "")
    asked = {c.code: capped(_of(c, rows, unfiltered, on)) for c in COLUMNS}
    inhand = next(c for c in COLUMNS if c.code == "inhand")
    for level in LEVELS:
        asked[level] = capped(_of(inhand, rows, unfiltered, on).filter(level_condition(level, on)))
    found = Call.objects.filter(pk=wanted.calls[0].pk).annotate(**{f"n_{k}": v for k, v in asked.items()})
    values = found.values(*(f"n_{k}" for k in asked)).get()
    return {k: values[f"n_{k}"] for k in asked}


def _listed(
    request: HttpRequest, columns: Sequence[Column], rows: QuerySet[Case], wanted: Wanted, on: dt.date
) -> dict[str, list[Case]]:
    """The first few cases of several columns, in two queries: which (kept as the counts are), then what."""

    def read() -> dict[int, str]:
        parts = [
            Case.objects.filter(pk__in=_of(c, rows, wanted, on).values("pk")[:FEW])
            .order_by()
            .values_list("pk", Value(c.code))
            for c in columns
        ]
        return dict(parts[0].union(*parts[1:], all=True))

    places = kept(("board rows", on, wanted.unit, wanted.level, *_pks(wanted)), read)
    cases = _with_all(request).filter(pk__in=list(places)).order_by(F("due_legal").asc(nulls_last=True), "pk")
    listed: dict[str, list[Case]] = {c.code: [] for c in columns}
    for case in cases:
        listed[places[case.pk]].append(case)
    return listed


def _with_all(request: HttpRequest) -> QuerySet[Case]:
    """What the registry may see, with what a row shows of it; while one is handed out, with what proposers wish."""
    found = visible_cases(me(request), seats_as(request, "registry")).select_related(
        "call__owner", "unit", "parent"
    )
    return found.annotate(said=Subquery(_said(OuterRef("pk")))) if request.GET.get("assign") else found


@dataclass(frozen=True)
class Around:
    """What the rows need besides the cases themselves."""

    parties: dict[int, list[Party]]
    acts: dict[int, list[Act]]
    promises: dict[int, dict[str, Any]]
    units: dict[str, str]
    days: Calendar


def _around(cases: Iterable[Case], on: dt.date) -> Around:
    """Proposers, the acts that a row tells of, promises: one query each."""
    ids = [c.pk for c in cases]
    parties: dict[int, list[Party]] = {}
    shown = Party.objects.filter(case__in=ids, role__in=[*PROPOSERS, "body"], state="confirmed")
    for party in shown.select_related("person", "organisation").order_by("order", "pk"):
        parties.setdefault(party.case_id, []).append(party)
    acts: dict[int, list[Act]] = {}
    told = Act.objects.filter(case__in=ids, verb__in=["ask_handback", "ask_extension", "rate", "answered"])
    for done in told.select_related("by__organisation").order_by("case", "seq"):
        acts.setdefault(done.case_id, []).append(done)
    followed = [k.code for k in kinds() if k.verb("undertake")]
    counted = (
        Case.objects.filter(parent__in=ids, kind__in=followed)
        .order_by()
        .values("parent")
        .annotate(
            all=Count("pk"),
            open=Count("pk", filter=Q(closed_at__isnull=True)),
            late=Count("pk", filter=Q(closed_at__isnull=True, due_legal__lt=on)),
        )
    )
    promises = {row["parent"] or 0: dict(row) for row in counted}
    named = {str(a.data["unit"]) for found in acts.values() for a in found if "unit" in a.data}
    units = {o.code: str(o) for o in Organisation.objects.filter(code__in=named)} if named else {}
    return Around(parties, acts, promises, units, calendar())


def _row(case: Case, around: Around, on: dt.date) -> dict[str, Any]:
    kind = kind_of(case.kind, case.kind_version)
    acts = around.acts.get(case.pk, [])
    asked = next((a for a in reversed(acts) if a.verb.startswith("ask_")), None)
    parties = around.parties.get(case.pk, [])
    row: dict[str, Any] = {
        "case": case,
        "kind": kind.label,
        "stage": kind.stage(case.stage).label,
        "people": parties[:3],
        "more_people": max(len(parties) - 3, 0),
        "asked": asked,
        "asked_unit": around.units.get(str(asked.data.get("unit", "")), "") if asked else "",
        "until": asked.data.get("until", "") if asked else "",
        "promises": around.promises.get(case.pk),
        "links": _links(case, kind),
        **due_cell(case.due_legal, on, around.days),
    }
    row.update(_ratings(case, acts, parties))
    return row


def _ratings(case: Case, acts: Sequence[Act], parties: Sequence[Party]) -> dict[str, Any]:
    """Who has not rated the answer yet, and who is dissatisfied with it."""
    since = max((i + 1 for i, a in enumerate(acts) if a.verb == "answered"), default=0)
    rated = {a.by.person_id: a for a in acts[since:] if a.verb == "rate" and a.by}
    book = rulebook(case.call.rulebook)
    proposers = [p for p in parties if p.role in PROPOSERS]
    return {
        "unrated": [p for p in proposers if p.person_id not in rated],
        "dissatisfied": [
            p for p in proposers if p.person_id in rated and is_dissatisfied(rated[p.person_id].data, book)
        ],
        "rated": len(rated),
    }


def _links(case: Case, kind: Kind) -> list[dict[str, Any]]:
    """The other things that the registry may do at this stage, as links to their pages."""
    return [
        {"label": v.label, "url": address_of(case, v)}
        for v in kind.verbs_from(case.stage)
        if v.code not in DIRECT and v.code != "assign" and any(w.role == "registry" for w in v.who)
    ]


# --- load ------------------------------------------------------------------------------------------------------


def loads(rows: QuerySet[Case], on: dt.date) -> dict[int, dict[str, Any]]:
    """Per unit: open cases in hand as lead and as co-handler, and how many of them are late."""
    roles = {k.code: v.who[0].of for k in kinds() if (v := k.verb("accept")) and v.who[0].of}
    places = Q(pk__in=[])
    for kind in kinds():
        if kind.code in roles:  # by stage, as the index has it
            places |= Q(kind=kind.code, stage__in=[s.code for s in kind.stages if not s.end])
    found = (
        rows.filter(places)
        .order_by()
        .values("unit", "kind")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(due_legal__lt=on)))
    )
    units: dict[int, dict[str, Any]] = {}
    for group in found:
        if group["unit"] is None:
            continue
        row = units.setdefault(group["unit"], {"lead": 0, "lead_late": 0, "co": 0, "co_late": 0})
        role = roles[group["kind"]]
        row[role] += group["n"]
        row[f"{role}_late"] += group["late"]
    for row in units.values():
        row["total"] = row["lead"] + row["co"]
        row["late"] = row["lead_late"] + row["co_late"]
    return units


def load(rows: QuerySet[Case], on: dt.date) -> list[dict[str, Any]]:
    """The load of every unit that has any, the busiest first."""
    units = loads(rows, on)
    names = Organisation.objects.in_bulk(units)
    found = [{**row, "unit": names[pk]} for pk, row in units.items()]
    return sorted(found, key=lambda r: (-r["total"], -r["late"], str(r["unit"])))


def handlers() -> list[Organisation]:
    """Units that can take a case in hand: somebody there holds an officer's seat today."""
    seated = Seat.objects.filter(role="officer").held_on(today()).values("organisation")
    return list(Organisation.objects.filter(pk__in=seated, merged_into__isnull=True).order_by("name"))


def _assigning(
    case: Case, rows: QuerySet[Case], on: dt.date, lead: str = "", co: Sequence[str] = ()
) -> dict[str, Any]:
    """The form that hands a case out: what was typed, and for suggestion each unit with how much it has in hand."""
    busy = loads(rows, on)
    units = handlers()
    names = {u.code: u.name for u in units}
    return {
        "case": case,
        "units": [{"unit": u, "load": busy.get(u.pk)} for u in units],
        "options": [(u.name, _in_hand(u, busy.get(u.pk))) for u in units],
        "lead": [names.get(lead, lead)],
        "co": [*(names.get(one, one) for one in co if one), *[""] * ROWS],
        "required": {"required": True},
        "wishes": _wishes(case),
    }


def _said(case: Any) -> Any:
    """What the newest version of a proposal says, as a query."""
    return (
        Version.objects.filter(paper__case=case, paper__kind="proposal").order_by("-n").values("content")[:1]
    )


def _wishes(case: Case) -> list[dict[str, Any]]:
    """What the proposer asked for: which units, and why not in public. Asked of the database unless it was read."""
    said = getattr(case, "said", None) or next((row["content"] for row in _said(case)), None)
    content: dict[str, Any] = said or {}
    return [{"label": label, "text": content[key]} for key, label in WISHES.items() if content.get(key)]


def _in_hand(unit: Organisation, load: dict[str, Any] | None) -> str:
    if load is None:
        return str(unit)
    said = phrases.IN_HAND_LATE if load["late"] else phrases.IN_HAND
    return str(said) % {"unit": unit, "n": load["total"], "late": load["late"]}


# --- pages -----------------------------------------------------------------------------------------------------


@require_GET
@only_for("registry")
def page(request: HttpRequest) -> HttpResponseBase:
    return _show(request)


def _show(
    request: HttpRequest, *, assigning: Case | None = None, refused: Refused | None = None
) -> HttpResponseBase:
    calls = sessions(seats_as(request, "registry"))
    if not calls:
        return render(
            request, "desk/registry/board.html", {"calls": [], "crumbs": crumbs((phrases.BOARD, ""))}
        )
    given = request.POST if assigning and request.method == "POST" else request.GET
    wanted, on = Wanted.of(given, calls), today()
    rows = _rows(wanted)
    counts = _counts(rows, wanted, on)
    columns = [c for c in COLUMNS if not wanted.show or wanted.show == c.code]
    paged = None
    if wanted.show == LOAD:
        listed: dict[str, list[Case]] = {}
    elif wanted.show:
        paged = UpTo(_of(columns[0], rows, wanted, on).values_list("pk", flat=True), PAGE).get_page(
            wanted.page
        )
        ids = list(paged.object_list)
        found = _with_all(request).in_bulk(ids)
        listed = {columns[0].code: [found[pk] for pk in ids if pk in found]}
    else:
        listed = _listed(request, columns, rows, wanted, on)
    around = _around([c for found in listed.values() for c in found], on) if listed else None
    everything = [c for found in listed.values() for c in found]
    chosen = assigning or next((c for c in everything if c.code == wanted.assign), None)
    context = {
        "calls": calls,
        "wanted": wanted,
        "here": wanted.address(),
        "crumbs": crumbs((phrases.BOARD, "")),
        "filters": _filters(wanted, calls),
        "tabs": _tabs(wanted, counts),
        "keep": {"show": wanted.show} if wanted.show else {},
        "levels": [
            {"level": level, "n": counts[level], "url": wanted.address(show="inhand", level=level)}
            for level in LEVELS
        ],
        "columns": [
            {
                "code": c.code,
                "label": phrases.COLUMNS[c.code],
                "help": phrases.COLUMN_HELP[c.code],
                "template": f"desk/registry/board/{c.code}.html",
                "count": _many(counts[c.code]),
                "rows": [_row(case, around, on) for case in listed[c.code]] if around else [],
                "url": wanted.address(show=c.code),
                "more": counts[c.code] > len(listed[c.code]) and not wanted.show,
            }
            for c in columns
            if c.code in listed
        ],
        "page_obj": paged,
        "load": load(rows, on) if wanted.show == LOAD else None,
        "assigning": _assigning(chosen, rows, on, given.get("lead", ""), given.getlist("co"))
        if chosen
        else None,
        "refused": refused,
    }
    return render(request, "desk/registry/board.html", context, status=409 if refused else 200)


def _many(n: int) -> str:
    return f"{COUNTED}+" if n >= COUNTED else str(n)


def _tabs(wanted: Wanted, counts: dict[str, int]) -> list[dict[str, Any]]:
    tabs: list[dict[str, Any]] = [
        {"url": wanted.address(show="", level=""), "label": phrases.OVERVIEW, "active": not wanted.show}
    ]
    for column in COLUMNS:
        tabs.append(
            {
                "url": wanted.address(show=column.code, level=""),
                "label": phrases.COLUMNS[column.code],
                "count": _many(counts[column.code]),
                "active": wanted.show == column.code,
            }
        )
    load_url = wanted.address(show=LOAD, level="")
    tabs.append({"url": load_url, "label": phrases.LOAD, "active": wanted.show == LOAD})
    return tabs


def _filters(wanted: Wanted, calls: Sequence[Call]) -> list[dict[str, Any]]:
    options = [{"value": c.code, "label": c.title, "selected": c.code == wanted.call} for c in calls]
    if len(calls) > 1:
        options.append({"value": "all", "label": desk_phrases.ALL, "selected": not wanted.call})
    return [{"name": "call", "label": desk_phrases.SESSION, "options": options}]


@require_GET
@only_for("registry")
def assign_form(request: HttpRequest, code: str) -> HttpResponseBase:
    """The form alone, to be put into its row."""
    wanted = Wanted.of(request.GET, sessions(seats_as(request, "registry")))
    case = _with_all(request).filter(code=code, call__in=[c.pk for c in wanted.calls]).first()
    if case is None:
        raise Http404
    found = _assigning(case, _rows(wanted), today())
    shown = {"assigning": found, "here": wanted.address(), "wanted": wanted}
    return render(request, "desk/registry/board/assign_row.html", shown)


def _mine(request: HttpRequest, codes: Iterable[str]) -> list[tuple[Case, Seat]]:
    """These cases, where I am the registry of their session; others are left out."""
    seats = seats_as(request, "registry")
    seen = visible_cases(me(request), seats).filter(code__in=list(codes)[:BULK])
    by_owner = {s.organisation_id: s for s in seats}
    cases = seen.select_related("call__owner").order_by("pk")
    return [(c, by_owner[c.call.owner_id]) for c in cases if c.call.owner_id in by_owner]


def _back(request: HttpRequest) -> HttpResponseRedirect:
    asked = request.POST.get("next", "")
    ours = asked.startswith("/desk/board/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if ours else "/desk/board/")


@require_POST
@only_for("registry")
def assign(request: HttpRequest, code: str) -> HttpResponseBase:
    """Hand one case out to a lead and co-handlers."""
    found = _mine(request, [code])
    if not found:
        raise Http404
    case, seat = found[0]
    try:
        act(
            case,
            "assign",
            by=seat,
            data={"lead": request.POST.get("lead", ""), "co": request.POST.getlist("co")},
        )
    except Refused as refused:
        return _show(request, assigning=case, refused=refused)
    messages.success(request, str(phrases.HANDED_OUT) % {"case": case})
    return _back(request)


@require_POST
@only_for("registry")
def do(request: HttpRequest) -> HttpResponseBase:
    """One of :data:`DIRECT` on every selected case, each in a transaction of its own; refusals are told one by one."""
    verb = request.POST.get("verb", "")
    if verb not in DIRECT:
        raise Http404
    codes = request.POST.getlist("case")
    done, label = 0, verb
    for case, seat in _mine(request, codes):
        found = kind_of(case.kind, case.kind_version).verb(verb)
        label = str(found.label) if found else label
        try:
            act(case, verb, by=seat)
        except Refused as refused:
            messages.error(request, str(phrases.NOT_DONE) % {"case": case, "why": refused})
        else:
            done += 1
    if done:
        messages.success(request, str(phrases.DONE_MANY) % {"verb": label, "n": done})
    elif not codes:
        messages.warning(request, str(phrases.NOTHING_CHOSEN))
    return _back(request)
