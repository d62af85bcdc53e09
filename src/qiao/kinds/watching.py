"""Saved searches: who keeps one is told when something that fits becomes public, in the same transaction.

A saved search is a Follow; only what everybody can read decides, and is said. A person is told once of an entry's
listing or a challenge's opening, however many of their searches it fits and however often it is reviewed; people of
its holders are not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation

from qiao.core.models import Follow, Mail, Notice, Organisation, Person, Seat
from qiao.core.process import Context, Text
from qiao.kinds import phrases
from qiao.kinds.searches import WATCHING, Surface

MOST = 50  # saved searches of a person
LONGEST = 80  # characters of a name


class NameTakenError(ValueError):
    """The person has a saved search of that name."""


class TooManyError(ValueError):
    """The person keeps as many as one may."""


def watched(person: Person) -> list[Follow]:
    """The saved searches of a person, newest first."""
    return list(Follow.objects.filter(person=person, case__isnull=True).order_by("-pk"))


def surface_of(follow: Follow) -> str:
    """Of which surface a saved search is."""
    return str((follow.search or {}).get("of", ""))


def values_of(follow: Follow) -> dict[str, str]:
    found: Mapping[str, str] = (follow.search or {}).get("values", {})
    return dict(found)


def watch(person: Person, surface: Surface, name: str, values: Mapping[str, str]) -> Follow:
    """Save a search under a name. Raises NameTakenError or TooManyError."""
    if Follow.objects.filter(person=person, case__isnull=True).count() >= MOST:
        raise TooManyError
    try:
        with transaction.atomic():
            return Follow.objects.create(
                person=person, name=name, search={"of": surface.of, "values": surface.cleaned(values)}
            )
    except IntegrityError:
        raise NameTakenError from None


def unwatch(person: Person, pk: int) -> Follow | None:
    """Delete a saved search of this person, and the notices that came of it; None where they have no such one."""
    found = Follow.objects.filter(person=person, case__isnull=True, pk=pk).first()
    if found is not None:
        found.delete()
    return found


@dataclass(frozen=True)
class News:
    """What became public: ``what`` it is, its title, whose it is, and its page (a path)."""

    what: Text
    title: str
    holder: Organisation
    url: str


Fitting = Callable[[Iterable[Mapping[str, str]]], Iterable[bool]]


def tell(ctx: Context, surface: Surface, news: News, fitting: Fitting) -> None:
    """Tell those whose saved search of ``surface`` it fits: a notice, and a letter into the outbox.

    ``fitting`` says of many searches at once which of them it fits.
    """
    if ctx.act is None:
        return
    own = Seat.objects.filter(organisation=news.holder).held_on(ctx.today).values("person")
    told = Notice.objects.filter(act__case=ctx.case, follow__isnull=False).values("person")
    follows = list(
        Follow.objects.filter(case__isnull=True, search__of=surface.of)
        .exclude(person__in=own)
        .exclude(person__in=told)
        .select_related("person")
        .order_by("pk")
    )
    if not follows:
        return
    first: dict[int, Follow] = {}
    for follow, fits in zip(follows, fitting(map(values_of, follows)), strict=True):
        if fits and (ctx.by is None or follow.person_id != ctx.by.person_id):
            first.setdefault(follow.person_id, follow)
    notices = [Notice(person_id=person, act=ctx.act, follow=follow) for person, follow in first.items()]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    state = Mail.State.APPROVED if settings.MAIL_AUTO else Mail.State.HELD
    letters = [_letter(ctx, news, follow, state) for follow in first.values() if follow.person.email]
    Mail.objects.bulk_create(letters)


def _letter(ctx: Context, news: News, follow: Follow, state: str) -> Mail:
    person = follow.person
    with translation.override(person.language):
        said = {
            "what": str(news.what),
            "person": person.name,
            "name": follow.name,
            "title": news.title,
            "holder": news.holder.name,
            "url": settings.PUBLIC_ADDRESS + news.url,
            "mine": settings.PUBLIC_ADDRESS + WATCHING,
        }
        return Mail(
            person=person,
            act=ctx.act,
            owner=ctx.case.call.owner,
            to=person.email,
            subject=str(phrases.WATCH_SUBJECT % said)[:200],
            body=str(phrases.WATCH_BODY % said),
            state=state,
        )
