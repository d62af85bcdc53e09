"""Money of a call: its ceiling and what its cases have committed, paid and given back. Computed, never stored.

All amounts are integer fen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from qiao.core.models import Call, Case, Money

OPEN = (Money.State.PLANNED, Money.State.COMMITTED)


@dataclass(frozen=True)
class Budget:
    """``ceiling`` is None where the call has none. ``recovered`` has come back; ``claimed`` is still to come back."""

    ceiling: int | None
    committed: int
    paid: int
    recovered: int
    claimed: int

    @property
    def left(self) -> int | None:
        """What may still be committed."""
        if self.ceiling is None:
            return None
        return self.ceiling - self.committed - self.paid + self.recovered


def budget(call: Call) -> Budget:
    """One query over all cases of the call."""
    rows = Money.objects.filter(case__call=call).values_list("direction", "state").annotate(Sum("amount_fen"))
    sums = {(direction, state): total for direction, state, total in rows}
    out, back = Money.Direction.OUT, Money.Direction.IN
    return Budget(
        call.budget_fen,
        sum(sums.get((out, state), 0) for state in OPEN),
        sums.get((out, Money.State.PAID), 0),
        sums.get((back, Money.State.RETURNED), 0),
        sum(sums.get((back, state), 0) for state in OPEN),
    )


def of_case(case: Case) -> list[Money]:
    """All money of one case, in the order it falls due."""
    return list(case.money.order_by("direction", "due", "pk"))


def fen(yuan: Decimal) -> int:
    """Whole fen. Raises `ValueError` for fractions of a fen: nothing is rounded that somebody is owed."""
    amount = yuan * 100
    if amount != amount.to_integral_value():
        raise ValueError(yuan)
    return int(amount)


def yuan(amount: int) -> str:
    """12,345.60 元 without trailing zeros: as letters and tables write it."""
    whole, rest = divmod(abs(amount), 100)
    tail = f".{rest:02d}".rstrip("0") if rest else ""
    return f"{'-' if amount < 0 else ''}{whole:,}{tail}"


def total(rows: Iterable[Money], *states: str, direction: str = Money.Direction.OUT) -> int:
    return sum(m.amount_fen for m in rows if m.direction == direction and m.state in states)
