"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal


def plain(value: Decimal) -> str:
    """Without the zeros that the database adds, with a comma between thousands: 310, 6,100, 18.5."""
    shown = f"{value:,f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
