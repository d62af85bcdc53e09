"""A private PostgreSQL for tests and benchmarks: its own folder, its own socket, gone afterwards.

    python scripts/postgres.py [--durable] COMMAND...

runs COMMAND with ``QIAO_POSTGRES_URL`` naming an empty database. It listens on a Unix socket only, so nothing on the
machine is in its way, and it ends with the process that started it, even when that one is killed. PostgreSQL
refuses to run as root; root therefore starts it as ``postgres`` (or ``nobody``).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Tests need no crash safety; benchmarks are measured with PostgreSQL as it comes.
FORGETFUL = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def program(name: str) -> str:
    """Where a PostgreSQL server program lies; Debian keeps them off the PATH."""
    if found := shutil.which(name):
        return found
    candidates = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(candidates, key=lambda path: float(path.parent.parent.name), default=None)
    if newest is None:
        sys.exit(f"PostgreSQL's {name} was not found. Run: sudo apt-get install -y postgresql")
    return str(newest)


def unprivileged() -> dict[str, Any]:
    """As whom to start it: nobody special when we are root, ourselves otherwise."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGINT)


@contextlib.contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Start one, give the address of an empty database in it, stop it and remove its folder."""
    # The socket's path may have 107 characters at most, and root's folders are closed to others: hence /tmp.
    home = Path(tempfile.mkdtemp(prefix="qiao-pg-", dir="/tmp"))
    someone = unprivileged()
    if someone:
        os.chown(home, someone["user"], someone["group"])
    server: subprocess.Popen[bytes] | None = None
    log = home / "log"
    try:
        made = subprocess.run(
            [
                *(program("initdb"), "-D", str(home / "data"), "-U", "qiao", "-A", "trust"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **someone,
        )
        if made.returncode:
            sys.exit(f"PostgreSQL could not make its folder:\n{made.stderr}")
        with log.open("wb") as output:
            server = subprocess.Popen(
                [
                    *(program("postgres"), "-D", str(home / "data"), "-k", str(home)),
                    *(
                        "-c",
                        "listen_addresses=",
                        "-c",
                        "max_connections=200",
                        *(() if durable else FORGETFUL),
                    ),
                ],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509
                **someone,
            )
        deadline = time.monotonic() + 60
        ready = [program("pg_isready"), "-q", "-h", str(home), "-U", "qiao", "-d", "postgres"]
        while subprocess.run(ready, check=False).returncode:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.1)
        subprocess.run([program("createdb"), "-h", str(home), "-U", "qiao", "qiao"], check=True)
        yield f"postgres://qiao@/qiao?host={home}"
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGINT)  # fast shutdown: ends connections, does not wait for them
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def main(arguments: list[str]) -> int:
    durable = arguments[:1] == ["--durable"]
    command = arguments[1:] if durable else arguments
    if not command:
        print(__doc__)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with cluster(durable=durable) as url:
        return subprocess.run(command, env={**os.environ, "QIAO_POSTGRES_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
