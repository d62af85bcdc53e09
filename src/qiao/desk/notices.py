"""What I was told: acts that concern me and policies that fit my firm, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from qiao.core import notices as core_notices
from qiao.core import phrases as core_phrases
from qiao.core.access import visible_cases
from qiao.core.clocks import now
from qiao.core.forms import whole
from qiao.core.identity import seats_at
from qiao.core.language import language
from qiao.core.models import Notice
from qiao.core.policies import library
from qiao.core.process import kind_of
from qiao.desk.shared import me, signed_in
from qiao.desk.timeline import verb_named
from qiao.kinds import phrases as kinds_phrases
from qiao.kinds.scenario.lists import Scene, scenes
from qiao.kinds.shelf.entries import Listed, listed

PAGE = 30
KEPT = 1000  # pages reach this far back


def _of_policy(notice: Any) -> dict[str, Any]:
    id, _, start = notice.policy.version.partition("@")
    pack = next((p for p in library().packs if p.version == notice.policy.version), None)
    return {
        "notice": notice,
        "url": f"/desk/firms/{notice.organisation.code}/policies/{id}/",
        "title": pack.title[language()] if pack else id,
        "start": start,
        "firm": notice.organisation,
        "at": notice.policy.since,
    }


# What a search found, by the kind of the case.
WHAT = {"scenario": kinds_phrases.NEW_SCENARIO, "challenge": kinds_phrases.NEW_CHALLENGE}


def _of_search(notice: Any, public: Mapping[int, Listed | Scene]) -> dict[str, Any]:
    """Something new that fits a saved search: its title only as long as everybody can read it."""
    case = notice.act.case
    found = public.get(case.pk) or public.get(case.parent_id)
    what = WHAT.get(case.kind, kinds_phrases.NEW_ENTRY)
    return {"notice": notice, "search": notice.follow, "entry": found, "what": what, "at": notice.act.at}


def row(notice: Any, public: Mapping[int, Listed | Scene]) -> dict[str, Any]:
    if notice.act is None:
        return _of_policy(notice)
    if notice.follow is not None:
        return _of_search(notice, public)
    act = notice.act
    kind = kind_of(act.case.kind, act.case.kind_version)
    return {
        "notice": notice,
        "case": act.case if notice.seen else None,
        "kind": kind.label,
        "verb": verb_named(kind, act.verb),
        "who": f"{act.by.person.name} · {act.by.organisation}" if act.by else core_phrases.TIMER,
        "reason": act.reason if notice.seen else "",
        "at": act.at,
        "stage": kind.stage(act.to_stage).label if act.from_stage != act.to_stage else "",
    }


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    person, seats = me(request), seats_at(request)
    seen = visible_cases(person, seats)
    found = (
        Notice.objects.filter(person=person)
        .select_related(
            "act__case", "act__by__person", "act__by__organisation", "policy", "organisation", "follow"
        )
        .annotate(seen=Exists(seen.filter(pk=OuterRef("act__case"))))
        .order_by("-pk")
    )
    only_unread = request.GET.get("show") == "unread"
    if only_unread:
        found = found.filter(read_at__isnull=True)
    ids = list(found.values_list("pk", flat=True)[:KEPT])
    pages = Paginator(ids, PAGE)
    shown = pages.get_page(request.GET.get("page"))
    on_page = list(found.filter(pk__in=list(shown.object_list)))
    public: dict[int, Listed | Scene] = {}
    if any(n.follow_id for n in on_page):
        public = {one.case.pk: one for one in listed()} | {one.case.pk: one for one in scenes()}
    rows = [row(n, public) for n in on_page]
    return render(
        request,
        "desk/notices.html",
        {
            "rows": rows,
            "unread": core_notices.unread(person),
            "only_unread": only_unread,
            "page_obj": shown,
            "page_range": pages.get_elided_page_range(shown.number),
        },
    )


@require_POST
@signed_in
def read(request: HttpRequest) -> HttpResponseBase:
    """Mark one notice read, or all of them."""
    mine = Notice.objects.filter(person=me(request), read_at__isnull=True)
    if (one := whole(request.POST.get("notice"))) is not None:
        mine = mine.filter(pk=one)
    elif not request.POST.get("all"):
        mine = mine.none()
    mine.update(read_at=now())
    onward = request.POST.get("next", "")
    ours = onward.startswith("/desk/") and url_has_allowed_host_and_scheme(onward, allowed_hosts=None)
    return redirect(onward if ours else "/desk/notices/")
