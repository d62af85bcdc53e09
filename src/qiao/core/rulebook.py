"""Legal values as configuration (house rule 5): one YAML file per body, each value with its source.

A rulebook lives in ``policies/<issuer>/<name>.yaml`` and is named ``<issuer>/<name>``. It may ``extend`` another.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field, model_validator

from qiao.timekeeping import BadRule, ClockRule, MonthEnd, Shift, Unit

# Options of a clock that name a choice, and from which choices.
CHOICES = {"end_on_holiday": Shift, "month_end": MonthEnd, "pause_end_on_holiday": Shift}


class RulebookError(ValueError):
    """A rulebook cannot be read, or lacks a value that a process needs."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Model):
    """A phrase in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


class ClockValue(_Model):
    """A deadline. ``confirmed`` is false where the source was not seen; pages then say so."""

    amount: int = 0
    unit: str = "working_days"  # working_days | calendar_days | months
    day_of_year: str = ""  # instead: a fixed day of the year, "MM-DD", on or after the start
    options: dict[str, Any] = Field(default_factory=dict)
    source: str
    confirmed: bool = False
    warn: int = 7  # calendar days before the end when a case counts as due soon
    very_late: int = 30  # calendar days after the end when it counts as very late

    def rule(self) -> ClockRule:
        """The deadline as the rule that ``qiao.timekeeping`` computes with; of a fixed day there is none."""
        options: dict[str, Any] = {
            name: CHOICES.get(name, lambda said: said)(said) for name, said in self.options.items()
        }
        return ClockRule(
            self.amount, Unit(self.unit), source=self.source, confirmed=self.confirmed, **options
        )

    @model_validator(mode="after")
    def _means_something(self) -> ClockValue:
        """A misspelt unit or option is told when the rulebook is read, not when somebody waits for a date."""
        if self.amount and not self.day_of_year:
            try:
                self.rule()
            except (BadRule, TypeError) as error:
                raise ValueError(str(error)) from error
        return self


class Term(_Model):
    """One entry of a vocabulary: a result class, a refusal reason, an answer of the feedback form."""

    code: str
    label: Words
    needs: tuple[str, ...] = ()  # date, reason: what the text must carry under this class
    good: bool = False
    bad: bool = False
    default: bool = False


class Vocabulary(_Model):
    source: str
    confirmed: bool = False
    terms: tuple[Term, ...]


class Rulebook(_Model):
    """All legal values that the processes of one body read."""

    name: str = ""
    title: Words
    clocks: dict[str, ClockValue] = Field(default_factory=dict)
    vocabularies: dict[str, Vocabulary] = Field(default_factory=dict)
    values: dict[str, Any] = Field(default_factory=dict)

    def clock(self, name: str) -> ClockValue:
        try:
            return self.clocks[name]
        except KeyError:
            raise RulebookError(f"{self.name}: no clock {name!r}") from None

    def terms(self, name: str) -> tuple[Term, ...]:
        try:
            return self.vocabularies[name].terms
        except KeyError:
            raise RulebookError(f"{self.name}: no vocabulary {name!r}") from None

    def term(self, name: str, code: str) -> Term | None:
        return next((t for t in self.terms(name) if t.code == code), None)


def _read(name: str) -> dict[str, Any]:
    path = (settings.POLICIES / f"{name}.yaml").resolve()
    if not path.is_relative_to(settings.POLICIES.resolve()) or not path.is_file():
        raise RulebookError(f"no rulebook {name!r}: {path} does not exist")
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if base := raw.pop("extends", None):
        merged = _read(base)
        for key, value in raw.items():
            merged[key] = (
                {**merged.get(key, {}), **value} if isinstance(value, dict) and key != "title" else value
            )
        return merged
    return raw


@lru_cache(maxsize=64)
def rulebook(name: str) -> Rulebook:
    """The rulebook under ``name``. Raises :class:`RulebookError` if it is missing or malformed."""
    try:
        return Rulebook(**{**_read(name), "name": name})
    except ValueError as error:
        raise RulebookError(f"{name}: {error}") from error
