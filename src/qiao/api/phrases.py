"""Sentences of the interface. Message ids are Chinese; English stands in locale/en."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

NOT_FOUND = _("没有这个地址，或者您无权查看。")
WITHDRAWN = _("这份答复已于%(day)s撤下：%(reason)s")
SIGN_IN = _("请先登录。")
CSRF = _("缺少有效的CSRF令牌。请先取得令牌，再随请求头X-CSRFToken提交。")
NOT_JSON = _("请求的正文不是可用的JSON（UTF-8）。请检查后再试。")
INVALID = _("请求的参数不符合要求。")
NO_SEAT = _("您没有这个席位。")
FAILED = _("服务器出错，已记录。请稍后再试。")
WRONG_METHOD = _("这个地址不支持%(method)s。可用的方法：%(allowed)s。")
STATUS = _("请求失败（%(status)s）。")
NO_PERSON = _("您的账号还没有对应的人员，请联系管理员。")
NO_FACT = _("没有这项事实。")
NO_POLICY = _("%(day)s没有施行中的政策“%(id)s”。")
