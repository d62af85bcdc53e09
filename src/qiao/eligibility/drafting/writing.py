"""The draft of a pack, in the format of docs/write-a-policy.md, with a note at every place where a person is needed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator

from qiao.eligibility.vocabulary import Vocabulary

from . import phrases as say
from .about import About, about
from .conditions import fact_named, understand
from .figures import Figure, figures
from .splitting import LONGEST_HEADING, PolicyText, Section

ROLES = {
    # what an application consists of, by the words of the heading it stands under or begins with
    "condition": r"(?:申报|申请|认定|支持|适用|扶持|资助|享受|基本|入选)(?:条件|对象|范围|主体|领域|资格)"
    r"|应当?(?:同时)?(?:具备|符合|满足)(?:下列|以下)",
    "materials": r"(?:申报|申请|提交|所需|证明)(?:的)?(?:材料|资料|文件)|应当?提[交供](?:下列|以下)(?:材料|资料)",
    "time": r"(?:申报|受理|申请|办理|审核)(?:时间|时限|期限|日期)",
    "office": r"(?:受理|主管|责任|实施|审核|咨询)(?:部门|单位|机构|窗口)",
    "closing": r"^附\s*则|^说\s*明|^其他事项|^监督管理|负责解释|起(?:施行|实施|试行|执行)|有效期限?[至为自\d]",
}
_GIVES = re.compile(r"给予|支持|奖励|补贴|补助|资助|扶持|贴息|配套|减免|免租|开办|拨付")
_CONSEQUENCE = re.compile(r"弄虚作假|骗取|追究|取消.{0,12}资格|解释|就高不重复|从高不重复")
_SENTENCE = re.compile(r"[^。；;\n]+[。；;]?")
_BASE = re.compile(r"(?P<base>[\u3400-\u9fffA-Za-z（）“”]{2,20}?)的?\s*(?:最高)?(?:不超过|最高|最多)?的?\s*$")
_BASE_LEAD = re.compile(
    r"^.*(?:按照|按|不超过|不高于|最高给予|给予|最高|其|核定的?|实际|年度|同期|当年|上年度?|单个项目)"
)


def role(section: Section) -> str:
    """What a clause is in an application: condition, benefit, materials, time, office, closing; or text."""
    own = section.heading or section.text[:LONGEST_HEADING]
    for words in (own, section.above):
        for name in ("materials", "time", "office"):
            if re.search(ROLES[name], words):
                return name
    if re.search(ROLES["closing"], section.above) or re.search(ROLES["closing"], section.text):
        return "closing"
    if re.search(ROLES["condition"], own) or re.search(ROLES["condition"], section.above):
        return "condition"
    gives = _GIVES.search(section.text) and any(f.kind not in ("points", "part") for f in _given(section))
    if gives and not _CONSEQUENCE.search(section.text):
        return "benefit"
    return "text"


def write_draft(text: PolicyText, vocabulary: Vocabulary) -> str:
    """The draft as YAML. It says ``draft: true``, so that nothing loads it before a person has completed it."""
    return "\n".join(_lines(text, about(text), vocabulary)) + "\n"


def _lines(text: PolicyText, found: About, vocabulary: Vocabulary) -> Iterator[str]:
    by_role: dict[str, list[Section]] = {}
    for section in text.sections:
        if section.text:
            by_role.setdefault(role(section), []).append(section)
    conditions = [s for s in by_role.get("condition", []) if s.leaf or not s.heading]
    benefits = by_role.get("benefit", [])

    for line in say.HEADER:
        yield f"# {line}"
    yield f"# {say.FROM.format(file=_flat(text.file.name))}"
    if found.consultation:
        yield f"# todo: {say.CONSULTATION}"
    if not text.sections:
        yield f"# todo: {say.NO_CLAUSES}"
    yield "draft: true"
    yield f'id: ""  # todo: {say.ID}'
    yield f'title: {{zh: {_text(found.title)}, en: ""}}  # todo: {say.ENGLISH}'
    yield f"kind: {'subsidy' if benefits else _text('')}  # todo: {say.KIND}"
    yield f'issuer: {{zh: {_text(found.issuer)}, en: ""}}  # todo: {say.ENGLISH}'
    published = f", published: {found.published}" if found.published else ""
    missing = "" if found.number else f"  # todo: {say.NUMBER}"
    yield f"document: {{number: {_text(found.number)}, title: {_text(found.title)}{published}}}{missing}"
    yield from _in_force(found)
    yield f"evidence: M  # {say.EVIDENCE}"
    yield ""
    yield f"clauses:  # todo: {say.CLAUSES}"
    if not conditions:
        yield f"  # todo: {say.NO_CONDITIONS}"
    for number, section in enumerate(conditions, 1):
        yield from _clause(f"c{number}", section, vocabulary)
    if len(conditions) > 1:
        yield ""
        yield f"# todo: {say.QUALIFIES}"
        yield f"qualifies: {' and '.join(f'c{n}' for n in range(1, len(conditions) + 1))}"
    yield ""
    yield f"benefits:  # todo: {say.BENEFITS}"
    for section in benefits:
        yield from _benefits(section, vocabulary)
    yield ""
    yield f"tests: []  # todo: {say.TESTS}"
    for name in ("materials", "time", "office"):
        yield from _kept(say.ITEMS[name], by_role.get(name, []))
    headed = [s for s in by_role.get("condition", []) if s not in conditions]
    rest = [s for s in text.sections if s in headed or (s.text and role(s) in ("text", "closing"))]
    yield from _kept(say.REST, rest)
    if text.head and not text.sections:
        yield from _kept_lines(text.head)


def _in_force(found: About) -> Iterator[str]:
    until = f", until: {found.until}" if found.until else ""
    note = "" if found.start else f"  # todo: {say.FROM_DAY}"
    if found.start and found.term:
        last = _years_on(found.start, found.term)
        until = f", until: {last}"
        note = f"  # todo: {say.TERM.format(years=found.term)}"
    yield f"in_force: {{from: {found.start or _text('')}{until}}}{note}"


def _years_on(day: dt.date, years: int) -> dt.date:
    """The last day of a term of years that begins on ``day``."""
    try:
        return day.replace(year=day.year + years) - dt.timedelta(1)
    except ValueError:  # 29 February
        return dt.date(day.year + years, 2, 28)


def _clause(id: str, section: Section, vocabulary: Vocabulary) -> Iterator[str]:
    yield f"  - id: {id}"
    yield f"    cite: {_text(section.cite)}"
    yield from _gap(section, "    ")
    yield f"    zh: {_text(section.text)}"
    yield f'    en: ""  # todo: {say.ENGLISH}'
    reading = understand(section.text, vocabulary)
    if reading.sure:
        yield f"    is: {_text(reading.expression)}  # todo: {say.COMPARE}"
        return
    yield f"    manual: true  # todo: {say.MANUAL}"
    for part in reading.seen:
        yield f"    # todo: {say.SEEN.format(part=part)}"
    amounts = [f"{f.sense} {f.text}" for f in figures(section.text)]
    if amounts:
        yield f"    # {say.AMOUNTS.format(amounts='、'.join(amounts))}"


def _benefits(section: Section, vocabulary: Vocabulary) -> Iterator[str]:
    yield from _gap(section, "  ")
    for sentence in _SENTENCE.findall(section.text):
        given = figures(sentence)
        if not given or not _GIVES.search(sentence):
            continue
        money = [f for f in given if f.kind == "money" and f.sense not in (">=", ">")]
        shares = [f for f in given if f.kind == "share" and f.sense not in (">=", ">")]
        said = _text(sentence.strip())
        for share in shares:
            nearest = next((f for f in money if f.start > share.end), None)
            following = next((s for s in shares if s.start > share.end), None)
            cap = nearest if nearest and (following is None or nearest.start < following.start) else None
            if cap:
                money.remove(cap)
            yield from _ratio(_base(sentence[: share.start]), share, cap, vocabulary)
            yield from _said(section, said)
        for amount in money:
            yield f"  - kind: amount  # todo: {say.AT_MOST if amount.sense in ('<=', '<') else say.AMOUNT}"
            yield f"    amount: {amount.quantity}"
            yield from _said(section, said)


def _ratio(base: str, share: Figure, cap: Figure | None, vocabulary: Vocabulary) -> Iterator[str]:
    fact = fact_named(base, vocabulary) if base else None
    yield "  - kind: ratio"
    if fact and fact.type == "money":
        yield f"    of: {fact.key}  # todo: {say.BASE.format(base=base)}"
    else:
        yield f'    of: ""  # todo: {say.NO_BASE.format(base=_flat(base) or "?")}'
    yield f"    rate: {share.text}"
    if cap:
        yield f"    cap: {cap.quantity}"


def _said(section: Section, said: str) -> Iterator[str]:
    yield f"    cite: {_text(section.cite)}"
    yield f"    zh: {said}"
    yield f'    en: ""  # todo: {say.ENGLISH}'


def _base(words: str) -> str:
    """What a share is of: the words just before it."""
    half = re.split(r"[，。；：]", words)[-1]
    match = _BASE.search(half)
    return _BASE_LEAD.sub("", match["base"]).strip() if match else ""


def _given(section: Section) -> list[Figure]:
    return figures(section.text)


def _gap(section: Section, indent: str) -> Iterator[str]:
    if section.gap:
        yield f"{indent}# todo: {say.GAP.format(cite=section.cite)}"


def _kept(title: str, sections: list[Section]) -> Iterator[str]:
    if not sections:
        return
    yield ""
    yield f"# {title}"
    for section in sections:
        yield from _gap(section, "")
        yield f"# {section.cite} {_flat(section.text)}"


def _kept_lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if line.strip():
            yield f"# {_flat(line)}"


def _flat(text: str) -> str:
    """On one line, safe inside a comment."""
    return " ".join(text.split())


def _text(text: str) -> str:
    """As a quoted YAML text."""
    return json.dumps(_flat(text), ensure_ascii=False)
