"""One engine in a process of its own: ``python -m benchmarks.eligibility.one``; the arguments are those of `main`.

Prints one line of JSON. Peers run it with their own Python, where Qiao is a folder on the path and not installed.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from . import engines
from .world import plan as make_plan

SECONDS, MOST, LEAST = 10, 9, 3  # how long, how often an engine is run


def main(arguments: list[str]) -> None:
    """``arguments``: the engine, how many policies, the file of firms, our kernel's packed states to compare with,
    how many firms, and when the process was asked for: what an engine needs before its first answer is counted.
    """
    engine, firms, reference = arguments[0], arguments[2], arguments[3]
    policies, rows, begun = int(arguments[1]), int(arguments[4]), float(arguments[5])
    plan = make_plan(policies)
    batch = pa.ipc.open_file(pa.memory_map(firms)).get_batch(0).slice(0, rows)
    base = _peak()
    run = getattr(engines, engine)(plan, batch)
    states = run()
    first = time.time() - begun
    walls, cpus = [], []
    while len(walls) < LEAST or (sum(walls) < SECONDS and len(walls) < MOST):
        wall, cpu = time.perf_counter(), time.process_time()
        states = run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    peak = _peak()
    verdicts = {p.verdict for p in plan.policies}
    asked = sorted(verdicts if engine == "verdicts" else plan.kept)
    packed = np.load(reference, mmap_mode="r")
    differ = 0
    for place, node in enumerate(sorted(plan.kept)):
        if node in asked:
            ours = (packed[place // 4, : batch.num_rows] >> place % 4 * 2) & 3
            differ += int(np.count_nonzero(np.asarray(states(node)) != ours))
    told = {
        "engine": engine, "policies": policies, "rows": batch.num_rows,
        "wall": statistics.median(walls), "cpu": min(cpus),
        "median_cpu": statistics.median(cpus), "first": first, "peak": peak, "base": base, "differ": differ,
        "compared": len(asked) * batch.num_rows, "runs": len(walls),
    }  # fmt: skip
    print(json.dumps(told))


def _peak() -> float:
    """The most memory this process has held, in MB. (`getrusage` would count what its parent held, too.)"""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
