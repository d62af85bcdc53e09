"""Calls, the cases that answer them, who takes part, and how they hang together."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qiao.core.models.base import new_code, period_check
from qiao.core.models.people import Organisation, Person


class Call(models.Model):
    """征集: a standing or dated invitation. For proposals: one session of the conference."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(_("名称"), max_length=200)
    text = models.TextField(_("说明"), blank=True)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="calls")
    start = models.DateField(_("自"))
    end = models.DateField(_("至"), null=True, blank=True)
    # Which file of legal values applies (policies/…), and what this call sets itself (term, session, warnings).
    rulebook = models.CharField(_("规则"), max_length=100)
    settings = models.JSONField(default=dict, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    budget_fen = models.BigIntegerField(null=True, blank=True)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("征集")
        verbose_name_plural = _("征集")
        constraints = [
            period_check("call"),
            models.CheckConstraint(
                condition=Q(budget_fen__isnull=True) | Q(budget_fen__gte=0), name="call_budget_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Case(models.Model):
    """事项: one party's dealing with one call. ``stage`` and the due dates are written by ``act()`` alone."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=40)
    kind_version = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=300)
    stage = models.CharField(max_length=40)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    unit = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="cases_in_hand"
    )
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # Set where a call allows one live case per party: "<party>", freed when the case closes.
    live_key = models.CharField(max_length=60, null=True, blank=True)  # noqa: DJ001 (NULL is never equal)
    # Caches of a computation that can be shown line by line (house rule 4).
    due_legal = models.DateField(null=True, blank=True)
    due_internal = models.DateField(null=True, blank=True)
    urged = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("事项")
        verbose_name_plural = _("事项")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "live_key"],
                condition=Q(closed_at__isnull=True, live_key__isnull=False),
                name="case_one_live_per_party",
            ),
            models.UniqueConstraint(
                fields=["call", "kind", "number"],
                condition=~Q(number="") & Q(parent__isnull=True),
                name="case_number_once",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="case_not_its_own_parent"
            ),
        ]
        indexes = [
            models.Index(fields=["call", "kind", "stage", "due_legal", "id"], name="case_board"),
            models.Index(fields=["unit", "stage", "due_legal"], name="case_unit"),
            models.Index(fields=["-moved_at", "-id"], name="case_moved"),
            models.Index(fields=["due_legal", "id"], name="case_by_due"),
            models.Index(fields=["number", "id"], name="case_number"),
            models.Index(fields=["due_legal"], name="case_due", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return f"/desk/cases/{self.code}/"


class Party(models.Model):
    """相关方: who takes part in a case, as what. Also decides who may see it."""

    class State(models.TextChoices):
        INVITED = "invited", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        DECLINED = "declined", _("已谢绝")
        ENDED = "ended", _("已退出")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=40)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.CONFIRMED)
    note = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("相关方")
        verbose_name_plural = _("相关方")
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation__isnull=True)
                | Q(person__isnull=True, organisation__isnull=False),
                name="party_person_or_organisation",
            ),
            models.UniqueConstraint(
                fields=["case", "role", "person"],
                condition=Q(person__isnull=False) & ~Q(state="ended"),
                name="party_person_once",
            ),
            models.UniqueConstraint(
                fields=["case", "role", "organisation"],
                condition=Q(organisation__isnull=False) & ~Q(state="ended"),
                name="party_organisation_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "role", "case"], name="party_organisation"),
            models.Index(fields=["organisation", "state", "case"], name="party_seen"),
            models.Index(fields=["person", "role", "case"], name="party_person"),
        ]

    def __str__(self) -> str:
        return str(self.person or self.organisation)


class Link(models.Model):
    """关联: a typed relation between two cases (merged into, follows from, answers, repeats)."""

    source = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_in")
    relation = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "relation"], name="link_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.relation} {self.target_id}"
