"""A file that is too large, sent along with a page full of typed text: said, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.factories import World, new_proposal

SignIn = Callable[..., Any]
TYPED = "这一段还没有保存"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "50MB.docx"
    path.write_bytes(b"\0" * 50 * 1024 * 1024)
    return path


def fill_in(page: Any, case: Any, large: Path) -> None:
    page.goto(f"/desk/cases/{case.code}/proposal/")
    page.fill("textarea[name=background]", TYPED)
    page.locator("details.panel summary").first.click()
    page.set_input_files("input[name=file]", large)
    page.locator("button[value=import]").click()


def test_it_is_not_even_sent(world: World, sign_in: SignIn, large: Path) -> None:
    page = sign_in(world.members[0].person.name)
    fill_in(page, new_proposal(world), large)
    page.get_by_role("alert").get_by_text("50.0 MB").wait_for()
    assert "20" in page.get_by_role("alert").inner_text()
    assert page.input_value("textarea[name=background]") == TYPED
    page.set_input_files("input[name=file]", [])
    page.locator("button.button-primary[value=save]").click()
    page.wait_for_load_state()
    assert page.input_value("textarea[name=background]") == TYPED


def test_without_script_the_way_back_keeps_it(
    world: World, sign_in: SignIn, large: Path, allowed_errors: list[str]
) -> None:
    allowed_errors.append("status of 413")
    page = sign_in(world.members[0].person.name, java_script_enabled=False)
    fill_in(page, new_proposal(world), large)
    page.get_by_text("后退键").wait_for()
    page.go_back()
    assert page.input_value("textarea[name=background]") == TYPED
