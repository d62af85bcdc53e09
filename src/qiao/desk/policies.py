"""Policies as an officer sees them: what is in force, who qualifies, where firms drop out, what a change would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from qiao.core import money
from qiao.core.charts import Bar, bars
from qiao.core.identity import seats_at
from qiao.core.language import language
from qiao.core.models import Call, Organisation
from qiao.core.policies import Rules, library, refused, rights, rules
from qiao.core.policies import phrases as policy_phrases
from qiao.core.policies.fitting import Fit
from qiao.core.policies.survey import Counts, Survey, survey
from qiao.desk import phrases
from qiao.desk.registry.seats import only_for
from qiao.desk.shared import crumbs, day_asked, today
from qiao.desk.support.calls import office_seat
from qiao.eligibility import Pack, PackError, Policy, Truth
from qiao.eligibility.plan import PlannedClause
from qiao.eligibility.simulate import Simulation, simulate
from qiao.eligibility.vocabulary import show_number

SEATS = ("officer", "head", "leader", "registry", "admin")
HOME = "/desk/policies/"
PAGE = 20
CALLS = 3  # so many calls of a policy have their budget shown
CHANGES = 2  # so many thresholds are changed at once
LONGEST = 300  # characters of an expression
GAINED = 50  # so many firms are named
FUNNEL = ("all", "inside", "not_refused", "yes")


@dataclass(frozen=True)
class Shown:
    """A version of a policy as pages name it."""

    pack: Pack
    code: str

    @property
    def title(self) -> str:
        return self.pack.title[self.code]

    @property
    def issuer(self) -> str:
        return self.pack.issuer[self.code]

    @property
    def kind(self) -> Any:
        return policy_phrases.KINDS[self.pack.kind]

    @property
    def evidence(self) -> Any:
        return policy_phrases.EVIDENCE[self.pack.evidence]

    @property
    def note(self) -> str:
        return self.pack.note[self.code] if self.pack.note else ""


@dataclass(frozen=True)
class Row:
    """One policy in the list: the version of the day, else the newest, and how many there are."""

    shown: Shown
    in_force: bool
    versions: int
    counts: Counts | None


@require_GET
@only_for(*SEATS)
def page(request: HttpRequest) -> HttpResponseBase:
    on = today()
    found, code = survey(on), language()
    by_id: dict[str, list[Pack]] = {}
    for pack in library().packs:
        by_id.setdefault(pack.id, []).append(pack)
    rows = []
    for id, packs in by_id.items():
        present = next((p for p in packs if p.in_force(on)), None)
        newest = max(packs, key=lambda p: p.start)
        counts = found.counts(id) if present else None
        rows.append(Row(Shown(present or newest, code), present is not None, len(packs), counts))
    rows.sort(
        key=lambda r: (not r.in_force, list(policy_phrases.KINDS).index(r.shown.pack.kind), r.shown.pack.id)
    )
    return render(
        request,
        "desk/policies/list.html",
        {
            "rows": rows,
            "firms": len(found.firms),
            "refused": [p.text(code) for p in refused()],
            "day": on,
            "crumbs": crumbs((phrases.POLICIES, "")),
        },
    )


# --- one policy ------------------------------------------------------------------------------------------------


def _policy(found: Rules, issuer: str, name: str) -> Policy:
    try:
        return found.plan.policy(f"{issuer}/{name}")
    except KeyError as error:
        raise Http404 from error


@dataclass(frozen=True)
class ClauseCount:
    """One clause and how many of the firms in scope stand how."""

    planned: PlannedClause
    code: str
    yes: int
    open: int
    no: int

    @property
    def text(self) -> str:
        return self.planned.clause.text[self.code]

    @property
    def cite(self) -> str:
        return self.planned.clause.cite

    @property
    def unconfirmed(self) -> bool:
        return self.planned.clause.evidence == "M"

    @property
    def silent(self) -> Any:
        """A clause that parts nobody from anybody: all that was decided came out the same."""
        if self.planned.clause.manual or not self.yes + self.no:
            return phrases.NOT_DECIDED
        return phrases.NOBODY_FAILS if not self.no else phrases.NOBODY_MEETS if not self.yes else ""


def _clauses(policy: Policy, told: Survey) -> Iterator[ClauseCount]:
    inside = ~told.outside(policy.id)
    for planned in policy.clauses:
        states = told.results.states(planned.node)
        # Who the policy is for is counted over everybody, the rest over those it is for.
        found = np.bincount(states if planned.clause.scope else states[inside], minlength=3)
        yield ClauseCount(planned, language(), int(found[2]), int(found[1]), int(found[0]))


def _funnel(counts: Counts) -> list[tuple[Any, int]]:
    """From all firms to those that surely qualify."""
    inside = counts.all - counts.outside
    steps = (counts.all, inside, inside - counts.no, counts.yes)
    return [(phrases.FUNNEL[step], n) for step, n in zip(FUNNEL, steps, strict=True)]


@dataclass(frozen=True)
class Firm:
    """One firm under one policy, with the reason in a line."""

    firm: Organisation
    fit: Fit


def _firms(found: Rules, told: Survey, policy: Policy, keys: list[int]) -> list[Firm]:
    there = Organisation.objects.in_bulk(keys)
    explainer = found.explainer()
    return [
        Firm(there[key], Fit(explainer.explain(found.walker.judge(told.facts(key)), policy.id), language()))
        for key in keys
        if key in there
    ]


def _money(fen: int) -> str:
    return show_number("money", Fraction(fen), language())


def _budgets(request: HttpRequest, id: str) -> list[dict[str, Any]]:
    calls = Call.objects.filter(settings__policy=id).order_by("-start", "-pk")[:CALLS]
    rows = []
    for call in calls:
        found = money.budget(call)
        amounts = (found.ceiling, found.committed, found.paid, found.left)
        rows.append(
            {
                "call": call,
                "handles": office_seat(request, call) is not None,
                "amounts": [None if a is None else _money(a) for a in amounts],
            }
        )
    return rows


@require_GET
@only_for(*SEATS)
def one(request: HttpRequest, issuer: str, name: str) -> HttpResponseBase:
    """Clauses with their articles, who qualifies on that day, where firms drop out, and firms by state.

    Which firms, and why, is for those who may see their facts; others see how many.
    """
    on = day_asked(request)
    versions = library().versions(f"{issuer}/{name}")
    if not versions:
        raise Http404
    if not any(v.in_force(on) for v in versions):
        on = versions[-1].start if versions[-1].start > on else versions[-1].until or on
    found = rules(on)
    policy, told = _policy(found, issuer, name), survey(on)
    counts = told.counts(policy.id)
    state = request.GET.get("state", "yes")
    state = state if state in phrases.FIRM_STATES else "yes"
    shown = Paginator(told.rows(policy.id, state), PAGE).get_page(request.GET.get("page"))
    official = rights.is_official(seats_at(request))
    amounts = {"yes": counts.yes, "open": counts.open, "no": counts.no, "outside": counts.outside}
    funnel = _funnel(counts)
    return render(
        request,
        "desk/policies/one.html",
        {
            "fit": Shown(policy.pack, language()),
            "id": policy.id,
            "day": on,
            "versions": [(v, v is policy.pack) for v in reversed(versions)],
            "counts": counts,
            "funnel": funnel,
            "chart": bars([Bar(label, n) for label, n in funnel], label=phrases.FUNNEL_LABEL),
            "clauses": list(_clauses(policy, told)),
            "benefits": [b.benefit for b in policy.benefits],
            "code": language(),
            "budgets": _budgets(request, policy.id),
            "tabs": [
                {
                    "url": f"?on={on.isoformat()}&state={s}#firms",
                    "label": label,
                    "active": s == state,
                    "count": amounts[s],
                }
                for s, label in phrases.FIRM_STATES.items()
            ],
            "official": official,
            "firms": _firms(found, told, policy, list(shown.object_list)) if official else [],
            "page_obj": shown,
            "page_range": shown.paginator.get_elided_page_range(shown.number),
            "crumbs": crumbs((phrases.POLICIES, HOME), (policy.pack.title[language()], "")),
        },
    )


# --- what if ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changeable:
    """A part of a pack that can be changed, as it is written."""

    target: str
    label: str
    text: str


def _changeable(pack: Pack, code: str) -> list[Changeable]:
    found = [
        Changeable(f"clause.{c.id}", f"{c.text[code]}（{c.cite}）", c.condition.text)
        for c in pack.clauses
        if c.condition
    ]
    found += [Changeable(f"define.{name}", name, e.text) for name, e in pack.define.items()]
    for n, benefit in enumerate(pack.benefits, 1):
        parts = {"amount": benefit.amount, "rate": benefit.rate, "cap": benefit.cap, "if": benefit.condition}
        found += [
            Changeable(f"benefit.{n}.{part}", f"{benefit.label[code]}（{part}）", e.text)
            for part, e in parts.items()
            if e
        ]
    if pack.qualifies:
        found.append(Changeable("qualifies", str(phrases.QUALIFIES), pack.qualifies.text))
    return found


def _changes(request: HttpRequest, known: list[Changeable]) -> list[tuple[str, str]]:
    """(target, expression) pairs that were asked for, of parts that there are."""
    targets = {c.target for c in known}
    pairs = zip(request.GET.getlist("part"), request.GET.getlist("text"), strict=False)
    return [(p, t.strip()[:LONGEST]) for p, t in list(pairs)[:CHANGES] if p in targets and t.strip()]


@require_GET
@only_for(*SEATS)
def what_if(request: HttpRequest, issuer: str, name: str) -> HttpResponseBase:
    """A changed threshold, rate or cap: who gains, who loses, what it costs. Nothing is kept."""
    on, code = day_asked(request), language()
    found = rules(on)
    policy = _policy(found, issuer, name)
    known = _changeable(policy.pack, code)
    changes = _changes(request, known)
    told = survey(on)
    result: Simulation | None = None
    problems: list[str] = []
    if changes:
        try:
            result = simulate(found.library, told.table, policy.id, [f"{p} = {t}" for p, t in changes], on)
        except PackError as broken:
            problems = [p.en if code == "en" else p.zh for p in broken.problems]
    groups = _groups(result) if result else []
    there = Organisation.objects.in_bulk(
        [told.firms[row] for row in (*result.gained[:GAINED], *result.lost[:GAINED])]
        if result and rights.is_official(seats_at(request))
        else []
    )
    return render(
        request,
        "desk/policies/what_if.html",
        {
            "fit": Shown(policy.pack, code),
            "id": policy.id,
            "day": on,
            "known": known,
            "rows": [*changes, *[("", "")] * (CHANGES - len(changes))],
            "problems": problems,
            "result": result,
            "sides": _sides(result) if result else [],
            "groups": groups,
            "picture": _picture(groups),
            "moved": [
                (
                    label,
                    [there[firm] for row in rows[:GAINED] if (firm := told.firms[row]) in there],
                    len(rows),
                )
                for label, rows in ((phrases.GAINED, result.gained), (phrases.LOST, result.lost))
            ]
            if result
            else [],
            "crumbs": crumbs(
                (phrases.POLICIES, HOME),
                (policy.pack.title[code], f"{HOME}{policy.id}/"),
                (phrases.WHAT_IF, ""),
            ),
        },
    )


def _groups(result: Simulation) -> list[tuple[str, int, int]]:
    """Who gains and loses, by industry and by size."""
    groups = (*result.by_industry, *result.by_size)
    return [(g.name[language()], g.gained, g.lost) for g in groups if g.gained or g.lost]


def _picture(groups: list[tuple[str, int, int]]) -> SafeString:
    rows = []
    for name, gained, lost in groups:
        rows += [Bar(name, gained, "good", f"+{gained}")] if gained else []
        rows += [Bar(name, lost, "bad", f"−{lost}")] if lost else []
    return bars(rows, label=phrases.GAINED_AND_LOST)


def _sides(result: Simulation) -> list[tuple[Any, Any, Any, Any]]:
    """What is counted, as it is, as it would be, the difference."""
    before, after = result.counts()
    rows: list[tuple[Any, Any, Any, Any]] = [
        (phrases.FIRM_STATES[name], before[t], after[t], f"{after[t] - before[t]:+d}")
        for name, t in (("yes", Truth.YES), ("open", Truth.UNKNOWN), ("no", Truth.NO))
    ]
    if result.paid:
        costs = result.all.cost_before.say(language()), result.all.cost_after.say(language())
        rows.append((phrases.COST, *costs, ""))
    return rows
