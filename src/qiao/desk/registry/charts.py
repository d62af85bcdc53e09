"""A small chart as SVG, made on the server: no script, no style attribute, colours of the text around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 26, 30
BARS = 12  # more points than this are drawn as a line
LABELS = 12


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
    plot_w, plot_h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
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
    words = [(x(i), float(HEIGHT - 10), p.label) for i, p in shown]
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
        w=WIDTH,
        h=HEIGHT,
        title=title,
        x1=LEFT,
        x2=WIDTH - RIGHT,
        zero=_n(zero),
        body=body,
        texts=texts,
    )


def _n(value: float) -> str:
    return f"{value:.1f}"


ROW, NAME, BAR, AFTER = 30, 190, 340, 110


def bars(rows: Sequence[tuple[object, float, str]], *, title: str, full: float = 0) -> SafeString:
    """Horizontal bars: (name, value, what stands behind the bar). ``full``: the value of a whole bar."""
    if not rows:
        return SafeString("")
    most = full or max(value for _name, value, _shown in rows) or 1
    drawn = []
    for i, (name, value, shown) in enumerate(rows):
        middle = i * ROW + ROW / 2
        wide = _n(min(max(value / most, 0), 1) * BAR)
        drawn.append((NAME - 8, _n(middle + 5), name, NAME, _n(middle - 8), BAR, NAME, _n(middle - 8), wide,
                      NAME + BAR + 8, _n(middle + 5), shown))  # fmt: skip
    body = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end" font-size="14" fill="currentColor">{}</text>'
        '<rect x="{}" y="{}" width="{}" height="16" fill="currentColor" fill-opacity="0.1"/>'
        '<rect x="{}" y="{}" width="{}" height="16" fill="currentColor" fill-opacity="0.6"/>'
        '<text x="{}" y="{}" font-size="14" fill="currentColor">{}</text>',
        drawn,
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-label="{title}">{body}</svg>',
        w=NAME + BAR + AFTER,
        h=len(rows) * ROW,
        title=title,
        body=body,
    )
