"""What every chunker promises, whatever the document."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tokenizers import Tokenizer

from services.shared.components.chunkers.chunk import Chunk, Chunker
from services.shared.components.chunkers.registry import build_chunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.parse import parse_document
from services.shared.contracts.chunking import ChunkerName, Chunking
from tests.contract.components.markdown_documents import DOCUMENTS, document_of
from tests.unit.components.parsers.documents import SAMPLES

MAX_TOKENS = 96
OVERLAP_TOKENS = 32
OVERLAPPING = (ChunkerName.STRUCTURE, ChunkerName.SENTENCE, ChunkerName.FIXED)
KEEPING_ROWS = (ChunkerName.STRUCTURE, ChunkerName.SENTENCE)

_thorough = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _build(name: ChunkerName, tokenizer_path: Path) -> Chunker:
    chunking = Chunking(chunker=name, max_tokens=MAX_TOKENS, overlap_tokens=OVERLAP_TOKENS)
    return build_chunker(chunking, TokenCounter(tokenizer_path))


@pytest.fixture(scope="session", params=list(ChunkerName), ids=str)
def chunker(request: pytest.FixtureRequest, tokenizer_path: Path) -> Chunker:
    return _build(request.param, tokenizer_path)


@pytest.fixture(scope="session")
def seen_by_model(tokenizer_path: Path) -> Callable[[Chunk], int]:
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda chunk: len(tokenizer.encode(chunk.embedding_text))


@_thorough
@given(document=DOCUMENTS)
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
@given(document=DOCUMENTS)
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
    chunks = chunker.chunk(document_of(text))
    assert (chunks[0].char_start, chunks[-1].char_end) == (0, len(text))
    assert all(before.char_end >= after.char_start for before, after in pairwise(chunks))
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


@pytest.mark.parametrize("name", OVERLAPPING, ids=str)
def test_neighbouring_chunks_share_no_more_than_the_overlap(name: ChunkerName, tokenizer_path: Path) -> None:
    document = document_of(" ".join(f"Sentence number {number} is about the wind." for number in range(200)))
    chunks = _build(name, tokenizer_path).chunk(document)
    counter = TokenCounter(tokenizer_path)
    shared = [document.text[after.char_start : before.char_end] for before, after in pairwise(chunks)]
    assert len(chunks) > 10
    assert all(0 < counter.count(text) <= OVERLAP_TOKENS for text in shared)


@pytest.mark.parametrize("name", KEEPING_ROWS, ids=str)
def test_a_table_is_never_cut_inside_a_row(name: ChunkerName, tokenizer_path: Path) -> None:
    rows = [f"| Service number {number}. It is the last. | {7000 + number} | HTTPS |" for number in range(60)]
    document = document_of("\n".join(["| Service | Port | Protocol |", "|---|---|---|", *rows]))
    chunks = _build(name, tokenizer_path).chunk(document)
    assert len(chunks) > 5
    assert [row for chunk in chunks for row in chunk.text.split("\n") if "number" in row] == rows
