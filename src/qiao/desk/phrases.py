"""Every sentence that the desk's Python says. Message ids are Chinese; English stands in locale/en."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from qiao.timekeeping import LineCode, Unit

DESK = _("工作台")
CASES = _("事项")
OWNER = _("交办单位")

# --- time ------------------------------------------------------------------------------------------------------

LEFT_TODAY = _("今天到期")
LEFT_IN = ngettext_lazy("剩%(total)s天（%(worked)s个工作日）", "剩%(total)s天（%(worked)s个工作日）", "total")
LATE_BY = ngettext_lazy(
    "超期%(total)s天（%(worked)s个工作日）", "超期%(total)s天（%(worked)s个工作日）", "total"
)
DUE_LEFT = _("%(day)s，%(left)s")
UNITS = {
    Unit.WORKING_DAYS: ngettext_lazy("%(n)s个工作日", "%(n)s个工作日", "n"),
    Unit.CALENDAR_DAYS: ngettext_lazy("%(n)s日", "%(n)s日", "n"),
    Unit.MONTHS: ngettext_lazy("%(n)s个月", "%(n)s个月", "n"),
}
# The lines of an explanation (qiao.timekeeping); their dates and sums stand in columns of their own.
LINES = {
    LineCode.RULE: _("规定的时间：%(amount)s"),
    LineCode.RULE_UNCONFIRMED: _("该规定尚未与原文核对"),
    LineCode.STARTED: _("起算"),
    LineCode.RESTARTED: _("重新起算"),
    LineCode.START_DAY_COUNTED: _("当日计入"),
    LineCode.START_DAY_NOT_COUNTED: _("当日不计入，自次日起算"),
    LineCode.COUNTED: _("计入"),
    LineCode.COUNTED_MAKEUP: _("调休上班（%(name)s），计入"),
    LineCode.COUNTED_OVERRIDE: _("按通知上班（%(name)s；%(source)s），计入"),
    LineCode.SKIPPED_HOLIDAY: _("%(name)s放假，不计"),
    LineCode.SKIPPED_OVERRIDE: _("按通知不上班（%(name)s；%(source)s），不计"),
    LineCode.SKIPPED_MAKEUP: _("原为调休上班日，按通知改为不上班（%(name)s；%(source)s），不计"),
    LineCode.MONTHS_ADDED: _("顺推%(amount)s"),
    LineCode.MONTH_END_USED: _("当月没有对应日，以月末日为准"),
    LineCode.PAUSED: _("中止，%(days)s不计"),
    LineCode.PAUSED_AFTER_DUE: _("中止时已过期限，无影响"),
    LineCode.PAUSE_END_SHIFTED: _("恢复日不是工作日，自后一日起计"),
    LineCode.PAUSED_STILL: _("中止至今"),
    LineCode.REMAINING: _("恢复后还剩%(days)s"),
    LineCode.MOVED_BY_PAUSES: _("因中止顺延%(days)s"),
    LineCode.EXTENDED: _("决定延长%(amount)s"),
    LineCode.EXTENDED_TO: _("决定延至后一日"),
    LineCode.EXTENSION_WITHOUT_EFFECT: _("决定延至后一日，不晚于原期限，无影响"),
    LineCode.OVER_EXTENDED: _("延长超过上限%(amount)s"),
    LineCode.END_SHIFTED: _("前一日休息或中止%(name)s，顺延至后一日"),
    LineCode.DUE: _("截止日"),
    LineCode.DUE_IF_RESUMED: _("如在前一日恢复，截止日为后一日"),
    LineCode.STOPPED_IN_TIME: _("办结，未逾期"),
    LineCode.STOPPED_LATE: _("办结，逾期%(days)s"),
    LineCode.PROVISIONAL: _("暂定：这段时间的放假安排尚未公布"),
}
FIXED_DAY = _("期限由经办人写定，不按天数推算。")
DAY_OF_YEAR = _("固定为每年%(day)s；起算日之后的第一个%(day)s即为期限。")
TICKS = {
    "start": _("“%(clock)s”开始计时"),
    "restart": _("“%(clock)s”重新计时"),
    "pause": _("“%(clock)s”中止"),
    "resume": _("“%(clock)s”恢复"),
    "extend": _("“%(clock)s”延长"),
    "stop": _("“%(clock)s”停止计时"),
}

# --- the case page ---------------------------------------------------------------------------------------------

UNIT_IN_HAND = _("承办单位")
SESSION = _("届次")
URGED = _("督办")
CHAIN_STATES = {
    "signed": _("已签"),
    "waiting": _("等待签署"),
    "pending": _("尚未轮到"),
}
SIGNER = _("%(person)s（%(unit)s）")
VOID = _("此前各版上的签署已随修改失效：%(who)s")
VERSION_N = _("第%(n)s版")
PAPER_VERSION = _("%(paper)s 第%(n)s版")
RELATIONS = {
    "merged_into": (_("并入"), _("并入本件")),
    "follows": (_("承接"), _("后续")),
    "answers": (_("答复"), _("由此答复")),
    "repeats": (_("重复"), _("被重复")),
}
DATA_LABELS = {
    "part": _("承办部分"),
    "clocks": _("时限"),
    "was": _("原期限"),
    "now": _("现期限"),
    "act": _("所隐去的步骤"),
    "paper": _("所隐去的文件"),
    "version": _("版本"),
}
YES = _("是")
NO = _("否")
NOT_HERE = _("（名录中已无此项）")
FOLLOWING = _("已关注。此件有进展时会通知您。")
UNFOLLOWED = _("已取消关注。")

# --- doing -----------------------------------------------------------------------------------------------------

DONE = _("已办理：%(verb)s（%(case)s）。")
NO_SEAT = _("您目前没有任何有效席位。")

# --- lists -----------------------------------------------------------------------------------------------------

COLUMNS = {
    "number": _("编号"),
    "title": _("标题"),
    "kind": _("类别"),
    "unit": _("承办单位"),
    "stage": _("阶段"),
    "due": _("法定期限"),
    "internal": _("内部期限"),
    "level": _("时限状态"),
    "call": _("届次"),
    "opened": _("建立时间"),
    "moved": _("最近办理"),
    "address": _("地址"),
}
FILTER_STATE = _("办理状态")
FILTER_SCOPE = _("范围")
FILTER_SEARCH = _("编号、标题或正文")
ALL = _("全部")
STATES = {"open": _("在办"), "closed": _("已结"), "all": _("全部")}
SCOPES = {"all": _("全部可见"), "mine": _("我参与或承办"), "followed": _("我关注的")}
SHEET = _("事项")
FILE_NAME = "qiao-cases"
GROUPS = {
    "late": _("已超期"),
    "soon": _("七天内到期"),
    "later": _("以后到期"),
    "open": _("未定期限"),
}
TILES = {
    "owed": _("待办"),
    "late": _("超期"),
    "soon": _("七天内到期"),
    "unread": _("未读通知"),
}
ITEMS = _("件")
NOTES = _("条")

# --- papers ----------------------------------------------------------------------------------------------------

SAME_ROWS = ngettext_lazy("%(n)s段相同", "%(n)s段相同", "n")
FONTS_MISSING = _("服务器上没有可用的中文字体，暂时不能生成PDF。请管理员安装：%(packages)s。可先下载Word版。")
LETTER_BAD = _("这一版本不能排成公文：%(why)s")

# --- calendar --------------------------------------------------------------------------------------------------

CALENDAR = _("工作日历")
REGISTRY_ONLY = _("工作日历由交办人员维护。")
DAY_SAVED = _("已登记%(day)s。")
DAY_REMOVED = _("已删除%(day)s的调整。")
MOVED_CASES = ngettext_lazy("%(n)s件在办事项的期限随之改变。", "%(n)s件在办事项的期限随之改变。", "n")
DAY_OUTSIDE = _("日历只包括%(first)s年至%(last)s年。")
DAY = _("日期")
WORKED = _("上班")
OFF = _("放假")
WORKED_OR_OFF = _("这一天")
NAME = _("名称")
SOURCE = _("依据（文件名称与文号）")

# --- firms and policies ----------------------------------------------------------------------------------------

FIRMS = _("企业")
FIRM_NAME = _("企业名称或统一社会信用代码")
FACTS = _("事实")
FITS = _("适合的政策")
FISCAL_YEAR = _("%(year)s年度")
SINCE_DAY = _("%(day)s起")
SELF_STATED = _("自行填报")
FACT_STATED = _("已登记。")
FACT_CONFIRMED = _("已确认。")
POLICIES = _("政策")
WHAT_IF = _("改一改会怎样")
QUALIFIES = _("符合的条件")
FUNNEL = {
    "all": _("登记企业"),
    "inside": _("在适用范围内"),
    "not_refused": _("未被排除"),
    "yes": _("确定符合"),
}
FUNNEL_LABEL = _("企业在哪一步退出")
FIRM_STATES = {
    "yes": _("符合"),
    "open": _("尚不能确定"),
    "no": _("不符合"),
    "outside": _("不适用"),
}
NOBODY_FAILS = _("没有企业不满足")
NOBODY_MEETS = _("没有企业满足")
NOT_DECIDED = _("尚无结论")
GAINED = _("新增符合")
LOST = _("不再符合")
GAINED_AND_LOST = _("按行业和规模：新增符合与不再符合的企业数")
COST = _("支出（每年，确定符合者）")

SHEET_SAVED = _("已保存第%(n)s版。请检查后提交。")
SHEET_WRONG = _("有%(n)s处需要改正。填写的内容都还在。")
FILED = _("文件已提交。")
UPLOADS = {
    "empty": _("没有收到文件，或者文件是空的。请选择文件后再提交。"),
    "too_large": _("文件超过%(limit)s MiB。请压缩或拆分后再提交。"),
    "unknown": _("不能识别这个文件。可以提交的格式：%(kinds)s（不含宏）。"),
}

# saved searches
WATCH = _("保存的查找")
WATCH_SAVED = _("已保存“%(name)s”。有符合的时通知你。")
WATCH_DELETED = _("已删除“%(name)s”，不再通知。")
WATCH_NAME = _("请写一个名称，最多80字。")
WATCH_TAKEN = _("你已有一个叫“%(name)s”的查找。请换一个名称。")
WATCH_MANY = _("最多保存%(most)s个查找。请先删除不用的。")
