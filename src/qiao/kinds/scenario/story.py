"""The story of a scenario: what everybody may know of it, in the order in which it happened.

Made of the acts that its kinds call public: its own, those of its challenges and of their pilots.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core import money
from qiao.core.clocks import local_date
from qiao.core.models import Act, Case, Organisation, Version
from qiao.core.process import Text, kind_of
from qiao.core.rulebook import rulebook
from qiao.kinds import phrases
from qiao.kinds.scenario.standing import units_of

# What stands in the story, and how it is said there. Left out is what only moves the files: an offer to sign, a return.
TOLD: Mapping[tuple[str, str], Text] = {
    ("scenario", "submit"): _("场景主体提出需求"),
    ("scenario", "approve"): _("列入机会清单"),
    ("scenario", "relist"): _("重新列入机会清单"),
    ("scenario", "list_again"): _("重新列入机会清单"),
    ("scenario", "mark_benchmark"): _("列为标杆案例"),
    ("scenario", "withdraw"): _("场景撤下"),
    ("challenge", "publish"): _("发榜"),
    ("challenge", "prolong"): _("延长揭榜时间"),
    ("challenge", "close"): _("截止并开封"),
    ("challenge", "post"): _("拟中榜方案公示"),
    ("challenge", "review_again"): _("重新评审"),
    ("challenge", "award"): _("批准定榜"),
    ("challenge", "fail"): _("流榜"),
    ("challenge", "withdraw"): _("撤榜"),
    ("pilot", "sign_office"): _("试点协议签署"),
    ("pilot", "give_up"): _("未能签约"),
    ("pilot", "confirm_milestone"): _("里程碑确认"),
    ("pilot", "test"): _("第三方检测"),
    ("pilot", "feedback"): _("用户反馈"),
    ("pilot", "rectify"): _("要求整改"),
    ("pilot", "accept"): _("验收通过"),
    ("pilot", "fail"): _("验收不通过"),
    ("pilot", "end_without_blame"): _("尽职终止"),
    ("pilot", "grant"): _("核定验收后补助"),
    ("pilot", "copied"): _("复制推广"),
}
TONES = {"award": "good", "accept": "good", "mark_benchmark": "good", "copied": "good"} | dict.fromkeys(
    ("fail", "withdraw", "give_up", "end_without_blame"), "late"
)
REASONED = {"withdraw", "list_again", "mark_benchmark", "rectify"}  # whose reason is for everybody


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``said``: what there is to say of it, in Chinese as it was written."""

    on: dt.date
    label: Text
    said: str = ""
    tone: str = ""


@dataclass(frozen=True)
class _Known:
    """What the acts do not say themselves: bids opened on each challenge and who won it, the units and milestones of
    each pilot."""

    opened: Mapping[int, int]
    winners: Mapping[int, str]
    units: Mapping[int, list[Organisation]]
    milestones: Mapping[int, list[str]]

    def milestone(self, case: Case, n: str) -> str:
        names, at = self.milestones.get(case.pk, []), int(n)
        return names[at - 1] if at <= len(names) else ""


def _ground(case: Case, code: str) -> str:
    term = rulebook(case.call.rulebook).term("no_award", code)
    return str(term.label) if term else ""


Say = Callable[[_Known, Case, Mapping[str, Any]], object]
_until: Say = lambda _k, case, data: phrases.STORY_UNTIL % {"n": case.number, "until": data["until"]}  # noqa: E731
# What there is to say of an act beside what it is. Of other acts: the number of the challenge, the units of the pilot.
SAID: dict[tuple[str, str], Say] = {
    ("scenario", "approve"): lambda _k, _c, data: data.get("batch", ""),
    ("challenge", "publish"): _until,
    ("challenge", "prolong"): _until,
    ("challenge", "close"): lambda k, case, _d: phrases.STORY_OPENED % {"n": k.opened.get(case.pk, 0)},
    ("challenge", "award"): lambda k, case, _d: k.winners.get(case.pk, ""),
    ("challenge", "fail"): lambda _k, case, data: _ground(case, str(data.get("ground", ""))),
    ("pilot", "confirm_milestone"): lambda k, case, data: k.milestone(case, data["n"]),
    ("pilot", "test"): lambda _k, _c, data: data["tester"],
    ("pilot", "feedback"): lambda _k, _c, data: (
        phrases.STORY_USERS % {"n": int(Decimal(data["users"])), "happy": int(Decimal(data["satisfied"]))}
    ),
    ("pilot", "grant"): lambda _k, _c, data: (
        phrases.STORY_GRANT % {"amount": money.yuan(money.fen(Decimal(data["amount"])))}
    ),
    ("pilot", "copied"): lambda _k, _c, data: f"{data['by']} · {data['place']}",
}


def story(scenario: Case) -> list[Event]:
    """Oldest first. Nine queries, however long it is."""
    cases = {scenario.pk: scenario}
    for kind, above in (("challenge", "parent"), ("pilot", "parent__parent__parent")):
        below = Case.objects.filter(kind=kind, **{above: scenario}).select_related("call")
        cases |= {case.pk: case for case in below}
    pilots = [case for case in cases.values() if case.kind == "pilot"]
    known = _Known(*_bids(cases.values()), units_of(pilots), _milestones(pilots))
    found = [
        (act.at, _event(act, cases[act.case_id], known))
        for act in Act.objects.filter(case__in=cases).order_by("at", "pk")
        if _is_told(cases[act.case_id], act)
    ]
    merged = Act.objects.filter(
        verb="merge", case__links_out__target=scenario, case__links_out__relation="merged_into"
    )
    if moments := list(merged.order_by("at").values_list("at", flat=True)):
        label = phrases.STORY_MERGED % {"n": len(moments)}
        found.append((moments[-1], Event(local_date(moments[-1]), label)))
    return [event for _at, event in sorted(found, key=lambda pair: pair[0])]


def _is_told(case: Case, act: Act) -> bool:
    verb = kind_of(case.kind, case.kind_version).verb(act.verb)
    return verb is not None and verb.public and not act.redacted and (case.kind, act.verb) in TOLD


def _event(act: Act, case: Case, known: _Known) -> Event:
    what = (case.kind, act.verb)
    if act.verb in REASONED:
        said: object = act.reason
    elif what in SAID:
        said = SAID[what](known, case, act.data)
    else:
        said = "、".join(u.name for u in known.units.get(case.pk, [])) or (
            case.number if case.kind == "challenge" else ""
        )
    return Event(local_date(act.at), TOLD[what], str(said), TONES.get(act.verb, ""))


def _bids(cases: Iterable[Case]) -> tuple[dict[int, int], dict[int, str]]:
    """How many bids were opened on each challenge, and whose won."""
    challenges = [case.pk for case in cases if case.kind == "challenge"]
    rows = list(Case.objects.filter(kind="bid", parent__in=challenges).exclude(number="").order_by("number"))
    won = [case for case in rows if case.stage == "won"]
    units = units_of(won)
    names: dict[int, list[str]] = {}
    for case in won:
        names.setdefault(case.parent_id or 0, []).append("、".join(u.name for u in units.get(case.pk, [])))
    return Counter(case.parent_id or 0 for case in rows), {pk: "；".join(said) for pk, said in names.items()}


def _milestones(pilots: Iterable[Case]) -> dict[int, list[str]]:
    """The names of each pilot's milestones, by the newest agreement."""
    found = Version.objects.filter(paper__case__in=list(pilots), paper__kind="agreement").order_by("n")
    return {
        int(case): [str(row["name"]) for row in content.get("milestones", [])]
        for case, content in found.values_list("paper__case", "content")
        if case
    }
