"""承诺事项: a promise of a signed reply, followed until it is kept or openly given up.

Source: 上海市人大关于代表建议、批评和意见的规定 第二十二条 (written notice when done; not done in the year: carried
over; changed circumstances: a written report signed by the unit's head).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qiao.core.models import Case
from qiao.core.process import OWNER, Clock, Field, Kind, Stage, Tick, Verb, register
from qiao.kinds import phrases
from qiao.kinds.common import LEAD_LEADER, LEAD_OFFICER, REGISTRY, TIMER

STOP = (Tick(clock="promise", event="stop"),)


def state_of(case: Case) -> str:
    """For the public page: done, changed, or how late it is."""
    from qiao.core.clocks import late_level  # noqa: PLC0415 (one call)

    return case.stage if case.closed_at else late_level(case)


COMMITMENT = register(
    Kind(
        code="commitment",
        version=1,
        label=_("承诺事项"),
        supervisors=("registry", "leader"),
        party_labels={"lead": _("责任单位"), "proposer": phrases.PROPOSER},
        stages=(
            Stage(code="new", label=_("待登记")),
            Stage(code="open", label=_("推进中")),
            Stage(code="done", label=_("已完成"), end=True),
            Stage(code="changed", label=_("情况变化"), end=True),
        ),
        clocks=(Clock(code="promise", label=_("承诺期限"), fixed="until"),),
        verbs=(
            Verb(
                code="undertake",
                label=_("登记承诺"),
                source=("new",),
                target="open",
                who=(TIMER,),
                fields=(
                    Field(code="promise", label=_("承诺编号")),
                    Field(code="until", label=_("完成时间"), kind="date"),
                    Field(code="measure", label=_("衡量标准"), kind="long"),
                ),
                ticks=(Tick(clock="promise", event="start", until="until"),),
                tell=("lead", "proposer"),
                public=True,
            ),
            Verb(
                code="progress",
                label=_("报告进展"),
                source=("open",),
                who=(LEAD_OFFICER,),
                fields=(
                    Field(code="summary", label=_("进展情况"), kind="long"),
                    Field(
                        code="percent",
                        label=_("完成比例（%）"),
                        kind="number",
                        required=False,
                        help=_("0至100；不适用时留空。"),
                    ),
                ),
                tell=("proposer", OWNER),
                public=True,
            ),
            Verb(
                code="complete",
                label=_("报告完成"),
                source=("open",),
                target="done",
                who=(LEAD_OFFICER,),
                fields=(
                    Field(code="summary", label=_("完成情况"), kind="long"),
                    Field(code="evidence", label=_("佐证（名称或网址）"), required=False),
                ),
                ticks=STOP,
                duty=True,
                tone="primary",
                tell=("proposer", OWNER),
                mail=True,
                public=True,
            ),
            Verb(
                code="carry_over",
                label=_("结转"),
                source=("open",),
                who=(REGISTRY,),
                fields=(Field(code="until", label=_("新的完成时间"), kind="date"),),
                reason=True,
                ticks=(Tick(clock="promise", event="extend", until="until"),),
                tell=("lead", "proposer"),
                public=True,
            ),
            Verb(
                code="explain",
                label=_("情况变化说明"),
                source=("open",),
                target="changed",
                who=(LEAD_LEADER,),
                reason=True,
                ticks=STOP,
                tone="danger",
                tell=("proposer", OWNER),
                mail=True,
                public=True,
                help=_("因情况变化不能按承诺办理的，由单位负责人书面说明。"),
            ),
        ),
    )
)
