"""Support decisions that anybody may object to while their notice runs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiao.kinds.public.support import support_notices
from qiao.portal import phrases
from qiao.portal.shared import crumbs, paged


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    page = paged(request, support_notices())
    return render(request, "portal/support.html", {**page, "crumbs": crumbs((phrases.SUPPORT_NOTICES, ""))})
