"""All registered firms under the policies of a day, through the column kernel.

The columns are kept in the process until a fact or a firm is added; nothing else can change them, since statements are
never altered.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Count, Max

from qiao.core import facts
from qiao.core.models import Fact
from qiao.core.policies import Rules, rights, rules
from qiao.eligibility import FactTable, Ref, Results, Truth

Rows = npt.NDArray[np.bool_]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Counts:
    """How many firms qualify, are open, do not, and are out of scope."""

    yes: int
    open: int
    no: int
    outside: int

    @property
    def all(self) -> int:
        return self.yes + self.open + self.no + self.outside


@dataclass(frozen=True)
class Survey:
    """Every verdict and clause for every firm. ``firms``: primary keys, in the order of the rows."""

    rules: Rules
    firms: tuple[int, ...]
    table: FactTable
    results: Results

    @cached_property
    def row_of(self) -> dict[int, int]:
        return {firm: row for row, firm in enumerate(self.firms)}

    def facts(self, firm: int) -> dict[Ref, int]:
        return self.table.row(self.row_of[firm])

    def outside(self, id: str) -> Rows:
        found = np.zeros(len(self.firms), bool)
        for clause in self.rules.plan.policy(id).scope:
            found |= self.results.states(clause.node) == Truth.NO
        return found

    def rows(self, id: str, state: str) -> list[int]:
        """The firms in a state (yes, open, no, outside), by primary key."""
        outside, verdicts = self.outside(id), self.results.verdicts(id)
        wanted = outside if state == "outside" else ~outside & (verdicts == _STATES[state])
        return [self.firms[row] for row in np.flatnonzero(wanted)]

    def counts(self, id: str) -> Counts:
        outside, verdicts = self.outside(id), self.results.verdicts(id)
        no, unknown, yes = (int(np.count_nonzero(~outside & (verdicts == t))) for t in (0, 1, 2))
        return Counts(yes, unknown, no, int(np.count_nonzero(outside)))

    def clause(self, node: int) -> tuple[int, int, int]:
        """How many firms fail a clause, have it open, meet it."""
        return self.results.count(node)


_STATES = {"yes": Truth.YES, "open": Truth.UNKNOWN, "no": Truth.NO}


def survey(day: dt.date) -> Survey:
    """Two short queries while nothing was stated; one more for the facts when something was."""
    said = Fact.objects.aggregate(n=Count("pk"), last=Max("pk"), at=Max("stated_at"))
    there = tuple(rights.firms().order_by("pk").values_list("pk", flat=True))
    key = (str(connection.settings_dict["NAME"]), said["n"], said["last"], said["at"])
    return _survey(rules(day), there, key)


@lru_cache(maxsize=2)
def _survey(found: Rules, firms: tuple[int, ...], _key: Key) -> Survey:
    wanted = set(found.plan.inputs)
    known = facts.many(None, found.plan.as_of)
    rows = ({r: v for r, v in known.get(pk, {}).items() if r in wanted} for pk in firms)
    table = FactTable.from_rows(rows, found.plan.vocabulary)
    return Survey(found, firms, table, found.kernel.run(table))
