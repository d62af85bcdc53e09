"""An expert's page: conflicts first, against a list of units without plans; then plans without units."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.models import Case, Review, Seat
from qiao.desk.scenarios import phrases
from qiao.desk.scenarios.home import HOME
from qiao.desk.shared import crumbs, my_case, signed_in
from qiao.desk.writing.reply import verb_with
from qiao.kinds.scenario.panel import blind
from qiao.kinds.scenario.people import parent
from qiao.kinds.scenario.sheets import PLAN
from qiao.kinds.scenario.standing import bids, criteria_of, terms_of, units_of
from qiao.kinds.sheets import choices
from qiao.kinds.sheets import lines as sheet_lines

LONGEST = 4000


def _plans(
    case: Case, seat: Seat, criteria: list[str], typed: dict[str, str], plan: str
) -> list[dict[str, Any]]:
    """Plans with what this expert has given them; what was typed and refused stays where it was typed."""
    here = get_language() or "zh"
    known = choices(case.call.rulebook, here)
    found = blind(case)
    reviews = {
        r.version_id: r
        for r in Review.objects.filter(version__in=[p["version"] for p in found], seat__person=seat.person_id)
    }
    told = case.acts.filter(verb="score").order_by("seq")
    opinions = {str(a.data.get("plan")): str(a.data.get("opinion", "")) for a in told}
    shown = []
    for one in found:
        review = reviews.get(one["version"].pk)
        given = review.scores if review else {}
        mine = typed if one["number"] == plan else {}
        shown.append(
            {
                "number": one["number"],
                "lines": sheet_lines(PLAN, one["version"].content, known, here),
                "barred": review.conflict if review else "",
                "done": bool(given),
                "points": [
                    (i, name, mine.get(f"p{i}", given.get(name, ""))) for i, name in enumerate(criteria)
                ],
                "opinion": mine.get("opinion", opinions.get(one["number"], "")),
            }
        )
    return shown


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case = my_case(request, code)
    verb_with(case, "panel")
    person = case.parties.filter(role="expert").values_list("person", flat=True).first()
    seat = next((s for s in seats_at(request) if s.person_id == person), None)
    if seat is None:
        raise Http404
    challenge = parent(case)
    criteria = criteria_of(terms_of(challenge))
    names = [c.name for c in criteria]
    typed: dict[str, str] = {}
    plan, problem, status = "", "", 200
    if request.method == "POST":
        typed = {key: str(text)[:LONGEST] for key, text in request.POST.items()}
        plan = typed.get("plan", "")
        try:
            if case.stage == "invited":
                data = {"units": request.POST.getlist("unit"), "promise": bool(request.POST.get("promise"))}
                act(case, "declare", by=seat, data=data)
                messages.success(request, phrases.DECLARED)
            else:
                points = {name: typed.get(f"p{i}", "").strip() for i, name in enumerate(names)}
                data = {"plan": plan, "points": points, "opinion": typed.get("opinion", "")}
                act(case, "score", by=seat, data=data)
                messages.success(request, phrases.SCORED % {"plan": plan})
            return redirect(request.path + (f"#plan-{plan}" if plan else ""))
        except Refused as refusal:
            problem, status = str(refusal.answer), 422
    units = {u.pk: u for found in units_of(bids(challenge).filter(stage="reviewing")).values() for u in found}
    shown = {
        "case": case,
        "challenge": challenge,
        "declaring": case.stage == "invited",
        "scoring": case.stage == "scoring",
        "units": sorted(units.values(), key=lambda u: u.name),
        "criteria": criteria,
        "plans": _plans(case, seat, names, typed, plan) if case.stage != "invited" else [],
        "problem": problem,
        "crumbs": crumbs((phrases.SCENARIOS, HOME), (phrases.PANEL, "")),
    }
    return render(request, "desk/scenarios/panel.html", shown, status=status)
