"""Against peers, with the same result checked: a ratio says more than a time on somebody's machine."""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable
from typing import Any


def _median(do: Callable[[], Any], n: int) -> float:
    times = []
    for _ in range(n):
        begun = time.perf_counter()
        do()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _ratio(name: str, ours: float, theirs: float, what: str, unit: str = "ms") -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 4),
        "theirs": round(theirs, 4),
        "ratio": round(theirs / ours, 2) if ours else None,
        "unit": unit,
        "what": what,
    }


def timekeeping() -> dict[str, Any]:
    """60-working-day deadlines against ``holidays.get_nth_working_day`` on the same calendar."""
    from holidays import country_holidays

    from qiao.timekeeping import Calendar, ClockEvent, ClockRule, compute

    calendar, peer, rule = Calendar(), country_holidays("CN", years=range(2009, 2027)), ClockRule(60)
    first = dt.date(2010, 1, 1)
    days = [first + dt.timedelta(days=7 * i) for i in range(800)]

    def ours() -> list[dt.date | None]:
        return [compute(rule, [ClockEvent.start(day)], calendar).due for day in days]

    def theirs() -> list[dt.date]:
        return [peer.get_nth_working_day(day, 60) for day in days]

    mine, other = ours(), theirs()
    differ = sum(a != b for a, b in zip(mine, other, strict=True))
    what = f"{len(days)} deadlines from 2010 to 2025, {differ} differ"
    return _ratio("timekeeping / holidays, 60 working days", _median(ours, 7), _median(theirs, 3), what)


def engine(n: int = 60) -> list[dict[str, Any]]:
    """``act()`` against plain Django that writes the same rows in one transaction, without asking anything."""
    from django.db import transaction
    from django.utils import timezone

    from benchmarks.measure import Watch
    from benchmarks.world import District, Life, cast, play
    from qiao.core.acts import act
    from qiao.core.history import new_salt
    from qiao.core.models import Act, Case, Notice, Paper, SearchEntry, Task, Version
    from qiao.core.search import grams
    from qiao.kinds.proposal import start_draft

    district, rng = District.read(), random.Random()

    def handling() -> tuple[Case, Any]:
        life = Life(until="handling", contacts=0)
        who = cast(district, life, rng)
        case = start_draft(who.call, who.members[0])
        play(life, who, lambda c, v, b, days=0, **given: act(c, v, by=b, **given), case)
        return case.children.get(kind="handling"), who

    def plain_act(case: Case, verb: str, by: Any, data: dict[str, Any], version: Any = None) -> Act:
        seq = case.acts.count() + 1
        made = Act(case=case, seq=seq, verb=verb, at=timezone.now(), by=by, from_stage="x", to_stage="x")
        made.data, made.version, made.salt, made.body_digest = data, version, new_salt(), new_salt() * 2
        made.prev_hash, made.hash = new_salt() * 2, new_salt() * 2
        made.save(force_insert=True)
        case.moved_at = made.at
        case.save()
        return made

    contact = {"method": "visit", "on": "2024-02-20", "summary": "走访听取意见"}

    def plain_contact(case: Case, who: Any) -> None:
        with transaction.atomic():
            locked = Case.objects.select_for_update().get(pk=case.pk)
            plain_act(locked, "contact", who.lead["officer"][0], contact)
            Task.objects.filter(case=locked, verb="contact").delete()

    def plain_save(case: Case, who: Any) -> None:
        text = {"title": who.title, "background": who.body, "problem": who.body, "suggestions": who.body}
        with transaction.atomic():
            locked = Case.objects.select_for_update().get(pk=case.pk)
            paper = Paper.objects.create(case=locked, kind="proposal", title="x")
            version = Version(
                paper=paper, n=1, content=text, text=who.body, salt=new_salt(), digest=new_salt() * 2
            )
            version.at, version.by = timezone.now(), who.members[0]
            version.save(force_insert=True)
            locked.title = who.title
            plain_act(locked, "save", who.members[0], {}, version)
            entry = SearchEntry.objects.get(case=locked)
            entry.title, entry.grams = who.title, grams(who.title)
            entry.save()

    def draft() -> tuple[Case, Any]:
        who = cast(district, Life(), rng)
        return start_draft(who.call, who.members[0]), who

    def real_save(case: Case, who: Any) -> None:
        text = {"title": who.title, "background": who.body, "problem": who.body, "suggestions": who.body}
        act(case, "save", by=who.members[0], content={**text, "consent": True})

    def real_contact(case: Case, who: Any) -> None:
        act(case, "contact", by=who.lead["officer"][0], data=contact)

    found = []
    for name, make, real, plain in (
        ("contact", handling, real_contact, plain_contact),
        ("save", draft, real_save, plain_save),
    ):
        ours, theirs, written = [], [], []
        for i in range(n + 3):
            pair = []
            for do in (real, plain):
                case, who = make()
                with Watch() as watch:
                    do(case, who)
                pair.append(watch)
            if i >= 3:
                ours.append(pair[0].ms)
                theirs.append(pair[1].ms)
                written.append((pair[0].rows, pair[1].rows))
        same = "same rows written" if all(a == b for a, b in written) else f"rows {written[0]}"
        what = f"act() {pair[0].queries} queries, plain {pair[1].queries}; {same}"
        found.append(
            _ratio(f"plain Django / act(): {name}", statistics.median(ours), statistics.median(theirs), what)
        )
    assert Notice  # the verbs chosen tell nobody
    return found


def likes() -> list[dict[str, Any]]:
    """The bigram index against ``LIKE '%…%'`` over titles and texts: how many entries match."""
    from django.db.models import Q

    from benchmarks import words
    from qiao.core.models import SearchEntry
    from qiao.core.search import matching

    found = []
    for query in ("算力", "数字孪生", words.RARE, "魑魅魍魉"):
        ours = SearchEntry.objects.filter(matching(query) or Q())
        theirs = SearchEntry.objects.filter(Q(title__contains=query) | Q(text__contains=query))
        a, b = ours.count(), theirs.count()
        what = f"{a} found" if a == b else f"{a} found, LIKE {b}"
        mine, other = _median(ours.count, 15), _median(theirs.count, 5)
        found.append(_ratio(f"LIKE / bigrams: {query}", mine, other, what))
    return found


def measure() -> list[dict[str, Any]]:
    return [timekeeping(), *engine(), *likes()]
