"""What a verification code on a letter stands for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qiao.core import history
from qiao.core.clocks import local_date
from qiao.core.models import Act, DailyRoot, Publication
from qiao.kinds.handling import public_letter


@dataclass(frozen=True)
class Checked:
    """What a verification code stands for."""

    publication: Publication
    digest: str
    public_digest: str  # empty for what was withdrawn
    signed: dt.datetime | None
    act_hash: str
    root: DailyRoot | None


def check_code(code: str) -> Checked | None:
    """The publication under a verification code, live or withdrawn; None if there is none."""
    p = (
        Publication.objects.filter(code=code.strip().lower())
        .select_related("version", "case__unit", "case__call")
        .first()
    )
    if p is None:
        return None
    act = Act.objects.filter(case=p.case, verb="sign", version=p.version).order_by("-seq").first()
    root = DailyRoot.objects.filter(day=local_date(act.at)).first() if act else None
    public = history.digest(public_letter(p).to_dict()) if p.end is None else ""
    return Checked(p, p.version.digest, public, act.at if act else None, act.hash if act else "", root)
