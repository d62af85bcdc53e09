"""Files that people send: accepted by what they are, never by their name."""

from __future__ import annotations

import io
import zipfile

SIGNATURES = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
KINDS = (*SIGNATURES.values(), *OFFICE.values())


class BadUpload(ValueError):
    """A file that is not taken. ``code``: empty, too_large or unknown."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of_file(data: bytes, *, limit: int) -> str:
    """What a file is: pdf, png, jpg, docx, xlsx or pptx. ``limit``: bytes. Raises `BadUpload` for anything else.

    Office files with macros are refused: they are programs.
    """
    if not data:
        raise BadUpload("empty")
    if len(data) > limit:
        raise BadUpload("too_large")
    found = next((kind for start, kind in SIGNATURES.items() if data.startswith(start)), "")
    if not found and data.startswith(b"PK"):
        try:
            names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise BadUpload("unknown") from error
        if not any(name.endswith("vbaProject.bin") for name in names):
            found = next((kind for name, kind in OFFICE.items() if name in names), "")
    if not found:
        raise BadUpload("unknown")
    return found
