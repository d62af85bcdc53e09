"""What a holder says of a suggestion on the desk, and what officers read of it."""

from __future__ import annotations

import pytest

from qiao.core.models import Act, Notice
from tests.integration.core.test_shelves import NEED, OFFER, Shelves
from tests.integration.portal.test_market import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


def test_agree_and_change_ones_mind(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    offer = shelves.listed(shelves.offer, shelves.firm, OFFER)
    told = Notice.objects.count()
    agent, page = signed_in(shelves.hospital), f"/desk/market/{need.code}/"
    assert "你的反馈和它的用处" not in agent.get(page).content.decode()
    shown = agent.post(f"{page}agree/", {"other": offer.code}, follow=True).content.decode()
    assert "已记下：这个合适" in shown and "你认为合适" in shown and "作为同义词建议的依据" in shown
    assert Notice.objects.count() == told  # nobody is told
    bad = agent.post(f"{page}not-this/", {"other": offer.code, "reason": " "})
    assert bad.status_code == 422 and "open><summary>这个不合适" in bad.content.decode()
    shown = agent.post(
        f"{page}not-this/", {"other": offer.code, "reason": "需要本地部署"}, follow=True
    ).content.decode()
    assert "不再向双方互相推荐" in shown and "需要本地部署" in shown and "改为合适" in shown
    shown = agent.post(f"{page}agree/", {"other": offer.code}, follow=True).content.decode()
    assert "你认为合适" in shown and "改为合适" not in shown
    assert Act.objects.filter(verb="agree").count() == 2


def test_others_cannot_speak_for_the_holder(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    offer = shelves.listed(shelves.offer, shelves.firm, OFFER)
    page = f"/desk/market/{need.code}/agree/"
    assert signed_in(shelves.firm).post(page, {"other": offer.code}).status_code == 422
    assert signed_in(shelves.editor).post(page, {"other": offer.code}).status_code == 403
    assert signed_in(shelves.hospital).get(page).status_code == 405
    assert not Act.objects.filter(verb="agree").exists()


def test_officers_read_counts_and_reasons(shelves: Shelves) -> None:
    need = shelves.listed(shelves.need, shelves.hospital, NEED)
    first, second = (shelves.listed(shelves.offer, shelves.firm, OFFER) for _ in range(2))
    agent = signed_in(shelves.hospital)
    agent.post(f"/desk/market/{need.code}/agree/", {"other": first.code})
    agent.post(f"/desk/market/{need.code}/not-this/", {"other": second.code, "reason": "<b>需要本地部署"})
    page = signed_in(shelves.editor).get("/desk/market/numbers/").content.decode()
    assert "合适的推荐 1 条，不合适的 1 条" in page and "&lt;b&gt;需要本地部署" in page
    elsewhere = signed_in(shelves.seat(shelves.firm.organisation, "officer"))
    page = elsewhere.get("/desk/market/numbers/").content.decode()
    assert "不合适的 1 条" in page and "需要本地部署" not in page
