"""A small fictional salon that shows every column: what `qiao meetings example` writes."""

from __future__ import annotations

from qiao.matching.mutual import Wish

from .book import SalonBook, Visitor

EXAMPLE = SalonBook(
    (
        Visitor(
            "示例 云瀚制造", "需方", "热轧产线的真实数据与现场",
            "热轧产线的数字孪生平台，能接入现有控制系统", frozenset({"数字孪生"}), frozenset({0, 1, 2}), 3,
            {"示例 孪境科技": Wish.MUST},
        ),
        Visitor("示例 星桥医院", "需方", "门诊场景和脱敏数据", "导诊用的数字人，会讲方言", frozenset({"数字人"})),
        Visitor(
            "示例 孪境科技", "供方", "工业数字孪生平台，做过三条产线", "愿意开放产线的制造企业",
            frozenset({"数字孪生"}), None, 4,
        ),
        Visitor("示例 声屿智能", "供方", "方言语音识别与数字人", "医院、银行的导览场景", frozenset({"数字人"})),
        Visitor(
            "示例 长汀资本", "投资", "天使轮到 A 轮，500 万至 3000 万元", "工业软件和数字人项目", frozenset(),
            frozenset({1, 2, 3}), None, {"示例 星桥医院": Wish.NO_THANKS},
        ),
    ),
    ("14:00—14:20", "14:25—14:45", "14:50—15:10", "15:15—15:35"),
    ("A 桌", "B 桌"),
    (("需方", "供方"), ("供方", "投资")),
)  # fmt: skip
