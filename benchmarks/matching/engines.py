"""Every text engine as one class: built from texts, asked for the best. Peers get the terms that they know best.

Chinese: ours cuts characters and pairs; bm25s, tantivy and FTS5 are given pairs of characters, which the research found
best for them. English: words.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from .world import Judged

_CUT = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]", re.IGNORECASE)


def grams(text: str) -> list[str]:
    """Latin words whole, other characters in pairs."""
    cells = _CUT.findall(text.lower())
    found = [cell for cell in cells if cell.isascii()]
    return found + [a + b for a, b in pairwise(cells) if not a.isascii() and not b.isascii()]


class Ours:
    """By the front door, with nothing set: profiles with a text each, and what the side that asks says."""

    name = "Qiao, in memory"

    def __init__(self, texts: Sequence[str], needs: Sequence[str] = ()) -> None:
        from qiao.matching import Matcher, Profile

        pool = [Profile(str(number), "offer", {"text": text}) for number, text in enumerate(texts)]
        self.profile, self.matcher = Profile, Matcher(pool, needs=needs, backend=self.backend(texts))

    def backend(self, texts: Sequence[str]) -> Any:
        return None

    def search(self, question: str, count: int) -> list[int]:
        found = self.matcher.find(self.profile("asked", "need", {"text": question}), count)
        return [int(match.profile.id) for match in found.fit if match.score > 0]


class Alone(Ours):
    """Nothing is known of other needs: the pool says how rare words are."""

    name = "Qiao, no needs given"

    def __init__(self, texts: Sequence[str], needs: Sequence[str] = ()) -> None:
        super().__init__(texts)


class OnDisk(Ours):
    name = "Qiao, on disk (tantivy)"

    def backend(self, texts: Sequence[str]) -> Any:
        from qiao.matching.disk import DiskIndex

        self.folder = tempfile.TemporaryDirectory()
        return DiskIndex.build(Path(self.folder.name) / "index", {"text": (1.0, texts)})


class Bm25s:
    name = "bm25s"

    def __init__(self, texts: Sequence[str], needs: Sequence[str] = ()) -> None:
        import bm25s

        self.model = bm25s.BM25()
        self.model.index([grams(text) for text in texts], show_progress=False)

    def search(self, question: str, count: int) -> list[int]:
        asked = [term for term in grams(question) if term in self.model.vocab_dict]
        if not asked:
            return []
        found, scores = self.model.retrieve(
            [asked], k=min(count, self.model.scores["num_docs"]), show_progress=False
        )
        return [int(place) for place, score in zip(found[0], scores[0], strict=True) if score > 0]


class Tantivy:
    name = "tantivy"

    def __init__(self, texts: Sequence[str], needs: Sequence[str] = ()) -> None:
        import tantivy

        self.tantivy, self.folder = tantivy, tempfile.TemporaryDirectory()
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=True)
        builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
        self.index = tantivy.Index(builder.build(), path=self.folder.name)
        writer = self.index.writer(256 << 20, 1)
        for number, text in enumerate(texts):
            writer.add_document(tantivy.Document(number=number, terms=[" ".join(grams(text))]))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()

    def search(self, question: str, count: int) -> list[int]:
        kind = self.tantivy
        terms: dict[str, int] = {}
        for term in grams(question):
            terms[term] = terms.get(term, 0) + 1
        query = kind.Query.boolean_query([
            (kind.Occur.Should, kind.Query.boost_query(kind.Query.term_query(self.index.schema, "terms", t), float(n)))
            for t, n in terms.items()
        ])  # fmt: skip
        hits = self.searcher.search(query, count, count=False).hits
        return [int(self.searcher.doc(address)["number"][0]) for _, address in hits]


class Fts5:
    name = "SQLite FTS5"

    def __init__(self, texts: Sequence[str], needs: Sequence[str] = ()) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.base = sqlite3.connect(Path(self.folder.name) / "fts.sqlite3")
        self.base.execute("CREATE VIRTUAL TABLE t USING fts5(terms, content='', tokenize=\"unicode61\")")
        rows = (
            (number, " ".join(_safe(term) for term in grams(text))) for number, text in enumerate(texts, 1)
        )
        with self.base:
            self.base.executemany("INSERT INTO t(rowid, terms) VALUES (?, ?)", rows)

    def search(self, question: str, count: int) -> list[int]:
        asked = " OR ".join(f'"{_safe(term)}"' for term in dict.fromkeys(grams(question)))
        rows = self.base.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (asked, count))
        return [row[0] - 1 for row in rows]


def _safe(term: str) -> str:
    """ASCII, because the tokenizer has its own idea of other scripts."""
    return term if term.isascii() else "".join(f"u{ord(c):x}" for c in term)


ENGINES: dict[str, Any] = {
    "ours": Ours, "alone": Alone, "disk": OnDisk, "bm25s": Bm25s, "tantivy": Tantivy, "fts5": Fts5,
}  # fmt: skip


def ask(engine: Any, judged: Judged, count: int = 100) -> list[list[str]]:
    """The best ids for every question."""
    ids = list(judged.texts)
    return [[ids[place] for place in engine.search(question, count)] for question in judged.questions]
