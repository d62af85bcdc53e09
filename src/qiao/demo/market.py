"""The sample shelves: institutes and firms with needs and offers, reviewed and listed, and some interest in them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from qiao.core import search
from qiao.core.acts import act
from qiao.core.clocks import now, today
from qiao.core.models import Call, Case, Organisation, Person, Seat
from qiao.demo.district import District
from qiao.demo.replay import data
from qiao.kinds.sheets import choices, read
from qiao.kinds.shelf.listing import ENTRIES
from qiao.kinds.shelf.process import begin, express_interest

RULES = "changning/shelf"
SHELVES = {"need": "区技术需求货架（示例）", "offer": "区技术成果与能力货架（示例）"}
TEXTS = {"need": "机会清单：谁需要什么技术。", "offer": "能力清单：谁能提供什么技术。"}
APART = dt.timedelta(days=3)


def open_market(district: District) -> None:
    """Both shelves by the district's commission, everything on them, and three interests."""
    told, officer = data("market"), district["officer"]
    shelves = {
        kind: Call.objects.create(
            kind=kind, title=title, text=TEXTS[kind], owner=officer.organisation, rulebook=RULES,
            start=dt.date(today().year - 1, 1, 1),
        )
        for kind, title in SHELVES.items()
    }  # fmt: skip
    for shelf in shelves.values():
        search.index_call(shelf)
    agents = _agents(district, told["units"])
    moment = now() - APART * (len(told["needs"]) + len(told["offers"]) + 4)
    found: dict[str, Case] = {}
    for kind, rows in (("offer", told["offers"]), ("need", told["needs"])):
        for row in rows:
            moment += APART
            found[row["title"]] = _list(shelves[kind], agents[row["unit"]], officer, row, moment)
    for row in told["interests"]:
        _take_interest(found[row["need"]], agents, row, moment + APART)


def _agents(district: District, units: dict[str, dict[str, str]]) -> dict[str, Seat]:
    """Who acts for each unit; the sample firms have theirs already."""
    agents = {"firm-a": district["agent"], "firm-b": district["agent-b"]}
    for key, unit in units.items():
        body = Organisation.objects.create(
            name=unit["name"], short_name=unit["short"], kind=unit["kind"], fictional=True
        )
        search.index_organisation(body)
        district.bodies[key] = body
        person = Person.objects.create(name=unit["agent"], email=f"{key}@example.org", fictional=True)
        agents[key] = Seat.objects.create(
            person=person, organisation=body, role="agent", start=dt.date(2020, 1, 1)
        )
    return agents


def _list(shelf: Call, agent: Seat, editor: Seat, row: dict[str, Any], moment: dt.datetime) -> Case:
    """Through the form that people use, submitted, reviewed and listed."""
    content = entry_content(shelf.kind, row, agent)
    case = begin(shelf, agent.organisation, by=agent, at=moment)
    act(case, "write", by=agent, content=content, at=moment)
    act(case, "submit", by=agent, at=moment + dt.timedelta(hours=1))
    act(case, "publish", by=editor, at=moment + dt.timedelta(days=1))
    return case


def entry_content(kind: str, row: dict[str, Any], agent: Seat) -> dict[str, Any]:
    """A row of the sample's data as the form reads it. Raises ValueError where the form would refuse it."""
    low, high = row["budget"]
    given = row | {"budget_low": low, "budget_high": high, "contact": f"{agent.person.name}（虚构）"}
    said = {
        entry.code: [str(v) for v in (value if isinstance(value, list) else [value])]
        for entry in ENTRIES[kind]
        if (value := given.get(entry.code)) is not None
    }
    content, errors = read(ENTRIES[kind], said, choices(RULES, "zh"))
    if errors:
        raise ValueError(f"{row['title']}: {errors}")
    return content


def _take_interest(need: Case, agents: dict[str, Seat], row: dict[str, Any], moment: dt.datetime) -> None:
    asker = agents[row["unit"]]
    holder = next(seat for seat in agents.values() if seat.organisation_id == need.unit_id)
    said = {"message": row["message"], "contact": f"{asker.person.name}（虚构）", "terms": row["terms"]}
    case = express_interest(need, asker.organisation, by=asker, said=said, at=moment)
    if row["to"] in {"talking", "contract"}:
        act(case, "accept", by=holder, at=moment + dt.timedelta(hours=20))
    if row["to"] == "contract":
        outcome = {"outcome": "contract", "amount": "960000", "note": "签订合作开发合同（虚构）。"}
        act(case, "report", by=holder, data=outcome, at=moment + dt.timedelta(days=2))
