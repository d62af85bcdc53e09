"""How quickly cases change: ``act()`` by verb, whole lives, several writers at once; and verifying history."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks.measure import Row, Watch, row

VERBS = (
    "save",
    "submit",
    "admit",
    "assign",
    "accept",
    "contact",
    "save_reply",
    "countersign",
    "sign",
    "publish",
)
VERBS += ("deliver", "rate", "complete", "close")


def lives(seconds: float, seed: int) -> dict[str, Any]:
    """Let cases live, one after the other, for some seconds: times by verb, acts written, refusals by the database."""
    from django.db import IntegrityError

    from benchmarks.world import District, Life, cast, play
    from qiao.core.acts import act
    from qiao.core.models import Case
    from qiao.kinds.proposal import start_draft

    district, rng = District.read(), random.Random(seed)
    life = Life(promises=3, co=1, cosigners=1)
    times: dict[str, list[float]] = defaultdict(list)
    queries: dict[str, list[int]] = defaultdict(list)
    rows: dict[str, list[int]] = defaultdict(list)

    def do(case: Case, verb: str, by: Any, *, days: int = 0, **given: Any) -> Any:
        with Watch() as watch:
            done = act(case, verb, by=by, **given)
        times[verb].append(watch.ms)
        queries[verb].append(watch.queries)
        rows[verb].append(watch.rows)
        return done

    def one() -> Case:
        who = cast(district, life, rng)
        case = start_draft(who.call, who.members[0])
        play(life, who, do, case)
        return case

    one()
    times.clear()
    queries.clear()
    rows.clear()
    made, clashes, begun = [], 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        try:
            made.append(one().pk)
        except IntegrityError:
            clashes += 1
    spent = time.perf_counter() - begun
    return {
        "seconds": spent,
        "lives": len(made),
        "acts": _written(made),
        "clashes": clashes,
        "times": dict(times),
        "queries": dict(queries),
        "rows": dict(rows),
    }


def _written(roots: list[int]) -> int:
    from qiao.core.models import Act, Case

    found, layer = list(roots), list(roots)
    while layer:
        layer = list(Case.objects.filter(parent__in=layer).values_list("pk", flat=True))
        found += layer
    return Act.objects.filter(case__in=found).count()


def _worker(seconds: float, seed: int) -> dict[str, Any]:
    import django

    django.setup()
    return lives(seconds, seed)


def measure(seconds: float, workers: int = 4) -> list[Row]:
    alone = lives(seconds, random.randrange(10**9))
    found = [
        row(
            "act() by verb",
            verb,
            alone["times"][verb],
            queries=max(alone["queries"][verb]),
            rows=max(alone["rows"][verb]),
        )
        for verb in VERBS
        if alone["times"].get(verb)
    ]
    every = [t for times in alone["times"].values() for t in times]
    rate = f"{alone['acts'] / alone['seconds']:.0f} acts/s"
    found.append(row("acts", "whole lives, one process", every, rows=alone["acts"], note=rate))
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(_worker, seconds, random.randrange(10**9)) for _ in range(workers)]
        parts = [job.result() for job in jobs]
    every = [t for part in parts for times in part["times"].values() for t in times]
    total = sum(part["acts"] / part["seconds"] for part in parts)
    clashes = sum(part["clashes"] for part in parts)
    note = f"{total:.0f} acts/s" + (f", {clashes} refused by the database" if clashes else "")
    found.append(
        row("acts", f"whole lives, {workers} processes", every, rows=sum(p["acts"] for p in parts), note=note)
    )
    return found


def verify(sample: int) -> Row:
    """Check chains and bodies of about ``sample`` acts (all if there are fewer), spread over all cases."""
    from qiao.core.history import check_acts, check_versions
    from qiao.core.models import Act, Case, Version

    total = Act.objects.count()
    stride = max(1, total // sample)
    newest = Case.objects.order_by("-pk").values_list("pk", flat=True)[0]
    acts = faults = 0
    times = []
    for start in range(0, newest + 1, 2000 * stride):
        begun = time.perf_counter()
        chosen = Act.objects.filter(case__gte=start, case__lt=start + 2000)
        rows = list(chosen.select_related("case", "version").order_by("case_id", "seq"))
        faults += len(list(check_acts(rows)))
        times.append((time.perf_counter() - begun) * 1000)
        acts += len(rows)
        versions = Version.objects.filter(paper__case__gte=start, paper__case__lt=start + 200)
        faults += len(list(check_versions(versions.select_related("paper"))))
    note = f"{acts / sum(times) * 1000:.0f} acts/s, {faults} faults"
    found = row("history", "verify, 2,000 cases at a time", times, rows=acts, note=note)
    if faults:
        found.flags.append("faults")
    return found
