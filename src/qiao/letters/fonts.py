"""Which fonts a letter is set in on this machine, and an honest word about substitutes.

The fonts of the standard are licensed and not shipped. Where one is installed it is used; otherwise an open font
stands in for it and the :class:`FontReport` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import typst
import yaml

from qiao.letters.errors import FontsMissing
from qiao.letters.layout import Layout

ROLES = ("title", "body", "kai", "hei", "song")


@dataclass(frozen=True, slots=True)
class FontChoice:
    """The family that one role is set in."""

    role: str
    standard: str
    family: str
    weight: int
    substituted: bool


@dataclass(frozen=True, slots=True)
class FontReport:
    """Role → family used, for pages and documents that must say so."""

    choices: tuple[FontChoice, ...]

    def __getitem__(self, role: str) -> FontChoice:
        return next(choice for choice in self.choices if choice.role == role)

    @property
    def substituted(self) -> bool:
        return any(choice.substituted for choice in self.choices)


@dataclass(frozen=True, slots=True)
class FontSet:
    """Where fonts are looked for: folders, and the machine's own unless ``system`` is off."""

    folders: tuple[Path, ...] = ()
    system: bool = True


@dataclass(frozen=True, slots=True)
class OpenFont:
    family: str
    weight: int
    package: str | None


@dataclass(frozen=True, slots=True)
class FontRole:
    """What ``fonts.yaml`` says of a role."""

    standard: str
    docx: str
    names: tuple[str, ...]
    open: tuple[OpenFont, ...]
    docx_alternates: tuple[str, ...]


def choose_fonts(layout: Layout, fonts: FontSet | None = None) -> FontReport:
    """The fonts that the layout is set in here; :class:`FontsMissing` if a role finds none."""
    return choose_from(available(fonts or FontSet()).families(), layout.fonts)


def choose_from(families: Iterable[str], preferred: Mapping[str, Sequence[str]] | None = None) -> FontReport:
    """The choice among these families: what the layout prefers, then the standard's fonts, then open ones."""
    installed = {family.casefold(): family for family in families}
    choices: list[FontChoice] = []
    missing: list[str] = []
    for role, spec in roles().items():
        choice = _choose(role, spec, installed, (preferred or {}).get(role, ()))
        if choice is None:
            missing.append(role)
        else:
            choices.append(choice)
    found = {choice.role: choice for choice in choices}
    # Without a 楷体 or 黑体 the body's font still gives a readable letter; without any there is none.
    stand_in = found.get("body") or found.get("song") or found.get("hei")
    if stand_in is None:
        packages = dict.fromkeys(
            font.package for spec in roles().values() for font in spec.open if font.package is not None
        )
        raise FontsMissing(roles=tuple(missing), packages=tuple(packages))
    for role in missing:
        found[role] = FontChoice(role, roles()[role].standard, stand_in.family, stand_in.weight, True)
    return FontReport(tuple(found[role] for role in ROLES))


@cache
def roles() -> Mapping[str, FontRole]:
    """The roles of ``fonts.yaml``."""
    text = resources.files("qiao.letters.layouts").joinpath("fonts.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return {
        role: FontRole(
            standard=data[role]["standard"],
            docx=data[role]["docx"],
            names=tuple(data[role]["names"]),
            open=tuple(OpenFont(**font) for font in data[role]["open"]),
            docx_alternates=tuple(data[role]["docx_alternates"]),
        )
        for role in ROLES
    }


@cache
def available(fonts: FontSet) -> typst.Fonts:
    """The fonts found, looked for once in a process."""
    return typst.Fonts(
        include_system_fonts=fonts.system,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in fonts.folders],
    )


def _choose(
    role: str, spec: FontRole, installed: Mapping[str, str], preferred: Sequence[str]
) -> FontChoice | None:
    licensed = {name.casefold() for name in spec.names}
    for name in (*preferred, *spec.names):
        if family := installed.get(name.casefold()):
            return FontChoice(role, spec.standard, family, 400, name.casefold() not in licensed)
    for font in spec.open:
        if family := installed.get(font.family.casefold()):
            return FontChoice(role, spec.standard, family, font.weight, True)
    return None
