"""What every chunker promises, whatever the document, the budget and the overlap."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.registry import build_chunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.document import Block, BlockKind, ParsedDocument
from services.shared.contracts.chunking import SMALLEST_CHUNK_TOKENS, ChunkerName, Chunking
from tests.contract.components.markdown_documents import DOCUMENTS, document_of

KEEPING_ROWS = (ChunkerName.STRUCTURE, ChunkerName.SENTENCE)
OF_EVERY_NAME = pytest.mark.parametrize("name", list(ChunkerName), ids=str)

_thorough = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_CELL = st.sampled_from(["port", "7431", "Ende. Und", "a|b", "数据", "e.g. this", "no? yes!", "naïve"])
_ROW = st.lists(_CELL, min_size=2, max_size=4).map(lambda cells: f"| {' | '.join(cells)} |")


@st.composite
def _chunkings(draw: st.DrawFn, name: ChunkerName) -> Chunking:
    """Every budget and overlap that a collection may have."""
    most = draw(st.integers(SMALLEST_CHUNK_TOKENS, 300))
    overlap = 0 if name is ChunkerName.RECURSIVE else draw(st.integers(0, (most - 1) // 2))
    return Chunking(chunker=name, max_tokens=most, overlap_tokens=overlap)


@pytest.fixture(scope="session")
def counter(tokenizer_path: Path) -> TokenCounter:
    return TokenCounter(tokenizer_path)


@OF_EVERY_NAME
@_thorough
@given(data=st.data(), document=DOCUMENTS)
def test_every_character_is_covered_once_but_for_the_overlap(
    counter: TokenCounter, name: ChunkerName, data: st.DataObject, document: ParsedDocument
) -> None:
    chunking = data.draw(_chunkings(name))
    chunks = build_chunker(chunking, counter).chunk(document)

    covered = [0] * len(document.text)
    for chunk in chunks:
        assert document.text[chunk.char_start : chunk.char_end] == chunk.text
        for place in range(chunk.char_start, chunk.char_end):
            covered[place] += 1
    assert all(times or character.isspace() for times, character in zip(covered, document.text, strict=True))
    for before, after in pairwise(chunks):
        assert before.char_start < after.char_start
        assert before.char_end < after.char_end
        shared = document.text[after.char_start : before.char_end]
        assert counter.count(shared) <= chunking.overlap_tokens
    if not chunking.overlap_tokens:
        assert max(covered, default=0) <= 1


@OF_EVERY_NAME
@_thorough
@given(data=st.data(), document=DOCUMENTS)
def test_no_chunk_is_over_its_budget_whatever_that_is(
    counter: TokenCounter, name: ChunkerName, data: st.DataObject, document: ParsedDocument
) -> None:
    chunking = data.draw(_chunkings(name))
    for chunk in build_chunker(chunking, counter).chunk(document):
        seen = counter.special_tokens + counter.count(chunk.embedding_text)
        assert seen <= chunking.max_tokens
        assert chunk.token_count == seen


@pytest.mark.parametrize("name", KEEPING_ROWS, ids=str)
@_thorough
@given(data=st.data(), rows=st.lists(_ROW, min_size=2, max_size=60), before=st.text("ab .\n", max_size=200))
def test_no_table_is_cut_inside_a_row(
    counter: TokenCounter, name: ChunkerName, data: st.DataObject, rows: list[str], before: str
) -> None:
    chunking = data.draw(_chunkings(name))
    columns = rows[0].count("|") - 1
    document = document_of("\n".join([before, "", rows[0], "|" + "---|" * columns, *rows[1:], "", "The end."]))

    chunks = build_chunker(chunking, counter).chunk(document)

    tables = [block for block in document.blocks if block.kind is BlockKind.TABLE]
    assert tables
    for table in tables:
        for chunk in chunks:
            _assert_at_a_row(document, table, chunk)


def _assert_at_a_row(document: ParsedDocument, table: Block, chunk: Chunk) -> None:
    """Where the chunk begins or ends in the table, a row does."""
    for edge in (chunk.char_start, chunk.char_end):
        if table.char_start < edge < table.char_end:
            line_start = document.text.rfind("\n", 0, edge) + 1
            line_end = document.text.find("\n", edge)
            assert edge in {line_start, len(document.text) if line_end < 0 else line_end}
