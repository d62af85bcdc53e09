"""Meeting tables: ours beside CP-SAT and a greedy table, on the same salons. Prints JSON."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict

from qiao.matching import Salon

from .world import salon


def measured(given: Salon, planned: list[tuple[int, str, str]], seconds: float) -> dict[str, float]:
    """Value, who has no meeting, who has fewer than three, and the mean of idle slots."""
    value = {frozenset((p.one, p.other)): p.value for p in given.pairs}
    slots: dict[str, list[int]] = defaultdict(list)
    for slot, one, other in planned:
        slots[one].append(slot)
        slots[other].append(slot)
    counts = Counter({guest.id: len(slots[guest.id]) for guest in given.guests})
    idle = 0
    for guest in given.guests:
        if there := sorted(slots[guest.id]):
            free = guest.free or set(range(given.slots))
            idle += sum(s in free and s not in there for s in range(there[0], there[-1]))
    return {
        "value": sum(value[frozenset((one, other))] for _, one, other in planned),
        "none": sum(n == 0 for n in counts.values()),
        "few": sum(n < 3 for n in counts.values()),
        "idle": idle / max(sum(n > 0 for n in counts.values()), 1),
        "meetings": len(planned),
        "seconds": seconds,
    }


def ours(given: Salon) -> dict[str, float]:
    from qiao.matching import plan_meetings

    begun = time.perf_counter()
    plan = plan_meetings(given)
    took = time.perf_counter() - begun
    return measured(given, [(m.slot, m.one, m.other) for m in plan.meetings], took) | {"bound": plan.bound}


def greedy(given: Salon) -> dict[str, float]:
    """The best pair first, into its first common slot with a table."""
    begun = time.perf_counter()
    used: Counter[int] = Counter()
    busy: dict[str, set[int]] = {guest.id: set() for guest in given.guests}
    planned = []
    for pair in sorted(given.pairs, key=lambda pair: -pair.value):
        one, other = given.by_id[pair.one], given.by_id[pair.other]
        if any(g.most is not None and len(busy[g.id]) >= g.most for g in (one, other)):
            continue
        for slot in range(given.slots):
            free = all(slot not in busy[g.id] and (g.free is None or slot in g.free) for g in (one, other))
            if free and used[slot] < given.tables:
                planned.append((slot, one.id, other.id))
                busy[one.id].add(slot)
                busy[other.id].add(slot)
                used[slot] += 1
                break
    return measured(given, planned, time.perf_counter() - begun)


def cpsat(given: Salon, limit: float = 60.0) -> dict[str, float]:
    """The whole problem as an integer model, floors included, with the greedy table as its hint."""
    from ortools.sat.python import cp_model

    begun = time.perf_counter()
    model = cp_model.CpModel()
    cells = {}
    for number, pair in enumerate(given.pairs):
        frees = [given.by_id[id].free for id in (pair.one, pair.other)]
        for slot in range(given.slots):
            if all(free is None or slot in free for free in frees):
                cells[number, slot] = model.new_bool_var("")
    at: dict[tuple[str, int], list[object]] = defaultdict(list)
    whole: dict[str, list[object]] = defaultdict(list)
    pairs: dict[int, list[object]] = defaultdict(list)
    slots: dict[int, list[object]] = defaultdict(list)
    for (number, slot), cell in cells.items():
        for id in (given.pairs[number].one, given.pairs[number].other):
            at[id, slot].append(cell)
            whole[id].append(cell)
        pairs[number].append(cell)
        slots[slot].append(cell)
    for group in (*at.values(), *pairs.values()):
        model.add_at_most_one(group)
    for group in slots.values():
        model.add(sum(group) <= given.tables)
    missing = []
    for guest in given.guests:
        short = model.new_int_var(0, guest.fewest, "")
        missing.append(short)
        model.add(sum(whole[guest.id]) + short >= guest.fewest)
        if guest.most is not None:
            model.add(sum(whole[guest.id]) <= guest.most)
    gain = sum(round(given.pairs[n].value * 1000) * cell for (n, _), cell in cells.items())
    model.maximize(gain - 10_000 * sum(missing))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit
    solver.parameters.num_workers = 2
    solver.solve(model)
    planned = [
        (slot, given.pairs[n].one, given.pairs[n].other)
        for (n, slot), cell in cells.items()
        if solver.value(cell)
    ]
    return measured(given, planned, time.perf_counter() - begun)


if __name__ == "__main__":
    name, guests, slots, tables, free = sys.argv[1:]
    plan = {"ours": ours, "greedy": greedy, "cpsat": cpsat}[name]
    print(json.dumps(plan(salon(int(guests), int(slots), int(tables), float(free)))))
