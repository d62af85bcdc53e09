"""The sample's scenarios: demands, merged and listed, challenges with sealed bids and panels, pilots, copies.

The same functions make the small sample and the round at the size of Shanghai's first one (300 demands, 20 scenarios,
some 800 intents, 10 results: scenario facts §2). Everything goes through ``act()``, at moments in the past.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from qiao.core import search
from qiao.core.acts import act
from qiao.core.clocks import now, today
from qiao.core.models import Call, Case, Organisation, Person, Seat, User
from qiao.core.rulebook import rulebook
from qiao.demo.district import PASSWORD
from qiao.demo.replay import data
from qiao.kinds import joint
from qiao.kinds.scenario import bid, challenge, expert, scenario
from qiao.kinds.scenario.invitation import invite
from qiao.kinds.scenario.sheets import AGREEMENT, PLAN, SCENARIO, TERMS
from qiao.kinds.scenario.standing import places
from qiao.kinds.sheets import Entry, choices, read

RULES = "changning/scenarios"
SEATED = dt.date(2020, 1, 1)
AT = 6100  # firms of the district whose round has the figures of Shanghai's first one
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
LACKING = 1  # the plan of a challenge that comes without its proof
PDF = b"%PDF-1.4\n%\xe7\xa4\xba\xe4\xbe\x8b\n%%EOF\n"


@dataclass(frozen=True)
class Size:
    """How large a round is. ``intents``, ``plans``: for each challenge; ``results``: challenges that are awarded."""

    demands: int
    listed: int
    intents: int
    plans: int
    results: int
    experts: int = 5


SMALL = Size(demands=12, listed=8, intents=4, plans=3, results=3)
FIRST_ROUND = Size(demands=300, listed=20, intents=48, plans=4, results=10)


def morning() -> dt.datetime:
    """Today at ten, or yesterday where it is not yet that late: everything here happens in office hours."""
    ten = now().replace(hour=10, minute=0, second=0, microsecond=0)
    return ten if ten <= now() else ten - DAY


def form(kind_entries: Sequence[Entry], said: dict[str, Any]) -> dict[str, Any]:
    """Content as the form reads it; a text that the form would refuse stops the sample."""
    given: dict[str, list[str]] = {}
    for key, value in said.items():
        given[key] = [str(v) for v in (value if isinstance(value, (list, tuple)) else [value])]
    content, errors = read(kind_entries, given, choices(RULES, "zh"))
    if errors:
        raise ValueError(f"{said.get('title', '')}: {errors}")
    return content


@dataclass
class Round:
    """One round of collecting, and everybody in it."""

    size: Size
    firms: list[Seat]
    told: dict[str, Any] = field(default_factory=lambda: dict(data("scenarios")))
    dice: random.Random = field(default_factory=lambda: random.Random("scenarios"))  # noqa: S311 (a sample)
    advance: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.editor, self.leader = _seat_of("officer"), _seat_of("leader")
        office = self.editor.organisation
        year = today().year
        self.call = self._call(
            "scenario", f"{year}年长宁区应用场景征集（示例）", budget=3_000_000_000, office=office
        )
        self.joints = self._call("joint", f"{year}年联合攻关项目征集（示例）", office=office)
        self.pool = self._call("expert", "区科技评审专家库（示例）", office=office)
        self.holders = {key: self._seat(place, "agent") for key, place in self.told["places"].items()}
        self.experts = [self._expert(n, name) for n, name in enumerate(self.told["experts"], 1)]
        account(self.holders["central"].person, "hospital")
        account(self.experts[0].person, "expert")

    def _call(self, kind: str, title: str, *, office: Organisation, budget: int | None = None) -> Call:
        call = Call.objects.create(
            kind=kind, title=title, owner=office, rulebook=RULES, start=dt.date(today().year - 2, 1, 1),
            budget_fen=budget,
        )  # fmt: skip
        search.index_call(call)
        return call

    def _seat(self, place: dict[str, str], role: str, kind: str = "institute") -> Seat:
        there = Seat.objects.select_related("person", "organisation").filter(
            organisation__name=place["name"], role=role
        )
        if found := there.first():
            return found
        body = Organisation.objects.create(
            name=place["name"], short_name=place.get("short", "")[:40], kind=kind, fictional=True
        )
        search.index_organisation(body)
        person = Person.objects.create(
            name=f"{body.short_name or body.name[:10]}经办人"[:80],
            email=f"holder-{body.code}@example.org",
            fictional=True,
        )
        return Seat.objects.create(person=person, organisation=body, role=role, start=SEATED)

    def _expert(self, n: int, name: str) -> Seat:
        body = Organisation.objects.create(name=name, short_name=name[2:], kind="institute", fictional=True)
        search.index_organisation(body)
        person = Person.objects.create(
            name=f"专家{'甲乙丙丁戊己庚'[n - 1]}", email=f"expert-{n}@example.org", fictional=True
        )
        seat = Seat.objects.create(person=person, organisation=body, role="expert", start=SEATED)
        at = morning() - 500 * DAY
        case = expert.begin(self.pool, person, by=seat, at=at)
        topic = self.told["topics"][n % len(self.told["topics"])]
        profile = {
            "field_text": f"{topic['title']}相关技术",
            "technologies": topic["technologies"],
            "fields": topic["fields"],
        }
        act(case, "write", by=seat, content=profile, at=at)
        act(case, "submit", by=seat, at=at)
        act(case, "admit", by=self.editor, at=at + DAY)
        return seat

    # -- demands ------------------------------------------------------------------------------------------------

    def demands(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Places with their sites × the topics that suit them, each once, in an order that mixes them."""
        found = [
            (key, site, self.fitted(topic, place["kind"]))
            for key, place in self.told["places"].items()
            for site in place["sites"]
            for topic in self.told["topics"]
            if place["kind"] in topic["where"]
        ]
        self.dice.shuffle(found)
        return found[: self.size.demands]

    def fitted(self, topic: dict[str, Any], kind: str) -> dict[str, Any]:
        """A topic as it is at one kind of place: its field first, and what is said otherwise there."""
        home = self.told["fields"][kind]
        fields = [home, *(f for f in topic["fields"] if f in self.told["anywhere"] and f != home)]
        return {**topic, **topic.get("at", {}).get(kind, {}), "fields": fields}

    def demand(self, key: str, site: str, topic: dict[str, Any], at: dt.datetime) -> Case:
        place, holder = self.told["places"][key], self.holders[key]
        low, high = topic["budget"]
        rows = list(zip(*topic["indicators"], strict=True))
        said = {
            "title": f"{place['short'].removesuffix('（虚构）')}{site}{topic['title']}", "problem": topic["problem"],
            "site": site, "subdistrict": place["part"], "conditions": topic["conditions"],
            "data": topic["data"], "users": topic["users"], "fields": topic["fields"],
            "technologies": topic["technologies"], "money_mode": "both" if low > 90 else "subsidy",
            "budget_low": low, "budget_high": high, "indicators-name": rows[0], "indicators-target": rows[1],
            "indicators-method": rows[2], "safety": topic["safety"],
            "person": f"{holder.person.name}（虚构）",
        }  # fmt: skip
        case = scenario.begin(self.call, holder.organisation, by=holder, at=at)
        act(case, "write", by=holder, content=form(SCENARIO, said), at=at)
        act(case, "submit", by=holder, at=at + HOUR)
        self.advance()
        return case

    def list_(self, case: Case, at: dt.datetime, batch: str) -> None:
        act(case, "propose", by=self.editor, data={"opinion": "指标可测，场地、数据和责任人已落实。"}, at=at)
        act(case, "approve", by=self.leader, data={"batch": batch}, at=at + DAY)

    def settle(self, case: Case, kept: list[Case], at: dt.datetime) -> None:
        """A demand that is not listed on its own: merged into one like it, returned, or refused."""
        chance = self.dice.random()
        if kept and chance < 0.4:
            into = self.dice.choice(kept)
            act(
                case,
                "merge",
                by=self.editor,
                data={"into": into.code},
                reason="任务相近，合并征集方案。",
                at=at,
            )
        elif chance < 0.7:
            act(
                case,
                "return",
                by=self.editor,
                data={"ground": "vague"},
                reason="请写明可以测量的指标。",
                at=at,
            )
        else:
            why = "市场已有成熟产品，建议直接采购。"
            act(case, "refuse", by=self.leader, data={"ground": "mature"}, reason=why, at=at)
        self.advance()

    # -- challenges ---------------------------------------------------------------------------------------------

    def publish(
        self, case: Case, topic: dict[str, Any], at: dt.datetime, days: int = 30, winners: int = 1
    ) -> Case:
        found = challenge.begin(case, by=self.editor, at=at)
        rows = list(zip(*topic["indicators"], strict=True))
        until = (at + days * DAY).date().isoformat()
        criteria = default_criteria()
        said = {
            "task": topic["problem"], "indicators-name": rows[0], "indicators-target": rows[1],
            "indicators-method": rows[2], "bidders": "依法登记、三年内无严重失信记录的单位均可揭榜，不设规模门槛。",
            "offer": topic["conditions"], "money_mode": "subsidy", "budget_low": topic["budget"][0],
            "budget_high": topic["budget"][1], "ip": "归研发方，场景主体有使用权", "exit": "提前三十日书面通知。",
            "until": until, "winners": winners, "experts": self.size.experts, "drop_extremes": "",
            "criteria-name": [c["name"] for c in criteria], "criteria-weight": [c["weight"] for c in criteria],
            "criteria-least": [c["least"] for c in criteria],
        }  # fmt: skip
        act(found, "write", by=self.editor, content=form(TERMS, said), at=at)
        act(found, "publish", by=self.leader, data={"until": until}, at=at + HOUR)
        self.advance()
        return found

    def bids(
        self, case: Case, topic: dict[str, Any], at: dt.datetime, intents: int, plans: int
    ) -> list[Case]:
        """Intents of different firms; the first ones write a plan and seal it, each with one partner more than the one
        before; one comes without its proof."""
        firms = self.dice.sample(self.firms, min(intents, len(self.firms)))
        free = [firm for firm in self.firms if firm not in firms]
        random.Random(case.number).shuffle(free)  # noqa: S311 (a sample)
        sealed = []
        for n, firm in enumerate(firms):
            moment = at + DAY + n * HOUR
            message = f"{firm.organisation.name}在{topic['title']}方向有相关产品和案例，愿意揭榜。"
            said = {"message": message, "contact": f"{firm.person.name}（虚构）"}
            one = bid.begin(case, firm.organisation, by=firm, said=said, at=moment)
            if n < plans:
                self._plan(one, firm, topic, moment + 3 * DAY, free[2 * n : 2 * n + n], lacks=n == LACKING)
                sealed.append(one)
            self.advance()
        return sealed

    def _plan(
        self,
        one: Case,
        firm: Seat,
        topic: dict[str, Any],
        at: dt.datetime,
        partners: Sequence[Seat] = (),
        *,
        lacks: bool = False,
    ) -> None:
        for partner in partners:
            act(one, "invite_partner", by=firm, data={"unit": partner.organisation.code}, at=at - DAY)
        for partner in partners:
            act(one, "join", by=partner, at=at - HOUR)
        low, high = topic["budget"]
        starts = (at + 60 * DAY).date()
        said = {
            "approach": topic["approach"], "novelty": self.dice.choice(self.told["novelties"]),
            "level": self.dice.randint(5, 8), "value": f"服务{topic['users']}，对照榜单逐项达到指标。",
            "record": self.dice.choice(self.told["records"]), "safety": topic["safety"],
            "copies": "按街镇复制，部署周期四周。", "price": self.dice.randint(low, high),
            "schedule-name": ["进场与对接", "试运行", "交付验收"],
            "schedule-due": [(starts + dt.timedelta(days=d)).isoformat() for d in (30, 120, 240)],
            "team": f"{firm.organisation.name}项目组（虚构）",
        }  # fmt: skip
        act(one, "write", by=firm, content=form(PLAN, said), at=at)
        there = ("safety",) if lacks else ("proof", "safety")
        for code in (*there, "agreement") if partners else there:
            act(one, f"file_{code}", by=firm, content={"text": "示例文件"}, file=(f"{code}.pdf", PDF), at=at)
        act(one, "seal", by=firm, at=at + HOUR)

    def ask(self, case: Case, at: dt.datetime) -> None:
        for n, (question, answer) in enumerate(self.told["questions"]):
            asker = self.firms[n % len(self.firms)]
            found = challenge.ask(case, asker.organisation, question, by=asker, at=at + n * HOUR)
            act(found, "answer", by=self.editor, data={"answer": answer}, at=at + DAY)

    def open_bids(self, case: Case, at: dt.datetime) -> list[Case]:
        act(case, "close", by=self.editor, at=at)
        found = list(Case.objects.filter(parent=case, kind="bid", stage="checking").order_by("number"))
        for one in found:
            if one.papers.filter(kind="proof").exists():
                act(one, "accept", by=self.editor, at=at + DAY)
            else:
                self._accept_incomplete(one, at + DAY)
        return found

    def _accept_incomplete(self, one: Case, at: dt.datetime) -> None:
        """容缺: accepted without its proof, which comes within days."""
        until = (at + 20 * DAY).date().isoformat()
        act(one, "accept_incomplete", by=self.editor, data={"until": until}, at=at)
        lead = next(firm for firm in self.firms if firm.organisation == one.unit)
        act(
            one,
            "file_proof",
            by=lead,
            content={"text": "示例文件"},
            file=("proof.pdf", PDF),
            at=at + 2 * HOUR,
        )
        act(one, "settle_debt", by=self.editor, data={"received": "资质与案例证明"}, at=at + 3 * HOUR)

    def review(self, case: Case, found: list[Case], at: dt.datetime) -> None:
        act(case, "start_review", by=self.editor, at=at)
        for seat in self.dice.sample(self.experts, self.size.experts):
            act(case, "invite_expert", by=self.editor, data={"expert": seat.person.code}, at=at + HOUR)
            panel = Case.objects.get(kind="panel", parent=case, parties__person=seat.person)
            act(panel, "declare", by=seat, data={"units": [], "promise": True}, at=at + DAY)
            for n, one in enumerate(found):
                middle = 84 - 4 * n
                points = {
                    c["name"]: min(max(middle + self.dice.randint(-9, 9), 0), 100) for c in default_criteria()
                }
                opinion = self.dice.choice(self.told["reviews"])
                said = {"plan": one.number, "points": points, "opinion": opinion}
                act(panel, "score", by=seat, data=said, at=at + 2 * DAY)
            act(panel, "finish", by=seat, at=at + 3 * DAY)
        self.advance()

    def propose(self, case: Case, at: dt.datetime) -> None:
        """The best that may win; every other plan gets its reasons."""
        standing = places(case)
        best = standing[0].plan
        said = {"winners": [best], "grounds": f"方案{best}综合得分{standing[0].total}，各项均高于最低分。"}
        act(case, "propose", by=self.editor, data=said, at=at)
        by_plan = {p.plan: p for p in standing}
        for one in Case.objects.filter(parent=case, kind="bid", stage="reviewing").exclude(number=best):
            place = by_plan[one.number]
            reason = f"综合得分{place.total}，低于中榜方案的{standing[0].total}分；建议补充指标测量办法后参加下一批。"
            act(case, "explain", by=self.editor, data={"plan": one.number}, reason=reason, at=at)
        act(case, "post", by=self.editor, at=at + HOUR)

    def award(self, case: Case, at: dt.datetime) -> Case:
        act(case, "end_notice", by=self.editor, at=at)
        act(case, "award", by=self.leader, at=at + HOUR)
        self.advance()
        return Case.objects.get(kind="pilot", parent__parent=case)

    # -- pilots -------------------------------------------------------------------------------------------------

    def sign(self, pilot: Case, key: str, topic: dict[str, Any], at: dt.datetime) -> Seat:
        holder, place = self.holders[key], self.told["places"][key]
        lead = Seat.objects.get(
            organisation__parts__case=pilot, organisation__parts__role="lead", role="agent"
        )
        rows = list(zip(*topic["indicators"], strict=True))
        start = at.date()
        said = {
            "site": place["sites"][0], "data_access": topic["data"], "start": start.isoformat(),
            "end": (start + dt.timedelta(days=300)).isoformat(), "safety": topic["safety"], "ip": "归研发方",
            "exit": "任何一方提前三十日书面通知可以退出，数据当场清除。", "investment": topic["budget"][1],
            "indicators-name": rows[0], "indicators-target": rows[1], "indicators-method": rows[2],
            "milestones-name": ["进场与对接", "试运行", "达到指标"],
            "milestones-due": [(start + dt.timedelta(days=d)).isoformat() for d in (30, 120, 240)],
            "milestones-evidence": ["report", "running", "test"],
        }  # fmt: skip
        act(pilot, "write", by=lead, content=form(AGREEMENT, said), at=at)
        act(pilot, "sign_lead", by=lead, at=at + HOUR)
        act(pilot, "sign_holder", by=holder, at=at + 2 * HOUR)
        act(pilot, "sign_office", by=self.leader, at=at + DAY)
        return lead

    def reach(self, pilot: Case, lead: Seat, key: str, at: dt.datetime, upto: int) -> None:
        for n in range(1, upto + 1):
            moment = at + 30 * n * DAY
            said = {"n": str(n), "evidence": "现场照片与运行记录（示例）。"}
            act(pilot, "milestone", by=lead, data=said, at=moment)
            act(pilot, "confirm_milestone", by=self.holders[key], data={"n": str(n)}, at=moment + DAY)

    def accept(self, pilot: Case, lead: Seat, key: str, topic: dict[str, Any], at: dt.datetime) -> None:
        """Tested, heard, accepted, paid."""
        act(pilot, "ask_acceptance", by=lead, at=at)
        measured = "；".join(f"{name}：达到{target}" for name, target, _how in topic["indicators"])
        act(
            pilot,
            "test",
            by=self.editor,
            data={"tester": "示例检测认证院（虚构）", "result": measured},
            at=at + DAY,
        )
        heard = {"users": "420", "satisfied": "381", "said": "比原来方便，希望增加操作说明。"}
        act(pilot, "feedback", by=self.holders[key], data=heard, at=at + 2 * DAY)
        lesson = self.dice.choice(self.told["lessons"])
        act(pilot, "accept", by=self.editor, data={"reached": measured, "lesson": lesson}, at=at + 5 * DAY)
        spent = topic["budget"][1] * 10_000
        grant = {"investment": str(spent), "amount": str(min(spent * 3 // 10, 1_500_000))}
        act(pilot, "grant", by=self.leader, data=grant, at=at + 6 * DAY)
        act(pilot, "pay", by=self.editor, data={"voucher": "示例-001"}, at=at + 10 * DAY)
        act(pilot, "close", by=self.editor, at=at + 11 * DAY)
        self.advance()

    def copy(self, pilot: Case, at: dt.datetime) -> None:
        for by, place in self.told["copies"]:
            said = {
                "by": by,
                "place": place,
                "since": at.date().isoformat(),
                "note": "按复制手册部署，四周上线。",
            }
            act(pilot, "copied", by=self.editor, data=said, at=at)


def _seat_of(user: str) -> Seat:
    return Seat.objects.select_related("person", "organisation").get(person__user__username=user)


def account(person: Person, name: str) -> None:
    """A sign-in for somebody of the sample."""
    person.user = User.objects.create_user(username=name, password=PASSWORD, email=f"{name}@example.org")
    person.email = person.user.email
    person.save()


def default_criteria() -> list[dict[str, Any]]:
    """The criteria that the rulebook proposes."""
    found: list[dict[str, Any]] = rulebook(RULES).values["criteria"]["value"]
    return found


def round_at(size: int) -> Size:
    """How large a round is in a district of so many firms: as the reply's at 6,100 and above, smaller below."""
    share = min(size, AT) / AT

    def of(whole: int, least: int) -> int:
        return max(least, round(whole * share))

    full = FIRST_ROUND
    listed = of(full.listed, 3)
    return Size(
        demands=of(full.demands, listed + 2), listed=listed, intents=of(full.intents, 3), plans=of(full.plans, 2),
        results=min(of(full.results, 1), listed),
    )  # fmt: skip


def steps(size: Size) -> int:
    """How often a round calls ``advance`` at most; what failed or waits calls it less often."""
    return size.demands * 2 + size.listed * (size.intents + 2) + size.results * 2


def intents_on(size: Size, n: int) -> int:
    """How many firms want to bid on the n-th listed scenario: fewer where nobody wins, none before it is called."""
    late = (n - size.results) % 5 if n >= size.results else 0
    return {2: max(size.intents // 3, 1), 4: 0}.get(late, size.intents)


@transaction.atomic
def open_scenarios(
    size: Size = SMALL, firms: list[Seat] | None = None, advance: Callable[[], None] = lambda: None
) -> None:
    """A round that began 400 days ago: scenarios at every stage of their way. All of it, or nothing where it stops."""
    r = Round(size, firms or _agents(), advance=advance)
    begun = morning() - 400 * DAY
    kept: list[tuple[Case, str, dict[str, Any]]] = []
    for n, (key, site, topic) in enumerate(r.demands()):
        at = begun + (n % 7) * HOUR
        case = r.demand(key, site, topic, at)
        if len(kept) < size.listed and (n * size.listed) // size.demands >= len(kept):
            r.list_(case, at + 10 * DAY, f"{today().year}年第{'一二'[len(kept) >= size.listed // 2]}批")
            kept.append((case, key, topic))
        else:
            open_now = [c for c, _key, _topic in kept if c.stage == "listed"]
            r.settle(case, open_now, at + 12 * DAY)
    for n, (case, key, topic) in enumerate(kept):
        _follow(r, n, case, key, topic)
    _joint(r)


def _agents() -> list[Seat]:
    """Who acts for the firms and institutes of the sample."""
    seats = Seat.objects.filter(role="agent", organisation__kind="firm", organisation__fictional=True)
    return list(seats.select_related("organisation", "person").order_by("pk"))


def _follow(r: Round, n: int, case: Case, key: str, topic: dict[str, Any]) -> None:
    """What became of the n-th listed scenario: results first, then the others at every stage."""
    size = r.size
    if n < size.results:
        at = morning() - 380 * DAY
        found = r.publish(case, topic, at)
        r.bids(found, topic, at, intents_on(size, n), size.plans)
        r.ask(found, at + 2 * DAY)
        plans = r.open_bids(found, at + 32 * DAY)
        r.review(found, plans, at + 35 * DAY)
        r.propose(found, at + 45 * DAY)
        pilot = r.award(found, at + 54 * DAY)
        lead = r.sign(pilot, key, topic, at + 60 * DAY)
        if n == 1:
            r.reach(pilot, lead, key, at + 60 * DAY, 1)
            act(pilot, "end_without_blame", by=r.leader, data=r.told["without_blame"], at=at + 200 * DAY)
        elif n == 2:
            r.reach(pilot, lead, key, at + 60 * DAY, 2)
        else:
            r.reach(pilot, lead, key, at + 60 * DAY, 3)
            r.accept(pilot, lead, key, topic, at + 200 * DAY)
            r.copy(pilot, at + 260 * DAY)
            act(case, "mark_benchmark", by=r.leader, reason="指标全部达到，三处已复制。", at=at + 270 * DAY)
        return
    late = n - size.results
    if late % 5 == 4:
        return  # on the list, nobody has begun yet
    at = morning() - (46, 34, 60, 10)[late % 5] * DAY
    if late % 5 == 2:
        found = r.publish(case, topic, at, days=20)
        r.bids(found, topic, at, intents_on(size, n), 0)
        act(found, "close", by=r.editor, at=at + 22 * DAY)
        why = "有意向没有方案：录入数据不足，建设期过短。拟补充数据、延长工期后重新发榜。"
        act(found, "fail", by=r.editor, data={"ground": "terms"}, reason=why, at=at + 23 * DAY)
        return
    found = r.publish(case, topic, at, days=30)
    r.bids(found, topic, at, intents_on(size, n), size.plans)
    r.ask(found, at + 2 * DAY)
    if late % 5 == 3:
        for firm in r.firms[-2:]:
            if not found.children.filter(kind="bid", unit=firm.organisation).exists():
                invite(
                    found,
                    firm.organisation,
                    "货架上的成果与榜单任务的技术方向相同。",
                    by=r.editor,
                    at=at + 3 * DAY,
                )
        return
    plans = r.open_bids(found, at + 32 * DAY)
    if late % 5 == 0:
        r.review(found, plans, at + 34 * DAY)
        r.propose(found, at + 42 * DAY)
    else:  # the first expert is asked to declare and score
        act(found, "start_review", by=r.editor, at=at + 33 * DAY + 2 * HOUR)
        asked = {"expert": r.experts[0].person.code}
        act(found, "invite_expert", by=r.editor, data=asked, at=at + 33 * DAY + 3 * HOUR)


def _joint(r: Round) -> None:
    """Two joint projects: one running with its contract registered, one accepted with results."""
    institutes = Seat.objects.filter(
        role="agent", organisation__kind="institute", organisation__fictional=True
    )
    partners = list(institutes.exclude(organisation__in=[s.organisation for s in r.holders.values()])[:2])
    for n, told in enumerate(r.told["joints"]):
        lead, partner = r.firms[n], (partners or list(r.holders.values()))[n % max(len(partners), 1)]
        at = morning() - (300 - 60 * n) * DAY
        start = at.date()
        said = told | {
            "shares-unit": [lead.organisation.name, partner.organisation.name],
            "shares-work": ["工程化与应用", "基础研究与样机"],
            "shares-money": [200, 80], "shares-ip": [60, 40], "milestones-name": ["方案与样机", "指标达到"],
            "milestones-due": [(start + dt.timedelta(days=d)).isoformat() for d in (120, 260)],
            "milestones-evidence": ["report", "test"],
        }  # fmt: skip
        case = joint.begin(r.joints, lead.organisation, [partner.organisation], by=lead, at=at)
        act(case, "write", by=lead, content=form(joint.PLAN, said), at=at)
        act(case, "sign_lead", by=lead, at=at + HOUR)
        act(case, "sign_partner", by=partner, at=at + DAY)
        act(case, "approve", by=r.leader, at=at + 10 * DAY)
        contract = {
            "kind": "development", "name": told["title"], "seller": partner.organisation.name,
            "buyer": lead.organisation.name, "amount": "800000", "technology": "720000",
            "signed": (start + dt.timedelta(days=15)).isoformat(),
        }  # fmt: skip
        act(case, "contract", by=partner, data=contract, at=at + 20 * DAY)
        registered = {
            "number": f"示例{today().year}0{n + 1}",
            "day": (start + dt.timedelta(days=26)).isoformat(),
        }
        act(case, "registered", by=r.editor, data=registered, at=at + 26 * DAY)
        act(
            case,
            "milestone",
            by=partner,
            data={"n": "1", "evidence": "样机与测试记录（示例）。"},
            at=at + 100 * DAY,
        )
        act(case, "confirm_milestone", by=r.editor, data={"n": "1"}, at=at + 102 * DAY)
        if n == 0:
            act(
                case,
                "milestone",
                by=lead,
                data={"n": "2", "evidence": "检测报告（示例）。"},
                at=at + 200 * DAY,
            )
            act(case, "confirm_milestone", by=r.editor, data={"n": "2"}, at=at + 202 * DAY)
            result = {
                "kind": "product",
                "name": "低时延语音合成引擎",
                "direction": told["direction"],
                "use": told["use"],
            }
            act(case, "result", by=lead, data=result, at=at + 203 * DAY)
            act(case, "ask_acceptance", by=lead, at=at + 204 * DAY)
            act(
                case,
                "accept",
                by=r.editor,
                data={"reached": "时延一百四十毫秒，达到指标。"},
                at=at + 210 * DAY,
            )
