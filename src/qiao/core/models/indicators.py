"""Indicators and their values: what a figure in an official text may rest on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qiao.core.models.base import new_code, period_check
from qiao.core.models.people import Organisation, Seat


class Indicator(models.Model):
    """指标: definition, unit, source and rhythm of a figure."""

    class Rhythm(models.TextChoices):
        YEAR = "year", _("年度")
        HALF = "half", _("半年")
        QUARTER = "quarter", _("季度")
        MONTH = "month", _("月度")
        ONCE = "once", _("一次性")

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("英文名称"), max_length=160, blank=True)
    definition = models.TextField(_("口径"))
    unit = models.CharField(_("单位"), max_length=20)
    source = models.CharField(_("来源"), max_length=200)
    rhythm = models.CharField(_("频率"), max_length=10, choices=Rhythm.choices, default=Rhythm.YEAR)
    owner = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="indicators"
    )

    class Meta:
        verbose_name = _("指标")
        verbose_name_plural = _("指标")

    def __str__(self) -> str:
        return self.name


class Value(models.Model):
    """数值: one figure of one period (both days inclusive). A revision is a new row that supersedes the old one."""

    class Qualifier(models.TextChoices):
        EXACT = "", _("准确值")
        NEAR = "近", _("近")
        OVER = "超", _("超")
        ABOUT = "约", _("约")
        MORE = "余", _("余")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="values")
    start = models.DateField(_("期初"))
    end = models.DateField(_("期末"))
    value = models.DecimalField(_("数值"), max_digits=24, decimal_places=6)
    qualifier = models.CharField(_("限定词"), max_length=2, choices=Qualifier.choices, blank=True, default="")
    display = models.CharField(_("表述"), max_length=60)
    source = models.CharField(_("来源"), max_length=300, blank=True)
    revision = models.PositiveSmallIntegerField(default=1)
    superseded_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    stated_by = models.ForeignKey(Seat, null=True, on_delete=models.PROTECT)
    stated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("数值")
        verbose_name_plural = _("数值")
        ordering = ["indicator", "-end", "-revision"]
        constraints = [
            period_check("value"),
            models.UniqueConstraint(
                fields=["indicator", "start", "end", "revision"], name="value_revision_once"
            ),
            models.UniqueConstraint(
                fields=["indicator", "start", "end"],
                condition=Q(superseded_by__isnull=True),
                name="value_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.display}"
