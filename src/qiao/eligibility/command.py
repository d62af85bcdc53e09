"""`qiao check`, `qiao explain`, `qiao simulate` and `qiao packs`: the library from the command line.

No database is needed. What is wrong is said in the language of the terminal, and files appear whole or not at all.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Shown

from qiao.files import Workbook, whole

from . import phrases as say
from .checking import (
    Checked,
    Told,
    check_firms,
    facts_on,
    picture,
    reasons,
    write_parquet,
    write_reasons,
    write_xlsx,
)
from .drafting import PolicyText, read_html, write_draft
from .explain import Explainer
from .library import Library
from .pack import Pack
from .packfile import read_pack
from .problems import PackError
from .proof import check as faults
from .proof import run_tests
from .reading import Firm, Firms, Mapping, Table, TableError, guess, read_firms, read_table
from .reading.mapping import FactColumn, fact_names, header_unit, is_key, plain, suggestions
from .simulate import Simulation
from .simulate import picture as change_picture
from .simulate import simulate as simulated
from .source import read as read_source
from .table import FactTable
from .vocabulary import BadValue, Vocabulary, Words
from .walk import Walker


class Refused(Exception):
    """A command that cannot be done, in the words for whoever gave it."""


@dataclass(frozen=True)
class Terminal:
    """Where it is said, and in which language (``zh`` or ``en``)."""

    language: str
    out: Console
    err: Console
    ask: Callable[[str], str] | None = None  # None where nobody can be asked

    def say(self, words: Words | str, **values: object) -> None:
        text = words if isinstance(words, str) else words[self.language].format(**values)
        self.out.print(text, markup=False, highlight=False, soft_wrap=True)

    def refuse(self, words: Words, **values: object) -> NoReturn:
        raise Refused(words[self.language].format(**values))


def load(root: Path, terminal: Terminal) -> Library:
    """The policies under ``root``. Raises `Refused` with every problem in them."""
    if not root.is_dir():
        terminal.refuse(say.NO_POLICIES, path=root)
    try:
        return Library.load(root)
    except PackError as broken:
        raise Refused("\n".join(p.text(terminal.language) for p in broken.problems)) from broken


# -- qiao packs -------------------------------------------------------------------------------------------------


def packs_check(root: Path, terminal: Terminal) -> bool:
    """Everything that is wrong with the packs; whether nothing is."""
    problems = faults(root)
    for problem in problems:
        terminal.say(problem.text(terminal.language))
    if problems:
        terminal.say(say.FAULTS, n=len(problems))
    else:
        library = Library.load(root)
        terminal.say(
            say.NO_FAULTS,
            packs=len(library.packs),
            policies=len(library.ids),
            facts=len(library.vocabulary.facts),
        )
    return not problems


def packs_test(root: Path, terminal: Terminal, only: Iterable[str] = ()) -> bool:
    """The tests of all packs, or of some; whether they hold."""
    library = load(root, terminal)
    wanted = frozenset(only)
    _known(library, wanted, terminal)
    written = generated = wrong = 0
    for outcome in run_tests(library):
        if wanted and outcome.pack.id not in wanted:
            continue
        generated += outcome.generated
        written += not outcome.generated
        for problem in outcome.wrong:
            wrong += 1
            terminal.say(problem.text(terminal.language))
    terminal.say(say.TESTED, written=written, generated=generated, wrong=wrong)
    return not wrong


def packs_list(root: Path, terminal: Terminal, as_of: dt.date) -> None:
    library = load(root, terminal)
    shown = Shown(show_edge=False, pad_edge=False, box=None)
    words = {name: text[terminal.language] for name, text in say.COLUMNS.items()}
    for name in ("id", "policy", "issuer", "document", "since"):
        shown.add_column(words[name], overflow="fold", no_wrap=name in ("id", "since"))
    for id in sorted(library.ids):
        pack = library.version(id, as_of)
        if pack is None:
            pack = library.versions(id)[-1]
            since = f"{pack.start} – {pack.until}" if pack.until else f"{pack.start} –"
        else:
            since = str(pack.start)
        mark = say.UNCONFIRMED[terminal.language] if pack.unconfirmed else ""
        document = f"{pack.document.number}{mark}"
        shown.add_row(id, pack.title[terminal.language], pack.issuer[terminal.language], document, since)
    terminal.out.print(shown)


def _known(library: Library, ids: Iterable[str], terminal: Terminal) -> None:
    for id in ids:
        if id not in library.ids:
            terminal.refuse(say.NO_POLICY, id=id, known=" ".join(sorted(library.ids)))


def bytes_of(path: Path, terminal: Terminal) -> bytes:
    """What a file holds. Raises `Refused`."""
    if not path.is_file():
        terminal.refuse(say.NO_FILE, path=path)
    try:
        return path.read_bytes()
    except OSError as broken:
        terminal.refuse(say.UNREADABLE, path=path, why=broken.strerror)


def packs_draft(
    path: Path, source: bytes | Iterable[str], out: Path | None, root: Path, terminal: Terminal
) -> None:
    """The draft of a policy: ``source`` is a web page, or the lines of a document. Raises `Refused`."""
    vocabulary = load(root, terminal).vocabulary
    try:
        text = read_html(source, path) if isinstance(source, bytes) else PolicyText.of(source, path)
    except PackError as broken:
        raise Refused("\n".join(p.text(terminal.language) for p in broken.problems)) from broken
    draft = write_draft(text, vocabulary)
    if out is None:
        terminal.say(draft.rstrip("\n"))
        return
    if out.exists():
        terminal.refuse(say.EXISTS, path=out)
    with whole(out) as part:
        part.write_text(draft, encoding="utf-8")
    terminal.say(say.DRAFTED, clauses=len(text.sections), todo=draft.count("# todo: "), path=out)


# -- qiao check -------------------------------------------------------------------------------------------------


def firms_of(
    path: Path, mapping: Path | None, vocabulary: Vocabulary, terminal: Terminal
) -> tuple[Firms, Mapping, Table]:
    """The firms of a file, with the mapping that was used. Raises `Refused`."""
    try:
        table = read_table(path)
        if mapping is not None:
            found = Mapping.load(mapping, table.headers, vocabulary)
        else:
            found = _asked(guess(table.headers, vocabulary), vocabulary, terminal)
        with _progress(terminal) as told:
            firms = read_firms(table, found, vocabulary, lambda n: told("read", n, len(table.rows)))
        return firms, found, table
    except TableError as broken:
        raise Refused(broken.text(terminal.language)) from broken


def _asked(found: Mapping, vocabulary: Vocabulary, terminal: Terminal) -> Mapping:
    """The guess, with what a person says about columns that mean nothing by themselves."""
    if terminal.ask is None:
        return found
    facts, names = list(found.facts), fact_names(vocabulary)
    for header in found.unused:
        near = suggestions(header, vocabulary)
        if not near:
            continue
        labels = "  ".join(
            f"{n} {vocabulary[key].label[terminal.language]} ({key})" for n, key in enumerate(near, 1)
        )
        question = say.WHICH_FACT[terminal.language].format(column=header, near=labels)
        while answer := terminal.ask(question).strip():
            written, at, year = answer.partition("@")
            numbered = near[int(written) - 1] if written.isdigit() and 1 <= int(written) <= len(near) else ""
            key = f"{numbered or names.get(plain(written), '')}{at}{year}"
            if not is_key(key, vocabulary):
                terminal.say(say.NO_SUCH_FACT, key=answer)
                continue
            facts.append(FactColumn(key, (header,), header_unit(header)[1]))
            break
    used = {c for f in facts for c in f.columns}
    unused = tuple(h for h in found.unused if h not in used)
    return Mapping(found.name, found.id, found.year, tuple(facts), unused)


@dataclass(frozen=True)
class CheckOptions:
    """``out``: the folder for the files. ``each_year``: every row of a firm is judged in the year after it."""

    out: Path
    as_of: dt.date
    packs: tuple[str, ...] = ()
    mapping: Path | None = None
    save_mapping: Path | None = None
    each_year: bool = False


def check(path: Path, root: Path, options: CheckOptions, terminal: Terminal) -> Checked:
    """Judge the firms of a file and write firms-checked.xlsx and its like, never over that file. Raises `Refused`."""
    began = time.monotonic()
    library = load(root, terminal)
    _known(library, options.packs, terminal)
    firms, mapping, table = firms_of(path, options.mapping, library.vocabulary, terminal)
    terminal.say(say.READ, rows=len(table.rows), firms=len(firms.firms), facts=len(mapping.facts))
    if mapping.unused:
        terminal.say(say.UNUSED, columns="、".join(mapping.unused))
    if options.save_mapping:
        with whole(options.save_mapping) as part:
            part.write_text(mapping.dump(), encoding="utf-8")
        terminal.say(say.WRITTEN, path=options.save_mapping)
    if table.others:
        terminal.say(say.OTHER_SHEETS, sheets="、".join(table.others))
    with _progress(terminal) as told:
        checked = check_firms(
            library, firms, as_of=options.as_of, each_year=options.each_year, only=options.packs, told=told
        )
        found = list(reasons(checked, terminal.language, told))
    stem = path.name.partition(".")[0]
    made = [
        _folder(options.out, terminal) / f"{stem}{end}"
        for end in ("-checked.xlsx", "-checked.parquet", "-reasons.parquet", "-checked.svg")
    ]
    with whole(made[0]) as xlsx, whole(made[1]) as parquet, whole(made[2]) as why, whole(made[3]) as svg:
        left_out = write_xlsx(checked, found, xlsx, terminal.language)
        write_parquet(checked, parquet)
        write_reasons(found, why)
        svg.write_text(picture(checked, terminal.language), encoding="utf-8")
    _summary(checked, terminal)
    if left_out:
        terminal.say(say.LEFT_OUT, n=left_out)
    for file in made:
        terminal.say(say.WRITTEN, path=file)
    terminal.say(say.TOOK, seconds=f"{time.monotonic() - began:.1f}")
    return checked


def _folder(path: Path, terminal: Terminal) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as broken:
        terminal.refuse(say.NO_FOLDER, path=path, why=broken)
    return path


def _summary(checked: Checked, terminal: Terminal) -> None:
    titles = {p.id: p.pack.title[terminal.language] for b in checked.batches for p in b.plan.policies}
    shown = Shown(show_edge=False, pad_edge=False, box=None)
    shown.add_column(say.COLUMNS["policy"][terminal.language])
    for verdict in reversed(say.VERDICTS):
        shown.add_column(verdict[terminal.language], justify="right")
    for id in checked.ids:
        no, unknown, yes = checked.totals(id)
        shown.add_row(titles[id], f"{yes:,}", f"{unknown:,}", f"{no:,}")
    terminal.out.print(shown)
    if checked.problems or checked.doubts:
        terminal.say(say.DOUBTS, doubts=len(checked.doubts), problems=len(checked.problems))


class _progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, terminal: Terminal) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        err = terminal.err
        self.bar = Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
        self.language, self.tasks = terminal.language, dict[str, Any]()

    def __enter__(self) -> Told:
        self.bar.start()
        return self.told

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def told(self, what: str, done: int, of: int) -> None:
        if what not in self.tasks:
            self.tasks[what] = self.bar.add_task(say.PROGRESS[what][self.language], total=of)
        self.bar.update(self.tasks[what], completed=done, total=of)


# -- qiao explain -----------------------------------------------------------------------------------------------


def explain(
    source: str, id: str, root: Path, as_of: dt.date, terminal: Terminal, *, mapping: Path | None = None
) -> list[str]:
    """One firm and one policy in full. ``source``: a YAML file of facts, or a firm in a table: ``firms.xlsx#名称``."""
    library = load(root, terminal)
    _known(library, [id], terminal)
    if library.version(id, as_of) is None:
        terminal.refuse(say.NOT_IN_FORCE, id=id, day=as_of)
    plan = library.plan(as_of, only=[id])
    walker = Walker(plan)
    name, _, row = source.partition("#")
    path = Path(name)
    if not path.is_file():
        terminal.refuse(say.NO_FILE, path=path)
    if path.suffix in (".yaml", ".yml"):
        facts = _facts(path, library, as_of, terminal)
    else:
        firms, _, _ = firms_of(path, mapping, library.vocabulary, terminal)
        facts = facts_on(_one(firms, row, terminal), as_of, library.vocabulary)
    return Explainer(plan, walker).explain(walker.judge(facts), id).lines(terminal.language)


def _facts(path: Path, library: Library, as_of: dt.date, terminal: Terminal) -> Any:
    try:
        return library.facts(read_source(path), as_of)
    except PackError as broken:
        raise Refused(broken.problems[0].text(terminal.language)) from broken
    except KeyError as missing:
        terminal.refuse(say.NO_FACT, key=missing.args[0], path=path)
    except BadValue as bad:
        raise Refused(f"{path}: {bad.en if terminal.language == 'en' else bad.zh}") from bad


def _one(firms: Firms, wanted: str, terminal: Terminal) -> Firm:
    if wanted.isdigit() and 1 <= int(wanted) <= len(firms.firms):
        return firms.firms[int(wanted) - 1]
    found = [f for f in firms.firms if wanted and wanted in (f.name, f.id)]
    if len(found) != 1:
        terminal.refuse(say.WHICH_FIRM, wanted=wanted or "?", count=len(firms.firms))
    return found[0]


# -- qiao simulate ----------------------------------------------------------------------------------------------


def simulate(
    path: Path,
    changes: Iterable[str],
    root: Path,
    options: CheckOptions,
    terminal: Terminal,
    *,
    draft: Path | None = None,
) -> Simulation:
    """The policy ``options.packs[0]`` as it is and as changed over the firms of a file: a table on the terminal, the
    firms that change in a workbook, a picture. Raises `Refused`.
    """
    (id,) = options.packs
    library = load(root, terminal)
    _known(library, [id], terminal)
    if library.version(id, options.as_of) is None:
        terminal.refuse(say.NOT_IN_FORCE, id=id, day=options.as_of)
    changes = list(changes)
    if not changes and draft is None:
        terminal.refuse(say.NO_CHANGE)
    try:
        other = _draft(draft, terminal) if draft else None
        firms, _, _ = firms_of(path, options.mapping, library.vocabulary, terminal)
        facts = [facts_on(firm, options.as_of, library.vocabulary) for firm in firms.firms]
        rows = FactTable.from_rows(facts, library.vocabulary)
        found = simulated(library, rows, id, changes, options.as_of, draft=other)
    except PackError as broken:
        raise Refused("\n".join(p.text(terminal.language) for p in broken.problems)) from broken
    for line in found.lines(terminal.language):
        terminal.say(line)
    made = [
        _folder(options.out, terminal) / f"{id.replace('/', '-')}-simulation.{kind}"
        for kind in ("xlsx", "svg")
    ]
    with whole(made[0]) as xlsx, whole(made[1]) as svg:
        _changes_xlsx(found, firms.firms, xlsx, terminal.language)
        svg.write_text(change_picture(found, terminal.language), encoding="utf-8")
    for file in made:
        terminal.say(say.WRITTEN, path=file)
    return found


def _draft(path: Path, terminal: Terminal) -> Pack:
    if not path.is_file():
        terminal.refuse(say.NO_FILE, path=path)
    return read_pack(path)


def _changes_xlsx(found: Simulation, firms: list[Firm], path: Path, language: str) -> None:
    """Sheets: groups (all, by industry, by size) and every firm whose verdict or amount changes."""
    words = {name: text[language] for name, text in (say.COLUMNS | say.SIMULATED).items()}
    verdicts = [v[language] for v in say.VERDICTS]
    book = Workbook()
    names = ("firms", "before", "after", "gained", "lost", "opened")
    money = ("cost_before", "cost_after") if found.paid else ()
    groups = book.sheet(
        words["groups"],
        [(words["group"], 40), *((words[n], 12) for n in names), *((words[n], 40) for n in money)],
    )
    for group in (found.all, *found.by_industry, *found.by_size):
        costs = [getattr(group, name).say(language) for name in money]
        groups.append([group.name[language], *(getattr(group, name) for name in names), *costs])
    yuan = ("yuan_before", "yuan_after") if found.paid else ()
    changed = book.sheet(
        words["changed"],
        [
            (words["name"], 28),
            (words["code"], 22),
            (words["before"], 14),
            (words["after"], 14),
            *((words[n], 24) for n in yuan),
        ],
    )
    for row in found.changed:
        amounts = [float(side[row]) / 100 for side in (found.low_was, found.low_now)] if found.paid else []
        firm = firms[row]
        changed.append([firm.name, firm.id, verdicts[found.was[row]], verdicts[found.now[row]], *amounts])
    book.save(path)
