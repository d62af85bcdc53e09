"""What a match is made of: weights.yaml, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SHIPPED = Path(__file__).with_name("weights.yaml")


class BadWeights(ValueError):
    """A file of weights says something that cannot be: the message names the place."""


@dataclass(frozen=True)
class Weights:
    """Points of each part for one use, and what fields of text count."""

    fields: Mapping[str, float]
    parts: Mapping[str, float]
    floor: float = 0.3
    glossary_share: float = 0.5

    def points(self, part: str) -> float:
        """What a part may give at most. Raises BadWeights where that is not said."""
        if part not in self.parts:
            raise BadWeights(f"the weights have no points for the part {part!r} (0 would leave it out)")
        return self.parts[part]

    def field(self, name: str) -> float:
        """What a word of a field counts: 1 where nothing is said about the field."""
        return self.fields.get(name, 1.0)

    def counted(self, names: Iterable[str]) -> list[str]:
        """The fields that count at all: those with a weight in its order, then the others."""
        there = [name for name in names if self.field(name)]
        order = list(self.fields)
        return sorted(there, key=lambda name: order.index(name) if name in self.fields else len(order))

    @classmethod
    def read(cls, use: str = "default", path: Path = SHIPPED) -> Weights:
        """The weights of one use. Raises BadWeights."""
        told: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        uses = told.get("uses") or {}
        if use not in uses:
            raise BadWeights(f"{path.name}: no use {use!r}; there are {', '.join(uses)}")
        found = cls(
            told.get("fields") or {},
            uses[use],
            float(told.get("floor", 0.3)),
            float(told.get("glossary_share", 0.5)),
        )
        for where, points in (("fields", found.fields), (f"uses.{use}", found.parts)):
            for name, value in points.items():
                if not isinstance(value, int | float) or value < 0:
                    raise BadWeights(
                        f"{path.name}: {where}.{name} must be a number that is not negative, not {value!r}"
                    )
        return found
