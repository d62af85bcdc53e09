"""The ``qiao`` command: as a person types it (own process, own database), and on a database that was tampered with."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner

from qiao import __version__, cli
from qiao.core import history
from qiao.core.acts import redact
from qiao.core.models import Act, Case, DailyRoot, HolidayOverride, Mail, Paper, Person, User, Version
from qiao.demo.district import PASSWORD
from tests.factories import World, advance, new_proposal

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"


# --- as a person types it --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh machine: an empty ``var``, SQLite in it."""
    return tmp_path_factory.mktemp("machine")


def environment(home: Path) -> dict[str, str]:
    """The caller's environment without what would change the command; every run after the first finds it compiled."""
    dropped = {"LC_ALL", "LANG", "PYTHONDONTWRITEBYTECODE"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("QIAO_") and k not in dropped}
    compiled = Path(tempfile.gettempdir()) / f"qiao-tests-{os.getpid()}"
    return {
        **kept,
        "QIAO_VAR": str(home),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONPYCACHEPREFIX": str(compiled),
        "COLUMNS": "200",
    }


def qiao(home: Path, *arguments: str, stdin: str = "", fails: bool = False, **variables: str) -> str:
    """Run the command; its output, standard error included."""
    ran = subprocess.run(
        [sys.executable, "-m", "qiao.cli", *arguments],
        env={**environment(home), **variables},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    assert (ran.returncode != 0) == fails, ran.stdout
    return ran.stdout


@pytest.fixture(scope="module")
def empty(home: Path) -> Path:
    """Set up without the sample: the database is there and empty."""
    assert "已执行" in qiao(home, "setup", "--no-demo")
    assert counts(home) == {"core_case": 0, "core_act": 0, "core_version": 0, "core_dailyroot": 0}
    return home


@pytest.fixture(scope="module")
def machine(empty: Path) -> Path:
    assert "示例区：已载入" in qiao(empty, "setup")
    return empty


def counts(home: Path) -> dict[str, int]:
    """How many rows the machine's database has."""
    with closing(sqlite3.connect(home / "qiao.sqlite3")) as there:
        tables = ("core_case", "core_act", "core_version", "core_dailyroot")
        return {table: there.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_before_setup(tmp_path: Path) -> None:
    assert "qiao setup" in qiao(tmp_path, "verify", "history", fails=True)


def test_second_setup_changes_nothing(machine: Path) -> None:
    before = counts(machine)
    said = qiao(machine, "setup")
    assert "已是最新" in said
    assert "未载入示例区" in said
    assert counts(machine) == before
    assert before["core_act"] > 300


def test_reset(machine: Path) -> None:
    """The history begins anew, and the root files of the old one are replaced at the next tick."""
    before = counts(machine)
    roots = machine / "roots"
    roots.mkdir(exist_ok=True)
    with closing(sqlite3.connect(machine / "qiao.sqlite3")) as there:
        old = dict(there.execute("SELECT day, root FROM core_dailyroot"))
    for day, root in old.items():
        (roots / f"{day}.json").write_text(root)
    qiao(machine, "demo", "--reset", "--yes")
    assert counts(machine) == before
    qiao(machine, "tick")
    assert len(old) > 50
    assert {p.stem for p in roots.iterdir()} == set(old)
    assert all(json.loads(p.read_text())["root"] != old[p.stem] for p in roots.iterdir())
    assert "历史完整" in qiao(machine, "verify", "history", "--roots", str(roots))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another fresh machine, empty."""
    home = tmp_path_factory.mktemp("other")
    qiao(home, "setup", "--no-demo")
    return home


def test_a_size_is_loaded_stopped_and_resumed(other: Path) -> None:
    """Ctrl-C leaves what is whole and says how to go on; the same command or --resume does; then all is there."""
    began = subprocess.Popen(
        [sys.executable, "-m", "qiao.cli", "demo", "--size", "1100"],
        env={**environment(other), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert began.stdout
    for line in began.stdout:
        if "企业及其事实" in line:
            break
    while _firms(other) < 500:
        time.sleep(0.05)
    began.send_signal(signal.SIGINT)
    said = began.communicate(timeout=60)[0]
    assert began.returncode == 130
    assert "--resume" in said
    assert 500 <= _firms(other) < 1107
    assert "--resume" in qiao(other, "demo", fails=True)
    assert "没有可以继续的载入" in qiao(other, "demo", "--resume", "--size", "100", fails=True)
    assert "均为虚构" in qiao(other, "demo", "--size", "1100")
    assert _firms(other) == 1107
    assert "全部载入" in qiao(other, "demo", "--resume")
    assert "--reset" in qiao(other, "demo", fails=True)
    assert "历史完整" in qiao(other, "verify", "history")


def _firms(home: Path) -> int:
    """How many firms of the population the machine's database has."""
    with closing(sqlite3.connect(home / "qiao.sqlite3", timeout=30)) as there:
        found = there.execute("SELECT count(*) FROM core_organisation WHERE uscc LIKE '91310199%'")
        return int(found.fetchone()[0])


def test_what_cannot_be_resumed_is_said(tmp_path: Path) -> None:
    qiao(tmp_path, "setup", "--no-demo")
    assert "--size" in qiao(tmp_path, "demo", "--resume", fails=True)
    assert "20" in qiao(tmp_path, "demo", "--size", "3", fails=True)
    assert counts(tmp_path)["core_case"] == 0


def test_serve(machine: Path, tmp_path: Path) -> None:
    """It prints its address and the sign-ins, answers, keeps the clock, says so if its port is taken, and stops."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    for path in (machine / "roots").glob("*.json"):
        path.unlink()
    log = tmp_path / "said.txt"  # a pipe that nobody reads would stop a server that says much
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "qiao.cli", "serve", "--port", port],
            env=environment(machine),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        page = _fetch(f"http://127.0.0.1:{port}/accounts/login/")
        assert page.status == 200
        said = log.read_text().splitlines()
        assert f"http://127.0.0.1:{port}" in said[0]
        assert PASSWORD in said[1]
        assert "虚构" in said[1]
        assert any("registry" in line for line in said)
        assert "Server" not in page.headers
        deadline = time.monotonic() + 30
        while not list((machine / "roots").glob("*.json")) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert list((machine / "roots").glob("*.json"))
        assert f"127.0.0.1:{port}" in qiao(machine, "serve", "--port", port, fails=True)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
    assert "Traceback" not in log.read_text()


def _fetch(url: str) -> Any:
    for _ in range(100):
        try:
            return urllib.request.urlopen(url, timeout=10)
        except OSError:
            time.sleep(0.2)
    raise AssertionError(url)


def test_in_english(machine: Path) -> None:
    assert "fictional" in qiao(machine, "--help")
    assert "历史完整" in qiao(machine, "verify", "history", LANG="zh_CN.UTF-8")


# --- on the test database --------------------------------------------------------------------------------------


def run(*arguments: str, stdin: str | None = None) -> Any:
    return CliRunner().invoke(cli.app, list(arguments), input=stdin)


def sql(text: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


@pytest.fixture
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR = tmp_path
    return tmp_path


@pytest.fixture
def proposal(world: World) -> Case:
    return advance(world, new_proposal(world), "replied")


@pytest.fixture
def kept(proposal: Case, var: Path) -> Path:
    """The root files, as the timer wrote them."""
    result = run("tick")
    assert result.exit_code == 0, result.output
    return var / "roots"


def test_version() -> None:
    assert run("--version").output.strip() == f"qiao {__version__}"


def test_the_sample_is_not_loaded_into_what_is_there(world: World) -> None:
    n = Person.objects.count()
    result = run("demo")
    assert result.exit_code == 1
    assert "--reset" in result.output
    assert Person.objects.count() == n


def test_tick_writes_the_roots_once(kept: Path) -> None:
    days = {p.stem for p in kept.iterdir()}
    assert days == {d.isoformat() for d in DailyRoot.objects.values_list("day", flat=True)}
    stamps = {p: p.stat().st_mtime_ns for p in kept.iterdir()}
    assert run("tick").exit_code == 0
    assert {p: p.stat().st_mtime_ns for p in kept.iterdir()} == stamps
    day = DailyRoot.objects.first()
    assert day
    assert json.loads((kept / f"{day.day}.json").read_text()) == history.root_file(day)


def test_tick_sends_what_was_approved(proposal: Case, var: Path, mailoutbox: list[Any]) -> None:
    first, *rest = Mail.objects.order_by("pk")
    Mail.objects.filter(pk=first.pk).update(state=Mail.State.APPROVED)
    assert run("tick").exit_code == 0
    assert len(mailoutbox) == 1
    first.refresh_from_db()
    assert first.state == Mail.State.SENT
    assert Mail.objects.filter(state=Mail.State.HELD).count() == len(rest)


def test_tick_moves_due_dates_when_the_calendar_changes(world: World, var: Path) -> None:
    case = advance(world, new_proposal(world), "handling")
    assert run("tick").exit_code == 0
    before = case.due_legal
    assert not Act.objects.filter(verb="clock_moved").exists()
    assert before
    HolidayOverride.objects.create(day=before, workday=False, name="停工", source="试行通知")
    assert run("tick").exit_code == 0
    case.refresh_from_db()
    assert case.due_legal
    assert case.due_legal > before
    moved = case.acts.get(verb="clock_moved")
    assert moved.data == {
        "clocks": ["reply", "reply"],
        "was": [before.isoformat(), case.due_internal.isoformat() if case.due_internal else None],
        "now": [case.due_legal.isoformat(), case.due_internal.isoformat() if case.due_internal else None],
    }
    assert moved.by is None
    n = Act.objects.count()
    assert run("tick").exit_code == 0
    assert Act.objects.count() == n
    assert list(history.verify()) == []


def test_sound_history(kept: Path) -> None:
    result = run("verify", "history", "--roots", str(kept))
    assert result.exit_code == 0
    for number in (Act.objects.count(), Version.objects.count(), DailyRoot.objects.count()):
        assert str(number) in result.output


def test_history_after_redaction(kept: Path, world: World, proposal: Case) -> None:
    version = Version.objects.filter(paper__kind="reply").latest("n")
    redact(version, by=world.registry, reason="涉及个人信息")
    redact(proposal.acts.get(verb="submit"), by=world.registry, reason="涉及个人信息")
    assert run("verify", "history", "--roots", str(kept)).exit_code == 0
    version.refresh_from_db()
    assert version.text == ""
    assert not version.publications.filter(end__isnull=True).exists()


def _act() -> Act:
    return Act.objects.select_related("case").get(verb="sign")


def _where(act: Act) -> str:
    return f"{act.case.code}/{act.seq}"


def changed_act() -> str:
    sql("UPDATE core_act SET verb = 'forged' WHERE id = %s", _act().pk)
    return _where(_of("forged"))


def _of(verb: str) -> Act:
    return Act.objects.select_related("case").get(verb=verb)


def removed_act() -> str:
    act = _act()
    for table in ("core_notice", "core_mail"):
        sql(f"DELETE FROM {table} WHERE act_id = %s", act.pk)
    sql("DELETE FROM core_act WHERE id = %s", act.pk)
    return _where(act)


def inserted_act() -> str:
    act = Act.objects.select_related("case").filter(case__kind="proposal").latest("seq")
    sql(
        "INSERT INTO core_act (case_id, seq, verb, at, from_stage, to_stage, reason, data, salt, body_digest, "
        "prev_hash, hash, redacted) SELECT case_id, seq + 1, verb, at, from_stage, to_stage, reason, data, salt, "
        "body_digest, hash, %s, redacted FROM core_act WHERE id = %s",
        "f" * 64,
        act.pk,
    )
    return f"{act.case.code}/{act.seq + 1}"


def _reply() -> Version:
    return Version.objects.select_related("paper").filter(paper__kind="reply").latest("n")


def changed_version() -> str:
    sql("UPDATE core_version SET text = 'forged' WHERE id = %s", _reply().pk)
    return f"{_reply().paper.code} v{_reply().n}"


def removed_version() -> str:
    """With its paper's acts pointing nowhere, as a careful forger would leave them."""
    version = _reply()
    acts = list(Act.objects.filter(version=version).select_related("case"))
    sql("DELETE FROM core_searchentry WHERE publication_id IS NOT NULL")
    sql("DELETE FROM core_publication WHERE version_id = %s", version.pk)
    sql("UPDATE core_act SET version_id = NULL WHERE version_id = %s", version.pk)
    sql("DELETE FROM core_version WHERE id = %s", version.pk)
    return _where(acts[0])


def inserted_version() -> str:
    version = _reply()
    sql(
        "INSERT INTO core_version (paper_id, n, content, text, salt, digest, at, file, file_name, file_digest, "
        "redacted) SELECT paper_id, n + 1, content, text, salt, digest, at, file, file_name, file_digest, redacted "
        "FROM core_version WHERE id = %s",
        version.pk,
    )
    return f"{Paper.objects.get(pk=version.paper_id).code} v{version.n + 1}"


def changed_stage() -> str:
    case = Case.objects.get(kind="proposal")
    sql("UPDATE core_case SET stage = 'closed' WHERE id = %s", case.pk)
    return case.code


def _day(n: int) -> str:
    return DailyRoot.objects.order_by("day")[n].day.isoformat()


def changed_root() -> str:
    day = _day(2)
    sql("UPDATE core_dailyroot SET root = %s WHERE day = %s", "0" * 64, day)
    return day


def removed_root() -> str:
    day, after = _day(2), _day(3)
    sql("DELETE FROM core_dailyroot WHERE day = %s", day)
    return after


def inserted_root() -> str:
    sql(
        "INSERT INTO core_dailyroot (day, count, prev_root, root, made_at) "
        "SELECT '2024-02-10', 0, prev_root, %s, made_at FROM core_dailyroot WHERE day = %s",
        "1" * 64,
        _day(2),
    )
    return "2024-02-10"


TAMPERINGS = [
    changed_act,
    removed_act,
    inserted_act,
    changed_version,
    removed_version,
    inserted_version,
    changed_stage,
    changed_root,
    removed_root,
    inserted_root,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda f: f.__name__)
def test_tampering_is_found_and_named(kept: Path, tamper: Callable[[], str]) -> None:
    """With the published roots at the very place; without them too, but for a removed act, whose successor is named."""
    where = tamper()
    told = json.loads(run("verify", "history", "--roots", str(kept), "--json").output)
    assert not told["sound"]
    assert where in {f["where"] for f in told["faults"]}
    result = run("verify", "history")
    assert result.exit_code == 1
    assert where in result.output or tamper is removed_act


def test_every_fault_has_words() -> None:
    source = (ROOT / "src/qiao/core/history.py").read_text(encoding="utf-8")
    assert set(re.findall(r'Fault\("(\w+)"', source)) == set(cli.history.FAULTS)


def test_roots_that_are_not_there(db: None, tmp_path: Path) -> None:
    assert run("verify", "history", "--roots", str(tmp_path)).exit_code == 1


# --- letters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", b"<!doctype"), ("a.pdf", b"%PDF"), ("a.docx", b"PK")]
)
def test_letter(tmp_path: Path, name: str, begins: bytes) -> None:
    """No database is asked: the letters are a library of their own."""
    result = run("letter", str(DATA / "reply-065.txt"), "-o", str(tmp_path / name))
    assert result.exit_code == 0, result.output
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_letter_says_what_is_wrong(tmp_path: Path) -> None:
    source, target = str(DATA / "reply-065.txt"), str(tmp_path / "a.pdf")
    old = tmp_path / "old.doc"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    for file, out, says in (
        (source, str(tmp_path / "a.odt"), ".docx"),
        ("none.txt", target, "没有这个文件"),
        (str(old), target, "另存为 .docx"),
    ):
        result = run("letter", file, "-o", out)
        assert result.exit_code == 1
        assert says in result.output


# --- import and accounts ---------------------------------------------------------------------------------------


def test_import(world: World, var: Path) -> None:
    result = run(
        "import", str(DATA / "proposals" / "01-form.txt"), "--call", world.call.code, "--proposer", "委员甲"
    )
    assert result.exit_code == 0, result.output
    case = Case.objects.get()
    version = Version.objects.get(paper__case=case)
    assert case.stage == "draft"
    assert case.title in result.output
    assert all(version.content[part] for part in ("title", "background", "problem", "suggestions"))
    assert version.file_name == "01-form.txt"
    assert [a.verb for a in case.acts.all()] == ["open", "save"]
    assert case.parties.get(role="proposer").person == world.members[0].person
    assert list(history.verify()) == []


def test_import_says_what_is_missing(world: World, var: Path) -> None:
    file = str(DATA / "proposals" / "09-missing-parts.txt")
    result = run("import", file, "--call", world.call.code, "--proposer", "委员甲")
    assert "缺少" in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--call", "none"], "没有编码为 none 的征集"),
        (["--call", "CALL", "--proposer", "nobody"], "没有账号"),
        (["--call", "CALL"], "提案人"),
    ],
)
def test_import_refuses(world: World, var: Path, arguments: list[str], says: str) -> None:
    file = var / "proposal.txt"
    file.write_text(
        "关于某事的建议\n\n一、背景情况\n甲\n二、问题及分析\n乙\n三、具体建议\n丙\n", encoding="utf-8"
    )
    result = run("import", str(file), *[a.replace("CALL", world.call.code) for a in arguments])
    assert result.exit_code == 1
    assert says in result.output
    assert not Case.objects.exists()


def test_import_of_a_file_that_is_no_text(world: World, var: Path) -> None:
    (var / "a.docx").write_bytes(b"PK\x03\x04" + b"\0" * 50)
    result = run("import", str(var / "a.docx"), "--call", world.call.code, "--proposer", "委员甲")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert not Case.objects.exists()


def test_accounts(world: World) -> None:
    made = run(
        *("user", "create", "lin", "--person", "新人甲", "--email", "lin@example.org"),
        *("--seat", "officer", "--unit", world.lead.organisation.name),
        stdin="a-good-long-password\n",
    )
    assert made.exit_code == 0, made.output
    user = User.objects.get(username="lin")
    assert user.check_password("a-good-long-password")
    seat = Person.objects.get(user=user).seats.get()
    assert (seat.role, seat.organisation) == ("officer", world.lead.organisation)
    assert run("user", "create", "lin", "--person", "新人甲", stdin="x\n").exit_code == 1
    assert run("user", "password", "lin", stdin="short\n").exit_code == 1
    assert run("user", "password", "lin", stdin="another-long-password\n").exit_code == 0
    user.refresh_from_db()
    assert user.check_password("another-long-password")
    assert run("user", "password", "nobody", stdin="x\n").exit_code == 1
    assert (
        run(
            "user", "create", "wu", "--person", "甲", "--seat", "officer", "--unit", "无", stdin="x\n"
        ).exit_code
        == 1
    )
