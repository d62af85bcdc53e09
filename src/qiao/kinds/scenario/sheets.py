"""What scenarios, challenges, bids and agreements say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qiao.kinds.sheets import ACCEPTED, Entry, register_sheet
from qiao.kinds.shelf.listing import FIELDS, TECHNOLOGIES, TITLE

INDICATORS = Entry(
    "indicators",
    _("可测量的指标"),
    "rows",
    True,
    columns=(
        Entry("name", _("指标"), "line", True),
        Entry("target", _("目标值"), "line", True),
        Entry("method", _("怎样测量"), "line"),
    ),
    help=_("每项写明目标值；验收时逐项对照。"),
)
BUDGET_LOW = Entry("budget_low", _("预算下限（万元）"), "amount")
BUDGET_HIGH = Entry("budget_high", _("预算上限（万元）"), "amount")
MILESTONES = Entry(
    "milestones",
    _("里程碑"),
    "rows",
    True,
    columns=(
        Entry("name", _("内容"), "line", True),
        Entry("due", _("完成日期"), "day", True),
        Entry("evidence", _("证明方式"), "choice", of="evidence"),
    ),
)

SCENARIO = (
    TITLE,
    Entry("problem", _("要解决的问题与目标"), "text", True),
    Entry("site", _("实施地点"), "line", True),
    Entry("subdistrict", _("所在街镇"), "choice", True, of="subdistrict"),
    Entry("conditions", _("开放的现场条件"), "text", True, help=_("场地、设备、网络、配合人员。")),
    Entry("data", _("可以提供的数据及依据"), "text"),
    Entry("users", _("服务对象和规模"), "line"),
    FIELDS,
    TECHNOLOGIES,
    Entry("money_mode", _("资金方式"), "choice", True, of="money_mode"),
    BUDGET_LOW,
    BUDGET_HIGH,
    INDICATORS,
    Entry("safety", _("安全、隐私与合规要求"), "text"),
    Entry("until", _("希望建成日期"), "day"),
    Entry("person", _("责任人和联系方式"), "line", True, ACCEPTED, help=_("不公开，供主管部门联系。")),
)
TERMS = (
    Entry("task", _("榜单任务"), "text", True),
    INDICATORS,
    Entry(
        "bidders",
        _("揭榜条件"),
        "text",
        True,
        help=_("逐项写明，不设规模门槛；不得使用“等其他条件”一类兜底条款。"),
    ),
    Entry("offer", _("场景主体提供的条件"), "text", True),
    Entry("money_mode", _("资金方式"), "choice", True, of="money_mode"),
    BUDGET_LOW,
    BUDGET_HIGH,
    Entry("ip", _("知识产权归属"), "line", True),
    Entry("exit", _("退出与终止"), "text"),
    Entry("until", _("揭榜截止日期"), "day", True, help=_("当日二十四时截止，之后开封。")),
    Entry(
        "winners",
        _("中榜数量"),
        "whole",
        True,
        least=1,
        most=5,
        help=_("多于一个即为赛马，由多个方案并行试点。"),
    ),
    Entry("experts", _("每个方案的评分专家人数"), "whole", True, least=1, most=15),
    Entry("drop_extremes", _("去掉一个最高分和一个最低分"), "yes"),
    Entry(
        "criteria",
        _("评审标准"),
        "rows",
        True,
        total="weight",
        columns=(
            Entry("name", _("标准"), "line", True),
            Entry("weight", _("权重"), "whole", True, least=1, most=100),
            Entry("least", _("最低分"), "whole", least=0, most=100),
        ),
        help=_("权重合计100；每项按0至100分打分，平均分低于最低分的方案不能中榜。"),
    ),
)
PLAN = (
    Entry("approach", _("技术方案"), "text", True, help=_("匿名评审：不得出现单位和人员名称。")),
    Entry("novelty", _("创新点"), "text", True),
    Entry("level", _("能够证明的成熟度"), "level", True, of="readiness"),
    Entry("value", _("场景价值与效益"), "text", True),
    Entry("record", _("团队与交付记录（匿名写法）"), "text", True),
    Entry("safety", _("安全、隐私与合规措施"), "text", True),
    Entry("copies", _("可复制性"), "text"),
    Entry("price", _("报价（万元）"), "amount"),
    Entry(
        "schedule",
        _("进度安排"),
        "rows",
        True,
        columns=(Entry("name", _("内容"), "line", True), Entry("due", _("完成日期"), "day", True)),
    ),
    Entry("team", _("团队成员与案例（评审专家看不到）"), "text", seen=ACCEPTED),
    Entry(
        "shares",
        _("联合体分工（评审专家看不到）"),
        "rows",
        seen=ACCEPTED,
        total="percent",
        columns=(
            Entry("unit", _("单位"), "line", True),
            Entry("work", _("承担的工作"), "line", True),
            Entry("percent", _("经费比例（%）"), "whole", True, least=0, most=100),
        ),
    ),
)
AGREEMENT = (
    Entry("site", _("试点地点"), "line", True),
    Entry("data_access", _("数据使用范围与方式"), "text", True),
    Entry("start", _("开始日期"), "day", True),
    Entry("end", _("结束日期"), "day", True),
    Entry("safety", _("安全与应急责任"), "text", True),
    Entry("ip", _("知识产权归属"), "line", True),
    Entry("exit", _("退出条款"), "text", True),
    Entry("investment", _("项目总投资（万元）"), "amount", True),
    INDICATORS,
    MILESTONES,
)
PROFILE = (
    Entry("field_text", _("专业领域"), "line", True),
    TECHNOLOGIES,
    FIELDS,
    Entry("experience", _("评审和研究经历"), "text"),
)

for _kind, _paper, _entries in (
    ("scenario", "scenario", SCENARIO),
    ("challenge", "terms", TERMS),
    ("bid", "plan", PLAN),
    ("pilot", "agreement", AGREEMENT),
    ("expert", "profile", PROFILE),
):
    register_sheet(_kind, _paper, _entries)
