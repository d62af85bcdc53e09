"""Loading the large sample that was stopped goes on, and gives what loading in one go gives."""

from __future__ import annotations

from typing import Any

import pytest

from qiao.core import history
from qiao.core.models import Case
from qiao.demo import loading
from qiao.demo.population import writing
from qiao.demo.population.plan import Scale
from tests.samples import digest


class Stopped(BaseException):
    """As Ctrl-C is one."""


@pytest.mark.django_db(transaction=True)
def test_stopped_anywhere_it_goes_on_to_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in every part, once within the firms: the rows are those of a district loaded in one go."""
    size = Scale(40)
    loading.load(scale=size)
    loading.grow(size)
    whole = digest()
    loading.reset()

    monkeypatch.setattr(writing, "BLOCK", 16)
    loading.load(scale=size)
    for part, after in [(0, 1), (0, 20), (0, 40), (1, 1), (2, 2), (3, 1), (4, 1), (5, 0)]:
        stop = loading.PARTS[part]

        def begun(one: loading.Part, total: int, stop: loading.Part = stop, after: int = after) -> Any:
            made = 0

            def advance(n: int) -> None:
                nonlocal made
                made += n
                if one is stop and made >= after:
                    raise Stopped

            if one is stop and not after:
                raise Stopped
            return advance

        with pytest.raises(Stopped):
            loading.grow(size, begun)
        assert loading.planned() == size
        assert not loading.is_grown()
    loading.grow(size)
    assert loading.is_grown()
    assert digest() == whole


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_although_days_were_closed_meanwhile() -> None:
    """A server that ran between two runs has published the roots of days in which entries would have begun."""
    size = Scale(40)
    loading.load(scale=size)
    for part in loading.PARTS[:3]:
        part.run(size, lambda n: None)
    history.make_roots()
    loading.grow(size)
    assert loading.is_grown()
    assert Case.objects.filter(kind="need").count() == 10 + size.capped("needs")


@pytest.mark.django_db
def test_the_small_sample_has_no_plan() -> None:
    assert loading.planned() is None
    assert not loading.is_grown()
