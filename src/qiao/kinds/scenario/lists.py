"""Scenarios as people read them: where each stands, what was asked, who won, how pilots went, who copied them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core.clocks import local_date
from qiao.core.counting import newest_act
from qiao.core.models import Act, Call, Case, Organisation, Party, Version
from qiao.core.process import Text, kind_of
from qiao.core.rulebook import rulebook
from qiao.kinds.scenario.sheets import SCENARIO
from qiao.kinds.scenario.standing import bids, places, terms_of, units_of
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
    return tuple(one for one in _all() if one.state != "withdrawn")


def scene(code: str) -> Scene | None:
    """A scenario that is on the lists, or was: its page stays."""
    return next((one for one in _all() if one.code == code), None)


def _all() -> tuple[Scene, ...]:
    """Read again after any act. Five queries."""
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


def _newest(cases: Iterable[int], paper: str) -> dict[int | None, Version]:
    """The current version of a paper of each case."""
    found = Version.objects.filter(paper__case__in=list(cases), paper__kind=paper).select_related("paper")
    return {v.paper.case_id: v for v in found.order_by("n")}


# -- one challenge ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A question and its answer; who asked stays unknown."""

    question: str
    answer: str
    on: dt.date


@dataclass(frozen=True)
class Winner:
    number: str
    units: tuple[Organisation, ...]
    total: str


@dataclass(frozen=True)
class Round:
    """One challenge as the public sees it. ``counts``: bids by what became of them, told after the close only."""

    case: Case
    stage: Text
    terms: dict[str, Any]
    until: dt.date | None
    questions: tuple[Asked, ...]
    counts: dict[str, int]
    winners: tuple[Winner, ...]
    grounds: str
    notice_until: dt.date | None
    failure: tuple[Text, str] | None  # why there was no award, and the analysis


def rounds(scenario: Case) -> list[Round]:
    """All challenges on a scenario that were published, the newest first."""
    found = Case.objects.filter(kind="challenge", parent=scenario).exclude(stage="draft")
    return [_round(case) for case in found.select_related("call__owner").order_by("-pk")]


def _round(case: Case) -> Round:
    acts = list(case.acts.order_by("seq"))
    last = {a.verb: a for a in acts}
    opened = "close" in last
    rows = list(bids(case))
    proposal = last.get("propose")
    numbers = proposal.data.get("winners", []) if proposal and "post" in last else []
    shown = case.stage in {"notice", "deciding", "awarded"}
    return Round(
        case,
        kind_of(case.kind, case.kind_version).stage(case.stage).label,
        terms_of(case),
        _until(acts),
        tuple(_questions(case)),
        dict(bid_counts(rows)) if opened else {},
        tuple(_winners(case, rows, numbers)) if shown else (),
        str(proposal.data.get("grounds", "")) if proposal and shown else "",
        case.due_legal if case.stage == "notice" else None,
        _failure(case, last.get("fail") or last.get("withdraw")),
    )


def _until(acts: list[Act]) -> dt.date | None:
    said = [a.data["until"] for a in acts if a.verb in {"publish", "prolong"} and "until" in a.data]
    return dt.date.fromisoformat(said[-1]) if said else None


def _questions(challenge: Case) -> list[Asked]:
    acts = Act.objects.filter(case__parent=challenge, case__kind="question", case__stage="answered")
    told: dict[int, dict[str, Act]] = {}
    for act in acts.filter(verb__in=["begin", "answer"]).order_by("seq"):
        told.setdefault(act.case_id, {})[act.verb] = act
    return [
        Asked(str(t["begin"].data["question"]), str(t["answer"].data["answer"]), local_date(t["answer"].at))
        for t in told.values()
        if len(t) == 2
    ]


def bid_counts(rows: Iterable[Case]) -> Counter[str]:
    """Intents that came to nothing, bids opened, valid ones, winners."""
    stages = Counter(case.stage for case in rows)
    unopened = {"intent", "preparing", "sealed", "lapsed", "withdrawn"}
    opened = sum(n for stage, n in stages.items() if stage not in unopened)
    valid = stages["reviewing"] + stages["won"] + stages["lost"]
    return Counter(intents=sum(stages.values()), opened=opened, valid=valid, won=stages["won"])


def _winners(challenge: Case, rows: list[Case], numbers: list[str]) -> list[Winner]:
    chosen = [case for case in rows if case.number in numbers]
    units = units_of(chosen)
    totals = {p.plan: str(p.total) for p in places(challenge)}
    return [
        Winner(case.number, tuple(units.get(case.pk, ())), totals.get(case.number, ""))
        for case in sorted(chosen, key=lambda c: c.number)
    ]


def _failure(case: Case, act: Act | None) -> tuple[Text, str] | None:
    if act is None:
        return None

    term = rulebook(case.call.rulebook).term("no_award", str(act.data.get("ground", "")))
    return (str(term.label) if term else kind_of(case.kind).stage("withdrawn").label, act.reason)


# -- pilots -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Milestone:
    name: str
    due: dt.date
    state: str  # open, reported, done


@dataclass(frozen=True)
class Copy:
    """Who copied it where. ``scene``: the scenario on these lists, where it is one."""

    by: str
    place: str
    since: dt.date
    note: str
    scene: Scene | None


@dataclass(frozen=True)
class Pilot:
    """A pilot as the public sees it: units, how far, what users and testers say, what became of it."""

    case: Case
    stage: Text
    units: tuple[Organisation, ...]
    agreement: dict[str, Any]
    milestones: tuple[Milestone, ...]
    tests: tuple[tuple[str, str], ...]
    users: tuple[tuple[int, int, str], ...]  # asked, satisfied, what they say
    reached: str
    lesson: str
    record: dict[str, str]  # of an end without blame
    amount_fen: int
    copies: tuple[Copy, ...]


def pilots(scenario: Case) -> list[Pilot]:
    """Every pilot on a scenario, in order. Seven queries, however many there are."""
    rows = list(
        Case.objects.filter(kind="pilot", parent__parent__parent=scenario)
        .exclude(stage="agreeing")
        .select_related("call")
        .prefetch_related("money")
        .order_by("pk")
    )
    units = units_of(rows)
    papers = _newest([case.pk for case in rows], "agreement")
    acts: dict[int, list[Act]] = {}
    for act in Act.objects.filter(case__in=rows).order_by("seq"):
        acts.setdefault(act.case_id, []).append(act)
    return [_pilot(case, units.get(case.pk, []), papers.get(case.pk), acts.get(case.pk, [])) for case in rows]


def _pilot(case: Case, units: list[Organisation], agreement: Version | None, acts: list[Act]) -> Pilot:
    def told(verb: str) -> list[Act]:
        return [a for a in acts if a.verb == verb]

    done = {int(a.data["n"]) for a in told("confirm_milestone")}
    reported = {int(a.data["n"]) for a in told("milestone")}
    planned = agreement.content.get("milestones", []) if agreement else []
    passed = told("accept")
    ended = told("end_without_blame")
    return Pilot(
        case,
        kind_of(case.kind, case.kind_version).stage(case.stage).label,
        tuple(units),
        dict(agreement.content) if agreement else {},
        tuple(
            Milestone(
                m["name"],
                dt.date.fromisoformat(m["due"]),
                "done" if n in done else "reported" if n in reported else "open",
            )
            for n, m in enumerate(planned, 1)
        ),
        tuple((str(a.data["tester"]), str(a.data["result"])) for a in told("test")),
        tuple(
            (int(float(a.data["users"])), int(float(a.data["satisfied"])), str(a.data["said"]))
            for a in told("feedback")
        ),
        str(passed[-1].data.get("reached", "")) if passed else "",
        str(passed[-1].data.get("lesson", "")) if passed else "",
        {key: str(text) for key, text in ended[-1].data.items() if key != "deciders"} if ended else {},
        sum(m.amount_fen for m in case.money.all()),
        tuple(
            Copy(
                str(a.data["by"]),
                str(a.data["place"]),
                dt.date.fromisoformat(a.data["since"]),
                str(a.data.get("note", "")),
                scene(str(a.data.get("case", ""))),
            )
            for a in told("copied")
        ),
    )


def copied_from(scenario: Case) -> list[Scene]:
    """The scenarios whose success this one copies."""
    copied = Case.objects.filter(links_in__source=scenario, links_in__relation="copies")
    above = set(copied.values_list("parent__parent__parent__code", flat=True))
    return [one for one in _all() if one.code in above]


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
    """What a joint project brought about. ``direction``: which of research and application came first."""

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
