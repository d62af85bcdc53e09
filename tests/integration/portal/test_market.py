"""The market: what anybody reads, filters and compares; the desk pages beside it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from qiao.core.acts import act
from qiao.core.models import Case, Seat, User
from tests.integration.core.test_shelves import NEED, OFFER, Shelves

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


@pytest.fixture
def listed(shelves: Shelves) -> tuple[Case, Case]:
    return shelves.listed(shelves.need, shelves.hospital, NEED), shelves.listed(
        shelves.offer, shelves.firm, OFFER
    )


def signed_in(seat: Seat) -> Client:
    """A browser of its own, in Chinese."""
    if seat.person.user is None:
        seat.person.user = User.objects.create_user(username=seat.person.code, password="-")
        seat.person.save()
    client = Client()
    client.force_login(seat.person.user)
    return client


def test_everybody_reads_the_shelves(client: Client, listed: tuple[Case, Case]) -> None:
    page = client.get("/market/").content.decode()
    assert "门诊智能导诊" in page and "沪语语音识别引擎" in page
    page = client.get(f"/market/{listed[0].code}/").content.decode()
    assert "听懂方言，推荐科室" in page
    assert (
        "匹配的技术成果与能力" in page and "沪语语音识别引擎" in page and "技术方向相同：智能语音处理" in page
    )
    for hidden in ("二期扩大到四个院区", "021-0000"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("kind=need", {"门诊智能导诊"}),
        ("technology=vision", set()),
        ("technology=speech&field=medicine", {"门诊智能导诊", "沪语语音识别引擎"}),
        ("level=7", {"沪语语音识别引擎"}),
        ("budget=50", {"沪语语音识别引擎"}),
        ("mode=joint", {"门诊智能导诊"}),
        ("q=方言", {"门诊智能导诊", "沪语语音识别引擎"}),
        ("q=识别引擎&kind=offer", {"沪语语音识别引擎"}),
        ("q=魑魅", set()),
        ("kind=x&level=x&budget=x", {"门诊智能导诊", "沪语语音识别引擎"}),
    ],
)
def test_filters(client: Client, listed: tuple[Case, Case], query: str, titles: set[str]) -> None:
    answer = client.get(f"/market/?{query}")
    assert answer.status_code == 200
    assert {card["entry"].case.title for card in answer.context["cards"]} == titles


def test_stage_place_and_partner_are_said_and_filtered(client: Client, shelves: Shelves) -> None:
    said = {"stage": ["field"], "subdistrict": ["tianshan"], "partner_kind": ["institute"], "data": ["1"]}
    need = shelves.listed(shelves.need, shelves.hospital, NEED, partner=["驻场两个月"], **said)
    shelves.listed(
        shelves.offer, shelves.firm, OFFER, stage=["market"], subdistrict=["hongqiao"], data=["1"],
        completers=["语音课题组"], ip_note=["软件著作权两项"],
    )  # fmt: skip
    page = client.get(f"/market/{need.code}/").content.decode()
    for text in ("中试（现场验证）", "天山路街道", "高校和科研院所", "驻场两个月"):
        assert text in page
    found = {
        query: {card["entry"].case.title for card in client.get(f"/market/?{query}").context["cards"]}
        for query in ("stage=field", "stage=market", "subdistrict=hongqiao", "data=yes")
    }
    assert found["stage=field"] == {"门诊智能导诊"}
    assert found["stage=market"] == found["subdistrict=hongqiao"] == {"沪语语音识别引擎"}
    assert found["data=yes"] == {"门诊智能导诊", "沪语语音识别引擎"}


def test_the_map_counts_both_shelves_and_keeps_the_other_filters(client: Client, shelves: Shelves) -> None:
    shelves.listed(shelves.need, shelves.hospital, NEED, subdistrict=["tianshan"])
    shelves.listed(shelves.offer, shelves.firm, OFFER, subdistrict=["tianshan"])
    shelves.listed(shelves.offer, shelves.other, OFFER, title=["没有写在哪里"])
    page = client.get("/market/?technology=speech")
    rows = {row["label"]: row["cells"] for row in page.context["map_rows"]}
    assert rows["天山路街道"] == [1, 1, 2]
    assert rows["华阳路街道"] == [0, 0, 0]
    assert rows["没有注明街镇"] == [0, 1, 1]
    link = "/market/?technology=speech&amp;subdistrict=tianshan"
    assert page.content.decode().count(link) == 2  # on the map and in the table
    only = client.get("/market/?kind=need&technology=vision").context
    assert "map_rows" in only and not only["cards"]


def test_directions_and_fields_with_their_action_areas(client: Client, listed: tuple[Case, Case]) -> None:
    page = client.get("/market/directions/")
    speech = next(row for row in page.context["technologies"] if row["label"] == "智能语音处理")
    assert speech["cells"] == [
        (1, "/market/?kind=need&technology=speech"),
        (1, "/market/?kind=offer&technology=speech"),
        (0, "/scenarios/?technology=speech"),
    ]
    areas = {row["label"]: row["areas"] for row in page.context["fields"]}
    assert len(page.context["technologies"]) == 7 and len(areas) == 8 and len(page.context["areas"]) == 7
    assert areas["智慧交通"] == ["出行"] and areas["智慧商业"] == []
    text = page.content.decode()
    assert "待核实" in text and "没有对应的行动领域" in text
    assert "/market/?technology=speech&amp;field=medicine" in text


def test_entries_side_by_side(client: Client, listed: tuple[Case, Case]) -> None:
    answer = client.get("/market/compare/", {"c": [case.code for case in listed] + ["nothere"]})
    rows = {str(row["label"]): row["cells"] for row in answer.context["rows"]}
    assert rows["技术方向"] == ["智能语音处理", "智能语音处理"]
    assert rows["创新点与优势"] == ["", "方言数据三千小时"]
    assert client.get("/market/compare/").status_code == 200


def test_what_is_not_listed_is_not_there(client: Client, shelves: Shelves) -> None:
    draft = shelves.written(shelves.need, shelves.hospital, NEED)
    assert client.get(f"/market/{draft.code}/").status_code == 404
    assert client.get("/market/nothere/").status_code == 404


def test_script_in_an_entry_is_text(client: Client, shelves: Shelves) -> None:
    case = shelves.listed(shelves.need, shelves.hospital, NEED, problem=["<script>alert(1)</script>"])
    page = client.get(f"/market/{case.code}/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_an_agent_publishes_through_the_form_and_loses_nothing(shelves: Shelves) -> None:
    agent = signed_in(shelves.hospital)
    form = agent.post(f"/desk/market/new/{shelves.need.code}/")["Location"]
    bad: dict[str, Any] = NEED | {"budget_low": ["abc"], "problem": ["很长的问题说明"]}
    answer = agent.post(form, bad)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "很长的问题说明" in page and "请填写万元数" in page and 'value="abc"' in page
    assert agent.post(form, NEED)["Location"] == form.replace("sheet/write/", "")
    case = Case.objects.get(kind="need")
    assert case.title == "门诊智能导诊"
    assert signed_in(shelves.other).get(form).status_code == 404


def test_interest_in_one_step(shelves: Shelves, listed: tuple[Case, Case]) -> None:
    need = listed[0]
    firm = signed_in(shelves.firm)
    page = firm.get(f"/desk/market/{need.code}/").content.decode()
    assert "二期扩大到四个院区" not in page and shelves.firm.organisation.name in page
    assert "本单位已上架“沪语语音识别引擎”，与此匹配。" in page
    assert "本单位已上架" not in signed_in(shelves.other).get(f"/desk/market/{need.code}/").content.decode()
    answer = firm.post(f"/desk/market/{need.code}/", {"message": "可以试用", "contact": "商务", "terms": "1"})
    assert answer.status_code == 302
    assert "二期扩大到四个院区" in firm.get(f"/desk/market/{need.code}/").content.decode()
    again = firm.post(f"/desk/market/{need.code}/", {"message": "再来", "contact": "商务"})
    assert again.status_code == 409 and "已有一件意向" in again.content.decode()
    act(Case.objects.get(kind="interest"), "accept", by=shelves.hospital)
    assert "021-0000" in firm.get(f"/desk/market/{need.code}/").content.decode()
    home = signed_in(shelves.hospital).get("/desk/market/").content.decode()
    assert "收到的意向" in home and shelves.firm.organisation.name in home


def test_not_this_one_because(shelves: Shelves, listed: tuple[Case, Case]) -> None:
    need, offer = listed
    agent = signed_in(shelves.hospital)
    page = f"/desk/market/{need.code}/"
    assert [fit["entry"].code for fit in agent.get(page).context["fits"]] == [offer.code]
    agent.post(f"{page}not-this/", {"other": offer.code, "reason": "需要本地部署"})
    assert agent.get(page).context["fits"] == []


def test_only_agents_publish_and_express_interest(shelves: Shelves, listed: tuple[Case, Case]) -> None:
    editor = signed_in(shelves.editor)
    assert editor.post(f"/desk/market/new/{shelves.need.code}/").status_code == 403
    assert editor.post(f"/desk/market/{listed[0].code}/", {"message": "x", "contact": "y"}).status_code == 403
    assert "待审核" in editor.get("/desk/market/").content.decode()


def test_pages_of_the_market_cost_few_queries(
    client: Client, shelves: Shelves, listed: tuple[Case, Case], django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        shelves.listed(shelves.offer, shelves.other, OFFER)
    client.get("/market/")
    for address in ("/market/", "/market/?q=方言", f"/market/{listed[0].code}/"):
        with django_assert_max_num_queries(15):
            assert client.get(address).status_code == 200


def test_figures_are_for_those_who_look_after_the_shelves(
    shelves: Shelves, listed: tuple[Case, Case]
) -> None:
    page = signed_in(shelves.editor).get("/desk/market/numbers/").content.decode()
    assert "谁从来没有被推荐" in page and "1 条成果中有 1 条出现过" in page
    assert signed_in(shelves.hospital).get("/desk/market/numbers/").status_code == 403
