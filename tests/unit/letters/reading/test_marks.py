"""Figures, promises and personal data: on the seed all of them, elsewhere few false ones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from qiao.letters.model import Heading, Letter, Paragraph, Text
from qiao.letters.reading import find_figures, find_personal, find_promises, read_reply
from qiao.letters.reading.reply import block_text

SEED = (Path(__file__).parents[3] / "data" / "reply-065.txt").read_text(encoding="utf-8")


def test_the_figures_of_the_seed_all_and_no_others() -> None:
    found = [
        (m.text.replace(" ", ""), m.kind, m.value, m.unit, m.qualifier, m.normal) for m in find_figures(SEED)
    ]
    assert found == [
        ("6100余家", "quantity", Decimal(6100), "家", "余", Decimal(6100)),
        ("近310亿元", "quantity", Decimal(310), "亿元", "近", Decimal(31_000_000_000)),
        ("约18%", "share", Decimal(18), "%", "约", Decimal(18)),
        ("超55%", "share", Decimal(55), "%", "超", Decimal(55)),
        ("61%", "share", Decimal(61), "%", None, Decimal(61)),
        ("位居全市前列", "rank", None, "位", None, None),
        ("亿元以上", "quantity", Decimal(1), "亿元", "以上", Decimal(100_000_000)),
        ("29个", "quantity", Decimal(29), "个", None, Decimal(29)),
        ("位居全市第一", "rank", Decimal(1), "位", None, Decimal(1)),
        ("7个", "quantity", Decimal(7), "个", None, Decimal(7)),
        ("5个", "quantity", Decimal(5), "个", None, Decimal(5)),
        ("20余场", "quantity", Decimal(20), "场", "余", Decimal(20)),
        ("两场", "quantity", Decimal(2), "场", None, Decimal(2)),
        ("520家", "quantity", Decimal(520), "家", None, Decimal(520)),
        ("180家", "quantity", Decimal(180), "家", None, Decimal(180)),
    ]


def test_period_direction_and_basis_on_the_seed() -> None:
    marks = {mark.text.replace(" ", ""): mark for mark in find_figures(SEED)}
    assert marks["约18%"].direction == "up" and marks["约18%"].basis == "同比"
    assert marks["约18%"].looseness == "about"
    assert marks["近310亿元"].period == "2023年"
    assert marks["20余场"].period == "2021年以来"
    assert marks["位居全市第一"].scope == "全市"
    assert marks["近310亿元"].normal_unit == "元"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("不少于50家企业", [("50", "家", "at_least")]),
        ("总面积1.2万平方米", [("1.2", "万平方米", None)]),
        ("3.5万余人次", [("3.5", "万人次", "over")]),
        ("300多亿元", [("300", "亿元", "over")]),
        ("１２个项目", [("12", "个", None)]),
        ("1,234.5万元", [("1234.5", "万元", None)]),
        ("百分之三十五点五", [("35.5", "%", None)]),
        ("下降2.3个百分点", [("2.3", "个百分点", None)]),
        ("近九成企业", [("9", "成", "almost")]),
        ("十余家单位", [("10", "家", "over")]),
        ("培育3—5家企业", [("3", "家", None)]),
        ("50%左右", [("50", "%", "about")]),
        ("百亿级产业集群", [("1", "百亿", "about")]),
        ("上百家企业", [("100", "家", "over")]),
        ("排名全国第3位", [("3", "位", None)]),
        ("跻身全市前十", [("10", "位", None)]),
        ("全国首个平台", [("1", "位", None)]),
        ("用户超过100万，", [("100", "万", "over")]),
        ("最高200万元的奖励", [("200", "万元", "at_most")]),
        ("占三分之一", [("33.33", "%", None)]),
        ("产值翻两番", [("4", "倍", None)]),
        ("同比下降1.2%，规模居中心城区第三位", [("1.2", "%", None), ("3", "位", None)]),
        ("第一季度完成3个，“十四五”期间新增绿地12公顷", [("3", "个", None), ("12", "公顷", None)]),
        ("地铁2号线、15分钟生活圈、5G基站3200余个", [("15", "分钟", None), ("3200", "个", "over")]),
    ],
)
def test_figures_in_other_words(text: str, wanted: list[tuple[str, str, str | None]]) -> None:
    found = find_figures(text)
    assert [(str(m.value), m.unit, m.looseness) for m in found] == wanted


def test_a_range_has_both_ends() -> None:
    (mark,) = find_figures("培育3—5家企业")
    assert (mark.value, mark.upper) == (Decimal(3), Decimal(5))


@pytest.mark.parametrize(
    "text",
    [
        "2024年4月30日", "第十五届三次会议第065号提案", "一、加强顶层设计", "（一）依托创新平台", "1.项目建设",
        "杨发改投〔2024〕14号", "邮政编码：200050", "联系电话：021-00000000", "安西路35号", "“3320”战略",
        "《行动方案（2022—2025）》", "《2023元宇宙降本增效赋能白皮书》", "集聚一批企业", "新一轮科技革命",
        "百家争鸣", "三位一体", "两个维护", "一网通办",
        "第三次会议", "5G网络", "第3条", "全市第一批试点", "第 5 项", "二是完善机制",
        "四个方面", "千方百计", "十四五规划", "一是建立台账",
    ],
)  # fmt: skip
def test_what_is_not_a_figure(text: str) -> None:
    assert find_figures(text) == []


def test_the_promises_of_the_seed() -> None:
    found = find_promises(SEED)
    assert [(mark.verb, mark.measure.code) for mark in found] == [
        ("支持", "bodies"), ("支持", "bodies"), ("设立", "bases"), ("拓展", "events"), ("打造", "milestone"),
        ("培育", "firms"), ("推进", "milestone"), ("打造", "scenarios"), ("举办", "events"), ("培育", "firms"),
        ("深化", "milestone"), ("打造", "milestone"),
    ]  # fmt: skip
    assert found[2].object == "硕博士创新实践基地"
    assert found[6].object == "“中山公园——元宇宙公园”等重点产业项目建设"
    for mark in found:
        assert SEED[mark.start : mark.end] == mark.text
    assert len(find_promises(SEED, soft=True)) > len(found)


def test_the_promises_of_a_letter_point_into_its_blocks() -> None:
    letter = read_reply(SEED).letter
    found = find_promises(letter)
    assert [mark.text for mark in found] == [mark.text for mark in find_promises(SEED)]
    for mark in found:
        assert mark.block is not None
        assert block_text(letter.blocks[mark.block])[mark.start : mark.end] == mark.text


def test_dates_and_targets_of_promises() -> None:
    text = (
        "下一步，我局将于2025年底前新增20家示范企业，并力争年内出台《管理办法》。"
        "我们将您的建议纳入明年实事项目。已建成5个点位，今年将继续新建10个。9月底前完成改造。"
    )
    found = find_promises(text, year=2024)
    assert [(mark.verb, mark.due_text, mark.due) for mark in found] == [
        ("新增", "2025年底前", dt.date(2025, 12, 31)),
        ("出台", "年内", dt.date(2024, 12, 31)),
        ("纳入", "明年", dt.date(2025, 12, 31)),
        ("新建", "今年", dt.date(2024, 12, 31)),
        ("完成", "9月底前", dt.date(2024, 9, 30)),
    ]
    assert (found[0].measure.code, found[0].measure.target) == ("firms", Decimal(20))
    assert find_promises(text)[1].due is None


@pytest.mark.parametrize(
    "text",
    [
        "我区将元宇宙作为重点产业，纳入支持范围。", "现将办理情况答复如下：", "今年的报告提出，要深化研发应用。",
        "已建成平台5个。", "曾计划建设三期工程。",
        "推进了试点建设。", "截至2023年底，总量达到5000套。", "一、下一步工作\n开展了调研。",
    ],
)  # fmt: skip
def test_what_is_not_a_promise(text: str) -> None:
    assert find_promises(text) == []


def test_numbered_joint_and_aimed_undertakings() -> None:
    text = (
        "二、下一步打算\n一是持续推进公寓建设。力争到2025年底，供应总量达到5000套。"
        "二是会同区房管局研究制定管理办法，预计今年9月底前出台。三是加强宣传。"
    )
    assert [(m.verb, m.due, m.measure.target) for m in find_promises(text, year=2024)] == [
        ("推进", None, None),
        ("达到", dt.date(2025, 12, 31), Decimal(5000)),
        ("制定", None, None),
        ("出台", dt.date(2024, 9, 30), None),
    ]


def test_a_section_on_next_steps_ends_with_the_next_section() -> None:
    text = "一、下一步工作\n设立基地。\n二、概况\n建设平台。\n"
    assert [mark.text for mark in find_promises(text)] == ["设立基地"]


@pytest.mark.parametrize(
    ("paragraph", "wanted"),
    [
        ("（一）2027年底前在10个老旧小区完成试点建设。", "2027年底前在10个老旧小区完成试点建设"),
        ("1、争取三年内实现全覆盖。", "争取三年内实现全覆盖"),
        ("设立基地。", "设立基地"),
    ],
)
def test_a_number_before_a_promise_is_no_part_of_it(paragraph: str, wanted: str) -> None:
    blocks = (Heading(1, "三、下一步工作"), Paragraph((Text(paragraph),)))
    (mark,) = find_promises(Letter(form="reply_sheet", title_lines=(), blocks=blocks))
    assert (mark.text, paragraph[mark.start : mark.end]) == (wanted, wanted)


def test_personal_data_of_the_seed() -> None:
    assert [(mark.text, mark.what) for mark in find_personal(SEED)] == [
        ("签发人甲", "name"), ("联系人甲", "name"), ("00000000", "phone"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("手机13800000000。", [("13800000000", "phone", "phone", True)]),
        ("（021）00000000", [("（021）00000000", "phone", "phone", False)]),
        ("电话：021-0000 0000", [("021-0000 0000", "phone", "phone", True)]),
        ("身份证11010519491231002X", [("11010519491231002X", "other", "id_number", True)]),
        ("身份证110105194912310021", [("110105194912310021", "other", "id_number", False)]),
        ("邮箱 jia@example.org，", [("jia@example.org", "other", "email", True)]),
        ("家庭住址：某路1号", [("某路1号", "address", "home_address", True)]),
        ("提案人：委员甲、委员乙", [("委员甲", "name", "name", True), ("委员乙", "name", "name", True)]),
        ("甲某某、乙某委员：", [("甲某某", "name", "member", True), ("乙某", "name", "member", True)]),
        ("索取号 AB2024000000120240430", []),
        ("信用代码91310105MA1FW00000", []),
        ("联系人：区政府办公室", []),
        ("2024年4月30日，邮编200050，310亿元", []),
    ],
)
def test_personal_data(text: str, wanted: list[tuple[str, str, str, bool]]) -> None:
    assert [(m.text, m.kind, m.what, m.sure) for m in find_personal(text)] == wanted
