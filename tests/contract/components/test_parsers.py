"""What every parser promises, whatever the format. A new parser adds one document to `DOCUMENTS`."""

import unicodedata
from collections.abc import Callable

import pytest

from services.shared.components.parsers.detect import MediaType
from services.shared.components.parsers.document import BlockKind, ParsedDocument
from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.parse import parse_document
from services.shared.components.parsers.registry import PARSERS
from services.shared.components.parsers.wire import decode_result, encode_document
from tests.unit.components.parsers.documents import SAMPLES

DOCUMENTS = {
    MediaType.PDF: "aurora-handbook.pdf",
    MediaType.DOCX: "aurora-visitor-guide.docx",
    MediaType.HTML: "aurora-instruments.html",
    MediaType.PLAIN_TEXT: "aurora-night-log.txt",
    MediaType.MARKDOWN: "README.md",
}
STRUCTURED = [kind for kind in DOCUMENTS if kind is not MediaType.PLAIN_TEXT]


@pytest.fixture(params=list(DOCUMENTS), ids=lambda kind: kind.name)
def media_type(request: pytest.FixtureRequest) -> MediaType:
    return request.param


def _parsed(media_type: MediaType) -> ParsedDocument:
    name = DOCUMENTS[media_type]
    return parse_document((SAMPLES / name).read_bytes(), filename=name)


def test_every_parser_that_is_registered_is_tested_here() -> None:
    assert set(DOCUMENTS) == set(PARSERS) == set(MediaType)


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
    kinds = {block.kind for block in document.blocks}
    assert {BlockKind.HEADING, BlockKind.TABLE} <= kinds
    table = next(block for block in document.blocks if block.kind is BlockKind.TABLE)
    assert table.headings
    assert document.text[table.char_start : table.char_end].count("\n|") >= 3


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: data[:100]], ids=["half", "head"])
@pytest.mark.parametrize("kind", [MediaType.PDF, MediaType.DOCX], ids=lambda kind: kind.name)
def test_a_truncated_file_fails_and_says_so(kind: MediaType, damage: Callable[[bytes], bytes]) -> None:
    content = damage((SAMPLES / DOCUMENTS[kind]).read_bytes())
    with pytest.raises(ParseFailure, match=r"incomplete|pages are missing") as caught:
        parse_document(content, filename=DOCUMENTS[kind])
    assert caught.value.code == "damaged"
