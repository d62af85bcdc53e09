"""Who fits whom on the shelves: entries as profiles, matched by `qiao.matching`, with every reason."""

from __future__ import annotations

from functools import partial

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from qiao.core.process import Text
from qiao.kinds.shelf.entries import Listed, choices, listed, state
from qiao.kinds.shelf.glossary import glossary
from qiao.kinds.shelf.listing import TEXTS
from qiao.kinds.shelf.tags import labels
from qiao.matching import (
    Count,
    Match,
    Matcher,
    Matches,
    NearAmount,
    NearLevel,
    Overlaps,
    Profile,
    Range,
    SameTags,
    Shares,
    Weights,
    Words,
)
from qiao.matching.conditions import plain
from qiao.matching.profiles import Attribute

OTHER = {"need": "offer", "offer": "need"}
RULES = "changning/shelf"  # whose words for ways of cooperation are shown
LEAST = 0.1  # of the points of a part: less is no reason to bring two together
WAN_FEN = 1_000_000  # fen in 1 万元


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
    unit = " × 10,000 yuan" if language.startswith("en") else "万元"
    if low is None or high is None:
        return f"≤ {high}{unit}" if low is None else f"≥ {low}{unit}"
    return f"{low}–{high}{unit}" if low != high else f"{low}{unit}"


def _level(value: Attribute, language: str) -> str:
    if isinstance(value, Range):
        return f"TRL {value.low or 1}–{value.high or 9}"
    return f"TRL {value}"


TECHNOLOGY, FIELD, MODE = said(_("技术方向")), said(_("应用领域")), said(_("合作方式"))
MONEY, READINESS, RECORD = said(_("金额")), said(_("成熟度")), said(_("平台上已促成的合作"))

PARTS = (
    SameTags("technology", TECHNOLOGY, "technology", "technology", partial(_tags, "technologies")),
    SameTags("field", FIELD, "field", "field", partial(_tags, "fields")),
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
    texts = {
        "title": str(content.get("title", "")),
        "text": "\n".join(str(content[code]) for code in TEXTS if content.get(code)),
    }
    return Profile(entry.code, entry.kind, texts, attributes, entry.case.title)


_matchers: dict[str, tuple[str, Matcher]] = {}


def matcher(kind: str) -> Matcher:
    """Over everything that is listed on one shelf; built again when a shelf changed (a second for some thousand)."""
    now = state()
    if kind not in _matchers or _matchers[kind][0] != now:
        needs = [f"{p.texts['title']}\n{p.texts['text']}" for p in map(profile, listed(OTHER[kind]))]
        pool = [profile(entry) for entry in listed(kind)]
        made = Matcher(
            pool,
            Weights.read("need-offer"),
            parts=PARTS,
            conditions=CONDITIONS,
            glossary=glossary(),
            needs=needs,
        )
        _matchers[kind] = (now, made)
    return _matchers[kind][1]


def fitting(entry: Listed, count: int = 10, near: int = 5) -> Matches:
    """What on the other shelf fits an entry; what either side has found not to fit is left out."""
    other = OTHER[entry.kind]
    return _fitting(entry, matcher(other), {one.code: one for one in listed(other)}, count, near)


_lists: dict[tuple[str, int, int], tuple[str, list[list[str]]]] = {}


def lists(kind: str, most: int, count: int) -> list[list[str]]:
    """For the newest entries of a shelf the codes of what fits each, best first. Asks the database as often for many
    entries as for one; kept until a shelf changes, because it takes some 15 ms for each entry."""
    now, asked = state(), (kind, most, count)
    if asked not in _lists or _lists[asked][0] != now:
        found, others = matcher(OTHER[kind]), {one.code: one for one in listed(OTHER[kind])}
        made = [_fitting(one, found, others, count, 0).fit for one in listed(kind)[:most]]
        _lists[asked] = (now, [[match.profile.id for match in fit] for fit in made])
    return _lists[asked][1]


def _fitting(entry: Listed, found: Matcher, others: dict[str, Listed], count: int, near: int) -> Matches:
    out = {code for code, one in others.items() if code in entry.refused or entry.code in one.refused}
    more = found.find(profile(entry), count + len(out), near=near + len(out))
    fit, almost = (
        tuple(m for m in matches if m.profile.id not in out and _has_to_do(m))[:most]
        for matches, most in ((more.fit, count), (more.near, near))
    )
    return Matches(fit, almost, more.fitting)


def _has_to_do(match: Match) -> bool:
    """Whether texts or tags have something in common: the right price, or a single character, is no reason."""
    about = {"text", "glossary", "technology", "field"}
    return any(part.points >= LEAST * part.most for part in match.parts if part.name in about)
