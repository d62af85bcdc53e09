"""What is on the shelves now, for pages, matching and the API."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Max

from qiao.core.clocks import local_date
from qiao.core.counting import newest_act
from qiao.core.models import Act, Case, Organisation, Party, Person, Version
from qiao.kinds.sheets import ACCEPTED, AGREED, PUBLIC, Entry, choices, lines
from qiao.kinds.shelf.listing import ENTRIES, TEXTS
from qiao.kinds.shelf.process import SHELVES


@dataclass(frozen=True)
class Listed:
    """An entry on a shelf: what anybody may know of it. ``content`` holds the rest, too: show it with `lines`."""

    case: Case
    holder: Organisation
    content: dict[str, Any] = field(repr=False)
    since: dt.date
    done: int = 0  # interests of the holder that ended in a contract or a trial
    refused: frozenset[str] = frozenset()  # codes of entries its holder found not to fit
    agreed: frozenset[str] = frozenset()  # codes of entries its holder found to fit

    @property
    def kind(self) -> str:
        return self.case.kind

    @property
    def code(self) -> str:
        return self.case.code

    @property
    def url(self) -> str:
        return f"/market/{self.case.code}/"

    @property
    def summary(self) -> str:
        """The first text, for lists."""
        return next((str(self.content[code]) for code in TEXTS if self.content.get(code)), "")

    def lines(self, language: str, *seen: str) -> list[tuple[Entry, str]]:
        """The fields of some parts (public, agreed, accepted) as they are read."""
        known = choices(self.case.call.rulebook, language)
        return lines(ENTRIES[self.kind], self.content, known, language, *seen)


_state: tuple[str, str] = ("", "")
_shelves: tuple[str, tuple[Listed, ...]] = ("", ())


def state() -> str:
    """Changes whenever something was done on a shelf; asked anew only after an act, of whatever kind."""
    global _state  # noqa: PLW0603 (one cache for the process)
    newest = newest_act()
    if _state[0] != newest or not newest:
        cases = (
            Case.objects.filter(call__kind__in=SHELVES).values_list("kind", "stage").order_by("kind", "stage")
        )
        told = list(cases.annotate(n=Count("pk"), moved=Max("moved_at"), last=Max("pk")))
        _state = (newest, f"{told} {connection.settings_dict['NAME']}")
    return _state[1]


def listed(kind: str = "") -> tuple[Listed, ...]:
    """Everything that is listed, newest first; of one shelf, or both. Read once, and again when a shelf changed."""
    global _shelves  # noqa: PLW0603 (one cache for the process)
    now = state()
    if _shelves[0] != now:
        _shelves = (now, tuple(_read()))
    return tuple(one for one in _shelves[1] if not kind or one.kind == kind)


def listed_entry(code: str) -> Listed | None:
    return next((one for one in listed() if one.code == code), None)


def _read() -> list[Listed]:
    """Five queries, however many entries there are."""
    rows = Case.objects.filter(kind__in=SHELVES, stage="listed").select_related("call__owner", "unit")
    cases = {case.pk: case for case in rows}
    parties = Party.objects.filter(case__in=cases, role="holder").select_related("organisation")
    holders = {party.case_id: party.organisation for party in parties}
    versions = (
        Version.objects.filter(paper__case__in=cases, paper__kind="entry")
        .select_related("paper")
        .order_by("n")
    )
    newest = {version.paper.case_id: version for version in versions}
    since: dict[int, dt.date] = {}
    said: dict[int, dict[str, str]] = {}  # of another entry, by its code: the last word of the holder counts
    verbs = ["publish", "renew", "agree", "not_this"]
    for act in Act.objects.filter(case__in=cases, verb__in=verbs).order_by("seq"):
        if act.verb in {"publish", "renew"}:
            since[act.case_id] = local_date(act.at)
        elif other := str(act.data.get("other", "")):
            said.setdefault(act.case_id, {})[other] = act.verb
    done: dict[int, int] = {}
    outcomes = Act.objects.filter(case__kind="interest", verb="report").values_list("case__unit", "data")
    for unit, data in outcomes:
        done[unit] = done.get(unit, 0) + (data.get("outcome") in {"contract", "trial"})
    found = [
        Listed(
            case,
            holder,
            dict(newest[pk].content),
            since[pk],
            done.get(holder.pk, 0),
            *(
                frozenset(code for code, verb in said.get(pk, {}).items() if verb == wanted)
                for wanted in ("not_this", "agree")
            ),
        )
        for pk, case in cases.items()
        if pk in newest and pk in since and (holder := holders.get(pk)) is not None
    ]
    return sorted(found, key=lambda one: (one.since, one.case.pk), reverse=True)


def may_see(entry: Listed, person: Person | None, organisations: set[int]) -> tuple[str, ...]:
    """Which parts of an entry a person's units may see: their own all, others by what they agreed and was accepted."""
    if not organisations:
        return (PUBLIC,)
    if entry.holder.pk in organisations or entry.case.call.owner_id in organisations:
        return (PUBLIC, AGREED, ACCEPTED)
    own = entry.case.children.filter(
        kind="interest", parties__role="asker", parties__organisation__in=organisations
    ).exclude(stage__in=["declined", "withdrawn"])
    seen = [PUBLIC]
    rows = list(own)
    begun = Act.objects.filter(case__in=rows, verb="begin")
    if any(act.data.get("terms") for act in begun):
        seen.append(AGREED)
    if any(case.stage in {"talking", "reported"} for case in rows):
        seen.append(ACCEPTED)
    return tuple(seen)
