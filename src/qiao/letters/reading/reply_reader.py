"""Reads a published reply or opinion, in any of the layouts found in the wild, into a letter.

Nothing is lost: every line of the source belongs to exactly one `Part`, and a line that is not recognised
stays in the letter as a paragraph and is named in the notices.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from qiao.letters.model import Block, Contact, Letter, Paragraph, Table, Text
from qiao.letters.reading import tail
from qiao.letters.reading.errors import Lines, Notice
from qiao.letters.reading.extract import split_lines
from qiao.letters.reading.fields import CONTACT, Field, fields_in, key_of
from qiao.letters.reading.headings import split_heading
from qiao.letters.reading.opening import (
    addressed_to,
    addressees,
    is_opening,
    read_opening,
    split_salutation,
)
from qiao.letters.reading.reply import Found, Part, ReplyReading, block_text, what_is_missing
from qiao.letters.reading.titles import Title, compact, find_title, read_title

_CLOSING = re.compile(r"此复|特此|专此|感谢|最后，|以上(?:意见|答复|情况)|此函|欢迎.{0,20}(?:关注|监督|支持)")
_GENERIC = re.compile(r"(?P<label>[\u4e00-\u9fff]{2,10})[ 　]{0,2}(?:[：:]|\t)[ \t]*(?P<value>[^\s].*)")
_SENTENCE = re.compile("[。！？；]")
_LONG = 60
_LATE = (*CONTACT, "email", "fax", "result", "previous_result", "signer")


def read_reply(text: str) -> ReplyReading:
    """The reply or opinion in `text`; always succeeds, and says in the notices what it did not find."""
    return _Reader(text).read()


class _Reader:
    """One pass from the top, one from the bottom, then the body between them."""

    def __init__(self, text: str) -> None:
        numbered = [(n, line.strip()) for n, line in enumerate(split_lines(text), start=1)]
        self.numbers = [n for n, line in numbered if line]
        self.lines = [line for _, line in numbered if line]
        self.parts: list[Part] = []
        self.after: list[Part] = []
        self.blocks: list[Block] = []
        self.notices: list[Notice] = []
        self.fields: list[Field] = []
        self.got: dict[str, Found[str]] = {}
        self.signature: list[Found[str]] = []
        self.date: Found[dt.date] | None = None
        self.attached: tuple[str, ...] = ()
        self.copies: tuple[str, ...] = ()
        self.printed: tuple[str, dt.date | None] | None = None
        self.first_body = len(self.lines)

    def read(self) -> ReplyReading:
        title = find_title(self.lines)
        begin = self._head(title)
        end = self._tail(begin)
        self._body(begin, end)
        for part in self.after:
            if part.role == "unrecognised":
                self._block(Paragraph((Text(part.text),)), part.at, "unrecognised")
            else:
                self.parts.append(part)
        return self._result(title)

    # --- from the top ------------------------------------------------------------------------------

    def _head(self, title: Title | None) -> int:
        """Everything before the body; gives the position at which the body begins."""
        index = 0
        while index < len(self.lines):
            line, at = self.lines[index], self._at(index)
            if title and index == title.first:
                span = self._at(title.first, title.last)
                self._keep("title", "".join(self.lines[title.first : title.last + 1]), span)
                index = title.last + 1
                continue
            both = split_salutation(line)
            if both:
                self._keep("salutation", both[0], at)
                self.lines[index] = both[1]
                return index
            if is_opening(line):
                return index
            before_title = title is not None and index < title.first
            used = self._head_line(index, at, before_title=before_title)
            if used == 0 and not before_title and self._is_body(line, title):
                return index
            if used == 0:
                self._unrecognised(index)
            index += used or 1
        return index

    def _is_body(self, line: str, title: Title | None) -> bool:
        return (
            title is None
            or len(line) > _LONG
            or split_heading(line)[0] is not None
            or _SENTENCE.search(line) is not None
            or tail.signed(line) is not None
            or "salutation" in self.got
        )

    def _head_line(self, index: int, at: Lines, *, before_title: bool) -> int:
        """Takes one thing that stands before the body; gives how many lines it took."""
        line = self.lines[index]
        found = fields_in(line, at)
        if found:
            return self._fields(found, index)
        pieces = re.split(r"\s{2,}|\t", line, maxsplit=1)
        if tail.document_number(line) or tail.document_number(pieces[0]):
            beside = [] if tail.document_number(line) else fields_in(pieces[1], at) if pieces[1:] else []
            for item in beside:
                self._note(item)
            if beside or tail.document_number(line):
                return self._keep("doc_number", pieces[0] if beside else line, at, line)
        if tail.publicity_class(line):
            return self._keep("publicity", tail.publicity_class(line) or "", at, line)
        if not before_title:
            taken = self._salutation(index)
            if taken:
                return taken
        mark = line.removesuffix("文件").rstrip()
        if tail.is_unit_of_words(mark) and "issuer" not in self.got and "salutation" not in self.got:
            return self._keep("issuer", mark, at, line)
        if before_title:
            generic = _GENERIC.fullmatch(line)
            if generic:
                return self._fields([Field("", generic["label"], generic["value"].strip(), at)], index)
            if tail.read_date(line):
                return self._fields([Field("date_published", "", line, at)], index)
            if key_of(line):
                self.parts.append(Part("field", at, line))
                return 1
        return 0

    def _fields(self, found: list[Field], index: int) -> int:
        """Notes fields; a label alone on its line takes its value from the next."""
        used = 1
        only = found[0]
        if len(found) == 1 and not only.value and index + 1 < len(self.lines):
            following = self.lines[index + 1]
            ends_open = self.lines[index].endswith(("：", ":"))
            if ends_open and not fields_in(following, only.at) and not read_title(following):
                used = 2
                value = "" if following in {"无", "/", "-"} else following
                found = [replace(only, value=value, at=self._at(index, index + 1))]
        for item in found:
            self._note(item)
        text = "\n".join(self.lines[index : index + used])
        self.parts.append(Part("field", self._at(index, index + used - 1), text))
        return used

    def _note(self, item: Field) -> None:
        self.fields.append(item)
        if item.key and item.value:
            here = self.got.get(item.key)
            if here is None:
                self.got[item.key] = Found(item.value, item.at)
            elif item.key in CONTACT and item.value not in here.value:
                self.got[item.key] = Found(f"{here.value}、{item.value}", here.at)

    def _salutation(self, index: int) -> int:
        """An addressee line, or several that run on with 、."""
        if "salutation" in self.got:
            return 0
        for last in range(index, min(index + 20, len(self.lines))):
            line = self.lines[last]
            if len(line) > 200 or _SENTENCE.search(line) or split_heading(line)[0]:
                return 0
            if line.endswith(("：", ":")):
                words = "".join(self.lines[index : last + 1])
                if last == index and len(line) == 1:
                    return 0
                self._keep("salutation", words, self._at(index, last))
                return last - index + 1
            if not line.endswith(("、", "，", ",")) and not re.fullmatch(
                r"[\u4e00-\u9fff·]{2,8}(?:[ 　]+[\u4e00-\u9fff·]{2,8})*", line
            ):
                return 0
        return 0

    # --- from the bottom ---------------------------------------------------------------------------

    def _tail(self, begin: int) -> int:
        """Everything after the body; gives the position at which the body ends."""
        end = len(self.lines)
        lowest = max(begin, end - 30)
        dated = next((i for i in range(end - 1, lowest - 1, -1) if tail.signed(self.lines[i])), None)
        if dated is None:
            start = end
            while start > begin and self._is_tail(start - 1):
                start -= 1
            for index in range(start, end):
                self._tail_line(index)
            return self._signature(start, begin) if start < end or self._looks_signed(start, begin) else end
        sign = tail.signed(self.lines[dated])
        if sign is None or sign.date is None:
            self.notices.append(Notice("bad_date", self._at(dated), {"text": self.lines[dated]}))
            self.after.append(Part("unrecognised", self._at(dated), self.lines[dated]))
        else:
            self.date = Found(sign.date, self._at(dated))
            role = "date"
            if sign.unit:
                self.signature.append(Found(sign.unit, self._at(dated)))
            self.after.append(Part(role, self._at(dated), self.lines[dated]))
        for index in range(dated + 1, end):
            self._tail_line(index)
        if sign and sign.unit:
            return dated
        return self._signature(dated, begin)

    def _looks_signed(self, start: int, begin: int) -> bool:
        return start > begin + 1 and tail.is_unit_of_words(self.lines[start - 1])

    def _is_tail(self, index: int) -> bool:
        line = self.lines[index]
        return bool(
            tail.publicity_note(line)
            or tail.copies(line)
            or tail.printed(line)
            or any(item.key in _LATE for item in fields_in(line, self._at(index)))
        )

    def _tail_line(self, index: int) -> None:
        line, at = self.lines[index], self._at(index)
        note, names, print_line = tail.publicity_note(line), tail.copies(line), tail.printed(line)
        found = fields_in(line, at)
        if note and "note" not in self.got:
            self.got["note"] = Found(note, at)
            self.after.append(Part("note", at, line))
        elif names and not self.copies:
            self.copies = names
            self.after.append(Part("copies", at, line))
        elif print_line and not self.printed:
            self.printed = print_line
            self.after.append(Part("printed", at, line))
        elif found:
            for item in found:
                self._note(item)
            self.after.append(Part("field", at, line))
        elif tail.publicity_class(line) and "publicity" not in self.got:
            self.got["publicity"] = Found(tail.publicity_class(line) or "", at)
            self.after.append(Part("publicity", at, line))
        elif not self.signature and self.date and tail.is_unit_of_words(line):
            self.signature.append(Found(line, at))
            self.after.append(Part("signature", at, line))
        else:
            self.after.append(Part("unrecognised", at, line))

    def _signature(self, end: int, begin: int) -> int:
        """The unit lines that stand right above position `end`."""
        start = end
        while start > begin and end - start < 4 and tail.is_unit(self.lines[start - 1]):
            start -= 1
        if start == end and end > begin and tail.is_unit_of_words(self.lines[end - 1]):
            start -= 1
        signs: list[Found[str]] = []
        for index in range(start, end):
            spread = tail.units_in(self.lines[index])
            names = spread if tail.is_unit(self.lines[index]) else [self.lines[index]]
            signs += [Found(name, self._at(index)) for name in names]
        self.after[:0] = [Part("signature", self._at(i), self.lines[i]) for i in range(start, end)]
        self.signature = signs + self.signature
        return start

    # --- between -----------------------------------------------------------------------------------

    def _body(self, begin: int, end: int) -> None:
        self.first_body = len(self.blocks)
        index = begin
        while index < end:
            line, at = self.lines[index], self._at(index)
            names, used = tail.attachments(self.lines[index:end])
            contact = fields_in(line, at) if line[0] in "（(" or index >= end - 4 else []
            rows = self._rows(index, end)
            if names and used == end - index and not self.attached:
                self.attached = names
                self.parts.append(
                    Part("attachments", self._at(index, end - 1), "\n".join(self.lines[index:end]))
                )
                index = end
            elif contact and all(item.key in _LATE for item in contact):
                for item in contact:
                    self._note(item)
                self.parts.append(Part("field", at, line))
                index += 1
            elif tail.publicity_note(line) and "note" not in self.got and index >= end - 3:
                self._keep("note", tail.publicity_note(line) or "", at, line)
                index += 1
            elif len(rows) > 1:
                cells = tuple(tuple((Text(cell),) if cell else () for cell in row) for row in rows)
                self._block(Table(cells), self._at(index, index + len(rows) - 1), "table")
                index += len(rows)
            else:
                self._words(line, at)
                index += 1

    def _words(self, line: str, at: Lines) -> None:
        if "opening" not in self.got and len(self.blocks) - self.first_body < 2 and is_opening(line):
            opening = read_opening(line)
            self.got["opening"] = Found(opening.phrase or "", at)
            if opening.title:
                self.got["proposal_title"] = Found(opening.title, at)
            if opening.doubled:
                self.notices.append(Notice("doubled_about", at))
        heading, rest = split_heading(line)
        if heading is not None and not rest:
            self._block(heading, at, "heading")
        else:
            self._block(Paragraph((Text(rest),), heading), at, "paragraph")

    def _rows(self, index: int, end: int) -> list[list[str]]:
        """The table rows that begin here: lines with equally many tabs."""
        rows: list[list[str]] = []
        for line in self.lines[index:end]:
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) < 2 or (rows and len(cells) != len(rows[0])):
                break
            rows.append(cells)
        return rows

    # --- keeping -----------------------------------------------------------------------------------

    def _at(self, first: int, last: int | None = None) -> Lines:
        return Lines(self.numbers[first], self.numbers[first if last is None else last])

    def _keep(self, role: str, value: str, at: Lines, text: str | None = None) -> int:
        if role not in self.got or role in {"title", "salutation"}:
            self.got[role] = Found(value, at)
        self.parts.append(Part(role, at, value if text is None else text))
        return 1

    def _block(self, block: Block, at: Lines, role: str) -> None:
        self.parts.append(Part(role, at, block_text(block), len(self.blocks)))
        self.blocks.append(block)
        if role == "unrecognised":
            self.notices.append(Notice("unrecognised", at))

    def _unrecognised(self, index: int) -> None:
        self._block(Paragraph((Text(self.lines[index]),)), self._at(index), "unrecognised")

    # --- the outcome -------------------------------------------------------------------------------

    def _result(self, title: Title | None) -> ReplyReading:
        got = self.got
        printed_title = got.get("title")
        if title is None and printed_title is not None:
            title = read_title(printed_title.value)
        title_lines = (
            tuple(self._title_lines(title)) if title and any(p.role == "title" for p in self.parts) else ()
        )
        salutation = got.get("salutation")
        names = addressees(salutation.value) if salutation else ()
        plain = bool(salutation and names and "、".join(names) + "：" == salutation.value)
        note = got.get("note")
        number = got.get("doc_number")
        contact = {key: got[key] for key in CONTACT if key in got}
        date = self.date
        if date is None and "date_written" in got:
            day = tail.read_date(got["date_written"].value)
            date = Found(day, got["date_written"].at) if day else None
        letter = Letter(
            form="letter" if number else "reply_sheet",
            title_lines=title_lines or ((printed_title.value,) if printed_title else ()),
            blocks=tuple(self.blocks),
            result=_value(got.get("result")),
            signer=_value(got.get("signer")),
            doc_number=compact(number.value) if number else None,
            issuer_mark=_value(got.get("issuer")) if number else None,
            addressees=names,
            salutation=salutation.value if salutation and not plain else None,
            signature=tuple(unit.value for unit in self.signature),
            date=date.value if date else None,
            note=note.value if note else None,
            contact=Contact(*(_value(contact.get(key)) for key in CONTACT)) if contact else None,
            attachments=self.attached,
            copies_to=self.copies,
            printed_by=self.printed[0] if self.printed else None,
            printed_on=self.printed[1] if self.printed else None,
        )
        reading = ReplyReading(
            letter=letter, kind=title.kind if title else "reply",
            parts=tuple(self.parts), notices=(), title=printed_title,
            body=title.body if title else None, body_name=title.body_name if title else None,
            term=title.term if title else None, session=title.session if title else None,
            number=title.number if title else None,
            result=got.get("result"), previous_result=got.get("previous_result"), signer=got.get("signer"),
            salutation=salutation, addressees=names,
            addressed_to=addressed_to(names, salutation.value if salutation else None),
            opening=got.get("opening"), proposal_title=got.get("proposal_title"), closing=self._closing(),
            signature=tuple(self.signature), date=date, note=note, publicity=got.get("publicity"),
            doc_number=number, issuer=got.get("issuer"), contact=contact, metadata=tuple(self.fields),
        )  # fmt: skip
        return replace(reading, notices=(*self.notices, *what_is_missing(reading)))

    def _title_lines(self, title: Title) -> list[str]:
        return self.lines[title.first : title.last + 1]

    def _closing(self) -> Found[str] | None:
        last = [part for part in self.parts if part.role == "paragraph"][-3:]
        return next((Found(part.text, part.at) for part in last if _CLOSING.search(part.text[:40])), None)


def _value(found: Found[str] | None) -> str | None:
    return found.value if found else None
