"""What the registry's pages say from Python. Message ids are Chinese; English stands in locale/en."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SEAT_NEEDED = _("这一页面向%(roles)s席位；您目前没有这样的有效席位。")

# --- signing ---------------------------------------------------------------------------------------------------

SIGN = _("待我签批")
SIGNED = _("已办：%(verb)s（%(case)s）。")
SENT_BACK = _("已退回修改：%(case)s。")
ALL_SIGNED = _("待签的已逐件看完。")
BASE_MINE = _("第%(n)s版是您上次签署或退回时的版本。")
BASE_CHAIN = _("第%(n)s版是%(who)s上次签署或退回时的版本。")
BASE_BEFORE = _("第%(n)s版是上一版。")
BASE_SEEN = _("第%(n)s版是您刚才看到的版本。")
BASE_CHOSEN = _("与您选定的第%(n)s版对照。")
NO_VERSION = "-"  # stands for "the form did not say which version was read": never the digest of one
RESULT = _("办理结果")
RESULT_DATE = _("完成时限")
RESULT_REASON = _("结果理由")
PUBLICITY = _("公开属性")
PUBLICITY_REASON = _("公开属性的理由")
PROMISE = _("承诺")
CITATION = _("数据引用")
CITED = _("%(indicator)s：%(display)s（第%(n)s次）")

# --- the board -------------------------------------------------------------------------------------------------

BOARD = _("交办台")
OVERVIEW = _("总览")
LOAD = _("单位负荷")
COLUMNS = {
    "submitted": _("待审查"),
    "admitted": _("待交办"),
    "handback": _("退回待审"),
    "extension": _("延期待批"),
    "inhand": _("办理中"),
    "replied": _("待反馈"),
    "tracking": _("跟踪办理"),
}
COLUMN_HELP = {
    "submitted": _("已提交、尚未立案。可选中多件一并立案；不立案、退回修改和并案须逐件写明理由。"),
    "admitted": _("已立案，应在交办期限内交给承办单位。"),
    "handback": _("承办单位认为不属其职责，申请退回。"),
    "extension": _("承办单位申请延长答复期限。"),
    "inhand": _("承办单位正在办理，按法定期限排列，最急的在前。"),
    "replied": _("答复已送达，等待提案人反馈。有人不满意的，应重新办理。"),
    "tracking": _("已反馈，承诺事项尚未办结。"),
}
HANDED_OUT = _("已交办：%(case)s。")
NOT_DONE = _("%(case)s：没有办理。%(why)s")
DONE_MANY = _("%(verb)s：已办%(n)s件。")
NOTHING_CHOSEN = _("没有选中任何事项。")

# --- indicators ------------------------------------------------------------------------------------------------

INDICATORS = _("指标")
NEW_INDICATOR = _("新建指标")
MY_UNIT = _("本单位负责的")
KEPT_BY = _("范围")
INDICATOR_CODE = _("代码")
INDICATOR_CODE_HELP = _("用于地址和引用，只用字母、数字和连字符，例如 digital-economy-tax。定下后不再更改。")
INDICATOR_CODE_TAKEN = _("这个代码已有他用，请换一个。")
DEFINITION_HELP = _("统计范围与计算方法，让别人能得出同一个数。")
UNIT_HELP = _("数值以此为单位，例如“亿元”。")
SOURCE_HELP = _("通常的出处，例如“区统计局年报”。某一数值的出处可以另写。")
START = _("期初")
END = _("期末")
NUMBER = _("数值")
QUALIFIER = _("限定词")
DISPLAY = _("表述")
DISPLAY_HELP = _("答复中引用的写法，例如“近310亿元”，须含有该数值。")
FIGURE_SOURCE = _("来源")
FIGURE_SOURCE_HELP = _("这一数值自己的出处；不填则用指标的来源。")
CHART = _("%(name)s（%(unit)s），按期间排列")
VALUE_STATED = _("已登记：%(display)s。")
INDICATOR_MADE = _("已建立指标“%(name)s”。")

# --- outbox ----------------------------------------------------------------------------------------------------

OUTBOX = _("待发邮件")
SUBJECT = _("主题")
BODY = _("正文")
IN_HAND = _("%(unit)s · 在办 %(n)s 件")
IN_HAND_LATE = _("%(unit)s · 在办 %(n)s 件（超期 %(late)s）")
MAIL_STATES = {
    "held": _("待核对"),
    "failed": _("发送失败"),
    "approved": _("待发送"),
    "sent": _("已发送"),
    "dropped": _("不发送"),
}
MAIL_SENT = _("已发出%(n)s封。")
MAIL_FAILED = _("%(n)s封没有发出，原因见“发送失败”，可以重试。")
MAIL_DROPPED = _("%(n)s封不再发送。")
MAIL_MOVED_ON = _("%(n)s封已由他人处理，未作改动。")
MAIL_NOT_OPEN = _("这封邮件%(state)s，不能再改。")
MAIL_SAVED = _("已保存，邮件仍待核对。")
NO_MAIL_CHOSEN = _("没有选中任何邮件。")

# --- promises --------------------------------------------------------------------------------------------------

PROMISES = _("承诺事项")
BY_UNIT = _("按单位")
LISTED = _("逐项")
LATENESS = _("时限状态")
RESPONSIBLE = _("责任单位")
PROMISE_SEARCH = _("承诺或提案编号")
STATES = {
    "open": _("推进中"),
    "late": _("已超期"),
    "due_soon": _("临期"),
    "done": _("已完成"),
    "changed": _("情况变化"),
}

# --- statistics ------------------------------------------------------------------------------------------------

STATISTICS = _("统计")
YEAR = _("%(year)s年全部届次")
BODY_OF = _("机构与文书")
CLASS = _("分类")
CHART_RATES = _("各项比率（百分比）")
CHART_RESULTS = _("办理结果，件数")
CHART_UNITS = _("各单位按期办复率（百分比）")
