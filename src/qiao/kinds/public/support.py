"""Support decisions under public notice (公示): who, for what, how much and why, and until when one may object."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from qiao.core import money
from qiao.core.clocks import local_date
from qiao.core.models import Act, Case, Party

SAID = ("propose", "nominate")


@dataclass(frozen=True)
class SupportNotice:
    """One notice. ``yuan``: the amount; ``until``: the last day on which one may object; ``listed``: 免申即享."""

    firm: str
    support: str
    office: str
    yuan: str
    grounds: str
    since: dt.date
    until: dt.date | None
    listed: bool
    code: str


def support_notices() -> list[SupportNotice]:
    """All notices that run now, the newest first. Three queries, however many there are."""
    rows = Case.objects.filter(kind="application", stage="notice").select_related("call__owner")
    cases = {c.pk: c for c in rows}
    parties = Party.objects.filter(case__in=cases, role="applicant").select_related("organisation")
    firms = {p.case_id: p.organisation for p in parties}
    said: dict[int, Act] = {}
    posted: dict[int, Act] = {}
    for act in Act.objects.filter(case__in=cases, verb__in=(*SAID, "post")).order_by("seq"):
        (posted if act.verb == "post" else said)[act.case_id] = act
    found = [
        SupportNotice(
            firm=firm.name,
            support=case.call.title,
            office=case.call.owner.name,
            yuan=money.yuan(money.fen(Decimal(str(said[pk].data.get("amount", 0))))),
            grounds=str(said[pk].data.get("grounds", "")),
            since=local_date(posted[pk].at),
            until=case.due_legal,
            listed=said[pk].verb == "nominate",
            code=case.code,
        )
        for pk, case in cases.items()
        if (firm := firms.get(pk)) and pk in said and pk in posted
    ]
    return sorted(found, key=lambda n: (n.since, n.code), reverse=True)
