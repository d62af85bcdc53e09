"""The import-time checks of a kind (house rule 2): every fault of a process file is found and named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from qiao.core.process import (
    Chain,
    Clock,
    Kind,
    ProcessError,
    Stage,
    Step,
    Tick,
    Verb,
    Who,
    every_kind,
    kinds,
    register,
)

CHINESE = re.compile("[\u4e00-\u9fff]")

ANY = Who(label="任何人", party="proposer")
GOOD = Kind(
    code="test",
    version=1,
    label="测试",
    stages=(Stage(code="a", label="甲"), Stage(code="b", label="乙"), Stage(code="z", label="终", end=True)),
    verbs=(
        Verb(code="go", label="走", source=("a",), target="b", who=(ANY,)),
        Verb(code="end", label="结", source=("b",), target="z", who=(ANY,)),
    ),
)


def with_verb(**given: object) -> Kind:
    return replace(GOOD, verbs=(*GOOD.verbs, Verb(**{"code": "x", "label": "乂", "who": (ANY,), **given})))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (
            replace(GOOD, stages=(*GOOD.stages, Stage(code="lost", label="孤", end=True))),
            "lost cannot be reached",
        ),
        (with_verb(source=("a",), target="nowhere"), "unknown stage nowhere"),
        (with_verb(source=("a",), who=()), "nobody who may do it"),
        (with_verb(source=("a",), who=(Who(label="空"),)), "a Who needs"),
        (with_verb(), "allowed from no stage"),
        (with_verb(source=("z",), target="a"), "leads out of an end stage"),
        (with_verb(source=("a",), ticks=(Tick(clock="none", event="start"),)), "unknown clock none"),
        (with_verb(code="go", source=("a",)), "go is there twice"),
        (replace(GOOD, stages=(*GOOD.stages, Stage(code="a", label="又"))), "a is there twice"),
        (replace(GOOD, verbs=GOOD.verbs[:1]), "cannot be reached"),
        (
            replace(GOOD, chains=(Chain(paper="p", steps=(Step(verb="nix", label="无"),)),)),
            "unknown verb nix",
        ),
        (replace(GOOD, chains=(Chain(paper="p", steps=(Step(verb="go", label="走"),)),)), "is about nothing"),
    ],
)
def test_fault_is_found(kind: Kind, fault: str) -> None:
    with pytest.raises(ProcessError, match=fault):
        register(kind)


def test_dead_end_is_found() -> None:
    trap = replace(
        GOOD,
        stages=(*GOOD.stages, Stage(code="trap", label="陷")),
        verbs=(*GOOD.verbs, Verb(code="x", label="乂", source=("a",), target="trap", who=(ANY,))),
        clocks=(Clock(code="c", label="钟"),),
    )
    faults = trap.check()
    assert "stage trap can never end" in faults
    assert "nothing can be done at stage trap" in faults


def test_sound_kind_has_no_fault() -> None:
    assert GOOD.check() == []


def test_shipped_kinds_are_sound() -> None:
    assert {k.code for k in kinds()} >= {"proposal", "suggestion", "handling", "opinion", "commitment"}
    for kind in kinds():
        assert kind.check() == []


def untranslated(part: Any, path: str) -> Iterator[str]:
    """Where a process file says something that is not there in both languages: a plain text, or one without English."""
    if isinstance(part, Promise):
        with override("en"):
            if CHINESE.search(str(part)):
                yield path
    elif isinstance(part, str):
        if CHINESE.search(part):
            yield path
    elif is_dataclass(part):
        for one in fields(part):
            yield from untranslated(getattr(part, one.name), f"{path}.{one.name}")
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from untranslated(value, f"{path}[{key}]")
    elif isinstance(part, tuple):
        for i, value in enumerate(part):
            yield from untranslated(value, f"{path}[{getattr(value, 'code', i)}]")


def test_every_label_is_there_in_both_languages() -> None:
    assert [path for kind in every_kind() for path in untranslated(kind, kind.code)] == []


def test_a_label_in_one_language_is_found() -> None:
    one = replace(
        GOOD, label="proposal", stages=(Stage(code="a", label=gettext_lazy("没有英文的阶段")),), verbs=()
    )
    assert list(untranslated(one, "test")) == ["test.stages[a].label"]
