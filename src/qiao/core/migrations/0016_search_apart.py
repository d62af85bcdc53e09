"""On PostgreSQL the search tokens of public entries and of cases are indexed apart: nobody searches both at once, and
entries of the other sort are not read to be thrown away."""

from django.db import migrations

APART = [
    "DROP INDEX core_search_grams",
    "CREATE INDEX core_search_public_grams ON core_searchentry USING gin (tokens) WHERE public",
    "CREATE INDEX core_search_case_grams ON core_searchentry USING gin (tokens) WHERE case_id IS NOT NULL",
]
TOGETHER = [
    "DROP INDEX core_search_public_grams",
    "DROP INDEX core_search_case_grams",
    "CREATE INDEX core_search_grams ON core_searchentry USING gin (tokens)",
]


def run(statements):
    def go(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for sql in statements:
                schema_editor.execute(sql)

    return go


class Migration(migrations.Migration):
    dependencies = [("core", "0015_board_index")]
    operations = [migrations.RunPython(run(APART), run(TOGETHER))]
