"""Which column means which fact: guessed from headers, corrected by a person, kept in a file.

name: 企业名称
id: 统一社会信用代码
year: 年度                     # only where a firm has a row for every year
facts:
  revenue: {column: 营业收入（万元）, unit: 万元}
  revenue@2023: {column: 2023年营业收入}
  assets: {add: [流动资产合计, 非流动资产合计]}
  staff: {column: 员工人数, zero: unknown}      # 0 means “not found” in this file
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from qiao.eligibility.problems import PackError
from qiao.eligibility.source import Map, read
from qiao.eligibility.vocabulary import Vocabulary

from .tables import UNITS, TableError

_UNIT = re.compile(rf"[(\[【]?(?:单位[:：])?(?:人民币)?({UNITS}|万人|人|%)[)\]】]?$")
_ENGLISH_UNIT = re.compile(
    r"[(\[](?:in )?(?:rmb|cny|yuan)?\s*(10k|10,000|100 million|million|thousand|)\s*(?:rmb|cny|yuan)?[)\]]$",
    re.IGNORECASE,
)
_ENGLISH = {
    "": "元",
    "thousand": "千元",
    "10k": "万元",
    "10,000": "万元",
    "million": "百万元",
    "100 million": "亿元",
}
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*(?:年度?|年末|fy)?(?!\d)", re.IGNORECASE)
_NAMES = frozenset(
    ["名称", "企业名称", "公司名称", "单位名称", "公司简称", "简称", "name", "company", "firm", "shortname"]
)
_IDS = frozenset(
    ["统一社会信用代码", "信用代码", "uscc", "id", "code", "股票代码", "stockcode", "组织机构代码"]
)
_YEARS = frozenset(["年度", "年份", "会计年度", "year", "fiscalyear"])
_KEY = re.compile(r"([a-z][a-z0-9_]*)(@\d{4}|\[[1-9]\])?")
_LATIN = re.compile(r"[^0-9a-z一-鿿]+")


@dataclass(frozen=True)
class FactColumn:
    """One fact and the columns it comes from. ``add``: their sum; ``unit`` of bare numbers; ``zero``: 0 is unknown."""

    key: str
    columns: tuple[str, ...]
    unit: str = ""
    zero: bool = False


@dataclass(frozen=True)
class Mapping:
    name: str = ""
    id: str = ""
    year: str = ""
    facts: tuple[FactColumn, ...] = ()
    unused: tuple[str, ...] = field(default=(), compare=False)  # columns that mean nothing here

    def dump(self) -> str:
        """As the file that `load` reads."""
        entries: dict[str, object] = {k: v for k in ("name", "id", "year") if (v := getattr(self, k))}
        facts: dict[str, dict[str, object]] = {}
        for fact in self.facts:
            source: dict[str, object] = (
                {"column": fact.columns[0]} if len(fact.columns) == 1 else {"add": list(fact.columns)}
            )
            facts[fact.key] = (
                source
                | ({"unit": fact.unit} if fact.unit else {})
                | ({"zero": "unknown"} if fact.zero else {})
            )
        return yaml.safe_dump({**entries, "facts": facts}, allow_unicode=True, sort_keys=False)

    @classmethod
    def load(cls, path: Path, headers: Iterable[str], vocabulary: Vocabulary) -> Mapping:
        """Raises `TableError` naming the line: an unknown fact, a column the table does not have."""
        try:
            source = read(path)
        except PackError as broken:
            problem = broken.problems[0]
            raise TableError(problem.text("zh"), problem.text("en")) from broken
        known, facts = frozenset(headers), []
        entries = source.get("facts") or Map(path, 1)
        if not isinstance(entries, Map):
            raise TableError(
                f"{path.name}：facts 应是一组“事实: 列”", f"{path.name}: facts should be a mapping"
            )

        def column(name: object, line: int) -> str:
            if str(name) not in known:
                near = difflib.get_close_matches(str(name), known, 1)
                zh, en = (f"；是否指“{near[0]}”？", f"; did you mean “{near[0]}”?") if near else ("", "")
                raise TableError(
                    f"{path.name}:{line}：表中没有列“{name}”{zh}",
                    f"{path.name}:{line}: the table has no column “{name}”{en}",
                )
            return str(name)

        for key, entry in entries.items():
            line = entries.lines.get(key, 1)
            if not is_key(key, vocabulary):
                raise TableError(
                    f"{path.name}:{line}：词表中没有事实“{key}”",
                    f"{path.name}:{line}: there is no fact “{key}”",
                )
            given = entry if isinstance(entry, Map) else {"column": entry}
            names = given.get("add") or [given.get("column")]
            columns = tuple(column(n, line) for n in (names if isinstance(names, list) else [names]))
            facts.append(
                FactColumn(key, columns, str(given.get("unit") or ""), given.get("zero") == "unknown")
            )
        roles = {
            r: column(source[r], source.lines.get(r, 1)) for r in ("name", "id", "year") if source.get(r)
        }
        used = {c for f in facts for c in f.columns} | set(roles.values())
        return cls(**roles, facts=tuple(facts), unused=tuple(h for h in headers if h and h not in used))


def plain(text: str) -> str:
    """A header as it is compared: full-width letters narrowed, lower case, no blanks and punctuation."""
    return _LATIN.sub("", unicodedata.normalize("NFKC", text).lower())


def header_unit(header: str) -> tuple[str, str]:
    """A header without its unit, and the unit: 营业收入（万元） → 营业收入, 万元."""
    text = unicodedata.normalize("NFKC", header).strip()
    if found := _UNIT.search(text):
        return text[: found.start()].strip(), found[1]
    if found := _ENGLISH_UNIT.search(text):
        return text[: found.start()].strip(), _ENGLISH[found[1].lower()]
    return text, ""


def is_key(written: str, vocabulary: Vocabulary) -> bool:
    """Whether it names a fact as packs and files of facts do: ``staff``, ``revenue[2]``, ``revenue@2024``."""
    match = _KEY.fullmatch(written)
    if not match or match[1] not in vocabulary or vocabulary[match[1]].derived:
        return False
    return vocabulary[match[1]].yearly or not match[2]


def fact_names(vocabulary: Vocabulary) -> dict[str, str]:
    """Everything a fact may be called, plainly written, with its key."""
    names: dict[str, str] = {}
    for fact in vocabulary.facts.values():
        if not fact.derived:
            for label in (fact.label.zh, fact.label.en, fact.key, *fact.aliases):
                names.setdefault(plain(label), fact.key)
    return names


def guess(headers: Iterable[str], vocabulary: Vocabulary) -> Mapping:
    """What the headers say by themselves: labels, aliases and keys of facts, years and units beside them."""
    names = fact_names(vocabulary)
    roles: dict[str, str] = {}
    facts: dict[str, FactColumn] = {}
    unused = []
    for header in headers:
        bare = plain(header)
        role = "name" if bare in _NAMES else "id" if bare in _IDS else "year" if bare in _YEARS else ""
        if role and role not in roles:
            roles[role] = header
            continue
        found = _fact_column(header, names, vocabulary)
        if found and found.key not in facts:
            facts[found.key] = found
        elif header:
            unused.append(header)
    return Mapping(**roles, facts=tuple(facts.values()), unused=tuple(unused))


def _fact_column(header: str, names: dict[str, str], vocabulary: Vocabulary) -> FactColumn | None:
    if is_key(header, vocabulary):  # revenue[2], as packs write it
        return FactColumn(header, (header,))
    for rest, unit in (header_unit(header), (header, "")):
        key = names.get(plain(rest))
        if key is None and (year := _YEAR.search(rest)):
            key = names.get(plain(rest[: year.start()] + rest[year.end() :]))
            if key and not vocabulary[key].yearly:
                return None  # as it stood in a year, not as it stands: somebody has to say so
            key = f"{key}@{year[1]}" if key else None
        if key:
            return FactColumn(key, (header,), unit)
    return None


def suggestions(header: str, vocabulary: Vocabulary, many: int = 3) -> list[str]:
    """Facts whose labels are written much like a header that means nothing by itself."""
    labels = {
        label: f.key
        for f in vocabulary.facts.values()
        if not f.derived
        for label in (f.label.zh, f.label.en, *f.aliases)
    }
    near = difflib.get_close_matches(header, labels, many * 2, 0.5)
    return list(dict.fromkeys(labels[label] for label in near))[:many]
