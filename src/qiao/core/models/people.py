"""People, organisations, what is known about them, and the seats that give authority."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import add

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Mod, StrIndex, Substr
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc as stdnum_uscc

from qiao.core.models.base import new_code, period_check

# GB 32100-2015: 17 characters weighted by 3^i mod 31, then one check character.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
NOT_A_USCC = _("“%(value)s”不是有效的统一社会信用代码：应为18位且校验位正确。")
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def uscc_checks() -> Exact:
    """The check digit as an SQL condition (both databases): weighted sum plus check character ≡ 0 mod 31."""

    def digit(i: int) -> models.Expression:
        return StrIndex(Value(USCC_ALPHABET), Substr(F("uscc"), i, 1)) - Value(1)

    total = reduce(add, (digit(i) * Value(w) for i, w in enumerate(USCC_WEIGHTS, 1)), digit(18))
    return Exact(Mod(total, Value(31), output_field=models.IntegerField()), Value(0))


def validate_uscc(value: str) -> None:
    """Raise ``ValidationError`` unless ``value`` is a unified social credit code with a right check digit."""
    if not stdnum_uscc.is_valid(value):
        raise ValidationError(NOT_A_USCC, params={"value": value})


class User(AbstractUser):
    """An account. Authority never comes from here: it comes from the seats of the account's person."""


class Person(models.Model):
    """人: a human, with or without an account. Name and ways to reach them are personal data."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    name = models.CharField(_("姓名"), max_length=80)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="person")
    email = models.EmailField(_("电子邮箱"), blank=True)
    phone = models.CharField(_("电话"), max_length=40, blank=True)
    language = models.CharField(_("语言"), max_length=10, default="zh-hans")
    fictional = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """单位: firm, bureau, institute, association, fund or alliance; one record per unified social credit code."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", _("机关")
        CONFERENCE = "conference", _("政协")
        CONGRESS = "congress", _("人大")
        FIRM = "firm", _("企业")
        INSTITUTE = "institute", _("院所")
        ASSOCIATION = "association", _("协会")
        FUND = "fund", _("投资机构")
        ALLIANCE = "alliance", _("联盟")
        GROUP = "group", _("党派团体与界别")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    name = models.CharField(_("名称"), max_length=160)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    kind = models.CharField(_("类别"), max_length=20, choices=Kind.choices)
    uscc = models.CharField(
        _("统一社会信用代码"), max_length=18, null=True, blank=True, unique=True, validators=[validate_uscc]
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    address = models.CharField(_("通讯地址"), max_length=200, blank=True)
    postcode = models.CharField(_("邮政编码"), max_length=6, blank=True)
    # How this body's letters look (qiao.letters layout), and its 机关代字 for document numbers.
    layout = models.CharField(_("公文版式"), max_length=60, blank=True)
    document_mark = models.CharField(_("机关代字"), max_length=20, blank=True)
    fictional = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        constraints = [
            models.CheckConstraint(
                condition=Q(uscc__isnull=True) | (Q(Exact(Length(F("uscc")), Value(18))) & Q(uscc_checks())),
                name="organisation_uscc_check_digit",
                violation_error_message=_("统一社会信用代码的校验位不正确。"),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="organisation_not_into_itself",
            ),
        ]
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.short_name or self.name


class OrganisationName(models.Model):
    """A name that an organisation bore; ``end`` empty means it still does."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=160)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True) | Q(end__isnull=True) | Q(end__gte=F("start")),
                name="organisation_name_period",
            ),
            models.UniqueConstraint(fields=["organisation", "name", "start"], name="organisation_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Fact(models.Model):
    """事实: one thing known about an organisation for one period. ``unknown`` is a value of its own, never zero."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="facts")
    key = models.CharField(max_length=80)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    value = models.JSONField(null=True, blank=True)
    unknown = models.BooleanField(default=False)
    source = models.CharField(max_length=200)
    evidence = models.ForeignKey("core.Version", null=True, blank=True, on_delete=models.PROTECT)
    stated_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="facts_stated")
    stated_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="facts_confirmed"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )

    class Meta:
        constraints = [
            period_check("fact"),
            models.UniqueConstraint(
                fields=["organisation", "key", "start"],
                condition=Q(superseded_by__isnull=True),
                name="fact_one_current",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="fact_confirmed_by_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.start}"


class SeatQuerySet(models.QuerySet["Seat"]):
    def held_on(self, day: dt.date) -> SeatQuerySet:
        """Seats whose term includes ``day`` (both ends inclusive)."""
        return self.filter(Q(end__isnull=True) | Q(end__gte=day), start__lte=day)


class Seat(models.Model):
    """席位: person × organisation × role × term, both days inclusive. The only source of authority."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="seats")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="seats")
    role = models.CharField(_("席位"), max_length=40)
    title = models.CharField(_("职务"), max_length=80, blank=True)
    start = models.DateField(_("自"))
    end = models.DateField(_("至"), null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("席位")
        verbose_name_plural = _("席位")
        constraints = [
            period_check("seat"),
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=Q(end__isnull=True),
                name="seat_one_open_term",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role"])]

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation} · {self.title or self.role}"


class HolidayOverride(models.Model):
    """A day that differs from the shipped calendar, with the notice that says so."""

    day = models.DateField(primary_key=True)
    workday = models.BooleanField(_("上班"))
    name = models.CharField(_("名称"), max_length=40)
    source = models.CharField(_("依据"), max_length=200)

    class Meta:
        verbose_name = _("节假日调整")
        verbose_name_plural = _("节假日调整")

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
