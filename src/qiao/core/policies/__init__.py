"""The policies of this installation, ready to be asked: read once per process and version, one plan a day.

A pack that does not hold together, or fails one of its own tests, is left out; `refused` says which and why, and so do
the log and the desk's list of policies, which administrators see too.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from django.conf import settings

from qiao.eligibility import (
    Explainer,
    Kernel,
    Library,
    Pack,
    PackError,
    Plan,
    Policy,
    Problem,
    Ref,
    Vocabulary,
    Walker,
    run_tests,
)
from qiao.eligibility.library import overlaps
from qiao.eligibility.packfile import read_pack

log = logging.getLogger("qiao.policies")
LOOK_EVERY = 2.0  # seconds between two looks at the files


@dataclass(frozen=True)
class Loaded:
    """What the folder held when it was read."""

    library: Library
    refused: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class Rules:
    """Everything in force on one day. Shared by all requests; `explainer` is for one request."""

    library: Library
    plan: Plan

    @cached_property
    def walker(self) -> Walker:
        return Walker(self.plan)

    @cached_property
    def asking(self) -> Mapping[Ref, tuple[Policy, ...]]:
        """For every fact the policies in force that read it."""
        explainer, found = self.explainer(), dict[Ref, list[Policy]]()
        for policy in self.plan.policies:
            nodes = [policy.verdict, *(c.node for c in policy.clauses)]
            for ref in dict.fromkeys(ref for node in nodes for ref in explainer.reads(node)):
                found.setdefault(ref, []).append(policy)
        return {ref: tuple(policies) for ref, policies in found.items()}

    @cached_property
    def kernel(self) -> Kernel:
        return Kernel(self.plan)

    def explainer(self) -> Explainer:
        """A new one each time: it remembers the firm it spoke of last, so threads may not share it."""
        return Explainer(self.plan, self.walker)


def library() -> Library:
    return loaded().library


def refused() -> tuple[Problem, ...]:
    """Why packs of the folder are not in use; empty when all are."""
    return loaded().refused


def rules(day: dt.date) -> Rules:
    """What is in force on a day."""
    root, version = _present()
    return _rules(root, version, day)


def loaded() -> Loaded:
    return _load(*_present())


_seen: dict[Path, tuple[float, int]] = {}


def _present() -> tuple[Path, int]:
    """The folder and a number that changes with any file in it."""
    root = Path(settings.POLICIES)
    looked, version = _seen.get(root, (0.0, 0))
    if not looked or time.monotonic() - looked > LOOK_EVERY:
        files = sorted(
            f for p in ("*/packs/*.yaml", "vocabulary/*.yaml", "codes/*.csv") for f in root.glob(p)
        )
        version = hash(tuple((str(f), (s := f.stat()).st_mtime_ns, s.st_size) for f in files))
        _seen[root] = (time.monotonic(), version)
    return root, version


@lru_cache(maxsize=4)
def _load(root: Path, version: int) -> Loaded:
    packs, problems = list[Pack](), list[Problem]()
    try:
        vocabulary = Vocabulary.load(root)
    except PackError as broken:
        return Loaded(Library(Vocabulary([]), ()), tuple(_told(broken.problems)))
    for path in sorted(root.glob("*/packs/*.yaml")):
        try:
            packs.append(read_pack(path))
        except PackError as broken:
            problems += broken.problems
    problems += overlaps(packs)
    found = Library(vocabulary, tuple(_without(packs, problems)))
    for day in sorted({p.start for p in found.packs}):
        found, _plan, wrong = _planned(found, day)
        problems += wrong
    failed = [problem for outcome in run_tests(found, generated=False) for problem in outcome.wrong]
    problems += failed
    return Loaded(Library(vocabulary, tuple(_without(found.packs, failed))), tuple(_told(problems)))


def _planned(library: Library, day: dt.date) -> tuple[Library, Plan, list[Problem]]:
    """The plan of a day from the packs that hold together, and what is wrong with the others."""
    wrong: list[Problem] = []
    while True:
        try:
            return library, library.plan(day), wrong
        except PackError as broken:
            kept = _without(library.packs, broken.problems)
            if len(kept) == len(library.packs):
                raise
            wrong += broken.problems
            library = Library(library.vocabulary, tuple(kept))


def _without(packs: list[Pack] | tuple[Pack, ...], problems: list[Problem]) -> list[Pack]:
    files = {p.file for p in problems}
    return [p for p in packs if str(p.place.file) not in files]


def _told(problems: list[Problem]) -> list[Problem]:
    for problem in sorted(set(problems)):
        log.error("policy left out: %s", problem)
    return sorted(set(problems))


@lru_cache(maxsize=16)
def _rules(root: Path, version: int, day: dt.date) -> Rules:
    found, plan, _wrong = _planned(_load(root, version).library, day)
    return Rules(found, plan)
