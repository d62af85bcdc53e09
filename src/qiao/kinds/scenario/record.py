"""What became of a scenario, read at once: its challenges as the public sees them, who won, how pilots went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qiao.core.clocks import local_date
from qiao.core.models import Act, Case, Money, Organisation, Review
from qiao.core.process import Text, kind_of
from qiao.core.rulebook import rulebook
from qiao.kinds.scenario.lists import Scene, ever_listed
from qiao.kinds.scenario.standing import RANKED, bid_counts, newest_of, ranked, reviews_of, units_of

SHOWN = ("notice", "deciding", "awarded")  # stages of a challenge in which its winners are public


@dataclass(frozen=True)
class Record:
    """Everything below one scenario. ``below``: challenges, their questions and bids, pilots, by kind, oldest first.

    ``acts``: of the scenario and of all of these but the bids; ``papers``: the newest terms of a challenge, the newest
    agreement of a pilot; ``units``: of opened bids and of pilots; ``granted``: fen, of pilots."""

    scenario: Case
    below: Mapping[str, list[Case]]
    acts: Mapping[int, list[Act]]
    papers: Mapping[int, dict[str, Any]]
    units: Mapping[int, list[Organisation]]
    reviews: list[Review]
    granted: Mapping[int, int]

    @classmethod
    def read(cls, scenario: Case) -> Record:
        """Eight queries, however long it is."""
        below: dict[str, list[Case]] = {"challenge": [], "question": [], "bid": [], "pilot": []}
        level = [scenario]
        for kinds in (("challenge",), ("question", "bid"), ("pilot",)):
            found = Case.objects.filter(parent__in=level, kind__in=kinds).select_related("call__owner")
            level = list(found.order_by("pk"))
            for case in level:
                below[case.kind].append(case)
        opened = [bid for bid in below["bid"] if bid.number]
        told = [scenario, *below["challenge"], *below["question"], *below["pilot"]]
        papers = [*below["challenge"], *below["pilot"]]
        public = {case.pk for case in below["challenge"] if case.stage in SHOWN}
        return cls(
            scenario,
            below,
            _acts(told),
            _papers(papers, "terms", "agreement"),
            units_of([*opened, *below["pilot"]]),
            reviews_of(bid for bid in opened if bid.stage in RANKED and bid.parent_id in public),
            _granted(below["pilot"]),
        )

    def bids(self, challenge: Case) -> list[Case]:
        return [bid for bid in self.below["bid"] if bid.parent_id == challenge.pk]


def _acts(cases: Iterable[Case]) -> dict[int, list[Act]]:
    """The acts of each case in their order."""
    found: dict[int, list[Act]] = {}
    for act in Act.objects.filter(case__in=[case.pk for case in cases]).order_by("seq"):
        found.setdefault(act.case_id, []).append(act)
    return found


def _papers(cases: Iterable[Case], *kinds: str) -> dict[int, dict[str, Any]]:
    """The newest content of each case's paper of one of these kinds."""
    return {pk: dict(found.content) for pk, found in newest_of([case.pk for case in cases], *kinds).items()}


def _granted(pilots: Iterable[Case]) -> dict[int, int]:
    found: dict[int, int] = {}
    rows = Money.objects.filter(case__in=[case.pk for case in pilots])
    for case, amount in rows.values_list("case", "amount_fen"):
        found[case] = found.get(case, 0) + amount
    return found


# -- challenges -------------------------------------------------------------------------------------------------


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


def rounds(record: Record) -> list[Round]:
    """All challenges on a scenario that were published, the newest first."""
    return [_round(record, case) for case in reversed(record.below["challenge"]) if case.stage != "draft"]


def _round(record: Record, case: Case) -> Round:
    acts = record.acts.get(case.pk, [])
    last = {a.verb: a for a in acts}
    proposal = last.get("propose")
    shown = proposal is not None and "post" in last and case.stage in SHOWN
    return Round(
        case,
        kind_of(case.kind, case.kind_version).stage(case.stage).label,
        record.papers.get(case.pk, {}),
        _until(acts),
        tuple(_questions(record, case)),
        dict(bid_counts(record.bids(case))) if "close" in last else {},
        tuple(_winners(record, case, proposal.data.get("winners", []))) if proposal and shown else (),
        str(proposal.data.get("grounds", "")) if proposal and shown else "",
        case.due_legal if case.stage == "notice" else None,
        _failure(case, last.get("fail") or last.get("withdraw")),
    )


def _until(acts: list[Act]) -> dt.date | None:
    said = [a.data["until"] for a in acts if a.verb in {"publish", "prolong"} and "until" in a.data]
    return dt.date.fromisoformat(said[-1]) if said else None


def _questions(record: Record, challenge: Case) -> list[Asked]:
    found = []
    for case in record.below["question"]:
        if case.parent_id == challenge.pk and case.stage == "answered":
            told = {act.verb: act for act in record.acts.get(case.pk, [])}
            if asked := told.get("begin"):
                answer = told["answer"]
                said = str(asked.data["question"]), str(answer.data["answer"])
                found.append(Asked(*said, local_date(answer.at)))
    return found


def _winners(record: Record, challenge: Case, numbers: list[str]) -> list[Winner]:
    rows = [bid for bid in record.bids(challenge) if bid.stage in RANKED]
    totals = {p.plan: str(p.total) for p in ranked(record.papers.get(challenge.pk, {}), rows, record.reviews)}
    return [
        Winner(bid.number, tuple(record.units.get(bid.pk, ())), totals.get(bid.number, ""))
        for bid in sorted(record.bids(challenge), key=lambda bid: bid.number)
        if bid.number in numbers
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


def pilots(record: Record) -> list[Pilot]:
    """Every pilot on a scenario that has begun, in order."""
    rows = [case for case in record.below["pilot"] if case.stage != "agreeing"]
    return _pilots(rows, units=record.units, papers=record.papers, acts=record.acts, granted=record.granted)


def pilots_of(scenarios: Iterable[Case]) -> dict[int, list[Pilot]]:
    """The same of several scenarios. Six queries, however many there are."""
    rows = list(
        Case.objects.filter(kind="pilot", parent__parent__parent__in=list(scenarios))
        .exclude(stage="agreeing")
        .select_related("call", "parent__parent")
        .order_by("pk")
    )
    found: dict[int, list[Pilot]] = {}
    for pilot in _pilots(
        rows,
        units=units_of(rows),
        papers=_papers(rows, "agreement"),
        acts=_acts(rows),
        granted=_granted(rows),
    ):
        challenge = pilot.case.parent.parent if pilot.case.parent else None
        if challenge and challenge.parent_id:
            found.setdefault(challenge.parent_id, []).append(pilot)
    return found


def _pilots(
    rows: Iterable[Case],
    *,
    units: Mapping[int, list[Organisation]],
    papers: Mapping[int, dict[str, Any]],
    acts: Mapping[int, list[Act]],
    granted: Mapping[int, int],
) -> list[Pilot]:
    known = {one.code: one for one in ever_listed()}
    found = []
    for case in rows:
        told: dict[str, list[Act]] = {}
        for act in acts.get(case.pk, []):
            told.setdefault(act.verb, []).append(act)
        agreement = papers.get(case.pk, {})
        passed, ended = told.get("accept", []), told.get("end_without_blame", [])
        found.append(
            Pilot(
                case=case,
                stage=kind_of(case.kind, case.kind_version).stage(case.stage).label,
                units=tuple(units.get(case.pk, ())),
                agreement=agreement,
                milestones=_milestones(agreement, told),
                tests=tuple((str(a.data["tester"]), str(a.data["result"])) for a in told.get("test", [])),
                users=tuple(
                    (int(float(a.data["users"])), int(float(a.data["satisfied"])), str(a.data["said"]))
                    for a in told.get("feedback", [])
                ),
                reached=str(passed[-1].data.get("reached", "")) if passed else "",
                lesson=str(passed[-1].data.get("lesson", "")) if passed else "",
                record={k: str(said) for k, said in ended[-1].data.items() if k != "deciders"}
                if ended
                else {},
                amount_fen=granted.get(case.pk, 0),
                copies=tuple(_copy(a.data, known) for a in told.get("copied", [])),
            )
        )
    return found


def _milestones(agreement: Mapping[str, Any], told: Mapping[str, list[Act]]) -> tuple[Milestone, ...]:
    done = {int(a.data["n"]) for a in told.get("confirm_milestone", [])}
    reported = {int(a.data["n"]) for a in told.get("milestone", [])}
    return tuple(
        Milestone(
            row["name"],
            dt.date.fromisoformat(row["due"]),
            "done" if n in done else "reported" if n in reported else "open",
        )
        for n, row in enumerate(agreement.get("milestones", []), 1)
    )


def _copy(said: Mapping[str, Any], known: Mapping[str, Scene]) -> Copy:
    return Copy(
        str(said["by"]),
        str(said["place"]),
        dt.date.fromisoformat(said["since"]),
        str(said.get("note", "")),
        known.get(str(said.get("case", ""))),
    )


def copied_from(scenario: Case) -> list[Scene]:
    """The scenarios whose success this one copies. Two queries."""
    copied = Case.objects.filter(links_in__source=scenario, links_in__relation="copies")
    above = set(copied.values_list("parent__parent__parent__code", flat=True))
    return [one for one in ever_listed() if one.code in above]
