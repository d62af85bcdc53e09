"""Put the sample district into an empty database, or take everything out again."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management import call_command

from qiao.core import history, search
from qiao.core.models import Call, Case, Organisation, Person
from qiao.demo.district import PASSWORD, District, build, sign_ins

STEPS = 1


def is_empty() -> bool:
    """No person, organisation or case is there yet (accounts do not count)."""
    return not (Organisation.objects.exists() or Case.objects.exists() or Person.objects.exists())


def is_only_fiction() -> bool:
    """Everybody in the database is made up."""
    return not Person.objects.filter(fictional=False).exists()


def reset() -> None:
    """Take everything out of the database."""
    call_command("flush", interactive=False, verbosity=0)


def load(advance: Callable[[], None] = lambda: None) -> District:
    """Build the sample district; ``advance`` is called after each of :data:`STEPS` steps."""
    district = build()
    for organisation in Organisation.objects.all():
        search.index_organisation(organisation)
    for call in Call.objects.all():
        search.index_call(call)
    advance()
    history.make_roots()
    return district


__all__ = ["PASSWORD", "STEPS", "is_empty", "is_only_fiction", "load", "reset", "sign_ins"]
