"""How a challenge stands: its bids, how the experts' points rank them, who may not score which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from qiao.core.models import Case, Organisation, Party, Person, Review, Seat, Version
from qiao.core.rulebook import Rulebook
from qiao.kinds.scenario.people import value
from qiao.kinds.scenario.ranking import Criterion, Place, rank


def bids(challenge: Case) -> QuerySet[Case]:
    """All bids on a challenge, whatever their stage."""
    return Case.objects.filter(parent=challenge, kind="bid").select_related("call__owner", "unit")


def terms_of(challenge: Case) -> dict[str, Any]:
    """The current terms; empty before they are written."""
    found = Version.objects.filter(paper__case=challenge, paper__kind="terms").order_by("-n").first()
    return dict(found.content) if found else {}


def criteria_of(terms: dict[str, Any]) -> list[Criterion]:
    return [Criterion(c["name"], int(c["weight"]), int(c.get("least", 0))) for c in terms.get("criteria", [])]


def plans_of(rows: Iterable[Case]) -> dict[int, Version]:
    """The current plan of each bid."""
    cases = [case.pk for case in rows]
    found = (
        Version.objects.filter(paper__case__in=cases, paper__kind="plan")
        .select_related("paper")
        .order_by("n")
    )
    return {v.paper.case_id: v for v in found if v.paper.case_id is not None}


def units_of(rows: Iterable[Case]) -> dict[int, list[Organisation]]:
    """The consortium of each bid, lead first."""
    parties = (
        Party.objects.filter(case__in=list(rows), role__in=["lead", "partner"])
        .exclude(state__in=["ended", "declined"])
        .select_related("organisation")
        .order_by("role", "order", "pk")
    )
    found: dict[int, list[Organisation]] = {}
    for party in parties:
        if party.organisation is not None:
            found.setdefault(party.case_id, []).append(party.organisation)
    return found


def conflicts(person: Person, rows: list[Case], book: Rulebook, on: dt.date) -> dict[int, str]:
    """Bids that a person may not score because of a seat, now or in the years that the rulebook names: case → unit.

    A seat in the consortium bars one bid, a seat at the owner of the scenario bars all on it."""
    since = on.replace(year=on.year - int(value(book, "years_of_conflict")), day=min(on.day, 28))
    held = set(
        Seat.objects.filter(person=person)
        .filter(Q(end__isnull=True) | Q(end__gte=since))
        .values_list("organisation", flat=True)
    )
    units = units_of(rows)
    owners = Party.objects.filter(case__in={c.parent_id for c in rows}, role="holder", organisation__in=held)
    owned = {p.case_id: p.organisation for p in owners.select_related("organisation")}
    found = {}
    for case in rows:
        unit = next((u for u in units.get(case.pk, []) if u.pk in held), owned.get(case.parent_id or 0))
        if unit is not None:
            found[case.pk] = unit.name
    return found


def sheets_of(challenge: Case) -> dict[str, list[tuple[Review, dict[str, Decimal]]]]:
    """Valid scores of each plan under review, by its number: of its current version, without conflict."""
    rows = list(bids(challenge).filter(stage__in=["reviewing", "won", "lost"]).exclude(number=""))
    plans, numbers = plans_of(rows), {case.pk: case.number for case in rows}
    reviews = (
        Review.objects.filter(version__in=plans.values(), conflict="")
        .select_related("version__paper", "seat__person", "seat__organisation")
        .order_by("pk")
    )
    found: dict[str, list[tuple[Review, dict[str, Decimal]]]] = {}
    for review in reviews:
        if review.scores:
            number = numbers[review.version.paper.case_id]  # type: ignore[index]
            points = {name: Decimal(str(p)) for name, p in review.scores.items()}
            found.setdefault(number, []).append((review, points))
    return found


def places(challenge: Case) -> list[Place]:
    """The plans in order, by the criteria of the present terms; sheets that do not answer all of them do not count."""
    terms = terms_of(challenge)
    criteria = criteria_of(terms)
    if not criteria:
        return []
    names = [c.name for c in criteria]
    given = {
        plan: [[points[name] for name in names] for _review, points in sheets if points.keys() >= set(names)]
        for plan, sheets in sheets_of(challenge).items()
    }
    return rank(given, criteria, drop_extremes=bool(terms.get("drop_extremes")))
