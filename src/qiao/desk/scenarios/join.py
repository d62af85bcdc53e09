"""A firm before an open challenge: its intent in one step, prefilled from its facts, and questions answered to all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from qiao.core.acts import Refused
from qiao.core.identity import seats_at
from qiao.core.models import Case
from qiao.desk.market.pages import about
from qiao.desk.scenarios import phrases
from qiao.desk.scenarios.home import HOME
from qiao.desk.shared import crumbs, me, signed_in
from qiao.kinds.scenario import bid
from qiao.kinds.scenario.challenge import ask


def open_challenge(code: str) -> Case:
    """A challenge that was published; what is still being written nobody finds here."""
    found = (
        Case.objects.filter(kind="challenge", code=code)
        .exclude(stage="draft")
        .select_related("call__owner", "parent")
    )
    case = found.first()
    if case is None:
        raise Http404
    return case


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case = open_challenge(code)
    seat = next((s for s in seats_at(request) if s.role == "agent"), None)
    if seat is None:
        raise PermissionDenied(str(phrases.NOT_AGENT))
    own = (
        case.children.filter(kind="bid", parties__organisation=seat.organisation)
        .exclude(stage="withdrawn")
        .first()
    )
    said = {"message": about(seat.organisation), "contact": me(request).name, "question": ""}
    problem, status = "", 200
    if request.method == "POST":
        said = {name: request.POST.get(name, "").strip()[:4000] for name in said}
        status = 422
        try:
            with transaction.atomic():
                if request.POST.get("do") == "ask":
                    if not said["question"]:
                        raise ValueError(str(phrases.ASK_SOMETHING))
                    ask(case, seat.organisation, said["question"], by=seat)
                    done: Case | None = None
                else:
                    told = {"message": said["message"], "contact": said["contact"][:200]}
                    done = bid.begin(case, seat.organisation, by=seat, said=told)
        except IntegrityError:
            problem, status = str(phrases.HAVE_ONE), 409
        except Refused as refusal:
            problem = str(refusal.answer)
        except ValueError as missing:
            problem = str(missing)
        else:
            messages.success(request, phrases.INTENT_SENT if done else phrases.ASKED)
            return redirect(done.get_absolute_url() if done else request.path)
    questions = case.children.filter(kind="question", parties__organisation=seat.organisation)
    shown: dict[str, Any] = {
        "case": case,
        "scene_url": f"/scenarios/{case.parent.code}/" if case.parent else "/scenarios/",
        "open": case.stage == "open",
        "own": own,
        "questions": list(questions.order_by("-opened_at")),
        "said": said,
        "problem": problem,
        "crumbs": crumbs((phrases.SCENARIOS, HOME), (case.title, "")),
    }
    return render(request, "desk/scenarios/join.html", shown, status=status)
