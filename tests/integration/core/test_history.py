"""History that an outsider can verify: any changed, removed or inserted row is found, and where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import connection

from qiao.core import history
from qiao.core.acts import act, open_case, redact
from qiao.core.models import Act, Case, DailyRoot, Seat, Version
from qiao.kinds.proposal import start_draft
from tests.factories import TEXT, World, advance, at, new_proposal


def sql(text: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


@pytest.fixture
def kept(world: World, tmp_path: Path) -> Path:
    """A handled proposal, and the root files that an outsider kept."""
    advance(world, new_proposal(world), "replied")
    history.make_roots()
    for root in DailyRoot.objects.all():
        (tmp_path / f"{root.day}.json").write_text(json.dumps(history.root_file(root)), encoding="utf-8")
    return tmp_path


def faults(kept: Path | None = None) -> set[tuple[str, str]]:
    return {(f.code, f.where) for f in history.verify(roots=kept)}


def test_untouched_history_is_sound(kept: Path) -> None:
    assert faults(kept) == set()


def signature() -> Act:
    return Act.objects.select_related("case").get(verb="sign")


@pytest.mark.parametrize("column", ["verb", "at", "from_stage", "to_stage", "body_digest"])
def test_changed_act(kept: Path, column: str) -> None:
    value = {"at": "2024-04-29 02:00:00+00:00", "body_digest": "0" * 64}.get(column, "forged")
    act = signature()
    sql(f"UPDATE core_act SET {column} = %s WHERE id = %s", value, act.pk)
    assert ("changed_act", f"{act.case.code}/{act.seq}") in faults()


def test_changed_reason(kept: Path) -> None:
    act = signature()
    sql("UPDATE core_act SET reason = 'because' WHERE id = %s", act.pk)
    assert faults() == {("changed_body", f"{act.case.code}/{act.seq}")}


def test_removed_act(kept: Path) -> None:
    act = signature()
    sql("DELETE FROM core_notice WHERE act_id = %s", act.pk)
    sql("DELETE FROM core_mail WHERE act_id = %s", act.pk)
    sql("DELETE FROM core_act WHERE id = %s", act.pk)
    found = faults(kept)
    assert ("missing_act", f"{act.case.code}/{act.seq + 1}") in found
    assert ("removed_act", f"{act.case.code}/{act.seq}") in found


def test_removed_last_act_is_found_by_the_published_root(kept: Path) -> None:
    act = Act.objects.filter(case__kind="proposal").order_by("-seq").select_related("case")[0]
    sql("DELETE FROM core_notice WHERE act_id = %s", act.pk)
    sql("DELETE FROM core_mail WHERE act_id = %s", act.pk)
    sql("DELETE FROM core_act WHERE id = %s", act.pk)
    sql("UPDATE core_case SET stage = %s WHERE id = %s", act.from_stage, act.case_id)
    assert ("removed_act", f"{act.case.code}/{act.seq}") in faults(kept)


def test_rewritten_chain_is_found_by_the_published_root(kept: Path) -> None:
    """Somebody with the whole database rewrites a case's history with right hashes, and the roots too."""
    act = Act.objects.filter(case__kind="commitment").order_by("-seq").select_related("case", "version")[0]
    act.body_digest = history.body_digest(act.salt, "because", act.data)
    new = history.act_hash(act, act.case.code)
    said = "UPDATE core_act SET reason = 'because', body_digest = %s, hash = %s WHERE id = %s"
    sql(said, act.body_digest, new, act.pk)
    sql("DELETE FROM core_dailyroot")
    history.make_roots()
    assert faults() == set()
    assert ("changed_act", f"{act.case.code}/{act.seq}") in faults(kept)


def test_inserted_act(kept: Path) -> None:
    last = Act.objects.filter(case__kind="proposal").order_by("-seq").select_related("case")[0]
    sql(
        "INSERT INTO core_act (case_id, seq, verb, at, from_stage, to_stage, reason, data, salt, body_digest, "
        "prev_hash, hash, redacted) SELECT case_id, seq + 1, verb, at, from_stage, to_stage, reason, data, salt, "
        "body_digest, hash, %s, redacted FROM core_act WHERE id = %s",
        "f" * 64,
        last.pk,
    )
    where = f"{last.case.code}/{last.seq + 1}"
    assert {("changed_act", where), ("inserted_act", where)} <= faults(kept)


def test_changed_text(kept: Path) -> None:
    version = Version.objects.filter(paper__kind="reply").select_related("paper")[0]
    sql("UPDATE core_version SET text = 'forged' WHERE id = %s", version.pk)
    assert faults() == {("changed_version", f"{version.paper.code} v{version.n}")}


def test_moved_stage(kept: Path) -> None:
    case = Case.objects.get(kind="proposal")
    sql("UPDATE core_case SET stage = 'closed' WHERE id = %s", case.pk)
    assert faults() == {("changed_stage", case.code)}


def test_removed_root(kept: Path) -> None:
    day = DailyRoot.objects.order_by("-day")[0].day
    sql("DELETE FROM core_dailyroot WHERE day = %s", day)
    assert faults(kept) == {("missing_root", day.isoformat())}


def a_reply() -> Version:
    return Version.objects.select_related("paper").filter(paper__kind="reply").latest("n")


def reply_at(n: int = 0) -> str:
    reply = a_reply()
    return f"{reply.paper.code} v{n or reply.n}"


@pytest.mark.parametrize("column", ["person", "organisation", "role"])
def test_a_seat_that_acted_is_given_to_somebody_else(kept: Path, world: World, column: str) -> None:
    """Who signed is part of the signature, not only the number of a seat."""
    act = signature()
    value = {
        "person": world.registry.person_id,
        "organisation": world.registry.organisation_id,
        "role": "head",
    }
    name = column if column == "role" else f"{column}_id"
    sql(f"UPDATE core_seat SET {name} = %s WHERE id = %s", value[column], act.by_id)
    assert ("changed_act", f"{act.case.code}/{act.seq}") in faults()


@pytest.mark.parametrize("column", ["at", "by_id", "n"])
def test_a_version_that_says_it_was_filed_otherwise(kept: Path, world: World, column: str) -> None:
    reply = a_reply()
    value = {"at": "2024-02-10 02:00:00+00:00", "by_id": world.registry.pk, "n": reply.n + 7}[column]
    sql(f"UPDATE core_version SET {column} = %s WHERE id = %s", value, reply.pk)
    assert faults() == {("changed_version", reply_at())}


def test_versions_change_places(kept: Path, world: World) -> None:
    """An older text becomes the one on the table."""
    sql("UPDATE core_version SET n = n + 10 WHERE id = %s", a_reply().pk)
    case = a_reply().paper.case
    assert case is not None
    assert ("changed_version", reply_at()) in faults()


def test_a_paper_becomes_another_case_s(kept: Path) -> None:
    reply = a_reply()
    other = Case.objects.get(kind="proposal")
    sql("UPDATE core_paper SET case_id = %s WHERE id = %s", other.pk, reply.paper_id)
    assert ("changed_version", reply_at()) in faults()


def test_a_paper_becomes_another_one(kept: Path) -> None:
    sql("UPDATE core_paper SET kind = 'holding' WHERE id = %s", a_reply().paper_id)
    assert {code for code, _where in faults()} == {"changed_version"}


@pytest.fixture
def filed(kept: Path, world: World) -> Version:
    """A version with a file of its own."""
    case = start_draft(world.call, world.members[0])
    act(case, "save", by=world.members[0], content=TEXT, file=("来文.txt", "原文".encode()))
    version = Version.objects.select_related("paper").exclude(file="").latest("id")
    assert faults() == set()
    return version


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (lambda v: Path(v.file.path).write_bytes(b"forged"), "changed_file"),
        (lambda v: Path(v.file.path).unlink(), "missing_file"),
        (lambda v: sql("UPDATE core_version SET file = '' WHERE id = %s", v.pk), "missing_file"),
    ],
    ids=["changed", "removed", "forgotten"],
)
def test_a_filed_document(filed: Version, tamper: Callable[[Version], object], code: str) -> None:
    tamper(filed)
    assert faults() == {(code, f"{filed.paper.code} v{filed.n}")}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("opened_at", "2020-01-01 00:00:00+00:00"),
        ("moved_at", "2024-02-10 02:00:00+00:00"),
        ("closed_at", "2024-02-10 02:00:00+00:00"),
        ("due_legal", "2030-01-01"),
        ("due_internal", "2030-01-01"),
    ],
)
def test_a_case_says_otherwise_than_its_acts(kept: Path, column: str, value: object) -> None:
    case = Case.objects.get(kind="proposal")
    sql(f"UPDATE core_case SET {column} = %s WHERE id = %s", value, case.pk)
    assert faults() == {("changed_case", case.code)}


@pytest.mark.parametrize(("column", "value"), [("kind", "opinion"), ("kind", "nothing"), ("kind_version", 9)])
def test_a_case_becomes_another_kind(kept: Path, column: str, value: object) -> None:
    case = Case.objects.get(kind="proposal")
    sql(f"UPDATE core_case SET {column} = %s WHERE id = %s", value, case.pk)
    assert ("changed_case", case.code) in faults()


def test_a_root_says_another_count(kept: Path) -> None:
    day = DailyRoot.objects.order_by("day")[1].day
    sql("UPDATE core_dailyroot SET count = count + 1 WHERE day = %s", day)
    assert faults() == {("root_differs", day.isoformat())}


def test_a_day_is_closed_some_minutes_after_midnight(world: World) -> None:
    """What began before midnight may be written after it; a root made too early would call it inserted for good."""
    early, late = at("2026-03-02", "00:01"), at("2026-03-02", "00:06")
    with patch("qiao.core.history.now", lambda: early):
        open_case("proposal", call=world.call, title="午夜前", by=None, at=at("2026-03-01", "23:59"))
        assert history.make_roots() == []
    with patch("qiao.core.history.now", lambda: late):
        assert [root.day.isoformat() for root in history.make_roots()] == ["2026-03-01"]


def redact_signature(by: Seat) -> None:
    redact(signature(), by=by, reason="涉及个人信息")


def redact_reply(by: Seat) -> None:
    version = Version.objects.filter(paper__kind="reply")[0]
    redact(version, by=by, reason="涉及个人信息")
    version.refresh_from_db()
    assert (version.content, version.text, version.salt, version.redacted) == ({}, "", "", True)


@pytest.mark.parametrize("redaction", [redact_signature, redact_reply])
def test_redaction_keeps_the_hashes(kept: Path, world: World, redaction: Callable[[Seat], None]) -> None:
    redaction(world.registry)
    assert faults(kept) == set()


def test_redaction_behind_the_back_of_the_record(kept: Path) -> None:
    act = signature()
    history.redact_act(act)
    history.redact_version(act.version)  # type: ignore[arg-type]
    assert {code for code, _where in faults()} == {"unrecorded_redaction"}


def test_redacted_rows_hold_nothing(kept: Path) -> None:
    act = signature()
    sql("UPDATE core_act SET redacted = %s, reason = 'forged' WHERE id = %s", True, act.pk)
    assert ("changed_body", f"{act.case.code}/{act.seq}") in faults()


def test_inserted_version(kept: Path) -> None:
    """A text that nobody filed, with a right digest of its own."""
    sql(
        "INSERT INTO core_version (paper_id, n, content, text, salt, digest, at, file, file_name, file_digest, "
        "redacted) SELECT paper_id, n + 1, content, text, salt, digest, at, file, file_name, file_digest, redacted "
        "FROM core_version WHERE id = %s",
        Version.objects.filter(paper__kind="reply").latest("n").pk,
    )
    assert {code for code, _where in faults()} == {"inserted_version"}


def test_acts_inserted_on_a_day_without_root(kept: Path, world: World) -> None:
    """A whole case slipped in between two days that have roots."""
    case = open_case("proposal", call=world.call, title="后来插入", by=None)
    sql("UPDATE core_act SET at = '2024-02-10 02:00:00+00:00' WHERE case_id = %s", case.pk)
    assert ("inserted_act", f"{case.code}/1") in faults()


def test_short_texts_cannot_be_guessed_from_their_digest(kept: Path) -> None:
    """Two acts that say the same have different body digests: the salt goes with the redaction."""
    digests = list(Act.objects.filter(reason="", data={}).values_list("body_digest", flat=True))
    assert len(digests) > 5
    assert len(set(digests)) == len(digests)
