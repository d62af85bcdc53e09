"""What a need and an offer say: their fields, and who may see which part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from qiao.kinds.sheets import ACCEPTED, AGREED, Entry, register_sheet

TITLE = Entry("title", _("名称"), "line", True, help=_("一句话说明，最多120字。"))
TECHNOLOGIES = Entry("technologies", _("技术方向"), "tags", of="technologies")
FIELDS = Entry("fields", _("应用领域"), "tags", of="fields")
MODES = Entry("modes", _("合作方式"), "tags", of="shelf_mode")
PARTNER_KIND = Entry("partner_kind", _("希望的合作方"), "tags", of="shelf_partner")
PARTNER = Entry(
    "partner", _("对合作方的要求和分工"), "text", help=_("需要对方做什么、有什么资质或经验；自己做什么。")
)
DATA = Entry("data", _("可以提供数据"), "yes")
SECRET = Entry(
    "secret",
    _("同意保密条款后可见"),
    "text",
    seen=AGREED,
    help=_("对方同意保密条款、表达意向后才能看到，系统留有记录。"),
)
CONTACT = Entry(
    "contact", _("联系人和联系方式"), "line", True, ACCEPTED, help=_("接受对方的意向后才向对方显示。")
)

NEED = (
    TITLE,
    Entry("background", _("背景"), "text", True),
    Entry("problem", _("要解决的问题"), "text", True),
    Entry("indicators", _("技术指标"), "text", True, help=_("写明可以测量的指标和目标值。")),
    Entry("conditions", _("现有条件"), "text", help=_("可以提供的现场、数据、设备和人员。")),
    TECHNOLOGIES,
    FIELDS,
    Entry("industry", _("需求所在行业"), "choice", of="industries"),
    MODES,
    PARTNER_KIND,
    PARTNER,
    Entry("subdistrict", _("实施地点所在街镇"), "choice", of="subdistrict"),
    DATA,
    Entry("stage", _("希望成果所处的阶段"), "choice", of="shelf_stage"),
    Entry("level_low", _("至少达到的成熟度"), "level", of="readiness"),
    Entry("budget_low", _("预算下限（万元）"), "amount"),
    Entry("budget_high", _("预算上限（万元）"), "amount"),
    Entry("until", _("希望完成日期"), "day"),
    Entry("ip", _("知识产权归属"), "choice", of="shelf_ip"),
    SECRET,
    CONTACT,
)
OFFER = (
    TITLE,
    Entry("description", _("成果或能力说明"), "text", True),
    Entry("advantages", _("创新点与优势"), "text", True),
    Entry("indicators", _("达到的指标"), "text"),
    Entry("cases", _("已有案例"), "text"),
    Entry("completers", _("完成人或团队"), "line"),
    TECHNOLOGIES,
    FIELDS,
    Entry("industry", _("主要适用行业"), "choice", of="industries"),
    MODES,
    PARTNER_KIND,
    PARTNER,
    Entry("subdistrict", _("所在街镇"), "choice", of="subdistrict"),
    DATA,
    Entry("form", _("成果类型"), "choice", of="shelf_form"),
    Entry("stage", _("成果所处的阶段"), "choice", of="shelf_stage"),
    Entry("level", _("能够证明的成熟度"), "level", True, of="readiness"),
    Entry("ipr", _("知识产权状态"), "choice", of="shelf_ipr"),
    Entry(
        "ip_note",
        _("知识产权说明"),
        "text",
        help=_("专利号或登记号、权利人、期限、已有的许可；是否可以转让。"),
    ),
    Entry("price_mode", _("定价方式"), "choice", of="shelf_price"),
    Entry("budget_low", _("价格下限（万元）"), "amount"),
    Entry("budget_high", _("价格上限（万元）"), "amount"),
    SECRET,
    CONTACT,
)
ENTRIES: dict[str, tuple[Entry, ...]] = {"need": NEED, "offer": OFFER}
TEXTS = ("background", "problem", "indicators", "conditions", "description", "advantages", "cases")

for _kind, _entries in ENTRIES.items():
    register_sheet(_kind, "entry", _entries)


def text_of(_paper: str, content: Mapping[str, Any]) -> str:
    """What search reads: the public part."""
    return "\n".join(str(content[code]) for code in ("title", *TEXTS) if content.get(code))
