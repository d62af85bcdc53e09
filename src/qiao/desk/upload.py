"""A verb that files a document: the file, and a line on what it shows."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.uploads import KINDS, BadUpload, kind_of_file
from qiao.desk import phrases
from qiao.desk.shared import my_case, signed_in
from qiao.desk.writing.reply import frame, refuse, verb_with, writing_seat


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, code: str, verb: str) -> HttpResponseBase:
    case = my_case(request, code)
    what = verb_with(case, "file", verb)
    ctx, seat = writing_seat(case, what, seats_at(request))
    if seat is None:
        return refuse(request, case, what)
    note, problem, status = request.POST.get("note", "").strip()[:300], "", 200
    if request.method == "POST":
        status, upload = 422, request.FILES.get("file")
        try:
            data = upload.read() if upload else b""
            kind_of_file(data, limit=settings.UPLOAD_LIMIT)
            name = (upload.name or "") if upload else ""
            act(case, what.code, by=seat, content={"text": note, "name": name}, file=(name, data))
        except BadUpload as error:
            mib = settings.UPLOAD_LIMIT // 2**20
            problem = str(phrases.UPLOADS[error.code]) % {"kinds": "、".join(KINDS), "limit": mib}
        except Refused as refusal:
            problem, status = str(refusal.answer), 409
        else:
            messages.success(request, phrases.FILED)
            return redirect(case.get_absolute_url())
    shown = frame(case, what) | {"note": note, "problem": problem, "there": ctx.current(what.paper)}
    return render(request, "desk/upload.html", shown, status=status)
