"""Files of any size: the same answers as in memory, whole results or none, and no work lost to an interruption."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qiao.eligibility import FactTable, Kernel, Library, OutOfBounds, Plan
from qiao.eligibility.columns import Results
from qiao.eligibility.streaming import Mismatch, Verdicts, run_file

DAY = dt.date(2026, 6, 1)
ROWS = 4_321


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Library.load(Path(__file__).resolve().parents[3] / "policies").plan(DAY)


@pytest.fixture(scope="module")
def facts(plan: Plan) -> pa.Table:
    """Random facts for everything that the shipped policies ask, a tenth of it unknown."""
    rng = np.random.default_rng(7)
    columns = {}
    for ref in plan.inputs:
        fact = plan.vocabulary.facts.get(ref.key)
        least, most = (fact.least, min(fact.most, 10**11)) if fact and fact.numeric else (0, 2)
        if fact and fact.type == "date":
            least, most = 10_000, 21_000
        columns[str(ref)] = pa.array(rng.integers(least, most, ROWS), mask=rng.random(ROWS) < 0.1)
    return pa.table({**columns, "name": pa.array([f"甲{i}" for i in range(ROWS)])})


@pytest.fixture(scope="module")
def expected(plan: Plan, facts: pa.Table) -> Results:
    return Kernel(plan).run(FactTable.from_arrow(facts, plan.vocabulary))


def arrow(path: Path, table: pa.Table, batch: int = 1_000) -> Path:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=batch)
    return path


def assert_equal(out: Path, plan: Plan, expected: Results) -> None:
    found = Verdicts(out)
    for policy in plan.policies:
        assert np.array_equal(found.verdicts(policy.id), expected.verdicts(policy.id))
        for clause in policy.clauses:
            assert np.array_equal(found.clause(policy.id, clause.clause.id), expected.states(clause.node))
    assert found.totals == expected.totals


@pytest.mark.parametrize("kind", ["arrow", "parquet", "one batch", "compressed"])
def test_a_file_gives_what_memory_gives(
    kind: str, plan: Plan, facts: pa.Table, expected: Results, tmp_path: Path
) -> None:
    path = tmp_path / "firms"
    match kind:
        case "parquet":
            pq.write_table(facts, path, row_group_size=700)
        case "compressed":
            options = pa.ipc.IpcWriteOptions(compression="zstd")
            with (
                pa.OSFile(str(path), "wb") as file,
                pa.ipc.new_file(file, facts.schema, options=options) as writer,
            ):
                writer.write_table(facts, max_chunksize=900)
        case _:
            arrow(path, facts, 1_000 if kind == "arrow" else ROWS)
    seen: list[tuple[int, int]] = []
    run_file(plan, path, tmp_path / "out.arrow", shard=1_500, progress=lambda a, b: seen.append((a, b)))
    assert_equal(tmp_path / "out.arrow", plan, expected)
    assert seen[-1] == (ROWS, ROWS)
    assert seen == sorted(seen)
    assert {p.name for p in tmp_path.iterdir()} == {"firms", "out.arrow"}


def test_processes_give_what_one_gives(
    plan: Plan, facts: pa.Table, expected: Results, tmp_path: Path
) -> None:
    run_file(plan, arrow(tmp_path / "firms", facts), tmp_path / "out", shard=1_500, workers=2)
    assert_equal(tmp_path / "out", plan, expected)


def test_an_interruption_leaves_no_result_and_loses_no_finished_work(
    plan: Plan, facts: pa.Table, expected: Results, tmp_path: Path
) -> None:
    path, out = arrow(tmp_path / "firms", facts), tmp_path / "out"

    def interrupt(done: int, rows: int) -> None:
        if done >= 3_200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_file(plan, path, out, shard=1_000, progress=interrupt)
    assert not out.exists()
    assert not list(tmp_path.rglob("*.part"))
    seen: list[int] = []
    run_file(plan, path, out, shard=1_000, progress=lambda done, rows: seen.append(done))
    assert min(seen) > 3_000  # the three finished shards were not judged again
    assert_equal(out, plan, expected)


def test_half_done_work_is_never_mixed_with_other_policies_or_facts(
    plan: Plan, facts: pa.Table, expected: Results, tmp_path: Path
) -> None:
    path, out = arrow(tmp_path / "firms", facts), tmp_path / "out"

    def interrupt(done: int, rows: int) -> None:
        if done >= 1_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_file(plan, path, out, shard=500, progress=interrupt)
    other = Library.load(Path(__file__).resolve().parents[3] / "policies").plan(dt.date(2025, 6, 1))
    with pytest.raises(Mismatch):
        run_file(other, path, out, shard=500)
    arrow(path, facts.slice(1))
    with pytest.raises(Mismatch):
        run_file(plan, path, out, shard=500)
    shutil.rmtree(tmp_path / "out.shards")
    arrow(path, facts)
    run_file(plan, path, out, shard=500)
    assert_equal(out, plan, expected)


def test_values_outside_their_bounds_are_refused_or_unknown(plan: Plan, tmp_path: Path) -> None:
    path = arrow(tmp_path / "firms", pa.table({"revenue": [10**5, -1, 3]}))
    with pytest.raises(OutOfBounds):
        run_file(plan, path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    shutil.rmtree(tmp_path / "out.shards")
    found = run_file(plan, path, tmp_path / "out", outside="unknown")
    assert found.verdicts("cn/rd-deduction")[1] == 1


def test_verdicts_alone(plan: Plan, facts: pa.Table, expected: Results, tmp_path: Path) -> None:
    found = run_file(plan, arrow(tmp_path / "firms", facts), tmp_path / "out", clauses=False)
    assert found.totals == expected.totals


def test_no_firms(plan: Plan, facts: pa.Table, tmp_path: Path) -> None:
    found = run_file(plan, arrow(tmp_path / "firms", facts.slice(0, 0)), tmp_path / "out")
    assert set(found.totals.values()) == {(0, 0, 0)}
