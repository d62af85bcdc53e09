"""Organisations are named by typing: the server finds who is meant, or says who may have been."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from qiao.core.acts import Refused, act
from qiao.core.organisations import OrganisationField, OrganisationsField, code_of, named
from tests.factories import World, advance, at, new_proposal, organisation


class Form(forms.Form):
    def __init__(self, data: str = "", **initial: object) -> None:
        super().__init__(QueryDict(data) if data else None, initial=initial)
        self.fields["lead"] = OrganisationField(label="主办单位")
        self.fields["co"] = OrganisationsField(label="会办单位", required=False)


def test_named_by_code_name_short_name_or_credit_code(db: None) -> None:
    one = organisation("长宁区科学技术委员会", short_name="区科委", uscc="91310105MA1FW0X00N")
    for text in (one.code, one.name, "区科委", " 区科委 ", "91310105MA1FW0X00N"):
        assert named([text]) == [one]
    assert named(["区科委", one.name, ""]) == [one]


def test_who_may_have_been_meant_is_said(db: None) -> None:
    organisation("长宁区科学技术委员会")
    gone = organisation("旧科委")
    gone.merged_into = organisation("长宁区商务委员会")
    gone.save()
    for text, says in (
        ("科学技术", "是不是：长宁区科学技术委员会？"),
        ("财政局", "名录中没有“财政局”。"),
        ("旧科委", "名录中没有“旧科委”。"),
    ):
        with pytest.raises(ValidationError) as error:
            named([text])
        assert says in error.value.messages[0]


def test_of_two_with_one_name_the_code_decides(db: None) -> None:
    first, second = organisation("虹桥公司", "firm"), organisation("虹桥公司", "firm")
    with pytest.raises(ValidationError) as error:
        named(["虹桥公司"])
    assert first.code in error.value.messages[0]
    assert named([second.code]) == [second]


def test_several_in_the_order_in_which_they_are_named(db: None) -> None:
    a, b, c = organisation("甲局"), organisation("乙局"), organisation("丙、丁联合会", "association")
    form = Form(f"lead=甲局&co=丙、丁联合会&co=乙局；{a.code}&co=")
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"lead": a, "co": [c, b, a]}


def test_the_input_offers_names_and_keeps_what_was_typed(db: None) -> None:
    one = organisation("长宁区科学技术委员会", short_name="区科委")
    shown = str(Form(lead=one.code, co=[one.code])["lead"])
    assert 'value="长宁区科学技术委员会" list="id_lead_list"' in shown
    assert '<option value="长宁区科学技术委员会" label="区科委"></option>' in shown
    wrong = Form("lead=科技&co=商务")
    assert not wrong.is_valid()
    assert 'value="科技"' in str(wrong["lead"])
    assert 'value="商务"' in str(wrong["co"])
    assert 'aria-label="第 2 个单位"' in str(wrong["co"])


def test_filters_take_names_and_parts_that_only_one_has(db: None) -> None:
    one, other = organisation("长宁区科学技术委员会", short_name="区科委"), organisation("长宁区商务委员会")
    for text in (one.code, one.name, "区科委", " 科学技术 "):
        assert code_of(text) == one.code
    assert code_of("商务") == other.code
    for text in ("委员会", "财政局", "%", ""):
        assert code_of(text) == text
    assert code_of("\0") == ""
    assert named(["\0区科委\0", "\0"]) == [one]


def test_required_and_empty(db: None) -> None:
    empty = Form("lead=&co=&co=")
    assert not empty.is_valid()
    assert set(empty.errors) == {"lead"}


def test_script_in_a_name_is_text(db: None) -> None:
    organisation("<script>alert(1)</script>")
    assert "<script>" not in str(Form()["lead"])
    assert "<script>" not in str(Form("lead=<script>alert(2)</script>")["lead"])


def test_an_act_takes_names_and_keeps_codes(world: World) -> None:
    case = advance(world, new_proposal(world), "admitted")
    lead, co = world.lead.organisation, world.co.organisation
    with pytest.raises(Refused) as refused:
        act(
            case,
            "assign",
            by=world.registry,
            data={"lead": lead.name, "co": ["无此单位"]},
            at=at("2024-01-30"),
        )
    assert "无此单位" in refused.value.errors["co"][0]
    done = act(
        case, "assign", by=world.registry, data={"lead": lead.name, "co": [co.name]}, at=at("2024-01-30")
    )
    assert done.data == {"lead": lead.code, "co": [co.code]}
