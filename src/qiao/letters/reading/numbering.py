"""The numbers Word puts before paragraphs by itself (一、 （一） 1.), which are not in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from qiao.letters.reading.numerals import written


@dataclass(slots=True)
class _Level:
    start: int = 1
    style: str = "decimal"
    pattern: str = ""
    suffix: str = "tab"


@dataclass(slots=True)
class _List:
    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    restarts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts as Word counts: one set of counters per list definition, deeper levels restarting."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self.unknown = False
        self._lists: dict[str, _List] = {}
        self._styles: dict[str, tuple[str | None, str | None, str | None]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()
        self._default = ""
        if styles is not None:
            self._read_styles(styles)
        if numbering is not None:
            self._read_lists(numbering)

    def next(self, paragraph: Element) -> str:
        """The number before this paragraph, or an empty text; counts it."""
        number, depth = self._reference(paragraph)
        found = self._lists.get(number or "")
        if number is None or found is None:
            return ""
        level = found.levels.get(depth)
        if level is None or level.style in {"bullet", "none"} or not level.pattern:
            return ""
        counts = self._counts.setdefault(found.abstract, {})
        if number not in self._begun:
            self._begun.add(number)
            for at in found.restarts:
                counts.pop(at, None)
        counts[depth] = counts[depth] + 1 if depth in counts else found.restarts.get(depth, level.start)
        for deeper in [at for at in counts if at > depth]:
            del counts[deeper]
        return self._text(found, level, counts)

    def _text(self, found: _List, level: _Level, counts: dict[int, int]) -> str:
        def value(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = found.levels.get(at, level)
            text = written(counts.get(at, other.start), other.style)
            if text is None:
                self.unknown = True
            return text or ""

        text = re.sub("%([1-9])", value, level.pattern)
        if level.suffix == "nothing" or text[-1:] in "、）．。】)":
            return text
        return text + " "

    def _reference(self, paragraph: Element) -> tuple[str | None, int]:
        properties = _child(paragraph, "pPr")
        style = _value(properties, "pStyle") or self._default
        number = depth = None
        own = _child(properties, "numPr")
        if own is not None:
            number, depth = _value(own, "numId"), _value(own, "ilvl")
        for _ in range(12):
            if (number is not None and depth is not None) or style not in self._styles:
                break
            parent, styled_number, styled_depth = self._styles[style]
            number = styled_number if number is None else number
            depth = styled_depth if depth is None else depth
            style = parent or ""
        return (None if number == "0" else number), _whole(depth, 0)

    def _read_styles(self, root: Element) -> None:
        for style in root:
            name = _attribute(style, "styleId")
            if not style.tag.endswith("}style") or name is None:
                continue
            if _attribute(style, "type") == "paragraph" and _attribute(style, "default") in {"1", "true"}:
                self._default = name
            own = _child(_child(style, "pPr"), "numPr")
            self._styles[name] = (_value(style, "basedOn"), _value(own, "numId"), _value(own, "ilvl"))

    def _read_lists(self, root: Element) -> None:
        abstract: dict[str, dict[int, _Level]] = {}
        for element in root:
            if element.tag.endswith("}abstractNum"):
                abstract[_attribute(element, "abstractNumId") or ""] = _levels(element)
        for element in root:
            if not element.tag.endswith("}num"):
                continue
            key = _value(element, "abstractNumId") or ""
            found = _List(key, dict(abstract.get(key, {})))
            for change in element:
                if change.tag.endswith("}lvlOverride"):
                    at = _whole(_attribute(change, "ilvl"), 0)
                    found.levels.update(_levels(change))
                    start = _value(change, "startOverride")
                    if start is not None:
                        found.restarts[at] = _whole(start, 1)
            self._lists[_attribute(element, "numId") or ""] = found


def _levels(parent: Element) -> dict[int, _Level]:
    levels: dict[int, _Level] = {}
    for element in parent:
        if element.tag.endswith("}lvl"):
            levels[_whole(_attribute(element, "ilvl"), 0)] = _Level(
                start=_whole(_value(element, "start"), 1),
                style=_value(element, "numFmt") or "decimal",
                pattern=_value(element, "lvlText") or "",
                suffix=_value(element, "suff") or "tab",
            )
    return levels


def _child(element: Element | None, name: str) -> Element | None:
    for child in element if element is not None else ():
        if isinstance(child.tag, str) and child.tag.endswith("}" + name):
            return child
    return None


def _value(element: Element | None, name: str) -> str | None:
    child = _child(element, name)
    return None if child is None else _attribute(child, "val")


def _attribute(element: Element, name: str) -> str | None:
    for key, value in element.attrib.items():
        if key == name or key.endswith("}" + name):
            return value
    return None


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?[0-9]{1,6}", text) else otherwise
