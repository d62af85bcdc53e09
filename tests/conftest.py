"""What every test may ask for: the database that QIAO_DATABASE_URL names, a real browser, folders of its own.

``page`` is a page in a real Chromium, at a live server with its own database; it fails its test when the browser
reports an error, a breach of the content security policy, or a request to another machine.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from qiao.cli.running import compile_translations

# No test is judged by the time it takes: machines are shared.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = Path(__file__).resolve().parent.parent / "var" / "test" / "pictures"
BREACHES = """
document.addEventListener("securitypolicyviolation", (e) => console.error(
    `Content security policy: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
"""
outcome = pytest.StashKey[dict[str, pytest.TestReport]]()


def pytest_sessionstart() -> None:
    """English is read from compiled catalogues, which a fresh checkout does not have."""
    compile_translations()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    item.stash.setdefault(outcome, {})[report.when] = report
    return report


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite is tested as it is used: in a file, with WAL and several connections, never in memory."""
    from django.db import connections

    for connection in connections.all():
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(
                tmp_path_factory.mktemp("database") / "test.sqlite3"
            )


@pytest.fixture(scope="session", autouse=True)
def folders_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploads and mail of tests go to a temporary folder, not to ``var/``."""
    from django.test import override_settings

    home = tmp_path_factory.mktemp("var")
    (home / "static").mkdir()
    with override_settings(
        MEDIA_ROOT=home / "files", EMAIL_FILE_PATH=home / "mail", STATIC_ROOT=home / "static"
    ):
        yield


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is. Without one the end-to-end tests fail: a test that is skipped proves nothing."""
    found = os.environ.get("QIAO_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not found:
        pytest.fail("No Chromium found. Run: sudo apt-get install -y chromium", pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    """One Chromium for all tests of a run."""
    from playwright.sync_api import sync_playwright

    # Playwright's synchronous interface runs an event loop in this thread; Django would refuse its database here.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def allowed_errors() -> list[str]:
    """Append a regular expression for a browser error that a test provokes, such as ``"status of 403"``."""
    return []


@pytest.fixture
def new_page(
    browser: Any, live_server: Any, allowed_errors: list[str], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Any]]:
    """Open a page with cookies of its own, as one person at one machine; options go to Playwright's context."""
    contexts: list[Any] = []
    problems: list[str] = []
    server = urlsplit(live_server.url).netloc

    def watch(page: Any) -> None:
        def hear(message: Any) -> None:
            if message.type == "error":
                problems.append(f"{page.url}: {message.text}")

        def look(sent: Any) -> None:
            address = urlsplit(sent.url)
            if address.scheme not in {"data", "blob", "about", "chrome-error"} and address.netloc != server:
                problems.append(f"{page.url} asks another machine: {sent.url}")

        page.on("console", hear)
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("request", look)

    def open_page(**options: Any) -> Any:
        options = {
            "base_url": live_server.url,
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "viewport": {"width": 1280, "height": 800},
            **options,
        }
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        context.add_init_script(BREACHES)
        context.on("page", watch)
        contexts.append(context)
        return context.new_page()

    yield open_page

    reports = request.node.stash.get(outcome, {})
    failed = any(report.failed for report in reports.values())
    unexpected = [
        line for line in problems if not any(re.search(pattern, line) for pattern in allowed_errors)
    ]
    if failed or unexpected:
        PICTURES.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", request.node.name)
        pages = [page for context in contexts for page in context.pages]
        for number, page in enumerate(pages, 1):
            page.screenshot(path=PICTURES / f"{name}-{number}.png", full_page=True)
    for context in contexts:
        context.close()
    if unexpected:
        pytest.fail("The browser reported:\n" + "\n".join(unexpected), pytrace=False)


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """One page in a real browser; ``page.goto("/")`` is the live server's front page."""
    return new_page()
