"""What the pages about support under policies say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SUPPORT = _("政策申报")
LISTING = _("免申即享名单")
OBJECTION = _("登记异议")
SAVED = _("已保存第%(n)s版申请表，其中的事实同时登记在企业名下。")
BEGUN = _("已建立申请，请填写申请表。")
HAVE_ONE = _("贵单位在这个征集中已有一份在办的申请。")
NOT_AGENT = _("只有企业经办人可以申请。")
LISTED = _("已列入%(n)s家企业。")
NOT_LISTED = _("%(firm)s：%(why)s")
RAISED = _("异议已登记，由审批领导核查。异议人身份只有受理机关可见。")
NO_NOTICE = _("不在公示期内，或您不是受理人员，不能登记异议。")
SOURCE = _("申请表 %(case)s")
STATEMENT = _("申请事由与承诺")
STATEMENT_MISSING = _("请填写申请事由。")
CEILING = _("预算")
COMMITTED = _("已承诺")
PAID = _("已兑付")
LEFT = _("可安排")
CLAIMED = _("待追回")
CHART = _("预算执行")
NO_LIMIT = _("未设上限")
NAME = _("异议人姓名（实名）")
CONTACT = _("联系方式")
TEXT = _("异议内容")
EVIDENCE = _("证据（名称、编号或网址）")
