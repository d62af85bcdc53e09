"""评审: one expert's part in one challenge. Conflicts are declared before anything is read, and enforced; plans are
scored without names; every score names the version of the plan and of the criteria that it was given under.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from qiao.core.acts import need
from qiao.core.models import Case, Review, Version
from qiao.core.process import OWNER, Clock, Context, Field, Kind, Problem, Stage, Tick, Verb, register
from qiao.kinds import phrases
from qiao.kinds.common import TIMER, check
from qiao.kinds.scenario.people import EXPERT, SUPERVISORS, parent
from qiao.kinds.scenario.ranking import HIGHEST
from qiao.kinds.scenario.standing import bids, conflicts, criteria_of, plans_of, terms_of, units_of

CONFLICT_LENGTH = 300


def _challenge(ctx: Context) -> Case:
    return parent(ctx.case)


def _rows(ctx: Context) -> list[Case]:
    return list(bids(_challenge(ctx)).filter(stage="reviewing").order_by("number"))


def _plan(ctx: Context, number: str) -> Version | None:
    case = bids(_challenge(ctx)).filter(stage="reviewing", number=number).first()
    return plans_of([case]).get(case.pk) if case else None


def _mine(ctx: Context) -> QuerySet[Review]:
    """What this expert declared and scored, whatever the seat: an expert is one person."""
    return Review.objects.filter(seat__person__parts__case=ctx.case, seat__person__parts__role="expert")


@check
def under_review(ctx: Context) -> Problem | None:
    return None if _challenge(ctx).stage == "reviewing" else need("not_reviewing", phrases.NOT_REVIEWING)


@check
def promised(ctx: Context) -> Problem | None:
    return None if ctx.cleaned.get("promise") else need("not_promised", phrases.NOT_PROMISED)


@check
def units_known(ctx: Context) -> Problem | None:
    """Units are declared by their codes, out of those that bid."""
    declared = ctx.cleaned.get("units") or []
    there = {u.code for units in units_of(_rows(ctx)).values() for u in units}
    if isinstance(declared, list) and all(isinstance(code, str) and code in there for code in declared):
        return None
    return need("unit_unknown", phrases.UNIT_UNKNOWN)


@check
def plan_mine(ctx: Context) -> Problem | None:
    """The plan is under review, and this expert has no conflict with it."""
    version = _plan(ctx, str(ctx.cleaned.get("plan", "")))
    if version is None:
        return need("plan_unknown", phrases.PLAN_UNKNOWN, plan=ctx.cleaned.get("plan", ""))
    if ctx.by is None:
        return None
    declared = _mine(ctx).filter(version=version).exclude(conflict="").exists()
    case = version.paper.case
    held = conflicts(ctx.by.person, [case] if case else [], ctx.rulebook, ctx.today)
    if declared or held:
        return need("plan_barred", phrases.PLAN_BARRED, plan=ctx.cleaned.get("plan", ""))
    return None


@check
def points_whole(ctx: Context) -> Problem | None:
    """One number from 0 to 100 for every criterion, none more."""
    criteria = criteria_of(terms_of(_challenge(ctx)))
    given = ctx.cleaned.get("points")
    given = given if isinstance(given, dict) else {}
    for criterion in criteria:
        try:
            points = Decimal(str(given.get(criterion.name, "")))
        except InvalidOperation:
            points = Decimal(-1)
        if not (points.is_finite() and 0 <= points <= HIGHEST):
            return need("bad_score", phrases.BAD_SCORE, criterion=criterion.name)
    extra = set(given) - {c.name for c in criteria}
    return need("bad_score", phrases.BAD_SCORE, criterion=next(iter(extra))) if extra else None


def unscored(ctx: Context) -> list[str]:
    """Numbers of the plans that this expert still owes a score."""
    rows = _rows(ctx)
    plans = plans_of(rows)
    reviews = _mine(ctx).filter(version__in=plans.values()).exclude(scores={}, conflict="")
    done = set(reviews.values_list("version", flat=True))
    return [case.number for case in rows if case.pk in plans and plans[case.pk].pk not in done]


@check
def all_scored(ctx: Context) -> Problem | None:
    left = unscored(ctx)
    return need("unscored", phrases.UNSCORED, plans="、".join(left)) if left else None


def _keep(ctx: Context, version: Version, **said: Any) -> None:
    """One sheet of a person on a version: a second one takes the place of the first."""
    there = _mine(ctx).filter(version=version).first()
    if there is None and ctx.by is not None:
        Review.objects.create(version=version, seat=ctx.by, at=ctx.at, **said)
    elif there is not None:
        Review.objects.filter(pk=there.pk).update(seat=ctx.by, at=ctx.at, **said)


def keep_declaration(ctx: Context) -> None:
    """Barred from a plan: whom the expert named, and whom their seats name."""
    if ctx.by is None:
        return
    rows = _rows(ctx)
    plans, units = plans_of(rows), units_of(rows)
    known = conflicts(ctx.by.person, rows, ctx.rulebook, ctx.today)
    declared = set(ctx.data.get("units") or [])
    for case in rows:
        named = next((u.name for u in units.get(case.pk, []) if u.code in declared), "")
        why = named or known.get(case.pk, "")
        _keep(ctx, plans[case.pk], conflict=why[:CONFLICT_LENGTH], scores={})


def keep_scores(ctx: Context) -> None:
    version = _plan(ctx, str(ctx.data["plan"]))
    points = {name: str(Decimal(str(p))) for name, p in ctx.data["points"].items()}
    if version is not None:
        _keep(ctx, version, conflict="", scores=points)


def criteria_version(ctx: Context) -> str:
    """Which version of the terms the points answer to: number and the beginning of its digest."""
    found = Version.objects.filter(paper__case=ctx.case.parent_id, paper__kind="terms").order_by("-n").first()
    return f"v{found.n} {found.digest[:16]}" if found else ""


register(
    Kind(
        code="panel",
        version=1,
        label=_("专家评审"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        party_labels={"expert": _("评审专家")},
        stages=(
            Stage(code="invited", label=_("待申明")),
            Stage(code="scoring", label=_("评分中")),
            Stage(code="done", label=_("已完成"), end=True),
            Stage(code="declined", label=_("已谢绝"), end=True),
            Stage(code="lapsed", label=_("评审结束"), end=True),
        ),
        clocks=(Clock(code="panel", label=_("评审期限"), legal="panel"),),
        verbs=(
            Verb(
                code="declare",
                label=_("申明利益关系"),
                source=("invited",),
                target="scoring",
                who=(EXPERT,),
                fields=(
                    Field(code="units", label=_("有利益关系的单位（代码）"), kind="json", required=False),
                    Field(code="promise", label=_("承诺"), kind="flag"),
                ),
                needs=(under_review, promised, units_known),
                effects=(keep_declaration,),
                ticks=(Tick(clock="panel", event="start"),),
                duty=True,
                page="panel",
                tone="primary",
            ),
            Verb(
                code="score",
                label=_("评分"),
                source=("scoring",),
                who=(EXPERT,),
                fields=(
                    Field(code="plan", label=_("方案编号")),
                    Field(code="points", label=_("各项分数"), kind="json"),
                    Field(code="opinion", label=_("评审意见"), kind="long"),
                    Field(
                        code="criteria",
                        label=_("标准版本"),
                        required=False,
                        hidden=True,
                        initial=criteria_version,
                    ),
                ),
                needs=(under_review, plan_mine, points_whole),
                effects=(keep_scores,),
                duty=True,
                owed=lambda ctx: bool(unscored(ctx)),
                page="panel",
                tone="primary",
            ),
            Verb(
                code="finish",
                label=_("完成评审"),
                source=("scoring",),
                target="done",
                who=(EXPERT,),
                needs=(all_scored,),
                ticks=(Tick(clock="panel", event="stop"),),
                duty=True,
                owed=lambda ctx: not unscored(ctx),
                tell=(OWNER,),
            ),
            Verb(
                code="decline",
                label=_("不参加评审"),
                source=("invited", "scoring"),
                target="declined",
                who=(EXPERT,),
                reason=True,
                ticks=(Tick(clock="panel", event="stop"),),
                tell=(OWNER,),
            ),
            Verb(
                code="lapse",
                label=_("评审结束"),
                source=("invited", "scoring"),
                target="lapsed",
                who=(TIMER,),
                ticks=(Tick(clock="panel", event="stop"),),
                tell=("expert",),
            ),
        ),
    )
)


def blind(case: Case) -> list[dict[str, Any]]:
    """Plans of the challenge as an expert reads them: number and version, no unit. For the panel's page."""
    rows = list(bids(parent(case)).filter(stage="reviewing").order_by("number"))
    plans = plans_of(rows)
    return [{"number": c.number, "version": plans[c.pk]} for c in rows if c.pk in plans]
