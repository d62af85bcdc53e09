"""The trade's synonyms: a standing case whose paper is the glossary, kept by the officers of the shelves' owner.

Every change is a new version with a reason; the file that ships (glossary.yaml) is what it starts from. Matching reads
the newest version. A change of one group names the group as its editor saw it, so that two people who work at the same
time never overwrite each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qiao.core.acts import act, need, open_case
from qiao.core.language import as_stored
from qiao.core.models import Act, Call, Case, Seat, Version
from qiao.core.process import Field, Kind, Problem, Stage, Verb, register
from qiao.kinds import phrases
from qiao.kinds.common import TIMER
from qiao.kinds.shelf.entries import state
from qiao.kinds.shelf.process import EDITOR, SHELVES
from qiao.matching import Glossary
from qiao.matching.text import normal

FILE = Path(__file__).with_name("glossary.yaml")
LONGEST = 40  # characters of a word
MOST = 20  # words of a group
BREAK = re.compile(r"[\n、，,；;]+")  # between the words that are typed

Group = tuple[str, ...]
Groups = tuple[Group, ...]


def text_of(_paper: str, content: Mapping[str, Any]) -> str:
    """One line for each group, so that two versions can be compared."""
    return "\n".join("、".join(group) for group in content.get("groups", ()))


GLOSSARY = register(
    Kind(
        code="glossary",
        version=1,
        label=_("同义词表"),
        supervisors=("officer", "leader"),
        text_of=text_of,
        paper_labels={"glossary": _("词表")},
        stages=(
            Stage(code="kept", label=_("使用中")),
            Stage(code="closed", label=_("已停用"), end=True),
        ),
        verbs=(
            Verb(
                code="write",
                label=_("修改词表"),
                source=("kept",),
                who=(EDITOR, TIMER),
                paper="glossary",
                page="glossary",
                reason=True,
                help=_("每次修改存为新的一版，写明理由；匹配随即使用新的一版。"),
            ),
            Verb(
                code="set_aside",
                label=_("搁置建议"),
                source=("kept",),
                who=(EDITOR,),
                fields=(
                    Field(code="here", label=_("需求用词")),
                    Field(code="there", label=_("成果用词")),
                ),
                reason=True,
                help=_("两个词不是一个意思：写明理由，以后不再建议。"),
            ),
            Verb(
                code="close",
                label=_("停用词表"),
                source=("kept",),
                target="closed",
                who=(EDITOR,),
                reason=True,
                tone="danger",
                help=_("停用后，匹配使用随软件提供的词表；再次修改时由它重新开始。"),
            ),
        ),
    )
)


class BadGroupError(ValueError):
    """A group of words cannot be kept; ``problems`` says what is wrong and where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(p.code for p in problems))
        self.problems = tuple(problems)


class ChangedError(RuntimeError):
    """The group was changed or removed by somebody else in the meantime."""


class NoShelfError(RuntimeError):
    """There is no shelf yet, so nobody keeps a glossary."""


@cache
def shipped() -> Groups:
    """What the software brings."""
    return tuple(tuple(group) for group in yaml.safe_load(FILE.read_text("utf-8")))


def home() -> Call | None:
    """The shelf whose owner keeps the glossary: the oldest. There is one glossary for all that are matched."""
    return Call.objects.filter(kind__in=SHELVES).select_related("owner").order_by("pk").first()


def standing() -> Case | None:
    """The case of the glossary; None before the first change, and after it was closed."""
    cases = Case.objects.filter(kind=GLOSSARY.code, closed_at__isnull=True)
    return cases.select_related("call__owner").order_by("pk").first()


def versions(case: Case) -> list[Version]:
    """All versions, oldest first."""
    return list(Version.objects.filter(paper__case=case, paper__kind="glossary").order_by("n"))


def groups(case: Case | None) -> Groups:
    """What the glossary says now."""
    if case is None:
        return shipped()
    newest = Version.objects.filter(paper__case=case, paper__kind="glossary").order_by("-n").first()
    return groups_of(newest) if newest else shipped()


def groups_of(version: Version) -> Groups:
    return tuple(tuple(group) for group in version.content.get("groups", ()))


_kept: tuple[str, Glossary] = ("", Glossary())


def glossary() -> Glossary:
    """The newest version, as the engine takes it; read again when something was done on a shelf."""
    global _kept  # noqa: PLW0603 (one cache for the process)
    now = state()
    if _kept[0] != now:
        _kept = (now, Glossary(groups(standing())))
    return _kept[1]


def words(text: str) -> Group:
    """The words of one group as they are typed, each once: on lines, or with commas between them."""
    found: dict[str, str] = {}
    for said in BREAK.split(text):
        if word := " ".join(said.split()):
            found.setdefault(normal(word), word)
    return tuple(found.values())


def faults(group: Group, others: Groups) -> list[Problem]:
    """Everything that is wrong with a group beside ``others``."""
    found = []
    if not group:
        found.append(need("group_empty", phrases.GLOSSARY_EMPTY))
    elif len(group) == 1:
        found.append(need("group_of_one", phrases.GLOSSARY_ONE, word=group[0]))
    if len(group) > MOST:
        found.append(need("group_too_long", phrases.GLOSSARY_MANY, n=len(group), most=MOST))
    found += [
        need("word_too_long", phrases.GLOSSARY_LONG, word=f"{word[:LONGEST]}…", n=len(word), most=LONGEST)
        for word in group
        if len(word) > LONGEST
    ]
    for word in group:
        at = next((other for other in others if normal(word) in map(normal, other)), None)
        if at is not None:
            found.append(need("word_twice", phrases.GLOSSARY_TWICE, word=word, group="、".join(at)))
    return found


def change(*, by: Seat, old: Group = (), new: Group = (), reason: str) -> Act:
    """Add a group (``new`` alone), change one (both) or remove one (``old`` alone); opens the case where there is none.

    Raises BadGroupError, ChangedError where ``old`` is no longer there, NoShelfError, or Refused.
    """
    with transaction.atomic():
        case = _standing(by)
        now = groups(case)
        if old and old not in now:
            raise ChangedError("、".join(old))
        others = tuple(group for group in now if group != old)
        if not (old and not new) and (wrong := faults(new, others)):
            raise BadGroupError(wrong)
        kept = [new if group == old else group for group in now if group != old or new]
        if not old:
            kept.insert(0, new)  # where it is seen
        content = {"groups": [list(group) for group in kept]}
        return act(case, "write", by=by, content=content, reason=reason)


def set_aside(here: str, there: str, *, by: Seat, reason: str) -> Act:
    """Two words that accepted matches suggested do not mean the same: not suggested again."""
    with transaction.atomic():
        return act(_standing(by), "set_aside", by=by, data={"here": here, "there": there}, reason=reason)


def _standing(by: Seat) -> Case:
    """The case, locked; opened with what ships where there is none."""
    found = standing()
    if found is not None:
        return Case.objects.select_for_update(of=("self",)).select_related("call__owner").get(pk=found.pk)
    shelf = home()
    if shelf is None:
        raise NoShelfError
    with as_stored():
        title, reason = str(GLOSSARY.label), str(phrases.GLOSSARY_SHIPPED)
    case = open_case(GLOSSARY.code, call=shelf, title=title, by=by, live_key=GLOSSARY.code)
    content = {"groups": [list(group) for group in shipped()]}
    act(case, "write", by=None, content=content, reason=reason)
    return case
