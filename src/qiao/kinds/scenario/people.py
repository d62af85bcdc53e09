"""Who takes part in scenarios and challenges, and the values their rulebook gives."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core.acts import need
from qiao.core.models import Case, Organisation, Party
from qiao.core.process import OWNER, Context, Problem, Who
from qiao.core.rulebook import Rulebook
from qiao.kinds import phrases
from qiao.kinds.common import check

EDITOR = Who(label=_("主管部门承办人"), role="officer", of=OWNER)
LEADER = Who(label=_("主管部门领导"), role="leader", of=OWNER)
HOLDER = Who(label=_("场景主体经办人"), role="agent", of="holder")
HOLDER_OFFICER = Who(label=_("场景主体承办人"), role="officer", of="holder")
LEAD = Who(label=_("牵头单位经办人"), role="agent", of="lead")
PARTNER = Who(label=_("联合单位经办人"), role="agent", of="partner")
EXPERT = Who(label=_("评审专家"), party="expert")

SUPERVISORS = ("officer", "head", "leader")


def value(book: Rulebook, name: str) -> Any:
    """A value of the rulebook, without its source."""
    return book.values[name]["value"]


def parent(case: Case) -> Case:
    """The case that this one stands below: of a bid its challenge, of a challenge its scenario."""
    if case.parent is None:
        raise ValueError(f"{case.code} stands below nothing")
    return case.parent


def holders(case: Case) -> set[int]:
    """The owner of a scenario or a challenge."""
    return {
        pk
        for pk in Party.objects.filter(case=case, role="holder").values_list("organisation", flat=True)
        if pk
    }


def named(text: str, units: Iterable[Organisation]) -> str:
    """The name of a unit that a text says, however it is spaced; nothing where it names none."""
    said = _squeezed(text)
    names = (name for unit in units for name in (unit.name, unit.short_name) if len(name) > 1)
    return next((name for name in names if _squeezed(name) in said), "")


def _squeezed(text: str) -> str:
    """Without spaces, in one width and case."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def is_written(paper: str) -> Any:
    """A need: that paper has been written."""

    @check
    def written(ctx: Context) -> Problem | None:
        return None if ctx.current(paper) else need("not_written", phrases.SHEET_EMPTY)

    return written
