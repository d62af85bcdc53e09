"""What the public pages share: the way here, filters, pages of a list, files that may be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header, urlencode

from qiao.core.process import Text
from qiao.portal import phrases

PER_PAGE = 20
LONGEST_QUERY = 100


def crumbs(*more: tuple[Any, str]) -> list[dict[str, Any]]:
    """The way here: home, then what is given; the last one carries no address."""
    return [{"label": phrases.HOME, "url": "/"}, *({"label": text, "url": url} for text, url in more)]


def asked(request: HttpRequest, *names: str) -> dict[str, str]:
    """Query parameters as text, cut to a sensible length."""
    return {name: request.GET.get(name, "").strip()[:LONGEST_QUERY] for name in names}


def select(name: str, label: Text, pairs: Iterable[tuple[Any, Any]], chosen: str) -> dict[str, Any]:
    """One select of a filter bar, with “all” as its first option."""
    options = [{"value": "", "label": phrases.ALL, "selected": not chosen}]
    options += [{"value": v, "label": text, "selected": str(v) == chosen} for v, text in pairs]
    return {"name": name, "label": label, "options": options}


def chips(values: Mapping[str, str], filters: Iterable[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """What is filtered by, each with the address without it."""
    found = []
    for one in filters:
        chosen = next((o for o in one["options"] if o["selected"] and o["value"] != ""), None)
        if chosen:
            rest = {k: v for k, v in values.items() if v and k != one["name"]}
            found.append({"label": chosen["label"], "url": f"{path}?{urlencode(rest)}" if rest else path})
    return found


def paged(request: HttpRequest, found: Any, per_page: int = PER_PAGE) -> dict[str, Any]:
    """``page_obj`` and ``page_range`` for the pagination part of what can be counted and sliced.

    An impossible page number gives the nearest page.
    """
    paginator = Paginator(found, per_page)
    page: Page[Any] = paginator.get_page(request.GET.get("page"))
    return {
        "page_obj": page,
        "page_range": paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
    }


def attached(data: bytes | str, content_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    """A file under a name, never sniffed."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def tone(state: str) -> str:
    """The badge of a promise's state."""
    return phrases.TONES.get(state, state)
