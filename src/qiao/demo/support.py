"""One call for support in the sample district: an application on its way, and firms that could be listed."""

from __future__ import annotations

import datetime as dt

from qiao.core import facts
from qiao.core.acts import act
from qiao.core.clocks import now, today
from qiao.core.models import Call
from qiao.core.policies import rules
from qiao.demo.district import District
from qiao.desk.support.form import content_of
from qiao.kinds.application import begin

POLICY = "cn/tech-sme"
TITLE = "科技型中小企业研发奖补（示例）"
TEXT = "示例区对符合科技型中小企业评价条件的企业给予研发奖补。金额与办法均为虚构。"
STATEMENT = "申请研发奖补，用于多模态内容生产平台的研发。所填属实，如有不实愿退回资金。"
BUDGET = 5_000_000_00  # fen
ASKED, PROPOSED = "200000", "180000"


def open_support(district: District) -> None:
    """A call by the district's commission, and the first firm's application up to its public notice."""
    firm, agent, officer = district.bodies["firm-a"], district["agent"], district["officer"]
    moment = now() - dt.timedelta(days=9)
    call = Call.objects.create(
        kind="application", title=TITLE, text=TEXT, owner=officer.organisation, rulebook="changning/applications",
        start=dt.date(today().year, 1, 1), budget_fen=BUDGET, settings={"policy": POLICY},
    )  # fmt: skip
    case = begin(call, firm, by=agent, at=moment)
    content = content_of(rules(today()), firm, POLICY, STATEMENT, facts.current([firm]))
    act(case, "save_form", by=agent, content=content, at=moment)
    act(case, "submit", by=agent, at=moment + dt.timedelta(hours=1))
    until = (today() + dt.timedelta(days=20)).isoformat()
    act(
        case, "accept_incomplete", by=officer, at=moment + dt.timedelta(days=1),
        data={"missing": "上年度审计报告（盖章页）", "until": until},
    )  # fmt: skip
    act(
        case, "propose", by=officer, at=moment + dt.timedelta(days=3),
        data={"amount": PROPOSED, "grounds": f"事实符合各项条件；申请{ASKED}元，按办法核定{PROPOSED}元。"},
    )  # fmt: skip
    act(case, "post", by=officer, at=moment + dt.timedelta(days=4))
