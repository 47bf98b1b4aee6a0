"""Each kind of bad file has its own code and a message that says what to do."""

import gzip
import io
import zipfile

import pytest

from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.parse import parse_document
from tests.unit.components.parsers.documents import DATA, docx_of_xml, pdf, zipped

_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
_BINARY = bytes(range(256)) * 40
_LAUGHS = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))
_DOCTYPE = f'<!DOCTYPE lolz [<!ENTITY lol0 "lol">{_LAUGHS}]>'


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
        (_PNG, "scan.pdf", "unsupported_media_type", "PNG picture"),
        (gzip.compress(b"text"), "notes.txt", "unsupported_media_type", "gzip archive"),
        (_BINARY, "data.txt", "binary", "binary data"),
        (b"\x01\x02\x03\x04" * 100, "data.txt", "binary", "binary data"),
        (rb"{\rtf1 Hello}", "letter.doc", "unsupported_media_type", "RTF"),
        (b"<?xml version='1.0'?><feed/>", "feed.xml", "unsupported_media_type", "an XML file"),
        (b"%PDF-1.7\nnothing\n%%EOF", "broken.pdf", "damaged", "fetch it again"),
        (pdf([], []), "scan.pdf", "ocr_needed", "OCR"),
        (b"PK\x03\x04 cut short", "cut.docx", "damaged", "incomplete"),
        (zipped({"a.txt": "a"}), "files.docx", "unsupported_media_type", "ZIP archive"),
        (zipped({"xl/workbook.xml": "a"}), "book.docx", "unsupported_media_type", "Excel"),
        (zipped({"ppt/presentation.xml": "a"}), "talk.pptx", "unsupported_media_type", "PowerPoint"),
        (docx_of_xml("<w:document"), "broken.docx", "damaged", "damaged"),
        (docx_of_xml(f"{_DOCTYPE}<a>&lol9;</a>"), "laughs.docx", "entity_declarations", "entities"),
        (f"<!doctype html>{_DOCTYPE}<p>&lol9;</p>".encode(), "laughs.html", "entity_declarations", "entities"),
        (f"<?xml version='1.0'?>{_DOCTYPE}<a>&lol9;</a>".encode(), "laughs.xml", "unsupported_media_type", "XML"),
        (b"<div>" * 50_000 + b"deep" + b"</div>" * 50_000, "deep.html", "nested_too_deeply", "1,000 levels"),
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


def test_a_zip_bomb_is_not_unpacked() -> None:
    failure = _failure(docx_of_xml(" " * 48_000_000), "bomb.docx")
    assert failure.code == "expands_too_much"


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
