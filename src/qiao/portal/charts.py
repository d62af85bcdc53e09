"""Bar charts as SVG, drawn here on the server. Every chart stands beside a table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from qiao.core.process import Text

LABEL, BAR, VALUE, ROW, HEIGHT = 134, 210, 56, 28, 15
LONGEST = 19


@dataclass(frozen=True)
class Bar:
    """One bar. ``tone``: a class of the style sheet (``bar-late`` …); ``note`` stands after the number."""

    label: Text
    value: float
    tone: str = "info"
    note: str = ""


def _short(text: str) -> str:
    """As much of a label as fits; a Chinese character is as wide as two letters."""
    width = 0
    for i, sign in enumerate(text):
        width += 1 if sign.isascii() else 2
        if width > LONGEST:
            return text[: i - 1] + "…"
    return text


def bars(rows: Sequence[Bar], *, label: Text, most: float | None = None) -> SafeString:
    """Horizontal bars with their numbers. ``most``: the value of a full bar (100 for percentages)."""
    full = most or max((r.value for r in rows), default=0) or 1
    drawn = []
    for i, row in enumerate(rows):
        top = i * ROW + 6
        name = str(row.label)
        number = f"{row.value:g}"
        drawn.append(
            (
                LABEL - 8,
                top + HEIGHT - 3,
                name,
                _short(name),
                LABEL,
                top,
                BAR,
                HEIGHT,
                row.tone,
                LABEL,
                top,
                f"{min(row.value / full, 1) * BAR:.1f}",
                HEIGHT,
                LABEL + BAR + 8,
                top + HEIGHT - 3,
                f"{number}{row.note}",
            )
        )
    return format_html(
        '<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        LABEL + BAR + VALUE,
        max(len(rows), 1) * ROW + 4,
        label,
        format_html_join(
            "",
            '<text x="{}" y="{}" text-anchor="end"><title>{}</title>{}</text>'
            '<rect class="bar-track" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
            '<rect class="bar bar-{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
            '<text class="value" x="{}" y="{}">{}</text>',
            drawn,
        ),
    )
