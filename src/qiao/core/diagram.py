"""The picture of a process, drawn from its file (house rule 2): stages in columns, verbs as arrows.

Layered drawing: a stage's column is its longest way from the start, arrows over several columns run through
invisible waypoints, and rows are ordered so that arrows cross little. Colours come from the style sheet.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from qiao.core.access import joined
from qiao.core.process import Kind, Verb

COLUMN, ROW, WIDTH, HEIGHT, MARGIN = 176, 68, 96, 38, 16
SWEEPS = 8


@dataclass
class _Node:
    rank: int
    stage: str = ""  # empty for a waypoint
    row: float = 0.0
    before: list[_Node] = field(default_factory=list)
    after: list[_Node] = field(default_factory=list)

    @property
    def x(self) -> float:
        return MARGIN + self.rank * COLUMN + WIDTH / 2

    @property
    def y(self) -> float:
        return MARGIN + 14 + self.row * ROW + HEIGHT / 2


def _arrows(kind: Kind) -> dict[tuple[str, str], list[Verb]]:
    """Verbs that move the case, by the two stages that they join."""
    found: dict[tuple[str, str], list[Verb]] = defaultdict(list)
    for verb in kind.verbs:
        for source in verb.source:
            if verb.target and verb.target != source:
                found[(source, verb.target)].append(verb)
    return found


def _layers(
    kind: Kind, arrows: dict[tuple[str, str], list[Verb]]
) -> tuple[dict[str, _Node], dict[tuple[str, str], list[_Node]]]:
    order = {s.code: i for i, s in enumerate(kind.stages)}
    forward = [(a, b) for a, b in arrows if order[a] < order[b]]
    rank = dict.fromkeys(order, 0)
    for stage in kind.stages:  # stages are listed in their natural order, so one pass settles the ranks
        for a, b in forward:
            if a == stage.code:
                rank[b] = max(rank[b], rank[a] + 1)
    nodes = {code: _Node(rank[code], code) for code in order}
    paths: dict[tuple[str, str], list[_Node]] = {}
    layers: dict[int, list[_Node]] = defaultdict(list)
    for code in order:
        layers[rank[code]].append(nodes[code])
    for a, b in forward:
        path = [nodes[a], *(_Node(r) for r in range(rank[a] + 1, rank[b])), nodes[b]]
        for way in path[1:-1]:
            layers[way.rank].append(way)
        for one, two in pairwise(path):
            one.after.append(two)
            two.before.append(one)
        paths[(a, b)] = path
    for layer in layers.values():
        for i, node in enumerate(layer):
            node.row = i
    for sweep in range(SWEEPS):
        ranks = sorted(layers) if sweep % 2 == 0 else sorted(layers, reverse=True)
        for r in ranks:
            near = {id(n): (n.before if sweep % 2 == 0 else n.after) or [n] for n in layers[r]}
            layers[r].sort(key=lambda n: sum(m.row for m in near[id(n)]) / len(near[id(n)]))
            for i, node in enumerate(layers[r]):
                node.row = i
    tallest = max(len(layer) for layer in layers.values())
    for layer in layers.values():
        for i, node in enumerate(layer):
            node.row = i + (tallest - len(layer)) / 2
    return nodes, paths


def _curve(points: list[tuple[float, float]]) -> str:
    """A smooth line from left to right through the points."""
    parts = [f"M{points[0][0]:.0f} {points[0][1]:.0f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        bend = (x1 - x0) / 2
        parts.append(f"C{x0 + bend:.0f} {y0:.0f} {x1 - bend:.0f} {y1:.0f} {x1:.0f} {y1:.0f}")
    return " ".join(parts)


def _back(a: _Node, b: _Node, floor: float) -> str:
    """A line back to an earlier stage, below everything: down, along, up, with round corners."""
    x0, x1, y0, y1 = a.x + 12, b.x - 12, a.y + HEIGHT / 2, b.y + HEIGHT / 2
    return (
        f"M{x0:.0f} {y0:.0f} V{floor - 12:.0f} Q{x0:.0f} {floor:.0f} {x0 - 12:.0f} {floor:.0f} "
        f"H{x1 + 12:.0f} Q{x1:.0f} {floor:.0f} {x1:.0f} {floor - 12:.0f} V{y1 + 6:.0f}"
    )


def diagram(kind: Kind, current: str | None = None) -> SafeString:
    """An SVG of ``kind`` with the stage ``current`` marked; verbs that stay at a stage are counted on it.

    Put it into an element of class ``diagram``. Dashed lines are the timer's. The text equivalent is the list of
    stages and verbs that pages print below it.
    """
    marker = f"arrow-{kind.code}"
    arrows = _arrows(kind)
    nodes, paths = _layers(kind, arrows)
    ways = [n for path in paths.values() for n in path]
    floor = max([n.y for n in [*nodes.values(), *ways]]) + HEIGHT / 2 + 8
    backs = sorted(
        (pair for pair in arrows if pair not in paths), key=lambda p: abs(nodes[p[0]].x - nodes[p[1]].x)
    )
    depth = floor + 26 * len(backs) + MARGIN
    width = max(n.x for n in nodes.values()) + WIDTH / 2 + MARGIN
    lines, labels = [], []
    for pair, verbs in arrows.items():
        a, b = nodes[pair[0]], nodes[pair[1]]
        if pair in paths:
            path = paths[pair]
            points = [(a.x + WIDTH / 2, a.y), *((n.x, n.y) for n in path[1:-1]), (b.x - WIDTH / 2 - 6, b.y)]
            (x0, y0), (x1, y1) = points[0], points[1]
            shape, (x, y) = _curve(points), (x0 + (x1 - x0) * 0.5, y0 + (y1 - y0) * 0.5 - 5)
        else:
            low = floor + 26 * backs.index(pair)
            shape, (x, y) = _back(a, b, low + 20), ((a.x + b.x) / 2, low + 15)
        timer = all(w.timer for v in verbs for w in v.who)
        lines.append((shape, "4 3" if timer else "none", marker, joined(v.label for v in verbs)))
        short = str(verbs[0].label) + ("…" if len(verbs) > 1 else "")
        labels.append((f"{x:.0f}", f"{y:.0f}", short))
    boxes = []
    for stage in kind.stages:
        node, here = nodes[stage.code], stage.code == current
        stays = sum(1 for v in kind.verbs if stage.code in v.source and v.target in ("", stage.code))
        boxes.append(
            (
                "node" + (" node-end" if stage.end else "") + (" node-current" if here else ""),
                f"{node.x - WIDTH / 2:.0f}",
                f"{node.y - HEIGHT / 2:.0f}",
                WIDTH,
                HEIGHT,
                "on-current" if here else "",
                f"{node.x:.0f}",
                f"{node.y + 5:.0f}",
                stage.label,
                f"{node.x + WIDTH / 2:.0f}",
                f"{node.y - HEIGHT / 2 - 4:.0f}",
                f"+{stays}" if stays else "",
            )
        )
    return format_html(
        '<svg viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">'
        '<defs><marker id="{3}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path class="arrow" d="M0 0 8 4 0 8z"/></marker></defs>{4}{5}{6}</svg>',
        f"{width:.0f}",
        f"{depth:.0f}",
        kind.label,
        marker,
        format_html_join(
            "",
            '<path class="edge" d="{}" stroke-dasharray="{}" marker-end="url(#{})"><title>{}</title></path>',
            lines,
        ),
        format_html_join(
            "",
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="6"/>'
            '<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>'
            '<text class="edge-label" x="{}" y="{}" text-anchor="end">{}</text>',
            boxes,
        ),
        format_html_join("", '<text class="edge-label" x="{}" y="{}" text-anchor="middle">{}</text>', labels),
    )
