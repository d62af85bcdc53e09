"""What a reply on file holds besides its letter: result, publicity, cited figures, promises. And what it lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings

from qiao.core.acts import need
from qiao.core.clocks import local_date
from qiao.core.models import Organisation, Value, Version
from qiao.core.process import Context, Problem
from qiao.core.rulebook import Rulebook
from qiao.kinds import phrases
from qiao.letters.layout import Layout, layout_for, load_layout
from qiao.letters.model import Figure, Inline, Letter, Paragraph, Promise, Table
from qiao.letters.sheet import plain_text


@dataclass(frozen=True)
class Undertaking:
    """A promise marked in the text: who owes what by which day, measured how."""

    id: str
    text: str
    unit: str = ""  # organisation code
    due: dt.date | None = None
    measure: str = ""

    @property
    def complete(self) -> bool:
        return bool(self.unit and self.due and self.measure)


@dataclass(frozen=True)
class Reply:
    """The content of a ``reply`` paper, typed. ``citations``: figure id → value code."""

    letter: Letter
    result: str = ""
    result_date: dt.date | None = None
    result_reason: str = ""
    publicity: str = ""
    publicity_reason: str = ""
    citations: Mapping[str, str] = field(default_factory=dict)
    promises: tuple[Undertaking, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "letter": self.letter.to_dict(),
            "result": self.result,
            "result_date": self.result_date.isoformat() if self.result_date else "",
            "result_reason": self.result_reason,
            "publicity": self.publicity,
            "publicity_reason": self.publicity_reason,
            "citations": dict(self.citations),
            "promises": [
                {
                    "id": p.id,
                    "text": p.text,
                    "unit": p.unit,
                    "due": p.due.isoformat() if p.due else "",
                    "measure": p.measure,
                }
                for p in self.promises
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reply:
        """Raises ``LetterError`` or ``ValueError`` for data that :meth:`to_dict` never wrote."""

        def day(text: str) -> dt.date | None:
            return dt.date.fromisoformat(text) if text else None

        return cls(
            letter=Letter.from_dict(data["letter"]),
            result=data.get("result", ""),
            result_date=day(data.get("result_date", "")),
            result_reason=data.get("result_reason", ""),
            publicity=data.get("publicity", ""),
            publicity_reason=data.get("publicity_reason", ""),
            citations=dict(data.get("citations", {})),
            promises=tuple(
                Undertaking(
                    p["id"], p["text"], p.get("unit", ""), day(p.get("due", "")), p.get("measure", "")
                )
                for p in data.get("promises", [])
            ),
        )


def layout_of(unit: Organisation | None, letter: Letter) -> Layout:
    """How a unit's letters look: the layout it names, from ``policies/layouts/`` or the library; else its form's.

    Raises ``LetterError`` for a name that neither knows.
    """
    name = unit.layout if unit else ""
    if not name:
        return layout_for(letter.form)
    own = settings.POLICIES / "layouts" / f"{name}.yaml"
    return load_layout(own if own.is_file() and own.parent.name == "layouts" else name)


def inlines(letter: Letter) -> Iterator[Inline]:
    """Every inline of a letter, promises' own parts included."""
    for block in letter.blocks:
        groups: Iterable[Iterable[Inline]] = ()
        if isinstance(block, Paragraph):
            groups = [block.inlines]
        elif isinstance(block, Table):
            groups = [cell for row in block.rows for cell in row]
        for group in groups:
            for inline in group:
                yield inline
                if isinstance(inline, Promise):
                    yield from inline.inlines


def figures(letter: Letter) -> list[Figure]:
    return [i for i in inlines(letter) if isinstance(i, Figure)]


def marked_promises(letter: Letter) -> dict[str, str]:
    return {i.id: i.text for i in inlines(letter) if isinstance(i, Promise)}


def values_cited(reply: Reply) -> dict[str, Value]:
    """Citation id → value, in one query."""
    found = Value.objects.filter(code__in=set(reply.citations.values())).select_related(
        "indicator", "superseded_by"
    )
    by_code = {v.code: v for v in found}
    return {key: by_code[code] for key, code in reply.citations.items() if code in by_code}


def snapshot(reply: Reply) -> dict[str, Any]:
    """What signature freezes of every cited value: what was counted and how, figure, period, source, revision."""
    return {
        key: {
            "value": v.code,
            "indicator": v.indicator.code,
            "name": v.indicator.name,
            "definition": v.indicator.definition,
            "display": v.display,
            "number": f"{v.value.normalize():f}",
            "qualifier": v.qualifier,
            "unit": v.indicator.unit,
            "start": v.start.isoformat(),
            "end": v.end.isoformat(),
            "source": v.source or v.indicator.source,
            "revision": v.revision,
        }
        for key, v in sorted(values_cited(reply).items())
    }


def letter_as_signed(version: Version) -> Letter:
    """The letter of a version. One that names no day is of the day on which it was signed (GB/T 9704: 成文日期)."""
    letter = Letter.from_dict(version.content["letter"])
    if letter.date is not None or version.pk is None:
        return letter
    signed = version.acts.filter(verb="sign").order_by("-seq").values_list("at", flat=True).first()
    return replace(letter, date=local_date(signed)) if signed else letter


def _squeezed(text: str) -> str:
    return "".join(text.split())


def problems(reply: Reply, book: Rulebook) -> list[Problem]:
    """Everything that keeps this reply from being signed, each with what to do."""
    found: list[Problem] = []
    if not reply.letter.blocks:
        found.append(need("letter_empty", phrases.LETTER_EMPTY))
    if not reply.letter.addressees and not reply.letter.salutation:
        found.append(need("addressee_missing", phrases.ADDRESSEE_MISSING))
    result = book.term("result", reply.result)
    if result is None:
        found.append(need("result_missing", phrases.RESULT_MISSING))
    else:
        if "date" in result.needs and reply.result_date is None:
            found.append(need("result_needs_date", phrases.RESULT_NEEDS_DATE, result=result.label))
        if "reason" in result.needs and not reply.result_reason.strip():
            found.append(need("result_needs_reason", phrases.RESULT_NEEDS_REASON, result=result.label))
    publicity = book.term("publicity", reply.publicity)
    if publicity is None:
        found.append(need("publicity_missing", phrases.PUBLICITY_MISSING))
    elif "reason" in publicity.needs and not reply.publicity_reason.strip():
        found.append(
            need("publicity_needs_reason", phrases.PUBLICITY_NEEDS_REASON, publicity=publicity.label)
        )
    found += figure_problems(reply)
    marked = marked_promises(reply.letter)
    for promise in reply.promises:
        if promise.id not in marked:
            found.append(need("promise_not_in_text", phrases.PROMISE_NOT_IN_TEXT, text=promise.text))
        elif not promise.complete:
            found.append(need("promise_incomplete", phrases.PROMISE_INCOMPLETE, text=promise.text))
    known = {p.id for p in reply.promises}
    for key, text in marked.items():
        if key not in known:
            found.append(need("promise_incomplete", phrases.PROMISE_INCOMPLETE, text=text))
    return found


def figure_problems(reply: Reply) -> list[Problem]:
    """Figures whose source is missing, superseded or says something else."""
    found: list[Problem] = []
    values = values_cited(reply)
    for figure in figures(reply.letter):
        value = values.get(figure.id)
        if value is None:
            found.append(need("figure_no_source", phrases.FIGURE_NO_SOURCE, text=figure.text))
        elif value.superseded_by is not None:
            now = value.superseded_by.display
            found.append(need("figure_superseded", phrases.FIGURE_SUPERSEDED, text=figure.text, now=now))
        elif not (value.source or value.indicator.source).strip():
            found.append(need("figure_sourceless", phrases.FIGURE_SOURCELESS, text=figure.text))
        elif _squeezed(figure.text) != _squeezed(value.display):
            found.append(
                need("figure_differs", phrases.FIGURE_DIFFERS, text=figure.text, display=value.display)
            )
    return found


def reply_of(ctx: Context) -> Reply | None:
    """The reply on the table of a handling case."""
    version = ctx.current("reply")
    return Reply.from_dict(version.content) if version else None


def text_of(paper: str, content: dict[str, Any]) -> str:
    """The plain text of a paper of a handling or opinion case."""
    if "letter" in content:
        return plain_text(Letter.from_dict(content["letter"]))
    return str(content.get("text", ""))
