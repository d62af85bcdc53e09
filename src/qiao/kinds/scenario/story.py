"""The story of a scenario: what everybody may know of it, in the order in which it happened.

Made of the acts that its kinds call public: its own, those of its challenges and of their pilots.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core import money
from qiao.core.clocks import local_date
from qiao.core.models import Act, Case
from qiao.core.process import Text, kind_of
from qiao.core.rulebook import rulebook
from qiao.kinds import phrases
from qiao.kinds.scenario.record import Record

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


def _ground(case: Case, code: str) -> str:
    term = rulebook(case.call.rulebook).term("no_award", code)
    return str(term.label) if term else ""


Say = Callable[[Record, Case, Mapping[str, Any]], object]
_until: Say = lambda _r, case, data: phrases.STORY_UNTIL % {"n": case.number, "until": data["until"]}  # noqa: E731
# What there is to say of an act beside what it is. Of other acts: the number of the challenge, the units of the pilot.
SAID: dict[tuple[str, str], Say] = {
    ("scenario", "approve"): lambda _r, _c, data: data.get("batch", ""),
    ("challenge", "publish"): _until,
    ("challenge", "prolong"): _until,
    ("challenge", "close"): lambda record, case, _d: phrases.STORY_OPENED % {"n": _opened(record, case)},
    ("challenge", "award"): lambda record, case, _d: _won(record, case),
    ("challenge", "fail"): lambda _r, case, data: _ground(case, str(data.get("ground", ""))),
    ("pilot", "confirm_milestone"): lambda record, case, data: _milestone(record, case, int(data["n"])),
    ("pilot", "test"): lambda _r, _c, data: data["tester"],
    ("pilot", "feedback"): lambda _r, _c, data: (
        phrases.STORY_USERS % {"n": int(Decimal(data["users"])), "happy": int(Decimal(data["satisfied"]))}
    ),
    ("pilot", "grant"): lambda _r, _c, data: (
        phrases.STORY_GRANT % {"amount": money.yuan(money.fen(Decimal(data["amount"])))}
    ),
    ("pilot", "copied"): lambda _r, _c, data: f"{data['by']} · {data['place']}",
}


def story(record: Record) -> list[Event]:
    """Oldest first. One query beside those of the record."""
    cases = {record.scenario.pk: record.scenario}
    cases |= {case.pk: case for kind in ("challenge", "pilot") for case in record.below[kind]}
    acts = [act for pk in cases for act in record.acts.get(pk, [])]
    found = [
        (act.at, _event(act, cases[act.case_id], record))
        for act in sorted(acts, key=lambda act: (act.at, act.pk))
        if _is_told(cases[act.case_id], act)
    ]
    merged = Act.objects.filter(
        verb="merge", case__links_out__target=record.scenario, case__links_out__relation="merged_into"
    )
    if moments := list(merged.order_by("at").values_list("at", flat=True)):
        label = phrases.STORY_MERGED % {"n": len(moments)}
        found.append((moments[-1], Event(local_date(moments[-1]), label)))
    return [event for _at, event in sorted(found, key=lambda pair: pair[0])]


def _is_told(case: Case, act: Act) -> bool:
    verb = kind_of(case.kind, case.kind_version).verb(act.verb)
    return verb is not None and verb.public and not act.redacted and (case.kind, act.verb) in TOLD


def _event(act: Act, case: Case, record: Record) -> Event:
    what = (case.kind, act.verb)
    if act.verb in REASONED:
        said: object = act.reason
    elif what in SAID:
        said = SAID[what](record, case, act.data)
    else:
        said = "、".join(u.name for u in record.units.get(case.pk, [])) or (
            case.number if case.kind == "challenge" else ""
        )
    return Event(local_date(act.at), TOLD[what], str(said), TONES.get(act.verb, ""))


def _opened(record: Record, challenge: Case) -> int:
    """How many bids were opened: each got its number then."""
    return sum(bool(bid.number) for bid in record.bids(challenge))


def _won(record: Record, challenge: Case) -> str:
    """The consortia that won, in the order of their plans' numbers."""
    won = sorted((bid for bid in record.bids(challenge) if bid.stage == "won"), key=lambda bid: bid.number)
    return "；".join("、".join(u.name for u in record.units.get(bid.pk, ())) for bid in won)


def _milestone(record: Record, pilot: Case, n: int) -> str:
    """The name of a milestone, by the newest agreement."""
    names = [str(row["name"]) for row in record.papers.get(pilot.pk, {}).get("milestones", [])]
    return names[n - 1] if n <= len(names) else ""
