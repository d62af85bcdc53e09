"""Charts as SVG, drawn on the server: no script, no style attribute. Each stands beside a table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from qiao.core.process import Text

# Horizontal bars, in user units of the picture.
LABEL, BAR, VALUE, ROW, HEIGHT = 134, 210, 56, 28, 15
LONGEST = 19  # half-widths of a label
# Values over time.
PLOT_WIDTH, PLOT_HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 26, 30
BARS = 12  # more points than this are drawn as a line
LABELS = 12


@dataclass(frozen=True)
class Bar:
    """One bar. ``tone``: a class of the style sheet (``bar-late`` …); ``shown`` stands behind it, else its number."""

    label: Text
    value: float
    tone: str = "info"
    shown: str = ""


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
    if not rows:
        return SafeString("")
    full = most or max(r.value for r in rows) or 1
    drawn = []
    for i, row in enumerate(rows):
        top = i * ROW + 6
        name = str(row.label)
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
                row.shown or f"{row.value:g}",
            )
        )
    return format_html(
        '<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        LABEL + BAR + VALUE,
        len(rows) * ROW + 4,
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


@dataclass(frozen=True)
class Place:
    """A part of the district on the sketch map, in columns and rows from the upper left; ``url``: what is there."""

    label: Text
    value: int
    column: int
    row: int
    url: str = ""


SHADES, FURTHEST = 4, 11  # shades, and the last column and row, for which the style sheet has classes


def sketch_map(places: Sequence[Place], *, label: Text) -> SafeString:
    """Parts of a district as tiles that lie about as they do; the darker, the more. A list for whoever hears it."""
    if not places:
        return SafeString("")
    most = max(p.value for p in places) or 1
    tiles = format_html_join(
        "",
        '<li class="map-c{} map-r{} tile-{}"><a href="{}"><span>{}</span> <strong class="number">{}</strong></a></li>',
        (
            (
                min(p.column, FURTHEST), min(p.row, FURTHEST), -(-p.value * SHADES // most),
                p.url, p.label, p.value,
            )
            for p in places
        ),
    )  # fmt: skip
    return format_html('<ul class="sketch-map plain" aria-label="{}">{}</ul>', label, tiles)


@dataclass(frozen=True)
class Point:
    """One value: what stands below it, how large it is, what stands above it."""

    label: str
    value: Decimal
    shown: str


def chart(points: Sequence[Point], *, title: str) -> SafeString:
    """Bars for a few points, a line for many. ``title`` says in words what is shown; a table should say the rest."""
    if not points:
        return SafeString("")
    top = max(Decimal(0), *(p.value for p in points))
    low = min(Decimal(0), *(p.value for p in points))
    span = (top - low) or Decimal(1)
    plot_w, plot_h = PLOT_WIDTH - LEFT - RIGHT, PLOT_HEIGHT - TOP - BOTTOM
    step = plot_w / len(points)

    def x(i: int) -> float:
        return LEFT + step * (i + 0.5)

    def y(value: Decimal) -> float:
        return TOP + float((top - value) / span) * plot_h

    zero = y(Decimal(0))
    every = max(1, -(-len(points) // LABELS))
    if len(points) <= BARS:
        wide = min(step * 0.6, 64)
        body = format_html_join(
            "",
            '<rect x="{}" y="{}" width="{}" height="{}" fill="currentColor" fill-opacity="{}"/>',
            (
                (
                    _n(x(i) - wide / 2),
                    _n(min(y(p.value), zero)),
                    _n(wide),
                    _n(max(abs(zero - y(p.value)), 1)),
                    "0.75" if i == len(points) - 1 else "0.4",
                )
                for i, p in enumerate(points)
            ),
        )
    else:
        path = " ".join(f"{_n(x(i))},{_n(y(p.value))}" for i, p in enumerate(points))
        body = format_html('<polyline points="{}" fill="none" stroke="currentColor" stroke-width="2"/>', path)
    shown = [(i, p) for i, p in enumerate(points) if i % every == 0]
    words = [(x(i), float(PLOT_HEIGHT - 10), p.label) for i, p in shown]
    words += [(x(i), (y(p.value) if p.value >= 0 else zero) - 7, p.shown) for i, p in shown]
    texts = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle" font-size="13" fill="currentColor">{}</text>',
        ((_n(left), _n(up), text) for left, up, text in words),
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-label="{title}"><line x1="{x1}" x2="{x2}" y1="{zero}" y2="{zero}" stroke="currentColor" '
        'stroke-opacity="0.4"/>{body}{texts}</svg>',
        w=PLOT_WIDTH,
        h=PLOT_HEIGHT,
        title=title,
        x1=LEFT,
        x2=PLOT_WIDTH - RIGHT,
        zero=_n(zero),
        body=body,
        texts=texts,
    )


def _n(value: float) -> str:
    return f"{value:.1f}"
