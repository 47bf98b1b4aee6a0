"""Chunks of plain spans of a document: what the chunkers that add no context share."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from functools import reduce

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.sections import common_path
from services.shared.components.parsers.document import BlockKind, ParsedDocument


def chunks_of(
    document: ParsedDocument, spans: Iterable[tuple[int, int]], size: Callable[[int, int], int]
) -> list[Chunk]:
    """The chunks of the spans: the page of the first block, the headings above all content.

    Args:
        size: tokens that the model sees of a span.
    """
    starts = [block.char_start for block in document.blocks]
    chunks: list[Chunk] = []
    for index, (start, end) in enumerate(spans):
        first = max(0, bisect_right(starts, start) - 1)
        blocks = document.blocks[first : max(first + 1, bisect_left(starts, end))]
        content = [block for block in blocks if block.kind is not BlockKind.HEADING] or blocks
        headings = reduce(common_path, (block.headings for block in content))
        text = document.text[start:end]
        chunks.append(Chunk(text, start, end, blocks[0].page, headings, index, size(start, end)))
    return chunks
