"""试点: the winner builds on site. Agreement, milestones with evidence, test by a third party, users' feedback,
acceptance; post-subsidy as money; and who copied it where.

Acceptance passes, asks to rectify once, fails, or ends without blame (尽职免责) with its record: decision, basis,
alternatives, who, outcome. Basis: 上海市推进科技创新中心建设条例 第五十八条, 上海市科学技术进步条例 第四十五条.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core import money
from qiao.core.acts import act, need, open_case
from qiao.core.models import Case, Link, Party
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
from qiao.kinds.common import TIMER, check
from qiao.kinds.payments import (
    commit_money,
    next_payment,
    nothing_due_any_more,
    pay_next,
    something_due,
    whole_fen,
    within_budget,
)
from qiao.kinds.scenario.lists import scene
from qiao.kinds.scenario.people import (
    EDITOR,
    HOLDER,
    HOLDER_OFFICER,
    LEAD,
    LEADER,
    SUPERVISORS,
    is_written,
    parent,
    value,
)
from qiao.kinds.scenario.sheets import AGREEMENT
from qiao.kinds.scenario.standing import plans_of, terms_of
from qiao.kinds.sheets import WAN, fits, plain, register_first

HOLDERS = (HOLDER, HOLDER_OFFICER)


# -- what is on file --------------------------------------------------------------------------------------------


def rectified(ctx: Context) -> bool:
    return any(a.verb == "rectify" for a in ctx.acts())


@check
def rectify_once(ctx: Context) -> Problem | None:
    return need("rectified", phrases.RECTIFIED_ONCE) if rectified(ctx) else None


@check
def no_bid_debt(ctx: Context) -> Problem | None:
    """容缺: what the bid lacked is there before the agreement is signed."""
    bid = ctx.case.parent
    if bid is None:
        return None
    acts = list(bid.acts.filter(verb__in=["accept_incomplete", "settle_debt"]))
    owed = [a for a in acts if a.verb == "accept_incomplete"]
    if len(owed) > len(acts) - len(owed):
        return need("debt_open", phrases.PILOT_DEBT, what=owed[0].data.get("missing", ""))
    return None


@check
def within_rule(ctx: Context) -> Problem | None:
    """At most the share of the investment and the ceiling of the rulebook (创新产业专项: 30 %, 150万元)."""
    asked = ctx.cleaned.get("amount")
    spent = ctx.cleaned.get("investment")
    if not isinstance(asked, Decimal) or not isinstance(spent, Decimal):
        return None
    rate = Decimal(str(value(ctx.rulebook, "subsidy_rate")))
    ceiling = Decimal(value(ctx.rulebook, "subsidy_ceiling_wan")) * WAN
    most = min(spent * rate, ceiling)
    if asked <= most:
        return None
    said = money.yuan(int(most * 100))
    return need("above_rule", phrases.ABOVE_RULE, most=said, rate=f"{rate:.0%}", ceiling=f"{ceiling:,.0f}")


@check
def not_granted_yet(ctx: Context) -> Problem | None:
    return need("granted", phrases.GRANTED_ONCE) if any(a.verb == "grant" for a in ctx.acts()) else None


@check
def a_third_party(ctx: Context) -> Problem | None:
    """Whoever builds or owns a pilot does not test it."""
    tester = str(ctx.cleaned.get("tester", ""))
    units = [u for role in ("lead", "partner", "holder") for u in ctx.organisations(role)]
    found = next(
        (u for u in units if u.name in tester or (len(u.short_name) > 1 and u.short_name in tester)), None
    )
    return need("not_third", phrases.NOT_THIRD, unit=found) if found else None


@check
def tested(ctx: Context) -> Problem | None:
    """What was rectified is tested again."""
    last = next((a.verb for a in reversed(ctx.acts()) if a.verb in {"test", "rectify"}), "")
    if last == "test":
        return None
    return need("not_tested", phrases.NOT_TESTED_AGAIN if last else phrases.NOT_TESTED)


@check
def users_count(ctx: Context) -> Problem | None:
    users, satisfied = ctx.cleaned.get("users"), ctx.cleaned.get("satisfied")
    if not isinstance(users, Decimal) or not isinstance(satisfied, Decimal):
        return None
    whole = users == users.to_integral_value() and satisfied == satisfied.to_integral_value()
    return None if whole and 0 <= satisfied <= users > 0 else need("users_count", phrases.USERS_COUNT)


@check
def subsidy_promised(ctx: Context) -> Problem | None:
    """Money is granted where the published terms said so."""
    challenge = ctx.case.parent.parent if ctx.case.parent else None
    mode = str(terms_of(challenge).get("money_mode", "")) if challenge else ""
    if mode in value(ctx.rulebook, "subsidy_modes"):
        return None
    term = ctx.rulebook.term("money_mode", mode)
    return need("no_subsidy", phrases.NO_SUBSIDY, mode=term.label if term else mode)


def link_copy(ctx: Context) -> None:
    other = ctx.cleaned.get("case")
    if isinstance(other, Case):
        Link.objects.get_or_create(source=other, target=ctx.case, relation="copies")


def first_agreement(pilot: Case) -> dict[str, Any]:
    """The terms that were bid on, and the schedule of the plan that won."""
    bid = parent(pilot)
    terms, one = terms_of(parent(bid)), scene(parent(parent(bid)).code)
    plan = plans_of([bid]).get(bid.pk)
    said: dict[str, Any] = {key: terms[key] for key in ("ip", "exit", "indicators") if key in terms}
    if one is not None:
        said |= {key: one.content[key] for key in ("site", "safety") if key in one.content}
    if plan is not None:
        said["milestones"] = plan.content.get("schedule", [])
    return said


register_first("pilot", "agreement", first_agreement)

register(
    Kind(
        code="pilot",
        version=1,
        label=_("场景试点"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        money=True,
        text_of=lambda _paper, content: plain(AGREEMENT, content),
        fits=fits,
        party_labels={"lead": _("牵头单位"), "partner": _("联合单位"), "holder": _("场景主体")},
        paper_labels={
            "agreement": _("试点协议"),
            "evidence": _("里程碑证明材料"),
            "report": _("第三方检测报告"),
        },
        stages=(
            Stage(code="agreeing", label=_("签约中")),
            Stage(code="running", label=_("实施中")),
            Stage(code="accepting", label=_("验收中")),
            Stage(code="rectifying", label=_("整改中")),
            Stage(code="passed", label=_("验收通过")),
            Stage(code="done", label=_("已完成"), end=True),
            Stage(code="failed", label=_("验收不通过"), end=True),
            Stage(code="without_blame", label=_("尽职终止"), end=True),
            Stage(code="given_up", label=_("未签约"), end=True),
        ),
        chains=(
            Chain(
                paper="agreement",
                steps=(
                    Step(verb="sign_lead", label=_("牵头单位签署")),
                    Step(verb="sign_holder", label=_("场景主体签署")),
                    Step(verb="sign_office", label=_("主管部门签署")),
                ),
            ),
        ),
        clocks=(
            Clock(code="signing", label=_("签约期限"), legal="signing"),
            Clock(code="rectify", label=_("整改期限"), legal="rectify"),
        ),
        verbs=(
            Verb(
                code="begin",
                label=_("建立试点"),
                source=("agreeing",),
                who=(TIMER,),
                ticks=(Tick(clock="signing", event="start"),),
                tell=("lead", "holder"),
            ),
            Verb(
                code="write",
                label=_("拟订试点协议"),
                source=("agreeing",),
                who=(LEAD, *HOLDERS, EDITOR),
                paper="agreement",
                page="sheet",
                duty=True,
                owed=lambda ctx: ctx.current("agreement") is None,
            ),
            Verb(
                code="sign_lead",
                label=_("牵头单位签署"),
                source=("agreeing",),
                who=(LEAD,),
                on="agreement",
                needs=(is_written("agreement"), no_bid_debt),
                duty=True,
                owed=lambda ctx: ctx.current("agreement") is not None,
                tone="primary",
                tell=("holder",),
            ),
            Verb(
                code="sign_holder",
                label=_("场景主体签署"),
                source=("agreeing",),
                who=HOLDERS,
                on="agreement",
                duty=True,
                owed=lambda ctx: ctx.current("agreement") is not None,
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="sign_office",
                label=_("主管部门签署"),
                source=("agreeing",),
                target="running",
                who=(LEADER,),
                on="agreement",
                ticks=(Tick(clock="signing", event="stop"),),
                duty=True,
                owed=lambda ctx: ctx.current("agreement") is not None,
                tone="primary",
                tell=("lead", "holder", "partner"),
                mail=True,
                public=True,
            ),
            Verb(
                code="give_up",
                label=_("未能签约"),
                source=("agreeing",),
                target="given_up",
                who=(EDITOR,),
                reason=True,
                ticks=(Tick(clock="signing", event="stop"),),
                tone="danger",
                tell=("lead", "holder"),
                mail=True,
                public=True,
            ),
            Verb(
                code="milestone",
                label=_("报告里程碑"),
                source=("running", "rectifying"),
                who=(LEAD,),
                fields=(milestones.FIELD, Field(code="evidence", label=_("完成情况和证明"), kind="long")),
                duty=True,
                owed=milestones.to_report,
                tell=("holder",),
            ),
            Verb(
                code="file_evidence",
                label=_("提交证明材料"),
                source=("running", "rectifying", "accepting"),
                who=(LEAD,),
                paper="evidence",
                page="file",
            ),
            Verb(
                code="confirm_milestone",
                label=_("确认里程碑"),
                source=("running", "rectifying", "accepting"),
                who=HOLDERS,
                fields=(
                    milestones.FIELD,
                    Field(code="note", label=_("核对情况"), kind="long", required=False),
                ),
                needs=(milestones.is_reported,),
                duty=True,
                owed=milestones.to_confirm,
                tone="primary",
                tell=("lead",),
                public=True,
            ),
            Verb(
                code="ask_change",
                label=_("申请变更"),
                source=("running",),
                who=(LEAD, *HOLDERS),
                fields=(Field(code="change", label=_("变更内容（指标、进度、合作单位）"), kind="long"),),
                reason=True,
                tell=(OWNER,),
            ),
            Verb(
                code="allow_change",
                label=_("同意变更"),
                source=("running",),
                who=(EDITOR,),
                paper="agreement",
                page="sheet",
                needs=(milestones.change_open,),
                reason=True,
                duty=True,
                owed=milestones.change_asked,
                tell=("lead", "holder"),
                mail=True,
                help=_("变更写入协议的新版本，旧版本保留。"),
            ),
            Verb(
                code="deny_change",
                label=_("不同意变更"),
                source=("running",),
                who=(EDITOR,),
                needs=(milestones.change_open,),
                reason=True,
                tell=("lead", "holder"),
            ),
            Verb(
                code="file_report",
                label=_("提交第三方检测报告"),
                source=("running", "rectifying", "accepting"),
                who=(LEAD,),
                paper="report",
                page="file",
            ),
            Verb(
                code="test",
                label=_("登记第三方检测结论"),
                source=("running", "rectifying", "accepting"),
                who=(EDITOR,),
                fields=(
                    Field(code="tester", label=_("检测机构")),
                    Field(code="result", label=_("逐项指标的实测值"), kind="long"),
                ),
                needs=(a_third_party,),
                public=True,
                tell=("lead", "holder"),
            ),
            Verb(
                code="feedback",
                label=_("登记用户反馈"),
                source=("running", "rectifying", "accepting", "passed"),
                who=(*HOLDERS, EDITOR),
                fields=(
                    Field(code="users", label=_("使用人数"), kind="number"),
                    Field(code="satisfied", label=_("表示满意的人数"), kind="number"),
                    Field(code="said", label=_("主要意见"), kind="long"),
                ),
                needs=(users_count,),
                public=True,
            ),
            Verb(
                code="ask_acceptance",
                label=_("申请验收"),
                source=("running", "rectifying"),
                target="accepting",
                who=(LEAD,),
                needs=(milestones.all_confirmed,),
                ticks=(Tick(clock="rectify", event="stop"),),
                duty=True,
                owed=milestones.all_done,
                tone="primary",
                tell=("holder", OWNER),
            ),
            Verb(
                code="accept",
                label=_("验收通过"),
                source=("accepting",),
                target="passed",
                who=(EDITOR,),
                fields=(
                    Field(code="reached", label=_("各项指标的完成情况"), kind="long"),
                    Field(code="lesson", label=_("可复制的经验"), kind="long"),
                ),
                needs=(
                    tested,
                    milestones.was_done("feedback", "no_feedback", phrases.NO_FEEDBACK),
                ),
                duty=True,
                tone="primary",
                tell=("lead", "holder", "partner"),
                mail=True,
                public=True,
            ),
            Verb(
                code="rectify",
                label=_("要求整改（一次）"),
                source=("accepting",),
                target="rectifying",
                who=(EDITOR,),
                needs=(rectify_once,),
                reason=True,
                ticks=(Tick(clock="rectify", event="start"),),
                tell=("lead", "holder"),
                mail=True,
                public=True,
            ),
            Verb(
                code="fail",
                label=_("验收不通过"),
                source=("accepting",),
                target="failed",
                who=(LEADER,),
                reason=True,
                tone="danger",
                tell=("lead", "holder", "partner"),
                mail=True,
                public=True,
            ),
            Verb(
                code="end_without_blame",
                label=_("尽职终止"),
                source=("running", "accepting", "rectifying"),
                target="without_blame",
                who=(LEADER,),
                fields=(
                    Field(code="decision", label=_("决定事项"), kind="long"),
                    Field(code="basis", label=_("依据与所尽职责"), kind="long"),
                    Field(code="alternatives", label=_("考虑过的其他办法"), kind="long"),
                    Field(code="deciders", label=_("参与决定的人员")),
                    Field(code="outcome", label=_("结果与得失"), kind="long"),
                ),
                ticks=(Tick(clock="rectify", event="stop"),),
                tell=("lead", "holder", "partner"),
                mail=True,
                public=True,
                help=_("按规定尽责而没有成功的探索，不作负面评价。五项记录缺一不可。"),
            ),
            Verb(
                code="grant",
                label=_("核定后补助"),
                source=("passed",),
                who=(LEADER,),
                fields=(
                    Field(code="investment", label=_("审定的总投资（元）"), kind="number"),
                    Field(code="amount", label=_("补助金额（元）"), kind="number"),
                ),
                needs=(not_granted_yet, subsidy_promised, whole_fen, within_rule, within_budget),
                effects=(commit_money("lead"),),
                tell=("lead",),
                mail=True,
                public=True,
            ),
            Verb(
                code="pay",
                label=_("拨付"),
                source=("passed",),
                who=(EDITOR,),
                fields=(Field(code="voucher", label=_("支付凭证号")),),
                needs=(something_due,),
                effects=(pay_next,),
                duty=True,
                owed=lambda ctx: next_payment(ctx) is not None,
                tone="primary",
                tell=("lead",),
                mail=True,
            ),
            Verb(
                code="close",
                label=_("办结"),
                source=("passed",),
                target="done",
                who=(EDITOR,),
                needs=(nothing_due_any_more,),
                duty=True,
                owed=lambda ctx: next_payment(ctx) is None,
                tell=("lead", "holder"),
            ),
            Verb(
                code="copied",
                label=_("登记复制推广"),
                source=("passed", "done"),
                who=(EDITOR, LEAD),
                fields=(
                    Field(code="by", label=_("复制的单位")),
                    Field(code="place", label=_("地点")),
                    Field(code="since", label=_("开始日期"), kind="date"),
                    Field(code="note", label=_("情况"), kind="long", required=False),
                    Field(
                        code="case",
                        label=_("平台上的事项编号"),
                        kind="case",
                        required=False,
                        help=_("复制它的场景也在本平台上的，填它的编号，两个页面互相链接。"),
                    ),
                ),
                effects=(link_copy,),
                public=True,
            ),
        ),
    )
)


def begin(bid: Case, *, at: dt.datetime | None = None) -> Case:
    """The pilot of a winning bid: its consortium and the owner of the scenario."""
    parties = (
        Party.objects.filter(case=bid, role__in=["lead", "partner", "holder"])
        .exclude(state__in=["ended", "declined"])
        .select_related("organisation")
        .order_by("role", "order", "pk")
    )
    title = bid.parent.title if bid.parent else bid.title
    case = open_case(
        "pilot", call=bid.call, title=title, by=None, parent=bid, unit=bid.unit, at=at, number=bid.number,
        parties=[(p.role, p.organisation) for p in parties if p.organisation is not None],
    )  # fmt: skip
    act(case, "begin", by=None, at=at or case.moved_at)
    return case
