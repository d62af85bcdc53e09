"""What matches say of themselves, in both languages. A pure library has no gettext: every text is a pair."""

from __future__ import annotations

from .profiles import Words

MARKS = ("✗", "？", "✓")
NOTHING = Words("未填写", "not stated")
ANYTHING = Words("不限", "anything")
CONDITION = (  # by state: fails, unknown, passes
    Words("{what}：{has}，要求 {asked}", "{what}: {has}; asked: {asked}"),
    Words("{what}待核实，要求 {asked}", "{what} to be verified; asked: {asked}"),
    Words("{what}：{has}（要求 {asked}）", "{what}: {has} (asked: {asked})"),
)

TEXT = Words("文字相近：{terms}", "says the same: {terms}")
NO_TEXT = Words("文字没有相同之处", "nothing said in the same words")
SCATTERED = Words("只有零散的字相同", "single characters only")
GLOSSARY = Words("同义词：{terms}", "by synonym: {terms}")
TAGS = Words("{what}相同：{names}", "same {what}: {names}")
NO_TAGS = Words("{what}没有相同的", "no {what} in common")
INDUSTRY = Words("{what}：{has} 与 {asked} 同属 {level}", "{what}: {has} and {asked} share {level}")
FAR = Words("{what}：{has}，与 {asked} 不同类", "{what}: {has}, not near {asked}")
NEAR = Words("{what}：{has}，所求 {asked}", "{what}: {has}; wanted {asked}")
COUNT = Words("{what}：{count}", "{what}: {count}")
MEANS = Words("语义", "meaning")
MEANING = Words("语义相近", "close in meaning")
NOT_KNOWN = Words("{what}：未填写", "{what}: not stated")

# A salon as a workbook (salon/). {sheet}, {column}: names of sheets and columns; {name}, {one}, {other}: guests.
AT = Words("{sheet} 第 {row} 行：{zh}", "{sheet}, row {row}: {en}")
NO_FILE = Words("没有这个文件：{path}", "there is no such file: {path}")
NO_WORKBOOK = Words(
    "{path} 不是完好的 .xlsx 文件，请另存为 .xlsx 后再试",
    "{path} is no sound .xlsx file: save it as .xlsx again",
)
NO_SHEET = Words("缺少工作表“{sheet}”", "the sheet “{sheet}” is missing")
NO_COLUMN = Words(
    "工作表“{sheet}”第一行缺少“{column}”一列", "the first row of “{sheet}” has no column “{column}”"
)
SHEET_EMPTY = Words(
    "工作表“{sheet}”是空的：请在“{column}”下每行写一个",
    "the sheet “{sheet}” is empty: write one per row under “{column}”",
)
TWICE = Words("“{name}”出现了两次", "“{name}” is there twice")
NO_NAME = Words("“{column}”是空的", "“{column}” is empty")
NO_GROUP = Words("没有来宾属于组别“{name}”", "no guest is of the group “{name}”")
NO_TABLE = Words("工作表“{sheet}”里没有“{name}”", "there is no “{name}” in the sheet “{sheet}”")
NO_SUCH_GUEST = Words(
    "“{column}”里的“{name}”不在来宾名单中，请写与名单一致的名称",
    "{column}: “{name}” is not another guest of the list; write the name as it stands there",
)
TWO_WISHES = Words("对“{name}”有两种不同的意愿", "two different wishes about “{name}”")
BAD_SLOTS = Words(
    "“{column}”看不懂“{said}”，请写成 1-3；6 的样子", "{column}: cannot read “{said}”; write it like 1-3;6"
)
SLOT_OUTSIDE = Words(
    "“{column}”：{said} 不在 1 至 {slots} 之间", "{column}: {said} is not between 1 and {slots}"
)
BAD_NUMBER = Words("“{column}”应为整数，现为“{said}”", "{column} should be a whole number, not “{said}”")
BAD_STATE = Words(
    "状态“{said}”看不懂，请写“{locked}”、“{told}”或留空",
    "cannot read the state “{said}”: {locked}, {told} or nothing",
)
COLLIDES = Words(
    "与另一场锁定的会面冲突：同一场次、同一来宾或同一张桌",
    "collides with another locked meeting: the same slot and guest or table",
)
TOO_MANY_GUESTS = Words("来宾 {n} 位，最多 {most} 位", "{n} guests; {most} are the most")
TOO_FEW_GUESTS = Words("“{sheet}”里至少要有两位", "there have to be two {sheet} at least")
EXISTS = Words(
    "{path} 已经存在，没有改动它；请另取名字",
    "{path} is there already and was left alone: choose another name",
)
NOT_XLSX = Words("{path}：文件名应以 .xlsx 结尾", "{path}: the name has to end in .xlsx")
WRITTEN = Words("已写出 {path}", "wrote {path}")
FILL_IN = Words(
    "已写出 {path}：改填后运行 qiao meetings plan {path}",
    "wrote {path}: fill it in, then run qiao meetings plan {path}",
)
PLANNING = Words("正在排桌", "planning")
GETS = Words("{one}看重{other}：{why}", "for {one}, {other}: {why}")
ASKED_FOR = Words("{name}必须见", "{name} must meet")
WISHED = Words("{name}想见", "{name} would like to")
COMMA, STOP = Words("，", ", "), Words("。", ". ")
PLANNED = Words(
    "{guests} 位来宾，{meetings} 场会面；达到理论上限的 {share}，平均空等 {idle} 场",
    "{guests} guests, {meetings} meetings; {share} of what no plan can exceed, {idle} idle slots on average",
)
MEETS_TOO_FEW = Words("{name} 一场会面也没有排上", "{name} has no meeting")
MUST_UNMET = Words("{one} 与 {other} 必见，没有排上", "{one} and {other} must meet and do not")
MOVED = Words(
    "已告知的会面改期：{one} 与 {other} 改到第 {slot} 场（{time}）",
    "told before, now at another time: {one} and {other} in slot {slot} ({time})",
)
DROPPED = Words(
    "已告知的会面取消：第 {slot} 场（{time}）{one} 与 {other}",
    "told before, now cancelled: {one} and {other} in slot {slot} ({time})",
)
CONCERNS = {  # by Concern; of meetings that a person locked
    "busy": Words(
        "{name} 第 {slot} 场没有空（{one} 与 {other}）", "{name} is busy in slot {slot} ({one} and {other})"
    ),
    "twice": Words("{name} 第 {slot} 场有两场会面", "{name} has two meetings in slot {slot}"),
    "table": Words(
        "第 {slot} 场 {one} 与 {other} 的桌子有冲突", "slot {slot}: no table for {one} and {other}"
    ),
    "too_many": Words("{name} 的会面超过了本人要的场数", "{name} has more meetings than it wants"),
    "unknown": Words(
        "第 {slot} 场 {one} 与 {other}：无此来宾或场次", "slot {slot}: no such guest or slot ({one}, {other})"
    ),
}
