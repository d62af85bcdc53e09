"""A body's letters look as the body's layout says, from one source (per-body variants)."""

from __future__ import annotations

import pytest

from qiao.kinds.reply import layout_of
from qiao.letters import LetterError, plain_text, to_docx, to_html, to_pdf
from tests.factories import World, reply


def test_a_unit_may_have_its_own_layout(world: World) -> None:
    letter, unit = reply(world).letter, world.lead.organisation
    assert layout_of(unit, letter).name == "gbt9704-reply"
    unit.layout = "result-first"
    layout = layout_of(unit, letter)
    assert plain_text(letter, layout).index("解决或采纳") < plain_text(letter, layout).index("对测试区政协")
    assert to_pdf(letter, layout).startswith(b"%PDF")
    assert to_docx(letter, layout).startswith(b"PK")
    assert "解决或采纳" in to_html(letter, layout)


@pytest.mark.parametrize("name", ["nowhere", "../../pyproject", "../changning/cppcc-proposals"])
def test_an_unknown_layout_is_named(world: World, name: str) -> None:
    unit = world.lead.organisation
    unit.layout = name
    with pytest.raises(LetterError):
        layout_of(unit, reply(world).letter)
