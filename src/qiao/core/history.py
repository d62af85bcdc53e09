"""History that an outsider can verify: hashed versions and acts, daily roots, redaction that keeps the hashes.

A case's acts form a chain: each hash covers the act's header, the digest of its body and the hash before it. The
daily root covers the hashes of all acts of that day and the root before it; it is published as a small file. Change
a row, and the published roots stop matching. The format is described in docs/history.md.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models, transaction

from qiao.core.clocks import SHANGHAI, local_date, now
from qiao.core.models import Act, Case, DailyRoot, Paper, Seat, Version
from qiao.core.process import every_kind, kind_of

GENESIS = "0" * 64
LINGERING = dt.timedelta(minutes=5)  # far longer than any transaction waits for its turn


def canonical(data: Any) -> bytes:
    """JSON in one spelling: keys sorted, no spaces, UTF-8."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: Any) -> str:
    return hashlib.sha256(canonical(data)).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


def instant(at: dt.datetime) -> str:
    """A moment as hashed: UTC, microseconds."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def body_digest(salt: str, reason: str, data: Any) -> str:
    """Digest of what redaction may drop. The salt keeps short texts from being guessed."""
    return digest({"salt": salt, "reason": reason, "data": data})


def version_digest(salt: str, content: Any, text: str, file_digest: str) -> str:
    return digest({"salt": salt, "content": content, "text": text, "file": file_digest})


def seat_digest(seat: Seat) -> str:
    """Whose seat it is. In an act's hash, so that nobody can be given an act of somebody else's afterwards."""
    who = [seat.person.code, seat.organisation.code, seat.role]
    return digest({"seat": seat.pk, "who": who})


def header(act: Act, case_code: str) -> dict[str, Any]:
    """What an act's hash covers."""
    return {
        "case": case_code,
        "seq": act.seq,
        "verb": act.verb,
        "at": instant(act.at),
        "by": act.by_id,
        "seat": seat_digest(act.by) if act.by else None,
        "from": act.from_stage,
        "to": act.to_stage,
        "version": act.version.digest if act.version else None,
        "body": act.body_digest,
        "prev": act.prev_hash,
    }


def act_hash(act: Act, case_code: str) -> str:
    return digest(header(act, case_code))


@dataclass(frozen=True)
class Fault:
    """Something in the history that is not as it was written."""

    code: str  # changed_act, changed_body, broken_chain, missing_act, changed_version, root_differs, …
    where: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.code} {self.detail}".rstrip()


def check_acts(rows: Iterable[Act]) -> Iterator[Fault]:
    """Faults in acts ordered by (case, seq), with ``case`` and ``version`` selected."""
    case_id, prev, seq = None, GENESIS, 0
    for act in rows:
        if act.case_id != case_id:
            case_id, prev, seq = act.case_id, GENESIS, 0
        where = f"{act.case.code}/{act.seq}"
        if act.seq != seq + 1:
            yield Fault("missing_act", where, f"after {seq}")
        elif act.prev_hash != prev:
            yield Fault("broken_chain", where)
        if act_hash(act, act.case.code) != act.hash:
            yield Fault("changed_act", where)
        if act.redacted:
            if act.reason or act.data or act.salt:
                yield Fault("changed_body", where, "redacted, but not empty")
        elif body_digest(act.salt, act.reason, act.data) != act.body_digest:
            yield Fault("changed_body", where)
        prev, seq = act.hash, act.seq


def check_versions(rows: Iterable[Version]) -> Iterator[Fault]:
    for v in rows:
        where = f"{v.paper.code} v{v.n}"
        if v.redacted:
            if v.content or v.text or v.salt or v.file:
                yield Fault("changed_version", where, "redacted, but not empty")
            continue
        if version_digest(v.salt, v.content, v.text, v.file_digest) != v.digest:
            yield Fault("changed_version", where)
        kept = file_digest(v)
        if v.file_digest and not kept:
            yield Fault("missing_file", where, v.file_name)
        elif kept != v.file_digest:
            yield Fault("changed_file", where, v.file_name)


def file_digest(version: Version) -> str:
    """SHA-256 of the file that is kept with a version as it lies there now; empty if there is none."""
    if not version.file:
        return ""
    try:
        with version.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def check_filed() -> Iterator[Fault]:
    """Every version of a case's paper was filed by an act of that case, then and by whom it says, and in that order."""
    of_case = models.OuterRef("paper__case")
    filing = Act.objects.filter(version=models.OuterRef("pk"), case=of_case).order_by("seq")
    found = Version.objects.filter(paper__case__isnull=False).select_related("paper__case")
    found = found.annotate(
        **{f"act_{f}": models.Subquery(filing.values(f)[:1]) for f in ("seq", "verb", "at", "by")}
    )
    last: tuple[int | None, int, int] = (None, 0, 0)
    rows = found.defer("content", "text").order_by("paper", "n")
    for v in rows.iterator(chunk_size=2000):
        where = f"{v.paper.code} v{v.n}"
        of, n, seq = last if last[0] == v.paper_id else (v.paper_id, 0, 0)
        if v.act_seq is None:
            yield Fault("inserted_version", where)
            continue
        filed = (v.act_at, v.act_by, _filed_by(v.act_verb, v.paper))
        if (v.at, v.by_id, v.paper.kind) != filed:
            yield Fault("changed_version", where, "not as it was filed: when, by whom, or as what")
        if v.n != n + 1 or v.act_seq <= seq:
            yield Fault("changed_version", where, "not in the order of the acts that filed them")
        last = of, v.n, v.act_seq


def _filed_by(verb: str, paper: Paper) -> str:
    """The kind of paper that a verb files. Of a case whose kind is unknown `check_cases` speaks."""
    of = [
        k
        for k in every_kind()
        if paper.case and (k.code, k.version) == (paper.case.kind, paper.case.kind_version)
    ]
    filing = of[0].verb(verb) if of else None
    return filing.paper if filing else paper.kind


def check_cases() -> Iterator[Fault]:
    """What a case's row says of its course is what its acts say, and its due dates are those that they lead to."""
    wrong = strangers()
    for code in sorted(wrong):
        yield Fault("changed_case", code, "kind")
    acts = Act.objects.filter(case=models.OuterRef("pk"))
    cases = Case.objects.exclude(code__in=wrong).annotate(
        head=models.Subquery(acts.order_by("-seq").values("to_stage")[:1]),
        began=models.Subquery(acts.order_by("seq").values("at")[:1]),
        went_on=models.Subquery(acts.order_by("-seq").values("at")[:1]),
        ended=models.Exists(acts.filter(at=models.OuterRef("closed_at"))),
    )
    for case in cases.order_by("pk").iterator(chunk_size=2000):
        if case.head is None:
            yield Fault("missing_act", case.code, "no act at all")
            continue
        if case.stage != case.head:
            yield Fault("changed_stage", case.code, f"{case.stage}, but its last act leads to {case.head}")
        over = kind_of(case.kind, case.kind_version).stage(case.head).end
        sound = {
            "opened_at": case.opened_at == case.began,
            "moved_at": case.moved_at == case.went_on,
            "closed_at": case.ended if over else case.closed_at is None,
            "live_key": not over or case.live_key is None,
            "due": case.closed_at is None or (case.due_legal or case.due_internal) is None,
        }
        for name, as_written in sound.items():
            if not as_written:
                yield Fault("changed_case", case.code, name)
    from qiao.core.recalculate import differing  # noqa: PLC0415 (circular import)

    for open_, _clocks, was, due in differing(every=True, without=wrong):
        yield Fault("changed_case", open_.code, f"due {_days(was)}, but its acts lead to {_days(due)}")


def strangers() -> set[str]:
    """Cases on which something was done that their kind does not know: it is not the kind that they were opened as."""
    from qiao.core.acts import EVERYWHERE  # noqa: PLC0415 (circular import)

    known = {(k.code, k.version): {*EVERYWHERE, *(v.code for v in k.verbs)} for k in every_kind()}
    done = Act.objects.order_by().values_list("case__kind", "case__kind_version", "verb").distinct()
    found: set[str] = set()
    for kind, n, verb in done:
        if verb not in known.get((kind, n), ()):
            on = Case.objects.filter(kind=kind, kind_version=n, acts__verb=verb)
            found |= set(on.values_list("code", flat=True))
    return found


def _days(pair: Iterable[dt.date | None]) -> str:
    return "/".join(day.isoformat() if day else "–" for day in pair)


def check_redactions() -> Iterator[Fault]:
    """Every redaction is on record: an act "redact" of that case names what was taken out."""
    acts = list(Act.objects.filter(redacted=True).values_list("case_id", "case__code", "seq"))
    versions = list(Version.objects.filter(redacted=True).values_list("paper__case", "paper__code", "n"))
    if not acts and not versions:
        return
    cases = {case for case, *_rest in (*acts, *versions)}
    told = set()
    for case, data in Act.objects.filter(verb="redact", case__in=cases).values_list("case_id", "data"):
        told |= {(case, data.get("act")), (case, data.get("paper"), data.get("version"))}
    for case, code, seq in acts:
        if (case, seq) not in told:
            yield Fault("unrecorded_redaction", f"{code}/{seq}")
    for case, code, n in versions:
        if (case, code, n) not in told:
            yield Fault("unrecorded_redaction", f"{code} v{n}")


# --- daily roots -----------------------------------------------------------------------------------------------


def bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    start = dt.datetime.combine(day, dt.time(), tzinfo=SHANGHAI)
    return start, start + dt.timedelta(days=1)


def leaves(day: dt.date) -> list[list[Any]]:
    """Every act of one day as [case code, number, hash], in that order."""
    start, end = bounds(day)
    rows = Act.objects.filter(at__gte=start, at__lt=end).values_list("case__code", "seq", "hash")
    return sorted(list(row) for row in rows)  # sorted here: databases differ in how they order text


def root_of(day: dt.date, prev: str, day_leaves: list[list[Any]]) -> str:
    return digest({"day": day.isoformat(), "prev": prev, "acts": day_leaves})


def root_file(root: DailyRoot) -> dict[str, Any]:
    """What is published for one day. The acts' hashes stand in it, so that a difference can be located."""
    return {
        "format": "qiao-daily-root/1",
        "day": root.day.isoformat(),
        "prev": root.prev_root,
        "root": root.root,
        "acts": leaves(root.day),
    }


def make_roots(*, until: dt.date | None = None) -> list[DailyRoot]:
    """Make the roots that are missing, for every day with acts before ``until`` (not included).

    Default: a day ends for good some minutes after midnight. What began before may still be waiting for a lock, and a
    root that was made without it could never be mended.
    """
    until = until or local_date(now() - LINGERING)
    last = DailyRoot.objects.order_by("-day").first()
    acts = Act.objects.filter(at__lt=bounds(until)[0])
    if last:
        acts = acts.filter(at__gte=bounds(last.day)[1])
    days = sorted({local_date(at) for at in acts.values_list("at", flat=True).iterator()})
    made = []
    prev = last.root if last else GENESIS
    for day in days:
        day_leaves = leaves(day)
        with transaction.atomic():
            root = DailyRoot.objects.create(
                day=day,
                count=len(day_leaves),
                prev_root=prev,
                root=root_of(day, prev, day_leaves),
                made_at=now(),
            )
        made.append(root)
        prev = root.root
    return made


def check_roots(published: dict[str, dict[str, Any]] | None = None) -> Iterator[Fault]:
    """Recompute every root; compare with the stored rows and with published files (day → file content)."""
    published = published or {}
    prev = GENESIS
    seen = set()
    covered, last = 0, None
    for root in DailyRoot.objects.order_by("day"):
        day = root.day.isoformat()
        seen.add(day)
        acts = leaves(root.day)
        covered, last = covered + len(acts), root.day
        file = published.get(day)
        if file is not None:
            yield from _compare_leaves(day, file["acts"], acts)
            if file["root"] != root_of(root.day, file["prev"], file["acts"]):
                yield Fault("root_file_inconsistent", day)
            if file["root"] != root.root:
                yield Fault("root_differs", day, "from the published file")
        if root.prev_root != prev:
            yield Fault("root_chain_broken", day)
        if root_of(root.day, root.prev_root, acts) != root.root or len(acts) != root.count:
            yield Fault("root_differs", day, "from the acts of that day")
        prev = root.root
    for day in sorted(set(published) - seen):
        yield Fault("missing_root", day)
    if last is not None:
        past = Act.objects.filter(at__lt=bounds(last)[1])
        if past.count() != covered:
            for code, seq, at in past.values_list("case__code", "seq", "at").order_by("at").iterator():
                if (day := local_date(at).isoformat()) not in seen:
                    yield Fault("inserted_act", f"{code}/{seq}", f"{day}, a day that has no root")


def _compare_leaves(day: str, old: list[list[Any]], new: list[list[Any]]) -> Iterator[Fault]:
    was = {(code, seq): value for code, seq, value in old}
    is_ = {(code, seq): value for code, seq, value in new}
    for key in sorted(set(was) | set(is_)):
        where = f"{key[0]}/{key[1]}"
        if key not in is_:
            yield Fault("removed_act", where, day)
        elif key not in was:
            yield Fault("inserted_act", where, day)
        elif was[key] != is_[key]:
            yield Fault("changed_act", where, f"{day}, against the published file")


def read_root_files(folder: Path) -> dict[str, dict[str, Any]]:
    """The published files that somebody kept: ``YYYY-MM-DD.json`` in ``folder``."""
    return {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("????-??-??.json"))}


def verify(*, roots: Path | None = None) -> Iterator[Fault]:
    """Check the whole history: chains, bodies, versions, files, cases, roots. Yields what is wrong, with its place."""
    acts = Act.objects.select_related("case", "version", "by__person", "by__organisation")
    acts = acts.order_by("case_id", "seq")
    yield from check_acts(acts.iterator(chunk_size=2000))
    yield from check_versions(Version.objects.select_related("paper").iterator(chunk_size=500))
    yield from check_filed()
    yield from check_redactions()
    yield from check_cases()
    yield from check_roots(read_root_files(roots) if roots else None)


# --- redaction -------------------------------------------------------------------------------------------------


def redact_act(act: Act) -> None:
    """Drop an act's reason and data for good; its hash stays. Called by ``acts.redact`` only, which records it."""
    models.QuerySet(Act).filter(pk=act.pk).update(reason="", data={}, salt="", redacted=True)


def redact_version(version: Version) -> None:
    """Drop a version's content for good; its digest stays. Called by ``acts.redact`` only, which records it."""
    if version.file and version.file.name:
        version.file.storage.delete(version.file.name)
    models.QuerySet(Version).filter(pk=version.pk).update(
        content={}, text="", salt="", file="", file_name="", redacted=True
    )
