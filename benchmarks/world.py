"""A district to measure in, and the lives that its cases live. Everything goes through ``act()``, as in the product."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils.crypto import get_random_string

from benchmarks import words
from qiao.core.acts import act
from qiao.core.clocks import SHANGHAI, now, today
from qiao.core.models import Act, Call, Case, Indicator, Organisation, Person, Seat, User, Value
from qiao.core.search import index_call, index_organisation
from qiao.kinds.proposal import start_draft
from qiao.kinds.reply import Reply, Undertaking
from qiao.letters.model import Letter, Paragraph, Promise, Text

UNITS, MEMBERS, SESSIONS = 60, 800, 20
NAME = "测量区"  # every organisation of it begins so; what else the database holds belongs to the sample district
SEED = 65
RATING = {
    "visit": "visited",
    "attitude": "satisfied",
    "consulted": "visit",
    "to_the_point": "yes",
    "agreement": "agree",
}
SUBJECTS = [
    "科技",
    "商务",
    "教育",
    "卫生",
    "民政",
    "文旅",
    "规划",
    "建设",
    "交通",
    "绿化",
    "城管",
    "房管",
    "财政",
    "人社",
    "公安",
    "司法",
    "体育",
    "统计",
    "应急",
    "市场监管",
]
PLACES = ["东城", "西城", "南城"]
SERIES = {
    "proposal": (f"{NAME}政协", "conference", "changning/cppcc-proposals", "zx", "member"),
    "suggestion": (f"{NAME}人大", "congress", "changning/deputies-suggestions", "rd", "deputy"),
}


@dataclass
class District:
    """Who and what there is. ``units``: seats by role; ``sessions``: calls by kind, oldest first."""

    units: list[dict[str, list[Seat]]]
    members: dict[str, list[Seat]]
    registry: dict[str, Seat]
    supervisor: dict[str, Seat]
    sessions: dict[str, list[Call]]

    @classmethod
    def read(cls) -> District:
        """The district that :func:`build` made."""
        ours = Seat.objects.filter(organisation__name__startswith=NAME)
        seats = list(ours.select_related("person", "organisation").order_by("pk"))
        by_unit: dict[int, dict[str, list[Seat]]] = {}
        for seat in seats:
            by_unit.setdefault(seat.organisation_id, {}).setdefault(seat.role, []).append(seat)
        calls = Call.objects.filter(owner__name__startswith=NAME).select_related("owner").order_by("start")
        sessions = {k: list(calls.filter(kind=k)) for k in SERIES}
        owners = {k: found[0].owner for k, found in sessions.items()}
        return cls(
            units=[roles for roles in by_unit.values() if "office" in roles],
            members={k: by_unit[owners[k].pk][SERIES[k][4]] for k in SERIES},
            registry={k: by_unit[owners[k].pk]["registry"][0] for k in SERIES},
            supervisor={k: by_unit[owners[k].pk]["leader"][0] for k in SERIES},
            sessions=sessions,
        )


def _seats(places: list[tuple[str, Organisation, str]]) -> None:
    """One person with an account per place: (name, organisation, role)."""
    barred = UNUSABLE_PASSWORD_PREFIX + get_random_string(40)
    users = User.objects.bulk_create([User(username=name, password=barred) for name, _o, _r in places])
    persons = Person.objects.bulk_create(
        [
            Person(name=u.username, user=u, email=f"m{i}@example.org", fictional=True)
            for i, u in enumerate(users)
        ]
    )
    Seat.objects.bulk_create(
        [
            Seat(person=p, organisation=o, role=r, start=dt.date(2000, 1, 1))
            for p, (_name, o, r) in zip(persons, places, strict=True)
        ]
    )


def build() -> District:
    """Sixty units, eight hundred members and deputies, twenty years of sessions, a hundred indicators."""
    units = Organisation.objects.bulk_create(
        [
            Organisation(
                name=f"{NAME}{PLACES[i // 20]}{SUBJECTS[i % 20]}局",
                short_name=f"{PLACES[i // 20]}{SUBJECTS[i % 20]}局",
                kind="bureau",
                fictional=True,
            )
            for i in range(UNITS)
        ]
    )
    places = [
        (f"{unit.short_name}{role}{n}", unit, role)
        for unit in units
        for role, many in (("officer", 3), ("head", 2), ("office", 1), ("leader", 2))
        for n in range(many)
    ]
    owners = {}
    for kind, (name, org_kind, rules, slug, role) in SERIES.items():
        owner = owners[kind] = Organisation.objects.create(name=name, kind=org_kind, fictional=True)
        places += [(f"{slug}交办{n}", owner, "registry") for n in range(3)] + [
            (f"{slug}督办", owner, "leader")
        ]
        places += [
            (f"{slug}{role}{n:03d}", owner, role)
            for n in range(MEMBERS * (5 if role == "member" else 3) // 8)
        ]
        this = today().year
        for n, year in enumerate(range(this - SESSIONS + 1, this + 1)):
            index_call(
                Call.objects.create(
                    kind=kind,
                    title=f"{name}{year}年会议",
                    owner=owner,
                    start=dt.date(year, 1, 1),
                    end=dt.date(year, 12, 31) if year < this else None,
                    rulebook=rules,
                    settings={"term": 10 + n // 5, "session": n % 5 + 1, "slug": slug},
                )
            )
    _seats(places)
    for organisation in Organisation.objects.filter(name__startswith=NAME):
        index_organisation(organisation)
    indicators = Indicator.objects.bulk_create(
        [
            Indicator(code=f"m{i}", name=f"指标{i}", definition="测量用。", unit="家", source="测量区统计")
            for i in range(100)
        ]
    )
    Value.objects.bulk_create(
        [
            Value(
                indicator=i,
                start=dt.date(year, 1, 1),
                end=dt.date(year, 12, 31),
                value=100 + year,
                display=f"{100 + year}家",
                stated_at=now(),
            )
            for i in indicators
            for year in range(today().year - 10, today().year)
        ]
    )
    return District.read()


# --- lives -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Life:
    """How one proposal goes. ``until``: the stage where it stops; ``promises``: of its reply; ``kept``: of these."""

    until: str = "closed"
    kind: str = "proposal"
    co: int = 0
    cosigners: int = 0
    promises: int = 4
    kept: int = 0
    progress: int = 0
    contacts: int = 1
    published: bool = True
    extended: bool = False
    again: bool = False  # the proposer is dissatisfied, it is handled twice
    sentences: int = 4
    weight: float = 1.0
    age: tuple[int, int] = (400, 4000)  # how many days ago it began


@dataclass
class Cast:
    """Who plays in one life, and what is said."""

    call: Call
    registry: Seat
    members: list[Seat]
    lead: dict[str, list[Seat]]
    co: list[dict[str, list[Seat]]]
    title: str
    body: str
    promises: list[str]
    number: str = ""


def cast(
    district: District, life: Life, rng: random.Random, *, call: Call | None = None, number: str = ""
) -> Cast:
    units = rng.sample(district.units, 1 + life.co)
    return Cast(
        call=call or district.sessions[life.kind][-1],
        registry=district.registry[life.kind],
        members=rng.sample(district.members[life.kind], 1 + life.cosigners),
        lead=units[0],
        co=units[1:],
        title=words.title(rng),
        body=words.paragraph(rng, life.sentences),
        promises=[words.promise(rng) for _ in range(life.promises)],
        number=number,
    )


def _day(case: Case) -> str:
    """The day of the newest act: contact is recorded after it took place."""
    return case.moved_at.astimezone(SHANGHAI).date().isoformat()


def reply(who: Cast, due: dt.date, *, part: str = "") -> Reply:
    """A reply that may be signed. ``part`` makes a second one differ."""
    unit = who.lead["leader"][0].organisation
    inlines: list[Any] = [Text(who.body + part)]
    for i, text in enumerate(who.promises):
        inlines += [Promise(f"p{i}", (Text(text),)), Text("。")]
    letter = Letter(
        form="reply_sheet",
        title_lines=("对测量区会议", "提案的答复"),
        result="解决或采纳",
        addressees=(who.members[0].person.name,),
        blocks=(Paragraph(tuple(inlines)), Paragraph((Text(who.body),))),
        signature=(unit.name,),
        date=due,
    )
    promises = tuple(Undertaking(f"p{i}", t, unit.code, due, "项") for i, t in enumerate(who.promises))
    return Reply(letter, result="solved", publicity="open", promises=promises)


Do = Callable[..., Act]


def play(life: Life, who: Cast, do: Do, case: Case) -> None:
    """Let ``case``, a fresh draft, live until ``life.until``. ``do(case, verb, by, days=…, …)`` acts."""
    member, officer = who.members[0], who.lead["officer"][0]
    text = {
        "title": who.title,
        "background": who.body,
        "problem": who.body,
        "suggestions": who.body,
        "consent": True,
    }
    do(case, "save", member, days=1, content=text)
    for other in who.members[1:]:
        do(case, "invite", member, data={"person": other.person.code})
        do(case, "join", other, days=1)
    if life.until == "draft":
        return
    do(case, "submit", member, days=1)
    if life.until == "submitted":
        return
    if life.until == "refused":
        do(case, "refuse", who.registry, days=4, data={"ground": "academic"}, reason="属于学术研讨")
        return
    if life.until == "withdrawn":
        do(case, "withdraw", member, days=2, reason="另行提出")
        return
    do(case, "admit", who.registry, days=5, data={"number": who.number} if who.number else {})
    if life.until == "admitted":
        return
    units = {
        "lead": who.lead["officer"][0].organisation.code,
        "co": [u["officer"][0].organisation.code for u in who.co],
    }
    do(case, "assign", who.registry, days=4, data=units)
    handling = case.children.select_related("call__owner").get(kind="handling")
    if life.until == "assigned":
        return
    do(handling, "accept", officer, days=2)
    for n in range(life.contacts):
        do(
            handling,
            "contact",
            officer,
            days=8 if n == 0 else 0,
            data={"method": "visit", "on": _day(handling), "summary": "走访听取意见"},
        )
    if life.until == "handling":
        return
    units_by_id = {u["officer"][0].organisation_id: u for u in who.co}
    for opinion in handling.children.filter(kind="opinion").select_related("call__owner").order_by("pk"):
        unit = units_by_id[opinion.unit_id]
        do(opinion, "accept", unit["officer"][0], days=1)
        do(opinion, "save_opinion", unit["officer"][0], days=5, content={"text": who.body})
        do(opinion, "send", unit["leader"][0], days=1)
    if life.extended:
        until = today() if handling.due_legal is None else handling.due_legal + dt.timedelta(days=20)
        do(handling, "ask_extension", officer, days=10, data={"until": until.isoformat()}, reason="需要协调")
        do(handling, "grant_extension", who.registry, days=1)
    due = (handling.moved_at + dt.timedelta(days=300)).astimezone(SHANGHAI).date()
    _sign(life, who, do, handling, reply(who, due))
    if life.until in {"signing", "drafting"}:
        return
    if life.published:
        do(handling, "publish", officer, days=1)
    do(handling, "deliver", officer, days=1)
    if life.until == "replied":
        return
    if life.again:
        do(case, "rate", member, days=6, data={**RATING, "agreement": "disagree"})
        do(case, "redo", who.registry, days=2, reason="提案人不满意")
        do(
            handling,
            "contact",
            officer,
            days=2,
            data={"method": "visit", "on": _day(handling), "summary": "再次走访"},
        )
        _sign(life, who, do, handling, reply(who, due, part="经再次研究，"))
        do(handling, "deliver", officer, days=1)
    for one in who.members:
        do(case, "rate", one, days=3, data=RATING)
    promises = list(case.children.filter(kind="commitment").select_related("call__owner").order_by("pk"))
    if promises:
        do(case, "track", who.registry, days=2)
    for n, promise in enumerate(promises):
        for step in range(life.progress):
            do(
                promise,
                "progress",
                officer,
                days=2 if n == 0 and step < 50 else 0,
                data={"summary": "按计划推进", "percent": min(90, 10 * step)},
            )
        if life.until == "closed" or n < life.kept:
            do(promise, "complete", officer, days=1, data={"summary": "已全部完成"})
    if life.until == "closed":
        do(case, "close", who.registry, days=3)


def _sign(life: Life, who: Cast, do: Do, handling: Case, content: Reply) -> None:
    officer = who.lead["officer"][0]
    do(handling, "save_reply", officer, days=14, content=content.to_dict())
    if life.until == "drafting":
        return
    do(handling, "request_signature", officer, days=1)
    for unit in who.co:
        do(handling, "countersign", unit["leader"][0], days=1)
    do(handling, "check", who.lead["head"][0])
    if life.until == "signing":
        return
    do(handling, "vet", who.lead["office"][0], days=1)
    do(handling, "sign", who.lead["leader"][0], days=1)


class Diary:
    """Acts at set times: every act some days and a few minutes after the one before."""

    def __init__(self, start: dt.date) -> None:
        self.at = dt.datetime.combine(start, dt.time(8), tzinfo=SHANGHAI)

    def do(self, case: Case, verb: str, by: Seat, *, days: int = 0, **given: Any) -> Act:
        if days:
            self.at = (self.at + dt.timedelta(days=days)).replace(hour=8, minute=0)
        self.at += dt.timedelta(minutes=2)
        return act(case, verb, by=by, at=self.at, **given)


def live(life: Life, who: Cast, start: dt.date) -> Case:
    """A whole life at past times; gives the proposal."""
    diary = Diary(start)
    case = start_draft(who.call, who.members[0], at=diary.at)
    play(life, who, diary.do, case)
    return case
