"""What a match is made of: weights.yaml, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
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
