"""What ``make test`` and ``make lint`` run, step by step, each said in one line before it starts.

    python scripts/check.py lint unit sqlite postgres e2e spark

A failing step does not stop the others: one run shows everything that is wrong. The last line is the sum over all
test runs, "N passed, N failed"; the exit status is 0 only if every step held and tests ran.

Where there is no Java, or Spark cannot be fetched, the step ``spark`` says so in one line and is left out.
``QIAO_SPARK=0`` leaves it out, ``QIAO_SPARK=1`` insists on it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from postgres import cluster

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
REPORTS = ROOT / "var" / "test"
SPARK = ROOT / "var" / "spark"

LINT = (
    ("Style: ruff", (str(BIN / "ruff"), "check", "--quiet", "--output-format=concise", ".")),
    ("Format: ruff", (str(BIN / "ruff"), "format", "--check", "--quiet", "--output-format=concise", ".")),
    ("Types: mypy", (str(BIN / "mypy"),)),
    ("Layers: import-linter", (str(BIN / "lint-imports"), "--no-cache", "--no-logo")),
    ("Locks match pyproject.toml", (sys.executable, "scripts/locks.py", "check")),
    ("Migrations are complete", (sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run")),
)


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, report: Path) -> int:
        """Count one JUnit report; how many tests it held."""
        total = 0
        for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - written by our own pytest
            counts = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
            failed = counts["failures"] + counts["errors"]
            total += counts["tests"]
            self.failed += failed
            self.skipped += counts["skipped"]
            self.passed += max(0, counts["tests"] - failed - counts["skipped"])
        return total

    def last_line(self) -> str:
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {self.skipped} skipped" if self.skipped else line


def say(text: str) -> None:
    print(f"\n── {text}", flush=True)


def environment(**more: str) -> dict[str, str]:
    # var/test instead of var/: tests never touch the data of an installation in the same folder.
    settings = {"DJANGO_SETTINGS_MODULE": "qiao.settings", "QIAO_VAR": str(REPORTS), "QIAO_DATABASE_URL": ""}
    return {**os.environ, **settings, **more}


def lint(tally: Tally) -> None:
    for name, command in LINT:
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        held = done.returncode == 0
        say(f"{name}: {'holds' if held else 'FAILS'} ({time.monotonic() - began:.0f} s)")
        if not held:
            tally.broken.append(name)
            print((done.stdout + done.stderr).strip(), flush=True)


def tests(tally: Tally, name: str, *arguments: str, folders: tuple[str, ...], **variables: str) -> None:
    say(f"Tests: {name}")
    empty = [folder for folder in folders if not any((ROOT / folder).rglob("test_*.py"))]
    tally.broken += [f"Tests: {name} ({folder} holds none)" for folder in empty]
    folders = tuple(folder for folder in folders if folder not in empty)
    if not folders:
        return
    report = REPORTS / f"{name.split(',', maxsplit=1)[0].replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "pytest", "--color=no", f"--junitxml={report}"),
        *("-o", "faulthandler_timeout=300", *arguments, *folders),
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(**variables), stdin=subprocess.DEVNULL, check=False
    )
    ran = tally.add(report) if report.exists() else 0
    if done.returncode or not ran:
        tally.broken.append(f"Tests: {name}" + ("" if ran else " (no test ran)"))


def spark(tally: Tally) -> None:
    """The tests with a local Spark, which lies in a folder of its own: half a gigabyte that nothing else needs."""
    why = (
        "QIAO_SPARK=0"
        if os.environ.get("QIAO_SPARK") == "0"
        else ""
        if shutil.which("java")
        else "no Java here"
    )
    if not why and not _spark_is_there():
        why = "pyspark could not be installed (needs the network and 1 GB of disk)"
    if why:
        say(f"Tests: Spark left out: {why}")
        if os.environ.get("QIAO_SPARK") == "1":
            tally.broken.append("Tests: Spark")
        return
    folders = ("tests/spark",)
    tests(tally, "Spark, local", "-n0", folders=folders, PYTHONPATH=str(SPARK), SPARK_LOCAL_IP="127.0.0.1")


def _spark_is_there() -> bool:
    """Installs pyspark as locked, unless that has been done."""
    lock = ROOT / "requirements-spark.lock"
    stamp, want = SPARK / "stamp", hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == want:
        return True
    say("Installing Spark for its tests into var/spark (requirements-spark.lock)")
    shutil.rmtree(SPARK, ignore_errors=True)
    command = [
        *(
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
            "-q",
            "install",
            "--no-deps",
        ),
        *("--require-hashes", "--no-build-isolation", "--target", str(SPARK), "-r", str(lock)),
    ]
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print("\n".join((done.stderr or done.stdout).strip().splitlines()[-2:]), flush=True)
        return False
    stamp.write_text(want)
    return True


def main(steps: list[str]) -> int:
    known = ("lint", "unit", "sqlite", "postgres", "e2e", "spark")
    if not steps or set(steps) - set(known):
        print(__doc__)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    REPORTS.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    two = ("-n", "2", "--dist", "loadfile")
    if "lint" in steps:
        lint(tally)
    here = [
        folder for step, folder in (("unit", "tests/unit"), ("sqlite", "tests/integration")) if step in steps
    ]
    if here:
        tests(
            tally, " and ".join(Path(folder).name for folder in here) + ", SQLite", *two, folders=tuple(here)
        )
    if "postgres" in steps:
        with cluster() as url:
            tests(
                tally, "PostgreSQL integration", *two, folders=("tests/integration",), QIAO_DATABASE_URL=url
            )
    if "e2e" in steps:
        tests(tally, "real browser", folders=("tests/e2e",))
    if "spark" in steps:
        spark(tally)
    print()
    for name in tally.broken:
        print(f"FAILED  {name}")
    if set(steps) == {"lint"}:
        return 1 if tally.broken else 0
    print(tally.last_line(), flush=True)
    return 1 if tally.broken or tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
