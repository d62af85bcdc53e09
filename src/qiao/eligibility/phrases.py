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

# files of `qiao check`
SHEETS = {
    "overview": Words("汇总", "Overview"),
    "verdicts": Words("结论", "Verdicts"),
    "reasons": Words("理由与差距", "Reasons and gaps"),
    "doubts": Words("数据疑点", "Doubtful data"),
}
COLUMNS = {
    "policy": Words("政策", "Policy"),
    "id": Words("编号", "Id"),
    "name": Words("企业", "Firm"),
    "code": Words("代码", "Code"),
    "as_of": Words("评定日", "As of"),
    "clauses": Words("不符合的条款", "Clauses that are not met"),
    "gaps": Words("差距", "What is missing"),
    "problem": Words("疑点", "Doubt"),
    "asked": Words("最常缺的事实（缺的家数）", "Facts that are missing most (for how many firms)"),
}

SIMULATED = {
    "head": Words("模拟", "Simulation"),
    "yes": Words("符合", "qualify"),
    "unknown": Words("尚不能确定", "still open"),
    "no": Words("不符合", "do not qualify"),
    "gained": Words("新增符合", "gain"),
    "lost": Words("不再符合", "lose"),
    "opened": Words("转为尚不能确定", "become open"),
    "cost": Words("支出（有年限的按一年计）", "cost (of one year, where it is paid for years)"),
    "industry": Words("按行业门类", "by industry"),
    "size_class": Words("按规模", "by size"),
    "all": Words("合计", "All"),
    "firms": Words("企业数", "Firms"),
    "groups": Words("分组", "Groups"),
    "changed": Words("有变化的企业", "Firms that change"),
    "group": Words("组", "Group"),
    "before": Words("现行", "As it is"),
    "after": Words("修改后", "As changed"),
    "cost_before": Words("现行支出", "Cost as it is"),
    "cost_after": Words("修改后支出", "Cost as changed"),
    "yuan_before": Words("现行金额（元，至少）", "Amount as it is (yuan, at least)"),
    "yuan_after": Words("修改后金额（元，至少）", "Amount as changed (yuan, at least)"),
}
UP_TO = Words(
    "{sure}（尚不能确定者全部符合时至多 {most}）", "{sure} (at most {most} if all that are open qualify)"
)
NOT_KNOWN = Words("未知", "Not known")
SECTIONS = {  # of GB/T 4754-2017; its own tree gives the Chinese names
    "A": "Agriculture, forestry, animal husbandry, fishery",
    "B": "Mining",
    "C": "Manufacturing",
    "D": "Electricity, heat, gas and water",
    "E": "Construction",
    "F": "Wholesale and retail trade",
    "G": "Transport, storage and post",
    "H": "Hotels and catering",
    "I": "Information transmission, software and IT services",
    "J": "Finance",
    "K": "Real estate",
    "L": "Leasing and business services",
    "M": "Scientific research and technical services",
    "N": "Water, environment and public facilities",
    "O": "Resident, repair and other services",
    "P": "Education",
    "Q": "Health and social work",
    "R": "Culture, sports and entertainment",
    "S": "Public administration and social organisations",
    "T": "International organisations",
}
COLUMNS |= {
    "issuer": Words("制定机关", "Issuer"),
    "document": Words("文号", "Document"),
    "since": Words("施行", "In force"),
}

# the command line
NO_POLICIES = Words(
    "没有政策目录 {path}。请用 --policies 指定。",
    "There is no policies folder {path}: name one with --policies.",
)
FAULTS = Words("共 {n} 处问题", "{n} problems")
NO_FAULTS = Words(
    "没有发现问题：{packs} 个文件、{policies} 项政策、词表 {facts} 项事实",
    "No problems: {packs} files, {policies} policies, a vocabulary of {facts} facts",
)
TESTED = Words(
    "自带测试 {written} 项，按阈值生成 {generated} 项，未通过 {wrong} 项",
    "{written} tests in the packs, {generated} generated at thresholds, {wrong} failed",
)
NO_POLICY = Words("没有政策“{id}”。现有：{known}", "There is no policy “{id}”. There are: {known}")
NOT_IN_FORCE = Words("“{id}”在 {day} 没有施行的版本", "No version of “{id}” is in force on {day}")
WHICH_FACT = Words(
    "列“{column}”是哪一项事实？{near}。请输入序号、名称或键（可加 @年份），直接回车略过",
    "Which fact is the column “{column}”? {near}. A number, a name or a key (with @YEAR if need be); Enter: none",
)
NO_SUCH_FACT = Words("词表中没有“{key}”", "There is no fact “{key}”")
OTHER_SHEETS = Words("只读第一张工作表，未读：{sheets}", "Only the first sheet is read, not: {sheets}")
LEFT_OUT = Words(
    "工作表放不下，有 {n} 行未写入 XLSX；Parquet 是完整的",
    "{n} rows did not fit into the sheets of the XLSX; the Parquet files are complete",
)
NO_FOLDER = Words("不能建立目录 {path}：{why}", "Cannot make the folder {path}: {why}")
NO_CHANGE = Words("请用 --change 或 --draft 说明改什么", "Say what changes, with --change or --draft")
READ = Words(
    "已读 {rows} 行：{firms} 家企业，{facts} 项事实", "Read {rows} rows: {firms} firms, {facts} facts"
)
UNUSED = Words("未用到的列：{columns}", "Columns that were not used: {columns}")
WRITTEN = Words("已写出 {path}", "Written: {path}")
TOOK = Words("用时 {seconds} 秒", "Took {seconds} s")
DOUBTS = Words(
    "数据疑点 {doubts} 处，无法采用的单元格 {problems} 个，见“数据疑点”表",
    "{doubts} doubts about the data and {problems} cells that could not be used: see the sheet “Doubtful data”",
)
PROGRESS = {
    "read": Words("读取", "Reading"),
    "judged": Words("评定", "Judging"),
    "explained": Words("写理由", "Writing reasons"),
}
NO_FILE = Words("没有这个文件：{path}", "There is no file {path}")
NO_FACT = Words("{path}：词表中没有事实“{key}”", "{path}: there is no fact “{key}”")
WHICH_FIRM = Words(
    "表中有 {count} 家企业，没有（或不止一家）“{wanted}”。请写成 文件#名称 或 文件#序号",
    "The table has {count} firms, none (or more than one) is “{wanted}”: write FILE#NAME or FILE#NUMBER",
)
UNREADABLE = Words("{path} 无法读取：{why}", "{path} cannot be read: {why}")
EXISTS = Words("{path} 已经存在，不会覆盖", "{path} exists already and is not overwritten")
DRAFTED = Words(
    "已拆出 {clauses} 条，待人处理 {todo} 处，写入 {path}",
    "{clauses} clauses split, {todo} places for a person, written to {path}",
)
