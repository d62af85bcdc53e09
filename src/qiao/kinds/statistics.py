"""The yearly figures of both instruments, each with the sentence that says how it is counted.

One function, :func:`count`, for public pages, desks, files and API alike. It reads the acts of the chosen sessions in
a fixed number of queries and counts in one pass. The two instruments are never added together: their vocabularies
differ. Figures after proposals.md §6 (what Shanghai's bodies really publish).
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from qiao.core.clocks import calendar, legal_deadline, today
from qiao.core.forms import tidy
from qiao.core.models import Act, Call, Case, Organisation, Party, Publication
from qiao.core.process import Kind, Text, kind_of
from qiao.core.rulebook import Rulebook, rulebook
from qiao.kinds.public import INSTRUMENTS, STATES, state_condition
from qiao.timekeeping import Calendar

NO_CATEGORY = _("未分类")
GROUPS = {
    "intake": _("收到与审查"),
    "form": _("提出形式"),
    "handling": _("办理与时限"),
    "result": _("办理结果"),
    "contact": _("沟通与公开"),
    "rating": _("满意度"),
    "tracking": _("跟踪与承诺"),
}
LABELS = {
    "received": _("收到"),
    "admitted": _("立案"),
    "merged": _("并案"),
    "refused": _("不立案"),
    "converted": _("转社情民意"),
    "withdrawn": _("撤回"),
    "pending": _("待审查"),
    "key": _("重点"),
    "individual": _("个人"),
    "joint": _("联名"),
    "collective": _("集体"),
    "handlings": _("主（分）办件"),
    "opinions": _("会办件"),
    "answered": _("已办复件"),
    "on_time": _("按期办复率"),
    "extended": _("延期件"),
    "replied": _("已答复提案"),
    "adopted": _("解决采纳率"),
    "adopted_after": _("跟踪后解决采纳率"),
    "contacted": _("面商沟通率"),
    "public": _("公开率"),
    "rated": _("已反馈人次"),
    "attitude": _("态度满意率"),
    "agreement": _("结果满意率"),
    "redone": _("二次办理"),
    "converted_after": _("跟踪转化率"),
    "promises": _("承诺事项"),
    "kept": _("承诺兑现率"),
    "overdue": _("超期承诺"),
}
DEFINITIONS = {
    "received": _(
        "本届次中至少提交过一次的件数；只起草未提交的不计。等于立案、并案、不立案、转社情民意、撤回与待审查之和。"
    ),
    "admitted": _("审查后立案、且没有并入他案的件数。"),
    "merged": _("并入另一件办理的件数；提案人仍逐一得到答复。"),
    "refused": _("审查后不立案、现仍为不立案的件数。"),
    "converted": _("转为社情民意信息的件数。"),
    "withdrawn": _("提交之后由提案人撤回的件数。"),
    "pending": _("提交之后尚未审查，或退回修改尚未重新提交的件数。"),
    "key": _("立案时列为重点的件数，占立案件数。"),
    "individual": _("立案件中一人提出、没有联名人的件数。"),
    "joint": _("立案件中至少有一名联名人确认的件数。"),
    "collective": _("立案件中以党派、团体、界别等组织名义提出的件数。"),
    "handlings": _("交办给主办或分办单位、没有退回的承办件数；分办的一件提案按分办单位数计。"),
    "opinions": _("请会办单位提出意见的件数，不含已退回和已取消的。"),
    "answered": _("承办件中已送达第一次答复的件数。"),
    "on_time": _(
        "第一次答复的送达日不晚于法定期限（含经同意的延期）的承办件数，除以已答复或期限已过的承办件数。"
    ),
    "extended": _("经同意延长过答复期限的承办件数。"),
    "replied": _("立案件中全部承办单位都已答复的件数。"),
    "adopted": _(
        "已答复提案中，答复时办理结果属于解决或采纳一类的件数；有多家单位答复的，取进展最少的结果。"
    ),
    "adopted_after": _("已答复提案中，计入跟踪后的变更和再次答复之后，现办理结果属于解决或采纳一类的件数。"),
    "contacted": _("已答复的承办件中，第一次答复之前登记过沟通的件数。"),
    "public": _("已答复的承办件中，现在至少有一份答复公开的件数。"),
    "rated": _("反馈过意见的提案人、联名人、联系人人次；同一人对同一件只计最近一次。"),
    "attitude": _("对办理人员态度的反馈中选最满意一项的人次；各选项人次另列。"),
    "agreement": _("对办理结果的反馈中选最满意一项的人次；与态度分开评价，各选项人次另列。"),
    "redone": _("因不满意而重新办理的次数。"),
    "converted_after": _(
        "答复时不属于解决或采纳、现已转为解决或采纳的件数，除以答复时不属于解决或采纳的件数。"
    ),
    "promises": _("从已签发答复中提取、进入跟踪的承诺事项数。"),
    "kept": _("已报告完成的承诺事项数，除以全部承诺事项数。"),
    "overdue": _("尚未完成且已过期限的承诺事项数。"),
    "result": _("已答复提案按答复时的办理结果分；有多家单位答复的，取进展最少的结果。"),
    "method": _("已答复承办件在第一次答复之前登记过的沟通，按方式分；同一件用过几种方式的，各计一次。"),
    "option": _("按所选选项分的人次。"),
}
COLUMNS = {
    "unit": _("单位"),
    "category": _("分类"),
    "lead": _("主办"),
    "split": _("分办"),
    "co": _("会办"),
    "answered": _("已办复"),
    "due": _("应办复"),
    "on_time": _("按期"),
    "rate": _("按期办复率"),
    "public": _("公开"),
    "admitted": _("立案"),
    "replied": _("已答复"),
    "good": _("解决采纳"),
    "figure": _("指标"),
    "group": _("类别"),
    "value": _("数值"),
    "of": _("总数"),
    "percent": _("百分比"),
    "definition": _("口径"),
}


@dataclass(frozen=True)
class Figure:
    """One figure: a count, or a count of a whole. ``definition`` says how it is counted."""

    code: str
    group: str
    label: Text
    value: int
    of: int | None
    definition: Text
    part: bool = False  # one option of the figure above it

    @property
    def percent(self) -> float | None:
        """Of a hundred, to one place; None without a whole."""
        return round(self.value * 100 / self.of, 1) if self.of else None


@dataclass(frozen=True)
class UnitRow:
    """What one unit had in hand."""

    code: str
    name: str
    lead: int
    split: int
    co: int
    answered: int
    due: int  # answered, or past its deadline
    on_time: int
    public: int
    results: Mapping[str, int]

    @property
    def percent(self) -> float | None:
        return round(self.on_time * 100 / self.due, 1) if self.due else None


@dataclass(frozen=True)
class CategoryRow:
    """One topic: what was admitted under it and how that ended."""

    name: Text
    admitted: int
    replied: int
    good: int
    results: Mapping[str, int]

    @property
    def percent(self) -> float | None:
        return round(self.good * 100 / self.replied, 1) if self.replied else None


@dataclass(frozen=True)
class ResultRow:
    """One result class, when answered and now."""

    code: str
    label: Text
    good: bool
    first: int
    now: int
    of: int

    @property
    def percent(self) -> float | None:
        return round(self.first * 100 / self.of, 1) if self.of else None

    @property
    def percent_now(self) -> float | None:
        return round(self.now * 100 / self.of, 1) if self.of else None


@dataclass(frozen=True)
class Body:
    """All figures of one body's sessions under one instrument."""

    instrument: str
    label: Text
    owner: str
    sessions: tuple[Call, ...]
    figures: tuple[Figure, ...]
    units: tuple[UnitRow, ...]
    categories: tuple[CategoryRow, ...]
    results: tuple[ResultRow, ...]

    def figure(self, code: str) -> Figure:
        return next(f for f in self.figures if f.code == code)

    @property
    def groups(self) -> list[tuple[Text, list[Figure]]]:
        """The figures under their headings."""
        return [(label, [f for f in self.figures if f.group == code]) for code, label in GROUPS.items()]


@dataclass(frozen=True)
class Statistics:
    """What :func:`count` found, one entry per body and instrument."""

    scope: str
    as_of: dt.date
    bodies: tuple[Body, ...]


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


# --- as data and as a workbook -----------------------------------------------------------------------------------


def as_data(found: Statistics) -> dict[str, Any]:
    """The same as JSON, labels in the language of the moment."""
    return {
        "format": "qiao-statistics/1",
        "scope": found.scope,
        "as_of": found.as_of.isoformat(),
        "bodies": [
            {
                "instrument": b.instrument,
                "label": str(b.label),
                "owner": b.owner,
                "sessions": [{"code": c.code, "title": c.title} for c in b.sessions],
                "figures": [
                    {
                        "code": f.code,
                        "group": f.group,
                        "label": str(f.label),
                        "value": f.value,
                        "of": f.of,
                        "percent": f.percent,
                        "definition": str(f.definition),
                    }
                    for f in b.figures
                ],
                "units": [
                    {
                        "code": u.code,
                        "name": u.name,
                        "lead": u.lead,
                        "split": u.split,
                        "co": u.co,
                        "answered": u.answered,
                        "due": u.due,
                        "on_time": u.on_time,
                        "percent_on_time": u.percent,
                        "public": u.public,
                        "results": dict(u.results),
                    }
                    for u in b.units
                ],
                "categories": [
                    {
                        "name": str(c.name),
                        "admitted": c.admitted,
                        "replied": c.replied,
                        "good": c.good,
                        "percent": c.percent,
                        "results": dict(c.results),
                    }
                    for c in b.categories
                ],
                "results": [
                    {
                        "code": r.code,
                        "label": str(r.label),
                        "good": r.good,
                        "first": r.first,
                        "now": r.now,
                        "of": r.of,
                        "percent": r.percent,
                        "percent_now": r.percent_now,
                    }
                    for r in b.results
                ],
            }
            for b in found.bodies
        ],
    }


def tables(body: Body) -> list[tuple[Text, list[Text], list[list[Any]]]]:
    """A body's figures as plain tables: name, head, rows. What the workbook and other surfaces print."""
    terms = [(r.code, r.label) for r in body.results]
    labels = [label for _code, label in terms]
    head: list[Text] = [COLUMNS[c] for c in ("group", "figure", "value", "of", "percent", "definition")]
    figures = [[GROUPS[f.group], f.label, f.value, f.of, f.percent, f.definition] for f in body.figures]
    unit_head: list[Text] = [
        COLUMNS[c] for c in ("unit", "lead", "split", "co", "answered", "due", "on_time", "rate", "public")
    ]
    units = [
        [u.name, u.lead, u.split, u.co, u.answered, u.due, u.on_time, u.percent, u.public]
        + [u.results.get(code, 0) for code, _label in terms]
        for u in body.units
    ]
    category_head: list[Text] = [COLUMNS[c] for c in ("category", "admitted", "replied", "good", "percent")]
    categories = [
        [c.name, c.admitted, c.replied, c.good, c.percent]
        + [c.results.get(code, 0) for code, _label in terms]
        for c in body.categories
    ]
    return [
        (COLUMNS["figure"], head, figures),
        (COLUMNS["unit"], [*unit_head, *labels], units),
        (COLUMNS["category"], [*category_head, *labels], categories),
    ]


def workbook(found: Statistics) -> bytes:
    """The same as XLSX, one sheet per body and table. Text stays text, whatever it begins with."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, body in enumerate(found.bodies, 1):
        for name, head, rows in tables(body):
            sheet = book.create_sheet(_sheet_name(f"{number} {body.label} {name}"))
            for r, row in enumerate([head, *rows], 1):
                for c, value in enumerate(row, 1):
                    cell = sheet.cell(r, c)
                    if isinstance(value, int | float) or value is None:
                        cell.value = value
                    else:
                        cell.value = tidy(str(value))
                        cell.data_type = "s"  # never a formula
                        cell.quotePrefix = True
                    if r == 1:
                        cell.font = Font(bold=True)
                    cell.alignment = Alignment(
                        vertical="top", wrap_text=c == len(head) and r > 1 and len(head) == 6
                    )
            sheet.freeze_panes = "A2"
            for c in range(1, len(head) + 1):
                wide = max(
                    (_width(str(row[c - 1])) for row in [head, *rows] if row[c - 1] is not None), default=8
                )
                sheet.column_dimensions[get_column_letter(c)].width = min(max(wide + 2, 8), 60)
    if not found.bodies:
        book.create_sheet(found.scope[:31] or "0")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _sheet_name(text: str) -> str:
    return "".join(c for c in text if c not in "[]:*?/\\")[:31]


__all__ = [
    "DEFINITIONS",
    "LABELS",
    "Body",
    "CategoryRow",
    "Figure",
    "ResultRow",
    "Statistics",
    "UnitRow",
    "as_data",
    "count",
    "scopes",
    "sessions_of",
    "tables",
    "workbook",
    "year_of",
]
