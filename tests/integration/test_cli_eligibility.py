"""`qiao check`, `explain`, `simulate` and `packs` on real files, as somebody at a terminal uses them."""

from __future__ import annotations

import os
import pty
import signal
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
    book = openpyxl.load_workbook(tmp_path / "out/firms-checked.xlsx")
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
    doubts = [str(row[2]) for row in book["数据疑点"].iter_rows(min_row=2, values_only=True)]
    assert doubts == ["研发费用 200 万元，大于营业收入 100 万元"]
    kept = pq.read_table(tmp_path / "out/firms-checked.parquet").to_pydict()
    assert kept["cn/tech-sme"] == [1, 0, 0]
    assert kept["cn/tech-sme:size"] == [2, 0, 2]
    reasons = pq.read_table(tmp_path / "out/firms-reasons.parquet").to_pylist()
    assert [r["name"] for r in reasons] == ["乙公司", "=丙公司"]
    assert reasons[0]["clauses"] == why["乙公司"][4]
    assert reasons[0]["gaps"] == why["乙公司"][5]
    (overview,) = book["汇总"].iter_rows(min_row=2, values_only=True)
    assert overview[2:5] == (0, 1, 2)
    assert "科技人员数 1" in str(overview[5])  # what the one open firm does not say
    picture = (tmp_path / "out/firms-checked.svg").read_text()
    assert "科技型中小企业" in picture
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "firms-checked.parquet",
        "firms-checked.svg",
        "firms-checked.xlsx",
        "firms-reasons.parquet",
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
        (["simulate", "firms.csv", "cn/tech-sme", "--change", "nothing: 5 → 6"], "clause.size"),
        (["simulate", "firms.csv", "cn/tech-sme", "--change", "size = staff <="], "staff <="),
        (["simulate", "firms.csv", "cn/tech-sme"], "--draft"),
        (["simulate", "firms.csv", "cn/tech-sme", "--draft", "none.yaml"], "none.yaml"),
        (["check", "firms.csv", "--mapping", "none.yaml"], "none.yaml"),
        (["check", "firms.csv", "--policies", "nowhere"], "nowhere"),
        (["check", "firms.csv", "--out", "firms.csv/x"], "firms.csv"),
        (["check", "firms.csv", "--save-mapping", "nowhere/m.yaml"], "nowhere"),
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
        "expense = rd_expense >= 100 万元", "--out", "out", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "符合: 4 → 2 (-2)" in done.stdout
    assert "I 信息传输、软件和信息技术服务业: 新增符合 0; 不再符合 2" in done.stdout
    assert "不再符合" in (tmp_path / "out/cn-rd-deduction-simulation.svg").read_text()
    book = openpyxl.load_workbook(tmp_path / "out/cn-rd-deduction-simulation.xlsx")
    changed = list(book["有变化的企业"].iter_rows(min_row=2, values_only=True))
    assert changed == [("企业50", None, "符合", "不符合"), ("企业99", None, "符合", "不符合")]
    groups = {row[0]: row[1:7] for row in book["分组"].iter_rows(min_row=2, values_only=True)}
    assert groups["合计"] == (4, 4, 2, 0, 2, 0)


def test_simulate_a_draft_with_what_it_costs(tmp_path: Path, table: Path) -> None:
    """The key little giants' support of 6 million yuan over three years, changed in a file of its own."""
    source = POLICIES / "cn/packs/key-little-giant.yaml"
    (tmp_path / "draft.yaml").write_text(source.read_text().replace("amount: 600 万元", "amount: 500 万元"))
    done = qiao(
        "simulate", table, "cn/key-little-giant", "--as-of", "2026-06-01", "--draft", "draft.yaml",
        folder=tmp_path, language="en",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "at most 18 million yuan" in done.stdout  # three firms, all of them open
    assert "at most 15 million yuan" in done.stdout


def test_an_interruption_leaves_no_half_files(tmp_path: Path, table: Path) -> None:
    rows = "".join(f"企业{n},{n},50000,100,900,60000,6513,否\n" for n in range(20_000))
    table.write_text(TABLE.splitlines(keepends=True)[0] + rows)
    command = [
        str(Path(sys.executable).with_name("qiao")),
        "check",
        str(table),
        "--out",
        str(tmp_path / "out"),
    ]
    env = {**os.environ, "QIAO_POLICIES": str(POLICIES), "QIAO_LANGUAGE": "zh"}
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # in the background Ctrl-C may be ignored
    try:
        running = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    with running:
        assert running.stdout is not None
        running.stdout.readline()  # it has read the table
        running.send_signal(signal.SIGINT)
        assert running.wait() == 130
        assert running.stderr is not None
        assert b"Traceback" not in running.stderr.read()
    assert not list((tmp_path / "out").glob("*"))


def test_a_person_at_a_terminal_is_asked_about_columns(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("企业名称,职工总人数（人）,天气\n甲,80,晴\n")
    leader, follower = pty.openpty()
    command = [str(Path(sys.executable).with_name("qiao")), "check", "firms.csv", "--save-mapping", "m.yaml"]
    env = {**os.environ, "QIAO_POLICIES": str(POLICIES), "QIAO_LANGUAGE": "zh", "TERM": "dumb"}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=env,
        stdin=follower,
        stdout=follower,
        stderr=subprocess.STDOUT,
        close_fds=True,
    ) as running:
        os.close(follower)
        os.write(leader, "员工数吗\n职工总数\n".encode())
        said = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:  # the terminal is closed when the command ends
                break
            said += part
        assert running.wait() == 0, said.decode()
    assert "词表中没有“员工数吗”" in said.decode()
    assert "staff:" in (tmp_path / "m.yaml").read_text()


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
