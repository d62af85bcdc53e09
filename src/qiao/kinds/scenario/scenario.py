"""应用场景（机会清单）: an owner states a site, data, a person and measurable indicators; refined, approved, listed.

Steps: collecting, refining and merging, publishing in numbered lists (scenario facts §4). A listed scenario keeps its
page for as long as it lives: challenges on it may fail and come again.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from qiao.core.acts import need, open_case
from qiao.core.models import Call, Case, Link, Organisation, Seat
from qiao.core.process import OWNER, Clock, Context, Field, Kind, Problem, Stage, Tick, Verb, register
from qiao.kinds import phrases
from qiao.kinds.common import TIMER, check
from qiao.kinds.scenario.people import EDITOR, HOLDER, HOLDER_OFFICER, LEADER, SUPERVISORS, is_written, value
from qiao.kinds.scenario.sheets import SCENARIO
from qiao.kinds.scenario.watching import tell_of_scenario
from qiao.kinds.sheets import fits, plain

HOLDERS = (HOLDER, HOLDER_OFFICER)
STOP = (Tick(clock="review", event="stop"),)


def _last(ctx: Context, *verbs: str) -> str:
    return next((a.verb for a in reversed(ctx.acts()) if a.verb in verbs), "")


def to_confirm(ctx: Context) -> bool:
    """Whether the office has changed the text and the owner has not agreed yet."""
    return _last(ctx, "refine", "confirm", "submit") == "refine"


@check
def agreed(ctx: Context) -> Problem | None:
    return need("not_agreed", phrases.SCENARIO_NOT_AGREED) if to_confirm(ctx) else None


@check
def something_to_agree(ctx: Context) -> Problem | None:
    return None if to_confirm(ctx) else need("nothing_to_agree", phrases.SCENARIO_NOTHING_TO_AGREE)


@check
def another(ctx: Context) -> Problem | None:
    into = ctx.cleaned.get("into")
    if (
        isinstance(into, Case)
        and into.kind == "scenario"
        and into.closed_at is None
        and into.stage != "draft"
    ):
        return None
    return need("merge_target", phrases.SCENARIO_MERGE)


@check
def nothing_under_way(ctx: Context) -> Problem | None:
    """A scenario is not taken back while somebody bids on it."""
    if ctx.case.pk and ctx.case.children.filter(closed_at__isnull=True).exists():
        return need("under_way", phrases.SCENARIO_UNDER_WAY)
    return None


@check
def nothing_runs(ctx: Context) -> Problem | None:
    """No challenge is open on it, and no pilot of one."""
    pilots = Case.objects.filter(kind="pilot", parent__parent__parent=ctx.case, closed_at__isnull=True)
    if ctx.case.pk and pilots.exists():
        return need("under_way", phrases.SCENARIO_UNDER_WAY)
    return None


@check
def a_pilot_passed(ctx: Context) -> Problem | None:
    found = Case.objects.filter(kind="pilot", parent__parent__parent=ctx.case, stage__in=["passed", "done"])
    return None if found.exists() else need("no_pilot_passed", phrases.SCENARIO_NO_PILOT)


def take_title(ctx: Context) -> None:
    version = ctx.current("scenario")
    if version is not None:
        ctx.case.title = str(version.content.get("title", ""))[:300]


def take_number(ctx: Context) -> None:
    """The next number of the call's series; the call is locked until the act is done."""
    call = Call.objects.select_for_update().get(pk=ctx.case.call_id)
    call.last_number += 1
    call.save(update_fields=["last_number"])
    spelling = str(call.settings.get("number") or value(ctx.rulebook, "scenario_number"))
    ctx.case.number = spelling.format(year=ctx.today.year, n=call.last_number)


def open_challenge(ctx: Context) -> None:
    """The challenge stands below its scenario, one that is open at a time."""
    (holder,) = ctx.organisations("holder")
    count = ctx.case.children.filter(kind="challenge").count()
    open_case(
        "challenge", call=ctx.case.call, title=ctx.case.title, by=ctx.by, parties=[("holder", holder)],
        parent=ctx.case, unit=holder, live_key=f"challenge:{ctx.case.pk}", at=ctx.at,
        number=f"{ctx.case.number}-{count + 1}",
    )  # fmt: skip


def link_merged(ctx: Context) -> None:
    Link.objects.get_or_create(source=ctx.case, target=ctx.cleaned["into"], relation="merged_into")


register(
    Kind(
        code="scenario",
        version=1,
        label=_("应用场景"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        text_of=lambda _paper, content: plain(SCENARIO, content),
        fits=fits,
        party_labels={"holder": _("场景主体")},
        paper_labels={"scenario": _("场景说明")},
        stages=(
            Stage(code="draft", label=_("填写中"), private=True),
            Stage(code="review", label=_("初审与凝练")),
            Stage(code="approving", label=_("待批准")),
            Stage(code="listed", label=_("已发布")),
            Stage(code="running", label=_("揭榜与实施中")),
            Stage(code="benchmark", label=_("标杆案例"), end=True),
            Stage(code="merged", label=_("已并入"), end=True),
            Stage(code="refused", label=_("未列入清单"), end=True),
            Stage(code="withdrawn", label=_("已撤下"), end=True),
        ),
        clocks=(Clock(code="review", label=_("初审期限"), legal="scenario_review"),),
        verbs=(
            Verb(
                code="write",
                label=_("填写场景说明"),
                source=("draft",),
                who=HOLDERS,
                paper="scenario",
                page="sheet",
                effects=(take_title,),
                duty=True,
                owed=lambda ctx: ctx.current("scenario") is None,
            ),
            Verb(
                code="submit",
                label=_("提交"),
                source=("draft",),
                target="review",
                who=HOLDERS,
                on="scenario",
                needs=(is_written("scenario"),),
                ticks=(Tick(clock="review", event="start"),),
                duty=True,
                owed=lambda ctx: ctx.current("scenario") is not None,
                tone="primary",
                tell=(OWNER,),
                public=True,
                help=_("提交即承诺提供所写的场地、数据、预算和责任人。"),
            ),
            Verb(
                code="return",
                label=_("退回修改"),
                source=("review",),
                target="draft",
                who=(EDITOR,),
                fields=(Field(code="ground", label=_("情形"), kind="choice", choices="scenario_return"),),
                reason=True,
                ticks=STOP,
                tell=("holder",),
                mail=True,
            ),
            Verb(
                code="refine",
                label=_("凝练"),
                source=("review", "listed"),
                who=(EDITOR,),
                paper="scenario",
                page="sheet",
                effects=(take_title,),
                reason=True,
                tell=("holder",),
                mail=True,
                help=_("修改为可以测量、可以实施的写法；场景主体确认后才能报批。"),
            ),
            Verb(
                code="confirm",
                label=_("同意凝练后的写法"),
                source=("review", "listed"),
                who=HOLDERS,
                on="scenario",
                needs=(something_to_agree,),
                duty=True,
                owed=to_confirm,
                tone="primary",
                tell=(OWNER,),
                link=True,
            ),
            Verb(
                code="merge",
                label=_("并入其他场景"),
                source=("review",),
                target="merged",
                who=(EDITOR,),
                fields=(Field(code="into", label=_("并入的场景（编号）"), kind="case"),),
                needs=(another,),
                reason=True,
                effects=(link_merged,),
                ticks=STOP,
                tell=("holder",),
                mail=True,
            ),
            Verb(
                code="propose",
                label=_("报批"),
                source=("review",),
                target="approving",
                who=(EDITOR,),
                on="scenario",
                fields=(Field(code="opinion", label=_("初审意见"), kind="long"),),
                needs=(agreed,),
                duty=True,
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="approve",
                label=_("批准发布"),
                source=("approving",),
                target="listed",
                who=(LEADER,),
                on="scenario",
                fields=(Field(code="batch", label=_("清单批次"), help=_("如：2026年第一批")),),
                effects=(take_number, tell_of_scenario),
                ticks=STOP,
                duty=True,
                tone="primary",
                tell=("holder",),
                mail=True,
                public=True,
            ),
            Verb(
                code="send_back",
                label=_("退回承办人"),
                source=("approving",),
                target="review",
                who=(LEADER,),
                reason=True,
                tell=(OWNER,),
            ),
            Verb(
                code="refuse",
                label=_("不列入清单"),
                source=("review", "approving"),
                target="refused",
                who=(LEADER,),
                fields=(Field(code="ground", label=_("情形"), kind="choice", choices="scenario_refusal"),),
                reason=True,
                ticks=STOP,
                tone="danger",
                tell=("holder",),
                mail=True,
            ),
            Verb(
                code="start_challenge",
                label=_("启动揭榜挂帅"),
                source=("listed",),
                target="running",
                who=(EDITOR,),
                needs=(agreed,),
                effects=(open_challenge,),
                public=True,
                help=_("建立榜单，由主管部门会同场景主体拟订。"),
            ),
            Verb(
                code="relist",
                label=_("重新列入机会清单"),
                source=("running",),
                target="listed",
                who=(TIMER,),
                tell=("holder",),
                public=True,
            ),
            Verb(
                code="list_again",
                label=_("重新列入清单"),
                source=("running",),
                target="listed",
                who=(EDITOR,),
                needs=(nothing_under_way, nothing_runs),
                reason=True,
                tell=("holder",),
                public=True,
                help=_("试点没有签约、没有通过或尽职终止的，可以再次揭榜。"),
            ),
            Verb(
                code="mark_benchmark",
                label=_("列为标杆案例"),
                source=("running",),
                target="benchmark",
                who=(LEADER,),
                needs=(a_pilot_passed, nothing_under_way),
                reason=True,
                tone="primary",
                tell=("holder",),
                public=True,
            ),
            Verb(
                code="withdraw",
                label=_("撤下场景"),
                source=("draft", "review", "approving", "listed", "running"),
                target="withdrawn",
                who=(*HOLDERS, EDITOR),
                needs=(nothing_under_way, nothing_runs),
                reason=True,
                ticks=STOP,
                tone="danger",
                tell=("holder", OWNER),
                public=True,
            ),
        ),
    )
)


def begin(call: Call, holder: Organisation, *, by: Seat, at: dt.datetime | None = None) -> Case:
    """A new, empty scenario of an owner in a round of collecting."""
    return open_case(
        "scenario", call=call, title=f"{holder.name} · {call.title}"[:300], by=by, parties=[("holder", holder)],
        unit=holder, at=at,
    )  # fmt: skip
