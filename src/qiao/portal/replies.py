"""Published replies: the list, each one as the official letter it is, and as files."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from qiao.core.forms import whole
from qiao.core.models import Publication
from qiao.core.organisations import code_of, typed
from qiao.kinds import public
from qiao.kinds.handling import public_letter
from qiao.kinds.reply import layout_of
from qiao.letters import FontsMissing, LetterError, stylesheet, to_docx, to_html, to_pdf
from qiao.portal import phrases
from qiao.portal.shared import asked, attached, chips, crumbs, paged, select, tone

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    values = asked(request, "q", "session", "unit", "result", "year")
    values["unit"] = code_of(values["unit"])
    year = whole(values["year"][:4])
    found = public.found_replies(
        q=values["q"],
        session=values["session"],
        unit=values["unit"],
        result=values["result"],
        year=year or None,
    )
    there = public.choices()
    filters = [
        select("session", phrases.SESSION, there.sessions, values["session"]),
        typed(select("unit", phrases.UNIT, there.units, values["unit"]), values["unit"]),
        select("result", phrases.RESULT, there.results, values["result"]),
        select("year", phrases.YEAR, [(y, y) for y in there.years], values["year"]),
    ]
    page = paged(request, found)
    return render(
        request,
        "portal/replies.html",
        {
            **page,
            "cards": public.cards(page["page_obj"].object_list),
            "filters": filters,
            "chips": chips(values, filters, request.path),
            "search_label": phrases.FIND_REPLY,
            "q": values["q"],
            "clear_url": request.path if any(values.values()) else "",
            "crumbs": crumbs((phrases.REPLIES, "")),
        },
    )


def _found(slug: str) -> Publication:
    publication = public.publication_at(slug)
    if publication is None:
        raise Http404
    return publication


def _gone(request: HttpRequest, publication: Publication) -> HttpResponse:
    """What stays of a withdrawn publication: that it was there, when and why it went, and no text."""
    case = publication.case
    return render(
        request,
        "portal/gone.html",
        {
            "publication": publication,
            "case": case,
            "others": public.live().filter(case=case).exclude(pk=publication.pk).order_by("start", "pk"),
            "crumbs": crumbs((phrases.REPLIES, "/replies/"), (case.number or publication.slug, "")),
        },
        status=410,
    )


def qr(address: str) -> SafeString:
    """A QR code as SVG, without any style attribute."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, svgclass="qr", lineclass=None, omitsize=True, nl=False
    )
    return mark_safe(out.getvalue().decode())  # drawn here, from an address of our own


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponseBase:
    publication = _found(slug)
    if publication.end is not None:
        return _gone(request, publication)
    r = public.reply(publication)
    anchors = {c.id: f"#figure-{n}" for n, c in enumerate(r.citations, 1)}
    kept = {p.id: f"#promise-{p.code}" for p in r.promises}
    html = to_html(r.letter, r.layout, citation_url=anchors.get, promise_url=kept.get)
    verify = public.address(f"/verify/?code={publication.code}")
    return render(
        request,
        "portal/reply.html",
        {
            "r": r,
            "publication": publication,
            "card": r.card,
            "letter": mark_safe(html),  # every word of it is escaped by qiao.letters
            "redactions": [phrases.REDACTIONS.get(k, k) for k in r.redactions],
            "answered_label": phrases.IN_TIME[r.answered.level] if r.answered else "",
            "published_label": phrases.IN_TIME[r.published.level] if r.published else "",
            "promises": [promise_row(p) for p in r.promises],
            "history": told(r.acts),
            "hidden": sum(not a.public for a in r.acts),
            "permalink": public.address(publication.get_absolute_url()),
            "verify": verify,
            "qr": qr(verify),
            "crumbs": crumbs((phrases.REPLIES, "/replies/"), (r.card.number or publication.title, "")),
        },
    )


def promise_row(p: public.PublicPromise) -> dict[str, Any]:
    """A promise with its badge."""
    return {"p": p, "tone": tone(p.state), "label": phrases.STATES[p.state]}


def told(acts: Any) -> list[dict[str, Any]]:
    """The public acts; runs of acts that are not public are told as one line with their number."""
    shown: list[dict[str, Any]] = []
    for act in acts:
        if act.public:
            shown.append({"act": act, "hidden": 0})
        elif shown and shown[-1]["hidden"]:
            shown[-1]["hidden"] += 1
        else:
            shown.append({"act": None, "hidden": 1})
    return shown


@require_safe
def as_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    publication = _found(slug)
    if publication.end is not None:
        body = {
            "format": public.FORMAT,
            "withdrawn_on": publication.end.isoformat(),
            "reason": publication.end_reason,
            "published_on": publication.start.isoformat(),
            "code": publication.code,
        }
        return _json(body, f"{slug}.json", status=410)
    return _json(public.reply_data(public.reply(publication)), f"{slug}.json")


def _json(body: dict[str, Any], name: str, status: int = 200) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False, indent=1)
    response = attached(text, "application/json; charset=utf-8", name, inline=True)
    response.status_code = status
    response["Access-Control-Allow-Origin"] = "*"
    return response


@lru_cache(maxsize=64)
def _file(form: str, digest: str, redactions: tuple[str, ...], layout: str, pk: int) -> bytes:
    """The public copy as a file, made once. What it is made from never changes under these keys."""
    publication = Publication.objects.select_related("version", "case__unit").get(pk=pk)
    letter = public_letter(publication)
    return (to_pdf if form == "pdf" else to_docx)(letter, layout_of(publication.case.unit, letter))


@require_safe
def as_file(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    publication = _found(slug)
    if publication.end is not None:
        return _gone(request, publication)
    unit = publication.case.unit
    redactions = tuple(sorted(publication.redactions))
    etag = f'"{publication.version.digest[:24]}-{publication.code}-{form}"'
    kept = get_conditional_response(request, etag=etag)
    if isinstance(kept, HttpResponseNotModified):
        return kept
    try:
        data = _file(
            form, publication.version.digest, redactions, unit.layout if unit else "", publication.pk
        )
    except FontsMissing as error:
        return _sorry(
            request, publication, str(phrases.FONTS_MISSING) % {"packages": " ".join(error.packages)}, 503
        )
    except LetterError as error:
        return _sorry(request, publication, str(phrases.LETTER_BAD) % {"why": error}, 422)
    response = attached(data, TYPES[form], f"{slug}.{form}")
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=300)
    return response


def _sorry(request: HttpRequest, publication: Publication, why: str, status: int) -> HttpResponse:
    return render(request, "portal/sorry.html", {"publication": publication, "why": why}, status=status)


@require_safe
def letter_css(request: HttpRequest) -> HttpResponse:
    """How letters look on pages (``qiao.letters``)."""
    response = HttpResponse(stylesheet(), content_type="text/css; charset=utf-8")
    patch_cache_control(response, public=True, max_age=3600)
    return response
