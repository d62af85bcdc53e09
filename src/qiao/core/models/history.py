"""The append-only history: one chain of acts per case, one root per day over all of them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from qiao.core.models.calls import Case
from qiao.core.models.papers import AppendOnlyQuerySet, ImmutableError, Version
from qiao.core.models.people import Seat


class Act(models.Model):
    """行为: who did what to a case, when, from which stage to which, on which version.

    ``hash`` covers the header, ``body_digest`` and the hash of the case's previous act; ``body_digest`` covers
    reason, data and a salt, so that redaction can drop those three and the chain still verifies.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="acts")
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(Seat, null=True, on_delete=models.PROTECT, related_name="acts")
    from_stage = models.CharField(max_length=40)
    to_stage = models.CharField(max_length=40)
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="acts")
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    salt = models.CharField(max_length=32)
    body_digest = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    redacted = models.BooleanField(default=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["case", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="act_sequence_once"),
            # Two acts can never follow the same one: a case has one head.
            models.UniqueConstraint(fields=["case", "prev_hash"], name="act_one_head"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="act_sequence_from_one"),
        ]
        indexes = [
            models.Index(fields=["at"], name="act_at"),
            models.Index(fields=["verb", "at"], name="act_verb"),
            models.Index(fields=["version", "verb", "case"], name="act_version_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq} {self.verb}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ImmutableError(f"act {self.pk}")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ImmutableError(f"act {self.pk}")


class DailyRoot(models.Model):
    """The published root over all acts of one day, chained to the root of the day before it."""

    day = models.DateField(primary_key=True)
    count = models.PositiveIntegerField()
    prev_root = models.CharField(max_length=64)
    root = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.root[:12]}"
