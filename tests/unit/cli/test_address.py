"""Letters and permalinks lead to where the server listens, unless an address is set."""

from __future__ import annotations

import pytest

from qiao.cli.running import address_of


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8102"),
        ("0.0.0.0", "http://127.0.0.1:8102"),
        ("::", "http://[::1]:8102"),
        ("::1", "http://[::1]:8102"),
        ("qiao.example.org", "http://qiao.example.org:8102"),
    ],
)
def test_address(host: str, address: str) -> None:
    assert address_of(host, 8102) == address
