"""What tests compare of the large sample: who is in it, and one digest of everything that seed and size decide."""

from __future__ import annotations

import hashlib
from typing import Any

from qiao.core.models import Case, Fact, Organisation, Seat, Value
from qiao.demo.population.drawing import NOWHERE


def population() -> Any:
    firms, funds = (Organisation.objects.filter(uscc__startswith=NOWHERE[kind]) for kind in ("firm", "fund"))
    return firms | funds


def rows() -> list[tuple[Any, ...]]:
    """Everything of the population but keys of rows and moments."""
    stated = Fact.objects.filter(organisation__in=population())
    return [
        *population().order_by("uscc").values_list("code", "name", "short_name", "kind", "uscc", "fictional"),
        *stated.order_by("organisation__uscc", "key", "start").values_list(
            "organisation__uscc", "key", "start", "end", "value", "unknown", "source",
            "stated_by__name", "confirmed_by__name",
        ),
        *Seat.objects.filter(organisation__in=population()).order_by("organisation__uscc").values_list(
            "organisation__uscc", "role", "person__name", "person__user__username"
        ),
        *Case.objects.filter(kind__in=["need", "offer"]).order_by("kind", "title").values_list(
            "kind", "title", "stage", "unit__name"
        ),
        *Value.objects.filter(indicator__code__startswith="sample-").order_by("indicator__code", "start")
        .values_list("indicator__code", "start", "value", "display"),
    ]  # fmt: skip


def digest() -> str:
    return hashlib.sha256(repr(rows()).encode()).hexdigest()
