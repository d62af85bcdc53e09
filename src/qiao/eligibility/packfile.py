"""The file of a pack: read, and checked for shape. Every problem is named with its line, not only the first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .language import BadExpression, parse
from .pack import (
    Band,
    Benefit,
    Classes,
    Clause,
    CodeList,
    Document,
    Expression,
    Item,
    Pack,
    PackTest,
    Points,
    Row,
    Score,
    Table,
)
from .problems import PackError, Place, Problem
from .source import Map, read
from .vocabulary import Words, unknown_keys, words

KINDS = ("recognition", "subsidy", "tax", "classification")
EVIDENCE = ("V", "S", "M", "D")
BENEFITS = ("recognition", "amount", "ratio", "tax_rate")


class _Reader:
    """Reads one file, gathering every problem instead of stopping at the first."""

    def __init__(self, source: Map) -> None:
        self.source, self.problems = source, list[Problem]()

    def bad(self, place: Place, code: str, zh: str, en: str) -> None:
        self.problems.append(place.problem(code, zh, en))

    def keys(self, entry: Map, known: str) -> None:
        self.problems += unknown_keys(entry, frozenset(known.split()))

    def attempt(self, make: Callable[[], Any], default: Any = None) -> Any:
        try:
            return make()
        except PackError as broken:
            self.problems += broken.problems
            return default

    def words(self, entry: Map, key: str | None = None) -> Words:
        """The texts under ``key``, or beside each other in the entry itself."""
        blank = Words("?", "?")
        if key is not None:
            return self.attempt(lambda: words(entry.get(key), entry.at(key), key), blank)  # type: ignore[no-any-return]
        zh, en = (str(entry.get(k) or "").strip() for k in ("zh", "en"))
        if not zh or not en:
            self.bad(
                entry.at(),
                "missing_text",
                "须有中文（zh）和英文（en）各一句",
                "needs a sentence in zh and one in en",
            )
            return blank
        return Words(zh, en)

    def map(self, entry: Map, key: str) -> Map:
        value = entry.get(key)
        if value is None:
            return Map(entry.file, entry.line)
        if not isinstance(value, Map):
            self.bad(
                entry.at(key), "not_a_mapping", f"“{key}”应是一组“键: 值”", f"“{key}” should be a mapping"
            )
            return Map(entry.file, entry.line)
        return value

    def list(self, entry: Map, key: str) -> list[Map]:
        value = entry.get(key) or []
        if not isinstance(value, list) or any(not isinstance(v, Map) for v in value):
            self.bad(
                entry.at(key), "not_a_list", f"“{key}”应是一列条目", f"“{key}” should be a list of entries"
            )
            return []
        return value

    def text(self, entry: Map, key: str, *, needed: bool = True) -> str:
        value = entry.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if needed:
            self.bad(entry.at(), "missing", f"缺少“{key}”", f"“{key}” is missing")
        return ""

    def cite(self, entry: Map) -> str:
        value = entry.get("cite")
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.bad(
            entry.at(),
            "missing_citation",
            "缺少出处（cite：第几条）",
            "the citation is missing (cite: which article)",
        )
        return "?"

    def choice(self, entry: Map, key: str, known: tuple[str, ...], default: str = "") -> str:
        value = entry.get(key, default)
        if value in known:
            return str(value)
        self.bad(
            entry.at(key), f"bad_{key}",
            f"{key}“{value}”应为：{'、'.join(known)}", f"{key} “{value}” should be one of: {', '.join(known)}",
        )  # fmt: skip
        return known[0]

    def day(self, entry: Map, key: str, *, needed: bool = True) -> dt.date | None:
        value = entry.get(key)
        if value is None and not needed:
            return None
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.bad(
                entry.at(key),
                "bad_date",
                f"“{key}”应为日期，如 2024-05-01",
                f"“{key}” should be a day, such as 2024-05-01",
            )
            return dt.date(1949, 10, 1)

    def whole(self, entry: Map, key: str, *, needed: bool = True) -> int | None:
        value = entry.get(key)
        if value is None and not needed:
            return None
        if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            return int(value)
        self.bad(entry.at(key), "bad_number", f"“{key}”应为整数", f"“{key}” should be a whole number")
        return 0

    def expression(self, text: object, place: Place) -> Expression | None:
        if text is True or text is False:
            text = "true" if text else "false"
        if not isinstance(text, str):
            self.bad(place, "not_an_expression", "这里应是一个表达式", "an expression belongs here")
            return None
        text = " ".join(text.split())
        try:
            return Expression(text, parse(text), place)
        except BadExpression as broken:
            self.problems.append(Expression(text, parse("true"), place).error(broken))
            return None

    def optional(self, entry: Map, key: str) -> Expression | None:
        return self.expression(entry[key], entry.at(key)) if key in entry else None

    # -- the parts -----------------------------------------------------------------------------------------------

    def pack(self) -> Pack:
        top = self.source
        self.keys(
            top,
            "id title kind issuer document in_force evidence note define lists tables scores clauses qualifies "
            "classes benefits tests draft reviewed",
        )
        self.signature(top)
        self.mark = self.choice(top, "evidence", EVIDENCE)
        id_ = self.text(top, "id")
        if id_ and not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", id_):
            self.bad(top.at("id"), "bad_id", "id 应形如 cn/tech-sme", "an id looks like cn/tech-sme")
        force = self.map(top, "in_force")
        self.keys(force, "from until")
        start = self.day(force, "from") or dt.date(1949, 10, 1)
        until = self.day(force, "until", needed=False)
        if until and until < start:
            self.bad(force.at("until"), "bad_dates", "失效日早于生效日", "it ends before it begins")
        about = self.map(top, "document")
        self.keys(about, "number title url published")
        clauses = tuple(self.clause(c) for c in self.list(top, "clauses"))
        if not clauses:
            self.bad(top.at("clauses"), "no_clauses", "至少要有一个条款", "there must be at least one clause")
        for n, clause in enumerate(clauses):
            if clause.id in {c.id for c in clauses[:n]}:
                self.bad(
                    clause.place,
                    "duplicate_clause",
                    f"条款“{clause.id}”重复",
                    f"the clause “{clause.id}” stands twice",
                )
        kind = self.choice(top, "kind", KINDS)
        classes = self.classes(self.map(top, "classes")) if "classes" in top else None
        if (kind == "classification") != (classes is not None):
            self.bad(
                top.at("classes"),
                "bad_classes",
                "classes 只用于 classification，且不可缺少",
                "`classes` belongs to packs of kind classification, and only to them",
            )
        define, lists = self.map(top, "define"), self.map(top, "lists")
        tables, scores = self.map(top, "tables"), self.map(top, "scores")
        found = Pack(
            id=id_,
            title=self.words(top, "title"),
            kind=kind,
            issuer=self.words(top, "issuer"),
            document=Document(
                self.text(about, "number"), self.text(about, "title"), self.text(about, "url", needed=False),
                self.day(about, "published", needed=False),
            ),
            start=start,
            until=until,
            evidence=self.mark,
            note=self.words(top, "note") if "note" in top else None,
            define={k: e for k in define if (e := self.expression(define[k], define.at(k)))},
            lists={k: self.code_list(self.map(lists, k), k) for k in lists},
            tables={k: self.table(self.map(tables, k), k) for k in tables},
            scores={k: self.score(self.map(scores, k), k) for k in scores},
            clauses=clauses,
            qualifies=self.optional(top, "qualifies"),
            classes=classes,
            benefits=tuple(self.benefit(b) for b in self.list(top, "benefits")),
            tests=tuple(self.test(t) for t in self.list(top, "tests")),
            place=top.at("id"),
        )  # fmt: skip
        if self.problems:
            raise PackError(self.problems)
        return found

    def signature(self, top: Map) -> None:
        """A draft (`qiao packs draft`) is refused until somebody has put their name in the place of the mark."""
        if "draft" in top:
            self.bad(
                top.at("draft"),
                "draft",
                "这是尚未核对的草稿，不能使用：完成各处 todo 后，把这一行改为 reviewed: {by: 核对人, on: 日期}",
                "this is a draft that nobody has checked: complete every todo, then put "
                "reviewed: {by: name, on: day} in the place of this line",
            )
        if "reviewed" in top:
            signed = self.map(top, "reviewed")
            self.keys(signed, "by on")
            self.text(signed, "by")
            self.day(signed, "on")

    def evidence(self, entry: Map) -> str:
        return self.choice(entry, "evidence", EVIDENCE, self.mark)

    def clause(self, entry: Map) -> Clause:
        self.keys(entry, "id cite zh en is evidence role manual")
        manual = entry.get("manual") is True
        if manual == ("is" in entry):
            self.bad(
                entry.at(), "bad_clause", "条款须有“is”（表达式）或“manual: true”（人工判断），二者取一",
                "a clause has either `is` (an expression) or `manual: true` (a person judges)",
            )  # fmt: skip
        id_ = self.text(entry, "id")
        if id_ and not re.fullmatch(r"[a-z][a-z0-9_]*", id_):
            self.bad(
                entry.at("id"),
                "bad_id",
                f"条款编号“{id_}”只能用小写字母、数字和下划线",
                f"the id “{id_}” may hold a-z, 0-9 and _ only",
            )
        role = entry.get("role")
        if role not in (None, "scope"):
            self.bad(entry.at("role"), "bad_role", "role 只可为 scope", "role may only be `scope`")
        return Clause(
            id_, self.words(entry), self.cite(entry), self.evidence(entry), role == "scope", manual,
            self.optional(entry, "is"), entry.at("is" if "is" in entry else None),
        )  # fmt: skip

    def code_list(self, entry: Map, name: str) -> CodeList:
        self.keys(entry, "of codes cite evidence zh en")
        codes = entry.get("codes")
        if not isinstance(codes, list) or not all(isinstance(c, str) for c in codes):
            self.bad(
                entry.at("codes"), "bad_codes", "codes 应是一列代码", "`codes` should be a list of codes"
            )
            codes = []
        return CodeList(self.text(entry, "of"), tuple(codes), entry.at("codes"))

    def table(self, entry: Map, name: str) -> Table:
        self.keys(entry, "by columns rows cite evidence")
        columns = {k: str(v) for k, v in self.map(entry, "columns").items()}
        for column, kind in columns.items():
            if kind not in ("money", "usd", "count", "share"):
                self.bad(
                    entry.at("columns"),
                    "bad_column",
                    f"列“{column}”的类型“{kind}”应为 money、usd、count 或 share",
                    f"column “{column}”: type “{kind}” should be money, usd, count or share",
                )
        rows = []
        for row in self.list(entry, "rows"):
            self.keys(row, " ".join(["codes zh en cite evidence note", *columns]))
            codes = row.get("codes") or []
            rows.append(
                Row(
                    tuple(map(str, codes)), self.words(row),
                    {c: e for c in columns if c in row and (e := self.expression(row[c], row.at(c)))}, row.at(),
                )
            )  # fmt: skip
        return Table(name, self.text(entry, "by"), columns, tuple(rows), entry.at())

    def score(self, entry: Map, name: str) -> Score:
        self.keys(entry, "zh en items")
        items = tuple(self.item(i) for i in self.list(entry, "items"))
        return Score(name, self.words(entry), items, entry.at())

    def item(self, entry: Map) -> Item:
        self.keys(entry, "id zh en cite evidence max of bands cases best_of add note")
        most = self.whole(entry, "max") or 0
        points = self.points(entry, most, judged=True)
        return Item(
            self.text(entry, "id"),
            self.words(entry),
            self.cite(entry),
            self.evidence(entry),
            most,
            points,
            entry.at(),
        )

    def points(self, entry: Map, most: int, *, judged: bool = False) -> Points:
        ways = [k for k in ("bands", "cases", "best_of", "add") if k in entry]
        if not ways and judged:
            return Points("judged", most=most)
        if len(ways) != 1 or ("of" in entry) != (ways == ["bands"]):
            self.bad(
                entry.at(), "bad_points", "计分应为下列之一：of 与 bands、cases、best_of、add",
                "points are given by one of: `of` with `bands`, `cases`, `best_of`, `add`",
            )  # fmt: skip
            return Points("judged", most=most)
        way = ways[0]
        if way in ("best_of", "add"):
            parts = []
            for part in self.list(entry, way):
                self.keys(part, "of bands cases best_of add max zh en")
                points = self.points(part, self.whole(part, "max", needed=False) or most)
                parts.append(replace(points, label=self.words(part) if "zh" in part else None))
            return Points(way, parts=tuple(parts), most=most)
        of = self.optional(entry, "of")
        bands = self.bands(self.map(entry, way), of, most)
        return Points(way, of=of, bands=bands, most=most)

    def bands(self, entry: Map, of: Expression | None, most: int) -> tuple[Band, ...]:
        found: list[Band] = []
        for tail, points in entry.items():
            place = entry.at(tail)
            pair = points if isinstance(points, list) and len(points) == 2 else [points, points]
            if not all(isinstance(p, str) and p.isdigit() for p in pair) or int(pair[0]) > int(pair[1]):
                self.bad(
                    place,
                    "bad_points",
                    f"分值“{points}”应为整数或 [低, 高]",
                    f"points “{points}” should be a whole number or [low, high]",
                )
                continue
            if int(pair[1]) > most:
                self.bad(
                    place,
                    "over_max",
                    f"分值 {pair[1]} 高于上限 {most}",
                    f"{pair[1]} points are more than the maximum, {most}",
                )
            condition = None
            if tail != "else":
                condition = self.expression(f"({of.text}) {tail}" if of else tail, place)
                if condition is None:
                    continue
            elif tail != list(entry)[-1]:
                self.bad(
                    place,
                    "unreachable_band",
                    "else 应在最后，其后的档次不会用到",
                    "`else` comes last; bands after it are never reached",
                )
            found.append(Band(condition, int(pair[0]), int(pair[1]), tail))
        if not found or found[-1].condition is not None:
            self.bad(
                entry.at(),
                "no_else",
                "最后应有 else: 其余情形的分值",
                "the last band should be `else`, with the points of all other cases",
            )
        return tuple(found)

    def classes(self, entry: Map) -> Classes:
        self.keys(entry, "fact cases")
        cases = self.map(entry, "cases")
        return Classes(
            self.text(entry, "fact"),
            {k: e for k in cases if (e := self.expression(cases[k], cases.at(k)))},
            entry.at(),
        )

    def benefit(self, entry: Map) -> Benefit:
        self.keys(entry, "kind zh en cite evidence amount rate of cap years if")
        kind = self.choice(entry, "kind", BENEFITS)
        needed = {"amount": ("amount",), "ratio": ("of", "rate"), "tax_rate": ("rate",), "recognition": ()}[
            kind
        ]
        for key in needed:
            if key not in entry:
                self.bad(entry.at(), "missing", f"缺少“{key}”", f"“{key}” is missing")
        return Benefit(
            kind, self.words(entry), self.cite(entry), self.evidence(entry), self.optional(entry, "amount"),
            self.optional(entry, "rate"), self.optional(entry, "of"), self.optional(entry, "cap"),
            self.whole(entry, "years", needed=False), self.optional(entry, "if"), entry.at(),
        )  # fmt: skip

    def test(self, entry: Map) -> PackTest:
        self.keys(entry, "name as_of facts expect scores clauses class")

        def word(value: object, place: Place) -> str:
            text = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            if text not in ("yes", "no", "unknown"):
                self.bad(
                    place,
                    "bad_expectation",
                    f"“{value}”应为 yes、no 或 unknown",
                    f"“{value}” should be yes, no or unknown",
                )
                return "unknown"
            return str(text)

        scores: dict[str, tuple[int, int]] = {}
        given = self.map(entry, "scores")
        for name, value in given.items():
            pair = value if isinstance(value, list) else [value, value]
            if len(pair) == 2 and all(isinstance(p, str) and p.isdigit() for p in pair):
                scores[name] = (int(pair[0]), int(pair[1]))
            else:
                self.bad(
                    given.at(name),
                    "bad_points",
                    "分值应为整数或 [低, 高]",
                    "a score is a whole number or [low, high]",
                )
        clauses = self.map(entry, "clauses")
        return PackTest(
            self.text(entry, "name"),
            self.day(entry, "as_of") or dt.date(1949, 10, 1),
            dict(self.map(entry, "facts")),
            word(entry.get("expect"), entry.at("expect")),
            scores,
            {k: word(v, clauses.at(k)) for k, v in clauses.items()},
            self.text(entry, "class", needed=False),
            entry.at(),
        )


def read_pack(path: Path, text: str | None = None) -> Pack:
    """The pack in a file (or in ``text``, named ``path``). Raises `PackError` with every problem of its shape."""
    return _Reader(read(path, text)).pack()
