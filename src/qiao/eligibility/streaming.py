"""A file of firms of any size through a plan, block by block: Arrow or Parquet in, Arrow out, memory stays bounded.

Out comes one byte column for every four verdicts and clauses, named ``states0``, ``states1`` …; the metadata of the
schema says which policy and clause stands where and for which day (`Verdicts` reads it back). The rows are those of the
facts, in their order.

Work is done in shards beside the result, by one process each where ``workers`` says so. A shard is there whole or not
at all, and so is the result: who is interrupted starts again and only what is missing is done.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .columns import BLOCK, Kernel, count_states
from .plan import Plan
from .table import FactTable, ref_of
from .vocabulary import Vocabulary

SHARD = 16 * BLOCK  # rows: about a million
METADATA = b"qiao.states"
Progress = Callable[[int, int], None]  # rows done, rows in all
Counts = dict[str, tuple[int, int, int]]


class Mismatch(ValueError):
    """What lies half done belongs to other facts or other policies."""


@dataclass(frozen=True)
class _Source:
    """A file of facts: where its batches (row groups) begin."""

    path: Path

    @cached_property
    def starts(self) -> list[int]:
        """The first row of each piece of the file, and last the number of rows."""
        starts = [0]
        if self.parquet:
            with pq.ParquetFile(self.path) as file:
                for group in range(file.num_row_groups):
                    starts.append(starts[-1] + file.metadata.row_group(group).num_rows)
        else:
            with pa.memory_map(str(self.path)) as mapped:
                reader = pa.ipc.open_file(mapped)
                for number in range(reader.num_record_batches):
                    starts.append(starts[-1] + reader.get_batch(number).num_rows)
        return starts

    @cached_property
    def parquet(self) -> bool:
        with self.path.open("rb") as file:
            return file.read(4) == b"PAR1"

    @property
    def rows(self) -> int:
        return self.starts[-1]

    def read(self, start: int, stop: int, vocabulary: Vocabulary) -> Iterator[pa.RecordBatch]:
        """The rows from ``start`` to ``stop`` in order, facts only, a block or less at a time."""
        for number, first in enumerate(self.starts[:-1]):
            after = self.starts[number + 1]
            low, high = max(start, first), min(stop, after)
            if low < high:
                for batch in self._piece(number, vocabulary):
                    size = batch.num_rows
                    a, b = max(low, first), min(high, first + size)
                    for begin in range(a, b, BLOCK):
                        yield batch.slice(begin - first, min(BLOCK, b - begin))
                    first += size  # noqa: PLW2901 - the next batch of the same piece begins here

    def _piece(self, number: int, vocabulary: Vocabulary) -> Iterator[pa.RecordBatch]:
        if self.parquet:
            with pq.ParquetFile(self.path) as file:
                names = [name for name in file.schema_arrow.names if ref_of(name, vocabulary)]
                yield from file.iter_batches(BLOCK, row_groups=[number], columns=names)
        else:
            with pa.memory_map(str(self.path)) as mapped:
                yield pa.ipc.open_file(mapped).get_batch(number)


def run_file(
    plan: Plan,
    facts: Path,
    out: Path,
    *,
    clauses: bool = True,
    workers: int = 1,
    shard: int = SHARD,
    outside: str = "refuse",
    check: bool = True,
    progress: Progress | None = None,
) -> Verdicts:
    """All verdicts and clauses of all firms in ``facts`` (Arrow or Parquet), written to ``out`` (Arrow).

    Nothing stands at ``out`` before everything is done. What an earlier, interrupted call finished is used; raises
    `Mismatch` if that was for other facts or another plan. ``shard``: how many rows are done or lost at once.
    ``workers`` are processes of their own (a script that asks for several needs the usual ``if __name__ ==
    "__main__"``). ``outside`` and ``check`` as in `FactTable.from_arrow`.
    """
    source, shards = _Source(facts), out.with_name(out.name + ".shards")
    kernel = Kernel(plan, clauses=clauses)
    schema = _schema(kernel)
    identity = _identity(facts, kernel, shard, outside if check else "unchecked")
    shards.mkdir(parents=True, exist_ok=True)
    mark = shards / "identity"
    if mark.exists() and mark.read_text() != identity:
        raise Mismatch(f"{shards} holds work on other facts or another plan: remove it, then start again")
    _whole(mark, lambda path: path.write_text(identity))
    spans = [(start, min(start + shard, source.rows)) for start in range(0, source.rows, shard)]
    names = [shards / f"{start}.arrow" for start, _ in spans]
    todo = [(span, name) for span, name in zip(spans, names, strict=True) if not name.exists()]
    done = source.rows - sum(stop - start for (start, stop), _ in todo)

    def say(rows: int) -> None:
        nonlocal done
        done += rows
        if progress:
            progress(done, source.rows)

    if workers > 1 and len(todo) > 1:
        with ProcessPoolExecutor(
            workers,
            get_context("spawn"),
            initializer=_begin,
            initargs=(plan, clauses, source, outside, check),
        ) as pool:
            waiting = {pool.submit(_work, *span, name): span for span, name in todo}
            try:
                for future in as_completed(waiting):
                    future.result()
                    start, stop = waiting[future]
                    say(stop - start)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    else:
        job = _Job(kernel, source, outside, check)
        for (start, stop), name in todo:
            job.shard(start, stop, name, say)
    _whole(out, lambda path: _join(names, schema, path))
    shutil.rmtree(shards)
    return Verdicts(out)


@dataclass(frozen=True)
class _Job:
    kernel: Kernel
    source: _Source
    outside: str
    check: bool

    def shard(self, start: int, stop: int, name: Path, say: Callable[[int], None]) -> None:
        """Judges the rows from ``start`` to ``stop`` and writes them to ``name``."""
        vocabulary, schema = self.kernel.plan.vocabulary, _schema(self.kernel)

        def tables() -> Iterator[FactTable]:
            for batch in self.source.read(start, stop, vocabulary):
                yield FactTable.from_arrow(batch, vocabulary, outside=self.outside, check=self.check)

        def write(path: Path) -> None:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
                for packed in self.kernel.blocks(tables()):
                    writer.write_batch(batch_of(packed, schema))
                    say(packed.shape[1])

        _whole(name, write)


_job: _Job


def _begin(plan: Plan, clauses: bool, source: _Source, outside: str, check: bool) -> None:
    global _job  # noqa: PLW0603 - one kernel for all the shards of a process
    _job = _Job(Kernel(plan, clauses=clauses), source, outside, check)


def _work(start: int, stop: int, name: Path) -> None:
    _job.shard(start, stop, name, lambda rows: None)


def batch_of(packed: Any, schema: pa.Schema) -> pa.RecordBatch:
    """A block of packed states as Arrow columns, without copying."""
    return pa.record_batch([pa.array(row) for row in packed], schema=schema)


def _join(names: list[Path], schema: pa.Schema, path: Path) -> None:
    """The shards one after another."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for name in names:
            with pa.OSFile(str(name), "rb") as shard:
                reader = pa.ipc.open_file(shard)
                for number in range(reader.num_record_batches):
                    writer.write_batch(reader.get_batch(number))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file beside ``path`` and puts it there only when it is complete and on the disk."""
    part = path.with_name(f".{path.name}.part")
    try:
        write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _schema(kernel: Kernel) -> pa.Schema:
    """The columns of a result and, as metadata, what stands where."""
    plan = kernel.plan
    meaning = {
        "as_of": plan.as_of.isoformat(),
        "policies": {
            p.id: {
                "version": p.pack.version,
                "verdict": kernel.places[p.verdict],
                "clauses": {c.clause.id: kernel.places[c.node] for c in p.clauses if c.node in kernel.places},
            }
            for p in plan.policies
        },
    }
    fields = [pa.field(f"states{group}", pa.uint8(), nullable=False) for group in range(kernel.groups)]
    return pa.schema(fields, metadata={METADATA: json.dumps(meaning)})


def _identity(facts: Path, kernel: Kernel, shard: int, checked: str) -> str:
    """What the work in hand depends on: the file of facts as it is, the plan with all its thresholds, the options."""
    stat = facts.stat()
    file = str(facts.resolve()), stat.st_size, stat.st_mtime_ns
    told = file, _schema(kernel).metadata, kernel.plan.nodes, shard, checked
    return hashlib.sha256(repr(told).encode()).hexdigest()


class Verdicts:
    """What `run_file` wrote, read in place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as reader:
            self.meaning: dict[str, Any] = json.loads(reader.schema.metadata[METADATA])

    @contextmanager
    def _open(self) -> Iterator[Any]:
        with pa.memory_map(str(self.path)) as mapped:
            yield pa.ipc.open_file(mapped)

    def verdicts(self, id: str) -> Any:
        """0, 1 or 2 for every firm under a policy."""
        return self._states(*self.meaning["policies"][id]["verdict"])

    def clause(self, id: str, clause: str) -> Any:
        return self._states(*self.meaning["policies"][id]["clauses"][clause])

    def _states(self, group: int, shift: int) -> Any:
        with self._open() as reader:
            parts = [
                (reader.get_batch(b).column(group).to_numpy() >> shift) & 3
                for b in range(reader.num_record_batches)
            ]
        return np.concatenate(parts) if parts else np.empty(0, np.uint8)

    @cached_property
    def totals(self) -> Counts:
        """How many firms are no, unknown, yes under each policy; from one histogram of bytes for four of them."""
        places = {id: tuple(told["verdict"]) for id, told in self.meaning["policies"].items()}
        histograms = {group: np.zeros(256, np.int64) for group, _ in places.values()}
        with self._open() as reader:
            for number in range(reader.num_record_batches):
                batch = reader.get_batch(number)
                for group, histogram in histograms.items():
                    np.add(
                        histogram, np.bincount(batch.column(group).to_numpy(), minlength=256), out=histogram
                    )
        return {id: count_states(histograms[group], shift) for id, (group, shift) in places.items()}
