"""Indicators: what each figure means, its values over the periods, who stated and revised them, who cites them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods

from qiao.core.access import visible_cases
from qiao.core.acts import Refused
from qiao.core.charts import Point, chart
from qiao.core.figures import may_state_values, state_value
from qiao.core.identity import seats_at
from qiao.core.models import Act, Case, Indicator, Organisation, Seat, Value, Version
from qiao.core.process import kinds
from qiao.desk import phrases as desk_phrases
from qiao.desk import phrases_registry as phrases
from qiao.desk.registry.numbers import qualified
from qiao.desk.registry.seats import only_for
from qiao.desk.shared import crumbs, me

SEATS = ("officer", "registry", "head", "leader")
PAGE = 40
SIGNED = 2000  # so many of the newest signatures are asked what they cite
DRAFTS = 300  # so many of the newest texts
POINTS = 24
NEW = "new"  # stands in an address of its own


class IndicatorForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Indicator
        fields = ("name", "name_en", "code", "unit", "rhythm", "definition", "source")
        labels = {"code": phrases.INDICATOR_CODE}
        help_texts = {
            "code": phrases.INDICATOR_CODE_HELP,
            "definition": phrases.DEFINITION_HELP,
            "unit": phrases.UNIT_HELP,
            "source": phrases.SOURCE_HELP,
        }
        widgets = {"definition": forms.Textarea(attrs={"rows": 3})}

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code == NEW:
            raise forms.ValidationError(phrases.INDICATOR_CODE_TAKEN)
        return code


class ValueForm(forms.Form):
    """One value of one period. ``seen``: code of the value that is being revised, empty for a new period."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    start = forms.DateField(
        label=phrases.START, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    end = forms.DateField(
        label=phrases.END, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    value = forms.DecimalField(label=phrases.NUMBER, max_digits=24, decimal_places=6)
    qualifier = forms.ChoiceField(label=phrases.QUALIFIER, choices=Value.Qualifier.choices, required=False)
    display = forms.CharField(label=phrases.DISPLAY, max_length=60, help_text=phrases.DISPLAY_HELP)
    source = forms.CharField(
        label=phrases.FIGURE_SOURCE, max_length=300, required=False, help_text=phrases.FIGURE_SOURCE_HELP
    )

    def refuse(self, refused: Refused) -> None:
        """Put what the core refused beside the fields that it is about."""
        for field, errors in refused.errors.items():
            for error in errors:
                self.add_error(field, error)
        if not refused.errors:
            for reason in refused.answer.reasons:
                self.add_error(None, str(reason))


# --- the list --------------------------------------------------------------------------------------------------


def _with_last(rows: QuerySet[Indicator]) -> QuerySet[Indicator]:
    current = Value.objects.filter(indicator=OuterRef("pk"), superseded_by__isnull=True)
    newest = current.order_by("-end", "-start")
    return rows.select_related("owner").annotate(
        last=Subquery(newest.values("display")[:1]),
        last_start=Subquery(newest.values("start")[:1]),
        last_end=Subquery(newest.values("end")[:1]),
        last_at=Subquery(newest.values("stated_at")[:1]),
    )


@require_GET
@only_for(*SEATS)
def page(request: HttpRequest) -> HttpResponseBase:
    seats = seats_at(request)
    q, scope = request.GET.get("q", "").strip()[:100], request.GET.get("scope", "")
    rows = Indicator.objects.order_by("name", "pk")
    if q:
        found_in = ("name", "name_en", "code", "definition")
        rows = rows.filter(reduce(or_, (Q(**{f"{field}__icontains": q}) for field in found_in)))
    if scope == "mine":
        rows = rows.filter(owner__in={s.organisation_id for s in seats if s.role in SEATS})
    found = Paginator(_with_last(rows), PAGE).get_page(request.GET.get("page"))
    scopes = [
        {"value": code, "label": label, "selected": code == scope}
        for code, label in (("", desk_phrases.ALL), ("mine", phrases.MY_UNIT))
    ]
    return render(
        request,
        "desk/registry/indicators.html",
        {
            "page_obj": found,
            "rows": [
                {"indicator": i, "period": period(vars(i)["last_start"], vars(i)["last_end"])} for i in found
            ],
            "q": q,
            "filters": [{"name": "scope", "label": phrases.KEPT_BY, "options": scopes}],
            "links": [{"label": phrases.NEW_INDICATOR, "url": "/desk/indicators/new/", "tone": ""}],
            "crumbs": crumbs((phrases.INDICATORS, "")),
        },
    )


def period(start: dt.date | None, end: dt.date | None) -> str:
    """A period as people say it: 2023, 2023-06, 2023 Q1, or its two days."""
    if start is None or end is None:
        return ""
    after = end + dt.timedelta(days=1)
    if start.day == 1 and after.day == 1:
        months = (after.year - start.year) * 12 + after.month - start.month
        if months == 12 and start.month == 1:
            return str(start.year)
        if months == 6 and start.month in (1, 7):
            return f"{start.year} H{1 + start.month // 7}"
        if months == 3 and start.month % 3 == 1:
            return f"{start.year} Q{1 + start.month // 3}"
        if months == 1:
            return f"{start.year}-{start.month:02d}"
    return start.isoformat() if start == end else f"{start.isoformat()} – {end.isoformat()}"


# --- one indicator ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """All that was stated for one period: the current value and what it superseded, newest first."""

    name: str
    current: Value
    earlier: tuple[Value, ...]

    @property
    def number(self) -> str:
        return qualified(self.current)


def periods(values: Iterable[Value]) -> list[Period]:
    """Values grouped by period, the newest period first."""
    groups: dict[tuple[dt.date, dt.date], list[Value]] = defaultdict(list)
    for value in values:
        groups[value.end, value.start].append(value)
    found = []
    for (end, start), group in sorted(groups.items(), reverse=True):
        chain = sorted(group, key=lambda v: -v.revision)
        current = next((v for v in chain if v.superseded_by_id is None), chain[0])
        found.append(Period(period(start, end), current, tuple(v for v in chain if v != current)))
    return found


def _chart(indicator: Indicator, found: Sequence[Period]) -> SafeString:
    """The newest values side by side; only periods about as long as the newest one can be compared."""
    if len(found) < 2:
        return SafeString("")
    days = [(p.current.end - p.current.start).days + 1 for p in found]
    alike = [p for p, n in zip(found, days, strict=True) if 0.9 <= n / days[0] <= 1.1]
    points = [Point(p.name, p.current.value, p.current.display) for p in alike[:POINTS][::-1]]
    return chart(points, title=str(phrases.CHART) % {"name": indicator.name, "unit": indicator.unit})


def cited_in(request: HttpRequest, values: Sequence[Value]) -> list[dict[str, Any]]:
    """Letters that cite one of these values, of those I may see: signed ones by what the signature froze, and the
    newest text of open cases. Bounded to the newest :data:`SIGNED` signatures and :data:`DRAFTS` texts."""
    if not values:
        return []
    by_code = {v.code: v for v in values}
    seen = visible_cases(me(request), seats_at(request))
    found: list[dict[str, Any]] = []
    freezing = {v.code for k in kinds() for v in k.verbs if any(f.code == "citations" for f in v.fields)}
    newest = Act.objects.filter(verb__in=freezing).order_by("-at").values("pk")[:SIGNED]
    signed = (
        Act.objects.filter(pk__in=newest, case__in=seen)
        .annotate(said=Cast("data", TextField()))
        .filter(said__contains=values[0].indicator.code)
        .select_related("case__call", "version")
        .order_by("-at")
    )
    told: set[int] = set()
    for act in signed:
        codes = [c.get("value") for c in (act.data.get("citations") or {}).values()]
        for code in dict.fromkeys(c for c in codes if c in by_code):
            found.append(
                {"case": act.case, "value": by_code[code], "at": act.at, "n": act.version and act.version.n}
            )
        if act.version_id:
            told.add(act.version_id)
    papers = {c.paper for k in kinds() for c in k.chains}
    open_cases = Case.objects.filter(closed_at__isnull=True, pk__in=seen.values("pk"))
    texts = (
        Version.objects.filter(paper__kind__in=papers, paper__case__in=open_cases)
        .order_by("-pk")
        .annotate(cites=KT("content__citations"))
        .defer("content", "text")
        .select_related("paper__case__call")[:DRAFTS]
    )
    done: set[int] = set()
    for version in texts:
        if version.paper_id in done:
            continue
        done.add(version.paper_id)
        if version.pk not in told:
            for code in (c for c in by_code if version.cites and c in version.cites):
                found.append({"case": version.paper.case, "value": by_code[code], "at": None, "n": version.n})
    return found


def _indicator(code: str) -> Indicator:
    found = Indicator.objects.select_related("owner").filter(code=code).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@only_for(*SEATS)
def one(request: HttpRequest, code: str) -> HttpResponseBase:
    """An indicator with everything stated about it; a form to state or revise a value."""
    indicator = _indicator(code)
    answer = may_state_values(seats_at(request), indicator)
    values = list(
        Value.objects.filter(indicator=indicator)
        .select_related("stated_by__person", "stated_by__organisation", "indicator")
        .order_by("-end", "-revision")
    )
    form: ValueForm | None
    if request.method == "POST":
        form = ValueForm(request.POST)
        if not answer or answer.seat is None:
            raise PermissionDenied(str(answer))
        if form.is_valid() and _stated(form, indicator, answer.seat):
            messages.success(request, str(phrases.VALUE_STATED) % {"display": form.cleaned_data["display"]})
            return redirect(f"/desk/indicators/{indicator.code}/")
    else:
        form = ValueForm(initial=_initial(request, values)) if answer else None
    found = periods(values)
    return render(
        request,
        "desk/registry/indicator.html",
        {
            "indicator": indicator,
            "periods": found,
            "chart": _chart(indicator, found),
            "cited": cited_in(request, values),
            "form": form,
            "revising": next((v for v in values if form and v.code == form["seen"].value()), None),
            "why_not": str(answer),
            "here": f"/desk/indicators/{indicator.code}/#state",
            "cancel": f"/desk/indicators/{indicator.code}/" if request.GET.get("revise") else "",
            "crumbs": crumbs((phrases.INDICATORS, "/desk/indicators/"), (indicator.name, "")),
        },
        status=409 if request.method == "POST" else 200,
    )


def _initial(request: HttpRequest, values: Sequence[Value]) -> dict[str, Any]:
    asked = request.GET.get("revise", "")
    old = next((v for v in values if v.code == asked and v.superseded_by_id is None), None)
    if old is None:
        return {}
    return {
        "seen": old.code,
        "start": old.start,
        "end": old.end,
        "value": f"{old.value.normalize():f}",
        "qualifier": old.qualifier,
        "display": old.display,
        "source": old.source,
    }


def _stated(form: ValueForm, indicator: Indicator, seat: Seat) -> Value | None:
    """The value that was stated, or None with the reasons in the form."""
    try:
        return state_value(indicator, by=seat, **form.cleaned_data)
    except Refused as refused:
        form.refuse(refused)
        return None


@require_http_methods(["GET", "POST"])
@only_for(*SEATS)
def new(request: HttpRequest) -> HttpResponseBase:
    """Define an indicator; my organisation keeps it."""
    answer = may_state_values(seats_at(request))
    if not answer or answer.seat is None:
        raise PermissionDenied(str(answer))
    form = IndicatorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        indicator: Indicator = form.save(commit=False)
        indicator.owner = Organisation.objects.get(pk=answer.seat.organisation_id)
        indicator.save()
        messages.success(request, str(phrases.INDICATOR_MADE) % {"name": indicator.name})
        return redirect(f"/desk/indicators/{indicator.code}/")
    return render(
        request,
        "desk/registry/indicator_new.html",
        {
            "form": form,
            "owner": answer.seat.organisation,
            "crumbs": crumbs((phrases.INDICATORS, "/desk/indicators/"), (phrases.NEW_INDICATOR, "")),
        },
        status=409 if request.method == "POST" else 200,
    )
