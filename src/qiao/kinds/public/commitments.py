"""The promises of published replies: which there are, how each stands, and how many stand how."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Case as When_
from django.db.models import CharField, Count, Exists, OuterRef, QuerySet, Value, When

from qiao.core.clocks import LISTS, level_of, local_date, today
from qiao.core.counting import cut, newest_act
from qiao.core.models import Act, Case, Publication
from qiao.kinds.handling import redacted
from qiao.kinds.public.acts import PublicAct, told
from qiao.kinds.public.lists import live
from qiao.kinds.reply import marked_promises
from qiao.letters import Letter

OPEN = ("on_time", "due_soon", "late", "very_late")
STATES = (*OPEN, "done", "changed")


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
        groups = {"": STATES, "overdue": ("late", "very_late"), "open": OPEN}
        return frozenset(groups.get(self.state, (self.state,) if self.state in STATES else STATES))

    def count(self) -> int:
        counts = self._counts()
        return sum(counts[s] for s in self._states())

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Case]:
        start, stop = part.start or 0, part.stop
        open_ = sum(n for s, n in self._counts().items() if s in self._states() & set(OPEN))
        keys: list[int] = []
        if start < open_:
            keys += cut(self._keys(closed=False), start, min(stop, open_))
        if stop > open_ and not self._states() <= set(OPEN):
            keys += cut(self._keys(closed=True), max(start - open_, 0), stop - open_)
        rows = Case.objects.filter(pk__in=keys).select_related("unit", "call", "parent").in_bulk()
        return [rows[key] for key in keys]

    def _keys(self, *, closed: bool) -> QuerySet[Any]:
        """Keys alone, in the order of an index: the rows themselves are read for one page only."""
        rows = _promises(self.on, self.unit, self.session).filter(closed_at__isnull=not closed)
        if self._states() != frozenset(STATES):
            rows = rows.filter(state__in=self._states())
        return rows.order_by(*(("-moved_at",) if closed else ("due_legal", "pk"))).values_list(
            "pk", flat=True
        )


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
        letter = (texts or {}).get(p.pk) or redacted(p, Letter.from_dict(p.version.content["letter"]))
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
    moves = [
        d for a in acts if a.verb in {"undertake", "carry_over"} and (d := said_day(a.data.get("until")))
    ]
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


def said_day(text: Any) -> dt.date | None:
    """A day as an act's data holds it."""
    return dt.date.fromisoformat(text) if text else None
