"""On PostgreSQL an index of the public entries' search tokens: a reader's search looks at a tenth of all entries."""

from django.db import migrations

MAKE = "CREATE INDEX core_search_public_grams ON core_searchentry USING gin (tokens) WHERE public"
DROP = "DROP INDEX core_search_public_grams"


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(MAKE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("core", "0015_board_index")]
    operations = [migrations.RunPython(make, drop)]
