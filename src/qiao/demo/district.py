"""Who is in the sample district: bodies, fictional people with one seat each, and the sessions of two years.

The bodies bear the names that stand in the published reply; the people in them, and all that they do here, are made up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password

from qiao.core import phrases
from qiao.core.clocks import SHANGHAI, calendar, today
from qiao.core.models import Call, Organisation, Person, Seat, User

PASSWORD = "qiao-demo-2024"  # noqa: S105 (printed to everybody)
TERM = dt.date(2021, 12, 1)
REACH = 150  # days: how long ago the oldest of the neighbours' stories begins

# key: (name, short name, kind, 机关代字, layout)
BODIES = {
    "cppcc": ("政协长宁区委员会", "区政协", "conference", "长政协", ""),
    "congress": ("长宁区人民代表大会常务委员会", "区人大常委会", "congress", "长人大", ""),
    "office": ("长宁区人民政府办公室", "区府办", "bureau", "长府办", ""),
    "tech": ("长宁区科学技术委员会", "区科委", "bureau", "长科委", ""),
    "commerce": ("长宁区商务委员会", "区商务委", "bureau", "长商务", ""),
    "culture": ("长宁区文化和旅游局", "区文化旅游局", "bureau", "长文旅", ""),
    "education": ("长宁区教育局", "区教育局", "bureau", "长教", ""),
    "health": ("长宁区卫生健康委员会", "区卫生健康委", "bureau", "长卫健", ""),
    "civil": ("长宁区民政局", "区民政局", "bureau", "长民", ""),
    "works": ("长宁区建设和管理委员会", "区建设管理委", "bureau", "长建管", ""),
    "green": ("长宁区绿化和市容管理局", "区绿化市容局", "bureau", "长绿容", ""),
    "members": ("长宁区政协科技界别", "科技界别", "group", "", ""),
    "multimedia": ("上海市多媒体行业协会", "多媒体行业协会", "association", "", ""),
}
# Made-up firms; their codes have right check digits and belong to nobody.
FIRMS = {
    "firm-a": ("示例云境科技有限公司（虚构）", "云境科技（虚构）", "firm"),
    "firm-b": ("示例数影文化传媒有限公司（虚构）", "数影传媒（虚构）", "firm"),
    "firm-c": ("示例智算信息技术有限公司（虚构）", "智算信息（虚构）", "firm"),
    "firm-d": ("示例江桥商贸有限公司（虚构）", "江桥商贸（虚构）", "firm"),
    "firm-e": ("示例微感器件有限公司（虚构）", "微感器件（虚构）", "firm"),
    "fund-a": ("示例虹桥创业投资合伙企业（虚构）", "虹桥创投（虚构）", "fund"),
}

# user name: (person, body, role, title)
PEOPLE = {
    "registry": ("交办员甲", "cppcc", "registry", "提案委员会办公室"),
    "vice-chair": ("督办领导甲", "cppcc", "leader", "副主席"),
    "officer": ("承办人甲", "tech", "officer", "科技产业科"),
    "head": ("科长甲", "tech", "head", "科技产业科科长"),
    "office": ("核稿人甲", "tech", "office", "办公室主任"),
    "leader": ("签发人甲", "tech", "leader", "主任"),
    "commerce-officer": ("承办人乙", "commerce", "officer", "商贸科"),
    "commerce-head": ("科长乙", "commerce", "head", "商贸科科长"),
    "commerce-office": ("核稿人乙", "commerce", "office", "办公室主任"),
    "commerce-leader": ("签发人乙", "commerce", "leader", "副主任"),
    "culture-officer": ("承办人丙", "culture", "officer", "产业科"),
    "culture-head": ("科长丙", "culture", "head", "产业科科长"),
    "culture-office": ("核稿人丙", "culture", "office", "办公室主任"),
    "culture-leader": ("签发人丙", "culture", "leader", "副局长"),
    "member-a": ("委员甲", "cppcc", "member", "委员"),
    "member-b": ("委员乙", "cppcc", "member", "委员"),
    "member-c": ("委员丙", "cppcc", "member", "委员"),
    "contact": ("界别联系人甲", "cppcc", "contact", "科技界别召集人"),
    "deputy-a": ("代表甲", "congress", "deputy", "代表"),
    "deputy-b": ("代表乙", "congress", "deputy", "代表"),
    "congress-registry": ("交办员乙", "congress", "registry", "代表工作委员会"),
    "agent": ("经办人甲", "firm-a", "agent", "政策专员"),
    "agent-b": ("经办人乙", "firm-b", "agent", "行政经理"),
    "admin": ("管理员甲", "cppcc", "admin", "系统管理员"),
}
# Who is named when the server starts; the others can sign in as well.
SHOWN = (
    "registry", "officer", "head", "office", "leader", "commerce-officer", "commerce-leader", "vice-chair",
    "member-a", "member-b", "contact", "deputy-a", "congress-registry", "agent", "hospital", "expert", "admin",
)  # fmt: skip
# Bodies that need no sign-ins of their own but everybody who signs.
STAFFED = ("education", "health", "civil", "works", "green")


@dataclass
class District:
    """Everybody and everything by key."""

    bodies: dict[str, Organisation] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    session_2024: Call = field(init=False)
    session: Call = field(init=False)  # the one that runs today
    congress: Call = field(init=False)

    def __getitem__(self, key: str) -> Seat:
        return self.seats[key]

    def code(self, body: str) -> str:
        return self.bodies[body].code


def at(day: str | dt.date, time: str = "10:00") -> dt.datetime:
    """A moment in Shanghai."""
    return dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=SHANGHAI)


def sign_ins() -> list[tuple[str, str, str]]:
    """(user name, person, seat) of the sample people that are in this database."""
    seats = Seat.objects.filter(person__fictional=True, person__user__username__in=SHOWN)
    found = {
        s.person.user.username: s
        for s in seats.select_related("person__user", "organisation")
        if s.person.user
    }
    return [
        (user, found[user].person.name, f"{found[user].organisation} · {phrases.ROLES[found[user].role]}")
        for user in SHOWN
        if user in found
    ]


def build() -> District:
    """Bodies, people, seats and sessions."""
    district = District()
    for key, (name, short, kind, mark, layout) in BODIES.items():
        extra = {"address": "安西路35号", "postcode": "200050"} if key == "tech" else {}
        district.bodies[key] = Organisation.objects.create(
            name=name, short_name=short, kind=kind, document_mark=mark, layout=layout, **extra
        )
    for key, (name, short, kind) in FIRMS.items():
        district.bodies[key] = Organisation.objects.create(
            name=name, short_name=short, kind=kind, fictional=True
        )
    people = dict(PEOPLE)
    for body in STAFFED:
        short = BODIES[body][1]
        people |= {
            f"{body}-{role}": (f"{short}{word}", body, role, "")
            for role, word in (
                ("officer", "承办人"),
                ("head", "科长"),
                ("office", "核稿人"),
                ("leader", "签发人"),
            )
        }
    hashed = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(
            username=name,
            password=hashed,
            email=f"{name}@example.org",
            is_staff=name == "admin",
            is_superuser=name == "admin",
        )
        for name in people
    )
    for user in users:
        name, body, role, title = people[user.username]
        person = Person.objects.create(name=name, user=user, email=user.email, fictional=True)
        district.seats[user.username] = Seat.objects.create(
            person=person, organisation=district.bodies[body], role=role, title=title, start=TERM
        )
    _sessions(district)
    return district


def session_year(on: dt.date) -> int:
    """The year of the session that runs on a day: the one in which everything that happens in it began."""
    return calendar().previous_workday(on - dt.timedelta(days=REACH)).year


def _sessions(district: District) -> None:
    year = session_year(today())
    begun = dt.date(year, 1, 1)
    cppcc, congress = district.bodies["cppcc"], district.bodies["congress"]
    district.session_2024 = Call.objects.create(
        kind="proposal",
        title="长宁区政协第十五届三次会议",
        text="第十五届三次会议期间及闭会后征集的提案。",
        owner=cppcc,
        start=dt.date(2024, 1, 1),
        end=dt.date(2024, 12, 31),
        rulebook="changning/cppcc-proposals",
        settings={"term": 15, "session": 3, "slug": "cppcc", "number": "{n:03d}"},
        last_number=64,  # the sample begins with number 065
    )
    district.session = Call.objects.create(
        kind="proposal",
        title=f"长宁区政协{year}年会议（示例届次）",
        text="示例区现届会议，常年征集提案。提案应包括背景情况、问题及分析、具体建议三部分。",
        owner=cppcc,
        start=begun,
        rulebook="changning/cppcc-proposals",
        settings={"slug": f"cppcc-{year}"},
    )
    district.congress = Call.objects.create(
        kind="suggestion",
        title=f"长宁区人民代表大会{year}年会议（示例届次）",
        text="示例区人大会议期间及闭会后征集的代表建议、批评和意见。",
        owner=congress,
        start=begun,
        rulebook="changning/deputies-suggestions",
        settings={"slug": f"npc-{year}"},
    )
