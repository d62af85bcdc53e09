"""What becomes of an answer: ratings, handling again, the authors of merged proposals, promises, the result."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from qiao.core.access import context, joined
from qiao.core.acts import follow_on, need
from qiao.core.models import Case, Link, Party, Person
from qiao.core.process import Context, Problem
from qiao.core.rulebook import Rulebook, rulebook
from qiao.kinds import phrases
from qiao.kinds.common import PROPOSERS, check, clock_ended, open_children


def unrated(ctx: Context) -> list[Party]:
    done = {a.by.person_id for a in ctx.acts_this_round("rate") if a.by}
    return [p for p in ctx.parties(*PROPOSERS) if p.person_id not in done]


def merged(ctx: Context) -> tuple[list[Case], Case | None]:
    """The proposals that were merged into this one, and the one that it was merged into; one query."""
    if "merged" not in ctx.cache:
        links = Link.objects.filter(Q(source=ctx.case) | Q(target=ctx.case), relation="merged_into")
        found = list(links.select_related("source__call__owner", "target__call__owner").order_by("pk"))
        sources = [link.source for link in found if link.target_id == ctx.case.pk]
        ctx.cache["merged"] = sources, next((x.target for x in found if x.source_id == ctx.case.pk), None)
    both: tuple[list[Case], Case | None] = ctx.cache["merged"]
    return both


def open_promises(ctx: Context) -> list[Case]:
    if "promises" not in ctx.cache:
        ctx.cache["promises"] = open_children(ctx.case, "commitment")
    found: list[Case] = ctx.cache["promises"]
    return found


@check
def feedback_in(ctx: Context) -> Problem | None:
    """Every proposer has rated, or the time for it has run out."""
    waiting = unrated(ctx) if ctx.case.stage == "replied" else []
    if waiting and not clock_ended(ctx, "feedback"):
        return need("open_feedback", phrases.OPEN_FEEDBACK, names=joined(waiting))
    return None


def dissatisfied(ctx: Context) -> list[Person]:
    """Who rated this round's answer badly."""
    return [
        a.by.person for a in ctx.acts_this_round("rate") if a.by and is_dissatisfied(a.data, ctx.rulebook)
    ]


def to_be_redone(ctx: Context) -> list[Person]:
    """Whose dissatisfaction must be met by handling again: that of the first answer, while it can be."""
    if ctx.case.stage != "replied" or any(a.verb in {"redo", "again"} for a in ctx.acts()):
        return []
    found = dissatisfied(ctx)
    main = merged(ctx)[1] if found else None
    return [] if main and main.closed_at else found


@check
def redone(ctx: Context) -> Problem | None:
    """A dissatisfied proposer is answered again before anything else (municipal rule on suggestions, Art. 21)."""
    names = to_be_redone(ctx)
    return need("redo_first", phrases.REDO_FIRST, names=joined(p.name for p in names)) if names else None


@check
def merged_ones_content(ctx: Context) -> Problem | None:
    """Each author of a merged proposal has a say before the main one is closed: handled again, it is one handling."""
    for case in merged(ctx)[0]:
        if case.stage != "replied":
            continue
        theirs = context(case, ctx.verb, None, ctx.at)
        if to_be_redone(theirs) or (unrated(theirs) and not clock_ended(theirs, "feedback")):
            return need("merged_open", phrases.MERGED_OPEN, case=case)
    return None


def settled(ctx: Context) -> bool:
    """Everybody has rated, and nobody has to be answered again."""
    return not unrated(ctx) and not to_be_redone(ctx)


@check
def promises_kept(ctx: Context) -> Problem | None:
    n = len(open_promises(ctx))
    return need("open_promises", phrases.OPEN_PROMISES, n=n) if n else None


@check
def promises_open(ctx: Context) -> Problem | None:
    return None if open_promises(ctx) else need("no_promises", phrases.NO_PROMISES)


def is_dissatisfied(data: dict[str, Any], book: Rulebook) -> bool:
    """A rating with a bad attitude or disagreement with the result: handled again."""
    return any(
        (term := book.term(name, data.get(name, ""))) is not None and term.bad
        for name in ("attitude", "agreement")
    )


@check
def somebody_dissatisfied(ctx: Context) -> Problem | None:
    return None if dissatisfied(ctx) else need("not_dissatisfied", phrases.NOT_DISSATISFIED)


@check
def main_not_closed(ctx: Context) -> Problem | None:
    _merged, main = merged(ctx)
    return need("main_closed", phrases.MAIN_CLOSED, case=main) if main and main.closed_at else None


@check
def result_differs(ctx: Context) -> Problem | None:
    if ctx.cleaned and ctx.cleaned.get("result") == result_of(ctx.case):
        return need("same_result", phrases.SAME_RESULT)
    return None


def result_of(case: Case) -> str:
    """The case's result: of its handling units' signed replies the least advanced one; empty if none is signed."""
    order = {t.code: i for i, t in enumerate(rulebook(case.call.rulebook).terms("result"))}
    signed = [
        a.version.content.get("result", "")
        for child in case.children.filter(kind="handling").prefetch_related("acts__version")
        for a in list(child.acts.all())[::-1]
        if a.verb == "sign" and a.to_stage == "signed" and a.version
    ]
    return max((r for r in signed if r), key=lambda r: order.get(r, -1), default="")


def redo(ctx: Context) -> None:
    """The units handle again; those of a merged proposal are its main one's."""
    _merged, main = merged(ctx)
    if main is not None:
        if main.stage in {"replied", "tracking"}:
            follow_on(ctx, main, "again")
        return
    for child in ctx.case.children.filter(kind="handling", stage="delivered").select_related("call__owner"):
        follow_on(ctx, child, "redo")


def answer_merged(ctx: Context) -> None:
    """Each author of a merged proposal is answered too, as often as the main one's."""
    versions = {a.version_id: a.version for a in ctx.acts() if a.verb == "receive" and a.version}
    for case in merged(ctx)[0]:
        if case.closed_at:
            continue
        had = set(case.acts.filter(verb="receive").values_list("version", flat=True))
        for pk, version in versions.items():
            if pk not in had:
                follow_on(ctx, case, "receive", version=version)
        if case.stage in {"merged", "handling"}:
            follow_on(ctx, case, "answered")


def end_children(ctx: Context) -> None:
    for child in ctx.case.children.filter(kind="handling", stage="delivered").select_related("call__owner"):
        follow_on(ctx, child, "close")
