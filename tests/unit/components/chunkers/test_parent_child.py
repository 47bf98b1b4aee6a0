"""Small chunks in larger passages."""

from pathlib import Path

import pytest

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.parent_child import ParentChildChunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.parse import parse_document

_SENTENCE = "The duty operator listens on the emergency channel at all times. "


def _chunks(markdown: str, tokenizer_path: Path, *, max_tokens: int = 96, parent_tokens: int = 400) -> list[Chunk]:
    document = parse_document(markdown.encode(), filename="a.md")
    chunker = ParentChildChunker(TokenCounter(tokenizer_path), max_tokens=max_tokens, parent_tokens=parent_tokens)
    return chunker.chunk(document)


def test_each_chunk_knows_the_passage_it_is_read_in(tokenizer_path: Path) -> None:
    chunks = _chunks(f"# T\n\n{_SENTENCE * 100}", tokenizer_path)

    parents = [chunk.parent for chunk in chunks if chunk.parent is not None]
    assert len(parents) == len(chunks)
    assert len(set(parents)) > 2
    for chunk, (first, last) in zip(chunks, parents, strict=True):
        assert first <= chunk.index <= last
        assert sum(each.token_count for each in chunks[first : last + 1]) <= 400


def test_a_passage_ends_with_its_section(tokenizer_path: Path) -> None:
    chunks = _chunks(f"# T\n\n## A\n\n{_SENTENCE * 12}\n\n## B\n\n{_SENTENCE * 12}", tokenizer_path)
    for chunk in chunks:
        first, last = chunk.parent or (chunk.index, chunk.index)
        assert {each.headings for each in chunks[first : last + 1]} == {chunk.headings}


def test_a_chunk_alone_is_its_own_passage(tokenizer_path: Path) -> None:
    (chunk,) = _chunks(f"# T\n\n{_SENTENCE}", tokenizer_path)
    assert chunk.parent is None


def test_passages_smaller_than_chunks_are_refused(tokenizer_path: Path) -> None:
    with pytest.raises(ValueError, match="parent_tokens is 96"):
        _chunks("text", tokenizer_path, max_tokens=128, parent_tokens=96)
