"""What can be wrong with a pack, said with file, line and remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. ``line`` counts from 1; ``code`` is stable, for tests and tools."""

    file: str
    line: int
    code: str
    zh: str
    en: str

    def text(self, language: str = "zh") -> str:
        """``file:line: message`` in Chinese or English."""
        return f"{self.file}:{self.line}: {self.en if language.startswith('en') else self.zh}"

    def __str__(self) -> str:
        return self.text()


class PackError(Exception):
    """Packs or a vocabulary that cannot be used. ``problems`` is never empty."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Place:
    """Where in a file something stands."""

    file: Path
    line: int

    def problem(self, code: str, zh: str, en: str) -> Problem:
        return Problem(str(self.file), self.line, code, zh, en)

    def error(self, code: str, zh: str, en: str) -> PackError:
        return PackError([self.problem(code, zh, en)])
