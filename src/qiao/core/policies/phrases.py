"""What is said about policies and facts. Message ids are Chinese; English stands in locale/en."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

YES, NO = _("是"), _("否")

# What amounts are typed in: by type of fact, what the vocabulary understands and how it reads.
UNITS = {
    "money": (("万元", _("万元")), ("元", _("元")), ("亿元", _("亿元"))),
    "usd": (("万美元", _("万美元")), ("美元", _("美元")), ("亿美元", _("亿美元"))),
}
CONFIRMERS = {
    "audit": _("审计报告"),
    "tax": _("税务"),
    "market": _("市场监管"),
    "ip": _("知识产权"),
    "statistics": _("统计"),
    "hr": _("人社"),
    "department": _("主管部门"),
    "bank": _("银行"),
}
TOO_LONG = _("最多%(n)s个字符。")
OUT_OF_BOUNDS = _("应在%(least)s与%(most)s之间，请核对数字和单位。")

KINDS = {
    "recognition": _("资质认定"),
    "subsidy": _("资金支持"),
    "tax": _("税收优惠"),
    "classification": _("划型分类"),
}
# How a policy stands for a firm: state → badge tone, words. In the order in which pages show them.
STATES = {
    "class": ("info", _("划型结果")),
    "yes": ("good", _("符合")),
    "judged": ("info", _("待部门认定")),
    "nearly": ("due_soon", _("接近")),
    "open": ("neutral", _("尚不能确定")),
    "no": ("late", _("不符合")),
    "outside": ("void", _("不适用")),
}
STATE_LEDES = {
    "class": _("按统计口径，企业属于下列类型；其他政策会用到。"),
    "yes": _("按所填的事实，各项条件均已满足。"),
    "judged": _("企业能说明的条件均已满足，其余由主管部门认定。"),
    "nearly": _("还差列出的几项，企业自己可以做到。"),
    "open": _("还缺几项事实，补上后即可判断。"),
    "no": _("有条件不满足，且难以改变。"),
    "outside": _("这些政策针对其他类型的企业。"),
}
TRUTHS = (_("不符合"), _("待核实"), _("符合"))
EVIDENCE = {
    "V": _("已核对原文"),
    "S": _("据多份可靠转述"),
    "M": _("条文待核实"),
    "D": _("由其他条文推出"),
}

NOT_YOURS = _("一家企业的事实只有该企业的席位和机关的经办人员可以查看。")
NOT_STATING = _("事实由企业自己的席位或机关的承办人、处（科）长填报。")
NOT_CONFIRMING = _("事实由机关的承办人或处（科）长确认。")
OWN_FACT = _("自己填报的事实须由他人确认。")
NOTHING_TO_CONFIRM = _("没有可确认的数值。")
GROUPS = {
    "company": _("企业基本情况"),
    "accounts": _("财务"),
    "staff": _("人员"),
    "rd": _("研发"),
    "ip": _("知识产权"),
    "market": _("市场与产品"),
    "titles": _("资质与称号"),
    "record": _("守法记录"),
    "project": _("项目"),
    "rent": _("办公用房"),
    "mandate": _("投资意向"),
    "judged": _("主管部门的认定"),
}
SOURCE_OF_FACT = _("%(source)s，%(day)s填报")
CONFIRMED = _("已确认")
