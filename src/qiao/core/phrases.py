"""Every sentence that the core says to people. Message ids are Chinese; English stands in locale/en."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# Why an act is refused: code → sentence (see access.can).
REFUSALS = {
    "unknown_verb": _("这类事项没有这个操作。请刷新页面，从列出的操作中选择。"),
    "wrong_stage": _("事项现处于“%(stage)s”，此操作只能在“%(allowed)s”进行。"),
    "closed": _("事项已经结束（%(stage)s），不能再作改动。"),
    "not_yours": _("此操作应由%(who)s进行；您的席位（%(seat)s）没有这项职权。"),
    "no_seat": _("您目前没有任何有效席位。请联系管理员核对任期。"),
    "timer_only": _("此操作由系统按期自动进行。"),
    "seat_expired": _("席位“%(seat)s”在%(day)s不在任期内。"),
    "reason_missing": _("请写明理由。"),
    "already_done": _("您所代表的一方在本轮已经办过此项。"),
    "earlier_step": _("应先完成“%(step)s”，还缺：%(missing)s。"),
    "nothing_to_sign": _("还没有可供签署的文本。"),
    "version_changed": _("文本已经改动：您看到的是另一版本，请重新阅读第%(n)s版后再签。"),
    "data": _("%(field)s：%(error)s"),
    "paper_missing": _("缺少%(paper)s，请先填写并保存。"),
    "content": _("提交的内容缺少文本。"),
    "holds_date": _("此步骤载有期限，期限的计算以它为据，不能隐去。"),
    "time_order": _("时间%(at)s早于上一步骤的时间%(last)s。"),
}

LATE = {
    "none": _("未计时"),
    "paused": _("暂停"),
    "on_time": _("按期"),
    "due_soon": _("临期"),
    "late": _("超期"),
    "very_late": _("严重超期"),
    "done_on_time": _("按期办结"),
    "done_late": _("超期办结"),
}

ROLES = {
    "registry": _("交办人员"),
    "officer": _("承办人"),
    "head": _("处（科）长"),
    "office": _("办公室核稿人"),
    "leader": _("签发领导"),
    "member": _("政协委员"),
    "deputy": _("人大代表"),
    "contact": _("联系人"),
    "admin": _("系统管理员"),
    "agent": _("企业经办人"),
    "expert": _("评审专家"),
}

TIMER = _("系统")
OPEN = _("建立")
CLOCK_MOVED = _("节假日安排更新")
REDACT = _("隐去内容")
AND = _("、")
TOO_LARGE = _("请求超过%(limit)s，没有接收。")

MAIL_SUBJECT = _("【桥】%(verb)s：%(case)s")
MAIL_BODY = _("%(person)s：\n\n%(case)s\n%(verb)s（%(by)s，%(at)s）。%(reason)s\n\n查看：%(url)s\n")
MAIL_CUT_OFF = _("两次发送都中断了，收件人可能已经收到。请先向收件人核实，再决定是否重新发送。")
MAIL_LINKS = _("\n不登录即可办理（链接%(days)s天内有效，仅限您本人）：\n")
MAIL_LINK = _("%(verb)s：%(url)s\n")

FACT_SUPERSEDED = _("这项事实已有新的填报，请确认新的那一项。")
FACT_OWN = _("自己填报的事实须由他人确认。")
