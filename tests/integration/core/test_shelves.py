"""需求 and 成果 on their shelves: review, listing, expiry, interest, who sees what, and who fits whom."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from qiao.core.access import can
from qiao.core.acts import Refused, act
from qiao.core.models import Call, Case, Organisation, Person, Seat
from qiao.kinds.sheets import ACCEPTED, AGREED, PUBLIC, choices, read, said_before
from qiao.kinds.shelf.entries import listed, listed_entry, may_see
from qiao.kinds.shelf.fitting import fitting, has_to_do, profile
from qiao.kinds.shelf.listing import ENTRIES
from qiao.kinds.shelf.numbers import numbers
from qiao.kinds.shelf.process import begin, expire_due, express_interest
from qiao.kinds.tags import tags
from qiao.matching import Match, Matcher, Weights
from tests.factories import organisation

pytestmark = pytest.mark.django_db
START = dt.date(2024, 1, 1)
NEED = {
    "title": ["门诊智能导诊"],
    "background": ["导诊台高峰排队"],
    "problem": ["听懂方言，推荐科室"],
    "indicators": ["识别准确率不低于92%"],
    "technologies": ["speech"],
    "fields": ["medicine"],
    "modes": ["trial", "joint"],
    "level_low": ["6"],
    "budget_low": ["60"],
    "budget_high": ["120"],
    "secret": ["二期扩大到四个院区"],
    "contact": ["信息科 021-0000"],
}
OFFER = {
    "title": ["沪语语音识别引擎"],
    "description": ["支持方言的语音识别，用于门诊导诊"],
    "advantages": ["方言数据三千小时"],
    "technologies": ["speech"],
    "fields": ["medicine"],
    "modes": ["trial"],
    "level": ["8"],
    "budget_low": ["30"],
    "contact": ["商务"],
}


class Shelves:
    """A commission's two shelves, a hospital with a need, firms with offers."""

    def __init__(self) -> None:
        self.office = organisation("测试区科委")
        self.editor = self.seat(self.office, "officer")
        self.need, self.offer = (
            Call.objects.create(
                kind=kind, title=f"{kind}货架", owner=self.office, start=START, rulebook="changning/shelf"
            )
            for kind in ("need", "offer")
        )
        self.hospital, self.firm, self.other = (
            self.seat(organisation(name, "firm"), "agent") for name in ("中心医院", "聆语公司", "别家公司")
        )

    def seat(self, where: Organisation, role: str) -> Seat:
        person = Person.objects.create(name=f"{where.name}{role}", fictional=True)
        return Seat.objects.create(person=person, organisation=where, role=role, start=START)

    def written(self, shelf: Call, by: Seat, said: dict[str, list[str]], **more: list[str]) -> Case:
        content, errors = read(ENTRIES[shelf.kind], said | more, choices(shelf.rulebook, "zh"))
        assert not errors
        case = begin(shelf, by.organisation, by=by)
        act(case, "write", by=by, content=content)
        return case

    def listed(self, shelf: Call, by: Seat, said: dict[str, list[str]], **more: list[str]) -> Case:
        case = self.written(shelf, by, said, **more)
        act(case, "submit", by=by)
        act(case, "publish", by=self.editor)
        return case


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


@pytest.mark.parametrize(
    ("points", "related"),
    [
        ({"text": 2.0, "technology": 14.0, "field": 8.0, "amount": 4.0}, False),  # all tags, hardly a word
        ({"text": 9.0, "technology": 7.0}, True),
        ({"text": 9.0, "amount": 4.0, "stage": 6.0}, False),  # some words, and a price
        ({"text": 15.0}, True),
    ],
)
def test_tags_alone_are_no_match_and_neither_are_a_few_words(points: dict[str, float], related: bool) -> None:
    among = Matcher([], Weights.read("need-offer"))
    assert has_to_do(cast(Match, SimpleNamespace(points=points)), among) is related


def test_figures_and_what_a_need_brings_along_are_not_what_it_looks_for(shelves: Shelves) -> None:
    case = shelves.listed(
        shelves.need, shelves.hospital, NEED, conditions=["提供场地九十八处"], problem=["5G 专网 98 路"]
    )
    entry = listed_entry(case.code)
    assert entry is not None
    text = profile(entry).texts["text"]
    assert "5G" in text and "专网" in text and "98" not in text and "场地" not in text


def test_an_entry_is_seen_only_after_review(shelves: Shelves) -> None:
    case = shelves.written(shelves.need, shelves.hospital, NEED)
    act(case, "submit", by=shelves.hospital)
    assert listed() == ()
    act(case, "return", by=shelves.editor, data={"ground": "vague"}, reason="准确率在什么环境下测？")
    assert not can(shelves.hospital, "publish", case)
    act(case, "submit", by=shelves.hospital)
    act(case, "publish", by=shelves.editor)
    (entry,) = listed("need")
    assert (entry.case.title, entry.holder) == ("门诊智能导诊", shelves.hospital.organisation)


def test_entries_expire_after_a_year_and_can_be_renewed(shelves: Shelves) -> None:
    """Twelve months, renewable: Enterprise Europe Network profiles (scenario facts §6)."""
    with time_machine.travel("2024-03-04T10:00+08:00", tick=False):
        case = shelves.listed(shelves.need, shelves.hospital, NEED)
        case.refresh_from_db()
        assert case.due_legal == dt.date(2025, 3, 4)
    with time_machine.travel("2025-03-04T10:00+08:00", tick=False):
        assert expire_due() == 0
    with time_machine.travel("2025-03-05T10:00+08:00", tick=False):
        assert expire_due() == 1
        assert listed() == ()
        case.refresh_from_db()
        act(case, "renew", by=shelves.hospital)
        case.refresh_from_db()
        assert (case.stage, case.due_legal) == ("listed", dt.date(2026, 3, 5))
        assert len(listed("need")) == 1


def test_who_sees_which_part(shelves: Shelves) -> None:
    """Confidential parts only after agreeing to the terms, the contact only once interest is accepted."""
    case = shelves.listed(shelves.need, shelves.hospital, NEED)
    entry = listed_entry(case.code)
    assert entry is not None
    firm = {shelves.firm.organisation_id}
    assert may_see(entry, None, set()) == (PUBLIC,)
    assert may_see(entry, shelves.firm.person, firm) == (PUBLIC,)
    assert may_see(entry, shelves.hospital.person, {shelves.hospital.organisation_id}) == (
        PUBLIC,
        AGREED,
        ACCEPTED,
    )
    said = {"message": "可以试用", "contact": "商务", "terms": False}
    interest = express_interest(case, shelves.firm.organisation, by=shelves.firm, said=said)
    assert may_see(entry, shelves.firm.person, firm) == (PUBLIC,)
    act(interest, "accept", by=shelves.hospital)
    assert may_see(entry, shelves.firm.person, firm) == (PUBLIC, ACCEPTED)
    act(interest, "report", by=shelves.firm, data={"outcome": "talks"})
    again = express_interest(case, shelves.firm.organisation, by=shelves.firm, said=said | {"terms": True})
    assert AGREED in may_see(entry, shelves.firm.person, firm)
    act(again, "decline", by=shelves.hospital, reason="已有合作方")
    assert AGREED not in may_see(entry, shelves.firm.person, firm)
    assert may_see(entry, shelves.other.person, {shelves.other.organisation_id}) == (PUBLIC,)
    public = [text for _, text in entry.lines("zh")]
    assert "二期扩大到四个院区" not in public and "信息科 021-0000" not in public


def test_one_open_interest_for_each_unit(shelves: Shelves) -> None:
    case = shelves.listed(shelves.need, shelves.hospital, NEED)
    said = {"message": "可以试用", "contact": "商务"}
    express_interest(case, shelves.firm.organisation, by=shelves.firm, said=said)
    with pytest.raises(IntegrityError), transaction.atomic():
        express_interest(case, shelves.firm.organisation, by=shelves.firm, said=said)
    express_interest(case, shelves.other.organisation, by=shelves.other, said=said)
    with pytest.raises(Refused) as refused:
        act(case, "end", by=shelves.hospital, data={"result": "met_here"})
    assert refused.value.answer.codes == ["interest_open"]


def test_an_interest_without_a_message_leaves_nothing_behind(shelves: Shelves) -> None:
    case = shelves.listed(shelves.need, shelves.hospital, NEED)
    with pytest.raises(Refused):
        express_interest(case, shelves.firm.organisation, by=shelves.firm, said={"contact": "商务"})
    assert not Case.objects.filter(kind="interest").exists()


def test_needs_and_offers_find_each_other_with_reasons(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    good = shelves.listed(shelves.offer, shelves.firm, OFFER)
    dear = shelves.listed(shelves.offer, shelves.other, OFFER, budget_low=["200"])
    shelves.listed(
        shelves.offer, shelves.other, OFFER, title=["透明陶瓷"], description=["导热"], advantages=["大尺寸"],
        technologies=["materials"], fields=[], budget_low=["500"], level=["2"],
    )  # fmt: skip
    entry = listed_entry(need.code)
    assert entry is not None
    found = fitting(entry)
    assert [m.profile.id for m in found.fit] == [good.code]
    assert [m.profile.id for m in found.near] == [dear.code]
    assert [c.text.zh for c in found.near[0].failed] == ["金额：200万元起，要求 至多120万元"]
    texts = {part.name: part.text.zh for part in found.fit[0].parts}
    assert texts["technology"] == "技术方向相同：智能语音处理"
    assert texts["stage"] == "成熟度：TRL 8，所求 TRL 6–9"
    back = listed_entry(good.code)
    assert back is not None and [m.profile.id for m in fitting(back).fit] == [need.code]


def test_what_was_found_not_to_fit_is_not_shown_again(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    offer = shelves.listed(shelves.offer, shelves.firm, OFFER)
    act(need, "not_this", by=shelves.hospital, data={"other": offer.code}, reason="需要本地部署")
    for code in (need.code, offer.code):
        entry = listed_entry(code)
        assert entry is not None and fitting(entry).fit == ()


def test_confidential_words_do_not_make_a_match(shelves: Shelves) -> None:
    """A reason would give them away."""
    need = shelves.listed(
        shelves.need, shelves.hospital, NEED, technologies=[], fields=[], secret=["量子密钥分发"]
    )
    shelves.listed(
        shelves.offer, shelves.firm, OFFER, title=["量子密钥分发"], description=["量子密钥分发"], advantages=["量子"],
        technologies=[], fields=[],
    )  # fmt: skip
    entry = listed_entry(need.code)
    assert entry is not None and fitting(entry).fit == ()


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"title": [" "]}, "title"),
        ({"budget_low": ["三十"]}, "budget_low"),
        ({"budget_low": ["200"]}, "budget_high"),
        ({"budget_low": ["1e99"]}, "budget_low"),
        ({"budget_low": ["NaN"]}, "budget_low"),
        ({"technologies": ["magic"]}, "technologies"),
        ({"level_low": ["10"]}, "level_low"),
        ({"until": ["2026-02-30"]}, "until"),
        ({"title": ["长" * 121]}, "title"),
    ],
)
def test_wrong_entries_are_named_by_field(said: dict[str, list[str]], where: str) -> None:
    _, errors = read(ENTRIES["need"], NEED | said, choices("changning/shelf", "zh"))
    assert list(errors) == [where]


def test_a_form_is_read_back_as_it_was_written() -> None:
    known = choices("changning/shelf", "zh")
    for kind, said in (("need", NEED | {"data": ["1"], "until": ["2026-12-31"]}), ("offer", OFFER)):
        content, errors = read(ENTRIES[kind], said, known)
        assert not errors
        assert read(ENTRIES[kind], said_before(ENTRIES[kind], content), known) == (content, {})
        assert {entry.code for entry in ENTRIES[kind]} >= content.keys()


def test_both_lists_of_fields_are_kept_with_their_mapping() -> None:
    """The district's eight fields and the city's seven action areas differ (scenario facts §1)."""
    fields, areas = tags("fields"), tags("areas")
    assert (len(tags("technologies")), len(fields), len(areas), len(tags("readiness"))) == (7, 8, 7, 9)
    assert {area for tag in fields.values() for area in tag.areas} <= areas.keys()


def test_reading_the_shelves_costs_the_same_for_many_entries(
    shelves: Shelves, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        shelves.listed(shelves.need, shelves.hospital, NEED)
    with django_assert_max_num_queries(7):
        assert len(listed()) == 6
    with django_assert_max_num_queries(1):
        assert len(listed()) == 6


def test_numbers_of_the_shelves(shelves: Shelves) -> None:
    """Who is never suggested is named, not only counted."""
    with time_machine.travel("2024-03-04T10:00+08:00", tick=False):
        need = shelves.listed(shelves.need, shelves.hospital, NEED)
        shelves.listed(shelves.offer, shelves.firm, OFFER)
        lone = shelves.listed(
            shelves.offer, shelves.other, OFFER, title=["透明陶瓷"], description=["导热"], advantages=["大尺寸"],
            technologies=["materials"], fields=["transport"],
        )  # fmt: skip
        said = {"message": "可以试用", "contact": "商务"}
        interest = express_interest(need, shelves.firm.organisation, by=shelves.firm, said=said)
        express_interest(need, shelves.other.organisation, by=shelves.other, said=said)
    with time_machine.travel("2024-03-07T10:00+08:00", tick=False):
        act(interest, "accept", by=shelves.hospital)
        act(interest, "report", by=shelves.hospital, data={"outcome": "contract"})
        told = numbers()
    assert told.entries == {"need": 1, "offer": 2}
    assert told.interests == {"reported": 1, "sent": 1}
    assert (told.outcomes, told.days) == ({"contract": 1}, 3.0)
    assert (told.exposure.everyone, told.exposure.shown) == (2, 1)
    assert [one.code for one in told.never] == [lone.code]


def test_figures_ask_as_often_for_many_needs_as_for_one(shelves: Shelves) -> None:
    """And the lists are looked at anew when a shelf changed."""
    shelves.listed(shelves.offer, shelves.firm, OFFER)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            numbers()
        return len(found)

    shelves.listed(shelves.need, shelves.hospital, NEED)
    one = asked()
    assert numbers().exposure.shown == 1
    for n in range(4):
        shelves.listed(shelves.need, shelves.hospital, NEED, title=[f"门诊智能导诊{n}"])
    assert asked() <= one
    assert numbers().entries["need"] == 5
    assert asked() < one


def test_industries_that_begin_alike_count_and_are_named(shelves: Shelves) -> None:
    """Health is near to social work: both are in section Q of GB/T 4754; retail is not."""
    need = shelves.listed(shelves.need, shelves.hospital, NEED, industry=["Q84"])
    same, near, far = (
        shelves.listed(shelves.offer, shelves.firm, OFFER, title=[f"引擎{code}"], industry=[code]).code
        for code in ("Q84", "Q85", "F52")
    )
    entry = listed_entry(need.code)
    assert entry is not None
    told_ = {
        m.profile.id: {p.name: (round(p.points, 2), p.text.zh) for p in m.parts}["industry"]
        for m in fitting(entry).fit
    }
    assert told_[same] == (3.0, "行业相同：84 卫生")
    assert told_[near] == (1.2, "行业：85 社会工作 与 84 卫生 同属 卫生和社会工作")
    assert told_[far] == (0.0, "行业：52 零售业，与 84 卫生 不同类")
