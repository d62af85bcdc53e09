"""政策申请: from a prefilled form to the last instalment; also 免申即享, where the office lists whom a policy fits.

What may lack for a while (容缺), what has to be put right (补正), notice with objections: 优化营商环境条例 and
揭榜挂帅 practice as collected in the rulebook, whose values say how sure each of them is.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core import money
from qiao.core.acts import add_party, need, open_case
from qiao.core.models import Call, Case, Money, Organisation, Review, Seat
from qiao.core.process import (
    OWNER,
    Clock,
    Context,
    Field,
    Kind,
    Problem,
    Stage,
    Tick,
    Verb,
    Who,
    register,
)
from qiao.kinds import phrases
from qiao.kinds.common import check
from qiao.kinds.lacking import a_debt, day_ahead, no_debts
from qiao.kinds.objection import no_objection_open, notice_over, objected
from qiao.kinds.payments import (
    amount_of,
    commit_money,
    drop_money,
    next_payment,
    nothing_due_any_more,
    nothing_paid,
    pay_next,
    something_due,
    whole_fen,
    within_budget,
)

AGENT = Who(label=_("企业经办人"), role="agent", of="applicant")
OFFICER = Who(label=_("受理人员"), role="officer", of=OWNER)
LEADER = Who(label=_("审批领导"), role="leader", of=OWNER)
ASKED = Who(label=_("受邀评审专家"), party="reviewer", invited=True)
REVIEWER = Who(label=_("评审专家"), party="reviewer")

CRITERIA = (
    ("innovation", _("创新性")),
    ("feasibility", _("可行性")),
    ("benefit", _("预期效益")),
    ("budget", _("预算合理性")),
)
HIGHEST = 100

STOP = (Tick(clock="handle", event="stop"),)
OPEN_STAGES = ("checking", "correcting", "reviewing", "proposed", "notice", "deciding")


# -- what is on file --------------------------------------------------------------------------------------------


def nominated(ctx: Context) -> bool:
    """Whether the office listed the firm without its applying (免申即享)."""
    return any(a.verb == "nominate" for a in ctx.acts())


def confirmed(ctx: Context) -> bool:
    return any(a.verb == "confirm" for a in ctx.acts())


def score(ctx: Context) -> Decimal | None:
    """The mean of the reviewers' weighted points, without the highest and lowest where the call says so."""
    version = ctx.current("form")
    weights = {code: Decimal(str(w)) for code, w in ctx.case.call.settings.get("weights", {}).items()}
    weights = weights or {code: Decimal(1) for code, _label in CRITERIA}
    totals: list[Decimal] = []
    for review in Review.objects.filter(version__paper__case=ctx.case, conflict="") if version else ():
        if review.scores:
            points = sum((Decimal(str(review.scores[c])) * w for c, w in weights.items()), Decimal(0))
            totals.append(points / sum(weights.values(), Decimal(0)))
    if ctx.case.call.settings.get("drop_extremes") and len(totals) > 2:
        totals = sorted(totals)[1:-1]
    return Decimal(sum(totals, Decimal(0)) / len(totals)).quantize(Decimal("0.01")) if totals else None


def reviews_wanted(ctx: Context) -> int:
    return int(ctx.case.call.settings.get("reviewers", 0))


def facts_text(content: dict[str, Any]) -> str:
    """The form as plain text: what the firm says, and the facts it rests on."""
    lines = [str(content.get("statement", ""))]
    lines += [f"{f.get('label', f.get('key', ''))}：{f.get('shown', '')}" for f in content.get("facts", [])]
    return "\n".join(line for line in lines if line)


# -- checks -----------------------------------------------------------------------------------------------------


@check
def in_window(ctx: Context) -> Problem | None:
    call = ctx.case.call
    if call.start <= ctx.today and (call.end is None or ctx.today <= call.end):
        return None
    return need("outside_window", phrases.OUTSIDE_WINDOW, start=call.start, end=call.end or "—")


@check
def form_whole(ctx: Context) -> Problem | None:
    version = ctx.current("form")
    return None if version and version.content.get("statement") else need("form_empty", phrases.FORM_EMPTY)


@check
def no_conflict_of_reviewer(ctx: Context) -> Problem | None:
    """Nobody reviews their own organisation's application."""
    person = ctx.cleaned.get("reviewer") or (ctx.by.person if ctx.by and ctx.verb.code != "invite" else None)
    if person is None:
        return None
    applicants = {o.pk for o in ctx.organisations("applicant")}
    if Seat.objects.filter(person=person, organisation__in=applicants).exists():
        return need("own_organisation", phrases.REVIEW_OWN, person=person.name)
    return None


@check
def points_in_range(ctx: Context) -> Problem | None:
    given = [ctx.cleaned[code] for code, _label in CRITERIA if ctx.cleaned.get(code) is not None]
    return None if all(0 <= p <= HIGHEST for p in given) else need("bad_points", phrases.BAD_POINTS)


@check
def scored_enough(ctx: Context) -> Problem | None:
    wanted = reviews_wanted(ctx)
    version = ctx.current("form")
    done = Review.objects.filter(version=version, conflict="").exclude(scores={}).count() if version else 0
    return (
        None if done >= wanted else need("too_few_reviews", phrases.TOO_FEW_REVIEWS, done=done, wanted=wanted)
    )


@check
def first_not_above_all(ctx: Context) -> Problem | None:
    first, amount = ctx.cleaned.get("first"), ctx.cleaned.get("amount")
    return need("first_above_all", phrases.FIRST_ABOVE_ALL) if first and amount and first > amount else None


@check
def firm_confirmed(ctx: Context) -> Problem | None:
    return need("not_confirmed", phrases.NOT_CONFIRMED) if nominated(ctx) and not confirmed(ctx) else None


@check
def to_confirm(ctx: Context) -> Problem | None:
    return (
        None
        if nominated(ctx) and not confirmed(ctx)
        else need("nothing_to_confirm", phrases.NOTHING_TO_CONFIRM)
    )


@check
def not_more_than_paid(ctx: Context) -> Problem | None:
    asked = amount_of(ctx, "amount")
    rows = money.of_case(ctx.case)
    back = money.total(rows, *money.OPEN, Money.State.RETURNED, direction=Money.Direction.IN)
    paid = money.total(rows, Money.State.PAID) - back
    return need("more_than_paid", phrases.MORE_THAN_PAID, paid=money.yuan(paid)) if asked > paid else None


@check
def something_claimed(ctx: Context) -> Problem | None:
    rows = [m for m in money.of_case(ctx.case) if m.direction == Money.Direction.IN and m.state in money.OPEN]
    return None if rows else need("nothing_claimed", phrases.NOTHING_CLAIMED)


# -- effects ----------------------------------------------------------------------------------------------------


def invite_reviewer(ctx: Context) -> None:
    add_party(ctx.case, "reviewer", ctx.cleaned["reviewer"], state="invited")


def keep_declaration(ctx: Context) -> None:
    """The declaration goes before the scores; who declares a conflict takes no part any more and sees nothing."""
    if ctx.by is None or ctx.version is None:
        return
    conflict = str(ctx.cleaned.get("conflict") or "")
    Review.objects.update_or_create(
        version=ctx.version, seat=ctx.by, defaults={"conflict": conflict[:300], "scores": {}, "at": ctx.at}
    )
    add_party(ctx.case, "reviewer", ctx.by.person, state="declined" if conflict else "confirmed")


def keep_scores(ctx: Context) -> None:
    points = {code: str(ctx.cleaned[code]) for code, _label in CRITERIA}
    Review.objects.update_or_create(
        version=ctx.version, seat=ctx.by, defaults={"scores": points, "conflict": "", "at": ctx.at}
    )


def claim_back(ctx: Context) -> None:
    for organisation in ctx.organisations("applicant")[:1]:
        Money.objects.create(
            case=ctx.case, organisation=organisation, amount_fen=amount_of(ctx, "amount"),
            direction=Money.Direction.IN, purpose=str(phrases.PAY_BACK), state=Money.State.COMMITTED,
            due=ctx.cleaned.get("until"),
        )  # fmt: skip


def returned(ctx: Context) -> None:
    rows = [m for m in money.of_case(ctx.case) if m.direction == Money.Direction.IN and m.state in money.OPEN]
    rows[0].state = Money.State.RETURNED
    rows[0].save(update_fields=["state"])


# -- the process ------------------------------------------------------------------------------------------------

AMOUNT = Field(code="amount", label=_("金额（元）"), kind="number")

APPLICATION = register(
    Kind(
        code="application",
        version=1,
        label=_("政策申请"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=("officer", "leader", "registry"),
        money=True,
        text_of=lambda _kind, content: facts_text(content),
        party_labels={"applicant": _("申报单位"), "reviewer": _("评审专家")},
        paper_labels={"form": _("申请表")},
        stages=(
            Stage(code="draft", label=_("填写中"), private=True),
            Stage(code="checking", label=_("形式审查")),
            Stage(code="correcting", label=_("待补正")),
            Stage(code="reviewing", label=_("已受理")),
            Stage(code="proposed", label=_("拟支持")),
            Stage(code="notice", label=_("公示中")),
            Stage(code="deciding", label=_("待批准")),
            Stage(code="granted", label=_("兑付中")),
            Stage(code="done", label=_("已办结"), end=True),
            Stage(code="refused", label=_("不予支持"), end=True),
            Stage(code="withdrawn", label=_("已撤回"), end=True),
        ),
        clocks=(
            Clock(code="handle", label=_("办理期限"), legal="application"),
            Clock(code="correction", label=_("补正期限"), legal="correction"),
            Clock(code="notice", label=_("公示期"), legal="notice"),
        ),
        verbs=(
            Verb(
                code="save_form",
                label=_("填写申请表"),
                source=("draft", "correcting"),
                who=(AGENT,),
                paper="form",
                page="application",
                duty=True,
                owed=lambda ctx: ctx.current("form") is None,
            ),
            Verb(
                code="submit",
                label=_("提交申请"),
                source=("draft",),
                target="checking",
                who=(AGENT,),
                on="form",
                needs=(in_window, form_whole),
                ticks=(Tick(clock="handle", event="start"),),
                duty=True,
                owed=lambda ctx: ctx.current("form") is not None,
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="nominate",
                label=_("列入免申即享名单"),
                source=("draft",),
                target="proposed",
                who=(OFFICER,),
                fields=(
                    AMOUNT,
                    Field(code="grounds", label=_("列入理由"), kind="long"),
                ),
                needs=(whole_fen, within_budget),
                help=_("企业不必申请。理由逐条写明依据的事实与条款，随名单公示。"),
            ),
            Verb(
                code="ask_correction",
                label=_("要求补正"),
                source=("checking",),
                target="correcting",
                who=(OFFICER,),
                fields=(Field(code="missing", label=_("需要补正的全部内容"), kind="long"),),
                ticks=(
                    Tick(clock="handle", event="pause"),
                    Tick(clock="correction", event="start"),
                ),
                tell=("applicant",),
                mail=True,
                help=_("应一次告知全部内容。补正期间办理期限暂停。"),
            ),
            Verb(
                code="correct",
                label=_("提交补正"),
                source=("correcting",),
                target="checking",
                who=(AGENT,),
                on="form",
                fields=(Field(code="answer", label=_("补正说明"), kind="long"),),
                ticks=(
                    Tick(clock="handle", event="resume"),
                    Tick(clock="correction", event="stop"),
                ),
                duty=True,
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="accept",
                label=_("受理"),
                source=("checking",),
                target="reviewing",
                who=(OFFICER,),
                on="form",
                duty=True,
                tone="primary",
                tell=("applicant",),
            ),
            Verb(
                code="accept_incomplete",
                label=_("容缺受理"),
                source=("checking",),
                target="reviewing",
                who=(OFFICER,),
                on="form",
                fields=(
                    Field(code="missing", label=_("暂缺的非关键材料"), kind="long"),
                    Field(code="until", label=_("补齐期限"), kind="date"),
                ),
                needs=(day_ahead,),
                tell=("applicant",),
                mail=True,
                help=_("先受理、后补齐：未补齐前不予兑付。"),
            ),
            Verb(
                code="settle_debt",
                label=_("确认已补齐"),
                source=("reviewing", "proposed", "notice", "deciding", "granted"),
                who=(OFFICER,),
                fields=(Field(code="received", label=_("收到的材料")),),
                needs=(a_debt,),
                tell=("applicant",),
            ),
            Verb(
                code="invite",
                label=_("邀请评审专家"),
                source=("reviewing",),
                who=(OFFICER,),
                fields=(Field(code="reviewer", label=_("专家"), kind="person"),),
                needs=(no_conflict_of_reviewer,),
                effects=(invite_reviewer,),
            ),
            Verb(
                code="declare",
                label=_("申明利益关系"),
                source=("reviewing",),
                who=(ASKED,),
                on="form",
                fields=(
                    Field(
                        code="conflict",
                        label=_("与申请单位的利益关系"),
                        required=False,
                        help=_("没有利益关系的留空；写明关系的，即退出本项评审。"),
                    ),
                ),
                needs=(no_conflict_of_reviewer,),
                effects=(keep_declaration,),
                duty=True,
                owed=lambda ctx: any(p.role == "reviewer" and p.state == "invited" for p in ctx.parties()),
            ),
            Verb(
                code="score",
                label=_("评分"),
                source=("reviewing",),
                who=(REVIEWER,),
                on="form",
                fields=(
                    *(
                        Field(code=code, label=label, kind="number", help=_("0至100分"))
                        for code, label in CRITERIA
                    ),
                    Field(code="opinion", label=_("评审意见"), kind="long"),
                ),
                needs=(
                    no_conflict_of_reviewer,
                    points_in_range,
                ),
                effects=(keep_scores,),
                duty=True,
                once=True,
                tone="primary",
            ),
            Verb(
                code="propose",
                label=_("提出拟支持意见"),
                source=("reviewing",),
                target="proposed",
                who=(OFFICER,),
                fields=(AMOUNT, Field(code="grounds", label=_("拟支持理由"), kind="long")),
                needs=(scored_enough, whole_fen, within_budget),
                duty=True,
                tone="primary",
            ),
            Verb(
                code="post",
                label=_("公示"),
                source=("proposed",),
                target="notice",
                who=(OFFICER,),
                ticks=(Tick(clock="notice", event="start"),),
                duty=True,
                tone="primary",
                tell=("applicant",),
                mail=True,
                public=True,
            ),
            objected("notice"),
            Verb(
                code="end_notice",
                label=_("公示期满"),
                source=("notice",),
                target="deciding",
                who=(OFFICER,),
                needs=(notice_over, no_objection_open),
                ticks=(Tick(clock="notice", event="stop"),),
                duty=True,
            ),
            Verb(
                code="grant",
                label=_("批准"),
                source=("deciding",),
                target="granted",
                who=(LEADER,),
                fields=(
                    AMOUNT,
                    Field(
                        code="first",
                        label=_("首笔金额（元）"),
                        kind="number",
                        required=False,
                        help=_("分两笔兑付时填写，其余为第二笔。"),
                    ),
                    Field(code="due", label=_("首笔兑付日"), kind="date", required=False),
                ),
                needs=(whole_fen, first_not_above_all, within_budget),
                effects=(commit_money("applicant"),),
                ticks=STOP,
                duty=True,
                tone="primary",
                tell=("applicant",),
                mail=True,
                public=True,
            ),
            Verb(
                code="refuse",
                label=_("不予支持"),
                source=("checking", "reviewing", "proposed", "deciding"),
                target="refused",
                who=(LEADER,),
                fields=(Field(code="ground", label=_("情形"), kind="choice", choices="application_refusal"),),
                reason=True,
                ticks=STOP,
                tone="danger",
                tell=("applicant",),
                mail=True,
            ),
            Verb(
                code="confirm",
                label=_("确认享受"),
                source=("proposed", "notice", "deciding", "granted"),
                who=(AGENT,),
                fields=(
                    Field(code="account_name", label=_("收款户名")),
                    Field(code="bank", label=_("开户银行")),
                ),
                needs=(to_confirm,),
                duty=True,
                owed=lambda ctx: nominated(ctx) and not confirmed(ctx),
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="pay",
                label=_("兑付"),
                source=("granted",),
                who=(OFFICER,),
                fields=(Field(code="voucher", label=_("支付凭证号")),),
                needs=(something_due, no_debts, no_objection_open, firm_confirmed),
                effects=(pay_next,),
                duty=True,
                owed=lambda ctx: next_payment(ctx) is not None,
                tone="primary",
                tell=("applicant",),
                mail=True,
            ),
            Verb(
                code="claim_back",
                label=_("追回"),
                source=("granted",),
                who=(LEADER,),
                fields=(AMOUNT, Field(code="until", label=_("退回期限"), kind="date")),
                needs=(whole_fen, not_more_than_paid),
                effects=(claim_back,),
                reason=True,
                tone="danger",
                tell=("applicant",),
                mail=True,
            ),
            Verb(
                code="returned",
                label=_("登记已退回"),
                source=("granted",),
                who=(OFFICER,),
                fields=(Field(code="voucher", label=_("入账凭证号")),),
                needs=(something_claimed,),
                effects=(returned,),
                tell=("applicant",),
            ),
            Verb(
                code="look_again",
                label=_("复核"),
                source=("granted",),
                who=(OFFICER,),
                fields=(
                    Field(
                        code="outcome",
                        label=_("复核结论"),
                        kind="choice",
                        choices=(("kept", _("仍符合条件")), ("lost", _("不再符合条件"))),
                    ),
                ),
                reason=True,
                tell=("applicant",),
            ),
            Verb(
                code="close",
                label=_("办结"),
                source=("granted",),
                target="done",
                who=(OFFICER,),
                needs=(nothing_due_any_more,),
                duty=True,
                owed=lambda ctx: next_payment(ctx) is None,
            ),
            Verb(
                code="withdraw",
                label=_("撤回"),
                source=("draft", *OPEN_STAGES, "granted"),
                target="withdrawn",
                who=(AGENT,),
                reason=True,
                needs=(nothing_paid,),
                effects=(drop_money,),
                ticks=(*STOP, Tick(clock="correction", event="stop"), Tick(clock="notice", event="stop")),
                tone="danger",
                tell=(OWNER,),
            ),
        ),
    )
)


def begin(call: Call, applicant: Organisation, *, by: Seat, at: dt.datetime | None = None) -> Case:
    """An application of a firm to a call, one that is open at a time."""
    return open_case(
        "application", call=call, title=f"{applicant.name} · {call.title}"[:200], by=by,
        parties=[("applicant", applicant)], unit=call.owner, live_key=f"applicant:{applicant.pk}", at=at,
    )  # fmt: skip
