"""What a case might be merged into, beside the case: read after the page, because many texts are compared."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qiao.core.access import Option, options
from qiao.core.identity import seats_at
from qiao.core.models import Case
from qiao.core.process import Field
from qiao.desk.cases import read
from qiao.desk.shared import address_of, my_case, signed_in


def suggesting(case: Case, found: list[Option]) -> tuple[Field, str] | None:
    """The field of an allowed verb that suggests other cases, and the address of the verb."""
    return next(
        (
            (field, address_of(case, option.verb, option.answer.seat))
            for option in found
            if option.answer
            for field in option.verb.fields
            if field.suggest
        ),
        None,
    )


@require_GET
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case = my_case(request, code)
    ctx, _everybody = read(case)
    found = suggesting(case, options(case, seats_at(request), ctx=ctx))
    if found is None:
        raise Http404
    field, address = found
    shown: dict[str, Any] = {
        "suggested": list(field.suggest(ctx)) if field.suggest else [],
        "field": field.code,
        "address": address,
    }
    return render(request, "desk/_alike.html", shown)
