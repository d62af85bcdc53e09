"""Packs and a day become one plan.

Pure and quick: nothing is cached, a plan is a function of (packs, vocabulary, day). Each file rests on those before it:
``builder`` numbers nodes, ``amounts`` and ``conditions`` read expressions, ``packs`` reads one pack, ``whole`` all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from qiao.eligibility.pack import Pack
from qiao.eligibility.plan import Plan
from qiao.eligibility.problems import PackError
from qiao.eligibility.vocabulary import Vocabulary

from .whole import Compiler

__all__ = ["make_plan"]


def make_plan(
    packs: Iterable[Pack],
    vocabulary: Vocabulary,
    as_of: dt.date,
    *,
    known: Iterable[str] = (),
    only: Iterable[str] = (),
) -> Plan:
    """The plan of the given packs for one day. Versions not in force that day are left out.

    ``known``: ids of policies that exist at all, so that one which is not in force counts as *no* and one that does not
    exist as a mistake. ``only``: plan these policies (and what they refer to) alone. Raises `PackError`.
    """
    packs = list(packs)
    force = [p for p in packs if p.in_force(as_of)]
    compiler = Compiler(force, vocabulary, as_of, {*known, *(p.id for p in packs)})
    wanted = list(only) or [p.id for p in force]
    policies = tuple(compiler.policy(id) for id in wanted if id in compiler.packs)
    if compiler.problems:
        raise PackError(compiler.problems)
    behind = tuple(p for id, p in compiler.done.items() if id not in wanted)
    return Plan(as_of, vocabulary, tuple(compiler.builder.nodes), policies, behind)
