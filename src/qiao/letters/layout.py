"""How a body's letters look, as data.

A layout is a YAML file. Three come with the package (:func:`layout_names`); a body's own is loaded with
:func:`load_layout` from a path, or from text with :func:`parse_layout`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypeVar, cast, get_args, get_type_hints

import yaml

from qiao.letters.errors import LetterError
from qiao.letters.model import FORMS, Form

Place: TypeAlias = Literal["under_title", "top_right", "first_line", "number", "hidden"]
ContactStyle: TypeAlias = Literal["two_lines", "one_per_line", "brackets", "hidden"]
Closing: TypeAlias = Literal["standard", "centred"]
Imprint: TypeAlias = Literal["ruled", "bare", "hidden"]

DEFAULT_LAYOUTS: Mapping[str, str] = MappingProxyType(
    {"reply_sheet": "gbt9704-reply", "letter": "gbt9704-letter", "document": "gbt9704-document"}
)


@dataclass(frozen=True, slots=True)
class Page:
    """The page and its margins in millimetres."""

    width: float = 210
    height: float = 297
    top: float = 37
    left: float = 28
    right: float = 26
    bottom: float = 35

    @property
    def area_width(self) -> float:
        return self.width - self.left - self.right

    @property
    def area_height(self) -> float:
        return self.height - self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines on a page and characters on a line."""

    lines: int = 22
    chars: int = 28


@dataclass(frozen=True, slots=True)
class Sizes:
    """Type sizes in points."""

    body: float = 16
    title: float = 22
    page_number: float = 14
    imprint: float = 14
    mark: float = 36


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the title of a letter or document; lengths in millimetres."""

    mark_top: float = 30
    rule: Literal["double", "single", "none"] = "double"
    rule_below: float = 4
    rule_width: float = 170
    foot_rule: float | None = None
    number: Literal["right", "centred"] = "right"
    number_lines: int = 2
    blank_lines: int = 2


@dataclass(frozen=True, slots=True)
class BlankLines:
    """Empty lines of the grid."""

    after_title: int = 1
    after_result: int = 1
    before_attachments: int = 1
    before_signature: int = 1
    before_contact: int = 1


@dataclass(frozen=True, slots=True)
class PageNumbers:
    """Where page numbers stand; ``below`` is in millimetres under the type area."""

    first_page: bool = True
    below: float = 7
    inset_chars: int = 1


@dataclass(frozen=True, slots=True)
class Labels:
    """The words printed around what a letter says; from ``labels.yaml``."""

    colon: str
    separator: str
    copies_separator: str
    stop: str
    field_gap: str
    result: str
    signer: str
    attachment: str
    note: str
    date: str
    contact_name: str
    contact_phone: str
    contact_address: str
    contact_postcode: str
    copies: str
    printed: str
    end_notes: str
    end_note: str
    person_titles: tuple[str, ...]

    def day(self, date: dt.date) -> str:
        """The date with Arabic numerals, the full year and no leading zeros."""
        return self.date.format(year=date.year, month=date.month, day=date.day)


@dataclass(frozen=True, slots=True)
class Layout:
    """One body's way of printing one form of letter."""

    name: str
    form: Form
    source: str
    labels: Labels
    page: Page = Page()
    grid: Grid = Grid()
    sizes: Sizes = Sizes()
    head: Head | None = None
    result_at: Place = "under_title"
    signer_at: Place = "under_title"
    contact: ContactStyle = "two_lines"
    closing: Closing = "standard"
    blank_lines: BlankLines = BlankLines()
    keep_headings: bool = True
    page_numbers: PageNumbers = PageNumbers()
    imprint: Imprint = "hidden"
    fonts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role → families to prefer over those of ``fonts.yaml``."""

    @property
    def line_pitch(self) -> float:
        """Millimetres from one line of the grid to the next."""
        return self.page.area_height / self.grid.lines

    @property
    def char_pitch(self) -> float:
        """Millimetres from one character of the grid to the next."""
        return self.page.area_width / self.grid.chars


def layout_names() -> tuple[str, ...]:
    """The layouts that come with the package."""
    return tuple(sorted(DEFAULT_LAYOUTS.values()))


def load_layout(source: str | Path) -> Layout:
    """The layout of that name from the package, or from the YAML file at that path."""
    if isinstance(source, Path):
        return parse_layout(source.read_text(encoding="utf-8"))
    if source not in layout_names():
        raise LetterError("layout.unknown", name=source)
    return _packaged(source)


def layout_for(form: Form) -> Layout:
    """The layout that a form is printed in when none is named."""
    return load_layout(DEFAULT_LAYOUTS[form])


def parse_layout(text: str) -> Layout:
    """The layout that YAML text describes; a field it does not know is an error, not a surprise."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise LetterError("layout.yaml", reason=str(error)) from error
    data = dict(_mapping(data, "layout"))
    labels = {**_default_labels(), **_mapping(data.pop("labels", {}), "labels")}
    labels["person_titles"] = _strings(labels["person_titles"], "labels.person_titles")
    fonts = {
        str(role): _strings(names, f"fonts.{role}")
        for role, names in _mapping(data.pop("fonts", {}), "fonts").items()
    }
    if data.get("form") not in FORMS:
        raise LetterError("layout.form", form=data.get("form"))
    parts: dict[str, Any] = {"labels": _build(Labels, labels, "labels"), "fonts": fonts}
    for key, kind in _SECTIONS.items():
        if key in data:
            parts[key] = _build(kind, _mapping(data.pop(key), key), key)
    return _build(Layout, {**data, **parts}, "layout")


@cache
def default_labels() -> Labels:
    """The labels that a layout has when it overrides none."""
    labels = dict(_default_labels())
    labels["person_titles"] = _strings(labels["person_titles"], "labels.person_titles")
    return _build(Labels, labels, "labels")


_SECTIONS: dict[str, type[Any]] = {
    "page": Page,
    "grid": Grid,
    "sizes": Sizes,
    "head": Head,
    "blank_lines": BlankLines,
    "page_numbers": PageNumbers,
}


@cache
def _packaged(name: str) -> Layout:
    return parse_layout(_read(f"{name}.yaml"))


@cache
def _default_labels() -> Mapping[str, Any]:
    return MappingProxyType(_mapping(yaml.safe_load(_read("labels.yaml")), "labels"))


def _read(name: str) -> str:
    return resources.files("qiao.letters.layouts").joinpath(name).read_text(encoding="utf-8")


_T = TypeVar("_T")


def _build(kind: type[_T], data: Mapping[str, Any], where: str) -> _T:
    hints = get_type_hints(kind)
    known = {spec.name: spec for spec in fields(cast(Any, kind))}
    if unknown := sorted(set(data) - set(known)):
        raise LetterError("layout.unknown_field", where=where, fields=unknown)
    if missing := sorted(
        name
        for name, spec in known.items()
        if spec.default is MISSING and spec.default_factory is MISSING and name not in data
    ):
        raise LetterError("layout.missing_field", where=where, fields=missing)
    for key, value in data.items():
        _check(value, hints[key], f"{where}.{key}")
    return kind(**data)


def _check(value: Any, hint: Any, where: str) -> None:
    if choices := [choice for choice in get_args(hint) if isinstance(choice, str)]:
        if value not in choices:
            raise LetterError("layout.choice", where=where, value=value, choices=choices)
    elif hint is float or hint == (float | None):
        if value is None and hint is not float:
            return
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise LetterError("layout.number", where=where, value=value)
    elif hint is int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 99:
            raise LetterError("layout.number", where=where, value=value)
    elif hint in (bool, str) and not isinstance(value, hint):
        raise LetterError("layout.type", where=where, value=value)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise LetterError("layout.type", where=where, value=value)
    return value


def _strings(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise LetterError("layout.type", where=where, value=value)
    return tuple(value)
