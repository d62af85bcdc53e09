"""Requests that are too large are answered before anything of them is parsed."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Room for the other fields of a form beside its files.
FIELDS = 1024 * 1024


class UploadLimit:
    """413 for a request body over ``settings.UPLOAD_LIMIT``, saying how much is allowed and how to go on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.headers.get("Content-Length", "")
        if length.isdigit() and int(length) > settings.UPLOAD_LIMIT + FIELDS:
            limit = settings.UPLOAD_LIMIT // (1024 * 1024)
            return render(request, "413.html", {"limit": f"{limit} MB", "back": request.path}, status=413)
        return self.get_response(request)
