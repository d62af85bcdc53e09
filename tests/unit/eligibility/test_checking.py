"""Many firms over several years: what the columns decide is what the walk over each one decides; refusals say why."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from qiao.eligibility import FactTable, Library, Ref, Truth, Walker
from qiao.eligibility.checking import Checked, check_firms, facts_on, reasons
from qiao.eligibility.reading import Firm, guess, read_firms, read_table

LIBRARY = Library.load(Path(__file__).parents[3] / "policies")
IDS = ["cn/tech-sme", "cn/high-tech", "cn/gazelle"]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """60 firms with a row for each of three years, some cells blank; judged in the year after each row."""
    lines = ["名称,年度,营业收入（万元）,研发费用（万元）,职工总数,科技人员数,资产总额（万元）"]
    for firm in range(60):
        for year in (2020, 2021, 2022):
            n = firm * 7 + (year - 2020) * 31
            revenue, rd = 500 + n * 97 % 40_000, 20 + n * 13 % 900
            staff, tech = ("" if n % 11 == 0 else 20 + n * 5 % 900), n % 90
            lines.append(
                f"企业{firm},{year},{revenue},{'' if n % 7 == 0 else rd},{staff},{tech},{n * 61 % 30_000}"
            )
    path = tmp_path_factory.mktemp("t") / "firms.csv"
    path.write_text("\n".join(lines))
    table = read_table(path)
    firms = read_firms(table, guess(table.headers, LIBRARY.vocabulary), LIBRARY.vocabulary)
    return check_firms(LIBRARY, firms, as_of=dt.date(2026, 6, 1), each_year=True, only=IDS)


def test_every_year_is_judged_the_year_after_and_as_the_walk_does(checked: Checked) -> None:
    assert [(b.plan.as_of.year, len(b.rows)) for b in checked.batches] == [(2021, 60), (2022, 60), (2023, 60)]
    seen = set()
    for batch, number, row in checked.rows():
        judged = Walker(batch.plan).judge(row.facts)
        for policy in batch.plan.policies:
            found = batch.results.verdicts(policy.id)[number]
            assert found == judged.verdict(policy.id)
            seen.add(int(found))
    assert seen == {Truth.NO, Truth.UNKNOWN}


def test_every_refusal_names_a_clause(checked: Checked) -> None:
    for language in ("zh", "en"):
        found = list(reasons(checked, language))
        assert len(found) == sum(checked.totals(id)[Truth.NO] for id in checked.ids)
        assert all(r.clauses for r in found)


def test_what_most_open_firms_do_not_say(checked: Checked) -> None:
    (label, count), *_ = checked.missing("cn/tech-sme")
    assert count == checked.totals("cn/tech-sme")[Truth.UNKNOWN]
    assert label.zh not in ("营业收入", "职工总数", "资产总额")


def test_a_year_that_is_not_over_is_not_the_last_one() -> None:
    firm = Firm("甲", "", 0, {"staff@2024": 10, "staff@2025": 20, "staff@2026": 30})
    facts = facts_on(firm, dt.date(2026, 6, 1), LIBRARY.vocabulary)
    assert facts == {Ref("staff", 1): 20, Ref("staff", 2): 10}
    table = FactTable.from_rows([facts | {Ref("staff", 0): 30}], LIBRARY.vocabulary)
    assert table.row(0) == facts | {Ref("staff", 0): 30}
