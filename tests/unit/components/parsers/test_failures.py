"""Each kind of bad file has its own code and a message that says what to do."""

import io
import zipfile

import pytest

from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.parse import parse_document
from tests.unit.components.parsers.documents import DATA, docx_of_xml, pdf, zipped
from tests.unit.components.parsers.packages import epub, odt, pptx, workbook

_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
_BINARY = bytes(range(256)) * 40
_LAUGHS = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))
_DOCTYPE = f'<!DOCTYPE lolz [<!ENTITY lol0 "lol">{_LAUGHS}]>'
_CUT_MAIL = b"From: a@b.c\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nThe first par"


def _failure(content: bytes, filename: str) -> ParseFailure:
    with pytest.raises(ParseFailure) as caught:
        parse_document(content, filename=filename)
    return caught.value


@pytest.mark.parametrize(
    ("content", "filename", "code", "says"),
    [
        (b"", "empty.md", "empty_file", "0 bytes"),
        (b" \n\t\n ", "blank.txt", "no_text", "holds no text"),
        (b"<html><body><script>var a = 1</script></body></html>", "app.html", "no_text", "holds no text"),
        (_PNG, "scan.pdf", "ocr_needed", "picture"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "notes.txt", "unsupported_media_type", "7-Zip archive"),
        (_BINARY, "data.txt", "binary", "binary data"),
        (b"\x01\x02\x03\x04" * 100, "data.txt", "binary", "binary data"),
        (rb"{\rtf1 Hello}", "letter.doc", "unsupported_media_type", "RTF"),
        (b"<?xml version='1.0'?><feed/>", "feed.xml", "no_text", "holds no text"),
        (b"<?xml version='1.0'?><feed><a></feed>", "feed.xml", "damaged", "mismatched tag"),
        (b'{"a": 1,\n "b": [2', "cut.json", "damaged", "line 2"),
        (b'{"a": 1}\n{"a": 2}\n{"a"', "cut.jsonl", "damaged", "line 3"),
        (b"a,b\n1,2\n\x00\x00", "table.csv", "binary", "binary data"),
        (b"def f():\x00", "script.py", "binary", "binary data"),
        (b'a,b\n"' + b"never closed, " * 20_000, "table.csv", "damaged", "quotation mark"),
        (b"\n,,\n ,\n", "blank.csv", "no_text", "holds no text"),
        (_CUT_MAIL, "cut.eml", "damaged", "incomplete"),
        (pptx("<p:pic/>"), "pictures.pptx", "no_text", "holds no text"),
        (workbook({"Empty": []}), "empty.xlsx", "no_text", "holds no text"),
        (b"%PDF-1.7\nnothing\n%%EOF", "broken.pdf", "damaged", "fetch it again"),
        (pdf([], []), "scan.pdf", "ocr_needed", "OCR"),
        (b"PK\x03\x04 cut short", "cut.docx", "damaged", "incomplete"),
        (zipped({"a.txt": "a"}), "files.docx", "unsupported_media_type", "ZIP archive"),
        (zipped({"xl/workbook.bin": "a"}), "book.xlsb", "unsupported_media_type", "binary Excel"),
        (zipped({"content.xml": "a"}), "sheet.ods", "unsupported_media_type", "OpenDocument"),
        (zipped({"xl/workbook.xml": "a"}), "book.docx", "damaged", "damaged"),
        (zipped({"ppt/presentation.xml": "a"}), "talk.pptx", "damaged", "damaged"),
        (zipped({"META-INF/container.xml": "<container/>"}), "book.epub", "damaged", "damaged"),
        (docx_of_xml("<w:document"), "broken.docx", "damaged", "damaged"),
        (docx_of_xml(f"{_DOCTYPE}<a>&lol9;</a>"), "laughs.docx", "entity_declarations", "entities"),
        (f"<!doctype html>{_DOCTYPE}<p>&lol9;</p>".encode(), "laughs.html", "entity_declarations", "entities"),
        (f"<?xml version='1.0'?>{_DOCTYPE}<a>&lol9;</a>".encode(), "laughs.xml", "entity_declarations", "entities"),
        (f"<?xml version='1.0'?>{_DOCTYPE}<a/>".encode("utf-16"), "laughs.xml", "entity_declarations", "entities"),
        (zipped({"ppt/presentation.xml": f"{_DOCTYPE}<a/>"}), "laughs.pptx", "entity_declarations", "entities"),
        (zipped({"xl/workbook.xml": f"{_DOCTYPE}<a/>"}), "laughs.xlsx", "entity_declarations", "entities"),
        (zipped({"META-INF/container.xml": f"{_DOCTYPE}<a/>"}), "laughs.epub", "entity_declarations", "entities"),
        (
            zipped({"mimetype": MediaType.ODT, "content.xml": f"{_DOCTYPE}<a/>"}),
            "a.odt",
            "entity_declarations",
            "entities",
        ),
        (epub(f"</body></html>{_DOCTYPE}<p>&lol9;</p>"), "chapter.epub", "entity_declarations", "entities"),
        (b"<div>" * 50_000 + b"deep" + b"</div>" * 50_000, "deep.html", "nested_too_deeply", "1,000 levels"),
        (b"<a>" * 50_000 + b"deep" + b"</a>" * 50_000, "deep.xml", "nested_too_deeply", "200 levels"),
        (b"[" * 50_000 + b"]" * 50_000, "deep.json", "nested_too_deeply", "100 levels"),
        (b"[" * 150 + b"[1, 2]" + b"]" * 150, "deep.json", "nested_too_deeply", "100 levels"),
        (odt("<text:section>" * 300 + "</text:section>" * 300), "deep.odt", "nested_too_deeply", "200 levels"),
        (epub("secret", encryption="OEBPS/text/part1 a.xhtml"), "book.epub", "encrypted", "copy protection"),
        (odt("secret", manifest="<encryption-data/>"), "a.odt", "encrypted", "without the password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.doc", "unsupported_media_type", "old Office"),
        ("\ufffd \ue000 ".encode() * 50, "fonts.txt", "garbled_text", "cannot be read"),
    ],
)
def test_a_bad_file_fails_with_its_reason(content: bytes, filename: str, code: str, says: str) -> None:
    failure = _failure(content, filename)
    assert failure.code == code
    assert says in failure.message


@pytest.mark.parametrize("name", ["encrypted.pdf", "encrypted.docx"])
def test_a_file_behind_a_password_says_so(name: str) -> None:
    failure = _failure((DATA / name).read_bytes(), name)
    assert failure.code == "encrypted"
    assert "without the password" in failure.message


@pytest.mark.parametrize(
    "member",
    ["word/document.xml", "ppt/presentation.xml", "xl/workbook.xml", "META-INF/container.xml"],
)
def test_a_zip_bomb_is_not_unpacked(member: str) -> None:
    failure = _failure(zipped({member: " " * 48_000_000}), "bomb.zip")
    assert failure.code == "expands_too_much"


def test_a_member_behind_a_password_is_not_tried() -> None:
    content = bytearray(odt("text"))
    at = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)  # the directory's second entry: content.xml
    content[at + 8] |= 1
    assert _failure(bytes(content), "a.odt").code == "encrypted"


def test_an_archive_with_too_many_members_is_not_opened() -> None:
    parts = {f"word/part{number}.xml": "" for number in range(10_001)}
    assert _failure(zipped({"word/document.xml": "", **parts}), "many.docx").code == "expands_too_much"


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    honest = docx_of_xml("x" * 5_000)
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        size = archive.getinfo("word/document.xml").file_size
    lying = honest.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest
    assert _failure(lying, "liar.docx").code == "damaged"


def test_no_text_is_lost_without_a_word_when_only_some_pages_are_scans() -> None:
    document = parse_document(pdf(["The only page with text."], []), filename="mixed.pdf")
    assert "only page with text" in document.text
    assert document.warnings == ("1 page(s) have no text and were skipped; scans need OCR first (pages 2).",)
