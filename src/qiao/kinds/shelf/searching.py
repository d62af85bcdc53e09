"""Searching the shelves: the filters of the market and what they leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from qiao.core.forms import whole
from qiao.core.process import Text
from qiao.kinds import phrases
from qiao.kinds.searches import Filter, Surface
from qiao.kinds.sheets import choices
from qiao.kinds.shelf.entries import Listed, listed
from qiao.kinds.shelf.fitting import OTHER, RULES, matcher
from qiao.kinds.shelf.listing import text_of
from qiao.kinds.shelf.process import SHELVES
from qiao.kinds.tags import tags
from qiao.matching import Glossary, Profile
from qiao.matching.text import cut, normal

BUDGETS = (50, 100, 300, 1000)  # 万元
WAN_FEN = 1_000_000  # fen in 1 万元
ENOUGH = 0.5  # of the pairs of characters and words that are searched: so many must stand in a new entry


def filters(language: str) -> list[Filter]:
    """What the market is filtered by, beside the words that are searched."""

    def curated(name: str) -> tuple[tuple[str, Text], ...]:
        return tuple((code, tag.label(language)) for code, tag in tags(name).items())

    known = choices(RULES, language)
    return [
        Filter("kind", phrases.MARKET_SHELF, tuple(SHELVES.items())),
        Filter("technology", phrases.MARKET_TECHNOLOGY, curated("technologies")),
        Filter("field", phrases.MARKET_FIELD, curated("fields")),
        Filter("stage", phrases.MARKET_STAGE, tuple(known("shelf_stage").items())),
        Filter("mode", phrases.MARKET_MODE, tuple(known("shelf_mode").items())),
        Filter("level", phrases.MARKET_LEVEL, tuple((str(n), f"TRL ≥ {n}") for n in range(3, 10))),
        Filter(
            "budget",
            phrases.MARKET_BUDGET,
            tuple((str(n), str(phrases.MARKET_UP_TO % {"n": n})) for n in BUDGETS),
        ),
        Filter("data", phrases.MARKET_DATA, (("yes", phrases.MARKET_WITH_DATA),)),
        Filter("subdistrict", phrases.SUBDISTRICT, tuple(known("subdistrict").items())),
    ]


def level(content: Mapping[str, Any]) -> int:
    """The level of readiness that an entry has, or asks for at least; 0 where it does not say."""
    return int(content.get("level") or content.get("level_low") or 0)


def _within(content: Mapping[str, Any], most: int) -> bool:
    """Whether an amount begins at or below so many 万元; an unknown amount is not hidden."""
    low = content.get("budget_low")
    return low is None or low <= most * WAN_FEN


def kept(content: Mapping[str, Any], values: Mapping[str, str], kind: str = "") -> bool:
    """Whether the filters leave an entry; words are not looked at. Reads public fields only."""
    said = defaultdict(str, values)
    return bool(
        (said["kind"] not in SHELVES or kind == said["kind"])
        and (not said["technology"] or said["technology"] in content.get("technologies", ()))
        and (not said["field"] or said["field"] in content.get("fields", ()))
        and (not said["mode"] or said["mode"] in content.get("modes", ()))
        and all(not said[name] or said[name] == content.get(name) for name in ("stage", "subdistrict"))
        and ((least := whole(said["level"])) is None or level(content) >= least)
        and ((most := whole(said["budget"])) is None or _within(content, most))
        and (not said["data"] or content.get("data"))
    )


def chosen(values: Mapping[str, str]) -> list[Listed]:
    """What the filters leave, newest first; with words to look for, the closest first."""
    kind = values["kind"] if values["kind"] in SHELVES else ""
    found = [one for one in listed(kind) if kept(one.content, values, one.kind)]
    if not values["q"]:
        return found
    scores: dict[str, float] = {}
    for code in (kind,) if kind else SHELVES:
        searched = matcher(code)
        text = searched.scores(Profile("", OTHER[code], {"text": values["q"]}))
        scores |= {p.id: s for p, s in zip(searched.pool.profiles, text.tolist(), strict=True)}
    return sorted((one for one in found if scores.get(one.code, 0) > 0), key=lambda one: -scores[one.code])


def new_fits(entry: Listed, searches: Iterable[Mapping[str, str]], known: Glossary) -> list[bool]:
    """Which searches a new entry fits. The filters as on the page; of the words half must stand in its public text,
    or a synonym of theirs: a list can end with what is hardly near, a notice cannot.

    ``known``: read by the caller, because what is cached must not be asked for while an act is being done.
    """
    text = normal(text_of("entry", entry.content))
    terms = set(cut([text]).labels())

    def says(q: str) -> bool:
        wanted = set(cut([q]).labels())
        wanted = {term for term in wanted if len(term) > 1} or wanted
        if wanted and len(wanted & terms) >= ENOUGH * len(wanted):
            return True
        return any(normal(word) in text for words in known.others(q).values() for word in words)

    return [
        kept(entry.content, values, entry.kind) and (not values.get("q") or says(values["q"]))
        for values in searches
    ]


MARKET = Surface("market", "/market/", phrases.MARKET, phrases.MARKET_EVERYTHING, filters)
