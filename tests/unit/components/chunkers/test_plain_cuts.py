"""What the chunkers that look at less than the structure do with a text."""

from itertools import pairwise
from pathlib import Path

import pytest

from services.shared.components.chunkers.chunk import Chunk, Chunker
from services.shared.components.chunkers.fixed import FixedChunker
from services.shared.components.chunkers.sentence import SentenceChunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.parse import parse_document

_SENTENCES = [f"Sentence number {number} is about the wind at the mast." for number in range(60)]


@pytest.fixture
def counter(tokenizer_path: Path) -> TokenCounter:
    return TokenCounter(tokenizer_path)


def _chunks(chunker: Chunker, markdown: str) -> list[Chunk]:
    return chunker.chunk(parse_document(markdown.encode(), filename="a.md"))


def test_sentences_are_packed_whole_and_repeated_whole(counter: TokenCounter) -> None:
    chunks = _chunks(SentenceChunker(counter, max_tokens=128), " ".join(_SENTENCES))
    assert all(chunk.text.startswith("Sentence") and chunk.text.endswith("mast.") for chunk in chunks)
    assert all(before.char_start < after.char_start < before.char_end for before, after in pairwise(chunks))
    assert all(chunk.token_count > 100 for chunk in chunks[:-1])


def test_a_heading_goes_with_the_sentences_below_it(counter: TokenCounter) -> None:
    source = "\n\n".join(f"## Part {part}\n\n{' '.join(_SENTENCES[: 3 + part % 4])}" for part in range(12))
    for chunk in _chunks(SentenceChunker(counter, max_tokens=128), source):
        assert not chunk.text.rsplit("\n", 1)[-1].startswith("#")


def test_windows_are_full_to_the_last_word_and_overlap(counter: TokenCounter) -> None:
    chunks = _chunks(FixedChunker(counter, max_tokens=128, overlap_tokens=20), " ".join(_SENTENCES))
    assert all(chunk.token_count > 120 for chunk in chunks[:-1])
    assert all(before.char_start < after.char_start < before.char_end for before, after in pairwise(chunks))
    assert all(chunk.text.split()[0] in " ".join(_SENTENCES).split() for chunk in chunks)


def test_windows_without_overlap_share_nothing(counter: TokenCounter) -> None:
    chunks = _chunks(FixedChunker(counter, max_tokens=128, overlap_tokens=0), " ".join(_SENTENCES))
    assert all(before.char_end <= after.char_start for before, after in pairwise(chunks))


def test_headings_are_those_that_hold_for_the_whole_chunk(counter: TokenCounter) -> None:
    (chunk,) = _chunks(FixedChunker(counter), "# T\n\n## A\n\none\n\n## B\n\ntwo")
    assert chunk.headings == ("T",)


def test_a_chunk_adds_something_to_the_one_before_it(counter: TokenCounter) -> None:
    paragraph = f"{'0' * 26}！{'0' * 29}"
    headings = f"# {'第一句。第二句！ ' * 4}\n\n# {'port ' * 9}{'Überlastung ' * 5}第一句。第二句！"
    source = f"# port port Überlastung\n\n{paragraph}\n\n{headings}"
    chunks = _chunks(SentenceChunker(counter, max_tokens=96, overlap_tokens=32), source)
    assert all(before.char_end < after.char_end for before, after in pairwise(chunks))


@pytest.mark.parametrize("kind", [SentenceChunker, FixedChunker])
def test_a_budget_that_no_word_would_fit_is_refused(
    kind: type[SentenceChunker] | type[FixedChunker], counter: TokenCounter
) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        kind(counter, max_tokens=40)
