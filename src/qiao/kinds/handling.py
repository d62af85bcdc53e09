"""办理: one unit's answer to one proposal, from hand-out to the signed, delivered and published reply.

A sole or leading unit has one such case, split handlers (分办) one each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core import search
from qiao.core.access import joined
from qiao.core.acts import follow_on, need, open_case
from qiao.core.models import Case, Organisation, Publication, Version
from qiao.core.process import Chain, Clock, Context, Field, Kind, Problem, Stage, Step, Tick, Verb, register
from qiao.kinds import phrases, reply
from qiao.kinds.common import (
    CO_LEADER,
    LEAD_HEAD,
    LEAD_LEADER,
    LEAD_OFFICE,
    LEAD_OFFICER,
    PROPOSERS,
    REGISTRY,
    TIMER,
    check,
    clock_ended,
    deadline,
    last_data,
    open_children,
)
from qiao.letters.model import Letter
from qiao.letters.redact import RedactionPolicy, redact
from qiao.letters.sheet import plain_text
from qiao.timekeeping import MonthEnd
from qiao.timekeeping.course import add_months

# --- checks ----------------------------------------------------------------------------------------------------


@check
def within_handback(ctx: Context) -> Problem | None:
    due = clock_ended(ctx, "handback")
    return need("handback_late", phrases.HANDBACK_LATE, due=due.isoformat()) if due else None


def contacted(ctx: Context) -> bool:
    """The proposer was spoken with before this answer: after the case was sent back for a second one, again."""
    acts = ctx.acts()
    since = max((i for i, a in enumerate(acts) if a.verb == "redo"), default=0)
    return any(a.verb == "contact" for a in acts[since:])


@check
def contact_on_record(ctx: Context) -> Problem | None:
    return None if contacted(ctx) else need("no_contact", phrases.NO_CONTACT)


@check
def contact_was(ctx: Context) -> Problem | None:
    """What is on record has happened."""
    on = ctx.cleaned.get("on")
    return need("contact_ahead", phrases.CONTACT_AHEAD) if on and on > ctx.today else None


def _awaited(ctx: Context) -> list[Case]:
    """Opinions that are still open; asked once for all checks."""
    if "opinions" not in ctx.cache:
        ctx.cache["opinions"] = open_children(ctx.case, "opinion")
    found: list[Case] = ctx.cache["opinions"]
    return found


@check
def opinions_in(ctx: Context) -> Problem | None:
    """Co-handlers answer the lead unit before it replies; the lead may stop waiting, with a reason on record."""
    if any(a.verb == "waive_opinions" for a in ctx.acts()):
        return None
    waiting = [c.unit for c in _awaited(ctx)]
    return need("opinions_open", phrases.OPINIONS_OPEN, units=joined(waiting)) if waiting else None


@check
def not_signed_before(ctx: Context) -> Problem | None:
    """A second reply says something new; the same text is not signed twice."""
    current = ctx.current("reply")
    if current and any(a.verb == "sign" and a.version_id == current.pk for a in ctx.acts()):
        return need("signed_already", phrases.SIGNED_ALREADY)
    return None


@check
def reply_written(ctx: Context) -> Problem | None:
    return None if ctx.current("reply") else need("no_reply", phrases.NO_REPLY)


@check
def opinions_awaited(ctx: Context) -> Problem | None:
    return None if _awaited(ctx) else need("no_opinions", phrases.NO_OPINIONS)


def fit_to_sign(ctx: Context) -> Iterable[Problem]:
    """Result, publicity, figures and promises are complete and their sources hold."""
    current = reply.reply_of(ctx)
    if current is not None:
        yield from reply.problems(current, ctx.rulebook)


def latest_extension(ctx: Context) -> dt.date | None:
    """The last day an extension may reach: the legal due date plus the rulebook's months."""
    found = deadline(ctx, "reply")
    if not found or not found.due:
        return None
    return add_months(found.due, int(ctx.rulebook.values["extension_months"]), MonthEnd.CLAMP)


def extension(ctx: Context) -> Iterable[Problem]:
    """One extension, later than the present due date, within the rulebook's limit."""
    if any(a.verb == "grant_extension" for a in ctx.acts()):
        yield need("extended_already", phrases.EXTENDED_ALREADY)
    until = ctx.cleaned.get("until")
    found, latest = deadline(ctx, "reply"), latest_extension(ctx)
    if until and found and found.due and latest:
        if until <= found.due:
            yield need("extension_past", phrases.EXTENSION_PAST, due=found.due.isoformat())
        elif until > latest:
            yield need("extension_too_long", phrases.EXTENSION_TOO_LONG, latest=latest.isoformat())


def signed_version(case: Case) -> Version | None:
    """The newest signed reply of a handling case."""
    act = (
        case.acts.filter(verb="sign", to_stage="signed")
        .order_by("-seq")
        .select_related("version__paper")
        .first()
    )
    return act.version if act else None


def _signed(ctx: Context) -> Version | None:
    """The same from the acts at hand."""
    return next(
        (a.version for a in reversed(ctx.acts()) if a.verb == "sign" and a.to_stage == "signed"), None
    )


def may_publish(ctx: Context) -> Iterable[Problem]:
    """Only what is signed, of a public class, with the proposer's consent, and not public already."""
    version = _signed(ctx)
    if version is None:
        return
    term = ctx.rulebook.term("publicity", version.content.get("publicity", ""))
    if term is None or not term.good:
        yield need("not_public", phrases.NOT_PUBLIC, publicity=term.label if term else "—")
    if ctx.case.parent and not consents(ctx.case.parent):
        yield need("no_consent", phrases.NO_CONSENT)
    if any(p.version_id == version.pk for p in ctx.publications()):
        yield need("already_public", phrases.ALREADY_PUBLIC)


def consents(proposal: Case) -> bool:
    """Did the proposer agree to publication (是否同意公开)? Unsaid counts as yes, as the form's default does."""
    texts = Version.objects.filter(paper__case=proposal, paper__kind="proposal")
    version = texts.order_by("-n").first()
    return bool(version.content.get("consent", True)) if version else True


@check
def something_public(ctx: Context) -> Problem | None:
    if ctx.publications():
        return None
    return need("nothing_public", phrases.NOTHING_PUBLIC)


def publication_owed(ctx: Context) -> bool:
    return _signed(ctx) is not None and not list(may_publish(ctx))


# --- effects ---------------------------------------------------------------------------------------------------


def ask_opinions(ctx: Context) -> None:
    for party in ctx.parties("co"):
        if party.organisation is None or ctx.case.unit is None:
            continue
        child = open_case(
            "opinion",
            call=ctx.case.call,
            title=ctx.case.title,
            by=None,
            parties=[("co", party.organisation), ("lead", ctx.case.unit)],
            parent=ctx.case,
            unit=party.organisation,
            number=ctx.case.number,
            at=ctx.at,
        )
        follow_on(ctx, child, "hand_out")


def go_back(ctx: Context) -> None:
    """The unit is out; its co-handlers are let go; the proposal waits to be handed out again."""
    for child in open_children(ctx.case, "opinion"):
        follow_on(ctx, child, "cancel")
    parent = ctx.case.parent
    if parent is None:
        return
    parent.parties.filter(role="lead", organisation=ctx.case.unit).update(state="ended")
    others = parent.children.filter(kind="handling", closed_at__isnull=True).exclude(pk=ctx.case.pk)
    if not others.exists():
        follow_on(ctx, parent, "unassigned")


def tell_holding(ctx: Context) -> None:
    if ctx.case.parent:
        follow_on(ctx, ctx.case.parent, "told", version=ctx.version)


def extend_parent(ctx: Context) -> None:
    if ctx.case.parent:
        follow_on(ctx, ctx.case.parent, "extended", data={"until": ctx.data["until"]})


def citations_now(ctx: Context) -> Any:
    current = reply.reply_of(ctx)
    return reply.snapshot(current) if current else {}


def undertake(ctx: Context) -> None:
    """Every promise marked in the signed text becomes a commitment case of the proposal; one that an earlier reply made
    in the same words is that one's."""
    current = reply.reply_of(ctx)
    parent = ctx.case.parent or ctx.case
    if current is None:
        return
    known = {
        (a.data.get("promise"), child.title)
        for child in parent.children.filter(kind="commitment").prefetch_related("acts")
        for a in child.acts.all()
    }
    persons = [("proposer", p) for role in PROPOSERS for p in _persons(parent, role)]
    for promise in current.promises:
        key = f"{ctx.case.code}:{promise.id}"
        if (key, promise.text[:300]) in known or promise.due is None:
            continue
        unit = Organisation.objects.get(code=promise.unit)
        child = open_case(
            "commitment",
            call=ctx.case.call,
            title=promise.text[:300],
            by=None,
            parties=[("lead", unit), *persons],
            parent=parent,
            unit=unit,
            at=ctx.at,
        )
        follow_on(
            ctx,
            child,
            "undertake",
            data={"promise": key, "until": promise.due, "measure": promise.measure},
            version=ctx.version,
        )


def _persons(case: Case, role: str) -> list[Any]:
    return [
        p.person
        for p in case.parties.filter(role=role, state="confirmed").select_related("person")
        if p.person
    ]


def hand_over(ctx: Context) -> None:
    """The proposer gets the reply; when every unit has answered, the proposal is answered."""
    parent = ctx.case.parent
    if parent is None:
        return
    follow_on(ctx, parent, "receive", version=signed_version(ctx.case))
    open_units = parent.children.filter(kind="handling", closed_at__isnull=True).exclude(pk=ctx.case.pk)
    parent.refresh_from_db()
    if parent.stage == "handling" and not open_units.exclude(stage="delivered").exists():
        follow_on(ctx, parent, "answered")


def public_letter(publication: Publication) -> Letter:
    """The public copy: the published version as signed, with what its redactions name taken out."""
    return redacted(publication, reply.letter_as_signed(publication.version))


def redacted(publication: Publication, letter: Letter) -> Letter:
    return redact(letter, RedactionPolicy(frozenset(publication.redactions)))


def publish(ctx: Context) -> None:
    version = signed_version(ctx.case)
    if version is None:
        return
    call = ctx.case.call
    term, session = call.settings.get("term", ""), call.settings.get("session", "")
    base = "-".join(
        str(x) for x in (call.settings.get("slug", call.code), term, session, ctx.case.number) if x
    )
    if ctx.case.parent and ctx.case.parent.children.filter(kind="handling").count() > 1:
        base += f"-{ctx.case.code[:4]}"
    n = Publication.objects.filter(slug__startswith=base, case=ctx.case).count()
    publication = Publication.objects.create(
        slug=base if n == 0 else f"{base}-{n + 1}",
        version=version,
        case=ctx.case,
        title=ctx.case.title,
        kind=version.content["publicity"],
        basis=ctx.data["basis"],
        redactions=list(ctx.rulebook.values.get("public_redactions", [])),
        start=ctx.today,
    )
    search.index_publication(publication, plain_text(public_letter(publication)))


def withdraw(ctx: Context) -> None:
    for publication in ctx.case.publications.filter(end__isnull=True):
        publication.end, publication.end_reason = ctx.today, ctx.reason[:300]
        publication.save()
        search.index_publication(publication, "")


# --- the process -----------------------------------------------------------------------------------------------

CONTACT = (
    Field(code="method", label=_("沟通方式"), kind="choice", choices="contact_method"),
    Field(code="on", label=_("沟通日期"), kind="date", initial=lambda ctx: ctx.today),
    Field(code="summary", label=_("沟通情况"), kind="long"),
)
UNTIL = Field(code="until", label=_("延至"), kind="date")
STOP_REPLY = (Tick(clock="reply", event="stop"), Tick(clock="redo", event="stop"))

HANDLING = register(
    Kind(
        code="handling",
        version=1,
        label=_("承办件"),
        supervisors=("registry", "leader"),
        text_of=reply.text_of,
        party_labels={"lead": phrases.LEAD, "co": phrases.CO},
        paper_labels={"reply": _("答复"), "holding": _("阶段答复")},
        stages=(
            Stage(code="new", label=_("待交办")),
            Stage(code="assigned", label=_("待签收")),
            Stage(code="handback", label=_("退回待审")),
            Stage(code="drafting", label=_("办理中")),
            Stage(code="extension", label=_("延期待批")),
            Stage(code="signing", label=_("会签签发中")),
            Stage(code="signed", label=_("已签发")),
            Stage(code="delivered", label=_("已答复")),
            Stage(code="closed", label=_("已办结"), end=True),
            Stage(code="returned", label=_("已退回"), end=True),
        ),
        clocks=(
            Clock(code="handback", label=_("退回期限"), legal="handback"),
            Clock(code="reply", label=_("答复期限"), legal="reply", internal="reply_internal"),
            Clock(code="redo", label=_("重新办理期限"), legal="redo"),
            Clock(code="publication", label=_("公开期限"), legal="publication"),
        ),
        chains=(
            Chain(
                paper="reply",
                steps=(
                    Step(verb="countersign", label=_("会签"), need="all"),
                    Step(verb="check", label=_("处（科）长审核")),
                    Step(verb="vet", label=_("办公室核稿")),
                    Step(verb="sign", label=_("领导签发")),
                ),
            ),
        ),
        verbs=(
            Verb(
                code="hand_out",
                label=_("交办"),
                source=("new",),
                target="assigned",
                who=(TIMER,),
                effects=(ask_opinions,),
                ticks=(Tick(clock="handback", event="start"), Tick(clock="reply", event="start")),
                tell=("lead",),
                mail=True,
                public=True,
            ),
            Verb(
                code="accept",
                label=_("签收"),
                source=("assigned",),
                target="drafting",
                who=(LEAD_OFFICER,),
                ticks=(Tick(clock="handback", event="stop"),),
                duty=True,
                link=True,
                tone="primary",
                tell=("owner",),
                public=True,
            ),
            Verb(
                code="ask_handback",
                label=_("申请退回"),
                source=("assigned",),
                target="handback",
                who=(LEAD_OFFICER,),
                fields=(Field(code="unit", label=_("建议承办单位"), kind="organisation", required=False),),
                reason=True,
                needs=(within_handback,),
                link=True,
                tell=("owner",),
            ),
            Verb(
                code="approve_handback",
                label=_("同意退回"),
                source=("handback",),
                target="returned",
                who=(REGISTRY,),
                effects=(go_back,),
                ticks=(Tick(clock="handback", event="stop"), Tick(clock="reply", event="stop")),
                duty=True,
                tell=("lead",),
            ),
            Verb(
                code="refuse_handback",
                label=_("不同意退回"),
                source=("handback",),
                target="assigned",
                who=(REGISTRY,),
                reason=True,
                tell=("lead",),
                mail=True,
            ),
            Verb(
                code="contact",
                label=_("登记沟通"),
                source=("drafting", "extension", "delivered"),
                who=(LEAD_OFFICER,),
                fields=CONTACT,
                needs=(contact_was,),
                duty=True,
                owed=lambda ctx: not contacted(ctx),
            ),
            Verb(
                code="save_reply",
                label=_("起草答复"),
                source=("drafting", "extension"),
                who=(LEAD_OFFICER,),
                paper="reply",
                duty=True,
                owed=lambda ctx: ctx.current("reply") is None,
                page="reply",
                tone="primary",
            ),
            Verb(
                code="hold",
                label=_("阶段答复"),
                source=("drafting", "extension"),
                who=(LEAD_OFFICER,),
                paper="holding",
                effects=(tell_holding,),
                page="text",
                help=_("在正式答复之前，先把进展告诉提案人。提交后立即送达，不能撤回；答复期限不变。"),
            ),
            Verb(
                code="waive_opinions",
                label=_("不再等待会办意见"),
                source=("drafting",),
                who=(LEAD_OFFICER,),
                reason=True,
                needs=(opinions_awaited,),
                tell=("owner", "co"),
            ),
            Verb(
                code="ask_extension",
                label=_("申请延期"),
                source=("drafting",),
                target="extension",
                who=(LEAD_OFFICER,),
                fields=(UNTIL,),
                reason=True,
                needs=(extension,),
                tell=("owner",),
            ),
            Verb(
                code="grant_extension",
                label=_("同意延期"),
                source=("extension",),
                target="drafting",
                who=(REGISTRY,),
                fields=(
                    Field(
                        code="until",
                        label=_("延至"),
                        kind="date",
                        initial=lambda ctx: last_data(ctx, "ask_extension", "until"),
                    ),
                ),
                needs=(extension,),
                effects=(extend_parent,),
                ticks=(Tick(clock="reply", event="extend", until="until"),),
                duty=True,
                tell=("lead",),
                public=True,
            ),
            Verb(
                code="refuse_extension",
                label=_("不同意延期"),
                source=("extension",),
                target="drafting",
                who=(REGISTRY,),
                reason=True,
                tell=("lead",),
            ),
            Verb(
                code="request_signature",
                label=_("送会签签发"),
                source=("drafting",),
                target="signing",
                who=(LEAD_OFFICER,),
                on="reply",
                needs=(reply_written, contact_on_record, opinions_in, not_signed_before, fit_to_sign),
                duty=True,
                owed=lambda ctx: ctx.current("reply") is not None,
                tone="primary",
                tell=("co", "lead"),
            ),
            Verb(
                code="countersign",
                label=_("会签"),
                source=("signing",),
                who=(CO_LEADER,),
                on="reply",
                duty=True,
                tone="primary",
                tell=("lead",),
                page="sign",
            ),
            Verb(
                code="check",
                label=_("审核通过"),
                source=("signing",),
                who=(LEAD_HEAD,),
                on="reply",
                duty=True,
                tone="primary",
                tell=("lead",),
                page="sign",
            ),
            Verb(
                code="vet",
                label=_("核稿通过"),
                source=("signing",),
                who=(LEAD_OFFICE,),
                on="reply",
                duty=True,
                tone="primary",
                tell=("lead",),
                page="sign",
            ),
            Verb(
                code="sign",
                label=_("签发"),
                source=("signing",),
                target="signed",
                who=(LEAD_LEADER,),
                on="reply",
                fields=(
                    Field(
                        code="citations",
                        label=_("引用数据"),
                        kind="json",
                        required=False,
                        initial=citations_now,
                        hidden=True,
                    ),
                ),
                needs=(fit_to_sign,),
                effects=(undertake,),
                ticks=(Tick(clock="publication", event="start"),),
                duty=True,
                tone="primary",
                tell=("lead", "co"),
                public=True,
                page="sign",
            ),
            Verb(
                code="send_back",
                label=_("退回修改"),
                source=("signing",),
                target="drafting",
                who=(CO_LEADER, LEAD_HEAD, LEAD_OFFICE, LEAD_LEADER),
                reason=True,
                tone="danger",
                tell=("lead",),
                mail=True,
            ),
            Verb(
                code="deliver",
                label=_("送达"),
                source=("signed",),
                target="delivered",
                who=(LEAD_OFFICER,),
                on="reply",
                effects=(hand_over,),
                ticks=STOP_REPLY,
                duty=True,
                tone="primary",
                public=True,
            ),
            Verb(
                code="publish",
                label=_("公开发布"),
                source=("signed", "delivered"),
                who=(LEAD_OFFICER, REGISTRY),
                fields=(
                    Field(
                        code="basis",
                        label=_("公开依据"),
                        initial=lambda ctx: ctx.rulebook.clock("publication").source,
                    ),
                ),
                needs=(may_publish,),
                effects=(publish,),
                ticks=(Tick(clock="publication", event="stop"),),
                duty=True,
                owed=publication_owed,
                public=True,
            ),
            Verb(
                code="unpublish",
                label=_("撤下公开"),
                source=("signed", "delivered"),
                who=(REGISTRY,),
                reason=True,
                needs=(something_public,),
                effects=(withdraw,),
                tone="danger",
                public=True,
            ),
            Verb(
                code="redo",
                label=_("重新办理"),
                source=("delivered",),
                target="drafting",
                who=(TIMER,),
                ticks=(Tick(clock="redo", event="start"),),
                tell=("lead",),
                mail=True,
                public=True,
            ),
            Verb(
                code="reply_again",
                label=_("再次答复"),
                source=("delivered",),
                target="drafting",
                who=(REGISTRY, LEAD_OFFICER),
                reason=True,
                tell=("lead", "owner"),
                public=True,
                help=_("跟踪办理有了新的结果，向提案人再次答复。"),
            ),
            Verb(
                code="close",
                label=_("办结"),
                source=("delivered",),
                target="closed",
                who=(TIMER,),
                public=True,
            ),
        ),
    )
)
