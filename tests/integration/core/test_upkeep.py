"""What a database knows of its own sizes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from qiao.core.models import Fact, Organisation
from qiao.core.upkeep import learn_sizes

pytestmark = pytest.mark.django_db


def test_facts_of_a_few_firms_are_looked_up_by_firm() -> None:
    """Nearly all facts are current, so an index of what superseded them finds everything: SQLite took it, unlearned."""
    if connection.vendor != "sqlite":
        pytest.skip("how SQLite plans")
    firms = [Organisation(name=f"示例{n}公司", kind="firm", fictional=True) for n in range(200)]
    Organisation.objects.bulk_create(firms)
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    Fact.objects.bulk_create(
        Fact(organisation=firm, key=f"fact{n}", value=n, start=at.date(), source="申报", stated_at=at)
        for firm in firms
        for n in range(10)
    )
    few = Fact.objects.filter(superseded_by=None, organisation__in=firms[:30])
    assert "superseded_by_id=?" in few.explain()
    learn_sizes()
    assert "organisation_id=?" in few.explain()
