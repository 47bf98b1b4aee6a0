"""How documents are cut into chunks, and what a cut looks like before anything is embedded."""

from enum import StrEnum

from pydantic import Field

from services.shared.contracts.frozen import Frozen

SMALLEST_CHUNK_TOKENS = 96
"""Below this, headings and a table's header would leave no room for the text itself."""

_LONGEST_PAGE_CHUNKS = 1_000


class ChunkerName(StrEnum):
    """The ways to cut a document."""

    STRUCTURE = "structure"
    RECURSIVE = "recursive"
    SENTENCE = "sentence"
    FIXED = "fixed"
    PARENT_CHILD = "parent-child"


class Chunking(Frozen):
    """How the documents of a collection are cut; tokens are the embedding model's."""

    chunker: ChunkerName
    max_tokens: int = Field(ge=SMALLEST_CHUNK_TOKENS, description="Largest chunk.")
    overlap_tokens: int = Field(ge=0, description="Most that neighbouring chunks share.")
    parent_tokens: int | None = Field(
        default=None,
        ge=SMALLEST_CHUNK_TOKENS,
        description="Largest passage that chunks are read in; only parent-child.",
    )


class ChunkingChoice(Frozen):
    """The same as somebody asks for it: what is left out stays as it would be otherwise."""

    chunker: ChunkerName | None = None
    max_tokens: int | None = None
    overlap_tokens: int | None = None
    parent_tokens: int | None = None


class PreviewRequest(Frozen):
    """What would an ingest make of an uploaded file?"""

    file_id: str
    collection: str | None = Field(default=None, description="Cut as this collection does; a name or an id.")
    chunking: ChunkingChoice | None = Field(default=None, description="Changes to that, tried out.")
    parsers: dict[str, str] | None = Field(default=None, max_length=64, description="Other parsers, tried out.")
    offset: int = Field(default=0, ge=0, description="Chunks to leave out at the beginning.")
    limit: int = Field(default=50, ge=1, le=_LONGEST_PAGE_CHUNKS, description="Most chunks in the answer.")


class FilePreviewRequest(Frozen):
    """The same between services: the file by its bytes, the chunking complete or, when None, the worker's default."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    filename: str
    chunking: Chunking | None
    parsers: dict[str, str] = Field(default_factory=dict)
    offset: int = Field(ge=0)
    limit: int = Field(ge=1, le=_LONGEST_PAGE_CHUNKS)


class PreviewedChunk(Frozen):
    """A chunk: characters `char_start` to `char_end` of the parsed text."""

    index: int
    text: str
    tokens: int = Field(description="What the model would see: context, text and special tokens.")
    headings: tuple[str, ...]
    page: int | None
    char_start: int
    char_end: int
    context: str = Field(description="What is put before the text for embedding: headings, a table's header row.")
    parent: tuple[int, int] | None = Field(
        default=None, description="First and last chunk of the passage it is read in; only parent-child."
    )


class TokenSpread(Frozen):
    """Tokens of all chunks of a document."""

    min: int
    median: float
    max: int


class ChunkPreview(Frozen):
    """A document as an ingest would cut it."""

    title: str
    media_type: str
    pages: int | None = Field(description="None for formats without pages.")
    warnings: tuple[str, ...] = Field(description="What of the document could not be read.")
    chunking: Chunking
    total: int = Field(description="All chunks of the document; `chunks` may be some of them.")
    tokens: TokenSpread
    chunks: list[PreviewedChunk]
