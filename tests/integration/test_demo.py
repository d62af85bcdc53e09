"""The sample district: case 065 replayed on an empty database, and a present that gives every desk something to do."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from qiao.core import history
from qiao.core.access import options, seats_of
from qiao.core.clocks import calendar, deadlines, due_dates, late_level, local_date, now, today
from qiao.core.models import (
    Act,
    Call,
    Case,
    DailyRoot,
    Indicator,
    Mail,
    Organisation,
    Person,
    Publication,
    SearchEntry,
    Task,
    Value,
)
from qiao.core.search import search
from qiao.demo import loading
from qiao.demo.district import PASSWORD, PEOPLE, SHOWN, session_year
from qiao.demo.replay import data, reply_text
from qiao.kinds.handling import public_letter
from qiao.kinds.public import INSTRUMENTS
from qiao.kinds.reply import Reply
from qiao.kinds.statistics import year_of
from qiao.letters.sheet import plain_text

DAY = dt.date(2024, 4, 30)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The district, loaded once for all tests of this file; each test's own changes are rolled back."""
    with django_db_blocker.unblock():
        loading.load()
        yield
        loading.reset()


@pytest.fixture
def district(loaded: None, db: None) -> None:
    """A test in the sample district."""


@pytest.fixture
def case(district: None) -> Case:
    return Case.objects.select_related("call").get(kind="proposal", number="065", call__settings__session=3)


@pytest.fixture
def handling(case: Case) -> Case:
    return case.children.get(kind="handling")


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_way_of_the_proposal(case: Case) -> None:
    acts = list(case.acts.select_related("by__person"))
    assert [a.verb for a in acts] == [
        *(
            "open",
            "save",
            "invite",
            "invite",
            "join",
            "save",
            "ask_again",
            "join",
            "join",
            "submit",
            "admit",
            "assign",
        ),
        *("receive", "answered", "rate", "rate", "rate", "track"),
    ]
    assert case.title == "关于加快推进AIGC与元宇宙领域创新能力建设的建议"
    assert case.call.title == "长宁区政协第十五届三次会议"
    assert local_date(next(a for a in acts if a.verb == "assign").at) == dt.date(2024, 1, 31)
    assert case.papers.get().versions.count() == 2


def test_everybody_rated_separately(case: Case) -> None:
    said = {
        a.by.person.name: a.data for a in case.acts.filter(verb="rate").select_related("by__person") if a.by
    }
    assert {name: data["agreement"] for name, data in said.items()} == {
        "委员甲": "agree",
        "委员乙": "agree",
        "委员丙": "understand",
    }
    assert said["委员丙"]["attitude"] == "understood"


def test_signed_and_published_on_its_day(handling: Case) -> None:
    signature = handling.acts.get(verb="sign")
    publication = Publication.objects.get(case=handling)
    assert (signature.from_stage, signature.to_stage) == ("signing", "signed")
    assert local_date(signature.at) == publication.start == DAY
    assert publication.get_absolute_url() == "/replies/cppcc-15-3-065/"
    assert publication.version == signature.version
    legal = next(d for d in deadlines(handling) if d.clock.code == "reply" and not d.internal)
    assert (legal.due, legal.level) == (DAY, "done_on_time")


def test_an_edit_voided_the_first_signatures(handling: Case) -> None:
    signed = Counter(
        (a.verb, a.version.n)
        for a in handling.acts.select_related("version")
        if a.version and a.verb != "save_reply"
    )
    assert signed[("countersign", 2)] == signed[("countersign", 3)] == 2
    assert signed[("check", 2)] == signed[("check", 3)] == signed[("vet", 3)] == signed[("sign", 3)] == 1
    texts = list(handling.papers.get(kind="reply").versions.values_list("text", flat=True))
    assert len(texts) == 3
    assert squeezed(texts[0]) == squeezed(texts[1]) != squeezed(texts[2])


def test_figures_are_frozen_at_signature(handling: Case) -> None:
    signature = handling.acts.select_related("version").get(verb="sign")
    frozen = signature.data["citations"]
    assert len(frozen) == 14
    assert all(f["source"] and f["start"] and f["unit"] for f in frozen.values())
    tax = frozen["digital-tax"]
    assert (tax["display"], tax["qualifier"], tax["unit"]) == ("近 310亿元", "近", "亿元")
    assert signature.version
    assert set(Reply.from_dict(signature.version.content).citations) == set(frozen)
    revised = Value.objects.get(code=frozen["association-members"]["value"])
    assert frozen["association-members"]["display"] == "520家"
    assert revised.superseded_by is not None
    assert revised.superseded_by.display == "523家"


def test_every_figure_says_where_it_comes_from(district: None) -> None:
    assert Indicator.objects.count() >= 14
    for value in Value.objects.select_related("indicator"):
        assert value.indicator.definition and value.indicator.unit and value.indicator.name_en
        assert value.source or value.indicator.source
        assert value.stated_by


def test_public_copy_reads_as_the_original(handling: Case) -> None:
    publication = Publication.objects.get(case=handling)
    public = squeezed(plain_text(public_letter(publication)))
    assert public == squeezed(reply_text()).replace("00000000", "×××")
    assert public != squeezed(reply_text())


def test_promises_are_followed(case: Case) -> None:
    promises = list(case.children.filter(kind="commitment"))
    assert len(promises) == 12
    late = {c.title[:6] for c in promises for d in deadlines(c) if d.level == "done_late"}
    assert late == {"拓展“虹桥智"}
    stages = Counter(c.stage for c in promises)
    assert stages["changed"] == 1
    assert stages["done"] >= 5
    carried = {c.title[:6] for c in promises if c.acts.filter(verb="carry_over").exists()}
    assert len(carried) >= 2
    levels = {late_level(c) for c in promises if c.stage == "open"}
    assert levels >= ({"on_time", "due_soon", "late"} if today().year >= 2026 else {"on_time"})
    assert all(c.acts.get(verb="undertake").data["measure"] for c in promises)


def test_history_is_sound_and_has_its_roots(district: None) -> None:
    assert list(history.verify()) == []
    days = {local_date(at) for at in Act.objects.values_list("at", flat=True)}
    assert set(DailyRoot.objects.values_list("day", flat=True)) == {day for day in days if day < today()}


def test_nothing_happens_in_the_future(district: None) -> None:
    assert max(Act.objects.values_list("at", flat=True)).date() <= today()


def test_due_dates_are_those_of_the_clocks(district: None) -> None:
    for case in Case.objects.filter(closed_at__isnull=True).select_related("call"):
        assert (case.due_legal, case.due_internal) == due_dates(deadlines(case))


def test_sessions_are_of_the_year_of_what_happens_in_them(district: None) -> None:
    """As the statistics count it, as the title says, and as the first acts and the figures bear out."""
    for call in Call.objects.filter(kind__in=INSTRUMENTS, cases__isnull=False).distinct():
        first = local_date(Act.objects.filter(case__call=call).earliest("at").at)
        assert str(first.year) == year_of(call)
        assert year_of(call) in call.title or call.settings.get("session")
    assert not Value.objects.filter(stated_at__gt=now()).exists()


@pytest.mark.parametrize("day", ["2026-01-02", "2026-05-29", "2026-05-31", "2026-11-23", "2026-12-31"])
def test_the_present_session_on_any_day(db: None, day: str) -> None:
    """In the first months of a year the stories are still those of the session of the year before."""
    on = dt.date.fromisoformat(day)
    oldest = on - dt.timedelta(days=max(said["start"] for said in data("neighbours")["cases"]))
    assert session_year(on) == calendar().previous_workday(oldest).year


def test_numbers_follow_admission(district: None) -> None:
    admitted = (
        Act.objects.filter(verb="admit", case__kind="proposal").exclude(case__number="065").order_by("at")
    )
    numbers = [a.case.number for a in admitted.select_related("case")]
    assert len(numbers) > 15
    assert numbers == sorted(numbers)


def test_every_way_is_taken(district: None) -> None:
    stages = {(c.kind, c.stage) for c in Case.objects.exclude(number="065")}
    wanted = {
        *(
            ("proposal", s)
            for s in ("draft", "submitted", "admitted", "handling", "merged", "replied", "tracking")
        ),
        *(("proposal", s) for s in ("closed", "refused", "converted", "withdrawn")),
        *(("handling", s) for s in ("assigned", "handback", "drafting", "extension", "signing", "delivered")),
        ("handling", "closed"),
        ("suggestion", "submitted"),
        ("suggestion", "handling"),
        ("suggestion", "closed"),
        ("opinion", "drafting"),
        ("opinion", "sent"),
        ("commitment", "open"),
    }
    assert wanted <= stages
    owed = set(Task.objects.filter(case__stage="signing").values_list("verb", flat=True))
    assert owed == {"countersign", "check", "vet", "sign"}


@pytest.mark.parametrize("user", [u for u in SHOWN if u not in {"admin", "vice-chair"}])
def test_every_desk_has_something_to_do(district: None, user: str) -> None:
    person = Person.objects.get(user__username=user)
    (seat,) = seats_of(person)
    mine = Task.objects.filter(person=person) | Task.objects.filter(
        organisation=seat.organisation, role=seat.role
    )
    if user == "agent":  # owes nothing yet, and is told of a policy that fits
        assert person.notices.filter(policy__isnull=False, read_at__isnull=True).exists()
        return
    if user == "contact":
        assert person.parts.filter(case__stage="handling").exists()
        return
    assert mine.exists()
    doable = [
        o for t in mine.select_related("case__call__owner") for o in options(t.case, [seat]) if o.answer
    ]
    assert doable


def test_letters_of_these_days_wait_in_the_outbox(district: None) -> None:
    held = Mail.objects.filter(state=Mail.State.HELD)
    assert held.exists()
    assert Mail.objects.filter(state=Mail.State.SENT).exists()
    assert not Mail.objects.filter(state=Mail.State.APPROVED).exists()
    assert any(mail.offers for mail in held)


def test_it_is_fictional_and_says_so(district: None) -> None:
    assert not Person.objects.filter(fictional=False).exists()
    assert loading.is_only_fiction()
    assert all(email.endswith("@example.org") for email in Person.objects.values_list("email", flat=True))
    firms = Organisation.objects.filter(kind__in=["firm", "fund"])
    assert firms.exists()
    assert all(firm.fictional and "虚构" in firm.name for firm in firms)


def test_everything_can_be_found(district: None) -> None:
    assert SearchEntry.objects.filter(organisation__isnull=False).count() == Organisation.objects.count()
    assert search("示例届次").exists()
    assert search("元宇宙", public_only=True).filter(publication__isnull=False).exists()


def test_sign_ins(district: None, client: object) -> None:
    from django.contrib.auth import authenticate

    rows = loading.sign_ins()
    assert [user for user, _person, _seat in rows] == list(SHOWN)
    assert set(SHOWN) <= {
        *PEOPLE,
        "hospital",
        "expert",
    }  # the last two come with the shelves and the scenarios
    assert authenticate(None, username="officer", password=PASSWORD) is not None


def links(page: Any, path: str) -> Iterator[str]:
    """Where the links of an answer lead, on this site and without forms."""
    if page.status_code == 200 and "html" in page.headers["Content-Type"]:
        for target in re.findall(r'<a\b[^>]*?\bhref="([^"#]+)', page.content.decode()):
            where = urlsplit(urljoin(f"http://testserver{path}", html.unescape(target)))
            if where.netloc == "testserver":
                yield f"{where.path}?{where.query}" if where.query else where.path


@pytest.mark.parametrize("user", [None, *SHOWN])
def test_no_link_leads_to_a_refusal(district: None, client: Client, user: str | None) -> None:
    """What a page offers opens: two links deep from where somebody begins, one address of each sort."""
    if user:
        client.force_login(Person.objects.get(user__username=user).user)
    kinds = dict(Case.objects.values_list("code", "kind"))
    begin = "/desk/" if user else "/"
    pages, seen, refused = [(begin, client.get(begin))], set(), []
    for _depth in range(2):
        found = []
        for path, page in pages:
            for target in links(page, path):
                match = resolve(target.split("?")[0])
                sort = (match.view_name, kinds.get(match.kwargs.get("code")), match.kwargs.get("verb"))
                if sort in seen:
                    continue
                seen.add(sort)
                answer = client.get(target, follow=True)
                found.append((target, answer))
                if answer.status_code != 200:
                    refused.append(f"{path} → {target}: {answer.status_code}")
        pages = found
    assert refused == []
