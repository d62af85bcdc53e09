"""Many firms at once: verdicts, reasons and gaps as a workbook, as Parquet and as a picture. What `qiao check` does."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from qiao.files import Sheet, Workbook

from . import phrases as say
from .columns import Kernel, Results
from .exact import Ref
from .explain import Explainer
from .library import Library
from .picturing import label, svg, text_width
from .plan import FURTHEST, Plan
from .reading import CellProblem, Doubt, Firm, Firms, doubts
from .table import FactTable
from .truth import Truth
from .vocabulary import Vocabulary, Words
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
    table: FactTable
    results: Results


@dataclass(frozen=True)
class Checked:
    """Firms of one table under the policies of one or (``each_year``) several days."""

    library: Library
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

    def missing(self, id: str, many: int = 4) -> list[tuple[Words, int]]:
        """The facts that most firms with an open verdict do not give, with how many do not."""
        found: Counter[str] = Counter()
        for batch in self.batches:
            if id not in batch.plan.by_id:
                continue
            open_ = batch.results.verdicts(id) == Truth.UNKNOWN
            gone: dict[str, Any] = {}
            for ref in self.library.plan(batch.plan.as_of, only=[id]).inputs:
                if ":" not in ref.key:  # what a department judges nobody can give
                    column = batch.table.columns.get(ref)
                    known = None if column is None else column.known(0, len(batch.rows))
                    there = column is not None if known is None else known.astype(bool)
                    gone[ref.key] = gone.get(ref.key, False) | (open_ & np.logical_not(there))
            for key, rows in gone.items():
                found[key] += int(np.count_nonzero(rows))
        most = [(key, count) for key, count in found.most_common(many) if count]
        return [(self.library.vocabulary[key].label, count) for key, count in most]


def facts_on(firm: Firm, as_of: dt.date, vocabulary: Vocabulary) -> dict[Ref, int]:
    """A firm's facts as they are seen from a day: years become “n-th before”, facts without years stand under 0."""
    found: dict[Ref, int] = {}
    for key, value in firm.facts.items():
        name, _, year = key.partition("@")
        base, _, number = name.partition("[")
        if not vocabulary[base].yearly:
            found[Ref(base, 0)] = value
        elif not year:
            found[Ref(base, int(number.rstrip("]") or 1))] = value
        elif 1 <= as_of.year - int(year) <= FURTHEST:  # the year of the day itself is not over
            found[Ref(base, as_of.year - int(year))] = value
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
        years = sorted(set(firm.years)) if each_year and firm.years else [as_of.year - 1]
        for year in years:
            days.setdefault(_same_day(as_of, year + 1), []).append(firm)
    batches, done = [], 0
    count = sum(map(len, days.values()))
    for day, members in sorted(days.items()):
        plan = library.plan(day, only=only)
        rows = [Row(f, day, facts_on(f, day, library.vocabulary)) for f in members]
        table = FactTable.from_rows((r.facts for r in rows), library.vocabulary)
        batches.append(Batch(plan, rows, table, Kernel(plan).run(table)))
        done += len(rows)
        told("judged", done, count)
    doubted = [(firm, doubt) for firm in firms.firms for doubt in doubts(firm.facts, library.vocabulary)]
    return Checked(library, batches, firms.problems, doubted)


def _same_day(day: dt.date, year: int) -> dt.date:
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


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
        refusing = [p.id for p in batch.plan.policies if batch.results.totals[p.id][Truth.NO]]
        verdicts = {id: batch.results.verdicts(id) for id in refusing}
        # Each policy is walked by itself, and only where it refuses: most firms are refused by one or two.
        explainers = {
            id: Explainer(plan, Walker(plan))
            for id in refusing
            for plan in [checked.library.plan(batch.plan.as_of, only=[id])]
        }
        for number, row in enumerate(batch.rows):
            done += 1
            if done % 200 == 0 or done == count:
                told("explained", done, count)
            for id in refusing:
                if verdicts[id][number] != Truth.NO:
                    continue
                explainer = explainers[id]
                e = explainer.explain(explainer.walker.judge(row.facts), id)
                failed = [c for c in e.clauses if c.truth == Truth.NO and c.needed]
                gaps = {g.ref: g for c in failed for t in c.tests if (g := t.gap)}
                yield Reason(
                    row, id,
                    join(c.clause.text[language] for c in failed),
                    join(g.say(language) for g in gaps.values()),
                )  # fmt: skip


# -- files ------------------------------------------------------------------------------------------------------


def write_parquet(checked: Checked, path: Path) -> None:
    """A row for every firm and day: ``policy`` the verdict and ``policy:clause`` every clause, 0 no 1 unknown 2 yes.

    Null where a policy, or a clause of another version, was not in force.
    """
    names: dict[str, None] = {}
    for batch in checked.batches:
        for policy in batch.plan.policies:
            names |= dict.fromkeys([policy.id, *(f"{policy.id}:{c.clause.id}" for c in policy.clauses)])
    columns = _whose([row for _, _, row in checked.rows()])
    for name in sorted(names):
        columns[name] = pa.chunked_array([_states(batch, name) for batch in checked.batches], pa.uint8())
    pq.write_table(pa.table(columns), path)


def _states(batch: Batch, name: str) -> Any:
    id, _, clause = name.partition(":")
    policy = batch.plan.by_id.get(id)
    nodes = {"": policy.verdict} | {c.clause.id: c.node for c in policy.clauses} if policy else {}
    if clause not in nodes:
        return pa.nulls(len(batch.rows), pa.uint8())
    return pa.array(batch.results.states(nodes[clause]))


def write_reasons(found: Iterable[Reason], path: Path) -> None:
    """A row for every refusal: the policy, the clauses that fail and what is missing, as text."""
    found = list(found)
    texts = {
        name: pa.array([getattr(r, name) for r in found], pa.string())
        for name in ("policy", "clauses", "gaps")
    }
    pq.write_table(pa.table(_whose([r.row for r in found]) | texts), path)


def _whose(rows: list[Row]) -> dict[str, Any]:
    return {
        "name": pa.array([r.firm.name for r in rows], pa.string()),
        "id": pa.array([r.firm.id for r in rows], pa.string()),
        "as_of": pa.array([r.as_of for r in rows], pa.date32()),
    }


def write_xlsx(checked: Checked, found: Iterable[Reason], path: Path, language: str = "zh") -> int:
    """Sheets: overview, verdicts, reasons with gaps, doubtful data. Says how many rows no sheet could hold."""
    book = Workbook()
    titles = {p.id: p.pack.title[language] for b in checked.batches for p in b.plan.policies}
    words = {name: text[language] for name, text in say.COLUMNS.items()}
    verdicts = [v[language] for v in say.VERDICTS]
    whose = [(words["name"], 28), (words["code"], 22), (words["as_of"], 12)]

    def sheet(name: str, *columns: tuple[str, int]) -> Sheet:
        return book.sheet(say.SHEETS[name][language], columns)

    counts = [(verdict, 12) for verdict in reversed(verdicts)]
    overview = sheet("overview", (words["policy"], 40), (words["id"], 28), *counts, (words["asked"], 80))
    for id in checked.ids:
        no, unknown, yes = checked.totals(id)
        asked = [f"{name[language]} {count:,}" for name, count in checked.missing(id)]
        overview.append([titles[id], id, yes, unknown, no, say.AND[language].join(asked)])
    table = sheet("verdicts", *whose, *((titles[id], 16) for id in checked.ids))
    for batch in checked.batches:
        states = [batch.results.verdicts(i) if i in batch.plan.by_id else None for i in checked.ids]
        for number, row in enumerate(batch.rows):
            said = ["" if s is None else verdicts[s[number]] for s in states]
            table.append([row.firm.name, row.firm.id, row.as_of, *said])
    why = sheet("reasons", *whose, (words["policy"], 30), (words["clauses"], 70), (words["gaps"], 60))
    for reason in found:
        row = reason.row
        why.append(
            [row.firm.name, row.firm.id, row.as_of, titles[reason.policy], reason.clauses, reason.gaps]
        )
    faults = sheet("doubts", (words["name"], 28), (words["code"], 22), (words["problem"], 100))
    for firm, doubt in checked.doubts:
        faults.append([firm.name, firm.id, doubt.en if language == "en" else doubt.zh])
    for problem in checked.problems:
        faults.append(["", "", problem.en if language == "en" else problem.zh])
    book.save(path)
    return table.left_out + why.left_out + faults.left_out


# -- the picture ------------------------------------------------------------------------------------------------

_COLOURS = {Truth.YES: "#2f7d4f", Truth.UNKNOWN: "#d9b44a", Truth.NO: "#c9cdd3"}
_LINE, _WIDE = 30, 520


def picture(checked: Checked, language: str = "zh") -> str:
    """Every policy as a bar of three parts, with its numbers beside it."""
    titles = {p.id: p.pack.title[language] for b in checked.batches for p in b.plan.policies}
    left = 30 + max((text_width(titles[id]) for id in checked.ids), default=0)
    parts, told, x = [], [], float(left)
    for truth, colour in _COLOURS.items():
        text = f"{say.MARKS[truth]} {say.VERDICTS[truth][language]}"
        parts += [f'<rect x="{x:g}" y="10" width="12" height="12" fill="{colour}"/>', label(x + 18, 20, text)]
        x += 40 + text_width(text)
    for line, id in enumerate(checked.ids, 1):
        totals = checked.totals(id)
        y, x = _LINE * line + 19, float(left)
        parts.append(label(left - 10, y, titles[id], "end"))
        for truth, colour in _COLOURS.items():
            width = _WIDE * totals[truth] / max(sum(totals), 1)
            parts.append(f'<rect x="{x:.1f}" y="{y - 15}" width="{width:.1f}" height="20" fill="{colour}"/>')
            x += width
        parts.append(
            label(left + _WIDE + 10, y, "　".join(f"{say.MARKS[t]} {totals[t]:,}" for t in _COLOURS))
        )
        counts = (f"{say.VERDICTS[t][language]} {totals[t]:,}" for t in _COLOURS)
        told.append(f"{titles[id]}: {', '.join(counts)}")
    height = _LINE * (len(checked.ids) + 1) + 12
    return svg(say.SHEETS["overview"][language], "\n".join(told), left + _WIDE + 220, height, parts)
