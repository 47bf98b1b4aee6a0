"""Which chunker stands behind which name. A new one gets a name in `ChunkerName` and a line here."""

from collections.abc import Callable, Mapping

from services.shared.components.chunkers.chunk import Chunker
from services.shared.components.chunkers.fixed import FixedChunker
from services.shared.components.chunkers.parent_child import ParentChildChunker
from services.shared.components.chunkers.recursive import RecursiveChunker
from services.shared.components.chunkers.sentence import SentenceChunker
from services.shared.components.chunkers.structure import StructureChunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.contracts.chunking import ChunkerName, Chunking

CHUNKERS: Mapping[ChunkerName, Callable[[TokenCounter, Chunking], Chunker]] = {
    ChunkerName.STRUCTURE: lambda counter, chosen: StructureChunker(
        counter, max_tokens=chosen.max_tokens, overlap_tokens=chosen.overlap_tokens
    ),
    ChunkerName.RECURSIVE: lambda counter, chosen: RecursiveChunker(counter, max_tokens=chosen.max_tokens),
    ChunkerName.SENTENCE: lambda counter, chosen: SentenceChunker(
        counter, max_tokens=chosen.max_tokens, overlap_tokens=chosen.overlap_tokens
    ),
    ChunkerName.PARENT_CHILD: lambda counter, chosen: ParentChildChunker(
        counter, max_tokens=chosen.max_tokens, parent_tokens=chosen.parent_tokens or chosen.max_tokens
    ),
    ChunkerName.FIXED: lambda counter, chosen: FixedChunker(
        counter, max_tokens=chosen.max_tokens, overlap_tokens=chosen.overlap_tokens
    ),
}


def build_chunker(chunking: Chunking, counter: TokenCounter) -> Chunker:
    """The chunker that cuts as `chunking` says; building one costs nothing, the tokenizer is the counter's."""
    return CHUNKERS[chunking.chunker](counter, chunking)
