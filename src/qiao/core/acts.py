"""``act()``: the one function through which every case changes (house rule 1)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.functional import Promise as Lazy

from qiao.core import history, notices, phrases, search, tasks
from qiao.core.access import Answer, can, chain_state, context, is_match, joined, missing, refusal
from qiao.core.clocks import deadlines, due_dates, now, today
from qiao.core.forms import form_class, to_json
from qiao.core.language import as_stored
from qiao.core.models import (
    Act,
    Call,
    Case,
    Organisation,
    Paper,
    Party,
    Person,
    Refusal,
    Seat,
    Version,
)
from qiao.core.process import OWNER, Chain, Context, Kind, Problem, Verb, Who, kind_of
from qiao.core.rulebook import rulebook

OPEN = "open"
# Verbs that every kind has. They are done by their own functions, never by act(): they move no stage.
OPENING = Verb(code=OPEN, label=phrases.OPEN, who=(Who(label=phrases.TIMER, timer=True),), public=True)
CLOCK_MOVED = Verb(
    code="clock_moved",
    label=phrases.CLOCK_MOVED,
    who=(Who(label=phrases.TIMER, timer=True),),
    tell=("lead", "co"),
    public=True,
)
REDACT = Verb(
    code="redact",
    label=phrases.REDACT,
    who=tuple(Who(label=phrases.ROLES[role], role=role, of=OWNER) for role in ("registry", "admin")),
    reason=True,
)
EVERYWHERE = {verb.code: verb for verb in (OPENING, CLOCK_MOVED, REDACT)}


class Refused(Exception):
    """An act that may not be done. ``answer`` says why; ``errors`` holds what is wrong with which field."""

    def __init__(self, answer: Answer, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(answer)
        self.answer = answer
        self.errors = dict(errors or {})

    def __str__(self) -> str:
        """In the language of whoever reads it."""
        return str(self.answer)


def act(
    case: Case,
    verb: str,
    *,
    by: Seat | None,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
    content: Mapping[str, Any] | None = None,
    file: tuple[str, bytes] | None = None,
    seen: str = "",
    at: dt.datetime | None = None,
    version: Version | None = None,
) -> Act:
    """Do ``verb`` on ``case``, or raise :class:`Refused` and leave everything as it was.

    ``by``: the seat that acts; None is the timer. ``content``: the new text of the verb's paper (``file``: name and
    bytes filed with it). ``seen``: digest of the version that the actor had before their eyes; a signature on any
    other version is refused. ``at``: for imports and replays only, never before the case's last act; default now.
    ``version``: for consequences only (timer), the version of another case's paper that this act is about.

    One transaction: lock, check, file the version, append the act with the previous hash, move the stage, recompute
    due dates and tasks, put notices and letters into the outbox. A refusal is logged.
    """
    try:
        with transaction.atomic():
            locked = (
                Case.objects.select_for_update(of=("self",)).select_related("call__owner").get(pk=case.pk)
            )
            done = _perform(
                locked,
                verb,
                by,
                data=dict(data or {}),
                reason=reason.strip(),
                content=content,
                file=file,
                seen=seen,
                at=at,
                version=version,
            )
    except Refused as refused:
        Refusal.objects.create(
            case=case, verb=verb[:40], person=by.person if by else None, codes=refused.answer.codes, at=now()
        )
        raise
    _copy(locked, case)
    return done


def _copy(done: Case, case: Case) -> None:
    """The caller's row says what the database says now; what was read along with it is read again when it is asked."""
    for field in Case._meta.concrete_fields:
        setattr(case, field.attname, getattr(done, field.attname))


def _perform(
    case: Case,
    verb_code: str,
    by: Seat | None,
    *,
    data: dict[str, Any],
    reason: str,
    content: Mapping[str, Any] | None,
    file: tuple[str, bytes] | None,
    seen: str,
    at: dt.datetime | None,
    version: Version | None,
) -> Act:
    kind = kind_of(case.kind, case.kind_version)
    verb = kind.verb(verb_code)
    if verb is None:
        raise Refused(Answer((refusal("unknown_verb"),), by))
    ctx = context(case, verb, by, at)
    ctx.reason = reason
    _check_time(ctx)
    answer = can(by, verb.code, case, ctx=ctx, needs=False)
    if answer:
        ctx.data = _clean(ctx, data, by)
        answer = Answer(missing(ctx), by)
    if not answer:
        raise Refused(answer)
    with as_stored():
        if verb.paper:
            if content is None:
                raise Refused(Answer((refusal("content"),), by))
            if wrong := tuple(kind.fits(ctx, verb.paper, content)) if kind.fits else ():
                raise Refused(Answer(wrong, by))
            ctx.version = file_version(ctx, verb.paper, content, file=file)
        elif verb.on:
            ctx.version = ctx.current(verb.on)
            if ctx.version is None:
                raise Refused(Answer((refusal("nothing_to_sign"),), by))
            if seen and seen != ctx.version.digest:
                raise Refused(Answer((refusal("version_changed", n=ctx.version.n),), by))
        elif by is None:
            ctx.version = version
        from_stage = case.stage
        to_stage = verb.target or from_stage
        if verb.target and (found := kind.chain_of(verb.code)) and not _completes(ctx, *found):
            to_stage = from_stage
        ctx.act = append(ctx, from_stage, to_stage)
        case.stage = to_stage
        case.moved_at = ctx.at
        if kind.stage(to_stage).end:
            case.closed_at = ctx.at
        _forget(ctx)
        for effect in verb.effects if to_stage == (verb.target or from_stage) else ():
            effect(ctx)
        settle(ctx)
        notices.tell(ctx)
    return ctx.act


def _forget(ctx: Context) -> None:
    """Drop what was read before the act and may be otherwise now. The acts themselves only grew by it; who takes part
    and what is on file changes through effects alone, besides what was just filed."""
    kept = {}
    if not ctx.verb.effects:
        kept = {
            key: found
            for key, found in ctx.cache.items()
            if key in ("parties", "papers") or key.startswith("version:")
        }
    acts = ctx.cache.get("acts")
    ctx.forget()
    ctx.cache |= kept
    if acts is not None and ctx.act is not None:
        ctx.cache["acts"] = [*acts, ctx.act]


def _completes(ctx: Context, chain: Chain, step: int) -> bool:
    """Does this signature complete its step? A sign-off verb moves the stage only then."""
    state = chain_state(ctx, chain, ctx.version)[step]
    if state.step.need == "all":
        return {*state.missing_ids} <= {ctx.by.organisation_id if ctx.by else 0}
    if state.step.need == "any":
        return True
    return len(state.signed) + 1 >= int(state.step.need)


def _check_time(ctx: Context) -> None:
    last = ctx.case.moved_at
    if ctx.at < last:
        problem = refusal("time_order", at=history.instant(ctx.at), last=history.instant(last))
        raise Refused(Answer((problem,), ctx.by))


def _clean(ctx: Context, data: dict[str, Any], by: Seat | None) -> dict[str, Any]:
    """The data as JSON, validated by the verb's own form; rows that it names stand in ``ctx.cleaned``."""
    offered = {f.code: f.initial(ctx) for f in ctx.verb.fields if f.initial and f.code not in data}
    form = form_class(ctx)({**data, **offered, "reason": ctx.reason})
    if not form.is_valid():
        errors = {name: [str(e) for e in found] for name, found in form.errors.items()}
        problems = tuple(
            refusal("reason_missing")
            if name == "reason"
            else refusal("data", field=str(form.fields[name].label), error="；".join(found))
            for name, found in errors.items()
        )
        raise Refused(Answer(problems, by), errors)
    ctx.cleaned = {k: v for k, v in form.cleaned_data.items() if k != "reason"}
    return {k: to_json(v) for k, v in ctx.cleaned.items() if v not in (None, "", [])}


def append(ctx: Context, from_stage: str, to_stage: str) -> Act:
    """Write one act at the end of the case's chain. Only this module and the opening call it."""
    last = ctx.acts()[-1:]  # read under the lock of the case
    seq, prev_hash = (last[0].seq, last[0].hash) if last else (0, history.GENESIS)
    salt = history.new_salt()
    new = Act(
        case=ctx.case,
        seq=seq + 1,
        verb=ctx.verb.code,
        at=ctx.at,
        by=ctx.by,
        from_stage=from_stage,
        to_stage=to_stage,
        version=ctx.version,
        reason=ctx.reason,
        data=ctx.data,
        salt=salt,
        body_digest=history.body_digest(salt, ctx.reason, ctx.data),
        prev_hash=prev_hash,
    )
    new.hash = history.act_hash(new, ctx.case.code)
    new.save(force_insert=True)
    return new


def file_version(
    ctx: Context, paper_kind: str, content: Mapping[str, Any], *, file: tuple[str, bytes] | None = None
) -> Version:
    """File a new immutable version of the case's paper; the same content again gives the version there is."""
    paper = ctx.paper(paper_kind)
    last = ctx.current(paper_kind)
    body = dict(content)
    text = ctx.kind.text_of(paper_kind, body) if ctx.kind.text_of else ""
    if last and not file and last.content == body and not last.redacted:
        return last
    if paper is None:
        label: str | Lazy = ctx.kind.paper_labels.get(paper_kind, paper_kind)
        paper = Paper.objects.create(case=ctx.case, kind=paper_kind, title=str(label))
        ctx.papers().append(paper)
    salt = history.new_salt()
    file_digest = hashlib.sha256(file[1]).hexdigest() if file else ""
    version = Version(
        paper=paper,
        n=last.n + 1 if last else 1,
        content=body,
        text=text,
        salt=salt,
        digest=history.version_digest(salt, body, text, file_digest),
        at=ctx.at,
        by=ctx.by,
        file_name=file[0][:200] if file else "",
        file_digest=file_digest,
    )
    if file:
        version.file.save(f"{paper.code}-{version.n}", ContentFile(file[1]), save=False)
    version.save(force_insert=True)
    ctx.cache[f"version:{paper_kind}"] = version
    return version


def settle(ctx: Context) -> None:
    """Recompute what is derived from the acts: due dates, tasks, the search entry; then save the case."""
    case = ctx.case
    found = deadlines(case, ctx.acts(), on=ctx.today)
    case.due_legal, case.due_internal = (None, None) if case.closed_at else due_dates(found)
    if case.closed_at:
        case.live_key = None
    case.save()
    tasks.derive(ctx)
    if ctx.verb.code == REDACT.code or (ctx.verb.paper and ctx.verb.paper == ctx.kind.main_paper):
        current = ctx.current(ctx.kind.main_paper)
        search.index_case(case, current.text if current else "")
    elif ctx.verb.code == OPEN:
        search.index_new_case(case)
    elif ctx.verb.target:
        search.index_case(case)


def open_case(
    kind_code: str,
    *,
    call: Call,
    title: str,
    by: Seat | None,
    parties: Iterable[tuple[str, Person | Organisation]] = (),
    data: Mapping[str, Any] | None = None,
    parent: Case | None = None,
    unit: Organisation | None = None,
    number: str = "",
    live_key: str | None = None,
    at: dt.datetime | None = None,
) -> Case:
    """Begin a case: the row, its parties and its first act, in one transaction.

    ``live_key``: set where the call allows one live case per party; the database refuses a second one.
    """
    kind: Kind = kind_of(kind_code)
    moment = at or now()
    with transaction.atomic():
        case = Case.objects.create(
            call=call,
            kind=kind.code,
            kind_version=kind.version,
            title=title,
            stage=kind.start.code,
            parent=parent,
            unit=unit,
            number=number,
            live_key=live_key,
            opened_at=moment,
            moved_at=moment,
        )
        there = Party.objects.bulk_create(
            Party(case=case, role=role, order=i, **_side(who))
            for i, (role, who) in enumerate(dict.fromkeys(parties))
        )
        ctx = Context(
            case=case,
            kind=kind,
            verb=OPENING,
            by=by,
            at=moment,
            data=dict(data or {}),
            reason="",
            rulebook=rulebook(call.rulebook),
        )
        ctx.cache |= {"acts": [], "parties": there}
        ctx.act = append(ctx, kind.start.code, kind.start.code)
        ctx.cache["acts"] = [ctx.act]
        settle(ctx)
    return case


def _side(who: Person | Organisation) -> dict[str, Any]:
    return {"person": who} if isinstance(who, Person) else {"organisation": who}


def add_party(
    case: Case,
    role: str,
    who: Person | Organisation,
    *,
    state: str = "confirmed",
    note: str = "",
    order: int = 0,
) -> Party:
    """Add a party under ``role``, or bring back one that had left or declined."""
    key = _side(who)
    party, made = Party.objects.get_or_create(
        case=case, role=role, **key, defaults={"state": state, "note": note, "order": order}
    )
    if not made:
        party.state, party.note = state, note
        party.save()
    return party


def follow_on(ctx: Context, case: Case, verb: str, **given: Any) -> Act:
    """Act on another case as a consequence, as the timer, at the same moment and in the same transaction."""
    return act(case, verb, by=None, at=max(ctx.at, Case.objects.get(pk=case.pk).moved_at), **given)


def note(
    case: Case,
    verb: Verb,
    *,
    by: Seat | None = None,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
    version: Version | None = None,
) -> Act:
    """Put one of the verbs that every kind has on a case's record, and recompute what follows from its acts."""
    with transaction.atomic():
        locked = Case.objects.select_for_update(of=("self",)).select_related("call__owner").get(pk=case.pk)
        ctx = context(locked, verb, by, max(now(), locked.moved_at))
        ctx.data, ctx.reason, ctx.version = dict(data or {}), reason, version
        ctx.act = append(ctx, locked.stage, locked.stage)
        locked.moved_at = ctx.at
        ctx.forget()
        settle(ctx)
        notices.tell(ctx)
    return ctx.act


def redact(what: Act | Version, *, by: Seat, reason: str) -> Act:
    """Drop the words of an act (reason, data) or of a version for good, and put on record who did so and why.

    The hashes stay, so the history still verifies. A version that is public is taken down. For the registry or the
    administrator of the call's owner only. An act that sets a date cannot be redacted: its due date rests on it.
    """
    case = what.case if isinstance(what, Act) else what.paper.case
    if case is None:
        raise ValueError(f"{what} belongs to no case")
    problems = []
    ctx = context(case, REDACT, by)
    if by.start > ctx.today or (by.end and by.end < ctx.today):
        problems.append(refusal("seat_expired", seat=by, day=ctx.today.isoformat()))
    if not any(is_match(who, ctx, by) for who in REDACT.who):
        problems.append(refusal("not_yours", who=joined(w.label for w in REDACT.who), seat=by))
    if not reason.strip():
        problems.append(refusal("reason_missing"))
    if isinstance(what, Act):
        verb = ctx.kind.verb(what.verb)
        if verb and any(tick.until for tick in verb.ticks):
            problems.append(refusal("holds_date"))
    if problems:
        answer = Answer(tuple(problems), by)
        Refusal.objects.create(case=case, verb=REDACT.code, person=by.person, codes=answer.codes, at=now())
        raise Refused(answer)
    with transaction.atomic():
        if isinstance(what, Act):
            history.redact_act(what)
            return note(case, REDACT, by=by, reason=reason.strip(), data={"act": what.seq})
        for publication in what.publications.filter(end__isnull=True):
            publication.end = max(today(), publication.start)
            publication.end_reason = reason.strip()[:300]
            publication.save()
            search.index_publication(publication, "")
        history.redact_version(what)
        return note(
            case, REDACT, by=by, reason=reason.strip(), data={"paper": what.paper.code, "version": what.n}
        )


def need(code: str, text: Any, /, **params: Any) -> Problem:
    """A reason why not, made by a kind's own check."""
    return Problem(code, text, params)
