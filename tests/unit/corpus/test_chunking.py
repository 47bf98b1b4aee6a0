"""What somebody chose about chunks, completed and checked."""

import pytest

from services.corpus.domain.chunking import ChunkingRules
from services.shared.contracts.chunking import ChunkerName, Chunking, ChunkingChoice
from services.shared.kit.errors import InvalidRequestError

_DEFAULT = Chunking(chunker=ChunkerName.STRUCTURE, max_tokens=256, overlap_tokens=100)
_RULES = ChunkingRules(_DEFAULT, window_tokens=256)


def test_what_is_left_out_is_the_platforms_or_the_collections() -> None:
    collection = Chunking(chunker=ChunkerName.FIXED, max_tokens=200, overlap_tokens=10)

    assert _RULES.completed(ChunkingChoice()) == _DEFAULT
    assert _RULES.completed(ChunkingChoice(max_tokens=128), base=collection) == Chunking(
        chunker=ChunkerName.FIXED, max_tokens=128, overlap_tokens=10
    )


def test_an_overlap_nobody_chose_gives_way() -> None:
    assert _RULES.completed(ChunkingChoice(max_tokens=128)).overlap_tokens == 32
    assert _RULES.completed(ChunkingChoice(chunker=ChunkerName.RECURSIVE)).overlap_tokens == 0


def test_chunks_that_are_read_in_passages_are_small_unless_chosen() -> None:
    asked = ChunkingChoice(chunker=ChunkerName.PARENT_CHILD)
    completed = _RULES.completed(asked)
    assert (completed.max_tokens, completed.overlap_tokens, completed.parent_tokens) == (128, 0, 512)
    assert _RULES.completed(ChunkingChoice(max_tokens=200), base=completed).parent_tokens == 512
    assert _RULES.completed(ChunkingChoice(chunker=ChunkerName.STRUCTURE), base=completed).parent_tokens is None


@pytest.mark.parametrize(
    ("choice", "param", "said"),
    [
        (ChunkingChoice(max_tokens=95), "chunking.max_tokens", "at least 96"),
        (ChunkingChoice(max_tokens=257), "chunking.max_tokens", "256 tokens"),
        (ChunkingChoice(overlap_tokens=-1), "chunking.overlap_tokens", "0 or more"),
        (ChunkingChoice(max_tokens=128, overlap_tokens=64), "chunking.overlap_tokens", "less than half"),
        (ChunkingChoice(chunker=ChunkerName.RECURSIVE, overlap_tokens=1), "chunking.overlap_tokens", "no overlap"),
        (ChunkingChoice(chunker=ChunkerName.PARENT_CHILD, overlap_tokens=1), "chunking.overlap_tokens", "no overlap"),
        (ChunkingChoice(parent_tokens=512), "chunking.parent_tokens", "only the chunker 'parent-child'"),
        (ChunkingChoice(chunker=ChunkerName.PARENT_CHILD, parent_tokens=100), "chunking.parent_tokens", "128"),
        (ChunkingChoice(chunker=ChunkerName.PARENT_CHILD, parent_tokens=9_999), "chunking.parent_tokens", "4,096"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field_and_the_limit(choice: ChunkingChoice, param: str, said: str) -> None:
    with pytest.raises(InvalidRequestError, match=said) as refused:
        _RULES.completed(choice)

    assert refused.value.param == param
