"""The full-text index over SearchEntry.grams: FTS5 on SQLite, GIN on PostgreSQL (decision record 0006)."""

from django.db import migrations

SQLITE = [
    "CREATE VIRTUAL TABLE core_search_fts USING fts5(grams, content='core_searchentry', content_rowid='id')",
    "CREATE TRIGGER core_search_ai AFTER INSERT ON core_searchentry BEGIN "
    "INSERT INTO core_search_fts(rowid, grams) VALUES (new.id, new.grams); END",
    "CREATE TRIGGER core_search_ad AFTER DELETE ON core_searchentry BEGIN "
    "INSERT INTO core_search_fts(core_search_fts, rowid, grams) VALUES ('delete', old.id, old.grams); END",
    "CREATE TRIGGER core_search_au AFTER UPDATE ON core_searchentry BEGIN "
    "INSERT INTO core_search_fts(core_search_fts, rowid, grams) VALUES ('delete', old.id, old.grams); "
    "INSERT INTO core_search_fts(rowid, grams) VALUES (new.id, new.grams); END",
]
SQLITE_BACK = [
    "DROP TRIGGER core_search_ai",
    "DROP TRIGGER core_search_ad",
    "DROP TRIGGER core_search_au",
    "DROP TABLE core_search_fts",
]
POSTGRES = ["CREATE INDEX core_search_grams ON core_searchentry USING gin (to_tsvector('simple', grams))"]
POSTGRES_BACK = ["DROP INDEX core_search_grams"]


def run(sqlite, postgres):
    def go(apps, schema_editor):
        for sql in {"sqlite": sqlite, "postgresql": postgres}[schema_editor.connection.vendor]:
            schema_editor.execute(sql)

    return go


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(run(SQLITE, POSTGRES), run(SQLITE_BACK, POSTGRES_BACK))]
