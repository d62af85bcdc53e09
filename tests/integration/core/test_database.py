"""How the databases are set."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_no_query_is_compiled_before_it_runs() -> None:
    """PostgreSQL would compile queries that look dear to its planner, for longer than any of ours takes."""
    if connection.vendor != "postgresql":
        assert connection.settings_dict["OPTIONS"].get("options") is None
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone()[0] == "off"
