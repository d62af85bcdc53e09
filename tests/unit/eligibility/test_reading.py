"""Tables as people keep them: Chinese headers, 万元, %, years; a cell that cannot be read is said, not guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    on = facts_on(long.firms[0], dt.date(2025, 6, 1), vocabulary)
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


def workbook(folder: Path, *rows: list[Any], percent: str = "") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if percent:
        sheet[percent].number_format = "0.0%"
    book.save(folder / "f.xlsx")
    return folder / "f.xlsx"


def test_a_unit_above_the_table_holds_for_amounts_without_one(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = workbook(
        tmp_path,
        ["企业情况表", None, "（金额单位：人民币万元）"],
        ["企业名称", "营业收入", "研发费用（元）", "职工总数", "资产总额"],
        ["甲", 3000, 500000, 80, "1.2 亿元"],
    )
    (firm,) = firms(path, vocabulary).firms
    assert firm.facts == {
        "revenue": 3000 * WAN, "rd_expense": 50 * WAN, "staff": 80, "assets": 12_000 * WAN
    }  # fmt: skip


def test_headers_of_two_rows(tmp_path: Path, vocabulary: Vocabulary) -> None:
    years = workbook(
        tmp_path,
        ["企业名称", "营业收入（万元）", None, "职工总数", None],
        [None, "2023年", "2024年", 2023, 2024],
        ["甲", 1, 2, 3, 4],
    )
    (firm,) = firms(years, vocabulary).firms
    assert firm.facts == {
        "revenue@2023": WAN, "revenue@2024": 2 * WAN, "staff@2023": 3, "staff@2024": 4
    }  # fmt: skip
    units = workbook(tmp_path, ["企业名称", "营业收入", "职工总数"], [None, "万元", "人"], ["甲", 5, 6])
    (firm,) = firms(units, vocabulary).firms
    assert firm.facts == {"revenue": 5 * WAN, "staff": 6}


def test_cells_shown_as_percentages(tmp_path: Path, vocabulary: Vocabulary) -> None:
    key = next(f for f in vocabulary.facts.values() if f.type == "share" and not f.yearly)
    head = ["名称", f"{key.label.zh}（%）", "职工总数"]
    for value, percent in ((0.125, "B2"), (12.5, "")):
        (firm,) = firms(workbook(tmp_path, head, ["甲", value, 1], percent=percent), vocabulary).firms
        assert firm.facts[key.key] == 125_000


@pytest.mark.parametrize("written", [43586, "43586", "2019年5月1日", "２０１９/5/1", "20190501", "2019.5.1"])
def test_days_as_people_and_spreadsheets_write_them(
    tmp_path: Path, vocabulary: Vocabulary, written: object
) -> None:
    (firm,) = firms(workbook(tmp_path, ["名称", "成立日期"], ["甲", written]), vocabulary).firms
    assert firm.facts == {"founded": (dt.date(2019, 5, 1) - dt.date(1970, 1, 1)).days}


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("(1,234.5)", -1234_50),
        ("（100）万元", -100 * WAN),
        ("人民币 500万元", 500 * WAN),
        ("500 万元人民币", 500 * WAN),
        ("￥1，000", 1000_00),
        ("３．５亿", 35 * YI // 10),
    ],
)
def test_amounts_as_people_write_them(tmp_path: Path, vocabulary: Vocabulary, written: str, fen: int) -> None:
    (firm,) = firms(workbook(tmp_path, ["名称", "净利润"], ["甲", written]), vocabulary).firms
    assert firm.facts == {"net_profit": fen}


def test_dollars_are_not_yuan(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = firms(workbook(tmp_path, ["名称", "营业收入"], ["甲", "500 万美元"]), vocabulary)
    assert found.firms[0].facts == {}
    assert [p.place for p in found.problems] == ["B2"]


def test_places_hold_after_blank_rows_and_totals_are_no_firms(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = workbook(
        tmp_path, ["企业名称", "职工总数"], ["甲", 1], [], ["乙", "很多"], ["合计", 99], ["甲", 2]
    )
    found = firms(path, vocabulary)
    assert [f.name for f in found.firms] == ["甲", "乙", "甲"]
    assert [p.en for p in found.problems] == [
        "B4: “Staff”: cannot read “很多”",
        "A5: the row “合计” is no firm and was left out",
        "A6: “甲” stands in A2 too",
    ]


def test_rows_for_years_under_merged_names_and_twice(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = workbook(
        tmp_path,
        ["企业名称", "年度", "职工总数"],
        ["甲", 2023, 1], [None, "２０２４年度", 2], ["乙", 2024, 3], ["乙", 2024, 4], ["乙", "去年", 5],
    )  # fmt: skip
    found = firms(path, vocabulary)
    assert [f.facts for f in found.firms] == [{"staff@2023": 1, "staff@2024": 2}, {"staff@2024": 3}]
    assert [p.place for p in found.problems] == ["B5", "B6"]


def test_two_columns_of_one_name_and_other_sheets_are_said(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = workbook(tmp_path, ["企业名称", "职工总数", "职工总数"], ["甲", 1, 2])
    book = openpyxl.load_workbook(path)
    book.create_sheet("说明")
    book.save(path)
    table = read_table(path)
    assert table.others == ("说明",)
    mapping = guess(table.headers, vocabulary)
    assert mapping.unused == ("职工总数 #2",)
    assert read_firms(table, mapping, vocabulary).firms[0].facts == {"staff": 1}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("名称\t营业收入\n甲\t1,234,567\n乙\t2,345,678\n", "utf-8"),
        ("名称;营业收入\n甲;1,234,567\n", "utf-8"),
        ('名称,营业收入\n甲,"1,234,567"\n', "utf-16"),
    ],
)
def test_separators_beside_thousands(
    tmp_path: Path, vocabulary: Vocabulary, text: str, encoding: str
) -> None:
    assert firms(csv(tmp_path, text, encoding), vocabulary).firms[0].facts == {"revenue": 123456700}


@pytest.mark.parametrize(
    ("header", "fen"),
    [
        ("revenue[2]", 100),
        ("Revenue (RMB million)", 10**8),
        ("revenue@2024", 100),
        ("Operating revenue (10k yuan)", WAN),
    ],
)
def test_english_headers(tmp_path: Path, vocabulary: Vocabulary, header: str, fen: int) -> None:
    header = header.replace("Revenue", vocabulary["revenue"].label.en)
    (firm,) = firms(csv(tmp_path, f"Name,{header}\nA,1\n"), vocabulary).firms
    assert list(firm.facts.values()) == [fen]


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
        ("facts: {staff@20x: {column: 人数}}", "staff@20x"),
        ("facts: {founded@2020: {column: 人数}}", "founded@2020"),
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


def test_a_byte_that_is_no_character_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("名称,职工总数\n甲,1\n".encode() + b"\xff\xff,2\n")
    with pytest.raises(TableError) as refused:
        read_table(path)
    assert "第 3 行" in refused.value.zh
    assert "line 3" in refused.value.en


def test_a_table_without_any_known_column_is_refused(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with pytest.raises(TableError, match="mapping"):
        firms(csv(tmp_path, "天气,心情\n晴,好\n"), vocabulary)


@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(["xlsx", "parquet", "csv"]),
    damage=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=9)), min_size=1, max_size=5
    ),
)
def test_damaged_files_are_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory,
    vocabulary: Vocabulary,
    kind: str,
    damage: list[tuple[float, int, bytes]],
) -> None:
    """Bytes changed, cut out and put in: never an error of a library underneath."""
    folder = tmp_path_factory.mktemp("damaged")
    path = folder / f"f.{kind}"
    if kind == "xlsx":
        workbook(folder, ["名称", "职工总数", "年度"], ["甲", 1, 2023], ["乙", "2人", 2023])
    elif kind == "parquet":
        pq.write_table(pa.table({"name": ["甲"], "revenue": [1.5e8], "listed": [True]}), path)
    else:
        path.write_text('名称,职工总数\n甲,1\n"乙\n丙",2\n')
    content = bytearray(path.read_bytes())
    for where, cut, put in damage:
        at = int(where * len(content))
        content[at : at + cut] = put
    path.write_bytes(content)
    try:
        found = firms(path, vocabulary)
    except TableError as refused:
        assert refused.zh
        assert refused.en
    else:
        assert all(list(doubts(firm.facts, vocabulary)) is not None for firm in found.firms)
