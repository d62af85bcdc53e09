"""`qiao meetings` as somebody at a terminal uses it: no database, one workbook in, one out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import openpyxl


def qiao(*arguments: str, folder: Path, language: str = "zh") -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("qiao"), "meetings", *arguments]
    env = {**os.environ, "QIAO_LANGUAGE": language, "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_an_example_is_written_planned_and_planned_again(tmp_path: Path) -> None:
    assert qiao("example", folder=tmp_path).stdout == (
        "已写出 salon.xlsx：改填后运行 qiao meetings plan salon.xlsx\n"
    )
    first = qiao("plan", "salon.xlsx", "--seconds", "0.2", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("5 位来宾，")
    assert first.stdout.endswith("已写出 salon-plan.xlsx\n")
    again = qiao("plan", "salon-plan.xlsx", "--seconds", "0.2", folder=tmp_path, language="en")
    assert again.stdout.endswith("wrote salon-plan-2.xlsx\n")  # what may have been edited is not overwritten
    sheets = [openpyxl.load_workbook(tmp_path / f"salon-plan{n}.xlsx").sheetnames for n in ("", "-2")]
    assert sheets[0] == sheets[1]
    assert sheets[0][:3] == ["会面 Meetings", "按来宾 By guest", "按桌 By table"]


def test_mistakes_are_said_and_nothing_is_written(tmp_path: Path) -> None:
    qiao("example", folder=tmp_path)
    book = openpyxl.load_workbook(tmp_path / "salon.xlsx")
    book["来宾 Guests"]["F2"] = "morning"
    book.save(tmp_path / "salon.xlsx")
    refused = qiao("plan", "salon.xlsx", folder=tmp_path, language="en")
    assert refused.returncode == 1
    assert refused.stderr == "Guests, row 2: Free slots: cannot read “morning”; write it like 1-3;6\n"
    assert [path.name for path in tmp_path.iterdir()] == ["salon.xlsx"]
    assert qiao("plan", "salon.xlsx", "--out", "plan.csv", folder=tmp_path).returncode == 1
