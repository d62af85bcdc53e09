"""Many at once, and power cuts: exactly the allowed act wins, no acknowledged act is lost, no half act stays."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import close_old_connections, connection, connections

from qiao.core import history
from qiao.core.acts import Refused, act
from qiao.core.models import Act, Case, Seat
from tests.factories import advance, build_world, handling_of, new_proposal, seat

pytestmark = pytest.mark.django_db(transaction=True)


def attempt(case_id: int, verb: str, seat_id: int) -> str:
    """One person's try in a thread of its own: the act's number, or why not."""
    close_old_connections()
    try:
        by = Seat.objects.select_related("person", "organisation").get(pk=seat_id)
        return f"done {act(Case.objects.get(pk=case_id), verb, by=by).seq}"
    except Refused as refused:
        return ",".join(refused.answer.codes) + " " + str(refused)
    finally:
        connections.close_all()


def test_fifty_signers_at_once() -> None:
    world = build_world()
    case = advance(world, new_proposal(world), "signing", co=False)
    handling = handling_of(case)
    heads = [seat(f"处长{i}", world.lead.organisation, "head", sign_in=False) for i in range(50)]
    before = handling.acts.count()
    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(lambda s: attempt(handling.pk, "check", s.pk), heads))
    assert sum(r.startswith("done") for r in results) == 1
    refusals = [r for r in results if not r.startswith("done")]
    assert all(r.startswith("already_done") and "已经办过" in r for r in refusals)
    assert handling.acts.count() == before + 1
    assert list(history.verify()) == []


def test_signing_and_sending_back_at_once() -> None:
    """Whichever comes first wins; the other finds another stage and is told so."""
    world = build_world()
    case = advance(world, new_proposal(world), "signing", co=False)
    handling = handling_of(case)
    for verb, by in (("check", world.lead.head), ("vet", world.lead.office)):
        act(handling, verb, by=by)

    def send_back(s: Seat) -> str:
        close_old_connections()
        try:
            return f"done {act(Case.objects.get(pk=handling.pk), 'send_back', by=s, reason='再核').verb}"
        except Refused as refused:
            return ",".join(refused.answer.codes)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        signed = pool.submit(attempt, handling.pk, "sign", world.lead.leader.pk)
        sent = pool.submit(send_back, world.lead.head)
    results = [signed.result(), sent.result()]
    handling.refresh_from_db()
    assert sum(r.startswith("done") for r in results) == 1
    assert handling.stage in {"signed", "drafting"}
    assert any(r.startswith("wrong_stage") for r in results)
    assert list(history.verify()) == []


def test_proposals_admitted_at_once_get_one_number_each() -> None:
    world = build_world()
    cases = [new_proposal(world) for _ in range(8)]
    for case in cases:
        act(case, "submit", by=world.members[0])
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda case: attempt(case.pk, "admit", world.registry.pk), cases))
    assert [r.split()[0] for r in results] == ["done"] * 8
    numbers = sorted(Case.objects.filter(pk__in=[c.pk for c in cases]).values_list("number", flat=True))
    assert numbers == [f"{n:03d}" for n in range(1, 9)]


def test_a_number_that_is_taken_is_refused_and_the_next_free_one_named() -> None:
    world = build_world()
    first, second = new_proposal(world), new_proposal(world)
    for case in (first, second):
        act(case, "submit", by=world.members[0])
    act(first, "admit", by=world.registry, data={"number": "012"})
    with pytest.raises(Refused, match=r"012.*013") as refused:
        act(second, "admit", by=world.registry, data={"number": "012"})
    assert refused.value.answer.codes == ["number_taken"]
    second.refresh_from_db()
    assert (second.stage, second.number) == ("submitted", "")


WORKER = """
import sys, django
django.setup()
from qiao.core.acts import act
from qiao.core.models import Case, Seat
case, by = Case.objects.get(pk=int(sys.argv[1])), Seat.objects.get(pk=int(sys.argv[2]))
for i in range(10_000):
    content = {"title": f"第{i}稿", "background": "一" * 200, "problem": "二", "suggestions": "三"}
    done = act(case, "save", by=by, content=content)
    print(done.hash, flush=True)
"""


def database_url() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    host = f"host={quote(str(given['HOST']), safe='')}" if given["HOST"] else ""
    password = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    return f"postgres://{quote(given['USER'])}{password}@:{given['PORT'] or 5432}/{given['NAME']}?{host}"


@pytest.mark.parametrize("run", range(3))
def test_kill_nine_loses_no_acknowledged_act(run: int, tmp_path: Path) -> None:
    world = build_world()
    case = new_proposal(world)
    log = tmp_path / "acknowledged"
    env = {**os.environ, "QIAO_DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "qiao.settings"}
    member = world.members[0]
    with log.open("w") as out:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(case.pk), str(member.pk)], stdout=out, env=env
        )
        deadline = time.monotonic() + 60
        while log.stat().st_size < 65 * (20 + 7 * run) and time.monotonic() < deadline:
            time.sleep(0.003)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    acknowledged = [line for line in log.read_text().splitlines() if len(line) == 64]
    assert len(acknowledged) >= 20
    kept = set(Act.objects.filter(case=case).values_list("hash", flat=True))
    assert set(acknowledged) <= kept
    assert len(kept) - 2 - len(acknowledged) <= 1  # at most the one that was done but not yet acknowledged
    assert list(history.verify()) == []
    acts = Act.objects.filter(case=case, verb="save").order_by("seq")
    assert [a.seq for a in acts] == list(range(2, 2 + len(acts)))
    assert case.papers.get().versions.count() == len(acts)
    act(Case.objects.get(pk=case.pk), "submit", by=member, at=dt.datetime.now(dt.UTC))
