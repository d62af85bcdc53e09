"""Policies as data, and judging a firm by facts that are sent along. Nothing that is sent is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from qiao.api import phrases
from qiao.api.problems import Problem, not_found
from qiao.api.shapes import (
    Error,
    JudgeIn,
    Judgement,
    OnDay,
    Page,
    PolicyDetail,
    PolicyFilter,
    PolicyOut,
)
from qiao.core.clocks import today
from qiao.core.language import language
from qiao.core.policies import Rules, asking, rules
from qiao.core.policies.fitting import Fit, fitting
from qiao.eligibility import BadValue, Pack, Ref

router = Router(tags=["policies"])
QUESTIONS = 10
Value = str | bool | int | float | None


def _policy(pack: Pack) -> dict[str, Any]:
    code = language()
    return {
        "id": pack.id,
        "title": pack.title[code],
        "kind": pack.kind,
        "issuer": pack.issuer[code],
        "number": pack.document.number,
        "document": pack.document.title,
        "url": pack.document.url or None,
        "start": pack.start,
        "until": pack.until,
        "evidence": pack.evidence,
        "to_be_confirmed": pack.unconfirmed,
        "clauses": len(pack.clauses),
    }


@router.get("/policies", response=Page[PolicyOut], summary="Policies in force on a day")
def policies(request: HttpRequest, asked: Query[PolicyFilter]) -> dict[str, Any]:
    limit, offset = asked.limit, asked.offset
    packs = [p.pack for p in rules(asked.on or today()).plan.policies]
    found = [p for p in packs if not asked.kind or p.kind == asked.kind]
    items = [_policy(p) for p in found[offset : offset + limit]]
    return {"total": len(found), "limit": limit, "offset": offset, "items": items}


@router.get(
    "/policies/{issuer}/{name}",
    response={200: PolicyDetail, 404: Error},
    summary="One policy: clauses with their articles, what it asks for, its versions",
)
def policy(request: HttpRequest, issuer: str, name: str, asked: Query[OnDay]) -> Any:
    found, code, id = rules(asked.on or today()), language(), f"{issuer}/{name}"
    try:
        pack = found.plan.policy(id).pack
    except KeyError as error:
        raise not_found() from error
    vocabulary = found.plan.vocabulary
    refs = sorted(r for r, by in found.asking.items() if r.key in vocabulary and any(p.id == id for p in by))
    return {
        **_policy(pack),
        "note": pack.note[code] if pack.note else "",
        "conditions": [
            {
                "id": c.id,
                "text": c.text[code],
                "cite": c.cite,
                "evidence": c.evidence,
                "scope": c.scope,
                "judged_by_a_person": c.manual,
                "condition": c.condition.text if c.condition else None,
            }
            for c in pack.clauses
        ],
        "benefits": [{"kind": b.kind, "label": b.label[code], "cite": b.cite} for b in pack.benefits],
        "facts": [
            {
                "name": asking.name_of(found.plan, ref),
                "label": asking.label_of(found.plan, ref),
                "type": vocabulary[ref.key].type,
                "question": asking.question_of(found.plan, ref),
                "where": vocabulary[ref.key].where[code],
            }
            for ref in refs
        ],
        "versions": [_policy(p) for p in found.library.versions(id)],
    }


@router.post(
    "/policies/judge",
    response={200: Judgement, 422: Error},
    summary="Verdicts with their explanation for the facts that are sent; nothing is kept",
)
def judge(request: HttpRequest, payload: JudgeIn) -> Any:
    found = rules(payload.on or today())
    wrong = [id for id in payload.policies if id not in found.plan.by_id]
    if wrong:
        words = {"day": found.plan.as_of.isoformat(), "id": wrong[0][: asking.LONGEST]}
        raise Problem(422, "invalid", str(phrases.NO_POLICY) % words)
    told = fitting(found, _facts(found, payload.facts), dict.fromkeys(payload.policies))
    ids = [f.id for f in told.fits]
    questions = told.explainer.questions(told.judged, ids, limit=QUESTIONS)
    return {
        "as_of": found.plan.as_of,
        "policies": [_judged(fit) for fit in told.fits],
        "questions": [
            {
                "name": asking.name_of(found.plan, q.ref),
                "text": asking.question_of(found.plan, q.ref),
                "policies": list(q.ids),
            }
            for q in questions
        ],
    }


def _facts(found: Rules, said: Mapping[str, Value]) -> dict[Ref, int]:
    """Raises `Problem` that names every fact that cannot be used."""
    facts: dict[Ref, int] = {}
    errors: dict[str, list[str]] = {}
    for name, value in said.items():
        try:
            number = _fact(found, name, value)
        except KeyError:
            errors[name[: asking.LONGEST]] = [str(phrases.NO_FACT)]
        except BadValue as bad:
            errors[name] = [getattr(bad, language())]
        else:
            facts.update(number)
    if errors:
        raise Problem(422, "invalid", str(phrases.INVALID), errors=errors)
    return facts


def _fact(found: Rules, name: str, value: Value) -> dict[Ref, int]:
    if len(name) > asking.LONGEST:
        raise KeyError(name)
    if ":" in name:  # what a department judged
        short = value[: asking.LONGEST] if isinstance(value, str) else value
        return found.library.facts({name: short}, found.plan.as_of)
    ref = asking.fact_named(found, name)
    if ref is None:
        raise KeyError(name)
    vocabulary = found.plan.vocabulary
    if isinstance(value, str):
        number = asking.understood(vocabulary, ref.key, value)
    else:
        number = asking.bounded(vocabulary, ref.key, vocabulary.parse(ref.key, value))
    return {} if number is None else {ref: number}


def _judged(fit: Fit) -> dict[str, Any]:
    return {
        "id": fit.id,
        "title": fit.title,
        "start": fit.pack.start,
        "verdict": fit.e.verdict.word,
        "state": fit.state,
        "klass": fit.klass or None,
        "clauses": [
            {
                "id": c.clause.clause.id,
                "text": c.text,
                "cite": c.cite,
                "to_be_confirmed": c.unconfirmed,
                "truth": c.clause.truth.word,
                "needed": c.needed,
                "tests": [
                    {"truth": t.tested.truth.word, "text": t.text, "gap": t.gap or None} for t in c.tests
                ],
            }
            for c in fit.clauses
        ],
        "scores": [
            {
                "label": s.label,
                "low": s.low,
                "high": s.high,
                "most": s.most,
                "items": [
                    {"label": i.label, "low": i.low, "high": i.high, "most": i.most, "next": i.next or None}
                    for i in s.items
                ],
            }
            for s in fit.scores
        ],
        "gaps": fit.gaps,
        "advice": [{"text": text, "changeable": str(how)} for text, how in fit.advice],
        "missing": [asking.name_of(fit.e.judged.plan, ref) for ref in fit.asks],
        "to_judge": fit.to_judge,
        "benefits": fit.benefits,
    }
