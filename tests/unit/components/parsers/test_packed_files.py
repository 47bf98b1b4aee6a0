"""Archives of files become one document, within limits."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from typing import Literal

import pytest

from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.parse import parse_document
from tests.unit.components.parsers.documents import docx, zipped

_FILES = {
    "logs/monday.txt": "The mast was inspected on Monday.",
    "guide.md": "# Guide\n\n## Pumps\n\nPump North moves 120 litres.",
    ".git/config": "hidden",
    "__MACOSX/guide.md": "junk",
}


def _tar(files: Mapping[str, str], mode: Literal["w", "w:gz", "w:bz2", "w:xz"] = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return buffer.getvalue()


def _headings(document: ParsedDocument) -> set[tuple[str, ...]]:
    return {block.headings for block in document.blocks}


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("files.zip", zipped(_FILES)),
        ("files.tar", _tar(_FILES)),
        ("files.tar.gz", _tar(_FILES, "w:gz")),
        ("files.tar.bz2", _tar(_FILES, "w:bz2")),
        ("files.tar.xz", _tar(_FILES, "w:xz")),
    ],
)
def test_each_file_stands_under_its_path(filename: str, content: bytes) -> None:
    document = parse_document(content, filename=filename)

    assert document.title == filename
    assert _headings(document) >= {("logs/monday.txt",), ("guide.md", "Guide", "Pumps")}
    assert "The mast was inspected" in document.text
    assert "hidden" not in document.text
    assert "junk" not in document.text
    assert document.warnings == ()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_single_packed_file_is_read_as_itself(pack: Callable[[bytes], bytes]) -> None:
    document = parse_document(pack(b"# Guide\n\nPump North moves 120 litres."), filename="guide.md.gz")
    assert "Pump North" in document.text
    assert ("guide.md", "Guide") in _headings(document)


def test_what_cannot_be_read_is_named_and_the_rest_is_read() -> None:
    document = parse_document(zipped({"a.txt": "The mast.", "b.pdf": "%PDF-1.7 cut", "c.txt": ""}), filename="a.zip")

    assert "The mast." in document.text
    assert [warning.split(" was ")[0] for warning in document.warnings] == ["The file 'b.pdf'", "The file 'c.txt'"]


def test_documents_in_archives_keep_their_structure() -> None:
    buffer = io.BytesIO(zipped({}))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("letter.docx", docx("Dear reader"))
        archive.writestr("inner.zip", zipped({"deep.txt": "The deepest text."}))
    document = parse_document(buffer.getvalue(), filename="letters.zip")

    assert ("letter.docx",) in _headings(document)
    assert ("inner.zip", "deep.txt") in _headings(document)


def test_archives_in_archives_end_somewhere() -> None:
    content = zipped({"a.txt": "The innermost text."})
    for _ in range(6):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("inner.zip", content)
        content = buffer.getvalue()

    with pytest.raises(ParseFailure) as caught:
        parse_document(content, filename="russian-doll.zip")
    assert caught.value.code == "nested_too_deeply"


@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("bomb.gz", gzip.compress(b"0" * 64 * 1024 * 1024, mtime=0), "expands_too_much"),
        ("bomb.tar.gz", _tar({"a.txt": "0" * 64 * 1024 * 1024}, "w:gz"), "expands_too_much"),
        ("bomb.zip", zipped({"a.txt": "0" * 64 * 1024 * 1024}), "expands_too_much"),
        ("cut.tar.gz", _tar(_FILES, "w:gz")[:60], "damaged"),
        ("cut.txt.xz", lzma.compress(b"text" * 1000)[:40], "damaged"),
        ("empty.zip", zipped({}), "no_text"),
        ("hidden.zip", zipped({".a": "a"}), "no_text"),
        ("bad.zip", zipped({"a.pdf": "%PDF-1.7 cut", "b.txt": ""}), "nothing_readable"),
    ],
)
def test_what_cannot_be_opened_has_its_reason(filename: str, content: bytes, code: str) -> None:
    with pytest.raises(ParseFailure) as caught:
        parse_document(content, filename=filename)
    assert caught.value.code == code
