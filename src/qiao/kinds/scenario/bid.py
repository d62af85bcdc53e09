"""揭榜: a consortium's intent, its sealed plan, the check of its form, and whether it won.

Until the close nobody but the consortium sees the plan: the stages are private, and the act that seals it carries the
plan's digest, so that nobody can change it afterwards either. Lead and up to four partners: 工信厅科函〔2023〕235号.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qiao.core.access import Answer
from qiao.core.acts import Refused, act, add_party, follow_on, need, open_case
from qiao.core.models import Case, Organisation, Party, Seat
from qiao.core.process import OWNER, Check, Clock, Context, Field, Kind, Problem, Stage, Tick, Verb, register
from qiao.kinds import phrases
from qiao.kinds.common import TIMER, check
from qiao.kinds.lacking import a_debt, day_ahead, open_debts
from qiao.kinds.scenario.people import EDITOR, LEAD, PARTNER, SUPERVISORS, holders, is_written, parent, value
from qiao.kinds.scenario.sheets import PLAN
from qiao.kinds.sheets import PUBLIC, fits

DOCUMENTS = {
    "agreement": _("联合体协议"),
    "proof": _("资质与案例证明"),
    "safety": _("安全与合规材料"),
}
BEFORE_CLOSE = ("intent", "preparing", "sealed")
AFTER_CHECK = ("reviewing", "won")


STOP = tuple(Tick(clock=code, event="stop") for code in ("check", "correction", "lacking"))


def _challenge(ctx: Context) -> Case:
    return parent(ctx.case)


@check
def still_open(ctx: Context) -> Problem | None:
    """Until the end of the last day."""
    challenge = _challenge(ctx)
    if challenge.stage == "open" and (challenge.due_legal is None or ctx.today <= challenge.due_legal):
        return None
    return need("bidding_closed", phrases.BIDDING_CLOSED)


@check
def not_the_owner(ctx: Context) -> Problem | None:
    """Whoever asks does not answer: the owner of a scenario neither leads nor joins a bid on it."""
    mine = set(ctx.organisation_ids("lead"))
    return need("holder_bids", phrases.HOLDER_BIDS) if mine & holders(_challenge(ctx)) else None


def elsewhere(ctx: Context, units: Iterable[int]) -> Problem | None:
    """A unit leads, or has joined, one live bid on a challenge and no other."""
    taken = Party.objects.filter(
        case__parent=ctx.case.parent_id, case__kind="bid", case__closed_at__isnull=True,
        organisation__in=list(units), role__in=["lead", "partner"], state=Party.State.CONFIRMED,
    ).exclude(case=ctx.case.pk)  # fmt: skip
    found = taken.select_related("organisation").first()
    return need("in_another_bid", phrases.IN_ANOTHER_BID, unit=found.organisation) if found else None


@check
def lead_free(ctx: Context) -> Problem | None:
    return elsewhere(ctx, ctx.organisation_ids("lead"))


@check
def partner_free(ctx: Context) -> Problem | None:
    """Asked of whoever joins, not of the lead who invites: what others prepare is not for a lead to learn."""
    return elsewhere(ctx, [ctx.by.organisation_id] if ctx.by else [])


def still_free(ctx: Context) -> None:
    """Two bids may take in a unit at the same moment: the challenge is locked, and asked again."""
    Case.objects.select_for_update().get(pk=_challenge(ctx).pk)
    mine = [ctx.by.organisation_id] if ctx.by else []
    if problem := elsewhere(ctx, mine):
        raise Refused(Answer((problem,), ctx.by))


@check
def partners_answered(ctx: Context) -> Problem | None:
    waiting = [str(p.organisation) for p in ctx.parties("partner") if p.state == "invited"]
    return need("partners_open", phrases.PARTNERS_OPEN, units="、".join(waiting)) if waiting else None


@check
def may_be_partner(ctx: Context) -> Problem | None:
    unit = ctx.cleaned.get("unit")
    if not isinstance(unit, Organisation):
        return None
    most = int(value(ctx.rulebook, "consortium_partners"))
    if unit.pk in holders(_challenge(ctx)):
        return need("holder_bids", phrases.HOLDER_BIDS)
    if unit in [*ctx.organisations("lead"), *ctx.organisations("partner")]:
        return need("partner_there", phrases.PARTNER_THERE, unit=unit)
    if len(ctx.organisations("partner")) >= most:
        return need("partners_many", phrases.PARTNERS_MANY, most=most)
    return None


def squeezed(text: str) -> str:
    """Without spaces, in one width and case: a name is found however it is spaced."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@check
def nameless(ctx: Context) -> Problem | None:
    """What the experts read names none of the consortium (blind scoring)."""
    version = ctx.current("plan")
    if version is None:
        return None
    names = {
        name
        for unit in [*ctx.organisations("lead"), *ctx.organisations("partner")]
        for name in (unit.name, unit.short_name)
        if len(name) > 1
    }
    for entry in PLAN:
        text = squeezed(str(version.content.get(entry.code, ""))) if entry.seen == PUBLIC else ""
        found = next((name for name in names if squeezed(name) in text), None)
        if found:
            return need("plan_names", phrases.PLAN_NAMES, field=entry.label, name=found)
    return None


@check
def agreement_there(ctx: Context) -> Problem | None:
    if ctx.organisations("partner") and ctx.current("agreement") is None:
        return need("no_agreement", phrases.NO_AGREEMENT)
    return None


def missing_documents(ctx: Context, *, key: bool) -> list[str]:
    """Documents that are not there: the key ones, or those that may come later (容缺)."""
    later = set(value(ctx.rulebook, "lacking_documents"))
    wanted = [c for c in DOCUMENTS if c != "agreement" or ctx.organisations("partner")]
    return [str(DOCUMENTS[c]) for c in wanted if (c not in later) == key and ctx.current(c) is None]


@check
def key_documents(ctx: Context) -> Problem | None:
    missing = missing_documents(ctx, key=True)
    return need("key_missing", phrases.KEY_MISSING, what="、".join(missing)) if missing else None


@check
def all_documents(ctx: Context) -> Problem | None:
    missing = [*missing_documents(ctx, key=True), *missing_documents(ctx, key=False)]
    return need("documents_missing", phrases.DOCUMENTS_MISSING, what="、".join(missing)) if missing else None


@check
def something_lacks(ctx: Context) -> Problem | None:
    return None if missing_documents(ctx, key=False) else need("nothing_lacks", phrases.NOTHING_LACKS)


@check
def not_corrected_yet(ctx: Context) -> Problem | None:
    """All that is wrong is said at once."""
    asked = any(a.verb == "ask_correction" for a in ctx.acts())
    return need("corrected_once", phrases.CORRECTED_ONCE) if asked else None


def lacks(code: str) -> Check:
    """A need: a bid that passed its check takes only what it was let lack."""

    @check
    def lacking(ctx: Context) -> Problem | None:
        if ctx.case.stage not in AFTER_CHECK:
            return None
        passed = next((a.at for a in reversed(ctx.acts()) if a.verb == "accept_incomplete"), None)
        paper = ctx.paper(code)
        there = paper is not None and passed is not None and paper.versions.filter(at__lte=passed).exists()
        if open_debts(ctx) and not there:
            return None
        return need("not_lacking", phrases.NOT_LACKING, what=DOCUMENTS[code])

    return lacking


def owes(code: str) -> Callable[[Context], bool]:
    def owed(ctx: Context) -> bool:
        return bool(open_debts(ctx)) and ctx.current(code) is None

    return owed


def invite_partner(ctx: Context) -> None:
    add_party(ctx.case, "partner", ctx.cleaned["unit"], state="invited")


def _answer(ctx: Context, state: str) -> None:
    for party in ctx.parties("partner"):
        if ctx.by and party.organisation_id == ctx.by.organisation_id:
            party.state = state
            party.save(update_fields=["state"])


def partner_in(ctx: Context) -> None:
    _answer(ctx, Party.State.CONFIRMED)


def partner_out(ctx: Context) -> None:
    _answer(ctx, Party.State.DECLINED)


@check
def is_invited(ctx: Context) -> Problem | None:
    mine = [p for p in ctx.parties("partner") if ctx.by and p.organisation_id == ctx.by.organisation_id]
    return None if any(p.state == "invited" for p in mine) else need("not_invited", phrases.NOT_INVITED)


def take_plan_number(ctx: Context) -> None:
    """The plan has its number, and the owner of the scenario sees it from now on."""
    ctx.case.number = str(ctx.data.get("plan", ""))
    for party in Party.objects.filter(case=_challenge(ctx), role="holder").select_related("organisation"):
        if party.organisation is not None:
            add_party(ctx.case, "holder", party.organisation)


def answer_invitation(ctx: Context) -> None:
    """The invitation that brought the firm here is answered."""
    units = ctx.organisation_ids("lead")
    for case in Case.objects.filter(
        parent=ctx.case.parent_id, kind="invitation", closed_at__isnull=True, parties__organisation__in=units
    ):
        follow_on(ctx, case, "accepted")


def _document(code: str) -> Verb:
    return Verb(
        code=f"file_{code}",
        label=DOCUMENTS[code],
        source=("preparing", "correcting", *AFTER_CHECK),
        who=(LEAD,),
        paper=code,
        page="file",
        needs=(lacks(code),),
        duty=True,
        owed=owes(code),
    )


register(
    Kind(
        code="bid",
        version=1,
        label=_("揭榜申请"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        fits=fits,
        party_labels={"lead": _("牵头单位"), "partner": _("联合单位"), "holder": _("场景主体")},
        paper_labels={"plan": _("揭榜方案"), **DOCUMENTS},
        stages=(
            Stage(code="intent", label=_("意向")),
            Stage(code="preparing", label=_("编制方案"), private=True),
            Stage(code="sealed", label=_("已提交（密封）"), private=True),
            Stage(code="checking", label=_("形式审查")),
            Stage(code="correcting", label=_("待补正")),
            Stage(code="reviewing", label=_("已入围")),
            Stage(code="won", label=_("中榜"), end=True),
            Stage(code="lost", label=_("未中榜"), end=True),
            Stage(code="rejected", label=_("形式审查不合格"), end=True),
            Stage(code="withdrawn", label=_("已撤回"), end=True, private=True),
            Stage(code="quit", label=_("已退出"), end=True),
            Stage(code="lapsed", label=_("未提交"), end=True, private=True),
        ),
        clocks=(
            Clock(code="check", label=_("形式审查期限"), legal="bid_check"),
            Clock(code="correction", label=_("补正期限"), legal="correction"),
            Clock(code="lacking", label=_("容缺补齐期限"), fixed="until"),
        ),
        verbs=(
            Verb(
                code="begin",
                label=_("表达揭榜意向"),
                source=("intent",),
                who=(LEAD,),
                fields=(
                    Field(code="message", label=_("为什么能做"), kind="long"),
                    Field(code="contact", label=_("联系人和联系方式")),
                ),
                needs=(still_open, not_the_owner, lead_free),
                effects=(still_free, answer_invitation),
                once=True,
                tell=(OWNER,),
            ),
            Verb(
                code="invite_partner",
                label=_("邀请联合单位"),
                source=("intent", "preparing"),
                who=(LEAD,),
                fields=(Field(code="unit", label=_("单位"), kind="organisation"),),
                needs=(still_open, may_be_partner),
                effects=(invite_partner,),
                tell=("partner",),
                mail=True,
            ),
            Verb(
                code="join",
                label=_("同意加入联合体"),
                source=("intent", "preparing"),
                who=(PARTNER,),
                needs=(is_invited, partner_free),
                effects=(still_free, partner_in),
                duty=True,
                owed=lambda ctx: any(p.state == "invited" for p in ctx.parties("partner")),
                once=True,
                tone="primary",
                tell=("lead",),
                link=True,
            ),
            Verb(
                code="not_join",
                label=_("不加入"),
                source=("intent", "preparing"),
                who=(PARTNER,),
                effects=(partner_out,),
                reason=True,
                tell=("lead",),
            ),
            Verb(
                code="write",
                label=_("编制揭榜方案"),
                source=("intent", "preparing"),
                target="preparing",
                who=(LEAD,),
                paper="plan",
                page="sheet",
                needs=(still_open,),
                duty=True,
                owed=lambda ctx: ctx.current("plan") is None,
            ),
            *(_document(code) for code in DOCUMENTS),
            Verb(
                code="seal",
                label=_("密封提交"),
                source=("preparing",),
                target="sealed",
                who=(LEAD,),
                on="plan",
                needs=(is_written("plan"), still_open, partners_answered, agreement_there, nameless),
                duty=True,
                owed=lambda ctx: ctx.current("plan") is not None,
                tone="primary",
                tell=("lead", "partner"),
                help=_("截止前任何人（包括主管部门）都看不到方案，可以撤回修改；截止后统一开封。"),
            ),
            Verb(
                code="take_back",
                label=_("撤回修改"),
                source=("sealed",),
                target="preparing",
                who=(LEAD,),
                needs=(still_open,),
            ),
            Verb(
                code="unseal",
                label=_("开封"),
                source=("sealed",),
                target="checking",
                who=(TIMER,),
                on="plan",
                fields=(Field(code="plan", label=_("方案编号")),),
                effects=(take_plan_number,),
                ticks=(Tick(clock="check", event="start"),),
                tell=("lead",),
            ),
            Verb(
                code="lapse",
                label=_("未在截止前提交"),
                source=BEFORE_CLOSE,
                target="lapsed",
                who=(TIMER,),
                tell=("lead", "partner"),
            ),
            Verb(
                code="ask_correction",
                label=_("要求补正"),
                source=("checking",),
                target="correcting",
                who=(EDITOR,),
                fields=(Field(code="missing", label=_("需要补正的全部内容"), kind="long"),),
                needs=(not_corrected_yet,),
                ticks=(Tick(clock="check", event="pause"), Tick(clock="correction", event="start")),
                tell=("lead",),
                mail=True,
                help=_("应一次告知全部内容；技术方案不在补正之列。"),
            ),
            Verb(
                code="correct",
                label=_("提交补正"),
                source=("correcting",),
                target="checking",
                who=(LEAD,),
                fields=(Field(code="answer", label=_("补正说明"), kind="long"),),
                ticks=(Tick(clock="check", event="resume"), Tick(clock="correction", event="stop")),
                duty=True,
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="accept",
                label=_("通过形式审查"),
                source=("checking",),
                target="reviewing",
                who=(EDITOR,),
                on="plan",
                needs=(all_documents,),
                ticks=(Tick(clock="check", event="stop"),),
                duty=True,
                tone="primary",
                tell=("lead",),
            ),
            Verb(
                code="accept_incomplete",
                label=_("容缺受理"),
                source=("checking",),
                target="reviewing",
                who=(EDITOR,),
                on="plan",
                fields=(
                    Field(
                        code="missing",
                        label=_("暂缺的非关键材料"),
                        kind="long",
                        initial=lambda ctx: "、".join(missing_documents(ctx, key=False)),
                    ),
                    Field(code="until", label=_("补齐期限"), kind="date"),
                ),
                needs=(key_documents, something_lacks, day_ahead),
                ticks=(
                    Tick(clock="check", event="stop"),
                    Tick(clock="lacking", event="start", until="until"),
                ),
                tell=("lead",),
                mail=True,
                help=_("先评审、后补齐：未补齐前不签试点协议。"),
            ),
            Verb(
                code="settle_debt",
                label=_("确认已补齐"),
                source=("reviewing", "won"),
                who=(EDITOR,),
                fields=(Field(code="received", label=_("收到的材料")),),
                needs=(a_debt, all_documents),
                ticks=(Tick(clock="lacking", event="stop"),),
                tell=("lead",),
            ),
            Verb(
                code="reject",
                label=_("形式审查不合格"),
                source=("checking",),
                target="rejected",
                who=(EDITOR,),
                fields=(Field(code="ground", label=_("情形"), kind="choice", choices="bid_rejection"),),
                reason=True,
                ticks=(Tick(clock="check", event="stop"),),
                tone="danger",
                tell=("lead", "partner"),
                mail=True,
            ),
            Verb(
                code="win",
                label=_("中榜"),
                source=("reviewing",),
                target="won",
                who=(TIMER,),
                on="plan",
                tell=("lead", "partner"),
                mail=True,
                public=True,
            ),
            Verb(
                code="lose",
                label=_("未中榜"),
                source=("checking", "correcting", "reviewing"),
                target="lost",
                who=(TIMER,),
                reason=True,
                ticks=STOP,
                tell=("lead", "partner"),
                mail=True,
            ),
            Verb(
                code="withdraw",
                label=_("退出揭榜"),
                source=BEFORE_CLOSE,
                target="withdrawn",
                who=(LEAD,),
                reason=True,
                tone="danger",
                tell=("partner",),
            ),
            Verb(
                code="quit",
                label=_("退出评审"),
                source=("checking", "correcting", "reviewing"),
                target="quit",
                who=(LEAD,),
                reason=True,
                ticks=STOP,
                tone="danger",
                tell=("partner", OWNER),
                help=_("开封之后退出，记录和理由由主管部门保存。"),
            ),
        ),
    )
)


def begin(
    challenge: Case, lead: Organisation, *, by: Seat, said: Mapping[str, Any], at: dt.datetime | None = None
) -> Case:
    """A firm's intent to bid: message and contact. One live bid of a firm on a challenge (IntegrityError). Raises
    Refused when the challenge is not open, or where the firm is its owner or has joined another bid."""
    with transaction.atomic():
        case = open_case(
            "bid", call=challenge.call, title=str(phrases.BID_ON % {"title": challenge.title})[:300], by=by,
            parties=[("lead", lead)], parent=challenge, unit=lead, live_key=f"bid:{challenge.pk}:{lead.pk}", at=at,
        )  # fmt: skip
        act(case, "begin", by=by, data=said, at=at)
    return case
