"""容缺: what a file may lack for a while; promised with a day, followed, and in the way of what follows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from qiao.core.acts import need
from qiao.core.process import Context, Problem
from qiao.kinds import phrases
from qiao.kinds.common import check


def open_debts(ctx: Context) -> list[dict[str, Any]]:
    """What was let lack and has not come yet: number, what, until when."""
    owed = [
        {"n": n, "what": a.data.get("missing", ""), "until": a.data.get("until", "")}
        for n, a in enumerate((a for a in ctx.acts() if a.verb == "accept_incomplete"), 1)
    ]
    settled = sum(1 for a in ctx.acts() if a.verb == "settle_debt")
    return owed[settled:]


@check
def no_debts(ctx: Context) -> Problem | None:
    """容缺 blocks payment, not acceptance."""
    debts = open_debts(ctx)
    return (
        need("debt_open", phrases.DEBT_OPEN, what=debts[0]["what"], until=debts[0]["until"])
        if debts
        else None
    )


@check
def day_ahead(ctx: Context) -> Problem | None:
    """Nobody promises to have brought something by a day that is over."""
    until = ctx.cleaned.get("until")
    past = isinstance(until, dt.date) and until < ctx.today
    return need("until_past", phrases.LACKING_PAST) if past else None


@check
def a_debt(ctx: Context) -> Problem | None:
    return None if open_debts(ctx) else need("no_debt", phrases.NO_DEBT)
