"""What every chunker promises, whatever the document."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from services.shared.components.chunkers.chunk import Chunk, Chunker
from services.shared.components.chunkers.recursive import RecursiveChunker
from services.shared.components.chunkers.structure import StructureChunker
from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.outline import markdown_blocks
from services.shared.components.parsers.parse import parse_document
from tests.unit.components.parsers.documents import SAMPLES

MAX_TOKENS = 96
CHUNKERS: dict[str, Callable[[Path], Chunker]] = {
    "structure": lambda path: StructureChunker(path, max_tokens=MAX_TOKENS),
    "recursive": lambda path: RecursiveChunker(path, max_tokens=MAX_TOKENS),
}

_WORDS = st.sampled_from(
    [
        "port",
        "Überlastung",
        "naïve",
        "7431",
        "e-mail",
        "kilometres",
        "数据库",
        "الطقس",
        "x" * 150,
        "a,b;c",
        "日本" * 30,
        "😀",
    ]
)
_PROSE = st.lists(_WORDS, min_size=1, max_size=60).map(" ".join)
_PARAGRAPH = st.lists(_PROSE, min_size=1, max_size=4).map(". ".join)
_HEADING = st.builds(lambda level, text: f"{'#' * level} {text}", st.integers(1, 6), _PROSE)
_ROW = st.lists(_WORDS, min_size=3, max_size=3).map(lambda cells: f"| {' | '.join(cells)} |")
_TABLE = st.builds(
    lambda rows: "\n".join([rows[0], "|---|---|---|", *rows[1:]]), st.lists(_ROW, min_size=2, max_size=25)
)
_CODE = st.lists(_PROSE, min_size=1, max_size=8).map(lambda lines: "\n".join(["```", *lines, "```"]))
_LIST = st.lists(_PROSE, min_size=1, max_size=8).map(lambda items: "\n".join(f"- {item}" for item in items))
_ANYTHING = st.text(max_size=300)
_BLOCKS = st.lists(st.one_of(_HEADING, _PARAGRAPH, _TABLE, _CODE, _LIST, _ANYTHING), min_size=1, max_size=12)


def _document(markdown: str) -> ParsedDocument:
    text = normalise_text(markdown)
    return ParsedDocument(text=text, title="", media_type="text/markdown", blocks=markdown_blocks(text))


_DOCUMENTS = _BLOCKS.map(lambda blocks: _document("\n\n".join(blocks))).filter(lambda document: document.blocks)
_thorough = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session", params=list(CHUNKERS))
def chunker(request: pytest.FixtureRequest, tokenizer_path: Path) -> Chunker:
    return CHUNKERS[request.param](tokenizer_path)


@pytest.fixture(scope="session")
def seen_by_model(tokenizer_path: Path) -> Callable[[Chunk], int]:
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda chunk: len(tokenizer.encode(chunk.embedding_text))


@_thorough
@given(document=_DOCUMENTS)
def test_spans_are_exact_in_order_and_cover_all_text(chunker: Chunker, document: ParsedDocument) -> None:
    end = 0
    for index, chunk in enumerate(chunker.chunk(document)):
        assert chunk.index == index
        assert document.text[chunk.char_start : chunk.char_end] == chunk.text
        assert chunk.text.strip()
        assert document.text[end : chunk.char_start].strip() == ""
        assert chunk.char_end > end
        end = chunk.char_end
    assert document.text[end:].strip() == ""


@_thorough
@given(document=_DOCUMENTS)
def test_no_chunk_is_more_than_the_model_can_see(
    chunker: Chunker, seen_by_model: Callable[[Chunk], int], document: ParsedDocument
) -> None:
    for chunk in chunker.chunk(document):
        assert seen_by_model(chunk) <= MAX_TOKENS
        assert chunk.token_count == seen_by_model(chunk)


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "数" * 5_000, "a," * 5_000, "─" * 5_000, "word" * 5_000, "\ue000" * 3_000, "![" * 3_000]
)
def test_a_text_without_spaces_is_cut_to_the_budget(
    chunker: Chunker, seen_by_model: Callable[[Chunk], int], text: str
) -> None:
    chunks = chunker.chunk(_document(text))
    assert "".join(chunk.text for chunk in chunks) == text
    assert max(len(chunk.text) for chunk in chunks) < 1_000
    assert max(seen_by_model(chunk) for chunk in chunks) <= MAX_TOKENS


def test_the_same_document_gives_the_same_chunks(chunker: Chunker) -> None:
    name = "aurora-handbook.pdf"
    document = parse_document((SAMPLES / name).read_bytes(), filename=name)
    assert chunker.chunk(document) == chunker.chunk(document)


def test_chunks_know_the_page_they_start_on(chunker: Chunker) -> None:
    name = "aurora-handbook.pdf"
    document = parse_document((SAMPLES / name).read_bytes(), filename=name)
    pages = {chunk.page for chunk in chunker.chunk(document)}
    assert pages == {1, 2, 3}
    for chunk in chunker.chunk(document):
        page = document.pages[(chunk.page or 0) - 1]
        assert page.char_start <= chunk.char_start < page.char_end
