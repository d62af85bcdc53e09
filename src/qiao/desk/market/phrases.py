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

GLOSSARY = _("同义词表")
GLOSSARY_ADD = _("增加一组")
GLOSSARY_FIND = _("在词表里查找")
GLOSSARY_OWNERS = _("词表由货架所属部门的编辑维护。")
GLOSSARY_SAVED = _("已存为第%(n)s版。匹配从现在起使用这一版。")
GLOSSARY_ASIDE = _("“%(here)s”与“%(there)s”不再建议。")
GLOSSARY_CHANGED = _("这一组刚才已被他人修改或去掉。填写的内容都还在，请对照下面现在的各组再保存。")
GLOSSARY_AGAIN = _("有人同时做了第一次修改。填写的内容都还在，请再保存一次。")
GLOSSARY_GONE = _("词表里没有这一组了。")
GLOSSARY_FROM = _("来自%(seen)s件人认可的匹配")

AGREED = _("已记下：这个合适。两个条目的用词从现在起作为同义词建议的依据；对方不会收到通知。")
REFUSED = _("已记下：这个不合适。以后不再向双方互相推荐，理由供货架编辑改进匹配。")
BECAME_AGREED = _("两个条目的用词作为同义词建议的依据。")
BECAME_REFUSED = _("不再向双方互相推荐；理由供货架编辑改进匹配。")
BECAME_WORDS = _("此后同义词表修改过%(n)s次。")
BECAME_GONE = _("该条目已不在货架上。")
OWN_ENTRY = _("本单位已上架“%(title)s”，与此匹配。")
