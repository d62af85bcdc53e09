"""Scenarios as people read them: where each stands, what was asked, who won, how pilots went, who copied them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core.clocks import local_date
from qiao.core.counting import newest_act
from qiao.core.models import Act, Call, Case, Organisation, Party, Version
from qiao.core.process import Text
from qiao.core.rulebook import rulebook
from qiao.kinds.scenario.sheets import SCENARIO
from qiao.kinds.scenario.standing import newest_of, units_of
from qiao.kinds.sheets import Entry, choices, lines

LISTED = ("listed", "running", "benchmark")
# How a scenario stands for somebody who looks for one.
STATES: dict[str, Text] = {
    "open": _("正在揭榜"),
    "listed": _("机会清单"),
    "review": _("评审中"),
    "notice": _("中榜公示"),
    "pilot": _("试点实施"),
    "ended": _("试点终止"),
    "benchmark": _("标杆案例"),
    "withdrawn": _("已撤下"),  # not on the lists any more: no filter
}
NO_SUCCESS = ("failed", "without_blame", "given_up")  # how a pilot ends that did not pass
OF_CHALLENGE = {"open": "open", "notice": "notice", "awarded": "pilot", "draft": "listed"}


@dataclass(frozen=True)
class Scene:
    """A listed scenario. ``since``: the day on which it was listed; ``challenge``: the newest one on it; ``ended``: all
    its pilots ended without success."""

    case: Case
    holder: Organisation
    content: dict[str, Any] = field(repr=False)
    batch: str
    since: dt.date
    challenge: Case | None
    ended: bool = False

    @property
    def code(self) -> str:
        return self.case.code

    @property
    def title(self) -> str:
        return str(self.content.get("title", self.case.title))

    @property
    def url(self) -> str:
        return f"/scenarios/{self.case.code}/"

    @property
    def state(self) -> str:
        if self.case.stage != "running" or self.challenge is None:
            return self.case.stage if self.case.stage in STATES else "listed"
        found = OF_CHALLENGE.get(self.challenge.stage, "review")
        return "ended" if found == "pilot" and self.ended else found

    def lines(self, language: str) -> list[tuple[Entry, str]]:
        return lines(SCENARIO, self.content, choices(self.case.call.rulebook, language), language)


_scenes: tuple[str, tuple[Scene, ...]] = ("", ())


def scenes() -> tuple[Scene, ...]:
    """Everything on the lists, the newest first."""
    return tuple(one for one in ever_listed() if one.state != "withdrawn")


def scene(code: str) -> Scene | None:
    """A scenario that is on the lists, or was: its page stays."""
    return next((one for one in ever_listed() if one.code == code), None)


def ever_listed() -> tuple[Scene, ...]:
    """Everything that is on the lists or was, the newest first. Read again after any act; five queries."""
    global _scenes  # noqa: PLW0603 (one cache for the process)
    now = newest_act()
    if _scenes[0] != now or not now:
        _scenes = (now, tuple(_read()))
    return _scenes[1]


def _read() -> list[Scene]:
    # asked along the calls: there are few of them, and cases of other kinds by the hundred thousand
    rows = Case.objects.filter(
        call__kind="scenario", kind="scenario", stage__in=[*LISTED, "withdrawn"]
    ).select_related("call__owner", "unit")
    cases = {case.pk: case for case in rows}
    holders = {
        p.case_id: p.organisation
        for p in Party.objects.filter(case__in=cases, role="holder").select_related("organisation")
    }
    acts = Act.objects.filter(case__in=cases, verb__in=["approve", "confirm"]).select_related("version")
    told: dict[int, Act] = {}
    agreed: dict[int, Version] = {}  # what the office changes is public once the owner agrees
    for act in acts.order_by("seq"):
        if act.verb == "approve":
            told[act.case_id] = act
        if act.version is not None:
            agreed[act.case_id] = act.version
    under = (
        Case.objects.filter(kind="challenge", parent__in=cases).select_related("call__owner").order_by("pk")
    )
    challenges = {case.parent_id: case for case in under}
    awarded = [case.pk for case in challenges.values() if case.stage == "awarded"]
    pilots = Case.objects.filter(kind="pilot", parent__parent__in=awarded).exclude(stage__in=NO_SUCCESS)
    alive = set(pilots.values_list("parent__parent", flat=True))
    found = [
        Scene(
            case,
            holder,
            dict(agreed[pk].content),
            str(told[pk].data.get("batch", "")),
            local_date(told[pk].at),
            (one := challenges.get(pk)),
            one is not None and one.stage == "awarded" and one.pk not in alive,
        )
        for pk, case in cases.items()
        if pk in agreed and pk in told and (holder := holders.get(pk)) is not None
    ]
    return sorted(found, key=lambda one: (one.since, one.case.pk), reverse=True)


# -- calls ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calls:
    """What has begun: rounds of collecting scenarios, calls for joint projects, pools of experts."""

    scenarios: list[Call]
    joints: list[Call]
    pools: list[Call]

    @property
    def all(self) -> list[Call]:
        return [*self.scenarios, *self.joints, *self.pools]


def begun_calls(on: dt.date) -> Calls:
    """One query."""
    found: dict[str, list[Call]] = {"scenario": [], "joint": [], "expert": []}
    for call in (
        Call.objects.filter(kind__in=found, start__lte=on).select_related("owner").order_by("-start", "pk")
    ):
        found[call.kind].append(call)
    return Calls(found["scenario"], found["joint"], found["expert"])


# -- results ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What a joint project brought about. ``direction``: which of research and application came first; ``case``: the
    project; ``code``: of the kind."""

    case: int
    code: str
    name: str
    kind: Text
    number: str
    direction: Text
    use: str
    project: str
    units: tuple[Organisation, ...]
    on: dt.date


def joint_results() -> list[Result]:
    """Everything registered by joint projects that were approved, the newest first. Two queries."""
    acts = list(
        Act.objects.filter(case__call__kind="joint", verb="result")
        .select_related("case__call")
        .order_by("-at", "-pk")
    )
    units = units_of({a.case_id: a.case for a in acts}.values())
    found = []
    for act in acts:
        book = rulebook(act.case.call.rulebook)
        kind = book.term("result_kind", str(act.data.get("kind", "")))
        way = book.term("direction", str(act.data.get("direction", "")))
        found.append(
            Result(
                act.case_id,
                kind.code if kind else "",
                str(act.data["name"]),
                str(kind.label) if kind else "",
                str(act.data.get("number", "")),
                str(way.label) if way else "",
                str(act.data.get("use", "")),
                act.case.title,
                tuple(units.get(act.case_id, ())),
                local_date(act.at),
            )
        )
    return found


def plans_of_joint(projects: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The newest plan of some joint projects. One query."""
    return {pk: dict(version.content) for pk, version in newest_of(projects, "plan").items()}
