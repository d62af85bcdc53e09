"""The parts of the district beside a public list: a map to choose from, and the same as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from qiao.core.charts import Place, sketch_map
from qiao.core.process import Text
from qiao.core.rulebook import rulebook
from qiao.kinds.scenario.people import value
from qiao.kinds.searches import Surface
from qiao.kinds.sheets import choices
from qiao.portal import phrases


def parts(
    surface: Surface,
    asked: Mapping[str, str],
    rules: str,
    language: str,
    counted: Mapping[Text, Counter[str]],
    *,
    title: Text,
) -> dict[str, Any]:
    """What is found in each part of the district, for `portal/_map.html`; whoever chooses one keeps the other filters.

    ``counted``: heading of a column → how many of it are in which part; "" where none is said.
    """
    drawn, known = value(rulebook(rules), "map"), choices(rules, language)("subdistrict")
    address = {code: surface.address({**asked, "subdistrict": code}) for code in known}
    total = Counter({code: sum(column[code] for column in counted.values()) for code in ["", *known]})
    return {
        "map_title": title,
        "map": sketch_map(
            [
                Place(label, total[code], drawn[code][0], drawn[code][1], address[code])
                for code, label in known.items()
                if code in drawn
            ],
            label=title,
        ),
        "map_heads": list(counted) + ([phrases.TOTAL] if len(counted) > 1 else []),
        "map_rows": [
            {
                "label": label,
                "url": address.get(code, ""),
                "cells": [column[code] for column in counted.values()]
                + ([total[code]] if len(counted) > 1 else []),
            }
            for code, label in [*known.items(), *([("", phrases.NOWHERE)] if total[""] else [])]
        ],
    }
