"""The same kernel inside Spark: every partition of firms is judged where it lies.

    judged = judge(plan, firms, keep=["credit_code"])
    judged.select("credit_code", verdict(plan, "cn/tech-sme").alias("tech_sme"))

Needs ``qiao[spark]`` and Java. Facts are columns named as packs name them; amounts are whole fen, or decimals in yuan;
codes and categories may be text. Batches are those of ``spark.sql.execution.arrow.maxRecordsPerBatch``: 65536 suits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .columns import BLOCK, Kernel
from .plan import Plan
from .table import FactTable, ref_of

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def judge(
    plan: Plan, firms: DataFrame, *, keep: Iterable[str] = (), clauses: bool = True, outside: str = "refuse"
) -> DataFrame:
    """A frame with the columns to ``keep`` and, packed, all verdicts and clauses of each firm.

    `verdict` and `clause` take them out. ``outside`` as in `FactTable.from_arrow`.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - only who uses Spark has it
    from pyspark.sql.types import ByteType, StructField, StructType  # noqa: PLC0415

    kept, groups = list(keep), Kernel(plan, clauses=clauses).groups
    facts = [name for name in firms.columns if ref_of(name, plan.vocabulary)]
    states = [StructField(f"states{group}", ByteType(), nullable=False) for group in range(groups)]
    names = list(dict.fromkeys([*kept, *facts]))
    # mapInArrow cannot see columns with a dot in their name: they go by their place.
    chosen = firms.select(*(f.col(f"`{name}`").alias(f"c{place}") for place, name in enumerate(names)))

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        named = (pa.record_batch(batch.columns, names=names) for batch in batches)
        return _judged(plan, named, kept, clauses, outside)

    return chosen.mapInArrow(work, StructType([*(firms.schema[name] for name in kept), *states]))


def _judged(
    plan: Plan, batches: Iterator[pa.RecordBatch], kept: list[str], clauses: bool, outside: str
) -> Iterator[pa.RecordBatch]:
    """One partition: a table for every piece of at most a block, and a batch out for each."""
    pieces: deque[pa.RecordBatch] = deque()

    def tables() -> Iterator[FactTable]:
        for batch in batches:
            for start in range(0, batch.num_rows, BLOCK):
                pieces.append(batch.slice(start, BLOCK))
                yield FactTable.from_arrow(pieces[-1], plan.vocabulary, outside=outside)

    kernel = Kernel(plan, clauses=clauses)
    for packed in kernel.blocks(tables()):
        piece = pieces.popleft()
        columns = [piece.column(name) for name in kept]
        # Spark knows no unsigned bytes; what is sent may wait, while the kernel's buffer is used again.
        columns += [pa.array(row) for row in packed.copy().view("int8")]
        yield pa.record_batch(columns, names=[*kept, *(f"states{group}" for group in range(kernel.groups))])


def verdict(plan: Plan, id: str, *, clauses: bool = True) -> Column:
    """0, 1 or 2 for every firm of a judged frame under a policy. ``clauses`` as it was judged."""
    return _state(Kernel(plan, clauses=clauses).places[plan.policy(id).verdict])


def clause(plan: Plan, id: str, clause: str) -> Column:
    """The same for one clause."""
    node = next(c.node for c in plan.policy(id).clauses if c.clause.id == clause)
    return _state(Kernel(plan).places[node])


def _state(place: tuple[int, int]) -> Any:
    from pyspark.sql import functions as f  # noqa: PLC0415

    group, shift = place
    return f.shiftright(f.col(f"states{group}").cast("int"), shift).bitwiseAND(3).cast("byte")
