"""Put the sample district into an empty database, or take everything out again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.core.management import call_command
from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from qiao.core import history, search
from qiao.core.clocks import now
from qiao.core.models import Act, Call, Case, Mail, Notice, Organisation, Person
from qiao.demo.district import PASSWORD, District, build, sign_ins
from qiao.demo.firms import settle_facts
from qiao.demo.market import open_market
from qiao.demo.neighbours import count, settle_in
from qiao.demo.replay import replay
from qiao.demo.scenarios import open_scenarios
from qiao.demo.support import open_support

STEPS = 4 + count()
RECENT_DAYS = 12


def is_empty() -> bool:
    """No person, organisation or case is there yet (accounts do not count)."""
    return not (Organisation.objects.exists() or Case.objects.exists() or Person.objects.exists())


def is_only_fiction() -> bool:
    """Everybody in the database is made up."""
    return not Person.objects.filter(fictional=False).exists()


def reset() -> None:
    """Take everything out of the database."""
    call_command("flush", interactive=False, verbosity=0)


@transaction.atomic
def load(advance: Callable[[], None] = lambda: None) -> District:
    """Build the sample district; ``advance`` is called after each of :data:`STEPS` steps."""
    district = build()
    for organisation in Organisation.objects.all():
        search.index_organisation(organisation)
    for call in Call.objects.all():
        search.index_call(call)
    advance()
    replay(district)
    advance()
    settle_in(district, advance)
    settle_facts(district)
    open_support(district)
    open_market(district)
    open_scenarios(district)
    advance()
    settle_mail()
    history.make_roots()
    advance()
    return district


def settle_mail() -> None:
    """Letters and notices of long ago were sent and read; those of the last days wait for somebody."""
    recent = now() - dt.timedelta(days=RECENT_DAYS)
    moment = Act.objects.filter(pk=OuterRef("act")).values("at")[:1]
    Mail.objects.update(made_at=Subquery(moment))
    Mail.objects.filter(made_at__lt=recent).update(state=Mail.State.SENT, sent_at=F("made_at"))
    Notice.objects.filter(act__at__lt=recent).update(read_at=recent)


__all__ = ["PASSWORD", "STEPS", "is_empty", "is_only_fiction", "load", "reset", "sign_ins"]
