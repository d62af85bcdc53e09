"""Labelled fields on a line or table row: 办理结果：… 签发人：…, 索取号⇥…⇥公开类别⇥…"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qiao.letters.reading.errors import Lines

# What each label means. The labels are those seen on published replies and on members' forms.
LABELS: dict[str, tuple[str, ...]] = {
    "result": ("办理结果", "处理结果", "办理结果类别", "答复类别", "办理类别", "答复类型"),
    "previous_result": ("原办理结果", "前次办理结果", "首次办理结果", "上次办理结果"),
    "signer": ("签发人", "签发"),
    "index_number": ("索取号", "索引号", "信息索引号"),
    "publicity": ("公开类别", "公开属性", "公开方式", "公开形式", "是否公开", "公开程度"),
    "issuer": ("发布机构", "发布机关", "发文机关", "发文单位", "公开主体", "制发机关", "信息提供单位", "发布单位"),
    "doc_number": ("文件编号", "发文字号", "文号", "发文文号"),
    "title": ("标题", "信息名称", "文件名称", "公文名称", "名称", "提案标题",
        "提案题目", "题目", "建议标题", "提案名称", "案由"),
    "date_written": ("成文日期", "生成日期", "制发日期", "发文日期", "落款日期", "形成日期", "答复日期"),
    "date_published": ("发布日期", "公开日期", "发布时间", "公开时间"),
    "first_published": ("首次公开", "公开时限"),
    "period": ("公开期限", "公开起止"),
    "category": (
        "组配分类", "主题分类", "信息分类", "类别", "分类", "提案类别", "提案分类", "建议类别", "所属类别", "内容分类",
    ),
    "keywords": ("主题词", "关键词", "关键字"),
    "validity": ("有效性", "时效性", "有效期"),
    "carrier": ("载体形式", "载体类型", "记录形式"),
    "summary": ("内容概述", "内容摘要", "摘要"),
    "source": ("来源", "信息来源", "稿件来源"),
    "case_number": ("提案编号", "建议编号", "提案号", "编号", "案号", "流水号", "提案案号"),
    "meeting": ("会议届次", "届次", "会次", "所属届次"),
    "proposer": (
        "提案者", "提案人", "第一提案人", "领衔人", "领衔代表", "建议人", "提出人", "提案委员", "领衔提案人",
        "第一提案者", "提案第一人",
    ),
    "cosigner": (
        "联名人", "附议人", "联名提案人", "联合提案人", "第二提案人", "联名委员", "附议委员", "联名者", "联署人",
        "第三提案人", "附议代表", "其他提案人", "共同提案人",
    ),
    "collective": ("提案单位", "集体提案单位", "组织名称", "集体提案者", "提案组织", "提案集体", "提出单位"),
    "sector": ("界别", "所属界别", "党派", "界别组"),
    "employer": ("工作单位", "单位", "单位及职务", "职务", "工作单位及职务"),
    "wanted_unit": ("建议承办单位", "意向主办单位", "意向主办", "意向会办", "建议办理单位", "主办单位", "会办单位",
        "建议主办单位", "建议会办单位", "意向会办单位"),
    "consent": ("是否同意公开", "同意公开", "可否公开"),
    "consent_reason": (
        "不公开原由", "不公开理由", "不公开原因", "不同意公开原由", "不同意公开的原由", "不同意公开理由",
        "不同意公开的理由",
    ),
    "date_submitted": ("提交日期", "提交时间", "提案日期", "提出日期", "日期"),
    "contact_name": ("联系人姓名", "联系人", "经办人", "承办人", "联络人", "承办人员", "联系人员"),
    "contact_phone": (
        "联系电话", "电话", "联系方式", "手机", "手机号码", "联系人电话", "电话号码", "咨询电话", "移动电话",
    ),
    "contact_address": ("通讯地址", "联系地址", "地址", "单位地址", "通信地址"),
    "postcode": ("邮政编码", "邮编"),
    "email": ("电子邮箱", "邮箱", "电子邮件", "E-mail", "Email"),
    "fax": ("传真",),
}  # fmt: skip
CONTACT = ("contact_name", "contact_phone", "contact_address", "postcode")
_STRONG = {"contact_phone", "postcode", "signer", "result", "contact_address"}
_PREFIX = "(?:承办单位|主办单位|会办单位|承办人|经办人|单位|委员)?"
_KEYS = {label: key for key, labels in LABELS.items() for label in labels}
_ANY = "|".join(r"[ 　]{0,2}".join(map(re.escape, label)) for label in sorted(_KEYS, key=len, reverse=True))
_LABELLED = re.compile(rf"(?P<label>{_PREFIX}(?:{_ANY}))[ \t　]{{0,4}}[：:]")
_LABEL = re.compile(rf"[【\[]?(?P<label>{_PREFIX}(?:{_ANY}))[】\]]?[ 　]{{0,2}}[：:]?")
_SPACED = re.compile(
    r"(?P<label>办理结果|签发人|提案人|提案者|联名人|附议人)[ \t　]+(?P<value>[^\s：:，。][^：:，。]*)"
)
_BRACKETED = re.compile(r"[（(【](?P<inner>.*)[）)】][。.]?", re.S)
_EDGE = " \t　；;，,、|。"


@dataclass(frozen=True, slots=True)
class Field:
    """One label and its value. `key` is what the label means, empty where it is not one we know."""

    key: str
    label: str
    value: str
    at: Lines


def key_of(label: str) -> str:
    """What a label means, empty if unknown."""
    match = _LABEL.fullmatch(label.strip())
    if match is None:
        return ""
    plain = re.sub(r"\s", "", match["label"])
    if plain in _KEYS:
        return _KEYS[plain]
    return next((_KEYS[plain[n:]] for n in range(1, len(plain)) if plain[n:] in _KEYS), "")


def fields_in(line: str, at: Lines) -> list[Field]:
    """The fields a line consists of; none if it does not begin with a known label."""
    text = line.strip()
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        text = bracketed["inner"].strip()
    if "\t" in text:
        row = _row(text, at)
        if row:
            return row
    found = [
        match
        for match in _LABELLED.finditer(text)
        if match.start() == 0 or text[match.start() - 1] in _EDGE or key_of(match["label"]) in _STRONG
    ]
    if found and found[0].start() == 0:
        ends = [match.start() for match in found[1:]] + [len(text)]
        return [
            Field(key_of(match["label"]), _plain(match["label"]), _value(text[match.end() : end]), at)
            for match, end in zip(found, ends, strict=True)
        ]
    spaced = _SPACED.fullmatch(text)
    return [Field(key_of(spaced["label"]), spaced["label"], _value(spaced["value"]), at)] if spaced else []


def _row(text: str, at: Lines) -> list[Field]:
    """A table row of label and value cells, one pair or several."""
    cells = [cell.strip() for cell in text.split("\t")]
    if not key_of(cells[0]):
        return []
    fields: list[Field] = []
    index = 0
    while index < len(cells):
        key = key_of(cells[index])
        following = cells[index + 1] if index + 1 < len(cells) else ""
        if key and not (key_of(following) and fields and key_of(following) != key):
            fields.append(Field(key, _plain(cells[index]), _value(following), at))
            index += 2
            continue
        inner = _LABELLED.match(cells[index])
        if inner:
            value = _value(cells[index][inner.end() :])
            fields.append(Field(key_of(inner["label"]), _plain(inner["label"]), value, at))
        elif cells[index] and fields:
            fields.append(Field("", _plain(cells[index]), _value(following), at))
            index += 1
        index += 1
    return fields


def _plain(label: str) -> str:
    return re.sub(r"[\s：:【】\[\]]", "", label)


def _value(text: str) -> str:
    """The value as printed; 无 and dashes stand for nothing."""
    value = re.sub(r"\s+", " ", text.strip(_EDGE))
    return "" if value in {"无", "／", "/", "-", "--", "—", "——"} else value
