"""The language of the house, in which everything is stored."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation


def as_stored() -> translation.override:
    """Whatever is stored or goes into a letter is said in the language of the house, never in the actor's."""
    return translation.override(settings.LANGUAGE_CODE)
