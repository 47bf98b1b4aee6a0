"""LangChain's recursive splitter as a chunker: paragraphs, lines, words; headings and tables are not looked at."""

from bisect import bisect_right
from pathlib import Path

from langchain_text_splitters import RecursiveCharacterTextSplitter

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.document import ParsedDocument


class RecursiveChunker:
    """Chunks of at most `max_tokens` without overlap or context, for comparison with the structure-aware chunker."""

    def __init__(self, tokenizer_file: Path, *, max_tokens: int = 256) -> None:
        self._counter = TokenCounter(tokenizer_file)
        self._max_tokens = max_tokens

    def chunk(self, document: ParsedDocument) -> list[Chunk]:
        """See `Chunker.chunk`."""
        splitter = RecursiveCharacterTextSplitter(
            chunk_size=self._max_tokens - self._counter.special_tokens,
            chunk_overlap=0,
            length_function=self._length,
            keep_separator=True,
            strip_whitespace=True,
        )
        starts = [block.char_start for block in document.blocks]
        chunks: list[Chunk] = []
        end = 0
        for index, text in enumerate(splitter.split_text(document.text)):
            start = document.text.index(text, end)  # pieces are in order and only whitespace lies between them
            end = start + len(text)
            block = document.blocks[max(0, bisect_right(starts, start) - 1)]
            size = self._counter.count(text) + self._counter.special_tokens
            chunks.append(Chunk(text, start, end, block.page, block.headings, index, size))
        return chunks

    def _length(self, text: str) -> int:
        """At least 1: characters that the tokenizer drops would otherwise be packed without end."""
        return max(1, self._counter.upper_bound(text))
