"""Proposals as members write them, in the layouts of forms, tables and free text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qiao.letters.reading import ProposalReading, Wishes, read_proposal
from qiao.letters.reading.proposal import part_heading
from qiao.letters.reading.wishes import read_consent

FILES = {path.stem: path for path in sorted((Path(__file__).parents[3] / "data" / "proposals").glob("*.txt"))}


def reading(name: str) -> ProposalReading:
    return read_proposal(FILES[name].read_text(encoding="utf-8"))


EXPECTED: dict[str, dict[str, Any]] = {
    "01-form": {
        "title": "关于加快元宇宙创新能力建设的提案", "people": ["委员甲", "委员乙", "委员丙"], "category": "科技创新",
        "suggestions": 3,
    },
    "02-free-text": {"title": "关于推动算力普惠的建议", "people": ["委员甲", "委员乙"], "suggestions": 3},
    "03-therefore": {"title": "关于优化园区通勤的提案", "people": ["委员甲", "委员乙"], "suggestions": 2},
    "04-table": {
        "title": "关于加强知识产权保护的提案", "people": ["委员甲", "委员乙", "委员丙"], "category": "法治建设",
        "suggestions": 2,
    },
    "05-collective": {
        "title": "关于完善科技金融服务的集体提案", "people": [], "collective": "民建某区委", "category": "财政金融",
        "contact": "联系人甲", "suggestions": 2,
    },
    "06-inline-labels": {"people": ["委员甲", "委员乙"], "category": "科教文卫", "suggestions": 2},
    "07-numbered-collective-under-title": {
        "people": [], "collective": "民盟某区委", "suggestions": 2, "notices": ["no_contact"],
    },
    "08-merged-parts": {"people": ["委员甲"], "suggestions": 2, "notices": ["merged_parts"]},
    "09-missing-parts": {
        "people": ["委员甲"], "suggestions": 1, "missing": ("background", "problem"),
        "notices": ["missing_background", "missing_problem"],
    },
    "10-long-parts": {
        "title": "关于发展低空经济的提案", "people": ["委员甲", "委员乙", "委员丙", "委员丁"], "category": "经济建设",
        "suggestions": 2,
    },
    "11-office-form": {
        "title": "关于在口袋公园设置智能灌溉系统的提案", "people": ["委员甲", "委员乙", "委员丙", "委员丁"],
        "suggestions": 2,
    },
    "12-case-reason": {
        "title": "关于推进商务楼宇充电设施建设的提案", "people": ["委员乙", "委员甲"], "suggestions": 2,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_layout(name: str) -> None:
    wanted, found = EXPECTED[name], reading(name)
    assert found.title is not None
    assert found.title.value == wanted.get("title", found.title.value)
    assert [person.value for person in found.proposers + found.cosigners] == wanted["people"]
    assert len(found.proposers) == (1 if wanted["people"] else 0)
    assert (found.collective.value if found.collective else None) == wanted.get("collective")
    assert (found.category.value if found.category else None) == wanted.get("category")
    assert len(found.suggestions) == wanted["suggestions"]
    assert found.missing == wanted.get("missing", ())
    assert [notice.code for notice in found.notices] == wanted.get("notices", [])
    if "contact" in wanted:
        assert found.contact["contact_name"].value == wanted["contact"]


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_in_some_place(name: str) -> None:
    found = reading(name)
    spans = [part.at for part in found.parts.values()]
    spans += [x.at for x in (*found.other, *found.fields, *found.proposers, *found.cosigners)]
    spans += [x.at for x in (found.title, found.collective) if x]
    covered = {n for at in spans for n in range(at.first, at.last + 1)}
    assert {line.at.first for line in found.lines} <= covered


def test_the_parts_hold_their_words() -> None:
    found = reading("01-form")
    assert found.parts["background"].text.splitlines() == [
        "元宇宙是数字经济的新方向。我区已有相关企业180家。",
        "近年来产业发展较快。",
    ]
    assert found.parts["problem"].heading == "二、问题及分析"
    assert found.suggestions[0].value == "（一）开放应用场景。每年发布场景清单。\n由区科委牵头。"
    assert (found.suggestions[0].at.first, found.suggestions[0].at.last) == (16, 17)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("一、背景情况", ("background",)), ("现状：", ("background",)), ("（一）基本情况", ("background",)),
        ("【提案背景】", ("background",)), ("二、存在的主要问题", ("problem",)), ("问题及分析", ("problem",)),
        ("2.问题分析", ("problem",)), ("面临的困难", ("problem",)), ("当前存在的问题和不足", ("problem",)),
        ("三、对策建议", ("suggestion",)), ("意见和建议", ("suggestion",)), ("具体建议如下：", ("suggestion",)),
        ("为此，建议：", ("suggestion",)), ("为此，我们提出以下几点建议。", ("suggestion",)),
        ("【情况】", ("background",)), ("方案：", ("suggestion",)),
        ("现状及存在的问题", ("background", "problem")), ("一、基本情况与主要问题", ("background", "problem")),
        ("建议设立专项资金。", None), ("问题不在于数量而在于质量", None), ("背景音乐", None),
        ("关于加强现状调研的建议", None),
    ],
)  # fmt: skip
def test_heading_wordings(line: str, parts: tuple[str, ...] | None) -> None:
    found = part_heading(line)
    assert (found[0] if found else None) == parts


def test_an_empty_text_is_all_missing() -> None:
    found = read_proposal("")
    assert found.missing == ("background", "problem", "suggestion")
    assert {"no_title", "no_proposer"} <= {notice.code for notice in found.notices}


def test_what_the_proposer_wishes() -> None:
    assert reading("11-office-form").wishes == Wishes(
        False, "涉及尚未决定的事项", "区绿化市容局", "区科委、区水务中心"
    )
    assert reading("02-free-text").wishes == Wishes()


def test_what_the_office_fills_in_is_no_suggestion() -> None:
    found = reading("11-office-form")
    assert found.suggestions[-1].value == "2、总结后推广。"
    assert [line.value for line in found.other][-1].startswith("提案委审查意见")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("是", True), ("否", False), ("同意", True), ("不同意", False), ("不公开", False), ("☑是 □否", True),
        ("□是 ☑否", False), ("是□ 否☑", False), ("是（√） 否（ ）", True), ("√同意 不同意", True), ("是 否", None),
        ("□是 □否", None), ("", None), ("请选择", None),
    ],
)  # fmt: skip
def test_consent(words: str, meant: bool | None) -> None:
    assert read_consent(words) is meant
