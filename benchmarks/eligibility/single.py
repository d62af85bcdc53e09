"""What people wait for: one firm explained, a threshold moved, a pack edited, a file streamed."""

from __future__ import annotations

import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from qiao.eligibility import Explainer, FactTable, Kernel, Library, Truth, Walker
from qiao.eligibility.streaming import run_file

from . import AS_OF, ROOT
from .world import firms, pack, plan


def _median(do: Callable[[int], Any], times: int) -> float:
    """Milliseconds of CPU; ``do`` is given the number of the turn."""
    took = []
    gc.collect()
    for turn in range(times):
        begun = time.process_time()
        do(turn)
        took.append((time.process_time() - begun) * 1000)
    return statistics.median(took)


def one_firm(policies: int = 200, turns: int = 100) -> dict[str, float]:
    """Milliseconds a firm: judged, explained, and every explanation written out as text."""
    made = plan(policies)
    walker, explainer = Walker(made), Explainer(made)
    table = FactTable.from_arrow(firms(turns + 5, made.vocabulary), made.vocabulary)
    rows = [table.row(i) for i in range(table.rows)]

    def explain(turn: int) -> list[Any]:
        judged = walker.judge(rows[turn])
        found = [explainer.explain(judged, policy.id) for policy in made.policies]
        for one in found:
            shown = [
                (clause.truth, clause.needed, clause.clause.cite, clause.tests) for clause in one.clauses
            ]
            assert shown
        return found

    for turn in range(turns, turns + 5):
        [e.lines("zh") for e in explain(turn)]

    def ask(turn: int) -> Any:
        found = explain(turn)
        gaps = [one.gaps for one in found if one.verdict is Truth.NO]
        return gaps, explainer.questions(found[0].judged)

    return {
        "judged": _median(lambda turn: walker.judge(rows[turn]), turns),
        "judged, and every clause and test told in figures": _median(
            lambda turn: explainer.sheet(walker.judge(rows[turn])), turns
        ),
        "every clause with citation and tests": _median(explain, turns),
        "and with gaps and the next questions": _median(ask, turns),
        "and every text written out": _median(
            lambda turn: [e.lines("zh") for e in explain(turn)], max(turns // 5, 5)
        ),
    }


def edit(policies: int = 200, turns: int = 15) -> dict[str, float]:
    """Milliseconds from an edit of one of many packs to a firm's verdict under it, and to a plan of them all."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "policies"
        for part in ("codes", "vocabulary"):
            shutil.copytree(ROOT / "policies" / part, root / part)
        (root / "bench" / "packs").mkdir(parents=True)
        for number in range(policies):
            (root / "bench" / "packs" / f"p{number}.yaml").write_text(pack(number), "utf-8")
        begun = time.process_time()
        library = Library.load(root)
        cold = (time.process_time() - begun) * 1000
        table = FactTable.from_arrow(firms(1, library.vocabulary), library.vocabulary)
        firm, changed = table.row(0), root / "bench" / "packs" / "p3.yaml"

        def again(turn: int) -> Library:
            changed.write_text(pack(3).replace("score(s) >= 60", f"score(s) >= {turn + 10}"), "utf-8")
            return Library.load(root, library)

        def verdict(turn: int) -> Any:
            made = again(turn).plan(AS_OF, only=["bench/p3"])
            return Walker(made).judge(firm).verdict("bench/p3")

        def everything(turn: int) -> Any:
            return Walker(again(turn).plan(AS_OF)).judge(firm)

        return {
            "first verdict after an edit": _median(verdict, turns),
            "whole plan after an edit": _median(everything, turns),
            "whole library, first time": cold,
        }


def moved(policies: int = 200, rows: int = 10_000) -> float:
    """Milliseconds for all verdicts and clauses of a district."""
    made = plan(policies)
    table, kernel = FactTable.from_arrow(firms(rows, made.vocabulary), made.vocabulary), Kernel(made)
    kernel.run(table)
    return _median(lambda _: kernel.run(table), 15)


def stream(policies: int, millions: int, folder: Path) -> dict[str, float]:
    """A file of firms through a plan, in this process: seconds, and the most memory of its own (MB)."""
    made, path, out = plan(policies), folder / f"stream-{millions}.arrow", folder / "stream-out.arrow"
    if not path.exists():
        part = path.with_suffix(".part")
        with pa.OSFile(str(part), "wb") as file:
            writer = None
            for seed in range(millions):
                batch = firms(1_000_000, made.vocabulary, seed)
                writer = writer or pa.ipc.new_file(file, batch.schema)
                writer.write_table(pa.table(batch), max_chunksize=65_536)
            if writer:
                writer.close()
        part.replace(path)
    command = [sys.executable, "-m", "benchmarks.eligibility.single", str(policies), str(path), str(out)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    out.unlink()
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(policies: int, path: Path, out: Path) -> None:
    """One file through a plan in this process, whose memory is watched: prints seconds and MB."""
    made, most = plan(policies), 0

    def watch(done: int, rows: int) -> None:
        nonlocal most
        text = Path("/proc/self/status").read_text()
        most = max(most, int(text.split("RssAnon:")[1].split()[0]) // 1024)

    wall, cpu = time.perf_counter(), time.process_time()
    run_file(made, path, out, progress=watch)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    whole = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "own": most, "peak": whole}))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
