"""A search entry whose text stays the same is not indexed anew (SQLite; PostgreSQL sees that by itself)."""

from django.db import migrations

TRIGGER = (
    "CREATE TRIGGER core_search_au AFTER UPDATE {of} ON core_searchentry BEGIN "
    "INSERT INTO core_search_fts(core_search_fts, rowid, grams) VALUES ('delete', old.id, old.grams); "
    "INSERT INTO core_search_fts(rowid, grams) VALUES (new.id, new.grams); END"
)


def trigger(of):
    def go(apps, schema_editor):
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute("DROP TRIGGER core_search_au")
            schema_editor.execute(TRIGGER.format(of=of))

    return go


class Migration(migrations.Migration):
    dependencies = [("core", "0003_mail_offers")]
    operations = [migrations.RunPython(trigger("OF grams"), trigger(""))]
