"""Lists for two sides: wishes, groups, places for those who seldom appear, words that mean the same."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import numpy as np
import pytest

from qiao.matching import (
    Glossary,
    Matcher,
    Meaning,
    Profile,
    Weights,
    Wish,
    both_ways,
    may_meet,
    measure,
    ranked,
    spread,
    suggest,
    wished,
)
from qiao.matching.endpoint import Endpoint, EndpointError


def test_both_directions_count_and_a_zero_is_a_zero() -> None:
    there, back = np.array([[0.9, 0.4, 1.0]]), np.array([[0.4, 0.9, 0.0]])
    assert both_ways(there, back).tolist() == [[pytest.approx(0.6), pytest.approx(0.6), 0.0]]


def test_places_in_lists_are_compared_not_scores() -> None:
    assert ranked(np.array([[5.0, 90.0, 0.0], [0.2, 0.1, 0.3]])).tolist() == [
        [pytest.approx(2 / 3), 1.0, 0.0],
        [pytest.approx(2 / 3), pytest.approx(1 / 3), 1.0],
    ]


def test_group_rules_hold_in_both_directions() -> None:
    """Offer meets need, never offer meets offer (Brella's complementary intents)."""
    allowed = may_meet(["offer", "need"], ["offer", "need"], {("offer", "need")})
    assert allowed.tolist() == [[False, True], [True, False]]
    assert may_meet(["a"], ["b", "c"], None).all()


def test_no_thanks_of_one_is_a_no_whatever_the_other_says() -> None:
    value, musts = wished(
        np.array([[0.5, 0.5, 0.5]]),
        {(0, 0): [Wish.NO_THANKS, Wish.MUST], (0, 1): [Wish.MEET], (0, 2): [Wish.MUST, Wish.MEET]},
    )
    assert value.tolist() == [[0.0, 1.0, 1.5]]
    assert musts == {(0, 2)}


def test_a_share_of_places_goes_to_those_who_seldom_appear() -> None:
    ranking = [f"f{n}" for n in range(30)]
    shown = {f"f{n}": 50 - n for n in range(30) if n not in {14, 22}}
    places = spread(ranking, shown, count=10, share=0.2)
    assert [p.id for p in places] == [*ranking[:8], "f14", "f22"]
    assert [p.kept for p in places] == [False] * 8 + [True] * 2
    assert [p.id for p in spread(ranking[:5], shown, count=10)] == ranking[:5]


def test_kept_places_bring_more_firms_into_lists() -> None:
    """Lists of the best starve newcomers (matching research §5): the measure must show the difference."""
    chance = np.random.default_rng(4)
    firms, best = [f"f{n}" for n in range(300)], chance.random(300) * 2
    plain, fair, shown = [], [], dict[str, int]()
    for _ in range(60):
        order = [firms[n] for n in np.argsort(-(best + chance.random(300)))]
        plain.append(order[:10])
        fair.append([place.id for place in spread(order[:100], shown, count=10)])
        for id in fair[-1]:
            shown[id] = shown.get(id, 0) + 1
    before, after = measure(plain, firms), measure(fair, firms)
    assert after.shown > 1.3 * before.shown
    assert after.gini < before.gini and after.top_tenth < before.top_tenth
    assert after.never == 300 - after.shown


def test_measure_by_hand() -> None:
    told = measure([["a", "b"], ["a", "c"]], ["a", "b", "c", "d"])
    assert (told.shown, told.never, told.top_tenth) == (3, 1, 0.5)
    assert told.gini == pytest.approx(0.375)  # of the counts 0, 1, 1, 2


def test_a_word_inside_another_word_is_not_that_word() -> None:
    glossary = Glossary([["AR", "增强现实"], ["VR", "虚拟现实"]])
    assert glossary.others("a park near the market") == {}
    assert glossary.others("AR眼镜与虚拟现实") == {"ar": ["增强现实"], "虚拟现实": ["VR"]}


def test_accepted_matches_suggest_words_that_are_missing() -> None:
    accepted = [
        ("热轧的孪生模型", "digital twin 平台"),
        ("医院孪生", "twin of a ward"),
        ("园区孪生", "twin 园区"),
    ]
    others = [("养老陪护", "care robot"), ("课堂互动", "class game"), ("导诊", "guide"), ("停车", "parking")]
    found = suggest([*accepted, *others], Glossary())
    assert (found[0].here, found[0].there, found[0].seen) == ("孪生", "twin", 3)
    assert suggest([*accepted, *others], Glossary([["孪生", "twin"]])) == []


# --- embeddings ---------------------------------------------------------------------------------------------------


class Model(BaseHTTPRequestHandler):
    """Speaks the format of an embedding endpoint; its vectors count a few characters."""

    asked: list[dict[str, object]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
        rows = [[text.count(c) + 0.01 for c in "医老课"] for text in body["input"]]
        told: object = {"data": [{"index": n, "embedding": row} for n, row in enumerate(rows)][::-1]}
        match body["model"]:
            case "broken":
                told = {"error": "no such model"}
            case "few":
                told = {"data": []}
            case "uneven":
                told = {"data": [{"index": 0, "embedding": [1.0] * len(body["input"][0])}]}
            case "nan":
                told = {"data": [{"index": 0, "embedding": [float("nan")]}]}
            case "slow":
                time.sleep(1)
            case "gone":
                self.connection.close()
                return
        answer = json.dumps(told).encode()
        self.send_response(500 if body["model"] == "ill" else 200)
        self.send_header("Content-Length", str(len(answer) + (9 if body["model"] == "cut" else 0)))
        self.end_headers()
        with suppress(OSError):  # who asked did not wait
            self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Model)
    Thread(target=server.serve_forever, daemon=True).start()
    Model.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_meaning_comes_from_an_endpoint_and_is_one_part_of_the_score(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QIAO_EMBEDDING_KEY", "secret")
    pool = [Profile("a", "firm", {"text": "医医"}), Profile("b", "firm", {"text": "养老"})]
    meaning = Meaning(Endpoint(address, "small", batch=1), {"text": 1})
    weights = Weights({"text": 1}, {"text": 50, "meaning": 50})
    matcher = Matcher(pool, weights, parts=[meaning])
    best = matcher.find(Profile("n", "need", {"text": "老年人"})).fit[0]
    assert best.profile.id == "b"
    assert next(p for p in best.parts if p.name == "meaning").points == pytest.approx(50, abs=1)
    assert Model.asked[0] == {
        "path": "/v1/embeddings",
        "key": "Bearer secret",
        "model": "small",
        "input": ["医医"],
    }
    matcher.find(Profile("m", "need", {"text": "课堂"}))
    assert len(Model.asked) == 4, "the pool's vectors are made once"


def test_an_endpoint_that_answers_something_else_is_named(address: str) -> None:
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1"):
        Endpoint(address, "broken")(["医"])
    for model, said in {
        "few": "0 vectors came for 1 texts", "nan": "no number", "ill": "500", "gone": "127", "cut": "IncompleteRead",
    }.items():  # fmt: skip
        with pytest.raises(EndpointError, match=said):
            Endpoint(address, model)(["医"])
    with pytest.raises(EndpointError, match="timed out"):
        Endpoint(address, "slow", timeout=0.2)(["医"])
    with pytest.raises(EndpointError, match="different lengths"):
        Endpoint(address, "uneven", batch=1)(["医", "医院"])
    with pytest.raises(EndpointError, match="not an http address"):
        Endpoint("file:///etc", "small")(["医"])


def test_a_model_that_changed_in_between_is_named(address: str) -> None:
    pool = [Profile("a", "firm", {"text": "医院"})]
    meaning = Meaning(Endpoint(address, "uneven"), {"text": 1})
    matcher = Matcher(pool, Weights({"text": 1}, {"text": 50, "meaning": 50}), parts=[meaning])
    with pytest.raises(ValueError, match="3 numbers cannot be compared with those of 2"):
        matcher.find(Profile("n", "need", {"text": "养老院"}))
    nobody = Matcher([], Weights({"text": 1}, {"text": 50, "meaning": 50}), parts=[meaning])
    assert nobody.find(Profile("n", "need", {"text": "养老院"})).fit == ()


def test_the_front_door_offers_what_it_says() -> None:
    import qiao.matching

    assert [name for name in qiao.matching.__all__ if not hasattr(qiao.matching, name)] == []
