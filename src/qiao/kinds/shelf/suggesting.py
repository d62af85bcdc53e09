"""What the glossary might lack: words of two sides that keep meeting in matches that people accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from qiao.core.models import Act, Case, Party, Version
from qiao.kinds.shelf.entries import state
from qiao.kinds.shelf.feedback import AGREED, others, verdicts
from qiao.kinds.shelf.glossary import GLOSSARY, glossary
from qiao.kinds.shelf.listing import text_of
from qiao.kinds.shelf.process import SHELVES
from qiao.matching import Suggestion, suggest
from qiao.matching.text import normal

MATCHES = 120  # the newest accepted matches that are read
SHOWN = 30  # suggestions that a person is shown
READ = 400  # pairs of words that are looked at: many are pieces of the same words
LONGEST = 12  # characters of words that are put together
GOOD = frozenset({"contract", "trial"})  # outcomes that show that two fitted
OTHER = {"need": "offer", "offer": "need"}

Texts = dict[int, str]


@dataclass(frozen=True)
class Suggested:
    """``matches``: how many accepted matches were looked at."""

    found: tuple[Suggestion, ...]
    matches: int


_told: tuple[str, Suggested] = ("", Suggested((), 0))


def suggestions() -> Suggested:
    """What accepted matches suggest and nobody has set aside; reckoned again when something was done on a shelf."""
    global _told  # noqa: PLW0603 (one cache for the process)
    now = state()
    if _told[0] != now:
        pairs, words = accepted(), glossary()
        aside = set_aside_before()
        groups = [[normal(word) for word in group] for group in words.groups]
        found = [
            one
            for one in suggest(pairs, words, most=READ)
            if not any(one.here in a and one.there in b for a, b in aside) and not _said(one, groups)
        ]
        _told = (now, Suggested(tuple(joined(found, pairs)[:SHOWN]), len(pairs)))
    return _told[1]


def _said(one: Suggestion, groups: list[list[str]]) -> bool:
    """Whether a group says it already, perhaps in longer words: 导诊 and 分诊 after 智能导诊、智能分诊 was taken in."""
    return any(
        one.here in a and one.there in b
        for group in groups
        for a in group
        if one.here in a
        for b in group
        if b != a
    )


def set_aside_before() -> set[tuple[str, str]]:
    """Pairs of words that were set aside, in both directions, also in a glossary that was closed."""
    acts = Act.objects.filter(case__kind=GLOSSARY.code, verb="set_aside").values_list("data", flat=True)
    said = [(normal(str(d.get("here", ""))), normal(str(d.get("there", "")))) for d in acts if d]
    return {pair for here, there in said for pair in ((here, there), (there, here)) if here and there}


def joined(found: list[Suggestion], pairs: list[tuple[str, str]]) -> list[Suggestion]:
    """Pieces of the same words put together: 仓库, 库盘, 盘点 that all meet 清点 in the same matches are 仓库盘点."""
    texts = [normal("\n".join(side)) for side in zip(*pairs, strict=True)] if pairs else ["", ""]
    by_count: dict[int, list[Suggestion]] = {}
    for one in found:
        by_count.setdefault(one.seen, []).append(one)
    whole = []
    for seen, some in by_count.items():
        theres: dict[str, set[str]] = {}
        for one in some:
            theres.setdefault(one.here, set()).add(one.there)
        alike: dict[frozenset[str], set[str]] = {}
        for here, with_ in theres.items():
            alike.setdefault(frozenset(with_), set()).add(here)
        strength = {(one.here, one.there): one.strength for one in some}
        whole += [
            Suggestion(
                here,
                there,
                seen,
                max(s for (a, b), s in strength.items() if a in here and b in there),  # of its rarest piece
            )
            for with_, heres in alike.items()
            for here in _longer(heres, texts[0])
            for there in _longer(with_, texts[1])
        ]
    return sorted(whole, key=lambda s: (-s.seen * s.strength, s.here, s.there))


def _longer(pieces: Iterable[str], text: str) -> list[str]:
    """Pairs of characters that follow each other in a text, as one word each."""
    words = sorted(pieces)
    while True:
        grown = next(
            (
                (a, b)
                for a in words
                for b in words
                if a != b and a[-1] == b[0] and len(a) + len(b) <= LONGEST and a + b[1:] in text
            ),
            None,
        )
        if grown is None:
            return sorted(words)
        words = [word for word in words if word not in grown] + [grown[0] + grown[1][1:]]


def accepted() -> list[tuple[str, str]]:
    """The texts of need and offer of each match that people accepted, newest first; the public parts only.

    Accepted is an interest that is talked about or ended in a contract or a trial, and a suggestion that the holder of
    an entry agreed with. Who takes an interest names no entry of its own: what it says is its message, and its entry
    on the other shelf that has most tags in common.
    """
    interests = _interests()
    agreed = [(a.at, a.case_id, code) for (_, code), a in verdicts().items() if a.verb == AGREED]
    cases = others(code for *_, code in agreed)
    ids = {entry for _, entry, _ in agreed} | {case.pk for case in cases.values()}
    ids |= {row.parent_id for row, _ in interests if row.parent_id}
    askers = _askers([row for row, _ in interests])
    own = _entries_of(set(askers.values()))
    ids |= {case.pk for rows in own.values() for case in rows}
    newest = {
        v.paper.case_id: v
        for v in Version.objects.filter(paper__case__in=ids, paper__kind="entry")
        .select_related("paper")
        .order_by("n")
    }
    kinds = dict(Case.objects.filter(pk__in=ids).values_list("pk", "kind"))
    texts = {pk: text_of("entry", v.content) for pk, v in newest.items() if pk is not None}
    tags = {
        pk: {*v.content.get("technologies", ()), *v.content.get("fields", ())} for pk, v in newest.items()
    }
    found: list[tuple[dt.datetime, str, str]] = []

    def pair(at: dt.datetime, entry: int, other: str) -> None:
        if texts.get(entry) and other:
            need_first = kinds.get(entry) == "need"
            found.append((at, texts[entry], other) if need_first else (at, other, texts[entry]))

    for at, entry, code in agreed:
        if code in cases:
            pair(at, entry, texts.get(cases[code].pk, ""))
    for row, message in interests:
        entry = row.parent_id or 0
        mine = [
            c for c in own.get(askers.get(row.pk, 0), []) if c.kind == OTHER.get(kinds.get(entry, ""), "")
        ]
        best = max(
            mine, key=lambda c: (len(tags.get(c.pk, set()) & tags.get(entry, set())), c.pk), default=None
        )
        pair(
            row.moved_at, entry, "\n".join(t for t in (message, texts.get(best.pk, "") if best else "") if t)
        )
    found.sort(key=lambda one: one[0], reverse=True)
    return [(asked, offered) for _, asked, offered in found[:MATCHES]]


def _interests() -> list[tuple[Case, str]]:
    """The newest interests that were accepted and led to something so far, each with its message."""
    rows = {
        row.pk: row
        for row in Case.objects.filter(kind="interest", stage__in=["talking", "reported"]).order_by(
            "-moved_at", "-pk"
        )[: 2 * MATCHES]
    }
    said: dict[int, str] = {}
    ended: dict[int, str] = {}
    acts = Act.objects.filter(case__in=rows, verb__in=["begin", "report"])
    for case, verb, data in acts.order_by("seq").values_list("case", "verb", "data"):
        if verb == "begin":
            said[case] = str(data.get("message", ""))
        else:
            ended[case] = str(data.get("outcome", ""))
    return [(row, said.get(pk, "")) for pk, row in rows.items() if ended.get(pk, "trial") in GOOD][:MATCHES]


def _askers(rows: list[Case]) -> dict[int, int]:
    parties = Party.objects.filter(case__in=rows, role="asker", organisation__isnull=False)
    return {case: unit for case, unit in parties.values_list("case", "organisation") if unit is not None}


def _entries_of(units: set[int]) -> dict[int, list[Case]]:
    """The entries of some units that were reviewed: what stands in a draft is nobody's business yet."""
    found: dict[int, list[Case]] = {}
    for case in Case.objects.filter(
        kind__in=SHELVES, unit__in=units, stage__in=["listed", "expired", "ended"]
    ):
        found.setdefault(case.unit_id or 0, []).append(case)
    return found
