"""A database at full size: some hundred cases really live through ``act()``, then their rows are multiplied.

Beside them stands the large sample district (firms, shelves, a round of scenarios), so that no list is measured empty.

Copies get other people, units, texts, numbers, codes and times, and hash chains of their own; ``history`` verifies
them like any other. A copy is moved by whole weeks only where no running working-day clock stands in it, so that every
cached due date is the one that would be computed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from benchmarks import words
from benchmarks.world import SEED, Cast, District, Life, build, cast, live
from qiao.core import search
from qiao.core.clocks import SHANGHAI, local_date, now, today
from qiao.core.history import GENESIS, canonical, seat_digest
from qiao.core.models import (
    Act,
    Call,
    Case,
    Follow,
    Link,
    Mail,
    Notice,
    Organisation,
    Paper,
    Party,
    Publication,
    SearchEntry,
    Seat,
    Task,
    Version,
)
from qiao.core.models.base import new_code
from qiao.demo import loading as sample

TABLES: tuple[type[models.Model], ...] = (
    Case,
    Party,
    Paper,
    Version,
    Act,
    Publication,
    Task,
    Notice,
    Mail,
    SearchEntry,
    Follow,
)
STATE = "bench_state"
FIRMS = 6100  # of the sample district beside the multiplied cases
NOTICES_OF_DAYS = 730  # older notices are taken as cleared away
FLUSH = 20_000
DAY = re.compile(r'"(\d{4}-\d\d-\d\d)"')

# What a district has at hand, in the proportions of the yearly reports: most is closed; promises run on.
LIVES: tuple[tuple[int, Life], ...] = (
    (10, Life(promises=4, weight=26)),
    (8, Life(promises=6, co=1, weight=24)),
    (4, Life(promises=5, co=2, cosigners=2, weight=10)),
    (4, Life(promises=8, kind="suggestion", weight=14)),
    (3, Life(promises=6, kind="suggestion", co=1, published=False, weight=6)),
    (2, Life(promises=3, extended=True, again=True, weight=2)),
    (2, Life(promises=0, weight=6)),
    (2, Life(promises=12, sentences=16, co=2, weight=6)),
    (1, Life(promises=2, progress=60, contacts=30, weight=0.2)),
    (2, Life(until="refused", weight=4, sentences=2)),
    (1, Life(until="withdrawn", weight=1, sentences=2)),
    (5, Life(until="tracking", promises=8, kept=1, weight=22, age=(200, 1400))),
    (
        4,
        Life(
            until="tracking", promises=12, kept=2, progress=2, co=1, weight=16, age=(200, 1400), sentences=10
        ),
    ),
    (1, Life(until="tracking", promises=1, progress=100, contacts=140, weight=0.3, age=(200, 1400))),
    (6, Life(until="replied", promises=6, weight=2, age=(40, 90))),
    (12, Life(until="signing", promises=4, co=1, weight=2, age=(35, 120))),
    (4, Life(until="signing", promises=4, weight=1, age=(30, 120))),
    (6, Life(until="drafting", promises=3, co=1, weight=1, age=(30, 200))),
    (14, Life(until="handling", co=1, weight=3, age=(14, 150))),
    (8, Life(until="handling", kind="suggestion", weight=2, age=(14, 150))),
    (4, Life(until="assigned", co=1, weight=1, age=(12, 30))),
    (4, Life(until="admitted", weight=1, age=(8, 20))),
    (4, Life(until="submitted", weight=2, age=(3, 20))),
    (2, Life(until="draft", weight=1, age=(2, 200))),
)


# --- state: which load a database holds -------------------------------------------------------------------------


def loaded() -> dict[str, Any] | None:
    """What was loaded into this database, if anything was, and wholly."""
    if STATE not in connection.introspection.table_names():
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT content FROM {STATE}")
        row = cursor.fetchone()
    found: dict[str, Any] | None = json.loads(row[0]) if row else None
    return found


def _remember(content: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {STATE} (content text)")
        cursor.execute(f"INSERT INTO {STATE} VALUES (%s)", [json.dumps(content)])


# --- one template ------------------------------------------------------------------------------------------------

Change = tuple[int, str, Any]  # column, what to do with it, what with


@dataclass
class Rows:
    """One table's rows of a template: values, and what has to change in each for a copy."""

    model: type[models.Model]
    columns: list[str]
    ids: dict[int, int] = field(default_factory=dict)  # its primary keys, numbered
    base: list[list[Any]] = field(default_factory=list)
    changes: list[list[Change]] = field(default_factory=list)

    def at(self, name: str) -> int:
        return self.columns.index(name)


@dataclass
class Template:
    life: Life
    who: Cast
    weight: float
    movable: bool
    start: dt.date
    last: dt.date
    tables: dict[type[models.Model], Rows]
    codes: list[str]  # codes of its cases, which stand in texts
    cases: int
    acts: int


def _columns(model: type[models.Model]) -> list[str]:
    return [f.attname for f in model._meta.concrete_fields]


def _bundle(root: Case) -> list[int]:
    found, layer = [root.pk], [root.pk]
    while layer:
        layer = list(Case.objects.filter(parent__in=layer).order_by("pk").values_list("pk", flat=True))
        found += layer
    return found


def _rows_of(model: type[models.Model], cases: list[int]) -> Any:
    key = {
        Case: "pk__in",
        Version: "paper__case__in",
        Notice: "act__case__in",
        Mail: "act__case__in",
    }.get(model, "case__in")
    if model is SearchEntry:
        return models.QuerySet(model).filter(models.Q(case__in=cases) | models.Q(publication__case__in=cases))
    return models.QuerySet(model).filter(**{key: cases})


def _compile(life: Life, who: Cast, root: Case, start: dt.date) -> Template:
    """Read a lived life back and note, cell by cell, what a copy has to change."""
    cases = _bundle(root)
    codes = list(Case.objects.filter(pk__in=cases).order_by("pk").values_list("code", flat=True))
    tokens = [*codes, who.title, who.body, who.number, *who.promises]
    tokens += [s.organisation.code for s in (who.lead["officer"][0], *(u["officer"][0] for u in who.co))]
    tables: dict[type[models.Model], Rows] = {}
    for model in TABLES:
        rows = tables[model] = Rows(model, _columns(model))
        order = ("case_id", "seq") if model is Act else ("pk",)
        found = list(_rows_of(model, cases).order_by(*order).values(*rows.columns))
        rows.ids = {row["id"]: i for i, row in enumerate(found)}
        for row in found:
            base: list[Any] = []
            changes: list[Change] = []
            for i, f in enumerate(model._meta.concrete_fields):
                value = row[f.attname]
                if f.primary_key:
                    changes.append((i, "own", rows.ids[value]))
                elif value is None:
                    pass
                elif isinstance(f, models.ForeignKey):
                    target = f.related_model
                    if target in tables:
                        changes.append((i, "row", (target, tables[target].ids[value])))  # type: ignore[index]
                    elif target is Call:
                        changes.append((i, "call", None))
                    elif target.__name__ in {"Seat", "Person", "Organisation"}:  # type: ignore[union-attr]
                        changes.append((i, target.__name__, value))  # type: ignore[union-attr]
                    else:
                        raise TypeError(f"{model.__name__}.{f.name}")
                elif isinstance(f, models.DateTimeField):
                    value = value.astimezone(dt.UTC).replace(tzinfo=None)
                    changes.append((i, "moment", value))
                elif isinstance(f, models.DateField):
                    changes.append((i, "day", value))
                elif f.name == "code":
                    changes.append((i, "code", codes.index(value) if model is Case else None))
                elif isinstance(f, models.JSONField):
                    value = canonical(value).decode()
                if isinstance(value, str) and f.name != "code":
                    inside = [t for t in tokens if t and t in value]
                    dated = isinstance(f, models.JSONField) and bool(DAY.search(value))
                    if inside or dated:
                        changes.append((i, "text", (value, inside, dated)))
                base.append(value)
            rows.base.append(base)
            rows.changes.append(changes)
    last = Act.objects.filter(case__in=cases).order_by("-at").values_list("at", flat=True)[0]
    clocks = Case.objects.filter(pk__in=cases).exclude(kind="commitment").exclude(due_legal=None)
    return Template(
        life=life,
        who=who,
        weight=life.weight,
        movable=not clocks.exists(),
        start=start,
        last=local_date(last),
        tables=tables,
        codes=codes,
        cases=len(cases),
        acts=len(tables[Act].base),
    )


def templates(district: District, rng: random.Random, step: Callable[[], None]) -> Iterator[Template]:
    """Let every life of :data:`LIVES` be lived, and compile it."""
    n = 0
    for many, life in LIVES:
        for i in range(many):
            n += 1
            oldest, newest = life.age[1], life.age[0]
            ago = 1000 if life.age == Life.age else newest + (oldest - newest) * i // max(1, many - 1)
            start = today() - dt.timedelta(days=ago)
            who = cast(district, life, rng, number=f"T{n:04d}")
            root = live(life, who, start)
            made = _compile(life, who, root, start)
            made.weight = life.weight / many
            step()
            yield made


# --- copies ------------------------------------------------------------------------------------------------------


def _moved(found: re.Match[str], by: dt.timedelta) -> str:
    return f'"{(dt.date.fromisoformat(found[1]) + by).isoformat()}"'


class Copier:
    """Makes rows: lists of plain values in the order of the model's columns."""

    def __init__(self, district: District, rng: random.Random) -> None:
        self.district, self.rng = district, rng
        self.postgres = connection.vendor == "postgresql"
        self.next = {
            m: (m.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1 for m in TABLES
        }  # type: ignore[attr-defined]
        self.numbers = {c.pk: c.last_number for calls in district.sessions.values() for c in calls}
        self.out: dict[type[models.Model], list[list[Any]]] = {m: [] for m in TABLES}
        self.made = dict.fromkeys(TABLES, 0)
        self.rare = 3
        seats = Seat.objects.select_related("person", "organisation")
        self.seats = {None: "null"} | {seat.pk: f'"{seat_digest(seat)}"' for seat in seats}
        self.pair: dict[type[models.Model], dict[str, int]] = {
            m: {c: i for i, c in enumerate(_columns(m))} for m in TABLES
        }
        self.cut = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(days=NOTICES_OF_DAYS)
        self.hour = now().hour

    def _moment(self, at: dt.datetime) -> str:
        text = at.isoformat(" ", "microseconds")
        return text + "+00" if self.postgres else text

    def _shift(self, t: Template) -> tuple[int, Call]:
        """How many days a copy is moved, and to which session."""
        rng, sessions = self.rng, self.district.sessions[t.life.kind]
        if not t.movable:
            year = t.start.year
            days = 0
        else:
            oldest, newest = t.life.age[1], t.life.age[0]
            if t.life.age == Life.age:  # over all sessions
                oldest = (len(sessions) - 2) * 365
            wanted = today() - dt.timedelta(days=rng.randrange(newest, oldest))
            days = (wanted - t.start).days // 7 * 7
            days = min(days, (today() - t.last).days // 7 * 7 - 7)
            year = (t.start + dt.timedelta(days=days)).year
        call = next((c for c in sessions if c.start.year == year), sessions[0])
        return days, call

    def copy(self, t: Template) -> None:
        rng, who = self.rng, t.who
        days, call = self._shift(t)
        other = cast(self.district, t.life, rng, call=call)
        self.numbers[call.pk] += 1
        number = f"{self.numbers[call.pk]:03d}"
        title = other.title
        if self.rare and t.life.until == "closed":
            title, self.rare = title.replace("关于", f"关于{words.RARE}"), self.rare - 1
        codes = [new_code() for _ in t.codes]
        replaced = {
            who.title: title,
            who.body: other.body,
            who.number: number,
            **dict(zip(t.codes, codes, strict=True)),
            **dict(zip(who.promises, other.promises, strict=True)),
        }
        persons: dict[int, int] = {}
        organisations: dict[int, int] = {}
        seats: dict[int, int] = {}
        for old, new in zip((who.lead, *who.co), (other.lead, *other.co), strict=True):
            a, b = old["officer"][0].organisation, new["officer"][0].organisation
            organisations[a.pk], replaced[a.code] = b.pk, b.code
            for role, held in old.items():
                for i, seat in enumerate(held):
                    seats[seat.pk], persons[seat.person_id] = new[role][i].pk, new[role][i].person_id
        for old_seat, new_seat in zip(who.members, other.members, strict=True):
            seats[old_seat.pk], persons[old_seat.person_id] = new_seat.pk, new_seat.person_id
        maps = {"Seat": seats, "Person": persons, "Organisation": organisations}
        move = dt.timedelta(days=days, seconds=rng.randrange(10_800))
        if not t.movable and t.last == today():
            move = dt.timedelta(0)
        day = dt.timedelta(days=days)
        first = {m: self.next[m] for m in TABLES}
        made: dict[type[models.Model], list[list[Any]]] = {}
        for model, rows in t.tables.items():
            here = made[model] = []
            start = first[model]
            for base, changes in zip(rows.base, rows.changes, strict=True):
                row = base.copy()
                for i, what, arg in changes:
                    if what == "own":
                        row[i] = start + arg
                    elif what == "row":
                        row[i] = first[arg[0]] + arg[1]
                    elif what == "moment":
                        row[i] = arg + move
                    elif what == "text":
                        text, tokens, dated = arg
                        for token in tokens:
                            text = text.replace(token, replaced[token])
                        if dated and days:
                            text = DAY.sub(lambda m: _moved(m, day), text)
                        row[i] = text
                    elif what == "code":
                        row[i] = new_code() if arg is None else codes[arg]
                    elif what == "call":
                        row[i] = call.pk
                    elif what == "day":
                        row[i] = arg + day
                    else:
                        row[i] = maps[what].get(arg, arg)
                here.append(row)
            self.next[model] += len(here)
        self._hashes(t, made, codes)
        self._texts(made)
        self._finish(made, number, call)

    def _hashes(self, t: Template, made: dict[type[models.Model], list[list[Any]]], codes: list[str]) -> None:
        v, a = self.pair[Version], self.pair[Act]
        digests: dict[int, str] = {}
        for row in made[Version]:
            salt = row[v["salt"]] = secrets.token_hex(16)
            body = '{{"content":{},"file":"","salt":"{}","text":{}}}'.format(
                row[v["content"]],
                salt,
                json.dumps(row[v["text"]], ensure_ascii=False),
            )
            digests[row[0]] = row[v["digest"]] = hashlib.sha256(body.encode()).hexdigest()
        first = made[Case][0][0]
        prev, last = GENESIS, 0
        case_i, seq_i, version_i, by_i, at_i = a["case_id"], a["seq"], a["version_id"], a["by_id"], a["at"]
        for row in made[Act]:
            case = row[case_i]
            if case != last:
                prev, last = GENESIS, case
            salt = row[a["salt"]] = secrets.token_hex(16)
            body = '{{"data":{},"reason":{},"salt":"{}"}}'.format(
                row[a["data"]],
                json.dumps(row[a["reason"]], ensure_ascii=False),
                salt,
            )
            digest = row[a["body_digest"]] = hashlib.sha256(body.encode()).hexdigest()
            row[a["prev_hash"]] = prev
            version, by = row[version_i], row[by_i]
            header = (
                f'{{"at":"{row[at_i].isoformat(timespec="microseconds")}+00:00","body":"{digest}",'
                f'"by":{by if by is not None else "null"},"case":"{codes[case - first]}",'
                f'"from":"{row[a["from_stage"]]}","prev":"{prev}","seat":{self.seats[by]},"seq":{row[seq_i]},'
                f'"to":"{row[a["to_stage"]]}","verb":"{row[a["verb"]]}",'
                f'"version":{"null" if version is None else chr(34) + digests[version] + chr(34)}}}'
            )
            prev = row[a["hash"]] = hashlib.sha256(header.encode()).hexdigest()

    def _texts(self, made: dict[type[models.Model], list[list[Any]]]) -> None:
        s = self.pair[SearchEntry]
        for row in made[SearchEntry]:
            row[s["grams"]] = search.grams(f"{row[s['title']]}\n{row[s['text']]}")

    def _finish(self, made: dict[type[models.Model], list[list[Any]]], number: str, call: Call) -> None:
        case_i = self.pair[Case]["number"]
        for row in made[Case]:
            if row[case_i]:
                row[case_i] = number
        p = self.pair[Publication]
        for row in made[Publication]:
            settings = call.settings
            row[p["slug"]] = f"{settings['slug']}-{settings['term']}-{settings['session']}-{number}-{row[0]}"
        n, a = self.pair[Notice], self.pair[Act]
        at = {row[0]: row[a["at"]] for row in made[Act]}
        recent = self.cut + dt.timedelta(days=NOTICES_OF_DAYS - 30)
        kept = [row for row in made[Notice] if at[row[n["act_id"]]] > self.cut]
        for row in kept:
            if at[row[n["act_id"]]] < recent or self.rng.random() < 0.7:
                row[n["read_at"]] = at[row[n["act_id"]]]
        made[Notice] = kept
        m = self.pair[Mail]
        letters = [row for row in made[Mail] if at[row[m["act_id"]]] > recent - dt.timedelta(days=60)]
        for row in letters:
            sent = at[row[m["act_id"]]]
            row[m["made_at"]] = sent
            if sent < recent + dt.timedelta(days=25):
                row[m["state"]], row[m["sent_at"]] = "sent", sent
        made[Mail] = letters
        root = made[Case][0]
        if self.rng.random() < 0.2:
            f = self.pair[Follow]
            row = [None] * len(f)
            row[f["id"]] = self.next[Follow]
            self.next[Follow] += 1
            row[f["person_id"]] = self.rng.choice(self.district.members["proposal"]).person_id
            row[f["case_id"]], row[f["name"]] = root[0], ""
            row[f["made_at"]] = root[self.pair[Case]["opened_at"]]
            made[Follow].append(row)
        for model, rows in made.items():
            self.out[model] += rows
            self.made[model] += len(rows)

    def plain(self, row: list[Any]) -> list[Any]:
        return [
            self._moment(v)
            if type(v) is dt.datetime
            else v.isoformat()
            if type(v) is dt.date
            else int(v)
            if type(v) is bool
            else v
            for v in row
        ]


# --- writing in bulk -----------------------------------------------------------------------------------------------


class Bulk:
    """Writes rows past all indexes and checks that can be made afterwards."""

    def __init__(self) -> None:
        self.postgres = connection.vendor == "postgresql"
        self.later: list[str] = []
        self.tables = [m._meta.db_table for m in TABLES]

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def __enter__(self) -> Bulk:
        names = ", ".join(f"'{t}'" for t in self.tables)
        if self.postgres:
            self._run("SET session_replication_role = replica")
            self._run("SET maintenance_work_mem = '512MB'")
            self._run("SET synchronous_commit = off")
            kept = self._run(
                "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint "
                f"WHERE contype = 'u' AND conrelid::regclass::text IN ({names})"
            )
            for table, name, definition in kept:
                self._run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                self.later.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
            found = self._run(
                "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND "
                f"i.tablename IN ({names}) AND i.indexname NOT IN (SELECT conname FROM pg_constraint)"
            )
        else:
            for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"):
                self._run(f"PRAGMA {pragma}")
            for name, sql in self._run("SELECT name, sql FROM sqlite_master WHERE type='trigger'"):
                self._run(f"DROP TRIGGER {name}")
                self.later.append(sql)
            self.later.append("INSERT INTO core_search_fts(core_search_fts) VALUES('rebuild')")
            found = self._run(
                "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL "
                f"AND tbl_name IN ({names})"
            )
        for name, sql in found:
            self._run(f'DROP INDEX "{name}"')
            self.later.append(sql)
        if not self.postgres:
            self._run("BEGIN")
        return self

    def write(self, model: type[models.Model], rows: list[list[Any]]) -> None:
        if not rows:
            return
        columns = ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields)
        table = model._meta.db_table
        connection.ensure_connection()
        raw: Any = connection.connection
        if self.postgres:
            with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(rows[0]))
            raw.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def finish(self, step: Callable[[str], None]) -> None:
        if not self.postgres:
            self._run("COMMIT")
        for sql in self.later:
            step(sql)
            self._run(sql)
        if self.postgres:
            for model in TABLES:
                table = model._meta.db_table
                self._run(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
            step("VACUUM ANALYZE")
            self._run("VACUUM ANALYZE")
        else:
            step("ANALYZE")
            self._run("ANALYZE")
            self._run("PRAGMA wal_checkpoint(TRUNCATE)")

    def __exit__(self, *_: object) -> None:
        connection.close()


def settle(size: int, bar: Progress) -> None:
    """The sample district with about ``size`` firms, all but its last part: that would close days in which the lives
    below still act."""
    scale = sample.Scale(size)
    sample.load(scale=scale)
    for part in sample.PARTS[:-1]:
        total = part.count(scale)
        task = bar.add_task(str(part.label), total=total)

        def advance(n: int, task: TaskID = task) -> None:
            bar.advance(task, n)

        part.run(scale, advance)
        bar.update(task, completed=total)  # a part counts the most that it may make


def fill(cases: int, acts: int, *, quiet: bool = False) -> dict[str, Any]:
    """Load this empty, migrated database. Gives what it then holds."""
    begun = time.monotonic()
    rng = random.Random(SEED)
    bar = Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        disable=quiet,
    )
    with bar:
        settle(FIRMS, bar)
        district = build()
        lived = bar.add_task("lives through act()", total=sum(n for n, _life in LIVES))
        with transaction.atomic():
            made = list(templates(district, rng, lambda: bar.advance(lived)))
        spent = time.monotonic() - begun
        copier = Copier(district, rng)
        done_cases, done_acts = Case.objects.count(), Act.objects.count()
        task = bar.add_task("cases", total=cases, completed=min(cases, done_cases))
        short = [t for t in made if t.acts / t.cases <= acts / cases]
        choice = {id(group): [t.weight for t in group] for group in (made, short)}
        with Bulk() as bulk:
            while done_cases < cases:
                group = short if short and done_acts * cases > acts * done_cases else made
                (t,) = rng.choices(group, choice[id(group)])
                copier.copy(t)
                done_cases += t.cases
                done_acts += t.acts
                bar.update(task, completed=min(cases, done_cases))
                if len(copier.out[Act]) > FLUSH:
                    _flush(copier, bulk)
            _flush(copier, bulk)
            tail = bar.add_task("indexes", total=len(bulk.later) + 1)

            def step(_sql: str) -> None:
                bar.advance(tail)

            bulk.finish(step)
        for pk, number in copier.numbers.items():
            Call.objects.filter(pk=pk).update(last_number=number)
    content = {
        "cases": cases,
        "acts": acts,
        "seconds": round(time.monotonic() - begun, 1),
        "lives_seconds": round(spent, 1),
        "lived": {"cases": sum(t.cases for t in made), "acts": sum(t.acts for t in made)},
        "rows": {m._meta.db_table.removeprefix("core_"): models.QuerySet(m).count() for m in TABLES},
        "closed": round(Case.objects.exclude(closed_at=None).count() / Case.objects.count(), 3),
    }
    _remember(content)
    return content


def _flush(copier: Copier, bulk: Bulk) -> None:
    for model in TABLES:
        bulk.write(model, [copier.plain(row) for row in copier.out[model]])
        copier.out[model] = []


def check(sample: int = 300) -> dict[str, int]:
    """Is what was loaded what the product would have made? Due dates of a sample of open cases, recomputed."""
    from qiao.core.clocks import deadlines, due_dates

    ids = list(Case.objects.filter(due_legal__isnull=False).values_list("pk", flat=True))
    picked = random.Random(SEED).sample(ids, min(sample, len(ids)))
    wrong = 0
    for case in Case.objects.filter(pk__in=picked).select_related("call").prefetch_related("acts"):
        wrong += due_dates(deadlines(case, case.acts.all())) != (case.due_legal, case.due_internal)
    return {"checked": len(picked), "wrong": wrong}


__all__ = ["GENESIS", "SHANGHAI", "Link", "Organisation", "check", "fill", "loaded"]
