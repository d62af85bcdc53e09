"""Naming an organisation in a form: typed with suggestions, and found by the server, whatever the browser offered.

The field is a plain ``<input list>``: the browser searches its suggestions, keyboards and screen readers know it, and
without suggestions one simply types. What counts is what the server finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from qiao.core.models import Organisation
from qiao.core.phrases import AND

SUGGESTED = 500
ROWS = 3  # empty fields that a field for several organisations offers
CODE = re.compile(r"[0-9a-z]{12}")
BETWEEN = re.compile(r"[、，,；;\n]+")

UNKNOWN = _("名录中没有“%(text)s”。")
UNKNOWN_BUT = _("名录中没有“%(text)s”。是不是：%(names)s？")
SEVERAL = _("有几个单位叫“%(text)s”，请填编码：%(names)s。")


def present() -> QuerySet[Organisation]:
    """Organisations that may be named today: those that were merged into another may not."""
    return Organisation.objects.filter(merged_into__isnull=True).order_by("kind", "name")


def _clean(text: str) -> str:
    """As a name may be; a NUL is nothing that a database looks for."""
    return text.replace("\0", "").strip()[:160]


def look_up(
    texts: Iterable[str], among: QuerySet[Organisation] | None = None
) -> tuple[dict[str, Organisation], list[ValidationError]]:
    """Who is meant by code, credit code, name or short name, by text; and what names none or several, with what may
    have been meant. One query, and one for each that names none."""
    asked = list(dict.fromkeys(clean for text in texts if (clean := _clean(text))))
    rows = present() if among is None else among
    match = Q(code__in=asked) | Q(uscc__in=asked) | Q(name__in=asked) | Q(short_name__in=asked)
    there = list(rows.filter(match)) if asked else []
    found: dict[str, Organisation] = {}
    problems = []
    for text in asked:
        fit = [o for o in there if text in (o.code, o.uscc)] or [o for o in there if o.name == text]
        fit = fit or [o for o in there if o.short_name == text]
        if len(fit) == 1:
            found[text] = fit[0]
        else:
            problems.append(_problem(text, fit, rows))
    return found, problems


def named(texts: Iterable[str], among: QuerySet[Organisation] | None = None) -> list[Organisation]:
    """The organisations that are meant, each once, in the order named. Raises ``ValidationError`` for the others."""
    found, problems = look_up(texts, among)
    if problems:
        raise ValidationError(problems)
    return list(dict.fromkeys(found.values()))


def code_of(text: str) -> str:
    """The code of the organisation that a filter names, by a part of its name too if no other has that part. What
    names none is given back, and so finds nothing."""
    text = _clean(text)
    if not text or CODE.fullmatch(text):
        return text
    exact = Organisation.objects.filter(Q(name=text) | Q(short_name=text)).values_list("code", flat=True)
    part = Organisation.objects.filter(Q(name__icontains=text) | Q(short_name__icontains=text))
    for codes in (exact[:2], part.values_list("code", flat=True)[:2]):
        if len(codes) == 1:
            return codes[0]
    return text


def typed(box: dict[str, Any], asked: str) -> dict[str, Any]:
    """A filter of organisations to type in, with its options as suggestions, instead of a long select."""
    chosen = next((o["label"] for o in box["options"] if o["selected"] and o["value"]), asked)
    return {**box, "typed": str(chosen), "suggestions": [o["label"] for o in box["options"] if o["value"]]}


def _problem(text: str, fit: Sequence[Organisation], rows: QuerySet[Organisation]) -> ValidationError:
    if fit:
        names = str(AND).join(f"{o.name}（{o.uscc or o.code}）" for o in fit[:5])
        return ValidationError(SEVERAL, params={"text": text, "names": names})
    like = rows.filter(Q(name__icontains=text) | Q(short_name__icontains=text)).values_list("name", flat=True)
    if names := str(AND).join(like[:5]):
        return ValidationError(UNKNOWN_BUT, params={"text": text, "names": names})
    return ValidationError(UNKNOWN, params={"text": text})


class OrganisationInput(forms.TextInput):
    """One input with suggestions; a code that it is given shows as the organisation's name."""

    several = False
    rows: QuerySet[Organisation]

    def names(self, value: Any) -> list[str]:
        values = [value] if isinstance(value, str) else [str(getattr(v, "code", v)) for v in value or ()]
        known = dict(self.rows.filter(code__in=values).values_list("code", "name")) if values else {}
        return [known.get(v, v) for v in values if v]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        given = self.build_attrs(self.attrs, attrs)
        found = self.names(getattr(value, "code", value) if not self.several else value)
        shown = {
            "name": name,
            "id": given.pop("id", f"id_{name}"),
            "attrs": given,
            "values": [*found, *[""] * ROWS] if self.several else [found[0] if found else ""],
            "several": self.several,
            "options": self.rows.values_list("name", "short_name")[:SUGGESTED],
        }
        return render_to_string("qiao/parts/organisation_input.html", shown)


class OrganisationsInput(OrganisationInput):
    """The same for several organisations: a field each, or several in one field with 、 between them."""

    several = True
    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        texts = [found] if isinstance(found, str) else found
        return [str(text) for text in texts if str(text).strip()]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return f"{id_}_1" if id_ else id_


class OrganisationField(forms.Field):
    """One organisation, by name or code."""

    widget = OrganisationInput

    def __init__(self, rows: QuerySet[Organisation] | None = None, **given: Any) -> None:
        super().__init__(**given)
        self.rows = self.widget.rows = present() if rows is None else rows

    def to_python(self, value: Any) -> Organisation | None:
        if isinstance(value, Organisation):
            return value
        found = named([str(value)], self.rows) if value else []
        return found[0] if found else None

    def prepare_value(self, value: Any) -> Any:
        return getattr(value, "code", value)


class OrganisationsField(OrganisationField):
    """Several organisations, in the order in which they are named."""

    widget = OrganisationsInput

    def to_python(self, value: Any) -> Any:
        texts: list[str] = []
        for one in value or ():
            text = _clean(str(getattr(one, "code", one)))
            whole = self.rows.filter(Q(name=text) | Q(short_name=text)).exists()
            texts += [text] if whole else BETWEEN.split(text)
        return named(texts, self.rows)

    def prepare_value(self, value: Any) -> Any:
        return [getattr(v, "code", v) for v in value] if value else value


__all__ = [
    "ROWS",
    "SUGGESTED",
    "OrganisationField",
    "OrganisationsField",
    "code_of",
    "look_up",
    "named",
    "present",
    "typed",
]
