"""One published reply with all that belongs to it: letter, figures, promises, acts, deadlines, daily roots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, Q, QuerySet

from qiao.core import history
from qiao.core.clocks import Deadline, calendar, legal_deadline, local_date, today
from qiao.core.models import Act, Case, DailyRoot, Indicator, Publication, Value, Version
from qiao.core.process import kind_of
from qiao.core.rulebook import rulebook
from qiao.kinds.handling import public_letter
from qiao.kinds.public.acts import PublicAct, told
from qiao.kinds.public.commitments import PublicPromise, promises, said_day
from qiao.kinds.public.lists import Card, cards
from qiao.kinds.reply import figures, layout_of, marked_promises
from qiao.letters import Layout, Letter


@dataclass(frozen=True)
class Citation:
    """A figure of the letter: what stood at its source when the letter was signed, and what stands there now."""

    id: str
    text: str
    name: str
    indicator: str
    definition: str
    display: str
    number: str
    qualifier: str
    unit: str
    start: dt.date | None
    end: dt.date | None
    source: str
    revision: int
    revised: bool = False
    now_display: str = ""
    now_revision: int = 0
    now_at: dt.datetime | None = None


@dataclass(frozen=True)
class PublicReply:
    """Everything that the page of one published reply shows."""

    publication: Publication
    card: Card
    letter: Letter
    layout: Layout
    redactions: tuple[str, ...]
    publicity_reason: str
    result_date: str
    result_reason: str
    result_after_on: dt.date | None
    result_after_reason: str
    answered: Deadline | None
    published: Deadline | None
    citations: tuple[Citation, ...]
    citations_gone: bool
    promises: tuple[PublicPromise, ...]
    acts: tuple[PublicAct, ...]
    siblings: tuple[Publication, ...]
    roots: tuple[DailyRoot, ...]  # of the days on which something was done

    @property
    def later(self) -> Publication | None:
        """The newest public reply of the same unit to the same paper, if there is one after this."""
        own = [s for s in self.siblings if s.case_id == self.publication.case_id and s.end is None]
        return next((s for s in reversed(own) if s.pk > self.publication.pk), None)

    @property
    def root(self) -> DailyRoot | None:
        """The root of the day of signature, once it is made."""
        day = local_date(self.card.signed) if self.card.signed else None
        return next((r for r in self.roots if r.day == day), None)

    @property
    def digest(self) -> str:
        """SHA-256 of the signed version, as its acts name it."""
        return str(self.publication.version.digest)

    @property
    def public_digest(self) -> str:
        """SHA-256 of the public copy as it stands in the JSON."""
        return history.digest(self.letter.to_dict())


def _made(case: Case, version: Version, letter: Letter) -> QuerySet[Case]:
    """The commitments of a letter: those that it made, and those of an earlier reply that it repeats."""
    marked = marked_promises(letter)
    keys = [f"{case.code}:{key}" for key in marked]
    made = Case.objects.filter(
        parent=case.parent or case, acts__verb="undertake", acts__data__promise__in=keys
    )
    said = Q(acts__version=version) | Q(title__in=[words[:300] for words in marked.values()])
    return made.filter(said).select_related("unit", "call", "parent").distinct().order_by("pk")


def publication_at(slug: str) -> Publication | None:
    """What is, or last was, public at this address: the live one first, else the newest that was withdrawn."""
    found = Publication.objects.filter(slug=slug).select_related(
        "case__call__owner", "case__unit", "case__parent", "version"
    )
    return found.order_by(F("end").desc(nulls_first=True), "-pk").first()


def reply(publication: Publication) -> PublicReply:
    """Read what belongs to a live publication. The number of queries does not depend on its length."""
    case, version = publication.case, publication.version
    parent = case.parent
    chain = [case, *([parent] if parent else [])]
    acts = list(
        Act.objects.filter(case__in=chain)
        .select_related("by__organisation", "version")
        .defer("version__content", "version__text", "version__salt")
        .order_by("case", "seq")
    )
    own = [a for a in acts if a.case_id == case.pk]
    kind, book, days, on = (
        kind_of(case.kind, case.kind_version),
        rulebook(case.call.rulebook),
        calendar(),
        today(),
    )
    signed = next((a for a in reversed(own) if a.verb == "sign" and a.version_id == version.pk), None)
    upto = _until_answer(own, signed)
    answered = legal_deadline(kind, "redo" if _is_redo(upto) else "reply", upto, book=book, days=days, on=on)
    changed = next(
        (a for a in reversed(acts) if parent and a.case_id == parent.pk and a.verb == "change_result"), None
    )
    content = version.content
    letter = public_letter(publication)
    publication.result = content.get("result", "")  # type: ignore[attr-defined]
    publication.signed_at = signed.at if signed else None  # type: ignore[attr-defined]
    family = Q(case=case) | (Q(case__parent=parent) if parent else Q(pk__in=[]))
    siblings = Publication.objects.filter(family).exclude(pk=publication.pk).select_related("case__unit")
    others = list(siblings.order_by("start", "pk"))
    publication.again = any(o.case_id == case.pk and o.pk < publication.pk for o in others)  # type: ignore[attr-defined]
    card = cards([publication])[0]
    shown_promises = promises(_made(case, version, letter), texts={publication.pk: letter})
    snapshot = signed.data.get("citations", {}) if signed else {}
    roots = DailyRoot.objects.filter(day__in={local_date(a.at) for a in acts}).order_by("day")
    return PublicReply(
        publication=publication,
        card=card,
        letter=letter,
        layout=layout_of(case.unit, letter),
        redactions=tuple(publication.redactions),
        publicity_reason=str(content.get("publicity_reason", "")),
        result_date=str(content.get("result_date", "")),
        result_reason=str(content.get("result_reason", "")),
        result_after_on=local_date(changed.at) if changed else None,
        result_after_reason=changed.reason if changed else "",
        answered=answered,
        published=legal_deadline(kind, "publication", own, book=book, days=days, on=on),
        citations=tuple(_citations(letter, snapshot)),
        citations_gone=bool(signed and signed.redacted),
        promises=tuple(shown_promises),
        acts=tuple(told(acts, {c.pk: c for c in chain})),
        siblings=tuple(others),
        roots=tuple(roots),
    )


def _until_answer(own: Sequence[Act], signed: Act | None) -> list[Act]:
    """The acts up to the delivery of this signed version: a later round has a deadline of its own."""
    taken: list[Act] = []
    for act in own:
        taken.append(act)
        if signed and act.seq > signed.seq and act.verb == "deliver":
            break
    return taken


def _is_redo(acts: Sequence[Act]) -> bool:
    return any(a.verb == "redo" for a in acts)


def _citations(letter: Letter, snapshot: Mapping[str, Any]) -> Iterator[Citation]:
    """Every cited figure of the letter, in its order, each once; two queries."""
    if not snapshot:
        return
    indicators = {
        i.code: i for i in Indicator.objects.filter(code__in={c.get("indicator") for c in snapshot.values()})
    }
    current = {
        (v.indicator_id, v.start, v.end): v
        for v in Value.objects.filter(indicator__in=indicators.values(), superseded_by__isnull=True)
    }
    seen = set()
    for figure in figures(letter):
        frozen = snapshot.get(figure.id)
        if frozen is None or figure.id in seen:
            continue
        seen.add(figure.id)
        indicator = indicators.get(frozen.get("indicator", ""))
        start, end = said_day(frozen.get("start")), said_day(frozen.get("end"))
        now = current.get((indicator.pk, start, end)) if indicator and start and end else None
        revision = int(frozen.get("revision", 1))
        yield Citation(
            id=figure.id,
            text=figure.text,
            name=str(frozen.get("name") or (indicator.name if indicator else frozen.get("indicator", ""))),
            indicator=str(frozen.get("indicator", "")),
            definition=str(frozen.get("definition") or (indicator.definition if indicator else "")),
            display=str(frozen.get("display", "")),
            number=_plain(frozen.get("number", "")),
            qualifier=str(frozen.get("qualifier", "")),
            unit=str(frozen.get("unit", "")),
            start=start,
            end=end,
            source=str(frozen.get("source", "")),
            revision=revision,
            revised=bool(now and now.revision > revision),
            now_display=now.display if now else "",
            now_revision=now.revision if now else 0,
            now_at=now.stated_at if now else None,
        )


def _plain(number: Any) -> str:
    """A number without an exponent: 6.1E+3 is 6100."""
    try:
        return f"{Decimal(str(number)):f}"
    except InvalidOperation:
        return str(number)
