"""Acting from an e-mail link, without signing in: one seat, one verb, one step of one case, one week."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.signing import BadSignature, SignatureExpired
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from qiao.core.access import can, missing
from qiao.core.notices import LINK_DAYS, read_token
from qiao.desk.cases import read
from qiao.desk.doing import TONES, form_for, outlook, perform, reasons


def _bad(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return render(request, "desk/link_bad.html", {"why": why, "days": LINK_DAYS}, status=status)


@never_cache
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The verb's form for whoever holds a valid link. A bad link is told nothing about any case."""
    try:
        case, code, seat, current = read_token(token)
    except SignatureExpired:
        return _bad(request, "expired", 410)
    except (BadSignature, ObjectDoesNotExist, ValueError):
        return _bad(request, "forged", 400)
    if not current:
        return _bad(request, "used", 410)
    ctx, _everybody = read(case)
    verb = ctx.kind.verb(code)
    if verb is None or not verb.link:
        return _bad(request, "forged", 400)
    ctx.verb, ctx.by = verb, seat
    shown: dict[str, Any] = {
        "case": case,
        "verb": verb,
        "kind": ctx.kind,
        "stage": ctx.kind.stage(case.stage),
        "seat": seat,
        "outlook": outlook(ctx),
        "tone": TONES.get(verb.tone, "primary"),
        "action": request.path,
        "owner": case.call.owner,
    }
    answer = can(seat, code, case, ctx=ctx, needs=False)
    if not answer:
        return render(request, "desk/link.html", shown | {"reasons": reasons(answer)}, status=403)
    if request.method == "POST":
        failed = perform(case, verb, seat, ctx, request.POST)
        if failed is None:
            return render(request, "desk/link_done.html", shown)
        form, refused, errors = failed
        shown |= {"form": form, "reasons": reasons(refused)}
        return render(request, "desk/link.html", shown, status=422 if errors else 409)
    shown |= {"form": form_for(ctx), "before": [str(r) for r in missing(ctx)]}
    return render(request, "desk/link.html", shown)
