"""Words that mean the same, in Chinese and English: owned by people, used to find what is said otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .text import cut, normal

_FEWEST = 3  # accepted matches that must show a pair before it is suggested


@dataclass(frozen=True)
class Suggestion:
    """Two words that accepted matches use for the same thing, perhaps: a person decides."""

    here: str
    there: str
    seen: int  # accepted matches that hold both
    strength: float  # how much more often together than by chance (1: no more)


class Glossary:
    """Groups of words with one meaning. Words are compared as searched: width and capitals do not matter."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        self.groups = tuple(
            tuple(dict.fromkeys(word.strip() for word in group if word.strip())) for group in groups
        )
        self._of: dict[str, list[int]] = {}
        for number, group in enumerate(self.groups):
            for word in group:
                self._of.setdefault(normal(word), []).append(number)

    def others(self, text: str) -> dict[str, list[str]]:
        """The words of a text that are in the glossary, each with what else it is called."""
        plain = f" {normal(text)} "
        found: dict[str, list[str]] = {}
        for word, numbers in self._of.items():
            place = plain.find(word)
            while place > 0 and _inside(plain, place, word):
                place = plain.find(word, place + 1)
            if place > 0:
                also = dict.fromkeys(o for n in numbers for o in self.groups[n] if normal(o) not in plain)
                if also:
                    found[word] = list(also)
        return found

    def otherwise(self, text: str) -> str:
        """What the words of a text are called elsewhere, each on a line; "" where the glossary knows none of them."""
        return "\n\n".join(dict.fromkeys(word for words in self.others(text).values() for word in words))


def _inside(text: str, place: int, word: str) -> bool:
    """Whether a Latin word was found inside a longer one: "ar" in "park"."""
    before, after = text[place - 1], text[place + len(word)]
    latin = (word[0].isascii() and before.isascii() and before.isalnum()) or (
        word[-1].isascii() and after.isascii() and after.isalnum()
    )
    return latin


def suggest(accepted: Iterable[tuple[str, str]], known: Glossary, *, most: int = 50) -> list[Suggestion]:
    """What might be missing from a glossary: words of two sides that keep meeting in accepted matches.

    Of each match the words that only one side uses are counted; a pair is told when it is seen in at least three
    matches and at least twice as often as chance would have it.
    """
    sides = []
    for asked, offered in accepted:
        left, right = (_words(text) for text in (asked, offered))
        sides.append((left - right, right - left))
    matches = len(sides)
    ours = Counter(word for left, _ in sides for word in left)
    theirs = Counter(word for _, right in sides for word in right)
    pairs = Counter(  # a pair cannot be seen more often than its rarer word
        (a, b)
        for left, right in sides
        for a in left
        if ours[a] >= _FEWEST
        for b in right
        if theirs[b] >= _FEWEST
    )
    same = {(normal(a), normal(b)) for group in known.groups for a in group for b in group}
    found = [
        Suggestion(a, b, seen, seen * matches / (ours[a] * theirs[b]))
        for (a, b), seen in pairs.items()
        if seen >= _FEWEST and (a, b) not in same and seen * matches >= 2 * ours[a] * theirs[b]
    ]
    return sorted(found, key=lambda s: (-s.seen * s.strength, s.here, s.there))[:most]


def _words(text: str) -> set[str]:
    parts = cut([text])
    return {label for label in parts.labels() if len(label) > 1 and not any(map(str.isspace, label))}
