"""An outsider checks a public reply with the published script, against what is really served."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client

from qiao.core import history
from qiao.core.acts import act
from qiao.core.models import Act, DailyRoot, Publication
from qiao.portal import verify_history
from tests.factories import World, at

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "history.md"


@pytest.fixture
def fetched(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """The script's ``fetch``, through the test client."""

    def fetch(url: str) -> Any:
        return json.loads(visitor.get("/" + url.split("/", 3)[3]).content)

    monkeypatch.setattr(verify_history, "fetch", fetch)
    return fetch


def check(published: Publication) -> tuple[list[str], int]:
    return verify_history.check(f"http://any/replies/{published.slug}.json")


def test_script_runs_against_a_server(
    published: Publication, live_server: Any, settings: Any, visitor: Client
) -> None:
    """As somebody at another machine would: the downloaded file, a bare Python, the served addresses."""
    settings.PUBLIC_ADDRESS = live_server.url
    script = visitor.get("/history/verify_history.py").content
    url = f"{live_server.url}/replies/{published.slug}.json"
    done = subprocess.run(
        [sys.executable, "-I", "-", url], input=script, capture_output=True, check=False, timeout=60
    )
    assert done.stdout.decode() == "All hashes fit.\n0 acts are in no daily root yet.\n", done.stderr.decode()
    assert done.returncode == 0


def test_all_fits(fetched: Any, published: Publication) -> None:
    assert check(published) == ([], 0)


def test_acts_of_today_wait_for_their_root(fetched: Any, published: Publication, world: World) -> None:
    act(published.case.parent, "change_result", by=world.registry, data={"result": "reference"}, reason="x")  # type: ignore[arg-type]
    assert check(published) == ([], 1)


def change(number: int, **values: Any) -> None:
    """As somebody with the database would, past everything that forbids it."""
    QuerySet(Act).filter(pk=number).update(**values)


def test_changes_are_found(fetched: Any, published: Publication) -> None:
    public = Act.objects.get(case=published.case, verb="publish")
    change(public.pk, data={"basis": "另一依据"})
    assert [f for f in check(published)[0] if "reason or data" in f]
    change(public.pk, data=public.data)
    assert check(published) == ([], 0)

    later = at("2024-05-01")
    change(public.pk, at=later)
    assert [f for f in check(published)[0] if "hash does not fit" in f]
    public.at = later
    change(public.pk, hash=history.act_hash(public, published.case.code))
    faults, waiting = check(published)
    assert faults  # the next act still names the old hash
    assert waiting == 1  # and the new hash stands in no published root


def test_a_removed_act_is_found(fetched: Any, published: Publication) -> None:
    QuerySet(Act).filter(case=published.case, verb="vet").delete()
    assert [f for f in check(published)[0] if "missing" in f]


def test_a_changed_letter_is_found(
    fetched: Any, published: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(url: str) -> Any:
        data = fetched(url)
        if "letter" in data:
            data["letter"]["title_lines"] = ["另一份答复"]
        return data

    monkeypatch.setattr(verify_history, "fetch", fetch)
    assert check(published)[0] == ["letter: its digest does not fit"]


def test_changed_root_file_is_found(fetched: Any, published: Publication) -> None:
    root = DailyRoot.objects.latest("day")
    DailyRoot.objects.filter(pk=root.pk).update(root="0" * 64)
    assert check(published)[0]


def test_redacted_act_still_verifies(fetched: Any, published: Publication, world: World) -> None:
    from qiao.core.acts import redact

    public = Act.objects.get(case=published.case, verb="publish")
    redact(public, by=world.registry, reason="个人信息")
    faults, waiting = check(published)
    assert (faults, waiting) == ([], 1)
    data = fetched(f"http://any/replies/{published.slug}.json")
    shown = next(
        a for a in data["history"][published.case.code] if a.get("header", {}).get("verb") == "publish"
    )
    assert shown["body"] is None
    assert shown["redacted"]


def test_root_files_are_those_of_the_core(visitor: Client, published: Publication) -> None:
    for root in DailyRoot.objects.all():
        assert visitor.get(f"/history/roots/{root.day}.json").json() == history.root_file(root)


def test_document_holds_the_script() -> None:
    """docs/history.md shows the very script that is served."""
    assert Path(verify_history.__file__).read_text(encoding="utf-8").strip() in DOCUMENT.read_text(
        encoding="utf-8"
    )
