"""The ``qiao`` command: set up, serve, keep the clock, verify, import, and letters from the command line.

What it prints is in the language of the terminal (``QIAO_LANGUAGE``, else ``LANG``; Chinese if neither says English).
"""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

import itertools
import json
import logging
import os
import re
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext_lazy as _
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

if TYPE_CHECKING:
    from qiao.core.models import Call, Person, Seat
    from qiao.demo.loading import Scale
    from qiao.letters.model import Letter
    from qiao.letters.reading import ProposalReading

SOURCE = Path(__file__).resolve().parent
TICK_SECONDS = 60
STREAMING = "StreamingHttpResponse must consume synchronous iterators"
log = logging.getLogger("qiao.timer")

# --- what is said ----------------------------------------------------------------------------------------------

FOLDER = _("运行数据目录：%(path)s")
TRANSLATIONS = _("界面译文：已编译%(n)s种语言")
TRANSLATIONS_FRESH = _("界面译文：已是最新")
DATABASE = _("数据库（%(name)s）：已执行%(n)s项迁移")
DATABASE_FRESH = _("数据库（%(name)s）：已是最新")
CACHE = _("缓存表：就绪")
STATIC = _("静态文件：新收集%(n)s个，其余未变")
DEMO_LOADING = _("载入示例区（虚构数据）")
DEMO_LOADED = _("示例区：已载入%(cases)s个事项、%(acts)s条行为记录，均为虚构")
DEMO_KEPT = _("数据库已有数据，未载入示例区")
DEMO_LEFT_OUT = _("按要求未载入示例区")
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
NOT_SET_UP = _("数据库还没有准备好。请先运行 qiao setup。")
PORT_TAKEN = _("%(host)s:%(port)s 不能使用（%(error)s）。请用 --port 另选端口。")
SERVING = _("桥已在 %(url)s 运行，按 Ctrl-C 停止")
SIGN_INS = _("示例账号（人物均为虚构），密码都是 %(password)s")
USER = _("账号")
WHO = _("人员")
SEAT = _("席位")
TIMER_FAILED = _("定时任务失败，一分钟后再试")
TICKED = _(
    "已发邮件%(sent)s封（失败%(failed)s封），新生成日根%(roots)s个，写出日根文件%(files)s个，移动期限%(moved)s件，告知新政策%(told)s人次，到期下架%(expired)s条，截止开封%(closed)s个榜单"
)
VERIFYING = _("正在核验")
VERIFIED = _("历史完整：已核验%(cases)s个事项、%(acts)s条行为、%(versions)s个文件版本、%(roots)s个日根")
VERIFIED_AGAINST = _("并与%(n)s个已公布的日根文件逐一比对")
FAULTY = _(
    "发现%(n)s处问题（已核验%(cases)s个事项、%(acts)s条行为、%(versions)s个文件版本、%(roots)s个日根）"
)
NO_ROOT_FILES = _("%(path)s 中没有日根文件（YYYY-MM-DD.json）。")
FAULTS = {
    "changed_act": _("行为记录被改动"),
    "changed_body": _("行为的理由或数据被改动"),
    "broken_chain": _("与前一条行为衔接不上"),
    "missing_act": _("行为记录缺失"),
    "removed_act": _("行为记录被删除"),
    "inserted_act": _("行为记录是后来插入的"),
    "changed_version": _("文件版本被改动"),
    "inserted_version": _("文件版本没有对应的行为，是后来插入的"),
    "unrecorded_redaction": _("内容被隐去，但没有隐去的记录"),
    "changed_stage": _("事项所处阶段被改动"),
    "root_differs": _("日根不符"),
    "root_chain_broken": _("日根与前一日衔接不上"),
    "root_file_inconsistent": _("日根文件自身不符"),
    "missing_root": _("日根缺失"),
}
NO_CALL = _("没有编码为 %(code)s 的征集。现有：")
NO_FILE = _("没有这个文件：%(path)s")
NO_REGISTRY = _("%(owner)s没有在任的交办人员席位，不能代为录入。")
NO_PROPOSER = _("在%(owner)s没有找到提案人“%(name)s”的席位；请用 --proposer 指定其账号。")
NO_PROPOSER_NAME = _("文件中没有写明提案人；请用 --proposer 指定其账号。")
NO_USER = _("没有账号 %(name)s。")
NO_UNIT = _("没有名为“%(name)s”的单位。")
USER_EXISTS = _("账号 %(name)s 已经存在。")
READ_TITLE = _("案由")
READ_PROPOSER = _("提案人")
READ_COSIGNERS = _("联名人（须各自确认，请在起草页邀请）")
READ_PARTS = {"background": _("背景情况"), "problem": _("问题及分析"), "suggestion": _("具体建议")}
READ_CHARS = _("%(n)s字")
READ_ITEMS = _("%(chars)s字，%(n)s条建议")
READ_MISSING = _("缺少")
READ_OTHER = _("未归入任何部分的文字：%(n)s行（已附在背景情况之后）")
IMPORTED = _("已录入草稿：%(title)s\n%(url)s")
REFUSED = _("不能办理：%(why)s")
LETTER_WRITTEN = _("已写出 %(path)s")
LETTER_FORMAT = _("输出文件应以 .html、.pdf 或 .docx 结尾。")
PASSWORD = _("密码")
PASSWORD_BAD = _("密码不合要求：%(why)s")
USER_MADE = _("已建立账号 %(name)s")
USER_NO_SEAT = _("此账号还没有席位，因而没有任何职权。")
PASSWORD_SET = _("已更改 %(name)s 的密码")

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


# --- the command -----------------------------------------------------------------------------------------------

app = typer.Typer(
    name="qiao",
    help="桥：创新区运行平台。  Qiao: the operating platform of an innovation district.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
verify_app = typer.Typer(help="核验。  Verify.", no_args_is_help=True)
user_app = typer.Typer(help="账号。  Accounts.", no_args_is_help=True)
app.add_typer(verify_app, name="verify")
app.add_typer(user_app, name="user")
packs_app = typer.Typer(help="政策文件。  Policies as data.", no_args_is_help=True)
app.add_typer(packs_app, name="packs")
meetings_app = typer.Typer(help="对接会的会面桌次。  Meeting tables of a salon.", no_args_is_help=True)
app.add_typer(meetings_app, name="meetings")


def ready() -> None:
    """Django with all its models, and the language of this terminal."""
    import django
    from django.utils import translation

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiao.settings")
    django.setup()
    said = os.environ.get("QIAO_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    translation.activate("en" if said.lower().startswith("en") else "zh-hans")


def set_up() -> None:
    """As :func:`ready`, and the database must be at its newest version."""
    ready()
    from django.db import DatabaseError

    try:
        pending = _pending()
    except DatabaseError:
        pending = 1
    if pending:
        raise fail(NOT_SET_UP)


def _pending() -> int:
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


# --- setup -----------------------------------------------------------------------------------------------------


def compile_translations() -> int:
    """Compile every catalogue that is newer than its compiled form; how many were."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    made = 0
    for po in sorted((SOURCE / "locale").glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as file:
            catalogue = read_po(file, locale=po.parent.parent.name)
        part = mo.with_suffix(f".{os.getpid()}")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.replace(mo)
        made += 1
    return made


def _load_demo(scale: Scale | None = None) -> None:
    from qiao.core.models import Act, Case
    from qiao.demo import loading as sample

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(str(DEMO_LOADING), total=sample.STEPS)
        sample.load(lambda: progress.advance(task), scale)
    done(DEMO_LOADED, cases=Case.objects.count(), acts=Act.objects.count())


@app.command()
def setup(
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="空数据库载入示例区  load the sample district if empty")
    ] = True,
) -> None:
    """准备好数据库、译文和静态文件；可反复运行。  Prepare database, translations, static files; may be run again."""
    compiled = compile_translations()
    ready()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from qiao.demo import loading as sample

    settings.VAR.mkdir(parents=True, exist_ok=True)
    done(FOLDER, path=settings.VAR)
    done(TRANSLATIONS if compiled else TRANSLATIONS_FRESH, **({"n": compiled} if compiled else {}))
    name = connection.display_name
    pending = _pending()
    if pending:
        with working(DATABASE % {"name": name, "n": pending}):
            call_command("migrate", interactive=False, verbosity=0)
        done(DATABASE, name=name, n=pending)
    else:
        done(DATABASE_FRESH, name=name)
    call_command("createcachetable", verbosity=0)
    done(CACHE)
    with working(STATIC % {"n": "…"}):
        done(STATIC, n=_collect_static())
    if not demo:
        done(DEMO_LEFT_OUT)
    elif sample.is_empty():
        _load_demo()
    else:
        done(DEMO_KEPT)


def _collect_static() -> int:
    """Collect the static files; how many were new or had changed."""
    from django.contrib.staticfiles.management.commands.collectstatic import Command

    command = Command()
    command.set_options(
        interactive=False, verbosity=0, link=False, clear=False, dry_run=False, ignore_patterns=[],
        use_default_ignore_patterns=True, post_process=True,
    )  # fmt: skip
    return len(command.collect()["modified"])


# --- serve and tick --------------------------------------------------------------------------------------------


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址  address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口  port", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="工作进程数  worker processes", min=1)] = 1,
) -> None:
    """运行网站和定时任务。  Serve, and keep the clock."""
    set_up()
    import uvicorn
    from django.conf import settings

    _check_port(host, port)
    say(SERVING, url=f"http://{f'[{host}]' if ':' in host else host}:{port}")
    _say_sign_ins()
    stop = threading.Event()
    timer = threading.Thread(target=_keep_ticking, args=(stop,), name="timer", daemon=True)
    timer.start()
    # Static files are sent by WhiteNoise, which reads them in a thread; Django warns of each.
    warnings.filterwarnings("ignore", message=STREAMING)
    os.environ["PYTHONWARNINGS"] = f"ignore:{STREAMING}"  # for worker processes
    try:
        uvicorn.run(
            "qiao.asgi:application",
            host=host,
            port=port,
            workers=workers,
            lifespan="off",
            ws="none",
            log_config=None,
            server_header=False,
            proxy_headers=settings.SECURE_PROXY_SSL_HEADER is not None,
            timeout_graceful_shutdown=10,
        )
    finally:
        stop.set()
        timer.join(timeout=10)


def _check_port(host: str, port: int) -> None:
    try:
        family, kind, _proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise fail(PORT_TAKEN, host=host, port=port, error=error.strerror) from None


def _say_sign_ins() -> None:
    from qiao.demo import loading as sample

    rows = sample.sign_ins()
    if not rows:
        return
    say(SIGN_INS, password=sample.PASSWORD)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in (USER, WHO, SEAT):
        table.add_column(str(title))
    for user, person, seat in rows:
        table.add_row(user, person, seat)
    out.print(table)


def _keep_ticking(stop: threading.Event) -> None:
    """Tick every minute until told to stop. What goes wrong is logged, and tried again."""
    from django.db import close_old_connections

    while not stop.is_set():
        close_old_connections()
        try:
            counts = run_tick()
            if any(counts.values()):
                log.info(str(TICKED), counts)
        except Exception:
            log.exception(str(TIMER_FAILED))
        finally:
            close_old_connections()
        stop.wait(TICK_SECONDS)


def run_tick() -> dict[str, int]:
    """What happens by time: approved mail leaves, daily roots are made and written, due dates follow the calendar,
    firms are told of new policies that fit, entries leave the shelves, challenges close and their bids are opened."""
    from django.db import IntegrityError

    from qiao.core import history, notices
    from qiao.core.policies.news import tell_of_new_policies
    from qiao.core.recalculate import recalculate_if_changed
    from qiao.kinds.scenario.challenge import close_due
    from qiao.kinds.shelf.process import expire_due

    sent, failed = notices.send_approved()
    try:
        roots = len(history.make_roots())
    except IntegrityError:  # another timer made the same root at this moment
        roots = 0
    return {
        "sent": sent,
        "failed": failed,
        "roots": roots,
        "files": write_root_files(),
        "moved": recalculate_if_changed(),
        "told": tell_of_new_policies(),
        "expired": expire_due(),
        "closed": close_due(),
    }


def write_root_files() -> int:
    """Write every daily root that has no file yet to ``var/roots``, each whole or not at all; how many."""
    from django.conf import settings

    from qiao.core import history
    from qiao.core.models import DailyRoot

    folder: Path = settings.VAR / "roots"
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.stem for path in folder.glob("????-??-??.json")}
    written = 0
    for root in DailyRoot.objects.order_by("day"):
        if root.day.isoformat() in there:
            continue
        part = folder / f".{root.day.isoformat()}.{os.getpid()}"
        with part.open("w", encoding="utf-8") as file:
            json.dump(history.root_file(root), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / f"{root.day.isoformat()}.json")
        written += 1
    return written


@app.command()
def tick() -> None:
    """办理到时该办的事：发邮件、做日根、移动期限。  Do what is due: mail, daily roots, moved deadlines."""
    set_up()
    say(TICKED, **run_tick())


# --- verify ----------------------------------------------------------------------------------------------------


@verify_app.command("history")
def verify_history(
    roots: Annotated[
        Path | None,
        typer.Option(help="与此目录中保存的日根文件比对  compare with the root files kept in this folder"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出  print JSON")] = False,
) -> None:
    """核验全部历史：任何改动、删除、插入都会指明位置。  Check the whole history; every tampered row is named."""
    set_up()
    from qiao.core import history
    from qiao.core.models import Act, Case, DailyRoot, Version

    published = 0
    if roots is not None:
        published = len(list(roots.glob("????-??-??.json"))) if roots.is_dir() else 0
        if not published:
            raise fail(NO_ROOT_FILES, path=roots)
    counts = {
        "cases": Case.objects.count(),
        "acts": Act.objects.count(),
        "versions": Version.objects.count(),
        "roots": DailyRoot.objects.count(),
    }
    with working(VERIFYING):
        faults = list(history.verify(roots=roots))
    if as_json:
        found = [{"code": f.code, "where": f.where, "detail": f.detail} for f in faults]
        answer = {"sound": not faults, "checked": counts, "published_roots": published, "faults": found}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    elif faults:
        for fault in faults:
            out.print(
                f"{fault.where}  {FAULTS.get(fault.code, fault.code)}  {fault.detail}".rstrip(), markup=False
            )
        fail(FAULTY, n=len(faults), **counts)
    else:
        done(VERIFIED, **counts)
        if published:
            done(VERIFIED_AGAINST, n=published)
    if faults:
        raise typer.Exit(1)


# --- the sample district ---------------------------------------------------------------------------------------


@app.command()
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
            _load_demo(plan)
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
    counts = {"facts": Fact.objects.count(), "cases": Case.objects.count()}
    done(DEMO_GROWN, firms=Organisation.objects.filter(kind=Organisation.Kind.FIRM).count(), **counts)


def _forget_root_files() -> None:
    """The roots of a database that is no more would contradict those of the new one."""
    from django.conf import settings

    for path in (settings.VAR / "roots").glob("????-??-??.json"):
        path.unlink()


# --- import ----------------------------------------------------------------------------------------------------


@app.command("import")
def import_proposal(
    file: Annotated[Path, typer.Argument(help="DOCX 或 TXT  a DOCX or TXT file")],
    call: Annotated[str, typer.Option(help="征集（届次）的编码  code of the call")],
    proposer: Annotated[
        str, typer.Option(help="提案人的账号；默认按文件中的姓名查找  user name of the proposer")
    ] = "",
) -> None:
    """从文件录入一件提案，存为草稿。  Read a proposal from a file into a draft."""
    set_up()
    from django.db import transaction

    from qiao.core.acts import Refused, act
    from qiao.kinds.proposal import start_draft
    from qiao.letters.reading import ReadingError, extract_text, read_proposal

    if not file.is_file():
        raise fail(NO_FILE, path=file)
    session = _call(call)
    registry = _registry(session)
    content = file.read_bytes()
    try:
        reading = read_proposal(extract_text(content, file.name).text)
    except ReadingError as error:
        raise fail(_spoken(error)) from None
    _say_reading(reading)
    person = _proposer(session, proposer, reading)
    try:
        with transaction.atomic():
            case = start_draft(session, registry, person=person)
            act(case, "save", by=registry, content=_paper(reading), file=(file.name, content))
    except Refused as refused:
        raise fail(REFUSED, why=refused.answer) from None
    from django.conf import settings

    done(IMPORTED, title=case.title, url=settings.PUBLIC_ADDRESS + case.get_absolute_url())


def _spoken(error: Any) -> str:
    from django.utils.translation import get_language

    from qiao.letters.reading import say as spoken

    return spoken(error.code, error.params, "en" if (get_language() or "").startswith("en") else "zh")


def _call(code: str) -> Call:
    from qiao.core.models import Call

    found = Call.objects.select_related("owner").filter(code=code).first()
    if found is None:
        fail(NO_CALL, code=code)
        for each in Call.objects.order_by("-start")[:20]:
            err.print(f"  {each.code}  {each.title}", markup=False)
        raise typer.Exit(1)
    return found


def _registry(call: Call) -> Seat:
    from qiao.core.clocks import today
    from qiao.core.models import Seat

    seat = Seat.objects.filter(organisation=call.owner, role="registry").held_on(today()).first()
    if seat is None:
        raise fail(NO_REGISTRY, owner=call.owner)
    return seat


def _proposer(call: Call, user: str, reading: ProposalReading) -> Person:
    from qiao.core.clocks import today
    from qiao.core.models import Person, Seat

    if user:
        named = Person.objects.filter(user__username=user).first()
        if named is None:
            raise fail(NO_USER, name=user)
        return named
    if not reading.proposers:
        raise fail(NO_PROPOSER_NAME)
    name = reading.proposers[0].value
    seats = Seat.objects.filter(organisation=call.owner, person__name=name).exclude(role="registry")
    found = seats.held_on(today()).select_related("person").first()
    if found is None:
        raise fail(NO_PROPOSER, owner=call.owner, name=name)
    return found.person


def _paper(reading: ProposalReading) -> dict[str, Any]:
    """The content of a proposal paper; lines of no part follow the background, so that nothing is lost."""

    def part(code: str) -> str:
        return reading.parts[code].text if code in reading.parts else ""

    other = "\n".join(line.value for line in reading.other)
    return {
        "title": reading.title.value if reading.title else "",
        "background": "\n".join(filter(None, (part("background"), other))),
        "problem": part("problem"),
        "suggestions": part("suggestion"),
        "consent": True,
    }


def _say_reading(reading: ProposalReading) -> None:
    from django.utils.translation import gettext

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    if reading.title:
        table.add_row(str(READ_TITLE), reading.title.value)
    if reading.proposers:
        table.add_row(str(READ_PROPOSER), gettext("、").join(p.value for p in reading.proposers))
    if reading.cosigners:
        table.add_row(str(READ_COSIGNERS), gettext("、").join(p.value for p in reading.cosigners))
    for code, label in READ_PARTS.items():
        if found := reading.parts.get(code):
            size = len("".join(found.text.split()))
            items = len(reading.suggestions) if code == "suggestion" else 0
            said = READ_ITEMS % {"chars": size, "n": items} if items else READ_CHARS % {"n": size}
            table.add_row(str(label), said)
    if missing := [str(READ_PARTS[code]) for code in reading.missing]:
        table.add_row(f"[red]{READ_MISSING}[/red]", gettext("、").join(missing))
    out.print(table)
    if reading.other:
        say(READ_OTHER, n=len(reading.other))


# --- letters ---------------------------------------------------------------------------------------------------


@app.command()
def letter(
    file: Annotated[Path, typer.Argument(help="答复文本（TXT 或 DOCX）  the text of a reply")],
    output: Annotated[Path, typer.Option("-o", "--output", help=".html / .pdf / .docx")],
) -> None:
    """把答复文本排成公文。  Set the text of a reply as an official letter."""
    ready()
    from qiao.letters import LetterError
    from qiao.letters.reading import ReadingError, extract_text, read_reply

    if not file.is_file():
        raise fail(NO_FILE, path=file)
    try:
        read = read_reply(extract_text(file.read_bytes(), file.name).text).letter
        made = _rendered(read, output.suffix.lower())
    except ReadingError as error:
        raise fail(_spoken(error)) from None
    except LetterError as error:
        raise fail(str(error)) from None
    if made is None:
        raise fail(LETTER_FORMAT)
    output.write_bytes(made)
    done(LETTER_WRITTEN, path=output)


def _rendered(read: Letter, suffix: str) -> bytes | None:
    from html import escape

    from qiao.letters import stylesheet, to_docx, to_html, to_pdf

    if suffix in {".html", ".htm"}:
        title = escape("".join(read.title_lines))
        head = f'<meta charset="utf-8"><title>{title}</title><style>{stylesheet()}</style>'
        page = f"<!doctype html>\n<html lang={read.language}><head>{head}</head><body>\n{to_html(read)}</body></html>\n"
        return page.encode()
    if suffix == ".pdf":
        return to_pdf(read)
    if suffix == ".docx":
        return to_docx(read)
    return None


# --- policies: who qualifies -----------------------------------------------------------------------------------

Folder = Annotated[
    Path, typer.Option("--policies", envvar="QIAO_POLICIES", help="政策目录  folder of policies")
]
Day = Annotated[str, typer.Option("--as-of", help="评定日，如 2026-06-01，默认今天  day of assessment")]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="列与事实的对应文件  which column is which fact")
]
OutFolder = Annotated[Path, typer.Option("--out", help="结果目录  folder for the results")]
POLICIES = SOURCE.parent.parent / "policies"


def _language() -> str:
    said = os.environ.get("QIAO_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if said.lower().startswith("en") else "zh"


def _day(text: str) -> Any:
    import datetime as dt
    from zoneinfo import ZoneInfo

    try:
        return dt.date.fromisoformat(text) if text else dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
    except ValueError:
        raise typer.BadParameter(f"{text}: YYYY-MM-DD") from None


@contextmanager
def _terminal() -> Iterator[Any]:
    """A terminal for the commands about policies; what they refuse is said on standard error."""
    from qiao.eligibility.command import Refused, Terminal

    ask = typer.prompt if sys.stdin.isatty() and out.is_terminal else None
    question = (lambda text: ask(text, default="", show_default=False)) if ask else None
    try:
        yield Terminal(_language(), out, err, question)
    except (Refused, OSError) as refused:
        err.print(str(refused), markup=False, style="red")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def check(  # noqa: PLR0917
    firms: Annotated[Path, typer.Argument(help="企业表（csv、xlsx、parquet）  table of firms")],
    as_of: Day = "",
    packs: Annotated[
        list[str] | None, typer.Option("--packs", help="只评定这些政策  only these policies")
    ] = None,
    mapping: MappingFile = None,
    save_mapping: Annotated[
        Path | None, typer.Option(help="写出所用的对应关系  write the mapping that was used")
    ] = None,
    each_year: Annotated[
        bool, typer.Option("--each-year", help="每个年度各评定一次  judge every year by itself")
    ] = False,
    out_folder: OutFolder = Path(),
    policies: Folder = POLICIES,
) -> None:
    """评定一批企业：结论、理由、差距。  Judge many firms: verdicts, reasons, gaps."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        options = command.CheckOptions(
            out_folder, _day(as_of), tuple(packs or ()), mapping, save_mapping, each_year=each_year
        )
        command.check(firms, policies, options, terminal)


@app.command()
def explain(
    firm: Annotated[
        str, typer.Argument(help="企业：事实文件（yaml）或 表#名称  file of facts, or TABLE#NAME")
    ],
    policy: Annotated[str, typer.Argument(help="政策编号，如 cn/tech-sme  policy")],
    as_of: Day = "",
    mapping: MappingFile = None,
    policies: Folder = POLICIES,
) -> None:
    """逐条说明一家企业是否符合一项政策。  Explain clause by clause whether a firm qualifies."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        for line in command.explain(firm, policy, policies, _day(as_of), terminal, mapping=mapping):
            out.print(line, markup=False)


@app.command()
def simulate(  # noqa: PLR0917
    firms: Annotated[Path, typer.Argument(help="企业表  table of firms")],
    policy: Annotated[str, typer.Argument(help="政策编号  policy")],
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--change",
            help="改什么，如 'size: 500 → 300' 或 'benefit.1.cap = 50 万元'，可多次  what changes, may be repeated",
        ),
    ] = None,
    draft: Annotated[
        Path | None, typer.Option(help="改好的政策文件，与现行版比较  a changed pack to compare with")
    ] = None,
    as_of: Day = "",
    mapping: MappingFile = None,
    out_folder: OutFolder = Path(),
    policies: Folder = POLICIES,
) -> None:
    """改一个条件或标准：谁增谁减、花多少钱。  Change a threshold: who gains, who loses, what it costs."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        options = command.CheckOptions(out_folder, _day(as_of), (policy,), mapping)
        command.simulate(firms, change or (), policies, options, terminal, draft=draft)


@packs_app.command("check")
def packs_check(policies: Folder = POLICIES) -> None:
    """检查政策文件，逐处指出文件和行。  Check the packs; every problem with file and line."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        if not command.packs_check(policies, terminal):
            raise typer.Exit(1)


@packs_app.command("test")
def packs_test(
    ids: Annotated[list[str] | None, typer.Argument(help="政策编号，默认全部  policies")] = None,
    policies: Folder = POLICIES,
) -> None:
    """运行政策文件里的测试和按阈值生成的测试。  Run the packs' tests and those generated at thresholds."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        if not command.packs_test(policies, terminal, ids or ()):
            raise typer.Exit(1)


@packs_app.command("list")
def packs_list(as_of: Day = "", policies: Folder = POLICIES) -> None:
    """列出政策。  List the policies."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        command.packs_list(policies, terminal, _day(as_of))


@packs_app.command("draft")
def packs_draft(
    file: Annotated[Path, typer.Argument(help="政策文件（html、txt、docx）  the published text")],
    output: Annotated[
        Path | None, typer.Option("--out", help="写入文件，默认输出到屏幕  write to this file")
    ] = None,
    policies: Folder = POLICIES,
) -> None:
    """把发布的政策拆成草稿，由人核对完成。  Make a draft of a published policy, for a person to complete."""
    from qiao.eligibility import command, drafting
    from qiao.letters.reading import ReadingError, extract_text, say

    with _terminal() as terminal:
        data = command.bytes_of(file, terminal)
        try:
            page = drafting.is_html(data)
            lines = () if page else extract_text(data, file.name).lines
        except ReadingError as refused:
            raise command.Refused(f"{file}: {say(refused.code, refused.params, terminal.language)}") from None
        command.packs_draft(file, data if page else lines, output, policies, terminal)


# --- accounts --------------------------------------------------------------------------------------------------


def _ask_password(user: Any) -> str:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if sys.stdin.isatty():
        password: str = typer.prompt(str(PASSWORD), hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise fail(PASSWORD_BAD, why=" ".join(error.messages)) from None
    return password


@user_app.command("create")
def create_user(  # noqa: PLR0917
    name: Annotated[str, typer.Argument(help="账号名  user name")],
    person: Annotated[str, typer.Option(help="姓名  the person's name")],
    email: Annotated[str, typer.Option(help="电子邮箱  e-mail")] = "",
    seat: Annotated[str, typer.Option(help="席位角色，如 registry  role of a first seat")] = "",
    unit: Annotated[str, typer.Option(help="席位所在单位名称  organisation of that seat")] = "",
    administrator: Annotated[bool, typer.Option("--admin", help="系统管理员  may use /admin/")] = False,
) -> None:
    """建立账号；密码从终端或标准输入读取。  Make an account; the password comes from terminal or standard input."""
    set_up()
    from django.db import transaction

    from qiao.core.clocks import today
    from qiao.core.models import Organisation, Person, Seat, User

    if User.objects.filter(username=name).exists():
        raise fail(USER_EXISTS, name=name)
    organisation = Organisation.objects.filter(name=unit).first() if unit else None
    if (unit or seat) and organisation is None:
        raise fail(NO_UNIT, name=unit)
    user = User(username=name, email=email, is_staff=administrator, is_superuser=administrator)
    user.set_password(_ask_password(user))
    with transaction.atomic():
        user.save()
        human = Person.objects.create(name=person, user=user, email=email)
        if organisation and seat:
            Seat.objects.create(person=human, organisation=organisation, role=seat, start=today())
    done(USER_MADE, name=name)
    if not seat:
        say(USER_NO_SEAT)


@user_app.command("password")
def set_password(name: Annotated[str, typer.Argument(help="账号名  user name")]) -> None:
    """更改密码。  Change a password."""
    set_up()
    from qiao.core.models import User

    user = User.objects.filter(username=name).first()
    if user is None:
        raise fail(NO_USER, name=name)
    user.set_password(_ask_password(user))
    user.save()
    done(PASSWORD_SET, name=name)


# --- who meets whom ----------------------------------------------------------------------------------------------


@contextmanager
def _salon() -> Iterator[None]:
    """What is wrong with a workbook is said on standard error, all of it."""
    from qiao.matching.salon import BadSalon

    try:
        yield
    except BadSalon as bad:
        for problem in bad.problems:
            err.print(problem.said(_language()), markup=False, style="red")
        raise typer.Exit(1) from None
    except OSError as broken:
        err.print(str(broken), markup=False, style="red")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@meetings_app.command("example")
def meetings_example(
    path: Annotated[Path, typer.Argument(help="写到哪里（.xlsx）  where to write it")] = Path("salon.xlsx"),
) -> None:
    """写出一份可以改填的来宾表。  Write a workbook of guests to fill in."""
    from qiao.matching import phrases
    from qiao.matching.salon import EXAMPLE, write_salon

    with _salon():
        write_salon(path, EXAMPLE)
    out.print(phrases.FILL_IN.said(_language(), path=path), markup=False)


def _free_name(salon: Path) -> Path:
    """``salon-plan.xlsx``, or with a number where that is there already: what somebody edited is not overwritten."""
    stem = re.sub(r"-plan(-\d+)?$", "", salon.stem)
    names = (salon.with_name(f"{stem}-plan{f'-{n}' if n > 1 else ''}.xlsx") for n in itertools.count(1))
    return next(path for path in names if not path.exists())


@meetings_app.command("plan")
def meetings_plan(
    salon: Annotated[Path, typer.Argument(help="来宾表（.xlsx）  workbook of guests")],
    out_path: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="排好的表写到哪里，默认在原名后加 -plan  where the plan goes"),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, max=600, help="计算多少秒，默认按人数  seconds to spend")
    ] = None,
    seed: Annotated[int, typer.Option(help="同一种子、同一张表，结果相同  for the same result again")] = 1,
) -> None:
    """排出谁在何时何桌见谁；已告知或锁定的会面不动。  Plan who meets whom, when, where; told and locked ones stay."""
    from qiao.matching import phrases
    from qiao.matching.salon import check_name, plan_salon, read_salon, summary, write_plan

    language = _language()
    with _salon():
        target = out_path or _free_name(salon)
        check_name(target)
        book = read_salon(salon)
        with Progress(
            SpinnerColumn(),
            TextColumn(phrases.PLANNING.said(language)),
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
        write_plan(target, planned, salon, language=language)
    for line in summary(planned):
        out.print(line.said(language), markup=False)
    out.print(phrases.WRITTEN.said(language, path=target), markup=False)


def main() -> None:
    """The ``qiao`` command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()


if __name__ == "__main__":
    main()
