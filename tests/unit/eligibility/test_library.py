"""A folder of policies, read again after an edit: only what changed, and never anything stale."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from qiao.eligibility import Library, PackError, Truth, Walker
from qiao.eligibility.source import read

DAY = dt.date(2026, 6, 1)
SHIPPED = Path(__file__).resolve().parents[3] / "policies"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    root = tmp_path / "policies"
    for folder in ("codes", "vocabulary"):
        shutil.copytree(SHIPPED / folder, root / folder)
    (root / "t" / "packs").mkdir(parents=True)
    for name, staff in (("a", 10), ("b", 20)):
        write(root, name, f"staff >= {staff}")
    return root


def write(root: Path, name: str, test: str) -> Path:
    path = root / "t" / "packs" / f"{name}.yaml"
    path.write_text(
        f"id: t/{name}\ntitle: {{zh: 甲, en: a}}\nkind: recognition\nissuer: {{zh: 甲, en: A}}\n"
        "document: {number: '1', title: 甲}\nin_force: {from: 2020-01-01}\nevidence: V\n"
        f"clauses:\n  - {{id: c, cite: 一, zh: 甲, en: a, is: {test}}}\n"
    )
    return path


def verdict(library: Library, id: str, staff: int) -> Truth:
    plan = library.plan(DAY, only=[id])
    return Walker(plan).judge(library.facts({"staff": staff}, DAY)).verdict(id)


def test_an_edit_counts_at_once_and_the_rest_is_taken_over(policies: Path) -> None:
    before = Library.load(policies)
    assert verdict(before, "t/a", 15) is Truth.YES
    write(policies, "a", "staff >= 18")
    after = Library.load(policies, before)
    assert verdict(after, "t/a", 15) is Truth.NO
    assert after.versions("t/b")[0] is before.versions("t/b")[0]
    assert after.vocabulary is before.vocabulary


def test_a_file_taken_away_or_added_counts(policies: Path) -> None:
    before = Library.load(policies)
    (policies / "t" / "packs" / "b.yaml").unlink()
    write(policies, "c", "staff >= 1")
    assert Library.load(policies, before).ids == {"t/a", "t/c"}


def test_a_broken_edit_is_refused_and_its_repair_read(policies: Path) -> None:
    before = Library.load(policies)
    path = write(policies, "a", "staff >=")
    with pytest.raises(PackError):
        Library.load(policies, before)
    write(policies, "a", "staff >= 3")
    assert path.exists()
    assert verdict(Library.load(policies, before), "t/a", 5) is Truth.YES


def test_a_new_fact_is_known_at_once(policies: Path) -> None:
    before = Library.load(policies)
    vocabulary = policies / "vocabulary" / "staff.yaml"
    vocabulary.write_text(vocabulary.read_text().replace("\nstaff:\n", "\ncrew:\n"))
    assert "crew" in Library.load(policies, before).vocabulary


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 50_000,
        "a: " + "{a: " * 30_000,
        "- " * 5_000 + "x",
        "? " * 5_000 + "x",
        "a: " + "['x', " * 1_900,
    ],
)
def test_nesting_without_end_is_a_problem_and_not_a_crash(text: str) -> None:
    with pytest.raises(PackError):
        read(Path("deep.yaml"), text)
