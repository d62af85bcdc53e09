"""Needs and offers for both shelves: what is to be done × where, in sentences, through ``begin`` and ``act()``.

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
FIELD_WORDS = {
    "medicine": "智慧医疗", "commerce": "智慧商业", "education": "智慧教育", "living": "智慧生活", "ageing": "智慧养老",
    "tourism": "智慧文旅", "transport": "智慧交通", "governance": "数字治理",
}  # fmt: skip
READY = {"vision": 7, "speech": 8, "storage": 7, "encryption": 6, "chips": 6, "platforms": 7, "materials": 5}


def entries(kind: str, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """``count`` entries (``need`` or ``offer``), all of different titles: first every technology with every field once,
    then with another task at another place."""
    works, fields = data("shelves")["technologies"], data("shelves")["fields"]
    dice = random.Random(f"{seed}:{kind}")  # noqa: S311 (sample data)
    pairs = [(t, f) for t in works for f in fields]
    made: set[str] = set()
    for turn in range(9):
        order = list(pairs)
        dice.shuffle(order)
        for technology, field in order:
            if len(made) == count:
                return
            tasks, places = works[technology], fields[field]
            n = turn + list(works).index(technology)
            task, place = tasks[n % len(tasks)], places[(n + turn // 3) % len(places)]
            one = _entry(kind, (technology, field), task, place, dice)
            if one["title"] not in made:
                made.add(one["title"])
                yield one
    if len(made) < count:
        raise ValueError(count)


def _entry(
    kind: str, tags: tuple[str, str], task: dict[str, Any], place: dict[str, str], dice: random.Random
) -> dict[str, Any]:
    (technology, field), said = tags, data("shelves")
    numbers = {k: dice.randint(low, high) for k, (low, high) in task["numbers"].items()}
    words = {**place, **numbers}
    low = dice.choice([15, 20, 30, 40, 60, 80, 100, 150])
    base: dict[str, Any] = {
        "technologies": [technology],
        "fields": [field],
        "modes": dice.choice(said["modes"]),
        "budget": [low, low * dice.choice([2, 2, 3])],
    }
    if kind == "need":
        return base | {
            "title": f"{place['place']}{task['need']}",
            "background": place["why"],
            "problem": task["problem"].format(**words),
            "indicators": task["indicators"].format(**words),
            "conditions": f"可提供{place['place']}现场和三个月试用期，{place['people']}参加评价。",
            "data": True if dice.random() < 0.6 else None,
            "level_low": max(4, READY[technology] - dice.randint(0, 2)),
        }
    level = min(9, READY[technology] + dice.randint(-1, 2))
    used = f"已在{dice.randint(2, 6)}处{place['place']}试用，累计运行{dice.randint(3, 24)}个月（虚构）。"
    return base | {
        "title": f"{task['offer']}（{FIELD_WORDS[field]}·{place['place']}）",
        "description": (
            f"面向{place['place']}。{task['does'].format(**words)}可用于{place['people']}的{place['thing']}。"
        ),
        "advantages": task["better"].format(**words),
        "cases": used if level >= 7 else None,
        "form": said["forms"][technology],
        "level": level,
        "ipr": dice.choice(["copyright", "applied", "granted"]),
        "price_mode": "agreed",
    }


def write_entries(kind: str, scale: Scale, advance: Advance) -> None:
    """What is missing on a shelf, each entry in a transaction of its own, in the order of its days."""
    shelf = Call.objects.select_related("owner").filter(kind=kind, rulebook=RULES).order_by("pk")[0]
    editor = Seat.objects.select_related("person", "organisation").get(person__user__username="officer")
    count = scale.capped(f"{kind}s")
    there = set(Case.objects.filter(call=shelf, kind=kind).values_list("title", flat=True))
    holders = _Holders(scale)
    first = _first_free_moment()
    for n, row in enumerate(entries(kind, count, scale.seed)):
        seat = holders.of(kind, n, row["technologies"][0])
        if row["title"] in there:
            advance(1)
            continue
        waits = n % WAITING == WAITING - 1
        moment = max(_moment(n, count, kind), first)
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
    """Whose entry it is: firms whose trade deals in the technology; of offers every fifth is an institute's."""

    def __init__(self, scale: Scale) -> None:
        drawn = [firm(scale, n) for n in agents(scale)]
        codes = {uscc("firm", one.number): one for one in drawn}
        units = Organisation.objects.filter(uscc__in=codes)
        rows = Seat.objects.filter(organisation__in=units, role="agent").select_related(
            "person", "organisation"
        )
        seats = sorted(rows, key=lambda s: s.organisation.uscc or "")
        self.all = seats
        self.by: dict[str, list[Seat]] = {}
        for seat in seats:
            for technology in codes[seat.organisation.uscc or ""].group.works:
                self.by.setdefault(technology, []).append(seat)
        self.institutes: dict[str, list[Seat]] = {}
        for key, said in told()["institutes"].items():
            name = data("market")["units"][key]["name"]
            agent = Seat.objects.filter(organisation__name=name, role="agent")
            found = agent.select_related("person", "organisation").order_by("pk")[0]
            for technology in said["technologies"]:
                self.institutes.setdefault(technology, []).append(found)

    def of(self, kind: str, n: int, technology: str) -> Seat:
        if kind == "offer" and n % 5 == 0 and technology in self.institutes:
            found = self.institutes[technology]
            return found[n // 5 % len(found)]
        rows = (self.by.get(technology) if kind == "offer" else None) or self.all
        return rows[(n * 7 + 3) % len(rows)]
