"""Saved searches of the market: save, be told of what is new and public, delete one's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Follow, Mail, Notice, Person
from qiao.kinds.shelf import glossary as kept
from qiao.kinds.shelf.entries import listed
from qiao.kinds.shelf.searching import MARKET
from qiao.kinds.watching import MOST
from qiao.kinds.watching import watch as watch_surface
from tests.integration.core.test_shelves import NEED, Shelves
from tests.integration.portal.test_market import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/desk/watch/"


def watch(person: Person, name: str, values: dict[str, str]) -> Follow:
    return watch_surface(person, MARKET, name, values)


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


def test_a_follow_is_of_a_case_or_a_search(shelves: Shelves) -> None:
    case = shelves.listed(shelves.need, shelves.hospital, NEED)
    person = shelves.firm.person
    bad: tuple[dict[str, Any], ...] = (
        {},
        {"name": "x"},
        {"search": {"of": "market"}},
        {"case": case, "search": {"of": "market"}, "name": "x"},
        {"case": case, "name": "x"},
    )
    for given in bad:
        with pytest.raises(IntegrityError), transaction.atomic():
            Follow.objects.create(person=person, **given)
    Follow.objects.create(person=person, case=case)
    Follow.objects.create(person=person, name="x", search={"of": "market", "values": {}})
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(person=person, name="x", search={"of": "market", "values": {}})
    Follow.objects.create(person=shelves.other.person, name="x", search={"of": "market", "values": {}})


def test_from_the_filters_of_the_market_to_a_saved_search(shelves: Shelves, client: Client) -> None:
    market = client.get("/market/?technology=speech&q=方言&page=2&kind=nonsense")
    address = market.context["watch"]
    assert f'href="{address.replace("&", "&amp;")}"' in market.content.decode()
    assert client.get(address)["Location"].startswith("/accounts/login/")  # comes back here after signing in
    firm = signed_in(shelves.firm)
    form = firm.get(address).content.decode()
    assert "技术方向：智能语音处理" in form and "查找“方言”" in form and "nonsense" not in form
    said = {"technology": "speech", "q": "方言", "kind": "nonsense", "name": "沪语"}
    page = firm.post(PAGE, said, follow=True).content.decode()
    assert "已保存“沪语”" in page and "/market/?technology=speech&amp;q=%E6%96%B9%E8%A8%80" in page
    follow = Follow.objects.get()
    assert follow.search == {"of": "market", "values": {"technology": "speech", "q": "方言"}}


@pytest.mark.parametrize(
    ("name", "why"), [("", "请写一个名称"), ("长" * 81, "请写一个名称"), ("沪语", "你已有一个叫“沪语”的查找")]
)
def test_bad_names_lose_nothing(shelves: Shelves, name: str, why: str) -> None:
    watch(shelves.firm.person, "沪语", {})
    answer = signed_in(shelves.firm).post(PAGE, {"technology": "speech", "name": name})
    page = answer.content.decode()
    assert answer.status_code == 422 and why in page and 'name="technology" value="speech"' in page
    assert f'value="{name}"' in page and Follow.objects.count() == 1


def test_only_so_many(shelves: Shelves) -> None:
    for number in range(MOST):
        watch(shelves.firm.person, str(number), {})
    answer = signed_in(shelves.firm).post(PAGE, {"name": "多一个"})
    assert answer.status_code == 422 and "最多保存50个查找" in answer.content.decode()


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({}, True),
        ({"kind": "need"}, True),
        ({"kind": "offer"}, False),
        ({"technology": "speech", "field": "medicine", "mode": "trial", "level": "6", "budget": "100"}, True),
        ({"technology": "vision"}, False),
        ({"data": "yes"}, False),
        ({"q": "方言"}, True),
        ({"q": "方言识别"}, True),
        ({"q": "方程式"}, False),
        ({"q": "听得懂的"}, False),
        ({"q": "二期扩大到四个院区"}, False),  # confidential
        ({"q": "021-0000"}, False),
        ({"q": "ＴＲＩＡＧＥ"}, True),  # by the glossary
    ],
)
def test_who_is_told_of_a_new_entry(shelves: Shelves, values: dict[str, str], fits: bool) -> None:
    person = shelves.firm.person
    person.email = "firm@example.org"
    person.save()
    kept.change(by=shelves.editor, new=("导诊", "triage"), reason="x")
    follow = watch(person, "查找", values)
    case = shelves.listed(shelves.need, shelves.hospital, NEED)
    notices = list(Notice.objects.filter(person=person))
    assert [n.follow for n in notices] == ([follow] if fits else [])
    letters = Mail.objects.filter(person=person)
    assert letters.count() == int(fits)
    if fits:
        letter = letters.get()
        assert letter.subject == "【桥】新条目：门诊智能导诊" and f"/market/{case.code}/" in letter.body
        assert (letter.owner, letter.state) == (shelves.office, Mail.State.HELD)
        assert "二期扩大" not in letter.body and "021-0000" not in letter.body
    assert [one.code for one in listed("need")] == [case.code]  # the shelf is read anew after the act


def test_once_for_each_entry_and_never_of_ones_own(shelves: Shelves) -> None:
    for seat in (shelves.firm, shelves.hospital, shelves.editor):
        watch(seat.person, "全部", {})
        watch(seat.person, "需求", {"kind": "need"})
    case = shelves.listed(shelves.need, shelves.hospital, NEED)
    told = Notice.objects.filter(follow__isnull=False)
    assert [n.person for n in told] == [shelves.firm.person]
    act(case, "revise", by=shelves.hospital)
    act(case, "submit", by=shelves.hospital)
    assert told.count() == 1
    act(case, "publish", by=shelves.editor)
    assert told.count() == 1
    assert Notice.objects.filter(person=shelves.hospital.person, act__verb="publish").count() == 2


def test_a_notice_says_what_is_public_as_long_as_it_is(shelves: Shelves) -> None:
    watch(shelves.firm.person, "沪语", {})
    case = shelves.listed(shelves.need, shelves.hospital, NEED)
    firm = signed_in(shelves.firm)
    page = firm.get("/desk/notices/").content.decode()
    assert "门诊智能导诊" in page and f"/market/{case.code}/" in page and "“沪语”" in page
    assert f"/desk/cases/{case.code}/" not in page
    act(case, "take_down", by=shelves.editor, reason="过期")
    page = firm.get("/desk/notices/").content.decode()
    assert "门诊智能导诊" not in page and "已不再公开" in page


def test_only_ones_own_is_shown_and_deleted(shelves: Shelves) -> None:
    mine = watch(shelves.firm.person, "我的", {})
    watch(shelves.other.person, "别人的", {})
    case = shelves.listed(shelves.need, shelves.hospital, NEED)
    followed = Follow.objects.create(person=shelves.firm.person, case=case)
    stranger = signed_in(shelves.other)
    assert "我的" not in stranger.get(PAGE).content.decode().split("</h1>")[1]
    assert stranger.post(f"{PAGE}{mine.pk}/delete/").status_code == 404
    assert stranger.get(f"{PAGE}{mine.pk}/delete/").status_code == 405
    firm = signed_in(shelves.firm)
    assert firm.post(f"{PAGE}{followed.pk}/delete/").status_code == 404  # a case is unfollowed on its page
    page = firm.post(f"{PAGE}{mine.pk}/delete/", follow=True).content.decode()
    assert "已删除“我的”" in page and "还没有保存的查找" in page
    assert set(Follow.objects.values_list("name", flat=True)) == {"", "别人的"}


def test_telling_and_listing_cost_the_same_for_many(
    shelves: Shelves, django_assert_max_num_queries: Any
) -> None:
    def publish() -> None:
        case = shelves.written(shelves.need, shelves.hospital, NEED)
        act(case, "submit", by=shelves.hospital)
        act(case, "publish", by=shelves.editor)

    for number in range(12):
        watch(shelves.seat(shelves.firm.organisation, "agent").person, "方言", {"q": "方言"})
        watch(shelves.firm.person, f"第{number}个", {"technology": "speech"})
    case = shelves.written(shelves.need, shelves.hospital, NEED)
    act(case, "submit", by=shelves.hospital)
    with django_assert_max_num_queries(45):
        act(case, "publish", by=shelves.editor)
    assert Notice.objects.filter(follow__isnull=False).count() == 13
    firm = signed_in(shelves.firm)
    firm.get(PAGE)
    with django_assert_max_num_queries(10):
        firm.get(PAGE)
    for _ in range(4):
        publish()
    firm.get("/desk/notices/")
    with django_assert_max_num_queries(14):
        assert len(firm.get("/desk/notices/").context["rows"]) == 5
