"""Sentences that the public pages say from Python. Message ids are Chinese; English stands in locale/en."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

HOME = _("首页")
REPLIES = _("答复公开")
PROMISES = _("承诺跟踪")
STATISTICS = _("办理统计")
VERIFY = _("核验")
HISTORY = _("历史校验")
SEARCH = _("搜索")
ABOUT = _("关于本平台")
PROCESSES = _("办事流程")

FINDER = _("政策测一测")
TO_FINDER = _("现行政策%(n)s项，答几个问题就知道符合哪些、还差什么")
TO_MARKET = _("在架技术需求%(needs)s条，成果与能力%(offers)s条，谁合适、为什么都写明")
TO_SCENARIOS = _("开放场景%(n)s个，正在揭榜%(open)s个；中榜、落榜和复制推广都有据可查")
DONT_KNOW = _("不知道")

ALL = _("全部")
SESSION = _("届次")
UNIT = _("承办单位")
RESULT = _("办理结果")
YEAR = _("公开年份")
STATE = _("状态")
FIND_REPLY = _("在答复中查找")

# States of a promise, in the order in which pages count them.
STATES = {
    "on_time": _("按期推进"),
    "due_soon": _("临近期限"),
    "late": _("超期"),
    "very_late": _("严重超期"),
    "done": _("已兑现"),
    "done_on_time": _("按期兑现"),
    "done_late": _("超期兑现"),
    "changed": _("情况变化"),
    "none": _("未计时"),
    "open": _("未兑现（全部）"),
    "overdue": _("超期（全部）"),
}
TONES = {
    "done": "done_on_time",
    "changed": "neutral",
    "none": "neutral",
}

IN_TIME = {
    "done_on_time": _("按期"),
    "done_late": _("超期"),
    "on_time": _("尚未完成，未到期限"),
    "due_soon": _("尚未完成，临近期限"),
    "late": _("尚未完成，已超期"),
    "very_late": _("尚未完成，严重超期"),
    "paused": _("暂停计时"),
    "none": _("未计时"),
}

REDACTIONS = {
    "name": _("人名"),
    "phone": _("电话号码"),
    "address": _("住址"),
    "other": _("其他个人信息"),
    "signer": _("签发人"),
    "addressee": _("提案人姓名"),
    "contact_name": _("联系人姓名"),
    "contact_phone": _("联系电话"),
    "contact_address": _("通讯地址"),
    "contact_postcode": _("邮政编码"),
}

FONTS_MISSING = _("本机缺少生成文件所需的字体（%(packages)s），暂时不能下载此格式。网页和JSON不受影响。")
LETTER_BAD = _("这份答复的数据不完整，不能生成文件：%(why)s")
FEED_REPLIES = _("最新公开的答复")
FEED_ROOTS = _("每日校验根")
ROOT_TITLE = _("%(day)s 校验根 %(root)s…（%(count)s 步）")
REPLY_SUMMARY = _("%(unit)s · 办理结果：%(result)s · 公开于%(day)s")

CHART_PROMISES = _("承诺事项按状态")
CHART_RATES = _("主要比率（%）")
CHART_RESULTS = _("现办理结果（件）")
CHART_UNITS = _("主办、分办件数最多的单位")
MADE = _("承诺事项")
SOON = _("其中 %(n)s 项临近期限")
UNITS = {
    "working_days": _("%(n)s 个工作日"),
    "calendar_days": _("%(n)s 日"),
    "months": _("%(n)s 个月"),
}
DAY_OF_YEAR = _("每年%(month)s月%(day)s日")
KINDS_FOUND = {
    "publication": _("答复"),
    "organisation": _("单位"),
    "call": _("届次与征集"),
}

SUPPORT_NOTICES = _("支持公示")

# the market of needs and offers
MARKET = _("供需集市")
FIND_ENTRY = _("查找需求、成果或能力")
BY_TECHNOLOGY = _("按技术方向")
COMPARE = _("并列比较")
MARKET_MAP = _("各街镇的需求与成果")
NOWHERE = _("没有注明街镇")
TOTAL = _("合计")
DIRECTIONS = _("方向与领域")

# scenarios and challenges
SCENARIOS = _("应用场景")
RESULTS = _("成果货架")
FIND_SCENARIO = _("查找场景")
FIND_RESULT = _("查找成果")
MAP = _("各街镇的场景数量")
FUNNEL = _("从征集到复制")
FUNNEL_STEPS = {
    "demands": _("提交的场景需求"),
    "listed": _("列入机会清单"),
    "challenges": _("发榜"),
    "bids": _("开封的揭榜方案"),
    "won": _("中榜方案"),
    "passed": _("验收通过的试点"),
    "copies": _("复制推广"),
}
