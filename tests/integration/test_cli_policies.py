"""`qiao check`, `explain`, `simulate` and `packs` on real files, as somebody at a terminal uses them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

POLICIES = Path(__file__).parents[2] / "policies"
TABLE = """\
企业名称,统一社会信用代码,营业收入（万元）,研发费用（万元）,职工总数,资产总额（万元）,主营业务所属行业,列入经营异常名录
甲公司,91310105MA1FW00011,3000,158,80,2800,6513,否
乙公司,91310105MA1FW00022,50000,100,900,60000,6513,否
=丙公司,91310105MA1FW00033,100,200,10,50,6513,是
"""


def qiao(*arguments: str | Path, folder: Path, language: str = "zh") -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("qiao"), *map(str, arguments)]
    env = {**os.environ, "QIAO_LANGUAGE": language, "QIAO_POLICIES": str(POLICIES), "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "firms.csv"
    path.write_text(TABLE)
    return path


def test_check_writes_verdicts_reasons_and_gaps(tmp_path: Path, table: Path) -> None:
    done = qiao(
        "check", table, "--as-of", "2026-06-01", "--packs", "cn/tech-sme", "--out", "out", folder=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "科技型中小企业" in done.stdout
    assert "已写出" in done.stdout
    book = openpyxl.load_workbook(tmp_path / "out/firms.xlsx")
    assert book.sheetnames == ["汇总", "结论", "理由与差距", "数据疑点"]
    verdicts = {row[0]: row[3] for row in book["结论"].iter_rows(min_row=2, values_only=True)}
    assert verdicts == {
        "甲公司": "尚不能确定",
        "乙公司": "不符合",
        "'=丙公司": "不符合",
    }  # no formula from outside
    why = {row[0]: row for row in book["理由与差距"].iter_rows(min_row=2, values_only=True)}
    assert "职工不超过500人" in str(why["乙公司"][4])
    assert "2025年职工总数超出 400 人" in str(why["乙公司"][5])
    doubts = [str(row[1]) for row in book["数据疑点"].iter_rows(min_row=2, values_only=True)]
    assert doubts == ["研发费用 200 万元，大于营业收入 100 万元"]
    kept = pq.read_table(tmp_path / "out/firms.parquet").to_pydict()
    assert kept["cn/tech-sme"] == [1, 0, 0]
    assert kept["cn/tech-sme:size"] == [2, 0, 2]
    picture = (tmp_path / "out/firms.svg").read_text()
    assert "科技型中小企业" in picture
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "firms.parquet",
        "firms.svg",
        "firms.xlsx",
    ]


def test_check_takes_and_writes_a_mapping(tmp_path: Path, table: Path) -> None:
    done = qiao(
        "check", table, "--save-mapping", "m.yaml", "--packs", "cn/unicorn", folder=tmp_path, language="en"
    )
    assert done.returncode == 0, done.stderr
    assert "revenue:" in (tmp_path / "m.yaml").read_text()
    again = qiao(
        "check", table, "--mapping", "m.yaml", "--packs", "cn/unicorn", folder=tmp_path, language="en"
    )
    assert "3 firms, 6 facts" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "none.csv"], "none.csv"),
        (["check", "firms.csv", "--packs", "cn/nothing"], "cn/nothing"),
        (["check", "firms.csv", "--as-of", "yesterday"], "YYYY-MM-DD"),
        (["explain", "firms.csv#丁公司", "cn/tech-sme"], "丁公司"),
        (["explain", "none.yaml", "cn/tech-sme"], "none.yaml"),
        (["simulate", "firms.csv", "cn/tech-sme", "--change", "clause.nothing=staff <= 5"], "clause.size"),
        (["simulate", "firms.csv", "cn/tech-sme", "--change", "clause.size=staff <="], "staff <="),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, table: Path, arguments: list[str], said: str
) -> None:
    refused = qiao(*arguments, folder=tmp_path)
    assert refused.returncode in (1, 2)
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["firms.csv"]


def test_explain_a_file_of_facts_and_a_row(tmp_path: Path, table: Path) -> None:
    facts = tmp_path / "firm.yaml"
    facts.write_text("staff: 80\nrevenue: 3000 万元\nassets: 2 亿元\n")
    told = qiao("explain", facts, "cn/tech-sme", "--as-of", "2026-06-01", folder=tmp_path)
    assert "✓ 2025年职工总数：80 人；要求：不高于 500 人" in told.stdout
    row = qiao(
        "explain", "firms.csv#甲公司", "cn/tech-sme", "--as-of", "2026-06-01", folder=tmp_path, language="en"
    )
    assert "Staff 2025: 80 persons; required: at most 500 persons" in row.stdout
    facts.write_text("stafff: 80\n")
    assert "stafff" in qiao("explain", facts, "cn/tech-sme", folder=tmp_path).stderr


def test_simulate_says_who_gains_and_loses(tmp_path: Path, table: Path) -> None:
    """财政部 税务总局公告2023年第7号: a threshold on R&D expense is laid over it."""
    head = (
        "营业收入（万元）,研发费用（万元）,企业名称,企业所得税查账征收,在中国境内（不含港澳台）登记,不征税收入,投资收益,"
        "收入总额,加计扣除负面清单行业的业务收入,主营业务所属行业\n"
    )
    rows = [f"1000,{rd},企业{rd},是,是,0,0,1000 万元,0,6513\n" for rd in (50, 99, 100, 200)]
    table.write_text(head + "".join(rows))
    done = qiao(
        "simulate", table, "cn/rd-deduction", "--as-of", "2026-06-01", "--change",
        "clause.expense=rd_expense >= 100 万元", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "符合: 4 → 2 (-2)" in done.stdout
    assert "I 信息传输、软件和信息技术服务业: +0 −2" in done.stdout
    assert (tmp_path / "cn-rd-deduction-simulation.svg").exists()


def test_packs(tmp_path: Path) -> None:
    assert "没有发现问题" in qiao("packs", "check", folder=tmp_path).stdout
    tested = qiao("packs", "test", "cn/tech-sme", folder=tmp_path)
    assert "未通过 0 项" in tested.stdout
    listed = qiao("packs", "list", "--as-of", "2026-06-01", folder=tmp_path, language="en")
    assert "cn/little-giant" in listed.stdout
    assert "工信部企业〔2026〕2号" in listed.stdout


def test_packs_check_fails_with_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "p" / "x" / "packs"
    broken.mkdir(parents=True)
    (broken / "one.yaml").write_text("id: x/one\n")
    failed = qiao("packs", "check", "--policies", tmp_path / "p", folder=tmp_path)
    assert failed.returncode == 1
    assert "one.yaml:1:" in failed.stdout
