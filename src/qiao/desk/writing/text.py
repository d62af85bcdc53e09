"""Plain texts: a holding reply, a co-handler's opinion. One field, every saving a version."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.desk import phrases_writing as phrases
from qiao.desk.phrases import DONE
from qiao.desk.shared import my_case, signed_in
from qiao.desk.writing.reply import frame, refuse, verb_with, writing_seat


class TextForm(forms.Form):
    text = forms.CharField(label=_("正文"), max_length=20000, widget=forms.Textarea(attrs={"rows": 16}))


@signed_in
def page(request: HttpRequest, code: str, verb: str) -> HttpResponseBase:
    case, seats = my_case(request, code), seats_at(request)
    what = verb_with(case, "text", verb)
    ctx, seat = writing_seat(case, what, seats)
    version = ctx.current(what.paper)
    at_once = bool(what.effects)  # it reaches somebody when it is saved: then its button does not say “save”
    submit = what.label if at_once else phrases.SAVE_VERSION
    shown = frame(case, what) | {"seat": seat, "version": version, "submit": submit}
    if seat is None:
        if version is not None:
            return redirect(f"{case.get_absolute_url()}papers/{version.paper.code}/")
        return refuse(request, case, what)
    form = TextForm(
        request.POST or None, initial={"text": version.content.get("text", "") if version else ""}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = act(case, what.code, by=seat, content={"text": form.cleaned_data["text"]})
            except Refused as refusal:
                shown["reasons"], status = [str(r) for r in refusal.answer.reasons], 409
            else:
                n = done.version.n if done.version else 0
                told = DONE % {"verb": what.label, "case": case} if at_once else phrases.SAVED % {"n": n}
                messages.success(request, told)
                return redirect(case.get_absolute_url())
    shown["form"] = form
    return render(request, "desk/writing/text.html", shown, status=status)
