"""The application form: filled in from the firm's facts; what is corrected here is stated once, for every form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from qiao.core import facts
from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.models import Case, Fact, Organisation
from qiao.core.policies import Rules, asking, rules
from qiao.core.policies.asking import Answers
from qiao.desk.shared import me, my_case, signed_in, today
from qiao.desk.support import phrases
from qiao.desk.writing.reply import frame, refuse, verb_with, writing_seat
from qiao.eligibility import BadValue, Ref
from qiao.eligibility.phrases import YEAR

LONGEST = 5000


def asked_by(found: Rules, policy: str) -> list[Ref]:
    """The facts that a policy's clauses read, in the order of its text."""
    there = found.plan.by_id.get(policy)
    if there is None:
        return []
    explainer = found.explainer()
    refs = dict.fromkeys(r for c in there.clauses for r in explainer.reads(c.node))
    return [r for r in refs if ":" not in r.key and not found.plan.vocabulary[r.key].derived]


def _state(found: Rules, firm: Organisation, case: Case, answers: Answers, request: HttpRequest) -> None:
    """State what differs from what is known. Raises `BadValue`."""
    present = facts.known(firm, found.plan.as_of)
    source = str(phrases.SOURCE % {"case": case.code})
    for ref, value in answers.facts.items():
        if present.get(ref) != value:
            text = asking.written(found.plan.vocabulary, ref.key, value)
            year = found.plan.as_of.year - ref.year if ref.year else None
            facts.state(firm, ref.key, text, by=me(request), source=source, year=year)


def content_of(
    found: Rules, firm: Organisation, policy: str, statement: str, stated: Iterable[Fact]
) -> dict[str, Any]:
    """What the version keeps: the statement, and every fact it rests on with value, source and its own row."""
    rows: dict[Ref, Fact] = {}
    day = found.plan.as_of
    for row in sorted(
        (f for f in stated if f.organisation_id == firm.pk and f.start <= day), key=lambda f: f.start
    ):
        if ":" not in row.key and row.key in found.plan.vocabulary:
            rows[facts.ref_of(row, day)] = row
    kept = []
    for ref in asked_by(found, policy):
        fact = rows.get(ref)
        number = facts.kept(fact) if fact else None
        if fact is None or number is None:
            continue
        label, year = found.plan.vocabulary[ref.key].label.zh, day.year - ref.year if ref.year else None
        kept.append(
            {
                "key": ref.key,
                "year": year,
                "label": YEAR.zh.format(year=year, name=label) if year else label,
                "shown": found.plan.vocabulary.show(ref.key, number, "zh"),
                "value": fact.value,
                "source": fact.source,
                "fact": fact.pk,
            }
        )
    pack = found.plan.by_id[policy].pack.version if policy in found.plan.by_id else ""
    return {"statement": statement, "policy": pack, "as_of": day.isoformat(), "facts": kept}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    case = my_case(request, code)
    what = verb_with(case, "application")
    ctx, seat = writing_seat(case, what, seats_at(request))
    version = ctx.current("form")
    if seat is None:
        if version is not None:
            return redirect(f"{case.get_absolute_url()}papers/{version.paper.code}/")
        return refuse(request, case, what)
    (firm,) = ctx.organisations("applicant")
    found, policy = rules(today()), case.call.settings.get("policy", "")
    refs = asked_by(found, policy)
    statement = request.POST.get("statement", version.content.get("statement", "") if version else "")[
        :LONGEST
    ]
    answers, status = Answers(facts.known(firm, found.plan.as_of)), 200
    problem = ""
    if request.method == "POST":
        answers, status = asking.read(found, request.POST), 422
        if not statement.strip():
            problem = str(phrases.STATEMENT_MISSING)
        elif not answers.errors:
            try:
                with transaction.atomic():
                    _state(found, firm, case, answers, request)
                    content = content_of(found, firm, policy, statement.strip(), facts.current([firm]))
                    done = act(case, what.code, by=seat, content=content)
            except BadValue as bad:
                problem = bad.zh
            except Refused as refusal:
                problem, status = str(refusal.answer), 409
            else:
                messages.success(request, phrases.SAVED % {"n": done.version.n if done.version else 0})
                return redirect(case.get_absolute_url())
    shown = frame(case, what) | {
        "fields": asking.inputs(found.plan, refs, answers),
        "statement": statement,
        "problem": problem,
        "known": sum(r in answers.facts for r in refs),
        "of": len(refs),
        "version": version,
    }
    return render(request, "desk/support/form.html", shown, status=status)
