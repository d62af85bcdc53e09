"""An objection to a notice, as the office takes it down: real name and evidence, seen by the office alone."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from qiao.core.access import can
from qiao.core.acts import Refused
from qiao.desk import phrases as desk_phrases
from qiao.desk.shared import crumbs, my_case, signed_in
from qiao.desk.support import phrases
from qiao.desk.support.calls import office_seat
from qiao.kinds.objection import raise_objection


class ObjectionForm(forms.Form):
    name = forms.CharField(label=phrases.NAME, max_length=60)
    contact = forms.CharField(label=phrases.CONTACT, max_length=100)
    text = forms.CharField(label=phrases.TEXT, max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    evidence = forms.CharField(label=phrases.EVIDENCE, max_length=300)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case = my_case(request, code)
    seat = office_seat(request, case.call)
    if seat is None or case.stage != "notice" or not can(None, "objected", case):
        raise PermissionDenied(str(phrases.NO_NOTICE))
    form, status = ObjectionForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                objection = raise_objection(case, by=seat, said=form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal.answer))
            else:
                messages.success(request, phrases.RAISED)
                return redirect(objection.get_absolute_url())
    shown = {
        "case": case,
        "form": form,
        "back": case.get_absolute_url(),
        "crumbs": crumbs(
            (desk_phrases.CASES, "/desk/cases/"), (case, case.get_absolute_url()), (phrases.OBJECTION, "")
        ),
    }
    return render(request, "desk/support/objection.html", shown, status=status)
