"""Searching the scenarios: the filters of their list and what they leave."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from qiao.core import money
from qiao.kinds import phrases
from qiao.kinds.scenario.lists import STATES, Scene, scenes
from qiao.kinds.searches import Filter, Surface
from qiao.kinds.sheets import WAN, choices
from qiao.kinds.tags import tags

RULES = "changning/scenarios"
BUDGETS = (50, 100, 200, 500)  # 万元


def filters(language: str) -> list[Filter]:
    """What the list is filtered by, beside the words that are searched."""
    known = choices(RULES, language)

    def curated(name: str) -> list[tuple[str, str]]:
        return [(code, tag.label(language)) for code, tag in tags(name).items()]

    return [
        Filter("state", phrases.SCENE_STATE, tuple(STATES.items())[:-1]),
        Filter("field", phrases.MARKET_FIELD, tuple(curated("fields"))),
        Filter("technology", phrases.MARKET_TECHNOLOGY, tuple(curated("technologies"))),
        Filter("subdistrict", phrases.SUBDISTRICT, tuple(known("subdistrict").items())),
        Filter("money", phrases.SCENE_MONEY, tuple(known("money_mode").items())),
        Filter(
            "budget",
            phrases.MARKET_BUDGET,
            tuple((str(n), str(phrases.MARKET_UP_TO % {"n": n})) for n in BUDGETS),
        ),
        Filter("data", phrases.MARKET_DATA, (("yes", phrases.MARKET_WITH_DATA),)),
    ]


SCENARIOS = Surface("scenarios", "/scenarios/", phrases.SCENES, phrases.SCENE_EVERYTHING, filters)


def _within(one: Scene, most: int) -> bool:
    """Whether its budget begins at or below so many 万元; an unknown one is not hidden."""
    low = one.content.get("budget_low")
    return low is None or low <= money.fen(Decimal(most) * WAN)


def fits(one: Scene, values: Mapping[str, str]) -> bool:
    """Whether a search finds a scenario; every word of it must stand in title, number, owner or problem."""
    text = f"{one.title} {one.case.number} {one.holder.name} {one.content.get('problem', '')}"
    exact = {
        "state": one.state,
        "subdistrict": one.content.get("subdistrict"),
        "money": one.content.get("money_mode"),
    }
    among = {"field": one.content.get("fields", ()), "technology": one.content.get("technologies", ())}
    return (
        all(not values.get(name) or values[name] == said for name, said in exact.items())
        and all(not values.get(name) or values[name] in said for name, said in among.items())
        and (not values.get("budget", "").isdigit() or _within(one, int(values["budget"])))
        and (not values.get("data") or bool(one.content.get("data")))
        and all(word in text for word in values.get("q", "").split())
    )


def chosen(values: Mapping[str, str]) -> list[Scene]:
    """What the filters leave: open ones first, then the newest."""
    return sorted((one for one in scenes() if fits(one, values)), key=lambda one: one.state != "open")
