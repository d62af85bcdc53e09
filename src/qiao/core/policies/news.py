"""A policy that is new and fits a firm is told to the firm's people. Run by the timer, as often as it likes."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from qiao.core import facts
from qiao.core.clocks import today
from qiao.core.models import KnownPolicy, Notice, Seat
from qiao.core.policies import library, rights
from qiao.eligibility import Explainer, Judged, Plan, Truth, Walker

FEW = 1000  # so many firms are asked for by name; of more, all facts are read


def tell_of_new_policies(day: dt.date | None = None) -> int:
    """Notices about policies that came into force, or were added, since the last time; how many were written.

    What is in force when this runs for the first time is taken as known.
    """
    on = day or today()
    versions = {p.version: p.id for p in library().packs if p.in_force(on)}
    known = set(KnownPolicy.objects.values_list("version", flat=True))
    new = sorted(set(versions) - known)
    if not new:
        return 0
    try:
        with transaction.atomic():
            rows = [KnownPolicy.objects.create(version=version) for version in new]
            return _tell({versions[r.version]: r for r in rows}, on) if known else 0
    except IntegrityError:  # another timer told of them at this moment
        return 0


def _tell(new: dict[str, KnownPolicy], on: dt.date) -> int:
    plan = library().plan(on, only=list(new))
    walker = Walker(plan)
    explainer = Explainer(plan, walker)
    seats = Seat.objects.filter(organisation__in=rights.firms()).held_on(on)
    people: dict[int, set[int]] = {}
    for person, firm in seats.values_list("person", "organisation"):
        people.setdefault(firm, set()).add(person)
    notices = []
    for firm, known in facts.many(people if len(people) < FEW else None, on).items():
        if firm not in people:
            continue
        judged = walker.judge(known)
        for id, row in new.items():
            if _fits(plan, explainer, judged, id):
                notices += [Notice(person_id=p, policy=row, organisation_id=firm) for p in people[firm]]
    return len(Notice.objects.bulk_create(notices, ignore_conflicts=True))


def _fits(plan: Plan, explainer: Explainer, judged: Judged, id: str) -> bool:
    """Whether a firm qualifies, or has said all it can and only the department's judgement is open."""
    if plan.policy(id).pack.classes:
        return False  # a class is no offer
    e = explainer.explain(judged, id)
    return e.in_scope and (e.verdict == Truth.YES or e.awaits_judgement)
