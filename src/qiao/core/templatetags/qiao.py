"""Filters and tags that every page may use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils import formats

from qiao.core import phrases
from qiao.core.clocks import SHANGHAI, late_level
from qiao.core.language import as_stored
from qiao.core.models import Case, Paper
from qiao.core.process import Kind, kind_of

register = template.Library()


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """A day: 2024年4月30日, or 30 April 2024."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = value.astimezone(SHANGHAI).date()
    return formats.date_format(value, "DATE_FORMAT")


@register.filter
def moment(value: dt.datetime | None) -> str:
    """A moment to the minute, in Shanghai: 2024-04-30 16:05."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else ""


@register.filter
def stage_label(case: Case) -> Any:
    return kind_of(case.kind, case.kind_version).stage(case.stage).label


@register.filter
def kind_label(case: Case) -> Any:
    return kind_of(case.kind, case.kind_version).label


@register.filter
def paper_label(paper: Paper, kind: Kind) -> Any:
    """A paper's title; one that is only what such papers are called, in the reader's language."""
    label = kind.paper_labels.get(paper.kind)
    if label is None:
        return paper.title
    with as_stored():
        named = str(label)
    return label if paper.title == named else paper.title


@register.filter
def lateness(case: Case) -> str:
    """How late a case is: a key for CSS; see ``late_label`` for the word."""
    return late_level(case)


@register.filter
def late_label(level: str) -> Any:
    return phrases.LATE.get(level, level)


@register.filter
def role_label(role: str) -> Any:
    return phrases.ROLES.get(role, role)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """``mapping[key]``, or nothing."""
    return mapping.get(key, "") if mapping else ""
