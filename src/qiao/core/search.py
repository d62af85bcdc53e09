"""Search that works in Chinese on both databases: every text is stored as its character bigrams.

A query finds a text that contains it, two-character words inside longer names included. Two small adapters do what
databases do differently (decision record 0006): SQLite's FTS5 over an external table, PostgreSQL's ``tsvector``
made of the same column. Both search for the phrase of the query's bigrams, which is exact substring search.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from qiao.core.access import visible_cases
from qiao.core.clocks import now
from qiao.core.counting import Counted, kept
from qiao.core.models import Call, Case, Organisation, Person, Publication, SearchEntry, Seat

_CUT = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]", re.IGNORECASE)
MAX_TEXT = 40_000


def _cells(text: str) -> list[str]:
    """Latin words and digits whole, everything else by character; punctuation falls out."""
    return _CUT.findall(text.lower())


def _token(cells: str, *, word: bool) -> str:
    """ASCII only, because how a database cuts other scripts depends on its locale."""
    return f"w{cells}" if word else "".join(f"u{ord(c):x}" for c in cells)


def _tokens(text: str) -> list[str]:
    """Whole Latin words, and of other characters each with its neighbour: 元宇宙 → 元宇 宇宙 宙."""
    cells = _cells(text)
    out = []
    for i, cell in enumerate(cells):
        after = cells[i + 1] if i + 1 < len(cells) else ""
        if cell.isascii():
            out.append(_token(cell, word=True))
        else:
            out.append(_token(cell + ("" if after.isascii() else after), word=False))
    return out


def grams(text: str) -> str:
    """What is indexed of a text: its tokens, separated by blanks."""
    return " ".join(_tokens(text))


def query_phrases(query: str) -> list[list[str]]:
    """A query's phrases, one per blank-separated word; the last token of each is searched as a prefix.

    The single character that ends a run is dropped where a bigram before it already holds it.
    """
    found = []
    for word in query.split():
        cells, tokens = _cells(word), _tokens(word)
        if len(cells) > 1 and not cells[-1].isascii() and not cells[-2].isascii():
            tokens.pop()
        if tokens:
            found.append(tokens)
    return found


def matching(query: str, *, loose: bool = False, public: bool = False) -> Q | None:
    """The condition on :class:`SearchEntry` that ``query`` means; None if it contains nothing to search for.

    ``public``: only public entries are wanted.
    """
    words = query_phrases(query[:100])
    if not words:
        return None
    found, parts = _indexed(words, loose=loose)
    if connection.vendor == "postgresql":  # which indexes public entries and cases each by themselves
        open_, cases = f"{found} AND public", f"{found} AND case_id IS NOT NULL"
        found, parts = (open_, parts) if public else (f"{open_} UNION ALL {cases}", parts * 2)
    return Q(pk__in=RawSQL(found, parts))  # noqa: S611 (parameters only)


# From this share of all entries on, a word is looked for along the order of a list instead: the first page is full
# after a few rows, while the index would name (and the database sort) a good part of everything there is.
COMMON = {"sqlite": 0.2, "postgresql": 0.2}
_LOOK_AT = 50_000


def is_common(query: str) -> bool:
    """Whether so many entries hold what is searched for that an index does not help. Kept until the next act."""
    words = query_phrases(query[:100])
    return bool(words) and bool(
        kept(("common", query), lambda: int(_share(words) >= COMMON[connection.vendor]))
    )


def _share(words: list[list[str]]) -> float:
    """About which part of all entries is found: counted as far as `_LOOK_AT`, or what PostgreSQL's planner expects.

    SQLite counts all rows by reading them; the highest id says nearly the same.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            query, parts = _indexed(words)
            cursor.execute(f"EXPLAIN (FORMAT JSON) {query}", parts)
            plan = cursor.fetchone()[0]
            plan = json.loads(plan) if isinstance(plan, str) else plan
            found: float = plan[0]["Plan"]["Plan Rows"]
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'core_searchentry'")
        else:
            query, parts = _indexed(words)
            counted = f"SELECT COUNT(*) FROM ({query} LIMIT {_LOOK_AT})"  # noqa: S608 (our own text)
            cursor.execute(f"SELECT ({counted}), (SELECT MAX(id) FROM core_searchentry)", parts)  # noqa: S608
            found, all_ = cursor.fetchone()
            return float(found) / max(float(all_ or 0), 1.0)
        return found / max(float(cursor.fetchone()[0]), 1.0)


def _open(token: str) -> str:
    """A phrase may end inside a word, or with the first character of a pair; a whole pair has no other endings."""
    return "" if token.startswith("u") and token.count("u") == 2 else "*"


def _indexed(words: list[list[str]], *, loose: bool = False) -> tuple[str, list[str]]:
    """The ids of entries that hold all phrases, from the database's own text index.

    ``loose``: PostgreSQL's index knows which tokens an entry holds, not where, and has to read every text that it finds
    to see whether they make the phrase. Loosely it leaves that to :func:`checked`.
    """
    if connection.vendor == "postgresql":
        near = " & " if loose else " <-> "
        parts = [near.join([*word[:-1], word[-1] + _open(word[-1]).replace("*", ":*")]) for word in words]
        return "SELECT id FROM core_searchentry WHERE tokens @@ to_tsquery('simple', %s)", [" & ".join(parts)]
    text = " AND ".join(" + ".join(f'"{token}"' for token in word) + _open(word[-1]) for word in words)
    return "SELECT rowid FROM core_search_fts WHERE core_search_fts MATCH %s", [text]


def checked(query: str, ids: list[int], *, of: str = "case") -> list[int]:
    """Those of some cases (``of``: publications, or entries) found loosely that really hold what ``query`` means."""
    if connection.vendor != "postgresql" or all(len(word) == 1 for word in query_phrases(query[:100])):
        return ids
    return holding(query, ids, of=of)


def holding(query: str, ids: list[int], *, of: str = "case") -> list[int]:
    """Those of some cases, publications or entries whose text holds what ``query`` means, in their order."""
    entries = _holding(SearchEntry.objects.filter(**{f"{of}__in": ids}), query)
    held = set(entries.values_list(of, flat=True))
    return [one for one in ids if one in held]


def _holding(entries: QuerySet[SearchEntry], query: str) -> QuerySet[SearchEntry]:
    """The same condition as `matching`, asked of each entry by itself."""
    whole = Concat(Value(" "), "grams")  # read once: PostgreSQL unpacks a long text for every mention
    for word in query_phrases(query[:100]):
        entries = entries.filter(GreaterThan(StrIndex(whole, Value(f" {' '.join(word)}")), 0))
    return entries


def cases_holding(query: str, *, common: bool, loose: bool = False) -> Q | None:
    """The condition on :class:`Case` that ``query`` means; None if it contains nothing to search for.

    ``common``: what :func:`is_common` says of it. ``loose``: quicker, and what is found has to be :func:`checked`.
    """
    words = query_phrases(query[:100])
    if not words:
        return None
    if common:
        return Q(Exists(_holding(SearchEntry.objects.filter(case=OuterRef("pk")), query)))
    found, parts = _indexed(words, loose=loose)
    if connection.vendor == "postgresql":
        entries = found.replace("id", "case_id", 1) + " AND case_id IS NOT NULL"
    else:  # from an index alone: SQLite would read through the long texts of every row to come to its case
        known = "SELECT case_id FROM core_searchentry INDEXED BY search_case WHERE case_id IS NOT NULL"
        entries = f"{known} AND id IN ({found})"
    return Q(pk__in=RawSQL(entries, parts))  # noqa: S611 (parameters only)


def search(
    query: str,
    *,
    person: Person | None = None,
    seats: Iterable[Seat] | None = None,
    public_only: bool = False,
    loose: bool = False,
) -> QuerySet[SearchEntry]:
    """What ``query`` finds for a person, newest first: public entries, and the cases they may see.

    ``loose``: quicker, and what is found has to be :func:`checked`.
    """
    condition = matching(query, loose=loose, public=public_only)
    if condition is None:
        return SearchEntry.objects.none()
    seen = Q(public=True)
    if person is not None and not public_only:
        seen |= Q(case__in=visible_cases(person, seats))
    everything = SearchEntry.objects.all()
    entries = (_holding(everything, query) if is_common(query) else everything.filter(condition)).filter(seen)
    return entries.select_related("case", "call", "organisation", "publication").order_by("-at")


SPARE = 50  # so many more are looked at, in case that some only hold the parts of a phrase


class Found(Counted):
    """What a search found, for a paginator: whole phrases are checked on as many texts as the page needs.

    ``loose`` are the same rows, found loosely; ``shown`` is how the page reads them; ``of`` as for :func:`checked`.
    """

    def __init__(
        self, query: str, rows: QuerySet[Any], loose: QuerySet[Any], shown: QuerySet[Any], *, of: str = "pk"
    ) -> None:
        super().__init__(rows)
        self.query, self.loose, self.shown, self.of = query, loose, shown, of

    def __getitem__(self, part: slice) -> QuerySet[Any]:
        ids = list(self.loose.values_list("pk", flat=True)[: part.stop + SPARE])
        found = checked(self.query, ids, of=self.of)
        if (
            len(found) < part.stop and len(ids) == part.stop + SPARE
        ):  # many hold the parts, and few the phrase
            found, part = list(self.rows.values_list("pk", flat=True)[part]), slice(None)
        shown: QuerySet[Any] = self.shown.filter(pk__in=found[part])
        return shown.order_by(*self.rows.query.order_by)


def found_in_public(query: str, *, without: Iterable[str] = ("grams",)) -> Found:
    """:func:`search` over what is public, for a paginator; ``without`` long texts that the page does not show."""
    rows = search(query, public_only=True)
    shown = SearchEntry.objects.select_related("case", "call", "organisation", "publication").defer(*without)
    return Found(query, rows, search(query, public_only=True, loose=True), shown)


def _store(title: str, text: str, public: bool, *, new: bool = False, **of: Any) -> None:
    """``new``: it is known that there is no entry yet."""
    text = text[:MAX_TEXT]
    said = {
        "title": title[:300],
        "text": text,
        "grams": grams(f"{title}\n{text}"),
        "public": public,
        "at": now(),
    }
    if new:
        SearchEntry.objects.create(**of, **said)
    elif not SearchEntry.objects.filter(**of).update(**said):
        SearchEntry.objects.update_or_create(**of, defaults=said)  # somebody else may write it just now


def index_case(case: Case, text: str | None = None) -> None:
    """Case entries hold number, title and the current text of the case's main paper; None leaves that as it is."""
    entry = SearchEntry.objects.filter(case=case)
    known = entry.filter(title=str(case)[:300])
    if text is not None:
        known = known.filter(text=text[:MAX_TEXT])
    if not known.update(at=now()):  # most acts change neither, and the index stays as it is
        if text is None:
            text = entry.values_list("text", flat=True).first() or ""
        _store(str(case), text, False, case=case)


def index_new_case(case: Case) -> None:
    """The entry of a case that begins: number and title, no text yet."""
    _store(str(case), "", False, new=True, case=case)


def index_call(call: Call) -> None:
    _store(call.title, call.text, True, call=call)


def index_organisation(organisation: Organisation) -> None:
    names = " ".join(organisation.names.values_list("name", flat=True))
    _store(
        organisation.name,
        f"{organisation.short_name} {names} {organisation.uscc or ''}",
        True,
        organisation=organisation,
    )


def index_publication(publication: Publication, public_text: str) -> None:
    """``public_text``: the redacted text. A withdrawn publication is found no more."""
    if publication.end is not None:
        SearchEntry.objects.filter(publication=publication).delete()
        return
    _store(publication.title, public_text, True, publication=publication)
