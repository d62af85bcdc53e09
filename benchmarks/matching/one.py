"""One engine in a process of its own: quality on judged questions, or speed on synthetic profiles. Prints JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from . import world
from .engines import ENGINES, ask


def quality(name: str) -> dict[str, float]:
    """nDCG@10 and recall@100 on both public sets."""
    found: dict[str, float] = {}
    for key, judged in (("law", world.law()), ("awards", world.awards())):
        engine = ENGINES[name](list(judged.texts.values()), judged.questions)
        gains, recalls = [], []
        for best, answers in zip(ask(engine, judged), judged.answers, strict=True):
            gain = sum(1 / np.log2(place + 2) for place, id in enumerate(best[:10]) if id in answers)
            gains.append(gain / sum(1 / np.log2(place + 2) for place in range(min(len(answers), 10))))
            recalls.append(len(answers & set(best)) / len(answers))
        found |= {f"{key} nDCG@10": float(np.mean(gains)), f"{key} recall@100": float(np.mean(recalls))}
    return found


def speed(name: str, size: int, asked: int) -> dict[str, float]:
    """Seconds to index, milliseconds for the best 20, the most memory this process has held (MB)."""
    texts, questions = world.profiles(size), world.questions(asked + 5)
    before = _peak()
    wall, cpu = time.perf_counter(), time.process_time()
    engine = ENGINES[name](texts)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    took = []
    for number, question in enumerate(questions):
        begun = time.perf_counter()
        engine.search(question, 20)
        if number >= 5:
            took.append((time.perf_counter() - begun) * 1000)
    p50, p95 = np.percentile(took, [50, 95])
    return {
        "index": wall,
        "cpu": cpu,
        "p50": float(p50),
        "p95": float(p95),
        "peak": _peak(),
        "before": before,
    }


def _peak() -> float:
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    what, name, *numbers = sys.argv[1:]
    print(json.dumps(quality(name) if what == "quality" else speed(name, *map(int, numbers))))
