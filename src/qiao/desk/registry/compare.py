"""Two versions of a paper side by side: the letter word by word, and what stands beside it item by item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qiao.core.models import Version
from qiao.core.rulebook import Rulebook
from qiao.desk import phrases_registry as phrases
from qiao.desk.papers import compared
from qiao.kinds.reply import Reply


def compare(old: Version, new: Version, book: Rulebook, names: Mapping[str, str]) -> dict[str, Any]:
    """``rows`` of the text, ``items`` that changed beside the text, ``total`` of changes."""
    rows = compared(old, new)
    count = sum("<del>" in str(row.get("old")) or "<ins>" in str(row.get("new")) for row in rows)
    items: list[dict[str, Any]] = []
    if "letter" in old.content and "letter" in new.content:
        items = _items(Reply.from_dict(old.content), Reply.from_dict(new.content), book, names)
    return {"rows": rows if count else [], "items": items, "total": count + len(items)}


def _said(reply: Reply, book: Rulebook, names: Mapping[str, str]) -> dict[tuple[str, str], tuple[Any, str]]:
    """Everything a reply says beside its letter: (what, which) → (label, text)."""
    result, publicity = book.term("result", reply.result), book.term("publicity", reply.publicity)
    said: dict[tuple[str, str], tuple[Any, str]] = {
        ("result", ""): (phrases.RESULT, str(result.label) if result else reply.result),
        ("result_date", ""): (
            phrases.RESULT_DATE,
            reply.result_date.isoformat() if reply.result_date else "",
        ),
        ("result_reason", ""): (phrases.RESULT_REASON, reply.result_reason),
        ("publicity", ""): (phrases.PUBLICITY, str(publicity.label) if publicity else reply.publicity),
        ("publicity_reason", ""): (phrases.PUBLICITY_REASON, reply.publicity_reason),
    }
    for promise in reply.promises:
        parts = (
            promise.text,
            names.get(promise.unit, promise.unit),
            promise.due.isoformat() if promise.due else "",
            promise.measure,
        )
        said["promise", promise.id] = (phrases.PROMISE, " · ".join(p for p in parts if p))
    for key, code in reply.citations.items():
        said["citation", key] = (phrases.CITATION, names.get(code, code))
    return said


def _items(old: Reply, new: Reply, book: Rulebook, names: Mapping[str, str]) -> list[dict[str, Any]]:
    before, after = _said(old, book, names), _said(new, book, names)
    return [
        {"label": (after.get(key) or before[key])[0], "old": was, "new": now}
        for key in dict.fromkeys([*before, *after])
        if (was := before.get(key, ("", ""))[1]) != (now := after.get(key, ("", ""))[1])
    ]
