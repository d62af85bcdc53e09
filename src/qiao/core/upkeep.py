"""What a database wants done now and then."""

from __future__ import annotations

from django.db import connection

SAMPLED = 1000  # rows of an index that SQLite looks at; a full count takes minutes where there are millions


def learn_sizes() -> None:
    """Let the database look at how its tables are filled, without which it may pick an index that finds everything.

    For after a large load, and daily. PostgreSQL learns by itself as well, some minutes later.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit = {SAMPLED:d}")
        cursor.execute("ANALYZE")
