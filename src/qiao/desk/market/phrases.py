"""Texts of these pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MARKET = _("供需集市")
NUMBERS = _("集市数据")
STAGES = _("意向走到哪一步")
OUTCOMES = _("结果")
INTERESTS = _("合作意向")
ANSWERED = _("答复用时（中位数，天）")
EDITORS = _("集市数据由主管部门的人员查看。")
NOT_AGENT = _("只有企业或院所的经办人可以发布条目、表达意向。")
BEGUN = _("已新建。请填写后保存。")
SENT = _("意向已发给对方。")
HAVE_ONE = _("你单位对这个条目已有一件意向，还没有结束。")
