"""A share of the places of every list goes to entries that seldom appear: how many, to whom, and for a day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from qiao.core.models import Case
from qiao.core.rulebook import rulebook
from qiao.kinds.shelf import fitting as shelf
from qiao.kinds.shelf.entries import Listed, listed, listed_entry
from qiao.kinds.shelf.numbers import numbers
from qiao.matching import measure
from tests.integration.core.test_shelves import NEED, OFFER, Shelves
from tests.integration.portal.test_market import signed_in

pytestmark = pytest.mark.django_db
LISTED, NEXT, LATER = "2024-03-04T10:00+08:00", "2024-03-05T10:00+08:00", "2024-03-05T18:00+08:00"
OFFERS, PRICED_OUT = 24, 4


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


@pytest.fixture
def need(shelves: Shelves) -> Iterator[Case]:
    """Two needs, and more offers that fit than a list has places: the best ten are always the same."""
    with time_machine.travel(LISTED):
        found = [shelves.listed(shelves.need, shelves.hospital, NEED) for _ in range(2)]
        for number in range(OFFERS + PRICED_OUT):
            dear = number >= OFFERS
            shelves.listed(
                shelves.offer, shelves.firm, OFFER,
                description=["支持方言的语音识别，用于门诊导诊。" + f"另有{'数据' * (number + 1)}。"],
                budget_low=["500" if dear else "30"],
            )  # fmt: skip
    with time_machine.travel(NEXT):
        yield found[0]


def entry(case: Case) -> Listed:
    found = listed_entry(case.code)
    assert found is not None
    return found


def codes(found: shelf.Found) -> list[str]:
    return [m.profile.id for m in found.fit]


def without(monkeypatch: pytest.MonkeyPatch, case: Case, count: int) -> list[str]:
    with monkeypatch.context() as patched:
        patched.setattr(shelf, "spread_share", lambda: 0.0)
        return codes(shelf.fitting(entry(case), count))


def test_the_share_is_a_legal_value_with_a_source() -> None:
    told = rulebook(shelf.RULES).values["shelf_spread"]
    assert (shelf.spread_share(), told["confirmed"]) == (0.2, False) and told["source"]


def test_the_last_places_go_to_those_who_seldom_appear(need: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    best = without(monkeypatch, need, 30)
    assert len(best) == OFFERS  # who fails the price is not among them
    found = shelf.fitting(entry(need), 10)
    assert codes(found)[:8] == best[:8] and len(found.fit) == 10
    kept = codes(found)[8:]
    assert kept == list(found.rare) == best[10:12]  # the best of those who stand in no list of ten
    assert set(found.rare.values()) == {0} and found.lists == 2
    assert all(not m.failed for m in found.fit)
    assert shelf.rare(found, kept[0]).startswith("抽看的2份名单里它只出现过0次。每份名单20%的名次")
    assert shelf.rare(found, best[0]) == ""
    assert [m.failed for m in found.near if m.profile.id in best] == []


def test_a_day_has_one_list(shelves: Shelves, need: Case) -> None:
    first = codes(shelf.fitting(entry(need), 5))
    with time_machine.travel(LATER):
        new = shelves.listed(shelves.need, shelves.other, NEED)  # what comes today moves nobody
        shelf._seen.clear()  # as after a restart
        assert codes(shelf.fitting(entry(need), 5)) == first
        assert codes(shelf.fitting(entry(new), 5)) == first


def test_short_lists_and_no_share_stay_as_they_are(
    shelves: Shelves, need: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shelf.fitting(entry(need), 3)  # a fifth of three places is none
    assert codes(found) == without(monkeypatch, need, 3) and not found.rare
    found = shelf.fitting(entry(need), 40)
    assert codes(found) == without(monkeypatch, need, 40) and not found.rare


def test_the_measure_reflects_it(need: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    told = numbers()
    plain = measure([without(monkeypatch, need, 10)] * 2, [one.code for one in listed("offer")])
    assert (plain.shown, told.exposure.shown) == (10, 10)  # two lists alike: other ten, as many
    best, kept = without(monkeypatch, need, 10), {one.code for one in told.never}
    assert kept >= set(best[8:]) and told.share == 0.2


def test_pages_mark_such_a_place_and_say_why(shelves: Shelves, client: Client, need: Case) -> None:
    page = client.get(f"/market/{need.code}/").content.decode()
    assert page.count(">少见</span>") == 1 and "只出现过0次" in page
    page = signed_in(shelves.hospital).get(f"/desk/market/{need.code}/").content.decode()
    assert page.count(">少见</span>") == 1 and "只出现过0次" in page
    page = signed_in(shelves.editor).get("/desk/market/numbers/").content.decode()
    assert "每份名单20%的名次留给少见的条目" in page


def test_lists_cost_the_same_for_many_entries(
    client: Client, need: Case, django_assert_max_num_queries: Any
) -> None:
    shelf._seen.clear()
    listed()
    with django_assert_max_num_queries(12):
        shelf.fitting(entry(need))
    with django_assert_max_num_queries(8):
        shelf.fits("offer", listed("need"))
    with django_assert_max_num_queries(15):
        assert client.get(f"/market/{need.code}/").status_code == 200
