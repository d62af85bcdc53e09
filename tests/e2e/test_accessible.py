"""Every kind of page passes axe, fits a phone without sideways scrolling, and works in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.factories import World, advance, handling_of, new_proposal

SignIn = Callable[..., Any]


def problems(page: Any) -> list[str]:
    """What axe finds, and a page that is wider than its window."""
    found = [
        f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes'][:3]]}"
        for v in Axe().run(page).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"scrolls sideways by {wide} px"] if wide > 1 else [])


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_desk_pages(world: World, sign_in: SignIn, width: int, language: str) -> None:
    signing = advance(world, new_proposal(world), "signing")
    tracking = advance(world, new_proposal(world), "tracking")
    handling = handling_of(signing)
    size = {"width": width, "height": 844}
    pages = {
        world.lead.leader: [
            "/desk/",
            "/desk/cases/",
            f"/desk/cases/{handling.code}/",
            "/desk/sign/",
            f"/desk/cases/{handling.code}/sign/sign/",
            f"/desk/cases/{handling.code}/do/send_back/",
            "/desk/notices/",
        ],
        world.members[0]: ["/desk/", f"/desk/cases/{tracking.code}/"],
        world.registry: ["/desk/calendar/", f"/desk/cases/{tracking.code}/do/close/"],
    }
    failed = []
    for who, paths in pages.items():
        page = sign_in(who.person.name, viewport=size, locale=language)
        for path in paths:
            answer = page.goto(path)
            failed += [f"{path}: {p}" for p in problems(page)]
            if answer.status != 200:
                failed.append(f"{path}: {answer.status}")
    assert failed == []
