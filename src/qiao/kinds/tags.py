"""Curated tags: technology directions, fields of application, action areas, readiness by evidence (tags.yaml)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from qiao.core.policies import library
from qiao.eligibility.vocabulary import CodeTree

FILE = Path(__file__).with_name("tags.yaml")


@dataclass(frozen=True)
class Tag:
    """One tag; ``areas``: the city's action areas that a field of the district belongs to."""

    code: str
    zh: str
    en: str
    areas: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


@cache
def _told(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))[name]
    return found


def source(name: str) -> str:
    """Where a set was taken from."""
    return str(_told(name)["source"])


@cache
def tags(name: str) -> dict[str, Tag]:
    """A set by its name: technologies, fields, areas or readiness; by code, in order."""
    told = _told(name)["tags"]
    return {code: Tag(code, t["zh"], t["en"], tuple(t.get("areas", ()))) for code, t in told.items()}


def labels(name: str, codes: Iterable[str], language: str) -> list[str]:
    """The labels of some tags, in the order of the set; codes that are no longer there are left out."""
    wanted = set(codes)
    return [tag.label(language) for code, tag in tags(name).items() if code in wanted]


_industries: tuple[CodeTree | None, dict[str, str]] = (None, {})


def industries() -> dict[str, str]:
    """Sections (I) and divisions (I65) of GB/T 4754 with their names; a division begins with its section."""
    global _industries  # noqa: PLW0603 (one cache for the process)
    tree = library().vocabulary.trees["gbt4754"]
    if _industries[0] is not tree:
        sections = [code for code in tree.codes if not tree.parents[code]]
        found = {code: tree.names[code] for code in sections}
        below = [code for code in tree.codes if tree.parents[code] in found]
        found |= {f"{tree.parents[code]}{code}": f"{code} {tree.names[code]}" for code in below}
        _industries = (tree, found)
    return _industries[1]
