"""The working-day calendar: a year at a glance, and the days that this installation says otherwise about."""

from __future__ import annotations

import calendar as months
import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.views.decorators.http import require_POST

from qiao.core import clocks
from qiao.core.forms import whole
from qiao.core.identity import seats_at
from qiao.core.models import HolidayOverride
from qiao.core.recalculate import recalculate
from qiao.desk import phrases
from qiao.desk.shared import crumbs, signed_in, today
from qiao.timekeeping import Calendar, Why

FIRST, LAST = 2001, 2060  # the years that qiao.timekeeping knows
MARKS = {Why.HOLIDAY: "off", Why.MAKEUP: "makeup", Why.WEEKEND: "weekend", Why.WEEKDAY: ""}


class DayForm(forms.ModelForm):  # type: ignore[type-arg]
    """One day and what is said about it."""

    workday = forms.TypedChoiceField(
        label=phrases.WORKED_OR_OFF,
        choices=[("0", phrases.OFF), ("1", phrases.WORKED)],
        coerce=lambda value: value == "1",
        empty_value=None,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = HolidayOverride
        fields = ["day", "workday", "name", "source"]
        labels = {"day": phrases.DAY, "name": phrases.NAME, "source": phrases.SOURCE}
        widgets = {"day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if not FIRST <= day.year <= LAST:
            raise forms.ValidationError(phrases.DAY_OUTSIDE, params={"first": FIRST, "last": LAST})
        return day


def _registry_only(request: HttpRequest) -> None:
    if not any(s.role == "registry" for s in seats_at(request)):
        raise PermissionDenied(str(phrases.REGISTRY_ONLY))


def year_view(year: int, days: Calendar) -> list[dict[str, Any]]:
    """Twelve months of weeks; every day with its mark and what it is called."""
    plan = months.Calendar(firstweekday=0)
    made = []
    for month in range(1, 13):
        weeks = []
        for week in plan.monthdatescalendar(year, month):
            cells: list[dict[str, Any]] = []
            for day in week:
                if day.month != month:
                    cells.append({})
                    continue
                kind = days.day(day)
                override = kind.why is Why.OVERRIDE
                mark = ("makeup" if kind.workday else "off") if override else MARKS[kind.why]
                cells.append(
                    {
                        "day": day,
                        "mark": mark,
                        "override": override,
                        "name": kind.name,
                        "workday": kind.workday,
                    }
                )
            weeks.append(cells)
        made.append({"name": MONTHS[month], "weeks": weeks, "workdays": _worked(year, month, days)})
    return made


def _worked(year: int, month: int, days: Calendar) -> int:
    first = dt.date(year, month, 1)
    last = dt.date(year, month, months.monthrange(year, month)[1])
    return days.workdays(first, last) + (1 if days.is_workday(first) else 0)


def _moved(request: HttpRequest, text: str) -> None:
    moved = recalculate()
    messages.success(request, text + str(phrases.MOVED_CASES % {"n": moved}))


@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    _registry_only(request)
    asked = whole(request.GET.get("year"))
    year = asked if asked and FIRST <= asked <= LAST else today().year
    form = DayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            _moved(request, str(phrases.DAY_SAVED) % {"day": saved.day.isoformat()})
        return redirect(f"{request.path}?year={saved.day.year}")
    days = clocks.calendar()
    shown = year_view(year, days)
    status = 422 if form.is_bound else 200
    return render(
        request,
        "desk/calendar.html",
        {
            "year": year,
            "before": year - 1 if year > FIRST else None,
            "after": year + 1 if year < LAST else None,
            "months": shown,
            "weekdays": list(WEEKDAYS_ABBR.values()),
            "total": sum(m["workdays"] for m in shown),
            "known_through": days.known_through,
            "unknown": year > days.known_through.year,
            "overrides": HolidayOverride.objects.order_by("-day")[:300],
            "form": form,
            "today": today(),
            "crumbs": crumbs((phrases.CALENDAR, "")),
        },
        status=status,
    )


@require_POST
@signed_in
def remove(request: HttpRequest) -> HttpResponseBase:
    _registry_only(request)
    try:
        day = dt.date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return redirect("desk:calendar")
    with transaction.atomic():
        if HolidayOverride.objects.filter(day=day).delete()[0]:
            _moved(request, str(phrases.DAY_REMOVED) % {"day": day.isoformat()})
    return redirect("desk:calendar")
