"""Choosing a case or a person in a form. What is offered is what fits; what is understood is whatever names one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms.models import ModelChoiceIterator
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from qiao.core.models import Case, Person
from qiao.core.process import Suggested

UNKNOWN = _("没有找到“%(text)s”。请填写编号、案由或事项代码。")
SEVERAL = _("“%(text)s”不止一件，请填写事项代码。")
LISTED = 200


def _nothing() -> Sequence[Suggested]:
    return ()


class CaseInput(forms.TextInput):
    """The cases that suggest themselves, each with what speaks for it, and a field for any other."""

    rows: QuerySet[Case]
    suggest: Callable[[], Sequence[Suggested]] = staticmethod(_nothing)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return str(data.get(f"{name}_other") or data.get(name) or "")

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_other" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        found = list(self.suggest())
        value = str(getattr(value, "code", value) or "")
        chosen = value in {s.case.code for s in found}
        given = self.build_attrs(self.attrs, attrs)
        shown = {
            "name": name,
            "id": given.get("id") or f"id_{name}",
            "suggested": found,
            "value": value,
            "typed": "" if chosen else value,
            "options": self.rows.exclude(number="").values_list("number", "title")[:LISTED],
        }
        return render_to_string("qiao/parts/case_input.html", shown)


class CaseField(forms.Field):
    """One case, by its code, number or title."""

    widget = CaseInput

    def __init__(
        self, rows: QuerySet[Case], suggest: Callable[[], Sequence[Suggested]] | None = None, **given: Any
    ) -> None:
        super().__init__(**given)
        self.rows = self.widget.rows = rows
        self.widget.suggest = suggest or _nothing

    def to_python(self, value: Any) -> Case | None:
        if isinstance(value, Case) or not value:
            return value or None
        text = str(value).replace("\0", "").strip()[:320]
        number, _space, title = text.partition(" ")
        both = Q(number=number, title=title.strip()) if title else Q(pk__in=[])
        found = self.rows.filter(Q(code=text) | Q(number=text) | Q(title=text) | both)[:2]
        if len(found) == 1:
            return found[0]
        raise ValidationError(SEVERAL if found else UNKNOWN, params={"text": text[:60]})

    def prepare_value(self, value: Any) -> Any:
        return getattr(value, "code", value)


class _Offered(ModelChoiceIterator):  # type: ignore[type-arg]
    """The choices of a :class:`PersonField`: those that fit, not all that are understood."""

    def __init__(self, field: Any) -> None:
        super().__init__(field)
        if field.among is not None:
            self.queryset = field.among()


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One person with a seat. ``among`` gives those that a form offers; anybody else is left to the verb's checks,
    which say why not."""

    iterator = _Offered

    def __init__(self, *, among: Callable[[], QuerySet[Person]] | None = None, **given: Any) -> None:
        self.among = among
        everybody = Person.objects.filter(seats__isnull=False).distinct().order_by("name")
        super().__init__(everybody, to_field_name="code", **given)


__all__ = ["CaseField", "CaseInput", "PersonField"]
