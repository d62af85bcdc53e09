"""What everybody may read: published replies with their figures and history, and the promises made in them.

Pages and API both read through these functions. Nothing here needs a sign-in, and nothing that a publication does
not show leaves this module: letters come redacted, persons are named by their office only, acts that are not public
are a number and a hash.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Case as When_
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from qiao.core import history, search
from qiao.core import phrases as core_phrases
from qiao.core.acts import EVERYWHERE
from qiao.core.clocks import calendar, events_of, local_date, today
from qiao.core.counting import newest_act
from qiao.core.models import Act, Call, Case, DailyRoot, Indicator, Organisation, Publication
from qiao.core.models import Value as IndicatorValue
from qiao.core.process import Field, Kind, Text, kind_of
from qiao.core.rulebook import ClockValue, Rulebook, Term, rulebook
from qiao.kinds.handling import public_letter
from qiao.kinds.reply import figures, layout_of, marked_promises
from qiao.letters import Layout, Letter
from qiao.timekeeping import Calendar, ClockEvent, ClockRule, Shift, Unit, compute

INSTRUMENTS = ("proposal", "suggestion")
LISTS = ClockValue(source="")  # the thresholds of lists, as core.clocks.late_level uses them
_OPEN = ("on_time", "due_soon", "late", "very_late")
STATES = (*_OPEN, "done", "changed")
YES = _("是")
UNSAID = {"person", "case", "json"}  # kinds of fields whose values are never shown in public


# --- when something was owed and when it came --------------------------------------------------------------------


@dataclass(frozen=True)
class InTime:
    """One deadline as the public sees it: ``on`` is the day on which the thing was done, if it was."""

    due: dt.date | None
    on: dt.date | None
    level: str  # a key of core.phrases.LATE
    source: str
    confirmed: bool


def rule_of(value: ClockValue) -> ClockRule:
    """A rulebook's deadline as the rule that ``qiao.timekeeping`` computes with."""
    options: dict[str, Any] = dict(value.options)
    if "end_on_holiday" in options:
        options["end_on_holiday"] = Shift(options["end_on_holiday"])
    return ClockRule(
        amount=value.amount, unit=Unit(value.unit), source=value.source, confirmed=value.confirmed, **options
    )


def legal_deadline(
    kind: Kind, clock: str, acts: Iterable[Act], *, book: Rulebook, days: Calendar, on: dt.date
) -> InTime | None:
    """The legal deadline of one clock; None if it never started. Asks the database nothing."""
    happened = events_of(kind, clock, acts)
    if not happened:
        return None
    value = book.clock(kind.clock(clock).legal)
    make = {
        "start": ClockEvent.start,
        "pause": ClockEvent.pause,
        "resume": ClockEvent.resume,
        "restart": ClockEvent.restart,
        "stop": ClockEvent.stop,
    }
    events = [
        ClockEvent.extend_to(day, until, ref=ref)
        if event == "extend" and until
        else make[event](day, ref=ref)
        for event, day, until, ref in happened
    ]
    state = compute(rule_of(value), events, days, today=on)
    if state.stopped_on:
        level = "done_on_time" if state.stopped_in_time else "done_late"
    else:
        level = "paused" if state.due is None else level_of(state.due, on)
    return InTime(state.due, state.stopped_on, level, value.source, value.confirmed)


def level_of(due: dt.date, on: dt.date) -> str:
    """How late something open is, in the steps that lists use."""
    if on > due + dt.timedelta(days=LISTS.very_late):
        return "very_late"
    if on > due:
        return "late"
    return "due_soon" if on >= due - dt.timedelta(days=LISTS.warn) else "on_time"


# --- published replies, as a list --------------------------------------------------------------------------------


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
) -> QuerySet[Publication]:
    """Published replies, newest first. ``session`` and ``unit`` are codes; ``result`` one of the result class."""
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
        found = found.filter(pk__in=search.search(q, public_only=True).order_by().values("publication"))
    return found.order_by("-start", "-pk")


def _light(found: QuerySet[Publication]) -> QuerySet[Publication]:
    """What a list needs, without the letters themselves."""
    signed = Act.objects.filter(version=OuterRef("version"), case=OuterRef("case"), verb="sign")
    return (
        found.select_related("case__call__owner", "case__unit", "case__parent")
        .annotate(result=KeyTextTransform("result", "version__content"))
        .annotate(signed_at=Subquery(signed.order_by("-seq").values("at")[:1]))
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


# --- one published reply -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Citation:
    """A figure of the letter: what stood at its source when the letter was signed, and what stands there now."""

    id: str
    text: str
    name: str
    indicator: str
    definition: str
    display: str
    number: str
    qualifier: str
    unit: str
    start: dt.date | None
    end: dt.date | None
    source: str
    revision: int
    revised: bool = False
    now_display: str = ""
    now_revision: int = 0
    now_at: dt.datetime | None = None


@dataclass(frozen=True)
class PublicAct:
    """An act as the public sees it. Of one that is not public only ``case``, ``seq``, ``hash`` are set."""

    case: str
    seq: int
    hash: str
    public: bool
    what: Text = ""  # kind of the case
    verb: str = ""
    label: Text = ""
    at: dt.datetime | None = None
    who: str = ""
    role: Text = ""
    before: Text = ""
    after: Text = ""
    ends: bool = False
    reason: str = ""
    facts: tuple[tuple[Text, str], ...] = ()
    redacted: bool = False
    header: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None  # None: not said in public, or redacted


@dataclass(frozen=True)
class PublicPromise:
    """A commitment that was made in a published reply. ``state``: one of :data:`STATES`, or done_on_time/done_late."""

    code: str
    url: str
    id: str
    text: str
    unit: str
    unit_code: str
    measure: str
    due: dt.date | None
    first_due: dt.date | None
    state: str
    percent: int | None
    last: str
    last_at: dt.datetime | None
    carried: int
    closed: dt.date | None
    title: str
    number: str
    session: str
    session_code: str
    reply: str  # slug of the publication
    reply_url: str


@dataclass(frozen=True)
class PublicReply:
    """Everything that the page of one published reply shows."""

    publication: Publication
    card: Card
    letter: Letter
    layout: Layout
    redactions: tuple[str, ...]
    publicity_reason: str
    result_date: str
    result_reason: str
    result_after_on: dt.date | None
    result_after_reason: str
    answered: InTime | None
    published: InTime | None
    citations: tuple[Citation, ...]
    citations_gone: bool
    promises: tuple[PublicPromise, ...]
    acts: tuple[PublicAct, ...]
    siblings: tuple[Publication, ...]
    roots: tuple[DailyRoot, ...]  # of the days on which something was done

    @property
    def root(self) -> DailyRoot | None:
        """The root of the day of signature, once it is made."""
        day = local_date(self.card.signed) if self.card.signed else None
        return next((r for r in self.roots if r.day == day), None)

    @property
    def digest(self) -> str:
        """SHA-256 of the signed version, as its acts name it."""
        return str(self.publication.version.digest)

    @property
    def public_digest(self) -> str:
        """SHA-256 of the public copy as it stands in the JSON."""
        return history.digest(self.letter.to_dict())


def publication_at(slug: str) -> Publication | None:
    """What is, or last was, public at this address: the live one first, else the newest that was withdrawn."""
    found = Publication.objects.filter(slug=slug).select_related(
        "case__call__owner", "case__unit", "case__parent", "version"
    )
    return found.order_by(F("end").desc(nulls_first=True), "-pk").first()


def reply(publication: Publication) -> PublicReply:
    """Read what belongs to a live publication. The number of queries does not depend on its length."""
    case, version = publication.case, publication.version
    parent = case.parent
    chain = [case, *([parent] if parent else [])]
    acts = list(
        Act.objects.filter(case__in=chain)
        .select_related("by__organisation", "version")
        .defer("version__content", "version__text", "version__salt")
        .order_by("case", "seq")
    )
    own = [a for a in acts if a.case_id == case.pk]
    kind, book, days, on = (
        kind_of(case.kind, case.kind_version),
        rulebook(case.call.rulebook),
        calendar(),
        today(),
    )
    signed = next((a for a in reversed(own) if a.verb == "sign" and a.version_id == version.pk), None)
    upto = _until_answer(own, signed)
    answered = legal_deadline(kind, "redo" if _is_redo(upto) else "reply", upto, book=book, days=days, on=on)
    changed = next(
        (a for a in reversed(acts) if parent and a.case_id == parent.pk and a.verb == "change_result"), None
    )
    content = version.content
    letter = public_letter(publication)
    publication.result = content.get("result", "")  # type: ignore[attr-defined]
    publication.signed_at = signed.at if signed else None  # type: ignore[attr-defined]
    card = cards([publication])[0]
    made = Case.objects.filter(acts__verb="undertake", acts__version=version)
    shown_promises = promises(made.select_related("unit", "call", "parent"), texts={publication.pk: letter})
    family = Q(case=case) | (Q(case__parent=parent) if parent else Q(pk__in=[]))
    siblings = Publication.objects.filter(family).exclude(pk=publication.pk).select_related("case__unit")
    snapshot = signed.data.get("citations", {}) if signed else {}
    roots = DailyRoot.objects.filter(day__in={local_date(a.at) for a in acts}).order_by("day")
    return PublicReply(
        publication=publication,
        card=card,
        letter=letter,
        layout=layout_of(case.unit, letter),
        redactions=tuple(publication.redactions),
        publicity_reason=str(content.get("publicity_reason", "")),
        result_date=str(content.get("result_date", "")),
        result_reason=str(content.get("result_reason", "")),
        result_after_on=local_date(changed.at) if changed else None,
        result_after_reason=changed.reason if changed else "",
        answered=answered,
        published=legal_deadline(kind, "publication", own, book=book, days=days, on=on),
        citations=tuple(_citations(letter, snapshot)),
        citations_gone=bool(signed and signed.redacted),
        promises=tuple(shown_promises),
        acts=tuple(told(acts, {c.pk: c for c in chain})),
        siblings=tuple(siblings.order_by("start", "pk")),
        roots=tuple(roots),
    )


def _until_answer(own: Sequence[Act], signed: Act | None) -> list[Act]:
    """The acts up to the delivery of this signed version: a later round has a deadline of its own."""
    taken: list[Act] = []
    for act in own:
        taken.append(act)
        if signed and act.seq > signed.seq and act.verb == "deliver":
            break
    return taken


def _is_redo(acts: Sequence[Act]) -> bool:
    return any(a.verb == "redo" for a in acts)


def _citations(letter: Letter, snapshot: Mapping[str, Any]) -> Iterator[Citation]:
    """Every cited figure of the letter, in its order, each once; two queries."""
    if not snapshot:
        return
    indicators = {
        i.code: i for i in Indicator.objects.filter(code__in={c.get("indicator") for c in snapshot.values()})
    }
    current = {
        (v.indicator_id, v.start, v.end): v
        for v in IndicatorValue.objects.filter(indicator__in=indicators.values(), superseded_by__isnull=True)
    }
    seen = set()
    for figure in figures(letter):
        frozen = snapshot.get(figure.id)
        if frozen is None or figure.id in seen:
            continue
        seen.add(figure.id)
        indicator = indicators.get(frozen.get("indicator", ""))
        start, end = _day(frozen.get("start")), _day(frozen.get("end"))
        now = current.get((indicator.pk, start, end)) if indicator and start and end else None
        revision = int(frozen.get("revision", 1))
        yield Citation(
            id=figure.id,
            text=figure.text,
            name=indicator.name if indicator else str(frozen.get("indicator", "")),
            indicator=str(frozen.get("indicator", "")),
            definition=indicator.definition if indicator else "",
            display=str(frozen.get("display", "")),
            number=_plain(frozen.get("number", "")),
            qualifier=str(frozen.get("qualifier", "")),
            unit=str(frozen.get("unit", "")),
            start=start,
            end=end,
            source=str(frozen.get("source", "")),
            revision=revision,
            revised=bool(now and now.revision > revision),
            now_display=now.display if now else "",
            now_revision=now.revision if now else 0,
            now_at=now.stated_at if now else None,
        )


def _plain(number: Any) -> str:
    """A number without an exponent: 6.1E+3 is 6100."""
    try:
        return f"{Decimal(str(number)):f}"
    except InvalidOperation:
        return str(number)


def _day(text: Any) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


# --- acts --------------------------------------------------------------------------------------------------------


def told(acts: Sequence[Act], cases: Mapping[int, Case]) -> list[PublicAct]:
    """Acts as the public sees them, oldest first. One query, for the names of the units that they speak of."""
    codes = {
        str(code)
        for act in acts
        for f in _fields(cases[act.case_id], act.verb)
        if f.kind in {"organisation", "organisations"} and f.code in act.data
        for code in (act.data[f.code] if isinstance(act.data[f.code], list) else [act.data[f.code]])
    }
    names = dict(Organisation.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return [_told(act, cases[act.case_id], names) for act in sorted(acts, key=lambda a: (a.at, a.pk))]


def _fields(case: Case, verb: str) -> tuple[Field, ...]:
    found = kind_of(case.kind, case.kind_version).verb(verb)
    return found.fields if found else ()


def _told(act: Act, case: Case, names: Mapping[str, str]) -> PublicAct:
    kind = kind_of(case.kind, case.kind_version)
    verb = kind.verb(act.verb) or EVERYWHERE.get(act.verb)
    if verb is None or not verb.public:
        return PublicAct(case=case.code, seq=act.seq, hash=act.hash, public=False)
    sayable = not act.redacted and not any(f.kind in {"person", "case"} for f in verb.fields)
    book = rulebook(case.call.rulebook)
    facts = []
    for f in verb.fields:
        value = act.data.get(f.code)
        if value in (None, "", [], False) or f.kind in UNSAID or f.hidden:
            continue
        facts.append((f.label, _said(f, value, book, names)))
    moved = act.from_stage != act.to_stage
    personal = bool(act.by and act.by.role in {"member", "deputy", "contact"})
    return PublicAct(
        case=case.code,
        seq=act.seq,
        hash=act.hash,
        public=True,
        what=kind.label,
        verb=act.verb,
        label=verb.label,
        at=act.at,
        who="" if act.by is None or personal else act.by.organisation.name,
        role=core_phrases.TIMER if act.by is None else core_phrases.ROLES.get(act.by.role, act.by.role),
        before=kind.stage(act.from_stage).label if moved else "",
        after=kind.stage(act.to_stage).label if moved else "",
        ends=moved and kind.stage(act.to_stage).end,
        reason=act.reason,
        facts=tuple(facts),
        redacted=act.redacted,
        header=history.header(act, case.code),
        body={"salt": act.salt, "reason": act.reason, "data": act.data} if sayable else None,
    )


def _said(f: Field, value: Any, book: Rulebook, names: Mapping[str, str]) -> str:
    values = value if isinstance(value, list) else [value]
    if f.kind in {"organisation", "organisations"}:
        return str(core_phrases.AND).join(names.get(str(v), str(v)) for v in values)
    if f.kind in {"choice", "multi"}:
        pairs = (
            [(t.code, t.label) for t in book.terms(f.choices)]
            if isinstance(f.choices, str)
            else list(f.choices)
        )
        labels: dict[str, Any] = dict(pairs)
        return str(core_phrases.AND).join(str(labels.get(v, v)) for v in values)
    return str(YES) if value is True else str(value)


# --- promises ----------------------------------------------------------------------------------------------------


def public_promises() -> QuerySet[Case]:
    """Commitments of replies that are public now."""
    made = Act.objects.filter(verb="undertake", version__in=live().values("version"))
    return Case.objects.filter(kind="commitment", pk__in=made.values("case"))


def state_condition(on: dt.date) -> When_:
    """The state of a commitment as an expression: one of :data:`STATES`."""
    late = on - dt.timedelta(days=LISTS.very_late)
    soon = on + dt.timedelta(days=LISTS.warn)
    return When_(
        When(stage="done", then=Value("done")),
        When(stage="changed", then=Value("changed")),
        When(due_legal__lt=late, then=Value("very_late")),
        When(due_legal__lt=on, then=Value("late")),
        When(due_legal__lte=soon, then=Value("due_soon")),
        default=Value("on_time"),
        output_field=CharField(),
    )


class Promises:
    """Public commitments: open ones by due date first, then the closed ones, newest first.

    A sequence that a paginator can count and cut. Its counts are kept until the next act, and each part is read along
    an index, so that no page has to sort them all.
    """

    def __init__(
        self, *, state: str = "", unit: str = "", session: str = "", on: dt.date | None = None
    ) -> None:
        self.state, self.unit, self.session, self.on = state, unit, session, on or today()

    def _counts(self) -> Mapping[str, int]:
        counted = count_promises(session=self.session, on=self.on)
        return next((c.states for c in counted if c.unit_code == self.unit), dict.fromkeys(STATES, 0))

    def _states(self) -> frozenset[str]:
        groups = {"": STATES, "overdue": ("late", "very_late"), "open": _OPEN}
        return frozenset(groups.get(self.state, (self.state,) if self.state in STATES else STATES))

    def count(self) -> int:
        counts = self._counts()
        return sum(counts[s] for s in self._states())

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Case]:
        start, stop = part.start or 0, part.stop
        open_ = sum(n for s, n in self._counts().items() if s in self._states() & set(_OPEN))
        found: list[Case] = []
        if start < open_:
            found = list(self._rows(closed=False)[start : min(stop, open_)])
        if stop > open_ and not self._states() <= set(_OPEN):
            found += self._rows(closed=True)[max(start - open_, 0) : stop - open_]
        return found

    def _rows(self, *, closed: bool) -> QuerySet[Case]:
        rows = _promises(self.on, self.unit, self.session).filter(closed_at__isnull=not closed)
        if self._states() != frozenset(STATES):
            rows = rows.filter(state__in=self._states())
        order = ("-closed_at", "-due_legal", "-pk") if closed else ("due_legal", "pk")
        return rows.select_related("unit", "call", "parent").order_by(*order)


def _promises(on: dt.date, unit: str, session: str) -> QuerySet[Any]:
    public = Exists(live().filter(version=OuterRef("version")))
    made = Act.objects.filter(case=OuterRef("pk"), verb="undertake").filter(public)
    found: QuerySet[Any] = Case.objects.filter(Exists(made), kind="commitment").annotate(
        state=state_condition(on)
    )
    if unit:
        found = found.filter(unit__code=unit)
    return found.filter(call__code=session) if session else found


@dataclass(frozen=True)
class Count_:
    """How many promises stand how; ``unit`` empty for all of them."""

    unit: str
    unit_code: str
    states: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.states.values())


def count_promises(*, session: str = "", on: dt.date | None = None) -> list[Count_]:
    """All units together first, then each, most promises first; one query."""
    return _count_promises(newest_act(), session, on or today())


@lru_cache(maxsize=64)
def _count_promises(_newest: str, session: str, on: dt.date) -> list[Count_]:
    found: QuerySet[Any] = public_promises().annotate(state=state_condition(on))
    if session:
        found = found.filter(call__code=session)
    rows = found.values_list("unit__name", "unit__code", "state").annotate(n=Count("pk"))
    units: dict[tuple[str, str], dict[str, int]] = {}
    total = dict.fromkeys(STATES, 0)
    for name, code, state, n in rows:
        units.setdefault((name or "", code or ""), dict.fromkeys(STATES, 0))[state] += n
        total[state] += n
    each = [Count_(name, code, states) for (name, code), states in units.items()]
    return [Count_("", "", total), *sorted(each, key=lambda c: (-c.total, c.unit))]


def promises(
    cases: Iterable[Case],
    *,
    texts: Mapping[int, Letter] | None = None,
    on: dt.date | None = None,
) -> list[PublicPromise]:
    """Commitments with their course, in the order given. Three queries, however many there are.

    ``texts``: letters that are at hand already, by publication.
    """
    cases, on = list(cases), on or today()
    by_case: dict[int, list[Act]] = {c.pk: [] for c in cases}
    for act in Act.objects.filter(case__in=by_case).order_by("case", "seq"):
        by_case[act.case_id].append(act)
    versions = {a.version_id for acts in by_case.values() for a in acts if a.verb == "undertake"}
    published: dict[int, Publication] = {}
    for p in live().filter(version__in=versions).select_related("version", "case").order_by("pk"):
        published[p.version_id] = p
    words: dict[int, dict[str, str]] = {}
    for p in published.values():
        letter = (texts or {}).get(p.pk) or public_letter(p)
        words[p.version_id] = marked_promises(letter)
    made = []
    for case in cases:
        one = _promise(case, by_case[case.pk], published, words, on)
        if one is not None:
            made.append(one)
    return made


def _promise(
    case: Case,
    acts: Sequence[Act],
    published: Mapping[int, Publication],
    words: Mapping[int, Mapping[str, str]],
    on: dt.date,
) -> PublicPromise | None:
    start = next((a for a in acts if a.verb == "undertake"), None)
    p = published.get(start.version_id or 0) if start else None
    if start is None or p is None:
        return None
    key = str(start.data.get("promise", "")).rpartition(":")[2]
    moves = [d for a in acts if a.verb in {"undertake", "carry_over"} and (d := _day(a.data.get("until")))]
    due = moves[-1] if moves else case.due_legal
    said = next((a for a in reversed(acts) if a.data.get("summary") or a.verb == "explain"), None)
    percent = next(
        (a.data["percent"] for a in reversed(acts) if a.data.get("percent") not in (None, "")), None
    )
    closed = local_date(case.closed_at) if case.closed_at else None
    if closed and case.stage == "done":
        state = "done_late" if due and closed > due else "done_on_time"
    elif closed:
        state = "changed"
    else:
        state = level_of(due, on) if due else "none"
    done = 100 if closed and case.stage == "done" else None
    return PublicPromise(
        code=case.code,
        url=f"/promises/{case.code}/",
        id=key,
        text=words.get(p.version_id, {}).get(key, ""),
        unit=case.unit.name if case.unit else "",
        unit_code=case.unit.code if case.unit else "",
        measure=str(start.data.get("measure", "")),
        due=due,
        first_due=moves[0] if moves else due,
        state=state,
        percent=done or (max(0, min(100, int(float(percent)))) if percent is not None else None),
        last=str(said.data.get("summary") or said.reason) if said else "",
        last_at=said.at if said else None,
        carried=len(moves) - 1 if moves else 0,
        closed=closed,
        title=p.title,
        number=p.case.number,
        session=case.call.title,
        session_code=case.call.code,
        reply=p.slug,
        reply_url=p.get_absolute_url(),
    )


def promise_acts(case: Case) -> list[PublicAct]:
    """The public course of one commitment."""
    acts = case.acts.select_related("by__organisation", "version")
    rows = list(acts.defer("version__content", "version__text", "version__salt"))
    return told(rows, {case.pk: case})


# --- checking ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """What a verification code stands for."""

    publication: Publication
    digest: str
    public_digest: str  # empty for what was withdrawn
    signed: dt.datetime | None
    act_hash: str
    root: DailyRoot | None


def check_code(code: str) -> Checked | None:
    """The publication under a verification code, live or withdrawn; None if there is none."""
    p = (
        Publication.objects.filter(code=code.strip().lower())
        .select_related("version", "case__unit", "case__call")
        .first()
    )
    if p is None:
        return None
    act = Act.objects.filter(case=p.case, verb="sign", version=p.version).order_by("-seq").first()
    root = DailyRoot.objects.filter(day=local_date(act.at)).first() if act else None
    public = history.digest(public_letter(p).to_dict()) if p.end is None else ""
    return Checked(p, p.version.digest, public, act.at if act else None, act.hash if act else "", root)


def sessions() -> list[tuple[Call, int]]:
    """Sessions of both instruments, newest first, with how many replies of each are public."""
    rows = live().order_by().values_list("case__call").annotate(n=Count("pk"))
    counts: dict[int, int] = dict(rows)
    calls = Call.objects.filter(kind__in=INSTRUMENTS).select_related("owner").order_by("-start", "pk")
    return [(call, counts.get(call.pk, 0)) for call in calls]


# --- as data -----------------------------------------------------------------------------------------------------

FORMAT = "qiao-publication/1"


def address(path: str) -> str:
    """An address of this installation in full."""
    return f"{settings.PUBLIC_ADDRESS}{path}"


def card_data(card: Card) -> dict[str, Any]:
    """A list entry as JSON, labels in the language of the moment."""
    return {
        "slug": card.slug,
        "code": card.code,
        "url": address(card.url),
        "title": card.title,
        "number": card.number,
        "instrument": str(card.instrument),
        "session": {"code": card.session_code, "title": card.session},
        "unit": {"code": card.unit_code, "name": card.unit},
        "result": {"code": card.result_code, "label": str(card.result)},
        "result_after_tracking": str(card.result_after) or None,
        "publicity": {"code": card.publicity_code, "label": str(card.publicity)},
        "published_on": card.published.isoformat(),
        "signed_at": history.instant(card.signed) if card.signed else None,
    }


def promise_data(p: PublicPromise) -> dict[str, Any]:
    """A promise as JSON."""
    return {
        "code": p.code,
        "url": address(p.url),
        "text": p.text,
        "unit": {"code": p.unit_code, "name": p.unit},
        "measure": p.measure,
        "due": _iso(p.due),
        "first_due": _iso(p.first_due),
        "carried_over": p.carried,
        "state": p.state,
        "percent": p.percent,
        "last_report": p.last,
        "last_report_at": history.instant(p.last_at) if p.last_at else None,
        "closed_on": _iso(p.closed),
        "reply": address(p.reply_url),
        "number": p.number,
        "session": {"code": p.session_code, "title": p.session},
    }


def act_data(act: PublicAct) -> dict[str, Any]:
    """An act as an outsider verifies it (docs/history.md). Of one that is not public: its number and hash."""
    if not act.public:
        return {"seq": act.seq, "public": False, "hash": act.hash}
    return {
        "seq": act.seq,
        "public": True,
        "label": str(act.label),
        "header": dict(act.header),
        "body": dict(act.body) if act.body is not None else None,
        "redacted": act.redacted,
        "hash": act.hash,
    }


def history_data(acts: Iterable[PublicAct]) -> dict[str, list[dict[str, Any]]]:
    """Case code → its acts, in order."""
    chains: dict[str, list[dict[str, Any]]] = {}
    for act in sorted(acts, key=lambda a: (a.case, a.seq)):
        chains.setdefault(act.case, []).append(act_data(act))
    return chains


def in_time_data(found: InTime | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "due": _iso(found.due),
        "done_on": _iso(found.on),
        "state": found.level,
        "source": found.source,
        "source_confirmed": found.confirmed,
    }


def reply_data(r: PublicReply) -> dict[str, Any]:
    """Everything of a published reply as JSON."""
    p = r.publication
    return {
        "format": FORMAT,
        **card_data(r.card),
        "result_date": r.result_date or None,
        "result_reason": r.result_reason or None,
        "basis": p.basis,
        "publicity_reason": r.publicity_reason or None,
        "redactions": list(r.redactions),
        "answered": in_time_data(r.answered),
        "publication": in_time_data(r.published),
        "letter": r.letter.to_dict(),
        "citations": [
            {
                "id": c.id,
                "text": c.text,
                "indicator": c.indicator,
                "name": c.name,
                "definition": c.definition,
                "display": c.display,
                "number": c.number,
                "qualifier": c.qualifier,
                "unit": c.unit,
                "start": _iso(c.start),
                "end": _iso(c.end),
                "source": c.source,
                "revision": c.revision,
                "revised_since": {"display": c.now_display, "revision": c.now_revision}
                if c.revised
                else None,
            }
            for c in r.citations
        ],
        "promises": [promise_data(one) for one in r.promises],
        "history": history_data(r.acts),
        "digests": {"signed_version": r.digest, "public_copy": r.public_digest},
        "daily_roots": [address(f"/history/roots/{root.day.isoformat()}.json") for root in r.roots],
        "verify": address(f"/verify/?code={p.code}"),
        "others": [
            {"url": address(o.get_absolute_url()), "published_on": _iso(o.start), "withdrawn_on": _iso(o.end)}
            for o in r.siblings
        ],
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


__all__ = [
    "STATES",
    "Card",
    "Checked",
    "Citation",
    "InTime",
    "Promises",
    "PublicAct",
    "PublicPromise",
    "PublicReply",
    "Term",
    "address",
    "card_data",
    "cards",
    "check_code",
    "choices",
    "count_promises",
    "history_data",
    "legal_deadline",
    "promise_acts",
    "promise_data",
    "promises",
    "publication_at",
    "replies",
    "reply",
    "reply_data",
    "rule_of",
    "sessions",
    "told",
]
