"""The outbox: letters by e-mail wait here until somebody of the registry has looked at them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qiao.core import notices
from qiao.core.clocks import now
from qiao.core.models import Mail
from qiao.desk import phrases_registry as phrases
from qiao.desk.registry.seats import only_for, organisations_as
from qiao.desk.shared import crumbs, me

PAGE = 50
HELD, APPROVED, SENT = Mail.State.HELD, Mail.State.APPROVED, Mail.State.SENT
FAILED, DROPPED = Mail.State.FAILED, Mail.State.DROPPED
TABS = (HELD, FAILED, APPROVED, SENT, DROPPED)
OPEN = (HELD, FAILED)  # may still be changed, approved or dropped
ON_ITS_WAY = (APPROVED, Mail.State.SENDING)
log = logging.getLogger("qiao.outbox")


class MailForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Mail
        fields = ("subject", "body")
        labels = {"subject": phrases.SUBJECT, "body": phrases.BODY}
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}

    def clean_subject(self) -> str:
        """One line: a header cannot carry more."""
        return " ".join(str(self.cleaned_data["subject"]).split())


def mine(request: HttpRequest) -> QuerySet[Mail]:
    """Letters of the organisations where I am the registry."""
    return Mail.objects.filter(owner__in=organisations_as(request, "registry"))


def _mail(request: HttpRequest, code: str) -> Mail:
    found = (
        mine(request)
        .select_related("person", "owner", "approved_by", "act__case__call")
        .filter(code=code)
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_GET
@only_for("registry")
def page(request: HttpRequest) -> HttpResponseBase:
    asked = request.GET.get("state", HELD)
    state = asked if asked in TABS else HELD
    counts = dict(
        mine(request)
        .filter(state__in=[HELD, FAILED, APPROVED])
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    order = "-pk" if state in (SENT, DROPPED) else "pk"
    rows = mine(request).filter(state__in=ON_ITS_WAY if state == APPROVED else [state])
    rows = rows.select_related("person", "approved_by", "act__case__call").order_by(order)
    found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    tabs: list[dict[str, Any]] = [
        {
            "url": f"/desk/outbox/?state={s}",
            "label": phrases.MAIL_STATES[s],
            "active": s == state,
            "count": counts.get(s, 0) if s in (HELD, FAILED, APPROVED) else None,
        }
        for s in TABS
    ]
    return render(
        request,
        "desk/registry/outbox.html",
        {
            "page_obj": found,
            "mails": list(found),
            "state": state,
            "tabs": tabs,
            "open": state in OPEN,
            "crumbs": crumbs((phrases.OUTBOX, "")),
        },
    )


def _approve(request: HttpRequest, codes: Iterable[str]) -> None:
    """Approve what is still open and send what is approved; say how many left and how many did not."""
    asked = list(codes)[:PAGE]
    n = (
        mine(request)
        .filter(code__in=asked, state__in=OPEN)
        .update(state=APPROVED, error="", attempts=0, approved_by=me(request), approved_at=now())
    )
    log.info("%s approved %s letters: %s", me(request).code, n, " ".join(asked))
    if n < len(asked):
        messages.warning(request, str(phrases.MAIL_MOVED_ON) % {"n": len(asked) - n})
    if not n:
        return
    sent, failed = notices.send_approved()
    if sent:
        messages.success(request, str(phrases.MAIL_SENT) % {"n": sent})
    if failed:
        messages.error(request, str(phrases.MAIL_FAILED) % {"n": failed})


def _drop(request: HttpRequest, codes: Iterable[str]) -> None:
    asked = list(codes)[:PAGE]
    n = mine(request).filter(code__in=asked, state__in=OPEN).update(state=DROPPED)
    log.info("%s dropped %s letters: %s", me(request).code, n, " ".join(asked))
    messages.success(request, str(phrases.MAIL_DROPPED) % {"n": n})


@require_POST
@only_for("registry")
def many(request: HttpRequest) -> HttpResponseRedirect:
    """Approve or drop the letters that were shown and chosen."""
    codes = request.POST.getlist("mail")
    if not codes:
        messages.warning(request, str(phrases.NO_MAIL_CHOSEN))
    elif request.POST.get("do") == "drop":
        _drop(request, codes)
    else:
        _approve(request, codes)
    state = request.POST.get("state", "")
    return redirect(f"/desk/outbox/?state={state}" if state in TABS else "/desk/outbox/")


@require_http_methods(["GET", "POST"])
@only_for("registry")
def one(request: HttpRequest, code: str) -> HttpResponseBase:
    """One letter: read it, change its words, let it go or drop it."""
    mail = _mail(request, code)
    form = MailForm(request.POST or None, instance=mail) if mail.state in OPEN else None
    if request.method == "POST":
        if form is None:
            messages.error(
                request, str(phrases.MAIL_NOT_OPEN) % {"state": phrases.MAIL_STATES[Mail.State(mail.state)]}
            )
            return redirect(f"/desk/outbox/{mail.code}/")
        do = request.POST.get("do")
        if do == "drop":
            _drop(request, [mail.code])
            return redirect("/desk/outbox/")
        if form.is_valid():
            words = {key: form.cleaned_data[key] for key in ("subject", "body")}
            if form.has_changed() and mine(request).filter(pk=mail.pk, state__in=OPEN).update(**words):
                log.info("%s changed letter %s", me(request).code, mail.code)
            if do == "approve":
                _approve(request, [mail.code])
                return redirect("/desk/outbox/")
            messages.success(request, str(phrases.MAIL_SAVED))
            return redirect(f"/desk/outbox/{mail.code}/")
    return render(
        request,
        "desk/registry/mail.html",
        {
            "mail": mail,
            "form": form,
            "case": mail.act.case if mail.act else None,
            "state_label": phrases.MAIL_STATES[Mail.State(mail.state)],
            "crumbs": crumbs((phrases.OUTBOX, "/desk/outbox/"), (mail.subject, "")),
        },
        status=409 if request.method == "POST" else 200,
    )
