"""Facts of many firms as columns: whole numbers, and what is unknown, for every fact. Arrow in, Arrow out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .exact import Ref
from .vocabulary import Fact, Vocabulary

Whole = npt.NDArray[np.signedinteger[Any]]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class OutOfBounds(ValueError):
    """A fact outside the bounds its vocabulary gives: arithmetic on it would no longer be proved exact."""

    column: str
    rows: int
    first: int
    least: int
    most: int

    def __str__(self) -> str:
        return (
            f"{self.column}: {self.rows} values outside {self.least} to {self.most}, the first in row {self.first}; "
            f"correct them, or load the table with outside='unknown'"
        )


@dataclass(frozen=True)
class Column:
    """``values`` (fen, cents, millionths, counts, 0/1, day numbers, code numbers) and which of them are known."""

    values: Whole
    validity: Bytes | None  # the bits of Arrow, lowest first; None where everything is known
    offset: int  # the first row's bit

    def known(self, start: int, stop: int) -> Bytes | None:
        """1 where a row in ``start`` to ``stop`` is known; None where all are."""
        if self.validity is None:
            return None
        first = self.offset + start
        bits = np.unpackbits(
            self.validity[first // 8 : (self.offset + stop + 7) // 8],
            bitorder="little",
            count=first % 8 + stop - start,
        )
        return bits[first % 8 :]


class FactTable:
    """The facts of ``rows`` firms. Facts without a column are unknown for all of them."""

    def __init__(self, rows: int, columns: Mapping[Ref, Column]) -> None:
        self.rows, self.columns = rows, dict(columns)

    @classmethod
    def from_rows(cls, facts: Iterable[Mapping[Ref, int]], vocabulary: Vocabulary) -> FactTable:
        """From what `Library.facts` gives for each firm. For tests and small tables."""
        rows = list(facts)
        refs = dict.fromkeys(ref for row in rows for ref in row)
        columns = {ref: _column(pa.array([row.get(ref) for row in rows], pa.int64())) for ref in refs}
        del vocabulary
        return cls(len(rows), columns)

    @classmethod
    def from_arrow(
        cls,
        table: pa.Table | pa.RecordBatch,
        vocabulary: Vocabulary,
        *,
        outside: str = "refuse",
        check: bool = True,
    ) -> FactTable:
        """From Arrow columns named as packs name facts (``revenue``, ``revenue[2]``); others are left alone.

        Codes and categories may be text (or a dictionary of it). ``outside`` says what becomes of values outside the
        vocabulary's bounds: ``refuse`` raises `OutOfBounds`, ``unknown`` makes them unknown. Data that has been checked
        when it was written may skip that with ``check=False``. Whole-number columns are used without copying.
        """
        columns: dict[Ref, Column] = {}
        for name in table.schema.names:
            ref = ref_of(name, vocabulary)
            if ref is None:
                continue
            array = table.column(name)
            if isinstance(array, pa.ChunkedArray):
                array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
            if isinstance(array, pa.ChunkedArray):  # no rows at all
                array = pa.array([], array.type)
            whole = _whole(array, vocabulary.facts.get(ref.key), vocabulary)
            if check and ref.key in vocabulary and vocabulary[ref.key].numeric:
                whole = _bounded(name, whole, vocabulary[ref.key], outside)
            columns[ref] = _column(whole)
        return cls(table.num_rows, columns)

    @cached_property
    def names(self) -> list[str]:
        return [str(ref) for ref in self.columns]

    def row(self, number: int) -> dict[Ref, int]:
        """What is known of one firm, for the walk and for explanations."""
        found: dict[Ref, int] = {}
        for ref, column in self.columns.items():
            known = column.known(number, number + 1)
            if known is None or known[0]:
                found[ref] = int(column.values[number])
        return found


def ref_of(name: str, vocabulary: Vocabulary) -> Ref | None:
    """The fact a column name means, None where it is not one."""
    key, bracket, year = name.partition("[")
    if ":" in key:
        return Ref(key, 0)
    if key not in vocabulary:
        return None
    if not vocabulary[key].yearly:
        return None if bracket else Ref(key, 0)
    year = year.rstrip("]")
    return Ref(key, int(year)) if year.isdigit() else Ref(key, 1) if not bracket else None


def _column(array: pa.Array) -> Column:
    validity, values = array.buffers()[:2]
    kind = array.type.to_pandas_dtype()
    whole: Whole = (
        np.frombuffer(values, dtype=kind)[array.offset : array.offset + len(array)]
        if values
        else np.empty(0, kind)
    )
    bits = np.frombuffer(validity, np.uint8) if validity is not None and array.null_count else None
    return Column(whole, bits, array.offset)


def _whole(array: pa.Array, fact: Fact | None, vocabulary: Vocabulary) -> pa.Array:
    """The array as whole numbers in the units of the vocabulary."""
    kind = array.type
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        if fact is None or fact.type not in ("code", "category"):
            raise TypeError(f"text where numbers belong: {fact.key if fact else '?'}")
        if not pa.types.is_dictionary(kind):
            array = array.dictionary_encode()
        numbers = vocabulary.trees[fact.tree].numbers if fact.type == "code" else fact.numbers
        meaning = pa.array([numbers.get(str(v)) for v in array.dictionary.to_pylist()], pa.int32())
        return meaning.take(array.indices)
    if pa.types.is_boolean(kind):
        return pc.cast(array, pa.int8())
    if pa.types.is_date32(kind):
        return array.view(pa.int32())
    if pa.types.is_decimal(kind):
        # Amounts in yuan with decimals.
        return pc.cast(pc.multiply(array, pa.scalar(100, pa.int64())), pa.int64(), safe=True)
    if pa.types.is_signed_integer(kind):
        return array
    if pa.types.is_unsigned_integer(kind):
        return pc.cast(array, pa.int64())
    raise TypeError(f"columns hold whole numbers, not {kind}: {fact.key if fact else '?'}")


def _bounded(name: str, array: pa.Array, fact: Fact, outside: str) -> pa.Array:
    if not len(array) or array.null_count == len(array):
        return array
    span = pc.min_max(array).as_py()
    if fact.least <= span["min"] and span["max"] <= fact.most:
        return array
    limits = np.iinfo(array.type.to_pandas_dtype())
    bad = pc.or_(
        pc.less(array, pa.scalar(max(fact.least, int(limits.min)), array.type)),
        pc.greater(array, pa.scalar(min(fact.most, int(limits.max)), array.type)),
    )
    if outside == "unknown":
        return pc.if_else(bad, pa.scalar(None, array.type), array)
    first = pc.index(bad, True).as_py()
    raise OutOfBounds(name, pc.sum(bad).as_py(), first, fact.least, fact.most)
