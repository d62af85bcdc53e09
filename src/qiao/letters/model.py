"""What an official letter says, as frozen data.

A letter is what a paper version stores: it goes to JSON with :meth:`Letter.to_dict` and comes back, equal,
with :meth:`Letter.from_dict`. Numbers such as 一、 or （一） are part of the text and never renumbered, so
that a copy reads as the original. Nothing here knows how a letter looks; that is :mod:`qiao.letters.layout`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias, cast, get_args

from qiao.letters.errors import LetterError

Form: TypeAlias = Literal["reply_sheet", "letter", "document"]
"""Unnumbered reply sheet 答复单 / letter format 信函格式 / red-headed document 红头文件."""

PersonalKind: TypeAlias = Literal["name", "phone", "address", "other"]

FORMS: tuple[str, ...] = get_args(Form)
PERSONAL_KINDS: tuple[str, ...] = get_args(PersonalKind)
SCHEMA_VERSION = 1


# --- inlines ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A cited indicator figure: ``id`` names the citation, ``text`` is what is printed, e.g. “近310亿元”."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data, which a public copy may have to hide."""

    kind: PersonalKind
    text: str


Leaf: TypeAlias = Text | Figure | Personal


@dataclass(frozen=True, slots=True)
class Promise:
    """A passage that promises something; ``id`` names the commitment that was made of it."""

    id: str
    inlines: tuple[Leaf, ...]

    @property
    def text(self) -> str:
        return "".join(leaf.text for leaf in self.inlines)


Inline: TypeAlias = Text | Figure | Personal | Promise


# --- blocks ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading with its number in the text: level 1 一、, 2 （一）, 3 1., 4 （1）."""

    level: int
    text: str

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3, 4):
            raise LetterError("letter.heading_level", level=self.level)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``lead`` is a heading that runs into it: “（一）依托创新平台。厚植培育…”."""

    inlines: tuple[Inline, ...]
    lead: Heading | None = None

    @property
    def text(self) -> str:
        """The whole paragraph as it reads, run-in heading included."""
        return (self.lead.text if self.lead else "") + "".join(inline.text for inline in self.inlines)


Cell: TypeAlias = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first ``header_rows`` rows are headings."""

    rows: tuple[tuple[Cell, ...], ...]
    header_rows: int = 0


Block: TypeAlias = Heading | Paragraph | Table


# --- the letter ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contact:
    """Who in the handling unit may be asked. An absent field is not printed."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """An official letter. Only what is set is printed."""

    form: Form
    title_lines: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    result: str | None = None
    """The outcome's label, e.g. 解决或采纳 (办理结果)."""
    signer: str | None = None
    """签发人."""
    doc_number: str | None = None
    """发文字号, e.g. 长科委函〔2024〕14号."""
    issuer_mark: str | None = None
    """发文机关标志, printed red in the letter and document forms."""
    addressees: tuple[str, ...] = ()
    salutation: str | None = None
    """The addressee line as printed, where it is not the addressees joined by 、 and closed by ：."""
    signature: tuple[str, ...] = ()
    """The signing units, first one first."""
    date: dt.date | None = None
    note: str | None = None
    """附注 without its brackets, e.g. 此件公开发布."""
    contact: Contact | None = None
    attachments: tuple[str, ...] = ()
    """附件说明: names, without the label and numbers."""
    copies_to: tuple[str, ...] = ()
    """抄送."""
    printed_by: str | None = None
    """印发机关."""
    printed_on: dt.date | None = None
    """印发日期."""
    language: str = field(default="zh-CN")

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise LetterError("letter.form", form=self.form)

    def to_dict(self) -> dict[str, Any]:
        """The letter as JSON data, with the schema's version; absent and empty fields are left out."""
        data: dict[str, Any] = {
            "version": SCHEMA_VERSION,
            "form": self.form,
            "title_lines": list(self.title_lines),
            "blocks": [_block_to_dict(block) for block in self.blocks],
        }
        for key in ("result", "signer", "doc_number", "issuer_mark", "salutation", "note", "printed_by"):
            if (value := getattr(self, key)) is not None:
                data[key] = value
        for key in ("addressees", "signature", "attachments", "copies_to"):
            if items := getattr(self, key):
                data[key] = list(items)
        for key in ("date", "printed_on"):
            if (day := getattr(self, key)) is not None:
                data[key] = day.isoformat()
        if self.contact is not None:
            data["contact"] = {
                key: value for key in _CONTACT_KEYS if (value := getattr(self.contact, key)) is not None
            }
        if self.language != "zh-CN":
            data["language"] = self.language
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Letter:
        """The letter that :meth:`to_dict` wrote; anything else is refused with a :class:`LetterError`."""
        where = "letter"
        _only(data, _LETTER_KEYS, where)
        if data.get("version") != SCHEMA_VERSION:
            raise LetterError("letter.version", version=data.get("version"))
        contact = data.get("contact")
        if contact is not None:
            _only(_mapping(contact, "contact"), frozenset(_CONTACT_KEYS), "contact")
        return cls(
            form=cast(Form, _str(data, "form", where)),
            title_lines=_strings(data, "title_lines", where),
            blocks=tuple(
                _block_from_dict(block, f"blocks[{i}]")
                for i, block in enumerate(_list(data, "blocks", where))
            ),
            result=_maybe(data, "result", where),
            signer=_maybe(data, "signer", where),
            doc_number=_maybe(data, "doc_number", where),
            issuer_mark=_maybe(data, "issuer_mark", where),
            addressees=_strings(data, "addressees", where),
            salutation=_maybe(data, "salutation", where),
            signature=_strings(data, "signature", where),
            date=_day(data, "date", where),
            note=_maybe(data, "note", where),
            contact=(
                None
                if contact is None
                else Contact(**{k: _maybe(contact, k, "contact") for k in _CONTACT_KEYS})
            ),
            attachments=_strings(data, "attachments", where),
            copies_to=_strings(data, "copies_to", where),
            printed_by=_maybe(data, "printed_by", where),
            printed_on=_day(data, "printed_on", where),
            language=_maybe(data, "language", where) or "zh-CN",
        )


_CONTACT_KEYS = ("name", "phone", "address", "postcode")
_LETTER_KEYS = frozenset({"version", *(spec.name for spec in fields(Letter))})


# --- to and from JSON data -------------------------------------------------------------------------------


def _inline_to_dict(inline: Inline) -> dict[str, Any]:
    if isinstance(inline, Text):
        return {"type": "text", "text": inline.text}
    if isinstance(inline, Figure):
        return {"type": "figure", "id": inline.id, "text": inline.text}
    if isinstance(inline, Personal):
        return {"type": "personal", "kind": inline.kind, "text": inline.text}
    return {"type": "promise", "id": inline.id, "inlines": _inlines_to_list(inline.inlines)}


def _inlines_to_list(inlines: Iterable[Inline]) -> list[dict[str, Any]]:
    return [_inline_to_dict(inline) for inline in inlines]


def _block_to_dict(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"type": "heading", "level": block.level, "text": block.text}
    if isinstance(block, Paragraph):
        data: dict[str, Any] = {"type": "paragraph", "inlines": _inlines_to_list(block.inlines)}
        if block.lead is not None:
            data["lead"] = {"level": block.lead.level, "text": block.lead.text}
        return data
    return {
        "type": "table",
        "header_rows": block.header_rows,
        "rows": [[_inlines_to_list(cell) for cell in row] for row in block.rows],
    }


def _inline_from_dict(data: Any, where: str, *, nested: bool = False) -> Inline:
    data = _mapping(data, where)
    kind = data.get("type")
    if kind == "text":
        _only(data, frozenset({"type", "text"}), where)
        return Text(_str(data, "text", where))
    if kind == "figure":
        _only(data, frozenset({"type", "id", "text"}), where)
        return Figure(_str(data, "id", where), _str(data, "text", where))
    if kind == "personal":
        _only(data, frozenset({"type", "kind", "text"}), where)
        personal = _str(data, "kind", where)
        if personal not in PERSONAL_KINDS:
            raise LetterError("letter.personal_kind", where=where, kind=personal)
        return Personal(cast(PersonalKind, personal), _str(data, "text", where))
    if kind == "promise" and not nested:
        _only(data, frozenset({"type", "id", "inlines"}), where)
        leaves = tuple(
            cast(Leaf, _inline_from_dict(item, f"{where}.inlines[{i}]", nested=True))
            for i, item in enumerate(_list(data, "inlines", where))
        )
        return Promise(_str(data, "id", where), leaves)
    raise LetterError("letter.inline_type", where=where, type=kind)


def _inlines_from_list(items: Sequence[Any], where: str) -> tuple[Inline, ...]:
    return tuple(_inline_from_dict(item, f"{where}[{i}]") for i, item in enumerate(items))


def _heading_from_dict(data: Mapping[str, Any], where: str) -> Heading:
    level = data.get("level")
    if not isinstance(level, int) or isinstance(level, bool):
        raise LetterError("letter.type", where=f"{where}.level", expected="int")
    return Heading(level, _str(data, "text", where))


def _block_from_dict(data: Any, where: str) -> Block:
    data = _mapping(data, where)
    kind = data.get("type")
    if kind == "heading":
        _only(data, frozenset({"type", "level", "text"}), where)
        return _heading_from_dict(data, where)
    if kind == "paragraph":
        _only(data, frozenset({"type", "inlines", "lead"}), where)
        lead = data.get("lead")
        if lead is not None:
            _only(_mapping(lead, f"{where}.lead"), frozenset({"level", "text"}), f"{where}.lead")
        return Paragraph(
            _inlines_from_list(_list(data, "inlines", where), f"{where}.inlines"),
            None if lead is None else _heading_from_dict(lead, f"{where}.lead"),
        )
    if kind == "table":
        _only(data, frozenset({"type", "rows", "header_rows"}), where)
        header_rows = data.get("header_rows", 0)
        if not isinstance(header_rows, int) or isinstance(header_rows, bool) or header_rows < 0:
            raise LetterError("letter.type", where=f"{where}.header_rows", expected="int")
        rows: list[tuple[Cell, ...]] = []
        for i, row in enumerate(_list(data, "rows", where)):
            if not isinstance(row, list):
                raise LetterError("letter.type", where=f"{where}.rows[{i}]", expected="list")
            cells: list[Cell] = []
            for j, cell in enumerate(row):
                if not isinstance(cell, list):
                    raise LetterError("letter.type", where=f"{where}.rows[{i}][{j}]", expected="list")
                cells.append(_inlines_from_list(cell, f"{where}.rows[{i}][{j}]"))
            rows.append(tuple(cells))
        return Table(tuple(rows), header_rows)
    raise LetterError("letter.block_type", where=where, type=kind)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise LetterError("letter.type", where=where, expected="object")
    return value


def _only(data: Mapping[str, Any], allowed: frozenset[str], where: str) -> None:
    if unknown := sorted(str(key) for key in data if key not in allowed):
        raise LetterError("letter.unknown_field", where=where, fields=unknown)


def _str(data: Mapping[str, Any], key: str, where: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise LetterError("letter.type", where=f"{where}.{key}", expected="str")
    return value


def _maybe(data: Mapping[str, Any], key: str, where: str) -> str | None:
    return None if data.get(key) is None else _str(data, key, where)


def _list(data: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise LetterError("letter.type", where=f"{where}.{key}", expected="list")
    return value


def _strings(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    items = _list(data, key, where)
    if not all(isinstance(item, str) for item in items):
        raise LetterError("letter.type", where=f"{where}.{key}", expected="list of str")
    return tuple(items)


def _day(data: Mapping[str, Any], key: str, where: str) -> dt.date | None:
    text = _maybe(data, key, where)
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise LetterError("letter.type", where=f"{where}.{key}", expected="date") from error
