"""What the sample firms stated about themselves, and what the officer confirmed; through the calls that people use.

Texts stand in ``data/firms.yaml``; fiscal years are counted back from today.
"""

from __future__ import annotations

import datetime as dt

from qiao.core import facts
from qiao.core.clocks import today
from qiao.core.policies.news import tell_of_new_policies
from qiao.demo.district import District
from qiao.demo.replay import data

OWN = "企业自行填报（虚构）"
BEFORE = dt.date(2026, 3, 1)  # before the rules of 2026: firms hear of these


def settle_facts(district: District) -> None:
    """State the facts of all sample firms, confirm some, and tell the firms of the newest policies."""
    said = data("firms")
    agents = {s.organisation_id: s.person for s in district.seats.values() if s.role == "agent"}
    officer, head = district["officer"].person, district["head"].person
    for key, firm in said.items():
        if key == "common":
            continue
        organisation = district.bodies[key]
        values = {
            (name, today().year - n if isinstance(value, list) else None): one
            for name, value in firm["facts"].items()
            for n, one in enumerate(value if isinstance(value, list) else [value], 1)
        }
        by = agents.get(organisation.pk, head)
        for fact in facts.state_many(organisation, values, by=by, source=OWN):
            if fact.key in firm["confirmed"]:
                facts.confirm(fact, by=officer)
    tell_of_new_policies(BEFORE)
    tell_of_new_policies()
