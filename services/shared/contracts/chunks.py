"""What every chunk carries, from the chunker to the citation; the payload schema of the index."""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from services.shared.contracts.frozen import Frozen

EVERYONE = "everyone"
"""The principal that stands for every signed-in caller."""

_NAMESPACE = uuid5(NAMESPACE_URL, "https://ragworks.invalid/ids")


class ChunkPayload(Frozen):
    """A chunk as it is stored beside its vectors."""

    collection: str = Field(description="Name of the collection.")
    document_id: str
    document_version: str = Field(description="SHA-256 of the document's bytes, hex.")
    source: str = Field(description="Where the document came from: a path, an address or a file id.")
    title: str
    text: str = Field(description="The chunk as it stands in the normalised document.")
    headings: tuple[str, ...] = Field(default=(), description="Path of headings above the chunk, outermost first.")
    index: int = Field(ge=0, description="Position of the chunk in its document.")
    char_start: int = Field(ge=0, description="Start of `text` in the normalised document, in characters.")
    char_end: int = Field(ge=0, description="End of `text` (exclusive), in characters.")
    page: int | None = Field(default=None, ge=1, description="Page the chunk starts on, where there are pages.")
    parent: tuple[int, int] | None = Field(
        default=None, description="Positions of the first and the last chunk of the passage that it is read in."
    )
    content_hash: str = Field(description="SHA-256 of what was embedded, hex.")
    embedding_model: str
    hidden: bool = Field(default=False, description="Stored, but not found: its document still has its old version.")
    access: tuple[str, ...] = Field(description="Principals who may read it; nobody when empty.")
    ingested_at: datetime
    file_id: str | None = None
    language: str | None = Field(default=None, description="ISO 639 code of the document's main language, if known.")
    attributes: dict[str, str | float | bool] = Field(
        default_factory=dict, description="The user's own key-value pairs."
    )


def document_id(seed: str, source: str) -> str:
    """The id of a document: the same source in the same version of a collection is always the same document.

    `seed` is the collection's id, or that of the twin whose version it took over.
    """
    return str(uuid5(_NAMESPACE, f"document\n{seed}\n{source}"))


def chunk_id(document: str, version: str, index: int) -> UUID:
    """The id of a chunk's point: ingesting the same bytes twice writes the same points."""
    return uuid5(_NAMESPACE, f"chunk\n{document}\n{version}\n{index}")
