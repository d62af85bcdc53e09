"""From what guests offer, look for and wish to who meets whom, when, at which table, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qiao.matching import phrases as say
from qiao.matching.matcher import Matcher
from qiao.matching.meetings import Doubt, Guest, Meeting, Pair, Salon, Timetable, doubts
from qiao.matching.mutual import Wish, both_ways, may_meet, ranked, wished
from qiao.matching.parts import SameTags
from qiao.matching.planning import Progress, plan_meetings
from qiao.matching.profiles import Profile, Words
from qiao.matching.weights import Weights

from .book import GUESTS, TAGS, SalonBook, Visitor, filled

PAIRS_EACH = 40  # candidates looked at for every guest, besides what was wished for
LITTLE = 0.02  # what meeting anybody is worth to a guest whom nobody fits


@dataclass(frozen=True)
class Planned:
    """A timetable of a workbook's salon, and why each two of its guests meet."""

    book: SalonBook
    timetable: Timetable
    doubts: tuple[Doubt, ...]  # what is against meetings that somebody locked
    unmet: tuple[tuple[str, str], ...]  # who must meet and does not
    _matcher: Matcher

    def why(self, meeting: Meeting, language: str) -> str:
        """What each could do for the other, and who asked to meet."""
        by_name = {visitor.name: visitor for visitor in self.book.visitors}
        said = []
        for one, other in ((meeting.one, meeting.other), (meeting.other, meeting.one)):
            if (wish := by_name[one].wishes.get(other)) is not None and wish is not Wish.NO_THANKS:
                said.append((say.ASKED_FOR if wish is Wish.MUST else say.WISHED).said(language, name=one))
            only = np.zeros(len(self._matcher.pool), bool)
            only[self._matcher.pool.places[other]] = True
            for match in self._matcher.find(_asker(by_name[one]), 1, near=0, also=only).fit:
                parts = [part.text for part in match.parts if part.points > 0 and part.text != say.NO_TEXT]
                if parts:
                    why = say.COMMA.said(language).join(part.said(language) for part in parts)
                    said.append(say.GETS.said(language, one=one, other=other, why=why))
        return say.STOP.said(language).join(said)


def plan_salon(
    book: SalonBook, *, seconds: float | None = None, seed: int = 1, progress: Progress | None = None
) -> Planned:
    """A timetable for a workbook's salon: both sides' fit and wishes, group rules, what is locked or told."""
    matcher, value, musts = _values(book)
    names = [visitor.name for visitor in book.visitors]
    pairs = [
        Pair(names[a], names[b], float(value[a, b]), (a, b) in musts) for a, b in _candidates(value, musts)
    ]
    guests = [Guest(v.name, v.free, v.most) for v in book.visitors]
    salon = Salon(guests, pairs, len(book.slots), len(book.tables))
    timetable = plan_meetings(
        salon, locked=book.locked, told=book.told, seconds=seconds, seed=seed, progress=progress
    )
    met = {meeting.pair for meeting in timetable.meetings}
    must = [(names[a], names[b]) for a, b in sorted(musts)]
    unmet = tuple(pair for pair in must if pair not in met and pair[::-1] not in met)
    return Planned(book, timetable, tuple(doubts(salon, timetable.meetings)), unmet, matcher)


def _asker(visitor: Visitor) -> Profile:
    return Profile(visitor.name, "guest", {"text": visitor.seeks}, {"tags": visitor.tags})


def _values(book: SalonBook) -> tuple[Matcher, NDArray[np.float64], set[tuple[int, int]]]:
    """What it is worth that two meet (guests × guests, symmetric), and who must."""
    visitors = book.visitors
    matcher = Matcher(
        [Profile(v.name, "guest", {"text": v.offers}, {"tags": v.tags}) for v in visitors],
        Weights.read("person-person"),
        parts=[SameTags("technology", TAGS, "tags", "tags")],
        needs=[v.seeks for v in visitors if v.seeks],
    )
    scores = np.stack([matcher.scores(_asker(visitor)) for visitor in visitors])
    np.fill_diagonal(scores, 0)
    wants = ranked(scores)
    wants[[not (v.seeks or v.tags) for v in visitors]] = 0.5  # who says nothing takes anybody equally
    wants = np.maximum(wants, LITTLE)
    groups = [visitor.group for visitor in visitors]
    allowed = may_meet(groups, groups, book.rules or None)
    np.fill_diagonal(allowed, val=False)
    value = both_ways(wants, wants.T) * allowed
    place = {visitor.name: number for number, visitor in enumerate(visitors)}
    wishes: defaultdict[tuple[int, int], list[Wish]] = defaultdict(list)
    for a, visitor in enumerate(visitors):
        for name, wish in visitor.wishes.items():
            wishes[min(a, place[name]), max(a, place[name])].append(wish)
    value, musts = wished(value, wishes)
    return matcher, value, musts


def _candidates(value: NDArray[np.float64], musts: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs worth looking at: the best of every guest, and all who must meet.

    ``value`` counts above the diagonal, where wishes are.
    """
    upper = np.triu(value)
    both = upper + upper.T
    best = np.argsort(-both, axis=1, kind="stable")[:, :PAIRS_EACH]
    found = {(min(a, int(b)), max(a, int(b))) for a, row in enumerate(best) for b in row if both[a, b] > 0}
    return sorted(found | musts)


def summary(planned: Planned) -> list[Words]:
    """What came out, and everything a person should look at."""
    book, timetable = planned.book, planned.timetable
    lines = [
        filled(
            say.PLANNED,
            guests=len(book.visitors),
            meetings=len(timetable.meetings),
            share=f"{timetable.share:.1%}",
            idle=f"{timetable.mean_idle:.2f}",
        )
    ]
    lines += [filled(say.NOT_THERE, sheet=GUESTS, column=column) for column in book.missing]
    slots, tables, guests = len(book.slots), len(book.tables), len(book.visitors)
    if timetable.waiting and slots * tables * 2 < guests:
        most = slots * tables
        lines.append(filled(say.TOO_LITTLE_ROOM, slots=slots, tables=tables, most=most, guests=guests))
    lines += [filled(say.MEETS_TOO_FEW, name=name) for name in timetable.waiting]
    lines += [filled(say.MUST_UNMET, one=one, other=other) for one, other in planned.unmet]
    for meetings, words in ((timetable.moved, say.MOVED), (timetable.dropped, say.DROPPED)):
        lines += [
            filled(words, one=m.one, other=m.other, slot=m.slot + 1, time=book.slots[m.slot])
            for m in meetings
        ]
    for doubt in planned.doubts:
        m = doubt.meeting
        what = say.CONCERNS[doubt.concern.value]
        lines.append(filled(what, one=m.one, other=m.other, slot=m.slot + 1, name=doubt.guest))
    return lines
