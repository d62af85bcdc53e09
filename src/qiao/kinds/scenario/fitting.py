"""Whom to ask: firms and institutes that fit a challenge, with reasons, and those that were never asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from qiao.core.clocks import today
from qiao.core.models import Case, Organisation, Party, Seat
from qiao.kinds.scenario.lists import Scene, scenes
from qiao.kinds.shelf.entries import Listed, listed, state
from qiao.kinds.shelf.fitting import LEAST, PARTS, has_to_do
from qiao.kinds.shelf.fitting import matcher as shelf_matcher
from qiao.kinds.shelf.glossary import glossary
from qiao.kinds.shelf.listing import TEXTS
from qiao.matching import Match, Matcher, Profile, Weights, spread
from qiao.matching.phrases import NO_TEXT
from qiao.matching.profiles import Attribute

USE = "scenario-firm"
KEPT_SHARE = 0.2  # of the places of a list, for those who were seldom asked


@dataclass(frozen=True)
class Candidate:
    """``kept``: the place was given to one who is seldom asked."""

    firm: Organisation
    match: Match
    asked: int
    kept: bool

    def reasons(self, language: str) -> list[str]:
        return reasons(self.match, language)


def reasons(match: Match, language: str) -> list[str]:
    """The parts of a match that matter, as sentences; that two texts share no passage is no reason."""
    at = 1 if language.startswith("en") else 0
    told = (part for part in match.parts if part.points >= max(LEAST * part.most, 0.5))
    return [part.text[at] for part in told if part.text != NO_TEXT]


def _able() -> QuerySet[Organisation]:
    """Whoever can be asked: an agent acts for them today."""
    seats = Seat.objects.filter(role="agent").held_on(today()).values("organisation")
    return Organisation.objects.filter(pk__in=seats, kind__in=["firm", "institute"])


def firm_profile(firm: Organisation, offers: list[Listed], won: int) -> Profile:
    """A firm as its offers on the shelf tell of it."""
    technology = frozenset(t for one in offers for t in one.content.get("technologies", ()))
    fields = frozenset(f for one in offers for f in one.content.get("fields", ()))
    levels = [int(one.content["level"]) for one in offers if one.content.get("level")]
    attributes: dict[str, Attribute] = {"done": won + sum(one.done for one in offers[:1])}
    if technology:
        attributes["technology"] = technology
    if fields:
        attributes["field"] = fields
    if levels:
        attributes["level"] = max(levels)
    text = "\n".join(str(one.content[c]) for one in offers for c in TEXTS if one.content.get(c))
    return Profile(
        str(firm.pk),
        "firm",
        {"title": "；".join(one.case.title for one in offers), "text": text},
        attributes,
        firm.name,
    )


def scene_profile(scene: Scene, task: str = "") -> Profile:
    """A scenario, with the task of its challenge, as the engine takes it."""
    content = scene.content
    attributes: dict[str, Attribute] = {}
    for key, code in (("technology", "technologies"), ("field", "fields")):
        if content.get(code):
            attributes[key] = frozenset(content[code])
    text = "\n".join([str(content.get("problem", "")), str(content.get("conditions", "")), task])
    return Profile(
        scene.code, "scenario", {"title": str(content.get("title", "")), "text": text}, attributes, ""
    )


_matcher: tuple[tuple[str, int], Matcher, dict[int, Organisation]] | None = None


def _built() -> tuple[Matcher, dict[int, Organisation]]:
    """Over everybody with an offer on the shelf; built again when a shelf changed."""
    global _matcher  # noqa: PLW0603 (one cache for the process)
    won = Counter(_parties("lead").filter(case__stage="won").values_list("organisation", flat=True))
    key = (state(), sum(won.values()))
    if _matcher is None or _matcher[0] != key:
        offers: dict[int, list[Listed]] = {}
        for one in listed("offer"):
            offers.setdefault(one.holder.pk, []).append(one)
        firms = {pk: firm for pk, firm in _able().in_bulk().items() if pk in offers}
        pool = [firm_profile(firm, offers[pk], won[pk]) for pk, firm in firms.items()]
        needs = [f"{one.case.title}\n{one.summary}" for one in listed("need")]
        parts = tuple(part for part in PARTS if part.name != "amount")
        _matcher = (
            key,
            Matcher(pool, Weights.read(USE), parts=parts, glossary=glossary(), needs=needs),
            firms,
        )
    return _matcher[1], _matcher[2]


def _parties(*roles: str) -> QuerySet[Party]:
    """Who takes part in challenges, asked along their calls: other cases are there by the hundred thousand."""
    return Party.objects.filter(case__call__kind="scenario", role__in=roles)


def asked_before() -> Counter[int]:
    """How often each was invited, over all challenges."""
    rows = _parties("firm").filter(case__kind="invitation").values_list("organisation")
    return Counter({pk: n for pk, n in rows.annotate(n=Count("pk")) if pk is not None})


def candidates(scene: Scene, challenge: Case, task: str = "", count: int = 20) -> list[Candidate]:
    """Who fits, best first, a share of places kept for those seldom asked. Left out: the owner, who was asked for this
    challenge already, and who bids on it."""
    matcher, firms = _built()
    out = set(
        Party.objects.filter(case__parent=challenge, role__in=["firm", "lead", "partner"]).values_list(
            "organisation", flat=True
        )
    )
    out.add(scene.holder.pk)
    times = asked_before()
    found = matcher.find(scene_profile(scene, task), count * 3 + len(out), near=0).fit
    able = {m.profile.id: m for m in found if int(m.profile.id) not in out and has_to_do(m, matcher)}
    shown = {id: times[int(id)] for id in able}
    placed = spread(list(able), shown, count=count, share=KEPT_SHARE)
    return [Candidate(firms[int(p.id)], able[p.id], shown[p.id], p.kept) for p in placed]


def fitting_offers(scene: Scene, count: int = 5) -> list[Match]:
    """Offers on the shelf that a scenario could use, best first, but for those of its own owner."""
    own = {one.code for one in listed("offer") if one.holder.pk == scene.holder.pk}
    searched = shelf_matcher("offer")
    found = searched.find(scene_profile(scene), count + len(own), near=0).fit
    return [m for m in found if m.profile.id not in own and has_to_do(m, searched)][:count]


def scenes_for(firm: Organisation, count: int = 5) -> list[tuple[Scene, Match]]:
    """Open challenges that a firm's offers fit, best first; those it has bid on are left out."""
    offers = [one for one in listed("offer") if one.holder.pk == firm.pk]
    there = {one.code: one for one in scenes() if one.state == "open" and one.holder.pk != firm.pk}
    taken = set(
        Party.objects.filter(organisation=firm, role__in=["lead", "partner"], case__kind="bid")
        .exclude(case__stage__in=["withdrawn", "lapsed"])
        .values_list("case__parent__parent__code", flat=True)
    )
    pool = [scene_profile(one) for code, one in there.items() if code not in taken]
    if not offers or not pool:
        return []
    parts = tuple(part for part in PARTS if part.name not in {"amount", "stage", "record"})
    searched = Matcher(pool, Weights.read(USE), parts=parts, glossary=glossary())
    found = searched.find(firm_profile(firm, offers, 0), count, near=0).fit
    return [(there[m.profile.id], m) for m in found if has_to_do(m, searched)]


def never_asked(limit: int = 50) -> tuple[list[Organisation], int]:
    """Firms with an offer on the shelf that were never invited and never bid: the first ones, and how many in all."""
    offering = Party.objects.filter(case__call__kind="offer", case__stage="listed", role="holder")
    taken = _parties("firm", "lead", "partner").filter(case__kind__in=["invitation", "bid"])
    never = (
        _able()
        .filter(pk__in=offering.values("organisation"))
        .exclude(pk__in=taken.filter(organisation__isnull=False).values("organisation"))
    )
    first = list(never.order_by("name")[:limit])
    return first, len(first) if len(first) < limit else never.count()
