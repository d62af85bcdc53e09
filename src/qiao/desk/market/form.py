"""The form of a need or an offer: generated from its fields; what was typed is never lost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.models import Case
from qiao.desk.market import phrases
from qiao.desk.shared import my_case, signed_in
from qiao.desk.writing.reply import frame, refuse, verb_with, writing_seat
from qiao.kinds.shelf.entries import choices
from qiao.kinds.shelf.listing import AGREED, ENTRIES, PUBLIC, options, read, said_before


def inputs(case: Case, said: dict[str, list[str]], errors: dict[str, Any]) -> list[dict[str, Any]]:
    """What the form shows for each field."""
    language = get_language() or "zh"
    known = choices(case.call.rulebook, language)
    return [
        {
            "entry": entry,
            "values": said.get(entry.code, []),
            "value": (said.get(entry.code) or [""])[0],
            "error": errors.get(entry.code, ""),
            "options": [
                (code, label, code in said.get(entry.code, []))
                for code, label in options(entry, known, language).items()
            ],
            "closed": "" if entry.seen == PUBLIC else "agreed" if entry.seen == AGREED else "accepted",
        }
        for entry in ENTRIES[case.kind]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case = my_case(request, code)
    what = verb_with(case, "shelf")
    ctx, seat = writing_seat(case, what, seats_at(request))
    version = ctx.current("entry")
    if seat is None:
        if version is not None:
            return redirect(f"{case.get_absolute_url()}papers/{version.paper.code}/")
        return refuse(request, case, what)
    said = said_before(case.kind, version.content) if version else {}
    errors: dict[str, Any] = {}
    problem, status = "", 200
    if request.method == "POST":
        said = {entry.code: request.POST.getlist(entry.code) for entry in ENTRIES[case.kind]}
        content, errors = read(case.kind, said, choices(case.call.rulebook, "zh"))
        status = 422
        if errors:
            problem = str(phrases.MISSING % {"n": len(errors)})
        else:
            try:
                done = act(case, what.code, by=seat, content=content)
            except Refused as refusal:
                problem, status = str(refusal.answer), 409
            else:
                messages.success(request, phrases.SAVED % {"n": done.version.n if done.version else 0})
                return redirect(case.get_absolute_url())
    shown = frame(case, what) | {"inputs": inputs(case, said, errors), "problem": problem}
    return render(request, "desk/market/form.html", shown, status=status)
