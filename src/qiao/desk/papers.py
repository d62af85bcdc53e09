"""One paper: any of its versions, two of them side by side, and as files."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from qiao.core.access import may_read
from qiao.core.clocks import local_date
from qiao.core.forms import whole
from qiao.core.identity import seats_at
from qiao.core.models import Case, Organisation, Version
from qiao.core.rulebook import rulebook
from qiao.desk import phrases
from qiao.desk.shared import crumbs, me, my_case, signed_in
from qiao.kinds.phrases import PARTS
from qiao.kinds.reply import letter_as_signed
from qiao.kinds.sheets import ACCEPTED, AGREED, PUBLIC, choices, lines, sheet
from qiao.letters import (
    FontsMissing,
    Layout,
    Letter,
    LetterError,
    Segment,
    diff,
    diff_text,
    layout_names,
    load_layout,
    to_docx,
    to_html,
    to_pdf,
)
from qiao.letters import (
    stylesheet as letter_sheet,
)

NEAR = 2  # equal rows shown around a change
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def readable(request: HttpRequest, case: Case, code: str) -> list[Version]:
    """The versions of a paper that are read from this case, newest first: its own, or those its acts are about."""
    own = Q(paper__case=case)
    rows = (
        Version.objects.filter(paper__code=code)
        .filter(own | Q(acts__case=case))
        .select_related("paper__case__unit", "by__person", "by__organisation")
        .order_by("-n")
        .distinct()
    )
    found = list(rows.defer("content", "text"))
    if not found:
        raise Http404
    return found


def full(request: HttpRequest, version: Version) -> Version:
    """``version`` with its content, if this person may read it."""
    if not may_read(me(request), version, seats_at(request)):
        raise Http404
    found: Version = Version.objects.select_related(
        "paper__case__unit", "by__person", "by__organisation"
    ).get(pk=version.pk)
    return found


def letter_of(version: Version) -> Letter | None:
    """The letter in a version; None if it is another kind of text. Raises ``LetterError`` for a broken one."""
    found = version.content.get("letter") if isinstance(version.content, dict) else None
    return letter_as_signed(version) if found else None


def layout_of(unit: Organisation | None) -> Layout | None:
    """How a unit's letters look; None for the layout of the letter's form."""
    return load_layout(unit.layout) if unit and unit.layout in layout_names() else None


def parts_of(version: Version) -> list[dict[str, Any]]:
    """A text in parts: those that are named, else all of it."""
    content = version.content if isinstance(version.content, dict) else {}
    if version.paper.case and (entries := sheet(version.paper.case.kind, version.paper.kind)):
        language = get_language() or "zh"
        known = choices(version.paper.case.call.rulebook, language)
        return [
            {"title": entry.label, "text": text}
            for entry, text in lines(entries, content, known, language, PUBLIC, AGREED, ACCEPTED)
        ]
    named = [{"title": PARTS[key], "text": str(content[key])} for key in PARTS if content.get(key)]
    return named or [{"title": "", "text": version.text or str(content.get("text", ""))}]


def about(version: Version, case: Case, own: bool) -> dict[str, Any]:
    """What is filed with a letter besides its text: result, promises. Publicity only for those who handle it."""
    content = version.content if isinstance(version.content, dict) else {}
    if "letter" not in content:
        return {}
    book = rulebook(case.call.rulebook)
    result, publicity = book.term("result", content.get("result", "")), None
    if own:
        publicity = book.term("publicity", content.get("publicity", ""))
    return {
        "result": result.label if result else "",
        "result_date": content.get("result_date", ""),
        "result_reason": content.get("result_reason", ""),
        "publicity": publicity.label if publicity else "",
        "publicity_reason": content.get("publicity_reason", "") if own else "",
        "promises": content.get("promises", []),
    }


# --- side by side ----------------------------------------------------------------------------------------------


def _marked(segments: Iterable[Segment] | None, tag: str) -> SafeString:
    """Segments as HTML, what changed within ``tag`` (ins, del)."""
    if segments is None:
        return mark_safe("")
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<{0}>{1}</{0}>", mark_safe(tag), s.text) if s.change == "changed" else s.text,)
            for s in segments
        ),
    )


def _text_rows(
    old: str, new: str
) -> list[tuple[bool, tuple[Segment, ...] | None, tuple[Segment, ...] | None]]:
    """Lines of two plain texts beside each other."""
    a, b = old.splitlines(), new.splitlines()
    rows: list[tuple[bool, tuple[Segment, ...] | None, tuple[Segment, ...] | None]] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for k in range(max(i2 - i1, j2 - j1)):
            one = a[i1 + k] if i1 + k < i2 else None
            two = b[j1 + k] if j1 + k < j2 else None
            if one is not None and two is not None:
                rows.append((op == "equal", *diff_text(one, two)))
            else:
                rows.append(
                    (
                        False,
                        (Segment("changed", one),) if one is not None else None,
                        (Segment("changed", two),) if two is not None else None,
                    )
                )
    return rows


def compared(old: Version, new: Version) -> list[dict[str, Any]]:
    """Rows for the comparison table; long stretches without a change are folded."""
    one, two = letter_of(old), letter_of(new)
    if one and two:
        rows = [(r.change == "equal", r.left, r.right) for r in diff(one, two).rows]
    else:
        rows = _text_rows(_plain(old), _plain(new))
    changed = [i for i, row in enumerate(rows) if not row[0]]
    shown = {i + d for i in changed for d in range(-NEAR, NEAR + 1)}
    table: list[dict[str, Any]] = []
    skipped = 0
    for i, (_same, left, right) in enumerate(rows):
        if i not in shown:
            skipped += 1
            continue
        if skipped:
            table.append({"gap": phrases.SAME_ROWS % {"n": skipped}})
            skipped = 0
        table.append({"old": _marked(left, "del"), "new": _marked(right, "ins")})
    if skipped:
        table.append({"gap": phrases.SAME_ROWS % {"n": skipped}})
    return table


def _plain(version: Version) -> str:
    return version.text or "\n".join(p["text"] for p in parts_of(version))


# --- pages -----------------------------------------------------------------------------------------------------


@require_GET
@signed_in
def page(request: HttpRequest, code: str, paper: str) -> HttpResponseBase:
    case = my_case(request, code)
    found = readable(request, case, paper)
    n, other = whole(request.GET.get("v")), whole(request.GET.get("with"))
    chosen = next((v for v in found if v.n == n), None) if n else found[0]
    if chosen is None:
        raise Http404
    version = full(request, chosen)
    beside = (
        next((full(request, v) for v in found if v.n == other), None)
        if other and other != version.n
        else None
    )
    own = version.paper.case_id == case.pk
    letter, bad = None, ""
    try:
        letter = letter_of(version)
    except LetterError as error:
        bad = str(phrases.LETTER_BAD) % {"why": error}
    unit = version.paper.case.unit if version.paper.case else None
    old, new = sorted((version, beside), key=lambda v: v.n) if beside else (None, version)
    return render(
        request,
        "desk/paper.html",
        {
            "case": case,
            "paper": version.paper,
            "version": version,
            "versions": found,
            "newest": version.n == found[0].n,
            "letter": mark_safe(to_html(letter, layout_of(unit))) if letter and not beside else "",
            "is_letter": letter is not None,
            "parts": [] if letter else parts_of(version),
            "bad": bad,
            "about": about(version, case, own),
            "beside": beside,
            "rows": compared(old, new) if old else [],
            "old": str(phrases.VERSION_N) % {"n": old.n} if old else "",
            "new": str(phrases.VERSION_N) % {"n": new.n},
            "crumbs": crumbs(
                (phrases.CASES, "/desk/cases/"), (case, case.get_absolute_url()), (version.paper.title, "")
            ),
        },
    )


@require_GET
@signed_in
def download(request: HttpRequest, code: str, paper: str, n: int, form: str) -> HttpResponseBase:
    """A version as PDF or Word, or the file that was filed with it."""
    case = my_case(request, code)
    chosen = next((v for v in readable(request, case, paper) if v.n == n), None)
    if chosen is None:
        raise Http404
    version = full(request, chosen)
    if form == "file":
        return kept_file(version)
    if form not in TYPES:
        raise Http404
    unit = version.paper.case.unit if version.paper.case else None
    try:
        letter = letter_of(version)
        if letter is None:
            raise Http404
        data = (to_pdf if form == "pdf" else to_docx)(letter, layout_of(unit))
    except FontsMissing as error:
        why = str(phrases.FONTS_MISSING) % {"packages": " ".join(error.packages)}
        return _sorry(request, case, version, why, 503)
    except LetterError as error:
        return _sorry(request, case, version, str(phrases.LETTER_BAD) % {"why": error}, 422)
    number = f"{case.number}-" if case.number else ""
    name = f"{number}{version.paper.title}-{local_date(version.at):%Y%m%d}-v{version.n}.{form}"
    return _attached(HttpResponse(data, content_type=TYPES[form]), name)


def kept_file(version: Version) -> HttpResponseBase:
    """The file that was filed with a version, never shown in the browser."""
    if not version.file:
        raise Http404
    try:
        stored = version.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        stored, as_attachment=True, filename=version.file_name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _attached(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _sorry(request: HttpRequest, case: Case, version: Version, why: str, status: int) -> HttpResponse:
    shown = {"case": case, "paper": version.paper, "version": version, "why": why}
    return render(request, "desk/paper_sorry.html", shown, status=status)


@require_GET
def stylesheet(request: HttpRequest) -> HttpResponse:
    """How letters look on pages (``qiao.letters``)."""
    response = HttpResponse(letter_sheet(), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


__all__ = ["compared", "download", "kept_file", "letter_of", "page", "stylesheet"]
