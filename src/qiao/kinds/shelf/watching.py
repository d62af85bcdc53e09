"""Saved searches of the market: who keeps one is told when an entry that fits is listed, in the same transaction.

A saved search is a Follow; only what everybody can read of an entry decides, and is said. A person is told of an entry
once, however many of their searches it fits and however often it is reviewed; people of its holder are not told.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation

from qiao.core.models import Follow, Mail, Notice, Person, Seat
from qiao.core.process import Context
from qiao.kinds import phrases
from qiao.kinds.shelf.entries import Listed
from qiao.kinds.shelf.glossary import groups, standing
from qiao.kinds.shelf.searching import cleaned, new_fits
from qiao.matching import Glossary

OF = "market"  # in Follow.search: which surface the search is of
MOST = 50  # saved searches of a person
LONGEST = 80  # characters of a name
MANAGE = "/desk/market/watch/"


class NameTakenError(ValueError):
    """The person has a saved search of that name."""


class TooManyError(ValueError):
    """The person keeps as many as one may."""


def watched(person: Person) -> list[Follow]:
    """The saved searches of a person, newest first."""
    return list(Follow.objects.filter(person=person, case__isnull=True, search__of=OF).order_by("-pk"))


def values_of(follow: Follow) -> dict[str, str]:
    found: Mapping[str, str] = (follow.search or {}).get("values", {})
    return dict(found)


def watch(person: Person, name: str, values: Mapping[str, str]) -> Follow:
    """Save a search under a name. Raises NameTakenError or TooManyError."""
    if Follow.objects.filter(person=person, case__isnull=True).count() >= MOST:
        raise TooManyError
    try:
        with transaction.atomic():
            return Follow.objects.create(
                person=person, name=name, search={"of": OF, "values": cleaned(values)}
            )
    except IntegrityError:
        raise NameTakenError from None


def unwatch(person: Person, pk: int) -> Follow | None:
    """Delete a saved search of this person, and the notices that came of it; None where they have no such one."""
    found = Follow.objects.filter(person=person, case__isnull=True, pk=pk).first()
    if found is not None:
        found.delete()
    return found


def tell(ctx: Context) -> None:
    """What the listing of an entry says to those who search for such: a notice, and a letter into the outbox."""
    version, holders = ctx.current("entry"), ctx.organisations("holder")
    if version is None or not holders or ctx.act is None:
        return
    entry = Listed(ctx.case, holders[0], dict(version.content), ctx.today)
    own = Seat.objects.filter(organisation__in=holders).held_on(ctx.today).values("person")
    told = Notice.objects.filter(act__case=ctx.case, follow__isnull=False).values("person")
    follows = list(
        Follow.objects.filter(case__isnull=True, search__of=OF)
        .exclude(person__in=own)
        .exclude(person__in=told)
        .select_related("person")
        .order_by("pk")
    )
    if not follows:
        return
    first: dict[int, Follow] = {}
    fitting = new_fits(entry, map(values_of, follows), Glossary(groups(standing())))
    for follow, fits in zip(follows, fitting, strict=True):
        if fits and (ctx.by is None or follow.person_id != ctx.by.person_id):
            first.setdefault(follow.person_id, follow)
    notices = [Notice(person_id=person, act=ctx.act, follow=follow) for person, follow in first.items()]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    state = Mail.State.APPROVED if settings.MAIL_AUTO else Mail.State.HELD
    letters = [_letter(ctx, entry, f, state) for f in first.values() if f.person.email]
    Mail.objects.bulk_create(letters)


def _letter(ctx: Context, entry: Listed, follow: Follow, state: str) -> Mail:
    person, title = follow.person, str(entry.content.get("title", ""))
    with translation.override(person.language):
        body = phrases.WATCH_BODY % {
            "person": person.name,
            "name": follow.name,
            "title": title,
            "holder": entry.holder.name,
            "url": settings.PUBLIC_ADDRESS + entry.url,
            "mine": settings.PUBLIC_ADDRESS + MANAGE,
        }
        return Mail(
            person=person,
            act=ctx.act,
            owner=ctx.case.call.owner,
            to=person.email,
            subject=str(phrases.WATCH_SUBJECT % {"title": title})[:200],
            body=body,
            state=state,
        )
