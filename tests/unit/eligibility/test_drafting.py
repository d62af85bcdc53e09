"""From a published policy to a draft: clauses, amounts, conditions, and what a person has to do before it counts."""

import datetime as dt
import io
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from qiao.cli import app
from qiao.eligibility import Library, PackError, Vocabulary, check
from qiao.eligibility.drafting import PolicyText, about, figures, is_html, read_html, understand, write_draft
from qiao.eligibility.packfile import read_pack
from qiao.eligibility.source import read

POLICIES = Path(__file__).resolve().parents[3] / "policies"
FILE = Path("policy.txt")

BY_ARTICLES = """梧桐区扶持数字内容企业若干办法
梧科规〔2025〕7号
各有关单位：
第一章 总则
第一条 为扶持数字内容企业，制定本办法。
第二章 申报条件
第二条 申报单位应当同时符合以下条件：
（一）具有独立法人资格，未列入经营异常名录；
（二）职工总数不超过500人，上年度营业收入不低于2000万元；
（三）研发费用占营业收入的比例不低于5%；
（四）注册成立满2年；
（五）在行业内有影响，研发人员不少于20人。
第三章 支持标准
第三条 对符合第二条（二）项的单位，按不超过研发投入的30%，给予最高100万元的支持。
第四条 购买云服务的，按合同金额的50%给予补贴，每年最高60万元。
第五条 首次通过评定的，给予一次性奖励20万元。
第四章 申报程序
第六条 申报材料包括营业执照和审计报告。
第七条 申报时间为每年3月。
第八条 受理部门为梧桐区科学技术委员会。
第五章 附则
第九条 本办法自2025年5月1日起施行，有效期3年。
梧桐区科学技术委员会
2025年4月2日"""

RUN_TOGETHER = (
    "首页/政务公开发文字号 : -公开渠道 : 网站梧桐区扶持机器人产业的若干意见发布时间： 2025-03-04 点击数： 7查询"
    "梧桐区扶持机器人产业的若干意见（征求意见稿）为扶持机器人产业，制定本意见。一、适用对象本意见适用于在本区登记的企业。"
    "二、支持内容（一）支持研发。按不超过研发投入的30%，给予最高500万元支持。统一、规范地评审。（二）支持场景。"
    "对1.5公里以内的L2级场景，最高100万元。（三）支持人才。按规定执行。三、附则1.由区科委负责解释。2.自发布之日起试行。"
    "分享：收藏打印关闭窗口"
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(POLICIES)


def text_of(text: str) -> PolicyText:
    return PolicyText.of(text.split("\n"), FILE)


def cites(text: str) -> list[str]:
    return [s.cite for s in text_of(text).sections]


# -- clauses ------------------------------------------------------------------------------------------------------


def test_chapters_articles_and_items_are_split_and_cited():
    assert cites(BY_ARTICLES) == [
        *("第一章", "第一条", "第二章", "第二条"),
        *("第二条（一）", "第二条（二）", "第二条（三）", "第二条（四）", "第二条（五）"),
        *("第三章", "第三条", "第四条", "第五条", "第四章", "第六条", "第七条", "第八条", "第五章", "第九条"),
    ]  # fmt: skip


def test_a_page_run_together_is_split_where_its_numbers_go_on():
    assert cites(RUN_TOGETHER) == ["一", "二", "二（一）", "二（二）", "二（三）", "三", "三1", "三2"]


def test_a_reference_to_an_article_is_no_article():
    assert cites("第一条 甲。\n第二条 按第一条办理。第三条的规定不适用。\n第三条 乙。") == [
        "第一条",
        "第二条",
        "第三条",
    ]


def test_items_that_go_on_counting_under_the_next_heading():
    assert cites("一、总则\n（一）甲。\n（二）乙。\n二、措施\n（三）丙。\n（四）丁。") == [
        "一", "一（一）", "一（二）", "二", "二（三）", "二（四）",
    ]  # fmt: skip


def test_deep_lists():
    text = "一、甲\n（一）乙\n1. 丙\n（1）丁\n①戊\n②己\n（2）庚\n2. 辛\n（二）壬"
    assert cites(text) == [
        "一", "一（一）", "一（一）1", "一（一）1（1）", "一（一）1（1）①", "一（一）1（1）②", "一（一）1（2）",
        "一（一）2", "一（二）",
    ]  # fmt: skip


def test_a_second_document_in_the_file_is_counted_apart():
    assert cites("一、甲\n二、乙\n附件\n一、丙\n二、丁") == ["一", "二", "[2]一", "[2]二"]


def test_a_missing_number_is_said(vocabulary):
    text = text_of("一、支持\n1、甲。\n2、乙。\n4、丙。")
    assert [s.cite for s in text.sections if s.gap] == ["一4"]
    assert "一4之前缺一个编号" in write_draft(text, vocabulary)


def test_decimals_and_dates_begin_no_clause():
    assert cites("一、甲。1.5倍。2024.12.3起。\n二、乙") == ["一", "二"]


def test_the_furniture_of_a_page_is_left_out():
    assert "收藏" not in text_of(RUN_TOGETHER).sections[-1].text


# -- amounts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("给予最高100万元支持", ["<=100万元"]),
        ("按不超过合同金额的30%，给予最高1.5亿元", ["<=30%", "<=1.5亿元"]),
        ("占营业收入5%以上的", [">=5%"]),
        ("不低于2,000万元", [">=2000万元"]),
        ("超过15000元的部分", [">1.5万元"]),
        ("每人不能超过1000元", ["<=1000元"]),
        ("低于30%的", ["<30%"]),
        ("一次性奖励20万元", ["=20万元"]),
        ("分别给予最高300万元、50万元和10万元", ["<=300万元", "<=50万元", "<=10万元"]),
        ("奖励50万至100万元", ["=50万元", "=100万元"]),
        ("资助50—100万元", ["=50万元", "=100万元"]),
        ("百分之三十", ["=30%"]),
        ("百分之二点五", ["=2.5%"]),
        ("二十万元", ["=20万元"]),
        ("达到10亿美元", [">=10亿美元"]),
        ("按1:1的比例配套", ["=1:1"]),
        ("三分之一", ["=1/3"]),
        ("提高2个百分点", ["=2个百分点"]),
        ("达到50%左右", ["=50%"]),
        ("8万元限额内据实扣除", ["<=8万元"]),
    ],
)
def test_amounts_and_what_they_bound(text, expected):
    assert [f.sense + f.text for f in figures(text)] == expected


@pytest.mark.parametrize(
    "text", ["元宇宙企业", "多元化", "人口超过100万的城市", "上午9:30开会", "5G-A基站", "第3条", "2025年5月"]
)
def test_what_is_no_amount(text):
    assert figures(text) == []


# -- conditions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("职工总数不超过500人", "staff <= 500 人"),
        ("上年度营业收入在2000万元以上", "revenue >= 2000 万元"),
        ("上一会计年度销售收入超过2亿元", "revenue > 2 亿元"),
        ("研发费用占营业收入的比例不低于5%；", "rd_expense / revenue >= 5%"),
        ("注册成立满2年", "age(founded) >= 2 年"),
        ("具有独立法人资格，未列入经营异常名录", "legal_person and not abnormal_list"),
        ("从业人员不足10人", "staff < 10 人"),
    ],
)
def test_a_sentence_understood_to_the_last_word_becomes_an_expression(vocabulary, text, expression):
    assert understand(text, vocabulary).expression == expression


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("职工总数不超过500人，经营良好", ("staff <= 500 人",)),
        ("职工总数不超过500人，或营业收入不超过2亿元", ("staff <= 500 人",)),
        ("近三年营业收入不低于2000万元", ()),
        ("职工总数占营业收入的比例不低于5%", ()),  # persons and yuan
        ("营业收入不低于500人", ()),
        ("职工总数不超过500万元", ()),
        ("主营业务突出", ()),
    ],
)
def test_anything_less_stays_text_for_a_person(vocabulary, text, seen):
    reading = understand(text, vocabulary)
    assert not reading.sure
    assert reading.seen == seen


# -- what the document says of itself -----------------------------------------------------------------------------


def test_title_number_and_days_in_force():
    found = about(text_of(BY_ARTICLES))
    assert (found.title, found.number) == ("梧桐区扶持数字内容企业若干办法", "梧科规〔2025〕7号")
    assert (found.start, found.until, found.term) == (dt.date(2025, 5, 1), None, 3)


def test_the_title_of_a_scraped_page_and_that_it_is_a_consultation():
    found = about(text_of(RUN_TOGETHER))
    assert found.title == "梧桐区扶持机器人产业的若干意见"
    assert found.published == dt.date(2025, 3, 4)
    assert (found.consultation, found.number, found.issuer, found.start) == (True, "", "", None)


def test_a_last_day_that_is_named():
    found = about(text_of("一、本办法自2025年5月1日起施行，有效期至2027年4月30日。"))
    assert (found.start, found.until) == (dt.date(2025, 5, 1), dt.date(2027, 4, 30))


def test_days_that_do_not_exist_are_not_taken():
    assert about(text_of("一、自2025年13月40日起施行。")).start is None


# -- the draft ----------------------------------------------------------------------------------------------------


def test_the_draft_holds_what_was_recognised_and_nothing_else(vocabulary):
    draft = write_draft(text_of(BY_ARTICLES), vocabulary)
    entry = read(FILE, draft)
    assert entry["evidence"] == "M"
    assert entry["in_force"] == {"from": "2025-05-01", "until": "2028-04-30"}
    assert [(c["cite"], c.get("is"), c.get("manual")) for c in entry["clauses"]] == [
        ("第二条（一）", "legal_person and not abnormal_list", None),
        ("第二条（二）", "staff <= 500 人 and revenue >= 2000 万元", None),
        ("第二条（三）", "rd_expense / revenue >= 5%", None),
        ("第二条（四）", "age(founded) >= 2 年", None),
        ("第二条（五）", None, True),
    ]
    assert [
        (b["kind"], b["cite"], b.get("of"), b.get("cap") or b.get("amount")) for b in entry["benefits"]
    ] == [
        ("ratio", "第三条", "rd_expense", "100 万元"),
        ("ratio", "第四条", "", "60 万元"),  # the amount of a contract is no fact
        ("amount", "第五条", None, "20 万元"),
    ]
    assert "# todo: 句中可能有：rd_staff >= 20 人" in draft
    for kept in (
        "# 第六条 申报材料包括营业执照和审计报告。",
        "# 第七条 申报时间为每年3月。",
        "# 第八条 受理部门为",
    ):
        assert kept in draft


def test_a_draft_is_refused_until_a_person_has_completed_and_signed_it(vocabulary, tmp_path):
    for name in ("vocabulary", "codes"):
        (tmp_path / name).symlink_to(POLICIES / name)
    path = tmp_path / "wutong" / "packs" / "content.yaml"
    path.parent.mkdir(parents=True)
    draft = write_draft(text_of(BY_ARTICLES), vocabulary)
    path.write_text(draft, "utf-8")
    with pytest.raises(PackError) as refused:
        Library.load(tmp_path)
    said = {p.code: p for p in refused.value.problems}
    assert {"draft", "missing", "missing_text", "empty"} <= set(said)
    assert draft.split("\n")[said["draft"].line - 1] == "draft: true"
    assert "reviewed:" in said["draft"].zh
    assert "draft that nobody has checked" in said["draft"].en

    completed = (
        draft.replace("draft: true", "reviewed: {by: 区科委创新服务科, on: 2025-05-02}")
        .replace('id: ""', "id: wutong/content")
        .replace('en: ""', "en: Checked")
        .replace('zh: ""', "zh: 梧桐区科学技术委员会")
        .replace('of: ""', "of: revenue")
    )
    path.write_text(completed, "utf-8")
    assert [p.code for p in check(tmp_path)] == ["no_tests"]
    path.write_text(
        completed.replace(
            "tests: []",
            "tests:\n  - {name: nothing is known, as_of: 2025-06-01, facts: {}, expect: unknown}\n#",
        ),
        "utf-8",
    )
    assert check(tmp_path) == []
    assert Library.load(tmp_path).packs[0].unconfirmed


def test_a_signature_needs_a_name_and_a_day():
    with pytest.raises(PackError) as refused:
        read_pack(FILE, "id: a/b\nreviewed: {by: '', on: someday}")
    assert {"missing", "bad_date"} <= {p.code for p in refused.value.problems if p.line == 2}


def test_a_text_without_numbers_becomes_an_empty_draft_that_says_so(vocabulary):
    draft = write_draft(text_of("关于扶持的说明\n本区扶持企业。"), vocabulary)
    assert "没有找到编号的条款" in draft
    assert "# 本区扶持企业。" in draft
    assert "clauses" in read(FILE, draft)


def test_words_of_the_policy_cannot_write_yaml(vocabulary):
    hostile = '一、申报条件\n（一）甲": {x: 1}'
    hostile += "\n  - id: injected # \\ ' {{%\n（二）draft: false\x00\u2028id: x\n\nreviewed: y"
    entry = read(FILE, write_draft(text_of(hostile), vocabulary))
    assert entry["draft"] is True
    assert "reviewed" not in entry
    assert [c["id"] for c in entry["clauses"]] == ["c1", "c2"]


# -- files --------------------------------------------------------------------------------------------------------


def page(body: str, head: str = '<meta charset="utf-8">') -> bytes:
    return (
        f"<!DOCTYPE html><html><head>{head}<title>不在正文</title></head><body>{body}</body></html>".encode()
    )


def test_a_web_page_is_read_without_scripts_and_furniture():
    text = read_html(
        page(
            "<nav>一、导航</nav><script>var x = '二、脚本';</script><style>三、</style>"
            "<p>一、支持对象</p><p>&nbsp;&nbsp;（一）企业&lt;甲&gt;</p><div>（二）<b>单</b>位</div>"
            "<table><tr><td>二、标准</td><td>100万元</td></tr></table>"
        ),
        FILE,
    )
    assert [(s.cite, s.text) for s in text.sections] == [
        ("一", "支持对象"), ("一（一）", "企业<甲>"), ("一（二）", "单位"), ("二", "标准 100万元"),
    ]  # fmt: skip


def test_a_page_in_gb_and_one_whose_stated_encoding_is_wrong():
    body = "<p>一、支持对象</p>"
    gb = f'<html><meta charset="gb2312"><body>{body}'.encode("gb18030")
    wrong = f'<html><meta charset="utf-8"><body>{body}'.encode("gb18030")
    for data in (gb, wrong):
        assert is_html(data)
        assert [s.text for s in read_html(data, FILE).sections] == ["支持对象"]


def test_a_navigation_that_is_never_closed_does_not_swallow_the_policy():
    assert read_html(page("<nav><p>一、支持对象</p>"), FILE).sections


@pytest.mark.parametrize(
    "before", ["<div>" * 400_000, "<nav>" * 400_000, "<b><i>" * 300_000, "<!-- -->" * 300_000]
)
def test_deep_nesting_is_read(before):
    assert [s.text for s in read_html(page(f"{before}<p>一、支持对象</p>"), FILE).sections] == ["支持对象"]


@pytest.mark.parametrize("endless", ["<div ", "<!--", "</p", "<script>", "<nav "])
def test_tags_that_never_end_end_the_page(endless):
    assert (
        read_html(page(f"<p>一、支持对象</p>{endless * 500_000}"), FILE)
        .sections[0]
        .text.startswith("支持对象")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (page("<script>一、</script>"), "no_text"),
        (page("<script>一、支持"), "no_text"),
        (b"<html>" + b"\xff\xff\x81\x00" * 50, "bad_encoding"),
        (b"<html>" + b"a" * 10_000_000, "too_long"),
        (page("一、" + "企业" * 300_000), "too_long"),
    ],
)
def test_pages_that_cannot_be_read_are_refused_in_both_languages(data, code):
    with pytest.raises(PackError) as refused:
        read_html(data, FILE)
    (problem,) = refused.value.problems
    assert problem.code == code
    assert problem.zh
    assert problem.en


@pytest.mark.parametrize(
    "text",
    [
        "企一、" * 130_000,
        "一、企" + "企（一）" * 90_000,
        "一、企" + " " * 390_000 + "（一）",
        "（一" * 190_000,
    ],
)
def test_numbers_that_are_none_are_passed_over(text):
    assert len(text_of(text).sections) <= 2


def test_numbers_without_end_are_refused():
    text = "\n".join(["一、甲", "二、乙"] * 2_000)
    with pytest.raises(PackError, match="编号超过"):
        text_of(text)


# -- the command --------------------------------------------------------------------------------------------------


def run(path: Path, *more: str, language: str = "zh"):
    return CliRunner().invoke(app, ["packs", "draft", str(path), *more], env={"QIAO_LANGUAGE": language})


def test_the_same_draft_from_a_page_a_text_and_a_word_document(tmp_path):
    word = docx.Document()
    for line in BY_ARTICLES.split("\n"):
        word.add_paragraph(line)
    stream = io.BytesIO()
    word.save(stream)
    lines = "".join(f"<p>{line}</p>" for line in BY_ARTICLES.split("\n"))
    drafts = []
    for name, data in (
        ("p.docx", stream.getvalue()),
        ("p.txt", BY_ARTICLES.encode("gb18030")),
        ("p.html", page(lines)),
    ):
        (tmp_path / name).write_bytes(data)
        done = run(tmp_path / name)
        assert done.exit_code == 0, done.output
        drafts.append(done.output.replace(name, "p"))
    assert drafts[0] == drafts[1] == drafts[2]
    assert read(FILE, drafts[0])["draft"] is True


def test_it_writes_a_file_once_and_never_over_another(tmp_path):
    source, target = tmp_path / "p.txt", tmp_path / "draft.yaml"
    source.write_text(BY_ARTICLES, "utf-8")
    first = run(source, "--out", str(target))
    assert first.exit_code == 0
    assert "已拆出 19 条" in first.output
    target.write_text("completed", "utf-8")
    again = run(source, "--out", str(target), language="en")
    assert again.exit_code == 1
    assert "not overwritten" in again.output
    assert target.read_text("utf-8") == "completed"


@pytest.mark.parametrize(
    ("name", "data", "zh", "en"),
    [
        ("a.docx", b"PK\x03\x04 not a zip", "docx", "docx"),
        ("a.docx", b"%PDF-1.7 \n", "PDF", "PDF"),
        ("a.txt", b"\x00\xff\xfe\x01" * 100, "", ""),
        ("a.txt", b"", "没有文字", "no text"),
        ("a.txt", b"Only English words here.", "没有中文正文", "no Chinese text"),
        ("a.txt", "一、企业\n".encode() * 1_000_000, "文件过长", "too long"),
    ],
)
def test_files_that_are_no_policy_are_refused_with_what_to_do(tmp_path, name, data, zh, en):
    path = tmp_path / name
    path.write_bytes(data)
    for language, words in (("zh", zh), ("en", en)):
        done = run(path, language=language)
        assert done.exit_code == 1
        assert name in done.output
        assert words.lower() in done.output.lower()
        assert "Traceback" not in done.output
    assert run(tmp_path / "absent.txt").exit_code == 1
