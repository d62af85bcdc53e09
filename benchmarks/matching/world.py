"""What is measured on: public questions and needs with known answers, and synthetic profiles as large as wanted."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qiao.matching import Guest, Pair, Salon, both_ways, ranked

DATA = Path(os.environ.get("QIAO_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


@dataclass(frozen=True)
class Judged:
    """Texts, questions, and for each question the ids of the texts that answer it."""

    name: str
    texts: dict[str, str]
    questions: list[str]
    answers: list[set[str]]


def _lines(path: Path) -> list[dict[str, object]]:
    told = path.read_bytes()
    text = (gzip.decompress(told) if path.suffix == ".gz" else told).decode("utf-8")
    return [json.loads(line) for line in text.splitlines() if line]


def law() -> Judged:
    """STARD: lay questions, and the articles of law that answer them (Chinese)."""
    folder = DATA / "stard-law-questions"
    asked = _lines(folder / "questions_dev.jsonl")
    return Judged(
        "law questions → articles (STARD, zh)",
        {str(row["id"]): str(row["text"]) for row in _lines(folder / "articles.jsonl")},
        [str(row["question"]) for row in asked],
        [set(row["relevant"]) for row in asked],  # type: ignore[arg-type]
    )


def awards() -> Judged:
    """SBIR: needs that agencies published, and the awards that met them (English)."""
    folder = DATA / "sbir-needs-awards"
    asked = _lines(folder / "needs_dev.jsonl")
    return Judged(
        "needs → winning awards (SBIR, en)",
        {str(row["id"]): str(row["abstract"]) for row in _lines(folder / "awards.jsonl.gz")},
        [str(row["description"]) for row in asked],
        [set(row["winning_awards"]) for row in asked],  # type: ignore[arg-type]
    )


LETTERS, WORDS, LENGTH = 3500, 60_000, 72
TITLE = 9  # words of a question


def profiles(count: int, seed: int = 7) -> list[str]:
    """Synthetic Chinese profiles of about 190 characters: words of two to four characters, as rare as words are."""
    chance = np.random.default_rng(seed)
    words = vocabulary()
    rank = 1 / np.arange(10, WORDS + 10)
    steps = np.cumsum(rank / rank.sum())
    found = []
    for begin in range(0, count, 20_000):
        rows = min(20_000, count - begin)
        chosen = np.searchsorted(steps, chance.random((rows, LENGTH)))
        found += ["".join(row) for row in words[np.minimum(chosen, WORDS - 1)].tolist()]
    return found


def vocabulary() -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The synthetic words, the commonest first."""
    chance = np.random.default_rng(1)
    letters = np.array([chr(0x4E00 + n) for n in range(LETTERS)])
    weight = 1 / np.arange(20, LETTERS + 20)
    picked = chance.choice(LETTERS, (WORDS, 4), p=weight / weight.sum())
    size = chance.choice([2, 3, 4], WORDS, p=[0.7, 0.15, 0.15])
    words = ["".join(letters[row[:n]]) for row, n in zip(picked, size, strict=True)]
    return np.array(words, object)


def questions(count: int, seed: int = 11) -> list[str]:
    """Titles of needs in the same words, common and rare ones."""
    chance, words = np.random.default_rng(seed), vocabulary()
    places = np.minimum(np.exp(chance.random((count, TITLE)) * np.log(WORDS)).astype(int) + 20, WORDS - 1)
    return ["".join(row) for row in words[places].tolist()]


def salon(guests: int, slots: int, tables: int, free: float, *, most: int = 8, seed: int = 0) -> Salon:
    """Two sides, wishes shared in part, 3 % vetoes, about twenty candidates each, a floor of three meetings."""
    chance, half = np.random.default_rng(seed), guests // 2
    shared = chance.random((half, half)) * 0.5
    there = ranked(shared + chance.random((half, half)))
    back = ranked((shared + chance.random((half, half))).T).T
    value = both_ways(there, back)
    value[chance.random((half, half)) < 0.03] = 0
    keep = np.zeros((half, half), bool)
    keep[np.arange(half)[:, None], np.argsort(-value, axis=1)[:, :20]] = True
    keep[np.argsort(-value, axis=0)[:20], np.arange(half)[None, :]] = True
    people = [
        Guest(
            f"{side}{n}",
            None if free >= 1 else frozenset(np.flatnonzero(chance.random(slots) < free).tolist()),
            most,
            3,
        )
        for side in "ab"
        for n in range(half)
    ]
    pairs = [
        Pair(f"a{i}", f"b{j}", float(value[i, j]))
        for i, j in zip(*np.nonzero(keep), strict=True)
        if value[i, j] > 0
    ]
    return Salon(people, pairs, slots, tables)
