"""Two versions of a paper side by side: the letter word by word, and what stands beside it item by item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from qiao.core.models import Version
from qiao.core.rulebook import Rulebook
from qiao.desk import phrases as desk_phrases
from qiao.desk import phrases_registry as phrases
from qiao.kinds.reply import Reply
from qiao.letters import Letter, Segment, diff, diff_text
from qiao.letters.diff import DiffRow

KEEP = 1  # unchanged paragraphs shown around a change


def _side(segments: Iterable[Segment] | None, tag: str) -> SafeString:
    """One side of a row; what changed stands in ``<del>`` or ``<ins>``. Everything is escaped."""
    if segments is None:
        return SafeString("")
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<del>{}</del>" if tag == "del" else "<ins>{}</ins>", s.text) if s.change == "changed" else s.text,)
            for s in segments
        ),
    )


def _row(row: DiffRow) -> dict[str, Any]:
    return {"old": _side(row.left, "del"), "new": _side(row.right, "ins")}


def rows_of(found: Iterable[DiffRow]) -> list[dict[str, Any]]:
    """Rows for ``parts/diff.html``; long stretches without change become one line that counts them."""
    rows: list[dict[str, Any]] = []
    for equal, group in groupby(found, key=lambda r: r.change == "equal"):
        run = list(group)
        if not equal or len(run) <= 2 * KEEP + 1:
            rows += [_row(r) for r in run]
            continue
        hidden = run[KEEP if rows else 0 : -KEEP]
        rows += [_row(r) for r in run[: KEEP if rows else 0]]
        rows.append({"gap": desk_phrases.SAME_ROWS % {"n": len(hidden)}})
        rows += [_row(r) for r in run[-KEEP:]]
    return rows


def _of_text(old: str, new: str) -> tuple[list[dict[str, Any]], int]:
    left, right = diff_text(old, new)
    row = DiffRow("equal" if old == new else "changed", "text", left, right)
    return rows_of([row]), int(old != new)


def compare(old: Version, new: Version, book: Rulebook, names: Mapping[str, str]) -> dict[str, Any]:
    """``rows`` of the text, ``count`` of changed passages, ``items`` that changed beside the text."""
    items: list[dict[str, Any]] = []
    if "letter" in old.content and "letter" in new.content:
        found = diff(Letter.from_dict(old.content["letter"]), Letter.from_dict(new.content["letter"]))
        rows, count = rows_of(found.rows), sum(r.change != "equal" for r in found.rows)
        items = _items(Reply.from_dict(old.content), Reply.from_dict(new.content), book, names)
    else:
        rows, count = _of_text(old.text, new.text)
    return {"rows": rows if count else [], "count": count, "items": items, "total": count + len(items)}


def _said(reply: Reply, book: Rulebook, names: Mapping[str, str]) -> dict[tuple[str, str], tuple[Any, str]]:
    """Everything a reply says beside its letter: (what, which) → (label, text)."""
    result, publicity = book.term("result", reply.result), book.term("publicity", reply.publicity)
    said: dict[tuple[str, str], tuple[Any, str]] = {
        ("result", ""): (phrases.RESULT, str(result.label) if result else reply.result),
        ("result_date", ""): (phrases.RESULT_DATE, reply.result_date.isoformat() if reply.result_date else ""),
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
