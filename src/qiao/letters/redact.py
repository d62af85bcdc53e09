"""The public copy: the same letter with personal data hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

from qiao.letters.errors import LetterError
from qiao.letters.layout import default_labels
from qiao.letters.model import (
    Block,
    Cell,
    Contact,
    Heading,
    Inline,
    Leaf,
    Letter,
    Paragraph,
    Personal,
    Promise,
    Table,
)
from qiao.letters.sheet import leaves

RedactionKind: TypeAlias = Literal[
    "name", "phone", "address", "other", "signer", "addressee",
    "contact_name", "contact_phone", "contact_address", "contact_postcode",
]  # fmt: skip

REDACTION_KINDS: tuple[str, ...] = get_args(RedactionKind)


@dataclass(frozen=True, slots=True)
class RedactionPolicy:
    """Which kinds of personal data are hidden, and by what.

    ``masks`` gives a kind its own mask; ``mask`` is for the rest. With ``sweep`` the hidden words are hidden
    wherever else in the letter they stand unmarked; words of one character are not swept.
    """

    kinds: frozenset[RedactionKind]
    mask: str = "×××"
    masks: Mapping[RedactionKind, str] = field(default_factory=dict)
    sweep: bool = True

    def __post_init__(self) -> None:
        if unknown := sorted({*self.kinds, *self.masks} - set(REDACTION_KINDS)):
            raise LetterError("redact.kind", kinds=unknown)

    def mask_for(self, kind: RedactionKind) -> str:
        return self.masks.get(kind, self.mask)


def redact(letter: Letter, policy: RedactionPolicy) -> Letter:
    """The letter with the policy's kinds replaced by their masks; everything else is as it was."""
    hidden: dict[str, str] = {}

    def hide(kind: RedactionKind, text: str) -> str:
        if kind not in policy.kinds or not text:
            return text
        hidden.setdefault(text, policy.mask_for(kind))
        return policy.mask_for(kind)

    def maybe(kind: RedactionKind, text: str | None) -> str | None:
        return None if text is None else hide(kind, text)

    blocks = tuple(_hide_block(block, policy, hidden) for block in letter.blocks)
    addressees = []
    salutation = letter.salutation
    for addressee in letter.addressees:
        name, title = _split_title(addressee)
        shown = hide("addressee", name) + title
        if salutation is not None and "addressee" in policy.kinds:
            salutation = salutation.replace(addressee, shown) if addressee in salutation else None
        addressees.append(shown)
    contact = letter.contact
    out = replace(
        letter,
        blocks=blocks,
        addressees=tuple(addressees),
        salutation=salutation,
        signer=maybe("signer", letter.signer),
        contact=contact
        and Contact(
            name=maybe("contact_name", contact.name),
            phone=maybe("contact_phone", contact.phone),
            address=maybe("contact_address", contact.address),
            postcode=maybe("contact_postcode", contact.postcode),
        ),
    )
    if not policy.sweep:
        return out
    terms = {text: mask for text, mask in hidden.items() if len(text.strip()) > 1 and text != mask}
    return _sweep(out, terms) if terms else out


def personal(letter: Letter) -> tuple[Personal, ...]:
    """Every marked piece of personal data in the running text."""
    return tuple(leaf for leaf in leaves(letter) if isinstance(leaf, Personal))


def _hide_block(block: Block, policy: RedactionPolicy, hidden: dict[str, str]) -> Block:
    def leaf(item: Leaf) -> Leaf:
        if not isinstance(item, Personal) or item.kind not in policy.kinds or not item.text:
            return item
        hidden.setdefault(item.text, policy.mask_for(item.kind))
        return Personal(item.kind, policy.mask_for(item.kind))

    def cell(inlines: Cell) -> Cell:
        return tuple(
            Promise(item.id, tuple(leaf(inner) for inner in item.inlines))
            if isinstance(item, Promise)
            else leaf(item)
            for item in inlines
        )

    if isinstance(block, Paragraph):
        return Paragraph(cell(block.inlines), block.lead)
    if isinstance(block, Table):
        return Table(tuple(tuple(cell(item) for item in row) for row in block.rows), block.header_rows)
    return block


def _split_title(addressee: str) -> tuple[str, str]:
    for title in sorted(default_labels().person_titles, key=len, reverse=True):
        if addressee.endswith(title) and len(addressee) > len(title):
            return addressee.removesuffix(title), title
    return addressee, ""


# --- sweeping -----------------------------------------------------------------------------------------


def _sweep(letter: Letter, terms: Mapping[str, str]) -> Letter:
    ordered = sorted(terms, key=lambda term: (-len(term), term))

    def text(value: str) -> str:
        for term in ordered:
            value = value.replace(term, terms[term])
        return value

    def maybe(value: str | None) -> str | None:
        return None if value is None else text(value)

    def many(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(text(value) for value in values)

    def cell(inlines: Cell) -> Cell:
        texts = [leaf.text for leaf in _flat(inlines)]
        swept = _sweep_pieces(texts, ordered, terms)
        return inlines if swept == texts else _refill(inlines, swept)

    def block(item: Block) -> Block:
        if isinstance(item, Heading):
            return Heading(item.level, text(item.text))
        if isinstance(item, Table):
            return Table(tuple(tuple(cell(c) for c in row) for row in item.rows), item.header_rows)
        return Paragraph(cell(item.inlines), item.lead and Heading(item.lead.level, text(item.lead.text)))

    contact = letter.contact
    return replace(
        letter,
        title_lines=many(letter.title_lines),
        blocks=tuple(block(item) for item in letter.blocks),
        result=maybe(letter.result),
        signer=maybe(letter.signer),
        doc_number=maybe(letter.doc_number),
        issuer_mark=maybe(letter.issuer_mark),
        addressees=many(letter.addressees),
        salutation=maybe(letter.salutation),
        signature=many(letter.signature),
        note=maybe(letter.note),
        contact=contact
        and Contact(
            maybe(contact.name), maybe(contact.phone), maybe(contact.address), maybe(contact.postcode)
        ),
        attachments=many(letter.attachments),
        copies_to=many(letter.copies_to),
        printed_by=maybe(letter.printed_by),
    )


def _sweep_pieces(pieces: list[str], ordered: list[str], terms: Mapping[str, str]) -> list[str]:
    """Mask the terms in the pieces' joined text, also where a term runs over the edge of a piece."""
    for term in ordered:
        start = 0
        while (at := "".join(pieces).find(term, start)) >= 0:
            mask = terms[term]
            pieces = _splice(pieces, at, at + len(term), mask)
            start = at + len(mask)
    return pieces


def _splice(pieces: list[str], begin: int, end: int, mask: str) -> list[str]:
    out: list[str] = []
    offset = 0
    for piece in pieces:
        low, high = max(begin - offset, 0), min(end - offset, len(piece))
        if low < high:
            first = begin >= offset
            out.append(piece[:low] + (mask if first else "") + piece[high:])
        else:
            out.append(piece)
        offset += len(piece)
    return out


def _flat(inlines: Cell) -> list[Leaf]:
    flat: list[Leaf] = []
    for item in inlines:
        flat.extend(item.inlines if isinstance(item, Promise) else (item,))
    return flat


def _refill(inlines: Cell, texts: list[str]) -> Cell:
    supply = iter(texts)
    out: list[Inline] = []
    for item in inlines:
        if isinstance(item, Promise):
            out.append(Promise(item.id, tuple(replace(leaf, text=next(supply)) for leaf in item.inlines)))
        else:
            out.append(replace(item, text=next(supply)))
    return tuple(out)
