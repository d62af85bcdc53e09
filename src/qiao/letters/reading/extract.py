"""From an uploaded file to lines of text, told by what is in it and not by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qiao.letters.reading.docx import docx_lines
from qiao.letters.reading.errors import Notice, ReadingError

DEFAULT_MAX_BYTES = 20 * 1024 * 1024

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"{\\rtf", "rtf"),
    (b"Rar!\x1a", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufeff\ufffe\uffff\u200b-\u200f\u202a-\u202e]"
)
_MARKUP = re.compile(rb"\s*(?:<!doctype\s+html|<html|<\?xml|mime-version:)", re.I)
_GOOD_ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file. Blank lines are kept, so a line number here is one a person can count to."""

    lines: tuple[str, ...]
    encoding: str | None
    format: str
    warnings: tuple[Notice, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def extract_text(
    data: bytes, filename: str | None = None, *, max_bytes: int = DEFAULT_MAX_BYTES
) -> Extracted:
    """The lines of a DOCX or plain text file (UTF-8, GB 18030, UTF-16).

    Anything else is refused with a `ReadingError` whose code says what the file is; the sentence for
    the code says what to do. `filename` is used only to notice that it does not fit.
    """
    if not data:
        raise ReadingError("empty")
    if len(data) > max_bytes:
        raise ReadingError("too_large", size=len(data), limit=max_bytes)
    notices: list[Notice] = []
    if data.startswith(_ZIP):
        lines, found = docx_lines(data)
        notices += found
        encoding, kind = None, "docx"
    else:
        _refuse_known_formats(data)
        text, encoding, guessed = _decode(data)
        if guessed:
            notices.append(Notice("encoding_guessed", params={"encoding": encoding}))
        lines, kind = split_lines(text), "txt"
    lines, removed = _without_controls(lines)
    if removed:
        notices.append(Notice("control_characters", params={"count": removed}))
    if not any(line.strip() for line in lines):
        raise ReadingError("empty")
    if filename and "." in filename and filename.rsplit(".", 1)[1].lower() != kind:
        notices.append(Notice("name_differs"))
    return Extracted(tuple(lines), encoding, kind, tuple(notices))


def split_lines(text: str) -> list[str]:
    """`text` cut at every line break in use, none of them kept."""
    return _BREAK.split(text)


def _without_controls(lines: list[str]) -> tuple[list[str], int]:
    out, removed = [], 0
    for line in lines:
        clean, count = _CONTROL.subn("", line)
        out.append(clean)
        removed += count
    return out, removed


def _refuse_known_formats(data: bytes) -> None:
    if data.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise ReadingError("encrypted" if locked else "old_word")
    if b"%PDF-" in data[:1024]:
        raise ReadingError("pdf")
    for magic, code in _MAGIC:
        if data.startswith(magic):
            raise ReadingError(code)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise ReadingError("image")
    if _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")):
        raise ReadingError("markup")


def _decode(data: bytes) -> tuple[str, str, bool]:
    """The text, the encoding's name, and whether we had to guess."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(name), name, False
            except UnicodeDecodeError:
                raise ReadingError("binary") from None
    if b"\x00" not in data:
        try:
            return data.decode("utf-8"), "utf-8", False
        except UnicodeDecodeError:
            pass
    best: tuple[float, str, str] = (0.0, "", "")
    for name in ("gb18030", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        score = _plausible(text)
        if score > best[0]:
            best = (score, name, text)
    if best[0] < _GOOD_ENOUGH:
        raise ReadingError("binary")
    return best[2], best[1], best[1] != "gb18030"


def _plausible(text: str) -> float:
    """The share of characters that ordinary Chinese text is made of."""
    if not text or "\x00" in text:
        return 0.0
    sample = text[:20_000]
    return sum(_ordinary(char) for char in sample) / len(sample)


def _ordinary(char: str) -> bool:
    if char < "\x80":
        return char >= " " or char in "\t\r\n\f"
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return char in "—–·〔〕•€" or "\u3400" <= char <= "\u4dbf"
    return True
