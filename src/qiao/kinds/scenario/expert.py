"""专家库: who may be asked to score, in which fields; admitted by the office, out on their own word or the office's."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from qiao.core.acts import open_case
from qiao.core.models import Call, Case, Person, Seat
from qiao.core.process import OWNER, Clock, Kind, Stage, Tick, Verb, register
from qiao.kinds import phrases
from qiao.kinds.scenario.people import EDITOR, EXPERT, SUPERVISORS, is_written
from qiao.kinds.scenario.sheets import PROFILE
from qiao.kinds.sheets import fits, plain

register(
    Kind(
        code="expert",
        version=1,
        label=_("专家入库"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        text_of=lambda _paper, content: plain(PROFILE, content),
        fits=fits,
        party_labels={"expert": _("专家")},
        paper_labels={"profile": _("专家简介")},
        stages=(
            Stage(code="draft", label=_("填写中")),
            Stage(code="review", label=_("待审核")),
            Stage(code="listed", label=_("在库")),
            Stage(code="ended", label=_("已出库"), end=True),
        ),
        clocks=(Clock(code="review", label=_("审核期限"), legal="expert_review"),),
        verbs=(
            Verb(
                code="write",
                label=_("填写专家简介"),
                source=("draft", "listed"),
                who=(EXPERT, EDITOR),
                paper="profile",
                page="sheet",
            ),
            Verb(
                code="submit",
                label=_("申请入库"),
                source=("draft",),
                target="review",
                who=(EXPERT, EDITOR),
                on="profile",
                needs=(is_written("profile"),),
                ticks=(Tick(clock="review", event="start"),),
                duty=True,
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="admit",
                label=_("同意入库"),
                source=("review",),
                target="listed",
                who=(EDITOR,),
                on="profile",
                ticks=(Tick(clock="review", event="stop"),),
                duty=True,
                tone="primary",
                tell=("expert",),
                mail=True,
            ),
            Verb(
                code="end",
                label=_("出库"),
                source=("draft", "review", "listed"),
                target="ended",
                who=(EXPERT, EDITOR),
                reason=True,
                ticks=(Tick(clock="review", event="stop"),),
                tone="danger",
                tell=("expert", OWNER),
            ),
        ),
    )
)


def begin(pool: Call, person: Person, *, by: Seat, at: dt.datetime | None = None) -> Case:
    """An expert's entry in a pool; one that is live at a time (IntegrityError)."""
    return open_case(
        "expert", call=pool, title=person.name, by=by, parties=[("expert", person)], unit=pool.owner,
        live_key=f"expert:{person.pk}", at=at,
    )  # fmt: skip
