"""What a public list is filtered by; a search of it as words, as an address, and as data that can be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.http import urlencode

from qiao.core.process import Text
from qiao.kinds import phrases

LONGEST = 100  # characters of what is searched
WATCHING = "/desk/watch/"  # where saved searches are kept


@dataclass(frozen=True)
class Filter:
    """One select of a list: its options as value and label."""

    name: str
    label: Text
    options: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Surface:
    """A public list that can be searched, by words (``q``) and by ``filters`` (asked with a language).

    ``of`` names it in a saved search, ``everything`` says what is found without any condition.
    """

    of: str
    path: str
    label: Text
    everything: Text
    filters: Callable[[str], list[Filter]]

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that can be asked."""
        return (*(one.name for one in self.filters("zh")), "q")

    def cleaned(self, said: Mapping[str, str]) -> dict[str, str]:
        """A search as it is kept: only what can be asked, and what was said at all."""
        known = {one.name: {value for value, _ in one.options} for one in self.filters("zh")}
        found = {name: value for name, options in known.items() if (value := said.get(name, "")) in options}
        if q := said.get("q", "").strip()[:LONGEST]:
            found["q"] = q
        return found

    def in_words(self, values: Mapping[str, str], language: str) -> list[str]:
        """A search as it is read: each condition with its label."""
        found = [
            str(phrases.SEARCH_IS % {"label": one.label, "value": label})
            for one in self.filters(language)
            for value, label in one.options
            if values.get(one.name) == value
        ]
        said = [str(phrases.SEARCH_SAYS % {"q": values["q"]})] if values.get("q") else []
        return [*said, *found] or [str(self.everything)]

    def address(self, values: Mapping[str, str]) -> str:
        """Where it is shown what a search finds."""
        return _with(self.path, self._asked(values))

    def watch_address(self, values: Mapping[str, str]) -> str:
        """Where a search is saved."""
        return _with(WATCHING, {"new": "1", "of": self.of} | self._asked(values))

    def _asked(self, values: Mapping[str, str]) -> dict[str, str]:
        known = self.cleaned(values)
        return {name: known[name] for name in self.names if name in known}


def _with(path: str, asked: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path
