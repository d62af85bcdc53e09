"""The documents say what is so: generated pages are fresh, the worked example works, links lead somewhere."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.utils import translation
from typer.main import get_command

from qiao.api.description import description
from qiao.cli import app
from qiao.core import history
from qiao.core.access import can
from qiao.core.acts import Refused, act, open_case
from qiao.core.models import Call, Indicator, Notice, Seat
from qiao.core.phrases import ROLES
from qiao.core.process import Kind, kinds
from qiao.core.rulebook import rulebook
from scripts import messages, process_docs
from tests.factories import at, organisation, seat

DOCS = process_docs.DOCS
EXAMPLE = (DOCS / "add-a-process.md").read_text(encoding="utf-8")
PAGES = sorted([*DOCS.rglob("*.md"), *process_docs.ROOT.glob("*.md")])


# ── The generated pages ──────────────────────────────────────────────────────────────────────────────────────


def test_pages_of_the_processes_are_fresh() -> None:
    stale = [str(path.relative_to(process_docs.ROOT)) for path in process_docs.stale()]
    assert stale == [], "run .venv/bin/python scripts/process_docs.py"


def test_every_process_has_its_pages_and_pictures() -> None:
    made = {path.name for path in process_docs.files()}
    for kind in kinds():
        assert {f"{kind.code}{end}" for end in (".md", ".zh.md", ".en.svg", ".zh.svg")} <= made


def test_refusals_are_read_from_the_checks() -> None:
    from qiao.kinds import handling, proposal

    with translation.override("zh-hans"):
        assert process_docs.sentences(proposal.may_merge) == [
            "不能并入自身。",
            "只能并入同一届次、已立案或办理中的同类提案；…现处于“…”。",
        ]
        assert "请选定办理结果。" in process_docs.sentences(
            handling.fit_to_sign
        )  # two functions further down


# ── The worked example ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def booking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> Iterator[Kind]:
    """The example's process and rulebook, for the length of one test."""
    policies = tmp_path / "policies"
    shutil.copytree(settings.POLICIES, policies)
    (policies / "hall").mkdir()
    (policies / "hall" / "booking.yaml").write_text(process_docs.block(EXAMPLE, "yaml"), encoding="utf-8")
    settings.POLICIES = policies
    kind, _english, forget = process_docs.example(EXAMPLE)
    yield kind
    forget()
    rulebook.cache_clear()


def test_the_example_is_sound(booking: Kind) -> None:
    assert booking.check() == []
    assert {w.role for v in booking.verbs for w in v.who if w.role} <= set(ROLES)
    values = rulebook("hall/booking")
    assert all(values.clock(c.legal).source for c in booking.clocks)
    for verb in booking.verbs:
        for field in verb.fields:
            if isinstance(field.choices, str):
                assert values.terms(field.choices)


def test_every_text_of_the_example_has_its_english() -> None:
    source = process_docs.block(EXAMPLE, "python title=booking")
    english = dict(line.split("\t") for line in process_docs.block(EXAMPLE, "tsv").splitlines())
    known = {
        entry.msgid
        for entry in messages.polib.pofile(str(process_docs.CATALOGUE))
        if entry.translated() and not entry.obsolete
    }
    texts = {message.id for message in messages.in_python(source, "booking.py")}
    assert texts - known - set(english) == set()
    assert set(english) <= texts


@pytest.mark.django_db
def test_the_generated_tests_hold_for_the_example(booking: Kind) -> None:
    from tests.integration.core import test_verbs

    for verb in booking.verbs:
        test_verbs.test_allowed_and_refused_by_stage(booking, verb)


@pytest.mark.django_db
def test_the_story_of_the_example(booking: Kind) -> None:
    hall = organisation("示例活动大厅")
    applicant: Seat = seat("申请人", organisation("示例企业", "firm"), "officer", sign_in=False)
    keeper, head = (
        seat("管理员", hall, "officer", sign_in=False),
        seat("负责人", hall, "leader", sign_in=False),
    )
    call = Call.objects.create(
        kind="booking",
        title="活动大厅",
        owner=hall,
        start=dt.date(2026, 1, 1),
        rulebook="hall/booking",
        capacity=80,
    )
    scope: dict[str, Any] = {
        **{f.__name__: f for f in (act, at, can, open_case, Refused)},
        **{"applicant": applicant, "keeper": keeper, "head": head, "call": call},
        **{"date": dt.date, "history": history, "pytest": pytest},
    }
    exec(compile(process_docs.block(EXAMPLE, "python title=story"), "add-a-process.md", "exec"), scope)
    assert scope["case"].refusals.get().codes == ["too_many"]
    assert set(Notice.objects.values_list("person__name", flat=True)) == {"申请人", "管理员", "负责人"}


# ── The other pages ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_figures_of_add_an_indicator_can_be_stated() -> None:
    path = DOCS / "add-an-indicator.md"
    owner = organisation("区科委")
    scope: dict[str, Any] = {"tech": owner, "officer": seat("承办人", owner, "officer", sign_in=False)}
    exec(compile(process_docs.block(path.read_text(encoding="utf-8"), "python"), path.name, "exec"), scope)
    values = Indicator.objects.get(code="salons-held").values.order_by("revision")
    assert [(v.display, v.superseded_by_id is None) for v in values] == [("20余场", False), ("23场", True)]


def test_rulebooks_in_the_documents_can_be_read(tmp_path: Path, settings: Any) -> None:
    text = (DOCS / "rulebooks.md").read_text(encoding="utf-8")
    policies = tmp_path / "policies"
    shutil.copytree(settings.POLICIES, policies)
    settings.POLICIES = policies
    (policies / "example").mkdir()
    (policies / "example" / "proposals.yaml").write_text(process_docs.block(text, "yaml"), encoding="utf-8")
    book = rulebook("example/proposals")
    assert book.clock("handback").amount == 3
    assert book.clock("redo").amount == 1  # from the book it extends
    assert all(value.source for value in book.clocks.values())
    rulebook.cache_clear()


def test_every_shipped_rulebook_names_its_sources() -> None:
    for book in process_docs.rulebooks():
        assert all(v.source.strip() for v in (*book.clocks.values(), *book.vocabularies.values())), book.name


def test_links_between_the_documents_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path = target.split("#")[0]
            if path and not re.match(r"[a-z]+:", path) and not (page.parent / path).exists():
                broken.append(f"{page.relative_to(process_docs.ROOT)}: {target}")
    assert broken == []


ROOMS = ("src", "docs", "policies", "tests", "scripts", "benchmarks")


def test_paths_in_the_documents_exist() -> None:
    """What is written as ``src/…`` is there, but for what the reader of the worked example is to make."""
    written = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./-]*)`")
    example = {"src/qiao/kinds/booking.py", "policies/hall/booking.yaml", "src/qiao/locale/incoming"}
    missing = [
        f"{page.name}: {path}"
        for page in PAGES
        for path in written.findall(page.read_text(encoding="utf-8"))
        if path not in example and not (process_docs.ROOT / path).exists()
    ]
    assert missing == []


def shown_commands(text: str) -> Iterator[list[str]]:
    """``qiao …`` as documents show it, in code blocks and between backticks, as words."""
    blocks = re.findall(r"^```sh$(.*?)^```$|^    (qiao .*)$", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for part in block for line in part.splitlines()]
    lines += re.findall(r"`(qiao [^`]*)`", text)
    for line in lines:
        for found in re.findall(r"(?:^|bin/)qiao ((?:[\w-]+(?: |$))*[^#\n]*)", line.split("  #")[0]):
            yield found.split()


def test_commands_in_the_documents_exist() -> None:
    """Each ``qiao`` command that a document shows is one, with its options; each ``make`` target too."""
    whole = get_command(app)
    wrong, seen = [], 0
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for words in shown_commands(text):
            command: Any = whole
            rest = list(words)
            while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
                command, rest = command.commands.get(rest[0]), rest[1:]
            options = {
                name for one in getattr(command, "params", ()) for name in (*one.opts, *one.secondary_opts)
            } | {"--help"}
            unknown = [word for word in rest if word.startswith("-") and word.split("=")[0] not in options]
            seen += 1
            if command is None or unknown:
                wrong.append(f"{page.name}: qiao {' '.join(words)}")
        makefile = (process_docs.ROOT / "Makefile").read_text(encoding="utf-8")
        for target in re.findall(r"`make ([a-z]+)`|^make ([a-z]+)", text, flags=re.MULTILINE):
            if not re.search(rf"^{''.join(target)}:", makefile, flags=re.MULTILINE):
                wrong.append(f"{page.name}: make {''.join(target)}")
    assert wrong == []
    assert seen > 20


def test_the_interface_is_documented_as_it_is() -> None:
    """Every address of the OpenAPI description, and no other; every code of an error."""
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    written = set(re.findall(r"`(/api/v1/[\w/{}]+)`", text))
    assert written == set(json.loads(description())["paths"])
    room = process_docs.ROOT / "src/qiao/api"
    code = "".join(path.read_text("utf-8") for path in room.glob("*.py"))
    codes = set(re.findall(r"Problem\(\s*\w+(?:\.\w+)?,\s*\"(\w+)\"", code)) | {"too_large"}
    assert codes - set(re.findall(r"\| `(\w+)` \|", text)) == set()


def test_environment_variables_are_documented() -> None:
    """Every variable that the code reads has its row; ``_PORT`` in a row stands for the name before it."""
    rows = re.findall(r"^\| (`QIAO_.*?) \|", (DOCS / "operating.md").read_text("utf-8"), flags=re.MULTILINE)
    documented = set()
    for row in rows:
        names = re.findall(r"`(\w+)`", row)
        first = names[0]
        documented |= {
            name if name.startswith("QIAO") else f"{first.rpartition('_')[0]}{name}" for name in names
        }
    code = "".join(path.read_text("utf-8") for path in (process_docs.ROOT / "src/qiao").rglob("*.py"))
    assert set(re.findall(r"[\"'](QIAO_[A-Z_]+)[\"']", code)) - documented == set()


def test_decisions_are_numbered_and_short() -> None:
    found = sorted(path for path in (DOCS / "decisions").glob("*.md") if path.name != "README.md")
    assert [path.name[:4] for path in found] == [f"{n:04d}" for n in range(1, len(found) + 1)]
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert len(text.split()) <= 500, path.name
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences", "Rejected")), (
            path.name
        )


def test_glossary_terms_stand_in_the_yaml_and_code_as_said() -> None:
    """Names in the glossary's last column exist: a table, a field, a process, its stage or act, a role, a word list."""
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    known = set(ROLES)
    for model in apps.get_app_config("core").get_models():
        known |= {model.__name__, *(f"{model.__name__}.{field.name}" for field in model._meta.get_fields())}
    for kind in kinds():
        known |= {kind.code, *kind.party_labels, *kind.paper_labels, *(c.code for c in kind.clocks)}
        known |= {f"{kind.code}.{part.code}" for part in (*kind.stages, *kind.verbs)}
    for book in process_docs.rulebooks():
        known |= {*book.clocks, *book.values, *book.vocabularies}
        known |= {f"{name}.{t.code}" for name, words in book.vocabularies.items() for t in words.terms}
    rows = [
        line
        for line in text.splitlines()
        if re.match(r"\| .*[\u4e00-\u9fff]", line) and "In code" not in line
    ]
    assert len(rows) >= 80
    codes = {code for row in rows for code in re.findall(r"`([^`|]+)`", row.rstrip("| ").rpartition("|")[2])}
    assert sorted(codes - known) == []
    assert {kind.code for kind in kinds()} - codes == set()  # every process has its words
