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
