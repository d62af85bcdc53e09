"""Every text the platform says to people, as it stands in the source; ``make messages`` adds new ones to the catalogue.

Message ids are Chinese and stand in templates and in Python (``phrases.py``, ``kinds/``, labels of models). English
stands in ``src/qiao/locale/en``. No xgettext is needed.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

SOURCE = Path(__file__).resolve().parent.parent / "src" / "qiao"
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
INCOMING = Path(
    "locale/incoming"
)  # English on its way in: *.tsv of text ⇥ English (⇥ English plural), "\\n" for a break

# Function → which arguments are context, message, plural.
FORMS = {
    "": (None, 0, None),
    "n": (None, 0, 1),
    "p": (0, 1, None),
    "np": (0, 1, 2),
}
FUNCTIONS = {
    f"{form}gettext{lazy}": places for form, places in FORMS.items() for lazy in ("", "_lazy", "_noop")
}
FUNCTIONS["_"] = FORMS[""]

STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(gettext|ngettext|pgettext|npgettext|_)\(\s*({STRING}(?:\s*,\s*{STRING})*)", re.DOTALL)


@dataclass(frozen=True)
class Message:
    """One text: where it stands, its id, and its plural id and context if it has any."""

    path: str
    line: int
    id: str
    plural: str = ""
    context: str | None = None

    @property
    def key(self) -> tuple[str | None, str, str]:
        return self.context, self.id, self.plural


class NotLiteral(ValueError):
    """A text that is computed cannot be translated."""


def _message(path: str, line: int, function: str, arguments: list[str | None]) -> Message:
    context, message, plural = FUNCTIONS[function]
    needed = [place for place in (context, message, plural) if place is not None]
    values = [arguments[place] if place < len(arguments) else None for place in needed]
    if None in values:
        raise NotLiteral(f"{path}:{line}: {function}() needs its texts as plain strings")
    return Message(
        path,
        line,
        str(arguments[message]),
        str(arguments[plural]) if plural is not None else "",
        arguments[context] if context is not None else None,
    )


def in_python(source: str, path: str) -> Iterator[Message]:
    """Texts of one Python file."""
    for node in ast.walk(ast.parse(source, path)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in FUNCTIONS or not node.args:
            continue
        arguments = [
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else None
            for part in node.args
        ]
        yield _message(path, node.lineno, name, arguments)


def in_template(source: str, path: str) -> Iterator[Message]:
    """Texts of one Django template, as Django itself would look them up."""
    from django.utils.translation.template import templatize  # noqa: PLC0415

    text = templatize(source, origin=path)
    for call in CALL.finditer(text):
        arguments: list[str | None] = [ast.literal_eval(part) for part in re.findall(STRING, call[2])]
        if any(arguments):
            yield _message(path, text.count("\n", 0, call.start()) + 1, call[1], arguments)


def python_files(source: Path) -> list[Path]:
    return sorted(path for path in source.rglob("*.py") if "migrations" not in path.parts)


def template_files(source: Path) -> list[Path]:
    return sorted(
        path
        for path in source.rglob("*")
        if path.is_file() and "templates" in path.relative_to(source).parts[:-1] and path.suffix != ".py"
    )


def messages(source: Path) -> list[Message]:
    """Every text under ``source``, in order of file and line."""
    found: list[Message] = []
    for path in python_files(source):
        found += in_python(path.read_text(), path.relative_to(source).as_posix())
    for path in template_files(source):
        found += in_template(path.read_text(), path.relative_to(source).as_posix())
    return sorted(found, key=lambda message: (message.path, message.line))


def incoming(source: Path) -> dict[str, list[str]]:
    """English that waits in ``locale/incoming``, by text."""
    rows = (
        [cell.replace("\\n", "\n") for cell in line.split("\t")]
        for path in sorted((source / INCOMING).glob("*.tsv"))
        for line in path.read_text().splitlines()
    )
    return {text: english for text, *english in rows if text and any(english)}


def write_catalogue(source: Path) -> tuple[int, int, int]:
    """Add what is new, take in English that waits, drop what is gone. How many were added, dropped, are open."""
    path = source / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile()
    catalogue.wrapwidth = 110
    catalogue.metadata = {
        "Project-Id-Version": "qiao",
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    places: dict[tuple[str | None, str, str], list[str]] = {}
    for message in messages(source):
        where = places.setdefault(message.key, [])
        if message.path not in where:
            where.append(message.path)
    known = {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): entry for entry in catalogue if not entry.obsolete
    }
    added = dropped = 0
    for key, entry in known.items():
        if key not in places:
            catalogue.remove(entry)
            dropped += 1
    for key in places:
        if key not in known:
            context, text, plural = key
            catalogue.append(
                polib.POEntry(msgctxt=context, msgid=text, msgid_plural=plural, msgstr_plural={0: "", 1: ""})
                if plural
                else polib.POEntry(msgctxt=context, msgid=text)
            )
            added += 1
    waiting = incoming(source)
    for entry in catalogue:
        if not entry.translated() and (english := waiting.get(entry.msgid)):
            if entry.msgid_plural:
                entry.msgstr_plural = {0: english[0], 1: english[-1]}
            else:
                entry.msgstr = english[0]
        # The file alone, no line numbers: the catalogue changes when a text does, not when code moves.
        entry.occurrences = [
            (where, "") for where in places.get((entry.msgctxt, entry.msgid, entry.msgid_plural), [])
        ]
    catalogue.sort(key=lambda entry: (entry.occurrences[:1], entry.msgid))
    catalogue.save(str(path))
    return added, dropped, len(catalogue.untranslated_entries())


def taken_in(source: Path) -> list[str]:
    """Files in ``locale/incoming`` with nothing left to give: their English is in the catalogue, or the text gone."""
    waiting = {entry.msgid for entry in polib.pofile(str(source / CATALOGUE)).untranslated_entries()}
    return [
        path.name
        for path in sorted((source / INCOMING).glob("*.tsv"))
        if waiting.isdisjoint(
            line.split("\t")[0].replace("\\n", "\n") for line in path.read_text().splitlines()
        )
    ]


def main() -> int:
    added, dropped, open_ones = write_catalogue(SOURCE)
    print(
        f"{added} texts added, {dropped} dropped, {open_ones} still to be translated in src/qiao/{CATALOGUE}"
    )
    if done := taken_in(SOURCE):
        print(f"Taken in, may be deleted from src/qiao/{INCOMING}: {', '.join(done)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
