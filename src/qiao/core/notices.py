"""Telling people: a notice in the desk for whoever an act concerns, a letter in the outbox where the verb says so."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import translation

from qiao.core import phrases
from qiao.core.clocks import SHANGHAI, now
from qiao.core.forms import one_line
from qiao.core.language import as_stored
from qiao.core.models import Case, Follow, Mail, Notice, Person, Seat
from qiao.core.process import Context, kind_of

LINK_DAYS = 7
STUCK = dt.timedelta(minutes=15)  # far longer than one letter can take (EMAIL_TIMEOUT)
ATTEMPTS = 2
SALT = "qiao.link"


def _seated(ctx: Context, role: str) -> list[Seat]:
    """Live seats of the organisations under a party role that handle such cases: those some verb names."""
    roles = {w.role for v in ctx.kind.verbs for w in v.who if w.of == role}
    organisations = ctx.organisation_ids(role)
    if not organisations or not roles:
        return []
    seats = Seat.objects.filter(organisation__in=organisations, role__in=roles).select_related("person")
    return list(seats.held_on(ctx.today))


def recipients(ctx: Context) -> dict[Person, Seat | None]:
    """Whom this act is told: the verb's party roles, whoever owes something now, followers; never the actor."""
    found: dict[Person, Seat | None] = {}
    for role in ctx.verb.tell:
        for person in ctx.persons(role):
            found.setdefault(person, None)
        for seat in _seated(ctx, role):
            found.setdefault(seat.person, seat)
    followed = Follow.objects.filter(case=ctx.case).select_related("person")
    for follow in followed:
        found.setdefault(follow.person, None)
    if ctx.by:
        found.pop(ctx.by.person, None)
    return found


def tell(ctx: Context) -> None:
    """Write the notices and letters of ``ctx.act``; part of the act's own transaction, so none is ever lost."""
    if not ctx.verb.tell and not Follow.objects.filter(case=ctx.case).exists():
        return
    told = recipients(ctx)
    Notice.objects.bulk_create([Notice(person=p, act=ctx.act) for p in told], ignore_conflicts=True)
    if not ctx.verb.mail:
        return
    state = Mail.State.APPROVED if settings.MAIL_AUTO else Mail.State.HELD
    letters = [_letter(ctx, person, seat, state) for person, seat in told.items() if person.email]
    Mail.objects.bulk_create(letters)


def _letter(ctx: Context, person: Person, seat: Seat | None, state: str) -> Mail:
    with translation.override(person.language):
        body = phrases.MAIL_BODY % {
            "person": person.name,
            "case": str(ctx.case),
            "verb": str(ctx.verb.label),
            "by": str(ctx.by.organisation) if ctx.by else str(phrases.TIMER),
            "at": ctx.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            "reason": ctx.reason,
            "url": settings.PUBLIC_ADDRESS + ctx.case.get_absolute_url(),
        }
        offers = [
            [verb.code, seat.pk, len(ctx.acts())]
            for verb in ctx.kind.verbs_from(ctx.case.stage)
            if seat and verb.link and any(w.role == seat.role for w in verb.who)
        ]
        return Mail(
            person=person,
            act=ctx.act,
            owner=ctx.case.call.owner,
            to=person.email,
            subject=one_line(phrases.MAIL_SUBJECT % {"verb": str(ctx.verb.label), "case": str(ctx.case)})[
                :200
            ],
            body=body,
            offers=offers,
            state=state,
        )


def link_token(case: Case, verb: str, seat_id: int, step: int) -> str:
    """A signed token: this seat may do this verb while the case has ``step`` acts, within a week."""
    return signing.dumps([case.code, verb, seat_id, step], salt=SALT, compress=True)


def links_text(mail: Mail) -> str:
    """The paragraph with the reader's own links, made at the moment of sending."""
    if mail.act is None:
        return ""
    case = mail.act.case
    kind = kind_of(case.kind, case.kind_version)
    with translation.override(mail.person.language):
        lines = [
            phrases.MAIL_LINK
            % {
                "verb": verb.label,
                "url": f"{settings.PUBLIC_ADDRESS}/link/{link_token(case, code, seat_id, step)}/",
            }
            for code, seat_id, step in mail.offers
            if (verb := kind.verb(code))
        ]
        return phrases.MAIL_LINKS % {"days": LINK_DAYS} + "".join(lines) if lines else ""


def read_token(token: str) -> tuple[Case, str, Seat, bool]:
    """Case, verb, seat, and whether the case still stands where it stood. Raises ``signing.BadSignature``
    (``SignatureExpired`` after a week) for a forged, foreign or old token."""
    code, verb, seat_id, step = signing.loads(token, salt=SALT, max_age=dt.timedelta(days=LINK_DAYS))
    case = Case.objects.select_related("call__owner").get(code=code)
    seat = Seat.objects.select_related("person", "organisation").get(pk=seat_id)
    return case, verb, seat, case.acts.count() == step


def _take_back() -> None:
    """Letters whose sending was cut off come back.

    Whether such a letter has left cannot be known: the process may have died before the mail server took it, or after.
    It is tried once more, so that nobody gets one letter more than twice; cut off again, it waits as failed until a
    person has asked the reader.
    """
    stuck = Mail.objects.filter(state=Mail.State.SENDING, claimed_at__lt=now() - STUCK)
    stuck.filter(attempts__lt=ATTEMPTS).update(state=Mail.State.APPROVED)
    with as_stored():
        stuck.update(state=Mail.State.FAILED, error=str(phrases.MAIL_CUT_OFF))


def send_approved(limit: int = 200) -> tuple[int, int]:
    """Send what was approved. Returns how many were sent and how many failed; a failed one can be tried again."""
    _take_back()
    sent = failed = 0
    waiting = Mail.objects.filter(state=Mail.State.APPROVED).select_related("act__case", "person")
    for mail in waiting.order_by("made_at")[:limit]:
        mine = Mail.objects.filter(pk=mail.pk, state=Mail.State.APPROVED).update(
            state=Mail.State.SENDING, claimed_at=now(), attempts=F("attempts") + 1
        )
        if not mine:
            continue  # another process has taken it
        try:
            EmailMessage(mail.subject, mail.body + links_text(mail), to=[mail.to]).send()
        except (OSError, ValueError) as error:  # of the mail server, or a header that cannot be one
            mail.state, mail.error = Mail.State.FAILED, str(error)[:300]
            failed += 1
        else:
            mail.state, mail.sent_at, mail.error = Mail.State.SENT, now(), ""
            sent += 1
        mail.save(update_fields=["state", "sent_at", "error"])
    return sent, failed


def unread(person: Person) -> int:
    return Notice.objects.filter(person=person, read_at__isnull=True).count()


__all__ = ["LINK_DAYS", "link_token", "read_token", "recipients", "send_approved", "tell", "unread"]
