"""Saving what was written, without losing what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from qiao.core.acts import Refused, act
from qiao.core.models import Act, Case, Seat, Version
from qiao.core.process import Verb
from qiao.desk import phrases_writing as phrases
from qiao.desk.papers import compared

SAVE_OVER = "save_over"


def save(
    case: Case, verb: Verb, *, by: Seat, content: Mapping[str, Any], knows: set[str]
) -> tuple[Act | None, Version | None]:
    """Do the verb that files ``content``, unless the paper has a newest version that the writer does not know.

    ``knows``: digests of the versions that were before the writer's eyes. Gives the act, or the newer version.
    Raises :class:`Refused`; the case is locked between looking and saving.
    """
    refused: Refused | None = None
    with transaction.atomic():
        Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        last = Version.objects.filter(paper__case=case, paper__kind=verb.paper).order_by("-n").first()
        if last is not None and last.digest not in knows:
            return None, last
        try:
            return act(case, verb.code, by=by, content=content), last
        except Refused as error:  # the refusal stays on record
            refused = error
    raise refused


def saving(request: HttpRequest) -> tuple[str, set[str]]:
    """Which button was pressed, and the digests of the versions that the writer knows: the one that the editing began
    with and, after a warning, the one beside which the text was shown (``save_over:DIGEST``)."""
    op, _colon, accepted = request.POST.get("op", "").partition(":")
    base = request.POST.get("base", "")
    if op == SAVE_OVER:
        return "save", {base, accepted}
    return request.POST.get("op", ""), {base}


def conflict(newer: Version, content: Mapping[str, Any], text: str = "") -> dict[str, Any]:
    """What a page shows when somebody saved meanwhile: who is ahead, and both texts side by side."""
    mine = Version(paper=newer.paper, n=newer.n + 1, content=dict(content), text=text)
    return {
        "conflict": str(phrases.BASE_CHANGED) % {"n": newer.n},
        "diff": compared(newer, mine),
        "accept": f"{SAVE_OVER}:{newer.digest}",
    }
