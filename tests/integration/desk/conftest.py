from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from qiao.core.models import Seat

SignIn = Callable[[Seat], Client]


@pytest.fixture
def as_seat(client: Client) -> SignIn:
    """The test client, signed in as the person of a seat, speaking Chinese."""

    def sign_in(seat: Seat) -> Client:
        assert seat.person.user is not None
        client.force_login(seat.person.user)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
        return client

    return sign_in
