"""All registered firms under the policies of a day, through the column kernel.

Statements are never altered, only added to: what was read is kept in the process, and only firms about which something
was stated since are read again.
"""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Count, Max

from qiao.core import facts
from qiao.core.models import Fact
from qiao.core.policies import Rules, rights, rules
from qiao.eligibility import FactTable, Ref, Results, Truth

Rows = npt.NDArray[np.bool_]


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


@dataclass
class _Known:
    """The facts of all firms as of one day, kept up by reading only the firms that something was stated about."""

    by_firm: dict[int, dict[Ref, int]]
    newest: Newest

    def read_on(self, newest: Newest, as_of: dt.date) -> bool:
        """Read what was stated since. False where that is much, or something went away: read everything anew."""
        if newest == self.newest:
            return True
        before = Fact.objects.filter(pk=self.newest[1]).values_list("stated_at", flat=True).first()
        since = Fact.objects.filter(pk__gt=self.newest[1]).values_list("organisation", flat=True)
        firms = list(since)
        if before != self.newest[2] or self.newest[0] + len(firms) != newest[0] or len(firms) > FEW:
            return False
        changed = facts.many(sorted(set(firms)), as_of)
        self.by_firm.update({firm: changed.get(firm, {}) for firm in firms})
        self.newest = newest
        return True


Newest = tuple[int, int, dt.datetime | None]  # how many statements there are, the newest, when it was made
DAYS = 4  # so many days are kept
FEW = 5000  # after more statements than this everything is read anew
_lock = threading.Lock()
_known: dict[tuple[str, Rules], _Known] = {}


def survey(day: dt.date) -> Survey:
    """Two short queries while nothing was stated; three more for the firms that something was stated about."""
    found = rules(day)
    said = Fact.objects.aggregate(n=Count("pk"), last=Max("pk"), at=Max("stated_at"))
    there = tuple(rights.firms().order_by("pk").values_list("pk", flat=True))
    database = str(connection.settings_dict["NAME"])
    return _survey(found, there, database, (said["n"], said["last"] or 0, said["at"]))


@lru_cache(maxsize=DAYS)
def _survey(found: Rules, firms: tuple[int, ...], database: str, newest: Newest) -> Survey:
    known, nothing = _read(found, database, newest), dict[Ref, int]()
    table = FactTable.from_rows((known.get(pk, nothing) for pk in firms), found.plan.vocabulary)
    return Survey(found, firms, table, found.kernel.run(table))


def _read(found: Rules, database: str, newest: Newest) -> dict[int, dict[Ref, int]]:
    """The facts of all firms. Statements are only added, so that few have to be read again."""
    with _lock:
        slot = (database, found)
        mine = _known.pop(slot, None)
        if mine is None or not mine.read_on(newest, found.plan.as_of):
            mine = _Known(facts.many(None, found.plan.as_of), newest)
        _known[slot] = mine
        while len(_known) > DAYS:
            del _known[next(iter(_known))]
        return mine.by_firm
