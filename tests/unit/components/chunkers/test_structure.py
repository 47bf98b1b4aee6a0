"""The structure-aware chunker follows headings, tables, code and sentences."""

from itertools import pairwise
from pathlib import Path

import pytest

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.structure import StructureChunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.parse import parse_document

_SENTENCE = "The duty operator listens on the emergency channel at all times. "


def _chunks(markdown: str, tokenizer_path: Path, *, max_tokens: int = 128) -> list[Chunk]:
    document = parse_document(markdown.encode(), filename="a.md")
    return StructureChunker(TokenCounter(tokenizer_path), max_tokens=max_tokens).chunk(document)


def test_sections_are_kept_apart(tokenizer_path: Path) -> None:
    chunks = _chunks(f"# T\n\n## A\n\n{_SENTENCE * 5}\n\n## B\n\n{_SENTENCE * 5}", tokenizer_path)
    assert [chunk.headings for chunk in chunks] == [("T", "A"), ("T", "B")]


def test_tiny_sections_are_joined_under_the_heading_they_share(tokenizer_path: Path) -> None:
    chunks = _chunks("# T\n\n## A\n\none\n\n## B\n\ntwo\n\n## C\n\nthree\n\n# U\n\nfour", tokenizer_path)
    assert [chunk.headings for chunk in chunks] == [("T",), ("U",)]
    assert "one" in chunks[0].text
    assert "three" in chunks[0].text


def test_the_path_of_headings_stands_before_the_text_that_is_embedded(tokenizer_path: Path) -> None:
    chunks = _chunks(f"# T\n\n## A\n\n### X\n\n{_SENTENCE * 25}", tokenizer_path)
    assert len(chunks) > 2
    assert chunks[1].embedding_text.startswith("T > A > X\n")
    assert {chunk.headings for chunk in chunks} == {("T", "A", "X")}


def test_a_heading_in_the_text_is_not_repeated_before_it(tokenizer_path: Path) -> None:
    (chunk,) = _chunks(f"# T\n\n{_SENTENCE}", tokenizer_path)
    assert chunk.embedding_text == chunk.text


def test_a_heading_never_ends_a_chunk(tokenizer_path: Path) -> None:
    source = "\n\n".join(f"## Part {number}\n\n{_SENTENCE * (3 + number % 4)}" for number in range(12))
    for chunk in _chunks(f"# T\n\n{source}", tokenizer_path):
        assert not chunk.text.rsplit("\n", 1)[-1].startswith("#")


def test_prose_is_cut_between_sentences_and_overlaps_by_whole_ones(tokenizer_path: Path) -> None:
    sentences = [f"Sentence number {number} is about the wind at the mast." for number in range(60)]
    chunks = _chunks(" ".join(sentences), tokenizer_path)
    assert all(chunk.text.startswith("Sentence") and chunk.text.endswith("mast.") for chunk in chunks)
    for before, after in pairwise(chunks):
        assert before.char_start < after.char_start < before.char_end


def test_a_table_is_cut_between_rows_and_each_part_knows_its_header(tokenizer_path: Path) -> None:
    rows = [f"| Service number {number} | {7000 + number} | HTTPS |" for number in range(60)]
    table = "\n".join(["| Service | Port | Protocol |", "|---|---|---|", *rows])
    chunks = _chunks(f"# Ports\n\n{table}", tokenizer_path)
    assert len(chunks) > 3
    for chunk in chunks:
        assert "| Service | Port | Protocol |" in chunk.embedding_text
        assert all(line.endswith("HTTPS |") for line in chunk.text.split("\n") if "number" in line)
    assert [row for chunk in chunks for row in chunk.text.split("\n") if "number" in row] == rows


def test_a_code_block_that_fits_is_kept_whole(tokenizer_path: Path) -> None:
    code = "```sh\n" + "\n".join(f"make step-{number}" for number in range(10)) + "\n```"
    chunks = _chunks(f"# T\n\n{_SENTENCE * 6}\n\n{code}\n\n{_SENTENCE * 6}", tokenizer_path)
    assert sum(code in chunk.text for chunk in chunks) == 1


def test_a_long_code_block_is_cut_between_lines(tokenizer_path: Path) -> None:
    lines = [f"make step-{number} --verbose" for number in range(80)]
    chunks = _chunks("```sh\n" + "\n".join(lines) + "\n```", tokenizer_path)
    assert [line for chunk in chunks for line in chunk.text.split("\n") if line.startswith("make")] == lines


def test_the_tokenizer_does_not_truncate(tokenizer_path: Path) -> None:
    chunks = _chunks("wind " * 40_000, tokenizer_path, max_tokens=256)
    assert len(chunks) > 150


def test_a_budget_that_no_word_would_fit_is_refused(tokenizer_path: Path) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        StructureChunker(TokenCounter(tokenizer_path), max_tokens=40)


def test_a_document_without_blocks_has_no_chunks(tokenizer_path: Path) -> None:
    document = parse_document(b"a", filename="a.txt")
    empty = type(document)(text="", title="", media_type="text/plain", blocks=())
    assert StructureChunker(TokenCounter(tokenizer_path)).chunk(empty) == []
