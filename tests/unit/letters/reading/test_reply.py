"""Published replies and opinions in the layouts found in the wild; the texts are made up, the shapes are real."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from qiao.letters.model import Contact, Heading, Letter, Paragraph, Table
from qiao.letters.reading import Found, Lines, ReplyReading, letter_text, read_reply
from qiao.letters.reading.titles import find_title

DATA = Path(__file__).parents[3] / "data"
SEED = (DATA / "reply-065.txt").read_text(encoding="utf-8")
FILES = {path.stem: path for path in sorted(DATA.glob("replies/*.txt"))}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def reading(name: str) -> ReplyReading:
    return read_reply(FILES[name].read_text(encoding="utf-8"))


EXPECTED: dict[str, dict[str, Any]] = {
    "02-number-with-letter": {
        "body": "cppcc", "term": 15, "session": 3, "number": "C117", "result": "解决或采纳", "publicity": "主动公开",
        "doc_number": "某发改投〔2024〕14号", "addressees": ("委员甲", "委员乙"), "addressed_to": "many",
        "proposal_title": "关于优化园区停车设施的提案", "date": dt.date(2024, 5, 15), "issuer": "某区发展和改革委员会",
        "closing": "感谢您对园区建设的关心和支持。",
    },
    "03-metadata-table-no-addressee": {
        "body": "cppcc", "term": 13, "session": 5, "number": "0234", "result": "解决采纳", "publicity": "主动公开",
        "addressees": (), "addressed_to": "none", "doc_number": None, "issuer": "某市民政局",
    },
    "04-blanked-answer-per-suggestion": {
        "number": "0946", "addressees": (), "addressed_to": "blanked", "result": None,
        "proposal_title": "关于加强职业教育产教融合的提案", "opening": "现答复如下",
    },
    "05-office-letter": {
        "body": "npc", "body_name": "市人大", "term": 16, "session": 2, "number": "1170", "closing": "特此函复。",
        "proposal_title": "关于制定数字人产业扶持政策", "addressees": ("代表甲代表",),
    },
    "07-empty-metadata": {
        "body": "npc", "term": 6, "session": 1, "number": "029", "result": "正在解决", "doc_number": None,
        "opening": "现将主办意见函复如下",
    },
    "08-second-reply": {
        "kind": "second_reply", "number": "142028", "result": "解决采纳", "previous_result": "部分采纳",
        "publicity": "全部公开", "doc_number": "某绿容〔2019〕44号",
        "addressed_to": "group", "date": dt.date(2019, 10, 14),
    },
    "09-no-metadata": {"kind": "second_reply", "term": 14, "session": 2, "number": "142028", "result": None},
    "10-co-handler-opinion": {
        "kind": "opinion", "number": "145098", "addressees": ("区发展改革委",), "addressed_to": "unit",
        "opening": "现将会办意见函告如下", "proposal_title": "关于打造夜间经济的提案", "closing": "以上意见供参考。",
    },
    "11-co-handler-number-only": {
        "kind": "opinion", "term": None, "session": None, "number": "143016", "date": dt.date(2020, 4, 2),
        "addressed_to": "unit",
    },
    "12-wall-answer": {"title": None, "number": None, "body": None, "date": None, "addressed_to": "none"},
    "13-contact-in-brackets": {"body": "cppcc", "number": "190", "date": dt.date(2021, 7, 13), "addressed_to": "one"},
    "14-many-cosigners": {
        "body": "npc", "term": 1, "session": 1, "number": "20", "result": "A",
        "addressed_to": "many", "date": dt.date(2022, 8, 30),
    },
    "15-one-paragraph": {
        "number": "37", "addressees": ("委员甲", "委员乙委员"), "proposal_title": "关于保护传统村落",
    },
    "17-number-with-year": {
        "number": "20250688", "result": "列入计划拟解决", "addressees": ("委员甲委员",), "addressed_to": "one",
        "opening": "现将有关情况答复如下",
    },
    "18-national": {
        "body": "cppcc", "body_name": "政协全国委员会", "term": 13, "session": 4,
        "number": "4521", "note": "此件社会公开",
    },
    "19-red-header-with-attachment": {
        "number": "082", "signer": "签发人甲", "doc_number": "某科委〔2024〕8号", "addressed_to": "group",
        "note": "此件依申请公开", "issuer": "某区科学技术委员会",
    },
    "20-web-furniture": {"number": "021", "result": "留作参考", "date": dt.date(2023, 4, 28)},
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_layout(name: str) -> None:
    found = reading(name)
    for key, wanted in EXPECTED[name].items():
        value = getattr(found, key)
        assert (value.value if isinstance(value, Found) else value) == wanted, key


@pytest.mark.parametrize("path", [*FILES.values(), DATA / "reply-065.txt"], ids=lambda path: path.stem)
def test_nothing_is_lost_and_every_line_is_placed_once(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = read_reply(text)
    assert squeezed(found.text()) == squeezed(text)
    wanted = [n for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    lines = text.split("\n")
    placed = [
        n for part in found.parts for n in range(part.at.first, part.at.last + 1) if lines[n - 1].strip()
    ]
    assert sorted(set(placed)) == wanted
    assert len(placed) - len(set(placed)) <= 1  # only a salutation may share its line with the opening
    assert Letter.from_dict(found.letter.to_dict()) == found.letter


def test_the_seed_comes_back_word_for_word() -> None:
    found = read_reply(SEED)
    assert squeezed(letter_text(found.letter)) == squeezed(SEED)
    assert found.letter.title_lines == ("对长宁区政协第十五届三次会议", "第 065 号提案的答复")
    assert (found.kind, found.body, found.body_name) == ("reply", "cppcc", "长宁区政协")
    assert (found.term, found.session, found.number) == (15, 3, "065")
    assert found.letter.result == "解决或采纳"
    assert found.letter.signer == "签发人甲"
    assert found.letter.addressees == ("委员甲",)
    assert found.letter.salutation is None
    assert found.letter.signature == ("长宁区科学技术委员会",)
    assert found.letter.date == dt.date(2024, 4, 30)
    assert found.letter.note == "此件公开发布"
    assert found.letter.contact == Contact("联系人甲", "00000000", "安西路 35号", "200050")
    assert found.proposal_title is not None
    assert (
        found.proposal_title.value
        == "关于加快推进 AIGC（AI generated content）与元宇宙领域创新能力建设的建议"
    )
    assert found.closing is not None and found.closing.value.startswith("最后，我们感谢并欢迎您")
    assert [notice.code for notice in found.notices] == ["doubled_about"]
    levels = [block.level for block in found.letter.blocks if isinstance(block, Heading)]
    assert levels == [1, 1, 1, 1]
    leads = [b.lead for b in found.letter.blocks if isinstance(b, Paragraph) and b.lead]
    assert [lead.level for lead in leads] == [2, 2, 2]
    assert leads[0].text == "（一）依托创新平台，构建产业创新生态。"


def test_what_is_found_says_where_it_stands() -> None:
    found = read_reply(SEED)
    assert found.title is not None and found.title.at == Lines(1, 3)
    assert found.result is not None and found.result.at == Lines(5, 5)
    assert found.date is not None and found.date.at == Lines(47, 47)
    assert found.contact["postcode"].at == Lines(53, 53)


def test_metadata_is_kept_and_none_means_empty() -> None:
    found = reading("07-empty-metadata")
    assert {item.label: item.value for item in found.metadata} == {
        "索引号": "", "发文字号": "", "公开类别": "主动公开", "公开期限": "", "办理结果": "正在解决",
    }  # fmt: skip
    putuo = {item.key: item.value for item in reading("08-second-reply").metadata if item.key}
    assert putuo["first_published"] == "20个工作日内"
    assert putuo["period"] == "长期"
    guangde = {item.label: item.value for item in reading("14-many-cosigners").metadata}
    assert guangde["组配分类"] == "建议提案办理"
    assert guangde["关键词"] == ""


def test_eleven_cosigners_over_two_lines() -> None:
    found = reading("14-many-cosigners")
    assert len(found.addressees) == 11
    assert found.salutation is not None and found.salutation.at == Lines(8, 9)


def test_contact_in_brackets_and_in_one_line() -> None:
    for name in ("10-co-handler-opinion", "13-contact-in-brackets", "14-many-cosigners"):
        contact = reading(name).letter.contact
        assert contact is not None and contact.name == "联系人甲" and contact.phone


def test_a_document_with_table_attachments_copies_and_two_signers() -> None:
    letter = reading("19-red-header-with-attachment").letter
    tables = [block for block in letter.blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [3]
    assert letter.attachments == ("算力资源清单", "服务指南")
    assert letter.copies_to == ("区政协提案委", "区府办")
    assert letter.signature == ("某区科学技术委员会", "某区数据局")
    assert (letter.printed_by, letter.printed_on) == ("某区科学技术委员会办公室", dt.date(2024, 4, 22))
    assert letter.form == "letter"


def test_what_is_not_recognised_stays_and_is_named() -> None:
    found = reading("20-web-furniture")
    odd = [notice.at for notice in found.notices if notice.code == "unrecognised"]
    assert odd == [Lines(1, 1), Lines(4, 4), Lines(11, 11)]
    texts = [block.text for block in found.letter.blocks if isinstance(block, Paragraph)]
    assert "首页 > 政务公开 > 建议提案" in texts and "打印 关闭" in texts


def test_a_day_that_does_not_exist_is_said() -> None:
    found = read_reply(SEED.replace("2024年 4月 30日", "2024年 4月 31日"))
    assert found.date is None
    assert "bad_date" in [notice.code for notice in found.notices]
    assert squeezed(found.text()).count("2024年4月31日") == 1


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["对长宁区政协第十五届三次会议", "第 065 号提案的答复"], ("cppcc", 15, 3, "065", "reply")),
        (["对某区政协十五届三次会议第 C 117 号提案的答复函"], ("cppcc", 15, 3, "C117", "reply")),
        (["对某市第十六届人民代表大会", "第二次会议第1170号", "代表建议的答复"], ("npc", 16, 2, "1170", "reply")),
        (["关于对区政协１４届２次会议第１４２０２８号提案的答复"], ("cppcc", 14, 2, "142028", "reply")),
        (["对《关于加强绿化的建议》（第82号）提案的答复函"], ("cppcc", None, None, "82", "reply")),
        (["关于对某区政协十四届二次会议第142028号提案", "的再次答复", "（跟踪办理情况）"],
         ("cppcc", 14, 2, "142028", "second_reply")),
        (["某区关于对某区政协十四届五次会议第145098号提案的会办意见"], ("cppcc", 14, 5, "145098", "opinion")),
        (["关于加强绿化提案的答复"], ("cppcc", None, None, None, "reply")),
        (["今天天气很好"], None),
        (["您提出的提案收悉，现对第065号提案的答复"], None),
    ],
)  # fmt: skip
def test_titles(lines: list[str], wanted: tuple[object, ...] | None) -> None:
    title = find_title(lines)
    if wanted is None:
        assert title is None
    else:
        assert title is not None
        assert (title.body, title.term, title.session, title.number, title.kind) == wanted
        assert (title.first, title.last) == (0, len(lines) - 1)
