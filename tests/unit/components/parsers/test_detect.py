"""A file is what its bytes say."""

import pytest

from services.shared.components.parsers.detect import MediaType, detect_media_type
from tests.unit.components.parsers.documents import docx, pdf


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
        (b"# no heading in a script", "script.py", MediaType.PLAIN_TEXT),
        (b"plain words", "page.pdf", MediaType.PLAIN_TEXT),
        ("текст".encode("utf-16"), "text.txt", MediaType.PLAIN_TEXT),
        (b"BMW and MZ are brands", "cars.txt", MediaType.PLAIN_TEXT),
    ],
)
def test_the_content_decides(content: bytes, filename: str, expected: MediaType) -> None:
    assert detect_media_type(content, filename) == expected


def test_the_declared_type_decides_between_kinds_of_text() -> None:
    assert detect_media_type(b"# Title", "upload", "text/markdown") == MediaType.MARKDOWN


def test_the_declared_type_does_not_overrule_the_content() -> None:
    assert detect_media_type(pdf(["text"]), "upload", "text/plain") == MediaType.PDF
