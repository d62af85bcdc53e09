"""What several tables share: short public codes, and the period check."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import F, Q

# No vowels, no look-alikes: a code can be read over the telephone and never spells a word.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"


def new_code(length: int = 12) -> str:
    """A random public identifier: 28¹² ≈ 2.3·10¹⁷ values, so that guessing one finds nothing."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def period_check(table: str, *, start: str = "start", end: str = "end") -> models.CheckConstraint:
    """``end`` is empty (open) or not before ``start``; both days belong to the period."""
    return models.CheckConstraint(
        condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": F(start)}), name=f"{table}_period"
    )
