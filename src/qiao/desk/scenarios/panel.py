"""An expert's page: conflicts first, against a list of units without plans; then plans without units."""

from __future__ import annotations

from decimal import Decimal
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
from qiao.kinds.scenario.ranking import CENT, Criterion, weighted
from qiao.kinds.scenario.sheets import INDICATORS, PLAN
from qiao.kinds.scenario.standing import bids, criteria_of, terms_of, units_of
from qiao.kinds.sheets import choices, table
from qiao.kinds.sheets import lines as sheet_lines

LONGEST = 4000


def _plans(
    case: Case, seat: Seat, criteria: list[Criterion], typed: dict[str, str], plan: str
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
                    {"of": c, "name": f"p{i}", "value": mine.get(f"p{i}", given.get(c.name, ""))}
                    for i, c in enumerate(criteria)
                ],
                "total": _total(given, criteria),
                "opinion": mine.get("opinion", opinions.get(one["number"], "")),
            }
        )
    return shown


def _total(given: dict[str, str], criteria: list[Criterion]) -> str:
    """What one's points come to by the weights; nothing where they do not answer all of them."""
    if not criteria or given.keys() < {c.name for c in criteria}:
        return ""
    return str(weighted([Decimal(given[c.name]) for c in criteria], criteria).quantize(CENT))


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
    terms, here = terms_of(challenge), get_language() or "zh"
    criteria, known = criteria_of(terms), choices(case.call.rulebook, here)
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
                points = {c.name: typed.get(f"p{i}", "").strip() for i, c in enumerate(criteria)}
                data = {"plan": plan, "points": points, "opinion": typed.get("opinion", "")}
                act(case, "score", by=seat, data=data)
                messages.success(request, phrases.SCORED % {"plan": plan})
            return redirect(request.path + (f"#plan-{plan}" if plan else ""))
        except Refused as refusal:
            problem, status = str(refusal.answer), 422
    units = {u.pk: u for found in units_of(bids(challenge).filter(stage="reviewing")).values() for u in found}
    plans = _plans(case, seat, criteria, typed, plan) if case.stage != "invited" else []
    mine = [one for one in plans if not one["barred"]]
    shown = {
        "case": case,
        "challenge": challenge,
        "task": str(terms.get("task", "")),
        "indicators": table(INDICATORS, terms, known, here),
        "done": sum(one["done"] for one in mine),
        "of": len(mine),
        "declaring": case.stage == "invited",
        "scoring": case.stage == "scoring",
        "units": sorted(units.values(), key=lambda u: u.name),
        "criteria": criteria,
        "plans": plans,
        "problem": problem,
        "crumbs": crumbs((phrases.SCENARIOS, HOME), (phrases.PANEL, "")),
    }
    return render(request, "desk/scenarios/panel.html", shown, status=status)
