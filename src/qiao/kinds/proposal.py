"""提案 and 代表建议: from draft to the closed file. The handling itself is a case of its own (``handling``).

Two instruments with one shape and separate vocabularies: result names, refusal reasons and clocks come from the
call's rulebook. The states are the union of what real systems use.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from qiao.core.access import Answer, joined
from qiao.core.acts import Refused, add_party, follow_on, need, open_case
from qiao.core.clocks import now, today
from qiao.core.models import Call, Case, Link, Organisation, Party, Person, Seat
from qiao.core.process import Clock, Context, Field, Kind, Problem, Stage, Text, Tick, Verb, Who, register
from qiao.kinds import phrases
from qiao.kinds.alike import alike_to
from qiao.kinds.answered import (
    answer_merged,
    end_children,
    feedback_in,
    main_not_closed,
    merged_ones_content,
    open_promises,
    promises_kept,
    promises_open,
    redo,
    redone,
    result_differs,
    settled,
    somebody_dissatisfied,
    to_be_redone,
)
from qiao.kinds.common import OWNER_LEADER, PROPOSERS, REGISTRY, TIMER, check

PARTS = ("background", "problem", "suggestions")


def text_of(paper: str, content: dict[str, Any]) -> str:
    """A proposal as running text."""
    parts = [content.get("title", "")]
    for part in PARTS:
        if content.get(part):
            parts += [str(phrases.PARTS[part]), content[part]]
    return "\n".join(p for p in parts if p)


# --- checks ----------------------------------------------------------------------------------------------------


def complete(ctx: Context) -> Iterable[Problem]:
    """Title and the three mandatory parts (call for proposals of the city's conference, 14th term)."""
    version = ctx.current("proposal")
    content = version.content if version else {}
    if not str(content.get("title", "")).strip():
        yield need("title_missing", phrases.TITLE_MISSING)
    for part in PARTS:
        if not str(content.get(part, "")).strip():
            yield need("part_missing", phrases.PART_MISSING, part=phrases.PARTS[part])


@check
def cosigners_decided(ctx: Context) -> Problem | None:
    waiting = [p for p in ctx.parties("cosigner") if p.state == Party.State.INVITED]
    return need("cosigners_open", phrases.COSIGNERS_OPEN, names=joined(waiting)) if waiting else None


@check
def may_cosign(ctx: Context) -> Problem | None:
    person = ctx.cleaned.get("person")
    if not isinstance(person, Person):
        return None
    if any(p.person_id == person.pk for p in ctx.parties(*PROPOSERS)):
        return need("already_party", phrases.ALREADY_PARTY, name=person.name)
    if not person.seats.held_on(ctx.today).filter(role__in=["member", "deputy"]).exists():
        return need("not_a_member", phrases.NOT_A_MEMBER, name=person.name)
    return None


def may_join(ctx: Context) -> QuerySet[Person]:
    """The members (deputies) of the session's body who do not take part yet."""
    seats = Seat.objects.filter(organisation=ctx.case.call.owner_id, role__in=["member", "deputy"])
    part = [p.person_id for p in ctx.parties(*PROPOSERS) if p.person_id]
    found = Person.objects.filter(pk__in=seats.held_on(ctx.today).values("person")).exclude(pk__in=part)
    return found.order_by("name")


def invited_ones(ctx: Context) -> QuerySet[Person]:
    """Those who have not answered their invitation."""
    waiting = [p.person_id for p in ctx.parties("cosigner") if p.state == Party.State.INVITED and p.person_id]
    return Person.objects.filter(pk__in=waiting).order_by("name")


@check
def somebody_invited(ctx: Context) -> Problem | None:
    """An invitation that is not answered, of the person named if one is."""
    waiting = [p.person_id for p in ctx.parties("cosigner") if p.state == Party.State.INVITED]
    person = ctx.cleaned.get("person")
    open_ = person.pk in waiting if isinstance(person, Person) else bool(waiting)
    return None if open_ else need("nobody_invited", phrases.NOBODY_INVITED)


@check
def may_merge(ctx: Context) -> Problem | None:
    target = ctx.cleaned.get("into")
    if not isinstance(target, Case):
        return None
    if target.pk == ctx.case.pk:
        return need("merge_self", phrases.MERGE_SELF)
    if target.kind != ctx.case.kind or target.stage not in {"admitted", "handling"}:
        stage = ctx.kind.stage(target.stage).label if target.kind == ctx.case.kind else target.stage
        return need("merge_target", phrases.MERGE_TARGET, case=target, stage=stage)
    return None


def assignment(ctx: Context) -> Iterable[Problem]:
    """Either one lead (with any co-handlers) or at least two split handlers, nobody twice."""
    if not ctx.cleaned:
        return
    lead, co, split = (
        ctx.cleaned.get("lead"),
        list(ctx.cleaned.get("co") or []),
        list(ctx.cleaned.get("split") or []),
    )
    if (lead is None) == (not split) or len(split) == 1:
        yield need("lead_needed", phrases.LEAD_NEEDED)
    for unit in co:
        if unit == lead or unit in split:
            yield need("lead_is_co", phrases.LEAD_IS_CO, unit=unit)


# --- effects ---------------------------------------------------------------------------------------------------


def take_title(ctx: Context) -> None:
    """The case carries its proposal's title."""
    title = str(ctx.version.content.get("title", "")).strip() if ctx.version else ""
    if title:
        ctx.case.title = title[:300]


def invite(ctx: Context) -> None:
    add_party(ctx.case, "cosigner", ctx.cleaned["person"], state=Party.State.INVITED, order=9)


def _own_party(ctx: Context) -> Party:
    return ctx.case.parties.get(role="cosigner", person__seats=ctx.by)


def join(ctx: Context) -> None:
    party = _own_party(ctx)
    party.state = Party.State.CONFIRMED
    party.save()


def decline(ctx: Context) -> None:
    party = _own_party(ctx)
    party.state = Party.State.DECLINED
    party.save()


def uninvite(ctx: Context) -> None:
    ctx.case.parties.filter(role="cosigner", person=ctx.cleaned["person"], state=Party.State.INVITED).update(
        state=Party.State.ENDED
    )


def next_number(ctx: Context) -> str:
    """The next number of the call's series, in the body's spelling (“065”, “C117”, “20250688”).

    Within an act the call is locked: of two proposals admitted at the same moment, each gets its own.
    """
    if connection.in_atomic_block:
        ctx.case.call = Call.objects.select_for_update().get(pk=ctx.case.call_id)
    spelling = str(ctx.case.call.settings.get("number") or ctx.rulebook.values.get("number", "{n:03d}"))
    return spelling.format(n=ctx.case.call.last_number + 1, year=ctx.today.year)


def take_number(ctx: Context) -> None:
    """Give the number; the series goes on after the highest serial that was given."""
    number = str(ctx.data.get("number") or next_number(ctx))
    call = Call.objects.select_for_update().get(pk=ctx.case.call_id)
    ctx.case.call = call
    if Case.objects.filter(call=call, kind=ctx.case.kind, number=number).exclude(pk=ctx.case.pk).exists():
        free = {"number": number, "free": next_number(ctx)}
        raise Refused(Answer((Problem("number_taken", phrases.NUMBER_TAKEN, free),), ctx.by))
    digits = "".join(c for c in number if c.isdecimal())
    call.last_number = max(call.last_number + 1, int(digits) if digits and len(digits) <= 4 else 0)
    call.save(update_fields=["last_number"])
    ctx.case.number = number


def merge(ctx: Context) -> None:
    Link.objects.get_or_create(source=ctx.case, target=ctx.cleaned["into"], relation="merged_into")
    if not ctx.case.number:
        take_number(ctx)


def hand_out(ctx: Context) -> None:
    """Open one handling case per leading unit; co-handlers go to the lead's."""
    lead, co, split = (
        ctx.cleaned.get("lead"),
        list(ctx.cleaned.get("co") or []),
        list(ctx.cleaned.get("split") or []),
    )
    parts = str(ctx.cleaned.get("parts") or "").splitlines()
    units: list[tuple[Organisation, str]] = [(lead, "")] if lead else []
    units += [(unit, parts[i].strip() if i < len(parts) else "") for i, unit in enumerate(split)]
    for party in ctx.case.parties.filter(role__in=["lead", "co"]):
        party.state = Party.State.ENDED
        party.save()
    for unit, part in units:
        add_party(ctx.case, "lead", unit, note=part, order=20)
        child = open_case(
            "handling",
            call=ctx.case.call,
            title=ctx.case.title,
            by=None,
            parties=[("lead", unit), *(("co", other) for other in co)],
            data={"part": part} if part else {},
            parent=ctx.case,
            unit=unit,
            number=ctx.case.number,
            at=ctx.at,
        )
        follow_on(ctx, child, "hand_out")
    for unit in co:
        add_party(ctx.case, "co", unit, order=30)


def urge(ctx: Context) -> None:
    ctx.case.urged = True
    ctx.case.children.filter(kind="handling", closed_at__isnull=True).update(urged=True)


# --- the process -----------------------------------------------------------------------------------------------

RATING = (
    Field(code="visit", label=_("走访情况"), kind="choice", choices="visit"),
    Field(code="attitude", label=_("办理人员态度"), kind="choice", choices="attitude"),
    Field(code="consulted", label=_("答复前听取意见方式"), kind="choice", choices="consulted"),
    Field(code="to_the_point", label=_("答复是否针对提案"), kind="choice", choices="to_the_point"),
    Field(code="leader_replied", label=_("是否由分管领导答复（集体提案填写）"), kind="flag", required=False),
    Field(code="agreement", label=_("是否同意办理结果"), kind="choice", choices="agreement"),
    Field(code="comment", label=_("意见和建议"), kind="long", required=False),
)


def build(code: str, label: Text, first: Text) -> Kind:
    proposer = Who(label=first, party="proposer")
    contact = Who(label=phrases.CONTACT_PERSON, party="contact")
    cosigner = Who(label=phrases.COSIGNER, party="cosigner")
    invited = Who(label=phrases.COSIGNER, party="cosigner", invited=True)
    authors = (proposer, contact)
    return Kind(
        code=code,
        version=1,
        label=label,
        supervisors=("registry", "leader"),
        text_of=text_of,
        party_labels={
            "proposer": first,
            "cosigner": phrases.COSIGNER,
            "contact": phrases.CONTACT_PERSON,
            "body": phrases.BODY,
            "lead": phrases.LEAD,
            "co": phrases.CO,
        },
        paper_labels={"proposal": label},
        stages=(
            Stage(code="draft", label=_("起草"), private=True),
            Stage(code="submitted", label=_("待审查")),
            Stage(code="admitted", label=_("已立案")),
            Stage(code="handling", label=_("办理中")),
            Stage(code="merged", label=_("已并案")),
            Stage(code="replied", label=_("待反馈")),
            Stage(code="tracking", label=_("跟踪办理")),
            Stage(code="closed", label=_("已办结"), end=True),
            Stage(code="refused", label=_("不立案"), end=True),
            Stage(code="converted", label=_("转社情民意"), end=True),
            Stage(code="withdrawn", label=_("已撤回"), end=True),
        ),
        clocks=(
            Clock(code="handout", label=_("交办期限"), legal="handout"),
            Clock(code="reply", label=_("答复期限"), legal="reply", internal="reply_internal"),
            Clock(code="redo", label=_("重新办理期限"), legal="redo"),
            Clock(code="feedback", label=_("反馈期限"), legal="feedback"),
        ),
        verbs=(
            Verb(
                code="save",
                label=_("保存文稿"),
                source=("draft",),
                who=(*authors, REGISTRY),
                paper="proposal",
                effects=(take_title,),
                page="proposal",
            ),
            Verb(
                code="invite",
                label=_("邀请联名"),
                source=("draft",),
                who=authors,
                fields=(Field(code="person", label=_("联名人"), kind="person", among=may_join),),
                needs=(may_cosign,),
                effects=(invite,),
                tell=("cosigner",),
                mail=True,
            ),
            Verb(
                code="uninvite",
                label=_("撤回邀请"),
                source=("draft",),
                who=authors,
                fields=(Field(code="person", label=_("联名人"), kind="person", among=invited_ones),),
                needs=(somebody_invited,),
                effects=(uninvite,),
            ),
            Verb(
                code="join",
                label=_("同意联名"),
                source=("draft",),
                who=(invited,),
                once=True,
                duty=True,
                tone="primary",
                effects=(join,),
                tell=("proposer", "contact"),
            ),
            Verb(
                code="decline",
                label=_("谢绝联名"),
                source=("draft",),
                who=(invited,),
                effects=(decline,),
                tell=("proposer", "contact"),
            ),
            Verb(
                code="submit",
                label=_("提交"),
                source=("draft",),
                target="submitted",
                who=(*authors, REGISTRY),
                on="proposal",
                needs=(complete, cosigners_decided),
                duty=True,
                tone="primary",
                tell=("owner",),
                public=True,
            ),
            Verb(
                code="withdraw",
                label=_("撤回"),
                source=("draft", "submitted"),
                target="withdrawn",
                who=authors,
                reason=True,
                tone="danger",
                tell=("owner", "cosigner"),
            ),
            Verb(
                code="send_back",
                label=_("退回修改"),
                source=("submitted",),
                target="draft",
                who=(REGISTRY,),
                reason=True,
                tell=PROPOSERS,
                mail=True,
            ),
            Verb(
                code="admit",
                label=_("立案"),
                source=("submitted",),
                target="admitted",
                who=(REGISTRY,),
                fields=(
                    Field(code="number", label=_("编号"), required=False, initial=next_number),
                    Field(code="category", label=_("分类"), required=False),
                    Field(code="key", label=_("重点提案"), kind="flag", required=False),
                ),
                needs=(complete,),
                effects=(take_number,),
                ticks=(Tick(clock="handout", event="start"),),
                duty=True,
                tone="primary",
                tell=PROPOSERS,
                public=True,
            ),
            Verb(
                code="refuse",
                label=_("不立案"),
                source=("submitted",),
                target="refused",
                who=(REGISTRY,),
                fields=(Field(code="ground", label=_("不立案情形"), kind="choice", choices="refusal"),),
                reason=True,
                tone="danger",
                tell=PROPOSERS,
                mail=True,
            ),
            Verb(
                code="convert",
                label=_("转社情民意"),
                source=("submitted",),
                target="converted",
                who=(REGISTRY,),
                reason=True,
                tell=PROPOSERS,
                mail=True,
            ),
            Verb(
                code="merge",
                label=_("并案"),
                source=("submitted", "admitted"),
                target="merged",
                who=(REGISTRY,),
                fields=(Field(code="into", label=_("并入（主提案）"), kind="case", suggest=alike_to),),
                reason=True,
                needs=(may_merge,),
                effects=(merge,),
                ticks=(Tick(clock="handout", event="stop"),),
                tell=PROPOSERS,
                mail=True,
                public=True,
            ),
            Verb(
                code="assign",
                label=_("交办"),
                source=("admitted",),
                target="handling",
                who=(REGISTRY,),
                fields=(
                    Field(code="lead", label=_("主办（独办）单位"), kind="organisation", required=False),
                    Field(code="co", label=_("会办单位"), kind="organisations", required=False),
                    Field(code="split", label=_("分办单位"), kind="organisations", required=False),
                    Field(
                        code="parts",
                        label=_("各分办单位承办的部分"),
                        kind="long",
                        required=False,
                        help=_("按分办单位顺序，每行写一个单位承办的部分。"),
                    ),
                ),
                needs=(assignment,),
                effects=(hand_out,),
                ticks=(Tick(clock="handout", event="stop"), Tick(clock="reply", event="start")),
                duty=True,
                tone="primary",
                tell=PROPOSERS,
                public=True,
            ),
            Verb(
                code="urge",
                label=_("督办"),
                source=("handling",),
                who=(REGISTRY, OWNER_LEADER),
                reason=True,
                effects=(urge,),
                tell=("lead",),
                mail=True,
            ),
            Verb(
                code="told",
                label=_("收到阶段答复"),
                source=("handling",),
                who=(TIMER,),
                tell=PROPOSERS,
                mail=True,
                public=True,
            ),
            Verb(
                code="extended",
                label=_("答复期限延长"),
                source=("handling",),
                who=(TIMER,),
                fields=(Field(code="until", label=_("延至"), kind="date"),),
                ticks=(Tick(clock="reply", event="extend", until="until"),),
                tell=PROPOSERS,
                mail=True,
                public=True,
            ),
            Verb(
                code="unassigned",
                label=_("退回交办"),
                source=("handling",),
                target="admitted",
                who=(TIMER,),
                ticks=(Tick(clock="reply", event="stop"), Tick(clock="handout", event="restart")),
                tell=("owner",),
            ),
            Verb(
                code="receive",
                label=_("收到答复"),
                source=("handling", "merged", "replied", "tracking"),
                who=(TIMER,),
                tell=PROPOSERS,
                mail=True,
                public=True,
            ),
            Verb(
                code="answered",
                label=_("全部答复"),
                source=("handling", "merged"),
                target="replied",
                who=(TIMER,),
                effects=(answer_merged,),
                ticks=(
                    Tick(clock="reply", event="stop"),
                    Tick(clock="redo", event="stop"),
                    Tick(clock="feedback", event="start"),
                ),
                tell=("owner",),
                public=True,
            ),
            Verb(
                code="rate",
                label=_("反馈意见"),
                source=("replied",),
                who=(proposer, cosigner, contact),
                fields=RATING,
                once=True,
                duty=True,
                tone="primary",
                tell=("owner", "lead"),
            ),
            Verb(
                code="redo",
                label=_("重新办理"),
                source=("replied",),
                target="handling",
                who=(REGISTRY,),
                reason=True,
                needs=(somebody_dissatisfied, main_not_closed),
                effects=(redo,),
                duty=True,
                owed=lambda ctx: bool(to_be_redone(ctx)),
                ticks=(Tick(clock="feedback", event="stop"), Tick(clock="redo", event="start")),
                tone="danger",
                tell=(*PROPOSERS, "lead"),
                public=True,
            ),
            Verb(
                code="again",
                label=_("随并案重新办理"),
                source=("replied", "tracking"),
                target="handling",
                who=(TIMER,),
                effects=(redo,),
                ticks=(Tick(clock="feedback", event="stop"), Tick(clock="redo", event="start")),
                tell=(*PROPOSERS, "owner"),
                public=True,
            ),
            Verb(
                code="track",
                label=_("转入跟踪办理"),
                source=("replied",),
                target="tracking",
                who=(REGISTRY,),
                needs=(redone, feedback_in, merged_ones_content, promises_open),
                ticks=(Tick(clock="feedback", event="stop"),),
                duty=True,
                owed=lambda ctx: settled(ctx) and bool(open_promises(ctx)),
                public=True,
            ),
            Verb(
                code="change_result",
                label=_("变更办理结果"),
                source=("tracking",),
                who=(REGISTRY,),
                fields=(Field(code="result", label=_("跟踪后的办理结果"), kind="choice", choices="result"),),
                reason=True,
                needs=(result_differs,),
                tell=PROPOSERS,
                public=True,
            ),
            Verb(
                code="close",
                label=_("办结归档"),
                source=("replied", "tracking"),
                target="closed",
                who=(REGISTRY,),
                needs=(redone, feedback_in, merged_ones_content, promises_kept),
                effects=(end_children,),
                ticks=(Tick(clock="feedback", event="stop"),),
                duty=True,
                owed=lambda ctx: settled(ctx) and not open_promises(ctx),
                tone="primary",
                tell=PROPOSERS,
                public=True,
            ),
        ),
    )


PROPOSAL = register(build("proposal", _("政协提案"), phrases.PROPOSER))
SUGGESTION = register(build("suggestion", _("代表建议"), _("领衔代表")))


def start_draft(
    call: Call, by: Any, *, body: Organisation | None = None, person: Person | None = None, at: Any = None
) -> Case:
    """Begin a proposal: of one member (``by``'s person, or ``person``), or collective with ``body`` and its contact."""
    who = person or by.person
    parties: list[tuple[str, Person | Organisation]] = (
        [("body", body), ("contact", who)] if body else [("proposer", who)]
    )
    return open_case(call.kind, call=call, title="（未命名）", by=by, parties=parties, at=at or now())


def session_calls(kind: str = "") -> list[Call]:
    """Sessions that take proposals today."""
    calls = Call.objects.filter(kind__in=[kind] if kind else ["proposal", "suggestion"], start__lte=today())
    return [c for c in calls.select_related("owner").order_by("-start") if c.end is None or c.end >= today()]
