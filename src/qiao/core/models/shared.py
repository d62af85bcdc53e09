"""Concepts that several kinds share: scores, time slots and money."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qiao.core.models.calls import Call, Case
from qiao.core.models.papers import Version
from qiao.core.models.people import Organisation, Seat


class Review(models.Model):
    """评审: scores against criteria by one seat on one version, with the declared conflict."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="reviews")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="reviews")
    scores = models.JSONField(default=dict)
    conflict = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "seat"], name="review_once"),
            # Whoever declares a conflict gives no scores.
            models.CheckConstraint(condition=Q(conflict="") | Q(scores={}), name="review_conflict_no_scores"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.seat_id}"


class Slot(models.Model):
    """时段: time, place, capacity."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="slots")
    start = models.DateTimeField()
    end = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="slot_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} {self.place}"


class Money(models.Model):
    """款项: an amount in fen for one purpose. A call's budget is a sum over its cases."""

    class State(models.TextChoices):
        PLANNED = "planned", _("计划")
        COMMITTED = "committed", _("已承诺")
        PAID = "paid", _("已拨付")
        RETURNED = "returned", _("已退回")

    class Direction(models.TextChoices):
        OUT = "out", _("拨付")
        IN = "in", _("收取")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="money")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="money")
    amount_fen = models.BigIntegerField()
    direction = models.CharField(max_length=3, choices=Direction.choices)
    purpose = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices)
    due = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="money_positive")]

    def __str__(self) -> str:
        return f"{self.amount_fen} {self.purpose}"
