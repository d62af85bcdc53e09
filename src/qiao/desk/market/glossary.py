"""The page on which officers keep the synonyms: search, add, change, remove; suggestions; history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from qiao.core.access import can
from qiao.core.acts import Refused
from qiao.core.identity import seats_at
from qiao.core.models import Case, Seat
from qiao.desk.market import phrases
from qiao.desk.market.pages import HOME, OFFICERS
from qiao.desk.shared import crumbs, my_case, signed_in
from qiao.kinds.shelf import glossary as kept
from qiao.kinds.shelf.glossary import Group, Groups
from qiao.kinds.shelf.process import EDITOR
from qiao.kinds.shelf.suggesting import Suggested, suggestions
from qiao.matching import Suggestion
from qiao.matching.text import normal

ADDRESS = f"{HOME}glossary/"
PAGE = 50  # groups on a page
HISTORY = 10  # versions that are shown; all of them stand on the page of the case
LONGEST = 4000  # characters that are typed at once


@dataclass
class Said:
    """What stands in the form: a group as it was (``old``), as it shall be (``words``), and why."""

    old: Group = ()
    words: str = ""
    reason: str = ""
    problems: list[str] = field(default_factory=list)


def editor_seat(request: HttpRequest, case: Case | None) -> Seat | None:
    """The seat with which this person may change the glossary, if there is one."""
    seats = [seat for seat in seats_at(request) if seat.role in OFFICERS]
    if case is not None:
        return next((seat for seat in seats if can(seat, "write", case)), None)
    shelf = kept.home()
    if shelf is None:
        return None
    return next((s for s in seats if s.role == EDITOR.role and s.organisation_id == shelf.owner_id), None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    if not any(seat.role in OFFICERS for seat in seats_at(request)):
        raise PermissionDenied(str(phrases.EDITORS))
    case = kept.standing()
    seat = editor_seat(request, case)
    if request.method == "POST":
        if seat is None:
            raise PermissionDenied(str(phrases.GLOSSARY_OWNERS))
        if request.POST.get("do") == "aside":
            return _put_aside(request, case, seat)
        return _change(request, case, seat)
    asked = request.GET
    said = None
    groups = kept.groups(case)
    if seat is not None and (word := asked.get("edit", "")):
        old = _group_with(word, groups)
        if old is None:
            messages.warning(request, phrases.GLOSSARY_GONE)
            return redirect(ADDRESS)
        said = Said(old, asked.get("words", "")[:LONGEST] or "\n".join(old), asked.get("reason", "")[:300])
    elif seat is not None and asked.get("add"):
        said = Said((), asked.get("words", "")[:LONGEST], asked.get("reason", "")[:300])
    return _shown(request, case, seat, groups, said)


def _change(request: HttpRequest, case: Case | None, seat: Seat) -> HttpResponseBase:
    """Save or remove one group; what was typed comes back with what is wrong."""
    said = Said(
        tuple(word for word in request.POST.get("old", "")[:LONGEST].splitlines() if word),
        request.POST.get("words", "")[:LONGEST],
        request.POST.get("reason", "")[:LONGEST].strip(),
    )
    removes = request.POST.get("do") == "remove" and bool(said.old)
    new = () if removes else kept.words(said.words)

    def change() -> None:
        if not new and not removes:
            raise kept.BadGroupError(kept.faults(new, ()))
        done = kept.change(by=seat, old=said.old, new=new, reason=said.reason)
        n = done.version.n if done.version else 0
        messages.success(request, phrases.GLOSSARY_SAVED % {"n": n})

    status = _try(change, said)
    if not status:
        return redirect(f"{ADDRESS}?{urlencode({'q': new[0]})}" if new else ADDRESS)
    case = kept.standing()
    return _shown(request, case, seat, kept.groups(case), said, status=status)


def _put_aside(request: HttpRequest, case: Case | None, seat: Seat) -> HttpResponseBase:
    """“These two do not mean the same, because …”: not suggested again."""
    here, there = (request.POST.get(name, "")[:300].strip() for name in ("here", "there"))
    said = Said(reason=request.POST.get("reason", "")[:LONGEST].strip())

    def put() -> None:
        kept.set_aside(here, there, by=seat, reason=said.reason)
        messages.success(request, phrases.GLOSSARY_ASIDE % {"here": here, "there": there})

    status = _try(put, said)
    if not status:
        return redirect(f"{ADDRESS}#h-suggested")
    case = kept.standing()
    aside = {"here": here, "there": there, "reason": said.reason, "problems": said.problems}
    return _shown(request, case, seat, kept.groups(case), None, aside=aside, status=status)


def _try(do: Callable[[], None], said: Said) -> int:
    """Does it; else the status of the answer, with what is wrong in ``said.problems``."""
    try:
        do()
    except kept.BadGroupError as bad:
        said.problems, status = [str(problem) for problem in bad.problems], 422
    except Refused as refused:
        said.problems, status = [str(reason) for reason in refused.answer.reasons], 422
    except kept.ChangedError:
        said.problems, status = [str(phrases.GLOSSARY_CHANGED)], 409
    except IntegrityError:  # two people made the first change at the same moment
        said.problems, status = [str(phrases.GLOSSARY_AGAIN)], 409
    else:
        status = 0
    return status


def _group_with(word: str, groups: Groups) -> Group | None:
    return next((group for group in groups if word in group), None)


def _shown(
    request: HttpRequest,
    case: Case | None,
    seat: Seat | None,
    groups: Groups,
    said: Said | None,
    *,
    aside: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponseBase:
    q = request.GET.get("q", "").strip()[:100]
    wanted = normal(q)
    found = [g for g in groups if not q or any(wanted in normal(word) for word in g)]
    pages = Paginator(found, PAGE)
    shown = pages.get_page(request.GET.get("page"))
    history, versions = _history(case)
    told = suggestions() if seat is not None else Suggested((), 0)
    return render(
        request,
        "desk/market/glossary.html",
        {
            "rows": [{"group": g, "first": g[0] if g else "", "also": g[1:]} for g in shown],
            "page_obj": shown,
            "page_range": pages.get_elided_page_range(shown.number),
            "total": len(groups),
            "found": len(found),
            "find": q,
            "search_label": phrases.GLOSSARY_FIND,
            "clear_url": ADDRESS if q else "",
            "said": said,
            "old_lines": "\n".join(said.old) if said else "",
            "case": case,
            "edits": seat is not None,
            "owner": case.call.owner if case else (shelf.owner if (shelf := kept.home()) else None),
            "history": history,
            "versions": versions,
            "more": versions > HISTORY,
            "suggested": [_suggested(one, groups, told.matches) for one in told.found],
            "matches": told.matches,
            "aside": aside,
            "most": kept.MOST,
            "longest": kept.LONGEST,
            "links": [{"label": phrases.GLOSSARY_ADD, "url": "?add=1#change", "tone": "primary"}]
            if seat is not None and said is None
            else [],
            "crumbs": crumbs((phrases.MARKET, HOME), (phrases.GLOSSARY, "")),
        },
        status=status,
    )


def _suggested(one: Suggestion, groups: Groups, matches: int) -> dict[str, Any]:
    """A suggestion with the address where its words wait in the form, beside the group that has one of them."""
    reason = str(phrases.GLOSSARY_FROM % {"seen": one.seen})
    have, lacks = next(
        ((group, other) for word, other in ((one.here, one.there), (one.there, one.here))
         if (group := next((g for g in groups if word in map(normal, g)), None)) is not None),
        ((), ""),
    )  # fmt: skip
    asked = {"words": "\n".join((*have, lacks) if have else (one.here, one.there)), "reason": reason}
    asked |= {"edit": have[0]} if have else {"add": "1"}
    return {
        "one": one,
        "take": f"?{urlencode(asked)}#change",
        "strength": f"{one.strength:.1f}",
        "of": matches,
    }


def _history(case: Case | None) -> tuple[list[dict[str, Any]], int]:
    """The newest versions with their reasons and what each changed; and how many there are."""
    if case is None:
        return [], 0
    versions = kept.versions(case)
    acts = case.acts.filter(verb="write").select_related("by__person", "by__organisation")
    by_version = {act.version_id: act for act in acts.order_by("-seq")[: HISTORY + 1]}
    rows = []
    for number, version in enumerate(versions):
        act = by_version.get(version.pk)
        if act is None or number < len(versions) - HISTORY:
            continue
        now = set(kept.groups_of(version))
        before = set(kept.groups_of(versions[number - 1])) if number else now
        rows.append(
            {
                "n": version.n,
                "at": version.at,
                "who": f"{act.by.person.name} · {act.by.organisation}" if act.by else "",
                "reason": act.reason,
                "added": sorted("、".join(group) for group in now - before),
                "gone": sorted("、".join(group) for group in before - now),
                "groups": len(now),
            }
        )
    return rows[::-1], len(versions)


@require_GET
@signed_in
def from_case(request: HttpRequest, code: str) -> HttpResponseBase:
    """The verb of the case leads here."""
    if my_case(request, code).pk != getattr(kept.standing(), "pk", None):
        raise Http404
    return redirect(ADDRESS)
