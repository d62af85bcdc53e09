from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.factories import World, build_world


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A page in English leaves its language to the thread: the next test begins in the district's own."""
    translation.deactivate()
    yield
    translation.deactivate()
