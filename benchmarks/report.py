"""Tables for people, JSON for programs, and docs/benchmarks.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import MAX_P95_MS, MAX_QUERIES

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FLAGS = {
    "queries": f"more than {MAX_QUERIES} queries",
    "slow": f"p95 above {MAX_P95_MS:.0f} ms",
    "error": "error",
    "faults": "faults",
}


def _number(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def show(results: dict[str, Any], console: Console) -> None:
    """One table per database, then the peers."""
    for vendor, found in results["databases"].items():
        size = found["load"]["rows"]
        table = Table(
            title=f"{NAMES[vendor]}: {size['case']:,} cases, {size['act']:,} acts", title_justify="left"
        )
        table.add_column("what", overflow="fold", max_width=52)
        for name in ("who", "n", "median ms", "p95 ms", "max ms", "queries", "rows"):
            table.add_column(name, justify="left" if name == "who" else "right")
        table.add_column("note", overflow="fold")
        group = ""
        for r in found["rows"]:
            if r["group"] != group:
                group = r["group"]
                table.add_section()
                table.add_row(f"[bold]{group}[/bold]")
            flags = ", ".join(FLAGS[f] for f in r["flags"])
            table.add_row(
                r["name"],
                r["who"],
                str(r["n"] or ""),
                *(_number(r[k]) for k in ("median", "p95", "worst", "queries", "rows")),
                r["note"] + (f" [red]{flags}[/red]" if flags else ""),
            )
        console.print(table)
        peers = Table(
            title=f"{NAMES[vendor]}: against peers (ratio above 1: ours is quicker)", title_justify="left"
        )
        for name in ("pair", "ours ms", "theirs ms", "ratio", "checked"):
            peers.add_column(
                name, justify="left" if name in {"pair", "checked"} else "right", overflow="fold"
            )
        for p in found["peers"]:
            peers.add_row(p["name"], f"{p['ours']:,.2f}", f"{p['theirs']:,.2f}", f"{p['ratio']}", p["what"])
        console.print(peers)
        console.print(_verdict(found["rows"]))


def _verdict(rows: list[dict[str, Any]]) -> str:
    lists = [r for r in rows if r["group"] == "list pages"]
    every = [r for r in rows if r["group"] in {"list pages", "other pages"}]
    slow = sum("slow" in r["flags"] for r in lists)
    many = sum("queries" in r["flags"] for r in every)
    errors = sum(r["group"] == "errors" for r in rows)
    worst = max((r["p95"] for r in lists), default=0)
    return (
        f"{len(lists)} list pages: {slow} with p95 above {MAX_P95_MS:.0f} ms (highest {worst:.0f} ms). "
        f"{len(every)} pages: {many} with more than {MAX_QUERIES} queries. {errors} errors."
    )


def write_json(results: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


PARTS = {
    "acts": "acts",
    "act() by verb": "acts",
    "history": "history",
    "search": "search",
    "list pages": "pages",
    "other pages": "pages",
    "errors": "pages",
    "not measured": "pages",
}


def keep(results: dict[str, Any], path: Path, measured: list[str]) -> None:
    """Complete a run of some parts by what the last run found of the others."""
    if not path.exists():
        return
    before = json.loads(path.read_text(encoding="utf-8"))["databases"]
    for vendor, old in before.items():
        if vendor not in results["databases"]:
            results["databases"][vendor] = old
            continue
        new = results["databases"][vendor]
        if old["load"]["cases"] != new["load"]["cases"]:
            continue
        if "peers" not in measured:
            new["peers"] = old["peers"]
        rows = new["rows"] + [r for r in old["rows"] if PARTS[r["group"]] not in measured]
        new["rows"] = sorted(rows, key=lambda r: list(PARTS).index(r["group"]))


HEAD = """# Benchmarks

Written by `python -m benchmarks --markdown docs/benchmarks.md`; do not edit by hand.

    make bench                                    # both databases at full size
    make bench ARGS="--quick 5000"                # to try it
    make bench ARGS="--markdown docs/benchmarks.md"

**What it is measured on.** {cases} cases and {acts} acts over twenty years of sessions, made by letting {lived}
cases live through `act()` and multiplying their rows with new people, texts, codes, times and hash chains; a sample
of the history is verified in every run. SQLite runs as in production (WAL, synchronous FULL), PostgreSQL as it comes
(fsync on). Pages are asked in-process through Django's whole middleware, {requests} times each after warm-up (ten
times where one takes long); the time is the server's, around the handler. As `qiao serve` does, what every request
needs is read before the first one, and kept out of the garbage collector's sight.

**How to read it.** Measured on {date}, on a machine of {cpus} cores ({python}, Django {django}). Other programs ran
on the same cores, so absolute times vary from run to run: compare medians, and rather the ratios than the times. p95
carries the neighbours' noise. The bar for pages: at most {queries} queries; lists at most {p95:.0f} ms at p95. Public
counts over all promises, and their order where somebody turns far, are kept until the next act: they are measured as a
reader meets them while nothing is done.
"""


def markdown(results: dict[str, Any]) -> str:
    """docs/benchmarks.md."""
    vendors = list(results["databases"])
    first = results["databases"][vendors[0]]
    lines = [
        HEAD.format(
            cases=f"{first['load']['rows']['case']:,}",
            acts=f"{first['load']['rows']['act']:,}",
            lived=f"{first['load']['lived']['cases']:,}",
            requests=results["requests"],
            date=results["date"],
            cpus=results["cpus"],
            python=results["python"],
            django=results["django"],
            queries=MAX_QUERIES,
            p95=MAX_P95_MS,
        )
    ]
    names = [NAMES[v] for v in vendors]
    busy = ", ".join(f"{NAMES[v]} {results['databases'][v].get('busy', '?')}" for v in vendors)
    lines += [
        f"Load average at the end of each run, on {results['cpus']} cores: {busy}.",
        "",
        "## In short",
        "",
    ]
    lines += [f"- {NAMES[v]}: {_verdict(results['databases'][v]['rows'])}" for v in vendors]
    lines += ["", "## Size", "", "| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for key in first["load"]["rows"]:
        lines.append(
            f"| {key} | "
            + " | ".join(f"{results['databases'][v]['load']['rows'][key]:,}" for v in vendors)
            + " |"
        )
    lines.append(
        "| seconds to load | "
        + " | ".join(str(results["databases"][v]["load"]["seconds"]) for v in vendors)
        + " |"
    )
    groups = list(dict.fromkeys(r["group"] for v in vendors for r in results["databases"][v]["rows"]))
    for group in groups:
        lines += ["", f"## {group[0].upper()}{group[1:]}", ""]
        if group in {"not measured", "errors"}:
            seen = {
                (r["name"], r["note"])
                for v in vendors
                for r in results["databases"][v]["rows"]
                if r["group"] == group
            }
            lines += [f"- `{name}`: {note}" for name, note in sorted(seen)]
            continue
        lines.append("| | who | " + " | ".join(f"{n} median ms | p95 | queries" for n in names) + " | |")
        lines.append("|---|---|" + "---:|" * (3 * len(names)) + "---|")
        tables = [
            {(r["name"], r["who"]): r for r in results["databases"][v]["rows"] if r["group"] == group}
            for v in vendors
        ]
        for key in dict.fromkeys(k for t in tables for k in t):
            cells, notes = [], []
            for t, v in zip(tables, names, strict=True):
                r = t.get(key)
                cells += [_number(r[k]) for k in ("median", "p95", "queries")] if r else ["", "", ""]
                flags = [FLAGS[f] for f in r["flags"]] if r else []
                if r and "acts/s" in r["note"]:
                    notes.append(f"{v} {r['note']}")
                notes += [f"{v}: {f}" for f in flags]
            name = key[0].replace("|", "\\|")
            lines.append(f"| `{name}` | {key[1]} | " + " | ".join(cells) + f" | {'; '.join(notes)} |")
    lines += [
        "",
        "## Against peers",
        "",
        "A ratio above 1 means that ours is quicker. Results are compared in the same run.",
        "",
    ]
    lines.append("| | " + " | ".join(f"{n} ratio | ours ms | theirs ms" for n in names) + " | checked |")
    lines.append("|---|" + "---:|" * (3 * len(names)) + "---|")
    for i, p in enumerate(first["peers"]):
        cells = []
        for v in vendors:
            q = results["databases"][v]["peers"][i]
            cells += [str(q["ratio"]), f"{q['ours']:,.2f}", f"{q['theirs']:,.2f}"]
        lines.append(f"| {p['name']} | " + " | ".join(cells) + f" | {p['what']} |")
    return "\n".join(lines) + "\n"
