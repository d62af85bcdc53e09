"""Sentences of the writing pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

NEW = _("提交提案")
INTAKE = _("导入来文")

SAVE_VERSION = _("保存版本")
SAVED = _("已保存第%(n)s版。")
UNCHANGED = _("内容没有变化，仍是第%(n)s版。")
STARTED = _("已建立草稿，请填写后提交。")
IMPORTED = _("已从“%(name)s”读入，请核对后保存。")
IMPORTED_CASE = _("已导入“%(title)s”并提交审查。")
CHOOSE_FILE = _("请选择文件（DOCX 或 TXT）。")
PROPOSER_NEEDED = _("请选定第一提案人。")
NOT_FOUND_PERSON = _("未找到姓名为“%(name)s”的委员（代表），请在下方选定。")
TWO_PERSONS = _("有%(n)s位同名的“%(name)s”，请在下方选定。")
STASH_GONE = _("上传的原件已过期，请重新上传。")
MISSING_PART = _("没有读到“%(part)s”，请补上。")
LEFT_OVER = _("以下文字没有归入任何一栏，请核对：%(lines)s")
NOT_CONSENTING = _("文稿写明不同意公开答复。")

MARK_UNKNOWN = _("第%(n)s段：标注“%(mark)s”不明，应为（数:编号）、（诺:编号）或（隐:类别）。")
MARK_NESTED = _("第%(n)s段：标注“%(mark)s”套得不对。承诺里可以有数据和个人信息，其他标注里不能再套标注。")
MARK_HEADING = _("第%(n)s段：标题“%(mark)s”里不能有标注，请把它移到正文。")
TOO_MANY = _("共有%(n)s段，最多%(limit)s段。请合并一些段落。")
OTHER_NUMBER = _("文稿是第%(other)s号的答复，本件是第%(number)s号，请核对标题。")
MARK_EMPTY = _("第%(n)s段：标注里没有文字。")
PERSONAL_UNKNOWN = _("第%(n)s段：隐去类别“%(kind)s”不明，应为 name、phone、address 或 other。")
DATE_WRONG = _("%(what)s“%(text)s”不是日期，请写成 2024-04-30 的样子。")
PROMISE_DUE = _("承诺完成时间")
REPLY_DATE = _("成文日期")
RESULT_DATE = _("完成时限")
BASE_CHANGED = _("您开始编辑以后，别人保存了第%(n)s版。请看下面的差别；确认要用您的文本，请按“仍然保存”。")
SPAN_GONE = _("这段文字刚才改动过，请再标注一次。")

TYPES = {
    "p": _("段落"),
    "h1": _("一级标题"),
    "h2": _("二级标题"),
    "h3": _("三级标题"),
    "h4": _("四级标题"),
    "r2": _("二级标题接正文"),
    "r3": _("三级标题接正文"),
    "t": _("表格（首行为表头）"),
    "t0": _("表格（无表头）"),
}

SKELETON = (
    ("p", _("您提出的“%(title)s”的%(instrument)s收悉，现将办理情况答复如下：")),
    ("h1", _("一、基本情况")),
    ("p", ""),
    ("h1", _("二、已开展的工作")),
    ("p", ""),
    ("h1", _("三、下一步工作")),
    ("p", ""),
    ("p", _("感谢您对我区工作的关心和支持。")),
)
TITLE_LINES = _("对%(session)s\n第%(number)s号%(instrument)s的答复")
SEPARATOR = "、"
BETWEEN_NAMES = "[、，,；;\n]"
OF_THE_CONFERENCE = "政协"  # a reply says 第065号提案, not 第065号政协提案
