"""A reply in the editor: everything on the page, from a version, an imported letter or what was just posted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from qiao.core.models import Case, Person, Seat, Value
from qiao.desk import phrases_writing as phrases
from qiao.desk.writing.blocks import (
    MarkError,
    Typed,
    read_block,
    read_inlines,
    wrap,
    wrap_promise,
    write_block,
)
from qiao.kinds.reply import Reply, Undertaking, figures, marked_promises
from qiao.letters import Block, Contact, Figure, Inline, Letter, LetterError, Paragraph, Promise
from qiao.letters.reading import find_figures, find_promises

MAX_BLOCKS = 400
PLAIN = ("result", "result_date", "result_reason", "publicity", "publicity_reason")
LINES = ("title_lines", "signature", "attachments")
HEAD = ("salutation", "signer", "doc_number", "note", "date")
CONTACT = ("name", "phone", "address", "postcode")


@dataclass
class Draft:
    """What stands in the form. ``rest``: parts of the letter that have no field of their own."""

    blocks: list[Typed] = field(default_factory=list)
    head: dict[str, str] = field(default_factory=dict)
    plain: dict[str, str] = field(default_factory=dict)
    addressees: str = ""
    citations: dict[str, str] = field(default_factory=dict)
    promises: dict[str, dict[str, str]] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)
    base: str = ""  # digest of the version that this editing began with
    errors: list[str] = field(default_factory=list)

    # --- from and to a reply -----------------------------------------------------------------------------------

    @classmethod
    def of(cls, reply: Reply, base: str = "") -> Draft:
        letter = reply.letter
        contact = letter.contact or Contact()
        head = {key: getattr(letter, key) or "" for key in HEAD if key != "date"}
        head["date"] = letter.date.isoformat() if letter.date else ""
        head |= {key: "\n".join(getattr(letter, key)) for key in LINES}
        head |= {f"contact_{key}": getattr(contact, key) or "" for key in CONTACT}
        data = letter.to_dict()
        known = {*HEAD, *LINES, "addressees", "contact", "blocks", "version", "result"}
        content = reply.to_dict()
        return cls(
            blocks=[write_block(b) for b in letter.blocks],
            head=head,
            plain={key: content[key] for key in PLAIN},
            addressees=str(phrases.SEPARATOR).join(letter.addressees),
            citations=dict(reply.citations),
            promises={
                p.id: {"unit": p.unit, "due": p.due.isoformat() if p.due else "", "measure": p.measure}
                for p in reply.promises
            },
            rest={key: value for key, value in data.items() if key not in known},
            base=base,
        )

    @classmethod
    def posted(cls, post: QueryDict) -> Draft:
        """What the form sent; nothing that was typed is dropped, valid or not."""
        count = min(int(post.get("count") or 0), MAX_BLOCKS)
        ids = post.getlist("promise")
        try:
            rest = json.loads(post.get("rest") or "{}")
        except ValueError:
            rest = {}
        return cls(
            blocks=[Typed(post.get(f"type-{i}", "p"), post.get(f"text-{i}", "")) for i in range(count)],
            head={
                key: post.get(key, "").replace("\r\n", "\n")
                for key in (*HEAD, *LINES, *(f"contact_{k}" for k in CONTACT))
            },
            plain={key: post.get(key, "") for key in PLAIN},
            addressees=post.get("addressees", ""),
            citations=dict(c.split("=", 1) for c in post.getlist("cite") if "=" in c),
            promises={
                key: {part: post.get(f"promise-{key}-{part}", "") for part in ("unit", "due", "measure")}
                for key in ids
            },
            rest=rest if isinstance(rest, dict) else {},
            base=post.get("base", ""),
        )

    @classmethod
    def skeleton(cls, case: Case, seat: Seat, leader: Seat | None, persons: list[Person]) -> Draft:
        """A fresh reply in the usual order: what is the case, what was done, what comes next, thanks."""
        unit = seat.organisation
        lines = str(phrases.TITLE_LINES) % {"session": case.call.title, "number": case.number}
        return cls(
            blocks=[
                Typed(kind, str(text) % {"title": case.title} if text else "")
                for kind, text in phrases.SKELETON
            ],
            head={
                "title_lines": lines,
                "signature": unit.name,
                "signer": leader.person.name if leader else "",
                "contact_name": seat.person.name,
                "contact_phone": seat.person.phone,
                "contact_address": unit.address,
                "contact_postcode": unit.postcode,
            },
            addressees=str(phrases.SEPARATOR).join(p.name for p in persons),
            rest={"form": "reply_sheet"},
        )

    def letter_blocks(self) -> list[tuple[int, Block]]:
        """The letter's blocks, each with the number of the editor block that it comes from. Fills ``errors``."""
        found: list[tuple[int, Block]] = []
        for i, typed in enumerate(self.blocks):
            try:
                found += [(i, block) for block in read_block(typed)]
            except MarkError as error:
                found.append((i, Paragraph(())))
                self.errors.append(_mark_error(error, i + 1))
        return found

    def reply(self, result_label: Callable[[str], str]) -> Reply | None:
        """The reply as typed; None with ``errors`` filled where something cannot be read."""
        self.errors = []
        blocks = tuple(block for _i, block in self.letter_blocks())
        contact = Contact(**{key: self.head.get(f"contact_{key}", "").strip() or None for key in CONTACT})
        names = [
            n.strip()
            for n in self.addressees.replace(",", str(phrases.SEPARATOR)).split(str(phrases.SEPARATOR))
        ]
        rest = {**self.rest, "version": 1, "blocks": [], "title_lines": []}
        try:
            base = Letter.from_dict({"form": "reply_sheet", **rest})
        except LetterError:
            base = Letter(form="reply_sheet", title_lines=())
        letter = replace(
            base,
            blocks=blocks,
            addressees=tuple(n for n in names if n),
            contact=contact if contact != Contact() else None,
            result=result_label(self.plain.get("result", "")) or None,
            date=self._day(self.head.get("date", ""), phrases.REPLY_DATE),
            title_lines=self._lines("title_lines"),
            signature=self._lines("signature"),
            attachments=self._lines("attachments"),
            salutation=self._line("salutation"),
            signer=self._line("signer"),
            doc_number=self._line("doc_number"),
            note=self._line("note"),
        )
        marked = marked_promises(letter)
        promises = []
        for key, text in marked.items():
            given = self.promises.get(key, {})
            due = self._day(given.get("due", ""), phrases.PROMISE_DUE)
            promises.append(
                Undertaking(key, text, given.get("unit", ""), due, given.get("measure", "").strip())
            )
        reply = Reply(
            letter=letter,
            result=self.plain.get("result", ""),
            result_date=self._day(self.plain.get("result_date", ""), phrases.RESULT_DATE),
            result_reason=self.plain.get("result_reason", "").strip(),
            publicity=self.plain.get("publicity", ""),
            publicity_reason=self.plain.get("publicity_reason", "").strip(),
            citations={f.id: self.citations.get(f.id, f.id) for f in figures(letter)},
            promises=tuple(promises),
        )
        return None if self.errors else reply

    def _line(self, key: str) -> str | None:
        return self.head.get(key, "").strip() or None

    def _lines(self, key: str) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.head.get(key, "").split("\n") if line.strip())

    def _day(self, text: str, what: Any) -> dt.date | None:
        text = text.strip()
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self.errors.append(str(phrases.DATE_WRONG) % {"what": what, "text": text})
            return None

    # --- what the buttons do ------------------------------------------------------------------------------------

    def do(self, op: str) -> None:
        """One of the editor's buttons: ``add:3``, ``del:3``, ``up:3``, ``down:3``, ``cite:3:10:16:CODE``,
        ``promise:3:10:40``. An impossible one changes nothing and says so."""
        name, *given = op.split(":")
        if not given or not given[0].isdigit() or int(given[0]) > len(self.blocks):
            return
        i = int(given[0])
        if name == "add":
            self.blocks.insert(i, Typed("p", ""))
        elif name == "del" and i < len(self.blocks):
            del self.blocks[i]
        elif name == "up" and 0 < i < len(self.blocks):
            self.blocks[i - 1], self.blocks[i] = self.blocks[i], self.blocks[i - 1]
        elif name == "down" and i + 1 < len(self.blocks):
            self.blocks[i + 1], self.blocks[i] = self.blocks[i], self.blocks[i + 1]
        elif name == "split" and i < len(self.blocks):
            parts = [p for p in self.blocks[i].text.replace("\r\n", "\n").split("\n") if p.strip()]
            self.blocks[i : i + 1] = [
                Typed("p" if n else self.blocks[i].type, p) for n, p in enumerate(parts)
            ]
        elif name in {"cite", "promise"} and i < len(self.blocks):
            self._mark(i, name, given[1:])

    def _mark(self, i: int, name: str, given: list[str]) -> None:
        inlines: tuple[Inline, ...] | None = None
        try:
            start, end = int(given[0]), int(given[1])
            (block,) = read_block(self.blocks[i])
            if not isinstance(block, Paragraph):
                return
            lead = len(block.lead.text) if block.lead else 0
            if name == "cite":
                key = given[2]
                inlines = wrap(block.inlines, start - lead, end - lead, lambda words: Figure(key, words))
            else:
                key = self.next_promise()
                inlines = wrap_promise(block.inlines, start - lead, end - lead, key)
                self.promises.setdefault(key, {})
            if inlines is not None:
                self.blocks[i] = write_block(replace(block, inlines=inlines))
        except (ValueError, IndexError):
            pass
        if inlines is None:
            self.errors.append(str(phrases.SPAN_GONE))

    def next_promise(self) -> str:
        used = set(self.promises)
        for typed in self.blocks:
            try:
                used |= {x.id for x in read_inlines(typed.text) if isinstance(x, Promise)}
            except MarkError:
                continue
        return next(f"p{n}" for n in range(1, 1000) if f"p{n}" not in used)


def _mark_error(error: MarkError, n: int) -> str:
    sentence = {
        "empty": phrases.MARK_EMPTY,
        "nested": phrases.MARK_NESTED,
        "personal": phrases.PERSONAL_UNKNOWN,
    }.get(error.code, phrases.MARK_UNKNOWN)
    return str(sentence) % {"n": n, "mark": error.words, "kind": error.words}


# --- suggestions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suggestion:
    """Words that may deserve a mark: where they stand, and (figures) which values say the same."""

    block: int
    start: int
    end: int
    text: str
    values: tuple[Value, ...] = ()

    @property
    def op(self) -> str:
        return f"{self.block}:{self.start}:{self.end}"


def _taken(block: Paragraph, what: tuple[type, ...]) -> list[tuple[int, int]]:
    at, spans = len(block.lead.text) if block.lead else 0, []

    def walk(inlines: tuple[Inline, ...], at: int) -> int:
        for one in inlines:
            if isinstance(one, what):
                spans.append((at, at + len(one.text)))
            if isinstance(one, Promise):
                walk(one.inlines, at)
            at += len(one.text)
        return at

    walk(block.inlines, at)
    return spans


def _free(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return all(end <= a or start >= b for a, b in spans)


def figure_suggestions(draft: Draft, values: list[Value]) -> list[Suggestion]:
    """Quantities in the text that cite nothing, with current values that read the same or have the same number."""
    found = []
    by_text: dict[str, list[Value]] = {}
    for value in values:
        by_text.setdefault("".join(value.display.split()), []).append(value)
    for i, block in draft.letter_blocks():
        if not isinstance(block, Paragraph):
            continue
        taken = _taken(block, (Figure,))
        for mark in find_figures(block.text):
            if not _free(mark.start, mark.end, taken) or mark.kind == "rank":
                continue
            same = by_text.get("".join(mark.text.split()), [])
            close = [v for v in values if mark.value is not None and v.value == mark.value and v not in same]
            found.append(Suggestion(i, mark.start, mark.end, mark.text, tuple((same + close)[:3])))
    return found


def promise_suggestions(draft: Draft) -> list[Suggestion]:
    """Undertakings in the text that are not marked yet."""
    placed = draft.letter_blocks()
    letter = Letter(form="reply_sheet", title_lines=(), blocks=tuple(block for _i, block in placed))
    found = []
    for mark in find_promises(letter):
        i, block = placed[mark.block or 0]
        if isinstance(block, Paragraph) and _free(mark.start, mark.end, _taken(block, (Promise,))):
            found.append(Suggestion(i, mark.start, mark.end, mark.text))
    return found
