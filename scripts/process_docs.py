"""One page per process in docs/processes, in Chinese and English, written from the process files themselves.

    python scripts/process_docs.py          write what is stale
    python scripts/process_docs.py check    name what is stale, change nothing

English comes from the catalogue's source (django.po), so that nothing has to be compiled first. The same sources give
the same bytes; tests/unit/house/test_docs.py fails where a page is stale.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = DOCS / "processes"
CATALOGUE = ROOT / "src/qiao/locale/en/LC_MESSAGES/django.po"
LANGUAGES = {"en": "en", "zh": "zh-hans"}

# The look of a diagram that stands alone: the light and dark colours of the platform's own style sheet.
STYLE = (
    "text{font-family:'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;font-size:14px;fill:#23211d}"
    ".paper{fill:#fffefb}.node{fill:#fffefb;stroke:#8b8376;stroke-width:1.5}.node-end{stroke-width:3}"
    ".edge{fill:none;stroke:#8b8376;stroke-width:1.5}.arrow{fill:#8b8376}"
    ".edge-label{font-size:12px;fill:#57524a;paint-order:stroke;stroke:#fffefb;stroke-width:4px}"
)

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "by": "Written by `scripts/process_docs.py` from `{file}`; do not edit.",
        "other": "[中文]({code}.zh.md)",
        "index": "[All processes](README.md)",
        "title": "# {label} (`{code}`, version {version})",
        "picture": "Dashed lines are done by the system. `+n` counts the acts that leave the case where it stands.",
        "stages": "Stages",
        "stage": "Stage",
        "code": "Code",
        "end": "ends the case",
        "private": "seen by its persons only",
        "remark": "Remark",
        "parties": "Parties",
        "owner": "the call's owner",
        "papers": "Papers",
        "acts": "Acts",
        "act": "Act",
        "who": "Who",
        "way": "From → to",
        "says": "Asks for",
        "needs": "Refused unless",
        "clocks": "Clocks",
        "told": "Told",
        "reason": "reason",
        "optional": " (optional)",
        "files": "files the paper “{paper}”",
        "on": "on the newest version of “{paper}”",
        "stays": "stays",
        "duty": "is owed",
        "owed": "is owed under a condition",
        "once": "once per party and round",
        "link": "also from an e-mail link",
        "mail": "letter too",
        "public": "public step",
        "chain": "Sign-off: {paper}",
        "chain_said": "In this order. Signatures count for one version: an edit voids them.",
        "need_all": "every organisation concerned",
        "need_any": "any one of them",
        "need_n": "{n} of them",
        "deadlines": "Deadlines",
        "deadline": "Deadline",
        "sort": "Sort",
        "legal": "legal",
        "internal": "internal",
        "fixed": "the date written with the act",
        "time": "Time",
        "rulebook": "Rulebook",
        "source": "Source",
        "unconfirmed": "source unconfirmed",
        "working_days": "{n} working days",
        "calendar_days": "{n} calendar days",
        "months": "{n} months",
        "months_1": "1 month",
        "day_of_year": "{day} of the year",
        "words": "Names that the rulebook gives",
        "used": "Used by",
        "terms": "Terms",
        "none": "—",
        "event_start": "starts",
        "event_pause": "pauses",
        "event_resume": "resumes",
        "event_extend": "extended",
        "event_restart": "starts again",
        "event_stop": "stops",
        "sep": "; ",
        "list": ", ",
        "head": "# Processes",
        "lead": "Every process that this version runs, as its file has it. How to add one: "
        "[add-a-process.md](../add-a-process.md).",
        "process": "Process",
        "counts": "Stages, acts",
        "pages": "Page",
    },
    "zh": {
        "by": "本页由 `scripts/process_docs.py` 根据 `{file}` 生成，请勿手工修改。",
        "other": "[English]({code}.md)",
        "index": "[全部流程](README.md)",
        "title": "# {label}（`{code}`，第 {version} 版）",
        "picture": "虚线由系统自动进行；`+n` 是办后仍停在原阶段的操作数。",
        "stages": "阶段",
        "stage": "阶段",
        "code": "代码",
        "end": "事项就此结束",
        "private": "仅本人可见",
        "remark": "说明",
        "parties": "相关方",
        "owner": "征集单位",
        "papers": "文件",
        "acts": "操作",
        "act": "操作",
        "who": "由谁",
        "way": "从 → 到",
        "says": "填写",
        "needs": "不符时拒绝的理由",
        "clocks": "期限",
        "told": "通知",
        "reason": "理由",
        "optional": "（选填）",
        "files": "形成《{paper}》的新版本",
        "on": "针对《{paper}》的最新版本",
        "stays": "不变",
        "duty": "应办",
        "owed": "视情应办",
        "once": "每方每轮一次",
        "link": "邮件链接可办",
        "mail": "并发邮件",
        "public": "公开步骤",
        "chain": "会签签发：{paper}",
        "chain_said": "依此顺序。签署只对一个版本有效，改动文本即失效。",
        "need_all": "有关单位全部",
        "need_any": "其中之一",
        "need_n": "其中 {n} 个",
        "deadlines": "期限",
        "deadline": "期限",
        "sort": "性质",
        "legal": "法定",
        "internal": "内部",
        "fixed": "操作时写明的日期",
        "time": "时长",
        "rulebook": "规则",
        "source": "依据",
        "unconfirmed": "来源未核实",
        "working_days": "{n} 个工作日",
        "calendar_days": "{n} 日",
        "months": "{n} 个月",
        "months_1": "1 个月",
        "day_of_year": "每年 {day}",
        "words": "规则给出的名称",
        "used": "用于",
        "terms": "词条",
        "none": "—",
        "event_start": "起算",
        "event_pause": "中止",
        "event_resume": "恢复",
        "event_extend": "延长",
        "event_restart": "重新起算",
        "event_stop": "停止",
        "sep": "；",
        "list": "、",
        "head": "",
        "lead": "",
        "process": "",
        "counts": "",
        "pages": "",
    },
}


def set_up() -> None:
    """Django, if the caller has not started it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiao.settings")
    import django  # noqa: PLC0415
    from django.apps import apps  # noqa: PLC0415

    if not apps.ready:
        django.setup()


@contextmanager
def speaking(more: dict[str, str] | None = None) -> Iterator[None]:
    """English from the catalogue's source, and from ``more`` (text → English)."""
    import polib  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "en" / "LC_MESSAGES"
        place.mkdir(parents=True)
        catalogue = polib.pofile(str(CATALOGUE))
        for text, english in (more or {}).items():
            catalogue.append(polib.POEntry(msgid=text, msgstr=english))
        catalogue.save_as_mofile(str(place / "django.mo"))
        with override_settings(LOCALE_PATHS=[folder]):
            yield


# --- pictures --------------------------------------------------------------------------------------------------


def picture(kind: Any) -> str:
    """The diagram as a file that shows anywhere: with its name space, its colours and a ground of its own."""
    from qiao.core.diagram import diagram  # noqa: PLC0415

    svg = str(diagram(kind))
    head, rest = svg.split(">", 1)
    head = head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    svg = f'{head}><style>{STYLE}</style><rect class="paper" width="100%" height="100%"/>{rest}'
    return re.sub(r"(<(?:path|rect|text|defs|style)\b|</svg>)", r"\n\1", svg).lstrip("\n") + "\n"


# --- what a check asks for ------------------------------------------------------------------------------------


def _inner(check: Any) -> Any:
    """The function that a wrapper of ``qiao.kinds.common.check`` runs."""
    for cell in getattr(check, "__closure__", None) or ():
        if callable(cell.cell_contents):
            return cell.cell_contents
    return check


def _named(node: ast.AST, scope: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _named(node.value, scope)
        return getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
    return None


def sentences(check: Any, seen: frozenset[Any] = frozenset()) -> list[str]:
    """The refusals that a check can give, read from its source: the texts handed to ``need``."""
    function = _inner(check)
    if function in seen or not inspect.isfunction(function):
        return []
    if not function.__module__.startswith(("qiao.kinds", "example")):
        return []
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    found: list[str] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = _named(node.func, function.__globals__)
        if getattr(called, "__name__", "") == "need" and len(node.args) > 1:
            found.append(re.sub(r"%\(\w+\)s", "…", str(_named(node.args[1], function.__globals__))))
        elif called is not None:
            found += sentences(called, seen | {function})
    return list(dict.fromkeys(found))


# --- pages -----------------------------------------------------------------------------------------------------


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", "<br>")


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(_cell(c) for c in row) + " |" for row in rows), ""]


def rulebooks() -> list[Any]:
    """Every rulebook, by name."""
    from qiao.core.rulebook import rulebook  # noqa: PLC0415

    folder = ROOT / "policies"
    names = sorted(str(p.relative_to(folder).with_suffix("")) for p in folder.glob("*/*.yaml"))
    return [rulebook(name) for name in names if not name.startswith(("layouts/", "vocabulary/"))]


def source_file(kind: Any) -> str:
    """The file that builds this kind."""
    pattern = re.compile(rf'code="{kind.code}"|(?:build|shelf_kind)\("{kind.code}"')
    for path in sorted((ROOT / "src/qiao/kinds").rglob("*.py")):
        if pattern.search(path.read_text(encoding="utf-8")) and "register(" in path.read_text(
            encoding="utf-8"
        ):
            return str(path.relative_to(ROOT))
    return ""


def page(kind: Any, language: str, books: list[Any], *, file: str) -> str:
    """One process as Markdown in the language that is active."""
    from qiao.core.process import OWNER  # noqa: PLC0415

    w = WORDS[language]
    sep, comma = w["sep"], w["list"]

    def party(code: str) -> str:
        return w["owner"] if code == OWNER else str(kind.party_labels.get(code, code))

    def paper(code: str) -> str:
        return str(kind.paper_labels.get(code, code))

    def stage(code: str) -> str:
        return str(kind.stage(code).label)

    lines = [f"<!-- {w['by'].format(file=file)} -->", ""]
    lines += [w["title"].format(label=kind.label, code=kind.code, version=kind.version), ""]
    lines += [f"{w['index']} · {w['other'].format(code=kind.code)} · [`{file}`](../../{file})", ""]
    lines += [f"![{kind.label}]({kind.code}.{language}.svg)", "", w["picture"], ""]

    lines += [f"## {w['stages']}", ""]
    remarks = {s.code: [w[n] for n in ("end", "private") if getattr(s, n)] for s in kind.stages}
    lines += _table(
        (w["stage"], w["code"], w["remark"]),
        ((s.label, f"`{s.code}`", sep.join(remarks[s.code])) for s in kind.stages),
    )
    if kind.party_labels:
        lines += [f"## {w['parties']}", ""]
        lines += [f"- {label} `{code}`" for code, label in kind.party_labels.items()] + [""]
    if kind.paper_labels:
        lines += [f"## {w['papers']}", ""]
        lines += [f"- {label} `{code}`" for code, label in kind.paper_labels.items()] + [""]

    lines += [f"## {w['acts']}", ""]
    rows = []
    for verb in kind.verbs:
        marks = [w[n] for n in ("duty", "once", "link", "public") if getattr(verb, n)]
        if verb.duty and verb.owed:
            marks[0] = w["owed"]
        if verb.paper:
            marks.insert(0, w["files"].format(paper=paper(verb.paper)))
        if verb.on:
            marks.insert(0, w["on"].format(paper=paper(verb.on)))
        asked = [
            f"{f.label}{'' if f.required and f.kind != 'flag' else w['optional']}"
            for f in verb.fields
            if not f.hidden
        ]
        asked += [w["reason"]] if verb.reason else []
        told = comma.join(party(r) for r in verb.tell)
        rows.append(
            (
                f"**{verb.label}** `{verb.code}`" + (f"<br>{sep.join(marks)}" if marks else ""),
                comma.join(dict.fromkeys(str(x.label) for x in verb.who)),
                comma.join(stage(s) for s in verb.source)
                + " → "
                + (stage(verb.target) if verb.target else w["stays"]),
                comma.join(asked) or w["none"],
                "<br>".join(s for check in verb.needs for s in sentences(check)) or w["none"],
                comma.join(f"{kind.clock(t.clock).label} {w['event_' + t.event]}" for t in verb.ticks)
                or w["none"],
                (told + (f"{sep}{w['mail']}" if verb.mail else "")) or w["none"],
            )
        )
    lines += _table((w["act"], w["who"], w["way"], w["says"], w["needs"], w["clocks"], w["told"]), rows)

    for chain in kind.chains:
        lines += [f"## {w['chain'].format(paper=paper(chain.paper))}", "", w["chain_said"], ""]
        for i, step in enumerate(chain.steps, 1):
            verb = kind.verb(step.verb)
            need = w[f"need_{step.need}"] if step.need in {"all", "any"} else w["need_n"].format(n=step.need)
            lines.append(f"{i}. **{step.label}** `{step.verb}` — {verb.who[0].label}{sep}{need}")
        lines.append("")

    if kind.clocks:
        lines += [f"## {w['deadlines']}", ""]
        rows = []
        for clock in kind.clocks:
            if clock.fixed:
                rows.append((f"{clock.label} `{clock.code}`", w["legal"], w["fixed"], w["none"], w["none"]))
            for sort, name in (("legal", clock.legal), ("internal", clock.internal)):
                same: dict[tuple[str, str], list[str]] = {}
                for book in books if name else ():
                    if name in book.clocks:
                        value = book.clock(name)
                        mark = "" if value.confirmed else f"{sep}*{w['unconfirmed']}*"
                        same.setdefault((_time(value, w), value.source + mark), []).append(f"`{book.name}`")
                rows += [
                    (f"{clock.label} `{clock.code}`", w[sort], time, source, comma.join(names))
                    for (time, source), names in same.items()
                ]
        lines += _table((w["deadline"], w["sort"], w["time"], w["source"], w["rulebook"]), rows)

    lines += _vocabularies(kind, books, w)
    return "\n".join(lines).rstrip("\n") + "\n"


def _time(value: Any, w: dict[str, str]) -> str:
    if value.day_of_year:
        return w["day_of_year"].format(day=value.day_of_year)
    singular = f"{value.unit}_1"
    return w[singular] if value.amount == 1 and singular in w else w[value.unit].format(n=value.amount)


def _vocabularies(kind: Any, books: list[Any], w: dict[str, str]) -> list[str]:
    used: dict[str, list[str]] = {}
    for verb in kind.verbs:
        for field in verb.fields:
            if isinstance(field.choices, str):
                used.setdefault(field.choices, []).append(f"{verb.label}{w['list']}{field.label}")
    if not used:
        return []
    rows = []
    for name, places in used.items():
        same: dict[tuple[str, str], list[str]] = {}
        for book in books:
            if name in book.vocabularies:
                found = book.vocabularies[name]
                terms = "<br>".join(f"{t.label} `{t.code}`" for t in found.terms)
                mark = "" if found.confirmed else f"{w['sep']}*{w['unconfirmed']}*"
                same.setdefault((terms, found.source + mark), []).append(f"`{book.name}`")
        rows += [
            (f"`{name}`", w["sep"].join(dict.fromkeys(places)), terms, source, w["list"].join(names))
            for (terms, source), names in same.items()
        ]
    return [
        f"## {w['words']}",
        "",
        *_table((w["code"], w["used"], w["terms"], w["source"], w["rulebook"]), rows),
    ]


def index(kinds: list[Any]) -> str:
    """The list of all processes, in English with the Chinese name beside it."""
    from django.utils import translation  # noqa: PLC0415

    w = WORDS["en"]
    rows = []
    for kind in kinds:
        with translation.override("zh-hans"):
            chinese = str(kind.label)
        link = f"[{kind.label}]({kind.code}.md) · [{chinese}]({kind.code}.zh.md)"
        rows.append((link, f"`{kind.code}`", f"{len(kind.stages)}, {len(kind.verbs)}"))
    lines = [f"<!-- {w['by'].format(file='src/qiao/kinds')} -->", "", w["head"], "", w["lead"], ""]
    return "\n".join([*lines, *_table((w["process"], w["code"], w["counts"]), rows)]).rstrip("\n") + "\n"


# --- the worked example ----------------------------------------------------------------------------------------


def block(text: str, info: str) -> str:
    """The first code block of a document that is fenced with ``info``."""
    found = re.search(rf"^```{re.escape(info)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"no code block {info!r}")
    return found[1]


def example(document: str) -> tuple[Any, dict[str, str], Callable[[], None]]:
    """The process of add-a-process.md: the kind as its code block builds and registers it, its English, and a function
    that makes the platform forget it again."""
    import importlib.util  # noqa: PLC0415

    from qiao.core import process  # noqa: PLC0415

    english = dict(line.split("\t")[:2] for line in block(document, "tsv").splitlines() if line)
    before = dict(process._kinds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "example_booking.py"
        path.write_text(block(document, "python title=booking"), encoding="utf-8")
        spec = importlib.util.spec_from_file_location("example_booking", path)
        assert spec and spec.loader  # noqa: S101
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for check in {c for verb in module.BOOKING.verbs for c in verb.needs}:
            inspect.getsource(_inner(check))  # cached now, while the file is there

    def forget() -> None:
        process._kinds.clear()
        process._kinds.update(before)

    return module.BOOKING, english, forget


# --- all of it -------------------------------------------------------------------------------------------------


def files() -> dict[Path, str]:
    """Every generated file and what it should hold."""
    set_up()
    from django.utils import translation  # noqa: PLC0415

    from qiao.core.process import kinds  # noqa: PLC0415

    shipped = [k for k in kinds() if source_file(k)]
    books = rulebooks()
    made: dict[Path, str] = {}
    with speaking():
        for language, code in LANGUAGES.items():
            with translation.override(code):
                for kind in shipped:
                    name = kind.code + ("" if language == "en" else f".{language}")
                    made[PAGES / f"{name}.md"] = page(kind, language, books, file=source_file(kind))
                    made[PAGES / f"{kind.code}.{language}.svg"] = picture(kind)
        with translation.override("en"):
            made[PAGES / "README.md"] = index(shipped)
    document = DOCS / "add-a-process.md"
    if document.exists():
        kind, english, forget = example(document.read_text(encoding="utf-8"))
        forget()
        with speaking(english), translation.override("en"):
            made[DOCS / "pictures" / "booking.svg"] = picture(kind)
    return made


def stale() -> list[Path]:
    """Generated files that are missing, differ, or should not be there."""
    made = files()
    wrong = [p for p, text in made.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    return sorted([*wrong, *(p for p in PAGES.glob("*") if p not in made)])


def main(arguments: list[str]) -> int:
    if arguments == ["check"]:
        found = stale()
        for path in found:
            print(f"stale: {path.relative_to(ROOT)}")
        return 1 if found else 0
    if arguments:
        print(__doc__)
        return 2
    made = files()
    changed = 0
    for path, text in made.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed += 1
    for path in sorted(PAGES.glob("*")):
        if path not in made:
            path.unlink()
            changed += 1
    print(f"{len(made)} files of docs/processes and docs/pictures, {changed} changed")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
