"""Papers, their immutable versions, and what of them is public."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qiao.core.models.base import new_code, period_check
from qiao.core.models.calls import Case
from qiao.core.models.people import Organisation, Seat


class Paper(models.Model):
    """文件: a document of a case or an organisation. Sign-offs and publications point at its versions, never at it."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="papers")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="papers"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, organisation__isnull=True)
                | Q(case__isnull=True, organisation__isnull=False),
                name="paper_of_one",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(case__isnull=False), name="paper_one_per_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ImmutableError(RuntimeError):
    """An append-only row was about to be changed or deleted."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """A query set that refuses bulk changes; redaction goes through ``qiao.core.history.redact``."""

    def update(self, **kwargs: Any) -> int:
        raise ImmutableError(self.model.__name__)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise ImmutableError(self.model.__name__)


class Version(models.Model):
    """版本: one immutable text or data of a paper. ``digest`` is SHA-256 of salt, content and file digest."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="versions")
    n = models.PositiveIntegerField()
    content = models.JSONField()
    text = models.TextField(blank=True)
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(Seat, null=True, on_delete=models.PROTECT)
    file = models.FileField(upload_to="papers/%Y/%m/", blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    redacted = models.BooleanField(default=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["n"]
        constraints = [models.UniqueConstraint(fields=["paper", "n"], name="version_number_once")]

    def __str__(self) -> str:
        return f"{self.paper} v{self.n}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ImmutableError(f"version {self.pk}")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ImmutableError(f"version {self.pk}")


class Publication(models.Model):
    """公开: a version shown at an address from–to (both days inclusive), with class, basis and redactions."""

    slug = models.CharField(max_length=80)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="publications")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="publications")
    title = models.CharField(max_length=300)
    kind = models.CharField(_("公开属性"), max_length=40)
    basis = models.CharField(_("依据"), max_length=300)
    redactions = models.JSONField(default=list, blank=True)
    code = models.CharField(_("验证码"), max_length=12, unique=True, default=new_code)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            period_check("publication"),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(end__isnull=True), name="publication_one_live_per_address"
            ),
        ]
        indexes = [
            models.Index(fields=["-start"], name="publication_start"),
            models.Index(fields=["version", "case"], name="publication_live", condition=Q(end__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/replies/{self.slug}/"
