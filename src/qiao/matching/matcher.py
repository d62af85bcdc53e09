"""Who fits: hard conditions first, then a score that is a sum of named parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import phrases as say
from .conditions import Condition, Judged, State, judged
from .glossary import Glossary
from .index import Asked, Backend, Index, Mask, Rarity
from .parts import Part
from .profiles import Pool, Profile, Words
from .text import cut, normal
from .weights import Weights


@dataclass(frozen=True)
class Share:
    """One part of a score."""

    name: str
    label: Words
    points: float
    most: float
    text: Words


class Match:
    """One profile that was found, and why. Reasons are put into words when they are asked for."""

    def __init__(
        self, profile: Profile, score: float, reasons: _Scored, place: int, states: NDArray[np.int8]
    ) -> None:
        self.profile, self.score = profile, score
        self._reasons, self._place, self._states = reasons, place, states

    @cached_property
    def parts(self) -> tuple[Share, ...]:
        """They add up to the score."""
        return self._reasons.parts(self._place)

    @property
    def points(self) -> dict[str, float]:
        """What the score is the sum of, without a sentence: ``text`` (with synonyms) and the named parts."""
        return self._reasons.points(self._place, self.score)

    @cached_property
    def conditions(self) -> tuple[Judged, ...]:
        return tuple(
            judged(condition, State(int(state)), self._reasons.asker, self.profile)
            for condition, state in zip(self._reasons.matcher.conditions, self._states, strict=True)
        )

    @property
    def open(self) -> tuple[Judged, ...]:
        """What still has to be verified."""
        return tuple(c for c in self.conditions if c.state is State.UNKNOWN)

    @property
    def failed(self) -> tuple[Judged, ...]:
        return tuple(c for c in self.conditions if c.state is State.FAIL)


@dataclass(frozen=True)
class Matches:
    """Who fits, best first; and who would, but for one condition."""

    fit: tuple[Match, ...]
    near: tuple[Match, ...]
    fitting: int  # how many fit or may fit, shown or not


class Matcher:
    """A pool that is asked again and again.

    ``needs``: texts of the side that asks; what they all say counts little. ``backend``: another text index over the
    same profiles, built with `texts_of`.
    """

    def __init__(
        self,
        pool: Sequence[Profile] | Pool,
        weights: Weights | None = None,
        *,
        parts: Sequence[Part] = (),
        conditions: Sequence[Condition] = (),
        glossary: Glossary | None = None,
        needs: Sequence[str] = (),
        backend: Backend | None = None,
    ) -> None:
        self.pool = pool if isinstance(pool, Pool) else Pool(pool)
        self.weights = weights or Weights.read()
        self.parts = [part for part in parts if self.weights.parts.get(part.name)]
        self.conditions = tuple(conditions)
        self.glossary = glossary or Glossary()
        self.rarity = Rarity(needs)
        self.backend = backend or Index(texts_of(self.pool, self.weights))

    def asked(self, asker: Profile) -> str:
        """What a profile asks, as one text."""
        return "\n\n".join(asker.texts[f] for f in self.weights.fields if asker.texts.get(f))

    def states(self, asker: Profile) -> NDArray[np.int8]:
        """Conditions × profiles."""
        rows = [condition.judge(asker, self.pool) for condition in self.conditions]
        return np.array(rows, np.int8).reshape(len(rows), len(self.pool))

    def find(self, asker: Profile, count: int = 20, *, near: int = 10, also: Mask | None = None) -> Matches:
        """The best ``count`` for ``asker``, and the best ``near`` that fail in one condition only.

        ``also``: a further filter on the pool that is not worth a sentence. The asker never finds itself.
        """
        states = self.states(asker)
        allowed = np.ones(len(self.pool), bool) if also is None else also.copy()
        if (own := self.pool.places.get(asker.id)) is not None:
            allowed[own] = False
        fails = (states == State.FAIL).sum(axis=0)
        scored = _Scored(self, asker)
        groups = []
        for mask, wanted in ((allowed & (fails == 0), count), (allowed & (fails == 1), near)):
            groups.append(
                tuple(
                    Match(self.pool.profiles[place], score, scored, place, states[:, place])
                    for place, score in scored.best(mask, wanted)
                )
            )
        fit, near_misses = groups
        return Matches(fit, near_misses, int((allowed & (fails == 0)).sum()))

    def scores(self, asker: Profile) -> NDArray[np.float64]:
        """The score of every profile, whatever the conditions say; needs the embedded index."""
        return _Scored(self, asker).all()


class _Scored:
    """One question being answered."""

    def __init__(self, matcher: Matcher, asker: Profile) -> None:
        self.matcher, self.asker = matcher, asker
        weights, pool = matcher.weights, matcher.pool
        text = matcher.asked(asker)
        self.questions = [(text, matcher.rarity.asked(text), 1.0)]
        if synonyms := matcher.glossary.otherwise(text):
            also = _without(matcher.rarity.asked(synonyms), self.questions[0][1])
            self.questions.append((synonyms, also, weights.glossary_share))
        self.together = _together([question[1:] for question in self.questions])
        self.shares = [(part, weights.parts[part.name], part.shares(asker, pool)) for part in matcher.parts]
        self.others = sum((points * shares for _, points, shares in self.shares), np.zeros(len(pool)))
        _, top = matcher.backend.search(self.together, 1)
        reach = weights.floor * matcher.backend.reach(self.together)
        highest = max(float(top[0]) if len(top) else 0.0, reach)
        self.scale = weights.parts.get("text", 0.0) / highest if highest else 0.0

    def all(self) -> NDArray[np.float64]:
        places, text = self.matcher.backend.search(self.together, len(self.matcher.pool))
        found: NDArray[np.float64] = self.others.copy()
        found[places] += text * self.scale
        return found

    def best(self, mask: Mask, count: int) -> list[tuple[int, float]]:
        """Places and scores of the best where ``mask`` holds, equal ones in the order of the pool.

        As many texts are asked for as it takes until no other profile can come in between: its text is no better
        than the last one seen, and its other parts are known.
        """
        left = int(mask.sum())
        if not (count := min(count, left)):
            return []
        look = max(count * 8, 200)
        while True:
            places, text = self.matcher.backend.search(self.together, look, mask)
            total = np.where(mask, self.others, -1.0)
            total[places] += text * self.scale
            line = np.partition(total, len(total) - count)[len(total) - count]
            if len(places) < look or look >= left:
                break
            unseen = mask.copy()
            unseen[places] = False
            if self.others[unseen].max(initial=-1.0) + text[-1] * self.scale < line:
                break
            look *= 8
        some = np.flatnonzero(total >= line)
        some = some[np.lexsort((some, -total[some]))][:count]
        return list(zip(some.tolist(), total[some].tolist(), strict=True))

    def points(self, place: int, score: float) -> dict[str, float]:
        """The named parts as they were added, and what the texts gave to the rest."""
        named = {part.name: float(most * found[place]) for part, most, found in self.shares}
        return {"text": max(score - sum(named.values()), 0.0)} | named

    def parts(self, place: int) -> tuple[Share, ...]:
        """What the score of a profile is the sum of."""
        other, backend = self.matcher.pool.profiles[place], self.matcher.backend
        shares = []
        said_there = "\n".join(other.texts.values())
        for (asked, words, factor), (name, label, phrase) in zip(self.questions, _TEXTS, strict=False):
            terms = backend.explain(words, place)
            points = sum(value for _, value in terms) * factor * self.scale
            named = _phrases(asked, said_there, terms)
            text = phrase if named else say.SCATTERED if terms else say.NO_TEXT
            said = Words(text.said("zh", terms="、".join(named)), text.said("en", terms=", ".join(named)))
            shares.append(Share(name, label, points, self.matcher.weights.parts.get("text", 0.0), said))
        for part, most, found in self.shares:
            said = Words(*(part.sentence(self.asker, other, language) for language in ("zh", "en")))
            shares.append(Share(part.name, part.label, float(most * found[place]), most, said))
        return tuple(shares)


_TEXTS = (
    ("text", Words("文字", "text"), say.TEXT),
    ("glossary", Words("同义词", "synonyms"), say.GLOSSARY),
)


def texts_of(pool: Pool, weights: Weights) -> dict[str, tuple[float, list[str]]]:
    """The texts of a pool as an index takes them."""
    return {field: (weight, pool.texts(field)) for field, weight in weights.fields.items()}


def _without(asked: Asked, before: Asked) -> Asked:
    """What a question asks that was not asked before: 大语言模型 for 大模型 does not ask for 模型 once more."""
    new = ~np.isin(asked.keys, before.keys)
    labels = tuple(label for label, kept in zip(asked.labels, new.tolist(), strict=True) if kept)
    return Asked(asked.keys[new], asked.weights[new], labels)


def _together(questions: Sequence[tuple[Asked, float]]) -> Asked:
    """Several questions as one."""
    return Asked(
        np.concatenate([asked.keys for asked, _ in questions]),
        np.concatenate([asked.weights * factor for asked, factor in questions]),
        tuple(label for asked, _ in questions for label in asked.labels),
    )


_PARTICLES = "的和与及或在并是把给对为从由 "  # say nothing at the edge of a passage


def _phrases(asked: str, other: str, terms: Sequence[tuple[str, float]], most: int = 6) -> list[str]:
    """The longest passages two texts share, those first that give most to the score."""
    asked, other, worth = normal(asked), normal(other), dict(terms)
    found: dict[str, float] = {}
    parts = cut([asked])
    until = -1
    for begin, end in sorted(
        zip(parts.starts.tolist(), parts.ends.tolist(), strict=True), key=lambda p: (p[0], -p[1])
    ):
        term = asked[begin:end]
        if end <= until or term not in worth or term not in other or (len(term) == 1 and not term.isascii()):
            continue
        while end < len(asked) and asked[begin : end + 1] in other and asked[end].isalnum():
            end += 1  # noqa: PLW2901
        until = end
        passage = asked[begin:end].strip(_PARTICLES)
        if len(passage) > 1 or passage.isascii():
            found[passage] = found.get(passage, 0.0) or sum(v for t, v in worth.items() if t in passage)
    best: list[str] = []
    for passage in sorted(found, key=lambda passage: -found[passage]):
        if not any(passage in longer for longer in best):
            best.append(passage)
    return best[:most]
