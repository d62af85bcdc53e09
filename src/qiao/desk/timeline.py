"""The acts of a case as a story: who, when, what, from where to where, what was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qiao.core import phrases as core_phrases
from qiao.core.acts import EVERYWHERE
from qiao.core.forms import choices_of
from qiao.core.models import Act, Organisation, Person
from qiao.core.process import Context, Field, Kind, Text, Verb
from qiao.desk import phrases

NAMED = {"organisation", "organisations", "person"}


def _fields(verb: Verb | None) -> dict[str, Field]:
    return {f.code: f for f in verb.fields} if verb else {}


def _codes(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def verb_named(kind: Kind, code: str) -> Text:
    """What a verb is called: the kind's own, or one that every kind has."""
    verb = kind.verb(code) or EVERYWHERE.get(code)
    return verb.label if verb else code


def names(ctx: Context, acts: Iterable[Act], known: Mapping[str, Text]) -> dict[str, Text]:
    """Code → name of the organisations and persons that acts speak of; asks the database for unknown ones only."""
    found: dict[str, Text] = dict(known)
    wanted: dict[str, set[str]] = {"organisation": set(), "person": set()}
    for act in acts:
        for code, field in _fields(ctx.kind.verb(act.verb)).items():
            if field.kind in NAMED and code in act.data:
                new = {c for c in _codes(act.data[code]) if c not in found}
                wanted["person" if field.kind == "person" else "organisation"] |= new
    if wanted["organisation"]:
        for o in Organisation.objects.filter(code__in=wanted["organisation"]):
            found[o.code] = str(o)
    if wanted["person"]:
        found |= dict(Person.objects.filter(code__in=wanted["person"]).values_list("code", "name"))
    return found


def _said(field: Field, value: Any, ctx: Context, known: Mapping[str, Text]) -> str:
    """A value of an act's data, as its field shows it."""
    if field.kind in NAMED or field.kind == "case":
        return str(core_phrases.AND).join(str(known.get(c, phrases.NOT_HERE)) for c in _codes(value))
    if field.kind in {"choice", "multi"}:
        labels = dict(choices_of(field, ctx))
        return str(core_phrases.AND).join(str(labels.get(c, c)) for c in _codes(value))
    if field.kind == "flag":
        return str(phrases.YES if value else phrases.NO)
    return str(value)


def _unasked(code: str, value: Any, ctx: Context) -> str:
    """A value that no form asked for: what the system put on record."""
    if code == "clocks":
        value = [ctx.kind.clock(c).label for c in value]
    if code == "paper":
        value = next((p.title for p in ctx.papers() if p.code == value), phrases.NOT_HERE)
    rows = value if isinstance(value, list) else [value]
    return str(core_phrases.AND).join(str(row) for row in rows if row is not None)


def facts_of(act: Act, ctx: Context, known: Mapping[str, Text]) -> list[dict[str, Any]]:
    """What was said with an act, labelled."""
    fields = _fields(ctx.kind.verb(act.verb))
    facts = []
    for code, value in act.data.items():
        field = fields.get(code)
        if value in (None, "", []):
            continue
        if field is None:
            if code in phrases.DATA_LABELS:  # others are marks for the system, not for people
                facts.append({"label": phrases.DATA_LABELS[code], "value": _unasked(code, value, ctx)})
        elif not field.hidden and field.kind != "json" and not (field.kind == "flag" and not value):
            facts.append(
                {
                    "label": field.label,
                    "value": _said(field, value, ctx, known),
                    "long": field.kind == "long",
                }
            )
    return facts


def story(acts: Iterable[Act], ctx: Context, known: Mapping[str, Text]) -> list[dict[str, Any]]:
    """Every act, newest first."""
    acts = list(acts)
    known = names(ctx, acts, known)
    told = []
    for act in acts:
        moved = act.from_stage != act.to_stage
        to = ctx.kind.stage(act.to_stage)
        version = act.version
        link = {}
        if version is not None:
            link = {
                "label": str(phrases.PAPER_VERSION) % {"paper": version.paper.title, "n": version.n},
                "url": f"{ctx.case.get_absolute_url()}papers/{version.paper.code}/?v={version.n}",
            }
        told.append(
            {
                "seq": act.seq,
                "at": act.at,
                "verb": verb_named(ctx.kind, act.verb),
                "who": act.by.person.name if act.by else core_phrases.TIMER,
                "organisation": str(act.by.organisation) if act.by else "",
                "role": (act.by.title or core_phrases.ROLES.get(act.by.role, act.by.role)) if act.by else "",
                "before": ctx.kind.stage(act.from_stage).label if moved else "",
                "after": to.label if moved else "",
                "tone": "good" if to.end and moved else "",
                "reason": act.reason,
                "facts": facts_of(act, ctx, known),
                "link": link,
                "hash": act.hash,
                "redacted": act.redacted,
            }
        )
    return told[::-1]
