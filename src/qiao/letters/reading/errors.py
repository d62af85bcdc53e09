"""What can go wrong while a file is read, as codes: the sentences are in `phrases`."""

from __future__ import annotations

from dataclasses import dataclass, field


class ReadingError(Exception):
    """A file that cannot be read. `code` says why; `phrases.say(code, params)` says it to a person."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, str | int] = params


@dataclass(frozen=True, slots=True)
class Lines:
    """Where something stands: first and last line, counted from 1, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should look at. Nothing was lost on account of it."""

    code: str
    at: Lines | None = None
    params: dict[str, str | int] = field(default_factory=dict)
