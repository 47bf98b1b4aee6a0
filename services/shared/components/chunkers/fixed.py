"""Windows of a fixed number of tokens: the plainest cut, which looks at nothing but the ends of words."""

from collections.abc import Iterator

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.spans import chunks_of
from services.shared.components.chunkers.tokens import TokenCounter, TokenMap, checked_budget
from services.shared.components.parsers.document import ParsedDocument


class FixedChunker:
    """Chunks as near to `max_tokens` as whole words allow; each repeats up to `overlap_tokens` of the one before it.

    Sentences, tables and headings are cut wherever a window happens to end.
    """

    def __init__(self, counter: TokenCounter, *, max_tokens: int = 256, overlap_tokens: int = 32) -> None:
        self._counter = counter
        self._max_tokens = checked_budget(max_tokens)
        self._overlap_tokens = min(overlap_tokens, max_tokens // 2)

    def chunk(self, document: ParsedDocument) -> list[Chunk]:
        """See `Chunker.chunk`."""
        if not document.blocks:
            return []
        tokens = self._counter.map(document.text)
        return chunks_of(document, self._windows(tokens), lambda start, end: self._counter.seen(tokens, start, end))

    def _windows(self, tokens: TokenMap) -> Iterator[tuple[int, int]]:
        text = tokens.text
        room = self._max_tokens - self._counter.special_tokens
        start, last = len(text) - len(text.lstrip()), len(text.rstrip())
        while True:
            cut = min(last, tokens.furthest(start, room))
            yield start, start + len(text[start:cut].rstrip())
            if cut == last:
                return
            again = tokens.word_back(cut, self._overlap_tokens)
            start = again if tokens.furthest(again, room) > cut else cut
