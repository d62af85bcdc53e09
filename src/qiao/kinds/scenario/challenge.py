"""揭榜挂帅: the call for bids on one scenario, from its terms to the award, or to no award (流榜) with its analysis.

Steps and times: scenario facts §4. The case stands below its scenario; bids, questions, invitations and the experts'
panels stand below it. What an award or its failing means for them follows in the same transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qiao.core.access import Answer
from qiao.core.acts import Refused, act, follow_on, need, open_case
from qiao.core.clocks import today
from qiao.core.models import Act, Case, Organisation, Party, Person, Seat
from qiao.core.process import OWNER, Clock, Context, Field, Kind, Problem, Stage, Tick, Verb, Who, register
from qiao.core.rulebook import rulebook
from qiao.kinds import phrases
from qiao.kinds.common import TIMER, check, clock_ended, deadline, last_data
from qiao.kinds.objection import no_objection_open, notice_over, objected
from qiao.kinds.scenario.lists import scene
from qiao.kinds.scenario.people import (
    EDITOR,
    HOLDER,
    HOLDER_OFFICER,
    LEADER,
    SUPERVISORS,
    is_written,
    named,
    parent,
    value,
)
from qiao.kinds.scenario.sheets import TERMS
from qiao.kinds.scenario.standing import bids, conflicts, places
from qiao.kinds.scenario.watching import tell_of_challenge
from qiao.kinds.sheets import fits, plain, register_first

OPEN_BIDS = ("intent", "preparing", "sealed")


# -- what is on file --------------------------------------------------------------------------------------------


def terms(ctx: Context) -> Mapping[str, Any]:
    version = ctx.current("terms")
    return version.content if version else {}


@check
def until_ahead(ctx: Context) -> Problem | None:
    until = ctx.cleaned.get("until")
    return None if until and until >= ctx.today else need("until_past", phrases.CHALLENGE_UNTIL_PAST)


@check
def until_later(ctx: Context) -> Problem | None:
    now_, until = deadline(ctx, "bids"), ctx.cleaned.get("until")
    if now_ and now_.due and until and until > now_.due:
        return None
    return need("until_earlier", phrases.CHALLENGE_UNTIL_EARLIER, due=now_.due if now_ else "—")


@check
def bids_run(ctx: Context) -> Problem | None:
    """Time is added while there is some, not after the last day, before the timer has closed the list."""
    due = clock_ended(ctx, "bids")
    return need("bids_over", phrases.CHALLENGE_OVER, due=due) if due else None


@check
def experts_enough(ctx: Context) -> Problem | None:
    least, said = int(value(ctx.rulebook, "experts")), int(terms(ctx).get("experts", 0))
    return need("experts_few", phrases.EXPERTS_FEW, least=least, said=said) if said < least else None


@check
def bidding_over(ctx: Context) -> Problem | None:
    """Nobody opens a bid before the day is over on which the last one may come."""
    if clock_ended(ctx, "bids"):
        return None
    due = deadline(ctx, "bids")
    return need("bids_run", phrases.CHALLENGE_RUNS, due=due.due if due else "—")


@check
def all_checked(ctx: Context) -> Problem | None:
    waiting = bids(ctx.case).filter(stage__in=["checking", "correcting"]).count()
    return need("bids_unchecked", phrases.CHALLENGE_UNCHECKED, n=waiting) if waiting else None


@check
def some_valid(ctx: Context) -> Problem | None:
    return (
        None
        if bids(ctx.case).filter(stage="reviewing").exists()
        else need("no_bid", phrases.CHALLENGE_NO_BID)
    )


@check
def no_conflict(ctx: Context) -> Problem | None:
    """Nobody is invited who could score no plan at all. Single plans are barred when interests are declared."""
    person = ctx.cleaned.get("expert")
    if not isinstance(person, Person):
        return None
    rows = list(bids(ctx.case).filter(stage="reviewing"))
    barred = conflicts(person, rows, ctx.rulebook, ctx.today)
    if rows and len(barred) == len(rows):
        return need(
            "expert_conflict", phrases.EXPERT_CONFLICT, person=person.name, unit=next(iter(barred.values()))
        )
    return None


@check
def not_invited_yet(ctx: Context) -> Problem | None:
    person = ctx.cleaned.get("expert")
    there = Party.objects.filter(case__parent=ctx.case, case__kind="panel", person=person).exclude(
        case__stage="declined"
    )
    return (
        need("expert_there", phrases.EXPERT_THERE) if isinstance(person, Person) and there.exists() else None
    )


@check
def scored_enough(ctx: Context) -> Problem | None:
    wanted = int(terms(ctx).get("experts", 0))
    found = places(ctx.case)
    short = next((p for p in found if p.sheets < wanted), None)
    missing = bids(ctx.case).filter(stage="reviewing").count() - len(found)
    if missing or short:
        number, done = (short.plan, short.sheets) if short and not missing else ("—", 0)
        return need("too_few_scores", phrases.TOO_FEW_SCORES, plan=number, done=done, wanted=wanted)
    return None


@check
def winners_able(ctx: Context) -> Problem | None:
    """Those proposed are plans under review, above every least, and no more than the terms allow."""
    chosen = ctx.cleaned.get("winners")
    most = int(terms(ctx).get("winners", 1))
    if not isinstance(chosen, list) or not 1 <= len(set(map(str, chosen))) <= most:
        return need("winners_count", phrases.WINNERS_COUNT, most=most)
    able = {p.plan for p in places(ctx.case) if p.rank is not None}
    unable = [str(c) for c in chosen if str(c) not in able]
    return need("winner_below", phrases.WINNER_BELOW, plan="、".join(unable)) if unable else None


def winners(ctx: Context) -> list[str]:
    """The numbers of the plans that are proposed to win."""
    return [str(n) for n in last_data(ctx, "propose", "winners") or []]


def losing(ctx: Context) -> list[Case]:
    """The plans under review that are not to win."""
    return list(bids(ctx.case).filter(stage="reviewing").exclude(number__in=winners(ctx)).order_by("number"))


def reasons_told(acts: Iterable[Act]) -> dict[str, str]:
    """Why each plan does not win, as written since the proposal that stands: by its number."""
    found: dict[str, str] = {}
    for one in acts:
        if one.verb == "propose":
            found = {}
        elif one.verb == "explain":
            found[str(one.data["plan"])] = one.reason
    return found


@check
def losers_told(ctx: Context) -> Problem | None:
    """Every plan that does not win has its reasons on file before anything is published."""
    told = reasons_told(ctx.acts())
    open_ = [case.number for case in losing(ctx) if case.number not in told]
    return need("losers_unexplained", phrases.LOSERS_UNEXPLAINED, plans="、".join(open_)) if open_ else None


@check
def a_loser(ctx: Context) -> Problem | None:
    plan = str(ctx.cleaned.get("plan", ""))
    there = plan in {case.number for case in losing(ctx)}
    return None if there else need("not_losing", phrases.NOT_LOSING, plan=plan)


@check
def winners_there(ctx: Context) -> Problem | None:
    """A plan that was taken back does not win; somebody decides anew."""
    there = set(bids(ctx.case).filter(stage="reviewing").values_list("number", flat=True))
    gone = sorted(set(winners(ctx)) - there)
    return need("winner_gone", phrases.WINNER_GONE, plans="、".join(gone)) if gone else None


# -- effects ----------------------------------------------------------------------------------------------------


def open_bids(ctx: Context) -> None:
    """Sealed bids are opened, all at once; numbers follow the order of their digests, which nobody can choose."""
    rows = list(bids(ctx.case).filter(stage="sealed"))
    digests = {case.pk: _digest(case) for case in rows}
    for n, case in enumerate(sorted(rows, key=lambda c: digests[c.pk]), 1):
        follow_on(ctx, case, "unseal", data={"plan": f"{n:02d}"})
    for case in bids(ctx.case).filter(stage__in=["intent", "preparing"]):
        follow_on(ctx, case, "lapse")
    _lapse_rest(ctx)


def _digest(case: Case) -> str:
    return str(case.papers.get(kind="plan").versions.order_by("-n").values_list("digest", flat=True)[0])


def _lapse_rest(ctx: Context) -> None:
    for case in ctx.case.children.filter(kind="invitation", closed_at__isnull=True):
        follow_on(ctx, case, "lapse")
    for case in ctx.case.children.filter(kind="question", closed_at__isnull=True):
        follow_on(ctx, case, "lapse")


def end_panels(ctx: Context) -> None:
    for case in ctx.case.children.filter(kind="panel", closed_at__isnull=True):
        follow_on(ctx, case, "lapse")


def no_award(ctx: Context) -> None:
    """Everything below ends; the scenario is on the list again."""
    for case in bids(ctx.case).filter(closed_at__isnull=True):
        follow_on(ctx, case, "lapse" if case.stage in OPEN_BIDS else "lose", reason=ctx.reason)
    _lapse_rest(ctx)
    end_panels(ctx)
    if ctx.case.parent is not None:
        follow_on(ctx, ctx.case.parent, "relist")


def award(ctx: Context) -> None:
    """Winners win and get their pilots; the others lose for the reasons on file."""
    from qiao.kinds.scenario.pilot import begin as begin_pilot  # noqa: PLC0415 (pilot stands after challenge)

    chosen, told = winners(ctx), reasons_told(ctx.acts())
    for case in bids(ctx.case).filter(stage="reviewing").order_by("number"):
        if case.number in chosen:
            follow_on(ctx, case, "win")
            begin_pilot(case, at=ctx.at)
        else:
            follow_on(ctx, case, "lose", reason=told[case.number])
    end_panels(ctx)


def invite_expert(ctx: Context) -> None:
    person: Person = ctx.cleaned["expert"]
    open_case(
        "panel", call=ctx.case.call, title=str(phrases.PANEL_OF % {"title": ctx.case.title})[:300], by=None,
        parties=[("expert", person)], parent=ctx.case, unit=ctx.case.call.owner, at=ctx.at,
        live_key=f"panel:{ctx.case.pk}:{person.pk}",
    )  # fmt: skip


def first_terms(challenge: Case) -> dict[str, Any]:
    """Indicators and money as the owner agreed to them, weights and experts as the rulebook proposes them."""
    one = scene(parent(challenge).code)
    known = one.content if one else {}
    book = rulebook(challenge.call.rulebook)
    taken = {"task": "problem", "offer": "conditions"}
    said = {key: known[code] for key, code in taken.items() if code in known}
    said |= {
        key: known[key] for key in ("indicators", "money_mode", "budget_low", "budget_high") if key in known
    }
    return said | {"winners": 1, "experts": int(value(book, "experts")), "criteria": value(book, "criteria")}


register_first("challenge", "terms", first_terms)


# -- the processes ----------------------------------------------------------------------------------------------

STOP = tuple(Tick(clock=code, event="stop") for code in ("bids", "panel", "notice"))

register(
    Kind(
        code="challenge",
        version=1,
        label=_("揭榜挂帅"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        text_of=lambda _paper, content: plain(TERMS, content),
        fits=fits,
        party_labels={"holder": _("场景主体")},
        paper_labels={"terms": _("榜单")},
        stages=(
            Stage(code="draft", label=_("拟榜")),
            Stage(code="open", label=_("揭榜中")),
            Stage(code="closed", label=_("形式审查")),
            Stage(code="reviewing", label=_("评审中")),
            Stage(code="proposed", label=_("拟中榜")),
            Stage(code="notice", label=_("公示中")),
            Stage(code="deciding", label=_("待批准")),
            Stage(code="awarded", label=_("已定榜"), end=True),
            Stage(code="failed", label=_("流榜"), end=True),
            Stage(code="withdrawn", label=_("已撤榜"), end=True),
        ),
        clocks=(
            Clock(code="bids", label=_("揭榜截止"), fixed="until"),
            Clock(code="panel", label=_("评审期限"), legal="panel"),
            Clock(code="notice", label=_("公示期"), legal="notice"),
        ),
        verbs=(
            Verb(
                code="write",
                label=_("拟订榜单"),
                source=("draft",),
                who=(EDITOR, HOLDER, HOLDER_OFFICER),
                paper="terms",
                page="sheet",
                duty=True,
                owed=lambda ctx: ctx.current("terms") is None,
            ),
            Verb(
                code="publish",
                label=_("发榜"),
                source=("draft",),
                target="open",
                who=(LEADER,),
                on="terms",
                fields=(
                    Field(
                        code="until",
                        label=_("揭榜截止日期"),
                        kind="date",
                        initial=lambda ctx: terms(ctx).get("until"),
                    ),
                ),
                needs=(is_written("terms"), until_ahead, experts_enough),
                effects=(tell_of_challenge,),
                ticks=(Tick(clock="bids", event="start", until="until"),),
                duty=True,
                owed=lambda ctx: ctx.current("terms") is not None,
                tone="primary",
                tell=("holder", OWNER),
                mail=True,
                public=True,
            ),
            Verb(
                code="prolong",
                label=_("延长揭榜时间"),
                source=("open",),
                who=(EDITOR,),
                fields=(Field(code="until", label=_("新的截止日期"), kind="date"),),
                needs=(bids_run, until_later),
                ticks=(Tick(clock="bids", event="extend", until="until"),),
                reason=True,
                tell=("holder",),
                public=True,
            ),
            Verb(
                code="close",
                label=_("截止并开封"),
                source=("open",),
                target="closed",
                who=(EDITOR, TIMER),
                needs=(bidding_over,),
                effects=(open_bids,),
                ticks=(Tick(clock="bids", event="stop"),),
                duty=True,
                owed=lambda ctx: clock_ended(ctx, "bids") is not None,
                tone="primary",
                tell=("holder", OWNER),
                public=True,
                help=_("截止后一次打开全部密封方案；没有提交的意向失效。"),
            ),
            Verb(
                code="start_review",
                label=_("开始评审"),
                source=("closed",),
                target="reviewing",
                who=(EDITOR,),
                needs=(all_checked, some_valid),
                ticks=(Tick(clock="panel", event="start"),),
                duty=True,
                tone="primary",
            ),
            Verb(
                code="invite_expert",
                label=_("邀请评审专家"),
                source=("reviewing",),
                who=(EDITOR,),
                fields=(Field(code="expert", label=_("专家"), kind="person"),),
                needs=(not_invited_yet, no_conflict),
                effects=(invite_expert,),
                page="experts",
            ),
            Verb(
                code="propose",
                label=_("提出拟中榜方案"),
                source=("reviewing",),
                target="proposed",
                who=(EDITOR,),
                fields=(
                    Field(code="winners", label=_("拟中榜方案编号"), kind="json", help=_('如：["02"]')),
                    Field(code="grounds", label=_("理由"), kind="long"),
                ),
                needs=(scored_enough, winners_able),
                page="ranking",
                ticks=(Tick(clock="panel", event="stop"),),
                duty=True,
                tone="primary",
            ),
            Verb(
                code="explain",
                label=_("写明未中榜理由"),
                source=("proposed",),
                who=(EDITOR,),
                fields=(Field(code="plan", label=_("方案编号")),),
                needs=(a_loser,),
                reason=True,
                page="ranking",
                help=_("告知申请人的理由：得分、哪一项不足、可以怎样改进。定榜时送达。"),
            ),
            Verb(
                code="post",
                label=_("公示"),
                source=("proposed",),
                target="notice",
                who=(EDITOR,),
                needs=(losers_told, winners_there),
                ticks=(Tick(clock="notice", event="start"),),
                duty=True,
                tone="primary",
                tell=("holder",),
                mail=True,
                public=True,
            ),
            objected("notice"),
            Verb(
                code="end_notice",
                label=_("公示期满"),
                source=("notice",),
                target="deciding",
                who=(EDITOR,),
                needs=(notice_over, no_objection_open),
                ticks=(Tick(clock="notice", event="stop"),),
                duty=True,
                tell=(OWNER,),
            ),
            Verb(
                code="award",
                label=_("批准定榜"),
                source=("deciding",),
                target="awarded",
                who=(LEADER,),
                needs=(no_objection_open, winners_there),
                effects=(award,),
                duty=True,
                tone="primary",
                tell=("holder",),
                mail=True,
                public=True,
            ),
            Verb(
                code="review_again",
                label=_("重新评审"),
                source=("proposed", "notice", "deciding"),
                target="reviewing",
                who=(LEADER,),
                reason=True,
                ticks=(Tick(clock="notice", event="stop"), Tick(clock="panel", event="restart")),
                tell=(OWNER,),
                public=True,
            ),
            Verb(
                code="fail",
                label=_("宣布流榜"),
                source=("closed", "reviewing", "deciding"),
                target="failed",
                who=(EDITOR, LEADER),
                fields=(Field(code="ground", label=_("情形"), kind="choice", choices="no_award"),),
                reason=True,
                effects=(no_award,),
                ticks=STOP,
                tone="danger",
                tell=("holder",),
                mail=True,
                public=True,
                help=_("写明分析：为什么没有合适的方案，指标、条件、期限、资金哪里要改。公开在场景页上。"),
            ),
            Verb(
                code="withdraw",
                label=_("撤榜"),
                source=("draft", "open", "closed", "reviewing"),
                target="withdrawn",
                who=(LEADER,),
                reason=True,
                effects=(no_award,),
                ticks=STOP,
                tone="danger",
                tell=("holder",),
                mail=True,
                public=True,
            ),
        ),
    )
)

ASKER = Who(label=_("提问单位经办人"), role="agent", of="asker")

register(
    Kind(
        code="question",
        version=1,
        label=_("公开提问"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        party_labels={"asker": _("提问单位"), "holder": _("场景主体")},
        stages=(
            Stage(code="asked", label=_("待答复")),
            Stage(code="answered", label=_("已答复"), end=True),
            Stage(code="declined", label=_("不予答复"), end=True),
            Stage(code="lapsed", label=_("已截止"), end=True),
        ),
        clocks=(Clock(code="answer", label=_("答复期限"), legal="question"),),
        verbs=(
            Verb(
                code="begin",
                label=_("提问"),
                source=("asked",),
                who=(ASKER,),
                fields=(
                    Field(
                        code="question",
                        label=_("问题"),
                        kind="long",
                        help=_("问答公开，不写提问单位。"),
                    ),
                ),
                ticks=(Tick(clock="answer", event="start"),),
                once=True,
                tell=("holder", OWNER),
                mail=True,
            ),
            Verb(
                code="answer",
                label=_("公开答复"),
                source=("asked",),
                target="answered",
                who=(EDITOR, HOLDER, HOLDER_OFFICER),
                fields=(Field(code="answer", label=_("答复"), kind="long"),),
                ticks=(Tick(clock="answer", event="stop"),),
                duty=True,
                tone="primary",
                tell=("asker",),
                mail=True,
                public=True,
            ),
            Verb(
                code="decline",
                label=_("不予答复"),
                source=("asked",),
                target="declined",
                who=(EDITOR,),
                reason=True,
                ticks=(Tick(clock="answer", event="stop"),),
                tone="danger",
                tell=("asker",),
            ),
            Verb(
                code="lapse",
                label=_("截止"),
                source=("asked",),
                target="lapsed",
                who=(TIMER,),
                ticks=(Tick(clock="answer", event="stop"),),
                tell=("asker",),
            ),
        ),
    )
)


def begin(scenario: Case, *, by: Seat, at: dt.datetime | None = None) -> Case:
    """A challenge on a listed scenario. Raises Refused where it is not listed, or the seat is not its office's."""
    act(scenario, "start_challenge", by=by, at=at)
    found = scenario.children.filter(kind="challenge").select_related("call__owner", "parent").order_by("-pk")
    return found[0]


def ask(challenge: Case, asker: Organisation, text: str, *, by: Seat, at: dt.datetime | None = None) -> Case:
    """A question on an open challenge; question and answer become public, the asker does not. Raises Refused."""
    holder = Organisation.objects.get(parts__case=challenge, parts__role="holder")
    if challenge.stage != "open":
        raise Refused(Answer((need("not_open", phrases.CHALLENGE_NOT_OPEN),), by))
    if name := named(text, [asker]):
        raise Refused(Answer((need("asker_named", phrases.ASKER_NAMED, name=name),), by))
    with transaction.atomic():
        case = open_case(
            "question", call=challenge.call, title=str(phrases.QUESTION_ON % {"title": challenge.title})[:300], by=by,
            parties=[("asker", asker), ("holder", holder)], parent=challenge, unit=holder, at=at,
        )  # fmt: skip
        act(case, "begin", by=by, data={"question": text}, at=at)
    return case


def close_due() -> int:
    """Close every challenge whose last day is over, and open its bids; what the timer calls. Gives how many."""
    due = Case.objects.filter(kind="challenge", stage="open", due_legal__lt=today()).select_related(
        "call__owner"
    )
    rows = list(due)
    for case in rows:
        act(case, "close", by=None)
    return len(rows)
