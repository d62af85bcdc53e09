"""A unit's own entries and interests; one entry with what this unit may see of it; interest in one step."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qiao.core import facts
from qiao.core.acts import Refused, act
from qiao.core.charts import Bar, bars
from qiao.core.identity import seats_at
from qiao.core.models import Call, Case, Organisation, Party, Seat
from qiao.core.policies import rules
from qiao.core.process import kind_of
from qiao.core.rulebook import rulebook
from qiao.desk.market import phrases
from qiao.desk.shared import crumbs, me, signed_in, today
from qiao.eligibility import Ref
from qiao.kinds.shelf.entries import Listed, listed_entry, may_see
from qiao.kinds.shelf.feedback import AGREED, REFUSED, Feedback, feedback
from qiao.kinds.shelf.fitting import RULES, fitting, own_fit, rare, told
from qiao.kinds.shelf.numbers import numbers, reasons
from qiao.kinds.shelf.process import SHELVES, begin, express_interest

HOME = "/desk/market/"
OFFICERS = frozenset({"officer", "head", "leader"})


def agent_seat(request: HttpRequest) -> Seat:
    """The seat with which this person acts for a firm or an institute."""
    seat = next((s for s in seats_at(request) if s.role == "agent"), None)
    if seat is None:
        raise PermissionDenied(str(phrases.NOT_AGENT))
    return seat


def _rows(cases: list[Case], other: str) -> list[dict[str, Any]]:
    """Cases for a table, with the unit on the other side."""
    parties = Party.objects.filter(case__in=cases, role=other).select_related("organisation")
    units = {party.case_id: party.organisation for party in parties}
    return [
        {
            "case": case,
            "unit": units.get(case.pk),
            "stage": kind_of(case.kind, case.kind_version).stage(case.stage).label,
        }
        for case in cases
    ]


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    seats = seats_at(request)
    mine = {s.organisation_id for s in seats if s.role == "agent"}
    shelves = list(Call.objects.filter(kind__in=SHELVES).select_related("owner").order_by("-kind", "title"))
    offices = {s.organisation_id for s in seats if s.role == "officer"}
    edits = [c.pk for c in shelves if c.owner_id in offices]
    cases = Case.objects.select_related("call")
    held = Party.objects.filter(role="holder", organisation__in=mine).values("case")
    asked = Party.objects.filter(role="asker", organisation__in=mine).values("case")
    waiting = cases.filter(call__in=edits, kind__in=SHELVES, stage="review").order_by("moved_at")
    return render(
        request,
        "desk/market/home.html",
        {
            "shelves": [{"call": c, "label": SHELVES[c.kind]} for c in shelves if mine],
            "entries": _rows(
                list(cases.filter(pk__in=held, kind__in=SHELVES).order_by("-moved_at")), "holder"
            ),
            "received": _rows(
                list(cases.filter(pk__in=held, kind="interest").order_by("-moved_at")), "asker"
            ),
            "sent": _rows(list(cases.filter(pk__in=asked, kind="interest").order_by("-moved_at")), "holder"),
            "waiting": _rows(list(waiting), "holder"),
            "edits": bool(edits),
            "officer": any(s.role in OFFICERS for s in seats),
            "agent": bool(mine),
            "crumbs": crumbs((phrases.MARKET, "")),
        },
    )


@require_GET
@signed_in
def figures(request: HttpRequest) -> HttpResponseBase:
    """What the shelves bring about, for officers."""
    seats = seats_at(request)
    if not any(s.role in OFFICERS for s in seats):
        raise PermissionDenied(str(phrases.EDITORS))
    found, stages = numbers(), {stage.code: stage.label for stage in kind_of("interest").stages}
    results = {term.code: str(term.label) for term in rulebook(RULES).terms("shelf_outcome")}
    tiles = [{"label": label, "value": found.entries[kind]} for kind, label in SHELVES.items()]
    tiles.append({"label": phrases.INTERESTS, "value": sum(found.interests.values())})
    if found.days is not None:
        tiles.append({"label": phrases.ANSWERED, "value": f"{found.days:g}"})
    return render(
        request,
        "desk/market/numbers.html",
        {
            "tiles": tiles,
            "stages": bars(
                [Bar(text, found.interests[code]) for code, text in stages.items()], label=phrases.STAGES
            ),
            "outcomes": bars(
                [Bar(text, found.outcomes[code]) for code, text in results.items() if found.outcomes[code]],
                label=phrases.OUTCOMES,
            ),
            "exposure": found.exposure,
            "top": f"{found.exposure.top_tenth:.0%}",
            "gini": f"{found.exposure.gini:.2f}",
            "kept": f"{found.share:.0%}" if found.share else "",
            "never": found.never,
            "agreed": found.verdicts[AGREED],
            "refused": found.verdicts[REFUSED],
            "reasons": reasons(me(request), seats),
            "crumbs": crumbs((phrases.MARKET, HOME), (phrases.NUMBERS, "")),
        },
    )


@require_POST
@signed_in
def new(request: HttpRequest, code: str) -> HttpResponseBase:
    """A new, empty entry on a shelf; the form opens."""
    shelf = Call.objects.filter(kind__in=SHELVES, code=code).select_related("owner").first()
    if shelf is None:
        raise Http404
    seat = agent_seat(request)
    case = begin(shelf, seat.organisation, by=seat)
    messages.success(request, phrases.BEGUN)
    return redirect(f"{case.get_absolute_url()}sheet/write/")


def about(firm: Organisation, entry: Listed | None = None) -> str:
    """First sentences for the message of an interest: on a firm, from its facts and from what it has on the shelf."""
    found = rules(today())
    present = facts.known(firm, found.plan.as_of)
    shown = []
    for ref in (Ref("industry", 0), Ref("staff", 1), Ref("rd_staff", 1), Ref("revenue", 1)):
        if ref.key in found.plan.vocabulary and present.get(ref) is not None:
            label = found.plan.vocabulary[ref.key].label.zh
            shown.append(f"{label}{found.plan.vocabulary.show(ref.key, present[ref], 'zh')}")
    own = own_fit(entry, firm.pk) if entry else None
    first = f"{firm.name}：{'，'.join(shown)}。" if shown else f"{firm.name}。"
    return first + (str(phrases.OWN_ENTRY % {"title": own.case.title}) if own else "")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def entry(request: HttpRequest, code: str) -> HttpResponseBase:
    """What this unit may see of an entry, and its interest in one step."""
    found = listed_entry(code)
    if found is None:
        raise Http404
    seats = seats_at(request)
    mine = {s.organisation_id for s in seats}
    agent = next((s for s in seats if s.role == "agent"), None)
    own = found.holder.pk in mine
    problem, status = "", 200
    said = {"message": "", "contact": "", "terms": False}
    if request.method == "POST":
        seat = agent_seat(request)
        said = {
            "message": request.POST.get("message", "")[:4000].strip(),
            "contact": request.POST.get("contact", "")[:200].strip(),
            "terms": bool(request.POST.get("terms")),
        }
        try:
            with transaction.atomic():
                case = express_interest(found.case, seat.organisation, by=seat, said=said)
        except IntegrityError:
            problem, status = str(phrases.HAVE_ONE), 409
        except Refused as refusal:
            problem, status = str(refusal.answer), 422
        else:
            messages.success(request, phrases.SENT)
            return redirect(case.get_absolute_url())
    elif agent is not None and not own:
        said["message"], said["contact"] = about(agent.organisation, found), f"{me(request).name}"
    return render(request, "desk/market/entry.html", _shown(found, mine, agent, said, problem), status=status)


def _shown(
    found: Listed, mine: set[int], agent: Seat | None, said: dict[str, Any], problem: str
) -> dict[str, Any]:
    seen = may_see(found, agent.person if agent else None, mine)
    own = found.holder.pk in mine
    under = found.case.children.filter(
        kind="interest", closed_at__isnull=True, parties__organisation__in=mine
    )
    return {
        "entry": found,
        "shelf": SHELVES[found.kind],
        "lines": found.lines(get_language() or "zh", *seen),
        "own": own,
        **(_suggested(found) if own else {}),
        "feedback": [_told(one) for one in feedback(found)] if own else [],
        "interest": under.filter(parties__role="asker").distinct().first() if not own else None,
        "agent": agent,
        "said": said,
        "problem": problem,
        "crumbs": crumbs((phrases.MARKET, HOME), (found.case.title, "")),
    }


def _suggested(own: Listed) -> dict[str, Any]:
    """What fits an entry, and what would but for one condition, for its holder to judge."""
    here, found = get_language() or "zh", fitting(own, 5, 3)
    return {
        name: [
            {
                "entry": listed_entry(match.profile.id),
                "agreed": match.profile.id in own.agreed,
                "rare": rare(found, match.profile.id),
                **told(match, here),
            }
            for match in matches
        ]
        for name, matches in (("fits", found.fit), ("near", found.near))
    }


def _told(one: Feedback) -> dict[str, Any]:
    """What was said of a suggestion, and what became of it."""
    became: list[Any] = [phrases.BECAME_AGREED if one.agreed else phrases.BECAME_REFUSED]
    if one.agreed and one.versions:
        became.append(phrases.BECAME_WORDS % {"n": one.versions})
    if one.other is not None and not one.listed:
        became.append(phrases.BECAME_GONE)
    return {"one": one, "title": one.other.title if one.other else one.code, "became": became}


def _say(request: HttpRequest, code: str, verb: str, done: Any) -> HttpResponseBase:
    """What the holder of an entry says of another; a refusal leaves what was typed on the page."""
    found = listed_entry(code)
    if found is None:
        raise Http404
    seats = seats_at(request)
    own = next((s for s in seats if s.role == "agent" and s.organisation_id == found.holder.pk), None)
    seat = own or agent_seat(request)
    other, reason = request.POST.get("other", "")[:12], request.POST.get("reason", "")[:1000]
    try:
        act(found.case, verb, by=seat, data={"other": other}, reason=reason)
    except Refused as refusal:
        said = {"message": "", "contact": "", "terms": False}
        shown = _shown(found, {s.organisation_id for s in seats}, seat, said, str(refusal.answer))
        shown["judged"] = {"other": other, "reason": reason}
        return render(request, "desk/market/entry.html", shown, status=422)
    messages.success(request, done)
    return redirect(f"{HOME}{code}/")


@require_POST
@signed_in
def agree(request: HttpRequest, code: str) -> HttpResponseBase:
    """“This one fits”: the holder of an entry agrees with a suggestion, which says nothing to the other side."""
    return _say(request, code, AGREED, phrases.AGREED)


@require_POST
@signed_in
def not_this(request: HttpRequest, code: str) -> HttpResponseBase:
    """“This one does not fit, because …”: the holder of an entry says so of another, which is not shown again."""
    return _say(request, code, REFUSED, phrases.REFUSED)
