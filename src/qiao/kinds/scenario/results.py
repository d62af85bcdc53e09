"""The shelf of results: what was accepted on site and copied, what joint projects brought about; searched as the
other two shelves are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qiao.kinds import phrases
from qiao.kinds.scenario.lists import Result, Scene, joint_results, plans_of_joint, scenes
from qiao.kinds.scenario.record import Pilot, pilots_of
from qiao.kinds.searches import Filter, Surface
from qiao.kinds.shelf.searching import filters as of_shelves
from qiao.kinds.shelf.searching import kept

ASKED = ("technology", "field", "stage", "level", "budget", "data", "subdistrict")  # as on the other shelves
# What is proven, by the questions that every level is asked by (tags.yaml): a pilot that was accepted has run where it
# is used; what was copied, or is a product in use, is worked with every day.
RAN, IN_USE = {"level": 7, "stage": "field"}, {"level": 9, "stage": "market"}
USED = "product"  # the kind of result of a joint project that is in use


@dataclass(frozen=True)
class Worked:
    """A scenario with its newest pilot that was accepted. ``content``: what it is filtered by."""

    scene: Scene
    pilot: Pilot
    copies: int
    content: Mapping[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        units = " ".join(unit.name for unit in self.pilot.units)
        parts = (self.scene.case.title, self.scene.holder.name, units, self.pilot.reached, self.pilot.lesson)
        return " ".join(parts)


@dataclass(frozen=True)
class Brought:
    """Something that a joint project brought about."""

    result: Result
    content: Mapping[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        one = self.result
        return " ".join([one.name, one.number, one.project, one.use, *(unit.name for unit in one.units)])


def filters(language: str) -> list[Filter]:
    return [one for one in of_shelves(language) if one.name in ASKED]


RESULTS = Surface("results", "/scenarios/results/", phrases.RESULTS, phrases.RESULT_EVERYTHING, filters)


def found(values: Mapping[str, str]) -> tuple[list[Worked], list[Brought]]:
    """What the filters leave of both; every word that is searched must be there."""

    def left(rows: Iterable[Any]) -> list[Any]:
        words = values.get("q", "").split()
        return [one for one in rows if kept(one.content, values) and all(word in one.text for word in words)]

    return left(worked()), left(brought())


def worked() -> list[Worked]:
    """Eight queries, however many there are."""
    rows = [one for one in scenes() if one.state in {"benchmark", "pilot"}]
    told = pilots_of(one.case for one in rows)
    out = []
    for one in rows:
        done = [pilot for pilot in told.get(one.case.pk, []) if pilot.reached]
        if done:
            copies = sum(len(pilot.copies) for pilot in done)
            out.append(Worked(one, done[-1], copies, {**one.content, **(IN_USE if copies else RAN)}))
    return out


def brought() -> list[Brought]:
    rows = joint_results()
    plans = plans_of_joint(one.case for one in rows)
    out = []
    for one in rows:
        plan = plans.get(one.case, {})
        spent = sum(row.get("money", 0) for row in plan.get("shares", []))
        content = {code: plan.get(code, ()) for code in ("technologies", "fields")}
        out.append(
            Brought(one, {**content, "budget_low": spent or None, **(IN_USE if one.code == USED else {})})
        )
    return out
