"""What is known about a firm: stated once, confirmed by somebody else, used in every form and every verdict.

A fact is never changed: a new statement supersedes the one before, which stays. Values are kept as the vocabulary
writes them (docs/write-a-policy.md): amounts in fen, shares in millionths, days and codes as text.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import BigIntegerField, Count, QuerySet, Sum
from django.db.models.functions import Cast

from qiao.core import phrases
from qiao.core.access import Answer
from qiao.core.acts import Refused
from qiao.core.clocks import now, today
from qiao.core.history import new_salt, version_digest
from qiao.core.models import Fact, Organisation, Paper, Person, Seat, Version
from qiao.core.policies import library
from qiao.core.process import Problem
from qiao.eligibility import BadValue, Ref, Vocabulary
from qiao.eligibility.vocabulary import NEVER, from_day, to_day

NONE = "none"  # a day that does not exist
EVIDENCE = "evidence"  # the kind of paper that backs facts


def current(organisations: Iterable[Organisation | int] | None = None) -> QuerySet[Fact]:
    """Facts that nothing has superseded."""
    found = Fact.objects.filter(superseded_by__isnull=True)
    return found if organisations is None else found.filter(organisation__in=organisations)


def history(organisation: Organisation, key: str) -> QuerySet[Fact]:
    """Everything ever stated under a key, newest period and statement first."""
    found = Fact.objects.filter(organisation=organisation, key=key)
    return found.select_related("stated_by", "confirmed_by", "evidence").order_by(
        "-start", "-stated_at", "-pk"
    )


def period_of(key: str, year: int | None, on: dt.date) -> tuple[dt.date, dt.date | None]:
    """The days a value is about: a fiscal year, or from ``on`` until something else is stated."""
    if is_yearly(key):
        year = year if year is not None else on.year - 1
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    return on, None


def is_yearly(key: str) -> bool:
    return ":" not in key and library().vocabulary[key].yearly


def ref_of(fact: Fact, as_of: dt.date) -> Ref:
    """The fact as the engine names it on a day."""
    return Ref(fact.key, as_of.year - fact.start.year if is_yearly(fact.key) else 0)


def kept(fact: Fact) -> int | None:
    """The integer the engine computes with; None while unknown, or when the vocabulary no longer has such a value."""
    return None if fact.unknown else _number(library().vocabulary, fact.key, fact.value)


def _number(vocabulary: Vocabulary, key: str, value: Any) -> int | None:
    if value is None:
        return None
    if ":" in key:
        return int(value)
    entry = vocabulary.facts.get(key)
    if entry is None:
        return None
    match entry.type:
        case "date":
            return NEVER if value == NONE else to_day(dt.date.fromisoformat(value))
        case "code":
            return vocabulary.trees[entry.tree].numbers.get(value)
        case "category":
            return entry.numbers.get(value)
        case _:
            return int(value)


def _stored(vocabulary: Vocabulary, key: str, value: int) -> Any:
    """As JSON that stays right when code lists grow: codes and days as text."""
    if ":" in key:
        return value
    entry = vocabulary[key]
    match entry.type:
        case "date":
            return NONE if value == NEVER else from_day(value).isoformat()
        case "code":
            return vocabulary.trees[entry.tree].codes[value]
        case "category":
            return list(entry.values)[value]
        case "boolean":
            return bool(value)
        case _:
            return value


def known(organisation: Organisation, as_of: dt.date) -> dict[Ref, int]:
    """All facts of one firm for a day, ready to be judged. One query."""
    return many([organisation], as_of).get(organisation.pk, {})


def many(organisations: Iterable[Organisation | int] | None, as_of: dt.date) -> dict[int, dict[Ref, int]]:
    """The facts of many firms for a day, by organisation. One query. None: of all that have any."""
    rows = current(organisations).filter(start__lte=as_of).order_by("organisation", "start")
    return _gathered(rows.values_list("organisation", "key", "start", "value", "unknown").iterator(), as_of)


def gathered(rows: Iterable[Fact], as_of: dt.date) -> dict[int, dict[Ref, int]]:
    """Facts, the earlier ones first, by organisation: what is stated later about the same thing counts."""
    return _gathered(((f.organisation_id, f.key, f.start, f.value, f.unknown) for f in rows), as_of)


def _gathered(
    rows: Iterable[tuple[int, str, dt.date, Any, bool]], as_of: dt.date
) -> dict[int, dict[Ref, int]]:
    vocabulary = library().vocabulary
    refs: dict[tuple[str, int], Ref | None] = {}
    found: dict[int, dict[Ref, int]] = {}
    for organisation, key, start, value, unknown in rows:
        about = key, start.year
        if about not in refs:
            entry = vocabulary.facts.get(key)
            year = as_of.year - start.year if entry and entry.yearly else 0
            refs[about] = Ref(key, year) if entry or ":" in key else None
        ref = refs[about]
        if ref is None:
            continue
        mine = found.setdefault(organisation, {})
        number = None if unknown else _number(vocabulary, key, value)
        if number is None:
            mine.pop(ref, None)
        else:
            mine[ref] = number
    return found


def holders(key: str, *values: Any) -> QuerySet[Fact, int]:
    """Organisations whose current statement under a key is one of these values, as they are kept; as a subquery."""
    stated = current().filter(key=key, unknown=False, value__in=values)
    return stated.order_by().values_list("organisation", flat=True)


def total(key: str, year: int, among: QuerySet[Any, int] | None = None) -> tuple[int, int]:
    """What organisations stated for a fiscal year, added up (in fen where it is money), and how many stated it.

    Unknown is left out. ``among``: only these, by primary key. One query, added up by the database.
    """
    rows = _amounts(key, year)
    if among is not None:
        rows = rows.filter(organisation__in=among)
    found = rows.aggregate(sum=Sum("amount"), n=Count("pk"))
    return int(found["sum"] or 0), found["n"]


def at_least(key: str, year: int, least: int) -> QuerySet[Fact, int]:
    """Organisations that stated so much or more for a fiscal year (in fen where it is money); as a subquery."""
    rows = _amounts(key, year).filter(amount__gte=least)
    return rows.order_by().values_list("organisation", flat=True)


def _amounts(key: str, year: int) -> QuerySet[Any]:
    """Current statements of numbers for a fiscal year, as ``amount``: JSON by itself is compared as text."""
    rows = current().filter(key=key, unknown=False, start=dt.date(year, 1, 1))
    return rows.annotate(amount=Cast("value", BigIntegerField()))


def parsed(key: str, value: Any) -> int | None:
    """What somebody typed, as the engine keeps it; None when it says nothing. Raises `BadValue`, `KeyError`."""
    if ":" in key:
        return next(iter(library().facts({key: value}, today()).values()), None)
    vocabulary = library().vocabulary
    number = vocabulary.parse(key, value)
    entry = vocabulary[key]
    if number is not None and entry.numeric and not entry.least <= number <= entry.most:
        low, high = (vocabulary.show(key, bound) for bound in (entry.least, entry.most))
        low_en, high_en = (vocabulary.show(key, bound, "en") for bound in (entry.least, entry.most))
        raise BadValue(
            key,
            f"{entry.label.zh}：{low} – {high}",
            f"{entry.label.en}: {low_en} to {high_en}",
        )
    return number


@transaction.atomic
def state(
    organisation: Organisation,
    key: str,
    value: Any,
    *,
    by: Person | None,
    source: str,
    year: int | None = None,
    on: dt.date | None = None,
    evidence: Version | None = None,
) -> Fact:
    """State a fact as it is typed (``3000 万元``, ``2024-05-01``), for a fiscal year or from a day on.

    An empty ``value`` says that it is unknown. Stating what is stated already changes nothing. Raises `BadValue` for a
    value that is none, `KeyError` for a key the vocabulary does not have.
    """
    number = parsed(key, value)
    start, end = period_of(key, year, on or today())
    stored = None if number is None else _stored(library().vocabulary, key, number)
    locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
    mine = current([locked]).filter(key=key)
    same = mine.filter(start=start).first()
    latest = same or (None if end else mine.filter(start__lt=start).order_by("-start").first())
    if (
        latest
        and (latest.value, latest.unknown, latest.source) == (stored, number is None, source)
        and not evidence
    ):
        return latest
    if same:  # makes room for the one current statement that the database allows
        # Nothing supersedes the first one of a period; so it is free to be pointed at, also by itself.
        first = Fact.objects.get(organisation=locked, key=key, start=start, supersedes__isnull=True)
        Fact.objects.filter(pk=same.pk).update(superseded_by=first)
    fact = Fact.objects.create(
        organisation=locked, key=key, start=start, end=end, value=stored, unknown=number is None,
        source=source, evidence=evidence, stated_by=by,
    )  # fmt: skip
    if same:
        Fact.objects.filter(pk=same.pk).update(superseded_by=fact)
    return fact


def state_many(
    organisation: Organisation,
    values: Mapping[tuple[str, int | None], Any],
    *,
    by: Person | None,
    source: str,
) -> list[Fact]:
    """Several facts, (key, fiscal year) → value as typed; all of them or none."""
    with transaction.atomic():
        return [
            state(organisation, key, value, by=by, source=source, year=year)
            for (key, year), value in values.items()
        ]


def file_evidence(organisation: Organisation, name: str, data: bytes, *, by: Seat | None) -> Version:
    """Keep a document as evidence for facts; the same file again gives what there is."""
    digest = hashlib.sha256(data).hexdigest()
    papers = Paper.objects.filter(organisation=organisation, kind=EVIDENCE)
    there: Version | None = Version.objects.filter(
        paper__in=papers, file_digest=digest, redacted=False
    ).first()
    if there:
        return there
    with transaction.atomic():
        paper = Paper.objects.create(organisation=organisation, kind=EVIDENCE, title=name[:300])
        salt = new_salt()
        version = Version(
            paper=paper, n=1, content={}, salt=salt, digest=version_digest(salt, {}, "", digest), at=now(), by=by,
            file_name=name[:200], file_digest=digest,
        )  # fmt: skip
        version.file.save(f"{paper.code}-1", ContentFile(data), save=False)
        version.save(force_insert=True)
    return version


def confirm(fact: Fact, *, by: Person) -> Fact:
    """Somebody who did not state it has seen the evidence. Raises `Refused` for one's own or a superseded statement."""
    if fact.superseded_by_id is not None:
        raise Refused(Answer((Problem("superseded", phrases.FACT_SUPERSEDED),)))
    if fact.stated_by_id == by.pk:
        raise Refused(Answer((Problem("own_fact", phrases.FACT_OWN),)))
    if fact.confirmed_by_id is None:
        fact.confirmed_by, fact.confirmed_at = by, now()
        fact.save(update_fields=["confirmed_by", "confirmed_at"])
    return fact
