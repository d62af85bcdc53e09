"""The board of one challenge for its office: invitations with reasons, bids, experts and their load, ranking."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.models import Case, Party, Review, Seat, Version
from qiao.core.process import kind_of
from qiao.desk.scenarios import phrases
from qiao.desk.scenarios.home import HOME, OFFICERS, rows
from qiao.desk.shared import crumbs, signed_in
from qiao.kinds.scenario.bid import DOCUMENTS
from qiao.kinds.scenario.challenge import reasons_told
from qiao.kinds.scenario.fitting import candidates
from qiao.kinds.scenario.invitation import invite
from qiao.kinds.scenario.lists import bid_counts, scene
from qiao.kinds.scenario.pool import load_of, pool
from qiao.kinds.scenario.ranking import Place
from qiao.kinds.scenario.standing import bids, criteria_of, places, plans_of, terms_of, units_of
from qiao.kinds.tags import labels

UNSEEN = ("preparing", "sealed", "lapsed", "withdrawn")  # plans that nobody but their consortium reads


def challenge_at(request: HttpRequest, code: str) -> tuple[Case, Seat]:
    """The challenge and the seat that handles it; nobody else learns that it is there."""
    case = Case.objects.filter(kind="challenge", code=code).select_related("call__owner", "parent").first()
    mine = [
        s
        for s in seats_at(request)
        if case and s.organisation_id == case.call.owner_id and s.role in OFFICERS
    ]
    if case is None or not mine:
        raise Http404
    return case, next((s for s in mine if s.role == "officer"), mine[0])


def _address(case: Case) -> str:
    return f"/desk/challenges/{case.code}/"


def _bids(case: Case) -> list[dict[str, Any]]:
    """Bids that are open to the office: what is sealed stays a number."""
    found = [c for c in bids(case).order_by("number", "pk") if c.stage not in UNSEEN]
    units = units_of(found)
    there: dict[int, set[str]] = {}
    for pk, paper in (
        Version.objects.filter(paper__case__in=found).values_list("paper__case", "paper__kind").distinct()
    ):
        there.setdefault(int(pk or 0), set()).add(paper)
    kind = kind_of("bid")
    return [
        {
            "case": c,
            "units": units.get(c.pk, []),
            "stage": kind.stage(c.stage).label,
            "documents": [
                (label, code in there.get(c.pk, set()))
                for code, label in DOCUMENTS.items()
                if code != "agreement" or len(units.get(c.pk, [])) > 1
            ]
            if c.stage != "intent"
            else [],
        }
        for c in found
    ]


def _panels(case: Case) -> list[dict[str, Any]]:
    found = list(case.children.filter(kind="panel").order_by("pk"))
    people = {
        p.case_id: p.person
        for p in Party.objects.filter(case__in=found, role="expert").select_related("person")
    }
    plans = plans_of(bids(case).filter(stage__in=["reviewing", "won", "lost"]))
    reviews = Review.objects.filter(version__in=plans.values()).select_related("seat")
    scored, barred = Counter[int](), Counter[int]()
    for review in reviews:
        if review.conflict:
            barred[review.seat.person_id] += 1
        elif review.scores:
            scored[review.seat.person_id] += 1
    kind = kind_of("panel")
    load = load_of([p.pk for p in people.values() if p])
    return [
        {
            "case": c,
            "person": person,
            "stage": kind.stage(c.stage).label,
            "scored": scored[person.pk],
            "barred": barred[person.pk],
            "load": load[person.pk],
        }
        for c in found
        if (person := people.get(c.pk)) is not None
    ]


def suggestion(place: Place, names: list[str]) -> str:
    """A first wording of why a plan did not win, from its points; the office writes the rest."""
    if place.below:
        where = str(phrases.SUGGESTED_BELOW % {"names": "、".join(place.below)})
    else:
        where = str(phrases.SUGGESTED_PLACE % {"rank": place.rank})
    low = min(range(len(names)), key=lambda i: place.means[i])
    weak = str(phrases.SUGGESTED_WEAK % {"name": names[low], "mean": place.means[low]})
    return str(phrases.SUGGESTED % {"total": place.total, "place": where, "weak": weak})


def _ranking(case: Case) -> dict[str, Any]:
    terms = terms_of(case)
    names = [c.name for c in criteria_of(terms)]
    found = places(case)
    rows_ = list(bids(case).filter(number__in=[p.plan for p in found]))
    units = units_of(rows_)
    by_number = {c.number: c for c in rows_}
    told = reasons_told(case.acts.order_by("seq"))
    chosen = [str(n) for n in _last(case, "propose", "winners")]
    return {
        "criteria": names,
        "places": [
            {
                "place": p,
                "case": by_number[p.plan],
                "units": units.get(by_number[p.plan].pk, []),
                "means": [(mean, name in p.below) for mean, name in zip(p.means, names, strict=True)],
                "chosen": p.plan in chosen,
                "reason": told.get(p.plan, ""),
                "suggested": suggestion(p, names),
            }
            for p in found
        ],
        "winners_most": int(terms.get("winners", 1)),
        "wanted": int(terms.get("experts", 0)),
    }


def _under(case: Case, kind: str) -> list[Case]:
    return list(case.children.filter(kind=kind).select_related("unit", "call").order_by("pk"))


def _last(case: Case, verb: str, key: str) -> list[Any]:
    found = case.acts.filter(verb=verb).order_by("-seq").first()
    return list(found.data.get(key, [])) if found else []


@require_GET
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case, seat = challenge_at(request, code)
    kind = kind_of("challenge")
    counts = bid_counts(list(bids(case)))
    sealed = bids(case).filter(stage__in=["preparing", "sealed"]).count() if case.stage == "open" else 0
    return render(
        request,
        "desk/scenarios/board.html",
        {
            "case": case,
            "stage": kind.stage(case.stage),
            "counts": counts,
            "hidden": sealed,
            "bids": _bids(case),
            "invitations": rows(_under(case, "invitation")),
            "questions": rows(_under(case, "question")),
            "panels": _panels(case),
            **_ranking(case),
            "officer": seat.role == "officer",
            "reviewing": case.stage == "reviewing",
            "proposed": case.stage == "proposed",
            "crumbs": crumbs((phrases.SCENARIOS, HOME), (case, "")),
        },
    )


# -- inviting ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def invitations(request: HttpRequest, code: str) -> HttpResponseBase:
    """The firms that fit best, each with its reasons, which go into the letter."""
    case, seat = challenge_at(request, code)
    one = scene(case.parent.code) if case.parent else None
    if one is None or case.stage != "open":
        raise Http404
    found = candidates(one, case, str(terms_of(case).get("task", "")))
    if request.method == "POST":
        chosen = set(request.POST.getlist("firm"))
        sent = 0
        for candidate in (c for c in found if c.firm.code in chosen):
            said = {
                "score": round(candidate.match.score), "reasons": "；".join(candidate.reasons("zh")),
            }  # fmt: skip
            try:
                with transaction.atomic():
                    invite(case, candidate.firm, str(phrases.FIRM_REASONS % said), by=seat)
            except IntegrityError:
                messages.error(request, phrases.INVITED_ALREADY % {"firm": candidate.firm})
            except Refused as refusal:
                messages.error(request, str(refusal.answer))
            else:
                sent += 1
        if sent:
            messages.success(request, phrases.INVITED % {"n": sent})
            return redirect(_address(case))
        if not chosen:
            messages.error(request, phrases.NOBODY)
    here = get_language() or "zh"
    return render(
        request,
        "desk/scenarios/invite.html",
        {
            "case": case,
            "candidates": [
                {"one": c, "score": round(c.match.score), "reasons": c.reasons(here)} for c in found
            ],
            "crumbs": crumbs((phrases.SCENARIOS, HOME), (case, _address(case)), (phrases.INVITE, "")),
        },
    )


# -- experts ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def experts(request: HttpRequest, code: str) -> HttpResponseBase:
    """The pool by field, with how much each has to do and whom they may not score."""
    case, seat = challenge_at(request, code)
    if request.method == "POST":
        try:
            act(case, "invite_expert", by=seat, data={"expert": request.POST.get("expert", "")[:12]})
        except Refused as refusal:
            messages.error(request, str(refusal.answer))
        else:
            messages.success(request, phrases.EXPERT_INVITED % {"person": request.POST.get("name", "")[:80]})
        return redirect(request.path)
    here = get_language() or "zh"
    return render(
        request,
        "desk/scenarios/experts.html",
        {
            "case": case,
            "pool": [
                {
                    "expert": e,
                    "tags": labels("technologies", e.technologies, here) + labels("fields", e.fields, here),
                }
                for e in pool(case)
            ],
            "reviewing": case.stage == "reviewing",
            "crumbs": crumbs((phrases.SCENARIOS, HOME), (case, _address(case)), (phrases.EXPERTS, "")),
        },
    )


# -- deciding ---------------------------------------------------------------------------------------------------


@require_POST
@signed_in
def propose(request: HttpRequest, code: str) -> HttpResponseBase:
    """The plans that are to win, with the grounds."""
    case, seat = challenge_at(request, code)
    data = {"winners": request.POST.getlist("plan"), "grounds": request.POST.get("grounds", "")}
    try:
        act(case, "propose", by=seat, data=data)
    except Refused as refusal:
        messages.error(request, str(refusal.answer))
    else:
        messages.success(request, phrases.PROPOSED)
    return redirect(f"{_address(case)}#ranking")


@require_POST
@signed_in
def explain(request: HttpRequest, code: str) -> HttpResponseBase:
    """Why each of the others did not win."""
    case, seat = challenge_at(request, code)
    done, told = 0, reasons_told(case.acts.order_by("seq"))
    for number in bids(case).filter(stage="reviewing").values_list("number", flat=True).order_by("number"):
        reason = request.POST.get(f"reason-{number}", "").strip()[:5000]
        if reason and told.get(number) != reason:
            try:
                act(case, "explain", by=seat, data={"plan": number}, reason=reason)
            except Refused as refusal:
                messages.error(request, str(refusal.answer))
            else:
                done += 1
    if done:
        messages.success(request, phrases.EXPLAINED)
    return redirect(f"{_address(case)}#ranking")
