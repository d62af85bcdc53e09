"""The house rules that a machine can hold. Each function takes a source folder and names every breach in it."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import polib

from scripts.messages import CATALOGUE, Message, in_python, in_template, python_files, template_files

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "src" / "qiao"
PURE = ("timekeeping", "letters", "eligibility", "matching", "provenance")

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

# Where Chinese text may stand in function bodies, and why:
TEXT_ROOMS = (
    "demo/",  # the sample district is made of text
    "kinds/",  # a process is its labels and sentences
    "letters/reading/",  # patterns that recognise Chinese text, not text said to people
    "eligibility/",  # a library without gettext: units and patterns, and what is wrong, in both languages side by side
)
TEXT_FILES = ("phrases.py", "labels.py")  # where a room keeps its sentences
TEXT_PARTS = ("migrations",)  # frozen copies of labels


# ── Rule 2: only qiao.kinds knows the processes ──────────────────────────────────────────────────────────────


def kind_codes(source: Path) -> set[str]:
    """The codes of all processes, read from ``Kind(code=…)`` in ``kinds/``."""
    found = set()
    for path in sorted((source / "kinds").rglob("*.py")):
        tree = ast.parse(path.read_text())
        names = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _last_name(node.func) == "Kind":
                for keyword in node.keywords:
                    if keyword.arg == "code":
                        value = keyword.value
                        found.add(
                            value.value if isinstance(value, ast.Constant) else names.get(_last_name(value))
                        )
    return {code for code in found if isinstance(code, str)}


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _kind_of(node: ast.AST) -> str:
    """ "case" if ``node`` is the kind of something called a case, "some" if it is a kind of anything, else ""."""
    if isinstance(node, ast.Attribute) and node.attr == "code" and _last_name(node.value) == "kind":
        node = node.value
    if _last_name(node) == "kind_code":
        return "case"
    if _last_name(node) != "kind":
        return ""
    owner = _last_name(node.value) if isinstance(node, ast.Attribute) else ""
    return "case" if re.search(r"(^|_)(case|child|parent)$", owner) else "some"


def _constants(node: ast.AST) -> set[str]:
    return {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def kind_comparisons(source: Path) -> list[str]:
    """Places outside ``kinds/`` that ask which process a case belongs to.

    The kind of a case may be compared with another kind only. Other things have kinds too (fields, papers), so these
    are named when they are compared with the code of a process.
    """
    codes = kind_codes(source)
    breaches = []
    for path in python_files(source):
        room = path.relative_to(source).parts[0]
        if room == "kinds" or room in PURE:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            sides: list[ast.AST] = []
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
            elif isinstance(node, ast.Match):
                sides = [node.subject, *(case.pattern for case in node.cases)]
            kinds = [_kind_of(side) for side in sides]
            others = [side for side, kind in zip(sides, kinds, strict=True) if not kind]
            if not any(kinds) or not others:
                continue
            if "case" in kinds or any(_constants(other) & codes for other in others):
                breaches.append(f"{path.relative_to(source)}:{node.lineno}: asks for the kind of a case")
    quoted = "|".join(re.escape(code) for code in sorted(codes)) or "(?!)"
    pattern = re.compile(
        rf"""\b(?:case|child|parent)\.kind(?:_code|\.code)?\s*(?:==|!=|in\b|not\s+in\b)\s*["']"""
        rf"""|\bkind(?:_code|\.code)?\s*(?:==|!=)\s*["'](?:{quoted})["']"""
    )
    for path in template_files(source):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if pattern.search(line):
                breaches.append(f"{path.relative_to(source)}:{number}: asks for the kind of a case")
    return breaches


# ── Rule 8 and the content security policy: nothing inline ───────────────────────────────────────────────────

TAG = re.compile(r"<([a-zA-Z][\w:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
ATTRIBUTE = re.compile(r"""([^\s=/"'<>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?""")
DATA = {"application/json", "application/ld+json"}


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def inline_code(source: Path) -> list[str]:
    """Scripts, styles and handlers written into templates; the browser would refuse them."""
    breaches = []
    for path in template_files(source):
        text = path.read_text()
        text = re.sub(
            r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}|<!--.*?-->", _blank, text, flags=re.DOTALL
        )
        # What a template tag prints is not known here: it stands as one letter, so that attributes keep a value.
        text = re.sub(
            r"{{.*?}}|{%.*?%}", lambda found: "v" + _blank(found)[1:-1] + " ", text, flags=re.DOTALL
        )
        for tag in TAG.finditer(text):
            name = tag[1].lower()
            attributes = {
                key.lower(): (value or "").strip("\"' ") for key, value in ATTRIBUTE.findall(tag[2])
            }
            line = f"{path.relative_to(source)}:{text.count(chr(10), 0, tag.start()) + 1}"
            if name == "style":
                breaches.append(f"{line}: a style sheet inside the page")
            if name == "script" and "src" not in attributes and attributes.get("type") not in DATA:
                breaches.append(f"{line}: a script inside the page")
            for key, value in attributes.items():
                if key == "style":
                    breaches.append(f"{line}: a style attribute")
                if key.startswith("hx-on") or re.fullmatch(r"on[a-z]+", key):
                    breaches.append(f"{line}: a handler in the attribute {key}")
                if value.lower().startswith("javascript:"):
                    breaches.append(f"{line}: a javascript: address in {key}")
    return breaches


# ── Rule 7: no text for people in function bodies; every text in both languages ──────────────────────────────


def _docstrings(tree: ast.AST) -> set[int]:
    """Docstrings, and strings that stand alone as remarks."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def text_in_bodies(source: Path) -> list[str]:
    """Chinese string literals in function bodies outside the rooms and files where text belongs."""
    breaches = []
    for path in python_files(source):
        inside = path.relative_to(source)
        if (
            inside.as_posix().startswith(TEXT_ROOMS)
            or inside.name in TEXT_FILES
            or set(inside.parts) & set(TEXT_PARTS)
        ):
            continue
        tree = ast.parse(path.read_text())
        remarks = _docstrings(tree)
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            body = function.body if isinstance(function.body, list) else [function.body]
            for node in (node for part in body for node in ast.walk(part)):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and id(node) not in remarks
                    and CHINESE.search(node.value)
                ):
                    breaches.append(f"{inside}:{node.lineno}: {node.value[:40]!r} belongs in phrases.py")
    return sorted(set(breaches))


def texts(source: Path) -> Iterator[Message]:
    for path in python_files(source):
        yield from in_python(path.read_text(), path.relative_to(source).as_posix())
    for path in template_files(source):
        yield from in_template(path.read_text(), path.relative_to(source).as_posix())


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)|(?<!{){(\w+)}", text))


def untranslated(source: Path) -> list[str]:
    """Texts that are not Chinese, have no English, or whose English asks for a value that the text does not give."""
    path = source / CATALOGUE
    catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile()
    english = {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): [entry.msgstr, *entry.msgstr_plural.values()]
        for entry in catalogue
        if not entry.obsolete and not entry.fuzzy
    }
    breaches = []
    for message in texts(source):
        where = f"{message.path}:{message.line}: {message.id[:60]!r}"
        if not CHINESE.search(message.id) and re.search(r"[A-Za-z]{2}", re.sub(r"%\(\w+\)s", "", message.id)):
            breaches.append(f"{where} is no Chinese text")
        found = [text for text in english.get(message.key, []) if text]
        if len(found) < (2 if message.plural else 1):
            breaches.append(f"{where} has no English in {CATALOGUE}")
        for text in found:
            if surplus := placeholders(text) - placeholders(message.id + message.plural):
                breaches.append(f"{where}: the English asks for {sorted(surplus)}")
            if text.endswith("\n") != message.id.endswith("\n"):
                breaches.append(f"{where}: one ends with a line break, the other does not")
    return breaches


# ── Imports go downwards only ────────────────────────────────────────────────────────────────────────────────


def undeclared_rooms(source: Path, contracts: Path) -> list[str]:
    """Pure rooms that exist but are not held to purity; import-linter itself checks that all rooms are layered."""
    config = configparser.ConfigParser()
    config.read(contracts)
    pure = config["importlinter:contract:pure"]["source_modules"].split()
    rooms = {path.parent.name for path in source.glob("*/__init__.py")}
    return [
        f"{room} is not among the pure rooms in {contracts.name}"
        for room in PURE
        if room in rooms and f"qiao.{room}" not in pure
    ]
