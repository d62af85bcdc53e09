"""What nobody would type by mistake: digits that are none, numbers without end, days beyond the calendar."""

from __future__ import annotations

import pytest
from django.test import Client

from qiao.core.acts import Refused, act
from qiao.core.models import Case
from tests.factories import World, advance, new_proposal
from tests.integration.desk.conftest import SignIn

# "²" and "①" are digits to str.isdigit() and no numbers to int(); so many nines are too much for a column.
NUMBERS = ["²", "²²²²", "①", "-1", "٣", "9" * 30, "9" * 5000, "1e9", "\u202e1", "\x01"]
FAR = ["0001-01-01", "9999-12-31"]


@pytest.mark.parametrize("said", NUMBERS)
def test_numbers_in_addresses(as_seat: SignIn, world: World, said: str) -> None:
    case = advance(world, new_proposal(world), "submitted")
    client = as_seat(world.registry)
    assert client.get("/desk/calendar/", {"year": said}).status_code == 200
    for name in ("v", "with"):
        answer = client.get(f"{case.get_absolute_url()}papers/proposal/", {name: said})
        assert answer.status_code in (200, 404)
    assert client.post("/desk/notices/read/", {"notice": said}).status_code == 302
    for path in ("/replies/", "/market/", "/desk/market/", "/desk/cases/", "/desk/notices/", "/statistics/"):
        answer = client.get(path, dict.fromkeys(("page", "year", "level", "budget"), said), follow=True)
        assert answer.status_code in (200, 403)


@pytest.mark.parametrize(
    "onward", ["null", "٣", "a\x00b", "//example.org/", "/accounts/logout/", "/desk/\\example.org"]
)
def test_onward_is_an_address_of_the_desk_or_nothing(as_seat: SignIn, world: World, onward: str) -> None:
    answer = as_seat(world.registry).post("/desk/notices/read/", {"all": "1", "next": onward})
    assert answer["Location"].startswith("/desk/")


@pytest.mark.parametrize("day", FAR)
def test_days_beyond_the_calendar_are_refused_where_they_are_typed(
    as_seat: SignIn, world: World, day: str
) -> None:
    """Accepted once, such a day would break every list that counts on from it."""
    advance(world, new_proposal(world), "replied")
    promise = Case.objects.filter(kind="commitment", stage="open")[0]
    with pytest.raises(Refused) as refused:
        act(promise, "carry_over", by=world.registry, data={"until": day}, reason="另定")
    assert set(refused.value.errors) == {"until"}
    client: Client = as_seat(world.registry)
    answer = client.post(f"{promise.get_absolute_url()}do/carry_over/", {"until": day, "reason": "另定时间"})
    assert answer.status_code == 422
    assert "另定时间" in answer.content.decode()
    assert client.get("/desk/promises/").status_code == 200
