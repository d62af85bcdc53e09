"""Money that a case grants: committed against the call's budget, paid in parts, dropped where it lapses.

All amounts are integer fen; forms ask for yuan.
"""

from __future__ import annotations

from decimal import Decimal

from qiao.core import money
from qiao.core.access import Answer
from qiao.core.acts import Refused, need
from qiao.core.models import Call, Money
from qiao.core.process import Context, Effect, Problem
from qiao.kinds import phrases
from qiao.kinds.common import check


def amount_of(ctx: Context, key: str) -> int:
    value = ctx.cleaned.get(key)
    return money.fen(value) if isinstance(value, Decimal) else 0


@check
def whole_fen(ctx: Context) -> Problem | None:
    for key in ("amount", "first"):
        value = ctx.cleaned.get(key)
        if isinstance(value, Decimal) and (value <= 0 or value * 100 != (value * 100).to_integral_value()):
            return need("bad_amount", phrases.BAD_AMOUNT, amount=value)
    return None


@check
def within_budget(ctx: Context) -> Problem | None:
    """No more is committed than the call has; the call is locked by whoever grants."""
    left = money.budget(ctx.case.call).left
    asked = ctx.cleaned.get("amount")
    if left is None or not isinstance(asked, Decimal) or asked * 100 <= left:
        return None
    return need("over_budget", phrases.OVER_BUDGET, left=money.yuan(left), asked=money.yuan(int(asked * 100)))


@check
def something_due(ctx: Context) -> Problem | None:
    return None if next_payment(ctx) else need("nothing_due", phrases.NOTHING_DUE)


@check
def nothing_due_any_more(ctx: Context) -> Problem | None:
    rows = money.of_case(ctx.case)
    open_ = [m for m in rows if m.state in money.OPEN]
    return need("money_open", phrases.MONEY_OPEN, amount=money.yuan(open_[0].amount_fen)) if open_ else None


@check
def nothing_paid(ctx: Context) -> Problem | None:
    paid = money.total(money.of_case(ctx.case), Money.State.PAID)
    return need("paid_already", phrases.PAID_ALREADY) if paid else None


def next_payment(ctx: Context) -> Money | None:
    rows = money.of_case(ctx.case)
    return next(
        (m for m in rows if m.direction == Money.Direction.OUT and m.state == Money.State.COMMITTED), None
    )


def commit_money(role: str) -> Effect:
    """To the organisation under a party role: one or two instalments, committed at once, so that what is promised
    counts against the budget. ``amount``, ``first`` and ``due`` come from the verb's fields.

    The call is locked, so that two grants at the same moment cannot both take what is left.
    """

    def effect(ctx: Context) -> None:
        ctx.case.call = Call.objects.select_for_update().get(pk=ctx.case.call_id)
        if over := list(within_budget(ctx)):
            raise Refused(Answer(tuple(over), ctx.by))
        amount, first = amount_of(ctx, "amount"), amount_of(ctx, "first")
        parts = [first, amount - first] if 0 < first < amount else [amount]
        due = ctx.cleaned.get("due")
        for n, part in enumerate(parts, 1):
            for organisation in ctx.organisations(role)[:1]:
                Money.objects.create(
                    case=ctx.case, organisation=organisation, amount_fen=part, direction=Money.Direction.OUT,
                    purpose=str(phrases.INSTALMENT % {"n": n, "of": len(parts)}), state=Money.State.COMMITTED,
                    due=due if n == 1 else None,
                )  # fmt: skip

    return effect


def pay_next(ctx: Context) -> None:
    row = next_payment(ctx)
    if row:
        row.state, row.due = Money.State.PAID, ctx.today
        row.save(update_fields=["state", "due"])


def drop_money(ctx: Context) -> None:
    """What was committed and not paid is free again."""
    ctx.case.money.filter(state__in=money.OPEN, direction=Money.Direction.OUT).delete()
