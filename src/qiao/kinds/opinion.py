"""会办意见: a co-handler's opinion, sent in writing to the lead unit, never to the proposer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qiao.core.acts import need
from qiao.core.process import Clock, Context, Field, Kind, Problem, Stage, Tick, Verb, register
from qiao.kinds import phrases, reply
from qiao.kinds.common import CO_LEADER, CO_OFFICER, TIMER, check

STOP = (Tick(clock="opinion", event="stop"),)


@check
def has_text(ctx: Context) -> Problem | None:
    version = ctx.current("opinion")
    return None if version and version.text.strip() else need("opinion_empty", phrases.OPINION_EMPTY)


OPINION = register(
    Kind(
        code="opinion",
        version=1,
        label=_("会办件"),
        supervisors=("registry",),
        text_of=reply.text_of,
        party_labels={"lead": phrases.LEAD, "co": phrases.CO},
        paper_labels={"opinion": _("会办意见")},
        stages=(
            Stage(code="new", label=_("待交办")),
            Stage(code="requested", label=_("待签收")),
            Stage(code="drafting", label=_("办理中")),
            Stage(code="sent", label=_("已送主办"), end=True),
            Stage(code="returned", label=_("已退回"), end=True),
            Stage(code="cancelled", label=_("已取消"), end=True),
        ),
        clocks=(Clock(code="opinion", label=_("会办期限"), legal="opinion"),),
        verbs=(
            Verb(
                code="hand_out",
                label=_("交办会办"),
                source=("new",),
                target="requested",
                who=(TIMER,),
                ticks=(Tick(clock="opinion", event="start"),),
                tell=("co",),
                mail=True,
            ),
            Verb(
                code="accept",
                label=_("签收"),
                source=("requested",),
                target="drafting",
                who=(CO_OFFICER,),
                duty=True,
                link=True,
                tone="primary",
                tell=("lead",),
            ),
            Verb(
                code="hand_back",
                label=_("退回会办"),
                source=("requested",),
                target="returned",
                who=(CO_OFFICER,),
                fields=(Field(code="unit", label=_("建议会办单位"), kind="organisation", required=False),),
                reason=True,
                link=True,
                ticks=STOP,
                tell=("lead", "owner"),
            ),
            Verb(
                code="save_opinion",
                label=_("起草会办意见"),
                source=("drafting",),
                who=(CO_OFFICER,),
                paper="opinion",
                duty=True,
                owed=lambda ctx: ctx.current("opinion") is None,
                page="text",
            ),
            Verb(
                code="send",
                label=_("签发送主办单位"),
                source=("drafting",),
                target="sent",
                who=(CO_LEADER,),
                on="opinion",
                needs=(has_text,),
                ticks=STOP,
                duty=True,
                owed=lambda ctx: ctx.current("opinion") is not None,
                tone="primary",
                tell=("lead",),
            ),
            Verb(
                code="cancel",
                label=_("取消会办"),
                source=("requested", "drafting"),
                target="cancelled",
                who=(TIMER,),
                ticks=STOP,
                tell=("co",),
            ),
        ),
    )
)
