"""``python -m benchmarks.matching``: quality, speed and meeting tables, beside their peers, in one run."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from . import world
from .engines import ENGINES
from .tables import Salon  # noqa: F401 (fails early where the package is not there)

console = Console(width=150)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "var" / "bench" / "matching"
PEERS = HOME.parent / "peers-matching"
MARKER = "<!-- Below: written by the benchmark. -->"
OWN = ("ours", "alone", "disk", "greedy")
SALONS = (
    (50, 8, 15, 0.8),
    (200, 12, 50, 0.8),
    (1000, 16, 250, 1.0),
    (1000, 16, 250, 0.8),
    (1000, 16, 400, 0.8),
)


def _peers() -> str:
    """A Python with the peers in it, made once; "" where that cannot be done."""
    python, wanted = PEERS / "bin" / "python", Path(__file__).with_name("requirements.txt")
    stamp = PEERS / "stamp"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        console.print(f"Installing the peers into {PEERS.relative_to(ROOT)} (needs the network)")
        uv = [sys.executable, "-m", "uv"]
        for command in (
            [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(PEERS)],
            [*uv, "pip", "install", "--quiet", "--python", str(python), "scipy", "pyyaml", "-r", str(wanted)],
        ):
            if subprocess.run(command, check=False).returncode:
                console.print("The peers could not be installed: Qiao is measured alone.")
                return ""
        stamp.write_text(wanted.read_text())
    return str(python)


def _run(module: str, python: str, *given: object) -> dict[str, Any] | None:
    """One measurement in a process of its own; None, with the reason printed, where it failed."""
    command = [python, "-m", f"benchmarks.matching.{module}", *map(str, given)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        console.print(f"{module} {given} failed: {done.stderr.strip().splitlines()[-1:]}")
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@app.command()
def main(
    *,
    sizes: Annotated[str, typer.Option(help="How many profiles, parted by commas.")] = "6000,100000",
    full: Annotated[
        bool, typer.Option(help="A million profiles, too, and CP-SAT for a minute a salon.")
    ] = False,
    only: Annotated[str, typer.Option(help="Only these parts.")] = "quality,speed,tables",
    markdown: Annotated[Path | None, typer.Option(help="Write the tables into this page, too.")] = None,
) -> None:
    """Measure the matching engine against its peers. Quality needs QIAO_DATA, a folder with the public sets."""
    HOME.mkdir(parents=True, exist_ok=True)
    python, parts = _peers(), only.split(",")
    engines = [name for name in ENGINES if name in OWN or python]
    cpu = platform.processor() or platform.machine()
    lines = [
        f"{dt.datetime.now(tz=dt.UTC).date()}, {os.cpu_count()} cores ({cpu}), Python {platform.python_version()}.",
        "",
    ]
    if "quality" in parts and not world.DATA.is_dir():
        console.print(f"No public sets at {world.DATA} (set QIAO_DATA): quality is not measured.")
    elif "quality" in parts:
        rows = []
        for name in engines:
            if name == "fts5":
                continue  # minutes for needs of some hundred words
            console.print(f"quality: {name}")
            if found := _run("one", sys.executable if name in OWN else python, "quality", name):
                rows.append([ENGINES[name].name, *(f"{value:.3f}" for value in found.values())])
        head = ["engine", "law nDCG@10", "law recall@100", "awards nDCG@10", "awards recall@100"]
        lines += _show("Quality on public questions", head, rows)
    for size in (
        [int(s) for s in sizes.split(",")] + ([1_000_000] if full else []) if "speed" in parts else ()
    ):
        rows, base = [], 0.0
        for name in engines:
            if name == "alone" or (name == "fts5" and size > 100_000):
                continue  # as fast as with needs; seconds a question
            console.print(f"{size:,} profiles: {name}")
            own = name in OWN
            if found := _run(
                "one", sys.executable if own else python, "speed", name, size, 200 if size < 10**6 else 60
            ):
                base = base or found["p50"]
                rows.append([
                    ENGINES[name].name, f"{found['index']:.1f}", f"{found['cpu']:.1f}", f"{found['p50']:.2f}",
                    f"{found['p95']:.2f}", f"{found['p50'] / base:.2g}", f"{found['peak'] - found['before']:,.0f}",
                ])  # fmt: skip
        head = ["engine", "index s", "index CPU s", "best 20, p50 ms", "p95 ms", "it ÷ ours", "memory MB"]
        lines += _show(f"{size:,} profiles of about 175 characters", head, rows)
    if "tables" in parts:
        rows = []
        for shape in SALONS:
            bound = 0.0
            for name in ("ours", "greedy", *(["cpsat"] if python and (full or shape[0] <= 200) else [])):
                console.print(f"salon {shape}: {name}")
                if found := _run("tables", sys.executable if name in OWN else python, name, *shape):
                    bound = found.get("bound", bound)
                    rows.append([
                        f"{shape[0]:,}, {shape[1]} slots, {shape[2]} tables, {shape[3]:.0%}", TABLES[name],
                        f"{found['value'] / bound:.4f}", f"{found['none']:.0f}", f"{found['few']:.0f}",
                        f"{found['idle']:.2f}", f"{found['seconds']:.1f}",
                    ])  # fmt: skip
        head = [
            "people, slots, tables, free",
            "plan",
            "share of bound",
            "nobody met",
            "fewer than 3",
            "mean idle slots",
            "s",
        ]
        lines += _show("Meeting tables", head, rows)
    lines += [f"Load of the machine at the end: {os.getloadavg()[0]:.1f}.", ""]
    if markdown:
        before = markdown.read_text("utf-8").partition(MARKER)[0] if markdown.exists() else ""
        markdown.write_text("\n".join([before + MARKER, "", *lines]), "utf-8")


TABLES = {"ours": "Qiao", "greedy": "greedy table", "cpsat": "CP-SAT, 60 s"}


def _show(title: str, head: list[str], rows: list[list[str]]) -> list[str]:
    """Prints a table; gives it as Markdown."""
    table = Table(title=title, title_justify="left")
    for column in head:
        table.add_column(column, justify="left" if column in {"engine", "plan"} else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    rule = "|".join("---" if column in {"engine", "plan"} else "---:" for column in head)
    return [
        f"### {title}",
        "",
        f"| {' | '.join(head)} |",
        f"|{rule}|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]


if __name__ == "__main__":
    app()
