"""Saved searches of public lists: save the filters that one has chosen, open them again, delete them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from qiao.desk import phrases
from qiao.desk.shared import crumbs, me, signed_in
from qiao.kinds.scenario.searching import SCENARIOS
from qiao.kinds.searches import WATCHING
from qiao.kinds.shelf.searching import MARKET
from qiao.kinds.watching import (
    LONGEST,
    MOST,
    NameTakenError,
    TooManyError,
    surface_of,
    unwatch,
    values_of,
    watch,
    watched,
)

SURFACES = {one.of: one for one in (MARKET, SCENARIOS)}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    person, language = me(request), get_language() or "zh"
    asked = request.POST if request.method == "POST" else request.GET
    surface = SURFACES.get(asked.get("of", ""), MARKET)
    values = surface.cleaned({name: asked.get(name, "") for name in surface.names})
    words = surface.in_words(values, language)
    name, problem, status = "、".join(words)[:LONGEST], "", 200
    if request.method == "POST":
        name, status = " ".join(request.POST.get("name", "").split()), 422
        if not name or len(name) > LONGEST:
            problem = str(phrases.WATCH_NAME)
        else:
            try:
                watch(person, surface, name, values)
            except NameTakenError:
                problem = str(phrases.WATCH_TAKEN % {"name": name})
            except TooManyError:
                problem = str(phrases.WATCH_MANY % {"most": MOST})
            else:
                messages.success(request, phrases.WATCH_SAVED % {"name": name})
                return redirect(WATCHING)
    rows = [
        {
            "follow": follow,
            "of": of.label,
            "words": of.in_words(values_of(follow), language),
            "url": of.address(values_of(follow)),
        }
        for follow in watched(person)
        if (of := SURFACES.get(surface_of(follow)))
    ]
    return render(
        request,
        "desk/watching.html",
        {
            "new": request.method == "POST" or "new" in request.GET,
            "surface": surface,
            "values": values,
            "words": words,
            "name": name,
            "back": surface.address(values),
            "problem": problem,
            "longest": LONGEST,
            "rows": rows,
            "email": person.email,
            "crumbs": crumbs((phrases.WATCH, "")),
        },
        status=status,
    )


@require_POST
@signed_in
def delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Only one's own: of others' there is none."""
    found = unwatch(me(request), pk)
    if found is None:
        raise Http404
    messages.success(request, phrases.WATCH_DELETED % {"name": found.name})
    return redirect(WATCHING)
