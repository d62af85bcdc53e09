"""The board of one challenge for its office: invitations with reasons, bids, experts and their load, ranking."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.models import Act, Case, Organisation, Party, Review, Seat, Version
from qiao.core.process import kind_of
from qiao.desk.scenarios import phrases
from qiao.desk.scenarios.home import HOME, OFFICERS, rows
from qiao.desk.shared import crumbs, signed_in
from qiao.kinds.scenario.bid import DOCUMENTS
from qiao.kinds.scenario.challenge import reasons_told
from qiao.kinds.scenario.fitting import candidates
from qiao.kinds.scenario.invitation import invite
from qiao.kinds.scenario.lists import scene
from qiao.kinds.scenario.pool import load_of, pool
from qiao.kinds.scenario.ranking import Place
from qiao.kinds.scenario.standing import (
    RANKED,
    bid_counts,
    bids,
    criteria_of,
    ranked,
    reviews_of,
    terms_of,
    units_of,
)
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


@dataclass(frozen=True)
class Board:
    """Everything on a challenge's board, read once. ``bids``: all of them; ``units``: of those that are open."""

    case: Case
    bids: list[Case]
    units: dict[int, list[Organisation]]
    reviews: list[Review]
    below: dict[str, list[Case]]  # invitations, questions, panels
    acts: list[Act]
    terms: dict[str, Any]

    @classmethod
    def read(cls, case: Case) -> Board:
        """Six queries."""
        rows_ = list(bids(case).order_by("number", "pk"))
        below: dict[str, list[Case]] = {"invitation": [], "question": [], "panel": []}
        for child in case.children.filter(kind__in=below).select_related("unit", "call").order_by("pk"):
            below[child.kind].append(child)
        return cls(
            case,
            rows_,
            units_of(_open(rows_)),
            reviews_of(c for c in rows_ if c.stage in RANKED),
            below,
            list(case.acts.order_by("seq")),
            terms_of(case),
        )


def _open(rows_: list[Case]) -> list[Case]:
    """Bids that the office may read: what is sealed stays a number."""
    return [case for case in rows_ if case.stage not in UNSEEN]


def _bids(board: Board) -> list[dict[str, Any]]:
    found = _open(board.bids)
    there: dict[int, set[str]] = {}
    for pk, paper in (
        Version.objects.filter(paper__case__in=found).values_list("paper__case", "paper__kind").distinct()
    ):
        there.setdefault(int(pk or 0), set()).add(paper)
    kind = kind_of("bid")
    return [
        {
            "case": c,
            "units": board.units.get(c.pk, []),
            "stage": kind.stage(c.stage).label,
            "documents": [
                (label, code in there.get(c.pk, set()))
                for code, label in DOCUMENTS.items()
                if code != "agreement" or len(board.units.get(c.pk, [])) > 1
            ]
            if c.stage != "intent"
            else [],
        }
        for c in found
    ]


def _panels(board: Board) -> list[dict[str, Any]]:
    found = board.below["panel"]
    parties = Party.objects.filter(case__in=found, role="expert").select_related("person")
    people = {p.case_id: p.person for p in parties}
    scored, barred = Counter[int](), Counter[int]()
    for review in board.reviews:
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


def _ranking(board: Board) -> dict[str, Any]:
    names = [c.name for c in criteria_of(board.terms)]
    by_number = {c.number: c for c in board.bids if c.stage in RANKED}
    told = reasons_told(board.acts)
    proposed = [a.data.get("winners", []) for a in board.acts if a.verb == "propose"]
    chosen = [str(n) for n in proposed[-1]] if proposed else []
    return {
        "criteria": names,
        "places": [
            {
                "place": p,
                "case": by_number[p.plan],
                "units": board.units.get(by_number[p.plan].pk, []),
                "means": [(mean, name in p.below) for mean, name in zip(p.means, names, strict=True)],
                "chosen": p.plan in chosen,
                "reason": told.get(p.plan, ""),
                "suggested": suggestion(p, names),
            }
            for p in ranked(board.terms, by_number.values(), board.reviews)
        ],
        "winners_most": int(board.terms.get("winners", 1)),
        "wanted": int(board.terms.get("experts", 0)),
    }


@require_GET
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case, seat = challenge_at(request, code)
    kind = kind_of("challenge")
    board = Board.read(case)
    sealed = sum(c.stage in {"preparing", "sealed"} for c in board.bids) if case.stage == "open" else 0
    return render(
        request,
        "desk/scenarios/board.html",
        {
            "case": case,
            "stage": kind.stage(case.stage),
            "counts": bid_counts(board.bids),
            "hidden": sealed,
            "bids": _bids(board),
            "invitations": rows(board.below["invitation"]),
            "questions": rows(board.below["question"]),
            "panels": _panels(board),
            **_ranking(board),
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
