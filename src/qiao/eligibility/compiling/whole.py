"""All packs in force on one day into one plan; what packs ask of each other goes through here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from qiao.eligibility.language import BadExpression
from qiao.eligibility.pack import Pack, Table
from qiao.eligibility.plan import Policy
from qiao.eligibility.problems import Problem
from qiao.eligibility.vocabulary import Fact, Vocabulary

from .builder import Builder
from .packs import PackCompiler


class Compiler:
    """All packs in force on one day into one plan."""

    def __init__(
        self, packs: Iterable[Pack], vocabulary: Vocabulary, as_of: dt.date, known: Iterable[str]
    ) -> None:
        self.packs = {p.id: p for p in packs}
        self.known = frozenset(known)
        self.vocabulary, self.as_of = vocabulary, as_of
        self.builder = Builder()
        self.problems: list[Problem] = []
        self.done: dict[str, Policy] = {}
        self.open: list[str] = []
        self._branches: dict[tuple[str, tuple[str, ...]], bytes] = {}
        self._rows: dict[tuple[str, tuple[tuple[str, ...], ...]], tuple[int, ...]] = {}

    def policy(self, id: str) -> Policy:
        if id not in self.done:
            self.open.append(id)
            self.done[id] = PackCompiler(self.packs[id], self).policy()
            self.open.pop()
        return self.done[id]

    def _reach(self, id: str, at: int) -> Policy:
        if id in self.open:
            raise BadExpression("cycle", f"政策“{id}”间接用到了自身", f"the policy “{id}” uses itself", at)
        return self.policy(id)

    def verdict(self, id: str, at: int) -> int:
        if id not in self.packs:
            if id not in self.known:
                raise BadExpression("unknown_policy", f"没有政策“{id}”", f"there is no policy “{id}”", at)
            return self.builder.const(0)  # none of its versions is in force on the day
        return self._reach(id, at).verdict

    def derived(self, fact: Fact, members: Iterable[str], at: int) -> int:
        """The node of “this class is one of these”, from the classification in force."""
        makers = [p.id for p in self.packs.values() if p.classes and p.classes.fact == fact.key]
        if len(makers) != 1:
            raise BadExpression(
                "no_classification",
                f"当日没有（或不止一个）政策给出“{fact.key}”",
                f"“{fact.key}” is not derived by exactly one pack in force",
                at,
            )
        policy = self._reach(makers[0], at)
        chosen = self.builder.any([node for value, node in policy.classes if value in members])
        # Off the scope of the classification (an industry it does not cover) there is no class at all.
        return self.builder.all([chosen, *(c.node for c in policy.scope)])

    def branches(self, tree_name: str, codes: tuple[str, ...], at: int) -> bytes:
        key = (tree_name, codes)
        if key not in self._branches:
            tree = self.vocabulary.trees[tree_name]
            missing = [c for c in codes if c not in tree.numbers]
            if missing:
                raise BadExpression(
                    "unknown_code",
                    f"没有代码“{'、'.join(missing)}”",
                    f"there is no code “{', '.join(missing)}”",
                    at,
                )
            inside, above = frozenset(codes), tree._above(frozenset(codes))
            self._branches[key] = bytes(
                2 if not inside.isdisjoint(tree.path(code)) else 1 if code in above else 0
                for code in tree.codes
            )
        return self._branches[key]

    def rows(self, pack: Pack, table: Table) -> tuple[int, ...]:
        tree = self.vocabulary.trees[self.vocabulary[table.by].tree]
        key = (tree.name, tuple(row.codes for row in table.rows))
        if key not in self._rows:
            of = {code: number for number, row in enumerate(table.rows) for code in row.codes}
            missing = [c for c in of if c not in tree.numbers]
            if missing:
                raise BadExpression(
                    "unknown_code",
                    f"表中没有代码“{'、'.join(missing)}”",
                    f"the table names codes that do not exist: {', '.join(missing)}",
                )
            above = tree._above(frozenset(of))

            def row(code: str) -> int:
                found = next((of[c] for c in tree.path(code) if c in of), -1)
                # Where a narrower branch has a row of its own, a broader code does not say which of them applies.
                return -2 if code in above else found

            self._rows[key] = tuple(map(row, tree.codes))
        return self._rows[key]
