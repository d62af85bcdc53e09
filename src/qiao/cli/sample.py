"""The sample district."""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext_lazy as _
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from .speaking import done, err, fail, say, set_up, working

if TYPE_CHECKING:
    from qiao.demo.loading import Scale

DEMO_LOADING = _("载入示例区（虚构数据）")
DEMO_LOADED = _("示例区：已载入%(cases)s个事项、%(acts)s条行为记录，均为虚构")
DEMO_NOT_EMPTY = _("数据库已有数据。要清空并重新载入示例区，请用 qiao demo --reset。")
DEMO_REAL = _("数据库中有真实人员，不能清空。示例区请装在另一个数据库（QIAO_DATABASE_URL）。")
DEMO_CONFIRM = _("将清空数据库中的全部数据并重新载入示例区。继续吗？")
DEMO_RANGE = _("规模应在%(least)s到%(most)s之间。")
DEMO_PART = _("%(part)s：%(n)s")
DEMO_GROWN = _("示例区已有%(firms)s家企业、%(facts)s项事实、%(cases)s个事项，均为虚构")
DEMO_COMPLETE = _("这一规模的示例区已经全部载入。")
DEMO_UNFINISHED = _(
    "示例区（规模%(size)s）还没有载入完。继续请用 qiao demo --resume，重来请用 qiao demo --reset。"
)
DEMO_STOPPED = _("已停止，已载入的部分是完整的。继续请用 qiao demo --resume，重来请用 qiao demo --reset。")
DEMO_STOPPED_EARLY = _("已停止，数据库仍是空的。")
DEMO_NO_PLAN = _("没有可以继续的载入。要按规模载入，请用 qiao demo --size。")


def load_sample(scale: Scale | None = None) -> None:
    from qiao.core.models import Act, Case
    from qiao.core.upkeep import learn_sizes
    from qiao.demo import loading as sample

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(str(DEMO_LOADING), total=sample.STEPS)
        sample.load(lambda: progress.advance(task), scale)
    learn_sizes()
    done(DEMO_LOADED, cases=Case.objects.count(), acts=Act.objects.count())


def demo(
    reset: Annotated[bool, typer.Option("--reset", help="先清空数据库  empty the database first")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问  do not ask")] = False,
    size: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help=(
                "约N家企业的示例区；6100 即第065号答复的数字，其他规模的总数按比例，增速与占比不变；"
                "货架与经办人不超过答复的规模。不写则载入小示例区  "
                "a district of about N firms; 6100 gives the figures of reply 065, at other sizes totals follow in "
                "proportion, growth and shares stay; shelves and agents do not grow beyond 6100. Without it: the "
                "small sample"
            ),
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="从停下的地方继续  go on where loading was stopped")
    ] = False,
) -> None:
    """载入示例区（虚构）。  Load the sample district (fictional)."""
    set_up()
    from qiao.demo import loading as sample

    if size is not None and not sample.LEAST <= size <= sample.MOST:
        raise fail(DEMO_RANGE, least=sample.LEAST, most=sample.MOST)
    if reset:
        if not sample.is_only_fiction():
            raise fail(DEMO_REAL)
        if not yes and not typer.confirm(str(DEMO_CONFIRM)):
            raise typer.Exit(1)
        with working(DEMO_LOADING):
            sample.reset()
        _forget_root_files()
    plan = sample.planned()
    if resume or (plan and size == plan.size):
        if plan is None or (size is not None and size != plan.size):
            raise fail(DEMO_NO_PLAN)
        if sample.is_grown():
            done(DEMO_COMPLETE)
            return
    elif not sample.is_empty():
        raise (
            fail(DEMO_NOT_EMPTY)
            if plan is None or sample.is_grown()
            else fail(DEMO_UNFINISHED, size=plan.size)
        )
    try:
        if plan is None:
            plan = None if size is None else sample.Scale(size)
            load_sample(plan)
        if plan is not None:
            _grow_demo(plan)
    except KeyboardInterrupt:
        err.print(
            str(DEMO_STOPPED_EARLY if sample.is_empty() else DEMO_STOPPED), markup=False, style="yellow"
        )
        raise typer.Exit(130) from None


@contextmanager
def _stopped_between_steps() -> Iterator[threading.Event]:
    """Ctrl-C is noted, and taken up between two steps: raised anywhere, it may be swallowed by whoever runs then. The
    second one does not wait."""
    stopped = threading.Event()

    def note(_signal: int, _frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _grow_demo(plan: Scale) -> None:
    from qiao.core.models import Case, Fact, Organisation
    from qiao.core.upkeep import learn_sizes
    from qiao.demo import loading as sample

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with (
        _stopped_between_steps() as stopped,
        Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress,
    ):

        def begun(part: sample.Part, total: int) -> Callable[[int], None]:
            for earlier in progress.task_ids:
                progress.remove_task(earlier)
            task = progress.add_task(str(part.label), total=total)
            if not err.is_terminal:
                say(DEMO_PART, part=part.label, n=total)

            def advance(n: int) -> None:
                progress.advance(task, n)
                if stopped.is_set():
                    raise KeyboardInterrupt

            return advance

        sample.grow(plan, begun)
    learn_sizes()
    counts = {"facts": Fact.objects.count(), "cases": Case.objects.count()}
    done(DEMO_GROWN, firms=Organisation.objects.filter(kind=Organisation.Kind.FIRM).count(), **counts)


def _forget_root_files() -> None:
    """The roots of a database that is no more would contradict those of the new one."""
    from django.conf import settings

    for path in (settings.VAR / "roots").glob("????-??-??.json"):
        path.unlink()
