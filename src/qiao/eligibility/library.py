"""All policies of a folder: what is in force when, what is wrong with them, and a firm's facts as they are written."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from .compiling import make_plan
from .exact import Ref
from .pack import Pack
from .packfile import read_pack
from .plan import Plan
from .problems import PackError, Problem
from .vocabulary import BadValue, Vocabulary

_KEY = re.compile(r"^([a-z][a-z0-9_]*)(?:\[(\d{1,2})\]|@(\d{4}))?$")


@dataclass(frozen=True)
class Library:
    """A vocabulary and all versions of all policies written in it."""

    vocabulary: Vocabulary
    packs: tuple[Pack, ...]
    files: Mapping[Path, bytes] = field(default_factory=dict)  # what it was read from, with a digest of each

    @classmethod
    def load(cls, root: Path, before: Library | None = None) -> Library:
        """Everything under ``root`` (the ``policies`` folder). Raises `PackError` with all that is wrong.

        What was loaded ``before`` is taken over where the file still says the same, to the byte.
        """
        texts = [*sorted(root.glob("codes/*.csv")), *sorted(root.glob("vocabulary/*.yaml"))]
        files = {path: _digest(path) for path in texts}
        old = before.files if before else {}
        same = bool(before) and files == {p: d for p, d in old.items() if p.parent.name != "packs"}
        vocabulary = before.vocabulary if before and same else Vocabulary.load(root)
        known = {pack.place.file: pack for pack in before.packs} if before else {}
        packs, problems = [], list[Problem]()
        for path in sorted(root.glob("*/packs/*.yaml")):
            files[path] = _digest(path)
            if path in known and files[path] and old.get(path) == files[path]:
                packs.append(known[path])
                continue
            try:
                packs.append(read_pack(path))
            except PackError as broken:
                problems += broken.problems
        problems += overlaps(packs)
        if problems:
            raise PackError(problems)
        return cls(vocabulary, tuple(packs), files)

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(p.id for p in self.packs)

    def version(self, id: str, day: dt.date) -> Pack | None:
        """The version of a policy in force on a day."""
        return next((p for p in self.packs if p.id == id and p.in_force(day)), None)

    def versions(self, id: str) -> list[Pack]:
        """All versions of a policy, oldest first."""
        return sorted((p for p in self.packs if p.id == id), key=lambda p: p.start)

    def plan(self, as_of: dt.date, only: Iterable[str] = ()) -> Plan:
        """The plan for one day: all policies in force, or ``only`` these. Raises `PackError`."""
        return make_plan(self.packs, self.vocabulary, as_of, known=self.ids, only=only)

    def facts(self, given: Mapping[str, Any], as_of: dt.date) -> dict[Ref, int]:
        """Facts as people write them, ready to be judged on ``as_of``. Raises `BadValue`, `KeyError` (no such key).

        ``revenue`` is of the last fiscal year before the day, ``revenue[2]`` of the year before, ``revenue@2024`` of
        2024.
        ``cn/tech-sme:field`` answers a clause that only a person can judge; ``cn/high-tech:innovation.people`` holds
        the points that one gave for an item of a score.
        """
        found: dict[Ref, int] = {}
        for key, value in given.items():
            ref = self.ref(key, as_of)
            number = _judged(key, value) if ":" in ref.key else self.vocabulary.parse(ref.key, value)
            if number is not None:
                found[ref] = number
        return found

    def ref(self, key: str, as_of: dt.date) -> Ref:
        """The fact a written key means on a day. Raises `KeyError` where there is none."""
        if ":" in key:
            policy, _, name = key.partition(":")
            if not any(name in p.judged for p in self.packs if p.id == policy):
                raise KeyError(key)
            return Ref(key, 0)
        match = _KEY.match(key)
        if not match or match[1] not in self.vocabulary:
            raise KeyError(key)
        fact = self.vocabulary[match[1]]
        if not fact.yearly:
            if match[2] or match[3]:
                raise KeyError(key)
            return Ref(fact.key, 0)
        return Ref(fact.key, as_of.year - int(match[3]) if match[3] else int(match[2] or 1))


def _judged(key: str, value: Any) -> int | None:
    if value is None:
        return None
    text = str(value).strip().lower()
    if "." in key.partition(":")[2]:
        if text.isdigit() and len(text) <= 3:
            return int(text)
        raise BadValue(key, f"“{key}”应为分数（整数）", f"“{key}” should be points, a whole number")
    if text in ("true", "yes", "是", "1"):
        return 1
    if text in ("false", "no", "否", "0"):
        return 0
    raise BadValue(key, f"“{key}”应为是或否", f"“{key}” should be yes or no")


def _digest(path: Path) -> bytes:
    try:
        return hashlib.blake2b(path.read_bytes()).digest()
    except OSError:
        return b""  # reading it will say what is wrong


def overlaps(packs: Iterable[Pack]) -> list[Problem]:
    """Versions of one policy that are in force at the same time."""
    found: list[Problem] = []
    by_id: dict[str, list[Pack]] = {}
    for pack in packs:
        by_id.setdefault(pack.id, []).append(pack)
    for versions in by_id.values():
        versions.sort(key=lambda p: p.start)
        for earlier, later in pairwise(versions):
            if earlier.until is None or earlier.until >= later.start:
                found.append(
                    later.place.problem(
                        "dates_overlap",
                        f"“{later.id}”与 {earlier.place.file.name} 的有效期重叠：请给出后者的 until",
                        f"“{later.id}” overlaps with {earlier.place.file.name}: give that one an `until`",
                    )
                )
    return found
