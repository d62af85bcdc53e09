"""What explanations say, in both languages. A pure library has no gettext: every text is a pair."""

from __future__ import annotations

from .vocabulary import Words

AND = Words("、", ", ")
AT_LEAST = {
    ">=": Words("不低于", "at least"),
    ">": Words("高于", "more than"),
    "<=": Words("不高于", "at most"),
    "<": Words("低于", "less than"),
    "==": Words("等于", "exactly"),
    "!=": Words("不等于", "other than"),
}
UNKNOWN = Words("未知", "unknown")
YES_NO_UNKNOWN = (Words("不符合", "not met"), Words("待核实", "to be verified"), Words("符合", "met"))
VERDICTS = (
    Words("不符合", "does not qualify"),
    Words("尚不能确定", "still open"),
    Words("符合", "qualifies"),
)
OUT_OF_SCOPE = Words("不在适用范围内", "outside the scope of this policy")
MARKS = ("✗", "？", "✓")
UNCONFIRMED = Words("（条文待核实）", " (text to be confirmed)")

# one test: {what} is the fact or formula, {value} its value for the firm, {line} what is required
TEST = Words("{what}：{value}；要求：{line}", "{what}: {value}; required: {line}")
FORMULA = Words("{what}（{value}）", "{what} ({value})")
TRUE, FALSE = Words("是", "yes"), Words("否", "no")
AMONG = Words("属于：{names}", "one of: {names}")
NOT_AMONG = Words("不属于：{names}", "none of: {names}")
AND_MORE = Words("等 {count} 项", " and others, {count} in all")
AGES = {
    ">=": Words("满 {length}（{day} 或以前）", "for {length} (on or before {day})"),
    ">": Words("超过 {length}（{day} 以前）", "for more than {length} (before {day})"),
    "<": Words("不满 {length}（{day} 以后）", "for less than {length} (after {day})"),
    "<=": Words("不超过 {length}（{day} 或以后）", "for at most {length} (on or after {day})"),
}
WITHIN = Words("在 {day} 之后、评定日以前", "after {day} and not after the day of assessment")
ON_OR = {
    ">=": Words("不早于 {day}", "on or after {day}"),
    ">": Words("晚于 {day}", "after {day}"),
    "<=": Words("不晚于 {day}", "on or before {day}"),
    "<": Words("早于 {day}", "before {day}"),
    "==": Words("为 {day}", "on {day}"),
    "!=": Words("不为 {day}", "not on {day}"),
}
TABLE_LINE = Words("达到“{row}”一行的 {value}", "at least {value}, the line of “{row}”")
TABLE_NO_LINE = Words("该行业无此项要求", "no line for this industry")
TABLE_NONE = Words("行业须在表内", "an industry that the table covers")
IN_TABLE = Words("行业在表内", "in the table")
QUALIFIES = Words("是否符合《{title}》", "whether it qualifies as “{title}”")
POINTS = Words("{low}—{high} 分", "{low}–{high} points")
POINTS_EXACT = Words("{low} 分", "{low} points")
PERSON = (
    Words("主管部门认定不符合", "the department found that it is not met"),
    Words("待主管部门认定", "for the department to decide"),
    Words("主管部门已认定符合", "the department found that it is met"),
)

# formulas
YEAR = Words("{year}年{name}", "{name} {year}")
YEARS = Words("{first}—{last}年", "{first}–{last}")
SUM = Words("{years}{what}合计", "{what}, sum of {years}")
MEAN = Words("{years}{what}年均", "{what}, yearly mean of {years}")
GROWTH = Words("{years}{what}增长率", "growth of {what} {years}")
MEAN_GROWTH = Words("{years}{what}平均增长率", "mean growth of {what} {years}")
COMPOUND = Words("{years}{what}年均复合增长率", "compound growth of {what} {years}")
OPERATORS = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}
LENGTHS = {
    "years": Words("{n}年", "{n} years"),
    "months": Words("{n}个月", "{n} months"),
    "days": Words("{n}天", "{n} days"),
}

# gaps and changes
SHORT = Words("{name}还差 {value}", "{name}: {value} short")
OVER = Words("{name}超出 {value}", "{name}: {value} too much")
SHOULD_BE = Words("{name}须为：{value}", "{name} has to be: {value}")
SHOULD_BE_AMONG = Words("{name}不在要求的范围内", "{name} is not among those required")
WAIT = Words("{name}：再过 {days} 天，自 {day} 起满足", "{name}: met from {day}, in {days} days")
POINTS_SHORT = Words("{name}还差 {value} 分", "{name}: {value} points short")
RAISE = Words("{name}由 {now} 增至 {to}", "{name} from {now} to {to} at least")
LOWER = Words("{name}由 {now} 降至 {to}", "{name} from {now} to {to} at most")
CHANGE_TO = Words("{name}改为{to}", "{name} becomes {to}")
VERIFY = Words("须核实：{what}", "to be verified: {what}")
NEXT_BAND = Words("到 {points} 分：{gap}", "{points} points with: {gap}")
HEAD = Words(
    "{title}：{verdict}（按 {day} 施行的规定）", "{title}: {verdict} (under the rules in force on {day})"
)
ASK_YEAR = Words("{year}年的{name}是多少？", "What was it in {year}: {name}?")
CHANGEABLE = {
    "free": Words("企业可在数月内做到", "the firm can do this within months"),
    "slow": Words("企业可逐步做到", "the firm can do this with time"),
    "never": Words("企业无法改变", "the firm cannot change this"),
}
HEADINGS = {
    "gaps": Words("差距", "What is missing"),
    "scores": Words("评分", "Scores"),
    "changes": Words("怎样可以符合", "What would change it"),
    "ask": Words("接下来请核实", "To be answered next"),
    "judge": Words("须由主管部门认定", "For the department to decide"),
    "benefits": Words("可享受", "What it brings"),
}
