"""A verb that fills in a sheet: the form is generated from the sheet's fields; what was typed is never lost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.desk import phrases
from qiao.desk.shared import my_case, signed_in
from qiao.desk.writing.reply import frame, refuse, verb_with, writing_seat
from qiao.kinds.sheets import (
    AGREED,
    FREE_ROWS,
    MOST_ROWS,
    PUBLIC,
    Choices,
    Entry,
    choices,
    first_content,
    options,
    read,
    rows_said,
    said_before,
    sheet,
)

Said = dict[str, list[str]]


def _cell(entry: Entry, name: str, value: str, known: Choices, language: str) -> dict[str, Any]:
    chosen = options(entry, known, language)
    return {
        "entry": entry,
        "name": name,
        "value": value,
        "options": [(code, label, code == value) for code, label in chosen.items()],
    }


def inputs(
    entries: tuple[Entry, ...], said: Said, errors: dict[str, Any], known: Choices
) -> list[dict[str, Any]]:
    """What the form shows for each field."""
    language = get_language() or "zh"
    shown = []
    for entry in entries:
        values = said.get(entry.code, [])
        found = _cell(entry, entry.code, values[0] if values else "", known, language) | {
            "error": errors.get(entry.code, ""),
            "closed": "" if entry.seen == PUBLIC else "agreed" if entry.seen == AGREED else "accepted",
        }
        if entry.kind == "tags":
            found["options"] = [(c, label, c in values) for c, label, _chosen in found["options"]]
        if entry.kind == "rows":
            rows = rows_said(entry, said)
            free = min(FREE_ROWS, MOST_ROWS - len(rows))
            found["rows"] = [
                [
                    _cell(c, f"{entry.code}-{c.code}", row.get(c.code, ""), known, language)
                    for c in entry.columns
                ]
                for row in [*rows, *({} for _ in range(free))]
            ]
        shown.append(found)
    return shown


def typed(request: HttpRequest, entries: tuple[Entry, ...]) -> Said:
    """What was sent for the fields of a sheet."""
    names = [e.code for e in entries if e.kind != "rows"]
    names += [f"{e.code}-{c.code}" for e in entries for c in e.columns]
    return {name: request.POST.getlist(name) for name in names}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, code: str, verb: str) -> HttpResponseBase:
    case = my_case(request, code)
    what = verb_with(case, "sheet", verb)
    entries = sheet(case.kind, what.paper)
    if not entries:
        raise Http404
    ctx, seat = writing_seat(case, what, seats_at(request))
    version = ctx.current(what.paper)
    if seat is None:
        if version is not None:
            return redirect(f"{case.get_absolute_url()}papers/{version.paper.code}/")
        return refuse(request, case, what)
    said = said_before(entries, version.content if version else first_content(case, what.paper))
    errors: dict[str, Any] = {}
    problem, reason, status = "", "", 200
    if request.method == "POST":
        said, reason = typed(request, entries), request.POST.get("reason", "")
        content, errors = read(entries, said, choices(case.call.rulebook, "zh"))
        status = 422
        if errors:
            problem = str(phrases.SHEET_WRONG % {"n": len(errors)})
        else:
            try:
                done = act(case, what.code, by=seat, content=content, reason=reason)
            except Refused as refusal:
                problem, status = str(refusal.answer), 409
            else:
                messages.success(request, phrases.SHEET_SAVED % {"n": done.version.n if done.version else 0})
                return redirect(case.get_absolute_url())
    known = choices(case.call.rulebook, get_language() or "zh")
    shown = frame(case, what) | {
        "inputs": inputs(entries, said, errors, known), "problem": problem, "reason": reason,
    }  # fmt: skip
    return render(request, "desk/sheet.html", shown, status=status)
