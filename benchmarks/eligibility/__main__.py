"""``python -m benchmarks.eligibility``: every engine on the same firms and policies, every answer compared."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table

from qiao.eligibility import FactTable, Kernel

from . import HOME, ROOT, single
from .world import filled, firms, plan

console = Console(width=180)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
PEERS = HOME.parent / "peers-eligibility"
# engine → (three values, name, how many of 24-policy firms it can be asked in reasonable time)
ENGINES = {
    "kernel": (True, "Qiao, columns, every clause", 10**9),
    "verdicts": (True, "Qiao, columns, verdicts only", 10**9),
    "walk": (True, "Qiao, walk over one firm", 2_000),
    "polars": (True, "Polars, expressions in stages (2 threads)", 10**9),
    "duckdb": (True, "DuckDB, SQL in stages (2 threads)", 10**9),
    "policyengine": (False, "PolicyEngine-Core, vectors", 10**9),
    "openfisca": (False, "OpenFisca-Core, vectors", 10**9),
    "zen": (False, "zen-engine, decision graph", 1_000),
    "cel": (False, "CEL in Rust (common-expression-language)", 200),
    "jsonlogic": (False, "JSON-Logic (json-logic-qubit)", 200),
}
MARKER = "<!-- Below: written by the benchmark. -->"
OWN = ("kernel", "verdicts", "walk")


def _peers() -> str:
    """A Python with the peers in it, made once; "" where that cannot be done."""
    python, wanted = PEERS / "bin" / "python", ROOT / "benchmarks" / "eligibility" / "requirements.txt"
    stamp = PEERS / "stamp"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        console.print(f"Installing the peers into {PEERS.relative_to(ROOT)} (needs the network)")
        uv = [sys.executable, "-m", "uv"]
        for command in (
            [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(PEERS)],
            [*uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(wanted)],
        ):
            if subprocess.run(command, check=False).returncode:
                console.print("The peers could not be installed: Qiao is measured alone.")
                return ""
        stamp.write_text(wanted.read_text())
    return str(python)


def _world(rows: int) -> tuple[Path, Path]:
    """The firms, with unknown facts and with all of them filled in."""
    three, two = HOME / f"firms-{rows}.arrow", HOME / f"firms-{rows}-filled.arrow"
    if not two.exists():
        batch = firms(rows, plan(1).vocabulary)
        for path, what in ((three, batch), (two, filled(batch))):
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, what.schema) as writer:
                writer.write_batch(what)
    return three, two


def _reference(policies: int, path: Path) -> Path:
    """What our kernel says, packed."""
    made, out = plan(policies), path.with_name(f"{path.stem}-{policies}.npy")
    table = FactTable.from_arrow(pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0), made.vocabulary)
    np.save(out, Kernel(made).run(table).packed)
    return out


def _measure(engine: str, policies: int, rows: int, python: str) -> dict[str, Any] | None:
    three, _, most = ENGINES[engine]
    firms_file = _world(rows)[0 if three else 1]
    reference = firms_file.with_name(f"{firms_file.stem}-{policies}.npy")
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "POLARS_MAX_THREADS": "2"}
    few = min(rows, most * 24 // policies if most < 10**9 else most)
    command = [
        python,
        "-m",
        "benchmarks.eligibility.one",
        engine,
        str(policies),
        str(firms_file),
        str(reference),
        str(few),
        str(time.time()),
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        console.print(
            f"{engine}, {policies} policies, {rows:,} firms failed: {done.stderr.strip().splitlines()[-1:]}"
        )
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _rate(row: dict[str, Any]) -> float:
    """Millions of decisions a CPU second; a decision is one policy for one firm."""
    return float(row["rows"] * row["policies"] / row["cpu"] / 1e6)


def _table(rows: list[dict[str, Any]]) -> list[list[str]]:
    ours = next((r for r in rows if r["engine"] == "kernel"), None)
    said = []
    for row in sorted(rows, key=lambda r: -_rate(r)):
        three, name, _ = ENGINES[row["engine"]]
        rate, equal = _rate(row), row["differ"]
        said.append([
            name, "yes" if three else "no", f"{row['rows']:,}",
            f"{row['cpu'] * 1000:,.1f}", f"{row['wall'] * 1000:,.1f}",
            f"{rate:,.3g}", f"{_rate(ours) / rate:,.3g}" if ours else "", f"{row['first']:.1f}", f"{row['peak']:,.0f}",
            "all equal" if not equal else f"{equal:,} of {row['compared']:,} differ",
        ])  # fmt: skip
    return said


HEAD = [
    "engine",
    "unknown",
    "firms",
    "CPU ms",
    "wall ms",
    "M decisions / CPU s",
    "ours ÷ it",
    "first result s",
    "peak MB",
    "answers",
]


@app.command()
def main(
    *,
    sizes: Annotated[str, typer.Option(help="How many firms, parted by commas.")] = "10000",
    policies: Annotated[str, typer.Option(help="How many policies, parted by commas.")] = "24,200",
    full: Annotated[bool, typer.Option(help="10 k, 100 k and 1 M firms, and 10 M through a file.")] = False,
    only: Annotated[str, typer.Option(help=f"Only these engines: {','.join(ENGINES)}.")] = "",
    millions: Annotated[int, typer.Option(help="So many million firms through a file; 0: none.")] = 0,
    markdown: Annotated[Path | None, typer.Option(help="Write the tables into this page, too.")] = None,
) -> None:
    """Measure the eligibility engine against its peers; every answer of every engine is compared."""
    sizes, millions = ("10000,100000,1000000", millions or 10) if full else (sizes, millions)
    chosen = only.split(",") if only else list(ENGINES)
    HOME.mkdir(parents=True, exist_ok=True)
    python = _peers() if set(chosen) - set(OWN) else ""
    lines = [
        f"{dt.datetime.now(tz=dt.UTC).date()}, {os.cpu_count()} cores ({_processor()}), "
        f"Python {platform.python_version()}.",
        "",
    ]
    kept: list[dict[str, Any]] = []
    for many in map(int, policies.split(",")):
        made = plan(many)
        clauses = sum(len(p.clauses) for p in made.policies)
        for rows in map(int, sizes.split(",")):
            for path in _world(rows):
                _reference(many, path)
            found = [
                row
                for engine in chosen
                if (engine in OWN or python)
                and (rows <= 10_000 or ENGINES[engine][2] > rows)
                and (row := _measure(engine, many, rows, sys.executable if engine in OWN else python))
            ]
            kept += found
            title = (
                f"{rows:,} firms × {many} policies ({clauses:,} clauses, {len(made.kept)} distinct answers)"
            )
            lines += _show(title, HEAD, _table(found))
            busy = os.getloadavg()[0]
            lines += [f"Load of the machine at the end: {busy:.1f}.", ""]
            by = {row["engine"]: row for row in found}
            if {"kernel", "verdicts"} <= by.keys():
                cost = by["kernel"]["cpu"] / by["verdicts"]["cpu"] - 1
                lines += [f"Keeping every clause costs {cost:+.0%} over verdicts alone.", ""]
                console.print(lines[-2])
    waits = {f"one firm × 200, {what}": took for what, took in single.one_firm().items()}
    waits |= {f"{what} (200 packs)": took for what, took in single.edit().items()}
    waits["10,000 firms × 200, every clause"] = single.moved()
    lines += _show(
        "What people wait for", ["what", "CPU ms, median"], [[k, f"{v:,.2f}"] for k, v in waits.items()]
    )
    if millions:
        streamed = {many: single.stream(many, millions, HOME) for many in map(int, policies.split(","))}
        said = [
            [
                f"{millions} M × {many}",
                f"{s['cpu']:.1f}",
                f"{s['wall']:.1f}",
                f"{s['own']:.0f}",
                f"{s['peak']:.0f}",
            ]
            for many, s in streamed.items()
        ]
        head = [
            "Arrow file to Arrow file, one process",
            "CPU s",
            "wall s",
            "own memory MB",
            "with mapped files MB",
        ]
        lines += _show("A file through a plan", head, said)
    (HOME / "results.json").write_text(json.dumps({"rows": kept, "waits": waits}, indent=1), "utf-8")
    if markdown:
        _write(markdown, lines)


def _show(title: str, head: list[str], rows: list[list[str]]) -> list[str]:
    """Prints a table; gives it as Markdown."""
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(head):
        table.add_column(column, justify="right" if place and "answers" not in column else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    rule = "|".join("---:" if place and column != "answers" else "---" for place, column in enumerate(head))
    return [
        f"### {title}",
        "",
        f"| {' | '.join(head)} |",
        f"|{rule}|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]


def _write(path: Path, lines: list[str]) -> None:
    """Puts the tables below the marker of a page, or at the end of the file."""
    before = path.read_text("utf-8").partition(MARKER)[0] if path.exists() else ""
    path.write_text("\n".join([before + MARKER, "", *lines]), "utf-8")


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
        return next(line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


if __name__ == "__main__":
    app()
