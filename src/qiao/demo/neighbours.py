"""The living neighbours of case 065: proposals and suggestions of the present session, each somewhere else on the way.

Texts stand in ``data/neighbours.yaml``. Days are counted back from today, so that there is always something current.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from qiao.core.acts import act
from qiao.core.clocks import calendar, now, today
from qiao.core.figures import state_value
from qiao.core.models import Act, Call, Case, Indicator, Organisation, Seat, Value
from qiao.core.rulebook import rulebook
from qiao.demo.district import District, at
from qiao.demo.replay import SATISFIED, data
from qiao.kinds.proposal import start_draft
from qiao.kinds.reply import Reply, Undertaking
from qiao.letters.model import Block, Contact, Figure, Heading, Inline, Letter, Paragraph, Promise, Text
from qiao.timekeeping import MonthEnd
from qiao.timekeeping.course import add_months

MARK = re.compile(
    r"\{\{(?P<figure>[^|}]+)\|(?P<said>[^}]+)\}\}"
    r"|\[\[(?P<promise>[^|\]]+)\|(?P<unit>[^|]+)\|(?P<months>\d+)\|(?P<measure>[^\]]+)\]\]"
)
HEADING = re.compile(r"[一二三四五六七八九十]、[^。]{2,20}")
SOURCE = "示例数据（虚构）"
PARTS = ("title", "background", "problem", "suggestions")


@dataclass
class Story:
    """One neighbour: its data, who does what in it, and when it last moved."""

    d: District
    said: Mapping[str, Any]
    values: Mapping[str, Value]
    case: Case = field(init=False)
    last: dt.datetime = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.said["key"])  # noqa: S311 (times of day, the same on every machine)

    @property
    def start(self) -> int:
        return int(self.said["start"])

    @property
    def call(self) -> Call:
        first = self.said.get("by", "contact")
        return self.d.congress if first.startswith("deputy") else self.d.session

    @property
    def registry(self) -> Seat:
        return self.d["registry" if self.call == self.d.session else "congress-registry"]

    @property
    def author(self) -> Seat:
        return self.d[self.said.get("by", "contact")]

    @property
    def unit(self) -> Organisation:
        return self.d.bodies[self.said["lead"]]

    def staff(self, body: str, role: str) -> Seat:
        return self.d[role if body == "tech" else f"{body}-{role}"]

    def moment(self, days_ago: int) -> dt.datetime:
        """A working hour about so many days ago, after whatever happened last and before now."""
        day = calendar().previous_workday(today() - dt.timedelta(days=days_ago))
        wanted = at(day, f"{self.dice.randint(9, 16):02d}:{self.dice.randint(0, 59):02d}")
        last = getattr(self, "last", None)
        if last and wanted <= last:
            wanted = last + dt.timedelta(minutes=self.dice.randint(6, 40))
        self.last = min(wanted, now())
        return self.last

    def do(self, verb: str, by: Seat, days_ago: int, *, on: Case | None = None, **given: Any) -> None:
        act(on or self.case, verb, by=by, at=self.moment(days_ago), **given)

    @property
    def handling(self) -> Case:
        return self.case.children.filter(kind="handling").select_related("call__owner").order_by("-id")[0]

    # --- the steps of the way --------------------------------------------------------------------------------

    def drafted(self) -> None:
        body = self.d.bodies[self.said["body"]] if "body" in self.said else None
        self.case = start_draft(self.call, self.author, body=body, at=self.moment(self.start + 6))
        content = {**{part: self.said[part] for part in PARTS}, "consent": True}
        self.do("save", self.author, self.start + 6, content=content)
        for key in (*self.said.get("cosigners", []), *self.said.get("invite", [])):
            self.do("invite", self.author, self.start + 5, data={"person": self.d[key].person.code})
        for key in self.said.get("cosigners", []):
            self.do("join", self.d[key], self.start + 3)

    def submitted(self) -> None:
        self.drafted()
        self.do("submit", self.author, self.start)

    def admitted(self) -> None:
        self.submitted()
        earlier = Act.objects.filter(verb="admit", case__call=self.call).order_by("-at").first()
        self.last = max(self.last, earlier.at) if earlier else self.last  # numbers follow time
        self.do("admit", self.registry, admission(self.said), data={"category": self.said["category"]})

    def assigned(self) -> None:
        self.admitted()
        days = max(self.start - 10, 1)
        code = self.d.code
        if parts := self.said.get("split"):
            units = {"split": [code(k) for k in parts], "parts": "\n".join(parts.values())}
        else:
            units = {"lead": code(self.said["lead"]), "co": [code(k) for k in self.said.get("co", [])]}
        self.do("assign", self.registry, days, data=units)

    def accepted(self) -> None:
        self.assigned()
        officer = self.staff(self.said["lead"], "officer")
        self.do("accept", officer, self.start - 12, on=self.handling)

    def consulted(self, *, opinions: bool = True) -> None:
        """Accepted, opinions asked for, the author spoken to."""
        self.accepted()
        handling, officer = self.handling, self.staff(self.said["lead"], "officer")
        for key in self.said.get("co", []):
            opinion = handling.children.select_related("call__owner").get(unit=self.d.bodies[key])
            self.do("accept", self.staff(key, "officer"), self.start - 14, on=opinion)
            if opinions:
                text = OPINION.format(title=self.said["title"], unit=self.unit, by=self.d.bodies[key])
                self.do(
                    "save_opinion",
                    self.staff(key, "officer"),
                    self.start - 24,
                    on=opinion,
                    content={"text": text},
                )
                self.do("send", self.staff(key, "leader"), self.start - 26, on=opinion)
        day = calendar().previous_workday(today() - dt.timedelta(days=self.start - 30))
        summary = f"听取{self.author.person.name}对办理的意见，介绍了目前的工作和初步考虑。"
        self.do(
            "contact",
            officer,
            self.start - 30,
            on=handling,
            data={"method": self.dice.choice(["visit", "phone"]), "on": day, "summary": summary},
        )

    def saved(self, key: str = "reply", *, days_ago: int | None = None) -> None:
        days = self.start - 40 if days_ago is None else days_ago
        content = self.letter(self.said[key], days).to_dict()
        self.do(
            "save_reply", self.staff(self.said["lead"], "officer"), days, on=self.handling, content=content
        )

    def signing(self, *, through: str = "sign") -> None:
        """In the sign-off chain, with every signature before ``through``."""
        self.consulted()
        self.saved()
        lead, handling = self.said["lead"], self.handling
        self.do("request_signature", self.staff(lead, "officer"), self.start - 42, on=handling)
        co = self.said.get("co", [])
        for key in co if through != "countersign" else co[1:]:
            self.do("countersign", self.staff(key, "leader"), self.start - 44, on=handling)
        chain = ("check", "vet", "sign")
        for verb, role in zip(chain, ("head", "office", "leader"), strict=True):
            if through in {"countersign", verb}:
                return
            self.do(verb, self.staff(lead, role), self.start - 46, on=handling)

    def replied(self) -> None:
        self.signing(through="")
        officer = self.staff(self.said["lead"], "officer")
        self.do("deliver", officer, self.start - 50, on=self.handling)
        self.do("publish", officer, self.start - 52, on=self.handling)

    def rated(self) -> None:
        self.replied()
        for n, key in enumerate((self.said["by"], *self.said.get("cosigners", []))):
            rating = dict(SATISFIED)
            if n:
                rating |= {"attitude": "satisfied", "agreement": "understand"}
            self.do("rate", self.d[key], self.start - 60, data=rating)

    # --- ways ------------------------------------------------------------------------------------------------

    def tracking(self) -> None:
        self.rated()
        self.do("track", self.registry, self.start - 64)

    def closed(self) -> None:
        self.rated()
        promises = self.case.children.filter(kind="commitment").select_related("call__owner")
        for promise in promises:
            summary = "已按承诺完成，成效符合衡量标准。"
            self.do(
                "complete",
                self.staff(self.said["lead"], "officer"),
                self.start - 66,
                on=promise,
                data={"summary": summary},
            )
        self.do("close", self.registry, self.start - 68)

    def redo(self) -> None:
        self.replied()
        bad = {
            **SATISFIED,
            "to_the_point": "no",
            "agreement": "disagree",
            "comment": self.said["dissatisfied"],
        }
        self.do("rate", self.author, self.start - 96, data=bad)
        reason = "提案人不同意办理结果，请就第二条建议作出具体回应。"
        self.do("redo", self.registry, self.start - 102, reason=reason)

    def drafting(self) -> None:
        """Being drafted; the co-handler still owes its opinion."""
        self.consulted(opinions=False)
        if "draft" in self.said:
            self.saved("draft", days_ago=4)

    def overdue(self) -> None:
        self.consulted()
        self.do("urge", self.registry, 6, reason="答复期限已过，请抓紧办理并说明进度。")

    def extension(self) -> None:
        self.consulted()
        self.do(
            "ask_extension",
            self.staff(self.said["lead"], "officer"),
            3,
            on=self.handling,
            data={"until": today() + dt.timedelta(days=70)},
            reason="概念验证中心涉及专项资金安排，需待年度预算审定后方能答复，申请延期。",
        )

    def split(self) -> None:
        self.assigned()
        for handling in self.case.children.filter(kind="handling").select_related("call__owner", "unit"):
            body = next(k for k, o in self.d.bodies.items() if o == handling.unit)
            self.do("accept", self.staff(body, "officer"), self.start - 12, on=handling)

    def merged(self, main: Case) -> None:
        self.submitted()
        reason = "与主提案反映同一问题，并案办理，一并答复。"
        self.do("merge", self.registry, self.start - 8, data={"into": main.code}, reason=reason)

    def handback(self) -> None:
        self.assigned()
        self.do(
            "ask_handback",
            self.staff(self.said["lead"], "officer"),
            max(self.start - 14, 1),
            on=self.handling,
            data={"unit": self.d.code(self.said["suggest"])},
            reason=self.said["reason"],
        )

    def refused(self) -> None:
        self.submitted()
        data_ = {"ground": self.said["ground"]}
        self.do("refuse", self.registry, self.start - 7, data=data_, reason=self.said["reason"])

    def converted(self) -> None:
        self.submitted()
        self.do("convert", self.registry, self.start - 7, reason=self.said["reason"])

    def withdrawn(self) -> None:
        self.submitted()
        self.do("withdraw", self.author, self.start - 4, reason=self.said["reason"])

    # --- the reply -------------------------------------------------------------------------------------------

    def letter(self, paragraphs: list[str], days_ago: int) -> Reply:
        """The reply with figures cited and promises marked as its data say."""
        signed = today() - dt.timedelta(days=max(days_ago - 6, 0))
        citations: dict[str, str] = {}
        promises: list[Undertaking] = []
        blocks: list[Block] = [Paragraph((Text(OPENING.format(title=self.said["title"])),))]
        for said in paragraphs:
            if HEADING.fullmatch(said):
                blocks.append(Heading(1, said))
            else:
                blocks.append(Paragraph(self._inlines(said, signed, citations, promises)))
        blocks.append(Paragraph((Text(CLOSING),)))
        result = self.said.get("result", "")
        term = rulebook(self.call.rulebook).term("result", result)
        months = int(self.said.get("result_months", 0))
        letter = Letter(
            form="reply_sheet",
            title_lines=(f"对{self.call.title}", f"第{self.case.number}号{self._instrument()}的答复"),
            result=term.label.zh if term else None,
            signer=self.staff(self.said["lead"], "leader").person.name if result else None,
            addressees=(self.author.person.name,),
            blocks=tuple(blocks),
            signature=(self.unit.name,),
            date=signed if result else None,
            note="此件公开发布；示例文本，内容虚构",
            contact=Contact(name=self.staff(self.said["lead"], "officer").person.name, phone="00000000"),
        )
        return Reply(
            letter,
            result=result,
            result_date=add_months(signed, months, MonthEnd.CLAMP) if months else None,
            result_reason=self.said.get("reason", ""),
            publicity="open",
            citations=citations,
            promises=tuple(promises),
        )

    def _instrument(self) -> str:
        return "提案" if self.call == self.d.session else "代表建议"

    def _inlines(
        self, said: str, signed: dt.date, citations: dict[str, str], promises: list[Undertaking]
    ) -> tuple[Inline, ...]:
        out: list[Inline] = []
        done = 0
        for mark in MARK.finditer(said):
            if mark.start() > done:
                out.append(Text(said[done : mark.start()]))
            if mark["figure"]:
                id_ = f"f{len(citations) + 1}"
                citations[id_] = self.values[mark["figure"]].code
                out.append(Figure(id_, mark["said"]))
            else:
                id_ = f"p{len(promises) + 1}"
                out.append(Promise(id_, (Text(mark["promise"]),)))
                due = add_months(signed, int(mark["months"]), MonthEnd.CLAMP)
                unit = self.d.code(mark["unit"])
                promises.append(Undertaking(id_, mark["promise"], unit, due, mark["measure"]))
            done = mark.end()
        if done < len(said):
            out.append(Text(said[done:]))
        return tuple(out)


OPENING = "您提出的《{title}》收悉。我们高度重视，与您作了沟通，现将办理情况答复如下："
CLOSING = "感谢您对我们工作的关心和支持，欢迎继续提出宝贵意见。"
OPINION = (
    "{unit}：\n\n《{title}》收悉。结合本单位职责，会办意见如下：\n\n一、赞同所提建议，愿在职责范围内予以配合。\n\n"
    "二、涉及本单位的事项，将列入工作计划推进。\n\n{by}"
)

WAYS: dict[str, Callable[[Story], None]] = {
    "draft": Story.drafted,
    "submitted": Story.submitted,
    "admitted": Story.admitted,
    "assigned": Story.assigned,
    "handback": Story.handback,
    "drafting": Story.drafting,
    "overdue": Story.overdue,
    "extension": Story.extension,
    "split": Story.split,
    "collective": Story.accepted,
    "merge_main": Story.accepted,
    "countersign": lambda story: story.signing(through="countersign"),
    "check": lambda story: story.signing(through="check"),
    "vet": lambda story: story.signing(through="vet"),
    "sign": lambda story: story.signing(through="sign"),
    "replied": Story.replied,
    "redo": Story.redo,
    "tracking": Story.tracking,
    "closed": Story.closed,
    "refused": Story.refused,
    "converted": Story.converted,
    "withdrawn": Story.withdrawn,
}


def admission(said: Mapping[str, Any]) -> int:
    """How many days ago a neighbour was (or would have been) admitted."""
    return int(said.get("admitted", max(said["start"] - 6, 1)))


def figures(d: District) -> dict[str, Value]:
    """Values that neighbours cite: some of their own, and those of case 065 as they were first stated."""
    found = {v.indicator.code: v for v in Value.objects.filter(revision=1).select_related("indicator")}
    year = d.session.start.year - 1
    for code, said in data("neighbours")["figures"].items():
        owner = said["owner"]
        indicator = Indicator.objects.create(
            code=code,
            name=said["name"],
            name_en=said["name_en"],
            definition=said["definition"],
            unit=said["unit"],
            source=SOURCE,
            owner=d.bodies[owner],
        )
        found[code] = state_value(
            indicator,
            start=dt.date(year, 1, 1),
            end=dt.date(year, 12, 31),
            value=Decimal(said["value"]),
            qualifier=said.get("qualifier", ""),
            display=said["text"],
            by=d["officer" if owner == "tech" else f"{owner}-officer"],
            at=at(dt.date(year + 1, 1, 4)),
        )
    return found


def settle_in(d: District, advance: Callable[[], None] = lambda: None) -> list[Case]:
    """All neighbours; ``advance`` is called after each."""
    values = figures(d)
    told: dict[str, Story] = {}
    for said in sorted(data("neighbours")["cases"], key=admission, reverse=True):
        story = told[said["key"]] = Story(d, said, values)
        if said["way"] == "merged":
            story.merged(told[said["into"]].case)
        else:
            WAYS[said["way"]](story)
        advance()
    return [story.case for story in told.values()]


def count() -> int:
    return len(data("neighbours")["cases"])
