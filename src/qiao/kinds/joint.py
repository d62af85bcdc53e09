"""联合攻关: firms and institutes on one task, with shares of work, money and intellectual property.

Milestones come with evidence, the plan changes by permission only, technology contracts are registered
(沪科合〔2019〕33号), and results are recorded both ways: research that found an application, application that asked
for research.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from qiao.core.acts import need, open_case
from qiao.core.clocks import calendar, local_date
from qiao.core.models import Act, Call, Case, Link, Organisation, Seat
from qiao.core.process import (
    OWNER,
    Chain,
    Clock,
    Context,
    Field,
    Kind,
    Problem,
    Stage,
    Step,
    Tick,
    Verb,
    register,
)
from qiao.kinds import milestones, phrases
from qiao.kinds.common import check
from qiao.kinds.scenario.people import EDITOR, LEAD, LEADER, PARTNER, SUPERVISORS, is_written
from qiao.kinds.scenario.sheets import MILESTONES
from qiao.kinds.sheets import Entry, fits, plain, register_sheet
from qiao.kinds.shelf.listing import FIELDS, TECHNOLOGIES, TITLE
from qiao.timekeeping import ClockEvent, compute

PLAN = (
    TITLE,
    Entry("task", _("攻关任务"), "text", True),
    Entry("state", _("国内外现状与难点"), "text", True),
    Entry("direction", _("方向"), "choice", True, of="direction"),
    TECHNOLOGIES,
    FIELDS,
    Entry(
        "shares",
        _("分工"),
        "rows",
        True,
        total="ip",
        columns=(
            Entry("unit", _("单位"), "line", True),
            Entry("work", _("承担的工作"), "line", True),
            Entry("money", _("投入资金（万元）"), "amount", True),
            Entry("ip", _("知识产权份额（%）"), "whole", True, least=0, most=100),
        ),
        help=_("每个单位一行；知识产权份额合计100。"),
    ),
    MILESTONES,
    Entry("use", _("成果准备用在哪里"), "text", True),
)
register_sheet("joint", "plan", PLAN)

MEMBERS = (LEAD, PARTNER)


@check
def everybody_shares(ctx: Context) -> Problem | None:
    """Every partner has a line of its own with work, money and a share; nobody else has one."""
    version = ctx.current("plan")
    said = {row["unit"] for row in version.content.get("shares", [])} if version else set()
    units = [*ctx.organisations("lead"), *ctx.organisations("partner")]
    lacking = [u.name for u in units if not {u.name, u.short_name} & said]
    names = {name for u in units for name in (u.name, u.short_name)}
    strange = sorted(said - names)
    if lacking or strange:
        told = {"lacking": "、".join(lacking) or "—", "strange": "、".join(strange) or "—"}
        return need("shares_differ", phrases.SHARES_DIFFER, **told)
    return None


@check
def has_partner(ctx: Context) -> Problem | None:
    return None if ctx.organisations("partner") else need("no_partner", phrases.NO_PARTNER)


def pending(ctx: Context) -> Act | None:
    """The contract that is being registered."""
    ends = {"contract", "registered", "not_registered"}
    last = next((a for a in reversed(ctx.acts()) if a.verb in ends), None)
    return last if last and last.verb == "contract" else None


@check
def no_contract_open(ctx: Context) -> Problem | None:
    found = pending(ctx)
    return need("contract_open", phrases.CONTRACT_OPEN, name=found.data.get("name", "")) if found else None


@check
def a_contract_open(ctx: Context) -> Problem | None:
    return None if pending(ctx) else need("no_contract", phrases.CONTRACT_NONE)


@check
def technology_within(ctx: Context) -> Problem | None:
    whole, part = ctx.cleaned.get("amount"), ctx.cleaned.get("technology")
    if isinstance(whole, Decimal) and isinstance(part, Decimal) and not 0 < part <= whole:
        return need("contract_amounts", phrases.CONTRACT_AMOUNTS)
    return None


def hard_until(ctx: Context) -> dt.date | None:
    """The last day for a difficult contract, counted from the day on which it was handed in."""
    found = pending(ctx)
    if found is None:
        return None
    rule = ctx.rulebook.clock("contract_difficult").rule()
    return compute(rule, [ClockEvent.start(local_date(found.at))], calendar(), today=ctx.today).due


@check
def hard_once(ctx: Context) -> Problem | None:
    found, until, most = pending(ctx), ctx.cleaned.get("until"), hard_until(ctx)
    if found is None or most is None or until is None:
        return None
    before = any(a.verb == "difficult" and a.seq > found.seq for a in ctx.acts())
    return need("contract_hard", phrases.CONTRACT_HARD, until=most) if before or until > most else None


def take_title(ctx: Context) -> None:
    version = ctx.current("plan")
    if version is not None:
        ctx.case.title = str(version.content.get("title", ""))[:300]


register(
    Kind(
        code="joint",
        version=1,
        label=_("联合攻关"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        text_of=lambda _paper, content: plain(PLAN, content),
        fits=fits,
        party_labels={"lead": _("牵头单位"), "partner": _("参与单位")},
        paper_labels={"plan": _("攻关方案"), "evidence": _("里程碑证明材料")},
        stages=(
            Stage(code="draft", label=_("拟订方案")),
            Stage(code="deciding", label=_("待立项")),
            Stage(code="running", label=_("攻关中")),
            Stage(code="accepting", label=_("验收中")),
            Stage(code="done", label=_("已验收"), end=True),
            Stage(code="stopped", label=_("已终止"), end=True),
            Stage(code="refused", label=_("未立项"), end=True),
        ),
        chains=(
            Chain(
                paper="plan",
                steps=(
                    Step(verb="sign_lead", label=_("牵头单位签署")),
                    Step(verb="sign_partner", label=_("各参与单位签署"), need="all"),
                ),
            ),
        ),
        clocks=(Clock(code="registration", label=_("技术合同登记期限"), legal="contract_registration"),),
        verbs=(
            Verb(
                code="write",
                label=_("拟订攻关方案"),
                source=("draft",),
                who=MEMBERS,
                paper="plan",
                page="sheet",
                effects=(take_title,),
                duty=True,
                owed=lambda ctx: ctx.current("plan") is None,
            ),
            Verb(
                code="sign_lead",
                label=_("牵头单位签署"),
                source=("draft",),
                who=(LEAD,),
                on="plan",
                needs=(is_written("plan"), has_partner, everybody_shares),
                duty=True,
                owed=lambda ctx: ctx.current("plan") is not None,
                tone="primary",
                tell=("partner",),
                mail=True,
            ),
            Verb(
                code="sign_partner",
                label=_("参与单位签署"),
                source=("draft",),
                target="deciding",
                who=(PARTNER,),
                on="plan",
                duty=True,
                owed=lambda ctx: ctx.current("plan") is not None,
                tone="primary",
                tell=("lead", OWNER),
                help=_("签署当前版本。方案一经修改，已有的签署即失效。"),
            ),
            Verb(
                code="approve",
                label=_("同意立项"),
                source=("deciding",),
                target="running",
                who=(LEADER,),
                on="plan",
                duty=True,
                tone="primary",
                tell=("lead", "partner"),
                mail=True,
                public=True,
            ),
            Verb(
                code="refuse",
                label=_("不予立项"),
                source=("deciding",),
                target="refused",
                who=(LEADER,),
                reason=True,
                tone="danger",
                tell=("lead", "partner"),
                mail=True,
            ),
            Verb(
                code="milestone",
                label=_("报告里程碑"),
                source=("running",),
                who=MEMBERS,
                fields=(milestones.FIELD, Field(code="evidence", label=_("完成情况和证明"), kind="long")),
                duty=True,
                owed=milestones.to_report,
                tell=(OWNER,),
            ),
            Verb(
                code="file_evidence",
                label=_("提交证明材料"),
                source=("running", "accepting"),
                who=MEMBERS,
                paper="evidence",
                page="file",
            ),
            Verb(
                code="confirm_milestone",
                label=_("确认里程碑"),
                source=("running",),
                who=(EDITOR,),
                fields=(
                    milestones.FIELD,
                    Field(code="note", label=_("核对情况"), kind="long", required=False),
                ),
                needs=(milestones.is_reported,),
                duty=True,
                owed=milestones.to_confirm,
                tone="primary",
                tell=("lead", "partner"),
            ),
            Verb(
                code="ask_change",
                label=_("申请变更"),
                source=("running",),
                who=MEMBERS,
                fields=(Field(code="change", label=_("变更内容"), kind="long"),),
                reason=True,
                tell=(OWNER,),
            ),
            Verb(
                code="allow_change",
                label=_("同意变更"),
                source=("running",),
                who=(EDITOR,),
                paper="plan",
                page="sheet",
                needs=(milestones.change_open,),
                effects=(take_title,),
                reason=True,
                duty=True,
                owed=milestones.change_asked,
                tell=("lead", "partner"),
                mail=True,
                help=_("变更写入方案的新版本，旧版本保留。"),
            ),
            Verb(
                code="deny_change",
                label=_("不同意变更"),
                source=("running",),
                who=(EDITOR,),
                needs=(milestones.change_open,),
                reason=True,
                tell=("lead", "partner"),
            ),
            Verb(
                code="contract",
                label=_("提交技术合同登记"),
                source=("running", "accepting"),
                who=MEMBERS,
                fields=(
                    Field(code="kind", label=_("合同种类"), kind="choice", choices="contract_kind"),
                    Field(code="name", label=_("合同名称")),
                    Field(code="seller", label=_("卖方（申请登记方）")),
                    Field(code="buyer", label=_("买方")),
                    Field(code="amount", label=_("合同金额（元）"), kind="number"),
                    Field(code="technology", label=_("其中技术交易额（元）"), kind="number"),
                    Field(code="signed", label=_("签订日期"), kind="date"),
                ),
                needs=(no_contract_open, technology_within),
                ticks=(Tick(clock="registration", event="start"),),
                tell=(OWNER,),
                help=_("一份合同只在一处登记，由卖方申请。一般7个工作日办结，疑难的至多20个工作日。"),
            ),
            Verb(
                code="difficult",
                label=_("认定为疑难合同"),
                source=("running", "accepting", "done"),
                who=(EDITOR,),
                fields=(Field(code="until", label=_("延长至"), kind="date", initial=hard_until),),
                needs=(a_contract_open, hard_once),
                ticks=(Tick(clock="registration", event="extend", until="until"),),
                reason=True,
                tell=("lead", "partner"),
                help=_("组织专家认定的，自提交之日起至多20个工作日。"),
            ),
            Verb(
                code="not_registered",
                label=_("不予登记"),
                source=("running", "accepting", "done"),
                who=(EDITOR,),
                needs=(a_contract_open,),
                ticks=(Tick(clock="registration", event="stop"),),
                reason=True,
                tell=("lead", "partner"),
            ),
            Verb(
                code="registered",
                label=_("登记合同登记号"),
                source=("running", "accepting", "done"),
                who=(EDITOR, *MEMBERS),
                fields=(
                    Field(code="number", label=_("登记号")),
                    Field(code="day", label=_("登记日期"), kind="date"),
                ),
                needs=(a_contract_open,),
                ticks=(Tick(clock="registration", event="stop"),),
                tell=("lead", "partner"),
            ),
            Verb(
                code="result",
                label=_("登记成果"),
                source=("running", "accepting", "done"),
                who=MEMBERS,
                fields=(
                    Field(code="kind", label=_("成果种类"), kind="choice", choices="result_kind"),
                    Field(code="name", label=_("名称")),
                    Field(code="number", label=_("编号（专利号、登记号等）"), required=False),
                    Field(code="direction", label=_("方向"), kind="choice", choices="direction"),
                    Field(code="use", label=_("用在哪里"), kind="long", required=False),
                ),
                tell=(OWNER,),
                public=True,
            ),
            Verb(
                code="ask_acceptance",
                label=_("申请验收"),
                source=("running",),
                target="accepting",
                who=(LEAD,),
                needs=(
                    milestones.all_confirmed,
                    milestones.was_done("result", "no_result", phrases.NO_RESULT),
                ),
                duty=True,
                owed=milestones.all_done,
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="accept",
                label=_("通过验收"),
                source=("accepting",),
                target="done",
                who=(EDITOR,),
                fields=(Field(code="reached", label=_("完成情况"), kind="long"),),
                duty=True,
                tone="primary",
                tell=("lead", "partner"),
                mail=True,
                public=True,
            ),
            Verb(
                code="go_on",
                label=_("退回继续攻关"),
                source=("accepting",),
                target="running",
                who=(EDITOR,),
                reason=True,
                tell=("lead", "partner"),
                mail=True,
            ),
            Verb(
                code="stop",
                label=_("终止"),
                source=("draft", "running", "accepting"),
                target="stopped",
                who=(LEAD, LEADER),
                reason=True,
                ticks=(Tick(clock="registration", event="stop"),),
                tone="danger",
                tell=("lead", "partner", OWNER),
                help=_("尽责而没有成功的攻关不作负面评价；写明做了什么、为什么停止、得到了什么。"),
            ),
        ),
    )
)


def begin(
    call: Call,
    lead: Organisation,
    partners: Iterable[Organisation],
    *,
    by: Seat,
    origin: Case | None = None,
    at: dt.datetime | None = None,
) -> Case:
    """A joint project of a firm or an institute with others. ``origin``: the need or offer that led to it."""
    case = open_case(
        "joint", call=call, title=f"{lead.name} · {call.title}"[:300], by=by, unit=lead, at=at,
        parties=[("lead", lead), *(("partner", partner) for partner in partners if partner != lead)],
    )  # fmt: skip
    if origin is not None:
        Link.objects.create(source=case, target=origin, relation="follows")
    return case
