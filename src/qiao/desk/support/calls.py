"""Calls for applications: what is open, what a call has spent, and whom its policy fits without their applying."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qiao.core import money
from qiao.core.acts import Refused, act, open_case
from qiao.core.charts import Bar, bars
from qiao.core.identity import seats_at
from qiao.core.language import language
from qiao.core.models import Call, Case, Money, Organisation, Party, Seat
from qiao.core.policies import rights, rules
from qiao.core.policies.survey import survey
from qiao.core.process import kind_of
from qiao.desk.shared import crumbs, signed_in, today
from qiao.desk.support import phrases
from qiao.eligibility import Explanation, Truth
from qiao.eligibility.vocabulary import show_number
from qiao.kinds.application import begin

KIND = "application"
SHOWN = 200  # firms on one listing page
HOME = "/desk/support/"


def calls() -> Any:
    return Call.objects.filter(kind=KIND).select_related("owner").order_by("-start", "title")


def office_seat(request: HttpRequest, call: Call) -> Seat | None:
    """The seat with which this person handles the call: one of those that see its cases."""
    handling = kind_of(KIND).supervisors
    return next(
        (s for s in seats_at(request) if s.organisation_id == call.owner_id and s.role in handling), None
    )


def call_at(request: HttpRequest, code: str) -> tuple[Call, Seat]:
    """The call and the seat that handles it; nobody else learns that it is there."""
    call = calls().filter(code=code).first()
    seat = office_seat(request, call) if call else None
    if call is None or seat is None:
        raise Http404
    return call, seat


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    """All calls; a firm's agent applies here, an office sees how many applications it has."""
    seats = seats_at(request)
    mine = {s.organisation_id for s in seats if s.role == "agent"}
    found = list(calls())
    parts = Party.objects.filter(organisation__in=mine, role="applicant", case__call__in=found)
    own = {p.case.call_id: p.case for p in parts.select_related("case").order_by("case__opened_at")}
    owners = {s.organisation_id for s in seats}
    counts = dict(
        Case.objects.filter(call__in=[c for c in found if c.owner_id in owners], kind=KIND)
        .values_list("call").annotate(n=Count("pk")).values_list("call", "n")
    )  # fmt: skip
    titles = rules(today()).plan.titles
    rows = [
        {
            "call": c,
            "policy": titles[c.settings["policy"]][language()] if c.settings.get("policy") in titles else "",
            "policy_id": c.settings.get("policy", ""),
            "open": c.start <= today() and (c.end is None or today() <= c.end),
            "own": own.get(c.pk),
            "handles": office_seat(request, c) is not None,
            "count": counts.get(c.pk, 0),
        }
        for c in found
    ]
    return render(
        request,
        "desk/support/calls.html",
        {"rows": rows, "agent": bool(mine), "crumbs": crumbs((phrases.SUPPORT, ""))},
    )


@require_POST
@signed_in
def apply(request: HttpRequest, code: str) -> HttpResponseBase:
    """Begin an application for the firm one speaks for."""
    call = calls().filter(code=code).first()
    if call is None:
        raise Http404
    seat = next((s for s in seats_at(request) if s.role == "agent"), None)
    if seat is None:
        raise PermissionDenied(str(phrases.NOT_AGENT))
    try:
        with transaction.atomic():
            case = begin(call, seat.organisation, by=seat)
    except IntegrityError:
        messages.error(request, phrases.HAVE_ONE)
        return redirect(HOME)
    messages.success(request, phrases.BEGUN)
    return redirect(f"{case.get_absolute_url()}form/")


# -- one call ---------------------------------------------------------------------------------------------------


@require_GET
@signed_in
def call(request: HttpRequest, code: str) -> HttpResponseBase:
    """What came in, where it stands, what it costs."""
    found, _seat = call_at(request, code)
    kind = kind_of(KIND)
    cases = list(Case.objects.filter(call=found, kind=KIND).order_by("-opened_at"))
    parties = Party.objects.filter(case__in=cases, role="applicant").select_related("organisation")
    firms = {p.case_id: p.organisation for p in parties}
    paid: dict[int, dict[str, int]] = {}
    for row in Money.objects.filter(case__in=cases, direction=Money.Direction.OUT):
        sums = paid.setdefault(row.case_id, {"committed": 0, "paid": 0})
        sums["paid" if row.state == Money.State.PAID else "committed"] += row.amount_fen
    spent = money.budget(found)
    return render(
        request,
        "desk/support/call.html",
        {
            "call": found,
            "tiles": _tiles(spent),
            "chart": _chart(spent),
            "rows": [
                {
                    "case": c,
                    "firm": firms.get(c.pk),
                    "stage": kind.stage(c.stage).label,
                    "committed": money.yuan(paid.get(c.pk, {}).get("committed", 0)),
                    "paid": money.yuan(paid.get(c.pk, {}).get("paid", 0)),
                }
                for c in cases
                if not kind.stage(c.stage).private
            ],
            "crumbs": crumbs((phrases.SUPPORT, HOME), (found, "")),
        },
    )


def _tiles(spent: money.Budget) -> list[dict[str, Any]]:
    def tile(label: Any, amount: int | None) -> dict[str, Any]:
        if amount is None:
            return {"label": label, "value": phrases.NO_LIMIT}
        return {"label": label, "value": _shown(amount)}

    return [
        tile(phrases.CEILING, spent.ceiling),
        tile(phrases.COMMITTED, spent.committed),
        tile(phrases.PAID, spent.paid),
        tile(phrases.LEFT, spent.left),
        *([tile(phrases.CLAIMED, spent.claimed)] if spent.claimed else []),
    ]


def _shown(amount: int) -> str:
    return show_number("money", Fraction(amount), language())


def _chart(spent: money.Budget) -> Any:
    rows = [(phrases.PAID, spent.paid, "done"), (phrases.COMMITTED, spent.committed, "on_time")]
    if spent.left is not None:
        rows.append((phrases.LEFT, max(spent.left, 0), "info"))
    most = max([spent.ceiling or 0, *(value for _label, value, _tone in rows), 1])
    return bars(
        [
            Bar(label, value, tone, _shown(value).removesuffix(" yuan")) for label, value, tone in rows
        ],
        label=phrases.CHART, most=most,
    )  # fmt: skip


# -- 免申即享 -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A firm whom the policy fits by its facts, and why."""

    firm: Organisation
    explanation: Explanation
    amount: int | None  # fen

    @property
    def reasons(self) -> list[str]:
        """Clause by clause with the facts, in Chinese: it is published with the list."""
        return [
            f"{c.clause.text.zh}（{c.clause.cite}）：" + "；".join(t.say("zh") for t in c.tests)
            for c in self.explanation.clauses
            if c.truth == Truth.YES and c.needed
        ]

    @property
    def yuan(self) -> str:
        return money.yuan(self.amount).replace(",", "") if self.amount else ""


def candidates(found: Call) -> list[Candidate]:
    """Firms that surely qualify for the call's policy and have nothing under way in it. Raises `KeyError`."""
    seen = survey(today())
    policy, explainer = seen.rules.plan.policy(found.settings.get("policy", "")), seen.rules.explainer()
    taken = set(
        Party.objects.filter(case__call=found, role="applicant", case__closed_at__isnull=True)
        .values_list("organisation", flat=True)
    )  # fmt: skip
    sure = {seen.firms[row] for row in np.flatnonzero(seen.results.verdicts(policy.id) == Truth.YES)} - taken
    named = rights.firms().order_by("name").values_list("pk", flat=True)
    first = list(islice((pk for pk in named.iterator() if pk in sure), SHOWN)) if sure else []
    firms = Organisation.objects.in_bulk(first)
    made: list[Candidate] = []
    for pk in first:
        e = explainer.explain(seen.rules.walker.judge(seen.facts(pk)), policy.id)
        worth = [w[0] for b in e.benefits if (w := e.worth(b)) is not None]
        made.append(Candidate(firms[pk], e, max(worth, default=None)))
    return made


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def listing(request: HttpRequest, code: str) -> HttpResponseBase:
    """The firms a policy fits: those chosen are listed, each with its reason, without having applied."""
    found, seat = call_at(request, code)
    try:
        fitting = candidates(found)
    except KeyError as missing:
        raise Http404 from missing
    if request.method == "POST":
        chosen = frozenset(request.POST.getlist("firm"))
        listed = 0
        for candidate in fitting:
            if candidate.firm.code in chosen:
                listed += _nominate(request, found, candidate, seat)
        if listed:
            messages.success(request, phrases.LISTED % {"n": listed})
        return redirect(f"{HOME}{found.code}/")
    return render(
        request,
        "desk/support/listing.html",
        {
            "call": found,
            "candidates": fitting,
            "crumbs": crumbs((phrases.SUPPORT, HOME), (found, f"{HOME}{found.code}/"), (phrases.LISTING, "")),
        },
    )


def _nominate(request: HttpRequest, found: Call, candidate: Candidate, seat: Seat) -> int:
    """List one firm; why not is said, and the others go on."""
    amount = request.POST.get(f"amount-{candidate.firm.code}", "").strip() or candidate.yuan
    try:
        with transaction.atomic():
            case = open_case(
                KIND, call=found, title=f"{candidate.firm.name} · {found.title}"[:200], by=seat,
                parties=[("applicant", candidate.firm)], unit=found.owner,
                live_key=f"applicant:{candidate.firm.pk}",
            )  # fmt: skip
            act(
                case,
                "nominate",
                by=seat,
                data={"amount": _decimal(amount), "grounds": "\n".join(candidate.reasons)},
            )
    except (Refused, IntegrityError) as why:
        messages.error(request, phrases.NOT_LISTED % {"firm": candidate.firm, "why": why})
        return 0
    return 1


def _decimal(text: str) -> str:
    """As the form reads it; what is no number is left for the form to refuse."""
    return text.replace(",", "").replace("，", "") if len(text) < 30 else str(Decimal(0))
