"""What a draft says to the person who completes it. Comments in a file have one language: Chinese."""

HEADER = (
    "政策草稿：由文件自动拆分，未经核对，不能使用。",
    "完成步骤：1. 逐处处理 todo；2. 对照原文核对条款、金额、出处；3. 补齐英文（en）；4. 写测试（tests）；",
    "5. 由核对人把“draft: true”改为 reviewed: {by: 核对人, on: 日期}；6. 运行 qiao packs check 和 qiao packs test。",
)
FROM = "来源文件：{file}"
CONSULTATION = "这是征求意见稿，不是正式文本"
NO_CLAUSES = "没有找到编号的条款，请人工拆分"
ID = "政策编号，如 changning/ai-rent"
ENGLISH = "英文"
KIND = "recognition、subsidy、tax 或 classification"
NUMBER = "没有找到文号"
FROM_DAY = "没有找到施行日期"
TERM = "由“{years}年”推算，请核对"
EVIDENCE = "未经核对"
CLAUSES = "给每条起一个能读懂的 id；不是条件的删去"
NO_CONDITIONS = "没有找到申报条件，请从文末保留的文字中摘出"
QUALIFIES = "各条的关系（and、or）请对照原文"
BENEFITS = "支持标准；“最高”“按…认定”由人判断"
TESTS = "至少写符合、不符合、未知各一例"
COMPARE = "整句均已识别，请对照原文"
MANUAL = "未能整句识别，能写成表达式的请改用 is"
SEEN = "句中可能有：{part}"
AMOUNTS = "句中数额：{amounts}"
GAP = "{cite}之前缺一个编号，请对照原文"
AT_MOST = "原文为上限，实际数额由人认定"
AMOUNT = "请核对每项、每户、每年的口径"
BASE = "原文基数“{base}”"
NO_BASE = "词表中没有与“{base}”同名的事实"
ITEMS = {
    "materials": "申报材料（放入征集的表单）",
    "time": "申报与办理时限（放入征集的时间）",
    "office": "受理部门",
}
REST = "其余条文，原样保留"
