"""Figures: who may state them, what is refused, how a revision runs, and who hears of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from qiao.core.acts import Refused, act
from qiao.core.figures import may_state_values, numbers_in, state_value
from qiao.core.models import Indicator, Seat, Value
from qiao.kinds.reply import Reply
from qiao.letters.model import Figure, Letter, Paragraph, Text
from tests.factories import World, advance, at, handling_of, new_proposal, reply, seat, sign_off, to_signing

pytestmark = pytest.mark.django_db
YEAR = {"start": dt.date(2023, 1, 1), "end": dt.date(2023, 12, 31)}


def signed_in(who: Seat) -> Client:
    client = Client()
    assert who.person.user
    client.force_login(who.person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def tax(world: World) -> Indicator:
    return Indicator.objects.create(
        code="tax",
        name="综合税收",
        definition="口径",
        unit="亿元",
        source="年报",
        owner=world.lead.organisation,
    )


@pytest.fixture
def value(world: World, tax: Indicator) -> Value:
    return stated(world, tax)


def stated(world: World, tax: Indicator, **given: Any) -> Value:
    said: dict[str, Any] = {
        "value": Decimal(310), "qualifier": "近", "display": "近310亿元", "source": "", "by": world.lead.officer,
    }  # fmt: skip
    return state_value(tax, **{**YEAR, **said, **given})


def citing(world: World, value: Value, text: str = "近310亿元") -> Reply:
    base = reply(world)
    blocks = (*base.letter.blocks, Paragraph((Text("全年"), Figure("f1", text))))
    letter = Letter(
        form="reply_sheet", title_lines=base.letter.title_lines, addressees=("委员甲",), blocks=blocks,
        result=base.letter.result, signature=base.letter.signature, date=base.letter.date,
    )  # fmt: skip
    return Reply(letter, "solved", publicity="open", promises=base.promises, citations={"f1": value.code})


# --- the core --------------------------------------------------------------------------------------------------


def test_a_revision_supersedes_and_keeps_the_old_one(world: World, tax: Indicator, value: Value) -> None:
    second = stated(world, tax, value=Decimal(308), qualifier="", display="308亿元")
    third = stated(world, tax, value=Decimal(309), qualifier="", display="309亿元", seen=second.code)
    value.refresh_from_db()
    second.refresh_from_db()
    assert (value.superseded_by, second.superseded_by, third.superseded_by) == (second, third, None)
    assert [value.revision, second.revision, third.revision] == [1, 2, 3]
    assert value.display == "近310亿元"
    assert third.stated_by == world.lead.officer


def test_the_database_allows_one_current_value(world: World, tax: Indicator, value: Value) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Value.objects.create(
            indicator=tax, **YEAR, value=1, display="1", revision=2, stated_at=at("2024-01-01")
        )


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"start": dt.date(2024, 1, 1)}, "period_order", "end"),
        ({"display": "近300亿元"}, "number_missing", "display"),
        ({"display": "310亿元"}, "qualifier_missing", "display"),
        ({"qualifier": ""}, "qualifier_unsaid", "qualifier"),
    ],
)
def test_what_does_not_fit_is_refused(
    world: World, tax: Indicator, given: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        stated(world, tax, **given)
    assert refused.value.answer.codes == [code]
    assert list(refused.value.errors) == [field]
    assert not Value.objects.exists()


def test_the_same_again_and_a_value_changed_by_somebody_else(
    world: World, tax: Indicator, value: Value
) -> None:
    for given, code in (({}, "same"), ({"seen": ""}, "exists"), ({"seen": "gone"}, "changed")):
        with pytest.raises(Refused) as refused:
            stated(world, tax, **given)
        assert refused.value.answer.codes == [code]


@pytest.mark.parametrize(
    ("text", "number"),
    [("近310亿元", 310), ("近310亿元", 31_000_000_000), ("6,100余家", 6100), ("约18.5%", "18.5"), ("三十家", 30),
     ("超过100万", 1_000_000), ("全市第一", 1)],
)  # fmt: skip
def test_numbers_in_a_wording(text: str, number: Any) -> None:
    assert Decimal(number) in numbers_in(text)


def test_a_number_in_smaller_units(world: World, tax: Indicator) -> None:
    small = Indicator.objects.create(code="small", name="n", definition="d", unit="元", source="s")
    assert stated(world, small, value=Decimal(31_000_000_000)).revision == 1


def test_who_may(world: World, tax: Indicator) -> None:
    assert may_state_values([world.lead.officer], tax)
    assert may_state_values([world.registry], tax)
    assert not may_state_values([world.members[0]], tax)
    assert not may_state_values([world.lead.office], tax)
    other = may_state_values([world.co.officer], tax)
    assert not other
    assert str(world.lead.organisation) in str(other)
    tax.owner = None
    assert may_state_values([world.co.officer], tax)
    with pytest.raises(Refused):
        stated(world, Indicator.objects.get(pk=tax.pk), by=world.co.officer)


# --- the pages -------------------------------------------------------------------------------------------------

FORM = {"start": "2023-01-01", "end": "2023-12-31", "value": "310", "qualifier": "近", "display": "近310亿元"}


def test_state_and_revise_on_the_page(world: World, tax: Indicator) -> None:
    client = signed_in(world.lead.officer)
    assert client.post("/desk/indicators/tax/", FORM).status_code == 302
    old = Value.objects.get()
    again = client.post("/desk/indicators/tax/", {**FORM, "value": "311", "display": "近311亿元"})
    assert again.status_code == 409
    assert "用“修订”" in again.content.decode()
    form = client.get(f"/desk/indicators/tax/?revise={old.code}").context["form"]
    assert form["seen"].value() == old.code
    done = client.post(
        "/desk/indicators/tax/", {**FORM, "seen": old.code, "value": "311", "display": "近311亿元"}
    )
    assert done.status_code == 302
    page = client.get("/desk/indicators/tax/")
    (period,) = page.context["periods"]
    assert (period.current.display, [v.display for v in period.earlier]) == ("近311亿元", ["近310亿元"])
    stale = client.post(
        "/desk/indicators/tax/", {**FORM, "seen": old.code, "value": "312", "display": "近312亿元"}
    )
    assert stale.status_code == 409
    assert "近311亿元" in stale.content.decode()
    bad = client.post("/desk/indicators/tax/", {**FORM, "start": "2024-01-01", "display": "十"})
    assert set(bad.context["form"].errors) == {"end", "display"}


def test_periods_side_by_side(world: World, tax: Indicator, value: Value) -> None:
    client = signed_in(world.lead.officer)
    assert client.get("/desk/indicators/tax/").context["chart"] == ""  # one value compares with nothing
    stated(world, tax, start=dt.date(2022, 1, 1), end=dt.date(2022, 12, 31), value=Decimal(-5), qualifier="", display="-5亿元")  # fmt: skip # noqa: E501
    stated(world, tax, start=dt.date(2023, 1, 1), end=dt.date(2023, 3, 31), value=Decimal(90), qualifier="", display="90亿元")  # fmt: skip # noqa: E501
    page = client.get("/desk/indicators/tax/")
    assert [p.name for p in page.context["periods"]] == ["2023", "2023 Q1", "2022"]
    assert page.context["chart"].count("<rect") == 2  # the quarter is no year


def test_others_read_and_are_told_why_they_do_not_write(world: World, tax: Indicator, value: Value) -> None:
    client = signed_in(world.co.officer)
    page = client.get("/desk/indicators/tax/")
    assert page.status_code == 200
    assert page.context["form"] is None
    assert "负责填报" in page.content.decode()
    assert client.post("/desk/indicators/tax/", FORM).status_code == 403
    assert signed_in(world.members[0]).get("/desk/indicators/").status_code == 403
    assert signed_in(world.co.officer).get("/desk/indicators/none/").status_code == 404
    assert Value.objects.count() == 1


def test_a_new_indicator_belongs_to_my_unit(world: World) -> None:
    client = signed_in(world.lead.officer)
    given = {
        "name": "企业数",
        "code": "firms",
        "unit": "家",
        "rhythm": "year",
        "definition": "口径",
        "source": "年报",
    }
    assert client.post("/desk/indicators/new/", {**given, "code": "new"}).status_code == 409
    assert client.post("/desk/indicators/new/", given)["Location"] == "/desk/indicators/firms/"
    assert Indicator.objects.get().owner == world.lead.organisation
    assert client.post("/desk/indicators/new/", given).status_code == 409
    assert "企业数" in client.get("/desk/indicators/?q=企业").content.decode()
    assert "企业数" not in client.get("/desk/indicators/?q=税收").content.decode()
    assert "企业数" not in signed_in(world.co.officer).get("/desk/indicators/?scope=mine").content.decode()


def test_a_revision_flags_the_draft_that_cites_it(world: World, tax: Indicator, value: Value) -> None:
    handling = handling_of(advance(world, new_proposal(world), "signing", content=citing(world, value)))
    client = signed_in(world.co.leader)
    address = f"/desk/cases/{handling.code}/sign/countersign/"
    assert client.get(address).context["flagged"] == 0
    (cited,) = signed_in(world.lead.officer).get("/desk/indicators/tax/").context["cited"]
    assert (cited["case"], cited["at"]) == (handling, None)
    stated(world, tax, value=Decimal(308), qualifier="", display="308亿元")
    page = client.get(address)
    assert page.context["flagged"] == 1
    assert "已被修订（现为308亿元）" in page.content.decode()
    assert "1 项已修订" in client.get("/desk/sign/").content.decode()
    assert "须更新引用" in signed_in(world.lead.officer).get("/desk/indicators/tax/").content.decode()
    for verb, by in (
        ("countersign", world.co.leader),
        ("check", world.lead.head),
        ("vet", world.lead.office),
    ):
        act(handling, verb, by=by, at=at("2024-04-29"))
    leader = signed_in(world.lead.leader)
    page = leader.get(f"/desk/cases/{handling.code}/sign/sign/")
    assert not page.context["allowed"]
    assert page.context["flagged"] == 1
    refused = leader.post(
        f"/desk/cases/{handling.code}/sign/sign/", {"seen": page.context["version"].digest, "do": "sign"}
    )
    assert refused.status_code == 409
    handling.refresh_from_db()
    assert handling.stage == "signing"


def test_signed_letters_keep_what_they_cited(world: World, tax: Indicator, value: Value) -> None:
    case = advance(world, new_proposal(world), "handling")
    handling = to_signing(world, case, citing(world, value))
    sign_off(world, handling)
    stated(world, tax, value=Decimal(308), qualifier="", display="308亿元")
    (cited,) = signed_in(world.lead.officer).get("/desk/indicators/tax/").context["cited"]
    assert (cited["case"], cited["value"], cited["n"]) == (handling, value, 1)
    assert cited["at"] is not None
    assert (
        signed_in(world.other.officer).get("/desk/indicators/tax/").context["cited"] == []
    )  # not theirs to see


def test_texts_are_escaped(world: World, tax: Indicator) -> None:
    tax.name = tax.definition = "<script>alert(1)</script>"
    tax.save()
    stated(world, tax, display="<b>近310亿元</b>", source="<i>x</i>")
    client = signed_in(seat("读者", world.other.organisation, "head"))
    for address in ("", "tax/"):
        text = client.get(f"/desk/indicators/{address}").content.decode()
        assert "<script>alert" not in text
        assert "<b>近" not in text


def test_few_queries(world: World, tax: Indicator, value: Value, django_assert_max_num_queries: Any) -> None:
    for n in range(2, 6):
        stated(world, tax, value=Decimal(n), qualifier="", display=f"{n}亿元")
        stated(world, tax, end=dt.date(2023, 1, n))
        advance(world, new_proposal(world), "replied", content=citing(world, Value.objects.latest("pk")))
    client = signed_in(world.lead.officer)
    for address in ("", "?q=税&scope=mine", "tax/", f"tax/?revise={Value.objects.latest('pk').code}"):
        with django_assert_max_num_queries(15):
            assert client.get(f"/desk/indicators/{address}").status_code == 200
