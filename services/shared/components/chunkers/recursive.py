"""LangChain's recursive splitter as a chunker: paragraphs, lines, words; headings and tables are not looked at."""

from collections.abc import Iterator

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.spans import chunks_of
from services.shared.components.chunkers.tokens import TokenCounter, checked_budget
from services.shared.components.parsers.document import ParsedDocument


class RecursiveChunker:
    """Chunks of at most `max_tokens` without overlap or context, for comparison with the structure-aware chunker."""

    def __init__(self, counter: TokenCounter, *, max_tokens: int = 256) -> None:
        self._counter = counter
        self._max_tokens = checked_budget(max_tokens)

    def chunk(self, document: ParsedDocument) -> list[Chunk]:
        """See `Chunker.chunk`."""
        text, counter = document.text, self._counter
        # Counted anew: where nothing else is left the splitter cuts words.
        return chunks_of(
            document, self._pieces(text), lambda start, end: counter.special_tokens + counter.count(text[start:end])
        )

    def _pieces(self, text: str) -> Iterator[tuple[int, int]]:
        from langchain_text_splitters import RecursiveCharacterTextSplitter  # not before a collection asks for it

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=self._max_tokens - self._counter.special_tokens,
            chunk_overlap=0,
            length_function=self._length,
            keep_separator=True,
            strip_whitespace=True,
        )
        end = 0
        for piece in splitter.split_text(text):
            start = text.index(piece, end)  # pieces are in order and only whitespace lies between them
            end = start + len(piece)
            yield start, end

    def _length(self, text: str) -> int:
        """At least 1: characters that the tokenizer drops would otherwise be packed without end."""
        return max(1, self._counter.upper_bound(text))
