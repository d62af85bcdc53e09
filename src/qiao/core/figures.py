"""Figures: who may state the value of an indicator, and the one way in which a value is stated or revised.

A value is never changed. A revision is a new row for the same period that supersedes the present one, so that a letter
which cites the old value can be told so, and a letter that was signed with it can still show what it rested on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qiao.core.access import Answer
from qiao.core.acts import Refused
from qiao.core.clocks import now
from qiao.core.models import Indicator, Seat, Value
from qiao.core.process import Problem, Text
from qiao.letters.reading import numerals
from qiao.letters.reading.figures import find_figures

ROLES = ("officer", "registry", "head", "leader")
EVERYWHERE = ("registry",)  # may also state values of indicators that another organisation keeps

NO_SEAT = _("数值由承办人、交办人员、处（科）长或签发领导填报；您的席位没有这项职权。")
NOT_OWNER = _("“%(indicator)s”由%(owner)s负责填报。")
PERIOD_ORDER = _("期末（%(end)s）不能早于期初（%(start)s）。")
NUMBER_MISSING = _("表述“%(display)s”里没有这个数值（%(number)s）。答复照表述引用，两者必须一致。")
QUALIFIER_MISSING = _("选了限定词“%(qualifier)s”，表述里却没有。")
QUALIFIER_UNSAID = _("表述“%(display)s”带有限定词，请在“限定词”中选定。")
CHANGED = _("这一期间的数值已由他人改为“%(display)s”，请核对后再填。")
EXISTS = _("这一期间已有数值“%(display)s”；要改正，请用“修订”。")
SAME = _("与现有数值完全相同，无需修订。")

_ARABIC = re.compile(r"\d[\d,，]*(?:\.\d+)?")
_SCALES = {"百": 2, "千": 3, "万": 4, "亿": 8}
_LOOSE = {
    "近": "almost",
    "超": "over",
    "约": "about",
    "余": "over",
}  # qualifier → what letters.reading calls it


def may_state_values(seats: Iterable[Seat], indicator: Indicator | None = None) -> Answer:
    """May one of these seats state values of ``indicator`` (None: define a new one)? Yes comes with the seat."""
    held = [s for s in seats if s.role in ROLES]
    if not held:
        return Answer((Problem("not_stating", NO_SEAT),))
    if indicator is None or indicator.owner_id is None:
        return Answer((), held[0])
    for seat in held:
        if seat.organisation_id == indicator.owner_id or seat.role in EVERYWHERE:
            return Answer((), seat)
    params = {"indicator": indicator.name, "owner": str(indicator.owner)}
    return Answer((Problem("not_owner", NOT_OWNER, params),), held[0])


def numbers_in(text: str) -> set[Decimal]:
    """Every number that a wording says: 近310亿元 → 310 and 31000000000; 三十家 → 30; 6,100余家 → 6100."""
    found = {Decimal(re.sub("[,，]", "", n)) for n in _ARABIC.findall(text)}
    for run in re.findall(numerals.CHINESE_NUMERAL, text):
        if (parsed := numerals.parse(run)) is not None:
            found.add(Decimal(parsed))
    for mark in find_figures(text):
        found |= {n for n in (mark.value, mark.normal, mark.upper) if n is not None}
    return found


def _scale(unit: str) -> int:
    """How many tens stand in a unit: 亿元 → 8."""
    power = 0
    for char in unit:
        if char not in _SCALES:
            break
        power += _SCALES[char]
    return power


def problems(
    indicator: Indicator, *, start: dt.date, end: dt.date, value: Decimal, qualifier: str, display: str
) -> dict[str, Problem]:
    """What is wrong with a value as it would be stated, by field."""
    found: dict[str, Problem] = {}

    def wrong(field: str, code: str, text: Text, **params: object) -> None:
        found.setdefault(field, Problem(code, text, params))

    if end < start:
        wrong("end", "period_order", PERIOD_ORDER, start=start.isoformat(), end=end.isoformat())
    said = numbers_in(display)
    size = abs(value)  # 下降5亿元 says a fall of 5
    if size not in said and size * 10 ** _scale(indicator.unit) not in said:
        wrong("display", "number_missing", NUMBER_MISSING, display=display, number=f"{value.normalize():f}")
    loose = {mark.looseness for mark in find_figures(display)} & set(_LOOSE.values())
    if qualifier and qualifier not in display and _LOOSE.get(qualifier) not in loose:
        wrong("display", "qualifier_missing", QUALIFIER_MISSING, qualifier=qualifier)
    if not qualifier and loose:
        wrong("qualifier", "qualifier_unsaid", QUALIFIER_UNSAID, display=display)
    return found


def state_value(
    indicator: Indicator,
    *,
    start: dt.date,
    end: dt.date,
    value: Decimal,
    qualifier: str = "",
    display: str,
    source: str = "",
    by: Seat,
    at: dt.datetime | None = None,
    seen: str | None = None,
) -> Value:
    """State what ``indicator`` was in a period, or revise what was stated for it. Gives the new, current value.

    ``start``, ``end``: first and last day of the period, both included. ``value``: the number in the indicator's own
    unit (310 where the unit is 亿元). ``qualifier``: how exact it is, one of ``Value.Qualifier``. ``display``: the
    wording that letters cite, which must contain the number (“近310亿元”). ``source``: where this very figure comes
    from; empty for the indicator's usual source. ``at``: for imports only; default now. ``seen``: code of the current
    value that the writer had before their eyes, empty if there was none; any other present value refuses the
    revision. None leaves that check out.

    One transaction. Raises :class:`Refused` with the reasons, and with ``errors`` by field.
    """
    allowed = may_state_values([by], indicator)
    if not allowed:
        raise Refused(allowed)
    display = display.strip()
    if found := problems(indicator, start=start, end=end, value=value, qualifier=qualifier, display=display):
        raise Refused(Answer(tuple(found.values()), by), {f: [str(p)] for f, p in found.items()})
    with transaction.atomic():
        Indicator.objects.select_for_update().get(
            pk=indicator.pk
        )  # one statement about an indicator at a time
        chain = list(Value.objects.filter(indicator=indicator, start=start, end=end).order_by("revision"))
        old = next((v for v in chain if v.superseded_by_id is None), None)
        _check_seen(old, seen, by)
        if old and (old.value, old.qualifier, old.display, old.source) == (
            value,
            qualifier,
            display,
            source.strip(),
        ):
            raise Refused(Answer((Problem("same", SAME),), by))
        new = Value(
            indicator=indicator,
            start=start,
            end=end,
            value=value,
            qualifier=qualifier,
            display=display,
            source=source.strip(),
            revision=chain[-1].revision + 1 if chain else 1,
            stated_by=by,
            stated_at=at or now(),
        )
        if old is None:
            new.save(force_insert=True)
            return new
        # At most one value of a period may be current at any moment, and each is superseded by one of its own. Until
        # the old value points at the new one, the new one points at the first of the chain, which supersedes nothing.
        new.superseded_by = chain[0]
        new.save(force_insert=True)
        old.superseded_by = new
        old.save(update_fields=["superseded_by"])
        new.superseded_by = None
        new.save(update_fields=["superseded_by"])
    return new


def _check_seen(old: Value | None, seen: str | None, by: Seat) -> None:
    if seen is None or seen == (old.code if old else ""):
        return
    display = old.display if old else "—"
    code, text = ("changed", CHANGED) if seen else ("exists", EXISTS)
    raise Refused(Answer((Problem(code, text, {"display": display}),), by))


__all__ = ["ROLES", "may_state_values", "numbers_in", "problems", "state_value"]
