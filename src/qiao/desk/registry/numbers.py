"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

from qiao.core.models import Value


def plain(value: Decimal) -> str:
    """Without the zeros that the database adds, with a comma between thousands: 310, 6,100, 18.5."""
    shown = f"{value:,f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def qualified(value: Value, unit: str = "") -> str:
    """Number, qualifier and unit as one says them: 近310亿元, 6,100余家."""
    number = plain(value.value)
    if value.qualifier == Value.Qualifier.MORE:
        return f"{number}{value.qualifier}{unit}"
    return f"{value.qualifier}{number}{unit}"
