"""Search as the pages do it: the first 20 hits of what somebody may see."""

from __future__ import annotations

from benchmarks import words
from benchmarks.measure import Row, repeat

QUERIES = {
    "two characters, in every title": "建议",
    "two characters": "算力",
    "two characters inside words": "宙标",
    "four characters": "数字孪生",
    "six characters, rare": words.RARE,
    "two words": "托育 服务",
    "nothing found": "魑魅魍魉",
}


def measure() -> list[Row]:
    from benchmarks.world import District
    from qiao.core.access import seats_of
    from qiao.core.search import search

    district = District.read()
    people = {
        "anonymous": None,
        "officer": district.units[0]["officer"][0].person,
        "registry": district.registry["proposal"].person,
    }
    found = []
    for who, person in people.items():
        seats = seats_of(person)
        for name, query in QUERIES.items():
            found.append(
                repeat(
                    "search",
                    f"{name}: {query}",
                    lambda q=query, p=person, s=seats: len(list(search(q, person=p, seats=s)[:20])),  # type: ignore[misc]
                    who=who,
                )
            )
    return found
