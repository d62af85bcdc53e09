"""测一测: which policies fit, from a handful of questions. Nobody signs in, and nothing that is said here is kept.

Answers travel in the form itself (POST), so that they reach no address and no log; whoever wants a link to the result
gets one that holds them, and is told so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qiao.core.clocks import today
from qiao.core.language import language
from qiao.core.policies import Rules, asking, rules
from qiao.core.policies.asking import Answers, Input
from qiao.core.policies.fitting import Fitting, fitting
from qiao.eligibility import Ref
from qiao.portal import phrases
from qiao.portal.shared import crumbs

# What decides most for most firms; from there on the answers say what to ask.
FIRST = ("industry", "staff", "revenue", "founded")
AT_ONCE = 5
WITH_YEARS = 7  # so many, when other years of the same fact are asked along
LOOKED_AT = 60
OUTLOOK = 15  # questions ahead
EARLIEST = dt.date(2016, 1, 1)
ADDRESS = "/finder/"


@dataclass(frozen=True)
class State:
    """What has been said so far, out of a form or an address."""

    rules: Rules
    answers: Answers
    skipped: frozenset[Ref]
    editing: Ref | None

    @classmethod
    def of(cls, data: QueryDict) -> State:
        found = rules(_day(data.get("on", "")))
        answers = asking.read(found, data)
        named = {n: ref for n in data.getlist("skip")[: asking.MOST] if (ref := asking.fact_named(found, n))}
        asked = {n: ref for n in data.getlist("asked")[: asking.MOST] if (ref := asking.fact_named(found, n))}
        skipped = set(named.values())
        for name, ref in asked.items():
            said = data.get(name, "")
            unanswered = ref not in answers.facts and ref not in answers.errors
            if unanswered or (said and said == data.get(asking.WAS + name)):
                skipped.add(ref)
        return cls(found, answers, frozenset(skipped), asking.fact_named(found, data.get("edit", "")))

    @property
    def started(self) -> bool:
        return bool(self.answers.facts or self.skipped or self.answers.errors)

    def name(self, ref: Ref) -> str:
        return asking.name_of(self.rules.plan, ref)

    def values(self) -> list[tuple[str, str]]:
        """The answers as an address holds them."""
        vocabulary = self.rules.plan.vocabulary
        facts = sorted(self.answers.facts.items())
        found = [(self.name(r), asking.written(vocabulary, r.key, v)) for r, v in facts]
        return found + [("skip", self.name(ref)) for ref in sorted(self.skipped)]

    def hidden(self, shown: list[Ref]) -> list[tuple[str, str]]:
        """The answers as a form holds them that asks for ``shown``."""
        names = {self.name(ref) for ref in shown}
        rest = [(n, v) for n, v in self.values() if n not in names and not (n == "skip" and v in names)]
        return [("on", self.rules.plan.as_of.isoformat()), *rest]

    def address(self, path: str = ADDRESS) -> str:
        return f"{path}?{urlencode([('on', self.rules.plan.as_of.isoformat()), *self.values()])}"


def _day(text: str) -> dt.date:
    """The day of the rules: the one that was said, as long as it makes sense, or today."""
    present = today()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return present
    return day if EARLIEST <= day <= present + dt.timedelta(366) else present


def _questions(state: State, found: Fitting) -> tuple[list[Ref], list[Ref]]:
    """What to ask now: what was typed wrongly, what is to be changed, then what decides most. And what comes after."""
    plan = state.rules.plan
    if state.editing:
        return [state.editing], []
    wrong = sorted(state.answers.errors)
    if not state.answers.facts and not state.skipped:
        first = [state.rules.library.ref(key, plan.as_of) for key in FIRST if key in plan.vocabulary]
        return list(dict.fromkeys([*wrong, *(ref for ref in first if ref in plan.inputs)])), []
    asked = found.explainer.questions(found.judged, limit=LOOKED_AT, skip=state.skipped)
    chosen = list(dict.fromkeys([*wrong, *(q.ref for q in asked[:AT_ONCE])]))[: max(AT_ONCE, len(wrong))]
    for question in asked[AT_ONCE:]:
        if len(chosen) >= WITH_YEARS:
            break
        if question.ref.year and any(ref.key == question.ref.key for ref in chosen):
            chosen.append(question.ref)
    return chosen, [q.ref for q in asked if q.ref not in chosen]


def _told(state: State) -> list[dict[str, Any]]:
    """The answers for people, and what was left open."""
    plan = state.rules.plan
    rows = [
        {
            "name": state.name(ref),
            "label": asking.label_of(plan, ref),
            "value": plan.vocabulary.show(ref.key, value, language()),
        }
        for ref, value in sorted(state.answers.facts.items())
    ]
    return rows + [
        {"name": state.name(ref), "label": asking.label_of(plan, ref), "value": phrases.DONT_KNOW}
        for ref in sorted(state.skipped)
        if ref not in state.answers.facts
    ]


def _private(response: HttpResponse) -> HttpResponse:
    """No index and no shared cache keeps what is in an address."""
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private"
    response["Referrer-Policy"] = "same-origin"
    return response


def _data(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


@csrf_exempt  # it changes nothing and needs no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    state = State.of(_data(request))
    found = fitting(state.rules, state.answers.facts)
    refs, later = _questions(state, found)
    fields = asking.inputs(state.rules.plan, refs, state.answers)
    fields.sort(key=_order)
    return _private(
        render(
            request,
            "portal/finder.html",
            {
                "day": state.rules.plan.as_of,
                "started": state.started,
                "fields": fields,
                "shown": state.hidden(refs),
                "hidden": state.hidden([]),
                "answers": _told(state),
                "groups": found.groups if state.started else [],
                "total": len(found.fits),
                "outlook": found.outlook([*(f.ref for f in fields), *later][:OUTLOOK]),
                "permalink": request.build_absolute_uri(state.address()),
                "crumbs": crumbs((phrases.FINDER, "")),
            },
        )
    )


def _order(field: Input) -> tuple[bool, bool]:
    """Wrong ones first; questions of yes or no together, after the others."""
    return not field.error, field.kind == "boolean"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, issuer: str, name: str) -> HttpResponse:
    """One policy, clause by clause, for the answers given so far."""
    state = State.of(_data(request))
    try:
        found = fitting(state.rules, state.answers.facts, [f"{issuer}/{name}"])
    except KeyError as error:
        raise Http404 from error
    fit = found.fits[0]
    return _private(
        render(
            request,
            "portal/finder_policy.html",
            {
                "fit": fit,
                "day": state.rules.plan.as_of,
                "started": state.started,
                "hidden": state.hidden([]),
                "permalink": request.build_absolute_uri(state.address(request.path)),
                "crumbs": crumbs((phrases.FINDER, ADDRESS), (fit.title, "")),
            },
        )
    )
