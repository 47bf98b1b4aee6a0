"""A file is what its bytes say."""

import pytest

from services.shared.components.parsers.detect import detect_media_type
from services.shared.components.parsers.media_type import MediaType
from tests.unit.components.parsers.documents import docx, pdf
from tests.unit.components.parsers.packages import epub, odt, pptx, shape, workbook

_MAIL = b"From: a@example.org\r\nReceived: from b\r\n by c\r\nSubject: d\r\n\r\nText.\r\n"


@pytest.mark.parametrize(
    ("content", "filename", "expected"),
    [
        (pdf(["text"]), "report.txt", MediaType.PDF),
        (docx("text"), "report.pdf", MediaType.DOCX),
        (b"<!DOCTYPE html><html><body><p>a</p></body></html>", "page.md", MediaType.HTML),
        (b"\xef\xbb\xbf  <html><body>a</body></html>", "page", MediaType.HTML),
        (b"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'/>", "page.xml", MediaType.HTML),
        (b"<p>a fragment</p>", "page.htm", MediaType.HTML),
        (b"# Title\n\ntext", "notes.md", MediaType.MARKDOWN),
        (b"# no heading in a script", "script.py", MediaType.SOURCE_CODE),
        (b"all: build", "Makefile", MediaType.SOURCE_CODE),
        (b"#!/bin/sh\necho", "start", MediaType.SOURCE_CODE),
        (pptx(shape("text")), "talk.zip", MediaType.PPTX),
        (workbook({"A": [["text"]]}), "table.csv", MediaType.XLSX),
        (odt("text"), "letter.docx", MediaType.ODT),
        (epub("text"), "book", MediaType.EPUB),
        (b"<?xml version='1.0'?><feed/>", "feed.txt", MediaType.XML),
        (b"<feed>text</feed>", "feed.xml", MediaType.XML),
        (b"<feed> is how it begins", "feed.txt", MediaType.PLAIN_TEXT),
        (b' {"a": [1, 2.5, null]}', "notes.md", MediaType.JSON),
        (b"[1, 2]", "upload", MediaType.JSON),
        (b"[1] A reference, and a [2]", "references.txt", MediaType.PLAIN_TEXT),
        (b'{"cut": ', "cut.json", MediaType.JSON),
        (b"no object at all", "text.json", MediaType.PLAIN_TEXT),
        (b'{"a": 1}\n{"a": 2}\n', "upload", MediaType.JSONL),
        (b'{"a": 1}\n{"a": 2}\n', "records.json", MediaType.JSONL),
        (b'{"a": 1}\n', "records.jsonl", MediaType.JSONL),
        (b"a,b\n1,2\n", "table.csv", MediaType.CSV),
        (b"a,b\n1,2\n", "table.txt", MediaType.PLAIN_TEXT),
        (b"a\tb\n1\t2\n", "table.tsv", MediaType.TSV),
        (b"Title\n=====\n", "notes.rst", MediaType.RST),
        (_MAIL, "message", MediaType.EMAIL),
        (b"Subject: only a name tells\n\ntext", "message.eml", MediaType.EMAIL),
        (b"From: me\nTo: you\n\nA letter in a text file.", "letter.txt", MediaType.PLAIN_TEXT),
        (b"plain words", "page.pdf", MediaType.PLAIN_TEXT),
        ("текст".encode("utf-16"), "text.txt", MediaType.PLAIN_TEXT),
        (b"BMW and MZ are brands", "cars.txt", MediaType.PLAIN_TEXT),
    ],
)
def test_the_content_decides(content: bytes, filename: str, expected: MediaType) -> None:
    assert detect_media_type(content, filename) == expected


def test_the_declared_type_decides_between_kinds_of_text() -> None:
    assert detect_media_type(b"# Title", "upload", "text/markdown") == MediaType.MARKDOWN


def test_the_declared_type_makes_a_table_of_text_without_a_name() -> None:
    assert detect_media_type(b"a,b\n1,2\n", "upload", "text/csv") == MediaType.CSV


def test_the_declared_type_does_not_overrule_the_content() -> None:
    assert detect_media_type(pdf(["text"]), "upload", "text/plain") == MediaType.PDF
