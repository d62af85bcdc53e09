"""Writing a proposal: a draft of one's own, three mandatory parts, similar ones, a file to read in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.language import language
from qiao.core.models import Call, Organisation, Seat
from qiao.desk import phrases_writing as phrases
from qiao.desk.shared import crumbs, my_case, signed_in
from qiao.desk.writing.reply import frame, refuse, verb_with, writing_seat
from qiao.kinds.alike import alike
from qiao.kinds.phrases import PARTS
from qiao.kinds.proposal import session_calls, start_draft
from qiao.letters.reading import (
    Extracted,
    ProposalReading,
    ReadingError,
    extract_text,
    read_proposal,
    say,
)

READ_AS = {"background": "background", "problem": "problem", "suggestions": "suggestion"}


class OwedField(forms.CharField):
    """Text that a draft may still lack and a submission may not: marked like a required field."""

    owed = True


def long_text(label: Any, rows: int) -> OwedField:
    return OwedField(
        label=label, required=False, max_length=20000, widget=forms.Textarea(attrs={"rows": rows})
    )


class ProposalForm(forms.Form):
    """A draft may be saved incomplete; what is missing is said, and refused at submission."""

    title = OwedField(label=_("案由"), max_length=300, required=False)
    category = forms.CharField(label=_("分类"), max_length=80, required=False)
    background = long_text(_("背景情况"), 6)
    problem = long_text(_("问题及分析"), 8)
    suggestions = long_text(_("具体建议"), 10)
    wish_lead = forms.CharField(label=_("建议主办单位"), max_length=200, required=False)
    wish_co = forms.CharField(label=_("建议会办单位"), max_length=200, required=False)
    consent = forms.BooleanField(label=_("同意公开提案答复"), required=False)
    consent_reason = forms.CharField(label=_("不同意公开的原由"), max_length=300, required=False)


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
    def content(self) -> dict[str, Any]:
        parts = {
            key: self.found.parts[kind].text for key, kind in READ_AS.items() if kind in self.found.parts
        }
        return {
            "title": self.found.title.value if self.found.title else "",
            "category": self.found.category.value if self.found.category else "",
            "wish_lead": self.found.wishes.lead[:200],
            "wish_co": self.found.wishes.co[:200],
            "consent": self.found.wishes.consent is not False,  # unsaid counts as yes, as on the form
            "consent_reason": self.found.wishes.consent_reason[:300],
            **parts,
        }


def read_file(upload: UploadedFile[Any]) -> Read:
    """The uploaded file as a proposal. Raises ``ReadingError`` with a code that says what is wrong."""
    data = upload.read()
    name = upload.name or ""
    text = extract_text(data, name, max_bytes=settings.UPLOAD_LIMIT)
    found = read_proposal(text.text)
    notes = [say(n.code, n.params, language()) for n in (*text.warnings, *found.notices)]
    for key, kind in READ_AS.items():
        if kind not in found.parts:
            notes.append(str(phrases.MISSING_PART) % {"part": PARTS[key]})
    if found.other:
        notes.append(str(phrases.LEFT_OVER) % {"lines": "；".join(line.value for line in found.other)[:600]})
    if found.wishes.consent is False:
        notes.append(str(phrases.NOT_CONSENTING))
    return Read(name, data, text, found, tuple(dict.fromkeys(notes)))


def _may_propose(seats: list[Seat], call: Call) -> Seat | None:
    """The seat with which one proposes in this session: a member's, a contact's or the registry's."""
    roles = {"member", "deputy", "contact", "registry"}
    mine = [s for s in seats if s.role in roles and s.organisation_id == call.owner_id]
    return mine[0] if mine else next((s for s in seats if s.role == "contact"), None)


@signed_in
def new(request: HttpRequest) -> HttpResponseBase:
    """Begin a draft in an open session."""
    seats = seats_at(request)
    calls = [c for c in session_calls() if _may_propose(seats, c)]
    form = NewForm(request.POST or None)
    form.fields["call"].queryset = Call.objects.filter(pk__in=[c.pk for c in calls])  # type: ignore[attr-defined]
    own = {s.organisation_id for s in seats if s.role == "contact"}
    bodies = Organisation.objects.filter(pk__in=own)
    form.fields["body"].queryset = bodies  # type: ignore[attr-defined]
    if not own:
        del form.fields["body"]
    shown = {"form": form, "calls": calls, "crumbs": crumbs((phrases.NEW, ""))}
    if request.method == "POST" and form.is_valid():
        call = form.cleaned_data["call"]
        seat = _may_propose(seats, call)
        body = form.cleaned_data.get("body")
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
    shown = frame(case, verb) | {"seat": seat, "version": version}
    initial = version.content if version else {"consent": True}
    status = 200
    if request.method != "POST":
        form = ProposalForm(initial=initial)
    else:
        op, upload = request.POST.get("op", "save"), request.FILES.get("file")
        form = ProposalForm(request.POST)
        if op == "import":
            form, status = _import(request, upload, form)
        elif op == "similar":
            text = "\n".join(
                request.POST.get(key, "") for key in ("title", "background", "problem", "suggestions")
            )
            shown["similar"] = alike(case.call, text, besides=case)
        elif form.is_valid():
            try:
                done = act(case, verb.code, by=seat, content=form.cleaned_data)
            except Refused as refusal:
                shown["reasons"], status = [str(r) for r in refusal.answer.reasons], 409
            else:
                messages.success(request, str(phrases.SAVED) % {"n": done.version.n if done.version else 0})
                return redirect(case.get_absolute_url() if op == "done" else request.path)
        else:
            status = 422
    shown["form"] = form
    return render(request, "desk/writing/proposal.html", shown, status=status)


def _import(
    request: HttpRequest, upload: UploadedFile[Any] | None, form: ProposalForm
) -> tuple[ProposalForm, int]:
    """The form with what the file says; what was typed stays where the file says nothing."""
    if upload is None:
        messages.error(request, str(phrases.CHOOSE_FILE))
        return form, 422
    try:
        read = read_file(upload)
    except ReadingError as error:
        messages.error(request, say(error.code, error.params, language()))
        return form, 422
    typed = {key: request.POST.get(key, "") for key in ProposalForm.base_fields}
    said = {key: value for key, value in read.content.items() if value and key != "consent"}
    if read.found.wishes.consent is not None:
        said["consent"] = read.found.wishes.consent
    filled = {**typed, **said}
    messages.success(request, str(phrases.IMPORTED) % {"name": read.name})
    for note in read.notes:
        messages.warning(request, note)
    return ProposalForm(initial=filled), 200
