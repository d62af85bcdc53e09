"""Acts as the public sees them: persons by their office only; what is not public is a number and a hash."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.core import history
from qiao.core import phrases as core_phrases
from qiao.core.acts import EVERYWHERE
from qiao.core.models import Act, Case, Organisation
from qiao.core.process import Field, Text, kind_of
from qiao.core.rulebook import Rulebook, rulebook

YES = _("是")
UNSAID = {"person", "case", "json"}  # kinds of fields whose values are never shown in public


@dataclass(frozen=True)
class PublicAct:
    """An act as the public sees it. Of one that is not public only ``case``, ``seq``, ``hash`` are set."""

    case: str
    seq: int
    hash: str
    public: bool
    what: Text = ""  # kind of the case
    verb: str = ""
    label: Text = ""
    at: dt.datetime | None = None
    who: str = ""
    role: Text = ""
    before: Text = ""
    after: Text = ""
    ends: bool = False
    reason: str = ""
    facts: tuple[tuple[Text, str], ...] = ()
    redacted: bool = False
    header: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None  # None: not said in public, or redacted


def told(acts: Sequence[Act], cases: Mapping[int, Case]) -> list[PublicAct]:
    """Acts as the public sees them, oldest first. One query, for the names of the units that they speak of."""
    codes = {
        str(code)
        for act in acts
        for f in _fields(cases[act.case_id], act.verb)
        if f.kind in {"organisation", "organisations"} and f.code in act.data
        for code in (act.data[f.code] if isinstance(act.data[f.code], list) else [act.data[f.code]])
    }
    names = dict(Organisation.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return [_told(act, cases[act.case_id], names) for act in sorted(acts, key=lambda a: (a.at, a.pk))]


def _fields(case: Case, verb: str) -> tuple[Field, ...]:
    found = kind_of(case.kind, case.kind_version).verb(verb)
    return found.fields if found else ()


def _told(act: Act, case: Case, names: Mapping[str, str]) -> PublicAct:
    kind = kind_of(case.kind, case.kind_version)
    verb = kind.verb(act.verb) or EVERYWHERE.get(act.verb)
    if verb is None or not verb.public:
        return PublicAct(case=case.code, seq=act.seq, hash=act.hash, public=False)
    sayable = not act.redacted and not any(f.kind in {"person", "case"} for f in verb.fields)
    book = rulebook(case.call.rulebook)
    facts = []
    for f in verb.fields:
        value = act.data.get(f.code)
        if value in (None, "", [], False) or f.kind in UNSAID or f.hidden:
            continue
        facts.append((f.label, _said(f, value, book, names)))
    moved = act.from_stage != act.to_stage
    personal = bool(act.by and act.by.role in {"member", "deputy", "contact"})
    return PublicAct(
        case=case.code,
        seq=act.seq,
        hash=act.hash,
        public=True,
        what=kind.label,
        verb=act.verb,
        label=verb.label,
        at=act.at,
        who="" if act.by is None or personal else act.by.organisation.name,
        role=core_phrases.TIMER if act.by is None else core_phrases.ROLES.get(act.by.role, act.by.role),
        before=kind.stage(act.from_stage).label if moved else "",
        after=kind.stage(act.to_stage).label if moved else "",
        ends=moved and kind.stage(act.to_stage).end,
        reason=act.reason,
        facts=tuple(facts),
        redacted=act.redacted,
        header=history.header(act, case.code),
        body={"salt": act.salt, "reason": act.reason, "data": act.data} if sayable else None,
    )


def _said(f: Field, value: Any, book: Rulebook, names: Mapping[str, str]) -> str:
    values = value if isinstance(value, list) else [value]
    if f.kind in {"organisation", "organisations"}:
        return str(core_phrases.AND).join(names.get(str(v), str(v)) for v in values)
    if f.kind in {"choice", "multi"}:
        pairs = (
            [(t.code, t.label) for t in book.terms(f.choices)]
            if isinstance(f.choices, str)
            else list(() if callable(f.choices) else f.choices)
        )
        labels: dict[str, Any] = dict(pairs)
        return str(core_phrases.AND).join(str(labels.get(v, v)) for v in values)
    return str(YES) if value is True else str(value)
