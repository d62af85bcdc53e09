"""公示异议: whoever objects does so under their name, with evidence, in a case that the other side never sees.

For any kind whose cases stand under notice: it has a stage with the clock ``notice`` and the timer's verb ``objected``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qiao.core.acts import act, need, open_case
from qiao.core.models import Case, Seat
from qiao.core.process import OWNER, Context, Field, Kind, Problem, Stage, Verb, Who, register
from qiao.kinds import phrases
from qiao.kinds.common import TIMER, check, clock_ended

LEADER = Who(label=_("审批领导"), role="leader", of=OWNER)


@check
def notice_over(ctx: Context) -> Problem | None:
    if clock_ended(ctx, "notice"):
        return None
    return need("notice_runs", phrases.NOTICE_RUNS)


@check
def no_objection_open(ctx: Context) -> Problem | None:
    count = ctx.case.children.filter(kind="objection", closed_at__isnull=True).count() if ctx.case.pk else 0
    return need("objection_open", phrases.OBJECTION_OPEN, n=count) if count else None


def objected(*source: str) -> Verb:
    """The timer's verb of a kind whose cases stand under notice at ``source``."""
    return Verb(
        code="objected",
        label=_("收到异议"),
        source=source,
        who=(TIMER,),
        fields=(Field(code="objection", label=_("异议编号")),),
    )


def raise_objection(
    case: Case, *, by: Seat | None, said: Mapping[str, str], at: dt.datetime | None = None
) -> Case:
    """An objection during the notice, in a case of its own: the applicant is no party of it and never sees who objects.

    ``said``: name (real), contact, text, evidence. Raises `Refused` outside the notice.
    """
    with transaction.atomic():
        objection = open_case(
            "objection", call=case.call, title=str(phrases.OBJECTION_TO % {"case": case.title})[:200], by=by,
            parent=case, unit=case.call.owner, at=at, data={k: v for k, v in said.items() if v},
        )  # fmt: skip
        act(case, "objected", by=None, data={"objection": objection.code}, at=at)
    return objection


OBJECTION = register(
    Kind(
        code="objection",
        version=1,
        label=_("公示异议"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=("officer", "leader"),
        stages=(
            Stage(code="raised", label=_("待核查")),
            Stage(code="upheld", label=_("异议成立"), end=True),
            Stage(code="dismissed", label=_("异议不成立"), end=True),
        ),
        verbs=(
            Verb(
                code="uphold",
                label=_("认定成立"),
                source=("raised",),
                target="upheld",
                who=(LEADER,),
                reason=True,
                tone="danger",
                duty=True,
            ),
            Verb(
                code="dismiss",
                label=_("认定不成立"),
                source=("raised",),
                target="dismissed",
                who=(LEADER,),
                reason=True,
                duty=True,
            ),
        ),
    )
)
