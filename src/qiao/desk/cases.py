"""One case on one page, whatever its kind: where it stands, what may be done and why not, what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from qiao.core import money
from qiao.core import phrases as core_phrases
from qiao.core.access import Option, chain_state, context, joined, options, visible, visible_cases
from qiao.core.clocks import deadlines
from qiao.core.diagram import diagram
from qiao.core.identity import seats_at
from qiao.core.models import Act, Case, Follow, Link, Party, Publication, Task, Version
from qiao.core.process import LIVE, OWNER, Chain, Context, Kind, kind_of
from qiao.desk import phrases
from qiao.desk.clockcards import cards
from qiao.desk.shared import (
    address_of,
    calendar,
    crumbs,
    due_cell,
    left,
    me,
    my_case,
    party_label,
    signed_in,
    today,
)
from qiao.desk.timeline import story
from qiao.timekeeping import Calendar

TONES = {"primary": "primary", "danger": "danger"}


@dataclass(frozen=True)
class Around:
    """The cases around one: its parent, its children, and those it is linked with."""

    parent: Case | None
    children: list[Any]
    linked: list[Any]


def read(case: Case) -> tuple[Context, list[Party]]:
    """The case's context with parties, acts and versions already read, so that no check reads them again."""
    kind = kind_of(case.kind, case.kind_version)
    ctx = context(case, kind.verbs[0], None)
    everybody = list(case.parties.select_related("person", "organisation"))
    ctx.cache["parties"] = [p for p in everybody if p.state in LIVE]
    ctx.cache["acts"] = list(
        case.acts.select_related("by__organisation", "by__person", "version__paper").defer(
            "version__content", "version__text"
        )
    )
    versions = (
        Version.objects.filter(paper__case=case)
        .select_related("paper", "by__organisation", "by__person")
        .defer("content", "text")
        .order_by("paper_id", "-n")
    )
    papers: dict[int, list[Version]] = {}
    for version in versions:
        papers.setdefault(version.paper_id, []).append(version)
    ctx.cache["versions"] = papers
    ctx.cache["papers"] = [found[0].paper for found in papers.values()]
    for found in papers.values():
        ctx.cache[f"version:{found[0].paper.kind}"] = found[0]
    return ctx, everybody


def around(case: Case, seen: Q) -> Around:
    """One query. ``seen``: the condition that tells which of them this person may open."""
    ids = (
        Case.objects.filter(parent=case)
        .order_by()
        .values("pk")
        .union(
            Link.objects.filter(source=case).values("target"),
            Link.objects.filter(target=case).values("source"),
            Case.objects.filter(children=case).order_by().values("pk"),
        )
    )
    out = Link.objects.filter(source=case, target=OuterRef("pk")).values("relation")[:1]
    into = Link.objects.filter(target=case, source=OuterRef("pk")).values("relation")[:1]
    found = (
        Case.objects.filter(pk__in=ids)
        .select_related("unit", "call")
        .annotate(
            seen=ExpressionWrapper(seen, BooleanField()),
            out=Subquery(out),
            into=Subquery(into),
        )
        .order_by("kind", "pk")
    )
    rows: list[Any] = list(found)
    return Around(
        next((c for c in rows if c.pk == case.parent_id and c.seen), None),
        [c for c in rows if c.parent_id == case.pk],
        [c for c in rows if (c.out or c.into) and c.seen],
    )


def public_of(case: Case, children: list[Case]) -> list[Publication]:
    """What is public now of a case and of those below it."""
    found = Publication.objects.filter(case__in=[case.pk, *(c.pk for c in children)], end=None)
    return list(found.select_related("case__unit").order_by("start", "pk"))


def child_row(child: Any, on: dt.date, days: Calendar) -> dict[str, Any]:
    """A child as it is listed; without what only those who may open it should read."""
    kind = kind_of(child.kind, child.kind_version)
    row = {"kind": kind.label, "stage": kind.stage(child.stage), "unit": child.unit, "open": child.seen}
    if child.seen:
        row |= {"case": child, **due_cell(None if child.closed_at else child.due_legal, on, days)}
    return row


def linked_row(case: Any) -> dict[str, Any]:
    relation, side = (case.out, 0) if case.out else (case.into, 1)
    labels = phrases.RELATIONS.get(relation)
    kind = kind_of(case.kind, case.kind_version)
    return {"case": case, "relation": labels[side] if labels else relation, "stage": kind.stage(case.stage)}


def action(case: Case, option: Option) -> dict[str, Any]:
    """One verb as a button, or as a refusal with its reasons."""
    verb = option.verb
    found: dict[str, Any] = {"label": verb.label, "help": verb.help}
    if option.answer:
        return found | {"url": address_of(case, verb, option.answer.seat), "tone": TONES.get(verb.tone, "")}
    return found | {"reasons": [str(r) for r in option.answer.reasons]}


def signer(act: Act) -> str:
    return str(phrases.SIGNER) % {"person": act.by.person, "unit": act.by.organisation} if act.by else ""


def chain(ctx: Context, of: Chain) -> dict[str, Any] | None:
    """How the signatures on the current version stand, and what an edit has voided."""
    version = ctx.current(of.paper)
    if version is None:
        return None
    steps, waiting = [], True
    signatures = [a for a in ctx.acts() if a.version_id == version.pk and a.by]
    signing = {s for step in of.steps if (v := ctx.kind.verb(step.verb)) for s in v.source}
    for state in chain_state(ctx, of, version):
        if state.done:
            here = "signed"
        else:
            here = "waiting" if waiting and ctx.case.stage in signing else "pending"
            waiting = False
        steps.append(
            {
                "role": state.step.label,
                "who": joined(signer(a) for a in signatures if a.verb == state.step.verb)
                or joined(state.missing),
                "missing": joined(state.missing) if state.signed and not state.done else "",
                "state": here,
                "state_label": phrases.CHAIN_STATES[here],
                "when": state.signed[-1] if state.signed else None,
            }
        )
    verbs = {step.verb for step in of.steps}
    void = [a for a in ctx.acts() if a.verb in verbs and a.version_id not in (None, version.pk) and a.by]
    return {
        "paper": ctx.kind.paper_labels.get(of.paper, of.paper),
        "version": version,
        "steps": steps,
        "void": str(phrases.VOID) % {"who": joined(dict.fromkeys(signer(a) for a in void))} if void else "",
    }


def received(ctx: Context) -> list[Version]:
    """Versions of other cases' papers that this case's acts are about: what was delivered here."""
    own = {p.pk for p in ctx.papers()}
    found: dict[int, Version] = {}
    for act in ctx.acts():
        if act.version is not None and act.version.paper_id not in own:
            found[act.version.pk] = act.version
    return list(found.values())


def trail(ctx: Context) -> list[dict[str, Any]]:
    """The stages on the way to the present one; a return to an earlier stage cuts what came after it."""
    way: list[str] = []
    for act in ctx.acts():
        if act.to_stage in way:
            del way[way.index(act.to_stage) + 1 :]
        else:
            way.append(act.to_stage)
    return [{"label": ctx.kind.stage(s).label, "now": s == ctx.case.stage} for s in way]


@lru_cache(maxsize=256)
def _picture(code: str, version: int, stage: str, language: str) -> SafeString:
    return diagram(kind_of(code, version), stage)


def picture(case: Case) -> SafeString:
    return _picture(case.kind, case.kind_version, case.stage, get_language() or "")


def waiting_for(
    case: Case, kind: Kind, tasks: Iterable[Task], on: dt.date, days: Calendar
) -> list[dict[str, Any]]:
    """Who owes what now, whoever looks."""
    rows = []
    for task in tasks:
        verb = kind.verb(task.verb)
        role = core_phrases.ROLES.get(task.role, task.role)
        rows.append(
            {
                "verb": verb.label if verb else task.verb,
                "who": task.person.name if task.person else f"{task.organisation} · {role}",
                **due_cell(task.due, on, days),
            }
        )
    return rows


@require_GET
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    person, seats = me(request), seats_at(request)
    seen = visible_cases(person, seats)
    case = (
        seen.filter(code=code)
        .select_related("call__owner", "unit", "parent")
        .annotate(followed=Exists(Follow.objects.filter(case=OuterRef("pk"), person=person)))
        .first()
    )
    if case is None:
        raise Http404
    ctx, everybody = read(case)
    kind, on, days = ctx.kind, today(), calendar()
    stage = kind.stage(case.stage)
    near = around(case, visible(person, seats))
    public = public_of(case, near.children)
    ctx.cache["publications"] = [p for p in public if p.case_id == case.pk]
    mine = any(p.person_id == person.pk for p in ctx.parties())
    found = deadlines(case, ctx.acts(), on=on, days=days)
    may = options(case, seats, ctx=ctx)
    choices = [action(case, o) for o in may]
    choices.sort(key=lambda a: ("reasons" in a, a.get("tone") != "primary", a.get("tone") == "danger"))
    known = {p.organisation.code: str(p.organisation) for p in everybody if p.organisation}
    known |= {p.person.code: p.person.name for p in everybody if p.person}
    known |= {c.code: str(c) for c in near.linked}
    tasks = case.tasks.select_related("person", "organisation").order_by("due", "pk")
    level = next((d.level for d in found if d.running and d.due == case.due_legal), "")
    badges = [{"label": stage.label, "tone": "good" if stage.end else "brand"}]
    if level:
        badges.append({"label": core_phrases.LATE[level], "tone": level})
    if case.urged and not case.closed_at:
        badges.append({"label": phrases.URGED, "tone": "due_soon"})
    return render(
        request,
        "desk/case.html",
        {
            "case": case,
            "kind": kind,
            "owner_label": party_label(kind, OWNER),
            "stage": stage,
            "badges": badges,
            "meta": _meta(case, kind, on, days),
            "crumbs": crumbs((phrases.CASES, "/desk/cases/"), (case.number or case.title, "")),
            "allowed": [a for a in choices if "url" in a],
            "refused": [a for a in choices if "reasons" in a],
            "alike": any(f.suggest for o in may if o.answer for f in o.verb.fields),
            "waiting": waiting_for(case, kind, tasks, on, days),
            "clocks": cards(found, on, days),
            "chains": [c for c in (chain(ctx, of) for of in kind.chains) if c],
            "papers": list(ctx.cache["versions"].values()),
            "received": received(ctx),
            "public": public,
            "parties": [
                {"party": p, "label": party_label(kind, p.role), "me": p.person_id == person.pk}
                for p in everybody
                if p.state != "ended"
            ],
            "parent": near.parent,
            "children": [child_row(c, on, days) for c in near.children if c.seen or (mine and c.unit)],
            "linked": [linked_row(c) for c in near.linked],
            "money": [(m, money.yuan(m.amount_fen)) for m in money.of_case(case)] if kind.money else [],
            "acts": story(ctx.acts(), ctx, known),
            "trail": trail(ctx),
            "diagram": picture(case),
        },
    )


def _meta(case: Case, kind: Kind, on: dt.date, days: Calendar) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"label": "", "value": kind.label},
        {"label": kind.call_label or phrases.SESSION, "value": case.call.title},
    ]
    if case.unit:
        found.append({"label": phrases.UNIT_IN_HAND, "value": case.unit})
    if case.due_legal and not case.closed_at:
        value = str(phrases.DUE_LEFT) % {"day": case.due_legal, "left": left(case.due_legal, on, days)}
        found.append({"label": phrases.COLUMNS["due"], "value": value, "url": "#clocks"})
    return found


@require_POST
@signed_in
def follow(request: HttpRequest, code: str) -> HttpResponseRedirect:
    """Follow the case, or stop following it."""
    case, person = my_case(request, code), me(request)
    if request.POST.get("stop"):
        Follow.objects.filter(case=case, person=person).delete()
        messages.success(request, str(phrases.UNFOLLOWED))
    else:
        Follow.objects.get_or_create(case=case, person=person)
        messages.success(request, str(phrases.FOLLOWING))
    return redirect(case.get_absolute_url())
