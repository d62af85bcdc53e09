"""Every list and case page, asked as the people who open it do: server time around the handler, and queries.

What there is comes from the address configuration. Addresses with parameters are filled from :func:`examples`; what
cannot be filled is told, and an answer other than 200 is an error in the table.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.measure import MAX_P95_MS, MAX_QUERIES, REQUESTS, WARM_UP, Row, Watch, row

NOT_PAGES = ("accounts/", "admin/", "i18n/", "link/", "jsi18n/")
MINE = ("/api/v1/me", "/api/v1/cases", "/api/v1/tasks")  # the interface for whoever is signed in
API_LISTS = ("/api/v1/publications", "/api/v1/promises", "/api/v1/calls", "/api/v1/cases", "/api/v1/tasks")
ALONE = (
    "/",
    "/about/",
    "/desk/indicators/new/",
    "/desk/statistics/",
    "/desk/market/numbers/",
    "/statistics/",
    "/desk/new/",
    "/desk/intake/",
)
# Parts of case pages that only somebody at the right stage may open, and what only takes POST: not measured here.
NOT_HERE = (
    "/do/",
    "/follow/",
    "/papers/",
    "/sign/",
    "/proposal/",
    "/reply/",
    "/text/",
    "/assign/",
    "/form/",
    "/objection/",
    "/sheet/",
    "/file/",
    "/evidence/",
    "/roots/",
    "/cases/<slug:code>/glossary/",
    "download",
)
API_EXAMPLES = {
    "/api/v1/promises/<code>": "promise",
    "/api/v1/cases/<code>": "case",
    "/api/v1/cases/<code>/acts": "case",
}
POSTED = (
    *("read/", "remove/", "delete/", "do/", "many/", "confirm/", "apply/", "agree/", "not-this/", "propose/"),
    *("explain/", "/challenge/", "new/<slug:code>/", "pool/<slug:code>/", "/acts", "/judge"),
    *("/api/", "/api/v1/", "/api/v1/search", "/api/v1/me"),
)
FILES = (".pdf", ".docx", ".xlsx", ".csv")
PATIENCE_MS, FEWEST = 6000.0, 10
SIGNED_IN = ("registry", "supervisor", "officer", "leader", "member", "commission", "firm", "expert")
SAMPLE = {"commission": "officer", "firm": "agent", "expert": "expert"}  # of the sample district: user names
# Who opens what with which example; the first name is that of the address, the second that of :func:`examples`.
FILLED: dict[str, tuple[tuple[str, str], ...]] = {
    "/market/<slug:code>/": (("anonymous", "need"), ("anonymous", "offer")),
    "/scenarios/<slug:code>/": (("anonymous", "scenario"),),
    "/finder/<slug:issuer>/<slug:name>/": (("anonymous", "policy"),),
    "/api/v1/market/<code>": (("anonymous", "need"),),
    "/api/v1/scenarios/<code>": (("anonymous", "scenario"),),
    "/desk/market/<slug:code>/": (("commission", "need"), ("firm", "need")),
    "/desk/challenges/<slug:code>/": (("commission", "challenge"), ("commission", "open challenge")),
    "/desk/challenges/<slug:code>/experts/": (("commission", "reviewed challenge"),),
    "/desk/challenges/<slug:code>/invite/": (("commission", "open challenge"),),
    "/desk/challenges/<slug:code>/join/": (("firm", "open challenge"),),
    "/desk/scenarios/joint/<slug:code>/": (("firm", "joint call"),),
    "/desk/cases/<slug:code>/panel/": (("expert", "panel"),),
    "/desk/firms/<slug:code>/": (("commission", "firm"), ("firm", "firm")),
    "/desk/firms/<slug:code>/facts/<path:key>/": (("firm", "fact"),),
    "/desk/firms/<slug:code>/policies/": (("commission", "firm"), ("firm", "firm")),
    "/desk/firms/<slug:code>/policies/<slug:issuer>/<slug:name>/": (("firm", "fit"),),
    "/desk/policies/<slug:issuer>/<slug:name>/": (("commission", "policy"),),
    "/desk/policies/<slug:issuer>/<slug:name>/what-if/": (("commission", "policy"),),
    "/desk/support/<slug:code>/": (("commission", "support call"),),
    "/desk/support/<slug:code>/listing/": (("commission", "support call"),),
}

# Queries put behind list pages: (address, query).
FILTERS: tuple[tuple[str, str], ...] = (
    ("/desk/cases/", "kind=handling"),
    ("/desk/cases/", "kind=handling&stage=drafting"),
    ("/desk/cases/", "kind=commitment&state=open"),
    ("/desk/cases/", "level=late"),
    ("/desk/cases/", "level=due_soon"),
    ("/desk/cases/", "state=closed"),
    ("/desk/cases/", "state=all&sort=-moved"),
    ("/desk/cases/", "state=all&sort=number"),
    ("/desk/cases/", "state=all&page=40"),
    ("/desk/cases/", "page=20"),
    ("/desk/cases/", "scope=mine"),
    ("/desk/cases/", "scope=followed"),
    ("/desk/cases/", "unit={unit}"),
    ("/desk/cases/", "call={call}&state=all"),
    ("/desk/cases/", "q=数字孪生"),
    ("/desk/cases/", "q=建议"),
    ("/desk/cases/", "q=魑魅魍魉"),
    ("/desk/board/", "show=inhand"),
    ("/desk/board/", "show=submitted"),
    ("/desk/board/", "show=load"),
    ("/desk/board/", "call=all"),
    ("/desk/notices/", "page=20"),
    ("/replies/", "page=500"),
    ("/replies/", "q=数字孪生"),
    ("/replies/", "unit={unit}"),
    ("/replies/", "session={call}"),
    ("/replies/", "result=solved"),
    ("/replies/", "year=2024"),
    ("/promises/", "page=500"),
    ("/promises/", "state=open"),
    ("/promises/", "state=late"),
    ("/promises/", "unit={unit}"),
    ("/api/v1/publications", "page=200"),
    ("/api/v1/promises", "page=200"),
    ("/search/", "q=建议"),
    ("/search/", "q=算力"),
    ("/search/", "q=数字孪生"),
    ("/search/", "q=魑魅魍魉"),
    ("/verify/", "code={verify}"),
    ("/market/", "q=数字孪生"),
    ("/market/", "shelf=offer&page=3"),
    ("/scenarios/", "q=数字孪生"),
    ("/desk/firms/", "q=智能"),
    ("/desk/firms/", "page=100"),
)


@dataclass
class Page:
    address: str
    who: str
    name: str
    is_list: bool


def routes() -> Iterator[str]:
    """Every address below the surfaces, with its parameters in angle brackets."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: Iterable[Any], before: str) -> Iterator[str]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if route.startswith(NOT_PAGES):
                continue
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                yield "/" + route

    yield from dict.fromkeys(walk(get_resolver().url_patterns, ""))


def examples() -> dict[str, Any]:
    """What stands in the parameters: cases by person, a publication, a call, a unit."""
    from django.db.models import Count

    from benchmarks.world import NAME, District
    from qiao.core.clocks import today
    from qiao.core.models import Act, Case, Indicator, Mail, Party, Publication, Task
    from qiao.core.policies import rules

    district = District.read()
    sessions = district.sessions["proposal"]
    officer_unit = (
        Task.objects.filter(role="officer", organisation__name__startswith=NAME)
        .values("organisation")
        .annotate(n=Count("pk"))
        .order_by("-n")[0]
    )["organisation"]
    unit = next(u for u in district.units if u["officer"][0].organisation_id == officer_unit)
    everybody = [seat.person_id for seat in district.members["proposal"]]
    member = (
        Party.objects.filter(role="proposer", case__kind="proposal", person__in=everybody)
        .values("person")
        .annotate(n=Count("pk"))
        .order_by("-n")[0]["person"]
    )
    sample = sample_examples()
    people = {
        **sample["people"],
        "registry": district.registry["proposal"].person,
        "supervisor": district.supervisor["proposal"].person,
        "officer": unit["officer"][0].person,
        "leader": unit["leader"][0].person,
        "member": next(s.person for s in district.members["proposal"] if s.person_id == member),
    }
    own = Case.objects.filter(unit=officer_unit, kind="handling", call__kind="proposal")
    counted = Act.objects.filter(case__kind__in=["handling", "commitment"], case__call__in=sessions)
    longest = counted.values("case").annotate(n=Count("pk")).order_by("-n")[0]["case"]
    parent = Case.objects.get(pk=longest).parent
    published = Publication.objects.filter(end=None, case__call__in=sessions).order_by("-pk")[0]
    short = own.filter(stage="drafting").order_by("-pk").first() or own.order_by("-pk")[0]
    mine = Case.objects.filter(kind="proposal", parties__person=member).order_by("-moved_at")
    policy = rules(today()).plan.policies[0].id
    promise = Case.objects.filter(kind="commitment", parent=published.case.parent).order_by("pk").first()
    return {
        "people": people,
        "unit": unit["officer"][0].organisation.code,
        "call": sessions[-2].code,
        "verify": published.code,
        "slug": published.slug,
        "mail": Mail.objects.filter(owner=district.registry["proposal"].organisation_id).latest("pk").code,
        "promise": promise.code if promise else "",
        "indicator": Indicator.objects.filter(source__startswith=NAME).order_by("pk")[0].code,
        "kind": "proposal",
        "policy": policy,
        "case": short.code,
        "filled": sample["filled"],
        "cases": {
            **sample["cases"],
            "registry": [
                ("short history", short),
                ("long history", Case.objects.get(pk=longest)),
                ("its parent", parent),
            ],
            "officer": [("short history", short), ("closed", own.filter(stage="closed").order_by("-pk")[0])],
            "leader": [("signing", own.filter(stage="signing").order_by("-pk").first() or short)],
            "member": [("own", mine[0])],
        },
    }


def sample_examples() -> dict[str, Any]:
    """The same for the sample district: its people, the longest cases of its shelves and of its round of scenarios."""
    from django.db.models import Count

    from qiao.core.clocks import today
    from qiao.core.models import Call, Case, Seat
    from qiao.core.policies import rules

    seats = {who: Seat.objects.get(person__user__username=name) for who, name in SAMPLE.items()}
    policy = rules(today()).plan.policies[0].id
    firm = seats["firm"].organisation

    def longest(kind: str, *stages: str, **given: Any) -> Case:
        found = Case.objects.filter(kind=kind, **({"stage__in": stages} if stages else {}), **given)
        return found.annotate(below=Count("children"), done=Count("acts")).order_by("-below", "-done", "pk")[
            0
        ]

    won = longest("bid", "won")
    shown = {
        "need": longest("need", "listed"),
        "offer": longest("offer", "listed"),
        "scenario": longest("scenario"),
        "challenge": longest("challenge"),
        "open challenge": longest("challenge", "open"),
        "reviewed challenge": longest("challenge", "reviewing"),
        "bid": won,
        "pilot": longest("pilot"),
        "joint project": longest("joint"),
        "panel": longest("panel", parties__person=seats["expert"].person_id),
    }
    filled: dict[str, str] = {what: case.code for what, case in shown.items()}
    filled |= {
        "firm": firm.code,
        "fact": f"{firm.code}/{firm.facts.order_by('pk')[0].key}",
        "fit": f"{firm.code}/{policy}",
        "policy": policy,
        "joint call": Call.objects.get(kind="joint").code,
        "support call": Call.objects.get(kind="application").code,
    }
    office = ("need", "offer", "scenario", "challenge", "bid", "pilot", "joint project")
    return {
        "people": {who: seat.person for who, seat in seats.items()},
        "filled": filled,
        "cases": {"commission": [(what, shown[what]) for what in office]},
    }


def _filled(route: str, value: str) -> str:
    """An address with ``value``, whose parts stand between slashes, in its parameters from left to right."""
    for part in value.split("/"):
        route = re.sub(r"<[^>]+>", part, route, count=1)
    return route


def _roles(route: str, seats: Mapping[str, Sequence[Any]]) -> list[str]:
    """Who opens a page, after the navigation; the registry where it does not say, nobody on public pages."""
    if not route.startswith(("/desk/", *MINE)):
        return ["anonymous"]
    if route.startswith("/api/"):
        return ["registry", "officer"]
    from qiao.core.context import DESK

    offered = [
        entry for entry in DESK if route == entry[0] or (entry[0] != "/desk/" and route.startswith(entry[0]))
    ]
    if not offered:
        return ["registry"]
    longest = max(len(address) for address, _label, _offered in offered)
    found = [
        who
        for who in SIGNED_IN
        if any(to(seats[who]) for address, _label, to in offered if len(address) == longest)
    ]
    return found if any(route == address for address, _label, _to in offered) else found[:1]


def pages(given: dict[str, Any]) -> tuple[list[Page], list[str]]:
    """What to ask, and which addresses could not be filled."""
    from qiao.core.access import seats_of

    seats = {who: seats_of(person) for who, person in given["people"].items()}
    asked: list[Page] = []
    left: list[str] = []
    for route in routes():
        if any(part in route for part in NOT_HERE) or route.endswith((*FILES, *POSTED)):
            continue
        if route == "/desk/cases/<slug:code>/":
            for who, cases in given["cases"].items():
                asked += [
                    Page(f"/desk/cases/{c.code}/", who, f"/desk/cases/… ({what})", False) for what, c in cases
                ]
            continue
        if route in FILLED:
            asked += [
                Page(_filled(route, given["filled"][what]), who, f"{route} ({what})", False)
                for who, what in FILLED[route]
            ]
            continue
        address = route
        if route.startswith("/promises/"):
            address = re.sub(r"<slug:code>", given["promise"], route)
        elif route.startswith("/desk/indicators/"):
            address = re.sub(r"<slug:code>", given["indicator"], route)
        elif route.startswith("/desk/outbox/"):
            address = re.sub(r"<slug:code>", given["mail"], route)
        elif route.startswith("/kinds/"):
            address = re.sub(r"<slug:code>", given["kind"], route)
        elif route.startswith("/api/"):
            key = API_EXAMPLES.get(route, "kind" if route.startswith("/api/v1/kinds/") else "")
            address = re.sub(r"<code>", str(given[key]), route) if key else route
            address = address.replace("<slug>", given["slug"]).replace("<scope>", "<slug:scope>")
            address = address.replace("<issuer>/<name>", given["policy"])
        address = re.sub(r"<slug:slug>", given["slug"], address)
        if "<slug:scope>" in address:
            from qiao.kinds import statistics

            scopes = [scope[0] for scope in statistics.scopes()]
            if not scopes:
                continue
            address = address.replace("<slug:scope>", str(scopes[0]))
        if "<" in address or "\\" in address or "^" in address:
            left.append(route)
            continue
        is_list = "<" not in route and (route.endswith("/") or route in API_LISTS) and route not in ALONE
        for who in _roles(route, seats):
            asked.append(Page(address, who, route, is_list))
    there = {p.address for p in asked}
    for address, query in FILTERS:
        if address in there:
            filled = query.format(**{k: v for k, v in given.items() if isinstance(v, str)})
            for who in _roles(address, seats):
                asked.append(Page(f"{address}?{filled}", who, f"{address}?{query}", True))
    return asked, left


def measure(n: int = REQUESTS, step: Any = None) -> list[Row]:
    from django.test import Client

    from qiao.warm import warm

    warm()  # as a server does before its first request
    given = examples()
    asked, left = pages(given)
    clients: dict[str, Any] = {}
    spent: list[float] = []
    for who in (*SIGNED_IN, "anonymous"):
        client = clients[who] = Client(raise_request_exception=False, SERVER_NAME="localhost")
        client.handler.load_middleware()
        answer = client.handler.get_response

        def timed(request: Any, answer: Any = answer) -> Any:
            begun = time.perf_counter()
            try:
                return answer(request)
            finally:
                spent.append((time.perf_counter() - begun) * 1000)

        client.handler.get_response = timed
        if who != "anonymous":
            client.force_login(given["people"][who].user, backend="django.contrib.auth.backends.ModelBackend")
    found = [_one(clients[page.who], page, n, spent, step) for page in asked]
    found += [Row("not measured", route, note="no example to fill it with") for route in left]
    return found


def _one(client: Any, page: Page, n: int, spent: list[float], step: Any) -> Row:
    if step:
        step(page.name)
    times: list[float] = []
    status = queries = size = 0
    for i in range(WARM_UP + n):
        spent.clear()
        with Watch() as watch:
            answer = client.get(page.address)
        status, queries = answer.status_code, watch.queries
        if status == 302 and "/accounts/" not in answer["Location"]:
            page.address = answer["Location"]
            continue
        if status != 200:
            return Row("errors", page.name, page.who, note=f"answered {status}", flags=["error"])
        size = sum(len(part) for part in answer) if answer.streaming else len(answer.content)
        if i >= WARM_UP:
            times.append(spent[-1])
        if sum(times) > PATIENCE_MS and len(times) >= FEWEST:
            break  # slow is known well enough
    found = row(
        "list pages" if page.is_list else "other pages",
        page.name,
        times,
        who=page.who,
        queries=queries,
        note=f"{size // 1024} KB",
    )
    if queries > MAX_QUERIES:
        found.flags.append("queries")
    if page.is_list and (found.p95 or 0) > MAX_P95_MS:
        found.flags.append("slow")
    return found
