"""Every change of a model has its migration. No database is needed to know that."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

from tests.unit.house import rules


def missing(before: ProjectState) -> list[str]:
    """Changes of our own models that ``before`` does not know."""
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).is_relative_to(rules.SOURCE)}
    graph = MigrationLoader(None).graph
    with translation.override(None):  # as makemigrations does: labels are compared untranslated
        changes = MigrationAutodetector(before, ProjectState.from_apps(apps)).changes(graph)
    return [
        f"{label}: {operation.describe()}"
        for label, migrations in changes.items()
        if label in ours
        for migration in migrations
        for operation in migration.operations
    ]


def migrated() -> ProjectState:
    return MigrationLoader(None).project_state()


def test_migrations_are_complete() -> None:
    assert missing(migrated()) == []


def test_a_missing_migration_is_found() -> None:
    state = migrated()
    label, name = next(key for key in sorted(state.models) if key[0] == "core")
    state.remove_model(label, name)
    assert missing(state) != []
