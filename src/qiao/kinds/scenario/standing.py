"""How a challenge stands: its bids, how the experts' points rank them, who may not score which."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from qiao.core.models import Case, Organisation, Party, Person, Review, Seat, Version
from qiao.core.rulebook import Rulebook
from qiao.kinds.scenario.people import value
from qiao.kinds.scenario.ranking import Criterion, Place, rank

RANKED = ("reviewing", "won", "lost")  # stages of bids whose plans experts score, or scored


def bids(challenge: Case) -> QuerySet[Case]:
    """All bids on a challenge, whatever their stage."""
    return Case.objects.filter(parent=challenge, kind="bid").select_related("call__owner", "unit")


def terms_of(challenge: Case) -> dict[str, Any]:
    """The current terms; empty before they are written."""
    found = Version.objects.filter(paper__case=challenge, paper__kind="terms").order_by("-n").first()
    return dict(found.content) if found else {}


def criteria_of(terms: dict[str, Any]) -> list[Criterion]:
    return [Criterion(c["name"], int(c["weight"]), int(c.get("least", 0))) for c in terms.get("criteria", [])]


def newest_of(cases: Iterable[int], *kinds: str) -> dict[int, Version]:
    """The current version of each case's paper of one of these kinds, by case. One query."""
    found = Version.objects.filter(paper__case__in=list(cases), paper__kind__in=kinds)
    rows = found.select_related("paper").order_by("n")
    return {v.paper.case_id: v for v in rows if v.paper.case_id is not None}


def plans_of(rows: Iterable[Case]) -> dict[int, Version]:
    """The current plan of each bid."""
    return newest_of([case.pk for case in rows], "plan")


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


def bid_counts(rows: Iterable[Case]) -> Counter[str]:
    """Intents that came to nothing, bids opened, valid ones, winners."""
    stages = Counter(case.stage for case in rows)
    unopened = {"intent", "preparing", "sealed", "lapsed", "withdrawn"}
    opened = sum(n for stage, n in stages.items() if stage not in unopened)
    valid = stages["reviewing"] + stages["won"] + stages["lost"]
    return Counter(intents=sum(stages.values()), opened=opened, valid=valid, won=stages["won"])


def conflicts_of(
    people: Iterable[int], rows: list[Case], book: Rulebook, on: dt.date
) -> dict[int, dict[int, str]]:
    """Bids that each person may not score because of a seat, now or in the years that the rulebook names: person →
    case → unit. Three queries.

    A seat in the consortium bars one bid, a seat at the owner of the scenario bars all on it."""
    since = on.replace(year=on.year - int(value(book, "years_of_conflict")), day=min(on.day, 28))
    held: dict[int, set[int]] = {pk: set() for pk in people}
    lately = Seat.objects.filter(person__in=held).filter(Q(end__isnull=True) | Q(end__gte=since))
    for person, organisation in lately.values_list("person", "organisation"):
        held[person].add(organisation)
    units = units_of(rows)
    owners: dict[int, list[Organisation]] = {}
    above = Party.objects.filter(
        case__in={c.parent_id for c in rows}, role="holder", organisation__isnull=False
    )
    for party in above.select_related("organisation"):
        if party.organisation is not None:
            owners.setdefault(party.case_id, []).append(party.organisation)
    found: dict[int, dict[int, str]] = {pk: {} for pk in held}
    for person, here in held.items():
        for case in rows:
            concerned = [*units.get(case.pk, []), *owners.get(case.parent_id or 0, [])]
            unit = next((u for u in concerned if u.pk in here), None)
            if unit is not None:
                found[person][case.pk] = unit.name
    return found


def conflicts(person: Person, rows: list[Case], book: Rulebook, on: dt.date) -> dict[int, str]:
    """The same for one person: case → unit."""
    return conflicts_of([person.pk], rows, book, on)[person.pk]


def reviews_of(rows: Iterable[Case]) -> list[Review]:
    """What experts said of the current plan of each bid. One query."""
    newer = Version.objects.filter(paper=OuterRef("version__paper"), n__gt=OuterRef("version__n"))
    found = Review.objects.filter(
        ~Exists(newer), version__paper__kind="plan", version__paper__case__in=[case.pk for case in rows]
    )
    return list(found.select_related("version__paper", "seat").order_by("pk"))


def ranked(terms: dict[str, Any], rows: Iterable[Case], reviews: Iterable[Review]) -> list[Place]:
    """The plans in order, by the criteria of ``terms``. Sheets that do not answer all of them do not count, nor those
    of experts with a conflict. A plan without a number stands nowhere."""
    criteria = criteria_of(terms)
    if not criteria:
        return []
    names = [c.name for c in criteria]
    numbers = {case.pk: case.number for case in rows if case.number}
    given: dict[str, list[list[Decimal]]] = {}
    for review in reviews:
        number = numbers.get(review.version.paper.case_id or 0)
        if number and review.scores and not review.conflict and review.scores.keys() >= set(names):
            given.setdefault(number, []).append([Decimal(str(review.scores[name])) for name in names])
    return rank(given, criteria, drop_extremes=bool(terms.get("drop_extremes")))


def places(challenge: Case) -> list[Place]:
    """The plans of a challenge in order, by its present terms. Three queries."""
    rows = list(bids(challenge).filter(stage__in=RANKED))
    return ranked(terms_of(challenge), rows, reviews_of(rows))
