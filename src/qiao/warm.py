"""What a server process does once, before it answers: read what every request needs, and settle the memory."""

from __future__ import annotations

import gc

from django.conf import settings
from django.urls import get_resolver
from django.utils import translation

from qiao.core.policies import library

YOUNG = 20_000  # new objects before the collector looks at them; a page makes thousands, and drops them again


def warm() -> None:
    """Import all pages, read texts and policies, then keep what is there out of the collector's sight.

    A full collection walks over a quarter of a million objects that never go away, which takes 50 to 130 ms in the
    middle of somebody's request.
    """
    get_resolver().url_patterns  # noqa: B018 (imports every page)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):  # reads its texts
            pass
    library()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
