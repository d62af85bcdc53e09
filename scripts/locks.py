"""The requirement locks: ``compile`` makes them from pyproject.toml, ``check`` says whether they still match it.

requirements.lock        what an installation needs, PostgreSQL driver included
requirements-dev.lock    the same in the same versions, and what development needs
requirements-spark.lock  what qiao[spark] needs besides, for the tests with a local Spark

The first two hold the build requirement too, so that nothing is ever installed that is not locked by hash.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, DEVELOPMENT, SPARK = "requirements.lock", "requirements-dev.lock", "requirements-spark.lock"
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")
# Annotations are either "# via qiao (pyproject.toml)" or a line of their own below "# via".
DIRECT = re.compile(r"^\s+#\s+(?:via\s+)?qiao \(pyproject\.toml\)")


def compile_locks(root: Path, *options: str) -> None:
    """All locks anew; versions already locked stay unless ``--upgrade`` or ``--upgrade-package NAME`` is given."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    build = "\n".join(project["build-system"]["requires"])
    spark = "\n".join(project["project"]["optional-dependencies"].get("spark", []))
    there = ("--no-emit-package", "numpy", "--no-emit-package", "pyarrow")
    for lock, given, chosen in (
        (DEVELOPMENT, build, ("pyproject.toml", "--extra", "dev")),
        (RUNTIME, build, ("pyproject.toml", "--extra", "postgres", "-c", DEVELOPMENT)),
        (SPARK, spark, ("-c", DEVELOPMENT, *there)),
    ):
        if not given:
            continue
        print(f"Compiling {lock}", flush=True)
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "-", *chosen),
            *("--universal", "--python-version", "3.11", "--generate-hashes"),
            *("--no-emit-index-url", "--no-header", "-o", lock, *options),
        ]
        subprocess.run(command, cwd=root, input=given, text=True, check=True)


def read_lock(text: str) -> tuple[dict[str, str], set[str], list[str]]:
    """Pins by name; the names that pyproject.toml asked for; the names locked without a hash."""
    pins: dict[str, str] = {}
    direct: set[str] = set()
    hashed: set[str] = set()
    name = ""
    for line in text.splitlines():
        if pin := PIN.match(line):
            name = canonicalize_name(pin["name"])
            pins[name] = pin["version"]
        elif "--hash=sha256:" in line:
            hashed.add(name)
        elif DIRECT.match(line):
            direct.add(name)
    return pins, direct, sorted(pins.keys() - hashed)


def disagreements(root: Path) -> list[str]:
    """What does not fit between pyproject.toml and the locks, one sentence each; empty when all is well."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    extras = project["project"].get("optional-dependencies", {})
    always = [*project["project"]["dependencies"], *extras.get("postgres", [])]
    wanted = {RUNTIME: always, DEVELOPMENT: always + extras.get("dev", [])}
    build = [Requirement(line) for line in project["build-system"]["requires"]]
    found: list[str] = []
    locks = {}
    if extras.get("spark"):
        wanted[SPARK] = extras["spark"]
    for lock, lines in wanted.items():
        text = (root / lock).read_text()
        pins, direct, unhashed = read_lock(text)
        locks[lock] = pins
        asked = []
        for need in map(Requirement, lines):
            if canonicalize_name(need.name) == project["project"]["name"]:  # qiao[extra]
                asked += [Requirement(line) for extra in sorted(need.extras) for line in extras[extra]]
            else:
                asked.append(need)
        for need in asked + (build if lock != SPARK else []):
            version = pins.get(canonicalize_name(need.name))
            if version is None:
                found.append(f"{lock}: {need} is asked for but not locked")
            elif not need.specifier.contains(version, prereleases=True):
                found.append(f"{lock}: {need} is asked for but {version} is locked")
        names = {canonicalize_name(need.name) for need in asked}
        found += [f"{lock}: {name} is locked but no longer asked for" for name in sorted(direct - names)]
        found += [f"{lock}: {name} has no hash" for name in unhashed]
        if re.search(r"^(--index-url|--extra-index-url|--find-links)|://", text, re.MULTILINE):
            found.append(f"{lock}: names an index or an address; locks hold names, versions and hashes only")
    for name, version in locks[RUNTIME].items():
        if locks[DEVELOPMENT].get(name) != version:
            found.append(
                f"{DEVELOPMENT}: {name} is {locks[DEVELOPMENT].get(name)}, but {version} in {RUNTIME}"
            )
    return found


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["compile"]:
        compile_locks(ROOT, *arguments[1:])
    elif arguments != ["check"]:
        print(__doc__)
        return 2
    found = disagreements(ROOT)
    for line in found:
        print(line)
    if found:
        print("Run `make lock` and commit the locks.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
