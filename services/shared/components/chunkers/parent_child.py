"""Small chunks to be found by, in larger passages to be read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.structure import StructureChunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.document import ParsedDocument


class ParentChildChunker:
    """Chunks of at most `max_tokens`, as `StructureChunker` cuts them; each knows the passage it belongs to.

    A passage is a run of chunks of at most `parent_tokens`. It ends with the section in which it began, so that the
    headings above its first chunk hold for all of it. Chunks do not overlap: their passage is what is read.
    """

    def __init__(self, counter: TokenCounter, *, max_tokens: int = 128, parent_tokens: int = 512) -> None:
        if parent_tokens < max_tokens:
            raise ValueError(f"parent_tokens is {parent_tokens}, must be at least max_tokens ({max_tokens})")
        self._children = StructureChunker(counter, max_tokens=max_tokens, overlap_tokens=0)
        self._parent_tokens = parent_tokens

    def chunk(self, document: ParsedDocument) -> list[Chunk]:
        """See `Chunker.chunk`."""
        children = self._children.chunk(document)
        return [
            replace(child, parent=(first, last)) if first < last else child
            for first, last in _passages(children, self._parent_tokens)
            for child in children[first : last + 1]
        ]


def _passages(children: Sequence[Chunk], most: int) -> Iterator[tuple[int, int]]:
    """Positions of the first and the last chunk of each passage.

    What a model sees of a chunk is no less than its share of the passage, so passages are never larger than `most`.
    """
    first, size = 0, 0
    for number, child in enumerate(children):
        if number > first and (size + child.token_count > most or not _goes_on(children[first], child)):
            yield first, number - 1
            first, size = number, 0
        size += child.token_count
    if children:
        yield first, len(children) - 1


def _goes_on(first: Chunk, child: Chunk) -> bool:
    """Whether the child stands under all headings that the passage began with."""
    return child.headings[: len(first.headings)] == first.headings
