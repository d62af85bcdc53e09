"""What a writer needs to read beside: the paper that is answered, and what others have sent for the answer."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from qiao.core.models import Case, Version


def beside(case: Case) -> list[dict[str, Any]]:
    """The newest version of each paper: of the case that everything began with, and of children that are done."""
    first = case.parent.parent or case.parent if case.parent else None
    above = Q(paper__case=first, paper__kind=F("paper__case__kind")) if first else Q(pk__in=[])
    below = Q(paper__case__parent=case, paper__case__closed_at__isnull=False)
    rows = Version.objects.filter(above | below).select_related("paper__case__unit").order_by("paper", "n")
    newest = {version.paper_id: version for version in rows}
    return [
        {
            "title": version.paper.title,
            "unit": version.paper.case.unit if version.paper.case else None,
            "text": version.text,
            "url": f"{version.paper.case.get_absolute_url()}papers/{version.paper.code}/",
        }
        for version in newest.values()
        if version.paper.case
    ]
