"""定向邀请: a firm asked to look at a challenge before the list closes, with the reasons why it was chosen."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qiao.core.acts import act, open_case
from qiao.core.models import Case, Organisation, Seat
from qiao.core.process import OWNER, Clock, Field, Kind, Stage, Tick, Verb, Who, register
from qiao.kinds import phrases
from qiao.kinds.common import TIMER
from qiao.kinds.scenario.people import EDITOR, SUPERVISORS

FIRM = Who(label=_("受邀单位经办人"), role="agent", of="firm")

register(
    Kind(
        code="invitation",
        version=1,
        label=_("揭榜邀请"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=SUPERVISORS,
        party_labels={"firm": _("受邀单位")},
        stages=(
            Stage(code="sent", label=_("待答复")),
            Stage(code="answered", label=_("已表达意向"), end=True),
            Stage(code="declined", label=_("不参加"), end=True),
            Stage(code="lapsed", label=_("未答复"), end=True),
        ),
        clocks=(Clock(code="answer", label=_("答复期限"), legal="invitation"),),
        verbs=(
            Verb(
                code="begin",
                label=_("邀请"),
                source=("sent",),
                who=(EDITOR,),
                fields=(
                    Field(code="reasons", label=_("为什么邀请"), kind="long"),
                    Field(code="url", label=_("榜单页面")),
                ),
                ticks=(Tick(clock="answer", event="start"),),
                once=True,
                tell=("firm",),
                mail=True,
            ),
            Verb(
                code="accepted",
                label=_("已表达意向"),
                source=("sent",),
                target="answered",
                who=(TIMER,),
                ticks=(Tick(clock="answer", event="stop"),),
                tell=(OWNER,),
            ),
            Verb(
                code="decline",
                label=_("不参加"),
                source=("sent",),
                target="declined",
                who=(FIRM,),
                reason=True,
                ticks=(Tick(clock="answer", event="stop"),),
                duty=True,
                tell=(OWNER,),
                link=True,
                help=_("写明为什么不合适：用于改进邀请。愿意参加的，到榜单页面表达揭榜意向。"),
            ),
            Verb(
                code="lapse",
                label=_("未答复"),
                source=("sent",),
                target="lapsed",
                who=(TIMER,),
                ticks=(Tick(clock="answer", event="stop"),),
            ),
        ),
    )
)


def invite(
    challenge: Case, firm: Organisation, reasons: str, *, by: Seat, at: dt.datetime | None = None
) -> Case:
    """Ask a firm, with the reasons in words; once for each firm and challenge (IntegrityError)."""
    with transaction.atomic():
        case = open_case(
            "invitation", call=challenge.call, title=str(phrases.INVITED_TO % {"title": challenge.title})[:300], by=by,
            parties=[("firm", firm)], parent=challenge, unit=firm, live_key=f"invite:{challenge.pk}:{firm.pk}", at=at,
        )  # fmt: skip
        url = f"/scenarios/{challenge.parent.code if challenge.parent else challenge.code}/"
        act(case, "begin", by=by, data={"reasons": reasons, "url": url}, at=at)
    return case
