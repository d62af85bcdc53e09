"""Which of a person's seats a page asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from qiao.core import phrases as core_phrases
from qiao.core.access import joined
from qiao.core.identity import seats_at
from qiao.core.models import Seat
from qiao.desk import phrases_registry as phrases
from qiao.desk.shared import signed_in

P = ParamSpec("P")


def seats_as(request: HttpRequest, *roles: str) -> list[Seat]:
    """My seats under these roles. Raises ``PermissionDenied``, with what would be needed, if there is none."""
    held = [s for s in seats_at(request) if s.role in roles]
    if not held:
        wanted = joined(core_phrases.ROLES.get(role, role) for role in roles)
        raise PermissionDenied(str(phrases.SEAT_NEEDED) % {"roles": wanted})
    return held


def only_for(
    *roles: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """A page for people with a seat under one of ``roles``; others are told which seat it takes."""

    def wrap(
        view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            seats_as(request, *roles)
            return view(request, *args, **kwargs)

        return signed_in(run)

    return wrap


def organisations_as(request: HttpRequest, role: str) -> list[int]:
    """The organisations where I hold a seat under ``role``."""
    return sorted({s.organisation_id for s in seats_as(request, role)})
