"""Search over what is public: replies, units, sessions. Hits are marked in the text around them."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from qiao.core import search as core_search
from qiao.core.models import SearchEntry
from qiao.portal import phrases
from qiao.portal.shared import asked, crumbs, paged

BEFORE, AROUND = 40, 140


def marked(text: str, query: str) -> SafeString:
    """``text`` with every word of the query in ``<mark>``."""
    words = sorted({w for w in query.split() if w}, key=len, reverse=True)
    if not words:
        return format_html("{}", text)
    parts = re.split("(" + "|".join(re.escape(w) for w in words) + ")", text, flags=re.IGNORECASE)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", part) if i % 2 else part,) for i, part in enumerate(parts))
    )


def snippet(text: str, query: str) -> SafeString | str:
    """The passage around the first hit; nothing if the words stand elsewhere, as in the title."""
    text = " ".join(text.split())
    lower = text.lower()
    places = [at for word in query.lower().split() if (at := lower.find(word)) >= 0]
    if not places:
        return ""
    start = max(min(places) - BEFORE, 0)
    passage = text[start : start + AROUND]
    ends = ("…" if start else "", "…" if start + AROUND < len(text) else "")
    return format_html("{}{}{}", ends[0], marked(passage, query), ends[1])


def _shown(entry: SearchEntry, query: str) -> dict[str, Any]:
    if entry.publication is not None:
        kind, url = "publication", entry.publication.get_absolute_url()
    elif entry.organisation is not None:
        kind, url = "organisation", f"/replies/?unit={entry.organisation.code}"
    else:
        kind, url = "call", f"/replies/?session={entry.call.code}" if entry.call else ""
    return {
        "kind": phrases.KINDS_FOUND[kind],
        "url": url,
        "title": marked(entry.title, query),
        "snippet": snippet(entry.text, query),
        "on": entry.publication.start if entry.publication else None,
    }


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    query = asked(request, "q")["q"]
    shown: dict[str, Any] = {"q": query, "crumbs": crumbs((phrases.SEARCH, ""))}
    if query:
        found = paged(request, core_search.found_in_public(query))
        shown |= {**found, "hits": [_shown(e, query) for e in found["page_obj"].object_list]}
    return render(request, "portal/search.html", shown)
