"""What a list shows is what a person may see, whichever way it is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qiao.core import access
from qiao.core.access import listed, seats_of, visible, visible_cases
from qiao.core.acts import act
from qiao.core.models import Case, Party, Person, Task
from tests.factories import World, advance, handling_of, new_proposal


@pytest.fixture
def cases(world: World) -> list[Case]:
    """Cases in all stages; drafts that are nobody else's; parties that are invited, and that are no longer there."""
    stages = ("admitted", "handling", "signing", "replied", "closed")
    made = [advance(world, new_proposal(world), stage, co=stage == "signing") for stage in stages]
    draft = new_proposal(world)
    act(draft, "invite", by=world.members[0], data={"person": world.members[1].person.code})
    case = handling_of(made[1])
    Party.objects.create(case=case, role="witness", person=world.members[2].person, state="ended")
    return [*made, draft, new_proposal(world)]


def everybody() -> list[Person]:
    return list(Person.objects.all())


def forget() -> None:
    access._few.clear()


@pytest.fixture(params=[0, 10_000], ids=["rule", "ids"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Everybody sees more than few cases, or nobody does."""
    monkeypatch.setattr(access, "FEW", request.param)
    forget()
    request.addfinalizer(forget)
    return forget


def test_the_same_cases(world: World, cases: list[Case], few: Callable[[], None]) -> None:
    sizes = set()
    for person in everybody():
        for seats in (seats_of(person), []):
            seen = sorted(visible_cases(person, seats).values_list("pk", flat=True))
            assert sorted(Case.objects.filter(listed(person, seats)).values_list("pk", flat=True)) == seen
            sizes.add(len(seen))
    assert len(sizes) > 3  # not all see the same
    assert not Case.objects.filter(listed(None)).exists()


def test_the_same_tasks(world: World, cases: list[Case], few: Callable[[], None]) -> None:
    for person in everybody():
        found = Task.objects.filter(listed(person, of="case__"))
        seen = Task.objects.filter(visible(person, of="case__"))
        assert set(found.values_list("pk", flat=True)) == set(seen.values_list("pk", flat=True))
        assert set(seen.values_list("case", flat=True)) <= set(
            visible_cases(person).values_list("pk", flat=True)
        )


def test_drafts_stay_private(world: World, cases: list[Case], few: Callable[[], None]) -> None:
    drafts = {c.pk for c in cases if c.stage == "draft"}
    registry = Case.objects.filter(listed(world.registry.person))
    assert drafts and registry.exists()
    assert not registry.filter(pk__in=drafts).exists()
    own = Case.objects.filter(listed(world.members[0].person))
    assert own.filter(pk__in=drafts).count() == len(drafts)


def test_who_is_no_longer_there_sees_nothing_at_once(
    world: World, cases: list[Case], few: Callable[[], None]
) -> None:
    """Kept is only which way is taken, never what is seen."""
    person = world.lead.officer.person
    seen = Case.objects.filter(listed(person)).count()
    assert seen
    Party.objects.filter(organisation=world.lead.officer.organisation).update(state="ended")
    assert Case.objects.filter(listed(person)).count() < seen
    assert set(Case.objects.filter(listed(person))) == set(visible_cases(person))
