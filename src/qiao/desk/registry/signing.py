"""What waits for a signature, and the page where one text is read, compared and signed or sent back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from qiao.core.access import Answer, can, is_match, missing, refusal
from qiao.core.acts import Refused, act
from qiao.core.identity import seats_at
from qiao.core.models import Act, Case, Organisation, Seat, Task, Value, Version
from qiao.core.process import Context, Kind, Problem, Verb, kind_of, kinds
from qiao.desk import cases as case_page
from qiao.desk import phrases as desk_phrases
from qiao.desk import phrases_registry as phrases
from qiao.desk.registry.compare import compare
from qiao.desk.registry.numbers import qualified
from qiao.desk.registry.seats import only_for
from qiao.desk.shared import calendar, crumbs, due_cell, me, my_case, signed_in, today
from qiao.kinds.reply import Reply, figure_problems, figures, layout_of, marked_promises
from qiao.letters import Letter, LetterError, to_html

SIGNERS = ("head", "office", "leader")
BACK = "send_back"
SHOWN = 100


def is_signature(kind: Kind, verb: Verb) -> bool:
    """Does this verb put somebody's name under a paper?"""
    return bool(verb.on) and (
        kind.chain_of(verb.code) is not None or (verb.duty and any(w.role in SIGNERS for w in verb.who))
    )


def signatures() -> dict[str, set[str]]:
    """Kind → its signing verbs."""
    return {kind.code: {v.code for v in kind.verbs if is_signature(kind, v)} for kind in kinds()}


# --- the list --------------------------------------------------------------------------------------------------


def waiting(seats: Iterable[Seat]) -> list[Task]:
    """Tasks of these seats that are signatures, the most urgent first."""
    mine = Q(pk__in=[])
    for seat in seats:
        if seat.role in SIGNERS:
            mine |= Q(organisation=seat.organisation_id, role=seat.role)
    by_kind = signatures()
    codes = {code for verbs in by_kind.values() for code in verbs}
    found = (
        Task.objects.filter(mine, verb__in=codes)
        .select_related("case__call__owner", "case__unit", "organisation")
        .order_by("due", "since", "pk")[: SHOWN + 1]
    )
    return [t for t in found if t.verb in by_kind.get(t.case.kind, ())]


def address(task: Task, *, queue: bool = False) -> str:
    return f"{task.case.get_absolute_url()}sign/{task.verb}/" + ("?queue=1" if queue else "")


def _on_table(tasks: Sequence[Task]) -> dict[tuple[int, str], Version]:
    """(case, paper kind) → the newest version, in one query."""
    newest = Version.objects.filter(paper=OuterRef("paper")).order_by("-n").values("pk")[:1]
    found = (
        Version.objects.filter(paper__case__in={t.case_id for t in tasks}, pk=Subquery(newest))
        .select_related("paper")
        .defer("text")
    )
    return {(v.paper.case_id or 0, v.paper.kind): v for v in found}


def _superseded(versions: Iterable[Version]) -> set[str]:
    """Codes of cited values that have been revised since."""
    codes = {code for v in versions for code in v.content.get("citations", {}).values()}
    stale = (
        Value.objects.filter(code__in=codes, superseded_by__isnull=False) if codes else Value.objects.none()
    )
    return set(stale.values_list("code", flat=True))


@require_GET
@only_for(*SIGNERS)
def page(request: HttpRequest) -> HttpResponseBase:
    tasks = waiting(seats_at(request))
    versions = _on_table(tasks)
    stale = _superseded(versions.values())
    touched: dict[int, int] = {}
    before = Act.objects.filter(
        case__in={t.case_id for t in tasks}, by__person=me(request), version__isnull=False
    )
    for case_id, n in before.values_list("case", "version__n"):
        touched[case_id] = max(n, touched.get(case_id, 0))
    on, days, rows = today(), calendar(), []
    for task in tasks[:SHOWN]:
        kind = kind_of(task.case.kind, task.case.kind_version)
        verb = kind.verb(task.verb)
        if verb is None:
            continue
        version = versions.get((task.case_id, verb.on))
        content = version.content if version else {}
        mine = touched.get(task.case_id, 0)
        rows.append(
            {
                "task": task,
                "case": task.case,
                "kind": kind.label,
                "verb": verb.label,
                "url": address(task),
                "version": version,
                "changed_since": mine if version and 0 < mine < version.n else None,
                "stale": sum(code in stale for code in content.get("citations", {}).values()),
                "figures": len(content.get("citations", {})),
                "promises": len(content.get("promises", [])),
                **due_cell(task.due, on, days),
            }
        )
    return render(
        request,
        "desk/registry/sign_list.html",
        {
            "rows": rows,
            "more": len(tasks) > SHOWN,
            "first": address(tasks[0], queue=True) if tasks else "",
            "crumbs": crumbs((phrases.SIGN, "")),
        },
    )


# --- one letter ------------------------------------------------------------------------------------------------


@dataclass
class Table:
    """What lies on the table: the case, the verb, the versions, and who I am in it."""

    case: Case
    ctx: Context
    verb: Verb
    version: Version
    versions: list[Version]  # newest first, without their content
    base: Version | None  # what it is compared with
    why_base: str
    seat: Seat
    answer: Answer
    back: Seat | None


def _seated(ctx: Context, verb: Verb, seats: Iterable[Seat]) -> list[Seat]:
    return [s for s in seats if any(is_match(w, ctx, s) for w in verb.who)]


def _table(request: HttpRequest, code: str, verb_code: str, seen: str = "") -> Table:
    """Everything about this signature, or 404, or ``PermissionDenied`` with the reason."""
    case, seats = my_case(request, code), seats_at(request)
    kind = kind_of(case.kind, case.kind_version)
    verb = kind.verb(verb_code)
    if verb is None or not is_signature(kind, verb):
        raise Http404
    ctx, _parties = case_page.read(case)
    newest = ctx.current(verb.on)
    if newest is None:
        raise Http404
    versions: list[Version] = ctx.cache["versions"][newest.paper_id]
    base, why = _chosen(request, ctx, verb, versions, seen)
    wanted = Version.objects.select_related("paper", "by__person", "by__organisation")
    full = wanted.in_bulk([newest.pk, *([base.pk] if base else [])])
    version = ctx.cache[f"version:{verb.on}"] = full[newest.pk]
    mine = _seated(ctx, verb, seats)
    if not mine:
        raise PermissionDenied(str(can(seats[0] if seats else None, verb.code, case, ctx=ctx, needs=False)))
    answers = [can(s, verb.code, case, ctx=ctx, needs=False) for s in mine]
    answer = next((a for a in answers if a), answers[0])
    if answer:
        answer = Answer(missing(ctx), answer.seat)
    back = next((s for s in mine if can(s, BACK, case, ctx=ctx)), None)
    ctx.verb = verb
    return Table(
        case,
        ctx,
        verb,
        version,
        versions,
        full[base.pk] if base else None,
        why,
        answer.seat or mine[0],
        answer,
        back,
    )


def _chosen(
    request: HttpRequest, ctx: Context, verb: Verb, versions: Sequence[Version], seen: str
) -> tuple[Version | None, str]:
    """Which earlier version to compare with, and why that one: the one whose digest I sent; the one I ask for; what I
    last signed or sent back; else what somebody in the chain last did; else the version before."""
    older = list(versions[1:])
    if stale := next((v for v in older if v.digest == seen), None):
        return stale, str(phrases.BASE_SEEN) % {"n": stale.n}
    asked = request.GET.get("against", "")
    if chosen := next((v for v in older if str(v.n) == asked), None):
        return chosen, str(phrases.BASE_CHOSEN) % {"n": chosen.n}
    found = ctx.kind.chain_of(verb.code)
    verbs = {s.verb for s in found[0].steps} | {BACK} if found else {verb.code, BACK}
    done = [a for a in ctx.acts() if a.verb in verbs and a.by]
    mine = [a for a in done if a.by and a.by.person_id == me(request).pk]
    for acts, why in ((mine, phrases.BASE_MINE), (done, phrases.BASE_CHAIN)):
        for last in reversed(acts):
            then = next(
                (v for v in versions if v.at <= last.at), None
            )  # what lay on the table at that moment
            if then in older:
                return then, str(why) % {"who": last.by, "n": then.n}
    before = next(iter(older), None)
    return before, str(phrases.BASE_BEFORE) % {"n": before.n} if before else ""


def _cited(*contents: dict[str, Any]) -> dict[str, Value]:
    """Code → value, for all figures that these contents cite, in one query."""
    codes = {code for c in contents for code in c.get("citations", {}).values()}
    found = Value.objects.filter(code__in=codes).select_related("indicator") if codes else []
    return {v.code: v for v in found}


def _names(values: Iterable[Value], *contents: dict[str, Any]) -> dict[str, str]:
    """Code → name of the units that promises name, and → wording of the values that figures cite."""
    units = {p.get("unit", "") for c in contents for p in c.get("promises", [])} - {""}
    names = {o.code: str(o) for o in Organisation.objects.filter(code__in=units)} if units else {}
    for value in values:
        told = {"indicator": value.indicator, "display": value.display, "n": value.revision}
        names[value.code] = str(phrases.CITED) % told
    return names


def _figures(reply: Reply, values: dict[str, Value], problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Every figure of the letter with its value and what is wrong with it."""
    flags = {str(p.params.get("text")): p for p in problems if p.code.startswith("figure")}
    rows = []
    for figure in figures(reply.letter):
        value = values.get(reply.citations.get(figure.id, ""))
        source = (value.source or value.indicator.source) if value else ""
        rows.append(
            {
                "id": figure.id,
                "text": figure.text,
                "value": value,
                "number": qualified(value, value.indicator.unit) if value else "",
                "source": source,
                "flag": flags.get(figure.text),
            }
        )
    return rows


def _promises(reply: Reply, names: dict[str, str]) -> list[dict[str, Any]]:
    marked = marked_promises(reply.letter)
    rows: list[dict[str, Any]] = [
        {
            "promise": p,
            "unit": names.get(p.unit, p.unit),
            "lost": p.id not in marked,
            "complete": p.complete,
        }
        for p in reply.promises
    ]
    known = {p.id for p in reply.promises}
    rows += [
        {"promise": {"id": key, "text": text}, "unit": "", "lost": False, "complete": False}
        for key, text in marked.items()
        if key not in known
    ]
    return rows


def _letter(case: Case, content: dict[str, Any]) -> tuple[SafeString, str]:
    """The letter as it will look, or why it cannot be shown."""
    try:
        letter = Letter.from_dict(content["letter"])
        html = to_html(
            letter, layout_of(case.unit, letter), citation_url=lambda key: f"#figure-{key}",
            promise_url=lambda key: f"#promise-{key}",
        )  # fmt: skip
    except LetterError as error:
        return SafeString(""), str(error)
    return mark_safe(html), ""  # qiao.letters escapes everything


def _show(
    request: HttpRequest, table: Table, *, refused: Refused | None = None, reason: str = ""
) -> HttpResponseBase:
    case, ctx, version, old = table.case, table.ctx, table.version, table.base
    contents = [version.content, *([old.content] if old else [])]
    values = _cited(*contents)
    names = _names(values.values(), *contents)
    html, broken = _letter(case, version.content) if "letter" in version.content else (SafeString(""), "")
    found = ctx.kind.chain_of(table.verb.code)
    official = Reply.from_dict(version.content) if found and "letter" in version.content else None
    rows: list[dict[str, Any]] = []
    if official:
        told = list(table.answer.reasons)
        known = bool(table.verb.needs) and not table.answer  # then every fault is among the reasons already
        rows = _figures(official, values, told if known else figure_problems(official))
    context = {
        "case": case,
        "kind": ctx.kind,
        "verb": table.verb,
        "seat": table.seat,
        "version": version,
        "crumbs": crumbs(
            (phrases.SIGN, "/desk/sign/"),
            (case.number or case.title, case.get_absolute_url()),
            (table.verb.label, ""),
        ),
        "badges": [
            {"label": ctx.kind.stage(case.stage).label, "tone": "brand"},
            {"label": desk_phrases.VERSION_N % {"n": version.n}, "tone": "neutral"},
        ],
        "meta": [
            {"label": "", "value": ctx.kind.label},
            {"label": desk_phrases.SESSION, "value": case.call.title},
            *([{"label": desk_phrases.UNIT_IN_HAND, "value": case.unit}] if case.unit else []),
        ],
        "letter": html,
        "broken": broken,
        "official": official,
        "result": ctx.rulebook.term("result", official.result) if official else None,
        "publicity": ctx.rulebook.term("publicity", official.publicity) if official else None,
        "figures": rows,
        "flagged": sum(r["flag"] is not None for r in rows),
        "promises": _promises(official, names) if official else [],
        "chain": case_page.chain(ctx, found[0]) if found else None,
        "others": table.versions[1:],
        "base": old,
        "why_base": table.why_base,
        "difference": compare(old, version, ctx.rulebook, names) if old else None,
        "allowed": bool(table.answer),
        "reasons": [str(r) for r in table.answer.reasons],
        "back": table.back,
        "refused": refused,
        "changed": bool(refused and "version_changed" in refused.answer.codes),
        "reason": reason,
        "queue": request.POST.get("queue") or request.GET.get("queue", ""),
        **due_cell(case.due_legal, today(), calendar()),
    }
    return render(request, "desk/registry/sign.html", context, status=409 if refused else 200)


def _next(request: HttpRequest, case: Case) -> HttpResponseRedirect:
    """After one letter: the next one if I go through them one by one, else the list."""
    if request.POST.get("queue"):
        for task in waiting(seats_at(request)):
            if task.case_id != case.pk:
                return redirect(address(task, queue=True))
        messages.info(request, str(phrases.ALL_SIGNED))
    return redirect("/desk/sign/")


@require_http_methods(["GET", "POST"])
@signed_in
def sign(request: HttpRequest, code: str, verb: str) -> HttpResponseBase:
    """Read, compare, then sign or send back. What is signed is the version whose digest the form carries."""
    table = _table(request, code, verb)
    if request.method == "GET":
        return _show(request, table)
    seen = request.POST.get("seen", "") or phrases.NO_VERSION
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("do") == BACK:
            if seen != table.version.digest:  # whoever sends back speaks about a version too
                raise Refused(Answer((refusal("version_changed", n=table.version.n),), table.seat))
            act(table.case, BACK, by=table.back or table.seat, reason=reason)
            messages.success(request, str(phrases.SENT_BACK) % {"case": table.case})
        else:
            act(table.case, table.verb.code, by=table.seat, seen=seen)
            messages.success(request, str(phrases.SIGNED) % {"verb": table.verb.label, "case": table.case})
    except Refused as refused:
        return _show(request, _table(request, code, verb, seen), refused=refused, reason=reason)
    return _next(request, table.case)
