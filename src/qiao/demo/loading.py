"""Put the sample district into an empty database, make it as large as wanted, or take everything out again.

``load`` is the small sample that everybody starts with. ``grow`` puts the population of the reply's figures around it:
:data:`PARTS`, one function each, run in their order, every one of which leaves out what is there. So whoever stops it
goes on by running it again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.core.management import call_command
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from qiao.core import history, search
from qiao.core.clocks import now
from qiao.core.figures import state_value
from qiao.core.models import (
    Act,
    Call,
    Case,
    DailyRoot,
    Indicator,
    Mail,
    Notice,
    Organisation,
    Person,
    Seat,
    Value,
)
from qiao.core.process import Text
from qiao.demo import scenarios
from qiao.demo.district import PASSWORD, District, build, sign_ins
from qiao.demo.firms import settle_facts
from qiao.demo.market import open_market
from qiao.demo.neighbours import count, settle_in
from qiao.demo.population import shelves, totals, writing
from qiao.demo.population.plan import LEAST, MOST, SEED, Scale
from qiao.demo.population.writing import Advance
from qiao.demo.replay import replay
from qiao.demo.scenarios import open_scenarios
from qiao.demo.support import open_support

STEPS = 4 + count()
RECENT_DAYS = 12


def is_empty() -> bool:
    """No person, organisation or case is there yet (accounts do not count)."""
    return not (Organisation.objects.exists() or Case.objects.exists() or Person.objects.exists())


def is_only_fiction() -> bool:
    """Everybody in the database is made up."""
    return not Person.objects.filter(fictional=False).exists()


def reset() -> None:
    """Take everything out of the database."""
    call_command("flush", interactive=False, verbosity=0)


@transaction.atomic
def load(advance: Callable[[], None] = lambda: None, scale: Scale | None = None) -> District:
    """Build the sample district; ``advance`` is called after each of :data:`STEPS` steps.

    With a ``scale`` it is made ready to `grow`: the plan is noted, and days stay open for what is still to be done.
    """
    district = build()
    for organisation in Organisation.objects.all():
        search.index_organisation(organisation)
    for call in Call.objects.all():
        search.index_call(call)
    advance()
    replay(district)
    advance()
    settle_in(district, advance)
    settle_facts(district)
    open_support(district)
    open_market(district)
    advance()
    if scale is None:
        open_scenarios()
        close_days()
    else:
        note_plan(scale, district["officer"])
    advance()
    return district


def close_days() -> None:
    """Letters of long ago were sent, and every day that is over gets its root."""
    settle_mail()
    history.make_roots()


# --- the population ---------------------------------------------------------------------------------------------

PLAN = "sample-size"
PLAN_NAME, PLAN_NAME_EN = "示例区规模", "Size of the sample district"
PLAN_DEFINITION = "载入示例区时要求的企业数（整数）；实际略多，各项总数按比例。种子决定每一家企业。"
PLAN_SOURCE = "示例数据（虚构）；种子{seed}"
_SEED = re.compile(r"种子(\d+)")


def note_plan(scale: Scale, by: Seat) -> None:
    """Keep size and seed as a value of an indicator, so that loading can go on after a stop."""
    indicator = Indicator.objects.create(
        code=PLAN, name=PLAN_NAME, name_en=PLAN_NAME_EN, definition=PLAN_DEFINITION, unit="家",
        source=PLAN_SOURCE.format(seed=scale.seed), owner=by.organisation, rhythm=Indicator.Rhythm.ONCE,
    )  # fmt: skip
    state_value(
        indicator, start=dt.date(scale.year, 1, 1), end=dt.date(scale.year, 12, 31), value=Decimal(scale.size),
        display=f"{scale.size}家", by=by,
    )  # fmt: skip


def planned() -> Scale | None:
    """The size and seed that this database was begun with; None for the small sample and for everything else."""
    noted = Value.objects.filter(indicator__code=PLAN, superseded_by__isnull=True).select_related("indicator")
    value = noted.first()
    if value is None or (seed := _SEED.search(value.indicator.source)) is None:
        return None
    return Scale(int(value.value), int(seed[1]))


def is_grown() -> bool:
    """Whether all parts were run to their end."""
    return Value.objects.filter(indicator__code=f"{totals.PREFIX}{totals.FIGURES[-1].code}").exists()


@dataclass(frozen=True)
class Part:
    """One part of the population. ``count``: how many it makes in all; ``run`` makes those that are not there yet."""

    label: Text
    count: Callable[[Scale], int]
    run: Callable[[Scale, Advance], None]


def _round(scale: Scale, advance: Advance) -> None:
    """One round of scenarios, whole. It lies in the past: where days are closed already, it is left out."""
    size = scenarios.round_at(scale.size)
    if not (Case.objects.filter(kind="scenario").exists() or DailyRoot.objects.exists()):
        scenarios.open_scenarios(size, advance=lambda: advance(1))
    else:
        advance(scenarios.steps(size))


def _figures(scale: Scale, advance: Advance) -> None:
    officer = Seat.objects.select_related("organisation").get(person__user__username="officer")
    close_days()
    totals.state_figures(scale, officer)
    advance(1)


PARTS = (
    Part(_("企业及其事实"), lambda s: s.firms, writing.write_firms),
    Part(_("投资机构"), lambda s: s.investors, writing.write_funds),
    Part(_("院所的研究方向"), lambda s: writing.INSTITUTES, writing.write_institutes),
    Part(_("技术成果货架"), lambda s: s.capped("offers"), partial(shelves.write_entries, "offer")),
    Part(_("技术需求货架"), lambda s: s.capped("needs"), partial(shelves.write_entries, "need")),
    Part(_("场景、揭榜与试点"), lambda s: scenarios.steps(scenarios.round_at(s.size)), _round),
    Part(_("汇总数据"), lambda s: 1, _figures),  # the last one: closes the days, and says that all is there
)


def grow(
    scale: Scale,
    begun: Callable[[Part, int], Advance] = lambda part, total: lambda n: None,
) -> None:
    """Run what is still to be done of every part. ``begun`` is called before each with how many it makes, and gives
    what is called as they are made. Stopped at any moment, the database is consistent; running it again goes on."""
    for part in PARTS:
        part.run(scale, begun(part, part.count(scale)))


def settle_mail() -> None:
    """Letters and notices of long ago were sent and read; those of the last days wait for somebody."""
    recent = now() - dt.timedelta(days=RECENT_DAYS)
    moment = Act.objects.filter(pk=OuterRef("act")).values("at")[:1]
    Mail.objects.update(made_at=Subquery(moment))
    Mail.objects.filter(made_at__lt=recent).update(state=Mail.State.SENT, sent_at=F("made_at"))
    Notice.objects.filter(act__at__lt=recent).update(read_at=recent)


__all__ = [
    "LEAST",
    "MOST",
    "PARTS",
    "PASSWORD",
    "SEED",
    "STEPS",
    "Part",
    "Scale",
    "grow",
    "is_empty",
    "is_grown",
    "is_only_fiction",
    "load",
    "planned",
    "reset",
    "sign_ins",
]
