"""里程碑 with evidence, and changes by permission: what pilots and joint projects share.

Milestones stand in the rows of a paper and are numbered from 1. One side reports, the other confirms.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qiao.core.acts import need
from qiao.core.process import Check, Context, Field, Problem, Text
from qiao.kinds import phrases
from qiao.kinds.common import check


def milestones(ctx: Context) -> list[dict[str, str]]:
    """Those of the current version of the kind's main paper."""
    version = ctx.current(ctx.kind.main_paper)
    return list(version.content.get("milestones", [])) if version else []


def _numbers(ctx: Context, verb: str) -> set[int]:
    return {int(a.data["n"]) for a in ctx.acts() if a.verb == verb}


def reported(ctx: Context) -> set[int]:
    return _numbers(ctx, "milestone")


def confirmed(ctx: Context) -> set[int]:
    return _numbers(ctx, "confirm_milestone")


def to_report(ctx: Context) -> bool:
    return len(reported(ctx)) < len(milestones(ctx))


def to_confirm(ctx: Context) -> bool:
    return bool(reported(ctx) - confirmed(ctx))


def all_done(ctx: Context) -> bool:
    return len(confirmed(ctx)) == len(milestones(ctx)) > 0


def _named(ctx: Context) -> list[tuple[str, Text]]:
    return [(str(n), f"{n}. {row['name']}") for n, row in enumerate(milestones(ctx), 1)]


def _next(ctx: Context) -> str | None:
    """The first that is to be reported, or to be confirmed."""
    every = set(range(1, len(milestones(ctx)) + 1))
    left = reported(ctx) - confirmed(ctx) if ctx.verb.code == "confirm_milestone" else every - reported(ctx)
    return str(min(left)) if left else None


FIELD = Field(code="n", label=_("里程碑"), kind="choice", choices=_named, initial=_next)


@check
def is_reported(ctx: Context) -> Problem | None:
    n = ctx.cleaned.get("n")
    return None if n is not None and int(n) in reported(ctx) else need("not_reported", phrases.NOT_REPORTED)


@check
def all_confirmed(ctx: Context) -> Problem | None:
    left = sorted(set(range(1, len(milestones(ctx)) + 1)) - confirmed(ctx))
    return need("milestones_open", phrases.MILESTONES_OPEN, n="、".join(map(str, left))) if left else None


def change_asked(ctx: Context) -> bool:
    """Whether a change waits for its answer."""
    verbs = {"ask_change", "allow_change", "deny_change"}
    return next((a.verb for a in reversed(ctx.acts()) if a.verb in verbs), "") == "ask_change"


@check
def change_open(ctx: Context) -> Problem | None:
    return None if change_asked(ctx) else need("no_change", phrases.NO_CHANGE_ASKED)


def was_done(verb: str, code: str, text: object) -> Check:
    """A need: some act of the case was ``verb``; ``text`` says what is missing."""

    @check
    def done(ctx: Context) -> Problem | None:
        return None if any(a.verb == verb for a in ctx.acts()) else need(code, text)

    return done
