"""Proving packs: the checks of `qiao packs check` and the tests of `qiao packs test`, written and generated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import nodes as n
from .compiling import make_plan
from .exact import Ref, Terms
from .library import Library, overlaps
from .pack import Pack, PackTest
from .packfile import read_pack
from .plan import Plan, Policy
from .problems import PackError, Problem
from .truth import Truth
from .vocabulary import BadValue, Vocabulary
from .walk import Walker, total


@dataclass(frozen=True)
class Outcome:
    """One test of a pack and what came of it. ``wrong`` is empty when it held."""

    pack: Pack
    name: str
    generated: bool
    wrong: tuple[Problem, ...]


def check(root: Path) -> list[Problem]:
    """Everything that is wrong with the packs under ``root``; empty when nothing is.

    Each pack is compiled on its first and last day, and on every day on which a policy that it refers to changes.
    """
    try:
        vocabulary = Vocabulary.load(root)
    except PackError as broken:
        return broken.problems
    packs: list[Pack] = []
    problems: list[Problem] = []
    for path in sorted(root.glob("*/packs/*.yaml")):
        try:
            packs.append(read_pack(path))
        except PackError as broken:
            problems += broken.problems
    problems += overlaps(packs)
    if any(p.code == "dates_overlap" for p in problems):
        return sorted(set(problems))
    ids = {p.id for p in packs}
    for day in sorted({d for p in packs for d in (p.start, p.until) if d}):
        try:
            make_plan(packs, vocabulary, day, known=ids)
        except PackError as broken:
            problems += broken.problems
    for pack in packs:
        if not pack.tests:
            problems.append(pack.place.problem("no_tests", "没有测试（tests）", "there are no tests"))
    return sorted(set(problems))


def run_tests(library: Library, *, generated: bool = True) -> Iterator[Outcome]:
    """The tests inside all packs, then the generated ones of every threshold."""
    for pack in library.packs:
        for test in pack.tests:
            yield Outcome(pack, test.name, False, tuple(_run(library, pack, test)))
        if generated:
            yield from boundaries(library, pack)


def _run(library: Library, pack: Pack, test: PackTest) -> Iterator[Problem]:
    if not pack.in_force(test.as_of):
        yield test.place.problem(
            "not_in_force", f"{test.as_of} 这一版未施行", f"this version is not in force on {test.as_of}"
        )
        return
    given: dict[str, Any] = {}
    for key, value in test.facts.items():
        given[f"{pack.id}:{key}" if key in pack.judged else key] = value
    try:
        facts = library.facts(given, test.as_of)
        plan = library.plan(test.as_of, only=[pack.id])
    except KeyError as missing:
        yield test.place.problem(
            "unknown_fact", f"没有事实“{missing.args[0]}”", f"there is no fact “{missing.args[0]}”"
        )
        return
    except BadValue as bad:
        yield test.place.problem("bad_value", bad.zh, bad.en)
        return
    judged = Walker(plan).judge(facts)
    policy = plan.policy(pack.id)

    def differs(what: str, expected: object, found: object) -> Problem:
        return test.place.problem(
            "test_failed",
            f"“{test.name}”：{what} 应为 {expected}，实为 {found}",
            f"“{test.name}”: {what} should be {expected}, is {found}",
        )

    found = judged.verdict(pack.id).word
    if found != test.expect:
        open_ = ", ".join(f"{c.clause.id}={Truth(judged.states[c.node]).word}" for c in policy.clauses)
        yield differs("verdict", test.expect, f"{found} ({open_})")
    for name, expected in test.scores.items():
        try:
            points = judged.score(pack.id, name)
        except StopIteration:
            yield test.place.problem("unknown_score", f"没有评分“{name}”", f"there is no score “{name}”")
            continue
        if points != expected:
            yield differs(name, list(expected), list(points))
    for name, wanted in test.clauses.items():
        clause = next((c for c in policy.clauses if c.clause.id == name), None)
        if clause is None:
            yield test.place.problem("unknown_clause", f"没有条款“{name}”", f"there is no clause “{name}”")
        elif (state := Truth(judged.states[clause.node]).word) != wanted:
            yield differs(name, wanted, state)
    if test.klass and judged.klass(pack.id) != test.klass:
        yield differs("class", test.klass, judged.klass(pack.id))


def boundaries(library: Library, pack: Pack) -> Iterator[Outcome]:
    """For every threshold: facts just below, on and just above it must come out as no, yes, yes.

    The facts are found from the threshold alone, and judged by the walk: a threshold that cannot be crossed within the
    bounds of its facts is itself a mistake.
    """
    plan = library.plan(pack.start, only=[pack.id])
    walker = Walker(plan)
    for number, node in _mine(plan, plan.policy(pack.id)):
        wrong: list[Problem] = []
        for distance, expected in ((-1, Truth.NO), (0, Truth.YES), (1, Truth.YES)):
            facts = _solve(library.vocabulary, node, node.bound + distance)
            if facts is None:
                continue  # whole numbers need not meet every value of the terms; the bound itself is what counts
            found = walker.judge(facts).states[number]
            if found != expected:
                wrong.append(
                    pack.place.problem(
                        "boundary_failed",
                        f"{_written(node)}：{facts} 应为 {expected.word}，实为 {Truth(found).word}",
                        f"{_written(node)}: {facts} should be {expected.word}, is {Truth(found).word}",
                    )
                )
        yield Outcome(pack, _written(node), True, tuple(wrong))


def _mine(plan: Plan, policy: Policy) -> Iterator[tuple[int, n.Inequality]]:
    """The thresholds of one policy, each once."""
    seen: set[int] = set()
    stack = [policy.verdict, *(c.node for c in policy.clauses), *(s.node for s in policy.scores)]
    while stack:
        number = stack.pop()
        if number in seen:
            continue
        seen.add(number)
        node = plan.nodes[number]
        if isinstance(node, n.Inequality) and not any(":" in ref.key for ref in n.inputs(node)):
            yield number, node
        stack += n.children(node)


def _solve(vocabulary: Vocabulary, node: n.Inequality, value: int) -> dict[Ref, int] | None:
    """Plausible facts that bring the terms to exactly ``value`` (or None where no simple ones do)."""
    refs = n.inputs(node)
    for base in (1, 10**4, 10**8, 10**10, 10**12):
        facts = {ref: _inside(vocabulary, ref, base) for ref in refs}
        for ref in refs:
            degree = {m.count(ref) for m, _ in node.terms}
            if max(degree) != 1:
                continue
            without = total(node.terms, facts | {ref: 0}) or 0
            factor = (total(node.terms, facts | {ref: 1}) or 0) - without
            if factor and (value - without) % factor == 0:
                answer = (value - without) // factor
                found = facts | {ref: answer}
                guarded = all((total(g, found) or 0) >= least for g, least in node.guards)
                if guarded and _possible(vocabulary, ref, answer):
                    return found
    return None


def _inside(vocabulary: Vocabulary, ref: Ref, value: int) -> int:
    fact = vocabulary[ref.key]
    return min(max(value, fact.least), fact.most) if fact.numeric else value % 20_000


def _possible(vocabulary: Vocabulary, ref: Ref, value: int) -> bool:
    fact = vocabulary[ref.key]
    return fact.least <= value <= fact.most if fact.numeric else abs(value) < 10**5


def _written(node: n.Inequality) -> str:
    return f"{_terms(node.terms)} ≥ {node.bound}"


def _terms(terms: Terms) -> str:
    return " + ".join(f"{c}·{'·'.join(map(str, m))}" if c != 1 else "·".join(map(str, m)) for m, c in terms)
