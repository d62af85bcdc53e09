"""The import-time checks of a kind (house rule 2): every fault of a process file is found and named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qiao.core.process import Chain, Clock, Kind, ProcessError, Stage, Step, Tick, Verb, Who, kinds, register

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
