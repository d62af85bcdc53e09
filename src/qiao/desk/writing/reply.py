"""The reply desk: draft in blocks, cite figures, mark promises, see what still keeps the reply from signature."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from qiao.core.access import can, context, is_match, missing
from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.models import Case, Organisation, Seat, Value
from qiao.core.process import Context, Verb, kind_of
from qiao.desk import phrases as desk_phrases
from qiao.desk import phrases_writing as phrases
from qiao.desk.papers import TYPES, compared
from qiao.desk.shared import crumbs, my_case, signed_in
from qiao.desk.writing.draft import Draft, figure_suggestions, promise_suggestions
from qiao.kinds import reply as kind_reply
from qiao.kinds.common import PROPOSERS
from qiao.kinds.reply import Reply
from qiao.letters import FontsMissing, to_docx, to_html, to_pdf
from qiao.letters.reading import ReadingError, extract_text, read_reply, say

MAX_VALUES = 1000
ABOUT_THE_CASE = frozenset({"no_contact", "opinions_open", "signed_already"})


def writing_seat(case: Case, verb: Verb, seats: list[Seat]) -> tuple[Context, Seat | None]:
    """The seat of mine that may do ``verb`` here, and the context of the case; no seat where none may."""
    ctx = context(case, verb, None)
    mine = [s for s in seats if any(is_match(w, ctx, s) for w in verb.who)]
    able = (s for s in mine if can(s, verb.code, case, ctx=ctx, needs=False))
    return ctx, next(able, None)


def verb_with(case: Case, page: str, code: str = "") -> Verb:
    """The case's verb with that page (and that code, if one is given)."""
    kind = kind_of(case.kind, case.kind_version)
    found = next((v for v in kind.verbs if v.page == page and (not code or v.code == code)), None)
    if found is None:
        raise Http404
    return found


def _start(case: Case, ctx: Context, seat: Seat) -> Draft:
    """What the editor opens with: the current version, or a fresh reply."""
    version = ctx.current("reply")
    if version is not None:
        return Draft.of(Reply.from_dict(version.content), base=version.digest)
    unit = seat.organisation
    leader = (
        Seat.objects.filter(organisation=unit, role="leader")
        .select_related("person")
        .order_by("-start")
        .first()
    )
    source = case.parent or case
    parties = source.parties.filter(role__in=PROPOSERS, state="confirmed", person__isnull=False)
    return Draft.skeleton(
        case, seat, leader, [p.person for p in parties.select_related("person") if p.person]
    )


def _imported(draft: Draft, request: HttpRequest) -> Draft | None:
    """The draft with the text of the uploaded letter; None with the error said to the reader."""
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, str(phrases.CHOOSE_FILE))
        return None
    try:
        text = extract_text(upload.read(), upload.name, max_bytes=settings.UPLOAD_LIMIT)
    except ReadingError as error:
        messages.error(request, say(error.code, error.params, language()))
        return None
    read = read_reply(text.text)
    new = Draft.of(Reply(read.letter), base=draft.base)
    new.plain, new.citations, new.promises = draft.plain, draft.citations, draft.promises
    for key, value in draft.head.items():
        if not new.head.get(key):
            new.head[key] = value
    messages.success(request, str(phrases.IMPORTED) % {"name": upload.name})
    for notice in read.notices:
        messages.warning(request, say(notice.code, notice.params, language()))
    return new


def language() -> Any:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _file(reply: Reply, unit: Organisation | None, form: str) -> HttpResponse:
    """The reply as it stands in the editor, as a file."""
    make = to_pdf if form == "pdf" else to_docx
    answer = HttpResponse(
        make(reply.letter, kind_reply.layout_of(unit, reply.letter)), content_type=TYPES[form]
    )
    name = f"{(reply.letter.title_lines or (form,))[-1]}.{form}"
    answer["Content-Disposition"] = str(content_disposition_header(form != "pdf", name))
    return answer


@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case, seats = my_case(request, code), seats_at(request)
    verb = verb_with(case, "reply")
    ctx, seat = writing_seat(case, verb, seats)
    version = ctx.current("reply")
    if seat is None:
        if version is not None:
            return redirect(f"{case.get_absolute_url()}papers/{version.paper.code}/")
        return refuse(request, case, verb)
    book = ctx.rulebook

    def label(result: str) -> str:
        term = book.term("result", result)
        return str(term.label.zh) if term else ""

    draft = Draft.posted(request.POST) if request.method == "POST" else _start(case, ctx, seat)
    op = request.POST.get("op", "")
    shown: dict[str, Any] = frame(case, verb)
    if op == "import":
        draft = _imported(draft, request) or draft
    elif op and op not in {"save", "save_over", "pdf", "docx", "check"}:
        draft.do(op)
    failed = list(draft.errors)
    reply = draft.reply(label)
    draft.errors += failed
    status = 422 if draft.errors and request.method == "POST" else 200
    if reply is not None and op in {"pdf", "docx"}:
        try:
            return _file(reply, case.unit, op)
        except FontsMissing as error:
            messages.error(request, str(error))
    if reply is not None and op in {"save", "save_over"}:
        if version is not None and op == "save" and draft.base != version.digest:
            shown |= {
                "conflict": str(phrases.BASE_CHANGED) % {"n": version.n},
                "diff": _against(version, reply),
            }
            status = 409
        else:
            try:
                done = act(case, verb.code, by=seat, content=reply.to_dict())
            except Refused as refused:
                draft.errors += [str(r) for r in refused.answer.reasons]
                status = 409
            else:
                n = done.version.n if done.version else 0
                same = version is not None and done.version_id == version.pk
                messages.success(request, str(phrases.UNCHANGED if same else phrases.SAVED) % {"n": n})
                return redirect(request.path)
    values = list(
        Value.objects.filter(superseded_by__isnull=True)
        .select_related("indicator", "superseded_by")
        .order_by("-end")[:MAX_VALUES]
    )
    shown |= {
        "draft": draft,
        "blocks": [{"type": b.type, "text": b.text, "rows": rows_for(b.text)} for b in draft.blocks],
        "rest_json": json.dumps(draft.rest, ensure_ascii=False),
        "seat": seat,
        "reply": reply,
        "letter": _shown(case, reply),
        "types": phrases.TYPES,
        "results": book.terms("result"),
        "publicities": book.terms("publicity"),
        "units": Organisation.objects.filter(kind="bureau", merged_into__isnull=True).order_by("name")[:300],
        "figures": figure_suggestions(draft, values) if not draft.errors else [],
        "promises_found": promise_suggestions(draft) if not draft.errors else [],
        "cited": _cited(reply),
        "promised": reply.promises if reply else (),
        "problems": _problems(case, ctx, reply),
        "version": version,
    }
    return render(request, "desk/writing/reply.html", shown, status=status)


def refuse(request: HttpRequest, case: Case, verb: Verb) -> HttpResponseBase:
    """The page for whoever may not write here, with why not."""
    seats = seats_at(request)
    answer = can(seats[0] if seats else None, verb.code, case, needs=False)
    shown = frame(case, verb) | {"reasons": [str(r) for r in answer.reasons]}
    return render(request, "desk/writing/refused.html", shown, status=403)


def rows_for(text: str) -> int:
    """How tall a block's text field is: about 40 characters to a line."""
    return max(1, min(18, sum(1 + len(line) // 40 for line in text.split("\n"))))


def frame(case: Case, verb: Verb) -> dict[str, Any]:
    return {
        "case": case,
        "verb": verb,
        "back": case.get_absolute_url(),
        "crumbs": crumbs(
            (desk_phrases.CASES, "/desk/cases/"), (case, case.get_absolute_url()), (verb.label, "")
        ),
    }


def _shown(case: Case, reply: Reply | None) -> SafeString:
    """The letter as it will look; the library escapes what people typed."""
    if reply is None:
        return SafeString("")
    layout = kind_reply.layout_of(case.unit, reply.letter)
    return mark_safe(to_html(reply.letter, layout, heading_level_offset=2))


def _cited(reply: Reply | None) -> list[dict[str, Any]]:
    """Every cited figure with its value and what is wrong with it."""
    if reply is None:
        return []
    values = kind_reply.values_cited(reply)
    wrong = {p.params.get("text"): str(p) for p in kind_reply.figure_problems(reply)}
    return [
        {"text": f.text, "value": values.get(f.id), "wrong": wrong.get(f.text, "")}
        for f in kind_reply.figures(reply.letter)
    ]


def _problems(case: Case, ctx: Context, reply: Reply | None) -> list[str]:
    """What still keeps the reply from signature: of the text as typed, and of the case."""
    found = [str(p) for p in kind_reply.problems(reply, ctx.rulebook)] if reply else []
    request_signature = ctx.kind.verb("request_signature")
    if request_signature and case.stage in request_signature.source:
        ctx.verb = request_signature
        found += [str(p) for p in missing(ctx) if p.code in ABOUT_THE_CASE]
    return found


def _against(version: Any, reply: Reply) -> list[dict[str, Any]]:
    """The saved version beside what stands in the editor."""
    mine = type(version)(paper=version.paper, n=version.n + 1, content=reply.to_dict(), text="")
    return compared(version, mine)
