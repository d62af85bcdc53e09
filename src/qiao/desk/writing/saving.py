"""Saving what was written, without losing what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from qiao.core.acts import Refused, act
from qiao.core.models import Act, Case, Seat, Version
from qiao.core.process import Verb
from qiao.desk.papers import compared


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


def against(version: Version, content: Mapping[str, Any], text: str = "") -> list[dict[str, Any]]:
    """Rows that show a saved version beside what stands in the editor."""
    mine = Version(paper=version.paper, n=version.n + 1, content=dict(content), text=text)
    return compared(version, mine)
