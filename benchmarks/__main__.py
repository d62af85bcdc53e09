"""``python -m benchmarks``: load, measure and report, one database after the other."""

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

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "bench"
console = Console()
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "qiao.settings",
        "QIAO_DATABASE_URL": url,
        "QIAO_VAR": str(HOME),
        "QIAO_DEBUG": "0",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
    }


@app.command()
def main(
    *,
    cases: Annotated[int, typer.Option(help="How many cases.")] = 200_000,
    acts: Annotated[int, typer.Option(help="How many acts; 0: five per case.")] = 0,
    quick: Annotated[int, typer.Option(help="A small run with this many cases, to try.")] = 0,
    database: Annotated[str, typer.Option(help="Only this one: sqlite or postgresql.")] = "",
    only: Annotated[
        str,
        typer.Option(
            help="Only these parts (acts,history,search,pages,peers); the last results of the others stay."
        ),
    ] = "",
    seconds: Annotated[float, typer.Option(help="How long cases live per measurement of act().")] = 20.0,
    markdown: Annotated[Path | None, typer.Option(help="Write the tables to this file, too.")] = None,
    fresh: Annotated[bool, typer.Option(help="Load anew even if the database is there.")] = False,
) -> None:
    """Measure Qiao at full size on SQLite and on PostgreSQL (QIAO_POSTGRES_URL names an empty database)."""
    cases = quick or cases
    acts = acts or 5 * cases
    seconds = min(seconds, 5.0) if quick else seconds
    urls = {
        "sqlite": f"sqlite:///{HOME / f'qiao-{cases}.sqlite3'}",
        "postgresql": os.environ.get("QIAO_POSTGRES_URL", ""),
    }
    import django

    results: dict[str, Any] = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "cpus": os.cpu_count(),
        "python": f"Python {platform.python_version()}",
        "django": django.__version__,
        "requests": 30,
        "databases": {},
    }
    kept = HOME / ("results-quick.json" if quick else "results.json")
    HOME.mkdir(parents=True, exist_ok=True)
    for vendor, url in urls.items():
        if database and vendor != database:
            continue
        if not url:
            console.print(
                f"{vendor}: left out, because QIAO_POSTGRES_URL names no database (make bench sets it)."
            )
            continue
        if fresh and vendor == "sqlite":
            for file in HOME.glob(f"qiao-{cases}.sqlite3*"):
                file.unlink()
        out = HOME / f"{vendor}.json"
        out.unlink(missing_ok=True)
        given = [str(cases), str(acts), str(seconds), only or "acts,history,search,pages,peers", str(out)]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.one", *given], env=_environment(url), cwd=ROOT, check=False
        )
        if done.returncode:
            raise typer.Exit(done.returncode)
        results["databases"][vendor] = json.loads(out.read_text(encoding="utf-8"))
        results["databases"][vendor]["busy"] = round(os.getloadavg()[1], 1)
    from benchmarks import report

    if only:
        report.keep(results, kept, only.split(","))
    report.show(results, console)
    report.write_json(results, kept)
    console.print(f"Written to {HOME / 'results.json'}.")
    if markdown:
        markdown.write_text(report.markdown(results), encoding="utf-8")
        console.print(f"Written to {markdown}.")


if __name__ == "__main__":
    app()
