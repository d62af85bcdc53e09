"""Check the history."""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext_lazy as _

from .speaking import done, fail, out, set_up, working

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
    "changed_file": _("随文件版本保存的附件被改动"),
    "missing_file": _("随文件版本保存的附件不见了"),
    "inserted_version": _("文件版本没有对应的行为，是后来插入的"),
    "unrecorded_redaction": _("内容被隐去，但没有隐去的记录"),
    "changed_stage": _("事项所处阶段被改动"),
    "changed_case": _("事项的类别、时间或期限与其行为记录不符"),
    "root_differs": _("日根不符"),
    "root_chain_broken": _("日根与前一日衔接不上"),
    "root_file_inconsistent": _("日根文件自身不符"),
    "missing_root": _("日根缺失"),
}


def verify_history(
    roots: Annotated[
        Path | None,
        typer.Option(help="与此目录中保存的日根文件比对（默认用本机写出的）  compare with these root files"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出  print JSON")] = False,
) -> None:
    """核验全部历史：任何改动、删除、插入都会指明位置。  Check the whole history; every tampered row is named."""
    set_up()
    from django.conf import settings

    from qiao.core import history
    from qiao.core.models import Act, Case, DailyRoot, Version

    folder = roots or settings.VAR / "roots"
    published = len(list(folder.glob("????-??-??.json"))) if folder.is_dir() else 0
    if roots is not None and not published:
        raise fail(NO_ROOT_FILES, path=roots)
    counts = {
        "cases": Case.objects.count(),
        "acts": Act.objects.count(),
        "versions": Version.objects.count(),
        "roots": DailyRoot.objects.count(),
    }
    with working(VERIFYING):
        faults = list(history.verify(roots=folder if published else None))
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
