"""Tables as people keep them: Chinese headers, 万元, %, years; a cell that cannot be read is said, not guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qiao.eligibility import Library, Ref, Vocabulary
from qiao.eligibility.checking import facts_on
from qiao.eligibility.reading import Firms, Mapping, TableError, doubts, guess, read_firms, read_table

POLICIES = Path(__file__).parents[3] / "policies"
YI, WAN = 10**10, 10**6  # fen


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Library.load(POLICIES).vocabulary


def csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "firms.csv"
    path.write_bytes(text.encode(encoding))
    return path


def firms(path: Path, vocabulary: Vocabulary) -> Firms:
    table = read_table(path)
    return read_firms(table, guess(table.headers, vocabulary), vocabulary)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headers_units_and_writing(tmp_path: Path, vocabulary: Vocabulary, encoding: str) -> None:
    text = (
        "2024年企业情况表\n"
        "企业名称,营业收入（万元）,研发费用,职工总数,成立日期,主营业务所属行业\n"
        '甲公司,"12,345.6",１２０万元,80,2019年5月1日,6513\n'
        "乙公司,3 亿元,-,１２人,2020/1/2,软件开发\n"
    )
    found = firms(csv(tmp_path, text, encoding), vocabulary)
    first, second = found.firms
    assert (first.name, first.facts["revenue"]) == ("甲公司", 123_456_000_00)
    assert (first.facts["rd_expense"], first.facts["staff"]) == (120 * WAN, 80)
    assert (second.facts["revenue"], second.facts["staff"]) == (3 * YI, 12)
    assert "rd_expense" not in second.facts  # a dash is “unknown”, never 0
    assert found.problems == []
    tree = vocabulary.trees["gbt4754"]
    assert tree.codes[first.facts["industry"]] == "6513"
    assert tree.codes[second.facts["industry"]] == "651"


def test_years_in_headers_and_in_rows_mean_the_same(tmp_path: Path, vocabulary: Vocabulary) -> None:
    wide = firms(csv(tmp_path, "名称,2023年营业收入,营业收入2024\n甲,100,200\n"), vocabulary)
    long = firms(csv(tmp_path, "名称,年度,营业收入\n甲,2023,100\n甲,2024,200\n"), vocabulary)
    for found in (wide, long):
        (firm,) = found.firms
        assert firm.facts == {"revenue@2023": 100_00, "revenue@2024": 200_00}
    assert long.firms[0].years == [2023, 2024]
    on = facts_on(long.firms[0], dt.date(2025, 6, 1))
    assert on == {Ref("revenue", 1): 200_00, Ref("revenue", 2): 100_00}


def test_a_workbook_with_titles_above_its_header(tmp_path: Path, vocabulary: Vocabulary) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["长宁区企业情况"],
        [],
        ["企业名称", "职工总数", "成立日期"],
        ["甲", 80, dt.date(2019, 5, 1)],
    ):
        sheet.append(row)
    book.save(tmp_path / "f.xlsx")
    (firm,) = firms(tmp_path / "f.xlsx", vocabulary).firms
    assert firm.facts == {"staff": 80, "founded": (dt.date(2019, 5, 1) - dt.date(1970, 1, 1)).days}


def test_parquet(tmp_path: Path, vocabulary: Vocabulary) -> None:
    pq.write_table(pa.table({"name": ["甲"], "revenue": [1.5e8], "listed": [True]}), tmp_path / "f.parquet")
    (firm,) = firms(tmp_path / "f.parquet", vocabulary).firms
    assert firm.facts == {"revenue": 150_000_000_00, "listed": 1}


def test_a_cell_that_cannot_be_read_is_named_and_unknown(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = firms(csv(tmp_path, "名称,职工总数,营业收入\n甲,八十,1亿元\n乙,3.5,-5万元\n"), vocabulary)
    assert [p.place for p in found.problems] == ["B2", "B3", "C3"]
    assert found.problems[0].zh == "B2：“职工总数”的值“八十”无法识别"
    assert "B2" in found.problems[0].en
    assert found.firms[1].facts == {}
    assert found.firms[0].facts == {"revenue": YI}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"rd_expense@2024": 2, "revenue@2024": 1}, "part_above_whole"),
        ({"rd_staff@2024": 81, "staff@2024": 80}, "part_above_whole"),
        ({"revenue@2023": 10, "revenue@2024": 100}, "jump"),
        ({"revenue@2023": 100, "revenue@2024": 10}, "jump"),
    ],
)
def test_facts_that_do_not_fit_are_doubted(vocabulary: Vocabulary, facts: dict[str, int], code: str) -> None:
    (doubt,) = doubts(facts, vocabulary)
    assert doubt.code == code
    assert set(doubt.keys) == set(facts)


def test_facts_that_fit_are_not_doubted(vocabulary: Vocabulary) -> None:
    facts = {"rd_expense@2024": 1, "revenue@2024": 1, "revenue@2023": 9, "staff@2024": 0, "staff@2023": 5}
    assert list(doubts(facts, vocabulary)) == []


def test_a_mapping_is_written_and_read_again(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = csv(tmp_path, "代号,公司简称,流动资产,长期资产,人数,年份\n1,甲,100,50,0,2024\n")
    table = read_table(path)
    file = tmp_path / "mapping.yaml"
    file.write_text(
        "id: 代号\nname: 公司简称\nyear: 年份\nfacts:\n"
        "  assets: {add: [流动资产, 长期资产], unit: 万元}\n  staff: {column: 人数, zero: unknown}\n"
    )
    mapping = Mapping.load(file, table.headers, vocabulary)
    (firm,) = read_firms(table, mapping, vocabulary).firms
    assert firm.facts == {"assets@2024": 150 * WAN}  # 0 persons means “not found” in this file
    file.write_text(mapping.dump())
    assert Mapping.load(file, table.headers, vocabulary) == mapping


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("facts: {turnover: {column: 人数}}", "turnover"),
        ("facts: {staff: {column: 人数量}}", "人数"),  # the nearest column is offered
        ("facts: [1]", "facts"),
        ("a: [", "YAML"),
    ],
)
def test_a_wrong_mapping_says_where(tmp_path: Path, vocabulary: Vocabulary, text: str, said: str) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(text)
    with pytest.raises(TableError) as refused:
        Mapping.load(file, ["人数"], vocabulary)
    assert said in refused.value.zh
    assert "mapping.yaml" in refused.value.zh


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("f.csv", b""),
        ("f.csv", b"1,2\n3,4\n"),
        ("f.csv", b"name,staff\n"),
        ("f.csv", b"a\0b,c\n1,2\n"),
        ("f.csv", b"\xff\xfe\xff\xff"),
        ("f.xlsx", b"PK\x03\x04broken"),
        ("f.xlsx", b"not a workbook"),
        ("f.parquet", b"PAR1nothing"),
        ("f.csv.gz", b"not gzip"),
        ("f.pdf", b"%PDF"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(TableError) as refused:
        read_table(tmp_path / name)
    assert name in refused.value.zh
    assert name in refused.value.en


def test_a_table_without_any_known_column_is_refused(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with pytest.raises(TableError, match="mapping"):
        firms(csv(tmp_path, "天气,心情\n晴,好\n"), vocabulary)
