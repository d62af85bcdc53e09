"""Who qualifies for what: many firms, one firm, changed thresholds, packs."""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from .speaking import err, language, out

Folder = Annotated[
    Path, typer.Option("--policies", envvar="QIAO_POLICIES", help="政策目录  folder of policies")
]
Day = Annotated[str, typer.Option("--as-of", help="评定日，如 2026-06-01，默认今天  day of assessment")]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="列与事实的对应文件  which column is which fact")
]
OutFolder = Annotated[Path, typer.Option("--out", help="结果目录  folder for the results")]
POLICIES = Path(__file__).resolve().parents[3] / "policies"


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
        yield Terminal(language(), out, err, question)
    except (Refused, OSError) as refused:
        err.print(str(refused), markup=False, style="red")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


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


def packs_check(policies: Folder = POLICIES) -> None:
    """检查政策文件，逐处指出文件和行。  Check the packs; every problem with file and line."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        if not command.packs_check(policies, terminal):
            raise typer.Exit(1)


def packs_test(
    ids: Annotated[list[str] | None, typer.Argument(help="政策编号，默认全部  policies")] = None,
    policies: Folder = POLICIES,
) -> None:
    """运行政策文件里的测试和按阈值生成的测试。  Run the packs' tests and those generated at thresholds."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        if not command.packs_test(policies, terminal, ids or ()):
            raise typer.Exit(1)


def packs_list(as_of: Day = "", policies: Folder = POLICIES) -> None:
    """列出政策。  List the policies."""
    from qiao.eligibility import command

    with _terminal() as terminal:
        command.packs_list(policies, terminal, _day(as_of))


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
