"""What every parser promises, whatever the format. A new parser adds one document to `ONE_OF_EACH`."""

import io
import unicodedata
import zipfile
from collections.abc import Callable

import pytest

from services.shared.components.parsers.document import BlockKind, ParsedDocument
from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.parse import parse_document
from services.shared.components.parsers.registry import PARSERS
from services.shared.components.parsers.wire import decode_result, encode_document
from tests.unit.components.parsers.one_of_each import ONE_OF_EACH

WITHOUT_HEADINGS = {MediaType.PLAIN_TEXT, MediaType.SOURCE_CODE, MediaType.JSONL, MediaType.CSV, MediaType.TSV}
TABLES_ALONE = [MediaType.CSV, MediaType.TSV]
STRUCTURED = [kind for kind in ONE_OF_EACH if kind not in WITHOUT_HEADINGS]
ARCHIVES = [MediaType.DOCX, MediaType.PPTX, MediaType.XLSX, MediaType.ODT, MediaType.EPUB]
CLOSED = [MediaType.PDF, *ARCHIVES, MediaType.XML, MediaType.JSON]
"""The formats that say where they end."""


@pytest.fixture(params=list(ONE_OF_EACH), ids=lambda kind: kind.name)
def media_type(request: pytest.FixtureRequest) -> MediaType:
    return request.param


def _parsed(media_type: MediaType) -> ParsedDocument:
    example = ONE_OF_EACH[media_type]
    return parse_document(example.content, filename=example.filename)


def test_every_parser_that_is_registered_is_tested_here() -> None:
    pictures = {each for each in MediaType if each.startswith("image/")}  # they need OCR: see test_pictures.py
    assert set(ONE_OF_EACH) | pictures == set(PARSERS) == set(MediaType)


def test_blocks_are_in_order_do_not_overlap_and_cover_all_text(media_type: MediaType) -> None:
    document = _parsed(media_type)
    end = 0
    for block in document.blocks:
        assert document.text[end : block.char_start].strip() == ""
        assert block.char_start < block.char_end
        end = block.char_end
    assert document.text[end:].strip() == ""


def test_text_is_normalised(media_type: MediaType) -> None:
    text = _parsed(media_type).text
    assert unicodedata.is_normalized("NFC", text)
    assert not any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text)


def test_the_media_type_is_the_detected_one_and_there_is_a_title(media_type: MediaType) -> None:
    document = _parsed(media_type)
    assert document.media_type == media_type
    assert document.title


def test_parsing_twice_gives_the_same(media_type: MediaType) -> None:
    assert _parsed(media_type) == _parsed(media_type)


def test_a_parse_survives_the_way_between_processes(media_type: MediaType) -> None:
    document = _parsed(media_type)
    assert decode_result(encode_document(document)) == (document, "")


@pytest.mark.parametrize("kind", STRUCTURED, ids=lambda kind: kind.name)
def test_headings_and_tables_are_found(kind: MediaType) -> None:
    document = _parsed(kind)
    assert BlockKind.HEADING in {block.kind for block in document.blocks}
    table = next(block for block in document.blocks if block.kind is BlockKind.TABLE)
    assert table.headings
    assert document.text[table.char_start : table.char_end].count("\n|") >= 3


@pytest.mark.parametrize("kind", TABLES_ALONE, ids=lambda kind: kind.name)
def test_a_file_that_is_a_table_is_one_table_with_its_header(kind: MediaType) -> None:
    document = _parsed(kind)
    assert [block.kind for block in document.blocks] == [BlockKind.TABLE]
    assert document.text.startswith("| Pump | Litres |\n|---|---|\n| North | 120 |\n")


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: data[:100]], ids=["half", "head"])
@pytest.mark.parametrize("kind", CLOSED, ids=lambda kind: kind.name)
def test_a_truncated_file_fails_and_says_so(kind: MediaType, damage: Callable[[bytes], bytes]) -> None:
    example = ONE_OF_EACH[kind]
    with pytest.raises(ParseFailure, match=r"incomplete|pages are missing") as caught:
        parse_document(damage(example.content), filename=example.filename)
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("kind", ARCHIVES, ids=lambda kind: kind.name)
def test_an_archive_with_a_broken_member_fails_and_says_so(kind: MediaType) -> None:
    example = ONE_OF_EACH[kind]
    with zipfile.ZipFile(io.BytesIO(example.content)) as archive:
        texts = [member for member in archive.infolist() if member.filename.endswith(("ml", ".opf"))]
    largest = max(texts, key=lambda member: member.compress_size)
    start = largest.header_offset + 30 + len(largest.filename)
    broken = bytearray(example.content)
    broken[start : start + largest.compress_size] = b"\xff" * largest.compress_size
    with pytest.raises(ParseFailure, match="incomplete") as caught:
        parse_document(bytes(broken), filename=example.filename)
    assert caught.value.code == "damaged"
