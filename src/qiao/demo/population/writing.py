"""Firms, investors, institutes and members into the database: in blocks, each in one transaction of its own.

What is there says where to go on: the numbers of firms and investors stand in their social credit codes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Field

from qiao.core import facts, search
from qiao.core.clocks import now, today
from qiao.core.history import new_salt, version_digest
from qiao.core.models import Fact, Organisation, Paper, Person, SearchEntry, Seat, User, Version
from qiao.demo.district import PASSWORD, TERM, at
from qiao.demo.neighbours import SOURCE
from qiao.demo.population.drawing import (
    NOWHERE,
    SINCE,
    UNKNOWN,
    Shares,
    Stated,
    Sums,
    facts_of,
    firm,
    fund,
    number_of,
    public_code,
    uscc,
)
from qiao.demo.population.plan import Scale, spread, told
from qiao.demo.replay import data

BLOCK = 500  # firms in one transaction
FACTS = 2000  # rows in one statement
CONFIRMED = frozenset(
    ["industry", "founded", "digital_economy", "tax_paid", "platform_turnover", "in_changning"]
)
INSTITUTE_SINCE = "2015-06-01"  # as members of the association

Advance = Callable[[int], None]


def written(kind: str) -> int:
    """How many firms or funds (``firm``, ``fund``) of the population are there; the next number to be written."""
    there = Organisation.objects.filter(uscc__startswith=NOWHERE[kind]).order_by("-uscc")
    last = there.values_list("uscc", flat=True).first()
    return number_of(last) + 1 if last else 0


def write_firms(scale: Scale, advance: Advance) -> None:
    """All firms that are not there yet, with facts, entries for search, and seats of those that act."""
    start, last = written("firm"), today().year - 1
    advance(start)
    if start >= scale.firms:
        return
    whole, before = Sums(), Sums()
    for n in range(scale.firms):
        one = firm(scale, n)
        whole.add(one)
        if n < start:
            before.add(one)
    shares = Shares.of(scale, whole, before)
    hashed = make_password(PASSWORD)
    stater, confirmer = _person("head"), _person("officer")
    for first in range(start, scale.firms, BLOCK):
        numbers = range(first, min(first + BLOCK, scale.firms))
        drawn = [firm(scale, n) for n in numbers]
        stated = [facts_of(one, shares, scale, last) for one in drawn]
        with transaction.atomic():
            units = Organisation.objects.bulk_create(
                Organisation(
                    code=public_code(scale.seed, "firm", one.number), name=one.name,
                    short_name=one.short_name, kind=Organisation.Kind.FIRM, uscc=uscc("firm", one.number),
                    fictional=True,
                )
                for one in drawn
            )  # fmt: skip
            agents = _agents(
                [(u, one.number) for u, one in zip(units, drawn, strict=True) if one.agent], hashed
            )
            _state(
                (
                    (unit, said, agents.get(unit.pk, stater), confirmer if one.number % 2 else None)
                    for unit, one, said in zip(units, drawn, stated, strict=True)
                )
            )
            _index(units)
        advance(len(numbers))


def _person(user: str) -> Person:
    return Person.objects.get(user__username=user)


def agent_name(number: int) -> str:
    """The account of the agent of a firm."""
    return f"firm-{number:05d}"


def _agents(units: list[tuple[Organisation, int]], hashed: str) -> dict[int, Person]:
    """A person with account and seat for each of these firms, by the firm's primary key."""
    names = [agent_name(number) for _unit, number in units]
    users = User.objects.bulk_create(
        User(username=name, password=hashed, email=f"{name}@example.org") for name in names
    )
    people = Person.objects.bulk_create(
        Person(name=f"经办人{number:05d}", user=user, email=user.email, fictional=True)
        for user, (_unit, number) in zip(users, units, strict=True)
    )
    Seat.objects.bulk_create(
        Seat(person=person, organisation=unit, role="agent", title="政策专员", start=TERM)
        for person, (unit, _number) in zip(people, units, strict=True)
    )
    return {unit.pk: person for person, (unit, _number) in zip(people, units, strict=True)}


COLUMNS = (
    "organisation", "key", "start", "end", "value", "unknown", "source", "stated_by", "stated_at",
    "confirmed_by", "confirmed_at",
)  # fmt: skip


def _state(rows: Iterable[tuple[Organisation, Iterable[Stated], Person, Person | None]]) -> None:
    """First statements of organisations that have none yet: (who, what, stated by, confirmed by or nobody).

    Straight into the table, whose constraints hold as ever: with an instance for each, a row takes ten times as long.
    """
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(_field(name).attname) for name in COLUMNS)
    places = ", ".join(["%s"] * len(COLUMNS))
    insert = f"INSERT INTO {quoted(Fact._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608 (our names)
    days, moment = _Days(), _prepared("stated_at", now())
    stated = [
        (
            unit.pk, key, *days[year], None if value is UNKNOWN else _prepared("value", value), value is UNKNOWN,
            SOURCE, by.pk, moment, *((seen.pk, moment) if seen and key in CONFIRMED else (None, None)),
        )
        for unit, said, by, seen in rows
        for key, year, value in said
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(insert, stated)


def _field(name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", Fact._meta.get_field(name))


def _prepared(name: str, value: object) -> object:
    """A value as this database takes it."""
    return _field(name).get_db_prep_save(value, connection)


class _Days(dict[int | None, tuple[object, object]]):
    """First and last day of a fiscal year; from when on a statement counts that is of none."""

    def __missing__(self, year: int | None) -> tuple[object, object]:
        start, end = (dt.date(year, 1, 1), dt.date(year, 12, 31)) if year else (SINCE, None)
        self[year] = found = (_prepared("start", start), _prepared("end", end))
        return found


def _index(units: Iterable[Organisation], texts: dict[int, str] | None = None) -> None:
    """What `search.index_organisation` writes, for organisations that are new; behind everything that was done."""
    moment = at(SINCE)
    entries = []
    for unit in units:
        text = (texts or {}).get(unit.pk) or f"{unit.short_name}  {unit.uscc or ''}"
        grams = search.grams(f"{unit.name}\n{text}")
        entries.append(
            SearchEntry(
                organisation=unit, title=unit.name, text=text, grams=grams, public=True, at=moment
            )
        )  # fmt: skip
    SearchEntry.objects.bulk_create(entries, batch_size=FACTS)


def write_funds(scale: Scale, advance: Advance) -> None:
    """The investors that are not there yet, with what they look for."""
    stater = _person("head")
    start = written("fund")
    advance(start)
    for first in range(start, scale.investors, BLOCK):
        drawn = [fund(scale, n) for n in range(first, min(first + BLOCK, scale.investors))]
        with transaction.atomic():
            units = Organisation.objects.bulk_create(
                Organisation(
                    code=public_code(scale.seed, "fund", one.number), name=one.name,
                    short_name=one.short_name, kind=Organisation.Kind.FUND, uscc=uscc("fund", one.number),
                    fictional=True,
                )
                for one in drawn
            )  # fmt: skip
            _state((unit, one.facts, stater, None) for unit, one in zip(units, drawn, strict=True))
            _index(units)
        advance(len(drawn))


PROFILE = "profile"  # the kind of paper that says what an institute works on
INSTITUTES = len(told()["institutes"])
PROFILE_TITLE = "研究方向"


def write_institutes(scale: Scale, advance: Advance) -> None:
    """What the institutes of the sample work on, as a paper and as facts; which of them are members."""
    names = {key: unit["name"] for key, unit in data("market")["units"].items()}
    last, moment = today().year - 1, now()
    for n, (key, said) in enumerate(told()["institutes"].items()):
        unit = Organisation.objects.get(name=names[key])
        if Paper.objects.filter(organisation=unit, kind=PROFILE).exists():
            advance(1)
            continue
        by = Seat.objects.filter(organisation=unit, role="agent").select_related("person").order_by("pk")[0]
        with transaction.atomic():
            values = {(k, last if facts.is_yearly(k) else None): v for k, v in said["facts"].items()}
            if n < scale.institutes:
                values["multimedia_member_since", None] = INSTITUTE_SINCE
                values["metaverse_business", None] = "否"
            facts.state_many(unit, values, by=by.person, source=SOURCE)
            paper = Paper.objects.create(organisation=unit, kind=PROFILE, title=PROFILE_TITLE)
            content = {"text": said["text"], "technologies": said["technologies"]}
            salt = new_salt()
            Version.objects.create(
                paper=paper, n=1, content=content, text=said["text"], salt=salt,
                digest=version_digest(salt, content, said["text"], ""), at=moment, by=by,
            )  # fmt: skip
            SearchEntry.objects.filter(organisation=unit).delete()
            _index([unit], {unit.pk: f"{unit.short_name} {said['text']}"})
        advance(1)


def agents(scale: Scale) -> list[int]:
    """The numbers of the firms that act."""
    many = scale.capped("agents")
    return [n for n in range(scale.firms) if spread(n, many, scale.firms)]
