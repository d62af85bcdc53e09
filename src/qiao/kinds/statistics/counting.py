"""Counting: the acts of the chosen sessions, read in a fixed number of queries and counted in one pass."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.fields.json import KeyTextTransform

from qiao.core.clocks import calendar, legal_deadline, today
from qiao.core.models import Act, Call, Case, Organisation, Party, Publication
from qiao.core.process import Kind, Text, kind_of
from qiao.core.rulebook import Rulebook, rulebook
from qiao.kinds.public import INSTRUMENTS, STATES, state_condition
from qiao.kinds.statistics.figures import (
    DEFINITIONS,
    LABELS,
    NO_CATEGORY,
    Body,
    CategoryRow,
    Figure,
    ResultRow,
    Statistics,
    UnitRow,
)
from qiao.timekeeping import Calendar


@dataclass
class _Handling:
    """One unit's answer to one proposal, from its acts."""

    pk: int
    parent: int | None
    unit: int | None
    stage: str
    acts: list[Act] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    published: bool = False
    answered: bool = False
    in_time: bool = False
    owed: bool = False
    extended: bool = False
    methods: set[str] = field(default_factory=set)


@dataclass
class _Proposal:
    """One proposal, from its acts and parties."""

    pk: int
    call: int
    stage: str
    admitted: bool = False
    submitted: bool = False
    merged: bool = False
    replied: bool = False
    key: bool = False
    category: str = ""
    cosigned: bool = False
    collective: bool = False
    ratings: dict[int, dict[str, Any]] = field(default_factory=dict)
    redone: int = 0
    changed: str = ""
    changed_at: dt.datetime | None = None
    first: str = ""
    now: str = ""


def year_of(call: Call) -> str:
    """The year that a session belongs to: as its settings say, else the one in which it began."""
    return str(call.settings.get("year") or call.start.year)


def sessions_of(scope: str) -> list[Call]:
    """The sessions that a scope names: a year, or the code of one session."""
    if scope.isdecimal() and len(scope) == 4:
        return sorted((c for c in _sessions() if year_of(c) == scope), key=lambda c: (c.start, c.pk))
    return [c for c in _sessions() if c.code == scope]


def scopes() -> list[tuple[str, list[Call]]]:
    """Years with sessions, newest first."""
    years: dict[str, list[Call]] = defaultdict(list)
    for call in _sessions():
        years[year_of(call)].append(call)
    return sorted(years.items(), reverse=True)


def _sessions() -> list[Call]:
    return list(Call.objects.filter(kind__in=INSTRUMENTS).select_related("owner").order_by("-start", "pk"))


def count(scope: str | Sequence[Call], *, on: dt.date | None = None) -> Statistics:
    """All figures of the sessions in ``scope`` as of ``on`` (default today). A fixed number of queries."""
    calls = sessions_of(scope) if isinstance(scope, str) else list(scope)
    name = scope if isinstance(scope, str) else ",".join(c.code for c in calls)
    on, days = on or today(), calendar()
    proposals = _proposals(calls)
    handlings = _handlings(calls)
    small = Case.objects.filter(call__in=calls, kind__in=["opinion", "commitment"])
    rows = small.annotate(state=state_condition(on)).values_list(
        "kind", "stage", "unit_id", "call_id", "state"
    )
    co, promises = [], []
    for kind_code, stage, unit_id, call_id, state in rows:
        if kind_code == "commitment":
            promises.append((call_id, state))
        elif stage not in {"returned", "cancelled"}:
            co.append((unit_id, call_id))
    names = {
        o.pk: o
        for o in Organisation.objects.filter(
            pk__in={u for u in [*(h.unit for h in handlings.values()), *(unit for unit, _call in co)] if u}
        )
    }
    groups: dict[tuple[str, int, str], list[Call]] = defaultdict(list)
    for call in calls:
        groups[call.kind, call.owner_id, call.rulebook].append(call)
    bodies = []
    for (kind, _owner, book), group in sorted(
        groups.items(), key=lambda g: (INSTRUMENTS.index(g[0][0]), g[0])
    ):
        ids = {c.pk for c in group}
        mine = [p for p in proposals.values() if p.call in ids]
        own = {p.pk for p in mine}
        taken = [h for h in handlings.values() if h.parent in own and h.stage != "returned"]
        counted = _Count(
            rulebook(book),
            mine,
            taken,
            Counter(unit for unit, call in co if call in ids),
            Counter(state for call, state in promises if call in ids),
            names,
            on,
            days,
        )
        bodies.append(counted.body(kind, group))
    return Statistics(name, on, tuple(bodies))


def _proposals(calls: Sequence[Call]) -> dict[int, _Proposal]:
    rows = Case.objects.filter(call__in=calls, kind__in=INSTRUMENTS, parent__isnull=True)
    found = {pk: _Proposal(pk, call, stage) for pk, call, stage in rows.values_list("pk", "call_id", "stage")}
    verbs = ["submit", "admit", "merge", "rate", "redo", "answered", "change_result"]
    acts = Act.objects.filter(case__in=rows.values("pk"), verb__in=verbs).order_by("case", "seq")
    for case, verb, at, data, person in acts.values_list("case_id", "verb", "at", "data", "by__person_id"):
        p = found[case]
        match verb:
            case "submit":
                p.submitted = True
            case "admit":
                p.admitted = True
                p.key, p.category = bool(data.get("key")), str(data.get("category", "")).strip()
            case "merge":
                p.merged = True
            case "rate":
                p.ratings[person] = data
            case "redo":
                p.redone += 1
            case "answered":
                p.replied = True
            case "change_result":
                p.changed, p.changed_at = str(data.get("result", "")), at
    parties = Party.objects.filter(case__in=rows.values("pk"), state=Party.State.CONFIRMED)
    for case, role in parties.filter(role__in=["cosigner", "body"]).values_list("case_id", "role"):
        found[case].cosigned |= role == "cosigner"
        found[case].collective |= role == "body"
    return found


def _handlings(calls: Sequence[Call]) -> dict[int, _Handling]:
    rows = Case.objects.filter(call__in=calls, kind="handling")
    found = {
        pk: _Handling(pk, parent, unit, stage)
        for pk, parent, unit, stage in rows.values_list("pk", "parent_id", "unit_id", "stage")
    }
    ticking = {v.code for v in kind_of("handling").verbs if v.ticks} | {"sign", "deliver", "contact"}
    acts = Act.objects.filter(case__in=rows.values("pk"), verb__in=ticking).order_by("case", "seq")
    fields = ("case", "verb", "at", "seq", "data", "to_stage", "version")
    for act in acts.only(*fields).annotate(result=KeyTextTransform("result", "version__content")):
        h = found[act.case_id]
        h.acts.append(act)
        if act.verb == "sign" and act.to_stage == "signed" and act.result:
            h.results.append(str(act.result))
    public = Publication.objects.filter(case__in=rows.values("pk"), end__isnull=True)
    for case in public.values_list("case_id", flat=True):
        found[case].published = True
    return found


def _follow(h: _Handling, kind: Kind, book: Rulebook, days: Calendar, on: dt.date) -> None:
    """When the first answer was due and when it came, and how the proposer was spoken with before it."""
    until = next((i for i, a in enumerate(h.acts) if a.verb == "deliver"), None)
    first = h.acts[: until + 1] if until is not None else h.acts
    h.answered = until is not None
    h.methods = {str(a.data.get("method", "")) for a in first if a.verb == "contact"}
    h.extended = any(a.verb == "grant_extension" for a in h.acts)
    clock = legal_deadline(kind, "reply", first, book=book, days=days, on=on)
    if clock is not None and clock.due is not None:
        h.in_time = h.answered and clock.level == "done_on_time"
        h.owed = h.answered or clock.level in {"late", "very_late"}


@dataclass
class _Count:
    """The counting itself, for one body and instrument."""

    book: Rulebook
    proposals: list[_Proposal]
    handlings: list[_Handling]
    co: Counter[int | None]
    promises: Counter[str]
    names: Mapping[int, Organisation]
    on: dt.date
    days: Calendar

    def body(self, kind: str, calls: list[Call]) -> Body:
        handling = kind_of("handling")
        by_parent: dict[int | None, list[_Handling]] = defaultdict(list)
        for h in self.handlings:
            _follow(h, handling, self.book, self.days, self.on)
            by_parent[h.parent].append(h)
        self.terms = self.book.terms("result")
        self.good = {t.code for t in self.terms if t.good}
        order = {t.code: i for i, t in enumerate(self.terms)}
        for p in self.proposals:
            self._results(p, by_parent[p.pk], order)
        self.admitted = [p for p in self.proposals if p.admitted and not p.merged]
        self.replied = [p for p in self.admitted if p.replied]
        return Body(
            instrument=kind,
            label=kind_of(kind).label,
            owner=calls[0].owner.name,
            sessions=tuple(calls),
            figures=tuple(self._figures()),
            units=tuple(self._units(by_parent)),
            categories=tuple(self._categories()),
            results=tuple(
                ResultRow(
                    t.code,
                    t.label,  # type: ignore[arg-type]
                    t.good,
                    sum(p.first == t.code for p in self.replied),
                    sum(p.now == t.code for p in self.replied),
                    len(self.replied),
                )
                for t in self.terms
            ),
        )

    def _results(self, p: _Proposal, handlings: Iterable[_Handling], order: Mapping[str, int]) -> None:
        """First result and result now: of several units the least advanced one; a tracked change counts last."""

        def least(codes: Iterable[str]) -> str:
            return max((c for c in codes if c), key=lambda c: order.get(c, -1), default="")

        signed = [h for h in handlings if h.results]
        p.first = least(h.results[0] for h in signed)
        p.now = least(h.results[-1] for h in signed)
        newest = max((a.at for h in signed for a in h.acts if a.verb == "sign"), default=None)
        if p.changed and (newest is None or (p.changed_at and p.changed_at >= newest)):
            p.now = p.changed

    def _figures(self) -> list[Figure]:
        out: list[Figure] = []

        def add(group: str, code: str, value: int, of: int | None = None) -> None:
            out.append(Figure(code, group, LABELS[code], value, of, DEFINITIONS[code]))

        def parts(group: str, code: str, how: str, pairs: Iterable[tuple[str, Text, int]], of: int) -> None:
            for term, label, n in pairs:
                out.append(Figure(f"{code}.{term}", group, label, n, of, DEFINITIONS[how], part=True))

        all_, admitted, replied = self.proposals, self.admitted, self.replied
        received = [p for p in all_ if p.submitted]
        ends = Counter(p.stage for p in received if not p.merged)
        n = len(received)
        settled = ends["refused"] + ends["converted"] + ends["withdrawn"]
        merged = sum(p.merged for p in received)
        filed = len(admitted)
        add("intake", "received", n)
        add("intake", "admitted", filed, n)
        add("intake", "merged", merged, n)
        add("intake", "refused", ends["refused"], n)
        add("intake", "converted", ends["converted"], n)
        add("intake", "withdrawn", ends["withdrawn"], n)
        add("intake", "pending", n - filed - merged - settled, n)
        add("form", "individual", sum(not p.cosigned and not p.collective for p in admitted), filed)
        add("form", "joint", sum(p.cosigned and not p.collective for p in admitted), filed)
        add("form", "collective", sum(p.collective for p in admitted), filed)
        add("form", "key", sum(p.key for p in admitted), filed)

        answered = [h for h in self.handlings if h.answered]
        add("handling", "handlings", len(self.handlings))
        add("handling", "opinions", sum(self.co.values()))
        add("handling", "answered", len(answered), len(self.handlings))
        add("handling", "on_time", sum(h.in_time for h in answered), sum(h.owed for h in self.handlings))
        add("handling", "extended", sum(h.extended for h in self.handlings), len(self.handlings))

        first = [p for p in replied if p.first in self.good]
        add("result", "replied", len(replied), filed)
        add("result", "adopted", len(first), len(replied))
        parts(
            "result",
            "result",
            "result",
            [(t.code, t.label, sum(p.first == t.code for p in replied)) for t in self.terms],  # type: ignore[misc]
            len(replied),
        )
        add("result", "adopted_after", sum(p.now in self.good for p in replied), len(replied))

        add("contact", "contacted", sum(bool(h.methods) for h in answered), len(answered))
        parts(
            "contact",
            "contacted",
            "method",
            [
                (t.code, t.label, sum(t.code in h.methods for h in answered))  # type: ignore[misc]
                for t in self.book.terms("contact_method")
            ],
            len(answered),
        )
        add("contact", "public", sum(h.published for h in answered), len(answered))

        ratings = [r for p in all_ for r in p.ratings.values()]
        add("rating", "rated", len(ratings))
        for code in ("attitude", "agreement"):
            terms = self.book.terms(code)
            best = {t.code for t in terms if t.good} or {terms[0].code}
            said = [str(r.get(code, "")) for r in ratings if r.get(code)]
            add("rating", code, sum(s in best for s in said), len(said))
            parts("rating", code, "option", [(t.code, t.label, said.count(t.code)) for t in terms], len(said))  # type: ignore[misc]

        short = [p for p in replied if p.first not in self.good]
        add("tracking", "redone", sum(p.redone for p in all_))
        add("tracking", "converted_after", sum(p.now in self.good for p in short), len(short))
        total = sum(self.promises[s] for s in STATES)
        add("tracking", "promises", total)
        add("tracking", "kept", self.promises["done"], total)
        add("tracking", "overdue", self.promises["late"] + self.promises["very_late"], total)
        return out

    def _units(self, by_parent: Mapping[int | None, list[_Handling]]) -> list[UnitRow]:
        mine: dict[int | None, list[_Handling]] = defaultdict(list)
        for h in self.handlings:
            mine[h.unit].append(h)
        rows = []
        for unit in [*mine, *(u for u in self.co if u not in mine)]:
            organisation = self.names.get(unit or 0)
            if organisation is None:
                continue
            had = mine.get(unit, [])
            split = sum(len(by_parent[h.parent]) > 1 for h in had)
            rows.append(
                UnitRow(
                    code=organisation.code,
                    name=organisation.name,
                    lead=len(had) - split,
                    split=split,
                    co=self.co[unit],
                    answered=sum(h.answered for h in had),
                    due=sum(h.owed for h in had),
                    on_time=sum(h.in_time for h in had),
                    public=sum(h.published for h in had if h.answered),
                    results=Counter(h.results[0] for h in had if h.answered and h.results),
                )
            )
        return sorted(rows, key=lambda r: (-(r.lead + r.split), -r.co, r.name))

    def _categories(self) -> list[CategoryRow]:
        mine: dict[str, list[_Proposal]] = defaultdict(list)
        for p in self.admitted:
            mine[p.category].append(p)
        return [
            CategoryRow(
                name=name or NO_CATEGORY,
                admitted=len(found),
                replied=sum(p.replied for p in found),
                good=sum(p.replied and p.first in self.good for p in found),
                results=Counter(p.first for p in found if p.replied and p.first),
            )
            for name, found in sorted(mine.items(), key=lambda m: (-len(m[1]), m[0]))
        ]
