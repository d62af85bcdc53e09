"""Errors as JSON: a code for programs, a sentence for people, in the caller's language."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from qiao.api import phrases
from qiao.core.acts import Refused

log = logging.getLogger("qiao.api")
# Reasons that are about what was sent, not about where the case stands or who may do what.
DATA = {"data", "reason_missing", "content"}


class Problem(Exception):
    """An answer that is no success."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        reasons: Sequence[Mapping[str, str]] = (),
        errors: Mapping[str, list[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "code": code,
            "message": message,
            "reasons": [dict(r) for r in reasons],
            "errors": dict(errors or {}),
        }


def not_found() -> Problem:
    return Problem(404, "not_found", str(phrases.NOT_FOUND))


def refused(error: Refused) -> Problem:
    """422 if what was sent is at fault, 409 if the case or the seat does not allow it."""
    reasons = [{"code": r.code, "message": str(r)} for r in error.answer.reasons]
    status = 422 if reasons and all(r["code"] in DATA for r in reasons) else 409
    return Problem(status, "refused", str(error.answer), reasons, error.errors)


def as_problem(error: Exception) -> Problem:
    """Any exception as an answer. What nobody foresaw is logged and says nothing of the inside."""
    match error:
        case Problem():
            return error
        case Refused():
            return refused(error)
        case ValidationError():
            found: dict[str, list[str]] = {}
            for one in error.errors:
                where = ".".join(
                    str(part) for part in one.get("loc", ())[1:] if part not in ("payload", "asked")
                )
                found.setdefault(where or "body", []).append(str(one.get("msg", "")))
            return Problem(422, "invalid", str(phrases.INVALID), errors=found)
        case AuthenticationError():
            return Problem(401, "sign_in", str(phrases.SIGN_IN))
        case HttpError() if error.status_code == 403:
            return Problem(403, "csrf", str(phrases.CSRF))
        case HttpError() if error.status_code == HTTPStatus.BAD_REQUEST:
            return Problem(400, "not_json", str(phrases.NOT_JSON))
        case HttpError():
            message = str(phrases.STATUS) % {"status": error.status_code}
            return Problem(error.status_code, f"http_{error.status_code}", message)
        case Http404():
            return not_found()
    log.error("request failed", exc_info=error)
    return Problem(500, "failed", str(phrases.FAILED))


def _answer(problem: Problem) -> JsonResponse:
    return JsonResponse(problem.body, status=problem.status, json_dumps_params={"ensure_ascii": False})


@csrf_exempt  # nothing is done here, so there is nothing to protect: 404, whatever the method
def no_such_address(request: HttpRequest) -> HttpResponse:
    """Every address of the interface that is none."""
    return _answer(not_found())


Patterns = tuple[list[URLPattern | URLResolver], str, str]


def in_one_shape(urls: Patterns) -> Patterns:
    """The interface's addresses; what is answered before anything runs has the shape of all errors, too."""

    def told(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
            except Http404:  # the bare address of the interface
                return _answer(not_found())
            if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
                return response
            allowed = response.headers["Allow"]
            message = str(phrases.WRONG_METHOD) % {"method": request.method, "allowed": allowed}
            problem = _answer(Problem(405, "wrong_method", message))
            problem.headers["Allow"] = allowed
            return problem

        return answer

    for pattern in urls[0]:
        if isinstance(pattern, URLPattern):
            pattern.callback = told(pattern.callback)
    return urls


def install(api: NinjaAPI) -> None:
    """Every error leaves the interface in this one shape."""

    def answer(request: HttpRequest, error: Any) -> HttpResponse:
        problem = as_problem(error)
        return api.create_response(request, problem.body, status=problem.status)

    known: tuple[type[Exception], ...] = (ValidationError, AuthenticationError, HttpError, Http404, Exception)
    for kind in known:
        api.add_exception_handler(kind, answer)
