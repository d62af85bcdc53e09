"""What a person is told for each code of this package, in Chinese and English: what it is and what to do."""

from __future__ import annotations

from collections.abc import Mapping

ERRORS: dict[str, tuple[str, str]] = {
    "empty": (
        "文件里没有文字。请检查后重新上传。",
        "The file holds no text. Check it and upload it again.",
    ),
    "too_large": (
        "文件有{size}字节，超过{limit}字节的上限。请删去图片或拆分后再上传。",
        "The file has {size} bytes, more than the {limit} allowed. Remove pictures or split it.",
    ),
    "old_word": (
        "这是旧版 Word 文件（.doc）。请在 Word 或 WPS 中另存为 .docx 后再上传。",
        "This is an old Word file (.doc). Save it as .docx in Word or WPS and upload that.",
    ),
    "encrypted": (
        "文件设有密码。请去掉密码后再上传。",
        "The file is protected by a password. Remove the password and upload it again.",
    ),
    "pdf": (
        "这是 PDF。请上传原来的 .docx，或把文字粘贴进来。",
        "This is a PDF. Upload the .docx it was made from, or paste the text.",
    ),
    "ofd": (
        "这是 OFD 版式文件。请上传原来的 .docx，或把文字粘贴进来。",
        "This is an OFD file. Upload the .docx it was made from, or paste the text.",
    ),
    "image": (
        "这是图片，里面的字读不出来。请上传 .docx 或 .txt。",
        "This is a picture; its text cannot be read. Upload a .docx or .txt file.",
    ),
    "rtf": (
        "这是 RTF 文件。请另存为 .docx 后再上传。",
        "This is an RTF file. Save it as .docx and upload that.",
    ),
    "markup": (
        "这是网页文件。请把正文复制出来粘贴，或另存为 .docx。",
        "This is a web page. Copy its text and paste it, or save it as .docx.",
    ),
    "archive": (
        "这是压缩包。请解压后上传里面的 .docx 或 .txt。",
        "This is an archive. Unpack it and upload the .docx or .txt inside.",
    ),
    "other_office": (
        "这不是 Word 文档（可能是表格、演示文稿或其他格式）。请另存为 .docx。",
        "This is not a Word document (perhaps a sheet, slides or another format). Save it as .docx.",
    ),
    "binary": (
        "这不是文本文件，或编码无法识别。请另存为 .docx 或 UTF-8 文本。",
        "This is not a text file, or its encoding is unknown. Save it as .docx or UTF-8 text.",
    ),
    "docx_broken": (
        "Word 文件已损坏（{part}）。请在 Word 中打开并重新保存。",
        "The Word file is damaged ({part}). Open it in Word and save it again.",
    ),
    "docx_unsafe": (
        "Word 文件含有不允许的内容（{part}），没有读取。请重新另存一份。",
        "The Word file holds something that is not allowed ({part}) and was not read. Save a fresh copy.",
    ),
    "docx_too_big": (
        "Word 文件解压后过大，没有读取。请删去图片和附件后再上传。",
        "The Word file is too large once unpacked and was not read. Remove pictures and attachments.",
    ),
}

NOTICES: dict[str, tuple[str, str]] = {
    "name_differs": (
        "文件名与内容不符，按内容读取。",
        "The file name does not fit its content; read by content.",
    ),
    "control_characters": (
        "有{count}个不可见控制字符，已去掉。",
        "{count} invisible control characters were removed.",
    ),
    "encoding_guessed": (
        "编码是推断的（{encoding}），请核对文字。",
        "The encoding was guessed ({encoding}); check the text.",
    ),
    "tracked_changes": (
        "文件里有修订痕迹，按“接受全部修订”读取。",
        "The file has tracked changes; it was read as if all were accepted.",
    ),
    "hidden_text": ("文件里有隐藏文字，没有读取。", "The file has hidden text, which was not read."),
    "notes_left_out": ("脚注、尾注没有读取。", "Footnotes and endnotes were not read."),
    "pictures_left_out": ("有{count}张图片，没有读取。", "{count} pictures were not read."),
    "numbering_guessed": (
        "有自动编号的格式不认识，编号没有还原。",
        "An automatic numbering format is unknown; those numbers were not recovered.",
    ),
    "no_title": ("没有找到标题。", "No title was found."),
    "no_number": ("没有找到提案或建议的编号。", "No case number was found."),
    "no_session": ("没有找到届次。", "No term and session were found."),
    "no_opening": ("没有找到“收悉”一类的开头。", "No opening formula was found."),
    "no_addressee": ("没有找到主送对象。", "No addressee was found."),
    "blanked_addressee": ("主送对象的姓名已被隐去。", "The addressee's name is blanked."),
    "no_result": ("没有写办理结果。", "No result is stated."),
    "no_signature": ("没有找到落款单位。", "No signing unit was found."),
    "no_date": ("没有找到成文日期。", "No date was found."),
    "bad_date": ("日期“{text}”不是真实的日期。", "The date “{text}” does not exist."),
    "unrecognised": (
        "这一行没有认出，按正文保留。",
        "This line was not recognised; it is kept as body text.",
    ),
    "no_body": ("没有找到正文。", "No body was found."),
    "doubled_about": ("引用的题目里“关于”重复。", "“关于” is doubled in the quoted title."),
    "no_proposer": ("没有找到提案者。", "No proposer was found."),
    "no_contact": ("集体提案没有写联系人。", "A collective proposal names no contact."),
    "missing_background": ("缺少“背景情况”。", "The part “background” is missing."),
    "missing_problem": ("缺少“问题及分析”。", "The part “problems and analysis” is missing."),
    "missing_suggestion": ("缺少“具体建议”。", "The part “suggestions” is missing."),
    "empty_part": ("这一部分只有标题，没有内容。", "This part has a heading but no words."),
    "merged_parts": ("背景与问题写在同一部分。", "Background and problems are written as one part."),
    "doubled_part": ("同一部分出现了两次，已合在一起。", "One part appears twice; both are kept together."),
}


def say(code: str, params: Mapping[str, str | int] | None = None, language: str = "zh") -> str:
    """The sentence for a code. An unknown code is given back as it is."""
    pair = ERRORS.get(code) or NOTICES.get(code)
    if pair is None:
        return code
    return pair[0 if language.startswith("zh") else 1].format_map(_Forgiving(params or {}))


class _Forgiving(dict[str, str | int]):
    def __missing__(self, key: str) -> str:
        return "?"
