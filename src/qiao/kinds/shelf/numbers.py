"""What the shelves bring about: entries, interest, answers, outcomes; and whom matching shows, and whom never."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from statistics import median

from qiao.core.clocks import local_date
from qiao.core.models import Act, Case
from qiao.kinds.shelf.entries import Listed, listed
from qiao.kinds.shelf.fitting import lists
from qiao.matching import Exposure, measure

LIST = 10  # places of a list, as the measure counts them
NEEDS = 300  # the newest needs whose lists are looked at


@dataclass(frozen=True)
class Numbers:
    """``days``: calendar days from an interest to its answer, the median; None where nothing was answered."""

    entries: Counter[str]  # kind → listed now
    interests: Counter[str]  # stage → so many
    outcomes: Counter[str]  # code of the outcome → so many
    days: float | None
    exposure: Exposure  # of offers in the lists of needs
    never: tuple[Listed, ...]  # offers that are in none of them


def numbers() -> Numbers:
    """Counted now, but for the lists, which are made anew when a shelf changed. A fixed number of queries."""
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
    places, offers = lists("need", NEEDS, LIST), listed("offer")
    shown = {code for one in places for code in one}
    return Numbers(
        Counter(one.kind for one in listed()),
        interests,
        outcomes,
        float(median(took)) if took else None,
        measure(places, [one.code for one in offers]),
        tuple(one for one in offers if one.code not in shown),
    )
