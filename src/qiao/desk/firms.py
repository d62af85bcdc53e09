"""Firms: their facts, each with source and history, and which policies fit them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qiao.core import facts
from qiao.core.acts import Refused
from qiao.core.clocks import local_date
from qiao.core.forms import whole
from qiao.core.identity import seats_at
from qiao.core.language import language
from qiao.core.models import Fact, Organisation, Version
from qiao.core.policies import Rules, asking, rights, rules
from qiao.core.policies import phrases as policy_phrases
from qiao.core.policies.asking import Answers
from qiao.core.policies.fitting import fitting
from qiao.desk import phrases
from qiao.desk.papers import kept_file
from qiao.desk.shared import crumbs, day_asked, me, signed_in, today
from qiao.eligibility import Policy, Ref
from qiao.eligibility.phrases import UNKNOWN

PAGE = 30
YEARS = 3  # fiscal years that a form asks for at once
NEXT = 3  # questions put first


def _firm(request: HttpRequest, code: str) -> Organisation:
    """The firm under a code, if this person may see its facts; otherwise there is none."""
    found = rights.firms().filter(code=code).first()
    if found is None or not rights.may_see(seats_at(request), found):
        raise Http404
    return found


@dataclass(frozen=True)
class Stated:
    """One statement as pages show it."""

    fact: Fact
    label: str
    period: str
    value: str
    source: str


@dataclass(frozen=True)
class Row:
    """One thing that can be known, with what is known of it, newest period first."""

    key: str
    label: str
    policies: tuple[Policy, ...]
    stated: list[Stated]

    @property
    def known(self) -> bool:
        return any(not s.fact.unknown for s in self.stated)


def _stated(found: Rules, fact: Fact) -> Stated:
    code = language()
    label, value = fact.key, UNKNOWN[code]
    number = facts.kept(fact)
    if ":" in fact.key:
        label = _judged_label(found, fact.key)
        if number is not None:
            points = "." in fact.key.partition(":")[2]
            value = str(number) if points else str(policy_phrases.YES if number else policy_phrases.NO)
    elif fact.key in found.plan.vocabulary:
        label = found.plan.vocabulary[fact.key].label[code]
        value = found.plan.vocabulary.show(fact.key, number, code)
    yearly = fact.end is not None
    period = str(
        phrases.FISCAL_YEAR % {"year": fact.start.year} if yearly else phrases.SINCE_DAY % {"day": fact.start}
    )
    return Stated(fact, label, period, value, fact.source)


def _judged_label(found: Rules, key: str) -> str:
    """What a department judged: the clause it is about, or the item of a score."""
    policy = found.plan.by_id.get(key.partition(":")[0])
    if policy is None:
        return key
    explainer = found.explainer()
    return f"{policy.pack.title[language()]}: {explainer.wording(policy)[language()].name(Ref(key, 0))}"


def _current(firm: Organisation) -> list[Fact]:
    rows = facts.current([firm]).select_related("stated_by", "confirmed_by", "evidence__paper")
    return list(rows.order_by("key", "-start"))


def _origins(found: Rules, stated: Iterable[Fact]) -> dict[Ref, str]:
    """Where each fact comes from, to stand beside the tests that use it."""
    origins: dict[Ref, str] = {}
    for fact in stated:
        if ":" not in fact.key and fact.key not in found.plan.vocabulary:
            continue
        words = {"source": fact.source, "day": local_date(fact.stated_at).isoformat()}
        mark = f" {policy_phrases.CONFIRMED}" if fact.confirmed_by_id else ""
        origins.setdefault(
            facts.ref_of(fact, found.plan.as_of), str(policy_phrases.SOURCE_OF_FACT % words) + mark
        )
    return origins


def _known(found: Rules, stated: Iterable[Fact]) -> dict[Ref, int]:
    """The same facts as the engine reads them, without asking the database again."""
    rows = sorted((f for f in stated if f.start <= found.plan.as_of), key=lambda f: f.start)
    return next(iter(facts.gathered(rows, found.plan.as_of).values()), {})


def _tabs(firm: Organisation, active: str) -> list[dict[str, Any]]:
    base = f"/desk/firms/{firm.code}/"
    return [
        {"url": base, "label": phrases.FACTS, "active": active == "facts"},
        {"url": f"{base}policies/", "label": phrases.FITS, "active": active == "fits"},
    ]


def _crumbs(request: HttpRequest, firm: Organisation, *more: tuple[Any, str]) -> list[dict[str, Any]]:
    first = [(phrases.FIRMS, "/desk/firms/")] if rights.is_official(seats_at(request)) else []
    base = f"/desk/firms/{firm.code}/"
    return crumbs(*first, (str(firm), base if more else ""), *more)


# --- the list --------------------------------------------------------------------------------------------------


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    """For officials the firms of the district; everybody else goes to their own."""
    seats = seats_at(request)
    if not rights.is_official(seats):
        mine = rights.firms_of(seats)
        if len(mine) == 1:
            return redirect(f"/desk/firms/{mine[0].code}/")
        if not mine:
            raise PermissionDenied(str(policy_phrases.NOT_YOURS))
        rows: Any = Organisation.objects.filter(pk__in=[o.pk for o in mine])
    else:
        rows = rights.firms()
    q = request.GET.get("q", "").strip()[:100]
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(short_name__icontains=q) | Q(uscc__iexact=q))
    shown = Paginator(rows.order_by("name", "pk"), PAGE).get_page(request.GET.get("page"))
    ids = [o.pk for o in shown.object_list]
    counted = facts.current(ids).values("organisation").order_by()
    counts = {
        r["organisation"]: r
        for r in counted.annotate(
            keys=Count("key", distinct=True, filter=Q(unknown=False)),
            confirmed=Count("pk", filter=Q(confirmed_by__isnull=False)),
            all=Count("pk"),
        )
    }
    return render(
        request,
        "desk/firms/list.html",
        {
            "rows": [(o, counts.get(o.pk)) for o in shown.object_list],
            "asked": len({r.key for r in rules(today()).asking if ":" not in r.key}),
            "page_obj": shown,
            "page_range": shown.paginator.get_elided_page_range(shown.number),
            "q": q,
            "search_label": phrases.FIRM_NAME,
            "clear_url": request.path if q else "",
            "crumbs": crumbs((phrases.FIRMS, "")),
        },
    )


# --- facts -----------------------------------------------------------------------------------------------------


@require_GET
@signed_in
def firm_facts(request: HttpRequest, code: str) -> HttpResponseBase:
    firm, found = _firm(request, code), rules(today())
    stated = _current(firm)
    by_key: dict[str, list[Fact]] = {}
    for fact in stated:
        by_key.setdefault(fact.key, []).append(fact)
    asked: dict[str, dict[str, Policy]] = {}
    for ref, policies in found.asking.items():
        asked.setdefault(ref.key, {}).update({p.id: p for p in policies})
    groups: dict[str, list[Row]] = {}
    vocabulary = found.plan.vocabulary
    for key in [
        *(k for k in vocabulary.facts if k in asked or k in by_key),
        *(k for k in by_key if ":" in k),
    ]:
        group = "judged" if ":" in key else vocabulary[key].group
        if group != "judged" and vocabulary[key].derived:
            continue
        rows = [_stated(found, f) for f in by_key.get(key, [])]
        label = rows[0].label if rows else vocabulary[key].label[language()]
        groups.setdefault(group, []).append(Row(key, label, tuple(asked.get(key, {}).values()), rows))
    told = fitting(found, _known(found, stated))
    return render(
        request,
        "desk/firms/facts.html",
        {
            "firm": firm,
            "tabs": _tabs(firm, "facts"),
            "groups": [
                {
                    "code": group,
                    "label": label,
                    "known": [r for r in groups[group] if r.stated],
                    "missing": [r for r in groups[group] if not r.stated],
                    "n": sum(r.known for r in groups[group]),
                    "of": len(groups[group]),
                }
                for group, label in policy_phrases.GROUPS.items()
                if group in groups
            ],
            "n": sum(r.known for g, rows in groups.items() for r in rows if g != "judged"),
            "of": sum(len(rows) for g, rows in groups.items() if g != "judged"),
            "confirmed": sum(f.confirmed_by_id is not None for f in stated),
            "all": len(stated),
            "next": [
                {"key": q.ref.key, "text": asking.question_of(found.plan, q.ref), "n": len(q.ids)}
                for q in told.explainer.questions(told.judged, limit=NEXT)
            ],
            "may_state": bool(rights.may_state(seats_at(request), firm)),
            "crumbs": _crumbs(request, firm),
        },
    )


def _refs(found: Rules, key: str) -> list[Ref]:
    """What a form asks for under a key: the last fiscal years that policies read, or the fact itself."""
    if not found.plan.vocabulary[key].yearly:
        return [Ref(key, 0)]
    years = [ref.year for ref in found.asking if ref.key == key]
    return [Ref(key, year) for year in range(1, max([1, *years]) + 1)][:YEARS]


def _save(request: HttpRequest, found: Rules, firm: Organisation, key: str) -> Answers | None:
    """State what was typed and differs from what is known; None when all of it went well.

    A document that is sent along backs what was changed, or else what is known already.
    """
    data, plan = request.POST, found.plan
    answers = asking.read(found, data)
    if answers.errors:
        return answers
    present = facts.known(firm, plan.as_of)
    source = data.get("source", "").strip()[:200] or str(phrases.SELF_STATED)
    sent = [ref for ref in _refs(found, key) if asking.name_of(plan, ref) in data]
    changed = [ref for ref in sent if answers.facts.get(ref) != present.get(ref)]
    file = request.FILES.get("evidence")
    with transaction.atomic():
        evidence = None
        if file:
            seat = rights.may_state(seats_at(request), firm).seat
            evidence = facts.file_evidence(firm, file.name or "", file.read(), by=seat)
        for ref in changed or [ref for ref in sent if evidence and ref in present]:
            value = answers.facts.get(ref)
            text = "" if value is None else asking.written(plan.vocabulary, key, value)
            year = plan.as_of.year - ref.year if ref.year else None
            facts.state(firm, key, text, by=me(request), source=source, year=year, evidence=evidence)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def fact(request: HttpRequest, code: str, key: str) -> HttpResponseBase:
    """One fact: what is asked and where to find it, every statement ever made, and a form for another."""
    firm, found = _firm(request, code), rules(today())
    judged = ":" in key
    if not judged and (key not in found.plan.vocabulary or found.plan.vocabulary[key].derived):
        raise Http404
    seats = seats_at(request)
    may = rights.may_state(seats, firm)
    history = [_stated(found, f) for f in facts.history(firm, key)]
    if judged and not history:
        raise Http404
    answers: Answers | None = None
    if request.method == "POST":
        if judged or not may:
            raise PermissionDenied(str(may) or str(policy_phrases.NOT_STATING))
        answers = _save(request, found, firm, key)
        if answers is None:
            messages.success(request, phrases.FACT_STATED)
            return redirect(request.path)
    fields: list[asking.Input] = []
    if may and not judged:
        answers = answers or Answers(
            _known(found, [s.fact for s in history if s.fact.superseded_by_id is None])
        )
        fields = asking.inputs(found.plan, _refs(found, key), answers)
    entry = None if judged else found.plan.vocabulary[key]
    policies = {p.id: p for ref, ps in found.asking.items() if ref.key == key for p in ps}
    return render(
        request,
        "desk/firms/fact.html",
        {
            "firm": firm,
            "key": key,
            "label": history[0].label if judged else entry.label[language()] if entry else key,
            "ask": entry.ask[language()] if entry else "",
            "where": entry.where[language()] if entry else "",
            "confirmers": [policy_phrases.CONFIRMERS[c] for c in entry.confirmed_by] if entry else [],
            "policies": [(id, p.pack.title[language()]) for id, p in policies.items()],
            "rows": [
                (s, rights.may_confirm(seats, s.fact))
                if s.fact.superseded_by_id is None and not s.fact.confirmed_by_id
                else (s, None)
                for s in history
            ],
            "fields": fields,
            "why_not": "" if may else str(may),
            "source": request.POST.get("source", "")[:200],
            "crumbs": _crumbs(
                request, firm, (history[0].label if judged else entry and entry.label[language()], "")
            ),
        },
        status=422 if answers and answers.errors else 200,
    )


@require_GET
@signed_in
def evidence(request: HttpRequest, code: str, paper: str) -> HttpResponseBase:
    """A document that backs a fact, for those who may see the facts."""
    firm = _firm(request, code)
    papers = firm.papers.filter(kind=facts.EVIDENCE, code=paper)
    version = Version.objects.filter(paper__in=papers).order_by("-n").first()
    if version is None:
        raise Http404
    return kept_file(version)


@require_POST
@signed_in
def confirm(request: HttpRequest, code: str) -> HttpResponseBase:
    """Say that one has seen the evidence for a statement."""
    firm = _firm(request, code)
    pk = whole(request.POST.get("fact"))
    found = firm.facts.filter(pk=pk).first() if pk else None
    if found is None:
        raise Http404
    answer = rights.may_confirm(seats_at(request), found)
    if not answer:
        raise PermissionDenied(str(answer))
    try:
        facts.confirm(found, by=me(request))
    except Refused as refused:
        messages.error(request, str(refused.answer))
    else:
        messages.success(request, phrases.FACT_CONFIRMED)
    return redirect(f"/desk/firms/{firm.code}/facts/{found.key}/")


# --- policies --------------------------------------------------------------------------------------------------


@require_GET
@signed_in
def fits(request: HttpRequest, code: str) -> HttpResponseBase:
    """What fits us: every policy in force, with what is missing."""
    firm, found = _firm(request, code), rules(today())
    told = fitting(found, _known(found, _current(firm)))
    questions = {id: q for q in reversed(told.explainer.questions(told.judged, limit=60)) for id in q.ids}
    return render(
        request,
        "desk/firms/fits.html",
        {
            "firm": firm,
            "tabs": _tabs(firm, "fits"),
            "groups": told.groups,
            "next": {id: (q.ref.key, asking.question_of(found.plan, q.ref)) for id, q in questions.items()},
            "day": found.plan.as_of,
            "crumbs": _crumbs(request, firm, (phrases.FITS, "")),
        },
    )


@require_GET
@signed_in
def fit(request: HttpRequest, code: str, issuer: str, name: str) -> HttpResponseBase:
    """One policy for one firm, clause by clause, with the facts and where they come from."""
    firm, found = _firm(request, code), rules(day_asked(request))
    stated = _current(firm)
    try:
        told = fitting(found, _known(found, stated), [f"{issuer}/{name}"], _origins(found, stated))
    except KeyError as error:
        raise Http404 from error
    shown = told.fits[0]
    return render(
        request,
        "desk/firms/fit.html",
        {
            "firm": firm,
            "fit": shown,
            "day": found.plan.as_of,
            "asks": [(ref.key, asking.question_of(found.plan, ref)) for ref in shown.asks],
            "official": rights.is_official(seats_at(request)),
            "crumbs": _crumbs(
                request, firm, (phrases.FITS, f"/desk/firms/{firm.code}/policies/"), (shown.title, "")
            ),
        },
    )
