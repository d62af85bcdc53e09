"""The pool of experts before one challenge: whose field it is, how much each has to do, whom each may not score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from qiao.core.clocks import today
from qiao.core.models import Case, Organisation, Party, Person, Seat
from qiao.core.rulebook import rulebook
from qiao.kinds.scenario.lists import scene
from qiao.kinds.scenario.standing import bids, conflicts_of, newest_of


@dataclass(frozen=True)
class Expert:
    """``tags``: technologies and fields; ``fits``: how many of them the scenario asks for; ``load``: open panels;
    ``barred``: units whose plans this expert may not score; ``blocked``: that leaves no plan."""

    person: Person
    unit: Organisation | None
    field: str
    technologies: tuple[str, ...]
    fields: tuple[str, ...]
    fits: int
    load: int
    there: bool
    barred: tuple[str, ...]
    blocked: bool


def _panels_of(people: Iterable[int]) -> list[tuple[int, int, str, bool]]:
    """Every panel of some experts: person, challenge, stage, whether it is open. One query."""
    seats = Party.objects.filter(person__in=list(people), role="expert", case__kind="panel")
    rows = seats.values_list("person", "case__parent", "case__stage", "case__closed_at")
    return [(int(pk), int(above), stage, closed is None) for pk, above, stage, closed in rows if pk and above]


def _open(panels: Iterable[tuple[int, int, str, bool]]) -> Counter[int]:
    return Counter(pk for pk, _challenge, _stage, is_open in panels if is_open)


def load_of(people: Iterable[int]) -> Counter[int]:
    """Open panels of each expert, over all challenges."""
    return _open(_panels_of(people))


def pool(challenge: Case) -> list[Expert]:
    """Who can be invited: those of the field first, then those with least to do; last who is there or barred.
    Nine queries, however many there are."""
    listed = Case.objects.filter(kind="expert", stage="listed", call__owner=challenge.call.owner_id)
    parties = Party.objects.filter(case__in=listed, role="expert").select_related("person").order_by("case")
    people = {p.case_id: p.person for p in parties if p.person is not None}
    profiles = {pk: version.content for pk, version in newest_of(people, "profile").items()}
    one = scene(challenge.parent.code) if challenge.parent else None
    content = one.content if one else {}
    wanted = {*content.get("technologies", ()), *content.get("fields", ())}
    panels = _panels_of(p.pk for p in people.values())
    there = {pk for pk, above, stage, _open in panels if above == challenge.pk and stage != "declined"}
    load = _open(panels)
    under = list(bids(challenge).filter(stage="reviewing"))
    book = rulebook(challenge.call.rulebook)
    seats = Seat.objects.filter(person__in=people.values()).held_on(today()).select_related("organisation")
    units = {s.person_id: s.organisation for s in seats}
    not_theirs = conflicts_of([p.pk for p in people.values()], under, book, today()) if under else {}
    rows = []
    for case, person in people.items():
        profile = profiles.get(case, {})
        technologies, fields = tuple(profile.get("technologies", ())), tuple(profile.get("fields", ()))
        barred = not_theirs.get(person.pk, {})
        rows.append(
            Expert(
                person,
                units.get(person.pk),
                str(profile.get("field_text", "")),
                technologies,
                fields,
                len(wanted & {*technologies, *fields}),
                load[person.pk],
                person.pk in there,
                tuple(sorted(set(barred.values()))),
                bool(under) and len(barred) == len(under),
            )
        )
    return sorted(rows, key=lambda e: (e.there, e.blocked, -e.fits, e.load))
