"""What is settled about a request before any page sees it: its size, and characters no database can hold; and about
an answer after it: who may keep it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from qiao.core import phrases

# Room for the other fields of a form beside its files.
FIELDS = 1024 * 1024


class UploadLimit:
    """413 for a request body over ``settings.UPLOAD_LIMIT``, saying how much is allowed and how to go on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > settings.UPLOAD_LIMIT + FIELDS:
            limit = f"{settings.UPLOAD_LIMIT // (1024 * 1024)} MB"
            if request.content_type == "application/json":  # a program, which reads no page
                message = str(phrases.TOO_LARGE) % {"limit": limit}
                said = {"code": "too_large", "message": message, "reasons": [], "errors": {}}
                return JsonResponse(said, status=413, json_dumps_params={"ensure_ascii": False})
            return render(request, "413.html", {"limit": limit, "back": request.path}, status=413)
        return self.get_response(request)


class Personal:
    """What somebody with a session is shown is theirs: no cache on the way keeps it, unless the page says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = "private"
        return response


class NoNul:
    """Drops NUL from a query, and answers 404 for an address with one: PostgreSQL has no text that holds it.

    Posted fields are left to their forms, which refuse it with a message beside the field.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query:
            # Before anything reads request.GET; "%%000" would leave a new one, hence the loop.
            while "%00" in query:
                query = query.replace("%00", "")
            request.META["QUERY_STRING"] = query
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)
