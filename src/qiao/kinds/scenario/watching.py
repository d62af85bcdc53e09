"""Those who keep a search of the scenarios are told of a listed one, and of a challenge on one, that it finds."""

from __future__ import annotations

from qiao.core.models import Case, Version
from qiao.core.process import Context, Text
from qiao.kinds import phrases
from qiao.kinds.scenario.lists import Scene
from qiao.kinds.scenario.people import parent
from qiao.kinds.scenario.searching import SCENARIOS, fits
from qiao.kinds.watching import News, tell


def tell_of_scenario(ctx: Context) -> None:
    """An effect of listing a scenario."""
    _tell(ctx, ctx.case, None, phrases.NEW_SCENARIO)


def tell_of_challenge(ctx: Context) -> None:
    """An effect of opening a challenge."""
    _tell(ctx, parent(ctx.case), ctx.case, phrases.NEW_CHALLENGE)


def _tell(ctx: Context, scenario: Case, challenge: Case | None, what: Text) -> None:
    version = Version.objects.filter(paper__case=scenario, paper__kind="scenario").order_by("-n").first()
    holders = ctx.organisations("holder")
    if version is None or not holders:
        return
    one = Scene(scenario, holders[0], dict(version.content), "", ctx.today, challenge)
    news = News(what, scenario.title, one.holder, one.url)
    tell(ctx, SCENARIOS, news, lambda searches: [fits(one, values) for values in searches])
