"""One source → an official letter as HTML, PDF and DOCX.

A pure library: it knows nothing of Django and imports no other part of Qiao.

A :class:`Letter` says what is said, a :class:`Layout` how a body prints it; :func:`to_html`, :func:`to_pdf` and
:func:`to_docx` follow the same arrangement, and :func:`plain_text` is what all three read as. :func:`redact` makes
the public copy and :func:`diff` compares two versions. Reading uploaded letters is :mod:`qiao.letters.reading`.
"""

from __future__ import annotations

from qiao.letters.diff import Diff, DiffRow, Segment, diff, diff_text
from qiao.letters.docx import to_docx
from qiao.letters.errors import FontsMissing, LetterError
from qiao.letters.fonts import FontChoice, FontReport, FontSet, choose_fonts
from qiao.letters.html import STYLESHEET, stylesheet, to_html
from qiao.letters.layout import Layout, layout_for, layout_names, load_layout, parse_layout
from qiao.letters.model import (
    Block,
    Contact,
    Figure,
    Form,
    Heading,
    Inline,
    Leaf,
    Letter,
    Paragraph,
    Personal,
    PersonalKind,
    Promise,
    Table,
    Text,
)
from qiao.letters.pdf import PdfLetter, make_pdf, to_pdf
from qiao.letters.redact import RedactionKind, RedactionPolicy, personal, redact
from qiao.letters.sheet import figures, plain_text, promises

__all__ = [
    "STYLESHEET",
    "Block",
    "Contact",
    "Diff",
    "DiffRow",
    "Figure",
    "FontChoice",
    "FontReport",
    "FontSet",
    "FontsMissing",
    "Form",
    "Heading",
    "Inline",
    "Layout",
    "Leaf",
    "Letter",
    "LetterError",
    "Paragraph",
    "PdfLetter",
    "Personal",
    "PersonalKind",
    "Promise",
    "RedactionKind",
    "RedactionPolicy",
    "Segment",
    "Table",
    "Text",
    "choose_fonts",
    "diff",
    "diff_text",
    "figures",
    "layout_for",
    "layout_names",
    "load_layout",
    "make_pdf",
    "parse_layout",
    "personal",
    "plain_text",
    "promises",
    "redact",
    "stylesheet",
    "to_docx",
    "to_html",
    "to_pdf",
]
