"""The language of the house, in which everything is stored, and that of the page somebody reads."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation


def as_stored() -> translation.override:
    """Whatever is stored or goes into a letter is said in the language of the house, never in the actor's."""
    return translation.override(settings.LANGUAGE_CODE)


def language() -> str:
    """``zh`` or ``en``, as the present page speaks."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh"
