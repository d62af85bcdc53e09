"""Case 065 once more: from a member's draft in January 2024 to the promises as they stand today.

The reply is the published one; the people, the way through the offices and what became of the promises are made up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import yaml

from qiao.core.acts import act
from qiao.core.clocks import now, today
from qiao.core.figures import state_value
from qiao.core.models import Case, Indicator, Value
from qiao.demo.district import District, at
from qiao.demo.marking import figure_spans, marked, promise_spans
from qiao.kinds.proposal import start_draft
from qiao.kinds.reply import Reply, Undertaking
from qiao.letters.model import Letter
from qiao.letters.reading import read_reply

DATA = resources.files("qiao.demo") / "data"
FIGURE_OWNER = "tech"
NEAR = {"soon": 5, "lately": -12}  # days from today, for due dates that are always current

# What the first drafts said instead, so that the versions can be compared.
DRAFT_WORDING = (
    ("持续举办创投沙龙，推动产业与资本对接", "继续举办创投沙龙，促进产融对接"),
    ("教育数字基座建设获教育部科技与信息化司领导高度认可。", ""),
    ("，承办 IEEE VR 2023元宇宙产业论坛，发布《2023元宇宙降本增效赋能白皮书》", ""),
)
# In the drafts the promise about salons began with other words.
DRAFT_PROMISE = {"持续举办创投沙龙": "继续举办创投沙龙"}

SATISFIED = {
    "visit": "visited",
    "attitude": "satisfied",
    "consulted": "visit",
    "to_the_point": "yes",
    "agreement": "agree",
}


@cache
def data(name: str) -> Any:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


def reply_text() -> str:
    return (DATA / "reply-065.txt").read_text(encoding="utf-8")


@dataclass
class Replayed:
    proposal: Case
    handling: Case


def replay(district: District) -> Replayed:
    """The whole case, as of now."""
    case = _proposed(district)
    values = state_figures(district)
    handling = _handled(district, case, values)
    _rated(district, case)
    _kept(district, case)
    _revised(district, values)
    return Replayed(Case.objects.get(pk=case.pk), Case.objects.get(pk=handling.pk))


def _proposed(d: District) -> Case:
    text = {k: v for k, v in data("proposal-065").items() if k != "opinions"}
    first = {**text, "suggestions": text["suggestions"].split("\n\n四、")[0]}
    case = start_draft(d.session_2024, d["member-a"], at=at("2024-01-08", "09:10"))
    act(case, "save", by=d["member-a"], content=first, at=at("2024-01-08", "09:40"))
    for n, member in enumerate(("member-b", "member-c")):
        person = d[member].person.code
        act(case, "invite", by=d["member-a"], data={"person": person}, at=at("2024-01-08", f"1{n}:00"))
    act(case, "join", by=d["member-b"], at=at("2024-01-09", "14:20"))
    act(case, "save", by=d["member-a"], content=text, at=at("2024-01-10", "10:05"))
    act(case, "ask_again", by=d["member-a"], at=at("2024-01-10", "10:10"))
    act(case, "join", by=d["member-b"], at=at("2024-01-10", "15:30"))
    act(case, "join", by=d["member-c"], at=at("2024-01-11", "08:55"))
    act(case, "submit", by=d["member-a"], at=at("2024-01-12", "16:30"))
    act(
        case,
        "admit",
        by=d["registry"],
        data={"category": "经济科技", "key": True},
        at=at("2024-01-30", "10:00"),
    )
    units = {"lead": d.code("tech"), "co": [d.code("commerce"), d.code("culture")]}
    act(case, "assign", by=d["registry"], data=units, at=at("2024-01-31", "09:30"))
    return case


def state_figures(d: District) -> dict[str, Value]:
    """The figures of the reply as indicators with one value each, by citation id."""
    found, said = {}, data("figures")
    for f in said["figures"]:
        indicator = Indicator.objects.create(
            code=f["id"],
            name=f["name"],
            name_en=f["name_en"],
            definition=f["definition"],
            unit=f["unit"],
            source=said["source"],
            rhythm=f.get("rhythm", "year"),
            owner=d.bodies[FIGURE_OWNER],
        )
        start, end = f["period"]
        found[f["id"]] = state_value(
            indicator,
            start=start,
            end=end,
            value=Decimal(f["value"]),
            qualifier=f.get("qualifier", ""),
            display=f["text"],
            source=said["source"],
            by=d["officer"],
            at=at(said["stated"], "15:00"),
        )
    return found


def until(said: dt.date | str) -> dt.date:
    """A date as ``promises.yaml`` writes it."""
    if isinstance(said, dt.date):
        return said
    if said in NEAR:
        return today() + dt.timedelta(days=NEAR[said])
    return dt.date(max(2026, today().year + 1), 12, 31)


def promise_id(n: int) -> str:
    return f"p{n:02d}"


def reply(d: District, values: dict[str, Value], *, draft: bool, marks: bool = True) -> Reply:
    """The reply as drafted or as published, with its figures cited and its promises marked."""
    text = reply_text()
    if draft:
        for final, earlier in DRAFT_WORDING:
            if final not in text:
                raise LookupError(final)
            text = text.replace(final, earlier)
    letter: Letter = read_reply(text).letter
    given: dict[str, Any] = {"result": "solved", "publicity": "open"}
    if not marks:
        return Reply(letter, **given)
    promises = data("promises")["promises"]
    begins = [DRAFT_PROMISE.get(p["text"], p["text"]) if draft else p["text"] for p in promises]
    figures = figure_spans(letter, [(f["id"], f["text"], f["near"]) for f in data("figures")["figures"]])
    clauses = promise_spans(letter, [(promise_id(n), text) for n, text in enumerate(begins, 1)])
    whole = marked(letter, figures, clauses)
    said = {id_: (n, start, end) for n, spans in clauses.items() for start, end, _what, id_ in spans}
    undertakings = []
    for n, p in enumerate(promises, 1):
        block, start, end = said[promise_id(n)]
        words = whole.blocks[block].text[start:end]  # type: ignore[union-attr]
        undertakings.append(
            Undertaking(promise_id(n), words, d.code(p["unit"]), until(p["until"]), p["measure"])
        )
    return Reply(
        whole,
        citations={id_: value.code for id_, value in values.items()},
        promises=tuple(undertakings),
        **given,
    )


def _handled(d: District, case: Case, values: dict[str, Value]) -> Case:
    handling = case.children.select_related("call__owner").get(kind="handling")
    officer, head, office, leader = (d[k] for k in ("officer", "head", "office", "leader"))
    act(handling, "accept", by=officer, at=at("2024-02-01", "09:05"))
    for unit, accepted, drafted, sent in (
        ("commerce", "2024-02-02", "2024-02-26", "2024-02-27"),
        ("culture", "2024-02-05", "2024-02-27", "2024-02-28"),
    ):
        opinion = handling.children.select_related("call__owner").get(kind="opinion", unit=d.bodies[unit])
        act(opinion, "accept", by=d[f"{unit}-officer"], at=at(accepted, "10:30"))
        text = {"text": data("proposal-065")["opinions"][unit]}
        act(opinion, "save_opinion", by=d[f"{unit}-officer"], content=text, at=at(drafted, "15:20"))
        act(opinion, "send", by=d[f"{unit}-leader"], at=at(sent, "11:00"))
    act(
        handling,
        "contact",
        by=officer,
        data={
            "method": "visit",
            "on": "2024-03-12",
            "summary": "走访委员甲，介绍区内平台、场景和人才工作的情况，听取对建立共性技术平台和设立实践基地的意见。"
            "委员希望答复写明下一步的具体举措。",
        },
        at=at("2024-03-12", "16:40"),
    )
    first = reply(d, values, draft=True, marks=False).to_dict()
    source = ("reply-065-draft.txt", reply_text().encode())
    act(handling, "save_reply", by=officer, content=first, file=source, at=at("2024-04-08", "17:10"))
    second = reply(d, values, draft=True).to_dict()
    act(handling, "save_reply", by=officer, content=second, at=at("2024-04-15", "14:00"))
    act(
        handling,
        "contact",
        by=officer,
        data={
            "method": "phone",
            "on": "2024-04-15",
            "summary": "电话告知答复要点，委员表示认可，建议补充行业协会近年的成果。",
        },
        at=at("2024-04-15", "16:00"),
    )
    act(handling, "request_signature", by=officer, at=at("2024-04-16", "09:00"))
    act(handling, "countersign", by=d["culture-leader"], at=at("2024-04-17", "10:10"))
    act(handling, "countersign", by=d["commerce-leader"], at=at("2024-04-18", "15:30"))
    act(handling, "check", by=head, at=at("2024-04-19", "09:20"))
    act(
        handling,
        "send_back",
        by=office,
        reason="请补充教育数字基座和行业协会的成果；下一步工作中创投沙龙的表述应与全区文件一致。",
        at=at("2024-04-22", "11:15"),
    )
    final = reply(d, values, draft=False).to_dict()
    act(handling, "save_reply", by=officer, content=final, at=at("2024-04-23", "10:00"))
    act(handling, "request_signature", by=officer, at=at("2024-04-23", "10:30"))
    act(handling, "countersign", by=d["commerce-leader"], at=at("2024-04-24", "09:40"))
    act(handling, "countersign", by=d["culture-leader"], at=at("2024-04-25", "14:05"))
    act(handling, "check", by=head, at=at("2024-04-26", "10:00"))
    act(handling, "vet", by=office, at=at("2024-04-28", "15:45"))
    act(handling, "sign", by=leader, at=at("2024-04-30", "09:30"))
    act(handling, "deliver", by=officer, at=at("2024-04-30", "10:30"))
    act(handling, "publish", by=officer, at=at("2024-04-30", "14:00"))
    return handling


def _rated(d: District, case: Case) -> None:
    understands = {**SATISFIED, "attitude": "understood", "agreement": "understand", "consulted": "phone"}
    ratings = (
        ("member-a", "2024-05-10", {**SATISFIED, "comment": "答复具体，期待各项举措落地。"}),
        ("member-b", "2024-05-13", SATISFIED),
        ("member-c", "2024-05-15", {**understands, "comment": "理解工作的难度，希望联合研究机构早日成立。"}),
    )
    for member, day, rating in ratings:
        act(case, "rate", by=d[member], data=rating, at=at(day, "19:30"))
    act(case, "track", by=d["registry"], at=at("2024-05-20", "10:00"))


def _kept(d: District, case: Case) -> None:
    """What became of each promise so far."""
    cases = {
        child.acts.get(verb="undertake").data["promise"].rsplit(":", 1)[1]: child
        for child in case.children.filter(kind="commitment").select_related("call__owner")
    }
    for n, promise in enumerate(data("promises")["promises"], 1):
        for step in promise["story"]:
            said = dict(step)
            moment = at(said.pop("day"), "15:00")
            if moment > now():
                break
            verb, who, reason = said.pop("verb"), said.pop("by"), said.pop("reason", "")
            if "until" in said:
                said["until"] = until(said["until"])
            unit = "" if promise["unit"] == "tech" else f"{promise['unit']}-"
            seat = d["registry"] if who == "registry" else d[f"{unit}{who}"]
            act(cases[promise_id(n)], verb, by=seat, data=said, reason=reason, at=moment)


def _revised(d: District, values: dict[str, Value]) -> None:
    """One figure was revised later: what was signed keeps the value of its day."""
    said = data("figures")["revision"]
    old = values[said["id"]]
    if at(said["day"]) > now():
        return
    state_value(
        old.indicator,
        start=old.start,
        end=old.end,
        value=Decimal(said["value"]),
        display=said["text"],
        source=said["source"],
        by=d["officer"],
        at=at(said["day"]),
        seen=old.code,
    )
