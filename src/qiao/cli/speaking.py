"""How commands speak: in the language of the terminal, results on standard output, refusals on standard error."""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from django.utils.translation import gettext_lazy as _
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

NOT_SET_UP = _("数据库还没有准备好。请先运行 qiao setup。")
NO_FILE = _("没有这个文件：%(path)s")
NO_USER = _("没有账号 %(name)s。")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: Any, /, **values: Any) -> None:
    out.print(str(text) % values if values else str(text), markup=False)


def done(text: Any, /, **values: Any) -> None:
    out.print("[green]✓[/green] ", end="")
    say(text, **values)


def fail(text: Any, /, **values: Any) -> typer.Exit:
    """Say what is wrong on standard error; raise what is returned."""
    err.print(str(text) % values if values else str(text), markup=False, style="red")
    return typer.Exit(1)


def language() -> str:
    """``zh`` or ``en``: the language of this terminal."""
    said = os.environ.get("QIAO_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if said.lower().startswith("en") else "zh"


def ready() -> None:
    """Django with all its models, and the language of this terminal."""
    import django
    from django.utils import translation

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiao.settings")
    django.setup()
    translation.activate("en" if language() == "en" else "zh-hans")


def set_up() -> None:
    """As :func:`ready`, and the database must be at its newest version."""
    ready()
    from django.db import DatabaseError

    try:
        pending = pending_migrations()
    except DatabaseError:
        pending = 1
    if pending:
        raise fail(NOT_SET_UP)


def pending_migrations() -> int:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def working(text: Any) -> Iterator[None]:
    """A spinner with a clock on a terminal, nothing elsewhere."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        progress.add_task(str(text))
        yield
