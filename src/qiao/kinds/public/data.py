"""The same as JSON, for programs and for whoever verifies a history (docs/history.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from qiao.core import history
from qiao.core.clocks import Deadline
from qiao.kinds.public.acts import PublicAct
from qiao.kinds.public.commitments import PublicPromise
from qiao.kinds.public.lists import Card
from qiao.kinds.public.published import PublicReply

FORMAT = "qiao-publication/1"


def address(path: str) -> str:
    """An address of this installation in full."""
    return f"{settings.PUBLIC_ADDRESS}{path}"


def card_data(card: Card) -> dict[str, Any]:
    """A list entry as JSON, labels in the language of the moment."""
    return {
        "slug": card.slug,
        "code": card.code,
        "url": address(card.url),
        "title": card.title,
        "number": card.number,
        "instrument": str(card.instrument),
        "session": {"code": card.session_code, "title": card.session},
        "unit": {"code": card.unit_code, "name": card.unit},
        "result": {"code": card.result_code, "label": str(card.result)},
        "result_after_tracking": str(card.result_after) or None,
        "publicity": {"code": card.publicity_code, "label": str(card.publicity)},
        "published_on": card.published.isoformat(),
        "signed_at": history.instant(card.signed) if card.signed else None,
    }


def promise_data(p: PublicPromise) -> dict[str, Any]:
    """A promise as JSON."""
    return {
        "code": p.code,
        "url": address(p.url),
        "text": p.text,
        "unit": {"code": p.unit_code, "name": p.unit},
        "measure": p.measure,
        "due": _iso(p.due),
        "first_due": _iso(p.first_due),
        "carried_over": p.carried,
        "state": p.state,
        "percent": p.percent,
        "last_report": p.last,
        "last_report_at": history.instant(p.last_at) if p.last_at else None,
        "closed_on": _iso(p.closed),
        "reply": address(p.reply_url),
        "number": p.number,
        "session": {"code": p.session_code, "title": p.session},
    }


def act_data(act: PublicAct) -> dict[str, Any]:
    """An act as an outsider verifies it (docs/history.md). Of one that is not public: its number and hash."""
    if not act.public:
        return {"seq": act.seq, "public": False, "hash": act.hash}
    return {
        "seq": act.seq,
        "public": True,
        "label": str(act.label),
        "header": dict(act.header),
        "body": dict(act.body) if act.body is not None else None,
        "redacted": act.redacted,
        "hash": act.hash,
    }


def history_data(acts: Iterable[PublicAct]) -> dict[str, list[dict[str, Any]]]:
    """Case code → its acts, in order."""
    chains: dict[str, list[dict[str, Any]]] = {}
    for act in sorted(acts, key=lambda a: (a.case, a.seq)):
        chains.setdefault(act.case, []).append(act_data(act))
    return chains


def deadline_data(found: Deadline | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "due": _iso(found.due),
        "done_on": _iso(found.done_on),
        "state": found.level,
        "source": found.value.source,
        "source_confirmed": found.value.confirmed,
    }


def reply_data(r: PublicReply) -> dict[str, Any]:
    """Everything of a published reply as JSON."""
    p = r.publication
    return {
        "format": FORMAT,
        **card_data(r.card),
        "result_date": r.result_date or None,
        "result_reason": r.result_reason or None,
        "basis": p.basis,
        "publicity_reason": r.publicity_reason or None,
        "redactions": list(r.redactions),
        "answered": deadline_data(r.answered),
        "publication": deadline_data(r.published),
        "letter": r.letter.to_dict(),
        "citations": [
            {
                "id": c.id,
                "text": c.text,
                "indicator": c.indicator,
                "name": c.name,
                "definition": c.definition,
                "display": c.display,
                "number": c.number,
                "qualifier": c.qualifier,
                "unit": c.unit,
                "start": _iso(c.start),
                "end": _iso(c.end),
                "source": c.source,
                "revision": c.revision,
                "revised_since": {"display": c.now_display, "revision": c.now_revision}
                if c.revised
                else None,
            }
            for c in r.citations
        ],
        "promises": [promise_data(one) for one in r.promises],
        "history": history_data(r.acts),
        "digests": {"signed_version": r.digest, "public_copy": r.public_digest},
        "daily_roots": [address(f"/history/roots/{root.day.isoformat()}.json") for root in r.roots],
        "verify": address(f"/verify/?code={p.code}"),
        "others": [
            {"url": address(o.get_absolute_url()), "published_on": _iso(o.start), "withdrawn_on": _iso(o.end)}
            for o in r.siblings
        ],
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
