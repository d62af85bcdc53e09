"""`qiao packs check`: every mistake is named, in both languages, with the file and the line where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from qiao.eligibility import Library, PackError, check

FACTS = {
    "revenue": "type: money, period: year",
    "rd": "type: money, period: year",
    "staff": "type: count, unit: {zh: 人, en: persons}",
    "listed": "type: boolean",
    "award": "type: date, none: true",
    "industry": "type: code, of: gbt4754",
    "level": "type: category, values: {high: {zh: 高, en: high}, low: {zh: 低, en: low}}",
}
REST = "ask: {zh: 问, en: ask}, where: {zh: 处, en: there}, confirmed_by: [audit], change: slow"
VOCABULARY = "".join(f"{key}: {{zh: {key}, en: {key}, {what}, {REST}}}\n" for key, what in FACTS.items())
PACK = """\
id: t/one
title: {{zh: 甲, en: One}}
kind: recognition
issuer: {{zh: 某部, en: A ministry}}
document: {{number: 〔2024〕1号, title: 办法}}
in_force: {{from: 2024-01-01{until}}}
evidence: V
{extra}
clauses:
  - id: a
    cite: 第一条
    zh: 甲
    en: A
    is: {condition}
tests:
  - {{name: n, as_of: 2024-06-01, facts: {{}}, expect: unknown}}
"""


def folder(root: Path, *packs: str) -> Path:
    (root / "vocabulary").mkdir()
    (root / "codes").mkdir()
    (root / "t" / "packs").mkdir(parents=True)
    (root / "vocabulary" / "all.yaml").write_text(VOCABULARY)
    (root / "codes" / "gbt4754_2017.csv").write_text(
        "code,parent,name\nI,,信息\n65,I,软件\n651,65,软件开发\n"
    )
    for number, text in enumerate(packs):
        (root / "t" / "packs" / f"{number}.yaml").write_text(text)
    return root


def pack(condition: str = "staff >= 1", extra: str = "", until: str = "") -> str:
    return PACK.format(condition=f"'{condition}'", extra=extra, until=until)


def found(root: Path) -> list[tuple[str, int]]:
    return [(p.code, p.line) for p in check(root)]


def test_a_good_pack_has_no_problems(tmp_path: Path) -> None:
    assert found(folder(tmp_path, pack())) == []


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("turnover >= 5 万元", "unknown_fact"),
        ("revenue >= 500", "unit"),  # yuan or 万元? a number of money says its unit
        ("revenue >= 500 人", "unit"),
        ("revenue / staff >= 3%", "unit"),
        ("staff >= 3%", "unit"),
        ("revenue + staff >= 5 万元", "unit"),
        ("staff[2] >= 5", "no_years"),
        ("revenue[11] >= 5 万元", "far_year"),
        ("staff", "not_a_condition"),
        ("revenue + rd", "not_a_condition"),
        ("listed >= 1", "not_a_number"),
        ("not rd / revenue >= 5%", "ratio_under_not"),
        ("rd / 0 >= 5%", "zero"),
        ("industry in {99}", "unknown_code"),
        ("industry in nowhere", "unknown_list"),
        ("level in {middle}", "unknown_value"),
        ("staff in {65}", "not_a_code"),
        ("score(total) >= 60", "unknown_score"),
        ("qualifies(t/two)", "unknown_policy"),
        ("qualifies(t/one)", "cycle"),
        ("sum(0, revenue) >= 5 万元", "window"),
        ("within(staff, 3 年)", "not_a_day"),
        ("within(award, 3 万元)", "unit"),
        ("award <= 2024-01-01", "may_be_none"),  # a firm without an award would pass
        ("age(award) >= 2 年", "may_be_none"),
        ("covers(lines)", "unknown_table"),
        ("staff >= 5 and", "syntax"),
        ("staff >= 5 鱼", "unknown_unit"),
        ("exec(staff)", "unknown_function"),
        ("", "empty"),
        ("(" * 99 + "staff" + ")" * 99 + " >= 1", "syntax"),
        ("staff" + " + staff" * 200 + " >= 1", "syntax"),
        ("staff >= " + "-" * 5000, "syntax"),
    ],
)
def test_a_mistake_in_an_expression_is_named_with_its_line(tmp_path: Path, condition: str, code: str) -> None:
    (problem, *_) = check(folder(tmp_path, pack(condition)))
    assert (problem.code, problem.line) == (code, 14), problem
    assert problem.zh != problem.en


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("    cite: 第一条\n", "", "missing_citation", 10),
        ("    en: A\n", "", "missing_text", 10),
        ("kind: recognition", "kind: present", "bad_kind", 3),
        ("evidence: V", "evidence: X", "bad_evidence", 7),
        ("from: 2024-01-01", "from: 2024-02-30", "bad_date", 6),
        ("evidence: V", "evidence: V\ncolour: red", "unknown_key", 8),
        ("id: t/one", "id: One", "bad_id", 1),
        ("title: {zh: 甲, en: One}", "title: {zh: 甲}", "missing_text", 2),
        ("evidence: V", "evidence: V\nevidence: S", "duplicate_key", 8),
        ("expect: unknown", "expect: perhaps", "bad_expectation", 16),
    ],
)
def test_a_mistake_in_the_shape_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, code: str, line: int
) -> None:
    text = pack()
    assert old in text
    assert (code, line) in found(folder(tmp_path, text.replace(old, new)))


def test_versions_may_not_overlap(tmp_path: Path) -> None:
    """On any day a policy has one text."""
    later = pack().replace("from: 2024-01-01", "from: 2025-01-01").replace("2024-06-01", "2025-06-01")
    root = folder(tmp_path, pack(until=", until: 2025-01-01"), later)
    assert [c for c, _ in found(root)] == ["dates_overlap"]
    (root / "t/packs/0.yaml").write_text(pack(until=", until: 2024-12-31"))
    assert found(root) == []


def test_bands_that_are_never_reached_are_found(tmp_path: Path) -> None:
    score = """scores:
  total:
    zh: 分
    en: score
    items:
      - {id: i, zh: 甲, en: a, cite: 一, max: 9, of: staff, bands: {">= 5": 5, ">= 10": 9, else: 0}}"""
    assert ("unreachable_band", 13) in found(folder(tmp_path, pack("score(total) >= 5", score)))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    broken = pack("turnover >= 5").replace("    cite: 第一条\n", "").replace("evidence: V", "evidence: X")
    assert {c for c, _ in found(folder(tmp_path, broken))} >= {"missing_citation", "bad_evidence"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "id: [",
        "a: &x [*x]",
        "\x00",
        "id: " + "[" * 5000,
        "!!python/object/apply:os.system ['true']",
        "é" * 10,
    ],
)
def test_a_file_that_is_no_pack_is_a_problem_and_no_crash(tmp_path: Path, text: str) -> None:
    assert check(folder(tmp_path, text))


def test_a_library_with_a_mistake_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        Library.load(folder(tmp_path, pack().replace("cite: 第一条", "x: y")))
    assert {p.code for p in refused.value.problems} == {"missing_citation", "unknown_key"}
