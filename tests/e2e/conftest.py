from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import PASSWORD, World, build_world


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


@pytest.fixture
def sign_in(new_page: Callable[..., Any]) -> Callable[..., Any]:
    """A page on which somebody has signed in through the form."""

    def enter(name: str, password: str = PASSWORD, **options: Any) -> Any:
        page = new_page(**options)
        page.goto("/accounts/login/")
        page.fill("[name=login]", name)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/desk/")
        return page

    return enter
