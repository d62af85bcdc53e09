"""What several kinds share: the people around a case, and small checks. Data and predicates, no views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core.clocks import Deadline, deadlines
from qiao.core.models import Case
from qiao.core.process import OWNER, Check, Context, Problem, Who
from qiao.kinds import phrases

TIMER = Who(label=_("系统"), timer=True)
REGISTRY = Who(label=phrases.REGISTRY, role="registry", of=OWNER)
LEAD_OFFICER = Who(label=_("主办单位承办人"), role="officer", of="lead")
LEAD_HEAD = Who(label=_("主办单位处（科）长"), role="head", of="lead")
LEAD_OFFICE = Who(label=_("主办单位办公室核稿人"), role="office", of="lead")
LEAD_LEADER = Who(label=_("主办单位签发领导"), role="leader", of="lead")
CO_OFFICER = Who(label=_("会办单位承办人"), role="officer", of="co")
CO_LEADER = Who(label=_("会办单位签发领导"), role="leader", of="co")
OWNER_LEADER = Who(label=_("督办领导"), role="leader", of=OWNER)

PROPOSERS = ("proposer", "cosigner", "contact")


def check(test: Callable[[Context], Problem | None]) -> Check:
    """A need that finds at most one problem."""

    def run(ctx: Context) -> Iterable[Problem]:
        found = test(ctx)
        return [found] if found else []

    run.__name__ = test.__name__
    return run


def deadline(ctx: Context, clock: str) -> Deadline | None:
    """The legal deadline of one of the case's clocks, if it has started."""
    if "deadlines" not in ctx.cache:
        ctx.cache["deadlines"] = deadlines(ctx.case, ctx.acts(), on=ctx.today)
    found: list[Deadline] = ctx.cache["deadlines"]
    return next((d for d in found if d.clock.code == clock and not d.internal), None)


def clock_ended(ctx: Context, clock: str) -> dt.date | None:
    """The due date of a clock that has run out, or None."""
    found = deadline(ctx, clock)
    return found.due if found and found.due and ctx.today > found.due else None


def last_data(ctx: Context, verb: str, key: str) -> Any:
    """The newest value of ``key`` said with ``verb``."""
    return next((a.data[key] for a in reversed(ctx.acts()) if a.verb == verb and key in a.data), None)


def open_children(case: Case, kind: str) -> list[Case]:
    return list(case.children.filter(kind=kind, closed_at__isnull=True).select_related("unit", "call__owner"))
