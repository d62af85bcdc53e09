"""Errors as JSON: a code for programs, a sentence for people, in the caller's language."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
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
        case HttpError() if error.status_code == 400:
            return Problem(400, "bad_json", str(phrases.BAD_JSON))
        case HttpError():
            message = str(phrases.STATUS) % {"status": error.status_code}
            return Problem(error.status_code, f"http_{error.status_code}", message)
        case Http404():
            return not_found()
    log.error("request failed", exc_info=error)
    return Problem(500, "failed", str(phrases.FAILED))


def install(api: NinjaAPI) -> None:
    """Every error leaves the interface in this one shape."""

    def answer(request: HttpRequest, error: Any) -> HttpResponse:
        problem = as_problem(error)
        return api.create_response(request, problem.body, status=problem.status)

    known: tuple[type[Exception], ...] = (ValidationError, AuthenticationError, HttpError, Http404, Exception)
    for kind in known:
        api.add_exception_handler(kind, answer)
