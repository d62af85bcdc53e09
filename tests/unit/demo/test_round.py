"""A round of scenarios in the sample district: as large as the reply says."""

from __future__ import annotations

from qiao.demo.scenarios import SMALL, intents_on, round_at


def test_the_round_of_a_whole_district_is_that_of_the_reply() -> None:
    """300 demands → 20 scenarios → 800 bids → 10 first results (reply 065)."""
    size = round_at(6100)
    assert (size.demands, size.listed, size.results) == (300, 20, 10)
    assert sum(intents_on(size, n) for n in range(size.listed)) == 800


def test_every_size_has_scenarios_at_every_stage() -> None:
    for size in (SMALL, round_at(300), round_at(1000)):
        found = [intents_on(size, n) for n in range(size.listed)]
        assert found[: size.results] == [size.intents] * size.results
        assert all(n >= 0 for n in found)
