"""A salon as a workbook: read with every mistake named, planned, edited, and planned again."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from qiao.matching.salon import (
    EXAMPLE,
    BadSalon,
    SalonBook,
    Visitor,
    plan_salon,
    read_salon,
    summary,
    write_plan,
    write_salon,
)

GUESTS, SLOTS, TABLES, RULES, MEETINGS = (
    "来宾 Guests",
    "场次 Slots",
    "桌 Tables",
    "组别规则 Rules",
    "会面 Meetings",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_salon(tmp_path / "salon.xlsx", EXAMPLE)
    return tmp_path / "salon.xlsx"


@contextmanager
def edited(path: Path) -> Iterator[Any]:
    book = openpyxl.load_workbook(path)
    yield book
    book.save(path)


def problems(path: Path) -> list[str]:
    with pytest.raises(BadSalon) as bad:
        read_salon(path)
    return [problem.zh for problem in bad.value.problems]


def planned(path: Path, target: str) -> Path:
    out = path.with_name(target)
    write_plan(out, plan_salon(read_salon(path), seconds=0.2), path)
    return out


def rows(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(min_row=2, values_only=True))


def test_what_is_written_is_what_is_read(path: Path) -> None:
    assert read_salon(path) == EXAMPLE


def test_headings_are_read_in_either_language(path: Path) -> None:
    with edited(path) as book:
        book[GUESTS].title = "guests"
        for cell in book["guests"][1]:
            cell.value = cell.value.split(" ", 1)[1]
        book[SLOTS].title = "场次"
    assert read_salon(path) == EXAMPLE


def test_a_file_that_is_there_is_not_written_over(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(BadSalon):
        write_salon(path, EXAMPLE)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b[GUESTS].__setitem__("A3", "示例 云瀚制造"), "来宾 第 3 行：“示例 云瀚制造”出现了两次"),
        (lambda b: b[GUESTS].__setitem__("A3", None), "来宾 第 3 行：“名称”是空的"),
        (lambda b: b[GUESTS].__setitem__("F3", "上午"), "来宾 第 3 行：“能到的场次”看不懂“上午”"),
        (lambda b: b[GUESTS].__setitem__("F3", "2-9"), "来宾 第 3 行：“能到的场次”：2-9 不在 1 至 4 之间"),
        (
            lambda b: b[GUESTS].__setitem__("F3", dt.datetime(2026, 1, 3)),  # noqa: DTZ001
            "来宾 第 3 行：“能到的场次”被表格软件当成了日期（2026-01-03）",
        ),
        (lambda b: b[GUESTS].__setitem__("A3", '="甲"&"乙"'), "来宾 第 3 行：“名称”的公式没有算出结果（="),
        (lambda b: b[GUESTS].__setitem__("A3", "#N/A"), "来宾 第 3 行：“名称”的公式没有算出结果（#N/A）"),
        (lambda b: b[GUESTS].__setitem__("C1", "名称 Name"), "来宾 第 1 行：“名称”一列出现了两次"),
        (lambda b: b[GUESTS].__setitem__("G3", "很多"), "来宾 第 3 行：“最多会面”应为整数"),
        (lambda b: b[GUESTS].__setitem__("I3", "无名"), "来宾 第 3 行：“想见”里的“无名”不在来宾名单中"),
        (lambda b: b[GUESTS].__setitem__("J2", "示例 孪境科技"), "来宾 第 2 行：对“示例 孪境科技”有两种"),
        (lambda b: b[RULES].__setitem__("B2", "客方"), "组别规则 第 2 行：没有来宾属于组别“客方”"),
        (lambda b: b.remove(b[TABLES]), "缺少工作表“桌”"),
        (lambda b: b[SLOTS].__setitem__("A1", "何时"), "工作表“场次”第一行缺少“时间”一列"),
        (lambda b: b[SLOTS].delete_rows(2, 9), "工作表“场次”是空的"),
    ],
)
def test_a_mistake_is_named_with_its_place(path: Path, change: Callable[[Any], None], said: str) -> None:
    with edited(path) as book:
        change(book)
    assert any(problem.startswith(said) for problem in problems(path)), problems(path)


def test_names_are_the_same_whatever_blank_or_comma_is_written(path: Path) -> None:
    with edited(path) as book:
        book[GUESTS]["A4"] = "示例\u00a0孪境科技 "
        book[GUESTS]["I3"] = "示例\u3000孪境科技，示例 声屿智能"
    assert read_salon(path).visitors[1].wishes.keys() == {"示例 孪境科技", "示例 声屿智能"}


def test_a_column_that_is_not_there_is_pointed_out(path: Path) -> None:
    """A misspelt heading must not leave out silently what guests wrote under it."""
    with edited(path) as book:
        book[GUESTS]["F1"] = "能来的场次"
    said = [line.zh for line in summary(plan_salon(read_salon(path), seconds=0.1))]
    assert any(line.startswith("工作表“来宾”没有“能到的场次”一列") for line in said)


def test_too_little_room_is_said_with_what_to_do(path: Path) -> None:
    with edited(path) as book:
        book[TABLES].delete_rows(3)
        book[SLOTS].delete_rows(3, 9)
        for row in range(2, 7):
            book[GUESTS][f"F{row}"] = None
        book[GUESTS]["G3"] = 0  # who wants no meeting is not waiting for one
    said = [line.zh for line in summary(plan_salon(read_salon(path), seconds=0.1))]
    assert "1 个场次、1 张桌最多排 1 场，不够 5 位来宾每人一场：请增加场次或桌" in said
    assert [line for line in said if line.startswith("示例 星桥医院")] == []


def test_all_mistakes_are_named_at_once(path: Path) -> None:
    with edited(path) as book:
        book[GUESTS]["F3"], book[GUESTS]["G4"] = "上午", "很多"
    assert len(problems(path)) == 2


def test_what_is_no_workbook_is_said(tmp_path: Path) -> None:
    bad = tmp_path / "salon.xlsx"
    assert problems(bad) == [f"没有这个文件：{bad}"]
    bad.write_bytes(b"PK\3\4 cut off")
    assert problems(bad) == ["salon.xlsx 不是完好的 .xlsx 文件，请另存为 .xlsx 后再试"]


def test_wishes_rules_and_times_are_kept(path: Path) -> None:
    plan = plan_salon(read_salon(path), seconds=0.2)
    guests = {v.name: v for v in plan.book.visitors}
    met = {frozenset(m.pair) for m in plan.timetable.meetings}
    assert frozenset({"示例 云瀚制造", "示例 孪境科技"}) in met  # must meet
    assert frozenset({"示例 长汀资本", "示例 星桥医院"}) not in met  # no thanks
    for meeting in plan.timetable.meetings:
        one, other = guests[meeting.one], guests[meeting.other]
        assert {(one.group, other.group), (other.group, one.group)} & set(plan.book.rules)
        assert all(v.free is None or meeting.slot in v.free for v in (one, other))
    counts = Counter(name for m in plan.timetable.meetings for name in m.pair)
    assert all(guests[name].most is None or n <= (guests[name].most or 0) for name, n in counts.items())


def test_every_meeting_says_why(path: Path) -> None:
    out = planned(path, "plan.xlsx")
    why = {frozenset(row[3:5]): row[6] for row in rows(out, MEETINGS)}
    reason = why[frozenset({"示例 云瀚制造", "示例 孪境科技"})]
    assert "示例 云瀚制造必须见" in reason
    assert "数字孪生" in reason


def test_told_meetings_stay_when_a_guest_cancels_and_another_comes(path: Path) -> None:
    first = planned(path, "plan.xlsx")
    with edited(first) as book:
        sheet = book[MEETINGS]
        for row in range(2, sheet.max_row + 1):
            sheet[f"F{row}"] = "已告知"
        gone = "示例 声屿智能"
        (row,) = (r for r in range(2, book[GUESTS].max_row + 1) if book[GUESTS][f"A{r}"].value == gone)
        book[GUESTS].delete_rows(row)
        book[GUESTS].append(["示例 后来者", "供方", "导诊数字人", "医院", "数字人"])
    again = planned(first, "again.xlsx")
    before = {frozenset(r[3:5]): r[0] for r in rows(first, MEETINGS)}
    after = {frozenset(r[3:5]): (r[0], r[5]) for r in rows(again, MEETINGS)}
    for pair, slot in before.items():
        if gone not in pair:
            assert after[pair] == (slot, "已告知")
    assert any("示例 后来者" in pair for pair in after)


def test_a_locked_meeting_stays_against_a_guests_time_and_is_pointed_out(path: Path) -> None:
    first = planned(path, "plan.xlsx")
    with edited(first) as book:
        book[MEETINGS].delete_rows(2, 99)
        book[MEETINGS].append([4, None, "B 桌", "示例 云瀚制造", "示例 声屿智能", "锁定"])
    plan = plan_salon(read_salon(first), seconds=0.2)
    assert (3, 2, "示例 云瀚制造", "示例 声屿智能") in {
        (m.slot, m.table, m.one, m.other) for m in plan.timetable.meetings
    }
    assert any(line.zh.startswith("示例 云瀚制造 第 4 场没有空") for line in summary(plan))


def test_locked_meetings_that_collide_are_refused(path: Path) -> None:
    first = planned(path, "plan.xlsx")
    with edited(first) as book:
        book[MEETINGS].delete_rows(2, 99)
        for other in ("示例 声屿智能", "示例 孪境科技"):
            book[MEETINGS].append([1, None, "B 桌", "示例 云瀚制造", other, "锁定"])
    assert problems(first) == ["会面 第 3 行：与另一场锁定的会面冲突：同一场次、同一来宾或同一张桌"]


def test_two_who_are_locked_twice_are_named(path: Path) -> None:
    first = planned(path, "plan.xlsx")
    with edited(first) as book:
        book[MEETINGS].delete_rows(2, 99)
        for slot in (1, 2):
            book[MEETINGS].append([slot, None, "B 桌", "示例 云瀚制造", "示例 孪境科技", "锁定"])
    assert problems(first) == ["会面 第 3 行：“示例 云瀚制造”与“示例 孪境科技”有两场锁定的会面：请删去一行"]


def test_what_people_added_to_the_workbook_stays(path: Path) -> None:
    with edited(path) as book:
        book[GUESTS]["K1"], book[GUESTS]["K2"] = "联系人", "前台"
        book.create_sheet("签到")["A1"] = "谁来了"
    out = openpyxl.load_workbook(planned(path, "plan.xlsx"))
    assert (out[GUESTS]["K2"].value, out["签到"]["A1"].value) == ("前台", "谁来了")
    assert out.sheetnames[0] == MEETINGS


def test_names_that_look_like_formulas_do_no_harm(tmp_path: Path) -> None:
    names = ("=1+1", "@示例")
    visitors = tuple(Visitor(name, offers="数字人", seeks="数字人") for name in names)
    path = tmp_path / "salon.xlsx"
    write_salon(path, SalonBook(visitors, ("上午",), ("A",)))
    assert [v.name for v in read_salon(path).visitors] == list(names)
    (row,) = rows(planned(path, "plan.xlsx"), MEETINGS)
    assert row[3].startswith("'")


def test_nobody_is_left_without_a_meeting_where_hardly_anybody_fits() -> None:
    """Guests who say nothing, or whom nobody fits, still meet somebody."""
    draw = random.Random(5)
    words = ["数字人", "算力调度", "产线孪生", "虚拟展厅", "动作捕捉"]
    visitors = tuple(
        Visitor(f"示例 {n}", "甲" if n % 2 else "乙", draw.choice(words) if n % 3 else "", draw.choice(words))
        for n in range(40)
    )
    slots = tuple(f"第{n}场" for n in range(6))
    book = SalonBook(visitors, slots, tuple(f"{n}" for n in range(20)), (("甲", "乙"),))
    plan = plan_salon(book, seconds=0.5)
    assert not plan.timetable.waiting
    assert {v.name for v in visitors} == {name for m in plan.timetable.meetings for name in m.pair}
