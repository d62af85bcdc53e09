"""Checking: a verification code, and the daily roots over all acts."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiao.core import history as core_history
from qiao.core.models import DailyRoot
from qiao.kinds import public
from qiao.portal import phrases
from qiao.portal.shared import asked, attached, crumbs, paged

SCRIPT = Path(__file__).with_name("verify_history.py")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    code = asked(request, "code")["code"].replace(" ", "").lower()
    return render(
        request,
        "portal/verify.html",
        {
            "code": code,
            "found": public.check_code(code) if code else None,
            "crumbs": crumbs((phrases.VERIFY, "")),
        },
    )


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """The roots, newest first, and how to check them."""
    return render(
        request,
        "portal/history.html",
        {
            **paged(request, DailyRoot.objects.order_by("-day"), 50),
            "script": SCRIPT.read_text(encoding="utf-8"),
            "address": settings.PUBLIC_ADDRESS,
            "crumbs": crumbs((phrases.VERIFY, "/verify/"), (phrases.HISTORY, "")),
        },
    )


@require_safe
def root(request: HttpRequest, day: str) -> HttpResponseBase:
    """One day's root file, as ``core.history`` writes it."""
    try:
        found = DailyRoot.objects.get(day=dt.date.fromisoformat(day))
    except (ValueError, DailyRoot.DoesNotExist) as error:
        raise Http404 from error
    text = json.dumps(core_history.root_file(found), ensure_ascii=False, indent=1)
    response = attached(text, "application/json; charset=utf-8", f"{day}.json", inline=True)
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def script(request: HttpRequest) -> HttpResponseBase:
    """The checking script, to read and to run."""
    return attached(SCRIPT.read_bytes(), "text/x-python; charset=utf-8", SCRIPT.name)
