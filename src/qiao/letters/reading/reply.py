"""What is read from a published reply or opinion: the letter, and where each thing in it came from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from qiao.letters.model import Block, Contact, Heading, Letter, Paragraph, Table
from qiao.letters.reading.errors import Lines, Notice
from qiao.letters.reading.fields import Field

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Something recognised, and the lines it was read from."""

    value: T
    at: Lines


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the source and what it was taken for. `block` is its place among the letter's blocks."""

    role: str
    at: Lines
    text: str
    block: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyReading:
    """What a reply or opinion says. A field is None where the source does not say it."""

    letter: Letter
    kind: str
    parts: tuple[Part, ...]
    notices: tuple[Notice, ...]
    title: Found[str] | None = None
    body: str | None = None
    body_name: str | None = None
    term: int | None = None
    session: int | None = None
    number: str | None = None
    result: Found[str] | None = None
    previous_result: Found[str] | None = None
    signer: Found[str] | None = None
    salutation: Found[str] | None = None
    addressees: tuple[str, ...] = ()
    addressed_to: str = "none"
    opening: Found[str] | None = None
    proposal_title: Found[str] | None = None
    closing: Found[str] | None = None
    signature: tuple[Found[str], ...] = ()
    date: Found[dt.date] | None = None
    note: Found[str] | None = None
    publicity: Found[str] | None = None
    doc_number: Found[str] | None = None
    issuer: Found[str] | None = None
    contact: dict[str, Found[str]] = field(default_factory=dict)
    metadata: tuple[Field, ...] = ()

    def text(self) -> str:
        """The source rebuilt from the letter and the fields: equal to it, white space aside."""
        out: list[str] = []
        for part in self.parts:
            if part.role == "title":
                out.append("".join(self.letter.title_lines))
            elif part.role == "salutation":
                out.append(self.letter.salutation or "、".join(self.letter.addressees) + "：")
            elif part.block is not None:
                out.append(block_text(self.letter.blocks[part.block]))
            else:
                out.append(part.text)
        return "\n".join(out)


def block_text(block: Block) -> str:
    """The words of a block."""
    if isinstance(block, Table):
        return "\n".join("\t".join("".join(i.text for i in cell) for cell in row) for row in block.rows)
    return block.text


def letter_text(letter: Letter) -> str:
    """A letter as plain text in the order of a reply sheet, one paragraph a line."""
    contact = letter.contact or Contact()
    out = [*letter.title_lines]
    heads = (("办理结果：", letter.result), ("签发人：", letter.signer))
    out.append(" ".join(label + value for label, value in heads if value))
    if letter.salutation or letter.addressees:
        out.append(letter.salutation or "、".join(letter.addressees) + "：")
    out += [block_text(block) for block in letter.blocks]
    out += letter.signature
    if letter.date:
        out.append(f"{letter.date.year}年{letter.date.month}月{letter.date.day}日")
    if letter.note:
        out.append(f"（{letter.note}）")
    for pair in (
        (("联系人姓名：", contact.name), ("联系电话：", contact.phone)),
        (("承办单位通讯地址：", contact.address), ("邮政编码：", contact.postcode)),
    ):
        out.append(" ".join(label + value for label, value in pair if value))
    return "\n".join(line for line in out if line)


def what_is_missing(reading: ReplyReading) -> list[Notice]:
    """What a reader would expect and the source does not have."""
    wanted: list[tuple[str, object]] = [
        ("no_title", reading.title),
        ("no_number", reading.number),
        ("no_session", reading.session),
        ("no_opening", reading.opening),
        ("no_addressee", reading.salutation),
        ("no_signature", reading.signature),
        ("no_date", reading.date),
        ("no_body", [b for b in reading.letter.blocks if isinstance(b, Heading | Paragraph)]),
    ]
    if reading.kind != "opinion":
        wanted.append(("no_result", reading.result))
    codes = [Notice(code) for code, value in wanted if not value]
    if reading.addressed_to == "blanked" and reading.salutation:
        codes.append(Notice("blanked_addressee", reading.salutation.at))
    return codes
