"""Proposals that say much the same: shown to their author before submission, and to the registry before admission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qiao.core.models import Call, Case, Version
from qiao.core.process import Context, Suggested
from qiao.kinds import phrases
from qiao.letters.reading import rank_similar

COMPARED = 600  # proposals of one session that a text is compared with
SHOWN = 5
CLEARLY = 15  # per cent: less is the ordinary likeness of any two proposals


@dataclass(frozen=True)
class Alike:
    """One proposal like a text: how much of it is the same (per cent), and by which phrases."""

    case: Case
    score: int
    shared: tuple[str, ...]

    @property
    def note(self) -> str:
        said = str(phrases.ALIKE) % {"score": self.score}
        if self.shared:
            said += str(phrases.ALIKE_IN) % {"shared": "".join(f"“{words}”" for words in self.shared)}
        return said


def alike(call: Call, text: str, *, besides: Case | None = None) -> list[Alike]:
    """The proposals of a session nearest to a text, best first. Drafts are nobody else's; two queries."""
    rows = (
        Version.objects.filter(paper__kind="proposal", paper__case__call=call)
        .exclude(paper__case=besides)
        .exclude(paper__case__stage__in=["draft", "withdrawn"])
        .order_by("-paper__case__id", "-n")
        .values_list("paper__case__code", "text")[:COMPARED]
    )
    texts: dict[str, str] = {}
    for code, body in rows:
        texts.setdefault(code, body)
    ranked = rank_similar(text, texts, limit=SHOWN)
    cases = {c.code: c for c in Case.objects.filter(code__in=[s.key for s in ranked]).select_related("call")}
    return [Alike(cases[s.key], round(s.score * 100), s.shared[:4]) for s in ranked]


def alike_to(ctx: Context) -> Sequence[Suggested]:
    """The proposals that this one might be merged into, each with what they share."""
    version = ctx.current("proposal")
    text = version.text if version else ctx.case.title
    found = alike(ctx.case.call, text, besides=ctx.case)
    return [Suggested(one.case, one.note) for one in found if one.score >= CLEARLY]
