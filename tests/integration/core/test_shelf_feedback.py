"""合适 and 这个不合适: who may say so, that the last word counts, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from qiao.core.acts import Refused, act
from qiao.kinds.shelf import glossary as kept
from qiao.kinds.shelf.entries import Listed, listed_entry
from qiao.kinds.shelf.feedback import feedback
from qiao.kinds.shelf.fitting import fitting
from qiao.kinds.shelf.numbers import numbers, reasons
from qiao.kinds.shelf.process import express_interest
from qiao.kinds.shelf.suggesting import accepted
from tests.integration.core.test_shelves import NEED, OFFER, Shelves

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


def entry(code: str) -> Listed:
    found = listed_entry(code)
    assert found is not None
    return found


def test_the_last_word_counts(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    offer = shelves.listed(shelves.offer, shelves.firm, OFFER)
    said = {"other": offer.code}
    act(need, "agree", by=shelves.hospital, data=said)
    assert entry(need.code).agreed == {offer.code} and not entry(need.code).refused
    assert [m.profile.id for m in fitting(entry(need.code)).fit] == [offer.code]
    act(need, "not_this", by=shelves.hospital, data=said, reason="需要本地部署")
    assert entry(need.code).refused == {offer.code} and not entry(need.code).agreed
    assert fitting(entry(need.code)).fit == () and accepted() == []
    act(need, "agree", by=shelves.hospital, data=said)
    assert len(fitting(entry(need.code)).fit) == 1
    assert numbers().verdicts == {"agree": 1}


def test_only_the_holder_speaks_and_only_of_the_other_shelf(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    alike = shelves.listed(shelves.need, shelves.hospital, NEED)
    draft = shelves.written(shelves.offer, shelves.firm, OFFER)
    offer = shelves.listed(shelves.offer, shelves.firm, OFFER)
    with pytest.raises(Refused) as refused:
        act(need, "agree", by=shelves.firm, data={"other": offer.code})
    assert refused.value.answer.codes == ["not_yours"]
    for code in (alike.code, draft.code, "nothere"):
        for verb, reason in (("agree", ""), ("not_this", "x")):
            with pytest.raises(Refused) as refused:
                act(need, verb, by=shelves.hospital, data={"other": code}, reason=reason)
            assert refused.value.answer.codes == ["no_such_entry"]


def test_agreed_pairs_count_for_the_glossary(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    offer = shelves.listed(shelves.offer, shelves.firm, OFFER)
    act(offer, "agree", by=shelves.firm, data={"other": need.code})
    ((asked, offered),) = accepted()
    assert "导诊台高峰排队" in asked and "方言数据三千小时" in offered


def test_what_became_of_it(shelves: Shelves, django_assert_max_num_queries: Any) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    offers = [shelves.listed(shelves.offer, shelves.firm, OFFER) for _ in range(2)]
    other = shelves.listed(shelves.offer, shelves.other, OFFER)
    for offer in offers:
        act(need, "agree", by=shelves.hospital, data={"other": offer.code})
    act(need, "not_this", by=shelves.hospital, data={"other": other.code}, reason="太贵")
    said = {"message": "可以试用", "contact": "商务"}
    interest = express_interest(offers[1], shelves.hospital.organisation, by=shelves.hospital, said=said)
    kept.change(by=shelves.editor, new=("导诊", "分诊"), reason="来自匹配")
    act(other, "take_down", by=shelves.editor, reason="过期")
    mine = entry(need.code)
    with django_assert_max_num_queries(5):
        last, second, first = feedback(mine)
    assert (last.agreed, last.reason, last.listed, last.interest) == (False, "太贵", False, None)
    assert (second.interest, str(second.stage), second.versions) == (interest, "待答复", 2)
    assert first.interest is None and first.listed and first.agreed
    assert feedback(entry(offers[0].code)) == []


def test_reasons_are_read_by_those_who_see_the_entry(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    offer = shelves.listed(shelves.offer, shelves.firm, OFFER)
    act(need, "not_this", by=shelves.hospital, data={"other": offer.code}, reason="需要本地部署")
    (reason,) = reasons(shelves.editor.person, [shelves.editor])
    assert (reason.entry, reason.other, reason.text) == (need, "沪语语音识别引擎", "需要本地部署")
    stranger = shelves.seat(shelves.firm.organisation, "officer")
    assert reasons(stranger.person, [stranger]) == []
