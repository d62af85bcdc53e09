"""Indexes that the lists need; on PostgreSQL the search tokens are kept, because a phrase is checked on every hit."""

from django.db import migrations, models

POSTGRES = [
    "DROP INDEX core_search_grams",
    "ALTER TABLE core_searchentry ADD COLUMN tokens tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple', grams)) STORED",
    "CREATE INDEX core_search_grams ON core_searchentry USING gin (tokens)",
]
POSTGRES_BACK = [
    "ALTER TABLE core_searchentry DROP COLUMN tokens",
    "CREATE INDEX core_search_grams ON core_searchentry USING gin (to_tsvector('simple', grams))",
]


def run(postgres):
    def go(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for sql in postgres:
                schema_editor.execute(sql)

    return go


class Migration(migrations.Migration):
    dependencies = [("core", "0004_speed")]
    operations = [
        migrations.RunPython(run(POSTGRES), run(POSTGRES_BACK)),
        migrations.AddIndex(
            model_name="act",
            index=models.Index(fields=["version", "verb", "case"], name="act_version_verb"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["due_legal", "id"], name="case_by_due"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["number", "id"], name="case_number"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("end__isnull", True)), fields=["version", "case"], name="publication_live"
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["public", "-at"], name="search_public"),
        ),
    ]
