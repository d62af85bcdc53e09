"""One source → an official letter as HTML, PDF and DOCX.

A pure library: it knows nothing of Django and imports no other part of Qiao.
"""

from __future__ import annotations

from qiao.letters.errors import FontsMissing, LetterError
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

__all__ = [
    "Block",
    "Contact",
    "Figure",
    "FontsMissing",
    "Form",
    "Heading",
    "Inline",
    "Leaf",
    "Letter",
    "LetterError",
    "Paragraph",
    "Personal",
    "PersonalKind",
    "Promise",
    "Table",
    "Text",
]
