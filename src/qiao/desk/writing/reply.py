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

from qiao.core.access import can, context, is_match
from qiao.core.acts import Refused
from qiao.core.clocks import today
from qiao.core.identity import seats_at
from qiao.core.language import language
from qiao.core.models import Case, Organisation, Seat, Value
from qiao.core.organisations import SUGGESTED, present
from qiao.core.process import Context, Problem, Verb, kind_of
from qiao.core.rulebook import Rulebook
from qiao.desk import phrases as desk_phrases
from qiao.desk import phrases_writing as phrases
from qiao.desk.papers import TYPES
from qiao.desk.registry.numbers import qualified
from qiao.desk.shared import address_of, crumbs, my_case, signed_in
from qiao.desk.writing.beside import beside
from qiao.desk.writing.draft import (
    MAX_BLOCKS,
    Draft,
    figure_suggestions,
    personal_suggestions,
    promise_suggestions,
)
from qiao.desk.writing.saving import conflict, save, saving
from qiao.kinds import reply as kind_reply
from qiao.kinds.common import PROPOSERS
from qiao.kinds.handling import fit_to_sign
from qiao.kinds.public import instrument_of
from qiao.kinds.reply import Reply
from qiao.letters import FontsMissing, to_docx, to_html, to_pdf
from qiao.letters.reading import ReadingError, extract_text, read_reply, say

MAX_VALUES = 1000
SEND = "request_signature"  # what comes after writing
SHOWN_ONLY = frozenset({"pdf", "docx", "check"})


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
        Seat.objects.held_on(today())
        .filter(organisation=unit, role="leader")
        .select_related("person")
        .order_by("-start")
        .first()
    )
    source = case.parent or case
    parties = source.parties.filter(role__in=PROPOSERS, state="confirmed", person__isnull=False)
    return Draft.skeleton(
        case,
        seat,
        leader,
        [p.person for p in parties.select_related("person") if p.person],
        instrument_of(case),
    )


def _imported(draft: Draft, request: HttpRequest, case: Case, book: Rulebook) -> Draft | None:
    """The draft with the text of the uploaded letter; None with the error said to the reader."""
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, str(phrases.CHOOSE_FILE))
        return None
    try:
        text = extract_text(upload.read(), upload.name or "", max_bytes=settings.UPLOAD_LIMIT)
    except ReadingError as error:
        messages.error(request, say(error.code, error.params, language()))
        return None
    read = read_reply(text.text)
    new = Draft.of(Reply(read.letter), base=draft.base)
    if len(new.blocks) > MAX_BLOCKS:
        said = {"n": len(new.blocks), "limit": MAX_BLOCKS}
        messages.error(request, str(phrases.TOO_MANY) % said)
        return None
    new.plain, new.citations, new.promises = draft.plain, draft.citations, draft.promises
    new.addressees = new.addressees or draft.addressees
    for key, value in draft.head.items():
        if not new.head.get(key):
            new.head[key] = value
    for key, found in (("result", read.result), ("publicity", read.publicity)):
        term = next((t for t in book.terms(key) if found and t.label.zh == found.value.strip()), None)
        if term and not new.plain.get(key):
            new.plain[key] = term.code
    messages.success(request, str(phrases.IMPORTED) % {"name": upload.name})
    for notice in (*text.warnings, *read.notices):
        messages.warning(request, say(notice.code, notice.params, language()))
    if read.number and case.number and read.number.lstrip("0") != case.number.lstrip("0"):
        said_numbers = {"other": read.number, "number": case.number}
        messages.warning(request, str(phrases.OTHER_NUMBER) % said_numbers)
    return new


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

    posted = request.method == "POST"
    draft = Draft.posted(request.POST) if posted else _start(case, ctx, seat)
    op, knows = saving(request)
    values = list(
        Value.objects.filter(superseded_by__isnull=True)
        .select_related("indicator")
        .order_by("-end")[:MAX_VALUES]
    )
    shown: dict[str, Any] = frame(case, verb)
    if op == "import":
        draft = _imported(draft, request, case, book) or draft
    elif op and op not in {"save", *SHOWN_ONLY}:
        draft.do(op, unit=case.unit.code if case.unit else "", values=values)
    bureaus = present().filter(kind="bureau")
    unit_names = draft.find_units(bureaus)
    failed = list(draft.errors)
    reply = draft.reply(label)
    draft.errors += failed
    status = 422 if draft.errors and posted else 200
    if reply is not None and op in TYPES:
        try:
            return _file(reply, case.unit, op)
        except FontsMissing as error:
            why = str(desk_phrases.FONTS_MISSING) % {"packages": " ".join(error.packages)}
            messages.error(request, why)
    if reply is not None and op == "save" and not draft.errors:
        try:
            done, newer = save(case, verb, by=seat, content=reply.to_dict(), knows=knows)
        except Refused as refused:
            draft.errors += [str(r) for r in refused.answer.reasons]
            status = 409
        else:
            if done is not None and done.version is not None:
                same = newer is not None and done.version_id == newer.pk
                said = phrases.UNCHANGED if same else phrases.SAVED
                messages.success(request, str(said) % {"n": done.version.n})
                return redirect(request.path)
            if newer is not None:
                shown |= conflict(newer, reply.to_dict())
                status = 409
    problems = kind_reply.problems(reply, book) if reply else []
    marks: dict[str, Any] = {"figures": [], "promises_found": [], "personal": []}
    if not draft.errors:
        marks = {
            "figures": figure_suggestions(draft, values),
            "promises_found": promise_suggestions(draft),
            "personal": personal_suggestions(draft),
        }
    shown |= marks | {
        "draft": draft,
        "unsaved": posted,
        "blocks": _blocks(draft, marks),
        "rest_json": json.dumps(draft.rest, ensure_ascii=False),
        "seat": seat,
        "reply": reply,
        "letter": _shown(case, reply),
        "types": phrases.TYPES,
        "results": book.terms("result"),
        "publicities": book.terms("publicity"),
        "needing": {
            f"{name}_{what}": [str(t.label) for t in book.terms(name) if what in t.needs]
            for name, what in (("result", "date"), ("result", "reason"), ("publicity", "reason"))
        },
        "lacking": {p.code for p in problems},
        "units": bureaus.values_list("name", "short_name")[:SUGGESTED],
        "owing": {
            key: [unit_names.get(u := given.get("unit", ""), u)] for key, given in draft.promises.items()
        },
        "citable": any(len(one.same) == 1 for one in marks["figures"]),
        "cited": _cited(reply, problems),
        "promised": reply.promises if reply else (),
        "kept": _kept(draft, reply),
        "problems": (keeping := _keeping(case, ctx, problems)),
        "version": version,
        "beside": beside(case),
        "next": None if posted or keeping else _next(case, ctx, seat),
    }
    return render(request, "desk/writing/reply.html", shown, status=status)


def _blocks(draft: Draft, marks: dict[str, Any]) -> list[dict[str, Any]]:
    """The blocks as the form shows them, each with the first place where a mark is suggested for it."""
    found: dict[int, dict[str, Any]] = {}
    for place, name in (("figure", "figures"), ("promise", "promises_found"), ("personal", "personal")):
        for one in marks[name]:
            here = found.setdefault(one.block, {})
            n, at = here.get(place, (0, one.op))
            here[place] = (n + 1, at)
    return [
        {"type": b.type, "text": b.text, "rows": rows_for(b.text), "marks": found.get(i, {})}
        for i, b in enumerate(draft.blocks)
    ]


def _kept(draft: Draft, reply: Reply | None) -> dict[str, dict[str, str]]:
    """What was said of promises that just now stand nowhere in the text; kept, lest moving a passage loses it."""
    marked = {p.id for p in reply.promises} if reply else set()
    return {key: given for key, given in draft.promises.items() if key not in marked}


def _next(case: Case, ctx: Context, seat: Seat) -> dict[str, Any] | None:
    """The verb that sends the saved version on its way, if the seat may do it."""
    verb = ctx.kind.verb(SEND)
    if verb is None or ctx.current("reply") is None or not can(seat, SEND, case, ctx=ctx, needs=False):
        return None
    return {"label": verb.label, "url": address_of(case, verb, seat)}


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


def _cited(reply: Reply | None, problems: list[Problem]) -> list[dict[str, Any]]:
    """Every cited figure with its value, what is wrong with it, and the value that replaced it."""
    if reply is None:
        return []
    values = kind_reply.values_cited(reply)
    wrong = {p.params.get("text"): str(p) for p in problems if p.code.startswith("figure_")}
    return [
        {
            "text": f.text,
            "id": f.id,
            "value": values.get(f.id),
            "said": qualified(values[f.id], values[f.id].indicator.unit) if f.id in values else "",
            "wrong": wrong.get(f.text, ""),
            "newer": values[f.id].superseded_by if f.id in values else None,
        }
        for f in dict.fromkeys(kind_reply.figures(reply.letter))
    ]


def _keeping(case: Case, ctx: Context, problems: list[Problem]) -> list[str]:
    """What still keeps the reply from signature: of the text as typed, and of the case."""
    found = list(problems)
    send = ctx.kind.verb(SEND)
    if send and case.stage in send.source:
        ctx.verb = send
        found += [p for check in send.needs if check is not fit_to_sign for p in check(ctx)]
    return [str(p) for p in found]
