"""The one place where rights are decided (``can``), and what a person may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from qiao.core import phrases
from qiao.core.clocks import local_date, now
from qiao.core.counting import KEPT
from qiao.core.models import Case, Organisation, Party, Person, Seat, Version
from qiao.core.process import OWNER, Chain, Context, Kind, Problem, Step, Verb, Who, kind_of, kinds
from qiao.core.rulebook import rulebook


@dataclass(frozen=True)
class Answer:
    """Yes, or no with every reason why not."""

    reasons: tuple[Problem, ...] = ()
    seat: Seat | None = None

    def __bool__(self) -> bool:
        return not self.reasons

    @property
    def codes(self) -> list[str]:
        return [r.code for r in self.reasons]

    def __str__(self) -> str:
        return "".join(str(r) for r in self.reasons)


def refusal(code: str, /, **params: object) -> Problem:
    return Problem(code, phrases.REFUSALS[code], params)


def joined(items: Iterable[object]) -> str:
    return str(phrases.AND).join(str(i) for i in items)


def context(case: Case, verb: Verb, by: Seat | None, at: dt.datetime | None = None) -> Context:
    return Context(
        case=case,
        kind=kind_of(case.kind, case.kind_version),
        verb=verb,
        by=by,
        at=at or now(),
        data={},
        reason="",
        rulebook=rulebook(case.call.rulebook),
    )


def is_match(who: Who, ctx: Context, seat: Seat | None) -> bool:
    """Is ``seat`` one of those that ``who`` speaks of, in this case?"""
    if who.timer:
        return seat is None
    if seat is None:
        return False
    if who.party:
        states = {"confirmed", "invited"} if who.invited else {"confirmed"}
        return any(p.person_id == seat.person_id and p.state in states for p in ctx.parties(who.party))
    return seat.role == who.role and seat.organisation_id in ctx.organisation_ids(who.of)


# --- sign-off chains -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepState:
    """How one step of a chain stands for one version."""

    step: Step
    signed: tuple[dt.datetime, ...]  # when, in order
    missing: tuple[str, ...]
    missing_ids: tuple[int, ...]
    done: bool


def chain_state(ctx: Context, chain: Chain, version: Version | None = None) -> list[StepState]:
    """Every step of ``chain`` for the version on the table (or the one given)."""
    version = version or ctx.current(chain.paper)
    states = []
    for step in chain.steps:
        acts = [a for a in ctx.acts() if a.verb == step.verb and version and a.version_id == version.pk]
        signed_orgs = {a.by.organisation_id for a in acts if a.by}
        who = next(v for v in ctx.kind.verbs if v.code == step.verb).who[0]
        owed: list[Organisation] = ctx.organisations(who.of) if who.of else []
        if step.need == "all":
            missing = [o for o in owed if o.pk not in signed_orgs]
            done = not missing
        elif step.need == "any":
            missing = [] if acts else owed
            done = bool(acts)
        else:
            seats = {a.by_id for a in acts}
            done = len(seats) >= int(step.need)
            missing = [] if done else owed
        states.append(
            StepState(
                step,
                tuple(a.at for a in acts),
                tuple(str(o) for o in missing) or (() if done else (str(who.label),)),
                tuple(o.pk for o in missing),
                done,
            )
        )
    return states


def _chain_problems(ctx: Context, seat: Seat | None) -> list[Problem]:
    found = ctx.kind.chain_of(ctx.verb.code)
    if not found:
        return []
    chain, n = found
    version = ctx.current(chain.paper)
    if version is None:
        return [refusal("nothing_to_sign")]
    states = chain_state(ctx, chain, version)
    problems = [
        refusal("earlier_step", step=s.step.label, missing=joined(s.missing))
        for s in states[:n]
        if not s.done
    ]
    step = states[n]
    if (
        seat
        and any(
            a.verb == ctx.verb.code
            and a.version_id == version.pk
            and (
                a.by_id == seat.pk
                or (step.step.need == "all" and a.by and a.by.organisation_id == seat.organisation_id)
            )
            for a in ctx.acts()
        )
    ) or (step.done and step.step.need != "all" and step.signed):
        problems.append(refusal("already_done"))
    return problems


# --- can -------------------------------------------------------------------------------------------------------


def can(
    seat: Seat | None,
    verb_code: str,
    case: Case,
    *,
    ctx: Context | None = None,
    at: dt.datetime | None = None,
    needs: bool = True,
) -> Answer:
    """May this seat (None: the timer) do this verb on this case now? No comes with all reasons.

    ``needs=False`` leaves out what must be on file, for when what is said with the act is still to be checked.
    """
    kind = kind_of(case.kind, case.kind_version)
    verb = kind.verb(verb_code)
    if verb is None:
        return Answer((refusal("unknown_verb"),), seat)
    ctx = ctx or context(case, verb, seat, at)
    ctx.verb, ctx.by = verb, seat
    problems: list[Problem] = []
    if case.stage not in verb.source:
        stage = kind.stage(case.stage)
        if stage.end:
            problems.append(refusal("closed", stage=stage.label))
        else:
            allowed = joined(kind.stage(s).label for s in verb.source)
            problems.append(refusal("wrong_stage", stage=stage.label, allowed=allowed))
    if seat is not None:
        day = local_date(ctx.at)
        if seat.start > day or (seat.end and seat.end < day):
            problems.append(refusal("seat_expired", seat=seat, day=day.isoformat()))
    if not any(is_match(who, ctx, seat) for who in verb.who):
        if all(w.timer for w in verb.who):
            problems.append(refusal("timer_only"))
        elif seat is None:
            problems.append(refusal("no_seat"))
        else:
            problems.append(
                refusal("not_yours", who=joined(w.label for w in verb.who if not w.timer), seat=seat)
            )
    if problems:
        return Answer(tuple(problems), seat)
    if verb.once and seat and _did_this_round(ctx, seat):
        problems.append(refusal("already_done"))
    problems += _chain_problems(ctx, seat)
    if needs:
        problems += missing(ctx)
    return Answer(tuple(problems), seat)


def missing(ctx: Context) -> tuple[Problem, ...]:
    """What the verb needs and the case has not."""
    return tuple(problem for check in ctx.verb.needs for problem in check(ctx))


def _did_this_round(ctx: Context, seat: Seat) -> bool:
    for act in ctx.acts_this_round(ctx.verb.code):
        if act.by is None:
            continue
        if act.by.person_id == seat.person_id:
            return True
        if any(not w.party for w in ctx.verb.who) and act.by.organisation_id == seat.organisation_id:
            return True
    return False


@dataclass(frozen=True)
class Option:
    """One verb as a person meets it on a page: allowed for a seat, or refused with the reasons."""

    verb: Verb
    answer: Answer


def options(case: Case, seats: Iterable[Seat], *, ctx: Context | None = None) -> list[Option]:
    """What these seats may do with a case now. Refused verbs are listed only where a seat is of the right kind
    or would be at another moment, so that the page can say why not without listing everybody's business."""
    kind = kind_of(case.kind, case.kind_version)
    seats = list(seats)
    found = []
    for verb in kind.verbs:
        if all(w.timer for w in verb.who):
            continue
        ctx = ctx or context(case, verb, None)
        ctx.verb = verb
        mine = [s for s in seats if any(is_match(w, ctx, s) for w in verb.who)]
        if not mine:
            continue
        answers = [can(s, verb.code, case, ctx=ctx) for s in mine]
        best = next((a for a in answers if a), answers[0])
        if best or case.stage in verb.source:
            found.append(Option(verb, best))
    return found


# --- seeing ----------------------------------------------------------------------------------------------------


def seats_of(person: Person | None, day: dt.date | None = None) -> list[Seat]:
    """The seats that a person holds on a day (default today)."""
    if person is None:
        return []
    held = Seat.objects.filter(person=person).select_related("organisation", "person")
    return list(held.held_on(day or local_date(now())).order_by("id"))


def visible_cases(person: Person | None, seats: Iterable[Seat] | None = None) -> QuerySet[Case]:
    """The cases that a person may see: where they or their organisation take part, or that their role supervises."""
    return Case.objects.none() if person is None else Case.objects.filter(visible(person, seats))


def visible(person: Person, seats: Iterable[Seat] | None = None, *, of: str = "") -> Q:
    """The condition of :func:`visible_cases`; ``of="case__"`` puts it on rows that refer to a case, without asking
    the database for every case that may be seen."""
    seats = seats_of(person) if seats is None else list(seats)
    rule = Q()
    for part in _parts(person, seats):
        rule |= Q(**{f"{of}pk__in": part})
    for theirs in _supervised(seats, of):
        rule |= theirs
    return rule


def listed(person: Person | None, seats: Iterable[Seat] | None = None, *, of: str = "") -> Q:
    """The same as :func:`visible`, for lists in an order.

    Who sees few cases gets them by their ids, gathered from indexes. The rule itself would be asked of one case after
    the other along the order, of nearly all of them, until a page of those few is full.
    """
    if person is None:
        return Q(pk__in=[])
    seats = seats_of(person) if seats is None else list(seats)
    gathered: list[QuerySet[Any, Any]] = [*_parts(person, seats)]
    gathered += [Case.objects.filter(theirs).order_by().values("pk") for theirs in _supervised(seats)]
    ids = gathered[0].union(*gathered[1:], all=True)
    # Looked at every hour: which of the two is taken changes the time that a list takes, and nothing else.
    held = tuple(sorted((s.organisation_id, s.role) for s in seats))
    key = (person.pk, held, f"{now():%Y-%m-%d %H}")
    few = _few.get(key)
    if few is None:
        if len(_few) >= KEPT:
            _few.clear()
        few = _few[key] = ids[: FEW + 1].count() <= FEW
    return Q(**{f"{of}pk__in": ids}) if few else visible(person, seats, of=of)


def is_alone(seats: Iterable[Seat]) -> bool:
    """Whether somebody sees only the cases in which they take part themselves: they are few."""
    return all(s.role in _PERSONAL_ROLES for s in seats)


FEW = 10_000  # from here on the rule, asked along an index, is quicker than so many ids
_few: dict[Hashable, bool] = {}


def _parts(person: Person, seats: list[Seat]) -> list[QuerySet[Party, Any]]:
    """The ids of the cases in which a person takes part, and of those in which their organisations do."""
    parts = Party.objects.filter(state__in=["confirmed", "invited"]).order_by()
    organisations = {s.organisation_id for s in seats if s.role not in _PERSONAL_ROLES}
    found = [parts.filter(person=person)]
    if organisations:
        found.append(parts.filter(organisation__in=sorted(organisations)))
    return [part.values("case") for part in found]


def _supervised(seats: list[Seat], of: str = "") -> list[Q]:
    """The cases that seats at the owner of a call supervise: few conditions for all kinds, because lists ask them of
    every case."""
    found: dict[tuple[frozenset[int], tuple[str, ...]], list[str]] = {}
    for kind in kinds():
        owners = frozenset(s.organisation_id for s in seats if s.role in kind.supervisors)
        private = tuple(sorted(s.code for s in kind.stages if s.private))
        if owners:
            found.setdefault((owners, private), []).append(kind.code)
    rules = []
    for (owners, private), codes in found.items():
        rule = Q(**{f"{of}kind__in": codes, f"{of}call__owner__in": sorted(owners)})
        rules.append(rule & ~Q(**{f"{of}stage__in": private}) if private else rule)
    return rules


# Seats that speak for a person, not for the organisation: a member sees their own proposals, not all members'.
_PERSONAL_ROLES = frozenset({"member", "deputy", "expert"})


def may_see(person: Person | None, case: Case, seats: Iterable[Seat] | None = None) -> bool:
    return visible_cases(person, seats).filter(pk=case.pk).exists()


def may_read(person: Person | None, version: Version, seats: Iterable[Seat] | None = None) -> bool:
    """A version may be read by whoever sees its case, or a case with an act about it (a reply that was delivered)."""
    seen = visible_cases(person, seats)
    if version.paper.case_id and seen.filter(pk=version.paper.case_id).exists():
        return True
    return seen.filter(acts__version=version).exists()


def verbs_owed(case: Case, kind: Kind | None = None) -> list[Verb]:
    kind = kind or kind_of(case.kind, case.kind_version)
    return [v for v in kind.verbs_from(case.stage) if v.duty]


__all__ = [
    "OWNER",
    "Answer",
    "Option",
    "StepState",
    "can",
    "chain_state",
    "context",
    "listed",
    "may_read",
    "may_see",
    "options",
    "refusal",
    "seats_of",
    "verbs_owed",
    "visible",
    "visible_cases",
]
