"""A reply in the editor: everything on the page, from a version, an imported letter or what was just posted."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from django.db.models import QuerySet
from django.http import QueryDict

from qiao.core.forms import day
from qiao.core.language import as_stored
from qiao.core.models import Case, Organisation, Person, Seat, Value
from qiao.core.organisations import look_up
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
from qiao.letters import (
    Block,
    Contact,
    Figure,
    Inline,
    Leaf,
    Letter,
    LetterError,
    Paragraph,
    Personal,
    PersonalKind,
    Promise,
)
from qiao.letters.model import PERSONAL_KINDS
from qiao.letters.reading import find_figures, find_personal, find_promises

MAX_BLOCKS = 300  # two fields each, and Django reads 1,000 fields of a form
PARTS = ("unit", "due", "measure")
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

        def given(key: str, otherwise: str = "") -> str:
            return post.get(key, otherwise).replace("\r\n", "\n").replace("\0", "")

        count = given("count")
        try:
            rest = json.loads(given("rest") or "{}")
        except (ValueError, RecursionError):
            rest = {}
        return cls(
            blocks=[
                Typed(given(f"type-{i}", "p"), given(f"text-{i}"))
                for i in range(min(int(count), 1000) if count.isdecimal() else 0)
            ],
            head={key: given(key) for key in (*HEAD, *LINES, *(f"contact_{k}" for k in CONTACT))},
            plain={key: given(key) for key in PLAIN},
            addressees=given("addressees"),
            citations=dict(c.split("=", 1) for c in post.getlist("cite") if "=" in c),
            promises={
                key: {part: given(f"promise-{key}-{part}") for part in PARTS}
                for key in post.getlist("promise")
            },
            rest=rest if isinstance(rest, dict) else {},
            base=given("base"),
        )

    @classmethod
    def skeleton(
        cls, case: Case, seat: Seat, leader: Seat | None, persons: list[Person], instrument: Any
    ) -> Draft:
        """A fresh reply in the usual order: what is the case, what was done, what comes next, thanks.

        A letter is Chinese whatever language its writer reads the pages in.
        """
        unit = seat.organisation
        with as_stored():
            said = {
                "session": case.call.title,
                "number": case.number,
                "title": case.title,
                "instrument": str(instrument).removeprefix(phrases.OF_THE_CONFERENCE),
            }
            return cls(
                blocks=[
                    Typed(kind, str(text) % said if text and "%" in str(text) else str(text))
                    for kind, text in phrases.SKELETON
                ],
                head={
                    "title_lines": str(phrases.TITLE_LINES) % said,
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

    def find_units(self, among: QuerySet[Organisation]) -> dict[str, str]:
        """From now on who owes a promise stands in the draft by code; gives the names. Fills ``errors`` with what was
        typed and names no unit, and leaves it as it was typed."""
        typed = [given["unit"] for given in self.promises.values() if given.get("unit")]
        found, problems = look_up(typed, among)
        for given in self.promises.values():
            if unit := found.get(given.get("unit", "").strip()):
                given["unit"] = unit.code
        self.errors += [text for problem in problems for text in problem.messages]
        return {unit.code: unit.name for unit in found.values()}

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
        if len(self.blocks) > MAX_BLOCKS:
            self.errors.append(str(phrases.TOO_MANY) % {"n": len(self.blocks), "limit": MAX_BLOCKS})
        blocks = tuple(block for _i, block in self.letter_blocks())
        contact = Contact(**{key: self.head.get(f"contact_{key}", "").strip() or None for key in CONTACT})
        names = [n.strip() for n in re.split(phrases.BETWEEN_NAMES, self.addressees)]
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
            return day(text)
        except ValueError:
            self.errors.append(str(phrases.DATE_WRONG) % {"what": what, "text": text})
            return None

    # --- what the buttons do ------------------------------------------------------------------------------------

    def do(self, op: str, *, unit: str = "", values: Iterable[Value] = ()) -> None:
        """One of the editor's buttons: ``add:3``, ``del:3``, ``up:3``, ``down:3``, ``split:3``, ``cite:3:10:16:CODE``,
        ``promise:3:10:40:DUE``, ``hide:3:10:12:name``, ``recite:ID:CODE``, ``cite_all``. ``unit`` is who owes a new
        promise unless something else is said. An impossible one changes nothing; a mark that cannot be set says so."""
        name, *given = op.split(":")
        if name == "cite_all":
            for one in figure_suggestions(self, values):
                if len(one.same) == 1:
                    self._mark(one.block, name, [str(one.start), str(one.end), one.same[0].code], unit)
        elif name == "recite" and len(given) == 2:
            self._recite(given[0], next((v for v in values if v.code == given[1]), None))
        elif given and given[0].isdecimal() and int(given[0]) <= len(self.blocks):
            self._change(int(given[0]), name, given[1:], unit)

    def _change(self, i: int, name: str, given: list[str], unit: str) -> None:
        if name == "add":
            self.blocks.insert(i, Typed("p", ""))
        elif i == len(self.blocks):
            return
        elif name == "del":
            del self.blocks[i]
        elif name == "up" and i > 0:
            self.blocks[i - 1], self.blocks[i] = self.blocks[i], self.blocks[i - 1]
        elif name == "down" and i + 1 < len(self.blocks):
            self.blocks[i + 1], self.blocks[i] = self.blocks[i], self.blocks[i + 1]
        elif name == "split":
            parts = [p for p in self.blocks[i].text.split("\n") if p.strip()]
            self.blocks[i : i + 1] = [
                Typed("p" if n else self.blocks[i].type, p) for n, p in enumerate(parts)
            ]
        elif name in {"cite", "promise", "hide"}:
            self._mark(i, name, given, unit)

    def _mark(self, i: int, name: str, given: list[str], unit: str) -> None:
        inlines: tuple[Inline, ...] | None = None
        try:
            start, end, key = int(given[0]), int(given[1]), given[2] if len(given) > 2 else ""
            (block,) = read_block(self.blocks[i])
            if not isinstance(block, Paragraph):
                return
            lead = len(block.lead.text) if block.lead else 0
            start, end = start - lead, end - lead
            if name == "promise":
                known = self.next_promise()
                inlines = wrap_promise(block.inlines, start, end, known)
                if inlines is not None:
                    self.promises.setdefault(known, {"unit": unit, "due": key, "measure": ""})
            elif name == "hide" and key in PERSONAL_KINDS:
                kind = cast(PersonalKind, key)
                inlines = wrap(block.inlines, start, end, lambda words: Personal(kind, words))
            elif name in {"cite", "cite_all"} and key:
                inlines = wrap(block.inlines, start, end, lambda words: Figure(key, words))
            if inlines is not None:
                self.blocks[i] = write_block(replace(block, inlines=inlines))
        except (ValueError, IndexError):
            pass
        if inlines is None:
            self.errors.append(str(phrases.SPAN_GONE))

    def _recite(self, key: str, value: Value | None) -> None:
        """Every place that cites ``key`` cites ``value`` instead, and says what it says."""
        if value is None:
            return
        new = Figure(value.code, value.display)

        def renewed(inlines: Iterable[Inline]) -> tuple[Inline, ...]:
            return tuple(
                new
                if isinstance(one, Figure) and one.id == key
                else Promise(one.id, cast(tuple[Leaf, ...], renewed(one.inlines)))
                if isinstance(one, Promise)
                else one
                for one in inlines
            )

        for i, typed in enumerate(self.blocks):
            try:
                found = read_block(typed)
            except MarkError:
                continue
            if len(found) == 1 and isinstance(block := found[0], Paragraph):
                changed = renewed(block.inlines)
                if changed != block.inlines:
                    self.blocks[i] = write_block(replace(block, inlines=changed))

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
        "heading": phrases.MARK_HEADING,
        "nested": phrases.MARK_NESTED,
        "personal": phrases.PERSONAL_UNKNOWN,
    }.get(error.code, phrases.MARK_UNKNOWN)
    return str(sentence) % {"n": n, "mark": error.words, "kind": error.words}


# --- suggestions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suggestion:
    """Words that may deserve a mark: where they stand, and which values say the same (``same``) or count as much
    (``close``). ``more`` is what the button says besides: a promise's day, the kind of personal data."""

    block: int
    start: int
    end: int
    text: str
    same: tuple[Value, ...] = ()
    close: tuple[Value, ...] = ()
    more: str = ""

    @property
    def values(self) -> tuple[Value, ...]:
        return (*self.same, *self.close)[:3]

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


def _open(
    draft: Draft, what: tuple[type, ...]
) -> Iterator[tuple[int, Paragraph, Callable[[int, int], bool]]]:
    """Paragraphs, each with a test whether words from–to may still be marked: none of ``what``, not in the heading."""
    for i, block in draft.letter_blocks():
        if isinstance(block, Paragraph):
            taken, lead = _taken(block, what), len(block.lead.text) if block.lead else 0

            def free(start: int, end: int, taken: Any = taken, lead: int = lead) -> bool:
                return start >= lead and _free(start, end, taken)

            yield i, block, free


def _agree(unit: str, other: str) -> bool:
    return not unit or not other or unit in other or other in unit


def figure_suggestions(draft: Draft, values: Iterable[Value]) -> list[Suggestion]:
    """Quantities in the text that cite nothing, with current values that read the same or count as many of the same."""
    found = []
    by_text: dict[str, list[Value]] = {}
    by_number: dict[Any, list[Value]] = {}
    for value in values:
        by_text.setdefault("".join(value.display.split()), []).append(value)
        by_number.setdefault(value.value, []).append(value)
    for i, block, free in _open(draft, (Figure, Personal)):
        for mark in find_figures(block.text):
            same = tuple(by_text.get("".join(mark.text.split()), []))
            if not free(mark.start, mark.end) or (mark.kind == "rank" and not same):
                continue
            close = tuple(
                v
                for v in by_number.get(mark.value, [])
                if v not in same and _agree(mark.unit, v.indicator.unit)
            )
            found.append(Suggestion(i, mark.start, mark.end, mark.text, same, close))
    return found


def promise_suggestions(draft: Draft) -> list[Suggestion]:
    """Undertakings in the text that are not marked yet, each with the day that the text names for it."""
    placed = draft.letter_blocks()
    try:
        date = day(draft.head.get("date", "").strip())
    except ValueError:
        date = None
    letter = Letter(
        form="reply_sheet", title_lines=(), blocks=tuple(block for _i, block in placed), date=date
    )
    found = []
    for mark in find_promises(letter):
        i, block = placed[mark.block or 0]
        if isinstance(block, Paragraph) and _free(mark.start, mark.end, _taken(block, (Promise,))):
            due = mark.due.isoformat() if mark.due else ""
            found.append(Suggestion(i, mark.start, mark.end, mark.text, more=due))
    return found


def personal_suggestions(draft: Draft) -> list[Suggestion]:
    """Names, telephones and the like in the running text that the public copy would show."""
    return [
        Suggestion(i, mark.start, mark.end, mark.text, more=mark.kind)
        for i, block, free in _open(draft, (Personal, Figure))
        for mark in find_personal(block.text)
        if free(mark.start, mark.end)
    ]
