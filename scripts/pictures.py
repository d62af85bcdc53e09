"""Take the pictures of the documents again, from the sample district as it is served now.

    .venv/bin/qiao serve &  .venv/bin/python scripts/pictures.py [ADDRESS]

A real Chromium opens each page as its reader would; the files go to ``docs/pictures``.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SIZE = {"width": 1280, "height": 860}


def sign_in(page: Page, user: str) -> None:
    from qiao.demo.district import PASSWORD  # noqa: PLC0415  (Django has to be set up before)

    page.goto("/accounts/login/")
    page.fill("[name=login]", user)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/")


def desk(page: Page) -> None:
    """The sign page: a reply as it will look, and who has signed it."""
    sign_in(page, "leader")
    page.goto("/desk/sign/")
    page.click("main a[href$='/sign/sign/'] >> nth=-1")


def reply(page: Page) -> None:
    """The published reply of the sample, with its figures and promises."""
    page.goto("/replies/cppcc-15-3-065/")


def match(page: Page) -> None:
    """The best match of all needs on the shelf, its reasons opened."""
    best: tuple[int, str] = (-1, "")
    for path in _needs(page):
        page.goto(path)
        scores = page.locator(".results .muted", has_text="匹配度")
        if scores.count():
            said = scores.first.inner_text()
            best = max(best, (int("".join(c for c in said if c.isdigit())), path))
    page.goto(best[1])
    page.locator(".results summary").first.click()
    page.locator(".results").first.evaluate("list => list.previousElementSibling.scrollIntoView()")


def _needs(page: Page) -> list[str]:
    found: list[dict[str, Any]] = page.request.get("/api/v1/market?kind=need&limit=50").json()["items"]
    return [f"/market/{one['code']}/" for one in found]


PAGES: dict[str, Callable[[Page], None]] = {"desk": desk, "reply": reply, "match": match}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiao.settings")
    django.setup()
    address = sys.argv[1] if sys.argv[1:] else "http://127.0.0.1:8000"
    browser_path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for name, show in PAGES.items():
            page = browser.new_page(base_url=address, viewport=SIZE, locale="zh-CN")  # type: ignore[arg-type]
            page.goto("/about/")
            show(page)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / f"{name}.png")
            page.close()
            print(f"docs/pictures/{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
