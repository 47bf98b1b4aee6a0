"""What a chunker produces, and what a chunker is."""

from dataclasses import dataclass
from typing import Protocol

from services.shared.components.parsers.document import ParsedDocument


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a document: `document.text[char_start:char_end] == text`.

    `context` is what is put before the text for embedding (the headings above it, a table's header row); it is not
    part of the span. `token_count` counts what the model sees: context, text and special tokens. `page` is the page
    the chunk starts on; `headings` the path of titles that holds for the whole chunk, outermost first. `parent` is the
    positions of the first and the last chunk of the passage in which it is to be read, where that is more than itself.
    """

    text: str
    char_start: int
    char_end: int
    page: int | None
    headings: tuple[str, ...]
    index: int
    token_count: int
    context: str = ""
    parent: tuple[int, int] | None = None

    @property
    def embedding_text(self) -> str:
        """The text to embed and to index for keyword search."""
        return f"{self.context}\n{self.text}" if self.context else self.text


class Chunker(Protocol):
    """Splits parsed documents into chunks of bounded token count."""

    def chunk(self, document: ParsedDocument) -> list[Chunk]:
        """The chunks of a document, in order.

        Together they cover every non-whitespace character; the same document always gives the same chunks.
        """
        ...
