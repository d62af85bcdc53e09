"""What the shelves bring about: entries, interest, answers, outcomes; and whom matching shows, and whom never."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import median

from qiao.core.access import visible_cases
from qiao.core.clocks import local_date, today
from qiao.core.models import Act, Case, Person, Seat
from qiao.kinds.shelf.entries import Listed, listed, state
from qiao.kinds.shelf.feedback import REFUSED, others, verdicts
from qiao.kinds.shelf.fitting import fits, spread_share
from qiao.matching import Exposure, measure

LIST = 10  # places of a list, as the measure counts them
REASONS = 100  # the newest reasons that are read
NEEDS = 300  # the newest needs whose lists are looked at


@dataclass(frozen=True)
class Numbers:
    """``days``: calendar days from an interest to its answer, the median; None where nothing was answered."""

    entries: Counter[str]  # kind → listed now
    interests: Counter[str]  # stage → so many
    outcomes: Counter[str]  # code of the outcome → so many
    days: float | None
    exposure: Exposure  # of offers in the lists of needs
    share: float  # of the places of a list, given to entries that seldom appear
    never: tuple[Listed, ...]  # offers that are in none of them
    verdicts: Counter[str]  # agree or not_this → suggestions of which holders said so last


@dataclass(frozen=True)
class Reason:
    """Why a suggestion did not fit, in the words of who holds the entry."""

    entry: Case
    other: str  # its title; the code where it is no longer known
    text: str
    day: dt.date


_made: tuple[Hashable, list[list[str]]] = ("", [])


def _lists() -> list[list[str]]:
    """The lists of the newest needs as they are shown, with the places that are kept for those who seldom appear."""
    global _made  # noqa: PLW0603 (one cache for the process)
    key = (state(), today())
    if _made[0] != key:
        found = fits("offer", listed("need")[:NEEDS], LIST, 0)
        _made = (key, [[m.profile.id for m in one.fit] for one in found])
    return _made[1]


def numbers() -> Numbers:
    """Counted now, but for the lists: they are made once a day, and again when a shelf changed."""
    interests = Counter(Case.objects.filter(kind="interest").values_list("stage", flat=True))
    begun: dict[int, dt.date] = {}
    took: list[int] = []
    outcomes: Counter[str] = Counter()
    acts = Act.objects.filter(case__kind="interest", verb__in=["begin", "accept", "decline", "report"])
    for case, verb, at, data in acts.order_by("seq").values_list("case", "verb", "at", "data"):
        if verb == "begin":
            begun[case] = local_date(at)
        elif verb == "report":
            outcomes[str(data.get("outcome", ""))] += 1
        elif case in begun:
            took.append((local_date(at) - begun[case]).days)
    offers, lists = listed("offer"), _lists()
    shown = {code for one in lists for code in one}
    return Numbers(
        Counter(one.kind for one in listed()),
        interests,
        outcomes,
        float(median(took)) if took else None,
        measure(lists, [one.code for one in offers]),
        spread_share(),
        tuple(one for one in offers if one.code not in shown),
        Counter(act.verb for act in verdicts().values()),
    )


def reasons(person: Person, seats: Sequence[Seat]) -> list[Reason]:
    """The newest reasons for not_this that somebody may read: those on entries that they see. Two queries."""
    acts = Act.objects.filter(case__in=visible_cases(person, seats))
    said = [a for a in verdicts(acts).values() if a.verb == REFUSED and a.reason]
    newest = sorted(said, key=lambda a: (a.at, a.pk), reverse=True)[:REASONS]
    known = others(str(a.data["other"]) for a in newest)
    return [
        Reason(
            act.case,
            known[code].title if (code := str(act.data["other"])) in known else code,
            act.reason,
            local_date(act.at),
        )
        for act in newest
    ]
