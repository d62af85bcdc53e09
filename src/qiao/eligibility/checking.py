"""Many firms at once: verdicts, reasons and gaps as a workbook, as Parquet and as a picture. What `qiao check` does."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from . import phrases as say
from .columns import Kernel, Results
from .exact import Ref
from .explain import Explainer, Explanation
from .library import Library
from .plan import FURTHEST, Plan
from .reading import CellProblem, Doubt, Firm, Firms, doubts
from .table import FactTable
from .truth import Truth
from .walk import Walker

Told = Callable[[str, int, int], None]  # what is done, how many of how many


def _quiet(what: str, done: int, of: int) -> None:
    """Nobody is watching."""


@dataclass(frozen=True)
class Row:
    """One firm on one day."""

    firm: Firm
    as_of: dt.date
    facts: dict[Ref, int]


@dataclass(frozen=True)
class Batch:
    """All firms that are judged on the same day."""

    plan: Plan
    rows: list[Row]
    results: Results


@dataclass(frozen=True)
class Checked:
    """Firms of one table under the policies of one or (``each_year``) several days."""

    batches: list[Batch]
    problems: list[CellProblem]
    doubts: list[tuple[Firm, Doubt]]

    @property
    def ids(self) -> list[str]:
        """All policies that were asked about, in order."""
        return list(dict.fromkeys(p.id for b in self.batches for p in b.plan.policies))

    def rows(self) -> Iterator[tuple[Batch, int, Row]]:
        for batch in self.batches:
            for number, row in enumerate(batch.rows):
                yield batch, number, row

    def totals(self, id: str) -> tuple[int, int, int]:
        """How many are no, unknown, yes."""
        counts = [b.results.totals[id] for b in self.batches if id in b.plan.by_id]
        no, unknown, yes = (sum(c[i] for c in counts) for i in range(3))
        return no, unknown, yes


def facts_on(firm: Firm, as_of: dt.date) -> dict[Ref, int]:
    """A firm's facts as they are seen from a day: years become “n-th before”."""
    found: dict[Ref, int] = {}
    for key, value in firm.facts.items():
        name, _, year = key.partition("@")
        if not year:
            base, bracket, number = name.partition("[")
            found[Ref(base, int(number.rstrip("]")) if bracket else 1)] = value
        elif 0 <= as_of.year - int(year) <= FURTHEST:
            found[Ref(name, as_of.year - int(year))] = value
    return found


def check_firms(
    library: Library,
    firms: Firms,
    *,
    as_of: dt.date,
    each_year: bool = False,
    only: Iterable[str] = (),
    told: Told = _quiet,
) -> Checked:
    """All verdicts and clauses of all firms.

    ``each_year``: a firm with rows for several years is judged once for each, on the same day of the year after it.
    Raises `KeyError` for an unknown policy in ``only`` and `PackError`.
    """
    only = list(only)
    for id in only:
        if id not in library.ids:
            raise KeyError(id)
    days: dict[dt.date, list[Firm]] = {}
    for firm in firms.firms:
        years = firm.years if each_year and firm.years else [as_of.year - 1]
        for year in years:
            days.setdefault(_same_day(as_of, year + 1), []).append(firm)
    batches, done = [], 0
    count = sum(map(len, days.values()))
    for day, members in sorted(days.items()):
        plan = library.plan(day, only=only)
        rows = [Row(f, day, _dated(facts_on(f, day), plan)) for f in members]
        results = Kernel(plan).run(FactTable.from_rows((r.facts for r in rows), library.vocabulary))
        batches.append(Batch(plan, rows, results))
        done += len(rows)
        told("judged", done, count)
    doubted = [(firm, doubt) for firm in firms.firms for doubt in doubts(firm.facts, library.vocabulary)]
    return Checked(batches, firms.problems, doubted)


def _same_day(day: dt.date, year: int) -> dt.date:
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _dated(facts: dict[Ref, int], plan: Plan) -> dict[Ref, int]:
    """Facts that have no years stand under 0."""
    return {
        Ref(ref.key, 0) if ":" in ref.key or not plan.vocabulary[ref.key].yearly else ref: value
        for ref, value in facts.items()
    }


# -- reasons ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reason:
    """Why one firm does not qualify for one policy: the clauses that it fails, and what is missing for each."""

    row: Row
    policy: str
    clauses: str
    gaps: str


def reasons(checked: Checked, language: str = "zh", told: Told = _quiet) -> Iterator[Reason]:
    """One for every refusal, by the walk over one firm: the interactive engine explains what the columns decided."""
    join = say.AND[language].join
    count, done = sum(len(b.rows) for b in checked.batches), 0
    for batch in checked.batches:
        walker = Walker(batch.plan)
        explainer = Explainer(batch.plan, walker)
        refused = [(p.id, batch.results.verdicts(p.id)) for p in batch.plan.policies]
        for number, row in enumerate(batch.rows):
            done += 1
            if done % 200 == 0:
                told("explained", done, count)
            wanted = [id for id, verdicts in refused if verdicts[number] == Truth.NO]
            if not wanted:
                continue
            judged = walker.judge(row.facts)
            for id in wanted:
                e = explainer.explain(judged, id)
                failed = [c for c in e.clauses if c.truth == Truth.NO and c.needed]
                gaps = {g.ref: g for c in failed for t in c.tests if (g := t.gap)}
                yield Reason(
                    row, id,
                    join(c.clause.text[language] for c in failed),
                    join(g.say(language) for g in gaps.values()),
                )  # fmt: skip


def explanation(library: Library, row: Row, id: str) -> Explanation:
    """One firm and one policy in full. Raises `KeyError` where the policy is not in force on the row's day."""
    plan = library.plan(row.as_of, only=[id])
    walker = Walker(plan)
    return Explainer(plan, walker).explain(walker.judge(row.facts), id)


# -- files ------------------------------------------------------------------------------------------------------


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file that appears when it is complete, or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_parquet(checked: Checked, path: Path) -> None:
    """A row for every firm and day: ``policy`` the verdict and ``policy:clause`` every clause, 0 no 1 unknown 2 yes."""
    rows = [row for _, _, row in checked.rows()]
    columns: dict[str, Any] = {
        "name": pa.array([r.firm.name for r in rows]),
        "id": pa.array([r.firm.id for r in rows]),
        "as_of": pa.array([r.as_of for r in rows]),
    }
    for name, parts in _kept(checked).items():
        columns[name] = pa.array(np.concatenate(parts), pa.uint8(), from_pandas=False)
    with whole(path) as part:
        pq.write_table(pa.table(columns), part)


def _kept(checked: Checked) -> dict[str, list[Any]]:
    """Verdicts and clauses by column; 1 (unknown) where a policy, or a clause of another version, was not in force."""
    names: dict[str, None] = {}
    for batch in checked.batches:
        for policy in batch.plan.policies:
            names[policy.id] = None
            names |= dict.fromkeys(f"{policy.id}:{c.clause.id}" for c in policy.clauses)
    found: dict[str, list[Any]] = {name: [] for name in sorted(names)}
    for batch in checked.batches:
        for name, parts in found.items():
            id, _, clause = name.partition(":")
            there = batch.plan.by_id.get(id)
            nodes = {c.clause.id: c.node for c in there.clauses} if there else {}
            node = nodes.get(clause) if clause else there.verdict if there else None
            parts.append(np.ones(len(batch.rows), np.uint8) if node is None else batch.results.states(node))
    return found


def write_xlsx(checked: Checked, path: Path, language: str = "zh", told: Told = _quiet) -> None:
    """Sheets: overview, verdicts, reasons with gaps, doubtful data."""
    import openpyxl  # noqa: PLC0415  (slow to load)
    from openpyxl.styles import Font  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    titles = {p.id: p.pack.title[language] for b in checked.batches for p in b.plan.policies}

    def sheet(name: str, head: list[str], widths: list[int]) -> Any:
        made = book.create_sheet(say.SHEETS[name][language])
        made.freeze_panes = "A2"
        for number, width in enumerate(widths):
            made.column_dimensions[chr(65 + number)].width = width
        cells = []
        for text in head:
            cell = openpyxl.cell.WriteOnlyCell(made, value=text)
            cell.font = Font(bold=True)
            cells.append(cell)
        made.append(cells)
        return made

    words = {name: text[language] for name, text in say.COLUMNS.items()}
    verdicts = [v[language] for v in say.VERDICTS]
    overview = sheet("overview", [words["policy"], words["id"], *reversed(verdicts)], [40, 28, 12, 12, 12])
    for id in checked.ids:
        no, unknown, yes = checked.totals(id)
        overview.append([titles[id], id, yes, unknown, no])
    table = sheet("verdicts", [words["name"], words["code"], words["as_of"], *titles.values()], [28, 22, 12])
    for batch in checked.batches:
        states = [batch.results.verdicts(i) if i in batch.plan.by_id else None for i in checked.ids]
        for number, row in enumerate(batch.rows):
            said = ["" if s is None else verdicts[s[number]] for s in states]
            table.append([_text(row.firm.name), _text(row.firm.id), row.as_of, *said])
    why = sheet(
        "reasons", [words["name"], words["code"], words["as_of"], words["policy"], words["clauses"], words["gaps"]],
        [28, 22, 12, 30, 70, 60],
    )  # fmt: skip
    for reason in reasons(checked, language, told):
        row = reason.row
        why.append(
            [
                _text(row.firm.name),
                _text(row.firm.id),
                row.as_of,
                titles[reason.policy],
                reason.clauses,
                reason.gaps,
            ]
        )
    faults = sheet("doubts", [words["name"], words["problem"]], [28, 100])
    for firm, doubt in checked.doubts:
        faults.append([_text(firm.name), doubt.en if language == "en" else doubt.zh])
    for problem in checked.problems:
        faults.append(["", problem.en if language == "en" else problem.zh])
    with whole(path) as part:
        book.save(part)


def _text(cell: str) -> str:
    """Names come from outside: one that looks like a formula is not to be one."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


# -- the picture ------------------------------------------------------------------------------------------------

_COLOURS = {Truth.YES: "#2f7d4f", Truth.UNKNOWN: "#d9b44a", Truth.NO: "#c9cdd3"}
_LINE, _WIDE = 30, 520


def picture(checked: Checked, language: str = "zh") -> str:
    """Every policy as a bar of three parts, with its numbers: an SVG that reads without colour."""
    titles = {p.id: p.pack.title[language] for b in checked.batches for p in b.plan.policies}
    height = _LINE * (len(checked.ids) + 1) + 12
    left = 30 + max((_width(titles[id]) for id in checked.ids), default=0)
    legend = "　".join(
        f"{say.MARKS[t]} {say.VERDICTS[t][language]}" for t in (Truth.YES, Truth.UNKNOWN, Truth.NO)
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + _WIDE + 220}" height="{height}" role="img" '
        f'font-family="Noto Sans CJK SC, Source Han Sans SC, sans-serif" font-size="13">',
        f"<title>{escape(say.SHEETS['overview'][language])}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{left}" y="20" fill="#444">{escape(legend)}</text>',
    ]
    for line, id in enumerate(checked.ids):
        no, unknown, yes = checked.totals(id)
        total = max(no + unknown + yes, 1)
        y, x = _LINE * (line + 1) + 4, float(left)
        parts.append(
            f'<text x="{left - 10}" y="{y + 15}" text-anchor="end" fill="#222">{escape(titles[id])}</text>'
        )
        for truth, count in ((Truth.YES, yes), (Truth.UNKNOWN, unknown), (Truth.NO, no)):
            width = _WIDE * count / total
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="20" fill="{_COLOURS[truth]}"/>'
            )
            x += width
        numbers = f"{say.MARKS[2]} {yes:,}　{say.MARKS[1]} {unknown:,}　{say.MARKS[0]} {no:,}"
        parts.append(f'<text x="{left + _WIDE + 10}" y="{y + 15}" fill="#444">{numbers}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _width(text: str) -> int:
    """About how wide a label is, in pixels: Chinese characters are as wide as they are high."""
    return sum(13 if ord(character) > 0x2E7F else 8 for character in text)
