"""How much of everything stands open to the public."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count

from qiao.core.counting import kept
from qiao.core.models import Case
from qiao.kinds.scenario.lists import LISTED

SHOWN = {"need": ("listed",), "offer": ("listed",), "scenario": LISTED, "challenge": ("open",)}


def numbers() -> Mapping[str, int]:
    """Needs and offers on the shelves, scenarios on the lists, challenges that take bids. One query after any act."""
    return kept(("numbers",), _count)


def _count() -> dict[str, int]:
    of = ("need", "offer", "scenario")  # challenges are made on the call of their scenario
    rows = Case.objects.filter(call__kind__in=of, kind__in=SHOWN).values_list("kind", "stage")
    counts = dict.fromkeys(SHOWN, 0)
    for kind, stage, n in rows.annotate(n=Count("pk")).order_by():
        counts[kind] += n * (stage in SHOWN[kind])
    return counts
