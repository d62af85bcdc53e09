"""Incoming files: the registry reads them in, corrects what was recognised, and files them as proposals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from qiao.core.acts import Refused, act, add_party
from qiao.core.clocks import now
from qiao.core.identity import seats_at
from qiao.core.language import language
from qiao.core.models import Call, Case, Organisation, Person, Seat
from qiao.core.models.base import new_code
from qiao.desk import phrases_writing as phrases
from qiao.desk.shared import crumbs, signed_in
from qiao.desk.writing.proposal import ProposalForm, Read, read_file
from qiao.kinds.alike import Alike, alike
from qiao.kinds.proposal import session_calls, start_draft
from qiao.letters.reading import ReadingError, say

STASH, SALT = "intake", "qiao.intake"
KEEP = dt.timedelta(days=1)
MAX_FILES = 20


class IntakeForm(ProposalForm):
    """A proposal on paper as read, with who signed it."""

    proposer = forms.ModelChoiceField(
        Person.objects.none(), label=_("第一提案人（集体提案为联系人）"), to_field_name="code", required=False
    )
    cosigners = forms.ModelMultipleChoiceField(
        Person.objects.none(), label=_("联名人（已在纸面署名）"), to_field_name="code", required=False
    )
    body = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("提案组织（集体提案填写）"), to_field_name="code", required=False
    )
    stash = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Any, bodies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["proposer"].queryset = people  # type: ignore[attr-defined]
        self.fields["cosigners"].queryset = people  # type: ignore[attr-defined]
        self.fields["body"].queryset = bodies  # type: ignore[attr-defined]


@dataclass
class Item:
    """One file on the page: its form, what was read or went wrong, what is like it, what became of it."""

    name: str
    form: IntakeForm | None = None
    notes: tuple[str, ...] = ()
    error: str = ""
    similar: tuple[Alike, ...] = ()
    case: Case | None = None


def _registry_calls(seats: list[Seat]) -> list[Call]:
    owners = {s.organisation_id for s in seats if s.role == "registry"}
    return [c for c in session_calls() if c.owner_id in owners]


def _people(call: Call) -> Any:
    roles = ["member", "deputy", "contact"]
    return (
        Person.objects.filter(seats__role__in=roles, seats__organisation=call.owner_id)
        .distinct()
        .order_by("name")
    )


def _bodies() -> Any:
    return Organisation.objects.filter(kind__in=["group", "association", "conference"]).order_by("name")


def keep(read: Read) -> str:
    """Put the original aside until it is filed; gives the signed name under which it lies."""
    path = default_storage.save(f"{STASH}/{new_code()}", ContentFile(read.data))
    return signing.dumps([path, read.name], salt=SALT)


def kept(token: str) -> tuple[str, str, bytes] | None:
    """Path, name and bytes of an original put aside; None if it is gone or the token is not ours."""
    try:
        path, name = signing.loads(token, salt=SALT, max_age=KEEP)
        with default_storage.open(path) as file:
            return path, name, file.read()
    except (signing.BadSignature, OSError, ValueError):
        return None


def _sweep() -> None:
    """Originals that nobody filed within a day are dropped."""
    try:
        _folders, files = default_storage.listdir(STASH)
    except OSError:
        return
    for name in files:
        path = str(PurePosixPath(STASH) / name)
        if default_storage.get_created_time(path) < now() - KEEP:
            default_storage.delete(path)


def _match(names: list[str], people: list[Person]) -> tuple[list[Person], list[str]]:
    """Persons by name; a name that nobody or more than one bears is left to the registry."""
    found, notes = [], []
    for name in names:
        same = [p for p in people if p.name == name]
        if len(same) == 1:
            found.append(same[0])
        else:
            sentence = phrases.TWO_PERSONS if same else phrases.NOT_FOUND_PERSON
            notes.append(str(sentence) % {"name": name, "n": len(same)})
    return found, notes


def _item(read: Read, call: Call, number: int, people: list[Person]) -> Item:
    first, notes_first = _match([f.value for f in read.found.proposers[:1]], people)
    more = [f.value for f in (*read.found.proposers[1:], *read.found.cosigners)]
    others, notes_more = _match(more, people)
    form = IntakeForm(
        initial={
            **read.content,
            "proposer": first[0].code if first else None,
            "cosigners": [p.code for p in others],
            "stash": keep(read),
        },
        prefix=f"f{number}",
        people=_people(call),
        bodies=_bodies(),
    )
    notes = (*read.notes, *notes_first, *notes_more)
    return Item(read.name, form, notes, similar=tuple(alike(call, read.text.text)))


def file_one(form: IntakeForm, call: Call, seat: Seat) -> Case:
    """One paper proposal as a submitted case, with its original; all or nothing. Raises :class:`Refused`."""
    data = form.cleaned_data
    original = kept(data["stash"])
    content = {key: data[key] for key in ProposalForm.base_fields}
    with transaction.atomic():
        case = start_draft(call, seat, person=data["proposer"], body=data["body"])
        for person in data["cosigners"]:
            if person != data["proposer"]:
                add_party(case, "cosigner", person, order=9)  # signed on paper, so confirmed
        act(case, "save", by=seat, content=content, file=original[1:] if original else None)
        act(case, "submit", by=seat)
    if original:
        default_storage.delete(original[0])
    return case


@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    seats = seats_at(request)
    if not any(s.role == "registry" for s in seats):
        raise Http404
    calls = _registry_calls(seats)
    wanted = request.POST.get("call", "")
    call = next((c for c in calls if c.code == wanted), calls[0] if calls else None)
    items: list[Item] = []
    status = 200
    if request.method == "POST" and call is not None:
        if request.POST.get("op") == "read":
            items, status = _read(request, call)
        else:
            seat = next(s for s in seats if s.role == "registry" and s.organisation_id == call.owner_id)
            items, status = _file(request, call, seat)
            if items and all(item.case for item in items):
                return redirect("/desk/board/")
    shown = {"calls": calls, "call": call, "items": items, "crumbs": crumbs((phrases.INTAKE, ""))}
    return render(request, "desk/writing/intake.html", shown, status=status)


def _read(request: HttpRequest, call: Call) -> tuple[list[Item], int]:
    _sweep()
    uploads = request.FILES.getlist("files")[:MAX_FILES]
    if not uploads:
        messages.error(request, str(phrases.CHOOSE_FILE))
        return [], 422
    people = list(_people(call))
    items = []
    for number, upload in enumerate(uploads):
        try:
            items.append(_item(read_file(upload), call, number, people))
        except ReadingError as error:
            items.append(Item(upload.name or "", error=say(error.code, error.params, language())))
    return items, 422 if all(i.error for i in items) else 200


def _file(request: HttpRequest, call: Call, seat: Seat) -> tuple[list[Item], int]:
    """File every form that is sound; the others come back as they were typed, with what is wrong."""
    items, failed = [], False
    for number in range(MAX_FILES):
        prefix = f"f{number}"
        if f"{prefix}-stash" not in request.POST:
            continue
        form = IntakeForm(request.POST, prefix=prefix, people=_people(call), bodies=_bodies())
        original = kept(request.POST[f"{prefix}-stash"])
        item = Item(original[1] if original else "", form)
        items.append(item)
        if original is None:
            item.error = str(phrases.STASH_GONE)
        elif form.is_valid() and not form.cleaned_data["proposer"]:
            form.add_error("proposer", str(phrases.PROPOSER_NEEDED))
        elif form.is_valid():
            try:
                item.case = file_one(form, call, seat)
            except Refused as refused:
                item.error = str(refused)
            else:
                messages.success(request, str(phrases.IMPORTED_CASE) % {"title": item.case.title})
        failed |= item.case is None
    return [i for i in items if not i.case] if failed else items, 422 if failed else 200
