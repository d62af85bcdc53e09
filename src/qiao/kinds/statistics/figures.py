"""What is counted: every figure with its name and the sentence that says how, and the rows of the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qiao.core.models import Call
from qiao.core.process import Text

NO_CATEGORY = _("未分类")
GROUPS = {
    "intake": _("收到与审查"),
    "form": _("提出形式"),
    "handling": _("办理与时限"),
    "result": _("办理结果"),
    "contact": _("沟通与公开"),
    "rating": _("满意度"),
    "tracking": _("跟踪与承诺"),
}
LABELS = {
    "received": _("收到"),
    "admitted": _("立案"),
    "merged": _("并案"),
    "refused": _("不立案"),
    "converted": _("转社情民意"),
    "withdrawn": _("撤回"),
    "pending": _("待审查"),
    "key": _("重点"),
    "individual": _("个人"),
    "joint": _("联名"),
    "collective": _("集体"),
    "handlings": _("主（分）办件"),
    "opinions": _("会办件"),
    "answered": _("已办复件"),
    "on_time": _("按期办复率"),
    "extended": _("延期件"),
    "replied": _("已答复提案"),
    "adopted": _("解决采纳率"),
    "adopted_after": _("跟踪后解决采纳率"),
    "contacted": _("面商沟通率"),
    "public": _("公开率"),
    "rated": _("已反馈人次"),
    "attitude": _("态度满意率"),
    "agreement": _("结果满意率"),
    "redone": _("二次办理"),
    "converted_after": _("跟踪转化率"),
    "promises": _("承诺事项"),
    "kept": _("承诺兑现率"),
    "overdue": _("超期承诺"),
}
DEFINITIONS = {
    "received": _(
        "本届次中至少提交过一次的件数；只起草未提交的不计。等于立案、并案、不立案、转社情民意、撤回与待审查之和。"
    ),
    "admitted": _("审查后立案、且没有并入他案的件数。"),
    "merged": _("并入另一件办理的件数；提案人仍逐一得到答复。"),
    "refused": _("审查后不立案、现仍为不立案的件数。"),
    "converted": _("转为社情民意信息的件数。"),
    "withdrawn": _("提交之后由提案人撤回的件数。"),
    "pending": _("提交之后尚未审查，或退回修改尚未重新提交的件数。"),
    "key": _("立案时列为重点的件数，占立案件数。"),
    "individual": _("立案件中一人提出、没有联名人的件数。"),
    "joint": _("立案件中至少有一名联名人确认的件数。"),
    "collective": _("立案件中以党派、团体、界别等组织名义提出的件数。"),
    "handlings": _("交办给主办或分办单位、没有退回的承办件数；分办的一件提案按分办单位数计。"),
    "opinions": _("请会办单位提出意见的件数，不含已退回和已取消的。"),
    "answered": _("承办件中已送达第一次答复的件数。"),
    "on_time": _(
        "第一次答复的送达日不晚于法定期限（含经同意的延期）的承办件数，除以已答复或期限已过的承办件数。"
    ),
    "extended": _("经同意延长过答复期限的承办件数。"),
    "replied": _("立案件中全部承办单位都已答复的件数。"),
    "adopted": _(
        "已答复提案中，答复时办理结果属于解决或采纳一类的件数；有多家单位答复的，取进展最少的结果。"
    ),
    "adopted_after": _("已答复提案中，计入跟踪后的变更和再次答复之后，现办理结果属于解决或采纳一类的件数。"),
    "contacted": _("已答复的承办件中，第一次答复之前登记过沟通的件数。"),
    "public": _("已答复的承办件中，现在至少有一份答复公开的件数。"),
    "rated": _("反馈过意见的提案人、联名人、联系人人次；同一人对同一件只计最近一次。"),
    "attitude": _("对办理人员态度的反馈中选最满意一项的人次；各选项人次另列。"),
    "agreement": _("对办理结果的反馈中选最满意一项的人次；与态度分开评价，各选项人次另列。"),
    "redone": _("因不满意而重新办理的次数。"),
    "converted_after": _(
        "答复时不属于解决或采纳、现已转为解决或采纳的件数，除以答复时不属于解决或采纳的件数。"
    ),
    "promises": _("从已签发答复中提取、进入跟踪的承诺事项数。"),
    "kept": _("已报告完成的承诺事项数，除以全部承诺事项数。"),
    "overdue": _("尚未完成且已过期限的承诺事项数。"),
    "result": _("已答复提案按答复时的办理结果分；有多家单位答复的，取进展最少的结果。"),
    "method": _("已答复承办件在第一次答复之前登记过的沟通，按方式分；同一件用过几种方式的，各计一次。"),
    "option": _("按所选选项分的人次。"),
}
COLUMNS = {
    "unit": _("单位"),
    "category": _("分类"),
    "lead": _("主办"),
    "split": _("分办"),
    "co": _("会办"),
    "answered": _("已办复"),
    "due": _("应办复"),
    "on_time": _("按期"),
    "rate": _("按期办复率"),
    "public": _("公开"),
    "admitted": _("立案"),
    "replied": _("已答复"),
    "good": _("解决采纳"),
    "figure": _("指标"),
    "group": _("类别"),
    "value": _("数值"),
    "of": _("总数"),
    "percent": _("百分比"),
    "definition": _("口径"),
}


@dataclass(frozen=True)
class Figure:
    """One figure: a count, or a count of a whole. ``definition`` says how it is counted."""

    code: str
    group: str
    label: Text
    value: int
    of: int | None
    definition: Text
    part: bool = False  # one option of the figure above it

    @property
    def percent(self) -> float | None:
        """Of a hundred, to one place; None without a whole."""
        return round(self.value * 100 / self.of, 1) if self.of else None


@dataclass(frozen=True)
class UnitRow:
    """What one unit had in hand."""

    code: str
    name: str
    lead: int
    split: int
    co: int
    answered: int
    due: int  # answered, or past its deadline
    on_time: int
    public: int
    results: Mapping[str, int]

    @property
    def percent(self) -> float | None:
        return round(self.on_time * 100 / self.due, 1) if self.due else None


@dataclass(frozen=True)
class CategoryRow:
    """One topic: what was admitted under it and how that ended."""

    name: Text
    admitted: int
    replied: int
    good: int
    results: Mapping[str, int]

    @property
    def percent(self) -> float | None:
        return round(self.good * 100 / self.replied, 1) if self.replied else None


@dataclass(frozen=True)
class ResultRow:
    """One result class, when answered and now."""

    code: str
    label: Text
    good: bool
    first: int
    now: int
    of: int

    @property
    def percent(self) -> float | None:
        return round(self.first * 100 / self.of, 1) if self.of else None

    @property
    def percent_now(self) -> float | None:
        return round(self.now * 100 / self.of, 1) if self.of else None


@dataclass(frozen=True)
class Body:
    """All figures of one body's sessions under one instrument."""

    instrument: str
    label: Text
    owner: str
    sessions: tuple[Call, ...]
    figures: tuple[Figure, ...]
    units: tuple[UnitRow, ...]
    categories: tuple[CategoryRow, ...]
    results: tuple[ResultRow, ...]

    def figure(self, code: str) -> Figure:
        return next(f for f in self.figures if f.code == code)

    @property
    def groups(self) -> list[tuple[Text, list[Figure]]]:
        """The figures under their headings."""
        return [(label, [f for f in self.figures if f.group == code]) for code, label in GROUPS.items()]


@dataclass(frozen=True)
class Statistics:
    """What :func:`count` found, one entry per body and instrument."""

    scope: str
    as_of: dt.date
    bodies: tuple[Body, ...]
