"""Files are told by content, decoded or refused with a code that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from qiao.letters.reading import ReadingError, extract_text, say
from qiao.letters.reading.phrases import ERRORS, NOTICES

SEED = (Path(__file__).parents[3] / "data" / "reply-065.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_in_use_gives_the_same_text(encoding: str) -> None:
    found = extract_text(SEED.encode(encoding), "reply.txt")
    assert found.text == SEED
    assert found.encoding == encoding
    assert found.format == "txt"
    guessed = encoding in {"utf-16-le", "utf-16-be"}
    assert [notice.code for notice in found.warnings] == (["encoding_guessed"] if guessed else [])


@pytest.mark.parametrize("text", ["是", "委员甲：\n您好", "提案 No. 065", "〔2024〕14号——“引号”"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_short_texts(text: str, encoding: str) -> None:
    assert extract_text(text.encode(encoding)).text == text


def test_line_breaks_of_every_kind_and_blank_lines_are_counted() -> None:
    assert extract_text("一\r\n\r二\u2028三\x0b四".encode()).lines == ("一", "", "二", "三", "四")


HOSTILE = {
    "empty": [b"", b"  \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe"],
    "old_word": [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600],
    "encrypted": [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")],
    "pdf": [b"%PDF-1.7\n", b"\n\n%PDF-1.4 junk"],
    "image": [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x00\x00\x00\x00WEBPVP8 "],
    "rtf": [b"{\\rtf1\\ansi hello}"],
    "markup": [b"<!DOCTYPE html><html></html>", b"\xef\xbb\xbf<?xml version='1.0'?><a/>", b"  <HTML>"],
    "archive": [b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08\x00", b"BZh91AY"],
    "binary": [b"\x00\x01\x02\x03" * 50, b"\xff\xfe\x00", "正文".encode() + b"\x00\x00" + "正文".encode(),
               bytes(range(256)) * 4, bytes(range(128, 256)) * 3, b"\x00"],
}  # fmt: skip


@pytest.mark.parametrize(("code", "data"), [(c, d) for c, many in HOSTILE.items() for d in many])
def test_what_cannot_be_read_is_refused_by_name(code: str, data: bytes) -> None:
    with pytest.raises(ReadingError) as refused:
        extract_text(data, "anything.txt")
    assert refused.value.code == code
    for language in ("zh", "en"):
        assert "?" not in say(code, refused.value.params, language)


def test_too_large_says_by_how_much() -> None:
    with pytest.raises(ReadingError) as refused:
        extract_text(b"abcdef", max_bytes=5)
    assert refused.value.code == "too_large"
    assert "6" in say("too_large", refused.value.params, "en")
    assert extract_text(b"abcde", max_bytes=5).text == "abcde"


def test_control_characters_are_removed_and_counted() -> None:
    found = extract_text("正\x07文\u200b。".encode())
    assert found.text == "正文。"
    assert [(n.code, n.params) for n in found.warnings] == [("control_characters", {"count": 2})]


def test_a_name_that_does_not_fit_is_noticed_only() -> None:
    assert [n.code for n in extract_text("正文".encode(), "a.docx").warnings] == ["name_differs"]
    assert extract_text("正文".encode(), "a.TXT").warnings == ()
    assert extract_text("正文".encode(), None).warnings == ()


def test_every_code_has_both_languages() -> None:
    for table in (ERRORS, NOTICES):
        for code, (chinese, english) in table.items():
            assert chinese and english and chinese != english, code
    assert not set(ERRORS) & set(NOTICES)
    assert say("never heard of") == "never heard of"
    assert say("docx_broken") == "Word 文件已损坏（?）。请在 Word 中打开并重新保存。"
