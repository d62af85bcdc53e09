"""Starting a joint project: with whom, and from which need or offer it came."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from qiao.core.identity import seats_at
from qiao.core.models import Call, Case
from qiao.core.organisations import OrganisationsField
from qiao.desk.scenarios import phrases
from qiao.desk.scenarios.home import HOME
from qiao.desk.shared import crumbs, signed_in
from qiao.kinds.joint import begin


class JointForm(forms.Form):
    partners: Any = OrganisationsField(label=_("合作单位"), help_text=_("可以多个。每个单位都要签署方案。"))
    origin = forms.CharField(
        label=_("由哪个条目而来"), required=False, max_length=12, help_text=_("供需集市条目的编号，可不填。")
    )

    def clean_origin(self) -> Case | None:
        code = str(self.cleaned_data.get("origin") or "").strip()
        if not code:
            return None
        found = Case.objects.filter(code=code, kind__in=["need", "offer"]).exclude(stage="draft").first()
        if found is None:
            raise forms.ValidationError(phrases.NO_ENTRY)
        return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    call = Call.objects.filter(kind="joint", code=code).select_related("owner").first()
    if call is None:
        raise Http404
    seat = next((s for s in seats_at(request) if s.role == "agent"), None)
    if seat is None:
        raise PermissionDenied(str(phrases.NOT_AGENT))
    form, status = (
        JointForm(request.POST or None, initial={"origin": request.GET.get("origin", "")[:12]}),
        200,
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            partners = [p for p in form.cleaned_data["partners"] if p != seat.organisation]
            if partners:
                case = begin(call, seat.organisation, partners, by=seat, origin=form.cleaned_data["origin"])
                messages.success(request, phrases.JOINT_BEGUN)
                return redirect(case.get_absolute_url())
            form.add_error("partners", str(phrases.ONE_PARTNER))
    shown = {
        "call": call,
        "form": form,
        "back": HOME,
        "crumbs": crumbs((phrases.SCENARIOS, HOME), (phrases.JOINT, "")),
    }
    return render(request, "desk/scenarios/joint.html", shown, status=status)
