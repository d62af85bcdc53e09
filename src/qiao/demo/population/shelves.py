"""Needs and offers for both shelves, from topics written out one by one, through ``begin`` and ``act()``.

An entry is known by its title: what stands on a shelf is not listed again.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from qiao.core.acts import act
from qiao.core.clocks import SHANGHAI, calendar, now, today
from qiao.core.models import Call, Case, DailyRoot, Organisation, Seat
from qiao.demo.market import RULES, entry_content
from qiao.demo.population.drawing import firm, uscc
from qiao.demo.population.plan import Scale, told
from qiao.demo.population.writing import Advance, agents
from qiao.demo.replay import data
from qiao.kinds.shelf.process import begin

DAYS = 300  # how long ago the first was begun: entries are listed for twelve months
WAITING = 25  # every so many-th waits for the editor
READY = {"vision": 7, "speech": 8, "storage": 7, "encryption": 6, "chips": 6, "platforms": 7, "materials": 5}
STAGES = ((4, "developing"), (5, "lab"), (7, "field"), (9, "market"))  # up to this level of readiness


def entries(kind: str, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """``count`` entries (``need`` or ``offer``), no two alike: one of every topic, then the next one of each."""
    topics = data("shelves")["topics"]
    dice = random.Random(f"{seed}:{kind}")  # noqa: S311 (sample data)
    made = 0
    for turn in range(max(len(topic[f"{kind}s"]) for topic in topics)):
        order = list(topics)
        dice.shuffle(order)
        for topic in order:
            if turn < len(topic[f"{kind}s"]):
                if made == count:
                    return
                made += 1
                yield (_need if kind == "need" else _offer)(topic, topic[f"{kind}s"][turn], dice)
    if made < count:
        raise ValueError(count)


def _need(topic: dict[str, Any], one: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    said, numbers = data("shelves"), _numbers(topic, dice)
    level = max(4, READY[topic["technology"]] - dice.randint(0, 2))
    return _common(topic, dice, dice.uniform(0.7, 1.4)) | {
        "title": one["title"],
        "by": one["by"],
        "background": one["why"],
        "problem": one["problem"],
        "indicators": topic["indicators"].format(**numbers),
        "conditions": dice.choice(said["fields"][one["field"]]["conditions"]).format(n=dice.randint(2, 6)),
        "fields": [one["field"]],
        "industry": said["fields"][one["field"]]["industry"] if dice.random() < 0.75 else None,
        "modes": dice.choice(said["modes"]["need"]),
        "partner": dice.choice(said["partners"]["need"]) if dice.random() < 0.7 else None,
        "partner_kind": dice.choice([["firm"], ["firm", "institute"], ["institute"]]),
        "data": True if dice.random() < 0.6 else None,
        "level_low": level if dice.random() < 0.9 else None,
        "stage": stage(level) if dice.random() < 0.7 else None,
        "ip": dice.choice(["asker", "shared", "shared", "solver", "open"]),
        "months": dice.randint(6, 18),
    }


def _offer(topic: dict[str, Any], one: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    said, numbers, lab = data("shelves"), _numbers(topic, dice), bool(one.get("lab"))
    fields = one.get("for") or list(dict.fromkeys(need["field"] for need in topic["needs"]))
    level = max(
        3, min(9, READY[topic["technology"]] + (dice.randint(-3, -1) if lab else dice.randint(-1, 2)))
    )
    used = f"已在{dice.randint(2, 6)}家{said['fields'][fields[0]]['users']}使用，累计运行{dice.randint(3, 24)}个月。"
    ipr = dice.choice(["granted", "applied"] if lab else ["copyright", "applied", "granted", "secret"])
    return _common(topic, dice, dice.uniform(0.4, 1.0)) | {
        "title": one["title"],
        "lab": lab,
        "description": one["does"].format(**numbers),
        "advantages": one["better"].format(**numbers),
        "cases": used if level >= 7 else None,
        "completers": "课题组（虚构）" if lab else None,
        "fields": fields,
        "industry": said["fields"][fields[0]]["industry"] if len(fields) == 1 else None,
        "modes": dice.choice(said["modes"]["lab" if lab else "offer"]),
        "partner": dice.choice(said["partners"]["lab" if lab else "offer"]) if dice.random() < 0.8 else None,
        "partner_kind": ["firm", "maker"] if lab else dice.choice([["user"], ["user", "firm"], ["firm"]]),
        "form": "patent" if lab and ipr == "granted" else said["forms"][topic["technology"]],
        "level": level,
        "stage": stage(level),
        "ipr": ipr,
        "ip_note": said["notes"][ipr].format(n=dice.randint(1, 6)),
        "price_mode": dice.choice(["agreed", "agreed", "listed"]) if lab else "agreed",
    }


def _common(topic: dict[str, Any], dice: random.Random, times: float) -> dict[str, Any]:
    """What a need and an offer both say; some leave money open."""
    low, high = (max(5, round(n * times / 5) * 5) for n in topic["budget"])
    said = data("shelves")
    return {
        "technologies": [topic["technology"], *topic.get("also", ())],
        "budget": [low, high] if dice.random() < 0.85 else [None, None],
        "subdistrict": dice.choices(list(said["parts"]), list(said["parts"].values()))[0]
        if dice.random() < 0.9
        else None,
    }


def _numbers(topic: dict[str, Any], dice: random.Random) -> dict[str, int]:
    return {name: dice.randint(low, high) for name, (low, high) in topic["numbers"].items()}


def stage(level: int) -> str:
    """The stage that goes with a level of readiness."""
    return next(code for upto, code in STAGES if level <= upto)


def write_entries(kind: str, scale: Scale, advance: Advance) -> None:
    """What is missing on a shelf, each entry in a transaction of its own, in the order of its days."""
    shelf = Call.objects.select_related("owner").filter(kind=kind, rulebook=RULES).order_by("pk")[0]
    editor = Seat.objects.select_related("person", "organisation").get(person__user__username="officer")
    count = scale.capped(f"{kind}s")
    there = set(Case.objects.filter(call=shelf, kind=kind).values_list("title", flat=True))
    holders = _Holders(scale)
    first = _first_free_moment()
    for n, row in enumerate(entries(kind, count, scale.seed)):
        seat = holders.of(n, row)
        if row["title"] in there:
            advance(1)
            continue
        waits = n % WAITING == WAITING - 1
        moment = max(_moment(n, count, kind), first)
        if "months" in row:
            row["until"] = (moment.date() + dt.timedelta(days=30 * row["months"])).isoformat()
        with transaction.atomic():
            _list(shelf, seat, editor, row, moment, waits=waits)
        advance(1)


def _moment(n: int, count: int, kind: str) -> dt.datetime:
    """When the n-th of them was begun: a working day, never tomorrow."""
    ago = DAYS - (DAYS - 4) * n // count
    day = calendar().previous_workday(today() - dt.timedelta(days=ago))
    time = dt.time(9 + n % 7, (n * 17) % 60)
    return dt.datetime.combine(day, time, SHANGHAI) + dt.timedelta(minutes=3 if kind == "offer" else 0)


def _first_free_moment() -> dt.datetime:
    """Nothing can be done any more on a day whose root is published (a server ran between two runs of the loading)."""
    last = DailyRoot.objects.order_by("-day").values_list("day", flat=True).first()
    day = last + dt.timedelta(days=1) if last else dt.date(2000, 1, 1)
    return dt.datetime.combine(day, dt.time(0, 1), SHANGHAI)


def _list(
    shelf: Call, agent: Seat, editor: Seat, row: dict[str, Any], moment: dt.datetime, *, waits: bool
) -> None:
    """As people do it: an empty entry, the form, submitted, reviewed and listed."""
    end = now()
    content = entry_content(shelf.kind, row, agent)
    case = begin(shelf, agent.organisation, by=agent, at=min(moment, end))
    act(case, "write", by=agent, content=content, at=min(moment, end))
    act(case, "submit", by=agent, at=min(moment + dt.timedelta(hours=1), end))
    if not waits:
        act(case, "publish", by=editor, at=min(moment + dt.timedelta(days=1), end))


class _Holders:
    """Whose entry it is: a firm of the trade that asks, one whose trade deals in the technology, or an institute."""

    def __init__(self, scale: Scale) -> None:
        drawn = [firm(scale, n) for n in agents(scale)]
        codes = {uscc("firm", one.number): one for one in drawn}
        units = Organisation.objects.filter(uscc__in=codes)
        rows = Seat.objects.filter(organisation__in=units, role="agent").select_related(
            "person", "organisation"
        )
        self.all = sorted(rows, key=lambda s: s.organisation.uscc or "")
        self.asking: dict[str, list[Seat]] = {}
        self.offering: dict[str, list[Seat]] = {}
        for seat in self.all:
            group = codes[seat.organisation.uscc or ""].group
            self.asking.setdefault(group.key, []).append(seat)
            for technology in group.works:
                self.offering.setdefault(technology, []).append(seat)
        self.institutes: dict[str, list[Seat]] = {}
        for key, said in told()["institutes"].items():
            name = data("market")["units"][key]["name"]
            agent = Seat.objects.filter(organisation__name=name, role="agent")
            found = agent.select_related("person", "organisation").order_by("pk")[0]
            for technology in said["technologies"]:
                self.institutes.setdefault(technology, []).append(found)

    def of(self, n: int, row: dict[str, Any]) -> Seat:
        """Who has the n-th entry of its shelf."""
        technology = row["technologies"][0]
        if row.get("lab") and (known := self.institutes.get(technology)):
            return known[n % len(known)]
        rows = self.asking.get(row["by"]) if "by" in row else self.offering.get(technology)
        rows = rows or self.all
        return rows[(n * 7 + 3) % len(rows)]
