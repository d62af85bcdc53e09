"""The glossary of the shelves: a standing case, its versions, what matching reads, and what it is suggested."""

from __future__ import annotations

from typing import Any

import pytest

from qiao.core.acts import Refused, act
from qiao.core.models import Case, Version
from qiao.kinds.shelf import glossary as kept
from qiao.kinds.shelf.entries import listed_entry
from qiao.kinds.shelf.fitting import fitting
from qiao.kinds.shelf.process import express_interest
from qiao.kinds.shelf.suggesting import accepted, suggestions
from tests.integration.core.test_shelves import NEED, OFFER, Shelves

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


def test_what_ships_is_sound() -> None:
    """The first change must not stumble over what is there: two words a group, no word in two groups."""
    groups = kept.shipped()
    for group in groups:
        assert kept.faults(group, tuple(other for other in groups if other != group)) == []


def test_the_first_change_opens_the_case_with_what_ships(shelves: Shelves) -> None:
    assert kept.standing() is None and kept.groups(None) == kept.shipped()
    kept.change(by=shelves.editor, new=("导诊", "分诊"), reason="两份需求都这样说")
    case = kept.standing()
    assert case is not None and case.call == shelves.need
    assert [a.verb for a in case.acts.order_by("seq")] == ["open", "write", "write"]
    first, second = kept.versions(case)
    assert kept.groups_of(first) == kept.shipped()
    assert kept.groups_of(second) == (("导诊", "分诊"), *kept.shipped())
    assert [a.reason for a in case.acts.order_by("seq")][2] == "两份需求都这样说"
    kept.change(by=shelves.editor, old=("导诊", "分诊"), new=("导诊", "分诊", "预检"), reason="也说预检")
    kept.change(by=shelves.editor, old=("导诊", "分诊", "预检"), reason="意思不同")
    assert kept.groups(case) == kept.shipped()
    assert Case.objects.filter(kind="glossary").count() == 1
    assert Version.objects.filter(paper__case=case).count() == 4


def test_only_the_owners_officers_write_it(shelves: Shelves) -> None:
    stranger = shelves.seat(shelves.firm.organisation, "officer")
    for seat in (stranger, shelves.firm):
        with pytest.raises(Refused) as refused:
            kept.change(by=seat, new=("导诊", "分诊"), reason="x")
        assert refused.value.answer.codes == ["not_yours"]
    assert not Case.objects.filter(kind="glossary").exists()
    with pytest.raises(Refused) as refused:
        kept.change(by=shelves.editor, new=("导诊", "分诊"), reason=" ")
    assert refused.value.answer.codes == ["reason_missing"]
    assert not Case.objects.filter(kind="glossary").exists()


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("", ["group_empty"]),
        ("导诊", ["group_of_one"]),
        ("ＡＩ、ai", ["group_of_one"]),
        ("导诊、大模型", ["word_twice"]),
        ("导诊、ｌｌｍ", ["word_twice"]),
        (f"导诊，{'长' * 41}", ["word_too_long"]),
        ("；".join(f"词{n}" for n in range(21)), ["group_too_long"]),
    ],
)
def test_bad_groups_are_refused_with_what_and_where(shelves: Shelves, typed: str, codes: list[str]) -> None:
    with pytest.raises(kept.BadGroupError) as bad:
        kept.change(by=shelves.editor, new=kept.words(typed), reason="x")
    assert [p.code for p in bad.value.problems] == codes
    assert not Case.objects.filter(kind="glossary").exists()
    if codes == ["word_twice"]:
        assert "大语言模型、大模型、LLM" in str(bad.value.problems[0])


def test_words_are_read_as_they_are_typed() -> None:
    assert kept.words("大模型、 LLM ，large  language model\r\nllm;AIGC") == (
        "大模型",
        "LLM",
        "large language model",
        "AIGC",
    )


def test_nobody_overwrites_what_another_changed(shelves: Shelves) -> None:
    kept.change(by=shelves.editor, new=("导诊", "分诊"), reason="x")
    kept.change(by=shelves.editor, old=("导诊", "分诊"), new=("导诊", "预检"), reason="x")
    with pytest.raises(kept.ChangedError):
        kept.change(by=shelves.editor, old=("导诊", "分诊"), new=("导诊", "分诊", "分流"), reason="x")


def test_matching_reads_the_newest_version(shelves: Shelves, django_assert_max_num_queries: Any) -> None:
    """A need and an offer that share no word and no tag meet once the glossary says that two words are the same."""
    apart: dict[str, list[str]] = {"technologies": [], "fields": []}
    said = NEED | {"title": ["甲"], "background": ["甲"], "problem": ["踟蹰"], "indicators": ["甲"]} | apart
    need = shelves.listed(shelves.need, shelves.hospital, said)
    offer = OFFER | {"title": ["乙"], "description": ["彷徨"], "advantages": ["乙"]} | apart
    other = shelves.listed(shelves.offer, shelves.firm, offer)
    entry = listed_entry(need.code)
    assert entry is not None and fitting(entry).fit == ()
    kept.change(by=shelves.editor, new=("踟蹰", "彷徨"), reason="同义")
    (found,) = fitting(entry).fit
    assert found.profile.id == other.code
    assert "彷徨" in {p.name: p for p in found.parts}["glossary"].text.zh
    with django_assert_max_num_queries(1):
        assert kept.glossary().others("踟蹰") == {"踟蹰": ["彷徨"]}
    case = kept.standing()
    assert case is not None
    act(case, "close", by=shelves.editor, reason="重新整理")
    assert fitting(entry).fit == () and kept.glossary().groups == kept.shipped()
    kept.change(by=shelves.editor, new=("踟蹰", "彷徨"), reason="重新开始")
    assert Case.objects.filter(kind="glossary").count() == 2 and len(fitting(entry).fit) == 1


def four_contracts(shelves: Shelves) -> None:
    """Four needs of 分诊, answered by firms that say 导医, beside matches about other things."""
    said = {"contact": "商务"}
    for number, (wanted, has) in enumerate(
        [("门诊分诊", "病人导医")] * 4
        + [("仓库盘点", "货物清点"), ("桥梁巡检", "无人机航拍"), ("透明陶瓷", "光学晶体")] * 3
    ):
        need = shelves.listed(
            shelves.need, shelves.hospital, NEED, title=[f"{wanted}"], background=[wanted], problem=[wanted],
            indicators=["甲"],
        )  # fmt: skip
        if number == 0:  # one that both agreed to talk about only
            interest = express_interest(
                need, shelves.firm.organisation, by=shelves.firm, said=said | {"message": has}
            )
            act(interest, "accept", by=shelves.hospital)
            continue
        interest = express_interest(
            need, shelves.firm.organisation, by=shelves.firm, said=said | {"message": has}
        )
        act(interest, "accept", by=shelves.hospital)
        act(interest, "report", by=shelves.firm, data={"outcome": "trial" if number % 2 else "contract"})


def test_accepted_matches_suggest_words(shelves: Shelves, django_assert_max_num_queries: Any) -> None:
    four_contracts(shelves)
    with django_assert_max_num_queries(20):
        found = suggestions()
    assert found.matches == 13
    pairs = {(one.here, one.there): one.seen for one in found.found}
    assert pairs["门诊分诊", "病人导医"] == 4
    assert pairs["仓库盘点", "货物清点"] == 3 and len(pairs) == 4  # pieces of words are put together
    kept.set_aside("门诊分诊", "病人导医", by=shelves.editor, reason="分诊由护士做，导医是引路")
    left = {(one.here, one.there) for one in suggestions().found}
    assert left == pairs.keys() - {("门诊分诊", "病人导医")}
    kept.change(by=shelves.editor, new=("仓库盘点作业", "货物清点作业"), reason="来自匹配")
    assert {(one.here, one.there) for one in suggestions().found} == left - {("仓库盘点", "货物清点")}


def test_what_led_nowhere_suggests_nothing(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    shelves.listed(shelves.offer, shelves.firm, OFFER)
    said = {"message": "可以试用", "contact": "商务"}
    interest = express_interest(need, shelves.firm.organisation, by=shelves.firm, said=said)
    assert accepted() == []
    act(interest, "accept", by=shelves.hospital)
    ((asked, offered),) = accepted()
    assert "导诊台高峰排队" in asked and "方言数据三千小时" in offered and "可以试用" in offered
    assert "二期扩大到四个院区" not in asked  # confidential
    act(interest, "report", by=shelves.firm, data={"outcome": "talks"})
    assert accepted() == []
