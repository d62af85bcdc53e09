"""Set up, serve, and do what is due."""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import warnings
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext_lazy as _
from rich.table import Table

from .sample import load_sample
from .speaking import done, fail, out, pending_migrations, ready, say, set_up, working

FOLDER = _("运行数据目录：%(path)s")
TRANSLATIONS = _("界面译文：已编译%(n)s种语言")
TRANSLATIONS_FRESH = _("界面译文：已是最新")
DATABASE = _("数据库（%(name)s）：已执行%(n)s项迁移")
DATABASE_FRESH = _("数据库（%(name)s）：已是最新")
CACHE = _("缓存表：就绪")
STATIC = _("静态文件：新收集%(n)s个，其余未变")
DEMO_KEPT = _("数据库已有数据，未载入示例区")
DEMO_LEFT_OUT = _("按要求未载入示例区")
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
PASSWORD = _("密码")


SOURCE = Path(__file__).resolve().parents[1]
TICK_SECONDS = 60
STREAMING = "StreamingHttpResponse must consume synchronous iterators"
log = logging.getLogger("qiao.timer")


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
    pending = pending_migrations()
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
        load_sample()
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


def serve(
    host: Annotated[str, typer.Option(help="监听地址  address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口  port", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="工作进程数  worker processes", min=1)] = 1,
) -> None:
    """运行网站和定时任务。  Serve, and keep the clock."""
    address = address_of(host, port)
    os.environ.setdefault("QIAO_ADDRESS", address)  # what mails and permalinks say, if nobody says otherwise
    set_up()
    import uvicorn
    from django.conf import settings

    _check_port(host, port)
    say(SERVING, url=address)
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


def address_of(host: str, port: int) -> str:
    """Where a browser on this machine finds the server."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (read, not bound)
    shown = everywhere.get(host, host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


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
    firms are told of new policies that fit, entries leave the shelves, challenges close and their bids are opened.
    Once a day the database looks at its own sizes."""
    from django.db import IntegrityError

    from qiao.core import history, notices
    from qiao.core.policies.news import tell_of_new_policies
    from qiao.core.recalculate import recalculate_if_changed
    from qiao.core.upkeep import learn_sizes
    from qiao.kinds.scenario.challenge import close_due
    from qiao.kinds.shelf.process import expire_due

    sent, failed = notices.send_approved()
    try:
        roots = len(history.make_roots())
    except IntegrityError:  # another timer made the same root at this moment
        roots = 0
    if roots:  # once a day
        learn_sizes()
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


def tick() -> None:
    """办理到时该办的事：发邮件、做日根、移动期限。  Do what is due: mail, daily roots, moved deadlines."""
    set_up()
    say(TICKED, **run_tick())
