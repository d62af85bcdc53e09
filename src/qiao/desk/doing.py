"""One verb on one case: what it asks for, what will happen, and the act itself. Also for links from e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render

from qiao.core.access import Answer, can, is_match, joined, may_see, missing
from qiao.core.acts import Refused, act
from qiao.core.forms import form_class
from qiao.core.identity import seats_at
from qiao.core.models import Case, Seat, Version
from qiao.core.process import Context, Kind, Verb
from qiao.desk import phrases
from qiao.desk.cases import read
from qiao.desk.shared import (
    PAGES,
    address_of,
    crumbs,
    me,
    my_case,
    party_label,
    signed_in,
)

TONES = {"danger": "danger"}
ABOUT_DATA = {"data", "reason_missing"}  # reasons that the form's own fields already show


def form_for(
    ctx: Context, given: QueryDict | None = None, offered: Mapping[str, Any] | None = None
) -> forms.Form:
    """The verb's form, with what a link ``offered``; computed fields stay out of it, ``act()`` fills them."""
    initial = {f.code: f.initial(ctx) for f in ctx.verb.fields if f.initial and not f.hidden}
    form = form_class(ctx)(given, initial=initial | dict(offered or {}))
    for field in ctx.verb.fields:
        if field.hidden:
            del form.fields[field.code]
    return form


def said(ctx: Context, given: QueryDict) -> dict[str, Any]:
    """What the person entered, field by field, as ``act()`` takes it."""
    data: dict[str, Any] = {}
    for field in ctx.verb.fields:
        if field.hidden or (field.kind == "flag" and field.code not in given):
            continue
        many = field.kind in {"multi", "organisations"}
        one = given.get(f"{field.code}_other") if field.kind == "case" else None
        data[field.code] = given.getlist(field.code) if many else one or given.get(field.code, "")
    return data


def outlook(ctx: Context) -> dict[str, Any]:
    """What will happen: the next stage, who is told, which clocks move, about which version."""
    verb, kind, case = ctx.verb, ctx.kind, ctx.case
    version: Version | None = ctx.current(verb.on) if verb.on else None
    clocks = [str(phrases.TICKS[t.event]) % {"clock": kind.clock(t.clock).label} for t in verb.ticks]
    return {
        "stage": kind.stage(verb.target) if verb.target and verb.target != case.stage else None,
        "now": kind.stage(case.stage),
        "told": joined(party_label(kind, role) for role in dict.fromkeys(verb.tell) if _anybody(ctx, role)),
        "mail": verb.mail,
        "clocks": clocks,
        "version": version,
        "public": verb.public,
    }


def _anybody(ctx: Context, role: str) -> bool:
    return bool(ctx.organisations(role) or ctx.persons(role))


def perform(
    case: Case, verb: Verb, seat: Seat, ctx: Context, given: QueryDict
) -> tuple[forms.Form, Answer, Mapping[str, list[str]]] | None:
    """Do it; None when done, else the form as it was filled in, with what is wrong."""
    try:
        act(
            case,
            verb.code,
            by=seat,
            data=said(ctx, given),
            reason=given.get("reason", ""),
            seen=given.get("seen", ""),
        )
    except Refused as refused:
        form = form_for(ctx, given)
        form.is_valid()
        for name, errors in refused.errors.items():
            if name in form.fields and name not in form.errors:
                form.add_error(name, errors)
        return form, refused.answer, refused.errors
    return None


def reasons(answer: Answer) -> list[str]:
    return [str(r) for r in answer.reasons if r.code not in ABOUT_DATA]


def _verb(kind: Kind, code: str) -> Verb:
    verb = kind.verb(code)
    if verb is None or all(w.timer for w in verb.who):
        raise Http404
    return verb


@signed_in
def page(request: HttpRequest, code: str, verb: str) -> HttpResponseBase:
    case, seats = my_case(request, code), seats_at(request)
    ctx, _everybody = read(case)
    ctx.verb = what = _verb(ctx.kind, verb)
    if what.page in PAGES or what.paper:
        return redirect(address_of(case, what))
    mine = [s for s in seats if any(is_match(w, ctx, s) for w in what.who)]
    answers = [can(s, what.code, case, ctx=ctx, needs=False) for s in mine or seats]
    able = [a.seat for a in answers if a and a.seat]
    shown: dict[str, Any] = {
        "case": case,
        "verb": what,
        "outlook": outlook(ctx),
        "crumbs": crumbs((phrases.CASES, "/desk/cases/"), (case, case.get_absolute_url()), (what.label, "")),
        "tone": TONES.get(what.tone, "primary"),
        "action": request.path,
        "back": case.get_absolute_url(),
    }
    if not able:
        shown["reasons"] = [str(r) for r in answers[0].reasons] if answers else [str(phrases.NO_SEAT)]
        return render(request, "desk/do.html", shown, status=403)
    wanted = request.POST.get("seat") or request.GET.get("seat") or ""
    seat = next((s for s in able if str(s.pk) == wanted), able[0])
    ctx.by = seat
    shown |= {"seats_able": able, "seat": seat}
    if request.method == "POST":
        failed = perform(case, what, seat, ctx, request.POST)
        if failed is None:
            messages.success(request, str(phrases.DONE) % {"verb": what.label, "case": case})
            return redirect(case.get_absolute_url() if may_see(me(request), case, seats) else "/desk/")
        form, answer, errors = failed
        shown |= {"form": form, "reasons": reasons(answer)}
        return render(request, "desk/do.html", shown, status=422 if errors else 409)
    offered = {f.code: request.GET[f.code] for f in what.fields if f.suggest and f.code in request.GET}
    shown |= {"form": form_for(ctx, offered=offered), "before": [str(r) for r in missing(ctx)]}
    return render(request, "desk/do.html", shown)
