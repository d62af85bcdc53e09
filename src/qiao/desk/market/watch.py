"""Saved searches of the market: save the filters that one has chosen, open them again, delete them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from qiao.desk.market import phrases
from qiao.desk.market.pages import HOME
from qiao.desk.shared import crumbs, me, signed_in
from qiao.kinds.shelf.searching import NAMES, address, cleaned, in_words
from qiao.kinds.shelf.watching import (
    LONGEST,
    MANAGE,
    MOST,
    NameTakenError,
    TooManyError,
    unwatch,
    values_of,
    watch,
    watched,
)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    person, language = me(request), get_language() or "zh"
    asked = request.POST if request.method == "POST" else request.GET
    values = cleaned({name: asked.get(name, "") for name in NAMES})
    words = in_words(values, language) or [str(phrases.WATCH_ALL)]
    name, problem, status = "、".join(words)[:LONGEST], "", 200
    if request.method == "POST":
        name, status = " ".join(request.POST.get("name", "").split()), 422
        if not name or len(name) > LONGEST:
            problem = str(phrases.WATCH_NAME)
        else:
            try:
                watch(person, name, values)
            except NameTakenError:
                problem = str(phrases.WATCH_TAKEN % {"name": name})
            except TooManyError:
                problem = str(phrases.WATCH_MANY % {"most": MOST})
            else:
                messages.success(request, phrases.WATCH_SAVED % {"name": name})
                return redirect(MANAGE)
    rows = [
        {
            "follow": follow,
            "words": in_words(values_of(follow), language) or [phrases.WATCH_ALL],
            "url": address(values_of(follow)),
        }
        for follow in watched(person)
    ]
    return render(
        request,
        "desk/market/watch.html",
        {
            "new": request.method == "POST" or "new" in request.GET,
            "values": values,
            "words": words,
            "name": name,
            "back": address(values),
            "problem": problem,
            "longest": LONGEST,
            "rows": rows,
            "email": person.email,
            "crumbs": crumbs((phrases.MARKET, HOME), (phrases.WATCH, "")),
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
    return redirect(MANAGE)
