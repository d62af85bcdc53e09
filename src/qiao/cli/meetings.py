"""Who meets whom at a salon."""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from .speaking import err, language, out


@contextmanager
def _salon() -> Iterator[None]:
    """What is wrong with a workbook is said on standard error, all of it."""
    from qiao.matching.salon import BadSalon

    try:
        yield
    except BadSalon as bad:
        for problem in bad.problems:
            err.print(problem.said(language()), markup=False, style="red")
        raise typer.Exit(1) from None
    except OSError as broken:
        err.print(str(broken), markup=False, style="red")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def meetings_example(
    path: Annotated[Path, typer.Argument(help="写到哪里（.xlsx）  where to write it")] = Path("salon.xlsx"),
) -> None:
    """写出一份可以改填的来宾表。  Write a workbook of guests to fill in."""
    from qiao.matching import phrases
    from qiao.matching.salon import EXAMPLE, write_salon

    with _salon():
        write_salon(path, EXAMPLE)
    out.print(phrases.FILL_IN.said(language(), path=path), markup=False)


def _free_name(salon: Path) -> Path:
    """``salon-plan.xlsx``, or with a number where that is there already: what somebody edited is not overwritten."""
    stem = re.sub(r"-plan(-\d+)?$", "", salon.stem)
    names = (salon.with_name(f"{stem}-plan{f'-{n}' if n > 1 else ''}.xlsx") for n in itertools.count(1))
    return next(path for path in names if not path.exists())


def meetings_plan(
    salon: Annotated[Path, typer.Argument(help="来宾表（.xlsx）  workbook of guests")],
    out_path: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="排好的表写到哪里，默认在原名后加 -plan  where the plan goes"),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, max=600, help="计算多少秒，默认按人数  seconds to spend")
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子，换一个可能排得不同  seed of chance")] = 1,
) -> None:
    """排出谁在何时何桌见谁；已告知或锁定的会面不动。  Plan who meets whom, when, where; told and locked ones stay."""
    from qiao.matching import phrases
    from qiao.matching.salon import check_name, plan_salon, read_salon, summary, write_plan

    with _salon():
        target = out_path or _free_name(salon)
        check_name(target)
        book = read_salon(salon)
        with Progress(
            SpinnerColumn(),
            TextColumn(phrases.PLANNING.said(language())),
            BarColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        ) as shown:
            task = shown.add_task("", total=1.0)
            planned = plan_salon(
                book,
                seconds=seconds,
                seed=seed,
                progress=lambda _, share: shown.update(task, completed=share),
            )
        write_plan(target, planned, salon, language=language())
    for line in summary(planned):
        out.print(line.said(language()), markup=False)
    out.print(phrases.WRITTEN.said(language(), path=target), markup=False)
