"""Who fits whom on the shelves: entries as profiles, matched by `qiao.matching`, with every reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from qiao.core.clocks import today
from qiao.core.process import Text
from qiao.core.rulebook import rulebook
from qiao.kinds import phrases
from qiao.kinds.sheets import choices
from qiao.kinds.shelf.entries import Listed, listed, state
from qiao.kinds.shelf.glossary import glossary
from qiao.kinds.shelf.listing import TEXTS
from qiao.kinds.tags import industries, labels
from qiao.matching import (
    Count,
    Match,
    Matcher,
    Matches,
    NearAmount,
    NearCode,
    NearLevel,
    Overlaps,
    Profile,
    Range,
    SameTags,
    Shares,
    Weights,
    Words,
    spread,
)
from qiao.matching.conditions import plain
from qiao.matching.index import Mask
from qiao.matching.profiles import Attribute

OTHER = {"need": "offer", "offer": "need"}
RULES = "changning/shelf"  # whose words for ways of cooperation are shown
LEAST = 0.1  # of the points of a part: less is not told as a reason
WORDS, ALONE = (
    0.15,
    0.25,
)  # of the points of the texts: less brings no two together; so much does without tags
DEPTH = 4  # times the places of a list: so far down it is looked for those who seldom appear
LISTS = 100  # whose places are counted for the exposure
SHOWN = 0.05  # points: a part with less is rounded to nothing, and not shown
PLACES = 10  # of each of those lists
WAN_FEN = 1_000_000  # fen in 1 万元
ASIDE = ("conditions",)  # what a need brings along is not what it looks for
FIGURE = re.compile(r"(?<![A-Za-z\d])\d[\d.,]*(?![A-Za-z\d])")  # 98 here and 98 there mean nothing; 5G does


def said(text: Text) -> Words:
    """A text of the platform in both languages."""
    found = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            found.append(str(text))
    return Words(*found)


def _tags(name: str, value: Attribute, language: str) -> str:
    codes = value if isinstance(value, frozenset) else frozenset([str(value)])
    if name == "shelf_mode":
        known = choices(RULES, language)("shelf_mode")
        shown = [label for code, label in known.items() if code in codes]
    else:
        shown = labels(name, codes, language)
    return (", " if language.startswith("en") else "、").join(shown)


def _amount(value: Attribute, language: str) -> str:
    if not isinstance(value, Range):
        return plain(value, language)
    low, high = (None if fen is None else f"{fen / WAN_FEN:,.2f}".rstrip("0").rstrip(".") for fen in value)
    english = language.startswith("en")
    unit = " × 10,000 yuan" if english else "万元"
    if low is None:
        return f"up to {high}{unit}" if english else f"至多{high}{unit}"
    if high is None:
        return f"from {low}{unit}" if english else f"{low}{unit}起"
    return f"{low}–{high}{unit}" if low != high else f"{low}{unit}"


def _industry(value: Attribute, _language: str) -> str:
    return industries().get(str(value), str(value))


def _level(value: Attribute, language: str) -> str:
    if isinstance(value, Range):
        return f"TRL {value.low or 1}–{value.high or 9}"
    return f"TRL {value}"


TECHNOLOGY, FIELD, INDUSTRY = said(_("技术方向")), said(_("应用领域")), said(_("行业"))
MODE = said(_("合作方式"))
MONEY, READINESS, RECORD = said(_("金额")), said(_("成熟度")), said(_("平台上已促成的合作"))

PARTS = (
    SameTags("technology", TECHNOLOGY, "technology", "technology", partial(_tags, "technologies")),
    SameTags("field", FIELD, "field", "field", partial(_tags, "fields")),
    NearCode("industry", INDUSTRY, "industry", "industry", ((1, 0.4), (3, 1.0)), _industry),
    NearLevel("stage", READINESS, "level", "level", show=_level),
    NearAmount("amount", MONEY, "amount", "amount", show=_amount),
    Count("record", RECORD, "done"),
)
CONDITIONS = (
    Shares(MODE, "mode", "mode", partial(_tags, "shelf_mode")),
    Overlaps(MONEY, "price", "price", _amount),
    Overlaps(READINESS, "level", "level", _level),
)


def profile(entry: Listed) -> Profile:
    """An entry as the engine takes it: its public part only, so that reasons tell nothing confidential."""
    content = entry.content
    attributes: dict[str, Attribute] = {"done": entry.done}
    for key, code in (("technology", "technologies"), ("field", "fields"), ("mode", "modes")):
        if content.get(code):
            attributes[key] = frozenset(content[code])
    if content.get("industry"):
        attributes["industry"] = str(content["industry"])
    low, high = content.get("budget_low"), content.get("budget_high")
    if low is not None or high is not None:
        attributes["amount"] = Range(low, high)
    ceiling = Range(None, high) if entry.kind == "need" else Range(low, None)
    if ceiling != Range():  # cheaper than the budget is no obstacle
        attributes["price"] = ceiling
    if content.get("level"):
        attributes["level"] = int(content["level"])
    elif content.get("level_low"):
        attributes["level"] = Range(int(content["level_low"]), None)
    text = "\n".join(str(content[code]) for code in TEXTS if code not in ASIDE and content.get(code))
    texts = {"title": str(content.get("title", "")), "text": FIGURE.sub("，", text)}
    return Profile(entry.code, entry.kind, texts, attributes, entry.case.title)


@dataclass(frozen=True)
class Shelf:
    """One shelf as it is asked. ``refused``: the code of an entry of the other shelf → who here found it not to fit."""

    kind: str
    matcher: Matcher
    refused: Mapping[str, frozenset[str]]

    def ranked(self, entry: Listed, count: int, near: int = 0, also: Mask | None = None) -> Matches:
        """The best by score alone, without what either side found not to fit and what has nothing in common."""
        out = entry.refused | self.refused.get(entry.code, frozenset())
        deeper = count + len(out), near + len(out) if near else 0
        more = self.matcher.find(profile(entry), deeper[0], near=deeper[1], also=also)
        fit, almost = (
            tuple(m for m in matches if m.profile.id not in out and has_to_do(m, self.matcher))[:wanted]
            for matches, wanted in ((more.fit, count), (more.near, near))
        )
        return Matches(fit, almost, more.fitting)


_shelves: dict[str, tuple[str, Shelf]] = {}


def shelf(kind: str) -> Shelf:
    """Everything that is listed on one shelf; built again when a shelf changed (a second for some thousand)."""
    now = state()
    if kind not in _shelves or _shelves[kind][0] != now:
        needs = [f"{p.texts['title']}\n{p.texts['text']}" for p in map(profile, listed(OTHER[kind]))]
        here = listed(kind)
        found = Matcher(
            [profile(entry) for entry in here],
            Weights.read("need-offer"),
            parts=PARTS,
            conditions=CONDITIONS,
            glossary=glossary(),
            needs=needs,
        )
        refused: dict[str, set[str]] = {}
        for one in here:
            for code in one.refused:
                refused.setdefault(code, set()).add(one.code)
        _shelves[kind] = (now, Shelf(kind, found, {code: frozenset(by) for code, by in refused.items()}))
    return _shelves[kind][1]


def matcher(kind: str) -> Matcher:
    return shelf(kind).matcher


@dataclass(frozen=True)
class Found(Matches):
    """``rare``: to whom a place was given because they seldom appear, with how many of ``lists`` lists show them."""

    rare: Mapping[str, int] = field(default_factory=dict)
    lists: int = 0
    share: float = 0.0  # of the places of a list


def fitting(entry: Listed, count: int = 10, near: int = 5) -> Found:
    """What on the other shelf fits an entry; what either side has found not to fit is left out."""
    (found,) = fits(OTHER[entry.kind], [entry], count, near)
    return found


def own_fit(entry: Listed, unit: int) -> Listed | None:
    """What a unit has on the other shelf that fits an entry best; None where it has nothing that does."""
    own = {one.code: one for one in listed(OTHER[entry.kind]) if one.holder.pk == unit}
    if not own:
        return None
    here = shelf(OTHER[entry.kind])
    only = np.isin(np.array([p.id for p in here.matcher.pool.profiles]), list(own))
    return next((own[match.profile.id] for match in here.ranked(entry, 1, also=only).fit), None)


def fits(kind: str, entries: Iterable[Listed], count: int = 10, near: int = 5) -> list[Found]:
    """What of one shelf fits each of some entries of the other.

    A share of the places, the last ones, goes to entries that seldom appear in lists, chosen among the `DEPTH` times
    ``count`` best. They fail no condition either: whoever does stands in ``near``.
    """
    here, share = shelf(kind), spread_share()
    seen = exposure(kind) if share else Seen({}, 0)
    found = []
    for entry in entries:
        more = here.ranked(entry, count * DEPTH if share else count, near)
        places = spread([m.profile.id for m in more.fit], seen.times, count=count, share=share)
        by_id = {m.profile.id: m for m in more.fit}
        rare = {place.id: seen.times.get(place.id, 0) for place in places if place.kept}
        fit = tuple(by_id[place.id] for place in places)
        found.append(Found(fit, more.near, more.fitting, rare, seen.lists, share))
    return found


def rare(found: Found, code: str) -> str:
    """Why an entry stands in a list though others have a higher score; "" where it stands by its score."""
    if code not in found.rare:
        return ""
    said = {"n": found.rare[code], "lists": found.lists, "share": f"{found.share:.0%}"}
    return str(phrases.SHELF_RARE % said)


def spread_share() -> float:
    """The share of places for those who seldom appear (``shelf_spread`` of the rulebook); 0 where none is set."""
    told = rulebook(RULES).values.get("shelf_spread") or {}
    return min(max(float(told.get("share", 0)), 0.0), 1.0)


@dataclass(frozen=True)
class Seen:
    """In how many of ``lists`` lists by score alone each entry of a shelf stands; who is not named stands in none."""

    times: Mapping[str, int]
    lists: int


_seen: dict[str, tuple[Hashable, Seen]] = {}


def exposure(kind: str) -> Seen:
    """Who of a shelf appears how often in the lists of the other: reckoned once a day, so that a day's lists stay.

    It rests on what lay on the shelves before the day began, and on `LISTS` lists that the day picks: what is listed
    during the day counts as never shown, and moves nobody else. It takes about as long as building the matcher.
    """
    on = today()
    pool = [one.code for one in listed(kind) if one.since < on]
    askers = [one for one in listed(OTHER[kind]) if one.since < on]
    key = (connection.settings_dict["NAME"], on, tuple(pool), tuple(one.code for one in askers))
    if kind not in _seen or _seen[kind][0] != key:
        here = shelf(kind)
        old = np.isin(np.array([p.id for p in here.matcher.pool.profiles]), pool)
        picked = sorted(askers, key=lambda one: sha256(f"{on}{one.code}".encode()).digest())[:LISTS]
        times = Counter(m.profile.id for one in picked for m in here.ranked(one, PLACES, also=old).fit)
        _seen[kind] = (key, Seen(times, len(picked)))
    return _seen[kind][1]


def has_to_do(match: Match, among: Matcher) -> bool:
    """Whether two say something alike. One technology in seven is shared by chance, and so are a few words: both
    together are a reason, words alone only where there are many of them; the right price is none."""
    points, most = match.points, among.weights.parts
    words = points.get("text", 0.0) / most["text"]
    tags = any(points.get(name, 0.0) > 0 for name in ("technology", "field"))
    return words >= ALONE or (tags and words >= WORDS)


def told(match: Match, language: str) -> dict[str, Any]:
    """A match for a page: its score, the parts that it is the sum of in words, what was asked and what is open."""
    at = 1 if language.startswith("en") else 0
    return {
        "score": round(match.score, 1),
        "parts": [
            {"label": p.label[at], "points": p.points, "most": p.most, "text": p.text[at]}
            for p in match.parts
            if p.points >= SHOWN
        ],
        "conditions": [
            {"mark": c.mark, "state": c.state.name.lower(), "text": c.text[at]} for c in match.conditions
        ],
    }
