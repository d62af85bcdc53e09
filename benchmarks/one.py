"""One database, in a process of its own: migrate, load unless it is loaded, measure, write JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def run(cases: int, acts: int, seconds: float, only: list[str], out: Path) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from rich.console import Console

    from benchmarks import acts as acting
    from benchmarks import load, pages, peers, report, searching

    console = Console()
    name = connection.vendor
    connection.close()
    held = load.loaded()
    if held is None and name == "sqlite":
        connection.close()
        for file in Path(str(settings.DATABASES["default"]["NAME"])).parent.glob(
            Path(str(settings.DATABASES["default"]["NAME"])).name + "*"
        ):
            file.unlink()  # a load that was broken off
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("createcachetable", verbosity=0)
    if held is None:
        console.print(f"{name}: loading {cases:,} cases and {acts:,} acts")
        held = load.fill(cases, acts)
    else:
        console.print(f"{name}: already holds {held['cases']:,} cases")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a migration may have brought an index
    checked = load.check()
    console.print(
        f"{name}: {held['rows']}, {held['closed']:.0%} closed, loaded in {held['seconds']} s; {checked}"
    )
    rows = []
    for part, measured in (
        ("pages", pages.measure),
        ("search", searching.measure),
        ("history", lambda: [acting.verify(100_000)]),
        ("acts", lambda: acting.measure(seconds)),
    ):
        if part in only:
            begun = time.monotonic()
            with console.status(f"{name}: {part}"):
                found = measured()
            rows += found
            console.print(f"{name}: {part} measured in {time.monotonic() - begun:.0f} s")
    rows.sort(key=lambda r: list(report.PARTS).index(r.group))
    with console.status(f"{name}: peers"):
        against = peers.measure() if "peers" in only else []
    content = {"load": held, "check": checked, "rows": [r.as_dict() for r in rows], "peers": against}
    out.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    given = sys.argv[1:]
    run(int(given[0]), int(given[1]), float(given[2]), given[3].split(","), Path(given[4]))
