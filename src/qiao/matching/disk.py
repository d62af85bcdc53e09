"""The text index on disk, by tantivy: for millions of profiles, ready as soon as it is opened.

    pip install 'qiao[tantivy]'

tantivy finds candidates, by its own fixed kind of BM25; they are then weighed as the embedded index weighs, from term
vectors that are stored with each text, so that scores, ranks and explanations are the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from .index import K1, Asked, B, Best, Mask, first, rare, softness, weigh
from .text import Keys, chunks, cut

_FORMAT = 1
_MANY, _LEAST = 40, 800  # candidates for each result that is asked for
_WRITER_BYTES = 256 << 20


class DiskIndex:
    """An index in a folder. Raises FileNotFoundError where there is none, ValueError where it is of another format."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "qiao.json").read_text("utf-8"))
        if told["format"] != _FORMAT:
            raise ValueError(f"{folder}: an index of format {told['format']}, not {_FORMAT}; build it again")
        self.size: int = told["size"]
        self.average, self.k1, self.b = told["average"], told["k1"], told["b"]
        index = tantivy.Index.open(str(folder))
        self.schema, self.searcher = index.schema, index.searcher()

    @classmethod
    def build(
        cls,
        folder: Path,
        fields: Mapping[str, tuple[float, Sequence[str]]],
        *,
        k1: float = K1,
        b: float = B,
    ) -> DiskIndex:
        """Writes an index into an empty folder. ``fields`` as for `Index`."""
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileExistsError(f"{folder} is not empty")
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=True, indexed=True)
        builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
        builder.add_bytes_field("vector", stored=True)
        index = tantivy.Index(builder.build(), path=str(folder))
        writer = index.writer(_WRITER_BYTES, 1)
        weights = [weight for weight, _ in fields.values()]
        texts = [texts for _, texts in fields.values()]
        size = len(texts[0])
        lengths = np.zeros(size)
        for begin, part in chunks(texts[0]):
            cuts = [
                (weight, cut(field[begin : begin + len(part)]))
                for weight, field in zip(weights, texts, strict=True)
            ]
            bounds = [np.searchsorted(np.sort(c.texts), np.arange(len(part) + 1)) for _, c in cuts]
            ordered = [c.keys[np.argsort(c.texts, kind="stable")] for _, c in cuts]
            for row in range(len(part)):
                own = [keys[at[row] : at[row + 1]] for keys, at in zip(ordered, bounds, strict=True)]
                keys, values = _vector(list(zip(weights, own, strict=True)))
                length = sum(weight * len(part) for weight, part in zip(weights, own, strict=True))
                lengths[begin + row] = length
                document = tantivy.Document()
                document.add_unsigned("number", begin + row)
                tokens = np.repeat(keys, np.maximum(np.rint(values), 1).astype(np.int64))
                document.add_text("terms", " ".join(map(_token, tokens.tolist())))
                document.add_bytes("vector", np.float64(length).tobytes() + keys.tobytes() + values.tobytes())
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        told = {
            "format": _FORMAT,
            "size": size,
            "average": float(lengths.mean()) if size else 1.0,
            "k1": k1,
            "b": b,
        }
        (folder / "qiao.json").write_text(json.dumps(told), "utf-8")
        return cls(folder)

    def rarity(self, keys: Keys) -> NDArray[np.float64]:
        frequency = np.array(
            [self.searcher.doc_freq("terms", _token(key)) for key in keys.tolist()], np.int64
        )
        return np.where(frequency > 0, rare(self.size, frequency), 0.0)

    def ask(self, asked: Asked) -> _OnDisk:
        return _OnDisk(self, asked)

    def search(self, asked: Asked, count: int, mask: Mask | None = None) -> Best:
        """One question, one list: `ask` and `Answer.best` in one."""
        return self.ask(asked).best(count, mask)


class _OnDisk:
    """Candidates come from tantivy, more of them where a mask leaves too few."""

    def __init__(self, index: DiskIndex, asked: Asked) -> None:
        self.index, self.asked = index, asked
        self.rarity = index.rarity(asked.keys)
        self._looked, self._found = 0, (np.zeros(0, np.int64), np.zeros(0))

    @property
    def reach(self) -> float:
        return float((self.asked.weights * self.rarity).sum())

    def best(self, count: int, mask: Mask | None = None) -> Best:
        size = self.index.size
        if not size or not len(self.asked.keys):
            return np.zeros(0, np.int64), np.zeros(0)
        look = min(max(count * _MANY, _LEAST), size)
        while True:
            numbers, scores = self._candidates(look)
            found = scores > 0 if mask is None else (scores > 0) & mask[numbers]
            if found.sum() >= count or len(numbers) < look or look >= size:
                numbers, scores = numbers[found], scores[found]
                order = np.lexsort((numbers, -scores))[:count]
                return numbers[order], scores[order]
            look = min(look * 8, size)

    def _candidates(self, look: int) -> Best:
        """The first texts by tantivy's own formula, with ours for each. Kept: several lists are made of them."""
        if look > self._looked:
            hits = self.index.searcher.search(self._query, look, count=False).hits
            numbers, scores = np.zeros(len(hits), np.int64), np.zeros(len(hits))
            for place, (_, address) in enumerate(hits):
                document = self.index.searcher.doc(address)
                numbers[place] = int(document.get_first("number") or 0)
                scores[place] = sum(value for _, value in self._shares(document))
            self._looked, self._found = look, (numbers, scores)
        numbers, scores = self._found
        return numbers[:look], scores[:look]

    def explain(self, text: int) -> list[tuple[str, float]]:
        query = tantivy.Query.term_query(self.index.schema, "number", text)
        parts: dict[str, float] = {}
        for _, address in self.index.searcher.search(query, 1).hits:
            for term, value in self._shares(self.index.searcher.doc(address)):
                label = self.asked.labels[term]
                parts[label] = parts.get(label, 0.0) + value
        return sorted(parts.items(), key=lambda part: -part[1])

    @cached_property
    def _query(self) -> tantivy.Query:
        weights: dict[int, float] = {}
        for key, weight in zip(self.asked.keys.tolist(), self.asked.weights.tolist(), strict=True):
            weights[key] = weights.get(key, 0.0) + weight
        schema = self.index.schema
        return tantivy.Query.boolean_query([
            (tantivy.Occur.Should, tantivy.Query.boost_query(tantivy.Query.term_query(schema, "terms", _token(k)), w))
            for k, w in weights.items()
            if w > 0
        ])  # fmt: skip

    def _shares(self, document: tantivy.Document) -> list[tuple[int, float]]:
        """Which terms of the question a stored text holds, and what each gives."""
        told: bytes = document.get_first("vector") or b""
        terms = (len(told) - 8) // 12
        keys = np.frombuffer(told, np.uint64, terms, 8)
        values = np.frombuffer(told, np.float32, terms, 8 + 8 * terms)
        if not terms:
            return []
        asked, index = self.asked, self.index
        place = np.minimum(np.searchsorted(keys, asked.keys), terms - 1)
        known = np.flatnonzero(keys[place] == asked.keys)
        soft = softness(np.frombuffer(told, np.float64, 1), index.average, index.k1, index.b)
        worth = weigh(values[place[known]], soft, self.rarity[known].astype(np.float32), index.k1)
        # in single precision, as the embedded index has it
        given = worth * asked.weights[known].astype(np.float32)
        return list(zip(known.tolist(), given.tolist(), strict=True))


def _vector(
    fields: Sequence[tuple[float, NDArray[np.uint64]]],
) -> tuple[NDArray[np.uint64], NDArray[np.float32]]:
    """The terms of one profile with their weighted counts."""
    keys = np.concatenate([keys for _, keys in fields])
    weights = np.repeat([weight for weight, _ in fields], [len(keys) for _, keys in fields])
    order = np.argsort(keys, kind="stable")
    begins = first(keys[order])
    counts = np.add.reduceat(weights[order], begins) if len(begins) else np.zeros(0)
    return keys[order][begins], counts.astype(np.float32)


def _token(key: int) -> str:
    return f"{key:x}"
