"""Writing a proposal: a draft of one's own, three mandatory parts, similar ones, a file to read in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from qiao.core.access import missing, visible_cases
from qiao.core.acts import Refused
from qiao.core.identity import seats_at
from qiao.core.models import Call, Case, Organisation, Person, SearchEntry, Seat, Version
from qiao.core.process import Context, kind_of
from qiao.desk import phrases_writing as phrases
from qiao.desk.shared import address_of, crumbs, me, my_case, signed_in
from qiao.desk.writing.reply import frame, language, refuse, verb_with, writing_seat
from qiao.desk.writing.saving import conflict, save, saving
from qiao.kinds.phrases import PARTS
from qiao.kinds.proposal import session_calls, start_draft, text_of
from qiao.letters.reading import (
    Extracted,
    Lines,
    ProposalReading,
    ReadingError,
    Similar,
    extract_text,
    rank_similar,
    read_proposal,
    say,
)

MAX_SIMILAR = 600  # proposals of one session, and published replies, that a text is compared with
READ_AS = {"background": "background", "problem": "problem", "suggestions": "suggestion"}
SEND = "submit"  # what comes after writing
MUST = ("title", *PARTS)


def long_text(label: Any, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=20000, widget=forms.Textarea(attrs={"rows": rows})
    )


class ProposalForm(forms.Form):
    """A draft may be saved incomplete; what is missing is said, and refused at submission."""

    title = forms.CharField(label=_("案由"), max_length=300, required=False)
    category = forms.CharField(label=_("分类"), max_length=80, required=False)
    background = long_text(_("背景情况"), 6)
    problem = long_text(_("问题及分析"), 8)
    suggestions = long_text(_("具体建议"), 10)
    wish_lead = forms.CharField(label=_("建议主办单位"), max_length=200, required=False)
    wish_co = forms.CharField(label=_("建议会办单位"), max_length=200, required=False)
    consent = forms.BooleanField(label=_("同意公开提案答复"), required=False)
    consent_reason = forms.CharField(label=_("不同意公开的原由"), max_length=300, required=False)
    use_required_attribute = False  # a draft may be saved with gaps

    def marked(self) -> ProposalForm:
        """The form as it is shown: what must be there before submission carries the mark of a required field."""
        _ = self.errors if self.is_bound else None
        for name in MUST:
            self.fields[name].required = True
        return self

    def content(self) -> dict[str, Any]:
        """What the version holds."""
        return {name: self.cleaned_data[name] for name in ProposalForm.base_fields}


class NewForm(forms.Form):
    """Which session, and whether an organisation proposes."""

    call = forms.ModelChoiceField(
        Call.objects.none(), label=_("届次"), to_field_name="code", empty_label=None
    )
    body = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("提案组织（集体提案填写）"),
        required=False,
        to_field_name="code",
        empty_label=_("个人或联名提案"),
    )


@dataclass(frozen=True)
class Read:
    """A file as read: what was recognised, and what was not."""

    name: str
    data: bytes
    text: Extracted
    found: ProposalReading
    notes: tuple[str, ...]

    @property
    def recognised(self) -> list[tuple[Any, str, str]]:
        """What was read as what: its name, the lines where it stands, how it begins."""
        found = self.found
        rows: list[tuple[Any, str, str]] = []

        def add(label: Any, value: str, at: Lines) -> None:
            rows.append((label, lines(at), value if len(value) <= 40 else value[:40] + "…"))

        labels = {name: field.label for name, field in ProposalForm.base_fields.items()}
        if found.title:
            add(labels["title"], found.title.value, found.title.at)
        if found.category:
            add(labels["category"], found.category.value, found.category.at)
        if found.collective:
            add(phrases.BODY, found.collective.value, found.collective.at)
        for label, names in ((phrases.PROPOSER, found.proposers), (phrases.COSIGNER, found.cosigners)):
            for name in names:
                add(label, name.value, name.at)
        for key, kind in READ_AS.items():
            if kind in found.parts:
                add(labels[key], found.parts[kind].text, found.parts[kind].at)
        for line in found.other:
            add(phrases.OTHER_LINE, line.value, line.at)
        return rows

    @property
    def content(self) -> dict[str, Any]:
        parts = {
            key: self.found.parts[kind].text for key, kind in READ_AS.items() if kind in self.found.parts
        }
        return {
            "title": self.found.title.value if self.found.title else "",
            "category": self.found.category.value if self.found.category else "",
            **parts,
        }


def lines(at: Lines | None) -> str:
    """Where something stands, for people; empty if it stands nowhere."""
    if at is None:
        return ""
    said = phrases.LINE if at.first == at.last else phrases.LINES
    return str(said) % {"first": at.first, "last": at.last}


def read_file(upload: UploadedFile[Any]) -> Read:
    """The uploaded file as a proposal. Raises ``ReadingError`` with a code that says what is wrong."""
    return read_bytes(upload.name or "", upload.read())


def read_bytes(name: str, data: bytes) -> Read:
    """A file's bytes as a proposal. Raises ``ReadingError``."""
    text = extract_text(data, name, max_bytes=settings.UPLOAD_LIMIT)
    found = read_proposal(text.text)
    notes = []
    for notice in (*text.warnings, *found.notices):
        said, where = say(notice.code, notice.params, language()), lines(notice.at)
        notes.append(str(phrases.AT) % {"where": where, "what": said} if where else said)
    for key, kind in READ_AS.items():
        if kind not in found.parts:
            notes.append(str(phrases.MISSING_PART) % {"part": PARTS[key]})
    return Read(name, data, text, found, tuple(dict.fromkeys(notes)))


class Others:
    """What a text can be like: the session's proposals that a person may see, and what is published of it."""

    def __init__(self, call: Call, person: Person, seats: list[Seat], besides: Case | None = None) -> None:
        cases = visible_cases(person, seats).filter(call=call, parent__isnull=True)
        if besides is not None:
            cases = cases.exclude(pk=besides.pk)
        rows = (
            Version.objects.filter(paper__kind="proposal", paper__case__in=cases.order_by().values("pk"))
            .order_by("-paper__case", "-n")
            .values_list(
                "paper__case__code",
                "paper__case__number",
                "paper__case__title",
                "paper__case__stage",
                "text",
            )[:MAX_SIMILAR]
        )
        kind = kind_of(call.kind)
        self.texts: dict[str, str] = {}
        self.shown: dict[str, dict[str, Any]] = {}
        for code, number, title, stage, text in rows:
            if code not in self.texts:
                self.texts[code] = text
                label = kind.stage(stage).label
                self.shown[code] = {
                    "number": number,
                    "title": title,
                    "url": f"/desk/cases/{code}/",
                    "code": code,
                    "label": label,
                }
        published = SearchEntry.objects.filter(publication__isnull=False, publication__case__call=call)
        for slug, title, text in published.order_by("-at").values_list("publication__slug", "title", "text")[
            :MAX_SIMILAR
        ]:
            key = f"published {slug}"
            self.texts[key] = text
            self.shown[key] = {"title": title, "url": f"/replies/{slug}/", "label": phrases.PUBLISHED}

    def like(self, text: str) -> list[dict[str, Any]]:
        """Those that say much the same, nearest first, with the words they share."""
        found: list[Similar] = rank_similar(text, self.texts, limit=5)
        return [{**self.shown[s.key], "score": round(s.score * 100), "shared": s.shared[:4]} for s in found]


def _may_propose(seats: list[Seat], call: Call) -> Seat | None:
    """The seat with which one proposes in this session: a member's, or a contact's."""
    mine = [s for s in seats if s.role in {"member", "deputy"} and s.organisation_id == call.owner_id]
    return next(iter(mine), None) or next((s for s in seats if s.role == "contact"), None)


def bodies() -> QuerySet[Organisation]:
    """Who may propose as a body."""
    kinds = ["group", "association", "conference"]
    return Organisation.objects.filter(kind__in=kinds, merged_into__isnull=True).order_by("name")


@signed_in
def new(request: HttpRequest) -> HttpResponseBase:
    """Begin a draft in an open session. The registry does that for others where paper comes in."""
    seats = seats_at(request)
    every = session_calls()
    calls = [c for c in every if _may_propose(seats, c)]
    form = NewForm(request.POST or None)
    form.fields["call"].queryset = Call.objects.filter(pk__in=[c.pk for c in calls])  # type: ignore[attr-defined]
    if any(s.role == "contact" for s in seats):
        form.fields["body"].queryset = bodies()  # type: ignore[attr-defined]
    else:
        del form.fields["body"]
    owners = {s.organisation_id for s in seats if s.role == "registry"}
    shown = {
        "form": form,
        "calls": calls,
        "any": bool(every),
        "intake": any(c.owner_id in owners for c in every),
        "crumbs": crumbs((phrases.NEW, "")),
    }
    if request.method == "POST" and form.is_valid():
        call = form.cleaned_data["call"]
        seat = _may_propose(seats, call)
        body = form.cleaned_data.get("body")
        if seat is not None and seat.role == "contact" and body is None:
            form.add_error("body", str(phrases.BODY_NEEDED))
        else:
            case = start_draft(call, seat, body=body)
            messages.success(request, str(phrases.STARTED))
            return redirect(f"{case.get_absolute_url()}proposal/")
    return render(request, "desk/writing/new.html", shown, status=422 if form.errors else 200)


@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    """The editor of a draft; whoever may not write reads the paper instead."""
    case = my_case(request, code)
    verb = verb_with(case, "proposal")
    seats = seats_at(request)
    ctx, seat = writing_seat(case, verb, seats)
    version = ctx.current("proposal")
    if seat is None:
        if version is not None:
            return redirect(f"{case.get_absolute_url()}papers/{version.paper.code}/")
        return refuse(request, case, verb)
    posted = request.method == "POST"
    base = request.POST.get("base", "") if posted else version.digest if version else ""
    shown = frame(case, verb) | {"seat": seat, "version": version, "base": base, "unsaved": posted}
    status = 200
    if not posted:
        form = ProposalForm(initial=version.content if version else {"consent": True})
    else:
        (op, knows), upload = saving(request), request.FILES.get("file")
        form = ProposalForm(request.POST)
        if op == "import":
            form, status, shown["read"] = _import(request, upload, form)
        elif op == "similar":
            said = {key: request.POST.get(key, "") for key in MUST}
            shown["similar"] = Others(case.call, me(request), seats, case).like(text_of("proposal", said))
        elif form.is_valid():
            try:
                done, newer = save(case, verb, by=seat, content=form.content(), knows=knows)
            except Refused as refusal:
                shown["reasons"], status = [str(r) for r in refusal.answer.reasons], 409
            else:
                if done is not None:
                    return _saved(request, case, ctx, seat, op, done.version.n if done.version else 0)
                if newer is not None:
                    content = form.content()
                    shown |= conflict(newer, content, text_of("proposal", content))
                    status = 409
        else:
            status = 422
    shown |= {"form": form.marked(), "missing": _missing(ctx) if not posted else []}
    return render(request, "desk/writing/proposal.html", shown, status=status)


def _saved(request: HttpRequest, case: Case, ctx: Context, seat: Seat, op: str, n: int) -> HttpResponseBase:
    """Where one goes after saving: on with writing, back to the case, or to where it is submitted."""
    messages.success(request, str(phrases.SAVED) % {"n": n})
    send = ctx.kind.verb(SEND)
    if op == "submit" and send is not None:
        return redirect(address_of(case, send, seat))
    return redirect(case.get_absolute_url() if op == "done" else request.path)


def _missing(ctx: Context) -> list[str]:
    """What the saved draft lacks before it may be submitted."""
    send = ctx.kind.verb(SEND)
    if send is None or ctx.case.stage not in send.source:
        return []
    ctx.verb = send
    return [str(p) for p in missing(ctx)]


def _import(
    request: HttpRequest, upload: UploadedFile[Any] | None, form: ProposalForm
) -> tuple[ProposalForm, int, Read | None]:
    """The form with what the file says; what was typed stays where the file says nothing."""
    if upload is None:
        messages.error(request, str(phrases.CHOOSE_FILE))
        return form, 422, None
    try:
        read = read_file(upload)
    except ReadingError as error:
        messages.error(request, say(error.code, error.params, language()))
        return form, 422, None
    typed = {key: request.POST.get(key, "") for key in ProposalForm.base_fields}
    filled = {**typed, **{key: value for key, value in read.content.items() if value}}
    messages.success(request, str(phrases.IMPORTED) % {"name": read.name})
    return ProposalForm(initial=filled), 200, read
