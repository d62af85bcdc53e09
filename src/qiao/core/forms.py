"""From a verb's fields to a Django form: the one validation of what is said with an act, for page and API alike."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from qiao.core.choosing import CaseField, PersonField
from qiao.core.models import Case, Organisation, Person
from qiao.core.organisations import OrganisationField, OrganisationsField
from qiao.core.process import Context, Field, Text

EMPTY = _("请选择")
REASON = _("理由")
DAY_FORMATS = ["%Y-%m-%d", "%Y年%m月%d日"]


# Days that anything here can be about. Beyond them a calendar ends, and with it what counts on from a day.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)


def whole(text: str | None) -> int | None:
    """A number that somebody typed or put into an address: digits, at most nine; anything else is none."""
    return int(text) if text and text.isdecimal() and len(text) <= 9 else None


def day(text: str) -> dt.date:
    """A day that somebody typed, as ``YYYY-MM-DD``. Raises ``ValueError`` for anything else, and one too far away."""
    found = dt.date.fromisoformat(text)
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ValueError(text)
    return found


def choices_of(field: Field, ctx: Context) -> list[tuple[str, Text]]:
    """A field's choices: its own, those of the rulebook's vocabulary that it names, or what the case gives."""
    if isinstance(field.choices, str):
        return [(t.code, str(t.label)) for t in ctx.rulebook.terms(field.choices)]
    return list(field.choices(ctx) if callable(field.choices) else field.choices)


def form_field(field: Field, ctx: Context) -> forms.Field:
    common: dict[str, Any] = {"label": field.label, "required": field.required, "help_text": field.help}
    match field.kind:
        case "text":
            return forms.CharField(max_length=300, **common)
        case "long":
            return forms.CharField(max_length=20000, widget=forms.Textarea(attrs={"rows": 5}), **common)
        case "date":
            return forms.DateField(
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                input_formats=DAY_FORMATS,
                validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
                **common,
            )
        case "choice":
            return forms.ChoiceField(choices=[("", EMPTY), *choices_of(field, ctx)], **common)
        case "multi":
            return forms.MultipleChoiceField(
                choices=choices_of(field, ctx), widget=forms.CheckboxSelectMultiple, **common
            )
        case "organisation":
            return OrganisationField(**common)
        case "organisations":
            return OrganisationsField(**common)
        case "person":
            among = field.among
            return PersonField(
                among=(lambda: among(ctx)) if among else None, empty_label=str(EMPTY), **common
            )
        case "case":
            suggest = field.suggest
            rows = Case.objects.filter(call=ctx.case.call_id).exclude(pk=ctx.case.pk)
            return CaseField(rows, (lambda: suggest(ctx)) if suggest else None, **common)
        case "flag":
            return forms.BooleanField(**{**common, "required": False})
        case "number":
            return forms.DecimalField(**common)
        case "json":
            return forms.JSONField(**common)
    raise ValueError(f"field {field.code}: unknown kind {field.kind}")


def form_class(ctx: Context) -> type[forms.Form]:
    """The form of ``ctx.verb``, with the reason as a field of its own."""
    fields: dict[str, Any] = {f.code: form_field(f, ctx) for f in ctx.verb.fields}
    for field in ctx.verb.fields:
        if field.hidden:
            fields[field.code].widget = forms.HiddenInput()
    if ctx.verb.reason:
        fields["reason"] = forms.CharField(
            label=REASON, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}), required=True
        )
    return cast(type[forms.Form], type("VerbForm", (forms.Form,), fields))


def to_json(value: Any) -> Any:
    """A cleaned value as it stands in an act's data: codes for rows, ISO text for dates, text for decimals."""
    if isinstance(value, (Organisation, Person, Case)):
        return value.code
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "as_tuple"):
        return str(value)
    if hasattr(value, "model") or isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    return value
